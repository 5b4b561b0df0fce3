// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vector instructions against arithmetic on wide integers, lane by lane, with
// lanes taken out of the bytes; floating-point ones against the scalars, which
// num_test.c checks.
#include "wasm/num.h"

#include "unit/unit.h"

// --- lanes -------------------------------------------------------------------

#define TOP(bits) ((int128)1 << ((bits) - 1))

// Lane i of that many bits, from the bytes.
static int128 lane_u(const V128 *v, unsigned bits, unsigned i) {
    uint8_t bytes[16];
    memcpy(bytes, v, sizeof bytes);
    int128 x = 0;
    for (unsigned k = bits / 8; k-- > 0;)
        x = x * 256 + bytes[i * bits / 8 + k];
    return x;
}
static int128 lane_s(const V128 *v, unsigned bits, unsigned i) {
    int128 x = lane_u(v, bits, i);
    return x >= TOP(bits) ? x - 2 * TOP(bits) : x;
}
static int128 low_bits(int128 x, unsigned bits) {
    return (int128)((uint128)x % (2 * (uint128)TOP(bits)));
}
static int128 clamp(int128 x, int128 low, int128 high) {
    return x < low ? low : x > high ? high : x;
}
static int128 floor_div(int128 a, int128 b) {
    return a / b - (a % b != 0 && a < 0);
}

static void lane_is(const V128 *r, unsigned bits, unsigned i, int128 want,
                    const char *op) {
    int128 got = lane_u(r, bits, i);
    if (!EXPECT_EQ(got, low_bits(want, bits)))
        fprintf(stderr, "  %s, lane %u\n", op, i);
}

