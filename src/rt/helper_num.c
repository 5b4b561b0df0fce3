// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Helper: any numeric or vector instruction, for compilers that have no code of
// their own for it.
#include "rt/helper_int.h"
#include "vmabi/words.h"
#include "wasm/op.h"

typedef struct Num {
    Row row;
    uint64_t b; // lane or lanes
    bool is_canonical;
} Num;

static uint64_t word(const Num *n, uint32_t i) {
    return row_at(n->row, i)->u64;
}

static V128 *vector(const Num *n, uint32_t i) {
    return (V128 *)(void *)row_at(n->row, i);
}

static void canonical_f32(const Num *n, f32 *r) {
    if (n->is_canonical) *r = num_canon_f32(*r);
}
static void canonical_f64(const Num *n, f64 *r) {
    if (n->is_canonical) *r = num_canon_f64(*r);
}
static void canonical_lanes_f32(const Num *n, V128 *v) {
    if (n->is_canonical) num_canon_lanes_f32(v);
}
static void canonical_lanes_f64(const Num *n, V128 *v) {
    if (n->is_canonical) num_canon_lanes_f64(v);
}

// Long: a case for each row of num.def. The first operand's slot gets the
// result.
// clang-format off
static Trap compute(const Num *n, Op op) {
    V128 out;
    const uint8_t *lanes = (const uint8_t *)(uintptr_t)n->b; // NOLINT
    unsigned lane = (unsigned)n->b;
    switch ((int)op) {
#define SET(R, r) row_put_word(n->row, 0, BITS_##R(r))
#define ARG(T, i) VAL_##T(word(n, i))
#define NUM1(op, R, T, trap, value) \
    case OP_##op: {                 \
        R r = 0;                    \
        Trap t = num_##op(ARG(T, 0), &r); \
        if (t == TRAP_none) SET(R, r); \
        return t;                   \
    }
#define NUM2(op, R, T, trap, value) \
    case OP_##op: {                 \
        R r = 0;                    \
        Trap t = num_##op(ARG(T, 0), ARG(T, 1), &r); \
        if (t == TRAP_none) SET(R, r); \
        return t;                   \
    }
#define NAN1(op, R, T, trap, value) \
    case OP_##op: {                 \
        R r = 0;                    \
        (void)num_##op(ARG(T, 0), &r); \
        canonical_##R(n, &r);       \
        SET(R, r);                  \
        return TRAP_none;           \
    }
#define NAN2(op, R, T, trap, value) \
    case OP_##op: {                 \
        R r = 0;                    \
        (void)num_##op(ARG(T, 0), ARG(T, 1), &r); \
        canonical_##R(n, &r);       \
        SET(R, r);                  \
        return TRAP_none;           \
    }
#define WIDE(call)                            \
    {                                         \
        u64 halves[2];                        \
        call;                                 \
        row_put_word(n->row, 0, halves[0]);   \
        row_put_word(n->row, 1, halves[1]);   \
        return TRAP_none;                     \
    }
#define WIDE2(op, value) \
    case OP_##op: WIDE(num_##op(word(n, 0), word(n, 1), halves))
#define WIDE4(op, value) \
    case OP_##op: WIDE(num_##op(word(n, 0), word(n, 1), word(n, 2), word(n, 3), halves))
#define V1(op) case OP_##op: num_##op(vector(n, 0), &out); break;
#define V2(op) case OP_##op: num_##op(vector(n, 0), vector(n, 1), &out); break;
#define V3(op) case OP_##op: num_##op(vector(n, 0), vector(n, 1), vector(n, 2), &out); break;
#define V1_NAN(op, R) case OP_##op: num_##op(vector(n, 0), &out); canonical_lanes_##R(n, &out); break;
#define VEC1_NAN(op, R, T, value)        V1_NAN(op, R)
#define HALF1_NAN(op, R, T, from, value) V1_NAN(op, R)
#define ZERO1_NAN(op, R, T, value)       V1_NAN(op, R)
#define VEC2_NAN(op, R, T, value) \
    case OP_##op: num_##op(vector(n, 0), vector(n, 1), &out); canonical_lanes_##R(n, &out); break;
#define VEC3_NAN(op, R, T, value, fixed) \
    case OP_##op: (n->is_canonical ? num_##op##_fixed : num_##op)(vector(n, 0), vector(n, 1), vector(n, 2), &out); \
        canonical_lanes_##R(n, &out); break;
#define VSHIFT(op, R, T, value) case OP_##op: num_##op(vector(n, 0), ARG(u32, 1), &out); break;
#define VTEST(op)         case OP_##op: SET(u32, num_##op(vector(n, 0))); return TRAP_none;
#define SPLAT(op, R, T)   case OP_##op: num_##op(ARG(T, 0), &out); break;
#define EXTRACT(op, R, T) case OP_##op: SET(R, num_##op(vector(n, 0), lane)); return TRAP_none;
#define REPLACE(op, R, T) case OP_##op: num_##op(vector(n, 0), lane, ARG(T, 1), &out); break;
#define SHUFFLE(op)       case OP_##op: num_##op(vector(n, 0), vector(n, 1), lanes, &out); break;
#include "wasm/num.def"
    default:
        UNREACHABLE();
    }
    *vector(n, 0) = out;
    return TRAP_none;
}
// clang-format on

Status helper_num(Context *c, Slot *args, uint64_t op, uint64_t b,
                  int64_t stride) {
    Num n = {
        .row = {args, stride},
        .b = b,
        .is_canonical = helper_store(c)->engine->config.is_deterministic,
    };
    return helper_status(c, compute(&n, (Op)op));
}
