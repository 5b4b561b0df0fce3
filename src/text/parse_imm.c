// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One instruction without its operands: opcode and immediates, from text to
// bytes. Blocks are elsewhere (parse_instr.c), since they open scopes.
#include "base/bits.h"
#include "base/num_text.h"
#include "text/parse_int.h"

static bool imm_index(Parser *p, NameSpace space, Writer *out) {
    uint32_t index;
    if (!parse_index(p, space, &index)) return false;
    write_u32(out, index);
    return true;
}

// Where the text may leave the index out, which then is 0.
static bool optional_index(Parser *p, NameSpace space, uint32_t *out) {
    *out = 0;
    return !parse_at_index(p) || parse_index(p, space, out);
}

static bool imm_optional(Parser *p, NameSpace space, Writer *out) {
    uint32_t index;
    if (!optional_index(p, space, &index)) return false;
    write_u32(out, index);
    return true;
}

static bool imm_label(Parser *p, Writer *out) {
    uint32_t depth;
    if (!parse_label(p, &depth)) return false;
    write_u32(out, depth);
    return true;
}

static bool imm_br_table(Parser *p, Writer *out) {
    ValTypes *depths = &p->params; // any vector of words will do
    depths->len = 0;
    do {
        uint32_t depth;
        if (!parse_label(p, &depth)) return false;
        VEC_PUSH(p->arena, depths, depth);
    } while (parse_at_index(p));
    const LimitSet *most = p->m->limits;
    if (!parse_limit(p, depths->len - 1, most->br_table, LIMIT_br_table))
        return false;
    write_u32(out, depths->len - 1);
    for (uint32_t i = 0; i < depths->len; i++)
        write_u32(out, depths->data[i]);
    return true;
}

static bool imm_br_cast(Parser *p, Writer *out) {
    uint32_t depth;
    ValType from, to;
    if (!parse_label(p, &depth) || !parse_ref_type(p, &from) ||
        !parse_ref_type(p, &to))
        return false;
    write_br_cast(out, depth, from, to);
    return true;
}

// call_indirect: the table comes first in the text, last in the bytes.
static bool imm_type_table(Parser *p, Writer *out) {
    uint32_t table, type;
    bool inline_only;
    if (!optional_index(p, NAME_table, &table) ||
        !parse_type_use(p, false, &type, &inline_only))
        return false;
    write_u32(out, inline_only ? parse_signature_type(p) : type);
    write_u32(out, table);
    return true;
}

// memory.init, table.init: the second index may be left out, and where it is
// there it comes first in the text.
static bool imm_segment(Parser *p, NameSpace segment, NameSpace space,
                        Writer *out) {
    uint32_t first, second = 0;
    if (!parse_at_index(p)) return parse_unexpected(p);
    const Token *next = parse_peek(p);
    bool both = next->kind == TOK_id || next->kind == TOK_number;
    if (both && !parse_index(p, space, &second)) return false;
    if (!parse_index(p, segment, &first)) return false;
    write_u32(out, first);
    write_u32(out, second);
    return true;
}

static bool imm_copy(Parser *p, NameSpace space, Writer *out) {
    if (parse_at_index(p))
        return imm_index(p, space, out) && imm_index(p, space, out);
    write_u32(out, 0);
    write_u32(out, 0);
    return true;
}

static bool imm_type_field(Parser *p, Writer *out) {
    uint32_t type, field;
    if (!parse_index(p, NAME_type, &type) ||
        !parse_field_index(p, type, &field))
        return false;
    write_u32(out, type);
    write_u32(out, field);
    return true;
}

static bool imm_type_len(Parser *p, Writer *out) {
    uint32_t len;
    if (!imm_index(p, NAME_type, out) || !parse_u32(p, &len)) return false;
    write_u32(out, len);
    return true;
}

// --- memory arguments --------------------------------------------------------

// offset=N and align=N are one word each. *found says whether it was there.
static bool parse_assignment(Parser *p, const char *name, unsigned bits,
                             bool *found, uint64_t *out) {
    size_t len = strlen(name);
    Str s = p->tok.text;
    *found = parse_is(p, TOK_word) && s.len > len && !memcmp(s.data, name, len);
    if (!*found) return true;
    NumText result = num_parse_uint(s.data + len, s.len - len, bits, out);
    if (result == NUM_malformed) return parse_unexpected(p);
    if (result == NUM_out_of_range)
        return err_at(p->err, p->tok.at, E_constant_range,
                      bits == 32 ? "i32 " : "i64 ", (int)MIN(s.len, 80),
                      s.data);
    parse_advance(p);
    return true;
}

