// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The handlers of vector instructions (part of handlers.h). Slots are 16 bytes
// here and the top of the stack is in memory.
//
// Not formatted: a handler begins with a macro, which the tool takes for a call.
// clang-format off
PREFIX(fd)

#define V_AT(n) (&CELL(AT(n)))

HANDLER(v128_const) {
    COUNT(v128_const);
    memcpy(V_AT(0), pc + 1, sizeof(V128));
    sp += STRIDE;
    NEXT(17);
}
#define V1(op)                       \
    HANDLER(op) {                    \
        COUNT(op);                   \
        num_##op(V_AT(-1), V_AT(-1)); \
        NEXT(1);                     \
    }
#define V2(op)                                  \
    HANDLER(op) {                               \
        COUNT(op);                              \
        num_##op(V_AT(-2), V_AT(-1), V_AT(-2)); \
        sp -= STRIDE;                           \
        NEXT(1);                                \
    }
#define V3(op)                                            \
    HANDLER(op) {                                         \
        COUNT(op);                                        \
        num_##op(V_AT(-3), V_AT(-2), V_AT(-1), V_AT(-3)); \
        sp -= 2 * STRIDE;                                 \
        NEXT(1);                                          \
    }
#define CANON_LANES(R, v)                                 \
    do {                                                  \
        if (UNLIKELY(x->is_deterministic)) num_canon_lanes_##R(v); \
    } while (0)
#define V1_NAN(op, R)                 \
    HANDLER(op) {                     \
        COUNT(op);                    \
        num_##op(V_AT(-1), V_AT(-1)); \
        CANON_LANES(R, V_AT(-1));     \
        NEXT(1);                      \
    }
#define VEC1_NAN(op, R, T, value)        V1_NAN(op, R)
#define HALF1_NAN(op, R, T, from, value) V1_NAN(op, R)
#define ZERO1_NAN(op, R, T, value)       V1_NAN(op, R)
#define VEC2_NAN(op, R, T, value)               \
    HANDLER(op) {                               \
        COUNT(op);                              \
        num_##op(V_AT(-2), V_AT(-1), V_AT(-2)); \
        CANON_LANES(R, V_AT(-2));               \
        sp -= STRIDE;                           \
        NEXT(1);                                \
    }
#define VEC3_NAN(op, R, T, value, fixed)                                \
    HANDLER(op) {                                                       \
        COUNT(op);                                                      \
        if (UNLIKELY(x->is_deterministic))                              \
            num_##op##_fixed(V_AT(-3), V_AT(-2), V_AT(-1), V_AT(-3));   \
        else                                                            \
            num_##op(V_AT(-3), V_AT(-2), V_AT(-1), V_AT(-3));           \
        CANON_LANES(R, V_AT(-3));                                       \
        sp -= 2 * STRIDE;                                               \
        NEXT(1);                                                        \
    }
#define VSHIFT(op, R, T, value)                      \
    HANDLER(op) {                                    \
        COUNT(op);                                   \
        num_##op(V_AT(-2), VAL_u32(TOP), V_AT(-2));  \
        sp -= STRIDE;                                \
        NEXT(1);                                     \
    }
#define VTEST(op)                  \
    HANDLER(op) {                  \
        COUNT(op);                 \
        TOP = num_##op(V_AT(-1));  \
        NEXT(1);                   \
    }
#define SPLAT(op, R, T)                     \
    HANDLER(op) {                           \
        COUNT(op);                          \
        num_##op(VAL_##T(TOP), V_AT(-1));   \
        NEXT(1);                            \
    }
#define EXTRACT(op, R, T)                          \
    HANDLER(op) {                                  \
        COUNT(op);                                 \
        TOP = BITS_##R(num_##op(V_AT(-1), pc[1])); \
        NEXT(2);                                   \
    }
#define REPLACE(op, R, T)                                          \
    HANDLER(op) {                                                  \
        COUNT(op);                                                 \
        num_##op(V_AT(-2), pc[1], VAL_##T(TOP), V_AT(-2));         \
        sp -= STRIDE;                                              \
        NEXT(2);                                                   \
    }
#define SHUFFLE(op)                                     \
    HANDLER(op) {                                       \
        COUNT(op);                                      \
        num_##op(V_AT(-2), V_AT(-1), pc + 1, V_AT(-2)); \
        sp -= STRIDE;                                   \
        NEXT(17);                                       \
    }
#define VECTOR_LOAD(op, size)                                     \
    HANDLER(op) {                                                 \
        COUNT(op);                                                \
        uint64_t end = 0; \
        MEMARG(pc + 1, ok, offset, n) \
        if (UNLIKELY(!ok || !IN_BOUNDS(TOP, offset, size, end)))                 \
            LEAVE_TO(x->at, exec_access);                         \
        num_##op(mem + end - (size), V_AT(-1));                   \
        NEXT(1 + n);                                                  \
    }
#define VLOAD(op)              VECTOR_LOAD(op, 16u)
#define VLOAD_EXTEND(op, R, T) VECTOR_LOAD(op, 8u)
#define VLOAD_SPLAT(op, R)     VECTOR_LOAD(op, sizeof(R))
#define VLOAD_ZERO(op, R)      VECTOR_LOAD(op, sizeof(R))
#define VSTORE(op)                                                \
    HANDLER(op) {                                                 \
        COUNT(op);                                                \
        uint64_t end = 0; \
        MEMARG(pc + 1, ok, offset, n) \
        if (UNLIKELY(!ok || !IN_BOUNDS(AT(-2).u64, offset, 16u, end)))           \
            LEAVE_TO(x->at, exec_access);                         \
        num_##op(mem + end - 16, V_AT(-1));                       \
        sp -= 2 * STRIDE;                                         \
        NEXT(1 + n);                                                  \
    }
#define VLOAD_LANE(op, R)                                         \
    HANDLER(op) {                                                 \
        COUNT(op);                                                \
        uint64_t end = 0; \
        MEMARG(pc + 1, ok, offset, n) \
        if (UNLIKELY(!ok || !IN_BOUNDS(AT(-2).u64, offset, sizeof(R), end)))     \
            LEAVE_TO(x->at, exec_access);                         \
        num_##op(mem + end - sizeof(R), pc[1 + n], V_AT(-1));         \
        CELL(AT(-2)) = CELL(AT(-1));                              \
        sp -= STRIDE;                                             \
        NEXT(2 + n);                                                  \
    }
#define VSTORE_LANE(op, T)                                        \
    HANDLER(op) {                                                 \
        COUNT(op);                                                \
        uint64_t end = 0; \
        MEMARG(pc + 1, ok, offset, n) \
        if (UNLIKELY(!ok || !IN_BOUNDS(AT(-2).u64, offset, sizeof(T), end)))     \
            LEAVE_TO(x->at, exec_access);                         \
        num_##op(mem + end - sizeof(T), pc[1 + n], V_AT(-1));         \
        sp -= 2 * STRIDE;                                         \
        NEXT(2 + n);                                                  \
    }
#include "wasm/num.def"

PREFIX_END(fd)
