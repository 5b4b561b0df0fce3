// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values and statements; rows with fixed types.
#include "fuzz/smith/smith_int.h"

#include <string.h>

enum {
    NESTED_MAX = 2
};

// --- emitting ----------------------------------------------------------------------

static void emit_code(Smith *s, Op op) {
    const OpInfo *info = &op_info[op];
    if (info->prefix) {
        write_u8(s->w, info->prefix);
        write_u32(s->w, info->code);
    } else {
        write_u8(s->w, (uint8_t)info->code);
    }
}

void emit_op(Smith *s, Op op) {
    if (op == s->in->single && !s->is_marked) {
        s->is_marked = true;
        s->out->operands |= s->operands;
        emit_i32(s, (uint32_t)op + 1);
        emit_index(s, OP_global_set, GLOBAL_MARK);
    }
    s->out->generated[op]++;
    s->out->used |= (FeatureSet)1 << op_info[op].feature;
    if (s->budget) s->budget--;
    emit_code(s, op);
}

void emit_index(Smith *s, Op op, uint32_t index) {
    emit_op(s, op);
    write_u32(s->w, index);
}

void emit_pair(Smith *s, Op op, uint32_t first, uint32_t second) {
    emit_index(s, op, first);
    write_u32(s->w, second);
}

void emit_heap_type(Smith *s, ValType t) {
    if (vt_is_concrete(t))
        write_s64(s->w, vt_index(t));
    else
        write_u8(s->w, heap_code[vt_heap(t)]);
}

enum {
    TYPE_num = 0x80, // less the ValType
    TYPE_null = 0x63,
    TYPE_ref = 0x64,
};

// Nullable abstract references have a short form and a long one.
void emit_val_type(Smith *s, ValType t) {
    if (!vt_is_ref(t)) {
        write_u8(s->w, (uint8_t)(TYPE_num - t));
        return;
    }
    bool is_long =
        vt_is_concrete(t) || !vt_is_nullable(t) ||
        (smith_has(s, FEATURE_function_references) && smith_chance(s, 4));
    if (is_long) write_u8(s->w, vt_is_nullable(t) ? TYPE_null : TYPE_ref);
    emit_heap_type(s, t);
}

void emit_i32(Smith *s, uint32_t bits) {
    emit_op(s, OP_i32_const);
    write_s32(s->w, (int32_t)bits);
}

void emit_i64(Smith *s, uint64_t bits) {
    emit_op(s, OP_i64_const);
    write_s64(s->w, (int64_t)bits);
}

void emit_addr(Smith *s, bool is_64, uint64_t value) {
    if (is_64)
        emit_i64(s, value);
    else
        emit_i32(s, (uint32_t)value);
}

uint32_t smith_local(Smith *s, ValType t) {
    VEC_PUSH(s->arena, &s->locals, t);
    return s->locals.len - 1;
}

bool smith_fits(Smith *s, ValType have, ValType want) {
    return have == want || (vt_is_ref(have) && vt_is_ref(want) &&
                            have != VT_bot && type_matches(&s->m, have, want));
}

// --- leaves ------------------------------------------------------------------------

static void emit_v128(Smith *s) {
    emit_op(s, OP_v128_const);
    uint32_t form = smith_below(s, 4);
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t f64 = smith_f64_bits(s);
        uint32_t lane = form == 0   ? smith_i32_bits(s)
                        : form == 1 ? smith_f32_bits(s)
                        : form == 2 ? (uint32_t)(i & 1 ? f64 >> 32 : f64)
                                    : smith_below(s, 256) * 0x01010101;
        write_f32_bits(s->w, lane);
    }
}

static void emit_num(Smith *s, ValType t) {
    switch (t) {
    case VT_i32:
        emit_i32(s, smith_i32_bits(s));
        return;
    case VT_i64:
        emit_i64(s, smith_i64_bits(s));
        return;
    case VT_f32:
        emit_op(s, OP_f32_const);
        write_f32_bits(s->w, smith_f32_bits(s));
        return;
    case VT_f64:
        emit_op(s, OP_f64_const);
        write_f64_bits(s->w, smith_f64_bits(s));
        return;
    default:
        emit_v128(s);
    }
}

