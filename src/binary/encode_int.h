// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What encode.c and names.c share.
#pragma once

#include "base/writer.h"
#include "binary/binary_int.h"

// A section or subsection: whatever is written between the two is its contents.
// One without contents is taken back.
size_t encode_begin(Writer *w, uint8_t id);
void encode_end(Writer *w, size_t start);

bool names_empty(const Names *names);
// The contents of the name section.
void names_encode(const Names *names, Writer *w);
