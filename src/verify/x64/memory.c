// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operands in memory: which object an address lies in, and that it lies there
// whatever the program computes.
#include "verify/x64/x64.h"

#include "vmabi/context.h"
#include "vmabi/layout.h"

enum {
    FIELDS_END = 2048, // of an object's fields that are reached directly
};

static bool has_index(const X64Mem *m) {
    return m->index != GP_rsp;
}

static uint32_t len_of(const Verify *v, ExternKind kind) {
    return module_len(v->m, kind);
}

// --- the frame ---------------------------------------------------------------

static bool is_in(int64_t disp, uint64_t size, int64_t from, int64_t to) {
    return disp >= from && disp + (int64_t)size <= to;
}

// Slots, arguments and results of calls below them, our own above.
static bool is_in_frame(const Verify *v, const State *s, int64_t disp,
                        uint64_t size) {
    int64_t end = -(int64_t)v->code->frame_size;
    if (s->phase != PHASE_body || s->moved || s->depth < -end) return false;
    return is_in(disp, size, end, MACHINE_FRAME_CONTEXT - 8) ||
           is_in(disp, size, -(int64_t)s->depth, end) ||
           is_in(disp, size, 16, 16 + v->args_size + v->results_size);
}

// What the prologue saved: it may be read, each for what it is.
static bool saved(const Step *t, int64_t disp, uint64_t size, Access *out) {
    if (size != 8 || t->s->phase != PHASE_body || t->s->moved) return false;
    if (disp == MACHINE_FRAME_CONTEXT && t->s->depth >= 8)
        out->value = value_of(V_context, 0);
    else if (disp == 0)
        out->value = value_of(V_caller, 0);
    else if (disp == 8)
        out->value = value_of(V_return, 0);
    else
        return false;
    out->kind = ACCESS_pointer;
    return true;
}

static bool frame(Step *t, int64_t disp, uint64_t size, bool writes,
                  Access *out) {
    if (!writes && saved(t, disp, size, out)) return true;
    if (!is_in_frame(t->v, t->s, disp, size))
        return verify_fail(t->v, "an access outside of the frame");
    out->kind = ACCESS_frame;
    out->disp = (int32_t)disp;
    return true;
}

// --- what the context leads to -----------------------------------------------

static bool pointer(Access *out, ValueKind kind, uint32_t arg) {
    out->kind = ACCESS_pointer;
    out->value = value_of(kind, arg);
    return true;
}

static bool compare(Access *out, FlagsKind kind, uint32_t arg) {
    out->kind = ACCESS_compare;
    out->flags = (Flags){.kind = (uint8_t)kind, .arg = arg};
    return true;
}

// The size is a number as well: of bytes.
static bool memory_size(const Verify *v, uint32_t memory, Access *out) {
    const MemoryType *type = &v->m->memories.data[memory].type;
    (void)compare(out, FLAGS_memory, memory);
    if (type->limits.is_64) return true;
    out->value.max = UINT32_MAX + (uint64_t)(type->page_log2 > 0);
    return true;
}

static bool context_field(const Verify *v, int64_t field, Access *out) {
    switch ((int)field) {
    case CONTEXT_FIELD_store:
        return pointer(out, V_store, 0);
    case CONTEXT_FIELD_memory0_base:
        return v->m->memories.len > 0 && pointer(out, V_base, 0);
    case CONTEXT_FIELD_memory0_size:
        return v->m->memories.len > 0 &&
               !v->m->memories.data[0].type.limits.is_shared &&
               memory_size(v, 0, out);
    case CONTEXT_FIELD_memories:
        return pointer(out, V_memories, 0);
    case CONTEXT_FIELD_tables:
        return pointer(out, V_tables, 0);
    case CONTEXT_FIELD_globals:
        return pointer(out, V_globals, 0);
    case CONTEXT_FIELD_funcs:
        return pointer(out, V_funcs, 0);
    case CONTEXT_FIELD_types:
        return pointer(out, V_types, 0);
    case CONTEXT_FIELD_gc_types:
        return pointer(out, V_gc_ids, 0);
    default:
        return false;
    }
}

