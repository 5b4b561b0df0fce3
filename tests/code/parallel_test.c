// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules are loaded the same whichever threads take part: the same code and
// side tables, byte by byte in the file that is made of them, and the same
// error where there are several. And a limit on machine code leaves the rest to
// the interpreter.
#include "engine/artifact.h"
#include "engine/load.h"
#include "os/thread.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    FUNCS = 1200,
    FUNC_TEXT = 8192,
    DEEP = 300, // operands that a branch drops: more than an entry has room for
};

// One of a few shapes, so that every side table has something of most chunks.
static size_t put_func(char *out, uint32_t i) {
    size_t at = (size_t)sprintf(
        out, "(func $f%u (export \"f%u\") (param i32) (result i32) (local i64)",
        i, i);
    switch (i % 5) {
    case 0:
        at += (size_t)sprintf(
            out + at,
            "(loop $l (local.set 1 (i64.add (local.get 1) (i64.const %u)))"
            "(br_if $l (i64.lt_u (local.get 1) (i64.const 1000))))",
            i + 1);
        break;
    case 1:
        at +=
            (size_t)sprintf(out + at,
                            "(block $h (result i32) (try_table (catch $t $h)"
                            "(throw $t (i32.const %u))) (i32.const 0)) (drop)",
                            i);
        break;
    case 2:
        at += (size_t)sprintf(out + at,
                              "(block $a (block $b (br_table $a $b (local.get "
                              "0)))) (drop (i32.load offset=%u (i32.const 0)))",
                              i);
        break;
    case 3:
        if (i % 400 != 3) break;
        at += (size_t)sprintf(out + at, "(block $a ");
        for (int n = 0; n < DEEP; n++)
            at += (size_t)sprintf(out + at, "(i32.const 1)");
        at += (size_t)sprintf(out + at, "(br $a))");
        break;
    default:
        break;
    }
    return at + (size_t)sprintf(out + at,
                                "(i32.add (local.get 0) (i32.const %u)))\n", i);
}

// Functions of the list, which ends with FUNCS, do not validate.
static char *make_text(const uint32_t *bad) {
    char *text = malloc((size_t)FUNCS * FUNC_TEXT);
    if (!text) abort();
    size_t at =
        (size_t)sprintf(text, "(module (memory 1) (tag $t (param i32))");
    for (uint32_t i = 0; i < FUNCS; i++) {
        if (i == *bad) {
            at += (size_t)sprintf(text + at, "(func (i32.const %u))\n", i);
            bad++;
        } else {
            at += put_func(text + at, i);
        }
    }
    sprintf(text + at, ")");
    return text;
}

static const uint32_t none_bad[] = {FUNCS};

// --- engines -------------------------------------------------------------------------

// Runs a job on a thread of its own.
typedef struct Jobs {
    Thread threads[16];
    _Atomic uint32_t len;
} Jobs;

static bool submit(void *env, void (*run)(void *job), void *job) {
    Jobs *jobs = env;
    uint32_t at = atomic_fetch_add(&jobs->len, 1);
    if (at >= COUNTOF(jobs->threads)) return false;
    jobs->threads[at] = (Thread){.run = run, .arg = job};
    return thread_start(&jobs->threads[at], 0);
}

static void join(Jobs *jobs) {
    for (uint32_t i = 0; i < jobs->len; i++)
        thread_join(&jobs->threads[i]);
}

static EngineConfig eager(uint32_t threads) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_baseline;
    config.compile_eagerly = true;
    config.compile_threads = threads;
    config.verify_code = false; // DEEP operands take it long
    return config;
}

typedef struct File {
    Arena arena;
    uint8_t *bytes;
    size_t size;
} File;

static bool file_write(File *f, RtModule *m, Err *err) {
    arena_init(&f->arena, 0);
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&f->arena, &guard))
        ok = artifact_write(m, &f->arena, &f->bytes, &f->size, err);
    arena_unguard(&f->arena, &guard);
    return ok;
}

static RtModule *load(Engine *e, const char *text, Err *err) {
    bool in_text;
    RtModule *m = module_load_text(e, text, strlen(text), err, &in_text);
    EXPECT(!in_text);
    return m;
}

static void file_of(const EngineConfig *config, const char *text, File *out) {
    Engine *e = engine_new(config);
    Err err = {0};
    RtModule *m = load(e, text, &err);
    EXPECT(m && file_write(out, m, &err));
    EXPECT_STR(err.text, "");
    if (m) rt_module_unref(m);
    engine_unref(e);
}

// --- tests ---------------------------------------------------------------------------

static void expect_same(const File *want, const EngineConfig *config,
                        const char *text) {
    File got;
    file_of(config, text, &got);
    EXPECT_EQ(got.size, want->size);
    if (got.size == want->size)
        EXPECT(memcmp(got.bytes, want->bytes, want->size) == 0);
    arena_release(&got.arena);
}

static void the_same_file(void) {
    char *text = make_text(none_bad);
    EngineConfig config = eager(1);
    File want;
    file_of(&config, text, &want);
    for (uint32_t threads = 2; threads < 6; threads++) {
        config = eager(threads);
        expect_same(&want, &config, text);
    }
    // Compiled when the file is written.
    config.compile_eagerly = false;
    expect_same(&want, &config, text);
    Jobs jobs = {0};
    config = eager(4);
    config.executor = (Executor){.env = &jobs, .submit = submit};
    expect_same(&want, &config, text);
    join(&jobs);
    EXPECT(jobs.len > 0);
    arena_release(&want.arena);
    free(text);
}

