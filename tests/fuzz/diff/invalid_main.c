// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Generates modules with one mistake each, and looks for the right error.
//
//     smith_invalid [--seed N] [--count N] [--rule NAME] [--write FILE]
//                   [--evidence FILE]
//
// The last line is `N passed, N failed`.
#include "binary/binary.h"
#include "fuzz/smith/invalid.h"
#include "valid/valid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 200, // seeds until a rule applies
};

typedef struct Judge {
    uint64_t seed;
    uint32_t count;
    const char *rule, *write;
    FILE *evidence;

    Arena arena;
    uint32_t passed, failed;
    uint32_t rejected[E_count];
} Judge;

// Reads and validates; the arena has a guard.
static bool accepts(Judge *j, Bytes bytes, FeatureSet features, Err *err) {
    LimitSet *limits = NEW(&j->arena, LimitSet);
    *limits = limits_default();
    Module *m = NEW(&j->arena, Module);
    module_init(m, &j->arena, features, limits);
    SideTables side = {0};
    return module_decode(m, bytes.data, bytes.size, err) &&
           valid_all(m, &side, err);
}

static void write_module(const char *path, Bytes bytes) {
    FILE *f = fopen(path, "wb");
    if (!f) return;
    fwrite(bytes.data, 1, bytes.size, f);
    fclose(f);
}

static FeatureSet features_of(const SmithRule *rule) {
    FeatureSet features = FEATURES_ALL;
    for (int f = 0; f < FEATURE_count; f++)
        if (f != FEATURE_mvp && feature_on(rule->without, (Feature)f))
            features = features_with(features, (Feature)f, false);
    return features;
}

static void fail(Judge *j, const SmithRule *rule, uint64_t seed,
                 const char *what) {
    printf("seed %llu rule %s: %s\n", (unsigned long long)seed, rule->name,
           what);
    j->failed++;
}

static const char *const error_name[E_count] = {
#define ERR(name, kind, text) [E_##name] = #name,
#include "base/err.def"
};

// Has the module the mistake, and only that one? False: the rule did not apply.
static bool judge(Judge *j, const SmithRule *rule, uint64_t seed) {
    SmithInput in = {
        .seed = seed,
        .features = features_of(rule),
        .single = OP_count,
        .broken = rule,
    };
    static SmithOutput out;
    Err err = {0};
    smith_module(&in, &j->arena, &out);
    if (!out.is_broken) return false;
    if (j->write) write_module(j->write, out.bytes);
    if (accepts(j, out.bytes, in.features, &err)) {
        fail(j, rule, seed, "accepted");
    } else if (err.id != rule->err) {
        fail(j, rule, seed, "refused for another reason:");
        printf("    %s at %llu\n    instead of %s\n", err.text,
               (unsigned long long)err.at, error_name[rule->err]);
    } else {
        j->passed++;
        j->rejected[err.id]++;
    }
    return true;
}

// Under a guard; out of memory counts as a failure.
static bool judge_guarded(Judge *j, const SmithRule *rule, uint64_t seed) {
    ArenaGuard guard;
    volatile bool done = true;
    if (ARENA_GUARD(&j->arena, &guard))
        done = judge(j, rule, seed);
    else
        fail(j, rule, seed, "out of memory");
    arena_unguard(&j->arena, &guard);
    arena_reset(&j->arena);
    return done;
}

// The rule once, with the first seed from `seed` on that can break it.
static void judge_rule(Judge *j, const SmithRule *rule, uint64_t seed) {
    for (uint64_t i = 0; i < TRIES; i++)
        if (judge_guarded(j, rule, seed + i * 1000003)) return;
    fail(j, rule, seed, "never applied");
}

// Reading and validating report the errors from the second block of err.def on,
// up to those of linking.
static bool is_of_modules(int id) {
    return id >= E_unexpected_end && id < E_unknown_import;
}

static void check_rows(Judge *j) {
    for (int id = 0; id < E_count; id++) {
        bool has_rule = false;
        for (uint32_t r = 0; r < smith_rule_len; r++)
            has_rule |= smith_rules[r].err == (ErrId)id;
        if (j->evidence)
            fprintf(j->evidence, "error %s rejected %u%s%s\n", error_name[id],
                    j->rejected[id], smith_never((ErrId)id) ? " never: " : "",
                    smith_never((ErrId)id) ? smith_never((ErrId)id) : "");
        if (has_rule || smith_never((ErrId)id) || !is_of_modules(id)) continue;
        printf("no rule of tests/fuzz/smith/invalid.def makes %s\n",
               error_name[id]);
        j->failed++;
    }
}

static const char *argument(int argc, char **argv, int *i) {
    if (*i + 1 < argc) return argv[++*i];
    fprintf(stderr, "smith_invalid: %s needs an argument\n", argv[*i]);
    exit(2);
}

static void parse(Judge *j, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--seed")) {
            j->seed = strtoull(argument(argc, argv, &i), NULL, 10);
        } else if (!strcmp(a, "--count")) {
            j->count = (uint32_t)strtoul(argument(argc, argv, &i), NULL, 10);
        } else if (!strcmp(a, "--rule")) {
            j->rule = argument(argc, argv, &i);
        } else if (!strcmp(a, "--write")) {
            j->write = argument(argc, argv, &i);
        } else if (!strcmp(a, "--evidence")) {
            j->evidence = fopen(argument(argc, argv, &i), "wb");
        } else {
            fprintf(stderr, "smith_invalid: unknown option %s\n", a);
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    static Judge j = {.seed = 1, .count = 20};
    parse(&j, argc, argv);
    arena_init(&j.arena, 0);
    for (uint32_t r = 0; r < smith_rule_len; r++)
        for (uint32_t i = 0; i < j.count; i++)
            if (!j.rule || !strcmp(j.rule, smith_rules[r].name))
                judge_rule(&j, &smith_rules[r], j.seed + i);
    if (!j.rule) check_rows(&j);
    arena_release(&j.arena);
    if (j.evidence) fclose(j.evidence);
    printf("%u passed, %u failed\n", j.passed, j.failed);
    return j.failed != 0;
}
