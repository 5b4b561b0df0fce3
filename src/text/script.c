// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scripts: the commands of the specification's test suite, one at a time.
#include "text/script_int.h"

const char *const command_text[COMMAND_count] = {
    [COMMAND_module] = "module",
    [COMMAND_register] = "register",
    [COMMAND_action] = "action",
    [COMMAND_assert_return] = "assert_return",
    [COMMAND_assert_trap] = "assert_trap",
    [COMMAND_assert_exception] = "assert_exception",
    [COMMAND_assert_exhaustion] = "assert_exhaustion",
    [COMMAND_assert_malformed] = "assert_malformed",
    [COMMAND_assert_invalid] = "assert_invalid",
    [COMMAND_assert_unlinkable] = "assert_unlinkable",
    [COMMAND_assert_malformed_custom] = "assert_malformed_custom",
    [COMMAND_assert_invalid_custom] = "assert_invalid_custom",
    [COMMAND_thread] = "thread",
    [COMMAND_wait] = "wait",
};

// One call of script_next: the parser is of the script, each module has one of
// its own.
typedef struct Reading {
    Parser p;
    const Script *s;
    Module unused; // the script's own parser needs the features of one
} Reading;

static Str take_id(Parser *p) {
    Str id = {0};
    if (!parse_is(p, TOK_id)) return id;
    id = p->tok.text;
    parse_advance(p);
    return id;
}

// --- modules -----------------------------------------------------------------

// Parses the text between two offsets as a module; failing is the module's
// matter, not the script's.
static void parse_text_module(Reading *r, uint64_t from, uint64_t to,
                              bool has_module, ScriptModule *out) {
    const Script *s = r->s;
    Module *m = NEW(s->arena, Module);
    module_init(m, s->arena, s->features, s->limits);
    Parser p;
    parser_init(&p, m, s->text, to, &out->err);
    parse_seek(&p, from);
    bool ok = (!has_module || parse_module_name(&p)) &&
              parse_module_fields(&p) &&
              parse_expect(&p, has_module ? TOK_rpar : TOK_eof);
    out->form = FORM_text;
    out->module = ok ? m : NULL;
}

static bool read_bytes_of(Parser *p, ScriptModule *out) {
    Str bytes;
    out->form = parse_word(p, "binary") ? FORM_binary : FORM_quote;
    if (out->form == FORM_quote && !parse_expect_word(p, "quote")) return false;
    out->bytes.at = p->tok.at;
    parse_strings(p, &bytes);
    out->bytes.data = (const uint8_t *)bytes.data;
    out->bytes.size = bytes.len;
    return parse_expect(p, TOK_rpar);
}

static bool read_text_module(Reading *r, uint64_t from, ScriptModule *out) {
    Parser *p = &r->p;
    p->lex.at = p->lex.start + p->tok.at;
    p->has_next = false;
    if (!lex_skip(&p->lex, 1))
        return err_at(p->err, lex_offset(&p->lex, p->lex.at), E_unexpected_eof);
    parse_text_module(r, from, lex_offset(&p->lex, p->lex.at), true, out);
    parse_advance(p);
    return true;
}

// Behind "(module".
static bool read_module(Reading *r, ScriptModule *out) {
    Parser *p = &r->p;
    if (parse_word(p, "instance")) {
        out->is_instance = true;
        out->name = take_id(p);
        out->of = take_id(p);
        return parse_expect(p, TOK_rpar);
    }
    out->is_definition = parse_word(p, "definition");
    uint64_t from = p->tok.at;
    out->name = take_id(p);
    if (AT_WORD(p, "binary") || AT_WORD(p, "quote"))
        return read_bytes_of(p, out);
    return read_text_module(r, from, out);
}

// --- actions and expectations ------------------------------------------------

static bool read_vals(Parser *p, const ScriptVal **out, uint32_t *len) {
    Vec(ScriptVal) vals = {0};
    while (parse_is(p, TOK_lpar)) {
        ScriptVal v = {0};
        if (!parse_script_val(p, &v)) return false;
        VEC_PUSH(p->arena, &vals, v);
    }
    *out = vals.data;
    *len = vals.len;
    return true;
}

static bool at_action(Parser *p) {
    return AT_OPEN(p, "invoke") || AT_OPEN(p, "get");
}

static bool read_action(Parser *p, ScriptAction *out) {
    out->kind = AT_OPEN(p, "get") ? ACTION_get : ACTION_invoke;
    if (!at_action(p)) return parse_unexpected(p);
    parse_advance(p);
    parse_advance(p);
    out->instance = take_id(p);
    if (!parse_name(p, &out->name)) return false;
    if (out->kind == ACTION_invoke && !read_vals(p, &out->args, &out->arg_len))
        return false;
    return parse_expect(p, TOK_rpar);
}

static bool read_text(Parser *p, Str *out) {
    if (!parse_is(p, TOK_string)) return parse_unexpected(p);
    parse_strings(p, out);
    return true;
}

