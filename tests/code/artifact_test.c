// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules as files: what was written runs, what does not fit is
// refused with a reason, and damage is noticed or harmless.
#define _GNU_SOURCE
#include "base/alloc.h"
#include "code/artifact_look.h"
#include "engine/artifact_int.h"
#include "engine/load.h"
#include "os/vm.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "rt/table.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <unistd.h>
#include <wasm.h>
#include <wasmtime.h>

static const char source[] =
    "(module (memory 1) (tag $t (param i32))"
    " (func $f (export \"f\") (param i32) (result i32)"
    "  (i32.add (i32.load (local.get 0)) (call $g (local.get 0))))"
    " (func $g (param i32) (result i32)"
    "  (block $h (result i32)"
    "   (try_table (catch $t $h) (throw $t (i32.const 5)))"
    "   (unreachable))))";

static EngineConfig defaults(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_baseline;
    config.verify_code = false; // in any build
    return config;
}

typedef struct File {
    Arena arena;
    uint8_t *bytes;
    size_t size;
} File;

static void make_of(File *f, const char *text, size_t size) {
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, text, size, &err, &in_text);
    *f = (File){0};
    arena_init(&f->arena, 0);
    EXPECT(m && artifact_write(m, &f->arena, &f->bytes, &f->size, &err));
    EXPECT(artifact_is(f->bytes, f->size));
    if (m) rt_module_unref(m);
    engine_unref(e);
}

static void make(File *f) {
    make_of(f, source, sizeof source - 1);
}

// Loads and drops it. The error's id; E_none: it was taken.
static ErrId load_with(const EngineConfig *config, const uint8_t *bytes,
                       size_t size) {
    Engine *e = engine_new(config);
    Err err = {0};
    RtModule *m = artifact_load(e, bytes, size, NULL, &err);
    EXPECT((m != NULL) == err_ok(&err));
    if (m) rt_module_unref(m);
    engine_unref(e);
    return err.id;
}

// Why it is refused; "": it is not.
static const char *refusal(const EngineConfig *config, const File *f) {
    static char text[sizeof((Err *)0)->text];
    Engine *e = engine_new(config);
    Err err = {0};
    RtModule *m = artifact_load(e, f->bytes, f->size, NULL, &err);
    snprintf(text, sizeof text, "%s", m ? "" : err.text);
    if (m) rt_module_unref(m);
    engine_unref(e);
    return text;
}

// The module does what it did before it was a file.
static void check_runs(Engine *e, RtModule *m) {
    Store *s = store_new(e);
    Err err = {0};
    Instance *inst = NULL;
    EXPECT(m && instance_new(s, m, NULL, 0, &inst, &err) == STATUS_ok);
    Extern item;
    EXPECT(inst && instance_export_at(inst, 0, &item, &err));
    Raw value = {.u64 = 0};
    EXPECT_EQ(func_call(s, item.func, &value), STATUS_ok);
    EXPECT_EQ(value.u64, 5);
    value.u64 = 65536;
    EXPECT_EQ(func_call(s, item.func, &value), STATUS_trap);
    EXPECT_EQ(s->trap.code, TRAP_memory_bounds);
    EXPECT_EQ(s->trap.frame_len, 1);
    store_unref(s);
}

static void runs(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
    arena_release(&f.arena); // a copy was made
    check_runs(e, m);
    if (m) rt_module_unref(m);
    engine_unref(e);
}

// A file with these bytes that nobody else can see, as a descriptor.
static int file_of(const uint8_t *bytes, size_t size) {
    FILE *t = tmpfile();
    if (!EXPECT(t && fwrite(bytes, 1, size, t) == size && !fflush(t))) exit(1);
    int fd = dup(fileno(t));
    fclose(t);
    return fd;
}

static void runs_from_files(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    int fd = file_of(f.bytes, f.size);
    EXPECT(artifact_verify_file(fd, &err));
    RtModule *m = artifact_load_file(e, fd, &err);
    RtModule *other = artifact_load_file(e, fd, &err);
    close(fd);
    check_runs(e, m);
    check_runs(e, other);
    if (m) rt_module_unref(m);
    if (other) rt_module_unref(other);
    // A pipe cannot be mapped, nor can nothing.
    int ends[2];
    EXPECT(pipe(ends) == 0 && !artifact_load_file(e, ends[0], &err));
    EXPECT_EQ(err.id, E_artifact_damaged);
    close(ends[0]);
    close(ends[1]);
    err = (Err){0};
    fd = file_of(f.bytes, 0);
    EXPECT(!artifact_load_file(e, fd, &err) && err.id == E_artifact_damaged);
    close(fd);
    engine_unref(e);
    arena_release(&f.arena);
}

