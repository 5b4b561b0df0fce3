// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Typing locals, globals, tables, memories (part of valid/typer.h).
#pragma once

#include "valid/typer_control.h"

// --- drop and select ---------------------------------------------------------

INLINE bool valid_drop(Typer *t) {
    ValType any;
    return pop_any(t, &any);
}

static inline bool is_plain(ValType type) {
    return type == VT_bot || vt_is_num(type) || type == VT_v128;
}

INLINE bool valid_select(Typer *t) {
    ValType a, b;
    if (!pop(t, VT_i32) || !pop_any(t, &b) || !pop_any(t, &a)) return false;
    if (TYPER_CHECKS && UNLIKELY(a != b && a != VT_bot && b != VT_bot))
        return typer_mismatch(t, "the operands have different types");
    if (TYPER_CHECKS && UNLIKELY(!is_plain(a) || !is_plain(b)))
        return typer_mismatch(t, "references need a select with a type");
    push_plain(t, a == VT_bot ? b : a);
    return true;
}

static inline bool valid_select_t(Typer *t) {
    if (t->in.imm.types.len != 1)
        return typer_fail(t, E_result_arity, t->in.imm.types.len);
    Reader list = t->r;
    list.at = t->in.imm.types.list;
    ValType type = VT_bot;
    if (!read_val_type(&list, t->features, &type)) return false;
    if (TYPER_CHECKS && !val_type_known(t->m, type))
        return typer_fail(t, E_unknown_type, vt_index(type));
    if (!pop3(t, type, type, VT_i32)) return false;
    push(t, type);
    return true;
}

// --- locals ------------------------------------------------------------------

INLINE bool find_local(Typer *t, ValType *out) {
    uint32_t local = t->in.imm.index;
    if (LIKELY(local < t->local_near)) {
        *out = t->locals[local];
        return true;
    }
    if (TYPER_CHECKS && local >= t->local_len)
        return typer_fail(t, E_unknown_local, local);
    *out = typer_far_local(t, local);
    return true;
}

// For the records of loops.
INLINE void log_local(Typer *t, bool is_assigned) {
    if (TYPER_CHECKS && t->loops.len > 0)
        t->log[t->log_len++] = t->in.imm.index << 1 | is_assigned;
}

INLINE bool needs_init(ValType type) {
    return vt_is_ref(type) && !vt_is_nullable(type);
}

INLINE bool valid_local_get(Typer *t) {
    ValType type = VT_bot;
    if (!find_local(t, &type)) return false;
    if (TYPER_CHECKS && UNLIKELY(needs_init(type)) &&
        !typer_is_init(t, t->in.imm.index))
        return typer_fail(t, E_uninit_local, t->in.imm.index);
    log_local(t, false);
    push_plain(t, type); // the declaration noted its flags
    return true;
}

INLINE bool valid_local_set(Typer *t) {
    ValType type = VT_bot;
    if (!find_local(t, &type) || !pop(t, type)) return false;
    if (TYPER_CHECKS && UNLIKELY(needs_init(type)))
        typer_set_init(t, t->in.imm.index);
    log_local(t, true);
    return true;
}

INLINE bool valid_local_tee(Typer *t) {
    ValType type = VT_bot;
    if (!find_local(t, &type) || !pop(t, type)) return false;
    if (TYPER_CHECKS && UNLIKELY(needs_init(type)))
        typer_set_init(t, t->in.imm.index);
    log_local(t, true);
    push_plain(t, type);
    return true;
}

// --- globals -----------------------------------------------------------------

INLINE const GlobalType *global_type(Typer *t) {
    uint32_t global = t->in.imm.index;
    if (TYPER_CHECKS && UNLIKELY(global >= t->m->globals.len)) {
        typer_fail(t, E_unknown_global, global);
        return NULL;
    }
    return &t->m->globals.data[global].type;
}

INLINE bool valid_global_get(Typer *t) {
    const GlobalType *g = global_type(t);
    if (!g) return false;
    push(t, g->type);
    return true;
}

INLINE bool valid_global_set(Typer *t) {
    const GlobalType *g = global_type(t);
    if (!g) return false;
    if (TYPER_CHECKS && UNLIKELY(!g->is_mutable))
        return typer_fail(t, E_immutable_global, t->in.imm.index);
    note_effect(t, LOOP_writes_globals, 0);
    return pop(t, g->type);
}

// --- memories ----------------------------------------------------------------

// The memory's index type; VT_bot after an error.
INLINE ValType memory_index(Typer *t, uint32_t memory) {
    if (LIKELY(memory == 0 && t->addr0 != VT_bot)) {
        note_effect(t, 0, FUNC_uses_memory0);
        return t->addr0;
    }
    if (TYPER_CHECKS && memory >= t->m->memories.len) {
        typer_fail(t, E_unknown_memory, memory);
        return VT_bot;
    }
    return index_type(t->m->memories.data[memory].type.limits);
}

INLINE void note_store(Typer *t, uint32_t memory) {
    note_effect(t, memory == 0 ? LOOP_stores_memory0 : LOOP_stores_memory, 0);
}

static COLD bool fail_align(Typer *t, uint32_t natural) {
    bool is_larger = t->in.imm.mem.arg.align_log2 > natural;
    return typer_fail(t, is_larger ? E_align_too_large : E_align_not_natural,
                      1u << natural);
}

