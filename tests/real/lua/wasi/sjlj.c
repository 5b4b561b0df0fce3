// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What clang expects of a libc when it lowers setjmp and longjmp to exceptions.
//
// Each activation of a function that calls setjmp has an id of its own (an
// address in its frame), and each setjmp in it a label, counted from 1. setjmp
// records both in the buffer. longjmp throws the tag `__c_longjmp` with the
// address of {buffer, value}. Every function that calls setjmp catches that tag
// and asks whether the buffer is one of its own: a label says where to
// continue, 0 says that the jump goes to an outer frame.

#include <stdint.h>

typedef struct {
    void *env;
    int value;
} Jump;

typedef struct {
    void *activation;
    uint32_t label;
    Jump jump; // what the exception carries: valid until it is caught
} Env;

_Static_assert(sizeof(Env) <= 8 * sizeof(unsigned), "fits setjmp.h's jmp_buf");

__asm__(".globl __c_longjmp\n"
        ".tagtype __c_longjmp i32\n"
        "__c_longjmp:\n");

enum {
    TAG_C_LONGJMP = 1
}; // the number by which the compiler knows the tag

void __wasm_setjmp(Env *env, uint32_t label, void *activation);
uint32_t __wasm_setjmp_test(const Env *env, const void *activation);
_Noreturn void __wasm_longjmp(Env *env, int value);

void __wasm_setjmp(Env *env, uint32_t label, void *activation) {
    env->activation = activation;
    env->label = label;
}

uint32_t __wasm_setjmp_test(const Env *env, const void *activation) {
    return env->activation == activation ? env->label : 0;
}

void __wasm_longjmp(Env *env, int value) {
    env->jump = (Jump){.env = env, .value = value == 0 ? 1 : value};
    __builtin_wasm_throw(TAG_C_LONGJMP, &env->jump);
}
