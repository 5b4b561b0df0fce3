// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// num.def as functions, one per instruction: num_<op>.
//
//   NUM1, NUM2     Trap num_<op>(T a, T b, R *out)   *out is set if none
//   WIDE2, WIDE4   void num_<op>(u64 ..., u64 out[2])   low half first
//   V1, V2, V3     void num_<op>(const V128 *a, ..., V128 *out)
//   VSHIFT         void num_<op>(const V128 *a, u32 b, V128 *out)
//   VTEST          u32 num_<op>(const V128 *a)
//   SPLAT          void num_<op>(T a, V128 *out)
//   EXTRACT        R num_<op>(const V128 *a, unsigned lane)
//   REPLACE        void num_<op>(const V128 *a, unsigned lane, T b, V128 *out)
//   MEM_LOAD       R num_<op>(const void *at)
//   MEM_STORE      void num_<op>(void *at, T a)
//   ATOM_RMW       R num_<op>(void *at, R a)
//   ATOM_CMPXCHG   R num_<op>(void *at, R expected, R replacement)
//   VLOAD          void num_<op>(const void *at, V128 *out)
//   VSTORE         void num_<op>(void *at, const V128 *a)
//   VLOAD_LANE     void num_<op>(const void *at, unsigned lane, V128 *inout)
//   VSTORE_LANE    void num_<op>(void *at, unsigned lane, const V128 *a)
//
// The result may be one of the operands. Memory is not aligned, except for
// atomics, whose address the caller has checked. Addresses, lanes and features
// are the caller's business.
//
// That NaNs come out quiet is the host's doing, at run time: a C compiler that
// knows an operand leaves out a multiplication by 1. So operands are values of
// the program, not constants of the code around the call.
#pragma once

#include "base/bits.h"
#include "wasm/trap.h"

#include <math.h>

typedef uint8_t u8;
typedef int8_t i8;
typedef uint16_t u16;
typedef int16_t i16;
typedef uint32_t u32;
typedef int32_t i32;
typedef uint64_t u64;
typedef int64_t i64;
typedef float f32;
typedef double f64;

// A vector. Like every value of the stack it is aligned to 8 only, and it may
// lie over cells of another type.
typedef union MAY_ALIAS V128 {
    u8 u8[16];
    i8 i8[16];
    u16 u16[8];
    i16 i16[8];
    u32 u32[4];
    i32 i32[4];
    u64 u64[2];
    i64 i64[2];
    f32 f32[4];
    f64 f64[2];
} V128;
static_assert(sizeof(V128) == 16 && _Alignof(V128) == 8, "lies over cells");

#define NUM_LANES(T) (16 / sizeof(T))
#define NUM_ZERO     ((V128){.u64 = {0}})

// --- words that the rows are written in --------------------------------------

#define F32_SIGN ((u32)1 << 31)
#define F64_SIGN ((u64)1 << 63)

static inline Trap num_div_trap(bool by_zero, bool overflow) {
    if (UNLIKELY(by_zero)) return TRAP_div_by_zero;
    return UNLIKELY(overflow) ? TRAP_int_overflow : TRAP_none;
}
static inline Trap num_trunc_trap(bool is_nan, bool fits) {
    if (LIKELY(fits)) return TRAP_none;
    return is_nan ? TRAP_bad_conversion : TRAP_int_overflow;
}

// Does the integer part fit? An f32 does when it does as an f64.
static inline bool num_fits_i32(f64 a) {
    return a > -2147483649.0 && a < 2147483648.0;
}
static inline bool num_fits_u32(f64 a) {
    return a > -1 && a < 0x1p32;
}
static inline bool num_fits_i64(f64 a) {
    return a >= -0x1p63 && a < 0x1p63;
}
static inline bool num_fits_u64(f64 a) {
    return a > -1 && a < 0x1p64;
}
static inline i32 num_sat_i32(f64 a) {
    if (num_fits_i32(a)) return (i32)a;
    return a != a ? 0 : a < 0 ? INT32_MIN : INT32_MAX;
}
static inline u32 num_sat_u32(f64 a) {
    if (num_fits_u32(a)) return (u32)a;
    return a > 0 ? UINT32_MAX : 0;
}
static inline i64 num_sat_i64(f64 a) {
    if (num_fits_i64(a)) return (i64)a;
    return a != a ? 0 : a < 0 ? INT64_MIN : INT64_MAX;
}
static inline u64 num_sat_u64(f64 a) {
    if (num_fits_u64(a)) return (u64)a;
    return a > 0 ? UINT64_MAX : 0;
}

