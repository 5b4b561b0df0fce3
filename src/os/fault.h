// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Faults of the processor, offered to the runtime before anybody else.
//
// A fault is ours only if the claim function says so; it is then expected to
// have set `pc` to where execution continues. Everything else goes to the
// handler that was there before, as if we were not there. C code of ours never
// relies on faults.
//
// Handlers are installed by the first user and go with the last one. If
// somebody has installed theirs on top meanwhile, ours stay and pass
// everything on, and the library makes sure that it is never unloaded.
#pragma once

#include "base/defs.h"

typedef enum FaultKind {
    FAULT_access,     // memory that may not be touched that way
    FAULT_arithmetic, // integer division
    FAULT_illegal,    // not an instruction
} FaultKind;

typedef struct Fault {
    FaultKind kind;
    uintptr_t address; // that was accessed; or of the instruction
    uintptr_t pc;      // may be changed
    uintptr_t sp, fp;
} Fault;

// Runs in the fault handler, on whichever thread and stack: may only look at
// memory that needs no lock.
typedef bool (*FaultClaim)(Fault *fault);

// There is one claim function per process; every install names the same.
// Counted: each install that returned true needs a release.
NODISCARD bool fault_install(FaultClaim claim);
void fault_release(void);

// For embedders with a handler of their own: true if the fault was ours and
// `context` now continues there. `info` and `context` are what the host gives
// its handlers (siginfo_t, ucontext_t).
bool fault_offer(int signal, void *info, void *context);

// Around a fork: no other thread is inside install or release meanwhile.
void fault_fork_lock(void);
void fault_fork_unlock(void);
