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
} FrameCursor;

// The running stack: of the store's current activation and all around it.
void frames_begin(FrameCursor *c, const Store *s);
// Another chain of activations: a suspended one, and its exit_frame.
void frames_begin_at(FrameCursor *c, const Store *s, const Activation *a,
                     const void *exit_frame);
// False: there are no more.
NODISCARD bool frames_next(FrameCursor *c, Frame *out);
