// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What all stores of an engine share: configuration, types, the epoch, and the
// way into the tiers. Made by engine/, which alone knows the tiers.
//
// Shared between threads, reference counted; constant after creation but for
// the fields that say otherwise.
#pragma once

#include "base/err.h"
#include "os/wait.h"
#include "rt/pool.h"
#include "rt/registry.h"
#include "vmabi/frame.h"
#include "vmabi/machine.h"
#include "vmabi/status.h"
#include "wasm/module.h"

#include <stdatomic.h>

typedef struct Engine Engine;
typedef struct Store Store;
typedef struct RtModule RtModule;
typedef struct GcHeap GcHeap;
struct Frame;
struct Precompiled;

// Machine code of an instance, as others call it.
typedef struct CodeCallee {
    Instance *instance;
    RtType *type;
    uintptr_t code;
} CodeCallee;

// What the runtime needs of the tiers. One constant table per configuration.
typedef struct TierOps {
    const char *name; // "interp"
    // What references to functions of instances are called with at first
    // (Func.call).
    FuncCall *call;
    // Tells the collector every reference in the frames of the store.
    bool (*roots)(Store *store, GcHeap *heap,
                  void (*visit)(GcHeap *heap, GcRef *ref));

    // Only tiers that make machine code have the rest; NULL in others.

    // After loading: may make code, or take what engine/artifact.c read. False
    // with *err.
    bool (*module_ready)(RtModule *m, const struct Precompiled *code, Err *err);
    // Before anything of the instance runs. False: no memory, or *err says.
    bool (*instance_ready)(Instance *inst, Err *err);
    // Sets entry and code of a new reference.
    void (*func_ready)(const Engine *e, Func *func);
    // A reference to a host function was called the general way, by the code
    // of an instance: it may get a quicker entry.
    void (*host_called)(Func *func, const Instance *caller);
    // A defined function, by its index among those, is about to be called: its
    // code, which may be made now, or 0 where it is to be interpreted.
    uintptr_t (*compile)(Instance *inst, uint32_t func);
    // Interprets it for compiled code, whose stack arguments begin at `stack`.
    Status (*interpret)(Instance *inst, uint32_t func, MachineExit *exit,
                        uint64_t *stack);
    // An interpreted loop goes round once more: where its function's code goes
    // on with it (`at`: offset of the instruction), or 0.
    uintptr_t (*loop)(Instance *inst, uint32_t func, uint32_t at);
    // Calls compiled code from the interpreter. `values`: as in `call`.
    Status (*enter)(const CodeCallee *callee, Raw *values);
    // The same of a loop's entry; `slots`: locals and operands, in their order.
    Status (*enter_loop)(const CodeCallee *callee, const Slot *slots,
                         Raw *results);
    // Says what runs at a pc with frame pointer out->fp. False: nothing of ours.
    bool (*frame)(const Store *store, uintptr_t pc, bool is_fault,
                  struct Frame *out);
    // Finds the handler of store->exception in the current activation, and
    // gives it the exception's values. False: there is none.
    bool (*unwind)(Store *store, MachineLanding *out);
    void (*module_free)(RtModule *m);
    void (*engine_free)(Engine *e);
} TierOps;

// Which tiers run functions. engine_new answers with what this build has: a
// tier that is missing is replaced by the next slower one.
typedef enum TierPolicy {
    TIERS_auto,       // the best that there is
    TIERS_interp,     // no machine code is made
    TIERS_baseline,   // the one-pass compiler
    TIERS_optimizing, // the optimizing compiler
} TierPolicy;

// How long functions are interpreted where counters decide (EngineConfig):
// decision 0020 has the measurements.
enum {
    TIER_CALLS = 10,
    TIER_LOOPS = 200,
};
// In place of a number of calls: TIER_CALLS if the tier is chosen for the
// embedder and modules are not compiled when they are loaded, else none.
#define TIER_CALLS_DEFAULT UINT32_MAX

typedef enum OptLevel {
    OPT_none,
    OPT_speed,
    OPT_speed_and_size,
} OptLevel;

// A linear memory that the embedder holds.
typedef struct HostMemory {
    void *env;
    // Base, bytes in use and bytes that it can grow to without moving.
    uint8_t *(*get)(void *env, size_t *size, size_t *capacity);
    bool (*grow)(void *env, size_t size); // may move it
    void (*free)(void *env);              // NULL is fine
} HostMemory;

// Makes the memories of all stores; `create` is called on any thread. Zero:
// os/vm does.
typedef struct MemoryCreator {
    void *env;
    // Bytes; `max` is SIZE_MAX where only the address space limits it.
    bool (*create)(void *env, const MemoryType *type, size_t min, size_t max,
                   size_t reserved, size_t guard, HostMemory *out, Err *err);
    void (*free)(void *env); // NULL is fine
} MemoryCreator;

// A native stack that the embedder holds: `size` bytes below `top`.
typedef struct HostStack {
    void *env;
    uint8_t *top;
    size_t size;
    void (*free)(void *env); // NULL is fine
} HostStack;

// Makes the stacks of suspendable calls (rt/computation.h); on any thread.
// Zero: os/fiber does.
typedef struct StackCreator {
    void *env;
    bool (*create)(void *env, size_t size, HostStack *out);
    void (*free)(void *env); // NULL is fine
} StackCreator;

// Threads of the embedder, for work that need not be done at once: `submit`
// has `run(job)` called exactly once, on any thread, and may call it itself.
// False: not taken. Zero: none.
typedef struct Executor {
    void *env;
    bool (*submit)(void *env, void (*run)(void *job), void *job);
    void (*free)(void *env); // NULL is fine
} Executor;

