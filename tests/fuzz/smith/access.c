// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Locals, globals, tables, memories in bulk, and what takes any operand.
#include "fuzz/smith/smith_int.h"

bool smith_drop(Smith *s, ValType want) {
    if (want != VT_bot) return false;
    smith_value(s, smith_type(s));
    emit_op(s, OP_drop);
    return true;
}

bool smith_select(Smith *s, ValType want) {
    if (want == VT_bot || vt_is_ref(want)) return false;
    smith_value(s, want);
    smith_value(s, want);
    smith_value(s, VT_i32);
    emit_op(s, OP_select);
    return true;
}

bool smith_select_t(Smith *s, ValType want) {
    if (want == VT_bot) return false;
    smith_value(s, want);
    smith_value(s, want);
    smith_value(s, VT_i32);
    emit_index(s, OP_select_t, 1);
    emit_val_type(s, want);
    return true;
}

// --- locals and globals --------------------------------------------------------------

// A local whose value fits; UINT32_MAX: none.
static uint32_t find_local(Smith *s, ValType want) {
    uint32_t len = s->locals.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t l = (from + i) % len;
        if (smith_fits(s, s->locals.data[l], want)) return l;
    }
    return UINT32_MAX;
}

bool smith_local_get(Smith *s, ValType want) {
    uint32_t l = want == VT_bot ? UINT32_MAX : find_local(s, want);
    if (l == UINT32_MAX) return false;
    emit_index(s, OP_local_get, l);
    return true;
}

bool smith_local_set(Smith *s, ValType want) {
    if (want != VT_bot || !s->locals.len) return false;
    uint32_t l = smith_below(s, s->locals.len);
    smith_value(s, s->locals.data[l]);
    emit_index(s, OP_local_set, l);
    return true;
}

bool smith_local_tee(Smith *s, ValType want) {
    uint32_t l = want == VT_bot ? UINT32_MAX : find_local(s, want);
    if (l == UINT32_MAX) return false;
    smith_value(s, s->locals.data[l]);
    emit_index(s, OP_local_tee, l);
    return true;
}

bool smith_global_get(Smith *s, ValType want) {
    uint32_t len = s->m.globals.len - GLOBAL_FIRST;
    uint32_t from = len && want != VT_bot ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len && want != VT_bot; i++) {
        uint32_t g = GLOBAL_FIRST + (from + i) % len;
        if (!smith_fits(s, s->m.globals.data[g].type.type, want)) continue;
        emit_index(s, OP_global_get, g);
        return true;
    }
    return false;
}

bool smith_global_set(Smith *s, ValType want) {
    if (want != VT_bot || s->m.globals.len == GLOBAL_FIRST) return false;
    uint32_t g = GLOBAL_FIRST + smith_below(s, s->m.globals.len - GLOBAL_FIRST);
    const GlobalType *type = &s->m.globals.data[g].type;
    if (!type->is_mutable) return false;
    smith_value(s, type->type);
    emit_index(s, OP_global_set, g);
    return true;
}

// --- tables --------------------------------------------------------------------------

// Positions and lengths: mostly small, for things of `size`.
static void emit_position(Smith *s, const Limits *limits, uint64_t size) {
    if (smith_chance(s, 10)) {
        smith_value(s, index_type(limits));
        return;
    }
    uint64_t at = smith_below(s, (uint32_t)MIN(size, 1 << 20) + 1);
    if (smith_chance(s, 4)) at = size;
    smith_known(s, limits->is_64, at);
}

static void emit_len(Smith *s, bool is_64) {
    if (smith_chance(s, 24)) {
        smith_value(s, is_64 ? VT_i64 : VT_i32);
        return;
    }
    smith_known(s, is_64, smith_below(s, 9));
}

static uint32_t any_table(Smith *s) {
    return smith_below(s, s->m.tables.len);
}

static const TableType *table_type(const Smith *s, uint32_t table) {
    return &s->m.tables.data[table].type;
}

static void table_position(Smith *s, uint32_t table) {
    const TableType *t = table_type(s, table);
    emit_position(s, &t->limits, t->limits.min);
}

bool smith_table_get(Smith *s, ValType want) {
    if (want == VT_bot || !s->m.tables.len) return false;
    uint32_t table = any_table(s);
    if (!smith_fits(s, table_type(s, table)->elem, want)) return false;
    table_position(s, table);
    emit_index(s, OP_table_get, table);
    return true;
}

bool smith_table_set(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.tables.len) return false;
    uint32_t table = any_table(s);
    table_position(s, table);
    smith_value(s, table_type(s, table)->elem);
    emit_index(s, OP_table_set, table);
    return true;
}

