// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Allocation-failure torture: a scenario (load, instantiate, call, WASI) runs
// again and again, with its first allocation failing, its second, and so on
// until none failed. After each run
//
//   - the scenario has succeeded all the same, or says that memory ran out;
//   - the engine, if it was made, does the whole scenario at the second try;
//   - everything is released: the allocator counts what is alive.
//
// Every n up to EVERY is tried. Above it each call site (by the hash of its
// backtrace) fails once, and SAMPLE others chosen by a fixed seed.
//
//     torture_torture [SCRIPT.wast...]   also with the modules of these
#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "binary/binary.h"
#include "engine/load.h"
#include "text/text.h"
#include "torture/everything.h"
#include "torture/guest.h"
#include "unit/unit.h"
#include "valid/valid.h"
#include "wasi/wasi.h"

#include <execinfo.h>
#include <stdlib.h>

enum {
    EVERY = 2000,
    SAMPLE = 100,
    SITE_FRAMES = 12,
};

// --- the failing allocator ---------------------------------------------------------

static struct {
    uint64_t count;   // allocations since the scenario began
    uint64_t fail_at; // the one that fails; 0: none
    int64_t alive;    // allocations that were not freed
    uint64_t runs;    // scenarios that met a failure
    bool is_recording;
    List(uint64_t) sites; // of the allocations above EVERY; in malloc's memory
} heap;

// What an allocation of ours looks like: its call chain.
static uint64_t call_site(void) {
    void *frames[SITE_FRAMES] = {NULL};
    int len = backtrace(frames, SITE_FRAMES);
    return hash_bytes((const char *)frames, sizeof *frames * (size_t)len);
}

static void record_site(void) {
    if (!heap.is_recording || heap.count <= EVERY) return;
    if (heap.sites.len == heap.sites.cap) {
        heap.sites.cap = heap.sites.cap ? heap.sites.cap * 2 : 1024;
        heap.sites.data =
            realloc(heap.sites.data, heap.sites.cap * sizeof(uint64_t));
        if (!heap.sites.data) abort();
    }
    heap.sites.data[heap.sites.len++] = call_site();
}

static bool fails(void) {
    heap.count++;
    record_site();
    return heap.count == heap.fail_at;
}

static void *torture_alloc(void *env, size_t size) {
    (void)env;
    if (fails()) return NULL;
    void *p = malloc(size);
    heap.alive += p != NULL;
    return p;
}

static void *torture_realloc(void *env, void *old, size_t old_size,
                             size_t size) {
    (void)env, (void)old_size;
    return fails() ? NULL : realloc(old, size);
}

static void torture_free(void *env, void *p) {
    (void)env;
    heap.alive--;
    free(p);
}

static const Allocator torture_allocator = {
    .alloc = torture_alloc,
    .realloc = torture_realloc,
    .free = torture_free,
};

// --- scenarios ---------------------------------------------------------------------

typedef struct Input {
    const char *text;
    size_t size;
    const uint8_t *binary; // the same module, or NULL
    size_t binary_size;
} Input;

typedef enum Outcome {
    DONE,  // as if nothing had failed
    SHORT, // memory ran out, and somebody said so
    WRONG,
} Outcome;

static Outcome outcome_of_err(const Err *err) {
    if (err->kind == ERR_limit) return SHORT;
    fprintf(stderr, "error: %s\n", err->text);
    return WRONG;
}

static Outcome outcome_of_status(Store *s, Status status, const Err *err) {
    if (status == STATUS_ok) return DONE;
    if (!err_ok(err)) return outcome_of_err(err);
    if (s->trap.code == TRAP_out_of_memory) return SHORT;
    fprintf(stderr, "status %d, trap: %s\n", (int)status, s->trap.text);
    return WRONG;
}

static Outcome load(Engine *e, const Input *in, RtModule **out) {
    Err err = {0};
    bool in_text;
    *out = in->binary ? module_load(e, in->binary, in->binary_size, NULL, &err)
                      : module_load_text(e, in->text, in->size, &err, &in_text);
    return *out ? DONE : outcome_of_err(&err);
}

