// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arithmetic of two operands on the 64 bits of slots: pair_<op>.
#pragma once

#include "interp/interp_int.h"
#include "vmabi/words.h"
#include "wasm/num.h"

// Which NaN only matters to deterministic execution.
#define CANON(R, r)                                                            \
    do {                                                                       \
        if (UNLIKELY((r) != (r)) && x->is_deterministic) r = num_canon_##R(r); \
    } while (0)

#define NUM2(op, R, T, trap, value)                                     \
    INLINE Trap pair_##op(UNUSED const Exec *x, uint64_t a, uint64_t b, \
                          uint64_t *out) {                              \
        R r = 0;                                                        \
        Trap t = num_##op(VAL_##T(a), VAL_##T(b), &r);                  \
        *out = BITS_##R(r);                                             \
        return t;                                                       \
    }
#define NAN2(op, R, T, trap, value)                              \
    INLINE Trap pair_##op(const Exec *x, uint64_t a, uint64_t b, \
                          uint64_t *out) {                       \
        R r = 0;                                                 \
        (void)num_##op(VAL_##T(a), VAL_##T(b), &r);              \
        CANON(R, r);                                             \
        *out = BITS_##R(r);                                      \
        return TRAP_none;                                        \
    }
#include "wasm/num.def"