static void emit_null(Smith *s, ValType t) {
    emit_op(s, OP_ref_null);
    emit_heap_type(s, t);
}

static void emit_i31(Smith *s) {
    emit_i32(s, smith_i32_bits(s));
    emit_op(s, OP_ref_i31);
}

// A function of that type, or none.
static bool emit_func_of(Smith *s, ValType want) {
    uint32_t len = s->m.funcs.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t f = (from + i) % len;
        if (f == s->undeclared ||
            !smith_fits(s, vt_ref(s->m.funcs.data[f].type, false), want))
            continue;
        emit_index(s, OP_ref_func, f);
        return true;
    }
    return false;
}

// An object of a structure or array type that fits. Fields hold references to
// lower types only, or may be null, so this ends.
static bool emit_object(Smith *s, ValType want) {
    uint32_t len = s->m.types.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t t =
            vt_is_concrete(want) && i == 0 ? vt_index(want) : (from + i) % len;
        const TypeDef *def = &s->m.types.data[t];
        if (def->kind == COMP_func || !smith_fits(s, vt_ref(t, false), want))
            continue;
        if (def->kind == COMP_array) {
            smith_const(s, vt_unpacked(def->structure.fields[0].storage));
            emit_pair(s, OP_array_new_fixed, t, 1);
            return true;
        }
        for (uint32_t k = 0; k < def->structure.field_len; k++)
            smith_const(s, vt_unpacked(def->structure.fields[k].storage));
        emit_index(s, OP_struct_new, t);
        return true;
    }
    return false;
}

// A reference that is not null, if there is a way to make one.
static bool emit_ref(Smith *s, ValType want) {
    HeapKind top = type_top(&s->m, want);
    if (top == HEAP_func) return emit_func_of(s, want);
    if (!smith_has(s, FEATURE_gc) || top == HEAP_exn) return false;
    if (want == (VT_ABSTRACT_REF(HEAP_extern))) {
        emit_i31(s);
        emit_op(s, OP_extern_convert_any);
        return true;
    }
    if (smith_fits(s, VT_ABSTRACT_REF(HEAP_i31), want) && smith_chance(s, 2)) {
        emit_i31(s);
        return true;
    }
    if (emit_object(s, want)) return true;
    if (!smith_fits(s, VT_ABSTRACT_REF(HEAP_i31), want)) return false;
    emit_i31(s);
    return true;
}

void smith_const(Smith *s, ValType want) {
    if (!vt_is_ref(want)) {
        emit_num(s, want);
        return;
    }
    bool is_null =
        vt_is_nullable(want) && (s->nested >= NESTED_MAX || smith_chance(s, 3));
    s->nested++;
    bool done = !is_null && emit_ref(s, want & ~VT_NULL);
    s->nested--;
    if (done) return;
    emit_null(s, want);
    if (!vt_is_nullable(want)) emit_op(s, OP_ref_as_non_null);
}

// What a load gives: a row with one operand.
static bool loaded(Smith *s, ValType want) {
    static const Op loads[] = {
        [VT_i32] = OP_i32_load,   [VT_i64] = OP_i64_load,
        [VT_f32] = OP_f32_load,   [VT_f64] = OP_f64_load,
        [VT_v128] = OP_v128_load,
    };
    if (vt_is_ref(want) || !s->m.memories.len || s->in_leaf) return false;
    uint32_t depth = s->depth;
    s->depth = s->depth_max;
    s->in_leaf = true;
    (void)smith_plain(s, loads[want], want);
    s->in_leaf = false;
    s->depth = depth;
    return true;
}

// An operand of the instruction that the module is about: before its mark.
static void note_operand(Smith *s, SmithOperand kind) {
    if (!s->in_leaf && !s->is_marked) s->operands |= 1u << kind;
}

