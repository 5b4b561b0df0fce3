// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Configuration of engines, besides wasm.h.
//
// A setter that returns nothing cannot refuse. What it cannot do is remembered
// in the configuration, the first such thing only, and making an engine of it
// then gives NULL; foliot_engine_new (foliot.h) says why. Values that mean
// nothing on this host or for the tiers that this build has are listed in
// docs/c-api.md.
//
// A configuration belongs to one thread at a time. NULL for one is ignored.
#ifndef WASMTIME_CONFIG_H
#define WASMTIME_CONFIG_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- what stops a guest ------------------------------------------------------

// Count instructions: stores begin with no fuel and trap when it is used up.
// Off by default.
WASM_API_EXTERN void wasmtime_config_consume_fuel_set(wasm_config_t *, bool);

// Compare the engine's epoch with the store's deadline at loops and calls. A
// new store's deadline is the epoch it is made in, so it traps at once until
// one is set. Off by default: deadlines are then never reached.
WASM_API_EXTERN void wasmtime_config_epoch_interruption_set(wasm_config_t *,
                                                            bool);

// Bytes of stack for the frames of one store's guests; not zero. 1 MiB.
WASM_API_EXTERN void wasmtime_config_max_wasm_stack_set(wasm_config_t *,
                                                        size_t);

// --- the language ------------------------------------------------------------
//
// Every finished proposal is on by default, and of the others those that say
// so. Turning one on turns on what it is built on, turning it off turns off
// what is built on it.

#ifdef WASMTIME_FEATURE_THREADS
// Atomic instructions and shared memories. On.
WASM_API_EXTERN void wasmtime_config_wasm_threads_set(wasm_config_t *, bool);
#endif

// May shared memories be made, by guests or by the host? On.
WASM_API_EXTERN void wasmtime_config_shared_memory_set(wasm_config_t *, bool);

WASM_API_EXTERN void wasmtime_config_wasm_tail_call_set(wasm_config_t *, bool);

#ifdef WASMTIME_FEATURE_GC
WASM_API_EXTERN void wasmtime_config_wasm_reference_types_set(wasm_config_t *,
                                                              bool);
// Typed references to functions.
WASM_API_EXTERN void wasmtime_config_wasm_function_references_set(
    wasm_config_t *, bool);
// Structures, arrays and i31.
WASM_API_EXTERN void wasmtime_config_wasm_gc_set(wasm_config_t *, bool);
#endif

// Off: no guest has collected objects, whatever the setters of the proposals
// that make them (gc, exceptions) say. On by default.
WASM_API_EXTERN void wasmtime_config_gc_support_set(wasm_config_t *, bool);

WASM_API_EXTERN void wasmtime_config_wasm_simd_set(wasm_config_t *, bool);
WASM_API_EXTERN void wasmtime_config_wasm_relaxed_simd_set(wasm_config_t *,
                                                           bool);
// The same results of relaxed vector instructions on every host. Off; a
// deterministic engine also has canonical NaNs.
WASM_API_EXTERN void wasmtime_config_wasm_relaxed_simd_deterministic_set(
    wasm_config_t *, bool);
WASM_API_EXTERN void wasmtime_config_wasm_bulk_memory_set(wasm_config_t *,
                                                          bool);
WASM_API_EXTERN void wasmtime_config_wasm_multi_value_set(wasm_config_t *,
                                                          bool);
WASM_API_EXTERN void wasmtime_config_wasm_multi_memory_set(wasm_config_t *,
                                                           bool);
WASM_API_EXTERN void wasmtime_config_wasm_memory64_set(wasm_config_t *, bool);
// Off by default.
WASM_API_EXTERN void wasmtime_config_wasm_wide_arithmetic_set(wasm_config_t *,
                                                              bool);
// Hints are in a custom section that is read by nobody: both are the same.
WASM_API_EXTERN void wasmtime_config_wasm_branch_hinting_set(wasm_config_t *,
                                                             bool);
#ifdef WASMTIME_FEATURE_GC
WASM_API_EXTERN void wasmtime_config_wasm_exceptions_set(wasm_config_t *, bool);
#endif
// Memories with pages of one byte. Off by default.
WASM_API_EXTERN void wasmtime_config_wasm_custom_page_sizes_set(wasm_config_t *,
                                                                bool);
// Not here yet: turning it on is remembered as a failure.
WASM_API_EXTERN void wasmtime_config_wasm_compact_imports_set(wasm_config_t *,
                                                              bool);

// --- compilers ---------------------------------------------------------------

// Which compiler, of those that are there; a missing one is replaced by the
// next slower tier.
typedef uint8_t wasmtime_strategy_t;
enum wasmtime_strategy_enum {
    WASMTIME_STRATEGY_AUTO,      // the best tier of this build; the default
    WASMTIME_STRATEGY_CRANELIFT, // the optimizing compiler
    WASMTIME_STRATEGY_WINCH,     // the one-pass compiler
};

