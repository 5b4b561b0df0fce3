// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tables that op.def becomes, and the parts of the instruction reader that
// are too long or too rare to inline (wasm/instr_read.h).
#include "wasm/op.h"

#include "wasm/instr_read.h"
#include "wasm/op_hash.h"

#include "wasm/op_gen.inc" // PACKED_<name>, op_one_byte, op_fb ..., op_hash_...

// clang-format off
#define ROW(name, pre, num, str, kind, feat, fuel, bytes_log2, lane_count) \
    [OP_##name] = {.text = str,                                            \
                   .sig = PACKED_##name,                                   \
                   .code = num,                                            \
                   .prefix = 0x##pre,                                      \
                   .imm = IMM_##kind,                                      \
                   .feature = FEATURE_##feat,                              \
                   .cost = fuel,                                           \
                   .access_log2 = bytes_log2,                              \
                   .lanes = lane_count},
#define ACCESS(name, pre, num, str, kind, sig, feat, fuel, bytes_log2) \
    ROW(name, pre, num, str, kind, feat, fuel, bytes_log2, 0)
#define ACCESS_LANE(name, pre, num, str, kind, sig, feat, fuel, bytes_log2, \
                    lane_count)                                             \
    ROW(name, pre, num, str, kind, feat, fuel, bytes_log2, lane_count)

const OpInfo op_info[OP_count] = {
#define OP(name, pre, num, str, kind, sig, feat, fuel) \
    ROW(name, pre, num, str, kind, feat, fuel, 0, 0)
#define LANE(name, pre, num, str, kind, sig, feat, fuel, lane_count) \
    ROW(name, pre, num, str, kind, feat, fuel, 0, lane_count)
#define LOAD           ACCESS
#define STORE          ACCESS
#define ATOMIC_LOAD    ACCESS
#define ATOMIC_STORE   ACCESS
#define ATOMIC_RMW     ACCESS
#define ATOMIC_CMPXCHG ACCESS
#define ATOMIC_WAIT    ACCESS
#define ATOMIC_NOTIFY  ACCESS
#define LANE_LOAD      ACCESS_LANE
#define LANE_STORE     ACCESS_LANE
#include "wasm/op.def"
};
// clang-format on

const char *const op_name[OP_count] = {
#define OP(name, ...) [OP_##name] = #name,
#include "wasm/op.def"
};

Op op_find(Str text) {
    uint64_t hash = op_hash(text.data, text.len);
    uint32_t seed = op_hash_seed[op_hash_bucket(hash)];
    uint16_t entry = op_hash_op[op_hash_slot(hash, seed)];
    if (entry == 0) return OP_count;
    Op op = (Op)(entry - 1);
    return str_eq_z(text, op_info[op].text) ? op : OP_count;
}

static Op op_at(const uint16_t *table, size_t len, uint32_t code) {
    if (code >= len || table[code] == 0) return OP_count;
    return (Op)(table[code] - 1);
}

Op op_of_code(uint8_t prefix, uint32_t code) {
    switch (prefix) {
    case 0:
        return op_at(op_one_byte, COUNTOF(op_one_byte), code);
    case 0xfb:
        return op_at(op_fb, COUNTOF(op_fb), code);
    case 0xfc:
        return op_at(op_fc, COUNTOF(op_fc), code);
    case 0xfd:
        return op_at(op_fd, COUNTOF(op_fd), code);
    case 0xfe:
        return op_at(op_fe, COUNTOF(op_fe), code);
    default:
        return OP_count;
    }
}

// --- errors ------------------------------------------------------------------

// Moves the cursor back to what is wrong; it stays there.
static void stop_at(Reader *r, const uint8_t *at) {
    r->at = at;
    r->end = at;
}

bool reader_fail_at(Reader *r, const uint8_t *at, ErrId id) {
    r->at = at;
    return reader_fail(r, id);
}

// How an opcode is spelled in messages: "fd", " ", at least two digits, code.
enum {
    CODE_DIGITS = 2
};

COLD static bool fail_illegal(Reader *r, const uint8_t *at, uint8_t prefix,
                              uint32_t code) {
    stop_at(r, at);
    return err_at(r->err, reader_offset(r), E_illegal_opcode, prefix, " ",
                  CODE_DIGITS, code);
}

bool op_fail_disabled(Reader *r, uint64_t at, Op op) {
    const OpInfo *info = &op_info[op];
    stop_at(r, r->start + (at - r->base));
    bool one_byte = info->prefix == 0;
    return err_at(r->err, at, E_opcode_off,
                  one_byte ? info->code : info->prefix, one_byte ? "" : " ",
                  one_byte ? 0 : CODE_DIGITS, one_byte ? 0 : info->code,
                  info->text, feature_info[info->feature].flag);
}

