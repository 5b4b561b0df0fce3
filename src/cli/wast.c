// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/wast.h"

#include "base/alloc.h"
#include "binary/binary.h"
#include "cli/state.h"
#include "cli/wast_int.h"
#include "engine/artifact.h"
#include "engine/load.h"

#include <stdarg.h>

uint32_t wast_total(const uint32_t counts[COMMAND_count]) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < COMMAND_count; i++)
        total += counts[i];
    return total;
}

bool wast_fail(Wast *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(w->why, sizeof w->why, format, args);
    va_end(args);
    return false;
}

// --- names -------------------------------------------------------------------------

static Str keep(Wast *w, Str s) {
    return (Str){arena_strdup(&w->names_arena, s.data ? s.data : "", s.len),
                 s.len};
}

// The last entry of that name, or the last one of all for no name.
static WastName *find(WastName *names, uint32_t len, Str name) {
    for (uint32_t i = len; i-- > 0;)
        if (name.len == 0 || str_eq(names[i].name, name)) return &names[i];
    return NULL;
}

static void add_definition(Wast *w, Str name, RtModule *m) {
    WastName entry = {.name = keep(w, name), .module = m};
    VEC_PUSH(&w->names_arena, &w->definitions, entry);
}

static void add_instance(Wast *w, Str name, Instance *inst) {
    WastName entry = {.name = keep(w, name), .instance = inst};
    VEC_PUSH(&w->names_arena, &w->instances, entry);
}

Instance *wast_instance(Wast *w, Str name) {
    const WastName *n = find(w->instances.data, w->instances.len, name);
    return n ? n->instance : NULL;
}

static Instance *find_instance(Wast *w, Str name) {
    Instance *inst = wast_instance(w, name);
    if (inst) return inst;
    (void)wast_fail(w, "no instance %.*s", (int)name.len, name.data);
    return NULL;
}

// --- modules -----------------------------------------------------------------------

// Where a module was refused.
typedef enum Refusal {
    REFUSED_not,
    REFUSED_by_parser,  // text: syntax
    REFUSED_by_decoder, // bytes: syntax
    REFUSED_by_validation,
    REFUSED_otherwise, // limits, memory
} Refusal;

static Refusal refusal_of(const Err *err) {
    switch (err->kind) {
    case ERR_none:
        return REFUSED_not;
    case ERR_malformed:
    case ERR_disabled:
        return REFUSED_by_decoder;
    case ERR_invalid:
        return REFUSED_by_validation;
    case ERR_unlinkable:
    case ERR_limit:
    case ERR_usage:
        return REFUSED_otherwise;
    }
    UNREACHABLE();
}

static Module *parse_quote(Wast *w, const ScriptModule *sm, Err *err) {
    Module *m = NEW(&w->arena, Module);
    module_init(m, &w->arena, w->script.features, w->script.limits);
    bool ok =
        text_parse_module(m, (const char *)sm->bytes.data, sm->bytes.size, err);
    return ok ? m : NULL;
}

// The module's bytes; false with *err set when its text is not well formed.
static bool module_bytes(Wast *w, const ScriptModule *sm, Bytes *out,
                         Err *err) {
    if (sm->form == FORM_binary) {
        *out = sm->bytes;
        return true;
    }
    const Module *m = sm->module;
    *err = sm->err;
    if (sm->form == FORM_quote) m = parse_quote(w, sm, err);
    if (!m) return false;
    module_encode(m, &w->arena, out);
    return true;
}

// The module that its compiled file says. Takes the reference.
static RtModule *reload(Wast *w, RtModule *m, Err *err) {
    uint8_t *bytes;
    size_t size;
    RtModule *again = NULL;
    if (artifact_write(m, &w->arena, &bytes, &size, err) &&
        artifact_verify(bytes, size, err))
        again = artifact_load(w->engine, bytes, size, NULL, err);
    rt_module_unref(m);
    return again;
}

