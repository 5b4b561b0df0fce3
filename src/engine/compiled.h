// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled code as a tier: functions are compiled by baseline/ when they are
// first called, or all at load, and run on the native stack.
#pragma once

#include "rt/engine.h"

// The tier, for engine_create; compiled_init must follow.
extern const TierOps compiled_tier;

// Can this build and this host run it?
bool compiled_is_supported(void);

// Around a fork: the locks of a module's code, and of what its engine's share.
// Nothing where the tier is another one.
void compiled_fork_lock_module(RtModule *m);
void compiled_fork_unlock_module(RtModule *m);
void compiled_fork_lock_engine(Engine *e);
void compiled_fork_unlock_engine(Engine *e);

// What the engine needs before any function is made. False: no memory.
NODISCARD bool compiled_init(Engine *e);
