// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the target `valid` looks for, with inputs that are changed as modules
// instead of as bytes: most of them stay valid, so that it gets behind the
// decoder and the validator.
#include "fuzz/fuzz.h"
#include "fuzz/mutate/mutate.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed);

typedef struct Shape {
    Bytes bytes;
    uint64_t random;
} Shape;

static Shape shape;

static void change(Fuzz *f, Bytes input) {
    Module *m = fuzz_module(f);
    if (!module_decode(m, input.data, input.size, &f->err)) return;
    for (uint32_t n = 1 + (uint32_t)(shape.random >> 60) % 4; n > 0; n--)
        (void)module_mutate(m, &shape.random);
    Bytes out = fuzz_encode(f, m);
    if (out.size > shape.bytes.size) return;
    memcpy((uint8_t *)(uintptr_t)shape.bytes.data, out.data, out.size);
    shape.bytes.size = out.size;
    shape.random = 0;
}

// Bytes that are no module, and one input in eight, are changed as bytes.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
    static uint8_t out[1 << 16];
    if (seed % 8 == 0) return LLVMFuzzerMutate(data, size, max);
    shape.bytes = (Bytes){.data = out, .size = sizeof out};
    shape.random = (uint64_t)seed << 32 | 1;
    fuzz_run(data, size, change);
    if (shape.random || shape.bytes.size > max)
        return LLVMFuzzerMutate(data, size, max);
    memcpy(data, out, shape.bytes.size);
    return shape.bytes.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, fuzz_valid);
}