// A module that was loaded from a file makes the same file again.
static void writes_what_it_read(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
    uint8_t *again;
    size_t size = 0;
    EXPECT(m && artifact_write(m, &f.arena, &again, &size, &err));
    EXPECT_STR(err.text, "");
    EXPECT_EQ(size, f.size);
    EXPECT(!memcmp(again, f.bytes, size));
    if (m) rt_module_unref(m);
    engine_unref(e);
    arena_release(&f.arena);
}

static void verifies_every_byte(void) {
    File f;
    make(&f);
    Err err = {0};
    EXPECT(artifact_verify(f.bytes, f.size, &err));
    for (size_t i = 0; i < f.size; i += i < 4096 ? 7 : 61) {
        f.bytes[i] ^= 0x10;
        err = (Err){0};
        EXPECT(!artifact_verify(f.bytes, f.size, &err));
        f.bytes[i] ^= 0x10;
    }
    EXPECT(!artifact_verify(f.bytes, f.size - 1, &err));
    EXPECT(!artifact_verify(f.bytes, 1, &err));
    arena_release(&f.arena);
}

typedef struct Change {
    const char *differs; // what the message says
    void (*change)(EngineConfig *config);
} Change;

static void use_fuel(EngineConfig *c) {
    c->use_fuel = true;
}
static void use_epoch(EngineConfig *c) {
    c->use_epoch = !c->use_epoch;
}
static void be_deterministic(EngineConfig *c) {
    c->is_deterministic = true;
}
static void drop_guards(EngineConfig *c) {
    c->use_guards = false;
}
static void shrink_guards(EngineConfig *c) {
    c->memory_guard /= 2;
}
static void drop_feature(EngineConfig *c) {
    c->features &= c->features - 1;
}
static void interpret(EngineConfig *c) {
    c->tiers = TIERS_interp;
}

static void refuses_other_configurations(void) {
    static const Change cases[] = {
        {"fuel", use_fuel},
        {"deadlines", use_epoch},
        {"determinism", be_deterministic},
        {"guards of memories", drop_guards},
        {"guards of memories", shrink_guards},
        {"features", drop_feature},
        {"no compiler", interpret},
    };
    File f;
    make(&f);
    EngineConfig config = defaults();
    EXPECT_STR(refusal(&config, &f), "");
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        config = defaults();
        cases[i].change(&config);
        char want[100];
        snprintf(want, sizeof want, "compiled for another configuration: %s",
                 cases[i].differs);
        EXPECT_STR(refusal(&config, &f), want);
    }
    arena_release(&f.arena);
}

// What the head says, and what is said about it.
static void refuses_other_heads(void) {
    static const char version[] = "compiled by another version",
                      size[] = "not a compiled module, or a damaged one: size";
    static const struct {
        size_t at;
        uint8_t flip;
        const char *text;
    } cases[] = {
        {offsetof(ArtifactHead, magic), 1,
         "not a compiled module, or a damaged one: header"},
        {offsetof(ArtifactHead, format), 0x40, version},
        {offsetof(ArtifactHead, build), 1, version},
        {offsetof(ArtifactHead, build) + BLAKE2_SIZE - 1, 1, version},
        {offsetof(ArtifactHead, page_size), 1,
         "compiled for another configuration: size of pages"},
        {offsetof(ArtifactHead, cpu) + 3, 0x80,
         "compiled for another configuration: processor"},
        {offsetof(ArtifactHead, features), 1,
         "compiled for another configuration: features"},
        {offsetof(ArtifactHead, flags), ARTIFACT_fuel,
         "compiled for another configuration: fuel"},
        {offsetof(ArtifactHead, flags) + 1, 1,
         "compiled for another configuration: determinism"},
        {offsetof(ArtifactHead, guard_bytes) + 7, 1,
         "compiled for another configuration: guards of memories"},
        {offsetof(ArtifactHead, file_size), 1, size},
    };
    File f;
    make(&f);
    EngineConfig config = defaults();
    uint8_t *head = f.bytes + f.size - sizeof(ArtifactHead);
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        head[cases[i].at] ^= cases[i].flip;
        EXPECT_STR(refusal(&config, &f), cases[i].text);
        head[cases[i].at] ^= cases[i].flip;
    }
    // The stubs, which the code relies on, are others.
    f.bytes[vm_page_size()] ^= 1;
    EXPECT_STR(refusal(&config, &f), version);
    arena_release(&f.arena);
}