typedef uint8_t wasmtime_opt_level_t;
enum wasmtime_opt_level_enum {
    WASMTIME_OPT_LEVEL_NONE,
    WASMTIME_OPT_LEVEL_SPEED, // the default
    WASMTIME_OPT_LEVEL_SPEED_AND_SIZE,
};

// What is told about machine code to profilers of the host.
typedef uint8_t wasmtime_profiling_strategy_t;
enum wasmtime_profiling_strategy_enum {
    WASMTIME_PROFILING_STRATEGY_NONE,    // the default
    WASMTIME_PROFILING_STRATEGY_JITDUMP, // jit-PID.dump, for perf inject
    WASMTIME_PROFILING_STRATEGY_VTUNE,   // not here: a failure
    WASMTIME_PROFILING_STRATEGY_PERFMAP, // a file that perf reads
};

typedef uint8_t wasmtime_regalloc_algorithm_t;
enum wasmtime_regalloc_algorithm_enum {
    WASMTIME_REGALLOC_BACKTRACKING, // the best code; the default
    WASMTIME_REGALLOC_SINGLE_PASS,  // the least time
};

#ifdef WASMTIME_FEATURE_COMPILER
// Not here: turning it on is remembered as a failure.
WASM_API_EXTERN void wasmtime_config_wasm_stack_switching_set(wasm_config_t *,
                                                              bool);
WASM_API_EXTERN void wasmtime_config_strategy_set(wasm_config_t *,
                                                  wasmtime_strategy_t);
#endif

#ifdef WASMTIME_FEATURE_PARALLEL_COMPILATION
// On: compilers may start a thread for each processor. Off by default: they
// work on the thread that loads a module, or on the embedder's executor.
WASM_API_EXTERN void wasmtime_config_parallel_compilation_set(wasm_config_t *,
                                                              bool);
#endif

#ifdef WASMTIME_FEATURE_COMPILER
// Compilers check their own work. Off.
WASM_API_EXTERN void wasmtime_config_cranelift_debug_verifier_set(
    wasm_config_t *, bool);
// Every NaN that an instruction computes is the canonical one, in all tiers.
// Off; a deterministic engine also has deterministic relaxed vectors.
WASM_API_EXTERN void wasmtime_config_cranelift_nan_canonicalization_set(
    wasm_config_t *, bool);
WASM_API_EXTERN void wasmtime_config_cranelift_opt_level_set(
    wasm_config_t *, wasmtime_opt_level_t);
WASM_API_EXTERN void wasmtime_config_cranelift_regalloc_algorithm_set(
    wasm_config_t *, wasmtime_regalloc_algorithm_t);
// Flags of a code generator, by name. None is known here, so each is remembered
// as a failure.
WASM_API_EXTERN void wasmtime_config_cranelift_flag_enable(wasm_config_t *,
                                                           const char *flag);
WASM_API_EXTERN void wasmtime_config_cranelift_flag_set(wasm_config_t *,
                                                        const char *key,
                                                        const char *value);
#endif

// Describe machine code to native debuggers. Off.
WASM_API_EXTERN void wasmtime_config_debug_info_set(wasm_config_t *, bool);
WASM_API_EXTERN void wasmtime_config_profiler_set(
    wasm_config_t *, wasmtime_profiling_strategy_t);
// Register machine code with the host's unwinder. On. Our own backtraces need
// none.
WASM_API_EXTERN void wasmtime_config_native_unwind_info_set(wasm_config_t *,
                                                            bool);

#ifdef WASMTIME_FEATURE_CACHE
// Keep compiled modules in a directory, and take them from there; they are
// trusted as programs are. The file says where, in TOML: `enabled`, `directory`
// (absolute) and `files-total-size-soft-limit` of the section [cache]; NULL, or
// without a directory: foliot in $XDG_CACHE_HOME or $HOME/.cache. The engine
// reads and writes there and nowhere else. An error is the caller's.
WASM_API_EXTERN wasmtime_error_t *wasmtime_config_cache_config_load(
    wasm_config_t *, const char *path);
#endif

// The machine to run on, as in x86_64-unknown-linux-gnu. An error, which the
// caller owns, unless it is the host.
WASM_API_EXTERN wasmtime_error_t *wasmtime_config_target_set(
    wasm_config_t *, const char *triple);

// Which of two mechanisms another system uses for faults. Nothing to choose
// here.
WASM_API_EXTERN void wasmtime_config_macos_use_mach_ports_set(wasm_config_t *,
                                                              bool);

// May handlers for faults be installed? On. Off: every bounds check is
// explicit.
WASM_API_EXTERN void wasmtime_config_signals_based_traps_set(wasm_config_t *,
                                                             bool);

// --- memories ----------------------------------------------------------------

// May a memory move when it grows? On. Off: past its reservation it does not
// grow.
WASM_API_EXTERN void wasmtime_config_memory_may_move_set(wasm_config_t *, bool);
// Bytes of address space for a memory, at most. 4 GiB.
WASM_API_EXTERN void wasmtime_config_memory_reservation_set(wasm_config_t *,
                                                            uint64_t);
