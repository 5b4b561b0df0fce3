// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Trap codes: values until an unwinder sees them.
#pragma once

#include "base/defs.h"

typedef enum Trap {
    TRAP_none,
#define TRAP(name, text) TRAP_##name,
#include "wasm/trap.def"
    TRAP_count
} Trap;

// The row's text; "" for TRAP_none.
const char *trap_text(Trap t);
