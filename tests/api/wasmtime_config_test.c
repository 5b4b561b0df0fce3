// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every setter of a configuration: what it does, what it refuses.
#define _GNU_SOURCE
#include "api.h"
#include "os/cpu.h"

#include <wasmtime/config.h>
#include <wasmtime/engine.h>
#include <wasmtime/module.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static wasm_config_t *config_new(void) {
    wasm_config_t *c = wasm_config_new();
    EXPECT(c != NULL);
    return c;
}

// May an engine be made of it? Takes the configuration.
static bool makes_engine(wasm_config_t *c) {
    wasm_engine_t *e = wasm_engine_new_with_config(c);
    wasm_engine_delete(e);
    return e != NULL;
}

static World world_of(wasm_config_t *c) {
    World w = {.engine = wasm_engine_new_with_config(c)};
    w.store = w.engine ? wasm_store_new(w.engine) : NULL;
    EXPECT(w.engine && w.store);
    return w;
}

// --- features --------------------------------------------------------------------

typedef void Setter(wasm_config_t *, bool);

static bool validates(Setter *set, bool on, const char *text) {
    wasm_config_t *c = config_new();
    set(c, on);
    World w = world_of(c);
    wasm_byte_vec_t bytes = wat(text);
    bool ok = wasm_module_validate(w.store, &bytes);
    wasm_byte_vec_delete(&bytes);
    world_delete(&w);
    return ok;
}

static void features(void) {
    static const struct {
        const char *name;
        Setter *set;
        const char *text;
    } cases[] = {
        {"threads", wasmtime_config_wasm_threads_set, "(memory 1 1 shared)"},
        {"tail call", wasmtime_config_wasm_tail_call_set,
         "(func $f return_call $f)"},
        {"reference types", wasmtime_config_wasm_reference_types_set,
         "(func (param externref))"},
        {"function references", wasmtime_config_wasm_function_references_set,
         "(type $t (func)) (func (param (ref $t)))"},
        {"gc", wasmtime_config_wasm_gc_set, "(type (struct))"},
        {"simd", wasmtime_config_wasm_simd_set, "(func (param v128))"},
        {"relaxed simd", wasmtime_config_wasm_relaxed_simd_set,
         "(func (param v128) (result v128) (i8x16.relaxed_swizzle"
         " (local.get 0) (local.get 0)))"},
        {"bulk memory", wasmtime_config_wasm_bulk_memory_set,
         "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0)"
         " (i32.const 0)))"},
        {"multi value", wasmtime_config_wasm_multi_value_set,
         "(func (result i32 i32) i32.const 0 i32.const 0)"},
        {"multi memory", wasmtime_config_wasm_multi_memory_set,
         "(memory 1) (memory 1)"},
        {"memory64", wasmtime_config_wasm_memory64_set, "(memory i64 1)"},
        {"wide arithmetic", wasmtime_config_wasm_wide_arithmetic_set,
         "(func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0)"
         " (local.get 0)))"},
        {"exceptions", wasmtime_config_wasm_exceptions_set,
         "(tag) (func (throw 0))"},
        {"custom page sizes", wasmtime_config_wasm_custom_page_sizes_set,
         "(memory 1 (pagesize 1))"},
        {"no objects", wasmtime_config_gc_support_set, "(type (struct))"},
        {"no exceptions", wasmtime_config_gc_support_set,
         "(tag) (func (throw 0))"},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        bool on = validates(cases[i].set, true, cases[i].text);
        bool off = validates(cases[i].set, false, cases[i].text);
        if (!on || off) fprintf(stderr, "%s: %d %d\n", cases[i].name, on, off);
        EXPECT(on && !off);
    }
}

// --- refusals --------------------------------------------------------------------