static bool read_assert_module(Reading *r, ScriptCommand *out) {
    out->has_module = true;
    return parse_expect_open(&r->p, "module") && read_module(r, &out->module) &&
           read_text(&r->p, &out->text);
}

static bool read_assert_action(Reading *r, ScriptCommand *out) {
    return read_action(&r->p, &out->action) && read_text(&r->p, &out->text);
}

// --- commands ----------------------------------------------------------------

static bool read_command(Reading *r, ScriptCommand *out, bool in_thread);

// (thread $name (shared (module $m))* command*)
static bool read_thread(Reading *r, ScriptCommand *out) {
    Parser *p = &r->p;
    out->name = take_id(p);
    Vec(Str) shared = {0};
    while (parse_open(p, "shared")) {
        if (!parse_expect_open(p, "module")) return false;
        VEC_PUSH(p->arena, &shared, take_id(p));
        if (!parse_expect(p, TOK_rpar) || !parse_expect(p, TOK_rpar))
            return false;
    }
    out->shared = shared.data;
    out->shared_len = shared.len;
    Vec(ScriptCommand) body = {0};
    while (!parse_is(p, TOK_rpar)) {
        ScriptCommand c;
        if (!read_command(r, &c, true)) return false;
        VEC_PUSH(p->arena, &body, c);
    }
    out->body = body.data;
    out->body_len = body.len;
    return true;
}

// What is between the word and the closing parenthesis; a module, and an
// action by itself, have closed theirs.
static bool read_operands(Reading *r, ScriptCommand *out) {
    Parser *p = &r->p;
    switch (out->kind) {
    case COMMAND_register:
        if (!parse_name(p, &out->name)) return false;
        out->instance = take_id(p);
        return true;
    case COMMAND_assert_return:
        return read_action(p, &out->action) &&
               read_vals(p, &out->results, &out->result_len);
    case COMMAND_assert_trap:
        return at_action(p) ? read_assert_action(r, out)
                            : read_assert_module(r, out);
    case COMMAND_assert_exception:
        return read_action(p, &out->action);
    case COMMAND_assert_exhaustion:
        return read_assert_action(r, out);
    case COMMAND_assert_malformed:
    case COMMAND_assert_invalid:
    case COMMAND_assert_unlinkable:
    case COMMAND_assert_malformed_custom:
    case COMMAND_assert_invalid_custom:
        return read_assert_module(r, out);
    case COMMAND_thread:
        return read_thread(r, out);
    case COMMAND_wait:
        out->name = take_id(p);
        return true;
    case COMMAND_module:
    case COMMAND_action:
    case COMMAND_count:
        break;
    }
    UNREACHABLE();
}

static bool read_command(Reading *r, ScriptCommand *out, bool in_thread) {
    Parser *p = &r->p;
    *out = (ScriptCommand){.at = p->tok.at};
    if (parse_open(p, "module")) {
        out->has_module = true;
        return read_module(r, &out->module);
    }
    if (at_action(p)) {
        out->kind = COMMAND_action;
        return read_action(p, &out->action);
    }
    out->kind = COMMAND_register;
    while (out->kind < COMMAND_count &&
           !(out->kind != COMMAND_action &&
             parse_open(p, command_text[out->kind])))
        out->kind++;
    bool known = out->kind < COMMAND_count;
    if (!known || (in_thread && out->kind == COMMAND_thread))
        return parse_unexpected(p);
    return read_operands(r, out) && parse_expect(p, TOK_rpar);
}

// A script may be the fields of one module, and nothing else.
static bool at_field(Parser *p) {
    static const char *const words[] = {"func",   "type", "import", "export",
                                        "global", "data", "elem",   "table",
                                        "memory", "tag",  "start",  "rec"};
    for (size_t i = 0; i < COUNTOF(words); i++)
        if (parse_is(p, TOK_lpar) &&
            tok_is_word(parse_peek(p), words[i], strlen(words[i])))
            return true;
    return false;
}

void script_init(Script *s, Arena *arena, const char *text, size_t size,
                 FeatureSet features, const LimitSet *limits) {
    *s = (Script){.text = text,
                  .size = size,
                  .arena = arena,
                  .features = features,
                  .limits = limits};
}

bool script_next(Script *s, ScriptCommand *out, Err *err) {
    if (!parse_check_size(s->size, err)) return false;
    Reading r = {.s = s};
    Parser *p = &r.p;
    module_init(&r.unused, s->arena, s->features, s->limits);
    parser_init(p, &r.unused, s->text, s->size, err);
    parse_seek(p, s->at);
    if (parse_is(p, TOK_eof)) return false;
    if (!s->started && at_field(p)) {
        *out = (ScriptCommand){.at = p->tok.at, .has_module = true};
        parse_text_module(&r, p->tok.at, s->size, false, &out->module);
        s->at = s->size;
    } else {
        if (!read_command(&r, out, false)) return false;
        s->at = p->tok.at;
    }
    s->started = true;
    return true;
}
