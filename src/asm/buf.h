// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code while it is being written: bytes, labels, fix-ups and a constant
// pool, for any architecture. asm/<arch>/encode.h writes instructions into it.
//
// A buffer lives in an arena: running out of memory, or of CODE_SIZE_MAX, goes
// to the arena's guard. Nothing in it depends on where it lies: places within
// it are offsets from its start, and the finished bytes may be copied to any
// address that is a multiple of CODE_ALIGN.
//
// A label may be used before it is bound. A use is a fix-up: a field of the
// code that the label's offset will be added to, so whatever the field held
// before is the addend.
//
//     CodeLabel done = code_label(b);
//     x64_jcc(b, CC_e, done);
//     ...
//     code_bind(b, done);
#pragma once

#include "base/bits.h"
#include "base/map.h"
#include "base/vec.h"

enum {
    CODE_SIZE_MAX = INT32_MAX, // so that a 32-bit distance reaches anything
    CODE_ROOM = 32,            // bytes that code_room promises
    CODE_ALIGN = 64,           // what the start of the code is aligned to
    CODE_CONST_MAX = 32,       // bytes of the largest constant in the pool
};

typedef struct CodeLabel {
    uint32_t index;
} CodeLabel;

typedef enum CodeFixKind {
    CODE_FIX_rel8,  // += label - end of the field; one byte
    CODE_FIX_rel32, // += label - end of the field
    CODE_FIX_abs32, // += label, from the start of the code
} CodeFixKind;

typedef struct CodeFix {
    uint32_t at;   // offset of the field
    uint32_t next; // of the same label, index + 1
    CodeFixKind kind;
} CodeFix;

// A label that is not bound yet heads the list of its fix-ups.
typedef struct CodePlace {
    bool bound;
    uint32_t at; // bound: the offset; else the first fix-up, index + 1
} CodePlace;

typedef struct CodeConst {
    uint8_t bytes[CODE_CONST_MAX];
    uint32_t size;
    CodeLabel label;
} CodeConst;

// Encoders write at `at` and move it on; the rest belongs to buf.c.
typedef struct CodeBuf {
    Arena *arena;
    uint8_t *start, *at;
    uint8_t *full; // beyond this there may be less than CODE_ROOM left
    Vec(CodePlace) places;
    Vec(CodeFix) fixes;
    uint32_t pending; // fix-ups that wait for their label
    Vec(CodeConst) pool;
    uint32_t pool_written; // this many of them have been
    Map pool_map;          // from a hash of the bytes to the index
} CodeBuf;

void code_init(CodeBuf *b, Arena *arena);

// Makes room for `size` bytes more, and CODE_ROOM beyond.
void code_grow(CodeBuf *b, size_t size);
// Where the next CODE_ROOM bytes may be written.
static inline uint8_t *code_room(CodeBuf *b) {
    if (UNLIKELY(b->at > b->full)) code_grow(b, 0);
    return b->at;
}
static inline uint32_t code_offset(const CodeBuf *b) {
    return (uint32_t)(b->at - b->start);
}
void code_bytes(CodeBuf *b, const void *bytes, size_t size);
// To the next multiple of `to`, a power of two up to CODE_ALIGN.
void code_align(CodeBuf *b, uint32_t to, uint8_t filler);

CodeLabel code_label(CodeBuf *b);
// The label is here. Its fix-ups so far are made; one that does not reach is an
// internal impossibility.
void code_bind(CodeBuf *b, CodeLabel label);
static inline bool code_bound(const CodeBuf *b, CodeLabel label) {
    return b->places.data[label.index].bound;
}
// The offset of a bound label.
static inline uint32_t code_label_offset(const CodeBuf *b, CodeLabel label) {
    assert(code_bound(b, label));
    return b->places.data[label.index].at;
}
// Adds the label to the field at the offset `at`, now or when it is bound.
void code_fix(CodeBuf *b, CodeFixKind kind, uint32_t at, CodeLabel label);
// Four bytes: the distance from `base`, an offset, to the label. An entry of a
// jump table whose code adds the table's address.
void code_distance(CodeBuf *b, uint32_t base, CodeLabel label);

// The label of a constant in the pool: 4, 8, 16 or 32 bytes, equal ones once.
CodeLabel code_const(CodeBuf *b, const void *bytes, uint32_t size);
// Writes the constants since the last call, aligned, where no execution comes.
void code_pool(CodeBuf *b);

// All labels that were used are bound and all constants written: the size. The
// bytes at b->start are final.
uint32_t code_finish(CodeBuf *b);