static void notices_what_is_missing(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    static const size_t sizes[] = {0, 15, 16, 63, 64, 4096};
    for (size_t i = 0; i < COUNTOF(sizes); i++)
        EXPECT_EQ(load_with(&config, f.bytes, sizes[i]), E_artifact_damaged);
    EXPECT_EQ(load_with(&config, f.bytes, f.size - 1), E_artifact_damaged);
    arena_release(&f.arena);
}

// Everything but the code: each byte in turn is another one.
static void survives_damage(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    uint32_t refused = 0;
    ElfSection text, headers[ELF_SECTIONS];
    ElfHeader elf;
    memcpy(&elf, f.bytes, sizeof elf);
    memcpy(headers, f.bytes + elf.section_at, sizeof headers);
    text = headers[PART_text + 1];
    for (size_t i = 0; i < f.size; i++) {
        if (i == text.at) i += text.size;
        f.bytes[i] ^= 0xff;
        Err err = {0};
        RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
        refused += !m;
        if (m && i % 8 == 0) EXPECT(artifact_look(m) > 0);
        if (m) rt_module_unref(m);
        f.bytes[i] ^= 0xff;
    }
    EXPECT(refused > 100);
    engine_unref(e);
    arena_release(&f.arena);
}

// Changes each byte from one place of the file to another in turn. How many of
// the files are refused where code is proved?
static uint32_t refusals(const Engine *e, const File *f, uint64_t from,
                         uint64_t to) {
    uint32_t refused = 0;
    for (uint64_t i = from; i < to; i++) {
        Err err = {0};
        f->bytes[i] ^= 0xff;
        RtModule *m = artifact_load((Engine *)(uintptr_t)e, f->bytes, f->size,
                                    NULL, &err);
        f->bytes[i] ^= 0xff;
        refused += !m;
        if (m) rt_module_unref(m);
    }
    return refused;
}

static ElfSection *sections_of(const File *f) {
    ElfHeader elf;
    memcpy(&elf, f->bytes, sizeof elf);
    return (ElfSection *)(void *)(f->bytes + elf.section_at);
}

// The jump to function 0, which is the first in the text.
static uint32_t find_thunk(const uint8_t *text, uint32_t func) {
    uint8_t jump[CODE_THUNK_SIZE];
    uint32_t at = func;
    do {
        at -= CODE_THUNK_SIZE;
        code_thunk_write_jump(jump, at, func);
    } while (at >= CODE_THUNK_SIZE && memcmp(text + at, jump, sizeof jump));
    EXPECT(at >= CODE_THUNK_SIZE);
    return at;
}

// Where code is proved, that of a file is, and each table must be what
// validation makes of the module: no byte of them may be another one. Of the
// code nearly none may; what is computed is not looked at.
static void proves_on_request(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    config.verify_code = true;
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
    check_runs(e, m);
    if (m) rt_module_unref(m);
    const ElfSection *s = sections_of(&f) + 1;
    CodeImageFunc funcs[2];
    if (!EXPECT_EQ(s[PART_code_funcs].size, sizeof funcs)) return;
    memcpy(funcs, f.bytes + s[PART_code_funcs].at, sizeof funcs);
    for (int part = PART_code_funcs; part < PART_wasm; part++) {
        if (part == PART_sites || part == PART_pads) continue;
        uint64_t from = s[part].at, size = s[part].size;
        // Behind the last function there is room for it to be longer.
        EXPECT_EQ(refusals(e, &f, from, from + size),
                  part == PART_code_funcs ? size - 1 : size);
    }
    for (size_t i = 0; i < COUNTOF(funcs); i++) {
        uint64_t at = s[PART_text].at + funcs[i].at, size = funcs[i].size;
        EXPECT(refusals(e, &f, at, at + size) > size / 2);
    }
    uint64_t thunk = find_thunk(f.bytes + s[PART_text].at, funcs[0].at);
    thunk += s[PART_text].at;
    EXPECT_EQ(refusals(e, &f, thunk, thunk + 2 * CODE_THUNK_SIZE),
              2 * CODE_THUNK_SIZE);
    engine_unref(e);
    arena_release(&f.arena);
}