static Status tick(HostCall *call) {
    (void)call;
    return STATUS_ok;
}

static bool define_tick(Linker *l, Engine *e, Err *err) {
    RtType *type = registry_func_type(e->registry, NULL, 0, NULL, 0);
    if (!type) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    bool ok = linker_define_func(l, STR("host"), STR("tick"), type, tick, NULL,
                                 NULL, err);
    rt_type_unref(e->registry, type);
    return ok;
}

// What a scenario holds while it runs; released in any state.
typedef struct World {
    Engine *engine;
    Store *store;
    Linker *linker;
    Wasi *wasi;
    RtModule *module;
    Err err;
} World;

static void world_release(World *w) {
    if (w->module) rt_module_unref(w->module);
    linker_free(w->linker);
    if (w->store) store_unref(w->store);
    wasi_free(w->wasi);
}

static Outcome call_export(World *w, Instance *inst, const char *name) {
    Extern run;
    if (!instance_export(inst, str_of(name), &run, &w->err))
        return w->err.id == E_unknown_export ? DONE : outcome_of_err(&w->err);
    Raw value = {.u64 = 42};
    Status status = func_call(w->store, run.func, &value);
    if (status == STATUS_ok && value.u32 != 42) return WRONG;
    return outcome_of_status(w->store, status, &w->err);
}

static Outcome instantiate(World *w, const char *name) {
    Instance *inst;
    Status status =
        linker_instantiate(w->linker, w->store, w->module, &inst, &w->err);
    if (status != STATUS_ok)
        return outcome_of_status(w->store, status, &w->err);
    Outcome first = call_export(w, inst, name);
    if (first != DONE) return first;
    return call_export(w, inst, name);
}

static Outcome run_module(World *w, const Input *in) {
    Outcome outcome = load(w->engine, in, &w->module);
    if (outcome != DONE) return outcome;
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    if (!w->store || !w->linker) return SHORT;
    if (!define_tick(w->linker, w->engine, &w->err))
        return outcome_of_err(&w->err);
    return instantiate(w, "run");
}

// A module of a script has imports that nobody knows; instantiating it may
// trap, and has run then.
static Outcome run_any(World *w, const Input *in) {
    Outcome outcome = load(w->engine, in, &w->module);
    if (outcome != DONE) return outcome;
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    if (!w->store || !w->linker) return SHORT;
    linker_unknown_as_traps(w->linker, true);
    Instance *inst;
    Status status =
        linker_instantiate(w->linker, w->store, w->module, &inst, &w->err);
    if (status == STATUS_ok || w->err.kind == ERR_unlinkable) return DONE;
    if (err_ok(&w->err) && w->store->trap.code != TRAP_out_of_memory)
        return DONE;
    return outcome_of_status(w->store, status, &w->err);
}

static Outcome setup_wasi(World *w) {
    w->wasi = wasi_new();
    if (!w->wasi) return SHORT;
    bool ok = wasi_arg_add(w->wasi, STR("program")) &&
              wasi_arg_add(w->wasi, STR("argument")) &&
              wasi_env_add(w->wasi, STR("NAME"), STR("value"));
    if (!ok) return SHORT;
    if (!wasi_dir_add(w->wasi, ".", "/here", WASI_DIR_READ | WASI_FILE_READ,
                      &w->err))
        return w->err.kind == ERR_limit ? SHORT : outcome_of_err(&w->err);
    return wasi_define(w->linker, w->wasi, &w->err) ? DONE
                                                    : outcome_of_err(&w->err);
}

static Outcome run_wasi(World *w, const Input *in) {
    Outcome outcome = load(w->engine, in, &w->module);
    if (outcome != DONE) return outcome;
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    if (!w->store || !w->linker) return SHORT;
    outcome = setup_wasi(w);
    if (outcome != DONE) return outcome;
    return instantiate(w, "run");
}

