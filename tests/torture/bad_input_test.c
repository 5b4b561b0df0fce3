// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bad input through the whole of loading and instantiation: cut, damaged and
// hostile modules and texts get one clear error or work; nothing crashes, hangs
// or leaks. (The decoder's own cases are in src/binary/decode_test.c.)
#include "base/alloc.h"
#include "binary/binary.h"
#include "engine/load.h"
#include "rt/linker.h"
#include "text/text.h"
#include "torture/everything.h"
#include "unit/unit.h"

#include <stdlib.h>

static Engine *new_engine(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.memory_reservation = 1 << 20;
    // Damage makes large claims, which may be true.
    config.limits.memory_size = 1 << 24;
    config.limits.table_elements = 1 << 16;
    config.limits.gc_heap = 1 << 24;
    config.limits.compile_memory = 1 << 28;
    return engine_new(&config);
}

// Instantiates in a store of its own; what it answers does not matter. The
// deadline has passed already, so that a start function cannot run for long.
static void try_instance(Engine *e, RtModule *m) {
    Store *s = store_new(e);
    Linker *l = linker_new(e);
    Err err = {0};
    Instance *inst = NULL;
    linker_unknown_as_traps(l, true);
    store_set_deadline(s, 0);
    Status status = linker_instantiate(l, s, m, &inst, &err);
    EXPECT(status != STATUS_ok || inst);
    EXPECT(status == STATUS_ok || !err_ok(&err) || s->trap.code != TRAP_none ||
           status == STATUS_exception);
    linker_free(l);
    store_unref(s);
}

// Is it a module? `bytes` end where their memory ends, so that the address
// sanitizer sees every byte read too much.
static bool try_bytes(Engine *e, const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    LoadOptions options = {.bytes = LOAD_borrow};
    Err err = {0};
    RtModule *m = module_load(e, copy, size, &options, &err);
    EXPECT((m != NULL) == err_ok(&err));
    EXPECT(m || err.text[0]);
    EXPECT(m || err.at <= size || err.at == ERR_NOWHERE);
    if (m) {
        try_instance(e, m);
        rt_module_unref(m);
    }
    free(copy);
    return m != NULL;
}

// The error of a text, which must have one; reports with an excerpt, too.
static ErrId text_error(Engine *e, const char *text, size_t size) {
    char *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, text, size);
    Err err = {0};
    bool in_text = false;
    RtModule *m = module_load_text(e, copy, size, &err, &in_text);
    EXPECT(!m && !err_ok(&err));
    if (m) rt_module_unref(m);
    Arena arena;
    arena_init(&arena, 0);
    TextBuf out;
    text_init(&out, &arena);
    if (in_text) text_print_err(&out, "input", copy, size, &err);
    EXPECT(out.len < 4096); // also of a line of a million characters
    arena_release(&arena);
    free(copy);
    return err.id;
}

// --- damage ------------------------------------------------------------------------

static Bytes everything(Engine *e, Arena *arena) {
    Bytes bytes = {0};
    Err err = {0};
    ArenaGuard guard;
    if (ARENA_GUARD(arena, &guard)) {
        Module *m = NEW(arena, Module);
        module_init(m, arena, e->config.features, &e->config.limits);
        if (EXPECT(text_parse_module(m, everything_text,
                                     sizeof everything_text - 1, &err)))
            module_encode(m, arena, &bytes);
    }
    arena_unguard(arena, &guard);
    return bytes;
}

static void every_truncation(void) {
    Engine *e = new_engine();
    Arena arena;
    arena_init(&arena, 0);
    Bytes bytes = everything(e, &arena);
    uint32_t whole = 0;
    for (uint32_t size = 0; size < bytes.size; size++)
        whole += try_bytes(e, bytes.data, size);
    EXPECT(whole < 16); // cuts between sections
    EXPECT(try_bytes(e, bytes.data, bytes.size));
    arena_release(&arena);
    engine_unref(e);
}

