// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Immediates, as the text format spells them.
#include "base/bits.h"
#include "base/num_text.h"
#include "text/print_int.h"

// Labels by name, or by depth with the number of the block that is meant. The
// function's own label has depth labels.len and no number.
void print_label(Printer *p, uint32_t depth) {
    uint32_t len = p->labels.len;
    const StrVec *ids = &p->id[NAME_label];
    if (depth >= len) {
        text_printf(p->out, " %u", depth);
        return;
    }
    uint32_t count = p->labels.data[len - 1 - depth].count;
    if (count < ids->len && ids->data[count].len)
        print_ref(p, NAME_label, count);
    else
        text_printf(p->out, " %u (;@%u;)", depth, count);
}

static bool print_br_table(Printer *p, const Reader *at, const Instr *in) {
    Reader r = *at;
    r.at = in->imm.br_table.list;
    for (uint32_t i = 0; i <= in->imm.br_table.len; i++)
        print_label(p, read_u32(&r));
    return reader_ok(&r);
}

// The labels are those outside, so this comes before the block is entered.
bool print_catches(Printer *p, const Reader *at, const Instr *in) {
    static const char *const words[] = {
        [CATCH_tag] = " (catch",
        [CATCH_tag_ref] = " (catch_ref",
        [CATCH_all] = " (catch_all",
        [CATCH_all_ref] = " (catch_all_ref",
    };
    Reader r = *at;
    r.at = in->imm.try_table.list;
    for (uint32_t i = 0; i < in->imm.try_table.len; i++) {
        CatchClause c;
        if (!read_catch(&r, &c)) return false;
        text_str(p->out, words[c.kind]);
        if (c.kind == CATCH_tag || c.kind == CATCH_tag_ref)
            print_ref(p, NAME_tag, c.tag);
        print_label(p, c.label);
        text_char(p->out, ')');
    }
    return true;
}

static bool print_select_types(Printer *p, const Reader *at, const Instr *in) {
    Reader r = *at;
    r.at = in->imm.types.list;
    text_str(p->out, " (result");
    for (uint32_t i = 0; i < in->imm.types.len; i++) {
        ValType t;
        if (!read_val_type(&r, p->m->features, &t)) return false;
        print_val_type(p, t);
    }
    text_char(p->out, ')');
    return true;
}

static void print_memarg(Printer *p, Op op, const MemArg *arg, bool index) {
    uint64_t natural = op_info[op].access_log2;
    if (index || arg->memory) print_ref(p, NAME_memory, arg->memory);
    if (arg->offset)
        text_printf(p->out, " offset=%llu", (unsigned long long)arg->offset);
    if (arg->align_log2 != natural)
        text_printf(p->out, " align=%llu", 1ULL << (arg->align_log2 & 63));
}

// What may be left out where it is 0.
static void print_optional(Printer *p, NameSpace space, uint32_t index) {
    if (index) print_ref(p, space, index);
}

static void print_pair(Printer *p, const Instr *in, NameSpace first,
                       NameSpace second) {
    print_ref(p, first, in->imm.pair.first);
    print_ref(p, second, in->imm.pair.second);
}

// memory.init and table.init: the segment is first in the bytes, last in text.
static void print_segment(Printer *p, const Instr *in, NameSpace segment,
                          NameSpace space) {
    print_optional(p, space, in->imm.pair.second);
    print_ref(p, segment, in->imm.pair.first);
}

static void print_copy(Printer *p, const Instr *in, NameSpace space) {
    if (in->imm.pair.first || in->imm.pair.second)
        print_pair(p, in, space, space);
}

static void print_lanes(Printer *p, const uint8_t *bytes) {
    for (int i = 0; i < 16; i++)
        text_printf(p->out, " %u", bytes[i]);
}

static void print_v128(Printer *p, const uint8_t *bytes) {
    text_str(p->out, " i32x4");
    for (int i = 0; i < 4; i++)
        text_printf(p->out, " 0x%08x", load_u32(bytes + 4 * i));
}

static void print_f32(Printer *p, uint32_t bits) {
    char text[NUM_TEXT_MAX];
    text_char(p->out, ' ');
    text_bytes(p->out, text, num_print_f32(text, bits));
}

static void print_f64(Printer *p, uint64_t bits) {
    char text[NUM_TEXT_MAX];
    text_char(p->out, ' ');
    text_bytes(p->out, text, num_print_f64(text, bits));
}

