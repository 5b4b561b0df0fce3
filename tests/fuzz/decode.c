// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decoder and encoder: any bytes; what decodes keeps its meaning when encoded.
#include "fuzz/fuzz.h"

static void work(Fuzz *f, Bytes input) {
    Module *m = fuzz_module(f);
    if (!module_decode(m, input.data, input.size, &f->err)) {
        if (err_ok(&f->err)) fuzz_bug(f, "a failure without an error");
        return;
    }
    (void)module_decode_customs(m, &f->err);
    (void)fuzz_recode(f, fuzz_encode(f, m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, work);
}
