// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The wasm frames of a store, of all tiers, innermost first: what backtraces
// and the collector read.
//
// The walk is total: it ends where a chain makes no sense, and activations
// without frames are normal.
#pragma once

#include "rt/instance.h"

typedef struct Frame {
    Instance *instance;
    uint32_t func;     // function index
    const uint8_t *pc; // opcode of its instruction, in the module's bytes
    // At a call of wasm or of the host, whose operands belong to the callee.
    bool is_at_call;
    const FrameHeader *header; // interpreted; NULL: compiled, with ...
    char *fp;                  // ... its frame pointer (vmabi/machine.h)
    bool is_wide;
} Frame;

typedef struct FrameCursor {
    const Store *store;
    const Activation *activation;
    const FrameHeader *header; // next interpreted frame
    const uintptr_t *exit;     // of the next compiled activation
    uintptr_t pc;              // next compiled frame: where it is, and its ...
    char *fp;                  // ... frame pointer; NULL: none
    bool is_top;               // no frame of the activation was seen yet
    // The stack of calls to go on with (rt/computation.h), and whether all of
    // the store are walked.
    const Computation *computation;
    bool has_all;
} FrameCursor;

// The running stack of calls, and those that it was resumed from.
void frames_begin(FrameCursor *c, const Store *s);
// All stacks of calls of the store, suspended ones too.
void frames_begin_all(FrameCursor *c, const Store *s);
// False: there are no more.
NODISCARD bool frames_next(FrameCursor *c, Frame *out);
