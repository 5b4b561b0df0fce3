// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of binary/ share: modules built from the bytes of their
// sections, and decoding with everything that it needs around it.
#pragma once

#include "base/alloc.h"
#include "base/writer.h"
#include "binary/binary.h"
#include "binary/binary_int.h"

#include <string.h>

typedef struct Fixture {
    Arena arena;
    LimitSet limits;
    FeatureSet features;
    Module m;
    Err err;
    Writer w; // the module's bytes
} Fixture;

static inline void fixture_init(Fixture *f) {
    *f = (Fixture){.limits = limits_default(), .features = FEATURES_ALL};
    arena_init(&f->arena, 0);
    writer_init(&f->w, &f->arena);
    write_bytes(&f->w, module_header, HEADER_SIZE);
}

static inline void fixture_release(Fixture *f) {
    arena_release(&f->arena);
}

static inline void add_section(Fixture *f, uint8_t id, const uint8_t *bytes,
                               size_t size) {
    write_u8(&f->w, id);
    write_u32(&f->w, (uint32_t)size);
    write_bytes(&f->w, bytes, size);
}

#define SECTION_OF(f, id, ...)                             \
    add_section((f), (id), (const uint8_t[]){__VA_ARGS__}, \
                sizeof((const uint8_t[]){__VA_ARGS__}))

// A custom section: a name and bytes.
static inline void add_custom(Fixture *f, const char *name,
                              const uint8_t *bytes, size_t size) {
    Writer w;
    writer_init(&w, &f->arena);
    write_name(&w, name, (uint32_t)strlen(name));
    write_bytes(&w, bytes, size);
    add_section(f, SECTION_custom, w.data, w.len);
}

#define CUSTOM_OF(f, name, ...)                             \
    add_custom((f), (name), (const uint8_t[]){__VA_ARGS__}, \
               sizeof((const uint8_t[]){__VA_ARGS__}))