// Equal operands differ at most in the sign of zero: minimum wants the sign if
// either has it, maximum only if both have.
static inline f32 num_min_f32(f32 a, f32 b) {
    if (a != a || b != b) return a + b;
    if (a == b) return f32_of_bits(f32_bits(a) | f32_bits(b));
    return a < b ? a : b;
}
static inline f32 num_max_f32(f32 a, f32 b) {
    if (a != a || b != b) return a + b;
    if (a == b) return f32_of_bits(f32_bits(a) & f32_bits(b));
    return a > b ? a : b;
}
static inline f64 num_min_f64(f64 a, f64 b) {
    if (a != a || b != b) return a + b;
    if (a == b) return f64_of_bits(f64_bits(a) | f64_bits(b));
    return a < b ? a : b;
}
static inline f64 num_max_f64(f64 a, f64 b) {
    if (a != a || b != b) return a + b;
    if (a == b) return f64_of_bits(f64_bits(a) & f64_bits(b));
    return a > b ? a : b;
}
static inline f32 num_copysign_f32(f32 a, f32 b) {
    return f32_of_bits((f32_bits(a) & ~F32_SIGN) | (f32_bits(b) & F32_SIGN));
}
static inline f64 num_copysign_f64(f64 a, f64 b) {
    return f64_of_bits((f64_bits(a) & ~F64_SIGN) | (f64_bits(b) & F64_SIGN));
}

static inline int num_clamp(int a, int low, int high) {
    return a < low ? low : a > high ? high : a;
}
// Bits of a byte, without a table or an instruction, so that lanes vectorize.
static inline unsigned num_popcnt8(unsigned a) {
    a -= a >> 1 & 0x55;
    a = (a & 0x33) + (a >> 2 & 0x33);
    return (a + (a >> 4)) & 0x0f;
}

// --- deterministic NaNs ------------------------------------------------------

static inline f32 num_canon_f32(f32 a) {
    return a != a ? f32_of_bits(0x7fc00000) : a;
}
static inline f64 num_canon_f64(f64 a) {
    return a != a ? f64_of_bits(UINT64_C(0x7ff8) << 48) : a;
}
static inline void num_canon_lanes_f32(V128 *v) {
    for (unsigned i = 0; i < NUM_LANES(f32); i++)
        v->f32[i] = num_canon_f32(v->f32[i]);
}
static inline void num_canon_lanes_f64(V128 *v) {
    for (unsigned i = 0; i < NUM_LANES(f64); i++)
        v->f64[i] = num_canon_f64(v->f64[i]);
}

// --- scalars -----------------------------------------------------------------

#define NUM1(op, R, T, trap, value)            \
    static inline Trap num_##op(T a, R *out) { \
        Trap t = (Trap)(trap);                 \
        if (t == TRAP_none) *out = (R)(value); \
        return t;                              \
    }
#define NUM2(op, R, T, trap, value)                 \
    static inline Trap num_##op(T a, T b, R *out) { \
        Trap t = (Trap)(trap);                      \
        if (t == TRAP_none) *out = (R)(value);      \
        return t;                                   \
    }
#define NUM_HALVES(value)   \
    uint128 wide = (value); \
    out[0] = (u64)wide;     \
    out[1] = (u64)(wide >> 64)
#define WIDE2(op, value)                                    \
    static inline void num_##op(u64 a, u64 b, u64 out[2]) { \
        NUM_HALVES(value);                                  \
    }
#define WIDE4(op, value)                                                      \
    static inline void num_##op(u64 a_low, u64 a_high, u64 b_low, u64 b_high, \
                                u64 out[2]) {                                 \
        uint128 a = (uint128)a_high << 64 | a_low;                            \
        uint128 b = (uint128)b_high << 64 | b_low;                            \
        NUM_HALVES(value);                                                    \
    }

// --- vectors -----------------------------------------------------------------
// Operands are copied first: the result may lie over them, and loops over local
// vectors become vector instructions (the zeroes then go away).

#define NUM_EACH(R) for (unsigned i = 0; i < NUM_LANES(R); i++)

#define VEC1(op, R, T, value)                               \
    static inline void num_##op(const V128 *v, V128 *out) { \
        V128 x = *v, r = NUM_ZERO;                          \
        NUM_EACH(R) {                                       \
            T a = x.T[i];                                   \
            r.R[i] = (R)(value);                            \
        }                                                   \
        *out = r;                                           \
    }
#define VEC2(op, R, T, value)                                              \
    static inline void num_##op(const V128 *v, const V128 *w, V128 *out) { \
        V128 x = *v, y = *w, r = NUM_ZERO;                                 \
        NUM_EACH(R) {                                                      \
            T a = x.T[i], b = y.T[i];                                      \
            r.R[i] = (R)(value);                                           \
        }                                                                  \
        *out = r;                                                          \
    }