// Alignment, offset and memory of a load or store; its index type, or VT_bot.
INLINE ValType check_memarg(Typer *t, uint32_t natural, bool is_atomic) {
    const MemArg *arg = &t->in.imm.mem.arg;
    ValType addr = memory_index(t, arg->memory);
    if (!TYPER_CHECKS || UNLIKELY(addr == VT_bot)) return addr;
    if (UNLIKELY(is_atomic ? arg->align_log2 != natural
                           : arg->align_log2 > natural)) {
        fail_align(t, natural);
        return VT_bot;
    }
    if (UNLIKELY(addr == VT_i32 && arg->offset > UINT32_MAX)) {
        typer_fail(t, E_offset_out_of_range, 0);
        return VT_bot;
    }
    return addr;
}

INLINE bool valid_load(Typer *t, OpSig sig, uint32_t natural) {
    ValType addr = check_memarg(t, natural, false);
    return addr != VT_bot && valid_sig(t, sig, addr);
}

INLINE bool valid_store(Typer *t, OpSig sig, uint32_t natural) {
    note_store(t, t->in.imm.mem.arg.memory);
    return valid_load(t, sig, natural);
}

INLINE bool valid_memory_size(Typer *t) {
    ValType index = memory_index(t, t->in.imm.index);
    if (index == VT_bot) return false;
    push_plain(t, index);
    return true;
}

static inline bool valid_memory_grow(Typer *t) {
    ValType index = memory_index(t, t->in.imm.index);
    if (index == VT_bot || !pop(t, index)) return false;
    note_effect(t, LOOP_grows_memory, FUNC_grows_memory);
    push_plain(t, index);
    return true;
}

static inline bool valid_memory_fill(Typer *t) {
    ValType index = memory_index(t, t->in.imm.index);
    note_store(t, t->in.imm.index);
    return index != VT_bot && pop3(t, index, VT_i32, index);
}

// The type of a length that must fit both.
INLINE ValType shorter(ValType a, ValType b) {
    return a == VT_i64 && b == VT_i64 ? VT_i64 : VT_i32;
}

static inline bool valid_memory_copy(Typer *t) {
    ValType to = memory_index(t, t->in.imm.pair.first);
    if (to == VT_bot) return false;
    ValType from = memory_index(t, t->in.imm.pair.second);
    note_store(t, t->in.imm.pair.first);
    return from != VT_bot && pop3(t, to, from, shorter(to, from));
}

// --- segments ----------------------------------------------------------------

// The binary format wants the number of data segments ahead of code that names
// one.
static inline bool check_data(Typer *t, uint32_t data) {
    if (!TYPER_CHECKS) return true;
    const Module *m = t->m;
    if (!m->has_data_count && m->bytes)
        return typer_fail(t, E_data_count_required, 0);
    uint32_t len = m->has_data_count ? m->data_count : m->datas.len;
    return data < len || typer_fail(t, E_unknown_data, data);
}

static inline bool check_elem(Typer *t, uint32_t elem) {
    if (!TYPER_CHECKS || elem < t->m->elems.len) return true;
    return typer_fail(t, E_unknown_elem, elem);
}

static inline bool valid_memory_init(Typer *t) {
    ValType index = memory_index(t, t->in.imm.pair.second);
    if (index == VT_bot || !check_data(t, t->in.imm.pair.first)) return false;
    note_store(t, t->in.imm.pair.second);
    return pop3(t, index, VT_i32, VT_i32);
}

static inline bool valid_data_drop(Typer *t) {
    return check_data(t, t->in.imm.index);
}

static inline bool valid_elem_drop(Typer *t) {
    return check_elem(t, t->in.imm.index);
}

// --- tables ------------------------------------------------------------------

static inline const TableType *table_type(Typer *t, uint32_t table) {
    if (TYPER_CHECKS && table >= t->m->tables.len) {
        typer_fail(t, E_unknown_table, table);
        return NULL;
    }
    return &t->m->tables.data[table].type;
}

static inline bool valid_table_get(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.index);
    if (!tt || !pop(t, index_type(tt->limits))) return false;
    push(t, tt->elem);
    return true;
}

static inline bool valid_table_set(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.index);
    note_effect(t, LOOP_writes_table, 0);
    return tt && pop2(t, index_type(tt->limits), tt->elem);
}

static inline bool valid_table_size(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.index);
    if (!tt) return false;
    push_plain(t, index_type(tt->limits));
    return true;
}

static inline bool valid_table_grow(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.index);
    note_effect(t, LOOP_writes_table, 0);
    if (!tt || !pop2(t, tt->elem, index_type(tt->limits))) return false;
    push_plain(t, index_type(tt->limits));
    return true;
}

static inline bool valid_table_fill(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.index);
    note_effect(t, LOOP_writes_table, 0);
    if (!tt) return false;
    ValType index = index_type(tt->limits);
    return pop3(t, index, tt->elem, index);
}

static inline bool valid_table_copy(Typer *t) {
    const TableType *to = table_type(t, t->in.imm.pair.first);
    const TableType *from = to ? table_type(t, t->in.imm.pair.second) : NULL;
    if (!from) return false;
    if (TYPER_CHECKS && !fits(t, from->elem, to->elem))
        return typer_mismatch(t, "the tables hold different types");
    note_effect(t, LOOP_writes_table, 0);
    ValType a = index_type(to->limits), b = index_type(from->limits);
    return pop3(t, a, b, shorter(a, b));
}

static inline bool valid_table_init(Typer *t) {
    const TableType *tt = table_type(t, t->in.imm.pair.second);
    if (!tt || !check_elem(t, t->in.imm.pair.first)) return false;
    if (TYPER_CHECKS &&
        !fits(t, t->m->elems.data[t->in.imm.pair.first].type, tt->elem))
        return typer_mismatch(t, "the segment's type is not the table's");
    note_effect(t, LOOP_writes_table, 0);
    return pop3(t, index_type(tt->limits), VT_i32, VT_i32);
}