static void refusals(void) {
    wasm_config_t *c = config_new();
    wasmtime_config_wasm_compact_imports_set(c, false);
    wasmtime_config_wasm_stack_switching_set(c, false);
    wasmtime_config_profiler_set(c, WASMTIME_PROFILING_STRATEGY_NONE);
    EXPECT(makes_engine(c));
    wasmtime_config_wasm_compact_imports_set(c = config_new(), true);
    EXPECT(!makes_engine(c));
    wasmtime_config_wasm_stack_switching_set(c = config_new(), true);
    EXPECT(!makes_engine(c));
    wasmtime_config_profiler_set(c = config_new(),
                                 WASMTIME_PROFILING_STRATEGY_VTUNE);
    EXPECT(!makes_engine(c));
    wasmtime_config_cranelift_flag_enable(c = config_new(), "has_sse42");
    EXPECT(!makes_engine(c));
    wasmtime_config_cranelift_flag_set(c = config_new(), "opt", "1");
    EXPECT(!makes_engine(c));
    wasmtime_config_strategy_set(c = config_new(), 3);
    EXPECT(!makes_engine(c));
    wasmtime_config_cranelift_opt_level_set(c = config_new(), 3);
    EXPECT(!makes_engine(c));
    wasmtime_config_cranelift_regalloc_algorithm_set(c = config_new(), 2);
    EXPECT(!makes_engine(c));
    wasmtime_config_max_wasm_stack_set(c = config_new(), 0);
    EXPECT(!makes_engine(c));
}

static bool fails(wasmtime_error_t *error) {
    if (error) wasmtime_error_delete(error);
    return error != NULL;
}

// What a file of settings comes to: an engine that finds its module in the
// directory the second time, or an error.
static bool loads_settings(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    EXPECT(f && fputs(text, f) >= 0 && !fclose(f));
    wasm_config_t *c = config_new();
    bool ok = !fails(wasmtime_config_cache_config_load(c, path));
    wasm_config_delete(c);
    return ok;
}

static void cache_settings(void) {
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"[cache]\n", true},
        {"[cache]\nenabled = true\ndirectory = \"/x\"\n", true},
        {"# some\n\n [cache]\r\n enabled=false", true},
        {"[cache]\nfiles-total-size-soft-limit = \"512Mi\"\n", true},
        {"[cache]\nfiles-total-size-soft-limit = 1000\n", true},
        {"[cache]\nfiles-total-size-soft-limit = '1G'\n", true},
        {"[cache]\ncleanup-interval = \"1h\"\n", true},
        {"[cache]\nfiles-total-size-soft-limit = \"5Xi\"\n", false},
        {"[cache]\nfiles-total-size-soft-limit = \"99999999999Ti\"\n", false},
        {"[cache]\nfiles-total-size-soft-limit = \"\"\n", false},
        {"[cache]\ndirectory = \"relative\"\n", false},
        {"[cache]\ndirectory = /x\n", false},
        {"[cache]\ndirectory = \"/x\n", false},
        {"[cache]\nenabled = maybe\n", false},
        {"[cache]\nwords\n", false},
        {"[other]\n", false},
        {"enabled = true\n", false},
    };
    char path[] = "/tmp/foliot-settings-XXXXXX";
    close(mkstemp(path));
    for (size_t i = 0; i < COUNTOF(cases); i++)
        if (!EXPECT(loads_settings(path, cases[i].text) == cases[i].ok))
            printf("%s", cases[i].text);
    unlink(path);
}