static void expect_first_error(uint32_t threads, const char *text,
                               const Err *want) {
    EngineConfig config = eager(threads);
    Engine *e = engine_new(&config);
    Err err = {0};
    EXPECT(!load(e, text, &err));
    EXPECT_STR(err.text, want->text);
    EXPECT_EQ(err.at, want->at);
    EXPECT_EQ(err.func, want->func);
    engine_unref(e);
}

static void the_first_error(void) {
    static const uint32_t bad[][4] = {
        {0, FUNCS},
        {FUNCS - 1, FUNCS},
        {300, 301, 1100, FUNCS},
        {5, 600, FUNCS - 1, FUNCS},
    };
    for (size_t i = 0; i < COUNTOF(bad); i++) {
        char *text = make_text(bad[i]);
        EngineConfig config = eager(1);
        Engine *e = engine_new(&config);
        Err want = {0};
        EXPECT(!load(e, text, &want));
        EXPECT_EQ(want.func, bad[i][0]);
        engine_unref(e);
        for (uint32_t threads = 2; threads < 6; threads++)
            expect_first_error(threads, text, &want);
        free(text);
    }
}

static void memory_runs_out(void) {
    char *text = make_text(none_bad);
    bool was_enough = false;
    for (uint64_t limit = 1 << 14; !was_enough; limit *= 2) {
        EngineConfig config = eager(3);
        config.limits.compile_memory = limit;
        Engine *e = engine_new(&config);
        Err err = {0};
        bool in_text;
        RtModule *m = module_load_text(e, text, strlen(text), &err, &in_text);
        was_enough = m;
        EXPECT(m || err.id == E_compile_memory);
        if (m) rt_module_unref(m);
        engine_unref(e);
    }
    free(text);
}

// Functions that need far more memory while they are read than their tables and
// code take: whoever reads one with others has less room for each.
static char *make_large(void) {
    enum {
        LARGE = 12,
        STEPS = 6000
    };
    static const char step[] = "local.get 0 i32.popcnt local.set 0 ";
    char *text = malloc(LARGE * (STEPS * sizeof step + 100) + 100);
    if (!text) abort();
    size_t at = (size_t)sprintf(text, "(module");
    for (int i = 0; i < LARGE; i++) {
        at += (size_t)sprintf(text + at, "(func (param i32) ");
        for (int n = 0; n < STEPS; n++)
            at += (size_t)sprintf(text + at, "%s", step);
        at += (size_t)sprintf(text + at, ")");
    }
    sprintf(text + at, ")");
    return text;
}

// Is so much memory enough to load it?
static bool fits(const RtModule *like, uint32_t threads, uint64_t limit) {
    EngineConfig config = eager(threads);
    config.limits.compile_memory = limit;
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = module_load(e, like->bytes, like->size, NULL, &err);
    EXPECT(m || err.id == E_compile_memory);
    if (m) EXPECT(atomic_load(&m->budget.used) == m->arena.used);
    if (m) EXPECT(m->arena.used <= limit);
    if (m) rt_module_unref(m);
    engine_unref(e);
    return m;
}

// What is enough for one thread is enough for several, and no less is.
static void the_limit_is_for_all(void) {
    char *text = make_large();
    EngineConfig config = eager(1);
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = load(e, text, &err);
    if (!m) abort();
    uint64_t least = 1 << 12, most = 1 << 26;
    EXPECT(fits(m, 1, most));
    while (most - least > 1 << 12) {
        uint64_t middle = least + (most - least) / 2;
        *(fits(m, 1, middle) ? &most : &least) = middle;
    }
    for (uint32_t threads = 2; threads < 6; threads++) {
        EXPECT(fits(m, threads, most));
        EXPECT(!fits(m, threads, least));
    }
    rt_module_unref(m);
    engine_unref(e);
    free(text);
}

// --- the limit on machine code -------------------------------------------------------

static void expect_results(Engine *e, RtModule *m) {
    Store *s = store_new(e);
    Instance *inst;
    Err err = {0};
    EXPECT_EQ(instance_new(s, m, NULL, 0, &inst, &err), STATUS_ok);
    for (uint32_t i = 0; i < FUNCS; i++) {
        Extern export;
        Raw value = {.u64 = 7};
        EXPECT(instance_export_at(inst, i, &export, &err));
        EXPECT_EQ(func_call(s, export.func, &value), STATUS_ok);
        EXPECT_EQ(value.u64, 7 + i);
    }
    store_unref(s);
}

static void code_that_has_no_room(void) {
    static const uint64_t limits[] = {0, 1, 20000, 100000};
    char *text = make_text(none_bad);
    for (size_t i = 0; i < 2 * COUNTOF(limits); i++) {
        EngineConfig config = eager(i % 2 ? 3 : 1);
        config.limits.machine_code = limits[i / 2];
        Engine *e = engine_new(&config);
        Err err = {0};
        RtModule *m = load(e, text, &err);
        EXPECT(m != NULL);
        EXPECT_STR(err.text, "");
        expect_results(e, m);
        File f;
        EXPECT(!file_write(&f, m, &err));
        EXPECT_EQ(err.id, E_code_room);
        arena_release(&f.arena);
        rt_module_unref(m);
        engine_unref(e);
    }
    free(text);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(the_same_file), UNIT_TEST(the_first_error),
                    UNIT_TEST(memory_runs_out), UNIT_TEST(the_limit_is_for_all),
                    UNIT_TEST(code_that_has_no_room));
}
