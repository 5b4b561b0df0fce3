// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parts of typing that both instances share compiled: opening bodies and
// frames, far locals, local initialisation, messages.
#include "valid/valid_int.h"
#include "wasm/instr_read.h"

#include <stdio.h>
#include <string.h>

enum {
    NESTING_USUAL = 32,
    NEAR_MIN = 64, // locals that always get an array entry
    LIST_TEXT_MAX = 88,
};

// --- locals ------------------------------------------------------------------

static bool add_run(Typer *t, uint64_t at, uint64_t count, ValType type) {
    uint64_t len = t->local_len + count;
    if (len > UINT32_MAX)
        return err_at(t->r.err, at, E_too_many_locals, (unsigned long long)len);
    if (len > t->m->limits->locals)
        return err_at(t->r.err, at, E_over_limit, "locals of a function",
                      (unsigned long long)len,
                      (unsigned long long)t->m->limits->locals);
    t->local_len = (uint32_t)len;
    t->flags |= typer_type_flags(t->m, type);
    if (count > 0)
        VEC_PUSH(t->scratch, &t->runs,
                 ((LocalRun){.end = t->local_len, .type = type}));
    return true;
}

// Malformed before invalid: the declarations are read to their end even where
// a type index is unknown.
static bool read_locals(Typer *t) {
    uint32_t groups = read_u32(&t->r);
    for (uint32_t i = 0; i < groups && reader_ok(&t->r); i++) {
        uint64_t at = reader_offset(&t->r);
        uint32_t count = read_u32(&t->r);
        ValType type = VT_bot;
        if (!read_val_type(&t->r, t->features, &type)) return false;
        if (!val_type_known(t->m, type))
            return err_at(t->r.err, at, E_unknown_type, vt_index(type));
        if (!add_run(t, at, count, type)) return false;
    }
    return reader_ok(&t->r);
}

static bool has_default(const Typer *t) {
    VEC_EACH (const LocalRun, run, &t->runs)
        if (!vt_is_defaultable(run->type)) return false;
    return true;
}

// Parameters come first and are set from the start.
static void spread_locals(Typer *t, uint32_t code_size) {
    uint32_t params = t->type->param_len;
    uint32_t most = MAX(code_size, NEAR_MIN + params);
    t->local_near = MIN(t->local_len, most);
    t->locals = arena_alloc_raw(t->scratch, sizeof(ValType), t->local_near);
    if (params) memcpy(t->locals, t->type->params, params * sizeof(ValType));
    uint32_t at = params;
    VEC_EACH (const LocalRun, run, &t->runs)
        for (; at < MIN(run->end, t->local_near); at++)
            t->locals[at] = run->type;
    if (has_default(t)) return;
    t->far_inits.arena = t->scratch;
    t->is_init = NEW_N(t->scratch, uint8_t, t->local_near);
    memset(t->is_init, 1, params);
}

// The run that holds it, by binary search.
ValType typer_far_local(const Typer *t, uint32_t local) {
    uint32_t low = 0, high = t->runs.len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (local < t->runs.data[middle].end)
            high = middle;
        else
            low = middle + 1;
    }
    return t->runs.data[low].type;
}

bool typer_is_init(const Typer *t, uint32_t local) {
    if (local < t->local_near) return !t->is_init || t->is_init[local];
    return map_get(&t->far_inits, local) != MAP_NONE;
}

void typer_set_init(Typer *t, uint32_t local) {
    if (typer_is_init(t, local)) return;
    if (local < t->local_near) {
        t->is_init[local] = true;
    } else {
        // An arena map: the guard sees running out.
        bool ok = map_set(&t->far_inits, local, 1);
        CHECK(ok);
    }
    VEC_PUSH(t->scratch, &t->inits, local);
}

void typer_reset_inits(Typer *t, uint32_t len) {
    while (t->inits.len > len) {
        uint32_t local = VEC_POP(&t->inits);
        if (local < t->local_near)
            t->is_init[local] = false;
        else
            map_remove(&t->far_inits, local);
    }
}