// Sections may be in any order: each table in turn lies before the text, where
// there is room for a small one. One that lay before it was read from before
// the copy of the rest.
static void tables_may_come_first(void) {
    EngineConfig config = defaults();
    for (int part = 0; part < PART_COUNT; part++) {
        File f;
        make(&f);
        ElfSection *s = &sections_of(&f)[part + 1];
        if (part != PART_text && EXPECT(s->size <= 4096 - ARTIFACT_ALIGN)) {
            memcpy(f.bytes + ARTIFACT_ALIGN, f.bytes + s->at, s->size);
            s->at = part == PART_images ? 0 : ARTIFACT_ALIGN;
        }
        Engine *e = engine_new(&config);
        Err err = {0};
        RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
        check_runs(e, m);
        if (m) rt_module_unref(m);
        engine_unref(e);
        arena_release(&f.arena);
    }
}

// --- images --------------------------------------------------------------------------

enum {
    IMAGE_AT = 70000, // of the data, which is as long
    IMAGE_CELLS = 5000,
};

// A module whose data and elements are worth images.
static void make_with_images(File *f) {
    static char text[2 * IMAGE_AT];
    int at = snprintf(text, sizeof text,
                      "(module (memory 4) (table $t %d funcref)"
                      " (func $f (result i32) (i32.const 7))"
                      " (func (export \"f\") (param i32) (result i32)"
                      "  (i32.add (i32.load8_u (i32.add (local.get 0)"
                      "    (i32.const %d))) (call_indirect $t (result i32)"
                      "    (i32.rem_u (local.get 0) (i32.const %d)))))"
                      " (elem (table $t) (i32.const 0) func",
                      IMAGE_CELLS, IMAGE_AT, IMAGE_CELLS);
    for (int i = 0; i < IMAGE_CELLS; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, " 0");
    at += snprintf(text + at, sizeof text - (size_t)at,
                   ") (data (i32.const %d) \"", IMAGE_AT);
    for (int i = 0; i < IMAGE_AT; i++)
        text[at++] = (char)('a' + i % 26);
    at += snprintf(text + at, sizeof text - (size_t)at, "\"))");
    make_of(f, text, (size_t)at);
}

static bool is_from_file(const PoolImage *image) {
    return image->size && image->vm.at != 0;
}

// Which images come from the file, or -1 where it is refused. What an instance
// does is the same: a guest's writes are gone in the next one.
static int images_used(const File *f) {
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    int fd = file_of(f->bytes, f->size), used = -1;
    RtModule *m = artifact_load_file(e, fd, &err);
    close(fd);
    for (int i = 0; m && i < 3; i++) {
        Store *s = store_new(e);
        Instance *inst;
        Extern item;
        Raw value = {.u64 = 25};
        EXPECT_EQ(instance_new(s, m, NULL, 0, &inst, &err), STATUS_ok);
        EXPECT(instance_export_at(inst, 0, &item, &err));
        EXPECT_EQ(func_call(s, item.func, &value), STATUS_ok);
        EXPECT_EQ(value.u64, 'z' + 7);
        memset(inst->context.memory0_base + IMAGE_AT, 1, IMAGE_AT);
        EXPECT(table_fill(inst->context.tables[0], 0, (Raw){0}, IMAGE_CELLS) ==
               TRAP_none);
        store_unref(s);
        used = is_from_file(&m->image->memories[0].pool) +
               2 * is_from_file(&m->image->tables[0].pool);
    }
    if (m) rt_module_unref(m);
    engine_unref(e);
    return used;
}

// A copy that may be changed.
static File edited(const File *f) {
    File copy = {.bytes = malloc(f->size), .size = f->size};
    memcpy(copy.bytes, f->bytes, f->size);
    return copy;
}

