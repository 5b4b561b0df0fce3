// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasm/trap.h"

const char *trap_text(Trap t) {
    static const char *const text[TRAP_count] = {
        [TRAP_none] = "",
#define TRAP(name, words) [TRAP_##name] = words,
#include "wasm/trap.def"
    };
    assert(t < TRAP_count);
    return text[t];
}
