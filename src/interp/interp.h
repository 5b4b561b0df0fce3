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

// "switch", "goto" or "tail": how this build dispatches.
extern const char *const interp_dispatch;