COLD static bool fail_type_off(Reader *r, const uint8_t *at, ErrId id,
                               const char *type, Feature feature) {
    stop_at(r, at);
    return err_at(r->err, reader_offset(r), id, type,
                  feature_info[feature].flag);
}

// --- opcodes -----------------------------------------------------------------

bool op_read_prefixed(Reader *r, const uint8_t *at, uint8_t prefix, Op *out) {
    if (prefix < 0xfb || prefix > 0xfe) {
        stop_at(r, at);
        return err_at(r->err, reader_offset(r), E_illegal_opcode, prefix, "", 0,
                      0);
    }
    uint32_t code = read_u32(r);
    if (!reader_ok(r)) return false;
    *out = op_of_code(prefix, code);
    return *out != OP_count || fail_illegal(r, at, prefix, code);
}

bool instr_read(Reader *r, FeatureSet features, Instr *out) {
    return instr_read_inline(r, features, out);
}

// --- types -------------------------------------------------------------------

// The first byte of a type that takes one byte is a negative number of 7 bits.
static bool is_code_byte(uint8_t byte) {
    return (byte & 0xc0) == 0x40;
}

// What a reference to that heap type needs.
static Feature heap_feature(HeapKind kind) {
    switch (kind) {
    case HEAP_func:
    case HEAP_extern:
        return FEATURE_reference_types;
    case HEAP_any:
    case HEAP_eq:
    case HEAP_i31:
    case HEAP_struct:
    case HEAP_array:
    case HEAP_none:
    case HEAP_noextern:
    case HEAP_nofunc:
        return FEATURE_gc;
    case HEAP_exn:
    case HEAP_noexn:
        return FEATURE_exceptions;
    case HEAP_bot:
    case HEAP_count:
        break;
    }
    UNREACHABLE();
}

static bool read_heap_index(Reader *r, const uint8_t *at, FeatureSet features,
                            ValType *out) {
    int64_t index = read_s33(r);
    if (!reader_ok(r)) return false;
    if (index < 0) return reader_fail_at(r, at, E_malformed_heap_type);
    if (!feature_on(features, FEATURE_function_references))
        return fail_type_off(r, at, E_heap_type_off, "a type index",
                             FEATURE_function_references);
    // No module has as many types (LIMIT: LIMIT_types is below 2^29).
    if (index > VT_INDEX) {
        stop_at(r, at);
        return err_at(r->err, reader_offset(r), E_unknown_type,
                      (unsigned)index);
    }
    *out = vt_ref((uint32_t)index, false);
    return true;
}

bool read_heap_type(Reader *r, FeatureSet features, ValType *out) {
    const uint8_t *at = r->at;
    *out = VT_bot;
    if (at == r->end) return reader_fail(r, r->end_error);
    if (!is_code_byte(*at)) return read_heap_index(r, at, features, out);
    HeapKind kind = heap_of_code(*at);
    if (kind == HEAP_count) return reader_fail(r, E_malformed_heap_type);
    if (!feature_on(features, heap_feature(kind)))
        return fail_type_off(r, at, E_heap_type_off, heap_text[kind],
                             heap_feature(kind));
    r->at++;
    *out = VT_ABSTRACT_REF(kind);
    return true;
}

// `(ref ht)` and `(ref null ht)`, the cursor behind their code byte.
static bool read_long_ref(Reader *r, FeatureSet features, bool nullable,
                          ValType *out) {
    if (!feature_on(features, FEATURE_function_references))
        return fail_type_off(r, r->at - 1, E_ref_type_off, "(ref ...)",
                             FEATURE_function_references);
    if (!read_heap_type(r, features, out)) return false;
    if (nullable) *out |= VT_NULL;
    return true;
}

// Tables held funcref before there were reference types, so it needs nothing
// here; as a value type it does.
bool read_ref_type(Reader *r, FeatureSet features, ValType *out) {
    *out = VT_bot;
    if (r->at == r->end) return reader_fail(r, r->end_error);
    uint8_t code = *r->at;
    if (code == TYPE_CODE_ref || code == TYPE_CODE_ref_null) {
        r->at++;
        return read_long_ref(r, features, code == TYPE_CODE_ref_null, out);
    }
    HeapKind kind = heap_of_code(code);
    if (kind == HEAP_count) return reader_fail(r, E_malformed_ref_type);
    Feature needs = kind == HEAP_func ? FEATURE_mvp : heap_feature(kind);
    if (!feature_on(features, needs))
        return fail_type_off(r, r->at, E_ref_type_off, heap_shorthand[kind],
                             needs);
    r->at++;
    *out = VT_ABSTRACT_REF(kind) | VT_NULL;
    return true;
}

