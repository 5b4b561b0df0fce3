// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the fuzz targets share: work under a guard, and the oracle of the round
// trip. A target aborts when what it was given shows a bug; sanitizers find the
// rest.
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "binary/binary.h"
#include "text/text.h"
#include "valid/valid.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    FUZZ_MEMORY = 256 << 20 // bytes that one input may make us allocate
};

// libFuzzer's entry.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// One input's world. The limits are smaller than the defaults, so that what
// grows with a limit does not become a slow input.
typedef struct Fuzz {
    Arena arena;
    LimitSet limits;
    FeatureSet features;
    Err err;
} Fuzz;

// Runs `work` on the input with everything around it; out of memory is fine.
static inline int fuzz_run(const uint8_t *data, size_t size,
                           void (*work)(Fuzz *f, Bytes input)) {
    Fuzz f = {.limits = limits_default(), .features = FEATURES_ALL};
    arena_init(&f.arena, FUZZ_MEMORY);
    ArenaGuard guard;
    if (ARENA_GUARD(&f.arena, &guard))
        work(&f, (Bytes){.data = data, .size = (uint32_t)size});
    arena_unguard(&f.arena, &guard);
    arena_release(&f.arena);
    return 0;
}

static inline Module *fuzz_module(Fuzz *f) {
    Module *m = NEW(&f->arena, Module);
    module_init(m, &f->arena, f->features, &f->limits);
    err_clear(&f->err);
    return m;
}

NORETURN static inline void fuzz_bug(const Fuzz *f, const char *what) {
    fprintf(stderr, "bug: %s\n", what);
    if (!err_ok(&f->err))
        fprintf(stderr, "%s at %llu\n", f->err.text,
                (unsigned long long)f->err.at);
    abort();
}

static inline Bytes fuzz_encode(Fuzz *f, const Module *m) {
    Bytes out;
    module_encode(m, &f->arena, &out);
    return out;
}

static inline Module *fuzz_decode(Fuzz *f, Bytes bytes, const char *what) {
    Module *m = fuzz_module(f);
    if (!module_decode(m, bytes.data, bytes.size, &f->err)) fuzz_bug(f, what);
    return m;
}

static inline void fuzz_same(const Fuzz *f, Bytes a, Bytes b,
                             const char *what) {
    if (a.size != b.size || memcmp(a.data, b.data, a.size)) fuzz_bug(f, what);
}

// What was encoded decodes, and encodes to the same bytes.
static inline Module *fuzz_recode(Fuzz *f, Bytes bytes) {
    Module *m = fuzz_decode(f, bytes, "what was encoded does not decode");
    fuzz_same(f, bytes, fuzz_encode(f, m), "encoding changed what it wrote");
    return m;
}

static inline TextBuf fuzz_print(Fuzz *f, const Module *m) {
    TextBuf text;
    text_init(&text, &f->arena);
    if (!text_print_module(m, &text, &f->arena, &f->err))
        fuzz_bug(f, "a valid module does not print");
    return text;
}

// The bytes that text stands for.
static inline Bytes fuzz_assemble(Fuzz *f, const TextBuf *text) {
    Module *m = fuzz_module(f);
    if (text_parse_module(m, text->data, text->len, &f->err))
        return fuzz_encode(f, m);
    fprintf(stderr, "%.*s\n", (int)text->len, text->data);
    fuzz_bug(f, "printed text does not parse");
}

// The way through text and back: text holds all that the module means, and
// what was assembled comes back byte by byte. (What a binary module was written
// with, long integers for example, is not in its text.) Returns the bytes.
static inline Bytes fuzz_reprint(Fuzz *f, const Module *m) {
    TextBuf text = fuzz_print(f, m);
    Bytes bytes = fuzz_assemble(f, &text);
    TextBuf again = fuzz_print(f, fuzz_recode(f, bytes));
    if (text.len != again.len || memcmp(text.data, again.data, text.len)) {
        fprintf(stderr, "%.*s\n---\n%.*s\n", (int)text.len, text.data,
                (int)again.len, again.data);
        fuzz_bug(f, "text changed on its way");
    }
    fuzz_same(f, bytes, fuzz_assemble(f, &again), "text and bytes differ");
    return bytes;
}

static inline void fuzz_expect_valid(Fuzz *f, Module *m) {
    SideTables side = {0};
    err_clear(&f->err);
    if (!valid_all(m, &side, &f->err))
        fuzz_bug(f, "encoding made a valid module invalid");
}

// The work of the targets that take any bytes: what is valid survives the way
// through text, and is valid afterwards.
static inline void fuzz_valid(Fuzz *f, Bytes input) {
    Module *m = fuzz_module(f);
    SideTables side = {0};
    if (!module_decode(m, input.data, input.size, &f->err) ||
        !valid_all(m, &side, &f->err)) {
        if (err_ok(&f->err)) fuzz_bug(f, "a failure without an error");
        return;
    }
    Module *again = fuzz_recode(f, fuzz_encode(f, m)); // no empty sections
    fuzz_expect_valid(f, again);
    Bytes bytes = fuzz_reprint(f, again);
    fuzz_expect_valid(f,
                      fuzz_decode(f, bytes, "assembled text does not decode"));
}
