// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The trap that a store is unwinding with: code, message, the frames at the
// place. Recorded once where it happens; later frames hand the status on.
#pragma once

#include "rt/engine.h"
#include "wasm/trap.h"

// One frame of a backtrace, innermost first.
typedef struct TraceFrame {
    RtModule *module;   // counted
    Instance *instance; // valid while the store is
    uint32_t func;      // function index
    uint64_t at;        // offset of the instruction in the module
} TraceFrame;

enum {
    TRACE_MAX = 128
}; // frames kept; the count goes on

typedef struct TrapInfo {
    // TRAP_none: nothing pending, but maybe an exception on its way. `frames`
    // are then those that it has left so far.
    Trap code;
    int32_t exit_status;                  // TRAP_exit
    char text[256];                       // the message, terminated
    void *host_error;                     // TRAP_host: the embedder's, with ...
    void (*host_error_free)(void *error); // ... its destructor
    List(TraceFrame) frames;
    uint64_t frame_len; // how many there were
    bool has_all;       // nothing is to be added to the frames
} TrapInfo;

// Records a trap with its row's text, walks the frames of the store, and
// returns STATUS_trap. A trap that is already pending stays.
Status store_trap(Store *store, Trap code);
// The same with a message of one's own.
Status store_trap_text(Store *store, Trap code, const char *format, ...)
    PRINTF(3, 4);
// proc_exit and its like.
Status store_exit(Store *store, int32_t status);
// Appends index and the like: "uninitialized element 2".
Status store_trap_index(Store *store, Trap code, uint64_t index);

// An exception goes through an activation without a handler for it: notes the
// activation's frames, which are about to go. Whoever catches it has forgotten
// them; most are caught where they were thrown and pay nothing.
void store_exception_leaves(Store *store);
static inline void trap_exception_caught(TrapInfo *t);
// Nobody caught it: a trap that says so, whose frames are those that it left
// and those that are still there.
Status store_trap_uncaught(Store *store);

// Forgets the pending trap and releases what it holds.
void trap_clear(TrapInfo *t);
// Moves it out of the store.
void store_take_trap(Store *store, TrapInfo *out);
// Moves the frames to one that has none.
void trap_give_frames(TrapInfo *to, TrapInfo *from);

static inline void trap_exception_caught(TrapInfo *t) {
    if (t->frame_len) trap_clear(t);
}

// Prints "wasm trap: text" and the backtrace below, a line a frame, with names
// and offsets, and places in the source if EngineConfig.trace_lines is on.
void trap_print(const TrapInfo *t, TextBuf *out);
void trap_print_frames(const TrapInfo *t, TextBuf *out); // the backtrace