static RtModule *load(Wast *w, const ScriptModule *sm, Err *err,
                      Refusal *refusal) {
    Bytes bytes;
    *refusal = REFUSED_by_parser;
    if (!module_bytes(w, sm, &bytes, err)) return NULL;
    RtModule *m = module_load(w->engine, bytes.data, bytes.size, NULL, err);
    *refusal = refusal_of(err);
    return m && w->options->via_files ? reload(w, m, err) : m;
}

static RtModule *load_or_fail(Wast *w, const ScriptModule *sm) {
    Err err = {0};
    Refusal refusal;
    RtModule *m = load(w, sm, &err, &refusal);
    if (!m) (void)wast_fail(w, "does not load: %s", err.text);
    return m;
}

// What an instantiation or a call came to, as text.
static const char *outcome(Wast *w, Status status) {
    switch (status) {
    case STATUS_ok:
        return "ok";
    case STATUS_exception:
        return "exception";
    case STATUS_trap:
        return w->store->trap.text;
    }
    UNREACHABLE();
}

static void forget(Wast *w) {
    trap_clear(&w->store->trap);
    w->store->exception = 0;
}

static bool instantiate(Wast *w, RtModule *m, Str name) {
    Err err = {0};
    Instance *inst;
    Status status = linker_instantiate(w->linker, w->store, m, &inst, &err);
    bool ok = status == STATUS_ok;
    if (ok) add_instance(w, name, inst);
    if (!ok)
        (void)wast_fail(w, "does not instantiate: %s",
                        err_ok(&err) ? outcome(w, status) : err.text);
    forget(w);
    return ok;
}

static bool run_module(Wast *w, const ScriptCommand *c) {
    const ScriptModule *sm = &c->module;
    if (sm->is_instance) {
        const WastName *d =
            find(w->definitions.data, w->definitions.len, sm->of);
        if (!d) return wast_fail(w, "no such definition");
        return instantiate(w, d->module, sm->name);
    }
    RtModule *m = load_or_fail(w, sm);
    if (!m) return false;
    add_definition(w, sm->name, m);
    return sm->is_definition || instantiate(w, m, sm->name);
}

static bool run_register(Wast *w, const ScriptCommand *c) {
    Err err = {0};
    bool given = false;
    if (w->shared &&
        !wast_thread_register(w, c->instance, keep(w, c->name), &given, &err))
        return wast_fail(w, "cannot register: %s", err.text);
    Instance *inst = given ? NULL : find_instance(w, c->instance);
    if (!inst) return given;
    return linker_define_instance(w->linker, keep(w, c->name), inst, &err) ||
           wast_fail(w, "cannot register: %s", err.text);
}

// --- actions -----------------------------------------------------------------------

// What an action left: a status, and with STATUS_ok the results.
typedef struct Outcome {
    Status status;
    Raw *values;
    const RtValType *types;
    uint32_t len;
} Outcome;

static bool find_export(Wast *w, const ScriptAction *a, ExternKind kind,
                        Extern *out) {
    Instance *inst = find_instance(w, a->instance);
    Err err = {0};
    if (!inst) return false;
    if (!instance_export(inst, a->name, out, &err))
        return wast_fail(w, "%s", err.text);
    return out->kind == kind || wast_fail(w, "an export of another kind");
}

static bool get(Wast *w, const ScriptAction *a, Outcome *out) {
    Extern item;
    if (!find_export(w, a, EXTERN_global, &item)) return false;
    *out = (Outcome){
        .values = &item.global->cell,
        .types = &item.global->type,
        .len = 1,
    };
    return true;
}

// References that are made for one argument survive the making of the next.
static bool make_args(Wast *w, const ScriptAction *a, const RtType *type,
                      Raw *values) {
    RawScope scope;
    raw_scope_enter(w->store, &scope, values, type->params, type->param_len);
    bool ok = true;
    for (uint32_t i = 0; ok && i < a->arg_len; i++)
        ok = wast_arg(w, &a->args[i], &values[i]);
    root_scope_leave(w->store, &scope.scope);
    return ok;
}