static bool store_field(int64_t field, Access *out) {
    switch ((int)field) {
    case STORE_CONTEXT_FIELD_epoch:
        return pointer(out, V_epoch, 0);
    case STORE_CONTEXT_FIELD_stack_limit:
        out->flags = (Flags){.kind = FLAGS_stack};
        return pointer(out, V_limit, 0);
    case STORE_CONTEXT_FIELD_gc_base:
        return pointer(out, V_heap, 0);
    case STORE_CONTEXT_FIELD_gc_heap:
        return pointer(out, V_gc, 0);
    case STORE_CONTEXT_FIELD_fuel:
        out->kind = ACCESS_fuel;
        return true;
    case STORE_CONTEXT_FIELD_deadline:
        out->kind = ACCESS_data;
        return true;
    default:
        return false;
    }
}

// One of the context's arrays, at a constant index.
static bool array(const Verify *v, ValueKind kind, int64_t index, Access *out) {
    if (index < 0 || index > UINT32_MAX) return false;
    uint32_t i = (uint32_t)index;
    switch ((int)kind) {
    case V_memories:
        return i < len_of(v, EXTERN_memory) && pointer(out, V_memory, i);
    case V_tables:
        return i < len_of(v, EXTERN_table) && pointer(out, V_table, i);
    case V_globals:
        return i < len_of(v, EXTERN_global) && pointer(out, V_global, i);
    case V_funcs: // of others there may be no reference yet
        return i < v->m->imported[EXTERN_func] && pointer(out, V_import, i);
    case V_types:
        return i < v->m->types.len && pointer(out, V_type, i);
    default:
        return false;
    }
}

static bool memory_field(const Verify *v, uint32_t memory, int64_t at,
                         Access *out) {
    bool is_shared = v->m->memories.data[memory].type.limits.is_shared;
    if (at == LAYOUT_MEMORY_BASE) return pointer(out, V_base, memory);
    if (at == LAYOUT_MEMORY_SIZE && !is_shared)
        return memory_size(v, memory, out);
    return at == LAYOUT_MEMORY_SHARED && is_shared &&
           pointer(out, V_shared, memory);
}

static bool table_field(const Verify *v, uint32_t table, int64_t at,
                        Access *out) {
    bool is_64 = v->m->tables.data[table].type.limits.is_64;
    if (at == LAYOUT_TABLE_CELLS) return pointer(out, V_cells, table);
    if (at != LAYOUT_TABLE_SIZE) return false;
    (void)compare(out, FLAGS_table, table);
    out->value = is_64 ? VALUE_ANY : VALUE_U32;
    return true;
}

// Is it sure to be a Func *?
static bool is_func(Value f) {
    if (f.kind == V_import) return true;
    return f.min > 0 && (f.kind == V_func || (f.kind == V_cell && f.is_even));
}

static bool func_field(Value f, int64_t at, Access *out) {
    if (!is_func(f)) return false;
    out->value = f;
    if (at == LAYOUT_FUNC_TYPE) return compare(out, FLAGS_type, 0);
    out->kind = ACCESS_entry;
    return at == LAYOUT_FUNC_ENTRY;
}

// A global of a function type holds one; others are as wide as their cell.
static bool global_cell(const Verify *v, uint32_t global, int64_t at,
                        uint64_t size, bool writes, Access *out) {
    ValType type = v->m->globals.data[global].type.type;
    if (at != 0 || size > (type == VT_v128 ? 16 : 8)) return false;
    out->kind = ACCESS_data;
    if (!verify_is_func_type(v, type)) return true;
    if (writes) {
        out->value = value_of(V_func, 0);
        return size == 8;
    }
    return size == 8 && pointer(out, V_func, 0);
}

