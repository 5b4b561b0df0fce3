// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interpreter: runs the original bytes, or a copy that keeps their layout
// (interp/fuse.h), with the side tables of validation for where branches go
// (valid/side.h).
//
// It is complete: every feature that a compiler has, it has. It generates no
// code, relies on no fault handler, and uses no C stack for calls among
// interpreted functions.
#pragma once

#include "rt/engine.h"

// The interpreter as a tier, for engine_create.
extern const TierOps interp_tier;

// An interpreted call that goes on as machine code: its last frame is gone.
typedef struct InterpLeave {
    CodeCallee callee; // code 0: it does not, it has returned
    // On the value stack, above what is in use: arguments, or the locals and
    // operands of a loop.
    const Raw *values;
    const Slot *slots;
    char *end;
} InterpLeave;

// Runs a function, by its index in its module, as TierOps.call does. For an
// engine that has compiled code as well (`leave` not NULL), which is asked at
// every call and every turn of a loop whether to go on there.
NODISCARD Status interp_run(Instance *inst, uint32_t func, Raw *values,
                            InterpLeave *leave);

// "switch", "goto" or "tail": how this build dispatches.
extern const char *const interp_dispatch;