static void images_are_mapped(void) {
    File f;
    make_with_images(&f);
    EXPECT_EQ(images_used(&f), 3);
    arena_release(&f.arena);
}

// Cells are what code calls: those of the file are taken only if they are the
// module's. Parts that are not what the module asks for are made again.
static void images_are_not_trusted(void) {
    File f;
    make_with_images(&f);
    const ElfSection *s = sections_of(&f);
    uint64_t bytes_at = s[PART_images + 1].at;
    uint64_t parts_at = s[PART_image_parts + 1].at;
    ImagePart parts[2];
    EXPECT_EQ(s[PART_image_parts + 1].size, sizeof parts);
    memcpy(parts, f.bytes + parts_at, sizeof parts);
    uint64_t cells_at = bytes_at + parts[0].size;
    const struct {
        const char *what;
        uint64_t at;
        uint8_t flip;
        int used;
    } cases[] = {
        {"data before the segment", bytes_at, 1, 3},
        {"a cell", cells_at, 2, 1},
        {"the last cell", cells_at + IMAGE_CELLS * 8 - 8, 1, 1},
        {"behind the cells", cells_at + parts[1].size - 1, 1, 1},
        {"where the data is", parts_at, 0x10, 2},
        {"size of the data", parts_at + 9, 0x10, 0},
        {"size of the data, not pages", parts_at + 8, 1, 0},
        {"size of the data, too much", parts_at + 15, 0x80, 0},
        {"which memory", parts_at + 16, 1, 2},
        {"size of the cells", parts_at + 24 + 9, 0x10, 1},
        {"memory or table", parts_at + 24 + 20, 1, 1},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        File copy = edited(&f);
        copy.bytes[cases[i].at] ^= cases[i].flip;
        if (!EXPECT_EQ(images_used(&copy), cases[i].used))
            printf("    %s\n", cases[i].what);
        free(copy.bytes);
    }
    File moved = edited(&f); // not at a page
    sections_of(&moved)[PART_images + 1].at += ARTIFACT_ALIGN;
    sections_of(&moved)[PART_images + 1].size -= ARTIFACT_ALIGN;
    EXPECT_EQ(images_used(&moved), -1);
    free(moved.bytes);
    arena_release(&f.arena);
}

// --- calls without slots -------------------------------------------------------------

enum {
    CHAIN = 300, // functions: more than are compiled together
};

static uint32_t chain_next(uint32_t i) {
    return (i * 7 + 1) % CHAIN;
}

// Each calls one before or behind it, some as their last act.
static uint32_t chain(uint32_t i, uint32_t n) {
    if (n == 0) return i;
    return chain(chain_next(i), n - 1) + (i % 3 ? i : 0);
}

static size_t chain_text(char *text, size_t size) {
    int at = snprintf(text, size, "(module");
    for (uint32_t i = 0; i < CHAIN; i++) {
        at += snprintf(text + at, size - (size_t)at,
                       "(func (param i32) (result i32)"
                       " (if (result i32) (local.get 0) (then ");
        at += snprintf(text + at, size - (size_t)at,
                       i % 3 ? "(i32.add (i32.const %u) (call %u"
                             : "(drop (i32.const %u)) (return_call %u",
                       i, chain_next(i));
        at += snprintf(text + at, size - (size_t)at,
                       " (i32.sub (local.get 0) (i32.const 1)))%s)"
                       " (else (i32.const %u))))",
                       i % 3 ? ")" : "", i);
    }
    at += snprintf(text + at, size - (size_t)at, "(export \"f\" (func 5)))");
    return (size_t)at;
}

static void check_chain(Engine *e, RtModule *m) {
    Store *s = store_new(e);
    Err err = {0};
    Instance *inst;
    Extern item;
    EXPECT_EQ(instance_new(s, m, NULL, 0, &inst, &err), STATUS_ok);
    EXPECT(instance_export_at(inst, 0, &item, &err));
    for (uint32_t n = 0; n < 2 * CHAIN; n += 37) {
        Raw value = {.u64 = n};
        EXPECT_EQ(func_call(s, item.func, &value), STATUS_ok);
        EXPECT_EQ(value.u32, chain(5, n));
    }
    store_unref(s);
}

