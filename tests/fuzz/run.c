// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytes are the choices of the generator of modules; what the module does is
// the same in all our own configurations.
#include "fuzz/diff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static DiffRun runs[DIFF_configs];

static void start(void) {
    for (int i = 0; i < DIFF_configs; i++)
        if (!diff_run_init(&runs[i], &diff_configs[i])) abort();
}

NORETURN static void bug(const char *what, const DiffRun *a, const DiffRun *b) {
    fprintf(stderr, "bug: %s\n--- %s, fuel %llu\n%s--- %s, fuel %llu\n%s", what,
            a->config->name, (unsigned long long)a->fuel, a->text,
            b->config->name, (unsigned long long)b->fuel, b->text);
    abort();
}

static void judge(const SmithOutput *module) {
    for (int i = 0; i < DIFF_configs; i++) {
        diff_run_module(&runs[i], module->bytes);
        if (!runs[i].is_valid) bug("refused", &runs[i], &runs[i]);
        if (diff_configs[i].is_deterministic &&
            module->used & FEATURE_BIT(relaxed_simd))
            continue;
        const DiffRun *other = diff_judge(runs, i);
        if (!diff_same(other, &runs[i]))
            bug("configurations differ", other, &runs[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Arena arena;
    static SmithOutput out;
    if (!runs[0].engine) {
        start();
        arena_init(&arena, 256 << 20);
    }
    SmithInput in = {
        .seed = 1,
        .bytes = data,
        .size = size,
        .features = FEATURES_ALL,
        .nans_are_canonical = true,
        .single = OP_count,
    };
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        smith_module(&in, &arena, &out);
        judge(&out);
    }
    arena_unguard(&arena, &guard);
    arena_reset(&arena);
    return 0;
}