// What has left its register. Moving it takes a block, which may have the mark.
static bool spilled(Smith *s, ValType want) {
    if (s->in_leaf) return false;
    s->in_leaf = true;
    smith_leaf(s, want);
    s->in_leaf = false;
    note_operand(s, OPERAND_spilled);
    smith_spill(s);
    return true;
}

// The value on top goes through a new local, which must have a value wherever
// it is read.
static void through_local(Smith *s, ValType t) {
    uint32_t local = smith_local(s, vt_is_ref(t) ? t | VT_NULL : t);
    emit_index(s, OP_local_set, local);
    emit_index(s, OP_local_get, local);
    if (!vt_is_defaultable(t)) emit_op(s, OP_ref_as_non_null);
}

static bool in_local(Smith *s, ValType want) {
    if (smith_local_get(s, want)) return true;
    smith_const(s, want);
    through_local(s, want);
    return true;
}

static SmithOperand choose_operand(Smith *s) {
    static const SmithOperand kinds[] = {
        OPERAND_local,   OPERAND_local,    OPERAND_global,   OPERAND_load,
        OPERAND_spilled, OPERAND_constant, OPERAND_constant,
    };
    SmithOperand kind = kinds[smith_below(s, COUNTOF(kinds))];
    if (s->in_leaf || s->first == OPERAND_count) return kind;
    kind = s->first;
    s->first = OPERAND_count;
    return kind;
}

// False: there is nothing of that kind.
static bool emit_operand(Smith *s, SmithOperand kind, ValType want) {
    switch (kind) {
    case OPERAND_constant:
        smith_const(s, want);
        return true;
    case OPERAND_local:
        return in_local(s, want);
    case OPERAND_global:
        return smith_global_get(s, want);
    case OPERAND_load:
        return loaded(s, want);
    case OPERAND_spilled:
        return spilled(s, want);
    case OPERAND_count:
        break;
    }
    UNREACHABLE();
}

void smith_leaf(Smith *s, ValType want) {
    SmithOperand kind = choose_operand(s);
    if (!emit_operand(s, kind, want)) {
        kind = OPERAND_constant;
        smith_const(s, want);
    }
    note_operand(s, kind);
}

void smith_known(Smith *s, bool is_64, uint64_t value) {
    SmithOperand kind = // which is left for an operand that can be one
        s->first == OPERAND_load ? OPERAND_constant : choose_operand(s);
    emit_addr(s, is_64, value);
    if (kind == OPERAND_local)
        through_local(s, is_64 ? VT_i64 : VT_i32);
    else if (kind != OPERAND_spilled)
        kind = OPERAND_constant;
    note_operand(s, kind);
    if (kind == OPERAND_spilled) smith_spill(s);
}

// --- values and statements -----------------------------------------------------------

void smith_value(Smith *s, ValType want) {
    if (s->depth >= s->depth_max || s->budget == 0) {
        smith_leaf(s, want);
        return;
    }
    s->depth++;
    bool done =
        (s->is_crowded && smith_chance(s, 12) && smith_crowd(s, want)) ||
        (s->is_deep && smith_chance(s, 40) && smith_tower(s, want));
    for (int tries = 0; !done && tries < 6; tries++) {
        uint32_t len = vt_is_ref(want) ? 0 : s->plain[want].len;
        if (len && !smith_chance(s, 3))
            done =
                smith_plain(s, s->plain[want].data[smith_below(s, len)], want);
        else if (s->special.len)
            done =
                smith_special[s->special.data[smith_below(s, s->special.len)]](
                    s, want);
    }
    if (!done) smith_leaf(s, want);
    s->depth--;
}

void smith_values(Smith *s, const ValType *types, uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        smith_value(s, types[i]);
}