static void check_chain_file(const uint8_t *bytes, size_t size) {
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    RtModule *m = artifact_load(e, bytes, size, NULL, &err);
    if (EXPECT(m != NULL)) check_chain(e, m);
    if (m) rt_module_unref(m);
    engine_unref(e);
}

// Compiled at load, or when called, or tier by tier at random; written before
// or after it ran: the file does the same. It has code of all functions that
// calls each other directly, whatever the module runs itself.
static void calls_need_no_slots(void) {
    static char text[CHAIN * 200];
    size_t size = chain_text(text, sizeof text);
    for (int way = 0; way < 6; way++) {
        EngineConfig config = defaults();
        config.compile_eagerly = way % 3 == 0;
        config.tier_seed = way % 3 == 2;
        config.verify_code = true;
        // Calls between tiers nest frames of C, which sanitizers make large.
        config.limits.stack_size = (uint64_t)6 << 20;
        Engine *e = engine_new(&config);
        Err err = {0};
        bool in_text;
        RtModule *m = module_load_text(e, text, size, &err, &in_text);
        if (!EXPECT(m != NULL)) return;
        File f = {0};
        arena_init(&f.arena, 0);
        if (way < 3) check_chain(e, m);
        EXPECT(artifact_write(m, &f.arena, &f.bytes, &f.size, &err));
        check_chain(e, m);
        check_chain_file(f.bytes, f.size);
        // A function that is said to be nowhere is found all the same.
        const ElfSection *s = sections_of(&f);
        memset(f.bytes + s[PART_func_at + 1].at, way % 2 ? 0xff : 0, 4 * CHAIN);
        check_chain_file(f.bytes, f.size);
        rt_module_unref(m);
        engine_unref(e);
        arena_release(&f.arena);
    }
}

// --- segments ------------------------------------------------------------------------

// Segments that no decoder makes. Nothing that instantiation reads of them may
// lead out of the module.
static void refuses_other_segments(void) {
#define ELEM(field) PART_elems, offsetof(ElemDecl, field)
#define DATA(field) PART_datas, offsetof(DataDecl, field)
// The mode of the second one, which is passive.
#define SECOND(type, part) PART_##part, sizeof(type) + offsetof(type, mode)
    static const struct {
        PartId part;
        size_t at;
        uint32_t value;
        const char *says;
    } cases[] = {
        {ELEM(mode), 3, "elements"},
        {ELEM(mode), SEGMENT_passive, "elements"},
        {SECOND(ElemDecl, elems), SEGMENT_active, "elements"},
        {ELEM(has_exprs), 0xff, "elements"},
        {ELEM(len), 3, "elements"},
        {ELEM(type), VT_i32, "elements"},
        {ELEM(type), VT_REF | VT_ABSTRACT | HEAP_count, "elements"},
        {ELEM(type), VT_REF | 1000, "unknown type"},
        {ELEM(type), VT_EXTERNREF, "the segment's type is not the table's"},
        {ELEM(table), 1, "unknown table"},
        {PART_elem_funcs, 4, 2, "elements"},
        {DATA(mode), SEGMENT_declarative, "data"},
        {DATA(mode), SEGMENT_passive, "data"},
        {SECOND(DataDecl, datas), SEGMENT_active, "data"},
        {DATA(bytes.data), 16, "data"},
        {DATA(memory), 1, "unknown memory"},
    };
#undef ELEM
#undef DATA
#undef SECOND
    static const char text[] =
        "(module (memory 1) (table 2 funcref) (func $f) (func)"
        " (elem (i32.const 0) $f $f) (elem func $f)"
        " (data (i32.const 0) \"x\") (data \"y\"))";
    File f;
    make_of(&f, text, sizeof text - 1);
    EngineConfig config = defaults();
    EXPECT_STR(refusal(&config, &f), "");
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        uint8_t *at =
            f.bytes + sections_of(&f)[cases[i].part + 1].at + cases[i].at;
        uint32_t old;
        memcpy(&old, at, sizeof old);
        memcpy(at, &cases[i].value, sizeof old);
        EXPECT(strstr(refusal(&config, &f), cases[i].says) != NULL);
        memcpy(at, &old, sizeof old);
    }
    arena_release(&f.arena);
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