// Fields of four bytes: of the heap, and of types.
static bool narrow(const Verify *v, Value base, int64_t disp, bool writes,
                   Access *out) {
    out->kind = ACCESS_data;
    if (base.kind == V_gc && disp == LAYOUT_HEAP_NEXT) {
        out->value = value_of(V_fresh, 0);
        out->kind = writes ? ACCESS_next : ACCESS_pointer;
        return true;
    }
    if (writes || disp < 0) return false;
    switch ((int)base.kind) {
    case V_gc:
        return disp == LAYOUT_HEAP_FAST_END && compare(out, FLAGS_room, 0);
    case V_gc_ids:
        out->value = VALUE_U32;
        out->value.bound = BOUND_gc_id;
        out->kind = ACCESS_pointer;
        return disp % 4 == 0 && disp / 4 < v->m->types.len;
    case V_gc_type:
        return disp == LAYOUT_GC_TYPE_KIND;
    case V_rtype:
        return disp == LAYOUT_TYPE_DEPTH && base.min > 0 &&
               compare(out, FLAGS_depth, 0);
    default:
        return false;
    }
}

// One load from a pointer, without an index.
static bool chain(Step *t, Value base, int64_t disp, uint64_t size, bool writes,
                  Access *out) {
    const Verify *v = t->v;
    if (base.kind == V_global)
        return global_cell(v, base.arg, disp, size, writes, out);
    if (size == 4) return narrow(v, base, disp, writes, out);
    if (size != 8 || disp < 0) return false;
    if (base.kind == V_store && disp % 8 == 0)
        return store_field(disp / 8, out) &&
               (!writes || out->kind == ACCESS_fuel);
    if (writes) return false;
    switch ((ValueKind)base.kind) {
    case V_context:
        return disp % 8 == 0 && context_field(v, disp / 8, out);
    case V_memories:
    case V_tables:
    case V_globals:
    case V_funcs:
    case V_types:
        return disp % 8 == 0 && array(v, (ValueKind)base.kind, disp / 8, out);
    case V_memory:
        return memory_field(v, base.arg, disp, out);
    case V_table:
        return table_field(v, base.arg, disp, out);
    case V_shared:
        return disp == LAYOUT_SHARED_SIZE && memory_size(v, base.arg, out);
    case V_import:
    case V_func:
    case V_cell:
        return func_field(base, disp, out);
    case V_epoch:
        out->kind = ACCESS_data;
        return disp == 0;
    case V_gc:
        if (disp == LAYOUT_HEAP_TYPES) return pointer(out, V_gc_types, 0);
        return disp == LAYOUT_HEAP_BASE && pointer(out, V_heap, 0);
    case V_gc_type:
        return disp == LAYOUT_GC_TYPE_OWNER && pointer(out, V_rtype, 0);
    case V_rtype:
        if (disp != LAYOUT_TYPE_DISPLAY || base.min == 0) return false;
        (void)pointer(out, V_display, 0);
        out->value.of = base.of;
        return true;
    case V_display:
        out->kind = ACCESS_data;
        return disp % 8 == 0 && disp / 8 < base.of;
    case V_number:
    case V_store:
    case V_limit:
    case V_global:
    case V_type:
    case V_base:
    case V_cells:
    case V_heap:
    case V_object:
    case V_block:
    case V_fresh:
    case V_gc_ids:
    case V_gc_types:
    case V_frame:
    case V_jumps:
    case V_distance:
    case V_target:
    case V_return:
    case V_caller:
        return false;
    }
    UNREACHABLE();
}

// --- linear memory -----------------------------------------------------------

// The index was compared with the memory's size: it is the end of the access.
static bool is_checked(const X64Mem *m, Value base, Value index,
                       uint64_t size) {
    return has_index(m) && m->scale == 0 && index.bound == BOUND_memory &&
           index.of == base.arg && m->disp < 0 &&
           (uint64_t)-(int64_t)m->disp >= size &&
           index.min >= (uint64_t)-(int64_t)m->disp;
}

Value prove_block(const Step *t) {
    const X64Mem *m = &t->in.mem;
    if (m->base >= MEM_none || !has_index(m)) return VALUE_ANY;
    Value base = prove_reg(t->s, m->base), index = prove_reg(t->s, m->index);
    if (base.kind != V_base || !is_checked(m, base, index, 0)) return VALUE_ANY;
    base.kind = V_block;
    base.max = (uint64_t)-(int64_t)m->disp;
    return base;
}

