// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules as files: bytes are changes to a file that was just written
// (one of another build would be refused at once). What does not stand for code
// is refused, or reading what was made of it stays within bounds.
//
// The first byte picks the module and how it is loaded. Then come changes: a
// region, where in it, what becomes of the number there, and the operand.
#include "base/alloc.h"
#include "base/arena.h"
#include "code/artifact_look.h"
#include "engine/artifact_int.h"
#include "engine/load.h"
#include "rt/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMMON                                                              \
    " (type $s (struct (field (mut i32))))"                                 \
    " (type $f (func (param i32) (result i32)))"                            \
    " (table $t 8 funcref) (table $u 4 anyref) (memory 1)"                  \
    " (tag $e (param i32)) (global (export \"g\") (mut i32) (i32.const 7))" \
    " (elem (table $t) (i32.const 1) func $a $b)"                           \
    " (elem (table $u) (i32.const 0) anyref (ref.i31 (i32.const 5)))"       \
    " (elem $p func $b) (elem declare func $a)"                             \
    " (data (i32.const 16) \"active\") (data $d \"passive\")"               \
    " (func $a (export \"a\") (type $f)"                                    \
    "  (block $h (result i32)"                                              \
    "   (try_table (catch $e $h) (throw $e (call $b (local.get 0))))"       \
    "   (unreachable)))"                                                    \
    " (func $b (type $f) (local $i i32)"                                    \
    "  (loop $l (block $x (block $y"                                        \
    "   (br_table $x $y $l (local.get $i))) (memory.init $d"                \
    "    (local.get 0) (i32.const 0) (i32.const 3))))"                      \
    "  (struct.get $s 0 (struct.new $s (i32.load (local.get 0)))))"

static const char *const sources[] = {
    "(module $without" COMMON ")",
    "(module $with (import \"m\" \"f\" (func (param i64)))"
    " (import \"m\" \"t\" (table 2 externref))" COMMON ")",
};

enum {
    // Regions: the parts, where the text's place stands for the ELF header.
    REGION_sections = PART_COUNT,
    REGION_head,
    REGION_COUNT
};

typedef struct Region {
    uint64_t at, size;
} Region;

typedef struct File {
    uint8_t *bytes;
    size_t size;
    Region regions[REGION_COUNT];
} File;

static Engine *engine;
static File files[COUNTOF(sources)];

static void find_regions(File *f) {
    ElfHeader elf;
    ElfSection sections[ELF_SECTIONS];
    memcpy(&elf, f->bytes, sizeof elf);
    memcpy(sections, f->bytes + elf.section_at, sizeof sections);
    for (int i = 0; i < PART_COUNT; i++)
        f->regions[i] = (Region){sections[i + 1].at, sections[i + 1].size};
    f->regions[PART_text] = (Region){0, sizeof elf};
    f->regions[REGION_sections] = (Region){elf.section_at, sizeof sections};
    f->regions[REGION_head] =
        (Region){f->size - sizeof(ArtifactHead), sizeof(ArtifactHead)};
}

static void make(const char *source, Arena *arena, File *out) {
    Err err = {0};
    bool in_text;
    ArenaGuard guard;
    RtModule *m =
        module_load_text(engine, source, strlen(source), &err, &in_text);
    bool ok = false;
    if (m && ARENA_GUARD(arena, &guard))
        ok = artifact_write(m, arena, &out->bytes, &out->size, &err);
    if (!ok) {
        fprintf(stderr, "no file was made: %s\n", err.text);
        abort();
    }
    arena_unguard(arena, &guard);
    rt_module_unref(m);
    find_regions(out);
}

static void start(void) {
    static Arena arena;
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_baseline;
    config.verify_code = false; // of what is loaded: it would refuse nearly all
    engine = engine_new(&config);
    if (!engine) abort();
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNTOF(sources); i++)
        make(sources[i], &arena, &files[i]);
}

// --- changes -----------------------------------------------------------------

typedef struct Input {
    const uint8_t *at, *end;
} Input;