// A few values at once that numbers in headers and tables are likely to be
// mistaken for: sections over each other, ends that overflow, far indices.
static void edit(File *f, const ElfSection *code, uint64_t *random) {
    static const uint64_t values[] = {
        0,        1,          7,         64,         4096, 8191,
        1u << 31, UINT32_MAX, INT64_MAX, UINT64_MAX, 63,   UINT32_MAX - 63};
    size_t size = next_random(random) % 2 ? 8 : 4;
    size_t at = next_random(random) % (f->size / 4 - 1) * 4;
    // Mostly the headers: there are few of them.
    uint64_t where = next_random(random) % 4;
    size_t tail = sizeof(ArtifactHead) + ELF_SECTIONS * sizeof(ElfSection);
    if (where == 0) at %= sizeof(ElfHeader);
    if (where == 1) at = f->size - tail + at % tail;
    at &= ~(size_t)3;
    if (at + size > f->size) at = f->size - size;
    if (at < code->at + code->size && at + size > code->at) return;
    uint64_t value = values[next_random(random) % COUNTOF(values)];
    if (next_random(random) % 4 == 0) value = f->size - value % 256;
    memcpy(f->bytes + at, &value, size);
}

static void survives_edits(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    ElfHeader elf;
    ElfSection headers[ELF_SECTIONS];
    memcpy(&elf, f.bytes, sizeof elf);
    memcpy(headers, f.bytes + elf.section_at, sizeof headers);
    uint8_t *whole = mem_alloc(f.size);
    if (!EXPECT(whole != NULL)) return;
    memcpy(whole, f.bytes, f.size);
    uint64_t random = 1;
    uint32_t taken = 0, refused = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        for (uint64_t n = next_random(&random) % 4 + 1; n > 0; n--)
            edit(&f, &headers[PART_text + 1], &random);
        Err err = {0};
        RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
        EXPECT((m != NULL) == err_ok(&err));
        if (m) EXPECT(artifact_look(m) > 0);
        *(m ? &taken : &refused) += 1;
        if (m) rt_module_unref(m);
        memcpy(f.bytes, whole, f.size);
    }
    EXPECT(taken > 100 && refused > 100);
    mem_free(whole);
    engine_unref(e);
    arena_release(&f.arena);
}

// The same through the C API, from memory of any alignment.
static void goes_through_the_api(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_WINCH);
    wasm_engine_t *e = wasm_engine_new_with_config(config);
    static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    wasmtime_module_t *m = NULL;
    EXPECT(!wasmtime_module_new(e, empty, sizeof empty, &m));
    wasm_byte_vec_t bytes;
    EXPECT(!wasmtime_module_serialize(m, &bytes));
    wasmtime_module_delete(m);
    EXPECT(artifact_is((const uint8_t *)bytes.data, bytes.size));
    wasm_byte_vec_t shifted;
    wasm_byte_vec_new_uninitialized(&shifted, bytes.size + 1);
    memcpy(shifted.data + 1, bytes.data, bytes.size);
    for (size_t shift = 0; shift < 2; shift++) {
        const uint8_t *at =
            (const uint8_t *)(shift ? shifted.data + 1 : bytes.data);
        EXPECT(!wasmtime_module_deserialize(e, at, bytes.size, &m));
        wasmtime_module_delete(m);
    }
    wasm_byte_vec_delete(&shifted);
    wasm_byte_vec_delete(&bytes);
    wasm_engine_delete(e);
}

int main(void) {
    if (!compiled_is_supported()) {
        printf("1 passed, 0 failed\n");
        return 0;
    }
    return UNIT_RUN(
        UNIT_TEST(runs), UNIT_TEST(runs_from_files),
        UNIT_TEST(writes_what_it_read), UNIT_TEST(verifies_every_byte),
        UNIT_TEST(refuses_other_configurations), UNIT_TEST(refuses_other_heads),
        UNIT_TEST(notices_what_is_missing), UNIT_TEST(tables_may_come_first),
        UNIT_TEST(refuses_other_segments), UNIT_TEST(survives_damage),
        UNIT_TEST(proves_on_request), UNIT_TEST(survives_edits),
        UNIT_TEST(calls_need_no_slots), UNIT_TEST(images_are_mapped),
        UNIT_TEST(images_are_not_trusted), UNIT_TEST(goes_through_the_api));
}
