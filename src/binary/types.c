// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The type section: recursion groups of defined types (core, 5.3 and 5.5.4).
#include "binary/binary_int.h"
#include "wasm/op.h"

enum {
    LEAST_TYPE = 3, // bytes of the smallest one
};

// Value types of a function: their number is known before, so they are read
// into their place at once.
static bool result_type(Decoder *d, LimitId id, uint64_t most,
                        const ValType **out, uint32_t *len_out) {
    Reader *r = &d->r;
    uint64_t at = reader_offset(r);
    uint32_t len;
    if (!decode_len(r, &len)) return false;
    if (len > most) return decode_over(d, at, id, len, most);
    ValType *types = NULL;
    if (len) types = arena_alloc_raw(d->m->arena, sizeof *types, len);
    for (uint32_t i = 0; i < len; i++)
        if (!read_val_type(r, d->m->features, &types[i])) return false;
    *out = types;
    *len_out = len;
    return true;
}

static bool func_type(Decoder *d, FuncType *out) {
    const LimitSet *limits = d->m->limits;
    if (!result_type(d, LIMIT_params, limits->params, &out->params,
                     &out->param_len))
        return false;
    uint64_t at = reader_offset(&d->r);
    if (!result_type(d, LIMIT_results, limits->results, &out->results,
                     &out->result_len))
        return false;
    return out->result_len < 2 ||
           decode_need(d, at, FEATURE_multi_value,
                       "a function type of several results");
}

static bool field_type(Decoder *d, FieldType *out) {
    Reader *r = &d->r;
    uint8_t lead = reader_left(r) ? *r->at : 0;
    if (lead == TYPE_CODE_i8 || lead == TYPE_CODE_i16) {
        r->at++;
        out->storage = lead == TYPE_CODE_i8 ? VT_i8 : VT_i16;
    } else if (!read_val_type(r, d->m->features, &out->storage)) {
        return false;
    }
    return decode_mutability(d, &out->is_mutable);
}

static bool struct_type(Decoder *d, TypeDef *out) {
    Reader *r = &d->r;
    uint64_t at = reader_offset(r), most = d->m->limits->struct_fields;
    uint32_t len;
    if (!decode_len(r, &len)) return false;
    if (len > most) return decode_over(d, at, LIMIT_struct_fields, len, most);
    FieldType *fields = NULL;
    if (len) fields = NEW_N(d->m->arena, FieldType, len);
    for (uint32_t i = 0; i < len; i++)
        if (!field_type(d, &fields[i])) return false;
    out->structure.fields = fields;
    out->structure.field_len = len;
    return true;
}

static bool array_type(Decoder *d, TypeDef *out) {
    FieldType *field = NEW(d->m->arena, FieldType);
    out->structure.fields = field;
    out->structure.field_len = 1;
    return field_type(d, field);
}

static bool comp_type(Decoder *d, TypeDef *out) {
    Reader *r = &d->r;
    uint64_t at = reader_offset(r);
    uint8_t form = read_u8(r);
    if (!reader_ok(r)) return false;
    switch (form) {
    case FORM_func:
        out->kind = COMP_func;
        return func_type(d, &out->func);
    case FORM_struct:
        out->kind = COMP_struct;
        return decode_need(d, at, FEATURE_gc, "a structure type") &&
               struct_type(d, out);
    case FORM_array:
        out->kind = COMP_array;
        return decode_need(d, at, FEATURE_gc, "an array type") &&
               array_type(d, out);
    default:
        // Forms are signed LEB128, of one byte.
        if (form >= 0x80) return err_at(d->err, at, E_int_too_long);
        return err_at(d->err, at, E_malformed_type, (unsigned)form);
    }
}

// The format allows any number of supertypes, validation at most one; there is
// room for one.
static bool super_type(Decoder *d, TypeDef *out) {
    Reader *r = &d->r;
    uint64_t at = reader_offset(r);
    uint32_t len;
    if (!decode_len(r, &len)) return false;
    if (len > 1) return err_at(d->err, at, E_supertypes, len);
    if (len) out->super = read_u32(r);
    return reader_ok(r);
}

static bool sub_type(Decoder *d, TypeDef *out) {
    Reader *r = &d->r;
    uint8_t form = reader_left(r) ? *r->at : 0;
    out->is_final = form != FORM_sub;
    out->has_sub = form == FORM_sub || form == FORM_sub_final;
    out->super = TYPE_NONE;
    if (out->has_sub) {
        if (!decode_need(d, reader_offset(r), FEATURE_gc, "a subtype"))
            return false;
        r->at++;
        if (!super_type(d, out)) return false;
    }
    return comp_type(d, out);
}

static bool group_len(Decoder *d, bool has_rec, uint32_t *out) {
    Reader *r = &d->r;
    const LimitSet *limits = d->m->limits;
    uint64_t at = reader_offset(r);
    *out = 1;
    if (has_rec) {
        if (!decode_need(d, at, FEATURE_gc, "a recursion group")) return false;
        r->at++;
        if (!decode_len(r, out)) return false;
        if (*out > limits->rec_group)
            return decode_over(d, at, LIMIT_rec_group, *out, limits->rec_group);
    }
    uint64_t total = (uint64_t)d->m->types.len + *out;
    return total <= limits->types ||
           decode_over(d, at, LIMIT_types, total, limits->types);
}

static bool rec_type(Decoder *d) {
    Module *m = d->m;
    bool has_rec = reader_left(&d->r) && *d->r.at == FORM_rec;
    uint32_t len, start = m->types.len;
    if (!group_len(d, has_rec, &len)) return false;
    for (uint32_t i = 0; i < len; i++) {
        TypeDef type = {.has_rec = has_rec,
                        .group_start = start,
                        .group_len = len,
                        .at = reader_offset(&d->r)};
        if (!sub_type(d, &type)) return false;
        VEC_PUSH(m->arena, &m->types, type);
    }
    return true;
}

bool decode_type(Decoder *d) {
    uint32_t groups;
    if (!DECODE_COUNT(d, types, types, LEAST_TYPE, &groups)) return false;
    for (uint32_t i = 0; i < groups; i++)
        if (!decode_entry(d) || !rec_type(d)) return false;
    return true;
}
