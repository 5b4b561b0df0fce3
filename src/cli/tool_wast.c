// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot wast`: runs scripts and counts what passed.
#include "cli/report.h"
#include "cli/tool.h"
#include "cli/wast.h"

static uint32_t total(const WastCounts *c) {
    return wast_total(c->passed) + wast_total(c->failed);
}

static bool run_file(Engine *e, const char *path, const WastOptions *options,
                     WastCounts *counts) {
    Input in;
    if (!input_read(&in, path, e->config.limits.module_size)) return false;
    uint32_t before = total(counts);
    bool ok =
        wast_run(e, path, (const char *)in.data, in.size, options, counts);
    if (ok && total(counts) == before) {
        fprintf(options->out, "FAIL %s:1 script: has no command\n", path);
        ok = false;
    }
    input_release(&in);
    return ok;
}

static void print_counts(const WastCounts *c) {
    for (int k = 0; k < COMMAND_count; k++)
        printf("count %s %u %u\n", command_text[k], c->passed[k], c->failed[k]);
}

int tool_wast(const Options *o) {
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    WastCounts counts = {0};
    WastOptions options = {
        .ignore_messages = option_on(o, OPTION_ignore_messages),
        .list_failures = true,
        .traps_on_grow = option_on(o, OPTION_trap_on_grow),
        .via_files = option_on(o, OPTION_compiled_files),
        .prints_states = option_on(o, OPTION_states),
        .fuel = o->values[OPTION_fuel].number,
        .out = stdout,
    };
    uint32_t broken = 0;
    for (uint32_t i = 0; i < o->words.len; i++)
        broken += !run_file(e, o->words.data[i], &options, &counts);
    engine_unref(e);
    if (option_on(o, OPTION_counts)) print_counts(&counts);
    uint32_t failed = wast_total(counts.failed) + broken;
    printf("%u passed, %u failed\n", wast_total(counts.passed), failed);
    return failed ? EXIT_failed : EXIT_ok;
}
