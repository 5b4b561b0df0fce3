// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot objdump --code`: machine code beside offsets in the module.
#pragma once

#include "base/str.h"
#include "rt/rt_module.h"

// To `out`, whose arena has a guard. False with *err.
NODISCARD bool dump_code(TextBuf *out, RtModule *m, Err *err);