static bool invoke(Wast *w, const ScriptAction *a, Outcome *out) {
    Extern item;
    if (!find_export(w, a, EXTERN_func, &item)) return false;
    const RtType *type = item.func->type;
    if (a->arg_len != type->param_len)
        return wast_fail(w, "%u arguments, expected %u", a->arg_len,
                         type->param_len);
    uint32_t len = MAX(type->param_len, type->result_len);
    Raw *values = NEW_N(&w->arena, Raw, len);
    if (!make_args(w, a, type, values)) return false;
    *out = (Outcome){
        .status = func_call(w->store, item.func, values),
        .values = values,
        .types = type->results,
        .len = type->result_len,
    };
    return true;
}

// Threads of scripts race; they print nothing.
static void print_outcome(Wast *w, const Outcome *o) {
    FILE *out = w->options->out;
    if (!w->options->prints_states || w->shared) return;
    fputs(outcome(w, o->status), out);
    for (uint32_t i = 0; o->status == STATUS_ok && i < o->len; i++)
        state_print_value(out, o->types[i], o->values[i]);
    fputc('\n', out);
}

static bool act(Wast *w, const ScriptAction *a, Outcome *out) {
    bool acted = false;
    switch (a->kind) {
    case ACTION_invoke:
        acted = invoke(w, a, out);
        break;
    case ACTION_get:
        acted = get(w, a, out);
        break;
    }
    if (acted) print_outcome(w, out);
    return acted;
}

static bool run_action(Wast *w, const ScriptCommand *c) {
    Outcome o = {0};
    if (!act(w, &c->action, &o)) return false;
    bool ok = o.status == STATUS_ok ||
              wast_fail(w, "ended with: %s", outcome(w, o.status));
    forget(w);
    return ok;
}

// --- assertions on actions -----------------------------------------------------------

static bool results_match(Wast *w, const ScriptCommand *c, const Outcome *o) {
    if (o->len != c->result_len)
        return wast_fail(w, "%u results, expected %u", o->len, c->result_len);
    for (uint32_t i = 0; i < o->len; i++) {
        if (wast_matches(w, &c->results[i], o->types[i], o->values[i]))
            continue;
        char got[128];
        wast_print_value(w, got, sizeof got, o->types[i], o->values[i]);
        return wast_fail(w, "result %u is %s", i, got);
    }
    return true;
}

static bool assert_return(Wast *w, const ScriptCommand *c) {
    Outcome o = {0};
    if (!act(w, &c->action, &o)) return false;
    bool ok = o.status == STATUS_ok
                  ? results_match(w, c, &o)
                  : wast_fail(w, "ended with: %s", outcome(w, o.status));
    forget(w);
    return ok;
}

static bool is_prefix(Str want, const char *text) {
    return strlen(text) >= want.len && !memcmp(text, want.data, want.len);
}

static bool trapped(Wast *w, const ScriptCommand *c, Status status) {
    bool ok = status == STATUS_trap && is_prefix(c->text, w->store->trap.text);
    if (!ok)
        (void)wast_fail(w, "ended with \"%s\", expected \"%.*s\"",
                        outcome(w, status), (int)c->text.len, c->text.data);
    forget(w);
    return ok;
}

static bool assert_trap(Wast *w, const ScriptCommand *c) {
    if (!c->has_module) {
        Outcome o = {0};
        return act(w, &c->action, &o) && trapped(w, c, o.status);
    }
    RtModule *m = load_or_fail(w, &c->module);
    if (!m) return false;
    Err err = {0};
    Instance *inst;
    Status status = linker_instantiate(w->linker, w->store, m, &inst, &err);
    rt_module_unref(m);
    if (!err_ok(&err)) return wast_fail(w, "does not link: %s", err.text);
    return trapped(w, c, status);
}

