// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// LEB128 as the specification has it (core, 5.2.2): an integer of N bits takes
// at most ceil(N / 7) bytes, and the bits of the last one that do not fit must
// be zero, or copies of the sign. A read that fails leaves the cursor where the
// item starts, which is also the offset of its error.
#include "base/reader.h"

#include "base/bits.h"
#include "base/utf8.h"

#include <string.h>

// With nothing left to read, even the inlined forms find their way here.
bool reader_fail(Reader *r, ErrId id) {
    assert(!strchr(err_format(id), '%'));
    err_at(r->err, reader_offset(r), id);
    r->end = r->at;
    return false;
}

const uint8_t *read_bytes(Reader *r, size_t size) {
    if (!reader_ok(r)) return NULL; // even when asked for nothing
    if (size > reader_left(r)) {
        reader_fail(r, r->end_error);
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += size;
    return bytes;
}

uint8_t read_u8(Reader *r) {
    const uint8_t *p = read_bytes(r, 1);
    return p ? *p : 0;
}

uint32_t read_f32_bits(Reader *r) {
    const uint8_t *p = read_bytes(r, 4);
    return p ? load_u32(p) : 0;
}

uint64_t read_f64_bits(Reader *r) {
    const uint8_t *p = read_bytes(r, 8);
    return p ? load_u64(p) : 0;
}

const char *read_name(Reader *r, uint32_t *size_out) {
    *size_out = 0;
    uint32_t size = read_u32(r);
    const uint8_t *bytes = read_bytes(r, size);
    if (!bytes) return NULL;
    if (!utf8_valid(bytes, size)) {
        r->at = bytes;
        reader_fail(r, E_malformed_utf8);
        return NULL;
    }
    *size_out = size;
    return (const char *)bytes;
}

// True when the bits of the last byte that lie beyond `room` are as they must
// be: zero, or for signed integers all equal to the topmost that fits.
static inline bool last_byte_ok(uint8_t byte, unsigned room, bool is_signed) {
    unsigned bits = byte & 0x7fu;
    if (!is_signed) return bits >> room == 0;
    unsigned extra = bits >> (room - 1);
    return extra == 0 || extra == 0x7fu >> (room - 1);
}

// Both halves of LEB128 in one: `bits` and `is_signed` are constants at every
// call, so each reader below becomes a loop of its own.
INLINE uint64_t read_leb(Reader *r, unsigned bits, bool is_signed) {
    uint64_t value = 0;
    const uint8_t *p = r->at;
    for (unsigned shift = 0;; shift += 7) {
        if (p == r->whole_end) return reader_fail(r, r->end_error);
        uint8_t byte = *p++;
        unsigned room = bits - shift;
        if (room < 7 && !last_byte_ok(byte, room, is_signed))
            return reader_fail(r, E_int_too_large);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (p > r->end) return reader_fail(r, r->end_error);
            r->at = p;
            if (!is_signed || room <= 7 || !(byte & 0x40)) break;
            return value | UINT64_MAX << (shift + 7);
        }
        if (room <= 7) return reader_fail(r, E_int_too_long);
    }
    return value;
}

static int64_t sign_extend(uint64_t value, unsigned bits) {
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

uint32_t read_u32_slow(Reader *r) {
    return (uint32_t)read_leb(r, 32, false);
}

uint64_t read_u64_slow(Reader *r) {
    return read_leb(r, 64, false);
}

int32_t read_s32_slow(Reader *r) {
    return (int32_t)sign_extend(read_leb(r, 32, true), 32);
}

int64_t read_s33_slow(Reader *r) {
    return sign_extend(read_leb(r, 33, true), 33);
}

int64_t read_s64_slow(Reader *r) {
    return (int64_t)read_leb(r, 64, true);
}
