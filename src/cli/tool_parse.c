// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot parse` and `foliot print`: between a module's text and its bytes.
#include "binary/binary.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "text/text.h"

// One conversion: under the arena's guard, so it owns nothing else.
typedef struct Job {
    Arena arena;
    const EngineConfig *config;
    const Input *in;
    Err err;
    bool in_text; // what the error's offset is one into
} Job;

// Either form becomes a module.
static Module *read_module(Job *j) {
    Module *m = NEW(&j->arena, Module);
    const Input *in = j->in;
    module_init(m, &j->arena, j->config->features, &j->config->limits);
    j->in_text = in->is_text;
    bool ok = in->is_text ? text_parse_module(m, (const char *)in->data,
                                              in->size, &j->err)
                          : module_decode(m, in->data, in->size, &j->err);
    return ok ? m : NULL;
}

// What was text is in its normal form already; bytes get there.
static bool write_binary(Job *j, Output *out) {
    Bytes bytes;
    Module *m = read_module(j);
    if (!m || !module_normalise(m, &j->err)) return false;
    module_encode(m, &j->arena, &bytes);
    if (!out->path && file_is_terminal(out->fd))
        return report_error("bytes are not for a terminal: name a file "
                            "with -o, or use a pipe");
    return output_write(out, (const char *)bytes.data, bytes.size);
}

static bool write_text(Job *j, Output *out) {
    Module *m = read_module(j);
    if (!m) return false;
    if (j->in->is_text) { // its bodies are printed from the binary form
        Bytes bytes;
        module_encode(m, &j->arena, &bytes);
        j->in_text = false;
        module_init(m, &j->arena, j->config->features, &j->config->limits);
        if (!module_decode(m, bytes.data, bytes.size, &j->err)) return false;
    }
    TextBuf text;
    text_init(&text, &j->arena);
    text.flush = output_write;
    text.env = out;
    return text_print_module(m, &text, &j->arena, &j->err) &&
           text_finish(&text);
}

typedef bool (*Convert)(Job *j, Output *out);

static bool run_job(Job *j, Convert convert, Output *out) {
    ArenaGuard guard;
    volatile bool ok = false;
    arena_init(&j->arena, j->config->limits.compile_memory);
    if (ARENA_GUARD(&j->arena, &guard))
        ok = convert(j, out);
    else
        ok = err_at(&j->err, ERR_NOWHERE,
                    j->arena.over_limit ? E_compile_memory : E_out_of_memory);
    arena_unguard(&j->arena, &guard);
    arena_release(&j->arena);
    return ok;
}

static bool convert_file(const Options *o, Engine *e, Convert convert) {
    Input in;
    Output out;
    if (!input_read(&in, o->words.data[0], e->config.limits.module_size))
        return false;
    Job j = {.config = &e->config, .in = &in};
    bool ok = output_open(&out, o->values[OPTION_output].text);
    if (ok) {
        bool done = run_job(&j, convert, &out);
        if (!err_ok(&j.err)) (void)report_refused(e, &in, &j.err, j.in_text);
        ok = output_close(&out, done) && done;
    }
    input_release(&in);
    return ok;
}

static int convert(const Options *o, Convert how) {
    if (o->words.len != 1) {
        (void)report_usage("'%s' takes one file", tool_info[o->tool].name);
        return EXIT_usage;
    }
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    bool ok = convert_file(o, e, how);
    engine_unref(e);
    return ok ? EXIT_ok : EXIT_failed;
}

int tool_parse(const Options *o) {
    return convert(o, write_binary);
}

int tool_print(const Options *o) {
    return convert(o, write_text);
}
