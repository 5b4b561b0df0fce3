// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Validation of a module by as many threads as its engine's configuration has
// for loading.
#pragma once

#include "rt/rt_module.h"
#include "valid/valid.h"

// As valid_all, with the same tables and, of several errors, the same one: the
// first function's that has any. The module's arena must have a guard.
NODISCARD bool validate_module(RtModule *m, SideTables *side, Err *err);
