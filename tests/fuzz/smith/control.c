// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks, branches, calls, exceptions.
#include "fuzz/smith/smith_int.h"

enum {
    BLOCK_void = 0x40,
    EXTRA_MAX = 3,
    TARGET_MAX = 8,
    TARGET_MANY = 128, // more have a number of two bytes
};

// --- labels --------------------------------------------------------------------------

static void push_label(Smith *s, const ValType *types, uint32_t len) {
    Label l = {.types = types, .len = len};
    VEC_PUSH(s->arena, &s->labels, l);
}

static Label *last_label(Smith *s) {
    return &s->labels.data[s->labels.len - 1];
}

static void end_block(Smith *s) {
    emit_op(s, OP_end);
    (void)VEC_POP(&s->labels);
}

static const Label *label_at(const Smith *s, uint32_t depth) {
    return &s->labels.data[s->labels.len - 1 - depth];
}

// What a branch goes to.
static Label target(Smith *s, uint32_t depth) {
    Label l = *label_at(s, depth);
    if (l.is_loop) smith_note(s, SHAPE_loop_again);
    return l;
}

static bool is_in_try(const Smith *s) {
    bool found = false;
    for (uint32_t i = 0; i < s->labels.len; i++)
        found |= s->labels.data[i].is_try;
    return found;
}

static void write_block_type(Smith *s, const ValType *params,
                             uint32_t param_len, const ValType *results,
                             uint32_t result_len) {
    bool is_short = !smith_has(s, FEATURE_multi_value) || !smith_chance(s, 8);
    if (param_len == 0 && result_len == 0 && is_short)
        write_u8(s->w, BLOCK_void);
    else if (param_len == 0 && result_len == 1 && is_short)
        emit_val_type(s, results[0]);
    else
        write_s64(s->w,
                  smith_func_type(s, params, param_len, results, result_len));
}

// A block that only has results.
static void begin_block(Smith *s, Op op, const ValType *results, uint32_t len) {
    emit_op(s, op);
    write_block_type(s, NULL, 0, results, len);
    push_label(s, results, len);
}

// --- jumps ---------------------------------------------------------------------------
//
// What never comes back mostly stands in one arm of an `if`, or what follows
// would never run.

static bool begin_jump(Smith *s, ValType want) {
    if (smith_chance(s, 6)) return false;
    ValType *result = NEW(s->arena, ValType);
    *result = want;
    smith_value(s, VT_i32);
    begin_block(s, OP_if, result, want != VT_bot);
    if (want == VT_bot) return true;
    smith_value(s, want);
    emit_op(s, OP_else);
    return true;
}

// Code behind a jump takes its operands from nowhere.
static void dead_code(Smith *s) {
    static const Op ops[] = {OP_i32_add,         OP_i64_eqz,    OP_f64_sqrt,
                             OP_select,          OP_drop,       OP_i32_const,
                             OP_ref_as_non_null, OP_ref_is_null};
    uint32_t len = smith_has(s, FEATURE_function_references) ? 8 : 5;
    smith_note(s, SHAPE_dead_code);
    for (uint32_t n = 1 + smith_below(s, 2); n > 0; n--) {
        Op op = ops[smith_below(s, len)];
        if (op == OP_i32_const)
            emit_i32(s, smith_i32_bits(s));
        else
            emit_op(s, op);
        if (op != OP_drop) emit_op(s, OP_drop);
    }
}

static void end_jump(Smith *s, bool is_guarded, ValType want) {
    if (want == VT_bot && smith_chance(s, 3)) dead_code(s);
    if (is_guarded) end_block(s);
}

// --- blocks --------------------------------------------------------------------------

// Types for parameters, or for results around one of type `want`.
static uint32_t extra_types(Smith *s, ValType *out, ValType want) {
    uint32_t len = 0;
    if (want != VT_bot) out[len++] = want;
    bool is_single = s->in->single != OP_count;
    if (!smith_has(s, FEATURE_multi_value) ||
        !(is_single || smith_chance(s, 3)))
        return len;
    for (uint32_t n = smith_below(s, EXTRA_MAX); n > 0; n--)
        out[len++] = smith_type(s);
    return len;
}

static void body(Smith *s, const ValType *results, uint32_t len) {
    smith_stmts(s, 3);
    smith_values(s, results, len);
}