// So many instances of a small module that allocations are sampled.
static Outcome run_crowd(World *w, const Input *in) {
    enum {
        CROWD = 400
    };
    Outcome outcome = load(w->engine, in, &w->module);
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    if (outcome != DONE || !w->store || !w->linker) return SHORT;
    for (int i = 0; i < CROWD && outcome == DONE; i++)
        outcome = instantiate(w, "run");
    return outcome;
}

typedef Outcome (*Scenario)(World *w, const Input *in);

// --- torture -----------------------------------------------------------------------

static Engine *new_engine(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.memory_reservation = 1 << 20; // growing moves
    return engine_new(&config);
}

static Outcome run_once(Engine *e, Scenario scenario, const Input *in) {
    World w = {.engine = e};
    Outcome outcome = scenario(&w, in);
    world_release(&w);
    return outcome;
}

// One run with its n-th allocation failing. Was there an n-th?
static bool run_failing(Scenario scenario, const Input *in, uint64_t n) {
    heap.count = 0;
    heap.fail_at = n;
    Engine *e = new_engine();
    Outcome outcome = e ? run_once(e, scenario, in) : SHORT;
    bool has_failed = heap.count >= n;
    heap.fail_at = 0;
    bool ok = EXPECT(outcome != WRONG) && EXPECT(has_failed || outcome == DONE);
    if (e) ok = EXPECT_EQ(run_once(e, scenario, in), DONE) && ok;
    if (e) engine_unref(e);
    ok = EXPECT_EQ(heap.alive, 0) && ok;
    if (!ok)
        fprintf(stderr, "  allocation %llu failed\n", (unsigned long long)n);
    heap.alive = 0;
    heap.runs += has_failed;
    return has_failed;
}

// The numbers above EVERY to try, in the order of the recorded run.
static void torture_sites(Scenario scenario, const Input *in) {
    Map seen = {0};
    uint64_t random = 1;
    uint64_t one_in = heap.sites.len / SAMPLE + 1;
    allocator_set(NULL);
    for (uint32_t i = 0; i < heap.sites.len && unit_failures < 10; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        bool is_new = map_get(&seen, heap.sites.data[i]) == MAP_NONE;
        if (!is_new && (random >> 33) % one_in) continue;
        if (!EXPECT(map_set(&seen, heap.sites.data[i], 1))) break;
        allocator_set(&torture_allocator);
        (void)run_failing(scenario, in, EVERY + 1 + i);
        allocator_set(NULL);
    }
    map_release(&seen);
}

static void torture(Scenario scenario, const Input *in) {
    allocator_set(&torture_allocator);
    uint64_t n = 1;
    while (n <= EVERY && unit_failures < 10 && run_failing(scenario, in, n))
        n++;
    if (n > EVERY) {
        heap.is_recording = true;
        heap.sites.len = 0;
        (void)run_failing(scenario, in, UINT64_MAX);
        heap.is_recording = false;
        torture_sites(scenario, in);
    }
    allocator_set(NULL);
}

// The binary form of a text; it lives in the arena.
static bool assemble(Arena *arena, Input *in) {
    LimitSet limits = limits_default();
    Err err = {0};
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(arena, &guard)) {
        Module *m = NEW(arena, Module);
        Bytes bytes = {0};
        module_init(m, arena, FEATURES_ALL, &limits);
        ok = text_parse_module(m, in->text, in->size, &err);
        if (ok) module_encode(m, arena, &bytes);
        in->binary = bytes.data;
        in->binary_size = bytes.size;
    }
    arena_unguard(arena, &guard);
    if (!ok) fprintf(stderr, "%s at %d\n", err.text, (int)err.at);
    return ok;
}

static void torture_binary(Scenario scenario, const char *text, size_t size) {
    Input in = {.text = text, .size = size};
    Arena arena;
    arena_init(&arena, 0);
    if (EXPECT(assemble(&arena, &in))) torture(scenario, &in);
    arena_release(&arena);
}

static void everything_from_text(void) {
    Input in = {.text = everything_text, .size = sizeof everything_text - 1};
    torture(run_module, &in);
}

static void everything_from_binary(void) {
    torture_binary(run_module, everything_text, sizeof everything_text - 1);
}

