// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module's machine code, function by function, for those who show it.
#pragma once

#include "rt/rt_module.h"
#include "vmabi/code.h"

typedef struct ListedFunc {
    uint32_t func; // function index
    uint32_t at;   // in the text, whose offsets all others count from
    const uint8_t *code;
    uint32_t size, frame_size;
    uint64_t wasm_at; // offset in the module that the sites count from
    const CodeSite *sites;
    const uint32_t *pads; // in the function
    uint32_t site_len, pad_len;
    bool is_wide;
} ListedFunc;

typedef struct Listing {
    const RtModule *module;
    const struct CodeRegion *region;
    bool is_guarded;
} Listing;

// Compiles what has no code yet. The listing is good while the module lives.
// False with *err.
NODISCARD bool listing_of(RtModule *m, Listing *out, Err *err);

uint32_t listing_len(const Listing *l); // functions
// The n-th in the order of the text; false: the file's tables are damaged.
NODISCARD bool listing_func(const Listing *l, uint32_t n, ListedFunc *out);

// What lies at an offset in the text, or before it where it is negative: a
// helper of the runtime, the end of a trap, a function's slot, a function. Empty
// where that has no name.
enum {
    LISTING_NAME_MAX = 100
};
void listing_name(const Listing *l, int64_t at, char out[LISTING_NAME_MAX]);
