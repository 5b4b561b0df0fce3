// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Generates modules and compares what they do under all configurations.
//
//     smith_diff [OPTION...]
//
//     --seed N        of the first module; the next one has the next seed
//     --count N       modules; with --single, of each instruction
//     --single        modules about one instruction each
//     --op NAME       ... about this one only
//     --modules FILE  writes them for other engines, with ...
//     --results FILE  ... what they do here
//     --save FOLDER   keeps modules that show a difference
//     --write FILE    writes the first module and runs nothing
//     --replay FILE   runs modules that --modules wrote, generates none
//     --run FILE      runs this module, generates none
//     --stop          ends with the first module that shows a difference
//     --without NAME  generates nothing of a feature
//     --unproved      does not prove what is compiled, in builds that need not
//     --evidence FILE writes how often each instruction was generated, run in
//                     each configuration and compared, and each trap seen
//
// The last line is `N passed, N failed`.
#include "base/alloc.h"
#include "fuzz/diff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RUN_MAX = 1 << 20, // bytes of a module from a file
};

typedef struct Diff {
    uint64_t seed;
    uint32_t count;
    bool is_single, stops, is_unproved;
    Op op; // OP_count: all
    FeatureSet without;
    const char *save, *write, *replay, *run;
    FILE *modules, *results, *evidence;

    Arena arena;
    DiffRun *runs; // DIFF_configs of them
    uint32_t passed, failed;
    uint64_t generated[OP_count], compared[OP_count];
    uint64_t features[FEATURE_count]; // modules that agreed, by what they use
    uint64_t shapes[SHAPE_count];
    // Modules about an instruction that has such an operand, and that agreed.
    uint64_t operands[OP_count][OPERAND_count];
} Diff;

// Other engines, and what each of them lacks or may answer in its own way. A
// relaxed instruction has one of several results.
static const struct {
    const char *name;
    FeatureSet lacks;
} engines[] = {
    {"v8", FEATURE_BIT(relaxed_simd) | FEATURE_BIT(wide_arithmetic) |
               FEATURE_BIT(custom_page_sizes)},
    {"wasmtime", 0},
};

// What not all of them can judge.
static FeatureSet seldom_judged(void) {
    FeatureSet all = 0;
    for (size_t i = 0; i < COUNTOF(engines); i++)
        all |= engines[i].lacks;
    return all;
}

// --- failures ----------------------------------------------------------------------------

static void save(const Diff *d, const SmithOutput *module, uint64_t seed) {
    char path[512];
    if (!d->save) return;
    snprintf(path, sizeof path, "%s/%llu.wasm", d->save,
             (unsigned long long)seed);
    FILE *f = fopen(path, "wb");
    if (!f) return;
    fwrite(module->bytes.data, 1, module->bytes.size, f);
    fclose(f);
}

static size_t line_len(const char *text) {
    const char *end = strchr(text, '\n');
    return end ? (size_t)(end - text) : strlen(text);
}

// Prints the first line in which two reports differ.
static void show_difference(const DiffRun *a, const DiffRun *b) {
    const char *x = a->text, *y = b->text;
    for (;;) {
        size_t m = line_len(x), n = line_len(y);
        if (m != n || memcmp(x, y, n) != 0 || !x[m] || !y[n]) {
            printf("    %-16s %.*s fuel %llu\n    %-16s %.*s fuel %llu\n",
                   a->config->name, (int)m, x, (unsigned long long)a->fuel,
                   b->config->name, (int)n, y, (unsigned long long)b->fuel);
            return;
        }
        x += m + 1;
        y += n + 1;
    }
}

static void fail(Diff *d, const SmithOutput *module, const SmithInput *in,
                 const char *what) {
    d->failed++;
    printf("seed %llu%s%s: %s\n", (unsigned long long)in->seed,
           in->single == OP_count ? "" : " --op ",
           in->single == OP_count ? "" : op_name[in->single], what);
    save(d, module, in->seed);
}

// --- a module ------------------------------------------------------------------------------

static bool compare(Diff *d, const SmithInput *in, const SmithOutput *module) {
    for (int i = 0; i < DIFF_configs; i++) {
        diff_run_module(&d->runs[i], module->bytes);
        // Relaxed instructions have other results when they are deterministic.
        if (diff_configs[i].is_deterministic &&
            module->used & FEATURE_BIT(relaxed_simd))
            continue;
        const DiffRun *other = diff_judge(d->runs, i);
        if (diff_same(other, &d->runs[i])) continue;
        fail(d, module, in, "configurations differ");
        show_difference(other, &d->runs[i]);
        return false;
    }
    if (!d->runs[0].is_valid) {
        fail(d, module, in, "refused");
        printf("    %s", d->runs[0].text);
        return false;
    }
    d->passed++;
    return true;
}

