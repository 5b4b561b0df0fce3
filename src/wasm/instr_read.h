// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The one reader of instructions, to be inlined where speed matters; everybody
// else calls instr_read (wasm/op.h), which is this compiled once.
//
// It comes in two halves, so that a loop that switches on the opcode anyway can
// read the immediate in the opcode's own case: with a constant kind, imm_read
// folds to the reads of that kind.
//
//     op_read(r, features, &in)
//     switch (in.op) {
//     case OP_<name>: imm_read(r, features, IMM_<imm>, &in) ...
//
// What is long or rare is out of line, in op.c.
#pragma once

#include "wasm/op.h"

// The slow halves; each records an error and returns false on failure.
NODISCARD bool op_read_prefixed(Reader *r, const uint8_t *at, uint8_t prefix,
                                Op *out);
COLD bool op_fail_disabled(Reader *r, uint64_t at, Op op);
// Records `id` at a place before the cursor and stays failed.
COLD bool reader_fail_at(Reader *r, const uint8_t *at, ErrId id);
void read_zero_byte(Reader *r);
void read_br_table(Reader *r, Instr *in);
void read_br_cast(Reader *r, FeatureSet features, Instr *in);
void read_try_table(Reader *r, FeatureSet features, Instr *in);
void read_select_types(Reader *r, FeatureSet features, Instr *in);

// The opcode; sets in->op and in->at.
NODISCARD INLINE bool op_read(Reader *r, FeatureSet features, Instr *in) {
    const uint8_t *at = r->at;
    in->at = reader_offset(r);
    if (UNLIKELY(at == r->end)) return reader_fail(r, r->end_error);
    uint8_t byte = *r->at++;
    if (LIKELY(op_one_byte[byte] != 0))
        in->op = (Op)(op_one_byte[byte] - 1);
    else if (!op_read_prefixed(r, at, byte, &in->op))
        return false;
    if (LIKELY(feature_on(features, (Feature)op_info[in->op].feature)))
        return true;
    return op_fail_disabled(r, in->at, in->op);
}

// Begins with `i32.const n end`, n in up to four bytes, as most segments' offsets
// do: modules of some compilers have a hundred thousand. Its size, or 0.
INLINE uint32_t expr_short_i32(const uint8_t *at, size_t size, int32_t *out) {
    enum {
        LEB_MAX = 4,
        END = 0x0b
    };
    if (size < 3 || op_one_byte[at[0]] != OP_i32_const + 1) return 0;
    uint32_t most = (uint32_t)MIN(size - 2, (size_t)LEB_MAX);
    uint32_t value = 0, len = 0, byte;
    do {
        byte = at[1 + len];
        value |= (byte & 0x7f) << 7 * len++;
    } while (byte >= 0x80 && len < most);
    if (byte >= 0x80 || at[1 + len] != END) return 0;
    uint32_t unused = 32 - 7 * len;
    *out = (int32_t)(value << unused) >> unused;
    return len + 2;
}
// Is it that, and nothing more?
INLINE bool expr_is_short_i32(const uint8_t *at, size_t size, int32_t *out) {
    return size && expr_short_i32(at, size, out) == size;
}

// LEB128 of one or two bytes, which most indices and offsets have. False, and
// nothing read, when it is longer or the bytes are running out.
NODISCARD INLINE bool read_short(Reader *r, uint32_t *out) {
    if (UNLIKELY(r->end - r->at < 2)) return false;
    uint32_t low = r->at[0], high = r->at[1];
    if (LIKELY(low < 0x80)) {
        *out = low;
        r->at += 1;
        return true;
    }
    if (UNLIKELY(high >= 0x80)) return false;
    *out = high << 7 | (low & 0x7f);
    r->at += 2;
    return true;
}

// The same, signed.
NODISCARD INLINE bool read_short_signed(Reader *r, int32_t *out) {
    if (UNLIKELY(r->end - r->at < 2)) return false;
    uint32_t low = r->at[0], high = r->at[1];
    if (LIKELY(low < 0x80)) {
        *out = (int32_t)(low << 25) >> 25;
        r->at += 1;
        return true;
    }
    if (UNLIKELY(high >= 0x80)) return false;
    *out = (int32_t)(high << 25 | (low & 0x7f) << 18) >> 18;
    r->at += 2;
    return true;
}

// A memory or table index, where the byte was reserved before there could be
// several: it must be a zero byte while the feature is off.
INLINE uint32_t read_index_if(Reader *r, bool several) {
    if (several) return read_u32(r);
    read_zero_byte(r);
    return 0;
}

