// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory runs out at every allocation in turn: each answer is an error number
// or a refusal, nothing leaks, and what was open stays usable.
#define _GNU_SOURCE
#include "base/alloc.h"
#include "wasi/fixture.h"

// Fails the n-th allocation; 0: none.
typedef struct Failing {
    uint64_t nth;
} Failing;

static bool fails(Failing *f) {
    return f->nth && --f->nth == 0;
}

static void *failing_alloc(void *env, size_t size) {
    return fails(env) ? NULL : malloc(size);
}

static void *failing_realloc(void *env, void *old, size_t old_size,
                             size_t size) {
    (void)old_size;
    return fails(env) ? NULL : realloc(old, size);
}

static void failing_free(void *env, void *p) {
    (void)env;
    free(p);
}

static Failing failing;
static const Allocator allocator = {
    .alloc = failing_alloc,
    .realloc = failing_realloc,
    .free = failing_free,
    .env = &failing,
};

// Everything that is done before a program runs.
static bool prepare(Engine *engine) {
    Err err = {0};
    Linker *linker = linker_new(engine);
    Wasi *wasi = wasi_new();
    bool ok = linker && wasi && wasi_arg_add(wasi, STR("arg")) &&
              wasi_env_add(wasi, STR("NAME"), STR("value")) &&
              wasi_dir_add(wasi, "/", "/", WASI_DIR_ALL, &err) &&
              wasi_define(linker, wasi, &err);
    linker_free(linker);
    wasi_free(wasi);
    return ok;
}

static void preparing(void) {
    EngineConfig config;
    engine_config_init(&config);
    Engine *engine = engine_new(&config);
    uint64_t n = 1;
    for (;; n++) {
        failing.nth = n;
        bool ok = prepare(engine);
        bool unused = failing.nth != 0;
        failing.nth = 0;
        EXPECT_EQ(ok, unused);
        if (unused) break;
    }
    EXPECT(n > 100);
    engine_unref(engine);
}

typedef int (*Step)(World *w);

static int opens(World *w) {
    put_text(w, PATH, "f");
    return CALL(w, path_open, PREOPEN, 0, PATH, 1, O_CREATE,
                RIGHT_fd_read | RIGHT_fd_write, 0, 0, OUT);
}

// To the first one opened. What is in memory needs room for it.
static int writes(World *w) {
    put_iovec(w, OTHER, DATA, 5000);
    return CALL(w, fd_write, PREOPEN + 1, OTHER, 1, OUT);
}

static int lists(World *w) {
    return CALL(w, fd_readdir, PREOPEN, DATA, 1000, 0, OUT);
}

// More subscriptions than os/wait takes without memory.
static int polls(World *w) {
    enum {
        LEN = 40
    };
    for (uint32_t i = 0; i < LEN; i++) {
        put_u64(w, 0x8000 + i * 48 + 8, 1);
        put_u32(w, 0x8000 + i * 48 + 16, PREOPEN);
    }
    return CALL(w, poll_oneoff, 0x8000, 0xc000, LEN, OUT);
}

static int randomizes(World *w) {
    return CALL(w, random_get, DATA, 1000);
}

static uint64_t next_nth;

static void arm(void) {
    failing.nth = next_nth;
}

static void running(void) {
    static const Step steps[] = {opens, writes, lists, polls, randomizes};
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    w.before_call = arm;
    for (size_t i = 0; i < COUNTOF(steps); i++) {
        for (uint64_t n = 1;; n++) {
            next_nth = n;
            int answer = steps[i](&w);
            bool unused = failing.nth != 0;
            failing.nth = 0;
            EXPECT_EQ(answer, unused ? ERRNO_success : ERRNO_nomem);
            if (unused) break;
        }
    }
    world_release(&w);
}
ON_BOTH(running)

int main(void) {
    allocator_set(&allocator);
    return UNIT_RUN(UNIT_TEST(preparing), UNIT_BOTH(running));
}
