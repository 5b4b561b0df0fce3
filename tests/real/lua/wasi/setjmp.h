// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The <setjmp.h> that Debian's libc for WASI lacks. The compiler lowers calls
// of these two to exceptions (`-mllvm -wasm-enable-sjlj`); sjlj.c has the rest.

#pragma once

typedef struct {
    unsigned words[8];
} jmp_buf[1];

int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);
