// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decoder and validator: any bytes; what is valid survives the way through
// text, and is valid afterwards.
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_run(data, size, fuzz_valid);
}