static void every_flipped_bit(void) {
    Engine *e = new_engine();
    Arena arena;
    arena_init(&arena, 0);
    Bytes bytes = everything(e, &arena);
    uint8_t *copy = malloc(bytes.size);
    if (!copy) abort();
    memcpy(copy, bytes.data, bytes.size);
    uint32_t refused = 0;
    for (uint32_t bit = 0; bit < bytes.size * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        refused += !try_bytes(e, copy, bytes.size);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    EXPECT(refused > bytes.size);
    free(copy);
    arena_release(&arena);
    engine_unref(e);
}

static void every_cut_text(void) {
    Engine *e = new_engine();
    for (size_t size = 1; size < sizeof everything_text - 2; size += 3)
        (void)text_error(e, everything_text, size);
    engine_unref(e);
}

// --- large binary modules ----------------------------------------------------------

typedef struct Build {
    uint8_t *data;
    size_t len, cap;
} Build;

static void put(Build *b, const void *bytes, size_t size) {
    while (b->len + size > b->cap) {
        b->cap = b->cap ? b->cap * 2 : 1024;
        b->data = realloc(b->data, b->cap);
        if (!b->data) abort();
    }
    if (size) memcpy(b->data + b->len, bytes, size);
    b->len += size;
}

static void put_byte(Build *b, uint8_t byte) {
    put(b, &byte, 1);
}

static void put_u32(Build *b, size_t n) {
    for (; n >= 0x80; n >>= 7)
        put_byte(b, (uint8_t)(n | 0x80));
    put_byte(b, (uint8_t)n);
}

#define PUT(b, ...)                          \
    put((b), (const uint8_t[]){__VA_ARGS__}, \
        sizeof((const uint8_t[]){__VA_ARGS__}))

static void put_section(Build *b, uint8_t id, Build *contents) {
    put_byte(b, id);
    put_u32(b, contents->len);
    put(b, contents->data, contents->len);
    contents->len = 0;
}

// A header, the type (func), and `count` functions of it.
static void begin(Build *b, Build *section, size_t count) {
    PUT(b, 0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0);
    put_u32(section, count);
    for (size_t i = 0; i < count; i++)
        put_byte(section, 0);
    put_section(b, 3, section);
}

static bool finish(Engine *e, Build *b, Build *section) {
    put_section(b, 10, section);
    bool ok = try_bytes(e, b->data, b->len);
    free(b->data);
    free(section->data);
    return ok;
}

// One function with `len` opening bytes and an `end` for each.
static bool nested(Engine *e, size_t len, const void *open, size_t size) {
    Build b = {0}, s = {0}, body = {0};
    begin(&b, &s, 1);
    put_byte(&body, 0);
    for (size_t i = 0; i < len; i++)
        put(&body, open, size);
    for (size_t i = 0; i <= len; i++)
        put_byte(&body, 0x0b);
    put_byte(&s, 1);
    put_u32(&s, body.len);
    put(&s, body.data, body.len);
    free(body.data);
    return finish(e, &b, &s);
}

static void nested_blocks(void) {
    Engine *e = new_engine();
    EXPECT(nested(e, 10000, "\x02\x40", 2));
    EXPECT(nested(e, 10000, "\x03\x40", 2));
    EXPECT(nested(e, 10000, "\x41\x00\x04\x40", 4));
    EXPECT(nested(e, 10000, "\x1f\x40\x00", 3));
    EXPECT(!nested(e, 2000000, "\x02\x40", 2)); // over the limit
    engine_unref(e);
}

static void many_locals(void) {
    static const struct {
        uint8_t leb[5];
        bool ok;
    } cases[] = {
        {{0xd0, 0x86, 0x83, 0x80, 0x00}, true},  // 50,000
        {{0xd1, 0x86, 0x83, 0x80, 0x00}, false}, // one more
        {{0xff, 0xff, 0xff, 0xff, 0x0f}, false},
    };
    Engine *e = new_engine();
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Build b = {0}, s = {0};
        begin(&b, &s, 1);
        PUT(&s, 1, 8, 1);
        put(&s, cases[i].leb, 5);
        PUT(&s, 0x7b, 0x0b);
        EXPECT_EQ(finish(e, &b, &s), cases[i].ok);
    }
    engine_unref(e);
}

static void many_functions(void) {
    enum {
        FUNCS = 100000
    };
    Engine *e = new_engine();
    Build b = {0}, s = {0};
    begin(&b, &s, FUNCS);
    put_u32(&s, FUNCS);
    for (size_t i = 0; i < FUNCS; i++)
        PUT(&s, 2, 0, 0x0b);
    EXPECT(finish(e, &b, &s));
    engine_unref(e);
}