// What all stores of an engine may have at one time.
typedef enum Pool {
    POOL_instances,
    POOL_memories,
    POOL_tables,
    POOL_stacks, // of suspendable calls
    POOL_heaps,  // of collected objects
    POOL_count
} Pool;

#define POOL_UNLIMITED UINT32_MAX // enumerators are ints in C17

// What is asked for together with a pooling allocator.
typedef struct PoolConfig {
    uint32_t max[POOL_count];       // POOL_UNLIMITED
    uint64_t memories, memory_size; // of one module; bytes of each
    uint64_t tables, table_elements;
    uint32_t warm;     // places that are kept for the next user
    uint64_t resident; // bytes of each that stay in memory
} PoolConfig;
void pool_config_init(PoolConfig *p); // the defaults

typedef struct EngineConfig {
    FeatureSet features;
    LimitSet limits;
    bool use_fuel;          // count instructions
    bool use_epoch;         // check the deadline (off: it is never reached)
    bool trace_lines;       // backtraces name places in the source, from DWARF;
                            // so they do with debug_info
    bool is_deterministic;  // NaNs are canonical, relaxed SIMD is fixed
    bool gc_collect_always; // tests: at every allocation, and polls (use_epoch)
    bool use_guards;        // memories may rely on guard regions
    uint64_t memory_reservation; // bytes to reserve for a 32-bit memory at
                                 // most; 0 = just what it needs, moving
    uint64_t memory_guard;       // bytes of guard behind it
    uint64_t memory_growth;    // bytes to reserve beyond the size when a memory
                               // moves; 0 = doubles
    bool memory_is_fixed;      // memories never move: past the reservation
                               // growing fails
    bool no_shared_memory;     // creating one fails
    bool no_images;            // data segments are always copied
    bool no_signals;           // no fault handler is ever installed
    uint64_t async_stack_size; // bytes of native stack of a suspendable call
    MemoryCreator memory_creator;
    StackCreator stack_creator;
    Executor executor;
    uint32_t pool_max[POOL_count]; // the rest as in PoolConfig
    uint32_t pool_warm;
    uint64_t pool_resident;

    // For compilers; the interpreter needs none of them.
    TierPolicy tiers;
    OptLevel opt_level;
    bool quick_regalloc; // register allocation in one pass
    bool verify_code;    // check the compiler's own work
    // Code was refused then; any thread. NULL: nobody is told.
    void (*code_refused)(const char *why);
    uint32_t refuse_every; // tests: of so many functions one; 0: none
    bool verify_values;    // and follow values through it
    bool compile_eagerly;  // whole modules when they are loaded, not
                           // functions when they are called
    const char *cache_dir; // of compiled modules; read by engine_new only
    uint64_t cache_size;   // bytes; 0: engine/cache.h says
    bool cpu_floor;        // code for any processor that can run it
    // Calls of a function that are interpreted, and turns of its loops, before
    // it is compiled. No calls: it is compiled when it is first called.
    uint32_t tier_calls, tier_loops;
    uint64_t tier_seed;       // tests: a random tier for each call, unless 0
    uint64_t chaos_seed;      // tests: registers in random order, unless 0
    bool keep_slots;          // frames can say where every value is, at every
                              // instruction; slow
    bool debug_info;          // describe machine code to native debuggers
    bool perf_map;            // describe it to perf, in /tmp/perf-PID.map
    bool jitdump;             // with its bytes, in jit-PID.dump
    bool no_unwind_info;      // do not register machine code for unwinding
    uint32_t compile_threads; // 0: the calling thread, or the executor's
} EngineConfig;

// A place among all engines, among an engine's modules, or among all items
// (engine/fork.c).
typedef struct ForkLink {
    struct ForkLink *next, **link; // `link` NULL: not listed
} ForkLink;

// What else must be whole at a fork, or be mended in the child. `around` is
// called before it, and then in either process; it takes no lock but its own.
typedef enum ForkPhase {
    FORK_before,
    FORK_parent,
    FORK_child,
} ForkPhase;
typedef struct ForkItem {
    ForkLink link;
    void (*around)(struct ForkItem *item, ForkPhase phase);
} ForkItem;

struct Engine {
    _Atomic uint32_t refs;
    ForkLink fork;
    ForkLink *modules;               // through RtModule.fork
    void (*fork_add)(ForkItem *);    // NULL: nobody looks after forks
    void (*fork_forget)(ForkLink *); // takes one of any kind off its list
    EngineConfig config;
    const TierOps *tier;
    void *tier_data; // the tier's own
    Registry *registry;
    SlotPool slots;                         // of memories and tables
    _Atomic uint32_t pool_used[POOL_count]; // where there is a maximum
    _Atomic uint64_t epoch; // raised by any thread or signal handler
    Wake wake;              // raised with it: ends every wait of the runtime
};

// A process-unique, never reused id: for stores, modules and whatever handles
// name. Thread-safe.
uint64_t unique_id(void);

void engine_config_init(EngineConfig *config); // the defaults
void engine_config_set_pool(EngineConfig *config, const PoolConfig *p);
// Frees what the embedder gave it; for a configuration without an engine.
void engine_config_release(EngineConfig *config);
// NULL: out of memory. Else the engine has taken what the embedder gave to the
// configuration.
NODISCARD Engine *engine_create(const EngineConfig *config,
                                const TierOps *tier);
void engine_ref(Engine *e);
void engine_unref(Engine *e);
// One more of something; false: there are as many as there may be.
NODISCARD bool engine_pool_take(Engine *e, Pool pool);
void engine_pool_give(Engine *e, Pool pool);
// Adds 1 to the epoch and wakes those who wait. Signal-safe.
void engine_raise_epoch(Engine *e);
