// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/adapter.h"

void adapter_write(CodeBuf *b, const AdapterShape *shape, uintptr_t unwind,
                   AdapterCode *out) {
    (void)b, (void)shape, (void)unwind, (void)out;
    UNREACHABLE();
}
