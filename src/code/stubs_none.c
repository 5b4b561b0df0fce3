// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/stubs.h"

const bool code_is_supported = false;

void code_stubs_write(CodeBuf *b, CodeStubs *out) {
    (void)b, (void)out;
    UNREACHABLE();
}

void code_thunk_write(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                      const CodeStubs *stubs) {
    (void)out, (void)at, (void)stubs;
    UNREACHABLE();
}

void code_thunk_write_jump(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                           uint32_t to) {
    (void)out, (void)at, (void)to;
    UNREACHABLE();
}
