// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// UTF-8 as the specification defines it (core, 5.2.4): shortest form only, no
// surrogates, at most U+10FFFF.
#pragma once

#include "base/defs.h"

bool utf8_valid(const void *bytes, size_t size);
// Writes one scalar value, 1 to 4 bytes; returns how many. 0 when `c` is not a
// scalar value.
size_t utf8_write(char out[4], uint32_t c);
// Reads one scalar value at the start; returns its size, 0 when malformed.
size_t utf8_read(const void *bytes, size_t size, uint32_t *out);