// Bytes of inaccessible addresses behind it, which let machine code leave out
// bounds checks. 0.
WASM_API_EXTERN void wasmtime_config_memory_guard_size_set(wasm_config_t *,
                                                           uint64_t);
// Bytes to reserve beyond its size when a memory moves. 0, the default: twice
// what there was.
WASM_API_EXTERN void wasmtime_config_memory_reservation_for_growth_set(
    wasm_config_t *, uint64_t);
// May data segments be mapped copy-on-write rather than copied? On.
WASM_API_EXTERN void wasmtime_config_memory_init_cow_set(wasm_config_t *, bool);

// The memory's address, the bytes that it has now, and those that it can have
// without moving.
typedef uint8_t *(*wasmtime_memory_get_callback_t)(void *env, size_t *byte_size,
                                                   size_t *byte_capacity);

// Makes it so many bytes; it may move. New bytes are zero. An error is given
// to us, and the guest sees that growing failed.
typedef wasmtime_error_t *(*wasmtime_memory_grow_callback_t)(void *env,
                                                             size_t new_size);

// A memory of the embedder's; `finalizer` may be NULL and is called with `env`
// when the memory goes.
typedef struct wasmtime_linear_memory {
    void *env;
    wasmtime_memory_get_callback_t get_memory;
    wasmtime_memory_grow_callback_t grow_memory;
    void (*finalizer)(void *);
} wasmtime_linear_memory_t;

// Makes a memory of at least `minimum` bytes that are zero; we ask for at most
// `maximum` ever. `reserved_size_in_bytes` is the space that it should be able
// to grow into without moving, 0 when that does not matter. Called on any
// thread. `ty` is borrowed. On success *memory_ret is ours, on an error the
// error is.
typedef wasmtime_error_t *(*wasmtime_new_memory_callback_t)(
    void *env, const wasm_memorytype_t *ty, size_t minimum, size_t maximum,
    size_t reserved_size_in_bytes, size_t guard_size_in_bytes,
    wasmtime_linear_memory_t *memory_ret);

typedef struct wasmtime_memory_creator {
    void *env;
    wasmtime_new_memory_callback_t new_memory;
    void (*finalizer)(void *); // of `env`, when the engine goes; may be NULL
} wasmtime_memory_creator_t;

// All memories of the engine's stores but shared ones are made by it. The
// structure is copied, and `env` is ours from now on.
WASM_API_EXTERN void wasmtime_config_host_memory_creator_set(
    wasm_config_t *, wasmtime_memory_creator_t *);

// --- a bound on everything at once -------------------------------------------

#ifdef WASMTIME_FEATURE_POOLING_ALLOCATOR

// How many things all stores of an engine have at one time, and how large they
// get. Nothing is set aside in advance: past a number, making one more fails.
typedef struct wasmtime_pooling_allocation_config_t
    wasmtime_pooling_allocation_config_t;

// Owned. NULL: no memory.
WASM_API_EXTERN wasmtime_pooling_allocation_config_t *
wasmtime_pooling_allocation_config_new(void);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_delete(
    wasmtime_pooling_allocation_config_t *);

// Numbers in the engine, 1000 each.
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_total_core_instances_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_memories_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_tables_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_gc_heaps_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
#ifdef WASMTIME_FEATURE_ASYNC
// Stacks of suspendable calls.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_stacks_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
#endif

// Of one module: 1 memory of at most 4 GiB, 1 table of at most 20000 elements.
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_memories_per_module_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_memory_size_set(
    wasmtime_pooling_allocation_config_t *, size_t bytes);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_tables_per_module_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_table_elements_set(
    wasmtime_pooling_allocation_config_t *, size_t);

// Without meaning here, where nothing is kept for the next user: how much stays
// resident, in which portions it is given back, the size of an instance.
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_unused_warm_slots_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_decommit_batch_size_set(
    wasmtime_pooling_allocation_config_t *, size_t);
#ifdef WASMTIME_FEATURE_ASYNC
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_async_stack_keep_resident_set(
    wasmtime_pooling_allocation_config_t *, size_t bytes);
#endif
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(
    wasmtime_pooling_allocation_config_t *, size_t bytes);
WASM_API_EXTERN void wasmtime_pooling_allocation_config_table_keep_resident_set(
    wasmtime_pooling_allocation_config_t *, size_t bytes);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_core_instance_size_set(
    wasmtime_pooling_allocation_config_t *, size_t bytes);

// About components, of which there are none.
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_total_component_instances_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_component_instance_size_set(
    wasmtime_pooling_allocation_config_t *, size_t);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_core_instances_per_component_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_memories_per_component_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);
WASM_API_EXTERN void
wasmtime_pooling_allocation_config_max_tables_per_component_set(
    wasmtime_pooling_allocation_config_t *, uint32_t);

// Takes over what the pool configuration says now; it stays the caller's.
WASM_API_EXTERN void wasmtime_pooling_allocation_strategy_set(
    wasm_config_t *, const wasmtime_pooling_allocation_config_t *);

#endif // WASMTIME_FEATURE_POOLING_ALLOCATOR

#ifdef __cplusplus
}
#endif

#endif