bool smith_table_size(Smith *s, ValType want) {
    if (!s->m.tables.len) return false;
    uint32_t table = any_table(s);
    if (index_type(&table_type(s, table)->limits) != want) return false;
    emit_index(s, OP_table_size, table);
    return true;
}

bool smith_table_grow(Smith *s, ValType want) {
    if (!s->m.tables.len) return false;
    uint32_t table = any_table(s);
    const TableType *t = table_type(s, table);
    if (index_type(&t->limits) != want) return false;
    smith_value(s, t->elem);
    emit_len(s, t->limits.is_64);
    emit_index(s, OP_table_grow, table);
    return true;
}

bool smith_table_fill(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.tables.len) return false;
    uint32_t table = any_table(s);
    const TableType *t = table_type(s, table);
    table_position(s, table);
    smith_value(s, t->elem);
    emit_len(s, t->limits.is_64);
    emit_index(s, OP_table_fill, table);
    return true;
}

bool smith_table_copy(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.tables.len) return false;
    uint32_t to = any_table(s), from = any_table(s);
    const TableType *t = table_type(s, to), *f = table_type(s, from);
    if (!smith_fits(s, f->elem, t->elem)) return false;
    if (to != from) smith_note(s, SHAPE_between_tables);
    table_position(s, to);
    table_position(s, from);
    emit_len(s, t->limits.is_64 && f->limits.is_64);
    emit_pair(s, OP_table_copy, to, from);
    return true;
}

bool smith_table_init(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.tables.len || !s->m.elems.len) return false;
    uint32_t table = any_table(s), elem = smith_below(s, s->m.elems.len);
    const ElemDecl *e = &s->m.elems.data[elem];
    if (!smith_fits(s, e->type, table_type(s, table)->elem)) return false;
    table_position(s, table);
    emit_len(s, false);
    emit_len(s, false);
    emit_pair(s, OP_table_init, elem, table);
    return true;
}

bool smith_elem_drop(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.elems.len || !smith_chance(s, 4)) return false;
    emit_index(s, OP_elem_drop, smith_below(s, s->m.elems.len));
    return true;
}

// --- memories ------------------------------------------------------------------------

static uint32_t any_memory(Smith *s) {
    return smith_below(s, s->m.memories.len);
}

static const MemoryType *memory_type(const Smith *s, uint32_t memory) {
    return &s->m.memories.data[memory].type;
}

static void memory_position(Smith *s, uint32_t memory) {
    const MemoryType *t = memory_type(s, memory);
    emit_position(s, &t->limits, t->limits.min << t->page_log2);
}

static void memory_len(Smith *s, bool is_64) {
    if (smith_chance(s, 8))
        smith_known(s, is_64, smith_below(s, 5000));
    else
        emit_len(s, is_64);
}

bool smith_memory_size(Smith *s, ValType want) {
    if (!s->m.memories.len) return false;
    uint32_t memory = any_memory(s);
    if (index_type(&memory_type(s, memory)->limits) != want) return false;
    emit_index(s, OP_memory_size, memory);
    return true;
}

bool smith_memory_grow(Smith *s, ValType want) {
    if (!s->m.memories.len) return false;
    uint32_t memory = any_memory(s);
    const Limits *limits = &memory_type(s, memory)->limits;
    if (index_type(limits) != want) return false;
    if (smith_chance(s, 6))
        smith_value(s, want);
    else
        smith_known(s, limits->is_64, smith_below(s, 3));
    emit_index(s, OP_memory_grow, memory);
    return true;
}

bool smith_memory_fill(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.memories.len) return false;
    uint32_t memory = any_memory(s);
    memory_position(s, memory);
    smith_value(s, VT_i32);
    memory_len(s, memory_type(s, memory)->limits.is_64);
    emit_index(s, OP_memory_fill, memory);
    return true;
}

bool smith_memory_copy(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.memories.len) return false;
    uint32_t to = any_memory(s), from = any_memory(s);
    if (to != from) smith_note(s, SHAPE_between_memories);
    memory_position(s, to);
    memory_position(s, from);
    memory_len(s, memory_type(s, to)->limits.is_64 &&
                      memory_type(s, from)->limits.is_64);
    emit_pair(s, OP_memory_copy, to, from);
    return true;
}

bool smith_memory_init(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.memories.len || !s->m.datas.len) return false;
    uint32_t memory = any_memory(s);
    memory_position(s, memory);
    emit_len(s, false);
    emit_len(s, false);
    emit_pair(s, OP_memory_init, smith_below(s, s->m.datas.len), memory);
    return true;
}

bool smith_data_drop(Smith *s, ValType want) {
    if (want != VT_bot || !s->m.datas.len || !smith_chance(s, 4)) return false;
    emit_index(s, OP_data_drop, smith_below(s, s->m.datas.len));
    return true;
}
