// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// num.def is complete and has the types of op.def; scalar instructions against
// other ways to compute the same, at the boundaries.
#include "wasm/num.h"

#include "unit/unit.h"
#include "wasm/op.h"

// --- the table against op.def ------------------------------------------------

#define LETTER_u32 "i"
#define LETTER_i32 "i"
#define LETTER_u64 "l"
#define LETTER_i64 "l"
#define LETTER_f32 "f"
#define LETTER_f64 "d"

static const char *const sigs[OP_count] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) [OP_##name] = sig,
#include "wasm/op.def"
};
static unsigned rows_of[OP_count];

// Counts a row, and compares its types with those of op.def.
static void row(Op op, const char *sig) {
    rows_of[op]++;
    if (!EXPECT_STR(sig, sigs[op])) fprintf(stderr, "  %s\n", op_name[op]);
}

// clang-format off
#define NUM1(op, R, T, trap, value) \
    row(OP_##op, LETTER_##T ":" LETTER_##R);
#define NUM2(op, R, T, trap, value) \
    row(OP_##op, LETTER_##T LETTER_##T ":" LETTER_##R);
#define WIDE2(op, value)  row(OP_##op, "ll:ll");
#define WIDE4(op, value)  row(OP_##op, "llll:ll");
#define V1(op)            row(OP_##op, "v:v");
#define V2(op)            row(OP_##op, "vv:v");
#define V3(op)            row(OP_##op, "vvv:v");
#define VSHIFT(op, R, T, value) row(OP_##op, "vi:v");
#define VTEST(op)         row(OP_##op, "v:i");
#define SPLAT(op, R, T)   row(OP_##op, LETTER_##T ":v");
#define EXTRACT(op, R, T) row(OP_##op, "v:" LETTER_##R);
#define REPLACE(op, R, T) row(OP_##op, "v" LETTER_##T ":v");
#define SHUFFLE(op)       row(OP_##op, "vv:v");
#define MEM_LOAD(op, R, M)   row(OP_##op, "m:" LETTER_##R);
#define MEM_STORE(op, T, M)  row(OP_##op, "m" LETTER_##T ":");
#define ATOM_LOAD(op, R, M)  row(OP_##op, "m:" LETTER_##R);
#define ATOM_STORE(op, T, M) row(OP_##op, "m" LETTER_##T ":");
#define ATOM_RMW(op, R, M, kind) \
    row(OP_##op, "m" LETTER_##R ":" LETTER_##R);
#define ATOM_CMPXCHG(op, R, M) \
    row(OP_##op, "m" LETTER_##R LETTER_##R ":" LETTER_##R);
#define VLOAD(op)          row(OP_##op, "m:v");
#define VSTORE(op)         row(OP_##op, "mv:");
#define VLOAD_LANE(op, R)  row(OP_##op, "mv:v");
#define VSTORE_LANE(op, T) row(OP_##op, "mv:");
// clang-format on

// The rows of op.def with fixed types that compute nothing.
static bool computes(Op op) {
    static const Op others[] = {
        OP_nop,
        OP_i32_const,
        OP_i64_const,
        OP_f32_const,
        OP_f64_const,
        OP_v128_const,
        OP_atomic_fence,
        OP_memory_atomic_notify,
        OP_memory_atomic_wait32,
        OP_memory_atomic_wait64,
    };
    for (size_t i = 0; i < COUNTOF(others); i++)
        if (others[i] == op) return false;
    return op_info[op].sig != OP_SIG_NONE;
}

static void every_row_once(void) {
#include "wasm/num.def"
    for (int i = 0; i < OP_count; i++)
        if (!EXPECT_EQ(rows_of[i], computes((Op)i)))
            fprintf(stderr, "  %s\n", op_name[i]);
}

static void access_sizes_agree(void) {
#define MEM_LOAD(op, R, M) \
    EXPECT_EQ((size_t)1 << op_info[OP_##op].access_log2, sizeof(M));
#define MEM_STORE(op, T, M)      MEM_LOAD(op, T, M)
#define ATOM_LOAD(op, R, M)      MEM_LOAD(op, R, M)
#define ATOM_STORE(op, T, M)     MEM_LOAD(op, T, M)
#define ATOM_RMW(op, R, M, kind) MEM_LOAD(op, R, M)
#define ATOM_CMPXCHG(op, R, M)   MEM_LOAD(op, R, M)
#define VLOAD(op)                MEM_LOAD(op, 0, V128)
#define VSTORE(op)               MEM_LOAD(op, 0, V128)
#define VLOAD_EXTEND(op, R, T)   MEM_LOAD(op, R, u64)
#define VLOAD_SPLAT(op, R)       MEM_LOAD(op, R, R)
#define VLOAD_ZERO(op, R)        MEM_LOAD(op, R, R)
#define VLOAD_LANE(op, R) \
    MEM_LOAD(op, R, R) EXPECT_EQ(op_info[OP_##op].lanes, NUM_LANES(R));
#define VSTORE_LANE(op, T) VLOAD_LANE(op, T)
#define EXTRACT(op, R, T)  EXPECT_EQ(op_info[OP_##op].lanes, NUM_LANES(T));
#define REPLACE(op, R, T)  EXPECT_EQ(op_info[OP_##op].lanes, NUM_LANES(R));
#include "wasm/num.def"
}

// --- integers ----------------------------------------------------------------

static const u64 integers[] = {
    0,
    1,
    2,
    3,
    7,
    8,
    31,
    32,
    33,
    63,
    64,
    65,
    100,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffff,
    0x80000000,
    0x80000001,
    0xfffffffe,
    0xffffffff,
    0x100000000,
    0x123456789abcdef0,
    0x7fffffffffffffff,
    0x8000000000000000,
    0x8000000000000001,
    0xfffffffffffffffe,
    0xffffffffffffffff,
};

// The value of the low `bits` of x, signed.
static int128 signed_of(u64 x, unsigned bits) {
    int128 low = bits == 64 ? x : x & ((UINT64_C(1) << bits) - 1);
    int128 top = (int128)1 << (bits - 1);
    return low >= top ? low - 2 * top : low;
}
static int128 unsigned_of(u64 x, unsigned bits) {
    return bits == 64 ? x : x & ((UINT64_C(1) << bits) - 1);
}

static unsigned bit(u64 x, unsigned i) {
    return x >> i & 1;
}
static unsigned slow_clz(u64 x, unsigned bits) {
    unsigned n = 0;
    while (n < bits && !bit(x, bits - 1 - n))
        n++;
    return n;
}
static unsigned slow_ctz(u64 x, unsigned bits) {
    unsigned n = 0;
    while (n < bits && !bit(x, n))
        n++;
    return n;
}
static unsigned slow_popcnt(u64 x, unsigned bits) {
    unsigned n = 0;
    for (unsigned i = 0; i < bits; i++)
        n += bit(x, i);
    return n;
}
static u64 slow_rotl(u64 x, u64 by, unsigned bits) {
    u64 r = 0;
    for (unsigned i = 0; i < bits; i++)
        r |= (u64)bit(x, i) << ((i + by) % bits);
    return r;
}
static int128 floor_shift(int128 x, unsigned by) {
    int128 unit = (int128)1 << by;
    int128 low = x % unit;
    return (x - (low < 0 ? low + unit : low)) / unit;
}

static Trap last_trap;

// Calls by the C type of the operands and compares the low bits.
#define IS1(op, R, T, x, want)                                       \
    do {                                                             \
        R out = 0;                                                   \
        last_trap = num_##op((T)(x), &out);                          \
        if (!EXPECT_EQ(unsigned_of((u64)out, sizeof(R) * 8),         \
                       unsigned_of((u64)(want), sizeof(R) * 8)))     \
            fprintf(stderr, "  %s of %" PRIx64 "\n", #op, (u64)(x)); \
    } while (0)
#define IS2(op, R, T, want)                                                   \
    do {                                                                      \
        R out = 0;                                                            \
        last_trap = num_##op((T)x, (T)y, &out);                               \
        if (last_trap == TRAP_none &&                                         \
            !EXPECT_EQ(unsigned_of((u64)out, sizeof(R) * 8),                  \
                       unsigned_of((u64)(want), sizeof(R) * 8)))              \
            fprintf(stderr, "  %s of %" PRIx64 ", %" PRIx64 "\n", #op, x, y); \
    } while (0)
#define TRAPS(want) EXPECT_EQ(last_trap, want)

static void unary_integers(void) {
    for (size_t i = 0; i < COUNTOF(integers); i++) {
        u64 x = integers[i];
        IS1(i32_eqz, u32, u32, x, unsigned_of(x, 32) == 0);
        IS1(i64_eqz, u32, u64, x, x == 0);
        IS1(i32_clz, u32, u32, x, slow_clz(x, 32));
        IS1(i32_ctz, u32, u32, x, slow_ctz(x, 32));
        IS1(i32_popcnt, u32, u32, x, slow_popcnt(x, 32));
        IS1(i64_clz, u64, u64, x, slow_clz(x, 64));
        IS1(i64_ctz, u64, u64, x, slow_ctz(x, 64));
        IS1(i64_popcnt, u64, u64, x, slow_popcnt(x, 64));
        IS1(i32_extend8_s, i32, i32, x, signed_of(x, 8));
        IS1(i32_extend16_s, i32, i32, x, signed_of(x, 16));
        IS1(i64_extend8_s, i64, i64, x, signed_of(x, 8));
        IS1(i64_extend16_s, i64, i64, x, signed_of(x, 16));
        IS1(i64_extend32_s, i64, i64, x, signed_of(x, 32));
        IS1(i32_wrap_i64, u32, u64, x, x);
        IS1(i64_extend_i32_s, i64, i32, x, signed_of(x, 32));
        IS1(i64_extend_i32_u, u64, u32, x, unsigned_of(x, 32));
    }
}

static void check_i32(u64 x, u64 y) {
    int128 a = signed_of(x, 32), b = signed_of(y, 32);
    int128 c = unsigned_of(x, 32), d = unsigned_of(y, 32);
    unsigned by = (unsigned)(d % 32);
    IS2(i32_add, u32, u32, a + b);
    IS2(i32_sub, u32, u32, a - b);
    IS2(i32_mul, u32, u32, a * b);
    IS2(i32_and, u32, u32, a & b);
    IS2(i32_or, u32, u32, a | b);
    IS2(i32_xor, u32, u32, a ^ b);
    IS2(i32_shl, u32, u32, c << by);
    IS2(i32_shr_s, i32, i32, floor_shift(a, by));
    IS2(i32_shr_u, u32, u32, c / ((int128)1 << by));
    IS2(i32_rotl, u32, u32, slow_rotl((u64)c, by, 32));
    IS2(i32_rotr, u32, u32, slow_rotl((u64)c, 32 - by, 32));
    IS2(i32_eq, u32, u32, a == b);
    IS2(i32_ne, u32, u32, a != b);
    IS2(i32_lt_s, u32, i32, a < b);
    IS2(i32_lt_u, u32, u32, c < d);
    IS2(i32_gt_s, u32, i32, a > b);
    IS2(i32_gt_u, u32, u32, c > d);
    IS2(i32_le_s, u32, i32, a <= b);
    IS2(i32_le_u, u32, u32, c <= d);
    IS2(i32_ge_s, u32, i32, a >= b);
    IS2(i32_ge_u, u32, u32, c >= d);
    Trap zero = b == 0 ? TRAP_div_by_zero : TRAP_none;
    bool overflow = b == -1 && a == INT32_MIN;
    IS2(i32_div_s, i32, i32, a / b);
    TRAPS(overflow ? TRAP_int_overflow : zero);
    IS2(i32_div_u, u32, u32, c / d);
    TRAPS(zero);
    IS2(i32_rem_s, i32, i32, a % b);
    TRAPS(zero);
    IS2(i32_rem_u, u32, u32, c % d);
    TRAPS(zero);
}

static void check_i64(u64 x, u64 y) {
    int128 a = signed_of(x, 64), b = signed_of(y, 64);
    int128 c = unsigned_of(x, 64), d = unsigned_of(y, 64);
    unsigned by = (unsigned)(d % 64);
    IS2(i64_add, u64, u64, a + b);
    IS2(i64_sub, u64, u64, a - b);
    IS2(i64_mul, u64, u64, a * b);
    IS2(i64_and, u64, u64, a & b);
    IS2(i64_or, u64, u64, a | b);
    IS2(i64_xor, u64, u64, a ^ b);
    IS2(i64_shl, u64, u64, (uint128)c << by);
    IS2(i64_shr_s, i64, i64, floor_shift(a, by));
    IS2(i64_shr_u, u64, u64, c / ((int128)1 << by));
    IS2(i64_rotl, u64, u64, slow_rotl((u64)c, by, 64));
    IS2(i64_rotr, u64, u64, slow_rotl((u64)c, 64 - by, 64));
    IS2(i64_eq, u32, u64, a == b);
    IS2(i64_ne, u32, u64, a != b);
    IS2(i64_lt_s, u32, i64, a < b);
    IS2(i64_lt_u, u32, u64, c < d);
    IS2(i64_gt_s, u32, i64, a > b);
    IS2(i64_gt_u, u32, u64, c > d);
    IS2(i64_le_s, u32, i64, a <= b);
    IS2(i64_le_u, u32, u64, c <= d);
    IS2(i64_ge_s, u32, i64, a >= b);
    IS2(i64_ge_u, u32, u64, c >= d);
    Trap zero = b == 0 ? TRAP_div_by_zero : TRAP_none;
    bool overflow = b == -1 && a == INT64_MIN;
    IS2(i64_div_s, i64, i64, a / b);
    TRAPS(overflow ? TRAP_int_overflow : zero);
    IS2(i64_div_u, u64, u64, c / d);
    TRAPS(zero);
    IS2(i64_rem_s, i64, i64, a % b);
    TRAPS(zero);
    IS2(i64_rem_u, u64, u64, c % d);
    TRAPS(zero);
}

static void binary_integers(void) {
    for (size_t i = 0; i < COUNTOF(integers); i++)
        for (size_t k = 0; k < COUNTOF(integers); k++) {
            check_i32(integers[i], integers[k]);
            check_i64(integers[i], integers[k]);
        }
}

// Schoolbook, in digits of 32 bits.
static void slow_mul(u64 a, u64 b, u64 out[2]) {
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 low = a0 * b0;
    u64 mid = a1 * b0 + (low >> 32);
    u64 mid2 = a0 * b1 + (u32)mid;
    out[0] = mid2 << 32 | (u32)low;
    out[1] = a1 * b1 + (mid >> 32) + (mid2 >> 32);
}

static void wide_integers(void) {
    for (size_t i = 0; i < COUNTOF(integers); i++)
        for (size_t k = 0; k < COUNTOF(integers); k++) {
            u64 a = integers[i], b = integers[k], got[2], want[2];
            num_i64_mul_wide_u(a, b, got);
            slow_mul(a, b, want);
            EXPECT(got[0] == want[0] && got[1] == want[1]);
            num_i64_mul_wide_s(a, b, got);
            want[1] -= (a >> 63 ? b : 0) + (b >> 63 ? a : 0);
            EXPECT(got[0] == want[0] && got[1] == want[1]);
            num_i64_add128(a, b, b, a, got);
            EXPECT(got[0] == a + b && got[1] == a + b + (a + b < a));
            num_i64_sub128(a, b, b, a, got);
            EXPECT(got[0] == a - b && got[1] == b - a - (a < b));
        }
}

// --- floats ------------------------------------------------------------------

static const u32 f32_samples[] = {
    0,          1,          0x7fffff,   0x800000,   0x3f000000, 0x3effffff,
    0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40200000,
    0x40600000, 0x4b000000, 0x4affffff, 0x4b7fffff, 0x4b800001, 0x4effffff,
    0x4f000000, 0x4f000001, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000,
    0x5f000001, 0x5f7fffff, 0x5f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
    0x7fa00000, 0x7fffffff, 0x7f800001, 0x40490fdb, 0x42f6e979,
};
static const u64 f64_samples[] = {
    0,
    1,
    0x0010000000000000,
    0x3fe0000000000000,
    0x3fdfffffffffffff,
    0x3fe0000000000001,
    0x3fefffffffffffff,
    0x3ff0000000000000,
    0x3ff0000000000001,
    0x3ff8000000000000,
    0x4004000000000000,
    0x400c000000000000,
    0x4330000000000000,
    0x432fffffffffffff,
    0x433fffffffffffff,
    0x41dfffffffc00000, // 2^31 - 1 and what is around it
    0x41dfffffffe00000,
    0x41e0000000000000,
    0x41e0000000000001,
    0x41e0000000100000,
    0x41e00000001fffff,
    0x41e0000000200000, // 2^31 + 1
    0x41efffffffe00000,
    0x41effffffffffff0,
    0x41f0000000000000,
    0x43dfffffffffffff,
    0x43e0000000000000,
    0x43e0000000000001,
    0x43efffffffffffff,
    0x43f0000000000000,
    0x3690000000000000, // half the smallest f32
    0x3690000000000001,
    0x47efffffefffffff, // where f32 ends
    0x47effffff0000000,
    0x47efffffe0000000,
    0x7fefffffffffffff,
    0x7ff0000000000000,
    0x7ff8000000000000,
    0x7ff4000000000000,
    0x7ff0000000000001,
    0x400921fb54442d18,
};

// Samples and their negations.
enum {
    F32_LEN = 2 * COUNTOF(f32_samples),
    F64_LEN = 2 * COUNTOF(f64_samples)
};
static f32 f32_sample(size_t i) {
    u32 bits = f32_samples[i / 2];
    return f32_of_bits(i % 2 ? bits ^ 0x80000000 : bits);
}
static f64 f64_sample(size_t i) {
    u64 bits = f64_samples[i / 2];
    return f64_of_bits(i % 2 ? bits ^ UINT64_C(1) << 63 : bits);
}
static bool quiet_f32(f32 x) {
    return (f32_bits(x) & 0x7fc00000) == 0x7fc00000;
}
static bool quiet_f64(f64 x) {
    return f64_bits(x) << 1 >> 52 == 0xfff;
}

static void same_f32(f32 got, f32 want, const char *what, size_t i, size_t k) {
    bool same = want != want ? quiet_f32(got) : f32_bits(got) == f32_bits(want);
    if (!EXPECT(same))
        fprintf(stderr, "  %s %08x %08x: %08x, not %08x\n", what,
                f32_bits(f32_sample(i)), f32_bits(f32_sample(k)), f32_bits(got),
                f32_bits(want));
}
static void same_f64(f64 got, f64 want, const char *what, size_t i, size_t k) {
    bool same = want != want ? quiet_f64(got) : f64_bits(got) == f64_bits(want);
    if (!EXPECT(same))
        fprintf(stderr, "  %s %016" PRIx64 " %016" PRIx64 ": %016" PRIx64 "\n",
                what, f64_bits(f64_sample(i)), f64_bits(f64_sample(k)),
                f64_bits(got));
}

#define F1(T, op, want)                                \
    do {                                               \
        T out = 0;                                     \
        EXPECT_EQ(num_##T##_##op(a, &out), TRAP_none); \
        same_##T(out, (T)(want), #op, i, i);           \
    } while (0)
#define F2(T, op, want)                                   \
    do {                                                  \
        T out = 0;                                        \
        EXPECT_EQ(num_##T##_##op(a, b, &out), TRAP_none); \
        same_##T(out, (T)(want), #op, i, k);              \
    } while (0)

// Rounding by the integer part alone; from 2^52 on everything is whole.
static f64 slow_round(f64 a, int mode) {
    if (!(a > -0x1p52 && a < 0x1p52)) return a;
    f64 whole = (f64)(i64)a;
    f64 rest = a - whole;
    if (mode == '^' && rest > 0) whole += 1;
    if (mode == 'v' && rest < 0) whole -= 1;
    bool odd = (i64)whole % 2 != 0;
    if (mode == '~' && (rest > 0.5 || (rest == 0.5 && odd))) whole += 1;
    if (mode == '~' && (rest < -0.5 || (rest == -0.5 && odd))) whole -= 1;
    return f64_of_bits((f64_bits(whole) & ~F64_SIGN) |
                       (f64_bits(a) & F64_SIGN));
}

// IEEE 754-2019 minimum: NaN if either is, and -0 is less than +0.
static f64 slow_min(f64 a, f64 b) {
    if (!(a <= b) && !(b <= a)) return f64_of_bits(UINT64_C(0x7ff8) << 48);
    if (a == b) return f64_bits(a) >> 63 ? a : b;
    return a < b ? a : b;
}
static f64 slow_max(f64 a, f64 b) {
    if (!(a <= b) && !(b <= a)) return f64_of_bits(UINT64_C(0x7ff8) << 48);
    if (a == b) return f64_bits(a) >> 63 ? b : a;
    return a < b ? b : a;
}

// An f64 is wide enough for one correctly rounded operation on f32s.
static void arithmetic_f32(void) {
    for (size_t i = 0; i < F32_LEN; i++) {
        f32 a = f32_sample(i);
        F1(f32, ceil, slow_round((f64)a, '^'));
        F1(f32, floor, slow_round((f64)a, 'v'));
        F1(f32, trunc, slow_round((f64)a, '0'));
        F1(f32, nearest, slow_round((f64)a, '~'));
        F1(f32, sqrt, sqrt((f64)a));
        for (size_t k = 0; k < F32_LEN; k++) {
            f32 b = f32_sample(k);
            f64 x = (f64)a, y = (f64)b;
            F2(f32, add, x + y);
            F2(f32, sub, x - y);
            F2(f32, mul, x * y);
            F2(f32, div, x / y);
            F2(f32, min, slow_min(x, y));
            F2(f32, max, slow_max(x, y));
        }
    }
}

static void arithmetic_f64(void) {
    for (size_t i = 0; i < F64_LEN; i++) {
        f64 a = f64_sample(i);
        F1(f64, ceil, slow_round(a, '^'));
        F1(f64, floor, slow_round(a, 'v'));
        F1(f64, trunc, slow_round(a, '0'));
        F1(f64, nearest, slow_round(a, '~'));
        for (size_t k = 0; k < F64_LEN; k++) {
            f64 b = f64_sample(k);
            F2(f64, min, slow_min(a, b));
            F2(f64, max, slow_max(a, b));
        }
    }
    f64 out;
    EXPECT_EQ(num_f64_add(0.1, 0.2, &out), TRAP_none);
    EXPECT_EQ(f64_bits(out), 0x3fd3333333333334);
    EXPECT_EQ(num_f64_div(1, 3, &out), TRAP_none);
    EXPECT_EQ(f64_bits(out), 0x3fd5555555555555);
    EXPECT_EQ(num_f64_sqrt(2, &out), TRAP_none);
    EXPECT_EQ(f64_bits(out), 0x3ff6a09e667f3bcd);
    EXPECT_EQ(num_f64_mul(0x1p-600, 0x1.8p-474, &out), TRAP_none);
    EXPECT_EQ(f64_bits(out), 2); // 1.5 units, ties to even
    EXPECT_EQ(num_f64_sub(1, 0x1p-54, &out), TRAP_none);
    EXPECT_EQ(f64_bits(out), 0x3ff0000000000000);
}

// These change the sign and nothing else, of NaNs too.
static void signs(void) {
    for (size_t i = 0; i < F32_LEN; i++) {
        u32 a = f32_bits(f32_sample(i));
        f32 out;
        EXPECT_EQ(num_f32_abs(f32_of_bits(a), &out), TRAP_none);
        EXPECT_EQ(f32_bits(out), a % 0x80000000);
        EXPECT_EQ(num_f32_neg(f32_of_bits(a), &out), TRAP_none);
        EXPECT_EQ(f32_bits(out), a + 0x80000000);
        EXPECT_EQ(num_f32_copysign(f32_of_bits(a), -1, &out), TRAP_none);
        EXPECT_EQ(f32_bits(out), a % 0x80000000 + 0x80000000);
    }
    for (size_t i = 0; i < F64_LEN; i++) {
        u64 a = f64_bits(f64_sample(i)), top = UINT64_C(1) << 63;
        f64 out;
        EXPECT_EQ(num_f64_abs(f64_of_bits(a), &out), TRAP_none);
        EXPECT_EQ(f64_bits(out), a % top);
        EXPECT_EQ(num_f64_neg(f64_of_bits(a), &out), TRAP_none);
        EXPECT_EQ(f64_bits(out), a + top);
        EXPECT_EQ(num_f64_copysign(f64_of_bits(a), 1, &out), TRAP_none);
        EXPECT_EQ(f64_bits(out), a % top);
    }
}

// A NaN compares with nothing; zeroes are equal.
static void comparisons(void) {
    for (size_t i = 0; i < F64_LEN; i++)
        for (size_t k = 0; k < F64_LEN; k++) {
            u64 p = f64_bits(f64_sample(i)), q = f64_bits(f64_sample(k));
            u64 inf = UINT64_C(0x7ff) << 52;
            bool nan = p % F64_SIGN > inf || q % F64_SIGN > inf;
            i64 a = p >> 63 ? -(i64)(p % F64_SIGN) : (i64)p;
            i64 b = q >> 63 ? -(i64)(q % F64_SIGN) : (i64)q;
#define CMP(op, want)                                                         \
    do {                                                                      \
        u32 out = 2;                                                          \
        EXPECT_EQ(num_##op(f64_of_bits(p), f64_of_bits(q), &out), TRAP_none); \
        EXPECT_EQ(out, want);                                                 \
    } while (0)
            CMP(f64_eq, !nan && a == b);
            CMP(f64_ne, nan || a != b);
            CMP(f64_lt, !nan && a < b);
            CMP(f64_gt, !nan && a > b);
            CMP(f64_le, !nan && a <= b);
            CMP(f64_ge, !nan && a >= b);
        }
    for (size_t i = 0; i < F32_LEN; i++)
        for (size_t k = 0; k < F32_LEN; k++) {
            f32 a = f32_sample(i), b = f32_sample(k);
            u32 got[6], want[6];
            EXPECT_EQ(num_f32_eq(a, b, &got[0]), TRAP_none);
            EXPECT_EQ(num_f32_ne(a, b, &got[1]), TRAP_none);
            EXPECT_EQ(num_f32_lt(a, b, &got[2]), TRAP_none);
            EXPECT_EQ(num_f32_gt(a, b, &got[3]), TRAP_none);
            EXPECT_EQ(num_f32_le(a, b, &got[4]), TRAP_none);
            EXPECT_EQ(num_f32_ge(a, b, &got[5]), TRAP_none);
            EXPECT_EQ(num_f64_eq((f64)a, (f64)b, &want[0]), TRAP_none);
            EXPECT_EQ(num_f64_ne((f64)a, (f64)b, &want[1]), TRAP_none);
            EXPECT_EQ(num_f64_lt((f64)a, (f64)b, &want[2]), TRAP_none);
            EXPECT_EQ(num_f64_gt((f64)a, (f64)b, &want[3]), TRAP_none);
            EXPECT_EQ(num_f64_le((f64)a, (f64)b, &want[4]), TRAP_none);
            EXPECT_EQ(num_f64_ge((f64)a, (f64)b, &want[5]), TRAP_none);
            EXPECT(memcmp(got, want, sizeof got) == 0);
        }
}

// --- conversions -------------------------------------------------------------

// The integer part of a finite number, by its bits; far too large ones give
// something far too large.
static int128 whole_part(f64 a) {
    u64 bits = f64_bits(a);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1075;
    int128 m = (int128)((bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52);
    if (exponent > 60)
        m <<= 60;
    else if (exponent >= 0)
        m <<= exponent;
    else
        m = exponent < -60 ? 0 : m >> -exponent;
    return bits >> 63 ? -m : m;
}

#define TRUNC(op, sat, R, T, low, high)                       \
    do {                                                      \
        R out = 0, sat_out = 0;                               \
        Trap trap = num_##op(a, &out);                        \
        EXPECT_EQ(num_##sat(a, &sat_out), TRAP_none);         \
        int128 whole = whole_part((f64)a);                    \
        if (a != a) {                                         \
            EXPECT_EQ(trap, TRAP_bad_conversion);             \
            EXPECT_EQ(sat_out, 0);                            \
        } else if (whole < (low) || whole > (int128)(high)) { \
            EXPECT_EQ(trap, TRAP_int_overflow);               \
            EXPECT_EQ(sat_out, whole < 0 ? (low) : (high));   \
        } else {                                              \
            EXPECT_EQ(trap, TRAP_none);                       \
            EXPECT_EQ(out, whole);                            \
            EXPECT_EQ(sat_out, whole);                        \
        }                                                     \
    } while (0)

static void truncations(void) {
    for (size_t i = 0; i < F32_LEN; i++) {
        f32 a = f32_sample(i);
        TRUNC(i32_trunc_f32_s, i32_trunc_sat_f32_s, i32, f32, INT32_MIN,
              INT32_MAX);
        TRUNC(i32_trunc_f32_u, i32_trunc_sat_f32_u, u32, f32, 0, UINT32_MAX);
        TRUNC(i64_trunc_f32_s, i64_trunc_sat_f32_s, i64, f32, INT64_MIN,
              INT64_MAX);
        TRUNC(i64_trunc_f32_u, i64_trunc_sat_f32_u, u64, f32, 0, UINT64_MAX);
    }
    for (size_t i = 0; i < F64_LEN; i++) {
        f64 a = f64_sample(i);
        TRUNC(i32_trunc_f64_s, i32_trunc_sat_f64_s, i32, f64, INT32_MIN,
              INT32_MAX);
        TRUNC(i32_trunc_f64_u, i32_trunc_sat_f64_u, u32, f64, 0, UINT32_MAX);
        TRUNC(i64_trunc_f64_s, i64_trunc_sat_f64_s, i64, f64, INT64_MIN,
              INT64_MAX);
        TRUNC(i64_trunc_f64_u, i64_trunc_sat_f64_u, u64, f64, 0, UINT64_MAX);
    }
}

// To `digits` bits, nearest, ties to even; exact as an f64.
static f64 slow_convert(uint128 x, unsigned digits) {
    unsigned drop = 0;
    while (x >> drop >> digits)
        drop++;
    uint128 kept = x >> drop, rest = x - (kept << drop);
    uint128 half = drop ? (uint128)1 << (drop - 1) : 0;
    if (drop && (rest > half || (rest == half && kept % 2))) kept++;
    return ldexp((f64)(u64)kept, (int)drop);
}
static f64 slow_convert_s(int128 x, unsigned digits) {
    return x < 0 ? -slow_convert((uint128)-x, digits)
                 : slow_convert((uint128)x, digits);
}

static void check_convert(u64 x) {
    f32 f;
    f64 d;
#define CONVERT(op, to, T, want)               \
    EXPECT_EQ(num_##op((T)x, &to), TRAP_none); \
    EXPECT((f64)to == (want))
    CONVERT(f32_convert_i32_s, f, i32, slow_convert_s(signed_of(x, 32), 24));
    CONVERT(f32_convert_i32_u, f, u32, slow_convert((u32)x, 24));
    CONVERT(f32_convert_i64_s, f, i64, slow_convert_s(signed_of(x, 64), 24));
    CONVERT(f32_convert_i64_u, f, u64, slow_convert(x, 24));
    CONVERT(f64_convert_i32_s, d, i32, slow_convert_s(signed_of(x, 32), 53));
    CONVERT(f64_convert_i32_u, d, u32, slow_convert((u32)x, 53));
    CONVERT(f64_convert_i64_s, d, i64, slow_convert_s(signed_of(x, 64), 53));
    CONVERT(f64_convert_i64_u, d, u64, slow_convert(x, 53));
}

static void conversions(void) {
    for (size_t i = 0; i < COUNTOF(integers); i++)
        check_convert(integers[i]);
    // Around every tie of an f32 and of an f64.
    for (unsigned shift = 24; shift < 64; shift++)
        for (u64 odd = 0; odd < 2; odd++)
            for (u64 around = 0; around < 3; around++) {
                u64 one = UINT64_C(1) << shift;
                check_convert((one | odd << (shift - 23) | one >> 24) - 1 +
                              around);
                if (shift < 53) continue;
                check_convert((one | odd << (shift - 52) | one >> 53) - 1 +
                              around);
            }
}

static void between_floats(void) {
    static const struct {
        u64 from;
        u32 to;
    } demotions[] = {
        {0x3690000000000000, 0},          {0x3690000000000001, 1},
        {0xb690000000000001, 0x80000001}, {0x47efffffefffffff, 0x7f7fffff},
        {0x47effffff0000000, 0x7f800000}, {0x3ff0000010000000, 0x3f800000},
        {0x3ff0000030000000, 0x3f800002}, {0x7ff0000000000000, 0x7f800000},
        {0x8000000000000000, 0x80000000},
    };
    f32 f;
    f64 d;
    for (size_t i = 0; i < COUNTOF(demotions); i++) {
        EXPECT_EQ(num_f32_demote_f64(f64_of_bits(demotions[i].from), &f),
                  TRAP_none);
        EXPECT_EQ(f32_bits(f), demotions[i].to);
    }
    for (size_t i = 0; i < F32_LEN; i++) { // to f64 and back loses nothing
        EXPECT_EQ(num_f64_promote_f32(f32_sample(i), &d), TRAP_none);
        volatile f64 between =
            d; // or compilers see that there is nothing to do
        EXPECT_EQ(num_f32_demote_f64(between, &f), TRAP_none);
        same_f32(f, f32_sample(i), "promote", i, i);
    }
    u32 bits;
    u64 wide;
    EXPECT_EQ(num_i32_reinterpret_f32(f32_of_bits(0xffa00001), &bits), 0);
    EXPECT_EQ(bits, 0xffa00001);
    EXPECT_EQ(num_f32_reinterpret_i32(0x7f800001, &f), TRAP_none);
    EXPECT_EQ(f32_bits(f), 0x7f800001);
    EXPECT_EQ(num_f64_reinterpret_i64(0x7ff0000000000001, &d), TRAP_none);
    EXPECT_EQ(num_i64_reinterpret_f64(d, &wide), TRAP_none);
    EXPECT_EQ(wide, 0x7ff0000000000001);
}

// Signalling NaNs in, quiet ones out, and canonical ones on demand.
static volatile u32 signalling_f32 = 0xff800001;
static volatile u64 signalling_f64 = 0xfff0000000000001;
static volatile int one = 1; // multiplying by a known 1 is left out
static f32 nan_f32(void) {
    return f32_of_bits(signalling_f32);
}
static f64 nan_f64(void) {
    return f64_of_bits(signalling_f64);
}
static void canonical_f32(f32 x) {
    EXPECT_EQ(f32_bits(num_canon_f32(x)), 0x7fc00000);
}
static void canonical_f64(f64 x) {
    EXPECT_EQ(f64_bits(num_canon_f64(x)), 0x7ff8000000000000);
}

static void nans_are_quieted(void) {
#define NAN1(op, R, T, trap, value)              \
    {                                            \
        R out = 0;                               \
        EXPECT_EQ(num_##op(nan_##T(), &out), 0); \
        EXPECT(quiet_##R(out));                  \
        canonical_##R(out);                      \
    }
#define NAN2(op, R, T, trap, value)                      \
    {                                                    \
        R out = 0;                                       \
        EXPECT_EQ(num_##op(nan_##T(), (T)one, &out), 0); \
        EXPECT(quiet_##R(out));                          \
        EXPECT_EQ(num_##op((T)one, nan_##T(), &out), 0); \
        EXPECT(quiet_##R(out));                          \
        canonical_##R(out);                              \
    }
#include "wasm/num.def"
    EXPECT_EQ(f32_bits(num_canon_f32(-0.0f)), 0x80000000);
    EXPECT_EQ(f64_bits(num_canon_f64(1.5)), 0x3ff8000000000000);
}

// --- memory ------------------------------------------------------------------

static u64 slow_load(const uint8_t *at, size_t size, bool is_signed) {
    u64 x = 0;
    for (size_t i = 0; i < size; i++)
        x |= (u64)at[i] << (8 * i);
    return is_signed ? (u64)signed_of(x, (unsigned)size * 8) : x;
}

static void loads_and_stores(void) {
    // Unaligned on purpose.
    static const uint8_t data[2][9] = {
        {0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8},
        {0, 0x7f, 0x6e, 0x5d, 0x4c, 0x3b, 0x2a, 0x19, 0x08}};
    for (int k = 0; k < 2; k++) {
        const uint8_t *at = data[k] + 1;
#define MEM_LOAD(op, R, M)                                              \
    {                                                                   \
        R got = num_##op(at);                                           \
        u64 bits = 0;                                                   \
        memcpy(&bits, &got, sizeof got);                                \
        u64 want = slow_load(at, sizeof(M), strstr(#op, "_s") != NULL); \
        EXPECT_EQ(bits, unsigned_of(want, sizeof(R) * 8));              \
    }
#define MEM_STORE(op, T, M)                             \
    {                                                   \
        T value;                                        \
        memcpy(&value, at, sizeof value);               \
        uint8_t out[10] = {0};                          \
        num_##op(out + 1, value);                       \
        EXPECT(memcmp(out + 1, at, sizeof(M)) == 0);    \
        EXPECT(out[0] == 0 && out[1 + sizeof(M)] == 0); \
    }
#include "wasm/num.def"
    }
}

static u64 slow_rmw(const char *kind, u64 a, u64 b) {
    switch (kind[0]) {
    case 'a':
        return kind[1] == 'd' ? a + b : a & b;
    case 's':
        return a - b;
    case 'o':
        return a | b;
    default:
        return kind[1] == 'o' ? a ^ b : b;
    }
}

static void atomics(void) {
    static const u64 values[] = {0, 0x1122334455667788, UINT64_MAX};
    for (size_t i = 0; i < COUNTOF(values) * COUNTOF(values); i++) {
        u64 a = values[i / COUNTOF(values)], b = values[i % COUNTOF(values)];
        u64 memory;
#define CUT(M, x)   (u64) unsigned_of((x), sizeof(M) * 8)
#define MERGE(M, x) ((a & ~CUT(M, UINT64_MAX)) | CUT(M, x))
#define ATOM_LOAD(op, R, M) \
    memory = a;             \
    EXPECT_EQ(num_##op(&memory), CUT(M, a));
#define ATOM_STORE(op, T, M) \
    memory = a;              \
    num_##op(&memory, (T)b); \
    EXPECT_EQ(memory, MERGE(M, b));
#define ATOM_RMW(op, R, M, kind)                   \
    memory = a;                                    \
    EXPECT_EQ(num_##op(&memory, (R)b), CUT(M, a)); \
    EXPECT_EQ(memory, MERGE(M, slow_rmw(#kind, a, b)));
#define ATOM_CMPXCHG(op, R, M)                                 \
    memory = a;                                                \
    EXPECT_EQ(num_##op(&memory, (R)a, (R)b), CUT(M, a));       \
    EXPECT_EQ(memory, MERGE(M, b));                            \
    memory = a;                                                \
    EXPECT_EQ(num_##op(&memory, (R)(a + 1), (R)b), CUT(M, a)); \
    EXPECT_EQ(memory, a);
#include "wasm/num.def"
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_row_once), UNIT_TEST(access_sizes_agree),
                    UNIT_TEST(unary_integers), UNIT_TEST(binary_integers),
                    UNIT_TEST(wide_integers), UNIT_TEST(arithmetic_f32),
                    UNIT_TEST(arithmetic_f64), UNIT_TEST(signs),
                    UNIT_TEST(comparisons), UNIT_TEST(truncations),
                    UNIT_TEST(conversions), UNIT_TEST(between_floats),
                    UNIT_TEST(nans_are_quieted), UNIT_TEST(loads_and_stores),
                    UNIT_TEST(atomics));
}