// For other engines: a module is its size and its bytes, its results a line
// with the seed, the instruction, the features and the engines that can judge
// it, then the lines of the report, and an empty one.
static void hand_on(Diff *d, const SmithInput *in, const SmithOutput *module) {
    if (d->modules) {
        fwrite(&module->bytes.size, sizeof module->bytes.size, 1, d->modules);
        fwrite(module->bytes.data, 1, module->bytes.size, d->modules);
    }
    if (!d->results) return;
    fprintf(d->results, "seed %llu %s %llx", (unsigned long long)in->seed,
            in->single == OP_count ? "any" : op_name[in->single],
            (unsigned long long)module->used);
    for (size_t i = 0; i < COUNTOF(engines); i++)
        if (!(module->used & engines[i].lacks))
            fprintf(d->results, " %s", engines[i].name);
    fprintf(d->results, "\n%.*s\n", (int)d->runs[0].len, d->runs[0].text);
}

static void judge_module(Diff *d, const SmithInput *in,
                         const SmithOutput *module) {
    bool agrees = compare(d, in, module);
    for (int op = 0; op < OP_count; op++)
        d->generated[op] += module->generated[op];
    if (agrees && in->single != OP_count) {
        d->compared[in->single]++;
        for (int i = 0; i < OPERAND_count; i++)
            d->operands[in->single][i] += module->operands >> i & 1;
    }
    for (int f = 0; agrees && f < FEATURE_count; f++)
        d->features[f] += feature_on(module->used, (Feature)f);
    for (int i = 0; agrees && i < SHAPE_count; i++)
        d->shapes[i] += smith_had(module->shapes, (SmithShape)i);
    hand_on(d, in, module);
}

static void write_module(const Diff *d, const SmithOutput *module) {
    FILE *f = fopen(d->write, "wb");
    if (!f) return;
    fwrite(module->bytes.data, 1, module->bytes.size, f);
    fclose(f);
}

static void run_one(Diff *d, uint64_t seed, Op single) {
    if (single != OP_count &&
        feature_on(d->without, (Feature)op_info[single].feature))
        return;
    FeatureSet features = FEATURES_ALL;
    if (single != OP_count)
        features &= ~seldom_judged() | (FeatureSet)1 << op_info[single].feature;
    else if (seed % 4)
        features &= ~seldom_judged();
    for (int f = 0; f < FEATURE_count; f++)
        if (feature_on(d->without, (Feature)f))
            features = features_with(features, (Feature)f, false);
    SmithInput in = {
        .seed = seed,
        .features = features,
        .nans_are_canonical = true,
        .single = single,
    };
    SmithOutput module;
    ArenaGuard guard;
    if (ARENA_GUARD(&d->arena, &guard)) {
        smith_module(&in, &d->arena, &module);
        if (d->write) {
            write_module(d, &module);
        } else {
            judge_module(d, &in, &module);
        }
    } else {
        d->failed++;
    }
    arena_unguard(&d->arena, &guard);
    arena_reset(&d->arena);
}

static bool is_over(const Diff *d) {
    return d->stops && d->failed;
}

static void run_all(Diff *d) {
    for (uint32_t i = 0; i < d->count && !is_over(d); i++) {
        if (!d->is_single) run_one(d, d->seed + i, OP_count);
        for (int op = 0; d->is_single && op < OP_count && !is_over(d); op++)
            if (d->op == OP_count || d->op == (Op)op)
                run_one(d, d->seed + i, (Op)op);
        if (d->write) return;
    }
}

// Of what a module that is already there uses only this matters: it is not
// valid without relaxed instructions.
static FeatureSet features_of(const uint8_t *bytes, uint32_t size) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL & ~FEATURE_BIT(relaxed_simd);
    config.tiers = TIERS_interp;
    Engine *e = engine_new(&config);
    if (!e) abort();
    Err err = {0};
    bool is_plain = module_check(e, bytes, size, &err);
    engine_unref(e);
    return is_plain ? 0 : FEATURE_BIT(relaxed_simd);
}

