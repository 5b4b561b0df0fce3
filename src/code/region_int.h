// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How functions get into a region: shared by region.c, where groups of them do,
// and fill.c, where all do.
#pragma once

#include "base/bits.h"
#include "code/region.h"
#include "os/vm.h"

static inline size_t region_to_pages(uint64_t size) {
    return (size_t)align_up(size, vm_page_size());
}

// The function's record, at an offset of the text that is large enough for it;
// its tables are kept later.
CodePlaced region_placed(const CodeFunc *f, uint32_t func, uint64_t at);
// The next multiple of the function's alignment that it could begin at.
static inline uint64_t region_align(const CodeFunc *f, uint64_t at) {
    return align_up(at, f->align ? f->align : 1);
}

// What walks need to know of it: so many bytes of a CodeBlock ...
size_t region_tables_size(const CodeFunc *f);
// ... copied to `to`. Answers where they end.
char *region_keep_tables(CodePlaced *p, const CodeFunc *f, char *to);

// Writes the code to its place in the text. It may call functions below `known`
// where they were laid out, and others by their thunks.
void region_write(const CodeRegion *r, const CodePlaced *p, const CodeFunc *f,
                  uint32_t known);

// All functions from the n-th that was placed are there for everybody now.
void region_publish(CodeRegion *r, uint32_t n, uint32_t len, uint64_t end);
