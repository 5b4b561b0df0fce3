// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text parser and printer: any text; what parses and is valid means the same
// bytes after encoding, decoding, printing and parsing.
#include "fuzz/fuzz.h"

static void work(Fuzz *f, Bytes input) {
    Module *m = fuzz_module(f);
    const char *text = (const char *)input.data;
    if (!text_parse_module(m, text, input.size, &f->err)) {
        if (err_ok(&f->err)) fuzz_bug(f, "a failure without an error");
        TextBuf out;
        text_init(&out, &f->arena);
        text_print_err(&out, "input", text, input.size, &f->err);
        return;
    }
    Bytes bytes = fuzz_encode(f, m);
    Module *decoded = fuzz_module(f);
    SideTables side = {0};
    if (!module_decode(decoded, bytes.data, bytes.size, &f->err) ||
        !valid_all(decoded, &side, &f->err))
        return; // the grammar of text allows more than the rules
    fuzz_same(f, bytes, fuzz_encode(f, decoded),
              "encoding changed what it wrote");
    fuzz_same(f, bytes, fuzz_reprint(f, decoded), "text and bytes differ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, work);
}
