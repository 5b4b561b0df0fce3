// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Frames of interpreted functions, and activations: the one description that
// backtraces, exceptions, collectors and later tiers read.
//
// A frame on the value stack, growing up, in slots of 8 bytes, or of 16 when
// the function has FUNC_has_v128:
//
//      locals                    header          operands
//   +--------+--------+-------+-------------+-------+-------+----
//   | param0 | param1 | local | FrameHeader | op 0  | op 1  | ...
//   +--------+--------+-------+-------------+-------+-------+----
//   ^ frame's slot 0                        ^ slot local_len
//
// When caller and callee have slots of one size, the parameters are the
// caller's operands where they lie; otherwise the call re-spaces them. Results
// are left where the parameters began.
#pragma once

#include "vmabi/context.h"

typedef struct Instance Instance;

typedef struct FrameHeader {
    struct FrameHeader *caller; // NULL: the activation's first frame
    // Set before control leaves the loop, or goes to a callee: the instruction
    // that is being executed (its opcode), and the cursors to go on with.
    const uint8_t *pc;
    const uint8_t *next; // calls: the instruction after `pc`
    const void *ctl;     // const CtlEntry *, valid/side.h
    Slot *locals;        // slot 0
    Instance *instance;
    const struct FuncInfo *info; // valid/side.h
    const uint8_t *end;          // the function's final `end`
    uint32_t func;               // index of the function in its module
    // The caller is a frame of the same instance and the same slot size.
    uint32_t is_near;
    // First free operand slot. A loop that keeps the top of the stack in a
    // register may write to the word below the operands, which is this one,
    // while the frame runs.
    Slot *sp;
} FrameHeader;
static_assert(sizeof(FrameHeader) % 16 == 0, "keeps operands aligned to 16");
static_assert(offsetof(FrameHeader, sp) + sizeof(Slot *) == sizeof(FrameHeader),
              "the word below the operands");

// Which operands a frame has while it is stopped at `pc`: at a call (of wasm:
// it is not the activation's top, or that one `is_calling`; of the host: the
// activation has a `host`)
// those below the arguments, which belong to the callee; at anything else that
// leaves the loop (an allocation, a poll, growing) all that the instruction
// finds.

// One entry from the host into wasm. Lies on the C stack of the entry (or in
// the fiber), linked from the store's context; nothing but the store needs to
// be told when it is abandoned. Entries into compiled code push theirs, at a
// fixed distance from their frame pointer (MACHINE_ACTIVATION, vmabi/machine.h).
struct Activation {
    Activation *outer;
    // Innermost frame; NULL while none was made. Compiled: a number, see
    // below.
    FrameHeader *top;
    // Host function that this activation is running, or NULL; its caller is
    // `top`.
    const Func *host;
    union {
        ValueStack *stack; // interpreted
        // Compiled: the store's exit_frame before this entry, which is where the
        // walk of the next activation outwards starts. If it is still the
        // store's, then this one was not left yet.
        void *outer_exit;
    };
    // Its top frame is at a call of a function of another tier, whose activation
    // is the next one inwards. Compiled ones end before it: `top` says so.
    bool is_calling;
};

// No frames' addresses.
enum {
    ACTIVATION_COMPILED = 1, // its frames are those of vmabi/machine.h
    ACTIVATION_COMPILED_CALLING = ACTIVATION_COMPILED | 2,
    ACTIVATION_COMPILED_SIZE = 32,
};

static inline bool activation_is_compiled(const Activation *a) {
    return (uintptr_t)a->top & ACTIVATION_COMPILED;
}
static inline bool activation_is_calling(const Activation *a) {
    return activation_is_compiled(a)
               ? (uintptr_t)a->top == ACTIVATION_COMPILED_CALLING
               : a->is_calling;
}
// Of a compiled one.
static inline void activation_set_top(Activation *a, uintptr_t top) {
    a->top = (FrameHeader *)top; // NOLINT: no address
}

// A value stack: reserved at its limit, never moved.
struct ValueStack {
    char *base, *end;
    char *top; // first byte free for a new activation
};