// --- stack and frames --------------------------------------------------------

static const ValType common_values[] = {
    VT_i32, VT_i64, VT_f32, VT_f64, VT_v128, VT_FUNCREF, VT_EXTERNREF,
};

// clang-format off
static const FuncType common_types[COUNTOF(common_values)] = {
    {.results = &common_values[0], .result_len = 1},
    {.results = &common_values[1], .result_len = 1},
    {.results = &common_values[2], .result_len = 1},
    {.results = &common_values[3], .result_len = 1},
    {.results = &common_values[4], .result_len = 1},
    {.results = &common_values[5], .result_len = 1},
    {.results = &common_values[6], .result_len = 1},
};
// clang-format on

const FuncType *typer_value_type(Typer *t, ValType result) {
    for (size_t i = 0; i < COUNTOF(common_values); i++)
        if (common_values[i] == result) return &common_types[i];
    ValType *value = NEW(t->scratch, ValType);
    FuncType *type = NEW(t->scratch, FuncType);
    *value = result;
    *type = (FuncType){.results = value, .result_len = 1};
    return type;
}

void typer_open(Typer *t, CtrlKind kind, const FuncType *type) {
    if (UNLIKELY(t->ctrls.len >= t->m->limits->nesting)) {
        err_at(t->r.err, typer_offset(t), E_over_limit, "nesting of blocks",
               (unsigned long long)t->ctrls.len + 1,
               (unsigned long long)t->m->limits->nesting);
        return; // the reader's error ends the loop
    }
    t->floor = t->sp - (kind == CTRL_func ? 0 : type->param_len);
    VEC_PUSH(t->scratch, &t->ctrls,
             ((Ctrl){
                 .type = type,
                 .height = (uint32_t)(t->floor - t->stack),
                 .pc = typer_at(t),
                 .init_at = t->inits.len,
                 .ctl_wait = NO_ENTRY,
                 .ctl = NO_ENTRY,
                 .catch_wait = NO_ENTRY,
                 .table_at = UINT32_MAX,
                 .kind = (uint8_t)kind,
             }));
}

void typer_grow(Typer *t, size_t more) {
    size_t used = (size_t)(t->limit - t->stack);
    size_t need = used + more + reader_left(&t->r) + STACK_SLACK;
    size_t cap = MAX(need, used * 2);
    ValType *stack = arena_alloc_raw(t->scratch, sizeof(ValType), cap);
    memcpy(stack, t->stack, (size_t)(t->sp - t->stack) * sizeof(ValType));
    t->floor = stack + (t->floor - t->stack);
    t->sp = stack + (t->sp - t->stack);
    t->max = stack + (t->max - t->stack);
    t->limit = stack + cap;
    t->stack = stack;
}

uint32_t typer_type_flags(const Module *m, ValType type) {
    if (type == VT_v128) return FUNC_has_v128;
    if (!vt_is_ref(type)) return 0;
    HeapKind top = type_top(m, type);
    return top == HEAP_func || top == HEAP_bot ? 0 : FUNC_has_refs;
}

static uint32_t list_flags(const Module *m, const ValType *types,
                           uint32_t len) {
    uint32_t flags = 0;
    for (uint32_t i = 0; i < len; i++)
        flags |= typer_type_flags(m, types[i]);
    return flags;
}

static ValType first_memory_index(const Module *m) {
    if (m->memories.len == 0) return VT_bot;
    return m->memories.data[0].type.limits.is_64 ? VT_i64 : VT_i32;
}

