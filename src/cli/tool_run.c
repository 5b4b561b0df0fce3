// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot run`: a program, or one function of a module.
#include "base/alloc.h"
#include "cli/coredump.h"
#include "cli/profile.h"
#include "cli/report.h"
#include "cli/run_int.h"
#include "cli/state.h"
#include "cli/timer.h"
#include "cli/tool.h"
#include "engine/artifact.h"
#include "os/file.h"
#include "rt/linker.h"

#include <string.h>

// One run. Everything is released in the order that its users need, and may be
// missing.
typedef struct Run {
    const Options *options;
    Engine *engine;
    Store *store;
    Linker *linker;
    Wasi *wasi;
    Timer timeout;
    Profile profile;
    Coredump coredump;
    List(Input *) inputs; // modules read from them while they live
    int code;             // what the command ends with
} Run;

// Records the exit code; false, so that failures end in it.
static bool end(Run *r, int code) {
    r->code = code;
    return false;
}

// --- setting up --------------------------------------------------------------------

static void raise_deadline(void *env) {
    engine_raise_epoch(env);
}

static bool start_timeout(Run *r) {
    const OptionValue *v = &r->options->values[OPTION_timeout];
    if (!v->is_set) return true;
    store_set_deadline(r->store, 1);
    r->timeout =
        (Timer){.first = v->number, .fire = raise_deadline, .env = r->engine};
    return timer_start(&r->timeout) || report_error("cannot start a thread");
}

static bool link_wasi(Run *r) {
    const Options *o = r->options;
    Err err = {0};
    if (!option_or(o, OPTION_cli, true) || !option_or(o, OPTION_common, true))
        return true;
    r->wasi = run_wasi_new(o);
    if (!r->wasi) return false;
    return wasi_define(r->linker, r->wasi, &err) ||
           report_error("%s", err.text);
}

static bool set_up(Run *r) {
    const Options *o = r->options;
    r->engine = setup_engine(o);
    if (!r->engine) return false;
    r->store = store_new(r->engine);
    r->linker = linker_new(r->engine);
    if (!r->store || !r->linker) return report_no_memory();
    if (o->values[OPTION_fuel].is_set)
        r->store->context.fuel =
            (int64_t)MIN(o->values[OPTION_fuel].number, (uint64_t)INT64_MAX);
    r->store->limiter.traps_on_failure = option_on(o, OPTION_trap_on_grow);
    linker_unknown_as_traps(r->linker, option_on(o, OPTION_unknown_trap));
    linker_unknown_as_defaults(r->linker, option_on(o, OPTION_unknown_default));
    if (!profile_start(&r->profile, o, r->store) ||
        !coredump_start(&r->coredump, o, r->store))
        return end(r, EXIT_usage);
    return link_wasi(r) && start_timeout(r);
}

static void tear_down(Run *r) {
    timer_stop(&r->timeout);
    profile_stop(&r->profile);
    if (!profile_finish(&r->profile) && r->code == EXIT_ok)
        r->code = EXIT_failed;
    linker_free(r->linker);
    if (r->store && option_on(r->options, OPTION_states))
        state_print(r->store, stderr);
    if (r->store) store_unref(r->store);
    wasi_free(r->wasi);
    VEC_EACH (Input *, in, &r->inputs) {
        input_release(*in);
        mem_free(*in);
    }
    LIST_RELEASE(&r->inputs);
    if (r->engine) engine_unref(r->engine);
}

// --- running -----------------------------------------------------------------------

// What an instantiation or a call came to, when it did not just return.
static bool ended(Run *r, const Input *in, Status status) {
    const TrapInfo *t = &r->store->trap;
    switch (status) {
    case STATUS_ok:
        return true;
    case STATUS_exception:
        (void)store_trap_uncaught(r->store);
        (void)report_trap(in, t);
        return end(r, EXIT_trap);
    case STATUS_trap:
        if (t->code == TRAP_exit) return end(r, t->exit_status);
        (void)report_trap(in, t);
        return end(r, EXIT_trap);
    }
    UNREACHABLE();
}

static bool call_named(Run *r, const Input *in, Instance *inst, Str name) {
    Extern item;
    Err err = {0};
    if (!instance_export(inst, name, &item, &err)) {
        if (err.id == E_unknown_export) return true;
        return report_about(in, err.text);
    }
    if (item.kind != EXTERN_func) return true;
    const RtType *type = item.func->type;
    if (type->param_len || type->result_len) return true;
    Raw none[1] = {{.u64 = 0}};
    return ended(r, in, func_call(r->store, item.func, none));
}

static Input *new_input(Run *r) {
    Input *in = MEM_NEW(Input);
    if (in && LIST_PUSH(&r->inputs, in)) return in;
    mem_free(in);
    (void)report_no_memory();
    return NULL;
}