// Flags below 64 are the alignment; 64 says that a memory index follows.
NODISCARD INLINE bool read_memarg(Reader *r, FeatureSet features, MemArg *out) {
    const uint8_t *at = r->at;
    uint32_t flags = 0, offset = 0;
    if (UNLIKELY(!read_short(r, &flags))) flags = read_u32(r);
    out->memory = 0;
    if (UNLIKELY(flags >= MEMARG_memory)) {
        if (flags >= 2 * MEMARG_memory ||
            !feature_on(features, FEATURE_multi_memory)) {
            reader_fail_at(r, at, E_malformed_memop);
            flags = MEMARG_memory;
        }
        flags -= MEMARG_memory;
        out->memory = read_u32(r);
    }
    out->align_log2 = flags;
    if (LIKELY(read_short(r, &offset))) {
        out->offset = offset;
        return true; // a failed reader has no bytes left
    }
    bool is_64 = feature_on(features, FEATURE_memory64);
    out->offset = is_64 ? read_u64(r) : read_u32(r);
    return reader_ok(r);
}

// The immediate of an instruction of that kind. `features` decides about the
// encoding only; the opcode's own feature was checked with the opcode.
NODISCARD INLINE bool imm_read(Reader *r, FeatureSet features, ImmKind kind,
                               Instr *in) {
    bool memories = feature_on(features, FEATURE_multi_memory);
    bool tables = feature_on(features, FEATURE_reference_types);
    switch (kind) {
    case IMM_none:
        return true;
    case IMM_block:
        return read_block_type(r, features, &in->imm.block);
    case IMM_try_table:
        read_try_table(r, features, in);
        break;
    case IMM_br_table:
        read_br_table(r, in);
        break;
    case IMM_br_cast:
        read_br_cast(r, features, in);
        break;
    case IMM_label:
    case IMM_func:
    case IMM_type:
    case IMM_local:
    case IMM_global:
    case IMM_table:
    case IMM_tag:
    case IMM_elem:
    case IMM_data:
        if (LIKELY(read_short(r, &in->imm.index))) return true;
        in->imm.index = read_u32(r);
        break;
    case IMM_memory:
        in->imm.index = read_index_if(r, memories);
        break;
    case IMM_type_field:
    case IMM_type_type:
    case IMM_type_len:
    case IMM_type_data:
    case IMM_type_elem:
        in->imm.pair.first = read_u32(r);
        in->imm.pair.second = read_u32(r);
        break;
    case IMM_type_table:
    case IMM_elem_table:
        in->imm.pair.first = read_u32(r);
        in->imm.pair.second = read_index_if(r, tables);
        break;
    case IMM_data_memory:
        in->imm.pair.first = read_u32(r);
        in->imm.pair.second = read_index_if(r, memories);
        break;
    case IMM_table_table:
        in->imm.pair.first = read_index_if(r, tables);
        in->imm.pair.second = read_index_if(r, tables);
        break;
    case IMM_memory_memory:
        in->imm.pair.first = read_index_if(r, memories);
        in->imm.pair.second = read_index_if(r, memories);
        break;
    case IMM_memarg:
        return read_memarg(r, features, &in->imm.mem.arg);
    case IMM_memarg_lane:
        if (!read_memarg(r, features, &in->imm.mem.arg)) return false;
        in->imm.mem.lane = read_u8(r);
        break;
    case IMM_lane:
        in->imm.index = read_u8(r);
        break;
    case IMM_shuffle:
    case IMM_v128:
        in->imm.bytes16 = read_bytes(r, 16);
        break;
    case IMM_i32:
        if (LIKELY(read_short_signed(r, &in->imm.i32))) return true;
        in->imm.i32 = read_s32(r);
        break;
    case IMM_i64:
        in->imm.i64 = read_s64(r);
        break;
    case IMM_f32:
        in->imm.f32 = read_f32_bits(r);
        break;
    case IMM_f64:
        in->imm.f64 = read_f64_bits(r);
        break;
    case IMM_heap:
        return read_heap_type(r, features, &in->imm.heap);
    case IMM_types:
        read_select_types(r, features, in);
        break;
    case IMM_zero_byte:
        read_zero_byte(r);
        break;
    case IMM_count:
        UNREACHABLE();
    }
    return reader_ok(r);
}

NODISCARD INLINE bool instr_read_inline(Reader *r, FeatureSet features,
                                        Instr *out) {
    return op_read(r, features, out) &&
           imm_read(r, features, (ImmKind)op_info[out->op].imm, out);
}
