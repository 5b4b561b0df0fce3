// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A profiler of guests that is sampled by the embedder. What it writes can be
// opened with the profiler of Firefox.
// For the store's thread.
#ifndef WASMTIME_PROFILING_H
#define WASMTIME_PROFILING_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

#ifdef WASMTIME_FEATURE_PROFILING

#ifdef __cplusplus
extern "C" {
#endif

// Of one guest; belongs to one thread at a time.
typedef struct wasmtime_guestprofiler wasmtime_guestprofiler_t;

WASM_API_EXTERN void wasmtime_guestprofiler_delete(
    wasmtime_guestprofiler_t *guestprofiler);

typedef struct wasmtime_guestprofiler_modules {
    const wasm_name_t *name; // as the profile shows it
    const wasmtime_module_t *mod;
} wasmtime_guestprofiler_modules_t;

// Frames of these modules are shown, others are left out. `interval_nanos` is
// what you intend; the profile says so. Names are copied, modules are kept.
// Time is counted from here. NULL: no memory.
WASM_API_EXTERN wasmtime_guestprofiler_t *wasmtime_guestprofiler_new(
    const wasm_engine_t *engine, const wasm_name_t *module_name,
    uint64_t interval_nanos, const wasmtime_guestprofiler_modules_t *modules,
    size_t modules_len);

// Adds the stack of the guest that is running in the store now: call it from a
// function of the host or the deadline's callback. `delta_nanos` is the
// processor time since the last sample, or 0. What there is no memory for is
// left out, and finishing then fails.
WASM_API_EXTERN void wasmtime_guestprofiler_sample(
    wasmtime_guestprofiler_t *guestprofiler, const wasmtime_store_t *store,
    uint64_t delta_nanos);

// Takes the profiler, also on failure. The caller owns *out, which is JSON, and
// untouched on failure.
WASM_API_EXTERN wasmtime_error_t *wasmtime_guestprofiler_finish(
    wasmtime_guestprofiler_t *guestprofiler, wasm_byte_vec_t *out);

#ifdef __cplusplus
}
#endif

#endif // WASMTIME_FEATURE_PROFILING

#endif