void smith_stmt(Smith *s) {
    int tries = s->depth >= s->depth_max ? 0 : 6;
    s->depth++;
    bool done =
        tries &&
        ((s->is_crowded && smith_chance(s, 6) && smith_crowd(s, VT_bot)) ||
         (s->is_deep && smith_chance(s, 10) && smith_tower(s, VT_bot)));
    for (; !done && tries > 0; tries--) {
        uint32_t len = s->plain[VT_bot].len;
        if (len && smith_chance(s, 3))
            done = smith_plain(s, s->plain[VT_bot].data[smith_below(s, len)],
                               VT_bot);
        else if (s->special.len)
            done =
                smith_special[s->special.data[smith_below(s, s->special.len)]](
                    s, VT_bot);
    }
    if (!done) {
        ValType t = smith_type(s);
        smith_value(s, t);
        smith_sink(s, t);
    }
    s->depth--;
}

void smith_stmts(Smith *s, uint32_t max) {
    for (uint32_t n = smith_below(s, max + 1); n > 0 && s->budget; n--)
        smith_stmt(s);
}

// --- taking values away --------------------------------------------------------------

static bool sink_in_local(Smith *s, ValType t) {
    uint32_t len = s->locals.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t l = (from + i) % len;
        if (!smith_fits(s, t, s->locals.data[l])) continue;
        emit_index(s, OP_local_set, l);
        return true;
    }
    return false;
}

static bool sink_in_global(Smith *s, ValType t) {
    for (uint32_t g = GLOBAL_FIRST; g < s->m.globals.len; g++) {
        const GlobalType *type = &s->m.globals.data[g].type;
        if (!type->is_mutable || !smith_fits(s, t, type->type)) continue;
        emit_index(s, OP_global_set, g);
        return true;
    }
    return false;
}

void smith_sink(Smith *s, ValType t) {
    switch (smith_below(s, 3)) {
    case 0:
        if (sink_in_local(s, t)) return;
        break;
    case 1:
        if (sink_in_global(s, t)) return;
        break;
    default:
        break;
    }
    emit_op(s, OP_drop);
}

void smith_sinks(Smith *s, const ValType *types, uint32_t len) {
    while (len-- > 0)
        smith_sink(s, types[len]);
}

bool smith_can_keep(Smith *s, const ValType *types, uint32_t len,
                    ValType want) {
    if (want == VT_bot) return true;
    for (uint32_t i = 0; i < len; i++)
        if (smith_fits(s, types[i], want)) return true;
    return false;
}

void smith_keep(Smith *s, const ValType *types, uint32_t len, ValType want) {
    uint32_t at = len;
    if (want != VT_bot)
        for (at = len - 1; !smith_fits(s, types[at], want);)
            at--;
    while (len > at + 1 || (want == VT_bot && len > 0))
        smith_sink(s, types[--len]);
    if (want == VT_bot || at == 0) return;
    ValType t = types[at];
    uint32_t tmp = smith_local(s, vt_is_ref(t) ? t | VT_NULL : t);
    emit_index(s, OP_local_set, tmp);
    smith_sinks(s, types, at);
    emit_index(s, OP_local_get, tmp);
    if (!vt_is_defaultable(t)) emit_op(s, OP_ref_as_non_null);
}

// --- leaving -------------------------------------------------------------------------

void smith_leave(Smith *s) {
    for (uint32_t i = 0; i < s->result_len; i++)
        if (!vt_is_defaultable(s->results[i])) {
            emit_op(s, OP_unreachable);
            return;
        }
    for (uint32_t i = 0; i < s->result_len; i++) {
        ValType t = s->results[i];
        if (vt_is_ref(t))
            emit_null(s, t);
        else
            emit_num(s, t);
    }
    emit_op(s, OP_return);
}

enum {
    BLOCK_void = 0x40,
    SHUFFLE_lanes = 32,
};

void smith_burn(Smith *s) {
    emit_index(s, OP_global_get, GLOBAL_FUEL);
    emit_op(s, OP_i32_eqz);
    emit_op(s, OP_if);
    write_u8(s->w, BLOCK_void);
    smith_leave(s);
    emit_op(s, OP_end);
    emit_index(s, OP_global_get, GLOBAL_FUEL);
    emit_i32(s, 1);
    emit_op(s, OP_i32_sub);
    emit_index(s, OP_global_set, GLOBAL_FUEL);
}