#define VEC3(op, R, T, value)                                                \
    static inline void num_##op(const V128 *v, const V128 *w, const V128 *u, \
                                V128 *out) {                                 \
        V128 x = *v, y = *w, z = *u, r = NUM_ZERO;                           \
        NUM_EACH(R) {                                                        \
            T a = x.T[i], b = y.T[i], c = z.T[i];                            \
            r.R[i] = (R)(value);                                             \
        }                                                                    \
        *out = r;                                                            \
    }
#define VEC3_NAN(op, R, T, value, fixed) \
    VEC3(op, R, T, value)                \
    VEC3(op##_fixed, R, T, fixed)
#define HALF1(op, R, T, from, value)                        \
    static inline void num_##op(const V128 *v, V128 *out) { \
        V128 x = *v, r = NUM_ZERO;                          \
        NUM_EACH(R) {                                       \
            T a = x.T[from + i];                            \
            r.R[i] = (R)(value);                            \
        }                                                   \
        *out = r;                                           \
    }
#define HALF2(op, R, T, from, value)                                       \
    static inline void num_##op(const V128 *v, const V128 *w, V128 *out) { \
        V128 x = *v, y = *w, r = NUM_ZERO;                                 \
        NUM_EACH(R) {                                                      \
            T a = x.T[from + i], b = y.T[from + i];                        \
            r.R[i] = (R)(value);                                           \
        }                                                                  \
        *out = r;                                                          \
    }
#define ZERO1(op, R, T, value)                              \
    static inline void num_##op(const V128 *v, V128 *out) { \
        V128 x = *v, r = NUM_ZERO;                          \
        NUM_EACH(T) {                                       \
            T a = x.T[i];                                   \
            r.R[i] = (R)(value);                            \
        }                                                   \
        *out = r;                                           \
    }
#define PAIR1(op, R, T, value)                              \
    static inline void num_##op(const V128 *v, V128 *out) { \
        V128 x = *v, r = NUM_ZERO;                          \
        NUM_EACH(R) {                                       \
            T a = x.T[2 * i], a1 = x.T[2 * i + 1];          \
            r.R[i] = (R)(value);                            \
        }                                                   \
        *out = r;                                           \
    }
#define PAIR2(op, R, T, value)                                             \
    static inline void num_##op(const V128 *v, const V128 *w, V128 *out) { \
        V128 x = *v, y = *w, r = NUM_ZERO;                                 \
        NUM_EACH(R) {                                                      \
            T a = x.T[2 * i], a1 = x.T[2 * i + 1];                         \
            T b = y.T[2 * i], b1 = y.T[2 * i + 1];                         \
            r.R[i] = (R)(value);                                           \
        }                                                                  \
        *out = r;                                                          \
    }
#define NARROW(op, R, T, value)                                            \
    static inline void num_##op(const V128 *v, const V128 *w, V128 *out) { \
        V128 x = *v, y = *w, r = NUM_ZERO;                                 \
        NUM_EACH(T) {                                                      \
            T a = x.T[i];                                                  \
            r.R[i] = (R)(value);                                           \
        }                                                                  \
        NUM_EACH(T) {                                                      \
            T a = y.T[i];                                                  \
            r.R[NUM_LANES(T) + i] = (R)(value);                            \
        }                                                                  \
        *out = r;                                                          \
    }
#define VSHIFT(op, R, T, value)                                    \
    static inline void num_##op(const V128 *v, u32 b, V128 *out) { \
        V128 x = *v, r = NUM_ZERO;                                 \
        NUM_EACH(R) {                                              \
            T a = x.T[i];                                          \
            r.R[i] = (R)(value);                                   \
        }                                                          \
        *out = r;                                                  \
    }
#define V1(op) void num_##op(const V128 *a, V128 *out);
#define V2(op) void num_##op(const V128 *a, const V128 *b, V128 *out);
#define V3(op) \
    void num_##op(const V128 *a, const V128 *b, const V128 *c, V128 *out);
#define SHUFFLE(op)                                                      \
    void num_##op(const V128 *a, const V128 *b, const uint8_t lanes[16], \
                  V128 *out);

#define ANY_TRUE(op)                            \
    static inline u32 num_##op(const V128 *a) { \
        return (a->u64[0] | a->u64[1]) != 0;    \
    }
#define ALL_TRUE(op, T)                         \
    static inline u32 num_##op(const V128 *a) { \
        u32 zeros = 0;                          \
        NUM_EACH(T) zeros |= a->T[i] == 0;      \
        return zeros == 0;                      \
    }
#define BITMASK(op, T)                               \
    static inline u32 num_##op(const V128 *a) {      \
        u32 mask = 0;                                \
        NUM_EACH(T) mask |= (u32)(a->T[i] < 0) << i; \
        return mask;                                 \
    }
#define SPLAT(op, R, T)                           \
    static inline void num_##op(T a, V128 *out) { \
        NUM_EACH(R) out->R[i] = (R)a;             \
    }