static bool block(Smith *s, Op op, ValType want) {
    ValType *params = NEW_N(s->arena, ValType, EXTRA_MAX + 1);
    ValType *results = NEW_N(s->arena, ValType, EXTRA_MAX + 1);
    uint32_t param_len = extra_types(s, params, VT_bot);
    uint32_t result_len = extra_types(s, results, want);
    if (param_len) smith_note(s, SHAPE_block_params);
    if (result_len > 1) smith_note(s, SHAPE_block_results);
    smith_values(s, params, param_len);
    if (op == OP_if) smith_value(s, VT_i32);
    emit_op(s, op);
    write_block_type(s, params, param_len, results, result_len);
    if (op == OP_loop)
        push_label(s, params, param_len);
    else
        push_label(s, results, result_len);
    last_label(s)->is_loop = op == OP_loop;
    smith_sinks(s, params, param_len);
    if (op == OP_loop) smith_burn(s);
    body(s, results, result_len);
    bool needs_else = param_len || result_len;
    if (op == OP_if && (needs_else || smith_chance(s, 2))) {
        emit_op(s, OP_else);
        smith_sinks(s, params, param_len);
        body(s, results, result_len);
    }
    end_block(s);
    smith_keep(s, results, result_len, want);
    return true;
}

bool smith_block(Smith *s, ValType want) {
    return block(s, OP_block, want);
}

bool smith_loop(Smith *s, ValType want) {
    return block(s, OP_loop, want);
}

bool smith_if(Smith *s, ValType want) {
    return block(s, OP_if, want);
}

// `else` comes with an `if`, `end` with any block.
bool smith_else(Smith *s, ValType want) {
    ValType *result = NEW(s->arena, ValType);
    *result = want;
    smith_value(s, VT_i32);
    begin_block(s, OP_if, result, want != VT_bot);
    if (want != VT_bot) smith_leaf(s, want);
    emit_op(s, OP_else);
    if (want != VT_bot) smith_value(s, want);
    end_block(s);
    return true;
}

bool smith_end(Smith *s, ValType want) {
    ValType *result = NEW(s->arena, ValType);
    *result = want;
    begin_block(s, OP_block, result, want != VT_bot);
    if (want != VT_bot) smith_leaf(s, want);
    end_block(s);
    return true;
}

// --- branches ------------------------------------------------------------------------

bool smith_unreachable(Smith *s, ValType want) {
    bool is_guarded = begin_jump(s, want);
    emit_op(s, OP_unreachable);
    end_jump(s, is_guarded, want);
    return true;
}

bool smith_br(Smith *s, ValType want) {
    bool is_guarded = begin_jump(s, want);
    uint32_t depth = smith_below(s, s->labels.len);
    Label l = target(s, depth);
    smith_values(s, l.types, l.len);
    emit_index(s, OP_br, depth);
    end_jump(s, is_guarded, want);
    return true;
}

bool smith_return(Smith *s, ValType want) {
    bool is_guarded = begin_jump(s, want);
    smith_values(s, s->results, s->result_len);
    emit_op(s, OP_return);
    end_jump(s, is_guarded, want);
    return true;
}

bool smith_br_if(Smith *s, ValType want) {
    uint32_t depth = smith_below(s, s->labels.len);
    Label l = *label_at(s, depth);
    if (!smith_can_keep(s, l.types, l.len, want)) return false;
    (void)target(s, depth);
    smith_values(s, l.types, l.len);
    smith_value(s, VT_i32);
    emit_index(s, OP_br_if, depth);
    smith_keep(s, l.types, l.len, want);
    return true;
}

// Labels that take the same types.
static bool same_label(const Label *a, const Label *b) {
    if (a->len != b->len) return false;
    for (uint32_t i = 0; i < a->len; i++)
        if (a->types[i] != b->types[i]) return false;
    return true;
}

bool smith_br_table(Smith *s, ValType want) {
    bool is_guarded = begin_jump(s, want);
    uint32_t first = smith_below(s, s->labels.len);
    Label l = target(s, first);
    smith_values(s, l.types, l.len);
    smith_value(s, VT_i32);
    if (smith_chance(s, 2)) {
        emit_i32(s, 7);
        emit_op(s, OP_i32_and);
    }
    uint32_t len = smith_below(s, TARGET_MAX);
    if (smith_rarely(s, 12)) {
        smith_note(s, SHAPE_long_br_table);
        len = TARGET_MANY + smith_below(s, 200);
    }
    emit_index(s, OP_br_table, len);
    for (uint32_t i = 0; i <= len; i++) {
        uint32_t depth = smith_below(s, s->labels.len);
        write_u32(s->w, same_label(label_at(s, depth), &l) ? depth : first);
    }
    end_jump(s, is_guarded, want);
    return true;
}

// --- calls ---------------------------------------------------------------------------

static const FuncType *func_type(const Smith *s, uint32_t type) {
    return &s->m.types.data[type].func;
}

static bool leaves(Smith *s, const FuncType *t, ValType want) {
    return smith_can_keep(s, t->results, t->result_len, want);
}