// Casts say in the opcode whether null passes.
static void print_heap_imm(Printer *p, const Instr *in) {
    ValType t = in->imm.heap;
    switch (in->op) {
    case OP_ref_test:
    case OP_ref_cast:
        print_val_type(p, t & ~VT_NULL);
        break;
    case OP_ref_test_null:
    case OP_ref_cast_null:
        print_val_type(p, t | VT_NULL);
        break;
    default:
        print_heap_type(p, t);
    }
}

static void print_br_cast(Printer *p, const Instr *in) {
    print_label(p, in->imm.br_cast.label);
    print_val_type(p, in->imm.br_cast.from);
    print_val_type(p, in->imm.br_cast.to);
}

static void print_type_table(Printer *p, const Instr *in) {
    print_optional(p, NAME_table, in->imm.pair.second);
    text_str(p->out, " (type");
    print_ref(p, NAME_type, in->imm.pair.first);
    text_char(p->out, ')');
}

static void print_memarg_lane(Printer *p, const Instr *in) {
    print_memarg(p, in->op, &in->imm.mem.arg, false);
    text_printf(p->out, " %u", in->imm.mem.lane);
}

// LONG: one arm a kind of immediate, each a call.
bool print_imm(Printer *p, const Reader *r, const Instr *in) {
    uint32_t index = in->imm.index;
    switch ((ImmKind)op_info[in->op].imm) {
    case IMM_none:
    case IMM_zero_byte:
        break;
    case IMM_label:
        print_label(p, index);
        break;
    case IMM_br_table:
        return print_br_table(p, r, in);
    case IMM_br_cast:
        print_br_cast(p, in);
        break;
    case IMM_func:
        print_ref(p, NAME_func, index);
        break;
    case IMM_type:
        print_ref(p, NAME_type, index);
        break;
    case IMM_local:
        print_ref(p, NAME_local, index);
        break;
    case IMM_global:
        print_ref(p, NAME_global, index);
        break;
    case IMM_table:
        print_optional(p, NAME_table, index);
        break;
    case IMM_memory:
        print_optional(p, NAME_memory, index);
        break;
    case IMM_tag:
        print_ref(p, NAME_tag, index);
        break;
    case IMM_elem:
        print_ref(p, NAME_elem, index);
        break;
    case IMM_data:
        p->uses_data = true;
        print_ref(p, NAME_data, index);
        break;
    case IMM_type_table:
        print_type_table(p, in);
        break;
    case IMM_elem_table:
        print_segment(p, in, NAME_elem, NAME_table);
        break;
    case IMM_data_memory:
        p->uses_data = true;
        print_segment(p, in, NAME_data, NAME_memory);
        break;
    case IMM_table_table:
        print_copy(p, in, NAME_table);
        break;
    case IMM_memory_memory:
        print_copy(p, in, NAME_memory);
        break;
    case IMM_type_field:
    case IMM_type_len:
        print_ref(p, NAME_type, in->imm.pair.first);
        text_printf(p->out, " %u", in->imm.pair.second);
        break;
    case IMM_type_type:
        print_pair(p, in, NAME_type, NAME_type);
        break;
    case IMM_type_data:
        p->uses_data = true;
        print_pair(p, in, NAME_type, NAME_data);
        break;
    case IMM_type_elem:
        print_pair(p, in, NAME_type, NAME_elem);
        break;
    case IMM_memarg:
        print_memarg(p, in->op, &in->imm.mem.arg, false);
        break;
    case IMM_memarg_lane:
        print_memarg_lane(p, in);
        break;
    case IMM_lane:
        text_printf(p->out, " %u", index);
        break;
    case IMM_shuffle:
        print_lanes(p, in->imm.bytes16);
        break;
    case IMM_i32:
        text_printf(p->out, " %d", in->imm.i32);
        break;
    case IMM_i64:
        text_printf(p->out, " %lld", (long long)in->imm.i64);
        break;
    case IMM_f32:
        print_f32(p, in->imm.f32);
        break;
    case IMM_f64:
        print_f64(p, in->imm.f64);
        break;
    case IMM_v128:
        print_v128(p, in->imm.bytes16);
        break;
    case IMM_heap:
        print_heap_imm(p, in);
        break;
    case IMM_types:
        return print_select_types(p, r, in);
    case IMM_block:
        print_block_type(p, &in->imm.block);
        break;
    case IMM_try_table:
        print_block_type(p, &in->imm.try_table.block);
        return print_catches(p, r, in);
    case IMM_count:
        UNREACHABLE();
    }
    return true;
}