// What was compiled before is run only on request: its code is trusted.
static RtModule *load_precompiled(Run *r, const Input *in, int fd) {
    Err err = {0};
    if (!option_on(r->options, OPTION_allow_precompiled)) {
        (void)report_about(in, "a compiled module, whose code would be "
                               "trusted; --allow-precompiled runs it");
        return NULL;
    }
    RtModule *m = NULL;
    if (!option_on(r->options, OPTION_verify) || artifact_verify_file(fd, &err))
        m = artifact_load_file(r->engine, fd, &err);
    if (!m) (void)report_about(in, err.text);
    return m;
}

static RtModule *load(Run *r, Input *in, const char *path) {
    int fd;
    if (!input_is_compiled(in, path, &fd))
        return input_load(r->engine, in, path);
    RtModule *m = load_precompiled(r, in, fd);
    file_close(fd);
    return m;
}

// Loads and instantiates; a reactor is initialized.
static Instance *instantiate(Run *r, Input *in, const char *path) {
    RtModule *m = load(r, in, path);
    if (!m || !profile_add(&r->profile, m, in->name)) {
        if (m) rt_module_unref(m);
        return NULL;
    }
    Err err = {0};
    Instance *inst = NULL;
    Status status = linker_instantiate(r->linker, r->store, m, &inst, &err);
    rt_module_unref(m); // the store keeps what it needs
    if (!err_ok(&err)) {
        (void)report_about(in, err.text);
        return NULL;
    }
    if (!ended(r, in, status)) return NULL;
    return call_named(r, in, inst, STR("_initialize")) ? inst : NULL;
}

static bool preload(Run *r, const char *text) {
    const char *equals = strchr(text, '=');
    Err err = {0};
    if (!equals || equals == text) {
        (void)report_usage("--preload %s: expected NAME=FILE", text);
        return end(r, EXIT_usage);
    }
    Input *in = new_input(r);
    Instance *inst = in ? instantiate(r, in, equals + 1) : NULL;
    if (!inst) return false;
    Str name = {text, (uint32_t)(equals - text)};
    return linker_define_instance(r->linker, name, inst, &err) ||
           report_about(in, err.text);
}

// --- --invoke ----------------------------------------------------------------------

static bool parse_args(Run *r, const RtType *type, Raw *values) {
    const Options *o = r->options;
    uint32_t have = o->words.len - 1;
    if (have != type->param_len) {
        (void)report_usage("--invoke %s: %u arguments, the function takes %u",
                           o->values[OPTION_invoke].text, have,
                           type->param_len);
        return end(r, EXIT_usage);
    }
    for (uint32_t i = 0; i < have; i++) {
        char name[TYPE_TEXT_MAX];
        const char *text = o->words.data[i + 1];
        if (run_value_parse(text, type->params[i], &values[i])) continue;
        (void)report_usage("--invoke %s: argument %u, '%s', is no %s",
                           o->values[OPTION_invoke].text, i + 1, text,
                           type_print(name, type->params[i].code));
        return end(r, EXIT_usage);
    }
    return true;
}

static bool invoke_func(Run *r, const Input *in, Func *f) {
    const RtType *type = f->type;
    Raw *values = MEM_NEW_N(Raw, MAX(type->param_len, type->result_len));
    if (!values) return report_no_memory();
    bool ok = parse_args(r, type, values) &&
              ended(r, in, func_call(r->store, f, values));
    for (uint32_t i = 0; ok && i < type->result_len; i++)
        run_value_print(type->results[i], values[i]);
    mem_free(values);
    return ok;
}

static bool invoke(Run *r, const Input *in, Instance *inst) {
    const char *name = r->options->values[OPTION_invoke].text;
    Extern item;
    Err err = {0};
    if (!instance_export(inst, str_of(name), &item, &err))
        return report_about(in, err.text);
    if (item.kind != EXTERN_func)
        return report_error("%s: the export %s is a %s, not a function",
                            in->name, name, extern_text[item.kind]);
    return invoke_func(r, in, item.func);
}

// --- the whole ---------------------------------------------------------------------

// What cannot be read may be a command that was mistyped.
static void suggest_tool(const Options *o) {
    const char *nearest = tool_nearest(o->words.data[0]);
    if (!o->has_tool && nearest)
        fprintf(stderr, "did you mean the command '%s'?\n", nearest);
}

static bool run_main(Run *r) {
    Input *in = new_input(r);
    Instance *inst = in ? instantiate(r, in, r->options->words.data[0]) : NULL;
    if (in && !in->data) suggest_tool(r->options);
    if (!inst) return false;
    if (r->options->values[OPTION_invoke].is_set) return invoke(r, in, inst);
    return call_named(r, in, inst, STR("_start"));
}

static bool run_all(Run *r) {
    if (!set_up(r)) return false;
    VEC_EACH (OptionUse, use, &r->options->uses) {
        if (use->id == OPTION_preload && !preload(r, use->text)) return false;
    }
    return run_main(r);
}

int tool_run(const Options *o) {
    Run r = {.options = o, .code = EXIT_failed};
    if (run_all(&r)) r.code = EXIT_ok;
    tear_down(&r);
    return r.code;
}