// `want` in terms of the lanes a and b, signed, and ua and ub, unsigned. The
// last run has the result over an operand.
#define LANES2(op, bits, want)                                       \
    for (unsigned over = 0; over < 2; over++) {                      \
        r = *x;                                                      \
        num_##op(over ? &r : x, y, &r);                              \
        for (unsigned i = 0; i < 128 / (bits); i++) {                \
            int128 a = lane_s(x, bits, i), b = lane_s(y, bits, i);   \
            int128 ua = lane_u(x, bits, i), ub = lane_u(y, bits, i); \
            (void)a, (void)b, (void)ua, (void)ub;                    \
            lane_is(&r, bits, i, want, #op);                         \
        }                                                            \
    }
// From lanes of `from` bits; lane i of the result in terms of i.
#define LANES1(op, bits, want)                  \
    num_##op(x, &r);                            \
    for (unsigned i = 0; i < 128 / (bits); i++) \
    lane_is(&r, bits, i, want, #op)
#define LANES_OF(op, bits, want)                \
    num_##op(x, y, &r);                         \
    for (unsigned i = 0; i < 128 / (bits); i++) \
    lane_is(&r, bits, i, want, #op)

// --- integers ----------------------------------------------------------------

static void check_i8x16(const V128 *x, const V128 *y) {
    V128 r;
    LANES2(i8x16_add, 8, ua + ub);
    LANES2(i8x16_sub, 8, ua - ub);
    LANES2(i8x16_add_sat_s, 8, clamp(a + b, -TOP(8), TOP(8) - 1));
    LANES2(i8x16_add_sat_u, 8, clamp(ua + ub, 0, 2 * TOP(8) - 1));
    LANES2(i8x16_sub_sat_s, 8, clamp(a - b, -TOP(8), TOP(8) - 1));
    LANES2(i8x16_sub_sat_u, 8, clamp(ua - ub, 0, 2 * TOP(8) - 1));
    LANES2(i8x16_avgr_u, 8, (ua + ub + 1) / 2);
    LANES2(i8x16_min_s, 8, a < b ? a : b);
    LANES2(i8x16_min_u, 8, ua < ub ? ua : ub);
    LANES2(i8x16_max_s, 8, a > b ? a : b);
    LANES2(i8x16_max_u, 8, ua > ub ? ua : ub);
    LANES2(i8x16_eq, 8, a == b ? -1 : 0);
    LANES2(i8x16_ne, 8, a != b ? -1 : 0);
    LANES2(i8x16_lt_s, 8, a < b ? -1 : 0);
    LANES2(i8x16_lt_u, 8, ua < ub ? -1 : 0);
    LANES2(i8x16_gt_s, 8, a > b ? -1 : 0);
    LANES2(i8x16_gt_u, 8, ua > ub ? -1 : 0);
    LANES2(i8x16_le_s, 8, a <= b ? -1 : 0);
    LANES2(i8x16_le_u, 8, ua <= ub ? -1 : 0);
    LANES2(i8x16_ge_s, 8, a >= b ? -1 : 0);
    LANES2(i8x16_ge_u, 8, ua >= ub ? -1 : 0);
}

static void check_i16x8(const V128 *x, const V128 *y) {
    V128 r;
    LANES2(i16x8_add, 16, ua + ub);
    LANES2(i16x8_sub, 16, ua - ub);
    LANES2(i16x8_mul, 16, a * b);
    LANES2(i16x8_add_sat_s, 16, clamp(a + b, -TOP(16), TOP(16) - 1));
    LANES2(i16x8_add_sat_u, 16, clamp(ua + ub, 0, 2 * TOP(16) - 1));
    LANES2(i16x8_sub_sat_s, 16, clamp(a - b, -TOP(16), TOP(16) - 1));
    LANES2(i16x8_sub_sat_u, 16, clamp(ua - ub, 0, 2 * TOP(16) - 1));
    LANES2(i16x8_avgr_u, 16, (ua + ub + 1) / 2);
    LANES2(i16x8_min_s, 16, a < b ? a : b);
    LANES2(i16x8_min_u, 16, ua < ub ? ua : ub);
    LANES2(i16x8_max_s, 16, a > b ? a : b);
    LANES2(i16x8_max_u, 16, ua > ub ? ua : ub);
    LANES2(i16x8_eq, 16, a == b ? -1 : 0);
    LANES2(i16x8_ne, 16, a != b ? -1 : 0);
    LANES2(i16x8_lt_s, 16, a < b ? -1 : 0);
    LANES2(i16x8_lt_u, 16, ua < ub ? -1 : 0);
    LANES2(i16x8_gt_s, 16, a > b ? -1 : 0);
    LANES2(i16x8_gt_u, 16, ua > ub ? -1 : 0);
    LANES2(i16x8_le_s, 16, a <= b ? -1 : 0);
    LANES2(i16x8_le_u, 16, ua <= ub ? -1 : 0);
    LANES2(i16x8_ge_s, 16, a >= b ? -1 : 0);
    LANES2(i16x8_ge_u, 16, ua >= ub ? -1 : 0);
    LANES2(i16x8_q15mulr_sat_s, 16,
           clamp(floor_div(a * b + 0x4000, 0x8000), -0x8000, 0x7fff));
    LANES2(i16x8_relaxed_q15mulr_s, 16,
           clamp(floor_div(a * b + 0x4000, 0x8000), -0x8000, 0x7fff));
}

static void check_i32x4(const V128 *x, const V128 *y) {
    V128 r;
    LANES2(i32x4_add, 32, ua + ub);
    LANES2(i32x4_sub, 32, ua - ub);
    LANES2(i32x4_mul, 32, a * b);
    LANES2(i32x4_min_s, 32, a < b ? a : b);
    LANES2(i32x4_min_u, 32, ua < ub ? ua : ub);
    LANES2(i32x4_max_s, 32, a > b ? a : b);
    LANES2(i32x4_max_u, 32, ua > ub ? ua : ub);
    LANES2(i32x4_eq, 32, a == b ? -1 : 0);
    LANES2(i32x4_ne, 32, a != b ? -1 : 0);
    LANES2(i32x4_lt_s, 32, a < b ? -1 : 0);
    LANES2(i32x4_lt_u, 32, ua < ub ? -1 : 0);
    LANES2(i32x4_gt_s, 32, a > b ? -1 : 0);
    LANES2(i32x4_gt_u, 32, ua > ub ? -1 : 0);
    LANES2(i32x4_le_s, 32, a <= b ? -1 : 0);
    LANES2(i32x4_le_u, 32, ua <= ub ? -1 : 0);
    LANES2(i32x4_ge_s, 32, a >= b ? -1 : 0);
    LANES2(i32x4_ge_u, 32, ua >= ub ? -1 : 0);
}

static void check_i64x2(const V128 *x, const V128 *y) {
    V128 r;
    LANES2(i64x2_add, 64, ua + ub);
    LANES2(i64x2_sub, 64, ua - ub);
    LANES2(i64x2_mul, 64, a * b);
    LANES2(i64x2_eq, 64, a == b ? -1 : 0);
    LANES2(i64x2_ne, 64, a != b ? -1 : 0);
    LANES2(i64x2_lt_s, 64, a < b ? -1 : 0);
    LANES2(i64x2_gt_s, 64, a > b ? -1 : 0);
    LANES2(i64x2_le_s, 64, a <= b ? -1 : 0);
    LANES2(i64x2_ge_s, 64, a >= b ? -1 : 0);
}

static int128 magnitude(int128 a) {
    return a < 0 ? -a : a;
}
static int128 slow_popcnt(int128 a) {
    return a == 0 ? 0 : a % 2 + slow_popcnt(a / 2);
}

static void check_unary(const V128 *x, const V128 *y) {
    (void)y;
    V128 r;
    LANES1(i8x16_abs, 8, magnitude(lane_s(x, 8, i)));
    LANES1(i16x8_abs, 16, magnitude(lane_s(x, 16, i)));
    LANES1(i32x4_abs, 32, magnitude(lane_s(x, 32, i)));
    LANES1(i64x2_abs, 64, magnitude(lane_s(x, 64, i)));
    LANES1(i8x16_neg, 8, -lane_s(x, 8, i));
    LANES1(i16x8_neg, 16, -lane_s(x, 16, i));
    LANES1(i32x4_neg, 32, -lane_s(x, 32, i));
    LANES1(i64x2_neg, 64, -lane_s(x, 64, i));
    LANES1(i8x16_popcnt, 8, slow_popcnt(lane_u(x, 8, i)));
    LANES1(v128_not, 8, 255 - lane_u(x, 8, i));
}

#define SUM(lane, bits) (lane(x, bits, 2 * i) + lane(x, bits, 2 * i + 1))
static void check_extend(const V128 *x, const V128 *y) {
    (void)y;
    V128 r;
    LANES1(i16x8_extend_low_i8x16_s, 16, lane_s(x, 8, i));
    LANES1(i16x8_extend_high_i8x16_s, 16, lane_s(x, 8, i + 8));
    LANES1(i16x8_extend_low_i8x16_u, 16, lane_u(x, 8, i));
    LANES1(i16x8_extend_high_i8x16_u, 16, lane_u(x, 8, i + 8));
    LANES1(i32x4_extend_low_i16x8_s, 32, lane_s(x, 16, i));
    LANES1(i32x4_extend_high_i16x8_s, 32, lane_s(x, 16, i + 4));
    LANES1(i32x4_extend_low_i16x8_u, 32, lane_u(x, 16, i));
    LANES1(i32x4_extend_high_i16x8_u, 32, lane_u(x, 16, i + 4));
    LANES1(i64x2_extend_low_i32x4_s, 64, lane_s(x, 32, i));
    LANES1(i64x2_extend_high_i32x4_s, 64, lane_s(x, 32, i + 2));
    LANES1(i64x2_extend_low_i32x4_u, 64, lane_u(x, 32, i));
    LANES1(i64x2_extend_high_i32x4_u, 64, lane_u(x, 32, i + 2));
    LANES1(i16x8_extadd_pairwise_i8x16_s, 16, SUM(lane_s, 8));
    LANES1(i16x8_extadd_pairwise_i8x16_u, 16, SUM(lane_u, 8));
    LANES1(i32x4_extadd_pairwise_i16x8_s, 32, SUM(lane_s, 16));
    LANES1(i32x4_extadd_pairwise_i16x8_u, 32, SUM(lane_u, 16));
}

#define MUL(lane, bits, i) (lane(x, bits, i) * lane(y, bits, i))
#define DOT(bits, i)       (MUL(lane_s, bits, i) + MUL(lane_s, bits, (i) + 1))
#define DOT_SAT(i)         clamp(DOT(8, i), -0x8000, 0x7fff)
static void check_widening(const V128 *x, const V128 *y) {
    V128 r;
    LANES_OF(i16x8_extmul_low_i8x16_s, 16, MUL(lane_s, 8, i));
    LANES_OF(i16x8_extmul_high_i8x16_s, 16, MUL(lane_s, 8, i + 8));
    LANES_OF(i16x8_extmul_low_i8x16_u, 16, MUL(lane_u, 8, i));
    LANES_OF(i16x8_extmul_high_i8x16_u, 16, MUL(lane_u, 8, i + 8));
    LANES_OF(i32x4_extmul_low_i16x8_s, 32, MUL(lane_s, 16, i));
    LANES_OF(i32x4_extmul_high_i16x8_s, 32, MUL(lane_s, 16, i + 4));
    LANES_OF(i32x4_extmul_low_i16x8_u, 32, MUL(lane_u, 16, i));
    LANES_OF(i32x4_extmul_high_i16x8_u, 32, MUL(lane_u, 16, i + 4));
    LANES_OF(i64x2_extmul_low_i32x4_s, 64, MUL(lane_s, 32, i));
    LANES_OF(i64x2_extmul_high_i32x4_s, 64, MUL(lane_s, 32, i + 2));
    LANES_OF(i64x2_extmul_low_i32x4_u, 64, MUL(lane_u, 32, i));
    LANES_OF(i64x2_extmul_high_i32x4_u, 64, MUL(lane_u, 32, i + 2));
    LANES_OF(i32x4_dot_i16x8_s, 32, DOT(16, 2 * i));
    LANES_OF(i16x8_relaxed_dot_i8x16_i7x16_s, 16, DOT_SAT(2 * i));
    num_i32x4_relaxed_dot_i8x16_i7x16_add_s(x, y, x, &r);
    for (unsigned i = 0; i < 4; i++)
        lane_is(&r, 32, i,
                DOT_SAT(4 * i) + DOT_SAT(4 * i + 2) + lane_s(x, 32, i),
                "relaxed_dot_add");
}

// The lanes of x, then those of y.
static int128 both(const V128 *x, const V128 *y, unsigned bits, unsigned i) {
    unsigned len = 128 / bits;
    return i < len ? lane_s(x, bits, i) : lane_s(y, bits, i - len);
}
static void check_narrow(const V128 *x, const V128 *y) {
    V128 r;
    LANES_OF(i8x16_narrow_i16x8_s, 8, clamp(both(x, y, 16, i), -128, 127));
    LANES_OF(i8x16_narrow_i16x8_u, 8, clamp(both(x, y, 16, i), 0, 255));
    LANES_OF(i16x8_narrow_i32x4_s, 16,
             clamp(both(x, y, 32, i), -0x8000, 0x7fff));
    LANES_OF(i16x8_narrow_i32x4_u, 16, clamp(both(x, y, 32, i), 0, 0xffff));
}

static int128 select_bits(int128 a, int128 b, int128 mask) {
    return a - (a & ~mask) + (b & ~mask);
}
static void check_bits(const V128 *x, const V128 *y) {
    V128 r, mask = *y;
    num_i8x16_add(x, y, &mask);
    LANES_OF(v128_and, 64, lane_u(x, 64, i) & lane_u(y, 64, i));
    LANES_OF(v128_or, 64, lane_u(x, 64, i) | lane_u(y, 64, i));
    LANES_OF(v128_xor, 64, lane_u(x, 64, i) ^ lane_u(y, 64, i));
    LANES_OF(v128_andnot, 64, lane_u(x, 64, i) & ~lane_u(y, 64, i));
#define SELECT(op)                                                          \
    num_##op(x, y, &mask, &r);                                              \
    for (unsigned i = 0; i < 16; i++)                                       \
    lane_is(                                                                \
        &r, 8, i,                                                           \
        select_bits(lane_u(x, 8, i), lane_u(y, 8, i), lane_u(&mask, 8, i)), \
        #op)
    SELECT(v128_bitselect);
    SELECT(i8x16_relaxed_laneselect);
    SELECT(i16x8_relaxed_laneselect);
    SELECT(i32x4_relaxed_laneselect);
    SELECT(i64x2_relaxed_laneselect);
}

// The shift is taken modulo the lane's width; the last byte of y gives it.
static void check_shifts(const V128 *x, const V128 *y) {
    V128 r;
    u32 by = y->u32[3];
#define SHIFT(op, bits, want)                     \
    num_##op(x, by, &r);                          \
    for (unsigned i = 0; i < 128 / (bits); i++) { \
        int128 unit = (int128)1 << by % (bits);   \
        lane_is(&r, bits, i, want, #op);          \
    }
    SHIFT(i8x16_shl, 8, lane_u(x, 8, i) * unit);
    SHIFT(i8x16_shr_s, 8, floor_div(lane_s(x, 8, i), unit));
    SHIFT(i8x16_shr_u, 8, lane_u(x, 8, i) / unit);
    SHIFT(i16x8_shl, 16, lane_u(x, 16, i) * unit);
    SHIFT(i16x8_shr_s, 16, floor_div(lane_s(x, 16, i), unit));
    SHIFT(i16x8_shr_u, 16, lane_u(x, 16, i) / unit);
    SHIFT(i32x4_shl, 32, lane_u(x, 32, i) * unit);
    SHIFT(i32x4_shr_s, 32, floor_div(lane_s(x, 32, i), unit));
    SHIFT(i32x4_shr_u, 32, lane_u(x, 32, i) / unit);
    SHIFT(i64x2_shl, 64, lane_s(x, 64, i) * unit);
    SHIFT(i64x2_shr_s, 64, floor_div(lane_s(x, 64, i), unit));
    SHIFT(i64x2_shr_u, 64, lane_u(x, 64, i) / unit);
}

static void check_tests(const V128 *x, const V128 *y) {
    (void)y;
#define TESTS(bits, all, mask)                                \
    {                                                         \
        u32 want_all = 1, want_mask = 0;                      \
        for (unsigned i = 0; i < 128 / (bits); i++) {         \
            if (lane_u(x, bits, i) == 0) want_all = 0;        \
            if (lane_s(x, bits, i) < 0) want_mask += 1u << i; \
        }                                                     \
        EXPECT_EQ(num_##all(x), want_all);                    \
        EXPECT_EQ(num_##mask(x), want_mask);                  \
    }
    TESTS(8, i8x16_all_true, i8x16_bitmask);
    TESTS(16, i16x8_all_true, i16x8_bitmask);
    TESTS(32, i32x4_all_true, i32x4_bitmask);
    TESTS(64, i64x2_all_true, i64x2_bitmask);
    EXPECT_EQ(num_v128_any_true(x), memcmp(x, &(V128){.u8 = {0}}, 16) != 0);
}

static void check_shuffles(const V128 *x, const V128 *y) {
    V128 r;
    for (unsigned k = 0; k < 2; k++) {
        if (k)
            num_i8x16_relaxed_swizzle(x, y, &r);
        else
            num_i8x16_swizzle(x, y, &r);
        for (unsigned i = 0; i < 16; i++) {
            unsigned from = (unsigned)lane_u(y, 8, i);
            lane_is(&r, 8, i, from < 16 ? lane_u(x, 8, from) : 0, "swizzle");
        }
    }
    uint8_t lanes[16];
    for (unsigned i = 0; i < 16; i++)
        lanes[i] = y->u8[i] % 32;
    V128 over = *x;
    num_i8x16_shuffle(&over, y, lanes, &over);
    for (unsigned i = 0; i < 16; i++)
        lane_is(&over, 8, i,
                lanes[i] < 16 ? lane_u(x, 8, lanes[i])
                              : lane_u(y, 8, lanes[i] - 16u),
                "shuffle");
}

// --- lanes and memory --------------------------------------------------------

#define GET(op, bits, lane_of)                  \
    for (unsigned i = 0; i < 128 / (bits); i++) \
    EXPECT_EQ((int64_t)num_##op(x, i), (int64_t)lane_of(x, bits, i))
static void check_lanes(const V128 *x, const V128 *y) {
    GET(i8x16_extract_lane_s, 8, lane_s);
    GET(i8x16_extract_lane_u, 8, lane_u);
    GET(i16x8_extract_lane_s, 16, lane_s);
    GET(i16x8_extract_lane_u, 16, lane_u);
    GET(i32x4_extract_lane, 32, lane_u);
    GET(i64x2_extract_lane, 64, lane_u);
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(f32_bits(num_f32x4_extract_lane(x, i)), lane_u(x, 32, i));
    for (unsigned i = 0; i < 2; i++)
        EXPECT_EQ(f64_bits(num_f64x2_extract_lane(x, i)), lane_u(x, 64, i));
    V128 r;
#define SET(splat, replace, bits, value)                              \
    num_##splat(value, &r);                                           \
    for (unsigned i = 0; i < 128 / (bits); i++)                       \
        lane_is(&r, bits, i, lane_u(y, bits, 0), #splat);             \
    for (unsigned k = 0; k < 128 / (bits); k++) {                     \
        num_##replace(x, k, value, &r);                               \
        for (unsigned i = 0; i < 128 / (bits); i++)                   \
            lane_is(&r, bits, i,                                      \
                    i == k ? lane_u(y, bits, 0) : lane_u(x, bits, i), \
                    #replace);                                        \
    }
    SET(i8x16_splat, i8x16_replace_lane, 8, y->u32[0]);
    SET(i16x8_splat, i16x8_replace_lane, 16, y->u32[0]);
    SET(i32x4_splat, i32x4_replace_lane, 32, y->u32[0]);
    SET(i64x2_splat, i64x2_replace_lane, 64, y->u64[0]);
    SET(f32x4_splat, f32x4_replace_lane, 32, y->f32[0]);
    SET(f64x2_splat, f64x2_replace_lane, 64, y->f64[0]);
}

static void check_memory(const V128 *x, const V128 *y) {
    uint8_t bytes[19] = {0};
    uint8_t *at = bytes + 1; // unaligned
    V128 r;
    num_v128_store(at, x);
    EXPECT(memcmp(at, x, 16) == 0);
#define LOAD(op, bits, want)                    \
    num_##op(at, &r);                           \
    for (unsigned i = 0; i < 128 / (bits); i++) \
    lane_is(&r, bits, i, want, #op)
    LOAD(v128_load, 64, lane_u(x, 64, i));
    LOAD(v128_load8x8_s, 16, lane_s(x, 8, i));
    LOAD(v128_load8x8_u, 16, lane_u(x, 8, i));
    LOAD(v128_load16x4_s, 32, lane_s(x, 16, i));
    LOAD(v128_load16x4_u, 32, lane_u(x, 16, i));
    LOAD(v128_load32x2_s, 64, lane_s(x, 32, i));
    LOAD(v128_load32x2_u, 64, lane_u(x, 32, i));
    LOAD(v128_load8_splat, 8, lane_u(x, 8, 0));
    LOAD(v128_load16_splat, 16, lane_u(x, 16, 0));
    LOAD(v128_load32_splat, 32, lane_u(x, 32, 0));
    LOAD(v128_load64_splat, 64, lane_u(x, 64, 0));
    LOAD(v128_load32_zero, 32, i == 0 ? lane_u(x, 32, 0) : 0);
    LOAD(v128_load64_zero, 64, i == 0 ? lane_u(x, 64, 0) : 0);
#define LANE(load, store, bits)                                               \
    for (unsigned k = 0; k < 128 / (bits); k++) {                             \
        r = *y;                                                               \
        num_##load(at, k, &r);                                                \
        for (unsigned i = 0; i < 128 / (bits); i++)                           \
            lane_is(&r, bits, i,                                              \
                    i == k ? lane_u(x, bits, 0) : lane_u(y, bits, i), #load); \
        uint8_t out[10] = {0};                                                \
        num_##store(out + 1, k, x);                                           \
        EXPECT(memcmp(out + 1, at + k * (bits) / 8, (bits) / 8) == 0);        \
        EXPECT(out[0] == 0 && out[1 + (bits) / 8] == 0);                      \
    }
    LANE(v128_load8_lane, v128_store8_lane, 8);
    LANE(v128_load16_lane, v128_store16_lane, 16);
    LANE(v128_load32_lane, v128_store32_lane, 32);
    LANE(v128_load64_lane, v128_store64_lane, 64);
}

// --- floating point ----------------------------------------------------------

static bool same_f32(f32 a, f32 b) {
    return f32_bits(num_canon_f32(a)) == f32_bits(num_canon_f32(b));
}
static bool same_f64(f64 a, f64 b) {
    return f64_bits(num_canon_f64(a)) == f64_bits(num_canon_f64(b));
}
#define SAME_AS1(op, scalar, R, T, len)                     \
    num_##op(x, &r);                                        \
    for (unsigned i = 0; i < (len); i++) {                  \
        R want = 0;                                         \
        EXPECT_EQ(num_##scalar(x->T[i], &want), TRAP_none); \
        if (!EXPECT(same_##R(r.R[i], want)))                \
            fprintf(stderr, "  %s, lane %u\n", #op, i);     \
    }
#define SAME_AS2(op, scalar, T, len)                                 \
    num_##op(x, y, &r);                                              \
    for (unsigned i = 0; i < (len); i++) {                           \
        T want = 0;                                                  \
        EXPECT_EQ(num_##scalar(x->T[i], y->T[i], &want), TRAP_none); \
        if (!EXPECT(same_##T(r.T[i], want)))                         \
            fprintf(stderr, "  %s, lane %u\n", #op, i);              \
    }
#define SAME_TEST(op, scalar, U, T, len)                             \
    num_##op(x, y, &r);                                              \
    for (unsigned i = 0; i < (len); i++) {                           \
        u32 want = 0;                                                \
        EXPECT_EQ(num_##scalar(x->T[i], y->T[i], &want), TRAP_none); \
        EXPECT_EQ(r.U[i], want ? (U) - 1 : 0);                       \
    }

static void check_f32x4(const V128 *x, const V128 *y) {
    V128 r;
    SAME_AS1(f32x4_ceil, f32_ceil, f32, f32, 4);
    SAME_AS1(f32x4_floor, f32_floor, f32, f32, 4);
    SAME_AS1(f32x4_trunc, f32_trunc, f32, f32, 4);
    SAME_AS1(f32x4_nearest, f32_nearest, f32, f32, 4);
    SAME_AS1(f32x4_sqrt, f32_sqrt, f32, f32, 4);
    SAME_AS1(f32x4_abs, f32_abs, f32, f32, 4);
    SAME_AS1(f32x4_neg, f32_neg, f32, f32, 4);
    SAME_AS2(f32x4_add, f32_add, f32, 4);
    SAME_AS2(f32x4_sub, f32_sub, f32, 4);
    SAME_AS2(f32x4_mul, f32_mul, f32, 4);
    SAME_AS2(f32x4_div, f32_div, f32, 4);
    SAME_AS2(f32x4_min, f32_min, f32, 4);
    SAME_AS2(f32x4_max, f32_max, f32, 4);
    SAME_AS2(f32x4_relaxed_min, f32_min, f32, 4);
    SAME_AS2(f32x4_relaxed_max, f32_max, f32, 4);
    SAME_TEST(f32x4_eq, f32_eq, u32, f32, 4);
    SAME_TEST(f32x4_ne, f32_ne, u32, f32, 4);
    SAME_TEST(f32x4_lt, f32_lt, u32, f32, 4);
    SAME_TEST(f32x4_gt, f32_gt, u32, f32, 4);
    SAME_TEST(f32x4_le, f32_le, u32, f32, 4);
    SAME_TEST(f32x4_ge, f32_ge, u32, f32, 4);
}

static void check_f64x2(const V128 *x, const V128 *y) {
    V128 r;
    SAME_AS1(f64x2_ceil, f64_ceil, f64, f64, 2);
    SAME_AS1(f64x2_floor, f64_floor, f64, f64, 2);
    SAME_AS1(f64x2_trunc, f64_trunc, f64, f64, 2);
    SAME_AS1(f64x2_nearest, f64_nearest, f64, f64, 2);
    SAME_AS1(f64x2_sqrt, f64_sqrt, f64, f64, 2);
    SAME_AS1(f64x2_abs, f64_abs, f64, f64, 2);
    SAME_AS1(f64x2_neg, f64_neg, f64, f64, 2);
    SAME_AS2(f64x2_add, f64_add, f64, 2);
    SAME_AS2(f64x2_sub, f64_sub, f64, 2);
    SAME_AS2(f64x2_mul, f64_mul, f64, 2);
    SAME_AS2(f64x2_div, f64_div, f64, 2);
    SAME_AS2(f64x2_min, f64_min, f64, 2);
    SAME_AS2(f64x2_max, f64_max, f64, 2);
    SAME_AS2(f64x2_relaxed_min, f64_min, f64, 2);
    SAME_AS2(f64x2_relaxed_max, f64_max, f64, 2);
    SAME_TEST(f64x2_eq, f64_eq, u64, f64, 2);
    SAME_TEST(f64x2_ne, f64_ne, u64, f64, 2);
    SAME_TEST(f64x2_lt, f64_lt, u64, f64, 2);
    SAME_TEST(f64x2_gt, f64_gt, u64, f64, 2);
    SAME_TEST(f64x2_le, f64_le, u64, f64, 2);
    SAME_TEST(f64x2_ge, f64_ge, u64, f64, 2);
}

#define SAT(op, scalar, R, T, from_len)                         \
    num_##op(x, &r);                                            \
    for (unsigned i = 0; i < 4; i++) {                          \
        R want = 0;                                             \
        if (i < (from_len))                                     \
            EXPECT_EQ(num_##scalar(x->T[i], &want), TRAP_none); \
        EXPECT_EQ(r.R[i], want);                                \
    }
static void check_conversions(const V128 *x, const V128 *y) {
    (void)y;
    V128 r;
    SAT(i32x4_trunc_sat_f32x4_s, i32_trunc_sat_f32_s, i32, f32, 4);
    SAT(i32x4_trunc_sat_f32x4_u, i32_trunc_sat_f32_u, u32, f32, 4);
    SAT(i32x4_trunc_sat_f64x2_s_zero, i32_trunc_sat_f64_s, i32, f64, 2);
    SAT(i32x4_trunc_sat_f64x2_u_zero, i32_trunc_sat_f64_u, u32, f64, 2);
    SAT(i32x4_relaxed_trunc_f32x4_s, i32_trunc_sat_f32_s, i32, f32, 4);
    SAT(i32x4_relaxed_trunc_f32x4_u, i32_trunc_sat_f32_u, u32, f32, 4);
    SAT(i32x4_relaxed_trunc_f64x2_s_zero, i32_trunc_sat_f64_s, i32, f64, 2);
    SAT(i32x4_relaxed_trunc_f64x2_u_zero, i32_trunc_sat_f64_u, u32, f64, 2);
    SAME_AS1(f32x4_convert_i32x4_s, f32_convert_i32_s, f32, i32, 4);
    SAME_AS1(f32x4_convert_i32x4_u, f32_convert_i32_u, f32, u32, 4);
    SAME_AS1(f64x2_convert_low_i32x4_s, f64_convert_i32_s, f64, i32, 2);
    SAME_AS1(f64x2_convert_low_i32x4_u, f64_convert_i32_u, f64, u32, 2);
    SAME_AS1(f64x2_promote_low_f32x4, f64_promote_f32, f64, f32, 2);
    SAME_AS1(f32x4_demote_f64x2_zero, f32_demote_f64, f32, f64, 2);
    EXPECT(r.u64[1] == 0);
}

// Pseudo-minimum is an operand, bit for bit: the first if it compares false.
static void check_pseudo(const V128 *x, const V128 *y) {
    V128 low, high;
    num_f32x4_pmin(x, y, &low);
    num_f32x4_pmax(x, y, &high);
    for (unsigned i = 0; i < 4; i++) {
        bool less = y->f32[i]<x->f32[i], more = y->f32[i]> x->f32[i];
        EXPECT_EQ(low.u32[i], less ? y->u32[i] : x->u32[i]);
        EXPECT_EQ(high.u32[i], more ? y->u32[i] : x->u32[i]);
    }
    num_f64x2_pmin(x, y, &low);
    num_f64x2_pmax(x, y, &high);
    for (unsigned i = 0; i < 2; i++) {
        bool less = y->f64[i]<x->f64[i], more = y->f64[i]> x->f64[i];
        EXPECT(low.u64[i] == (less ? y->u64[i] : x->u64[i]));
        EXPECT(high.u64[i] == (more ? y->u64[i] : x->u64[i]));
    }
}

// (1 + e)^2 - (1 + 2e) is e^2 with one rounding, and 0 with two.
static void multiply_add(void) {
    V128 a, b, c, r;
    num_f32x4_splat(0x1.000002p0f, &a);
    b = a;
    num_f32x4_splat(-0x1.000004p0f, &c);
    num_f32x4_relaxed_madd(&a, &b, &c, &r);
    EXPECT_EQ(r.u32[3], f32_bits(0x1p-46f));
    num_f32x4_relaxed_madd_fixed(&a, &b, &c, &r);
    EXPECT_EQ(r.u32[3], 0);
    num_f32x4_splat(0x1.000004p0f, &c);
    num_f32x4_relaxed_nmadd(&a, &b, &c, &r);
    EXPECT_EQ(r.u32[0], f32_bits(-0x1p-46f));
    num_f32x4_relaxed_nmadd_fixed(&a, &b, &c, &r);
    EXPECT_EQ(r.u32[0], 0);
    num_f64x2_splat(0x1.0000000000001p0, &a);
    b = a;
    num_f64x2_splat(-0x1.0000000000002p0, &c);
    num_f64x2_relaxed_madd(&a, &b, &c, &r);
    EXPECT_EQ(r.u64[1], f64_bits(0x1p-104));
    num_f64x2_relaxed_madd_fixed(&a, &b, &c, &r);
    EXPECT_EQ(r.u64[1], 0);
    num_f64x2_splat(0x1.0000000000002p0, &c);
    num_f64x2_relaxed_nmadd(&a, &b, &c, &r);
    EXPECT_EQ(r.u64[0], f64_bits(-0x1p-104));
    num_f64x2_relaxed_nmadd_fixed(&a, &b, &c, &r);
    EXPECT_EQ(r.u64[0], 0);
}

// Every lane that may be a NaN becomes the canonical one.
static void deterministic_nans(void) {
    V128 v = {.u32 = {0xffc00001, 0x3f800000, 0x7f800001, 0x80000000}};
    num_canon_lanes_f32(&v);
    EXPECT(v.u32[0] == 0x7fc00000 && v.u32[1] == 0x3f800000);
    EXPECT(v.u32[2] == 0x7fc00000 && v.u32[3] == 0x80000000);
    v = (V128){.u64 = {0xfff0000000000001, 0x8000000000000000}};
    num_canon_lanes_f64(&v);
    EXPECT(v.u64[0] == 0x7ff8000000000000);
    EXPECT(v.u64[1] == 0x8000000000000000);
}

// --- vectors to try ----------------------------------------------------------

enum {
    VECTORS = 32
};

// Bytes, then words, at the boundaries; then floats; then anything.
static V128 vector(unsigned n) {
    static const u8 bytes[] = {0,    1,    2,    7,    8,    9,    15, 16,
                               0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff, 31, 32};
    static const u16 words[] = {0,      1,      0x7fff, 0x8000, 0xffff,
                                0x8001, 0x00ff, 0xff80, 0x0080, 0xfffe};
    static const u32 floats[] = {
        0,          0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40200000,
        0x4effffff, 0x4f000000, 0xcf000000, 0x4f800000, 0x7f800000, 0xff800000,
        0x7fc00000, 0xffc00001, 0x7f800001, 0x00000001, 0x4b7fffff, 0xc0600000,
        0x41e00000, 0xc1e00000, 0x7ff00000, 0x43300000, 0x3fe00000};
    static uint64_t seed;
    V128 v = NUM_ZERO;
    if (n == 0) seed = 7;
    if (n == 1) return v;
    for (unsigned i = 0; i < 16; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        u32 pick = (u32)(seed >> 33);
        switch (n % 4) {
        case 0:
            v.u8[i] = bytes[pick % COUNTOF(bytes)];
            break;
        case 1:
            v.u16[i / 2] = words[pick % COUNTOF(words)];
            break;
        case 2:
            v.u32[i / 4] = floats[pick % COUNTOF(floats)];
            break;
        default:
            v.u8[i] = (u8)pick;
        }
    }
    return v;
}

static void for_pairs(void (*check)(const V128 *, const V128 *)) {
    V128 vectors[VECTORS];
    for (unsigned n = 0; n < VECTORS; n++)
        vectors[n] = vector(n);
    for (unsigned i = 0; i < VECTORS; i++)
        for (unsigned k = 0; k < VECTORS; k++)
            check(&vectors[i], &vectors[k]);
}

#define PAIRS(name)              \
    static void name(void) {     \
        for_pairs(check_##name); \
    }
PAIRS(i8x16)
PAIRS(i16x8)
PAIRS(i32x4)
PAIRS(i64x2)
PAIRS(unary)
PAIRS(extend)
PAIRS(widening)
PAIRS(narrow)
PAIRS(bits)
PAIRS(shifts)
PAIRS(tests)
PAIRS(shuffles)
PAIRS(lanes)
PAIRS(memory)
PAIRS(f32x4)
PAIRS(f64x2)
PAIRS(conversions)
PAIRS(pseudo)

int main(void) {
    return UNIT_RUN(UNIT_TEST(i8x16), UNIT_TEST(i16x8), UNIT_TEST(i32x4),
                    UNIT_TEST(i64x2), UNIT_TEST(unary), UNIT_TEST(extend),
                    UNIT_TEST(widening), UNIT_TEST(narrow), UNIT_TEST(bits),
                    UNIT_TEST(shifts), UNIT_TEST(tests), UNIT_TEST(shuffles),
                    UNIT_TEST(lanes), UNIT_TEST(memory), UNIT_TEST(f32x4),
                    UNIT_TEST(f64x2), UNIT_TEST(conversions), UNIT_TEST(pseudo),
                    UNIT_TEST(multiply_add), UNIT_TEST(deterministic_nans));
}