static bool parse_memarg(Parser *p, Op op, bool at_memory, Writer *out) {
    MemArg arg = {.align_log2 = op_info[op].access_log2};
    bool found;
    uint64_t align;
    unsigned bits = feature_on(p->m->features, FEATURE_memory64) ? 64 : 32;
    if (at_memory && !parse_index(p, NAME_memory, &arg.memory)) return false;
    if (!parse_assignment(p, "offset=", bits, &found, &arg.offset))
        return false;
    uint64_t at = p->tok.at;
    if (!parse_assignment(p, "align=", 64, &found, &align)) return false;
    if (found && !is_pow2(align)) return err_at(p->err, at, E_align_pow2);
    if (found) arg.align_log2 = (uint32_t)ctz64(align);
    write_memarg(out, &arg);
    return true;
}

static bool imm_lane(Parser *p, Writer *out) {
    uint8_t lane;
    if (!parse_lane(p, &lane)) return false;
    write_u8(out, lane);
    return true;
}

// A number at the start is the memory only if the lane is still to come.
static bool imm_memarg_lane(Parser *p, Op op, Writer *out) {
    bool at_memory = parse_is(p, TOK_id);
    if (parse_is(p, TOK_number)) {
        const Token *next = parse_peek(p);
        at_memory = next->kind == TOK_number ||
                    (next->kind == TOK_word && next->text.len > 6 &&
                     (!memcmp(next->text.data, "offset=", 7) ||
                      !memcmp(next->text.data, "align=", 6)));
    }
    return parse_memarg(p, op, at_memory, out) && imm_lane(p, out);
}

// --- vectors -----------------------------------------------------------------

// Are there `want` numbers here, no more and no fewer? Asked before any of them
// is looked at, except that what is no token at all comes first.
static bool check_count(Parser *p, uint32_t want, ErrId id) {
    Lexer l = p->lex;
    Err unused = {0};
    l.err = &unused;
    l.at = l.start + p->tok.at;
    uint32_t n = 0;
    Token t = lex_token(&l);
    for (; t.kind == TOK_number && n <= want; n++)
        t = lex_token(&l);
    if (n == want) return true;
    bool is_token = t.kind != TOK_reserved && t.kind != TOK_word;
    if (is_token || parse_is_keyword(t.text))
        return err_at(p->err, p->tok.at, id);
    return parse_unexpected_token(p, &t);
}

// A byte without sign; every other number is out of range.
static bool shuffle_lane(Parser *p, uint8_t *out) {
    uint64_t unused;
    Str s = p->tok.text;
    bool is_byte = num_parse_uint(s.data, s.len, 8, &unused) == NUM_ok;
    if (!is_byte && num_parse_f64(s.data, s.len, &unused) != NUM_malformed)
        return err_at(p->err, p->tok.at, E_constant_range, "i8 ",
                      (int)MIN(s.len, 80), s.data);
    return parse_lane(p, out);
}

static bool imm_shuffle(Parser *p, Writer *out) {
    if (!check_count(p, 16, E_lane_len)) return false;
    for (int i = 0; i < 16; i++) {
        uint8_t lane;
        if (!shuffle_lane(p, &lane)) return false;
        write_u8(out, lane);
    }
    return true;
}

typedef struct Shape {
    const char *text;
    unsigned lanes, bits;
    bool is_float;
} Shape;

static const Shape shapes[] = {
    {"i8x16", 16, 8, false}, {"i16x8", 8, 16, false}, {"i32x4", 4, 32, false},
    {"i64x2", 2, 64, false}, {"f32x4", 4, 32, true},  {"f64x2", 2, 64, true},
};

static bool vector_lane(Parser *p, const Shape *s, uint64_t *out) {
    uint32_t f32;
    if (!s->is_float) return parse_int(p, s->bits, out);
    if (s->bits == 64) return parse_f64(p, out);
    if (!parse_f32(p, &f32)) return false;
    *out = f32;
    return true;
}

static bool imm_v128(Parser *p, Writer *out) {
    const Shape *shape = NULL;
    for (size_t i = 0; i < COUNTOF(shapes); i++)
        if (parse_word(p, shapes[i].text)) {
            shape = &shapes[i];
            break;
        }
    if (!shape) return parse_unexpected(p);
    if (!check_count(p, shape->lanes, E_lane_count)) return false;
    for (unsigned i = 0; i < shape->lanes; i++) {
        uint64_t bits;
        if (!vector_lane(p, shape, &bits)) return false;
        write_bytes(out, &bits, shape->bits / 8);
    }
    return true;
}

// --- numbers and types -------------------------------------------------------

static bool imm_int(Parser *p, unsigned bits, Writer *out) {
    uint64_t x;
    if (!parse_int(p, bits, &x)) return false;
    if (bits == 32)
        write_s32(out, (int32_t)(uint32_t)x);
    else
        write_s64(out, (int64_t)x);
    return true;
}