static bool assert_exhaustion(Wast *w, const ScriptCommand *c) {
    Outcome o = {0};
    return act(w, &c->action, &o) && trapped(w, c, o.status);
}

static bool assert_exception(Wast *w, const ScriptCommand *c) {
    Outcome o = {0};
    if (!act(w, &c->action, &o)) return false;
    bool ok = o.status == STATUS_exception ||
              wast_fail(w, "ended with: %s", outcome(w, o.status));
    forget(w);
    return ok;
}

// --- assertions on modules -----------------------------------------------------------

static bool says(Wast *w, const ScriptCommand *c, const Err *err) {
    return w->options->ignore_messages || is_prefix(c->text, err->text) ||
           wast_fail(w, "the message is \"%s\", expected \"%.*s\"", err->text,
                     (int)c->text.len, c->text.data);
}

// Text has to be refused by the parser, bytes by the decoder.
static bool assert_malformed(Wast *w, const ScriptCommand *c) {
    Err err = {0};
    Refusal refusal;
    RtModule *m = load(w, &c->module, &err, &refusal);
    if (m) rt_module_unref(m);
    if (refusal == REFUSED_not) return wast_fail(w, "is accepted");
    Refusal want =
        c->module.form == FORM_binary ? REFUSED_by_decoder : REFUSED_by_parser;
    if (refusal != want)
        return wast_fail(w, "is refused elsewhere: %s", err.text);
    return says(w, c, &err);
}

static bool assert_invalid(Wast *w, const ScriptCommand *c) {
    Err err = {0};
    Refusal refusal;
    RtModule *m = load(w, &c->module, &err, &refusal);
    if (m) rt_module_unref(m);
    if (refusal == REFUSED_not) return wast_fail(w, "is accepted");
    if (refusal != REFUSED_by_validation)
        return wast_fail(w, "is refused elsewhere: %s", err.text);
    return says(w, c, &err);
}

static bool assert_unlinkable(Wast *w, const ScriptCommand *c) {
    RtModule *m = load_or_fail(w, &c->module);
    if (!m) return false;
    Err err = {0};
    Instance *inst;
    Status status = linker_instantiate(w->linker, w->store, m, &inst, &err);
    rt_module_unref(m);
    bool ok = status != STATUS_ok && err.kind == ERR_unlinkable;
    if (!ok)
        (void)wast_fail(w, "ended with: %s",
                        err_ok(&err) ? outcome(w, status) : err.text);
    forget(w);
    return ok && says(w, c, &err);
}

// A broken custom section is no reason to refuse a module, so these look at
// the sections strictly: in text while parsing, in bytes afterwards.
static bool assert_custom(Wast *w, const ScriptCommand *c, bool is_malformed) {
    Err err = {0};
    Bytes bytes;
    bool parsed = module_bytes(w, &c->module, &bytes, &err);
    if (parsed) {
        Module *m = NEW(&w->arena, Module);
        module_init(m, &w->arena, w->script.features, w->script.limits);
        if (!module_decode(m, bytes.data, bytes.size, &err))
            return wast_fail(w, "does not decode: %s", err.text);
        if (module_decode_customs(m, &err)) return wast_fail(w, "is accepted");
    }
    if (is_malformed != (err.kind == ERR_malformed))
        return wast_fail(w, "is refused elsewhere: %s", err.text);
    return says(w, c, &err);
}

// --- commands ----------------------------------------------------------------------

