// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Exact conversion between numbers and the text format's spelling (core, 6.3):
// decimal and hexadecimal integers with underscores, floats rounded to nearest
// even from any number of digits, NaN payloads, infinities. Locale-free;
// allocates nothing.
#pragma once

#include "base/defs.h"

typedef enum NumText {
    NUM_ok,
    NUM_malformed,    // not a number of this kind
    NUM_out_of_range, // well formed, too large for the type
} NumText;

// On failure *out is unspecified.
//
// An integer of `bits` (8, 16, 32, 64) with optional sign: the range is that of
// the signed and the unsigned type together (text's iN). Result: the low bits.
NumText num_parse_int(const char *s, size_t len, unsigned bits, uint64_t *out);
// Unsigned only, no sign allowed (uN).
NumText num_parse_uint(const char *s, size_t len, unsigned bits, uint64_t *out);
// Floats, result as bits; "inf", "nan", "nan:0x..." too, each with optional
// sign. A payload that is zero or too large is out of range.
NumText num_parse_f32(const char *s, size_t len, uint32_t *bits);
NumText num_parse_f64(const char *s, size_t len, uint64_t *bits);

enum {
    NUM_TEXT_MAX = 40
};
// The fewest digits that parse back to the same bits, and of those the nearest;
// terminated, returns the length. With an exponent below 1e-6 and from 1e21 on;
// "nan:0x..." for payloads that are not the canonical one.
size_t num_print_f32(char out[NUM_TEXT_MAX], uint32_t bits);
size_t num_print_f64(char out[NUM_TEXT_MAX], uint64_t bits);
