// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "debug/native.h"

#include "base/alloc.h"
#include "debug/dwarf.h"
#include "debug/native_int.h"
#include "os/file.h"

void native_init(Native *n, NativeWants wants) {
    *n = (Native){.wants = wants, .dump = -1};
}

void native_release(Native *n) {
    if (n->dump >= 0) file_close(n->dump);
    mutex_release(&n->lock);
}

void native_lock(Native *n) {
    mutex_lock(&n->lock);
}

void native_unlock(Native *n) {
    mutex_unlock(&n->lock);
}

void native_add(Native *n, const NativeLines *lines, const NativeFunc *funcs,
                uint32_t len, NativeObject **objects) {
    mutex_lock(&n->lock);
    if (n->wants.perf_map) perf_map_add(funcs, len);
    if (n->wants.jitdump) jitdump_add(n, lines, funcs, len);
    mutex_unlock(&n->lock);
    if (!n->wants.gdb) return;
    NativeObject *o = gdb_add(lines, funcs, len);
    if (!o) return;
    *gdb_next(o) = *objects;
    *objects = o;
}

void native_forget(NativeObject *objects) {
    for (NativeObject *o = objects, *next; o; o = next) {
        next = *gdb_next(o);
        gdb_remove(o);
    }
}

// --- lines ---------------------------------------------------------------------

typedef struct Collector {
    NativeLines *lines;
    Map index;     // mix of a file's texts' addresses -> file
    Str dir, file; // of the row before ...
    uint32_t last; // ... and its number
} Collector;

static Str join(Arena *arena, Str dir, Str file) {
    size_t len = (size_t)dir.len + file.len + 2;
    char *text = arena_alloc(arena, len, 1);
    size_t at = 0;
    if (dir.len) {
        memcpy(text, dir.data, dir.len);
        text[dir.len] = '/';
        at = dir.len + 1u;
    }
    if (file.len) memcpy(text + at, file.data, file.len);
    return (Str){text, (uint32_t)(at + file.len)};
}

// Texts of one table have one address each, so addresses stand for them.
static uint32_t file_of(Collector *c, const DwarfRow *row) {
    if (row->dir.data == c->dir.data && row->file.data == c->file.data)
        return c->last;
    NativeLines *l = c->lines;
    uint64_t key = (uintptr_t)row->dir.data * UINT64_C(0x9e3779b97f4a7c15) ^
                   (uintptr_t)row->file.data;
    uint32_t index = map_get(&c->index, key);
    if (index == MAP_NONE) {
        index = l->files.len;
        VEC_PUSH(&l->arena, &l->files, join(&l->arena, row->dir, row->file));
        (void)!map_set(&c->index, key, index);
    }
    c->dir = row->dir;
    c->file = row->file;
    c->last = index;
    return index;
}

static void collect(void *env, const DwarfRow *row) {
    Collector *c = env;
    NativeRow out = {.at = row->at};
    if (!row->ends && row->file.len) {
        out.file = file_of(c, row);
        out.line = row->line;
    }
    VEC_PUSH(&c->lines->arena, &c->lines->rows, out);
}

// An end sorts before a beginning at the same place.
static bool is_before(const NativeRow *a, const NativeRow *b) {
    return a->at != b->at ? a->at < b->at : !a->line && b->line;
}

static void sift(NativeRow *rows, uint32_t from, uint32_t len) {
    NativeRow row = rows[from];
    for (uint64_t child; (child = 2 * (uint64_t)from + 1) < len;
         from = (uint32_t)child) {
        if (child + 1 < len && is_before(&rows[child], &rows[child + 1]))
            child++;
        if (!is_before(&row, &rows[child])) break;
        rows[from] = rows[child];
    }
    rows[from] = row;
}

// Heap sort: the C library's sort may allocate.
static void sort(NativeRow *rows, uint32_t len) {
    for (uint32_t i = len / 2; i-- > 0;)
        sift(rows, i, len);
    for (uint32_t end = len; end-- > 1;) {
        NativeRow last = rows[end];
        rows[end] = rows[0];
        rows[0] = last;
        sift(rows, 0, end);
    }
}

NativeLines *native_lines_new(const Module *m) {
    if (!dwarf_has_lines(m)) return NULL;
    NativeLines *l = MEM_NEW(NativeLines);
    if (!l) return NULL;
    arena_init(&l->arena, m->limits->compile_memory);
    Arena scratch;
    arena_init(&scratch, m->limits->compile_memory);
    ArenaGuard guard, inner;
    volatile bool ok = false;
    if (ARENA_GUARD(&l->arena, &guard) && ARENA_GUARD(&scratch, &inner)) {
        Collector c = {.lines = l, .index = {.arena = &scratch}, .last = 0};
        dwarf_each_row(m, &scratch, collect, &c);
        sort(l->rows.data, l->rows.len);
        ok = true;
    }
    arena_unguard(&scratch, &inner);
    arena_release(&scratch);
    arena_unguard(&l->arena, &guard);
    if (ok) return l;
    native_lines_free(l);
    return NULL;
}

void native_lines_free(NativeLines *l) {
    if (!l) return;
    arena_release(&l->arena);
    mem_free(l);
}

const NativeRow *native_line_at(const NativeLines *l, uint64_t at) {
    uint32_t low = 0, high = l ? l->rows.len : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->rows.data[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || l->rows.data[low - 1].line == 0) return NULL;
    return &l->rows.data[low - 1];
}