static uint64_t take(Input *in, size_t bytes) {
    uint64_t value = 0;
    size_t len = MIN(bytes, (size_t)(in->end - in->at));
    memcpy(&value, in->at, len);
    in->at += len;
    return value;
}

static uint64_t changed(uint64_t old, uint64_t how, Input *in, size_t bytes,
                        const File *f) {
    static const uint64_t numbers[] = {
        0,          1,   63,        64,         4096,           1u << 31,
        UINT32_MAX, 255, INT64_MAX, UINT64_MAX, UINT64_MAX - 63};
    switch (how % 4) {
    case 0:
        return take(in, bytes);
    case 1:
        return numbers[take(in, 1) % COUNTOF(numbers)];
    case 2:
        return old + (uint64_t)(int64_t)(int8_t)take(in, 1);
    default:
        return f->size - take(in, 2);
    }
}

// Which region was changed.
static uint64_t change(uint8_t *bytes, const File *f, Input *in) {
    uint64_t which = take(in, 1) % REGION_COUNT, place = take(in, 2),
             how = take(in, 1);
    Region r = f->regions[which];
    size_t size = (size_t)1 << how % 4;
    if (r.size < size) return which;
    uint64_t at = r.at + place % r.size / size * size, value = 0;
    if (at + size > r.at + r.size) return which;
    memcpy(&value, bytes + at, size);
    value = changed(value, how / 4, in, size, f);
    memcpy(bytes + at, &value, size);
    return which;
}

// Where segments go is code.
static void restore_places(uint8_t *bytes, const File *f) {
    Region elems = f->regions[PART_elems], datas = f->regions[PART_datas];
    for (uint64_t at = elems.at; at < elems.at + elems.size;
         at += sizeof(ElemDecl)) {
        uint64_t place = at + offsetof(ElemDecl, offset);
        memcpy(bytes + place, f->bytes + place, sizeof(Bytes));
    }
    for (uint64_t at = datas.at; at < datas.at + datas.size;
         at += sizeof(DataDecl)) {
        uint64_t place = at + offsetof(DataDecl, offset);
        memcpy(bytes + place, f->bytes + place, sizeof(Bytes));
    }
}

// --- looking -----------------------------------------------------------------

// No code runs in it: nothing is called, and nothing starts.
static void instantiate(RtModule *m) {
    Store *s = store_new(engine);
    Err err = {0};
    Instance *inst = NULL;
    if (s) (void)instance_new(s, m, NULL, 0, &inst, &err);
    if (s) store_unref(s);
}

static void load(const uint8_t *bytes, size_t size, LoadBytes how,
                 bool is_sound) {
    Err err = {0};
    LoadOptions options = {.bytes = how};
    RtModule *m = artifact_load(engine, bytes, size, &options, &err);
    if ((m != NULL) != err_ok(&err)) {
        fprintf(stderr, "bug: a failure without an error\n");
        abort();
    }
    if (!m) return;
    if (!artifact_look(m)) abort();
    if (is_sound) instantiate(m);
    rt_module_unref(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!engine) start();
    Input in = {data, data + size};
    uint64_t pick = take(&in, 1);
    const File *f = &files[pick / 2 % COUNTOF(files)];
    uint8_t *bytes = mem_alloc(f->size); // ends where the file ends
    if (!bytes) return 0;
    memcpy(bytes, f->bytes, f->size);
    const uint64_t sound = (uint64_t)1 << PART_decls | 1u << PART_elems |
                           1u << PART_elem_funcs | 1u << PART_datas |
                           1u << PART_names | 1u << REGION_head;
    uint64_t touched = 0;
    while (in.at < in.end)
        touched |= (uint64_t)1 << change(bytes, f, &in);
    bool is_sound = f == &files[0] && !(touched & ~sound);
    if (is_sound) restore_places(bytes, f);
    Err err = {0};
    if (artifact_verify(bytes, f->size, &err) != err_ok(&err)) abort();
    load(bytes, f->size, pick % 2 ? LOAD_borrow : LOAD_copy, is_sound);
    mem_free(bytes);
    return 0;
}