// Modules of an engine with a cache are files in its directory afterwards.
static void cache_is_used(void) {
    char dir[] = "/tmp/foliot-cache-XXXXXX", path[100], text[200];
    EXPECT(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/settings", dir);
    snprintf(text, sizeof text, "[cache]\ndirectory = '%s/c'\n", dir);
    EXPECT(loads_settings(path, text));
    for (int i = 0; i < 2; i++) {
        wasm_config_t *c = config_new();
        wasmtime_config_strategy_set(c, WASMTIME_STRATEGY_WINCH);
        EXPECT(!fails(wasmtime_config_cache_config_load(c, path)));
        wasm_engine_t *e = wasm_engine_new_with_config(c);
        static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
        wasmtime_module_t *m = NULL;
        EXPECT(!fails(wasmtime_module_new(e, empty, sizeof empty, &m)));
        if (m) wasmtime_module_delete(m);
        wasm_engine_delete(e);
    }
    snprintf(text, sizeof text, "test $(ls %s/c | grep -c cwasm) = 1", dir);
    // Where nothing is compiled there is no cache.
    bool is_there = system(text) == 0;
    snprintf(text, sizeof text, "ls %s/c >/dev/null 2>&1", dir);
    EXPECT(is_there || system(text) != 0);
    snprintf(text, sizeof text, "rm -r %s", dir);
    EXPECT(system(text) == 0);
}

static void errors(void) {
    wasm_config_t *c = config_new();
    EXPECT(fails(wasmtime_config_cache_config_load(c, "/nowhere/at/all")));
    EXPECT(fails(wasmtime_config_target_set(c, "riscv64gc-unknown-linux-gnu")));
    EXPECT(fails(wasmtime_config_target_set(c, "x86_64-pc-windows-msvc")));
    EXPECT(fails(wasmtime_config_target_set(c, "")));
    char own[64];
    snprintf(own, sizeof own, "%s-unknown-linux-gnu", cpu_arch);
    EXPECT(!fails(wasmtime_config_target_set(c, own)));
    EXPECT(makes_engine(c));
}

// No configuration is no reason to fall over.
static void no_config(void) {
    wasmtime_config_wasm_simd_set(NULL, true);
    wasmtime_config_wasm_compact_imports_set(NULL, true);
    wasmtime_config_consume_fuel_set(NULL, true);
    wasmtime_config_strategy_set(NULL, 0);
    wasmtime_config_max_wasm_stack_set(NULL, 1);
    wasmtime_config_host_memory_creator_set(NULL, NULL);
    wasmtime_pooling_allocation_strategy_set(NULL, NULL);
    wasmtime_pooling_allocation_config_delete(NULL);
    EXPECT(fails(wasmtime_config_target_set(NULL, NULL)));
}

// What compilers are told leaves the meaning of programs alone.
static void compilers(void) {
    for (int on = 0; on < 2; on++) {
        wasm_config_t *c = config_new();
        wasmtime_config_parallel_compilation_set(c, on);
        wasmtime_config_cranelift_debug_verifier_set(c, on);
        wasmtime_config_cranelift_opt_level_set(
            c, on ? WASMTIME_OPT_LEVEL_NONE : WASMTIME_OPT_LEVEL_SPEED);
        wasmtime_config_cranelift_regalloc_algorithm_set(
            c, on ? WASMTIME_REGALLOC_SINGLE_PASS
                  : WASMTIME_REGALLOC_BACKTRACKING);
        wasmtime_config_strategy_set(c, on ? WASMTIME_STRATEGY_WINCH
                                           : WASMTIME_STRATEGY_CRANELIFT);
        wasmtime_config_debug_info_set(c, on);
        wasmtime_config_native_unwind_info_set(c, on);
        wasmtime_config_wasm_branch_hinting_set(c, on);
        wasmtime_config_macos_use_mach_ports_set(c, on);
        wasmtime_config_signals_based_traps_set(c, on);
        wasmtime_config_memory_init_cow_set(c, on);
        World w = world_of(c);
        wasm_extern_vec_t none = WASM_EMPTY_VEC;
        wasm_extern_vec_t exports = exports_of(
            &w, "(func (export \"f\") (result i32) (i32.const 7))", &none);
        wasm_val_t result[1] = {WASM_INIT_VAL};
        wasm_val_vec_t args = WASM_EMPTY_VEC, results = WASM_ARRAY_VEC(result);
        EXPECT(!wasm_func_call(func_at(&exports, 0), &args, &results));
        EXPECT_EQ(result[0].of.i32, 7);
        wasm_extern_vec_delete(&exports);
        world_delete(&w);
    }
}

// --- running ---------------------------------------------------------------------

// Calls the first export of a text.
static wasm_trap_t *call_first(World *w, const char *text, int32_t *out) {
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_extern_vec_t exports = exports_of(w, text, &none);
    wasm_val_t result[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_EMPTY_VEC;
    wasm_val_vec_t results = WASM_ARRAY_VEC(result);
    if (!out) results.size = 0;
    wasm_trap_t *trap = wasm_func_call(func_at(&exports, 0), &args, &results);
    if (out) *out = result[0].of.i32;
    wasm_extern_vec_delete(&exports);
    return trap;
}

static void interruption(void) {
    static const char text[] = "(func (export \"f\") (loop))";
    wasm_config_t *c = config_new();
    wasmtime_config_epoch_interruption_set(c, true);
    World w = world_of(c);
    EXPECT(trap_says(call_first(&w, text, NULL), "wasm trap: interrupt"));
    world_delete(&w);

    wasmtime_config_consume_fuel_set(c = config_new(), true);
    w = world_of(c);
    static const char forever[] = "(func (export \"f\") (loop br 0))";
    EXPECT(trap_says(call_first(&w, forever, NULL), "wasm trap: all fuel"));
    world_delete(&w);

    w = world_of(config_new());
    wasmtime_engine_increment_epoch(w.engine);
    EXPECT(call_first(&w, text, NULL) == NULL);
    world_delete(&w);
}

static void stack(void) {
    static const char text[] = "(func $f (export \"f\") (param i32)"
                               " (result i32) local.get 0 i32.eqz if"
                               " i32.const 0 return end local.get 0 i32.const 1"
                               " i32.sub call $f i32.const 1 i32.add)"
                               "(func (export \"g\") (result i32)"
                               " (call $f (i32.const 5000)))";
    for (int small = 0; small < 2; small++) {
        wasm_config_t *c = config_new();
        wasmtime_config_max_wasm_stack_set(c, small ? 65536 : 4 << 20);
        World w = world_of(c);
        wasm_extern_vec_t none = WASM_EMPTY_VEC;
        wasm_extern_vec_t exports = exports_of(&w, text, &none);
        wasm_val_t result[1] = {WASM_INIT_VAL};
        wasm_val_vec_t args = WASM_EMPTY_VEC, results = WASM_ARRAY_VEC(result);
        wasm_trap_t *trap =
            wasm_func_call(func_at(&exports, 1), &args, &results);
        EXPECT_EQ(trap != NULL, small);
        if (small) EXPECT(trap_says(trap, "wasm trap: call stack exhausted"));
        wasm_extern_vec_delete(&exports);
        world_delete(&w);
    }
}

static const char nan_text[] =
    "(func (export \"f\") (result i32) (i32.reinterpret_f32 (f32.add"
    " (f32.reinterpret_i32 (i32.const 0x7fa00001)) (f32.const 1))))";

static void determinism(void) {
    int32_t bits = 0;
    wasm_config_t *c = config_new();
    wasmtime_config_cranelift_nan_canonicalization_set(c, true);
    World w = world_of(c);
    EXPECT(!call_first(&w, nan_text, &bits));
    EXPECT_EQ(bits, 0x7fc00000);
    world_delete(&w);
    wasmtime_config_wasm_relaxed_simd_deterministic_set(c = config_new(), true);
    w = world_of(c);
    EXPECT(!call_first(&w, nan_text, &bits));
    EXPECT_EQ(bits, 0x7fc00000);
    world_delete(&w);
}

// --- signals ---------------------------------------------------------------------

static bool has_handler_of(const struct sigaction *before) {
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    return now.sa_sigaction == before->sa_sigaction;
}

// Without signals no handler is installed, and the trap is the same.
static void faults(void) {
    static const char text[] = "(memory 1) (func (export \"f\") (result i32)"
                               " (i32.load (i32.const 65536)))";
    for (int on = 0; on < 2; on++) {
        struct sigaction before;
        sigaction(SIGSEGV, NULL, &before);
        wasm_config_t *c = config_new();
        wasmtime_config_strategy_set(c, WASMTIME_STRATEGY_WINCH);
        wasmtime_config_signals_based_traps_set(c, on);
        World w = world_of(c);
        bool compiles = strcmp(foliot_engine_tier(w.engine), "baseline") == 0;
        int32_t result;
        wasm_trap_t *trap = call_first(&w, text, &result);
        EXPECT_EQ(has_handler_of(&before), !on || !compiles);
        EXPECT(trap_says(trap, "wasm trap: out of bounds memory access"));
        world_delete(&w);
        EXPECT(has_handler_of(&before));
    }
}

// --- memories --------------------------------------------------------------------

static wasm_memory_t *memory_of(World *w, uint32_t min, uint32_t max) {
    wasm_limits_t limits = {min, max};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    wasm_memory_t *m = wasm_memory_new(w->store, type);
    wasm_memorytype_delete(type);
    return m;
}

static void memory_moves(void) {
    for (int fixed = 0; fixed < 2; fixed++) {
        wasm_config_t *c = config_new();
        wasmtime_config_memory_reservation_set(c, 2 << 16);
        wasmtime_config_memory_guard_size_set(c, 1 << 16);
        wasmtime_config_memory_reservation_for_growth_set(c, 3 << 16);
        wasmtime_config_memory_may_move_set(c, !fixed);
        World w = world_of(c);
        wasm_memory_t *m = memory_of(&w, 1, 100);
        EXPECT(wasm_memory_grow(m, 1)); // reserved
        wasm_memory_data(m)[5] = 'x';
        EXPECT_EQ(wasm_memory_grow(m, 1), !fixed);
        EXPECT_EQ(wasm_memory_data(m)[5], 'x');
        byte_t *moved = wasm_memory_data(m);
        if (!fixed) {
            EXPECT(wasm_memory_grow(m, 3)); // into what was reserved then
            EXPECT(wasm_memory_data(m) == moved);
        }
        wasm_memory_delete(m);
        world_delete(&w);
    }
}

static void shared(void) {
    wasm_config_t *c = config_new();
    wasmtime_config_shared_memory_set(c, false);
    World w = world_of(c);
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_trap_t *trap = NULL;
    EXPECT(!instance_of(&w, "(memory 1 1 shared)", &none, &trap));
    EXPECT(trap_says(trap, "shared memories are off"));
    world_delete(&w);
}

// Counts what happens to the embedder's memories.
typedef struct Farm {
    int made, freed, grown, ended;
    bool refuse, refuse_growth, moves, misaligned;
} Farm;

typedef struct Plot {
    Farm *farm;
    uint8_t *bytes;
    size_t size, capacity;
} Plot;

static uint8_t *plot_get(void *env, size_t *size, size_t *capacity) {
    Plot *p = env;
    *size = p->size;
    *capacity = p->capacity;
    return p->bytes + p->farm->misaligned;
}

static wasmtime_error_t *plot_grow(void *env, size_t size) {
    Plot *p = env;
    p->farm->grown++;
    if (p->farm->refuse_growth) return wasmtime_error_new("no");
    if (p->farm->moves) {
        uint8_t *bytes = calloc(1, size + 1);
        memcpy(bytes, p->bytes, p->size);
        free(p->bytes);
        p->bytes = bytes;
        p->capacity = size;
    }
    if (size > p->capacity) return wasmtime_error_new("too large");
    p->size = size;
    return NULL;
}

static void plot_free(void *env) {
    Plot *p = env;
    p->farm->freed++;
    free(p->bytes);
    free(p);
}

static wasmtime_error_t *farm_new(void *env, const wasm_memorytype_t *type,
                                  size_t min, size_t max, size_t reserved,
                                  size_t guard, wasmtime_linear_memory_t *out) {
    Farm *f = env;
    EXPECT_EQ(wasm_memorytype_limits(type)->min, min >> 16);
    EXPECT(min <= max && reserved <= max);
    (void)guard;
    if (f->refuse) return wasmtime_error_new("none left");
    Plot *p = malloc(sizeof *p);
    *p = (Plot){.farm = f, .size = min, .capacity = 3 << 16};
    p->bytes = calloc(1, p->capacity + 1);
    f->made++;
    *out = (wasmtime_linear_memory_t){.env = p,
                                      .get_memory = plot_get,
                                      .grow_memory = plot_grow,
                                      .finalizer = plot_free};
    return NULL;
}

static void farm_end(void *env) {
    ((Farm *)env)->ended++;
}

static wasmtime_strategy_t strategy = WASMTIME_STRATEGY_AUTO;

static World farm_world(Farm *f) {
    wasm_config_t *c = config_new();
    wasmtime_config_strategy_set(c, strategy);
    wasmtime_memory_creator_t creator = {f, farm_new, farm_end};
    wasmtime_config_host_memory_creator_set(c, &creator);
    return world_of(c);
}

static const char farm_text[] =
    "(memory (export \"m\") 1 10)"
    "(func (export \"f\") (result i32)"
    " (i32.store (i32.const 8) (i32.const 42))"
    " (drop (memory.grow (i32.const 1)))"
    " (i32.add (i32.load (i32.const 8)) (memory.size)))";

static int32_t farm_run(Farm *f, wasm_trap_t **trap) {
    World w = farm_world(f);
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_instance_t *i = instance_of(&w, farm_text, &none, trap);
    int32_t out = -1;
    if (i) {
        wasm_extern_vec_t exports;
        wasm_instance_exports(i, &exports);
        wasm_val_t result[1] = {WASM_INIT_VAL};
        wasm_val_vec_t args = WASM_EMPTY_VEC, results = WASM_ARRAY_VEC(result);
        *trap = wasm_func_call(func_at(&exports, 1), &args, &results);
        out = result[0].of.i32;
        wasm_extern_vec_delete(&exports);
        wasm_instance_delete(i);
    }
    world_delete(&w);
    return out;
}

// All is given back, once the trap is gone that keeps the store.
static bool farm_is_over(const Farm *f) {
    return f->made == f->freed && f->ended == 1;
}

static void creator(void) {
    wasm_trap_t *trap = NULL;
    Farm plain = {0};
    EXPECT_EQ(farm_run(&plain, &trap), 44);
    EXPECT_EQ(plain.made, 1);
    EXPECT_EQ(plain.grown, 1);
    Farm moves = {.moves = true};
    EXPECT_EQ(farm_run(&moves, &trap), 44);
    Farm stubborn = {.refuse_growth = true};
    EXPECT_EQ(farm_run(&stubborn, &trap), 43);
    EXPECT(trap == NULL);
    Farm empty = {.refuse = true};
    EXPECT_EQ(farm_run(&empty, &trap), -1);
    EXPECT(trap_says(trap, "the embedder's memory creator: none left"));
    Farm skewed = {.misaligned = true};
    EXPECT_EQ(farm_run(&skewed, &trap), -1);
    EXPECT(trap_says(trap, "the embedder's memory is too small"));
    EXPECT(farm_is_over(&plain) && farm_is_over(&moves));
    EXPECT(farm_is_over(&stubborn) && farm_is_over(&empty));
    EXPECT(farm_is_over(&skewed));
}

static void creator_compiled(void) {
    strategy = WASMTIME_STRATEGY_WINCH;
    creator();
    strategy = WASMTIME_STRATEGY_AUTO;
}

static void creator_without_engine(void) {
    Farm a = {0}, b = {0};
    wasm_config_t *c = config_new();
    wasmtime_memory_creator_t creators[] = {{&a, farm_new, farm_end},
                                            {&b, farm_new, farm_end}};
    wasmtime_config_host_memory_creator_set(c, &creators[0]);
    wasmtime_config_host_memory_creator_set(c, &creators[1]);
    EXPECT_EQ(a.ended, 1); // replaced
    EXPECT_EQ(b.ended, 0);
    wasm_config_delete(c);
    EXPECT_EQ(b.ended, 1);
    // An engine that cannot be made.
    wasmtime_config_host_memory_creator_set(c = config_new(), &creators[0]);
    wasmtime_config_strategy_set(c, 9);
    EXPECT(!makes_engine(c));
    EXPECT_EQ(a.ended, 2);
}

// --- pools -----------------------------------------------------------------------

static World pool_world(wasmtime_pooling_allocation_config_t *p) {
    wasm_config_t *c = config_new();
    wasmtime_pooling_allocation_strategy_set(c, p);
    return world_of(c);
}

// How many instances of a text can be made, up to 5?
static int count_instances(World *w, const char *text) {
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_module_t *m = module_of(w, text);
    int made = 0;
    for (; made < 5; made++) {
        wasm_trap_t *trap = NULL;
        wasm_instance_t *i = wasm_instance_new(w->store, m, &none, &trap);
        wasm_trap_delete(trap);
        wasm_instance_delete(i);
        if (!i) break;
    }
    wasm_module_delete(m);
    return made;
}

static void pools(void) {
    typedef wasmtime_pooling_allocation_config_t Pool;
    static const struct {
        void (*set)(Pool *, uint32_t);
        const char *text;
    } cases[] = {
        {wasmtime_pooling_allocation_config_total_core_instances_set,
         "(module)"},
        {wasmtime_pooling_allocation_config_total_memories_set,
         "(module (memory 1))"},
        {wasmtime_pooling_allocation_config_total_tables_set,
         "(module (table 1 funcref))"},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Pool *p = wasmtime_pooling_allocation_config_new();
        cases[i].set(p, 3);
        World w = pool_world(p);
        wasmtime_pooling_allocation_config_delete(p);
        EXPECT_EQ(count_instances(&w, cases[i].text), 3);
        // The next store finds them given back.
        wasm_store_delete(w.store);
        w.store = wasm_store_new(w.engine);
        EXPECT_EQ(count_instances(&w, cases[i].text), 3);
        world_delete(&w);
    }
}

static void pool_heaps(void) {
    wasmtime_pooling_allocation_config_t *p =
        wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_config_total_gc_heaps_set(p, 1);
    World w = pool_world(p);
    wasmtime_pooling_allocation_config_delete(p);
    static const char text[] = "(type $s (struct)) (func (export \"f\")"
                               " (drop (struct.new $s)))";
    World second = {.engine = w.engine, .store = wasm_store_new(w.engine)};
    EXPECT(!call_first(&w, text, NULL));
    EXPECT(trap_says(call_first(&second, text, NULL), "wasm trap: "));
    wasm_store_delete(w.store);
    EXPECT(!call_first(&second, text, NULL));
    w.store = second.store;
    world_delete(&w);
}

static void pool_sizes(void) {
    wasmtime_pooling_allocation_config_t *p =
        wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_config_max_memories_per_module_set(p, 2);
    wasmtime_pooling_allocation_config_max_tables_per_module_set(p, 2);
    wasmtime_pooling_allocation_config_max_memory_size_set(p, 2 << 16);
    wasmtime_pooling_allocation_config_table_elements_set(p, 10);
    wasmtime_pooling_allocation_config_total_stacks_set(p, 10);
    // Without meaning, and said so.
    wasmtime_pooling_allocation_config_max_unused_warm_slots_set(p, 1);
    wasmtime_pooling_allocation_config_decommit_batch_size_set(p, 1);
    wasmtime_pooling_allocation_config_async_stack_keep_resident_set(p, 1);
    wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(p, 1);
    wasmtime_pooling_allocation_config_table_keep_resident_set(p, 1);
    wasmtime_pooling_allocation_config_max_core_instance_size_set(p, 1);
    wasmtime_pooling_allocation_config_total_component_instances_set(p, 0);
    wasmtime_pooling_allocation_config_max_component_instance_size_set(p, 0);
    wasmtime_pooling_allocation_config_max_core_instances_per_component_set(p,
                                                                            0);
    wasmtime_pooling_allocation_config_max_memories_per_component_set(p, 0);
    wasmtime_pooling_allocation_config_max_tables_per_component_set(p, 0);
    World w = pool_world(p);
    wasmtime_pooling_allocation_config_delete(p);
    EXPECT_EQ(count_instances(&w, "(memory 2)"), 5);
    EXPECT_EQ(count_instances(&w, "(memory 3)"), 0);
    EXPECT_EQ(count_instances(&w, "(table 10 funcref)"), 5);
    EXPECT_EQ(count_instances(&w, "(table 11 funcref)"), 0);
    wasm_byte_vec_t bytes = wat("(memory 1) (memory 1) (memory 1)");
    EXPECT(!wasm_module_validate(w.store, &bytes));
    wasm_byte_vec_delete(&bytes);
    world_delete(&w);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(features), UNIT_TEST(refusals), UNIT_TEST(errors),
        UNIT_TEST(no_config), UNIT_TEST(cache_settings),
        UNIT_TEST(cache_is_used), UNIT_TEST(compilers), UNIT_TEST(interruption),
        UNIT_TEST(stack), UNIT_TEST(determinism), UNIT_TEST(faults),
        UNIT_TEST(memory_moves), UNIT_TEST(shared), UNIT_TEST(creator),
        UNIT_TEST(creator_compiled), UNIT_TEST(creator_without_engine),
        UNIT_TEST(pools), UNIT_TEST(pool_heaps), UNIT_TEST(pool_sizes));
}