static void crowd_of_instances(void) {
    static const char text[] =
        "(module (table 1 funcref) (elem (i32.const 0) $f) (global i32"
        " (i32.const 42)) (func $f (export \"run\") (result i32)"
        " (global.get 0)))";
    torture_binary(run_crowd, text, sizeof text - 1);
    EXPECT(heap.sites.len > 0);
    free(heap.sites.data);
}

static void guest_of_wasi(void) {
    torture_binary(run_wasi, guest_text, sizeof guest_text - 1);
}

// --- arenas ------------------------------------------------------------------------

// Text to module to bytes and back to text, with the n-th allocation from the
// arena failing. Was there an n-th?
static bool round_trip_failing(uint64_t n) {
    LimitSet limits = limits_default();
    Err err = {0};
    Arena arena;
    arena_init(&arena, 0);
    arena.fail_in = n;
    ArenaGuard guard;
    bool ran_out = false;
    if (ARENA_GUARD(&arena, &guard)) {
        Module *m = NEW(&arena, Module), *again = NEW(&arena, Module);
        SideTables *side = NEW(&arena, SideTables);
        Bytes bytes;
        TextBuf text;
        module_init(m, &arena, FEATURES_ALL, &limits);
        module_init(again, &arena, FEATURES_ALL, &limits);
        text_init(&text, &arena);
        EXPECT(text_parse_module(m, everything_text, sizeof everything_text - 1,
                                 &err));
        module_encode(m, &arena, &bytes);
        EXPECT(module_decode(again, bytes.data, bytes.size, &err));
        EXPECT(valid_all(again, side, &err));
        EXPECT(text_print_module(again, &text, &arena, &err));
    } else {
        ran_out = true;
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return EXPECT(err_ok(&err)) && ran_out;
}

static void every_arena_allocation(void) {
    allocator_set(&torture_allocator);
    heap.fail_at = 0;
    uint64_t n = 1;
    while (unit_failures < 10 && round_trip_failing(n))
        n++;
    EXPECT(n > 100);
    EXPECT_EQ(heap.alive, 0);
    allocator_set(NULL);
}

// --- scripts -----------------------------------------------------------------------

static void torture_script(const char *text, size_t size) {
    LimitSet limits = limits_default();
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        Script s;
        ScriptCommand c;
        Err err = {0};
        script_init(&s, &arena, text, size, FEATURES_ALL, &limits);
        while (unit_failures < 10 && script_next(&s, &c, &err)) {
            const ScriptModule *m = &c.module;
            if (c.kind != COMMAND_module || m->is_instance) continue;
            Input in = {.text = text + c.at, .size = s.at - c.at};
            if (m->form == FORM_quote) continue;
            if (m->form == FORM_binary) {
                in.binary = m->bytes.data;
                in.binary_size = m->bytes.size;
            }
            if (!m->is_definition) torture(run_any, &in);
        }
        EXPECT(err_ok(&err));
    } else {
        bool has_memory = false;
        EXPECT(has_memory);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static char **scripts; // of the command line

static void modules_of_scripts(void) {
    for (char **path = scripts; *path; path++) {
        static char text[8 << 20];
        FILE *file = fopen(*path, "rb");
        if (!EXPECT(file != NULL)) continue;
        size_t size = fread(text, 1, sizeof text, file);
        fclose(file);
        torture_script(text, size);
    }
}

// The torture itself would pass if nothing ever failed.
static void failures_were_met(void) {
    fprintf(stderr, "%llu runs with a failed allocation\n",
            (unsigned long long)heap.runs);
    EXPECT(heap.runs > 200);
}

int main(int argc, char **argv) {
    scripts = argv + (argc > 0);
    return UNIT_RUN(
        UNIT_TEST(everything_from_text), UNIT_TEST(everything_from_binary),
        UNIT_TEST(guest_of_wasi), UNIT_TEST(crowd_of_instances),
        UNIT_TEST(every_arena_allocation), UNIT_TEST(modules_of_scripts),
        UNIT_TEST(failures_were_met));
}
