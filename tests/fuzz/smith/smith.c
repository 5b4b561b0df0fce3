// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/smith/smith.h"

#include "binary/binary.h"
#include "fuzz/smith/invalid.h"
#include "fuzz/smith/types.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK_void = 0x40,
    SINGLE_FUNCS = 12,
    SINGLE_TRIES = 200,
    LOCALS_MANY = 128, // more have indices of two bytes
    STATE_ITEMS = 4,   // entries of a table that count
};

// A row OPX without a function does not link.
SpecialFn *const smith_special[OP_count] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost)
#define OPX(name, prefix, code, text, imm, feature, cost) \
    [OP_##name] = smith_##name,
#include "wasm/op.def"
};

bool smith_force(Smith *s, Op op, ValType want) {
    return op_is_plain(op) ? smith_plain(s, op, want)
                           : smith_special[op](s, want);
}

Op smith_marked(uint32_t mark) {
    return mark == 0 || mark > OP_count ? OP_count : (Op)(mark - 1);
}

// --- what a module uses ------------------------------------------------------------------

// Most modules leave out a few features, and most features some of their rows.
static void choose_features(Smith *s) {
    s->features = s->in->features;
    bool is_special = s->in->single != OP_count || s->in->broken;
    for (int f = 0; f < FEATURE_count && !is_special; f++)
        if (f != FEATURE_mvp && smith_chance(s, 6))
            s->features = features_with(s->features, (Feature)f, false);
    s->features &= s->in->features;
}

static void choose_rows(Smith *s) {
    uint32_t left_out = smith_below(s, 3);
    for (int op = 0; op < OP_count; op++) {
        if (!smith_has(s, (Feature)op_info[op].feature)) continue;
        if (left_out && smith_below(s, 4) < left_out) continue;
        if (!op_is_plain((Op)op)) {
            VEC_PUSH(s->arena, &s->special, (Op)op);
            continue;
        }
        OpSig sig = op_info[op].sig;
        ValType t = sig_result_len(sig) ? (ValType)sig_result(sig, 0) : VT_bot;
        VEC_PUSH(s->arena, &s->plain[t], (Op)op);
    }
    s->depth_max = 2 + smith_below(s, 5);
    s->body_max = 30 + smith_below(s, 250);
    s->is_crowded = smith_rarely(s, 3);
    s->is_deep = smith_rarely(s, 6);
}

// --- functions ---------------------------------------------------------------------------

static void begin_func(Smith *s, uint32_t type) {
    const FuncType *t = &s->m.types.data[type].func;
    s->w = NEW(s->arena, Writer);
    writer_init(s->w, s->arena);
    s->locals.len = 0;
    s->labels.len = 0;
    for (uint32_t i = 0; i < t->param_len; i++)
        VEC_PUSH(s->arena, &s->locals, t->params[i]);
    s->param_len = t->param_len;
    s->results = t->results;
    s->result_len = t->result_len;
    Label whole = {.types = t->results, .len = t->result_len};
    VEC_PUSH(s->arena, &s->labels, whole);
    s->depth = 0;
    s->budget = s->body_max;
}

// Locals that are not parameters, in groups of equal types.
static void write_locals(Smith *s) {
    uint32_t groups = 0;
    const ValType *l = s->locals.data;
    for (uint32_t i = s->param_len; i < s->locals.len; i++)
        groups += i == s->param_len || l[i] != l[i - 1];
    write_u32(s->w, groups);
    for (uint32_t i = s->param_len, next; i < s->locals.len; i = next) {
        for (next = i; next < s->locals.len && l[next] == l[i];)
            next++;
        write_u32(s->w, next - i);
        emit_val_type(s, l[i]);
    }
}

static void end_func(Smith *s) {
    if (s->locals.len > LOCALS_MANY) smith_note(s, SHAPE_many_locals);
    emit_op(s, OP_end);
    Writer *code = s->w;
    s->w = NEW(s->arena, Writer);
    writer_init(s->w, s->arena);
    write_locals(s);
    write_bytes(s->w, code->data, code->len);
    Body body = {{.data = s->w->data, .size = (uint32_t)s->w->len}};
    VEC_PUSH(s->arena, &s->m.bodies, body);
}

// A local that has a value from the start.
static void set_local(Smith *s, ValType t) {
    smith_const(s, t);
    emit_index(s, OP_local_set, smith_local(s, t));
}

static uint32_t local_len(Smith *s) {
    if (smith_rarely(s, 30)) return LOCALS_MANY + smith_below(s, 100);
    return smith_below(s, smith_chance(s, 8) ? 60 : 6);
}