// Does a function of that type return what this one does?
static bool can_follow(Smith *s, const FuncType *t) {
    if (t->result_len != s->result_len) return false;
    for (uint32_t i = 0; i < t->result_len; i++)
        if (!smith_fits(s, t->results[i], s->results[i])) return false;
    return true;
}

// What a call that is a jump is surrounded by.
static void note_tail_call(Smith *s) {
    if (s->labels.len > 1) smith_note(s, SHAPE_tail_call_nested);
    if (is_in_try(s)) smith_note(s, SHAPE_tail_call_in_try);
}

// A function that fits; UINT32_MAX: none.
static uint32_t find_func(Smith *s, ValType want, bool is_tail) {
    uint32_t len = s->m.funcs.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t f = (from + i) % len;
        const FuncType *t = func_type(s, s->m.funcs.data[f].type);
        if (is_tail ? can_follow(s, t) : leaves(s, t, want)) return f;
    }
    return UINT32_MAX;
}

static uint32_t find_type(Smith *s, ValType want, bool is_tail) {
    uint32_t len = s->m.types.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = (from + i) % len;
        if (s->m.types.data[at].kind != COMP_func) continue;
        const FuncType *t = func_type(s, at);
        if (is_tail ? can_follow(s, t) : leaves(s, t, want)) return at;
    }
    return TYPE_NONE;
}

// Where the module is about calls, one with operands is worth looking for.
static uint32_t callee(Smith *s, ValType want) {
    uint32_t f = find_func(s, want, false);
    int tries = s->in->single == OP_call && f != UINT32_MAX ? 4 : 0;
    for (; tries > 0; tries--)
        if (!func_type(s, s->m.funcs.data[f].type)->param_len)
            f = find_func(s, want, false);
    return f;
}

bool smith_call(Smith *s, ValType want) {
    uint32_t f = callee(s, want);
    if (f == UINT32_MAX) return false;
    FuncType t = *func_type(s, s->m.funcs.data[f].type);
    smith_values(s, t.params, t.param_len);
    if (is_in_try(s)) smith_note(s, SHAPE_call_in_try);
    emit_index(s, OP_call, f);
    smith_keep(s, t.results, t.result_len, want);
    return true;
}

bool smith_return_call(Smith *s, ValType want) {
    uint32_t f = find_func(s, want, true);
    if (f == UINT32_MAX) return false;
    bool is_guarded = begin_jump(s, want);
    FuncType t = *func_type(s, s->m.funcs.data[f].type);
    smith_values(s, t.params, t.param_len);
    note_tail_call(s);
    if (f < s->m.imported[EXTERN_func]) smith_note(s, SHAPE_tail_call_host);
    emit_index(s, OP_return_call, f);
    end_jump(s, is_guarded, want);
    return true;
}

// A table of functions; UINT32_MAX: none.
static uint32_t func_table(Smith *s) {
    uint32_t len = s->m.tables.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t t = (from + i) % len;
        if (type_top(&s->m, s->m.tables.data[t].type.elem) == HEAP_func)
            return t;
    }
    return UINT32_MAX;
}

// An entry that has the type, if the table's initial contents show one.
static void indirect_index(Smith *s, uint32_t table, uint32_t type) {
    const Limits *limits = &s->m.tables.data[table].type.limits;
    VEC_EACH (ElemDecl, e, &s->m.elems) {
        if (e->mode != SEGMENT_active || e->table != table || e->has_exprs)
            continue;
        for (uint32_t i = 0; i < e->len; i++) {
            if (s->m.funcs.data[e->funcs[i]].type != type || smith_chance(s, 4))
                continue;
            emit_addr(s, limits->is_64, e->at + i);
            return;
        }
    }
    if (smith_chance(s, 8))
        smith_value(s, index_type(limits));
    else
        emit_addr(s, limits->is_64, smith_below(s, (uint32_t)limits->min + 2));
}

static bool call_indirect(Smith *s, Op op, ValType want) {
    bool is_tail = op == OP_return_call_indirect;
    uint32_t table = func_table(s), type = find_type(s, want, is_tail);
    if (table == UINT32_MAX || type == TYPE_NONE) return false;
    bool is_guarded = is_tail && begin_jump(s, want);
    FuncType t = *func_type(s, type);
    smith_values(s, t.params, t.param_len);
    indirect_index(s, table, type);
    if (is_tail) note_tail_call(s);
    emit_pair(s, op, type, table);
    if (is_tail)
        end_jump(s, is_guarded, want);
    else
        smith_keep(s, t.results, t.result_len, want);
    return true;
}

bool smith_call_indirect(Smith *s, ValType want) {
    return call_indirect(s, OP_call_indirect, want);
}

bool smith_return_call_indirect(Smith *s, ValType want) {
    return call_indirect(s, OP_return_call_indirect, want);
}

