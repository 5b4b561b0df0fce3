// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What all stores of an engine share: configuration, types, the epoch, and the
// way into the tiers. Made by engine/, which alone knows the tiers.
//
// Shared between threads, reference counted; constant after creation but for
// the fields that say otherwise.
#pragma once

#include "os/wait.h"
#include "rt/registry.h"
#include "vmabi/frame.h"
#include "vmabi/status.h"

#include <stdatomic.h>

typedef struct Store Store;
typedef struct RtModule RtModule;
typedef struct GcHeap GcHeap;

// What the runtime needs of the tiers. One constant table per configuration.
typedef struct TierOps {
    const char *name; // "interp"
    // Calls a wasm function of the store. `values` holds the arguments and has
    // room for the results, which replace them. Called through func_call only.
    Status (*call)(Store *store, Func *func, Raw *values);
    // Tells the collector every reference in the frames of the store.
    bool (*roots)(Store *store, GcHeap *heap,
                  void (*visit)(GcHeap *heap, GcRef *ref));
} TierOps;

typedef struct EngineConfig {
    FeatureSet features;
    LimitSet limits;
    bool use_fuel;          // count instructions
    bool use_epoch;         // check the deadline (off: it is never reached)
    bool is_deterministic;  // NaNs are canonical, relaxed SIMD is fixed
    bool gc_collect_always; // tests
    bool use_guards;        // memories may rely on guard regions
    uint64_t memory_reservation; // bytes to reserve for a 32-bit memory at
                                 // most; 0 = just what it needs, moving
    uint64_t memory_guard;       // bytes of guard behind it
} EngineConfig;

typedef struct Engine {
    _Atomic uint32_t refs;
    EngineConfig config;
    const TierOps *tier;
    Registry *registry;
    _Atomic uint64_t epoch; // raised by any thread or signal handler
    Wake wake;              // raised with it: ends every wait of the runtime
} Engine;

// A process-unique, never reused id: for stores, modules and whatever handles
// name. Thread-safe.
uint64_t unique_id(void);

void engine_config_init(EngineConfig *config); // the defaults
NODISCARD Engine *engine_create(const EngineConfig *config,
                                const TierOps *tier); // NULL: out of memory
void engine_ref(Engine *e);
void engine_unref(Engine *e);
// Adds 1 to the epoch and wakes those who wait. Signal-safe.
void engine_raise_epoch(Engine *e);
