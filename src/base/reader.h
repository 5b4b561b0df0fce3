// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A cursor over untrusted bytes.
//
// Reading never goes past the end. After the first failure every read returns
// zero and does not move, so a caller may read a whole record and check
// reader_ok() once; loops check in their condition. An item that fails is
// reported at its start. LEB128 has a fast path for one byte, inlined; the rest,
// with all its errors, is out of line.
#pragma once

#include "base/err.h"

typedef struct Reader {
    const uint8_t *start, *at, *end;
    // Where the bytes end that `end` is inside of. Nothing beyond `end` is
    // read, but an integer that `end` cuts is told from one that is malformed
    // wherever it ends.
    const uint8_t *whole_end;
    uint64_t base; // offset of `start` in the module, for error messages
    Err *err;
    // What running out means here: E_unexpected_end, or a longer text where
    // the specification has one (for instance "length out of bounds").
    ErrId end_error;
} Reader;

static inline void reader_init(Reader *r, const uint8_t *bytes, size_t size,
                               uint64_t base, Err *err) {
    *r = (Reader){.start = bytes,
                  .at = bytes,
                  .end = bytes + size,
                  .whole_end = bytes + size,
                  .base = base,
                  .err = err,
                  .end_error = E_unexpected_end};
}

static inline bool reader_ok(const Reader *r) {
    return err_ok(r->err);
}

static inline uint64_t reader_offset(const Reader *r) {
    return r->base + (uint64_t)(r->at - r->start);
}

static inline size_t reader_left(const Reader *r) {
    return (size_t)(r->end - r->at);
}

// Records the error at the cursor and stays failed. Returns false.
bool reader_fail(Reader *r, ErrId id);

uint8_t read_u8(Reader *r);
uint32_t read_f32_bits(Reader *r);
uint64_t read_f64_bits(Reader *r);
// The next `size` bytes, in place; NULL on failure.
const uint8_t *read_bytes(Reader *r, size_t size);
// A length and that many bytes of valid UTF-8; NULL on failure.
const char *read_name(Reader *r, uint32_t *size_out);

// LEB128 of one byte or more; use the inlined forms below.
uint32_t read_u32_slow(Reader *r);
uint64_t read_u64_slow(Reader *r);
int32_t read_s32_slow(Reader *r);
int64_t read_s33_slow(Reader *r);
int64_t read_s64_slow(Reader *r);

static inline uint32_t read_u32(Reader *r) {
    if (LIKELY(r->at < r->end && *r->at < 0x80)) return *r->at++;
    return read_u32_slow(r);
}

static inline uint64_t read_u64(Reader *r) {
    if (LIKELY(r->at < r->end && *r->at < 0x80)) return *r->at++;
    return read_u64_slow(r);
}

static inline int32_t read_s32(Reader *r) {
    if (LIKELY(r->at < r->end && *r->at < 0x80))
        return (int32_t)((uint32_t)*r->at++ << 25) >> 25;
    return read_s32_slow(r);
}

static inline int64_t read_s33(Reader *r) {
    if (LIKELY(r->at < r->end && *r->at < 0x80))
        return (int64_t)((uint64_t)*r->at++ << 57) >> 57;
    return read_s33_slow(r);
}

static inline int64_t read_s64(Reader *r) {
    if (LIKELY(r->at < r->end && *r->at < 0x80))
        return (int64_t)((uint64_t)*r->at++ << 57) >> 57;
    return read_s64_slow(r);
}