// Decodes a copy that ends where its memory ends, so that the address sanitizer
// sees every byte read too much; the copy is never freed before the fixture's
// arena, since the module borrows it.
static inline bool decode_bytes(Fixture *f, const uint8_t *bytes, size_t size) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&f->arena, &guard)) {
        uint8_t *copy = arena_alloc_raw(&f->arena, 1, size);
        if (size) memcpy(copy, bytes, size);
        module_init(&f->m, &f->arena, f->features, &f->limits);
        ok = module_decode(&f->m, copy, size, &f->err);
    } else {
        err_clear(&f->err);
        err_at(&f->err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(&f->arena, &guard);
    return ok;
}

static inline bool decode(Fixture *f) {
    return decode_bytes(f, f->w.data, f->w.len);
}

// The name section's subsections, all twelve.
#define EVERY_NAME                                        \
    0x00, 2, 1, 'm',                      /* module */    \
        0x01, 7, 2, 0, 1, 'f', 2, 1, 'g', /* functions */ \
        0x02, 6, 1, 2, 1, 0, 1, 'x',      /* locals */    \
        0x03, 6, 1, 2, 1, 0, 1, 'l',      /* labels */    \
        0x04, 4, 1, 1, 1, 's',            /* types */     \
        0x05, 4, 1, 0, 1, 't',            /* tables */    \
        0x06, 4, 1, 0, 1, 'm',            /* memories */  \
        0x07, 4, 1, 0, 1, 'g',            /* globals */   \
        0x08, 4, 1, 0, 1, 'e',            /* elements */  \
        0x09, 4, 1, 0, 1, 'd',            /* data */      \
        0x0a, 6, 1, 1, 1, 0, 1, 'f',      /* fields */    \
        0x0b, 4, 1, 0, 1, 'e'             /* tags */

// The declarations of a module with every kind of section and, in them, every
// form that an entry can have. Function 1 and 2 are defined, the rest of index
// 0 is imported.
static inline void add_every_declaration(Fixture *f) {
    CUSTOM_OF(f, "first", 1, 2, 3);
    SECTION_OF(f, SECTION_type, 5, 0x60, 0, 0,                 // (func)
               0x4e, 2, 0x50, 0, 0x5f, 2, 0x78, 1, 0x63, 2, 0, // (rec (sub ..
               0x4f, 1, 1, 0x5f, 2, 0x78, 1, 0x63, 2, 0, // (sub final 1 ..))
               0x5e, 0x77, 1,                            // (array (mut i16))
               0x60, 3, 0x7f, 0x7e, 0x7b, 2, 0x7d, 0x64, 0x70, // (func ...
               0x60, 1, 0x7f, 0);                          // (func (param i32))
    SECTION_OF(f, SECTION_import, 5, 1, 'm', 1, 'f', 0, 0, // function
               1, 'm', 1, 't', 1, 0x70, 1, 1, 2,           // table
               1, 'm', 1, 'm', 2, 3, 1, 2,                 // shared memory
               1, 'm', 1, 'g', 3, 0x7f, 1,                 // mutable global
               1, 'm', 0, 4, 0, 5);                        // tag
    CUSTOM_OF(f, "", 0);
    SECTION_OF(f, SECTION_func, 2, 0, 4);
    SECTION_OF(f, SECTION_table, 2, 0x70, 0, 0, 0x40, 0, 0x64, 0x70, 5, 1, 10,
               0xd2, 0, 0x0b); // 64-bit, with an initial value
    SECTION_OF(f, SECTION_memory, 3, 0, 1, 7, 1, 0x80, 0x80, 4, // 64-bit shared
               9, 1, 0xff, 0xff, 3, 0); // pages of one byte
    SECTION_OF(f, SECTION_tag, 1, 0, 5);
    SECTION_OF(f, SECTION_global, 2, 0x7f, 0, 0x41, 42, 0x0b, 0x6e, 1, 0xd0,
               0x71, 0x0b);
    SECTION_OF(f, SECTION_export, 5, 1, 'f', 0, 1, 1, 't', 1, 0, 1, 'm', 2, 0,
               1, 'g', 3, 0, 1, 'e', 4, 0);
    SECTION_OF(f, SECTION_start, 1);
}

// The rest of it.
static inline void add_every_content(Fixture *f) {
    SECTION_OF(f, SECTION_elem, 8, 0, 0x41, 0, 0x0b, 2, 0, 1,     // all eight
               1, 0, 1, 0,                                        // forms
               2, 0, 0x41, 1, 0x0b, 0, 1, 1,                      //
               3, 0, 1, 1,                                        //
               4, 0x41, 2, 0x0b, 1, 0xd2, 0, 0x0b,                //
               5, 0x70, 2, 0xd0, 0x70, 0x0b, 0xd2, 1, 0x0b,       //
               6, 2, 0x42, 0, 0x0b, 0x64, 0x70, 1, 0xd2, 0, 0x0b, //
               7, 0x70, 0);
    SECTION_OF(f, SECTION_data_count, 3);
    // Function 2, the `if` at byte 8 of its body.
    CUSTOM_OF(f, HINT_SECTION, 1, 2, 1, 8, 1, 1);
    SECTION_OF(f, SECTION_code, 2, 2, 0, 0x0b, // function 1
               14, 2, 2, 0x7f, 1, 0x63, 2,     // function 2: two groups,
               0x20, 0, 0x04, 0x40, 0x01, 0x0b, 0x00, 0x0b);
    SECTION_OF(f, SECTION_data, 3, 0, 0x41, 0, 0x0b, 3, 'a', 'b', 'c', // all
               1, 1, 'z',                                              // three
               2, 2, 0x42, 0, 0x0b, 0);
    CUSTOM_OF(f, NAME_SECTION, EVERY_NAME);
    CUSTOM_OF(f, "last", 0xff);
}

static inline void add_everything(Fixture *f) {
    add_every_declaration(f);
    add_every_content(f);
}