#define EXTRACT(op, R, T)                                    \
    static inline R num_##op(const V128 *a, unsigned lane) { \
        assert(lane < NUM_LANES(T));                         \
        return (R)a->T[lane];                                \
    }
#define REPLACE(op, R, T)                                          \
    static inline void num_##op(const V128 *a, unsigned lane, T b, \
                                V128 *out) {                       \
        assert(lane < NUM_LANES(R));                               \
        *out = *a;                                                 \
        out->R[lane] = (R)b;                                       \
    }

// --- memory ------------------------------------------------------------------

#define MEM_LOAD(op, R, M)                     \
    static inline R num_##op(const void *at) { \
        M in;                                  \
        memcpy(&in, at, sizeof in);            \
        return (R)in;                          \
    }
#define MEM_STORE(op, T, M)                      \
    static inline void num_##op(void *at, T a) { \
        M in = (M)a;                             \
        memcpy(at, &in, sizeof in);              \
    }
#define VLOAD(op)                                            \
    static inline void num_##op(const void *at, V128 *out) { \
        memcpy(out, at, sizeof *out);                        \
    }
#define VSTORE(op)                                         \
    static inline void num_##op(void *at, const V128 *a) { \
        memcpy(at, a, sizeof *a);                          \
    }
#define VLOAD_EXTEND(op, R, T)                               \
    static inline void num_##op(const void *at, V128 *out) { \
        T in[NUM_LANES(R)];                                  \
        memcpy(in, at, sizeof in);                           \
        NUM_EACH(R) out->R[i] = in[i];                       \
    }
#define VLOAD_SPLAT(op, R)                                   \
    static inline void num_##op(const void *at, V128 *out) { \
        R in;                                                \
        memcpy(&in, at, sizeof in);                          \
        NUM_EACH(R) out->R[i] = in;                          \
    }
#define VLOAD_ZERO(op, R)                                    \
    static inline void num_##op(const void *at, V128 *out) { \
        R in;                                                \
        memcpy(&in, at, sizeof in);                          \
        *out = (V128){.R = {in}};                            \
    }
#define VLOAD_LANE(op, R)                                                     \
    static inline void num_##op(const void *at, unsigned lane, V128 *inout) { \
        assert(lane < NUM_LANES(R));                                          \
        memcpy(&inout->R[lane], at, sizeof inout->R[0]);                      \
    }
#define VSTORE_LANE(op, T)                                                \
    static inline void num_##op(void *at, unsigned lane, const V128 *a) { \
        assert(lane < NUM_LANES(T));                                      \
        memcpy(at, &a->T[lane], sizeof a->T[0]);                          \
    }

// Sequentially consistent. What is accessed is part of a linear memory, whose
// bytes other code accesses by other types.
typedef u8 MAY_ALIAS num_atom_u8;
typedef u16 MAY_ALIAS num_atom_u16;
typedef u32 MAY_ALIAS num_atom_u32;
typedef u64 MAY_ALIAS num_atom_u64;
#define NUM_FETCH_add  __atomic_fetch_add
#define NUM_FETCH_sub  __atomic_fetch_sub
#define NUM_FETCH_and  __atomic_fetch_and
#define NUM_FETCH_or   __atomic_fetch_or
#define NUM_FETCH_xor  __atomic_fetch_xor
#define NUM_FETCH_xchg __atomic_exchange_n

#define ATOM_LOAD(op, R, M)                             \
    static inline R num_##op(const void *at) {          \
        const num_atom_##M *p = at;                     \
        return (R)__atomic_load_n(p, __ATOMIC_SEQ_CST); \
    }
#define ATOM_STORE(op, T, M)                         \
    static inline void num_##op(void *at, T a) {     \
        num_atom_##M *p = at;                        \
        __atomic_store_n(p, (M)a, __ATOMIC_SEQ_CST); \
    }
#define ATOM_RMW(op, R, M, kind)                               \
    static inline R num_##op(void *at, R a) {                  \
        num_atom_##M *p = at;                                  \
        return (R)NUM_FETCH_##kind(p, (M)a, __ATOMIC_SEQ_CST); \
    }
#define ATOM_CMPXCHG(op, R, M)                                           \
    static inline R num_##op(void *at, R expected, R replacement) {      \
        num_atom_##M *p = at, seen = (M)expected;                        \
        __atomic_compare_exchange_n(p, &seen, (M)replacement, false,     \
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        return (R)seen;                                                  \
    }

#include "wasm/num.def"

#undef NUM_HALVES
#undef NUM_EACH
#undef NUM_FETCH_add
#undef NUM_FETCH_sub
#undef NUM_FETCH_and
#undef NUM_FETCH_or
#undef NUM_FETCH_xor
#undef NUM_FETCH_xchg
