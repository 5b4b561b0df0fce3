// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memories that several stores share.
#ifndef WASMTIME_SHAREDMEMORY_H
#define WASMTIME_SHAREDMEMORY_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_sharedmemory wasmtime_sharedmemory_t;

#ifdef __cplusplus
}
#endif

#endif
