// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DWARF: any bytes as any of the sections. The first eight say how long the
// first eight sections are, in units of 16; the last one gets what is left.
#include "debug/dwarf.h"
#include "fuzz/fuzz.h"

static const char *const names[] = {
    ".debug_line",        ".debug_info",     ".debug_abbrev",
    ".debug_line_str",    ".debug_ranges",   ".debug_addr",
    ".debug_str_offsets", ".debug_rnglists", ".debug_str"};

static void row(void *env, const DwarfRow *row) {
    *(uint64_t *)env += row->line + row->file.len;
}

static void work(Fuzz *f, Bytes input) {
    static const uint8_t code[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 0x0a, 0x7f};
    enum {
        LAST = COUNTOF(names) - 1,
        UNIT = 16
    };
    if (input.size < LAST) return;
    CustomSection customs[COUNTOF(names)];
    uint32_t at = LAST;
    for (uint32_t i = 0; i <= LAST; i++) {
        uint32_t left = input.size - at;
        uint32_t size = i < LAST ? MIN(left, input.data[i] * UNIT) : left;
        customs[i] = (CustomSection){
            .name = str_of(names[i]),
            .bytes = {input.data + at, size, at},
        };
        at += size;
    }
    Module *m = fuzz_module(f);
    m->bytes = code;
    m->size = sizeof code;
    m->customs.data = customs;
    m->customs.len = m->customs.cap = COUNTOF(names);
    const uint64_t places[] = {11, 20, 0x100, 0x1000, UINT64_MAX};
    SourcePlace out[COUNTOF(places)];
    dwarf_find(m, places, COUNTOF(places), out, m->arena);
    for (size_t i = 0; i < COUNTOF(places); i++)
        if (out[i].len > DWARF_DEPTH_MAX) fuzz_bug(f, "too many spots");
    uint64_t sum = 0;
    dwarf_each_row(m, m->arena, row, &sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, work);
}