// --- addresses -----------------------------------------------------------------------

typedef struct Access {
    uint32_t memory;
    uint32_t align_log2;
    uint64_t offset;
} Access;

static bool is_atomic(Op op) {
    return op_info[op].prefix == 0xfe;
}

// Generates an address for the access, mostly inside the memory.
static void emit_address(Smith *s, Op op, Access *a) {
    const MemoryType *type = &s->m.memories.data[a->memory].type;
    bool is_64 = type->limits.is_64;
    uint64_t size = type->limits.min << type->page_log2;
    uint64_t unit = UINT64_C(1) << op_info[op].access_log2;
    uint64_t mask =
        is_atomic(op) && !smith_chance(s, 16) ? ~(unit - 1) : UINT64_MAX;
    uint64_t near =
        size > 16 ? smith_below(s, (uint32_t)MIN(size, 1 << 20)) : 0;
    near &= mask;
    switch (smith_below(s, 24)) {
    case 0: // the last one, and one to either side
        emit_addr(s, is_64, size - unit - a->offset + smith_below(s, 3) - 1);
        return;
    case 1: // anywhere
        smith_value(s, is_64 ? VT_i64 : VT_i32);
        return;
    case 2:
    case 3: // computed
        a->offset &= 0xff & mask;
        smith_value(s, is_64 ? VT_i64 : VT_i32);
        emit_addr(s, is_64, 0x1ff & mask);
        emit_op(s, is_64 ? OP_i64_and : OP_i32_and);
        return;
    default:
        a->offset = near ? smith_below(s, (uint32_t)near) & mask : 0;
        smith_known(s, is_64, near - a->offset);
    }
}

static Access choose_access(Smith *s, Op op) {
    Access a = {.memory = smith_below(s, s->m.memories.len)};
    uint32_t natural = op_info[op].access_log2;
    a.align_log2 = is_atomic(op) ? natural : smith_below(s, natural + 1);
    bool is_64 = s->m.memories.data[a.memory].type.limits.is_64;
    a.offset = smith_chance(s, 24)
                   ? is_64 ? smith_i64_bits(s) : smith_i32_bits(s)
                   : smith_below(s, 64) & ~((1u << natural) - 1);
    return a;
}

static void emit_memarg(Smith *s, const Access *a) {
    bool has_index =
        a->memory || (smith_has(s, FEATURE_multi_memory) && smith_chance(s, 8));
    write_u32(s->w, a->align_log2 | (has_index ? 64 : 0));
    if (has_index) write_u32(s->w, a->memory);
    write_u64(s->w, a->offset);
}

// --- rows with fixed types -------------------------------------------------------------

// Does the result's NaN depend on the machine? num.def says: everything else
// only moves bits or makes no float.
static bool makes_nan(Op op) {
    static const bool rows[OP_count] = {
#define NAN1(op, R, T, trap, value)      [OP_##op] = true,
#define NAN2(op, R, T, trap, value)      [OP_##op] = true,
#define VEC1_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC2_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC3_NAN(op, R, T, value, fixed) [OP_##op] = true,
#define ZERO1_NAN(op, R, T, value)       [OP_##op] = true,
#define HALF1_NAN(op, R, T, from, value) [OP_##op] = true,
#include "wasm/num.def"
    };
    return rows[op];
}