static bool imm_f32(Parser *p, Writer *out) {
    uint32_t bits;
    if (!parse_f32(p, &bits)) return false;
    write_f32_bits(out, bits);
    return true;
}

static bool imm_f64(Parser *p, Writer *out) {
    uint64_t bits;
    if (!parse_f64(p, &bits)) return false;
    write_f64_bits(out, bits);
    return true;
}

static bool imm_heap(Parser *p, Writer *out) {
    ValType t;
    if (!parse_heap_type(p, &t)) return false;
    write_heap_type(out, t);
    return true;
}

// ref.test and ref.cast: whether null passes is part of the opcode.
static bool parse_cast(Parser *p, Op op, Op op_null, Writer *out) {
    ValType t;
    if (!parse_ref_type(p, &t)) return false;
    write_op(out, vt_is_nullable(t) ? op_null : op);
    write_heap_type(out, t);
    return true;
}

// select: with a result type it is another opcode.
static bool parse_select(Parser *p, Writer *out) {
    if (!AT_OPEN(p, "result")) {
        write_op(out, OP_select);
        return true;
    }
    if (!parse_feature(p, p->tok.at, FEATURE_reference_types,
                       "a typed select") ||
        !parse_signature(p, false))
        return false;
    write_op(out, OP_select_t);
    write_u32(out, p->results.len);
    for (uint32_t i = 0; i < p->results.len; i++)
        write_val_type(out, p->results.data[i]);
    return true;
}

// LONG: one arm a kind of immediate, each a call.
static bool parse_imm(Parser *p, Op op, Writer *out) {
    switch ((ImmKind)op_info[op].imm) {
    case IMM_none:
        return true;
    case IMM_label:
        return imm_label(p, out);
    case IMM_br_table:
        return imm_br_table(p, out);
    case IMM_br_cast:
        return imm_br_cast(p, out);
    case IMM_func:
        return imm_index(p, NAME_func, out);
    case IMM_type:
        return imm_index(p, NAME_type, out);
    case IMM_local:
        return imm_index(p, NAME_local, out);
    case IMM_global:
        return imm_index(p, NAME_global, out);
    case IMM_table:
        return imm_optional(p, NAME_table, out);
    case IMM_memory:
        return imm_optional(p, NAME_memory, out);
    case IMM_tag:
        return imm_index(p, NAME_tag, out);
    case IMM_elem:
        return imm_index(p, NAME_elem, out);
    case IMM_data:
        p->uses_data = true;
        return imm_index(p, NAME_data, out);
    case IMM_type_table:
        return imm_type_table(p, out);
    case IMM_elem_table:
        return imm_segment(p, NAME_elem, NAME_table, out);
    case IMM_data_memory:
        p->uses_data = true;
        return imm_segment(p, NAME_data, NAME_memory, out);
    case IMM_table_table:
        return imm_copy(p, NAME_table, out);
    case IMM_memory_memory:
        return imm_copy(p, NAME_memory, out);
    case IMM_type_field:
        return imm_type_field(p, out);
    case IMM_type_type:
        return imm_index(p, NAME_type, out) && imm_index(p, NAME_type, out);
    case IMM_type_len:
        return imm_type_len(p, out);
    case IMM_type_data:
        p->uses_data = true;
        return imm_index(p, NAME_type, out) && imm_index(p, NAME_data, out);
    case IMM_type_elem:
        return imm_index(p, NAME_type, out) && imm_index(p, NAME_elem, out);
    case IMM_memarg:
        return parse_memarg(p, op, parse_at_index(p), out);
    case IMM_memarg_lane:
        return imm_memarg_lane(p, op, out);
    case IMM_lane:
        return imm_lane(p, out);
    case IMM_shuffle:
        return imm_shuffle(p, out);
    case IMM_i32:
        return imm_int(p, 32, out);
    case IMM_i64:
        return imm_int(p, 64, out);
    case IMM_f32:
        return imm_f32(p, out);
    case IMM_f64:
        return imm_f64(p, out);
    case IMM_v128:
        return imm_v128(p, out);
    case IMM_heap:
        return imm_heap(p, out);
    case IMM_zero_byte:
        write_u8(out, 0);
        return true;
    case IMM_types:     // select
    case IMM_block:     // parse_instr.c
    case IMM_try_table: // parse_instr.c
    case IMM_count:
        break;
    }
    UNREACHABLE();
}

bool parse_op(Parser *p, Op op, Writer *out) {
    if (op == OP_select || op == OP_select_t) return parse_select(p, out);
    if (op == OP_ref_test || op == OP_ref_test_null)
        return parse_cast(p, OP_ref_test, OP_ref_test_null, out);
    if (op == OP_ref_cast || op == OP_ref_cast_null)
        return parse_cast(p, OP_ref_cast, OP_ref_cast_null, out);
    write_op(out, op);
    return parse_imm(p, op, out);
}
