// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot compile`: a module with its machine code, for `run
// --allow-precompiled`.
#include "cli/output.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "engine/artifact.h"

#include <stdio.h>
#include <string.h>

enum {
    PATH_MAX_SIZE = 4096
};

// app.wasm becomes app.cwasm beside it, unless -o says otherwise.
static const char *output_path(const Options *o, char path[PATH_MAX_SIZE]) {
    const char *text = o->values[OPTION_output].text;
    if (text) return text;
    const char *in = o->words.data[0];
    const char *slash = strrchr(in, '/'), *dot = strrchr(in, '.');
    size_t len =
        dot && (!slash || dot > slash) ? (size_t)(dot - in) : strlen(in);
    int size = snprintf(path, PATH_MAX_SIZE, "%.*s.cwasm", (int)len, in);
    return size < PATH_MAX_SIZE ? path : NULL;
}

static bool write_bytes(void *env, const void *bytes, size_t size) {
    return output_write(env, bytes, size);
}

// Under a guard: tables are made in an arena.
static bool compile(RtModule *m, Output *out, Err *err) {
    Arena arena;
    ArenaGuard guard;
    volatile bool ok = false;
    arena_init(&arena, m->engine->config.limits.compile_memory);
    if (ARENA_GUARD(&arena, &guard))
        ok = artifact_emit(m, &arena, (ArtifactSink){write_bytes, out}, err);
    else
        ok = err_at(err, ERR_NOWHERE,
                    arena.over_limit ? E_compile_memory : E_out_of_memory);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return ok;
}

static bool compile_to(const Options *o, RtModule *m, const Input *in) {
    char buffer[PATH_MAX_SIZE];
    const char *path = output_path(o, buffer);
    Output out;
    Err err = {0};
    if (!path) return report_error("the name of the output is too long");
    if (!output_open(&out, path)) return false;
    bool done = compile(m, &out, &err);
    if (!err_ok(&err)) (void)report_about(in, err.text);
    return output_close(&out, done) && done;
}

static bool compile_file(const Options *o, Engine *e) {
    Input in;
    RtModule *m = input_load(e, &in, o->words.data[0]);
    bool ok = m && compile_to(o, m, &in);
    if (m) rt_module_unref(m);
    input_release(&in);
    return ok;
}

int tool_compile(const Options *o) {
    if (o->words.len != 1) {
        (void)report_usage("'compile' takes one file");
        return EXIT_usage;
    }
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    bool ok = compile_file(o, e);
    engine_unref(e);
    return ok ? EXIT_ok : EXIT_failed;
}