// Modules that are already there; their seed is their number.
static void replay(Diff *d) {
    FILE *f = fopen(d->replay, "rb");
    if (!f) {
        perror(d->replay);
        exit(2);
    }
    SmithInput in = {.single = OP_count};
    uint32_t size;
    for (; !is_over(d) && fread(&size, sizeof size, 1, f) == 1; in.seed++) {
        uint8_t *bytes = mem_alloc(size ? size : 1);
        if (!bytes || fread(bytes, 1, size, f) != size) break;
        SmithOutput module = {.bytes = {.data = bytes, .size = size},
                              .used = features_of(bytes, size)};
        judge_module(d, &in, &module);
        mem_free(bytes);
    }
    fclose(f);
}

// A module of its own, as --save leaves it.
static void run_file(Diff *d) {
    static uint8_t bytes[RUN_MAX];
    FILE *f = fopen(d->run, "rb");
    if (!f) {
        perror(d->run);
        exit(2);
    }
    SmithInput in = {.single = OP_count};
    uint32_t size = (uint32_t)fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    SmithOutput module = {.bytes = {.data = bytes, .size = size},
                          .used = features_of(bytes, size)};
    judge_module(d, &in, &module);
}

// --- evidence ------------------------------------------------------------------------------

// A call cannot report an instruction after which nothing of the module runs.
static uint64_t executed(const Diff *d, int config, int op) {
    return d->runs[config].executed[op];
}

static const char *const feature_name[FEATURE_count] = {
#define FEATURE(name, flag, phase, def, what) [FEATURE_##name] = #name,
#include "wasm/feature.def"
};

static const char *const shape_name[SHAPE_count] = {
#define SHAPE(name) [SHAPE_##name] = #name,
    SMITH_SHAPES(SHAPE)
#undef SHAPE
};

// Is there a number that may come from a load? Addresses do not.
static bool takes_number(Op op) {
    OpSig sig = op_info[op].sig;
    for (unsigned i = 0; sig != OP_SIG_NONE && i < sig_param_len(sig); i++)
        if (sig_param(sig, i) != SIG_addr) return true;
    return false;
}

// Where an instruction has operands, in how many modules they are of which kind.
static void write_operands(const Diff *d, Op op) {
    static const char *const names[OPERAND_count] = {
#define OPERAND(name) [OPERAND_##name] = #name,
        SMITH_OPERANDS(OPERAND)
#undef OPERAND
    };
    const uint64_t *counts = d->operands[op];
    uint64_t all = 0;
    for (int i = 0; i < OPERAND_count; i++)
        all += counts[i];
    for (int i = 0; all && i < OPERAND_count; i++)
        if (counts[i] ||
            (i != OPERAND_global && (i != OPERAND_load || takes_number(op))))
            fprintf(d->evidence, "op %s operand %s %llu\n", op_name[op],
                    names[i], (unsigned long long)counts[i]);
}

// What is not asked for: an engine lacks it.
static void write_lacks(const Diff *d) {
    for (size_t i = 0; i < COUNTOF(engines); i++)
        for (int f = 0; f < FEATURE_count; f++)
            if (feature_on(engines[i].lacks, (Feature)f))
                fprintf(d->evidence, "engine %s lacks %s\n", engines[i].name,
                        feature_name[f]);
}

static void write_evidence(const Diff *d) {
    write_lacks(d);
    for (int i = 0; i < SHAPE_count; i++)
        fprintf(d->evidence, "shape %s compared %llu\n", shape_name[i],
                (unsigned long long)d->shapes[i]);
    for (int f = 0; f < FEATURE_count; f++)
        fprintf(d->evidence, "feature %s compared %llu\n", feature_name[f],
                (unsigned long long)d->features[f]);
    for (int op = 0; op < OP_count; op++) {
        fprintf(d->evidence, "op %s generated %llu\n", op_name[op],
                (unsigned long long)d->generated[op]);
        fprintf(d->evidence, "op %s compared %llu\n", op_name[op],
                (unsigned long long)d->compared[op]);
        write_operands(d, (Op)op);
        for (int i = 0; i < DIFF_configs; i++)
            fprintf(d->evidence, "op %s executed %s %llu\n", op_name[op],
                    diff_configs[i].name,
                    (unsigned long long)executed(d, i, op));
    }
    for (int t = TRAP_none + 1; t < TRAP_count; t++)
        for (int i = 0; i < DIFF_configs; i++)
            fprintf(d->evidence, "trap %s seen %s %llu\n", diff_trap_name[t],
                    diff_configs[i].name,
                    (unsigned long long)d->runs[i].traps[t]);
}