// Whatever it is, it ends before the guard region does.
static bool is_guarded(const Step *t, Value base, Value index, uint64_t size) {
    const X64Mem *m = &t->in.mem;
    const VerifyEnv *env = t->v->env;
    if (!env->memory0_is_guarded || base.arg != 0) return false;
    uint64_t max = 0, min = 0;
    if (has_index(m)) {
        if (index.kind != V_number || index.max > (uint64_t)1 << 34)
            return false;
        max = index.max << m->scale;
        min = index.min << m->scale;
    }
    if ((int64_t)min + m->disp < 0) return false;
    uint64_t reach = (uint64_t)UINT32_MAX + 1;
    if (!add_ok(reach, env->guard_bytes, &reach)) return false;
    return (uint64_t)((int64_t)max + m->disp) + size <= reach;
}

static bool linear(Step *t, Value base, Value index, uint64_t size,
                   Access *out) {
    out->kind = ACCESS_data;
    if (is_checked(&t->in.mem, base, index, size)) return true;
    if (!is_guarded(t, base, index, size))
        return verify_fail(t->v, "an access to memory that nothing bounds");
    return verify_site(t->v, t->v->at, true) ||
           verify_fail(t->v, "an access that may fault, without a site");
}

// --- indexed -----------------------------------------------------------------

// A collected reference that is not null.
static bool is_object(Value v) {
    return value_is_u32(v) && v.min > 0;
}

// Only a new object's header is written.
static bool heap_field(Step *t, Value index, uint64_t size, bool writes,
                       Access *out) {
    const X64Mem *m = &t->in.mem;
    if (!has_index(m) || m->scale != 0) return false;
    bool is_type = m->disp == LAYOUT_OBJECT_TYPE && size == 4;
    out->kind = ACCESS_data;
    if (index.kind == V_fresh && (writes || !is_type)) {
        if (is_type) out->kind = ACCESS_type;
        return is_in(m->disp, size, LAYOUT_OBJECT_TYPE, FIELDS_END);
    }
    if (is_type && !writes && (index.kind == V_fresh || is_object(index))) {
        out->kind = ACCESS_pointer;
        out->value = VALUE_U32;
        out->value.bound = BOUND_gc_type;
        return true;
    }
    return is_object(index) &&
           is_in(m->disp, size,
                 writes ? LAYOUT_OBJECT_FIELDS : LAYOUT_OBJECT_LEN, FIELDS_END);
}

static bool gc_type(Step *t, Value index, uint64_t size, Access *out) {
    const X64Mem *m = &t->in.mem;
    return has_index(m) && m->scale == 3 && m->disp == 0 && size == 8 &&
           index.bound == BOUND_gc_type && pointer(out, V_gc_type, 0);
}

static bool object_element(Step *t, Value index, uint64_t size, bool writes,
                           Access *out) {
    const X64Mem *m = &t->in.mem;
    if (!has_index(m) && m->disp == LAYOUT_OBJECT_LEN && size == 4 && !writes)
        return compare(out, FLAGS_length, m->base);
    out->kind = ACCESS_data;
    return has_index(m) && m->disp == LAYOUT_OBJECT_FIELDS &&
           index.bound == BOUND_length && index.of == m->base &&
           size == (uint64_t)1 << m->scale;
}

// Of functions, or of collected references.
static bool cell(Step *t, Value base, Value index, uint64_t size, bool writes,
                 Access *out) {
    const X64Mem *m = &t->in.mem;
    bool is_func =
        verify_is_func_type(t->v, t->v->m->tables.data[base.arg].type.elem);
    if (!has_index(m) || m->disp != 0 || index.bound != BOUND_table ||
        index.of != base.arg || size != (is_func ? 8u : 4u) ||
        size != (uint64_t)1 << m->scale)
        return false;
    out->kind = ACCESS_data;
    if (!is_func) return true;
    if (!writes) return pointer(out, V_cell, 0);
    out->value = value_of(V_func, 0);
    return true;
}

