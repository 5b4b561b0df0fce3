// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A region as plain data without addresses, to be put into a file, and back.
//
// Going back costs a mapping of the text and a slot for each function; the
// tables are used where they lie. What comes from a file is checked so far that
// looking things up stays within the tables; the code itself is trusted.
#pragma once

#include "code/region.h"

// Of a region whose functions are all placed, and which nobody adds to
// meanwhile. Everything is in the arena or in the region.
void code_image_of(const CodeRegion *r, Arena *arena, CodeImage *out);

typedef enum CodeImageStatus {
    CODE_IMAGE_ok,
    CODE_IMAGE_no_memory,
    CODE_IMAGE_malformed,
    CODE_IMAGE_other_stubs, // made by another version
} CodeImageStatus;

// A region of its own that uses the image's tables, which live as long.
NODISCARD CodeImageStatus code_region_of_image(const CodeImage *image,
                                               bool faults, CodeRegion **out);