static bool run_command(Wast *w, const ScriptCommand *c) {
    switch (c->kind) {
    case COMMAND_module:
        return run_module(w, c);
    case COMMAND_register:
        return run_register(w, c);
    case COMMAND_action:
        return run_action(w, c);
    case COMMAND_assert_return:
        return assert_return(w, c);
    case COMMAND_assert_trap:
        return assert_trap(w, c);
    case COMMAND_assert_exception:
        return assert_exception(w, c);
    case COMMAND_assert_exhaustion:
        return assert_exhaustion(w, c);
    case COMMAND_assert_malformed:
        return assert_malformed(w, c);
    case COMMAND_assert_invalid:
        return assert_invalid(w, c);
    case COMMAND_assert_unlinkable:
        return assert_unlinkable(w, c);
    case COMMAND_assert_malformed_custom:
        return assert_custom(w, c, true);
    case COMMAND_assert_invalid_custom:
        return assert_custom(w, c, false);
    case COMMAND_thread:
        return wast_thread_start(w, c);
    case COMMAND_wait:
        return wast_thread_wait(w, c->name);
    case COMMAND_count:
        break;
    }
    UNREACHABLE();
}

static void report(Wast *w, uint64_t at, const char *kind) {
    if (!w->options->list_failures) return;
    TextPos pos = text_locate(w->script.text, w->script.size, at);
    fprintf(w->options->out, "FAIL %s:%u %s: %s\n", w->path, pos.line, kind,
            w->why);
}

void wast_count(Wast *w, const ScriptCommand *c) {
    w->why[0] = 0;
    if (run_command(w, c)) {
        w->counts->passed[c->kind]++;
        return;
    }
    w->counts->failed[c->kind]++;
    report(w, c->at, command_text[c->kind]);
}

static bool run_script(Wast *w) {
    Err err = {0};
    ScriptCommand c;
    ArenaMark mark = arena_mark(&w->arena);
    while (script_next(&w->script, &c, &err)) {
        wast_count(w, &c);
        arena_rewind(&w->arena, mark);
        c = (ScriptCommand){0};
    }
    if (w->options->prints_states) {
        wast_thread_wait_all(w);
        state_print(w->store, w->options->out);
    }
    if (err_ok(&err)) return true;
    (void)wast_fail(w, "%s", err.text);
    report(w, err.at, "script");
    return false;
}

static bool set_up(Wast *w) {
    Err err = {0};
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    if (!w->store || !w->linker) return false;
    w->store->context.fuel =
        (int64_t)MIN(w->options->fuel, (uint64_t)INT64_MAX);
    w->store->limiter.traps_on_failure = w->options->traps_on_grow;
    linker_allow_shadowing(w->linker, true);
    return spectest_define(w, &err);
}

// Each command's own memory is rewound; what running out of memory interrupts
// is the whole script.
static bool run_guarded(Wast *w, bool (*work)(Wast *w)) {
    ArenaGuard guard, names_guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&w->arena, &guard)) {
        if (ARENA_GUARD(&w->names_arena, &names_guard)) {
            ok = set_up(w) && work(w);
            arena_unguard(&w->names_arena, &names_guard);
        }
        arena_unguard(&w->arena, &guard);
    }
    return ok;
}

static void release(Wast *w) {
    wast_thread_wait_all(w);
    VEC_EACH (WastName, d, &w->definitions) {
        rt_module_unref(d->module);
    }
    linker_free(w->linker);
    if (w->store) store_unref(w->store);
    arena_release(&w->arena);
    arena_release(&w->names_arena);
}

bool wast_run_in(Wast *w, const Script *script, bool (*work)(Wast *w)) {
    arena_init(&w->arena, 0);
    arena_init(&w->names_arena, 0);
    w->script = *script;
    w->script.arena = &w->arena;
    bool ok = run_guarded(w, work);
    release(w);
    return ok;
}

bool wast_run(Engine *e, const char *path, const char *text, size_t size,
              const WastOptions *options, WastCounts *counts) {
    Wast w = {
        .engine = e,
        .options = options,
        .counts = counts,
        .path = path,
    };
    Script script;
    script_init(&script, NULL, text, size, e->config.features,
                &e->config.limits);
    return wast_run_in(&w, &script, run_script);
}