// An entry of a jump table: as many follow as the index may be.
static bool jump_entry(Step *t, Value base, Value index, uint64_t size,
                       Access *out) {
    const X64Mem *m = &t->in.mem;
    if (!has_index(m) || m->scale != 2 || m->disp != 0 || size != 4 ||
        index.kind != V_number || index.max >= t->v->code->size / 4 ||
        !verify_data(t->v, base.arg, 4 * (index.max + 1)))
        return false;
    out->kind = ACCESS_pointer;
    out->value = value_of(V_distance, base.arg);
    out->value.max = index.max + 1;
    return true;
}

static bool indexed(Step *t, Value base, uint64_t size, bool writes,
                    Access *out) {
    const X64Mem *m = &t->in.mem;
    Value index = has_index(m) ? prove_reg(t->s, m->index) : VALUE_ANY;
    switch ((int)base.kind) {
    case V_base:
        return linear(t, base, index, size, out);
    case V_block:
        out->kind = ACCESS_data;
        return !has_index(m) && is_in(m->disp, size, 0, (int64_t)base.max);
    case V_heap:
        return heap_field(t, index, size, writes, out);
    case V_gc_types:
        return !writes && gc_type(t, index, size, out);
    case V_object:
        return object_element(t, index, size, writes, out);
    case V_cells:
        return cell(t, base, index, size, writes, out);
    case V_jumps:
        return !writes && jump_entry(t, base, index, size, out);
    default:
        return !has_index(m) && chain(t, base, m->disp, size, writes, out);
    }
}

// --- all ---------------------------------------------------------------------

static bool constant(Step *t, uint64_t size, bool writes, Access *out) {
    if (writes || t->reloc) return verify_fail(t->v, "an access to code");
    out->kind = ACCESS_data;
    return verify_data(t->v, (int64_t)t->next + t->in.mem.disp, size);
}

bool prove_access(Step *t, uint64_t size, bool writes, Access *out) {
    const X64Mem *m = &t->in.mem;
    *out = (Access){.value = VALUE_ANY};
    if (m->base == MEM_rip) return constant(t, size, writes, out);
    if (t->reloc) return verify_fail(t->v, "a relocation of an operand");
    if (m->base >= MEM_none) return verify_fail(t->v, "an absolute address");
    Value base = prove_reg(t->s, m->base);
    if (base.kind == V_frame && !has_index(m))
        return frame(t, (int64_t)(int32_t)base.arg + m->disp, size, writes,
                     out);
    return indexed(t, base, size, writes, out) ||
           verify_fail(t->v, "an access to what is not known");
}

// --- loops over the frame ----------------------------------------------------

// The next instruction of a loop is this one; it goes on to the one after.
static bool takes(Step *t, uint32_t *at, X64Op op, X64Inst *out) {
    const CodeFunc *c = t->v->code;
    if (*at >= c->size || t->v->leaders[*at] ||
        !x64_decode(out, c->code + *at, c->size - *at) || out->op != op)
        return false;
    *at += out->size;
    return true;
}

static bool ends_loop(Step *t, uint32_t at, X64Cc cc) {
    X64Inst jump;
    if (!takes(t, &at, X64_jcc_rel8, &jump) || jump.cc != cc ||
        (int64_t)at + jump.imm != t->v->at)
        return false;
    t->next = at;
    return true;
}

// again: movups [r], xmm; add r, 16; cmp r, end; jb again
static bool zero_loop(Step *t) {
    const X64Mem *m = &t->in.mem;
    X64Inst add, cmp;
    uint32_t at = t->next;
    if (!takes(t, &at, X64_add_ri8, &add) || !takes(t, &at, X64_cmp_rr, &cmp))
        return false;
    Value from = prove_reg(t->s, m->base), to = prove_reg(t->s, cmp.reg[1]);
    int32_t first = (int32_t)from.arg, end = (int32_t)to.arg;
    bool ok = !has_index(m) && m->disp == 0 && m->base < GP_r12 &&
              m->base != GP_rsp && m->base != GP_rbp &&
              t->s->zero_xmms >> t->in.reg[1] & 1 && add.reg[0] == m->base &&
              add.variant == W_64 && add.imm == 16 && cmp.reg[0] == m->base &&
              cmp.variant == W_64 && from.kind == V_frame &&
              to.kind == V_frame && first < end && (end - first) % 16 == 0 &&
              first >= -(int32_t)t->v->code->frame_size &&
              end <= MACHINE_FRAME_CONTEXT - 8 && ends_loop(t, at, CC_b);
    if (!ok) return false;
    if (t->v->func_local_len > 0)
        for (int32_t disp = first; disp < end; disp += 8)
            state_store(t->v, t->s, disp, value_range(0, 0));
    else
        state_forget(t->v, t->s, first, end);
    return prove_set(t, m->base, VALUE_ANY);
}

