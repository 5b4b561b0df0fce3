// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code that every region of machine code starts with: the ways in and out that
// vmabi/machine.h speaks of. Position-independent, the same in every region.
//
// stubs_<arch>.c writes it; stubs_none.c stands for hosts that no compiler
// knows.
#pragma once

#include "asm/buf.h"
#include "vmabi/frame.h"
#include "vmabi/helper.h"
#include "vmabi/machine.h"
#include "wasm/trap.h"

// Offsets from the start of the block.
typedef struct CodeStubs {
    uint32_t helper[HELPER_COUNT];
    uint32_t trap[TRAP_count];
    uint32_t fault;     // where the handler of faults goes on
    uint32_t enter;     // a CodeEnter *
    uint32_t wasm_func; // the `entry` of references to wasm functions
    uint32_t host_func; // the `entry` of references to host functions
    uint32_t compile;   // what thunks call
    uint32_t unwind;    // status in eax, r15: a context of the store
    uint32_t size;
} CodeStubs;

// Calls m->code with what *m holds, and puts the results there. STATUS_ok, or
// how the call was unwound.
typedef Status CodeEnter(MachineCall *m);

enum {
    CODE_THUNK_SIZE = 8
};

// Can this host run machine code of ours?
extern const bool code_is_supported;

// Writes the block into an empty buffer.
void code_stubs_write(CodeBuf *b, CodeStubs *out);

// The thunk of a function that has no code yet: it has the function compiled
// and goes on there. `at` is the thunk's offset from the block, `first` that of
// function 0's thunk, which is aligned to 8.
void code_thunk_write(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                      const CodeStubs *stubs);
// The thunk of a function whose code is at offset `to`: it goes there.
void code_thunk_write_jump(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                           uint32_t to);