bool read_val_type(Reader *r, FeatureSet features, ValType *out) {
    *out = VT_bot;
    if (r->at == r->end) return reader_fail(r, r->end_error);
    uint8_t code = *r->at;
    if (code <= TYPE_CODE_i32 && code >= TYPE_CODE_v128) {
        if (code == TYPE_CODE_v128 && !feature_on(features, FEATURE_simd))
            return fail_type_off(r, r->at, E_val_type_off, "v128",
                                 FEATURE_simd);
        r->at++;
        *out = (ValType)(VT_i32 + (TYPE_CODE_i32 - code));
        return true;
    }
    HeapKind kind = heap_of_code(code);
    if (kind == HEAP_count && code != TYPE_CODE_ref &&
        code != TYPE_CODE_ref_null)
        return reader_fail(r, E_malformed_val_type);
    if (!feature_on(features, FEATURE_reference_types))
        return fail_type_off(r, r->at, E_val_type_off, "a reference",
                             FEATURE_reference_types);
    return read_ref_type(r, features, out);
}

bool read_block_type(Reader *r, FeatureSet features, BlockType *out) {
    *out = (BlockType){.kind = BLOCK_empty};
    const uint8_t *at = r->at;
    if (at == r->end) return reader_fail(r, r->end_error);
    if (*at == TYPE_CODE_empty) {
        r->at++;
        return true;
    }
    if (is_code_byte(*at)) {
        out->kind = BLOCK_value;
        return read_val_type(r, features, &out->value);
    }
    int64_t index = read_s33(r);
    if (!reader_ok(r)) return false;
    if (index < 0) return reader_fail_at(r, at, E_malformed_block_type);
    if (!feature_on(features, FEATURE_multi_value))
        return fail_type_off(r, at, E_block_type_off, "a type index",
                             FEATURE_multi_value);
    out->kind = BLOCK_type;
    out->index = (uint32_t)index;
    return true;
}

// --- immediates --------------------------------------------------------------

void read_zero_byte(Reader *r) {
    if (r->at < r->end && *r->at != 0)
        reader_fail(r, E_zero_byte);
    else
        (void)read_u8(r);
}

// The length of a vector whose items take at least a byte each, so that a
// wrong one is found before anybody loops over it.
static uint32_t read_len(Reader *r) {
    const uint8_t *at = r->at;
    uint32_t len = read_u32(r);
    if (len <= reader_left(r)) return len;
    reader_fail_at(r, at, E_length_out_of_bounds);
    return 0;
}

void read_br_table(Reader *r, Instr *in) {
    in->imm.br_table.len = read_len(r);
    in->imm.br_table.list = r->at;
    for (uint32_t i = 0; i < in->imm.br_table.len && reader_ok(r); i++)
        (void)read_u32(r);
    (void)read_u32(r); // the default
}

void read_br_cast(Reader *r, FeatureSet features, Instr *in) {
    const uint8_t *at = r->at;
    uint8_t flags = read_u8(r);
    if (flags > (BR_CAST_from_null | BR_CAST_to_null))
        reader_fail_at(r, at, E_malformed_br_cast);
    in->imm.br_cast.label = read_u32(r);
    if (!read_heap_type(r, features, &in->imm.br_cast.from)) return;
    if (!read_heap_type(r, features, &in->imm.br_cast.to)) return;
    if (flags & BR_CAST_from_null) in->imm.br_cast.from |= VT_NULL;
    if (flags & BR_CAST_to_null) in->imm.br_cast.to |= VT_NULL;
}

bool read_catch(Reader *r, CatchClause *out) {
    *out = (CatchClause){.kind = CATCH_all};
    const uint8_t *at = r->at;
    uint8_t kind = read_u8(r);
    if (kind > CATCH_all_ref) return reader_fail_at(r, at, E_malformed_catch);
    out->kind = (CatchKind)kind;
    if (kind == CATCH_tag || kind == CATCH_tag_ref) out->tag = read_u32(r);
    out->label = read_u32(r);
    return reader_ok(r);
}

void read_try_table(Reader *r, FeatureSet features, Instr *in) {
    if (!read_block_type(r, features, &in->imm.try_table.block)) return;
    in->imm.try_table.len = read_len(r);
    in->imm.try_table.list = r->at;
    CatchClause clause;
    for (uint32_t i = 0; i < in->imm.try_table.len; i++)
        if (!read_catch(r, &clause)) return;
}

void read_select_types(Reader *r, FeatureSet features, Instr *in) {
    in->imm.types.len = read_len(r);
    in->imm.types.list = r->at;
    ValType type;
    for (uint32_t i = 0; i < in->imm.types.len; i++)
        if (!read_val_type(r, features, &type)) return;
}
