// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Natural numbers of bounded size, for num_text.c alone: just enough arithmetic
// to be exact about floats. Nothing allocates; what does not fit is a bug of
// the caller's (asserted), who knows his exponents.
#pragma once

#include "base/defs.h"

// The largest number needed is below 5^1172 * 2^82: what an f64 of 771 digits
// is divided by when it is near 1e-400, and the room for dividing.
enum {
    BIG_WORDS = 48
};

typedef struct Big {
    uint32_t len;             // words in use; the topmost one is not zero
    uint64_t word[BIG_WORDS]; // least significant first
} Big;

void big_set(Big *a, uint64_t value);
bool big_is_zero(const Big *a);
unsigned big_bits(const Big *a); // 0 for zero
// Below, at or above zero as the first is below, at or above the second.
int big_compare(const Big *a, const Big *b);
// The same for a + b * factor and c.
int big_compare_sum(const Big *a, const Big *b, uint64_t factor, const Big *c);

void big_mul_add(Big *a, uint64_t factor, uint64_t term); // factor > 0
void big_mul_pow5(Big *a, unsigned power);
void big_shift_left(Big *a, unsigned count);

// Prepares big_divide_small: shifts both until the top word of b has exactly
// `zeros` leading zeros, above 0.
void big_align(Big *a, Big *b, unsigned zeros);
// a / b; a becomes the remainder. The top word of b must have more leading zeros
// than the quotient has bits.
unsigned big_divide_small(Big *a, const Big *b);
// The 64 most significant bits of a number that is not zero, so that it is
// those * 2^*exponent, plus what is below. Returns whether that is not zero.
bool big_top64(const Big *a, uint64_t *top, int64_t *exponent);