// Each instruction must have been generated, and run in each configuration.
static void check_coverage(Diff *d) {
    if (d->evidence) write_evidence(d);
    if (!d->is_single || d->op != OP_count) return;
    for (int op = 0; op < OP_count; op++) {
        int i = 0;
        while (i < DIFF_configs && executed(d, i, op))
            i++;
        if (d->generated[op] && i == DIFF_configs) continue;
        printf("%s was never %s%s\n", op_name[op],
               d->generated[op] ? "executed in " : "generated",
               d->generated[op] ? diff_configs[i].name : "");
        d->failed++;
    }
}

// --- the program ---------------------------------------------------------------------------

static const char *argument(int argc, char **argv, int *i) {
    if (*i + 1 < argc) return argv[++*i];
    fprintf(stderr, "smith_diff: %s needs an argument\n", argv[*i]);
    exit(2);
}

static FILE *output(const char *path) {
    FILE *f = fopen(path, "wb");
    if (f) return f;
    perror(path);
    exit(2);
}

static Op find_op(const char *name) {
    for (int op = 0; op < OP_count; op++)
        if (strcmp(op_name[op], name) == 0) return (Op)op;
    fprintf(stderr, "smith_diff: no instruction %s\n", name);
    exit(2);
}

static FeatureSet find_feature(const char *flag) {
    Feature f = feature_find(str_of(flag));
    if (f < FEATURE_count) return (FeatureSet)1 << f;
    fprintf(stderr, "smith_diff: no feature %s\n", flag);
    exit(2);
}

NORETURN static void usage(const char *option) {
    fprintf(stderr, "smith_diff: unknown option %s\n", option);
    exit(2);
}

static void parse(Diff *d, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--seed"))
            d->seed = strtoull(argument(argc, argv, &i), NULL, 10);
        else if (!strcmp(a, "--count"))
            d->count = (uint32_t)strtoul(argument(argc, argv, &i), NULL, 10);
        else if (!strcmp(a, "--single"))
            d->is_single = true;
        else if (!strcmp(a, "--op"))
            d->op = find_op(argument(argc, argv, &i));
        else if (!strcmp(a, "--stop"))
            d->stops = true;
        else if (!strcmp(a, "--unproved"))
            d->is_unproved = true;
        else if (!strcmp(a, "--evidence"))
            d->evidence = output(argument(argc, argv, &i));
        else if (!strcmp(a, "--without"))
            d->without |= find_feature(argument(argc, argv, &i));
        else if (!strcmp(a, "--replay"))
            d->replay = argument(argc, argv, &i);
        else if (!strcmp(a, "--run"))
            d->run = argument(argc, argv, &i);
        else if (!strcmp(a, "--save"))
            d->save = argument(argc, argv, &i);
        else if (!strcmp(a, "--write"))
            d->write = argument(argc, argv, &i);
        else if (!strcmp(a, "--modules"))
            d->modules = output(argument(argc, argv, &i));
        else if (!strcmp(a, "--results"))
            d->results = output(argument(argc, argv, &i));
        else
            usage(a);
    }
    d->is_single |= d->op != OP_count;
}

// How many modules a second, by the processor's time, go through everything.
static void show_pace(const Diff *d, clock_t begin) {
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    uint32_t len = d->passed + d->failed;
    if (len && seconds > 0)
        printf("%u modules in %d configurations: %.0f a second and core\n", len,
               DIFF_configs, len / seconds);
}

int main(int argc, char **argv) {
    clock_t begin = clock();
    static Diff d = {.seed = 1, .count = 100, .op = OP_count};
    static DiffRun runs[DIFF_configs];
    static DiffConfig configs[DIFF_configs];
    setvbuf(stdout, NULL, _IOLBF, 0);
    parse(&d, argc, argv);
    arena_init(&d.arena, 0);
    d.runs = runs;
    for (int i = 0; i < DIFF_configs; i++) {
        configs[i] = diff_configs[i];
        configs[i].proves &= !d.is_unproved;
        if (!diff_run_init(&runs[i], &configs[i])) return 1;
    }
    if (d.replay)
        replay(&d);
    else if (d.run)
        run_file(&d);
    else
        run_all(&d);
    if (!d.write) check_coverage(&d);
    for (int i = 0; i < DIFF_configs; i++)
        diff_run_release(&runs[i]);
    arena_release(&d.arena);
    if (d.modules) fclose(d.modules);
    if (d.results) fclose(d.results);
    if (d.evidence) fclose(d.evidence);
    show_pace(&d, begin);
    printf("%u passed, %u failed\n", d.passed, d.failed);
    return d.failed != 0;
}