// A NaN on top becomes the positive canonical one, in every lane.
static void canonicalize(Smith *s, Op op) {
    bool is_f64 = op_info[op].text[1] == '6';
    ValType t = (ValType)sig_result(op_info[op].sig, 0);
    uint32_t tmp = smith_local(s, t);
    emit_index(s, OP_local_tee, tmp);
    if (t == VT_v128) {
        emit_op(s, OP_v128_const);
        for (int i = 0; i < 4; i++)
            write_f32_bits(s->w, !is_f64   ? 0x7fc00000
                                 : (i & 1) ? 0x7ff80000
                                           : 0);
        emit_index(s, OP_local_get, tmp);
        emit_index(s, OP_local_get, tmp);
        emit_op(s, is_f64 ? OP_f64x2_eq : OP_f32x4_eq);
        emit_op(s, OP_v128_bitselect);
        emit_index(s, OP_local_tee, tmp); // which others may read
        return;
    }
    emit_op(s, is_f64 ? OP_f64_const : OP_f32_const);
    if (is_f64)
        write_f64_bits(s->w, UINT64_C(0x7ff8000000000000));
    else
        write_f32_bits(s->w, 0x7fc00000);
    emit_index(s, OP_local_get, tmp);
    emit_index(s, OP_local_get, tmp);
    emit_op(s, is_f64 ? OP_f64_eq : OP_f32_eq);
    emit_op(s, OP_select);
    emit_index(s, OP_local_tee, tmp);
}

static void emit_imm(Smith *s, Op op, const Access *a) {
    switch ((ImmKind)op_info[op].imm) {
    case IMM_none:
        emit_op(s, op);
        return;
    case IMM_zero_byte:
        emit_index(s, op, 0);
        return;
    case IMM_i32:
    case IMM_i64:
    case IMM_f32:
    case IMM_f64:
    case IMM_v128:
        emit_num(s, (ValType)sig_result(op_info[op].sig, 0));
        return;
    case IMM_lane:
        emit_op(s, op);
        write_u8(s->w, (uint8_t)smith_below(s, op_info[op].lanes));
        return;
    case IMM_shuffle:
        emit_op(s, op);
        for (int i = 0; i < 16; i++)
            write_u8(s->w, (uint8_t)smith_below(s, SHUFFLE_lanes));
        return;
    case IMM_memarg:
    case IMM_memarg_lane:
        emit_op(s, op);
        emit_memarg(s, a);
        if (op_info[op].imm == IMM_memarg_lane)
            write_u8(s->w, (uint8_t)smith_below(s, op_info[op].lanes));
        return;
    case IMM_block:
    case IMM_try_table:
    case IMM_label:
    case IMM_br_table:
    case IMM_br_cast:
    case IMM_func:
    case IMM_type:
    case IMM_local:
    case IMM_global:
    case IMM_table:
    case IMM_memory:
    case IMM_tag:
    case IMM_elem:
    case IMM_data:
    case IMM_type_table:
    case IMM_elem_table:
    case IMM_data_memory:
    case IMM_table_table:
    case IMM_memory_memory:
    case IMM_type_field:
    case IMM_type_type:
    case IMM_type_len:
    case IMM_type_data:
    case IMM_type_elem:
    case IMM_heap:
    case IMM_types:
    case IMM_count:
        break;
    }
    UNREACHABLE();
}

// A wait must not last: its timeout is a constant of at most a microsecond.
static bool is_wait(Op op) {
    return op == OP_memory_atomic_wait32 || op == OP_memory_atomic_wait64;
}

bool smith_plain(Smith *s, Op op, ValType want) {
    OpSig sig = op_info[op].sig;
    ValType results[2];
    for (unsigned i = 0; i < sig_result_len(sig); i++)
        results[i] = (ValType)sig_result(sig, i);
    bool has_address =
        op_info[op].imm == IMM_memarg || op_info[op].imm == IMM_memarg_lane;
    if (!smith_can_keep(s, results, sig_result_len(sig), want) ||
        (has_address && !s->m.memories.len))
        return false;
    Access a = {0};
    if (has_address) a = choose_access(s, op);
    for (unsigned i = sig_param_len(sig); i-- > 0;) {
        OpSigType t = sig_param(sig, i);
        if (t == SIG_addr)
            emit_address(s, op, &a);
        else if (i == 0 && is_wait(op))
            emit_i64(s, smith_below(s, 1000));
        else
            smith_value(s, (ValType)t);
    }
    emit_imm(s, op, &a);
    if (s->in->nans_are_canonical && makes_nan(op)) canonicalize(s, op);
    smith_keep(s, results, sig_result_len(sig), want);
    return true;
}
