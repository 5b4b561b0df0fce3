// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adapters: for one signature, code that carries values between the array in
// which C has them and the registers of the machine convention, both ways
// (MachineAdapter). The stubs can do that for any signature, but read its types
// each time; an adapter is a few moves.
//
// An engine has one set of them, which types of equal shape share and which
// only grows. A page is written once, so the first adapter of a page is made
// together with others that its user is likely to need.
#pragma once

#include "asm/buf.h"
#include "vmabi/machine.h"

enum {
    ADAPTER_VALUES = 8, // at most so many arguments, and results: all of them
                        // in registers, whatever their types
    ADAPTER_GROUP = 16, // at most so many are made together
};

// How a value travels.
typedef enum AdapterValue {
    ADAPTER_word32, // i32, a collected reference: zeros above it
    ADAPTER_word64, // i64, a function reference
    ADAPTER_f32,
    ADAPTER_f64,
    ADAPTER_v128,
} AdapterValue;

typedef struct AdapterShape {
    uint8_t param_len, result_len;
    bool has_ref; // among them are references
    uint8_t params[ADAPTER_VALUES], results[ADAPTER_VALUES]; // AdapterValues
} AdapterShape;

typedef struct CodeAdapters CodeAdapters;

// `unwind` is where a call goes on that did not end well (CodeStubs). NULL: no
// memory.
NODISCARD CodeAdapters *code_adapters_new(uintptr_t unwind);
void code_adapters_free(CodeAdapters *a); // NULL is fine

// The adapter of shapes[0], which lives as long as the set; the others may be
// made with it. One without code when there is no room or no memory for it.
// Thread-safe.
const MachineAdapter *code_adapter(CodeAdapters *a, const AdapterShape *shapes,
                                   uint32_t len);

// Where their code is, so far; size 0: nowhere yet. What is there stays.
const uint8_t *code_adapters_text(CodeAdapters *a, uint32_t *size);

// Around a fork.
void code_adapters_lock(CodeAdapters *a);
void code_adapters_unlock(CodeAdapters *a);

// --- per machine (adapter_<arch>.c) ------------------------------------------

// Offsets in the buffer.
typedef struct AdapterCode {
    uint32_t call, enter, host;
} AdapterCode;

void adapter_write(CodeBuf *b, const AdapterShape *shape, uintptr_t unwind,
                   AdapterCode *out);
