// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code to be looked at: compiled as it would be to run, but placed
// nowhere, with a mark for each instruction.
#pragma once

#include "rt/rt_module.h"
#include "vmabi/code.h"

// Compiles a function that is defined in the module (by index among those),
// with CodeFunc.marks. Offsets of marks and sites in the module count from
// *wasm_at. All lies in the arena, which must have a guard. False: the engine
// makes no machine code.
NODISCARD bool specimen_compile(const RtModule *m, uint32_t defined,
                                Arena *arena, CodeFunc *out, uint64_t *wasm_at);
