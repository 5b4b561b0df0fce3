// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The module as a sequence of sections, and the pieces that sections share.
// What the sections hold is read in sections.c, types.c and segments.c.
#include "binary/binary.h"

#include "base/utf8.h"
#include "binary/binary_int.h"
#include "wasm/instr_read.h"

#include <string.h>

const uint8_t module_header[HEADER_SIZE] = {0, 'a', 's', 'm', 1, 0, 0, 0};

enum {
    MAGIC_SIZE = 4
};

// --- pieces ------------------------------------------------------------------

bool decode_off(Decoder *d, uint64_t at, Feature f, const char *what) {
    return err_at(d->err, at, E_feature_off, what, feature_info[f].flag);
}

bool decode_over(Decoder *d, uint64_t at, LimitId id, uint64_t got,
                 uint64_t most) {
    return err_at(d->err, at, E_over_limit, limit_info[id].what,
                  (unsigned long long)got, (unsigned long long)most);
}

// The length itself counts as room, as it does in the specification's
// interpreter: one that is short by so little is found when its bytes are
// read.
bool decode_len(Reader *r, uint32_t *out) {
    const uint8_t *start = r->at;
    size_t room = reader_left(r);
    *out = read_u32(r);
    if (UNLIKELY(!reader_ok(r))) return false;
    if (LIKELY(*out <= room)) return true;
    r->at = start;
    return reader_fail(r, E_length_out_of_bounds);
}

bool decode_name(Reader *r, Str *out) {
    *out = (Str){0};
    uint32_t size;
    if (!decode_len(r, &size)) return false;
    const uint8_t *bytes = read_bytes(r, size);
    if (!bytes) return false;
    if (UNLIKELY(!utf8_valid(bytes, size))) {
        r->at = bytes;
        return reader_fail(r, E_malformed_utf8);
    }
    *out = (Str){(const char *)bytes, size};
    return true;
}

bool decode_expr(Decoder *d, Bytes *out) {
    Reader *r = &d->r;
    const uint8_t *start = r->at;
    uint64_t at = reader_offset(r);
    int32_t value;
    uint32_t size = expr_short_i32(start, reader_left(r), &value);
    if (LIKELY(size)) {
        r->at += size;
        *out = (Bytes){start, size, at};
        return true;
    }
    Instr in;
    uint32_t depth = 0;
    for (;;) {
        if (!instr_read(r, d->m->features, &in)) return false;
        uint8_t imm = op_info[in.op].imm;
        if (imm == IMM_block || imm == IMM_try_table)
            depth++;
        else if (in.op == OP_end && depth-- == 0)
            break;
    }
    *out = (Bytes){start, (uint32_t)(r->at - start), at};
    return true;
}

// In the middle of the module, the count was for more than its section holds.
bool decode_entry(Decoder *d) {
    if (LIKELY(reader_left(&d->r))) return true;
    return reader_fail(&d->r,
                       d->is_last ? d->r.end_error : E_length_out_of_bounds);
}

bool decode_count(Decoder *d, uint32_t have, uint64_t most, LimitId id,
                  uint32_t *out) {
    uint64_t at = reader_offset(&d->r);
    if (!decode_len(&d->r, out)) return false;
    uint64_t total = (uint64_t)have + *out;
    return total <= most || decode_over(d, at, id, total, most);
}

// --- sections ----------------------------------------------------------------

typedef struct SectionInfo {
    unsigned rank; // from 1
    bool (*decode)(Decoder *d);
} SectionInfo;

enum {
    RANK_none,
#define SECTION(name, id) RANK_##name,
    SECTIONS(SECTION)
#undef SECTION
};

static const SectionInfo sections[SECTION_count] = {
    [SECTION_custom] = {RANK_none, decode_custom},
#define SECTION(name, id) [id] = {RANK_##name, decode_##name},
    SECTIONS(SECTION)
#undef SECTION
};

bool decode_section(Decoder *d, SectionId id) {
    const SectionInfo *info = &sections[id];
    if (!info->decode(d)) return false;
    if (reader_left(&d->r)) return reader_fail(&d->r, E_section_size);
    if (id == SECTION_custom) return true;
    d->rank = info->rank;
    d->last = id;
    return true;
}

