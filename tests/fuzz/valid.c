// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decoder and validator: any bytes; what is valid survives the way through
// text, and is valid afterwards.
#include "fuzz/fuzz.h"

static void expect_valid(Fuzz *f, Module *m) {
    SideTables side = {0};
    err_clear(&f->err);
    if (!valid_all(m, &side, &f->err))
        fuzz_bug(f, "encoding made a valid module invalid");
}

static void work(Fuzz *f, Bytes input) {
    Module *m = fuzz_module(f);
    SideTables side = {0};
    if (!module_decode(m, input.data, input.size, &f->err) ||
        !valid_all(m, &side, &f->err)) {
        if (err_ok(&f->err)) fuzz_bug(f, "a failure without an error");
        return;
    }
    Module *again = fuzz_recode(f, fuzz_encode(f, m)); // no empty sections
    expect_valid(f, again);
    Bytes bytes = fuzz_reprint(f, again);
    expect_valid(f, fuzz_decode(f, bytes, "assembled text does not decode"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, work);
}