bool typer_init(Typer *t, const Module *m, const FuncType *type, Bytes code,
                bool has_locals, Arena *scratch, Err *err) {
    *t = (Typer){
        .m = m,
        .features = m->features,
        .scratch = scratch,
        .addr0 = first_memory_index(m),
        .type = type,
        .local_len = type->param_len,
    };
    reader_init(&t->r, code.data, code.size, code.at, err);
    t->r.end_error = E_unexpected_end_section;
    t->flags = list_flags(m, type->params, type->param_len) |
               list_flags(m, type->results, type->result_len);
    if (has_locals && !read_locals(t)) return false;
    t->r.base = reader_offset(&t->r);
    t->r.start = t->r.at;

    uint32_t size = (uint32_t)reader_left(&t->r);
    spread_locals(t, size);
    size_t cap = (size_t)size + STACK_SLACK;
    t->stack = arena_alloc_raw(scratch, sizeof(ValType), cap);
    t->floor = t->sp = t->max = t->stack;
    t->limit = t->stack + cap;
    t->at = t->r.at;
    VEC_RESERVE(scratch, &t->ctrls, NESTING_USUAL);
    typer_open(t, CTRL_func, type);
    return reader_ok(&t->r);
}

// --- rows that access memory --------------------------------------------------

const uint8_t typer_access[OP_count] = {
// clang-format off
#define LOAD(name, ...)           [OP_##name] = ACCESS_load,
#define STORE(name, ...)          [OP_##name] = ACCESS_store,
#define LANE_LOAD(name, ...)      [OP_##name] = ACCESS_load,
#define LANE_STORE(name, ...)     [OP_##name] = ACCESS_store,
#define ATOMIC_LOAD(name, ...)    [OP_##name] = ACCESS_atomic_load,
#define ATOMIC_WAIT(name, ...)    [OP_##name] = ACCESS_atomic_load,
#define ATOMIC_NOTIFY(name, ...)  [OP_##name] = ACCESS_atomic_load,
#define ATOMIC_STORE(name, ...)   [OP_##name] = ACCESS_atomic_store,
#define ATOMIC_RMW(name, ...)     [OP_##name] = ACCESS_atomic_store,
#define ATOMIC_CMPXCHG(name, ...) [OP_##name] = ACCESS_atomic_store,
// clang-format on
#include "wasm/op.def"
};

// --- messages ----------------------------------------------------------------

// "i32 i64", cut short with "..." where it is too long.
static void list_print(char out[LIST_TEXT_MAX], const ValType *types,
                       size_t len) {
    static const char more[] = " ..."; // always has room
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < len; i++) {
        char text[TYPE_TEXT_MAX];
        type_print(text, types[i]);
        size_t size = strlen(text), space = i > 0;
        if (used + space + size + sizeof more > LIST_TEXT_MAX) {
            memcpy(out + used, more, sizeof more);
            return;
        }
        if (space) out[used++] = ' ';
        memcpy(out + used, text, size + 1);
        used += size;
    }
}

// The text of the instruction being typed, read again.
static const char *op_text(const Typer *t) {
    Err ignored = {0};
    Reader r = t->r;
    Instr in;
    r.at = t->at;
    r.err = &ignored;
    return op_read(&r, t->features, &in) ? op_info[in.op].text : "?";
}

static void note_lists(Typer *t, ErrId id, const ValType *want, uint32_t len,
                       size_t shown) {
    char wanted[LIST_TEXT_MAX], got[LIST_TEXT_MAX];
    list_print(wanted, want, len);
    list_print(got, t->sp - shown, shown);
    err_at(t->r.err, typer_offset(t), id, wanted, got, op_text(t));
}

void typer_note_operands(Typer *t, const ValType *want, uint32_t len) {
    size_t have = (size_t)(t->sp - t->floor);
    note_lists(t, E_operand_mismatch, want, len, MIN(have, len));
}

void typer_note_block(Typer *t, const ValType *want, uint32_t len) {
    note_lists(t, E_block_mismatch, want, len, (size_t)(t->sp - t->floor));
}

void typer_note_mismatch(Typer *t, const char *what) {
    err_at(t->r.err, typer_offset(t), E_type_mismatch, op_text(t), what);
}

void typer_note(Typer *t, ErrId id, uint32_t index) {
    err_at(t->r.err, typer_offset(t), id, index);
}