// Reads id and size; d->r is then the section's contents.
static bool section_start(Decoder *d, Reader *module, SectionId *out) {
    uint8_t id = *module->at;
    uint64_t at = reader_offset(module);
    if (id >= SECTION_count)
        return err_at(d->err, at, E_section_id, (unsigned)id);
    if (id != SECTION_custom && sections[id].rank <= d->rank)
        return reader_fail(module, E_section_order);
    if (id == SECTION_tag &&
        !decode_need(d, at, FEATURE_exceptions, "the tag section"))
        return false;
    if (id == SECTION_data_count &&
        !decode_need(d, at, FEATURE_bulk_memory, "the data count section"))
        return false;
    *out = (SectionId)id;
    module->at++;
    uint32_t size;
    if (!decode_len(module, &size)) return false;
    uint64_t base = reader_offset(module);
    const uint8_t *bytes = read_bytes(module, size);
    if (!bytes) return false;
    reader_init(&d->r, bytes, size, base, d->err);
    d->r.end_error = module->end_error;
    d->r.whole_end = module->end;
    d->is_last = !reader_left(module);
    return true;
}

// The sections of functions and data say how many there are twice; one of the
// two may be missing.
bool decode_finish(Decoder *d) {
    const Module *m = d->m;
    uint32_t defined = m->funcs.len - m->imported[EXTERN_func];
    if (defined != m->bodies.len)
        return err_at(d->err, d->code_at, E_code_count, defined, m->bodies.len);
    if (m->has_data_count && m->data_count != m->datas.len)
        return err_at(d->err, d->data_at, E_data_count, m->data_count,
                      m->datas.len);
    return true;
}

// --- the module --------------------------------------------------------------

bool module_is_binary(const uint8_t *bytes, size_t size) {
    return size >= MAGIC_SIZE && !memcmp(bytes, module_header, MAGIC_SIZE);
}

// By the layer in the upper half of the version.
static bool is_component(const uint8_t *version) {
    return version[2] == 1 && version[3] == 0;
}

static bool header_ok(Reader *r) {
    if (reader_left(r) < MAGIC_SIZE) return reader_fail(r, r->end_error);
    if (!module_is_binary(r->at, MAGIC_SIZE)) return reader_fail(r, E_magic);
    r->at += MAGIC_SIZE;
    if (reader_left(r) < HEADER_SIZE - MAGIC_SIZE)
        return reader_fail(r, r->end_error);
    if (memcmp(r->at, module_header + MAGIC_SIZE, HEADER_SIZE - MAGIC_SIZE))
        return reader_fail(r, is_component(r->at) ? E_component : E_version);
    r->at += HEADER_SIZE - MAGIC_SIZE;
    return true;
}

// What an outline leaves out: sections that can have very many entries.
static bool is_skipped(const Decoder *d, SectionId id) {
    return d->is_outline && (id == SECTION_func || id == SECTION_elem ||
                             id == SECTION_code || id == SECTION_data);
}

static bool decode_all(Module *m, const uint8_t *bytes, size_t size,
                       bool is_outline, Err *err) {
    err_clear(err);
    m->bytes = bytes;
    m->size = size;
    Decoder d = {
        .m = m,
        .err = err,
        .is_outline = is_outline,
        .code_at = size,
        .data_at = size,
    };
    if (size > m->limits->module_size)
        return decode_over(&d, 0, LIMIT_module_size, size,
                           m->limits->module_size);
    Reader r;
    reader_init(&r, bytes, size, 0, err);
    r.end_error = E_unexpected_end_section;
    if (!header_ok(&r)) return false;
    while (reader_left(&r)) {
        SectionId id = SECTION_custom;
        if (!section_start(&d, &r, &id)) return false;
        if (!is_skipped(&d, id) && !decode_section(&d, id)) return false;
    }
    return is_outline || decode_finish(&d);
}

bool module_decode(Module *m, const uint8_t *bytes, size_t size, Err *err) {
    return decode_all(m, bytes, size, false, err);
}

bool module_decode_outline(Module *m, const uint8_t *bytes, size_t size,
                           Err *err) {
    return decode_all(m, bytes, size, true, err);
}