// A gigabyte is claimed where there are a few bytes: an error, and no memory.
static void large_claims(void) {
    static const uint8_t claims[][24] = {
        {0, 'a', 's', 'm', 1, 0, 0, 0, 11, 0x80, 0x80, 0x80, 0x80, 4, 1, 1, 0},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 11, 8, 1, 1, 0x80, 0x80, 0x80, 0x80, 4},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 8, 0x80, 0x80, 0x80, 0x80, 4, 2, 0},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 3, 8, 0x80, 0x80, 0x80, 0x80, 4, 0, 0},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 8, 0x80, 0x80, 0x80, 0x80, 4, 0x60},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 9, 9, 1, 1, 0, 0x80, 0x80, 0x80, 0x80,
         4},
    };
    Engine *e = new_engine();
    for (size_t i = 0; i < COUNTOF(claims); i++)
        EXPECT(!try_bytes(e, claims[i], sizeof claims[i]));
    engine_unref(e);
}

// --- text --------------------------------------------------------------------------

static void bad_texts(void) {
    static const struct {
        const char *text;
        ErrId id;
    } cases[] = {
        {"(module \"", E_unclosed_string},
        {"(module (memory 1) (data \"abc", E_unclosed_string},
        {"(module (; (; ;)", E_unclosed_comment},
        {"(module (@a (b \"c\")", E_unclosed_annotation},
        {"(module (data \"\\zz\"))", E_illegal_escape},
        {"(module (data \"\\u{110000}\"))", E_illegal_escape},
        {"(module (func i32.const 4294967296))", E_constant_range},
        {"(module (memory 18446744073709551616))", E_constant_range},
        {"(module (func (export \"\xff\")))", E_malformed_utf8},
        {"(module (func $\xc3\x28))", E_empty_id},
        {"(module", E_unexpected_eof},
    };
    Engine *e = new_engine();
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        ErrId id = text_error(e, cases[i].text, strlen(cases[i].text));
        if (!EXPECT_EQ(id, cases[i].id))
            fprintf(stderr, "  %s: %s\n", cases[i].text, err_format(id));
    }
    (void)text_error(e, "(module)\0(module)", 17);
    (void)text_error(e, "(module (func \0))", 17);
    (void)text_error(e, "\0", 1);
    engine_unref(e);
}

// `len` times `part`, between two ends.
static ErrId repeated_error(Engine *e, const char *first, const char *part,
                            size_t len) {
    Build b = {0};
    put(&b, first, strlen(first));
    for (size_t i = 0; i < len; i++)
        put(&b, part, strlen(part));
    ErrId id = text_error(e, (const char *)b.data, b.len);
    free(b.data);
    return id;
}

// A million of anything uses no stack and no quadratic time.
static void a_million_of_it(void) {
    static const struct {
        const char *first, *part;
    } cases[] = {
        {"", "("},
        {"(module ", "("},
        {"(module (func ", "(block "},
        {"(module (func ", "(i32.add "},
        {"(module (func ", "(if (then "},
        {"(module (func block ", "block "},
        {"(module (type ", "(func (param (ref "},
        {"(module (@a ", "("},
        {"", "(;"},
        {"(module (func i32.const 1", "0"},
        {"(module (func f64.const 0x1", "f"},
        {"(module (func f64.const 1e", "9"},
        {"(module (func f64.const 0.", "1"},
        {"(module (func $", "a"},
        {"(module (data \"", "a"},
        {"(module \"", "\\"},
        {"(module ", ")"},
        {"(module ", ";"},
    };
    Engine *e = new_engine();
    for (size_t i = 0; i < COUNTOF(cases); i++)
        (void)repeated_error(e, cases[i].first, cases[i].part, 1000000);
    engine_unref(e);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_truncation), UNIT_TEST(every_flipped_bit),
                    UNIT_TEST(every_cut_text), UNIT_TEST(nested_blocks),
                    UNIT_TEST(many_locals), UNIT_TEST(many_functions),
                    UNIT_TEST(large_claims), UNIT_TEST(bad_texts),
                    UNIT_TEST(a_million_of_it));
}
