// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Generated modules whose run meets an allocation that fails: loading,
// compiling, instantiating and running end with an error or a trap, or as if
// nothing had failed. Then the same engine runs the module once more, as
// before; and when it is gone nothing is left of it.
//
//     smith_starve [--seed N] [--count N] [--tries N]
//
// The last line is `N passed, N failed`.
#include "base/alloc.h"
#include "fuzz/diff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    uint64_t count, fail_at; // 0: none fails
    int64_t alive;
} heap;

static bool fails(void) {
    return ++heap.count == heap.fail_at;
}

static void *starve_alloc(void *env, size_t size) {
    (void)env;
    void *p = fails() ? NULL : malloc(size);
    heap.alive += p != NULL;
    return p;
}

static void *starve_realloc(void *env, void *old, size_t old_size,
                            size_t size) {
    (void)env, (void)old_size;
    return fails() ? NULL : realloc(old, size);
}

static void starve_free(void *env, void *p) {
    (void)env;
    heap.alive--;
    free(p);
}

static const Allocator allocator = {
    .alloc = starve_alloc, .realloc = starve_realloc, .free = starve_free};

typedef struct Starve {
    uint64_t seed, random;
    uint32_t count, tries, passed, failed;
    uint32_t shown; // runs that ended in another way
    DiffRun run, before;
} Starve;

// What was computed is right as long as nothing says that something failed:
// the first difference is no other number. What grows may fail to, though, and
// a peer may be absent.
static bool is_plausible(const Starve *s, const SmithOutput *module) {
    if (module->generated[OP_memory_grow] || module->generated[OP_table_grow] ||
        smith_had(module->shapes, SHAPE_imported_peer))
        return true;
    const char *a = s->before.text, *b = s->run.text;
    size_t at = 0, line = 0;
    for (; a[at] && a[at] == b[at]; at++)
        if (a[at] == '\n') line = at + 1;
    if (!b[at]) return true;
    const char *ok = strstr(a + line, " ok ");
    size_t head = ok ? (size_t)(ok - a) + 4 - line : 0;
    return a[at] == b[at] || !ok || memchr(a + line, '\n', head) ||
           strncmp(a + line, b + line, head) != 0;
}

static void judge(Starve *s, bool ok, uint64_t seed, uint64_t n,
                  const char *what) {
    s->passed += ok;
    s->failed += !ok;
    if (ok) return;
    printf("seed %llu, allocation %llu, %s: %s\n--- before\n%s--- now\n%s",
           (unsigned long long)seed, (unsigned long long)n, s->run.config->name,
           what, s->before.text, s->run.text);
}

static uint64_t run(Starve *s, Bytes module, uint64_t fail_at) {
    heap.count = 0;
    heap.fail_at = fail_at;
    diff_run_module(&s->run, module);
    heap.fail_at = 0;
    return heap.count;
}

static void starve(Starve *s, const SmithOutput *module, uint64_t seed) {
    // Twice: what an engine keeps is there the second time.
    (void)run(s, module->bytes, 0);
    uint64_t len = run(s, module->bytes, 0);
    s->before = s->run;
    for (uint32_t i = 0; i < s->tries; i++) {
        s->random = smith_mix(s->random, i + 1);
        uint64_t n = 1 + (s->random >> 32) % len;
        (void)run(s, module->bytes, n);
        s->shown += strcmp(s->run.text, s->before.text) != 0;
        judge(s, is_plausible(s, module), seed, n, "another result");
        (void)run(s, module->bytes, 0);
        bool is_same = s->run.len == s->before.len &&
                       !memcmp(s->run.text, s->before.text, s->run.len);
        judge(s, is_same, seed, n, "another result afterwards");
    }
}

// With an engine of its own in one of the configurations.
static void starve_one(Starve *s, Arena *arena, uint64_t seed) {
    SmithInput in = {
        .seed = seed,
        .features = FEATURES_ALL,
        .nans_are_canonical = true,
        .single = OP_count,
    };
    SmithOutput module;
    ArenaGuard guard;
    if (ARENA_GUARD(arena, &guard)) {
        smith_module(&in, arena, &module);
        int64_t alive = heap.alive;
        if (diff_run_init(&s->run, &diff_configs[seed % DIFF_configs])) {
            starve(s, &module, seed);
            diff_run_release(&s->run);
        }
        judge(s, heap.alive == alive, seed, 0, "something was not released");
    }
    arena_unguard(arena, &guard);
    arena_reset(arena);
}

int main(int argc, char **argv) {
    static Starve s = {.seed = 1, .count = 50, .tries = 20};
    setvbuf(stdout, NULL, _IOLBF, 0);
    allocator_set(&allocator);
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t n = strtoull(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--seed")) s.seed = n;
        if (!strcmp(argv[i], "--count")) s.count = (uint32_t)n;
        if (!strcmp(argv[i], "--tries")) s.tries = (uint32_t)n;
    }
    Arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < s.count; i++)
        starve_one(&s, &arena, s.seed + i);
    arena_release(&arena);
    judge(&s, heap.alive == 0, 0, 0, "something was not released");
    judge(&s, s.shown > 0, 0, 0, "no failure showed");
    printf("%u runs ended in another way\n", s.shown);
    printf("%u passed, %u failed\n", s.passed, s.failed);
    return s.failed != 0;
}
