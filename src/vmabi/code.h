// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One compiled function, as a compiler hands it to code/, which places it,
// and as frames of it are understood afterwards. Flat and free of addresses:
// the same arrays go into a file.
#pragma once

#include "base/vec.h"
#include "vmabi/machine.h"

// A field of 4 bytes in the code whose value is known when the function is
// placed: the distance from the end of the field to ...
typedef enum CodeRelocKind {
    RELOC_func,   // the code of function `index` (a direct call)
    RELOC_slot,   // the slot that holds the address of that code
    RELOC_helper, // the stub of helper `index` (HelperId)
    RELOC_trap,   // the stub of trap `index` (Trap)
} CodeRelocKind;

typedef struct CodeReloc {
    uint32_t at; // offset of the field; it holds the addend, normally 0
    uint32_t kind : 4;
    uint32_t index : 28;
} CodeReloc;

// Where code comes from: the return address of each call, and each access that
// may fault. Ascending.
typedef struct CodeSite {
    uint32_t code; // offset in the function's code
    // Offset of the instruction in the module's function code (as
    // FuncInfo.code_at counts), in the low 31 bits; the top bit: an access
    // that may fault.
    uint32_t wasm;
} CodeSite;
#define CODE_SITE_FAULT 0x80000000u

typedef struct CodeFunc {
    const uint8_t *code; // final but for the relocations
    uint32_t size;       // of the code, with its constants
    uint32_t align;      // what its start needs, a power of two up to 64
    uint32_t frame_size; // rbp - rsp between calls
    bool is_wide;        // slots of 16 bytes
    const CodeReloc *relocs;
    uint32_t reloc_len;
    const CodeSite *sites;
    uint32_t site_len;
    // Landing pads by index of the function's CatchEntry (valid/side.h):
    // offsets in the code. The unwinder has put the exception's values, and
    // then the reference if the clause wants it, in the slots of the operands
    // from the entry's height on; everything else is in its slot; context and
    // base are the function's.
    const uint32_t *pads;
    uint32_t pad_len;
    // Entries for frames that another tier began: by the offset of a `loop`
    // instruction, ascending. Called as the function is, with the context in its
    // register, but for the arguments: rax has the address of the values of all
    // locals and operands in their order, 8 or 16 bytes each. The entry makes
    // the frame, which needs `frame_size` bytes and does not look whether they
    // are there.
    const CodeSite *loops;
    uint32_t loop_len;
    // For listings, and only on request: where the code of each instruction
    // begins, ascending. What is rare comes last, as of no instruction.
    const CodeSite *marks;
    uint32_t mark_len;
    // For who checks the compiler, and only on request, else NULL: where it
    // took the values to be (vmabi/claim.h).
    const struct Claims *claims;
} CodeFunc;
#define CODE_MARK_LATE UINT32_MAX