static void random_body(Smith *s, uint32_t func) {
    begin_func(s, s->m.funcs.data[func].type);
    if (s->in->broken && s->in->broken->code && !s->is_broken)
        smith_break_code(s);
    smith_burn(s);
    for (uint32_t n = local_len(s); n > 0; n--) {
        ValType t = smith_type(s);
        if (vt_is_defaultable(t) && smith_chance(s, 2))
            (void)smith_local(s, t);
        else
            set_local(s, t);
    }
    smith_stmts(s, 6);
    smith_values(s, s->results, s->result_len);
    end_func(s);
}

static void export(Smith *s, ExternKind kind, uint32_t index,
                   const char *prefix, uint32_t number) {
    char name[16];
    int len = prefix[1] ? snprintf(name, sizeof name, "%s", prefix)
                        : snprintf(name, sizeof name, "%s%u", prefix, number);
    Export e = {
        .name = {arena_strdup(s->arena, name, (size_t)len), (uint32_t)len},
        .kind = kind,
        .index = index,
    };
    VEC_PUSH(s->arena, &s->m.exports, e);
}

// A new function () -> i64 whose only local is the number that it returns.
static uint32_t begin_number(Smith *s) {
    const ValType i64 = VT_i64;
    uint32_t type = smith_func_type(s, NULL, 0, &i64, 1);
    FuncDecl f = {.type = type};
    VEC_PUSH(s->arena, &s->m.funcs, f);
    begin_func(s, type);
    return smith_local(s, VT_i64);
}

static void end_number(Smith *s, uint32_t number) {
    emit_index(s, OP_local_get, number);
    end_func(s);
}

static void export_run(Smith *s) {
    export(s, EXTERN_func, s->m.funcs.len - 1, "r", s->out->run_len++);
}

static void run_body(Smith *s, uint32_t func) {
    uint32_t number = begin_number(s);
    FuncType t = s->m.types.data[s->m.funcs.data[func].type].func;
    for (uint32_t i = 0; i < t.param_len; i++)
        smith_const(s, t.params[i]);
    emit_index(s, OP_call, func);
    for (uint32_t i = t.result_len; i-- > 0;)
        smith_mix_value(s, t.results[i], number);
    end_number(s, number);
    export_run(s);
}

// --- the state -----------------------------------------------------------------------------

static void mix_size(Smith *s, const Limits *limits, uint32_t number) {
    smith_mix_value(s, index_type(limits), number);
}

// The first entries of a table, as far as there are any.
static void mix_table(Smith *s, uint32_t table, uint32_t number) {
    const TableType *t = &s->m.tables.data[table].type;
    bool is_64 = t->limits.is_64;
    if (!smith_has(s, FEATURE_reference_types)) return;
    emit_index(s, OP_table_size, table);
    mix_size(s, &t->limits, number);
    for (uint32_t i = 0; i < STATE_ITEMS; i++) {
        emit_index(s, OP_table_size, table);
        emit_addr(s, is_64, i);
        emit_op(s, is_64 ? OP_i64_gt_u : OP_i32_gt_u);
        emit_op(s, OP_if);
        write_u8(s->w, BLOCK_void);
        emit_addr(s, is_64, i);
        emit_index(s, OP_table_get, table);
        smith_mix_value(s, t->elem, number);
        emit_op(s, OP_end);
    }
}

static void state_body(Smith *s) {
    uint32_t number = begin_number(s);
    for (uint32_t g = GLOBAL_FIRST; g < s->m.globals.len; g++) {
        emit_index(s, OP_global_get, g);
        smith_mix_value(s, s->m.globals.data[g].type.type, number);
    }
    for (uint32_t i = 0; i < s->m.tables.len; i++)
        mix_table(s, i, number);
    for (uint32_t i = 0; i < s->m.memories.len; i++) {
        emit_index(s, OP_memory_size, i);
        mix_size(s, &s->m.memories.data[i].type.limits, number);
    }
    end_number(s, number);
    export(s, EXTERN_func, s->m.funcs.len - 1, "state", 0);
}

// --- one instruction -------------------------------------------------------------------------

static ValType any_want(Smith *s) {
    if (smith_chance(s, 4)) return VT_bot;
    return smith_chance(s, 2) ? smith_num_type(s) : smith_ref_type(s);
}

static ValType first_want(Smith *s) {
    OpSig sig = op_info[s->in->single].sig;
    if (!op_is_plain(s->in->single)) return any_want(s);
    return sig_result_len(sig) ? (ValType)sig_result(sig, 0) : VT_bot;
}

static void force(Smith *s, uint32_t number) {
    ValType want = first_want(s);
    for (int tries = 0; tries < SINGLE_TRIES; tries++) {
        if (smith_force(s, s->in->single, want)) {
            if (want != VT_bot) smith_mix_value(s, want, number);
            return;
        }
        want = any_want(s);
    }
}