// again: movups x, [rsp + n - 16]; movups [rbp + n + to - 16], x; sub n, 16;
// jne again
static bool move_loop(Step *t) {
    const X64Mem *m = &t->in.mem;
    const Verify *v = t->v;
    X64Inst put, sub;
    uint32_t at = t->next;
    if (!takes(t, &at, X64_movups_mr, &put) ||
        !takes(t, &at, X64_sub_ri8, &sub))
        return false;
    Value n = prove_reg(t->s, m->index);
    int64_t size = (int64_t)n.min, to = (int64_t)put.mem.disp + 16;
    bool ok = m->base == GP_rsp && m->scale == 0 && m->disp == -16 &&
              n.kind == V_number && n.min == n.max && size > 0 &&
              size % 16 == 0 && put.mem.base == GP_rbp &&
              put.mem.index == m->index && put.mem.scale == 0 &&
              put.reg[1] == t->in.reg[0] && sub.reg[0] == m->index &&
              sub.variant == W_64 && sub.imm == 16 && t->s->depth >= size &&
              to + size == 16 + v->args_size && to >= -t->s->depth + 16 &&
              prove_reg(t->s, m->index).kind == V_number &&
              ends_loop(t, at, CC_ne);
    if (!ok) return false;
    t->s->moved = true;
    t->s->tail_size = (uint32_t)size;
    t->s->zero_xmms &= (uint16_t)~(1u << t->in.reg[0]);
    return prove_set(t, m->index, VALUE_ANY);
}

// again: cmp r, end; jae done; mov [heap + r], 0; add r, 8; jmp again; done:
bool prove_clear_loop(Step *t) {
    X64Inst out, put, add, back;
    uint32_t at = t->next, reg = t->in.reg[0];
    bool ok = (takes(t, &at, X64_jcc_rel32, &out) ||
               takes(t, &at, X64_jcc_rel8, &out)) &&
              out.cc == CC_ae;
    int64_t done = (int64_t)at + out.imm;
    ok = ok && takes(t, &at, X64_mov_mi, &put) &&
         takes(t, &at, X64_add_ri8, &add) &&
         (takes(t, &at, X64_jmp_rel8, &back) ||
          takes(t, &at, X64_jmp_rel32, &back)) &&
         at + back.imm == t->v->at && done == (int64_t)at;
    Value from = prove_reg(t->s, reg), to = prove_reg(t->s, t->in.reg[1]);
    ok = ok && t->in.variant == W_32 && put.variant == W_64 && put.imm == 0 &&
         put.mem.base < MEM_none && put.mem.index == reg &&
         put.mem.scale == 0 && put.mem.disp == 0 &&
         prove_reg(t->s, put.mem.base).kind == V_heap && add.reg[0] == reg &&
         add.variant == W_64 && add.imm == 8 && from.kind == V_fresh &&
         to.kind == V_fresh && to.bound == BOUND_heap_end;
    if (!ok) return false;
    t->next = at;
    return prove_set(t, reg, VALUE_ANY);
}

bool prove_loop(Step *t, bool *done) {
    uint32_t next = t->next;
    const X64Mem *m = &t->in.mem;
    *done = t->in.op == X64_movups_mr
                ? m->base < 16 && prove_reg(t->s, m->base).kind == V_frame &&
                      m->base != GP_rbp && m->base != GP_rsp && zero_loop(t)
                : t->s->phase == PHASE_body && !t->s->moved && has_index(m) &&
                      move_loop(t);
    if (!*done) t->next = next;
    return t->v->what == NULL;
}
