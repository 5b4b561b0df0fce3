// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A region as plain data without addresses, to be put into a file, and back.
//
// What comes from a file is checked so far that looking things up stays within
// the tables; the code itself is trusted.
#pragma once

#include "code/region.h"

typedef struct CodeImageFunc {
    uint32_t at, size, func, frame_size; // as in CodePlaced
    uint32_t site_at, site_len, pad_at, pad_len;
    uint32_t is_wide;
} CodeImageFunc;

typedef struct CodeImage {
    const uint8_t *text; // stubs, thunks and functions
    const CodeImageFunc *funcs;
    const CodeSite *sites;
    const uint32_t *pads;
    uint32_t text_len, placed_len, site_len, pad_len;
    uint32_t func_len; // of the module
} CodeImage;

// Everything is in the arena or in the region, which nobody adds to meanwhile.
void code_image_of(const CodeRegion *r, Arena *arena, CodeImage *out);

typedef enum CodeImageStatus {
    CODE_IMAGE_ok,
    CODE_IMAGE_no_memory,
    CODE_IMAGE_malformed,
    CODE_IMAGE_other_stubs, // made by another version
} CodeImageStatus;

// A region of its own with the same contents.
NODISCARD CodeImageStatus code_region_of_image(const CodeImage *image,
                                               bool faults, CodeRegion **out);
