// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A guest to test processes with: an engine, a module with a memory, and calls
// of it that end well, in a trap of the host, and in traps that compiled code
// may leave to a fault.
#pragma once

#include <stdbool.h>

// A strategy is a wasmtime_strategy_t, which tier runs the guest, and maybe:
enum {
    GUEST_PARALLEL = 16, // other threads compile
    GUEST_SHALLOW = 32,  // it has 64 KiB of the stack
    GUEST_SOON = 64,     // with AUTO: compiled after two calls
    GUEST_TOLD = 128,    // debuggers and perf are told of its code
};

typedef struct Guest Guest;

struct wasm_config_t;
// What a strategy means; NULL: no memory.
struct wasm_config_t *guest_config(int strategy);

// NULL: no such tier here, or no memory.
Guest *guest_open(int strategy);
// Calls all exports; false when one of them did not do what it should.
bool guest_use(Guest *guest);
void guest_close(Guest *guest);

// All of it. 0: fine, 1: wrong, 2: there is no such tier.
int guest_run(int strategy);
