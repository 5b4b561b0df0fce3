// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What engines can do besides wasm.h.
// Engines are for all threads at once.
#ifndef WASMTIME_ENGINE_H
#define WASMTIME_ENGINE_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

// Another owned handle to the same engine. Any thread. NULL: no memory.
WASM_API_EXTERN wasm_engine_t *wasmtime_engine_clone(
    const wasm_engine_t *engine);

// Adds one to the epoch, which stores compare with their deadlines, and wakes
// those that wait. Any thread, and signal handlers.
WASM_API_EXTERN void wasmtime_engine_increment_epoch(
    const wasm_engine_t *engine);

// False: no engine here runs that bytecode.
WASM_API_EXTERN bool wasmtime_engine_is_pulley(const wasm_engine_t *engine);

#ifdef __cplusplus
}
#endif

#endif