bool smith_call_ref(Smith *s, ValType want) {
    uint32_t type = find_type(s, want, false);
    if (type == TYPE_NONE) return false;
    FuncType t = *func_type(s, type);
    smith_values(s, t.params, t.param_len);
    smith_value(s, vt_ref(type, smith_chance(s, 4)));
    emit_index(s, OP_call_ref, type);
    smith_keep(s, t.results, t.result_len, want);
    return true;
}

bool smith_return_call_ref(Smith *s, ValType want) {
    uint32_t type = find_type(s, want, true);
    if (type == TYPE_NONE) return false;
    bool is_guarded = begin_jump(s, want);
    FuncType t = *func_type(s, type);
    smith_values(s, t.params, t.param_len);
    smith_value(s, vt_ref(type, smith_chance(s, 4)));
    note_tail_call(s);
    emit_index(s, OP_return_call_ref, type);
    end_jump(s, is_guarded, want);
    return true;
}

// --- exceptions ----------------------------------------------------------------------

bool smith_throw(Smith *s, ValType want) {
    if (!s->m.tags.len) return false;
    bool is_guarded = begin_jump(s, want);
    uint32_t tag = smith_below(s, s->m.tags.len);
    FuncType t = *func_type(s, s->m.tags.data[tag].type);
    smith_values(s, t.params, t.param_len);
    emit_index(s, OP_throw, tag);
    end_jump(s, is_guarded, want);
    return true;
}

bool smith_throw_ref(Smith *s, ValType want) {
    bool is_guarded = begin_jump(s, want);
    smith_value(s, VT_EXNREF);
    emit_op(s, OP_throw_ref);
    end_jump(s, is_guarded, want);
    return true;
}

// What a handler receives: the tag's values, and maybe the exception.
static uint32_t caught_types(Smith *s, CatchKind kind, uint32_t tag,
                             ValType *out) {
    uint32_t len = 0;
    if (kind == CATCH_tag || kind == CATCH_tag_ref) {
        const FuncType *t = func_type(s, s->m.tags.data[tag].type);
        for (; len < t->param_len; len++)
            out[len] = t->params[len];
    }
    if (kind == CATCH_tag_ref || kind == CATCH_all_ref)
        out[len++] =
            !smith_has(s, FEATURE_function_references) || smith_chance(s, 2)
                ? VT_EXNREF
                : VT_ABSTRACT_REF(HEAP_exn);
    return len;
}

static void write_catch(Smith *s, CatchKind kind, uint32_t tag,
                        uint32_t label) {
    write_u8(s->w, (uint8_t)kind);
    if (kind == CATCH_tag || kind == CATCH_tag_ref) write_u32(s->w, tag);
    write_u32(s->w, label);
}

// The exception goes on, or is kept, or forgotten.
static void handle(Smith *s, const ValType *caught, uint32_t len) {
    bool has_exn = len && vt_is_ref(caught[len - 1]) &&
                   type_top(&s->m, caught[len - 1]) == HEAP_exn;
    if (has_exn && smith_chance(s, 6)) {
        smith_note(s, SHAPE_thrown_again);
        emit_op(s, OP_throw_ref);
        return;
    }
    smith_sinks(s, caught, len);
    smith_stmts(s, 2);
}

// block $out
//   block $handler
//     try_table (catch ... $handler) body end
//     br $out
//   end
//   handle
// end
bool smith_try_table(Smith *s, ValType want) {
    CatchKind kind = (CatchKind)smith_below(s, 4);
    if (!s->m.tags.len) kind |= CATCH_all;
    uint32_t tag = s->m.tags.len ? smith_below(s, s->m.tags.len) : 0;
    ValType *result = NEW(s->arena, ValType);
    *result = want;
    ValType *caught = NEW_N(s->arena, ValType, 8);
    uint32_t len = caught_types(s, kind, tag, caught);
    if (len > 1 && !smith_has(s, FEATURE_multi_value)) return false;

    begin_block(s, OP_block, result, want != VT_bot);
    begin_block(s, OP_block, caught, len);
    emit_op(s, OP_try_table);
    write_block_type(s, NULL, 0, result, want != VT_bot);
    uint32_t clauses = smith_chance(s, 8) ? 0 : 1 + smith_below(s, 2);
    write_u32(s->w, clauses);
    for (uint32_t i = 0; i < clauses; i++)
        write_catch(s, kind, tag, 0);
    push_label(s, result, want != VT_bot);
    last_label(s)->is_try = clauses > 0;
    if (smith_chance(s, 3)) (void)smith_call(s, VT_bot);
    body(s, result, want != VT_bot);
    end_block(s);
    emit_index(s, OP_br, 1);
    end_block(s);
    handle(s, caught, len);
    if (want != VT_bot) smith_value(s, want);
    end_block(s);
    return true;
}