// Operands are constants, locals, globals and loads, the first one of each kind
// in turn. The block is there for what branches.
static void single_body(Smith *s, uint32_t turn) {
    uint32_t number = begin_number(s);
    smith_burn(s); // it may call itself
    for (uint32_t n = 0; n < 8; n++)
        set_local(s, n < 4 ? VT_i32 + n : smith_type(s));
    bool is_ref = smith_has(s, FEATURE_reference_types) && smith_chance(s, 2);
    ValType type = is_ref ? smith_ref_type(s) : smith_type(s);
    emit_op(s, OP_block);
    emit_val_type(s, type);
    Label block = {.types = &type, .len = 1};
    VEC_PUSH(s->arena, &s->labels, block);
    s->budget = s->body_max;
    s->depth = s->depth_max;
    s->is_marked = false;
    s->first = (SmithOperand)(turn % OPERAND_count);
    s->operands = 0;
    force(s, number);
    s->is_marked = true;
    s->first = OPERAND_count;
    smith_const(s, type);
    emit_op(s, OP_end);
    (void)VEC_POP(&s->labels);
    smith_mix_value(s, type, number);
    end_number(s, number);
    export_run(s);
}

// --- the module ------------------------------------------------------------------------------

static bool can_start(const Smith *s, uint32_t func) {
    const FuncType *t = &s->m.types.data[s->m.funcs.data[func].type].func;
    return t->param_len == 0 && t->result_len == 0;
}

static void bodies(Smith *s) {
    uint32_t first = s->m.imported[EXTERN_func], len = s->m.funcs.len;
    for (uint32_t f = first; f < len; f++)
        random_body(s, f);
    if (s->in->single == OP_count)
        for (uint32_t f = first; f < len; f++)
            run_body(s, f);
    else
        for (uint32_t i = 0; i < SINGLE_FUNCS; i++)
            single_body(s, i);
    state_body(s);
    for (uint32_t f = 0; f < len && !s->m.has_start; f++)
        if (can_start(s, f) && smith_rarely(s, 4)) {
            s->m.has_start = true;
            smith_note(s, SHAPE_start);
            s->m.start = f;
        }
}

// --- what was used ----------------------------------------------------------------------------

static bool has_many_results(const Smith *s) {
    VEC_EACH (TypeDef, t, &s->m.types)
        if (t->kind == COMP_func && t->func.result_len > 1) return true;
    return false;
}

static bool has_wide_index(const Smith *s) {
    VEC_EACH (MemoryDecl, m, &s->m.memories)
        if (m->type.limits.is_64) return true;
    VEC_EACH (TableDecl, t, &s->m.tables)
        if (t->type.limits.is_64) return true;
    return false;
}

static bool has_shared(const Smith *s) {
    VEC_EACH (MemoryDecl, m, &s->m.memories)
        if (m->type.limits.is_shared) return true;
    return false;
}

// Features that show in the form of a module rather than in instructions.
static void note_features(Smith *s) {
    FeatureSet *used = &s->out->used;
    *used |= FEATURE_BIT(mvp) | FEATURE_BIT(mutable_global);
    if (has_many_results(s)) *used |= FEATURE_BIT(multi_value);
    if (s->m.memories.len > 1) *used |= FEATURE_BIT(multi_memory);
    if (has_wide_index(s)) *used |= FEATURE_BIT(memory64);
    if (has_shared(s)) *used |= FEATURE_BIT(threads);
}

static void exports(Smith *s) {
    export(s, EXTERN_global, GLOBAL_FUEL, "fuel", 0);
    export(s, EXTERN_global, GLOBAL_MARK, "mark", 0);
    for (uint32_t i = 0; i < s->m.memories.len; i++)
        export(s, EXTERN_memory, i, "m", s->out->memory_len++);
    for (uint32_t i = 0; i < s->m.tables.len; i++)
        export(s, EXTERN_table, i, "t", i);
    for (uint32_t i = 0; i < s->m.tags.len; i++)
        export(s, EXTERN_tag, i, "e", i);
}

void smith_module(const SmithInput *in, Arena *arena, SmithOutput *out) {
    *out = (SmithOutput){0};
    LimitSet *limits = NEW(arena, LimitSet);
    *limits = limits_default();
    Smith *s = NEW(arena, Smith);
    *s = (Smith){
        .in = in,
        .out = out,
        .arena = arena,
        .random = in->seed + ((uint64_t)in->single << 32),
        .is_marked = true,
        .undeclared = UINT32_MAX,
        .first = OPERAND_count,
    };
    module_init(&s->m, arena, FEATURES_ALL, limits);
    choose_features(s);
    choose_rows(s);
    smith_types(s);
    smith_skeleton(s);
    bodies(s);
    exports(s);
    note_features(s);
    const SmithRule *rule = in->broken;
    if (rule && rule->shape) s->is_broken = rule->shape(s);
    module_encode(&s->m, arena, &out->bytes);
    if (rule && rule->bytes) smith_break_bytes(s);
    out->is_broken = s->is_broken;
}
