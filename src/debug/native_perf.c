// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files for perf. The map has a line for each function; `perf report` reads it
// by the process's number. The dump (perf's jitdump-specification, version 1)
// also has the code and its lines: `perf record -k mono`, then `perf inject
// --jit` makes objects of it. It is found because its first page is mapped.
#include "debug/native_int.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"

#include <stdio.h>

enum {
    DUMP_MAGIC = 0x4a695444, // "JiTD"
    DUMP_VERSION = 1,
    DUMP_HEADER = 40,
    DUMP_LOAD = 0,  // JIT_CODE_LOAD
    DUMP_LINES = 2, // JIT_CODE_DEBUG_INFO
    DUMP_RECORD = 16,
    MACHINE_X86_64 = 62,
};

static bool write_all(int fd, const uint8_t *data, size_t size) {
    while (size > 0) {
        FileBuf buf = {(void *)(uintptr_t)data, size};
        size_t done = 0;
        if (file_write(fd, &buf, 1, &done) != OS_ok || done == 0) return false;
        data += done;
        size -= done;
    }
    return true;
}

// Makes the bytes in an arena of its own, and appends them.
static void append(int fd, const NativeLines *lines, const NativeFunc *funcs,
                   uint32_t len,
                   void (*make)(Writer *w, const NativeLines *lines,
                                const NativeFunc *funcs, uint32_t len)) {
    Arena arena;
    ArenaGuard guard;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        Writer w;
        writer_init(&w, &arena);
        make(&w, lines, funcs, len);
        (void)!write_all(fd, w.data, w.len);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

// --- the map -------------------------------------------------------------------

static void make_map(Writer *w, const NativeLines *lines,
                     const NativeFunc *funcs, uint32_t len) {
    (void)lines;
    for (uint32_t i = 0; i < len; i++) {
        char text[64];
        int size = snprintf(text, sizeof text, "%llx %x ",
                            (unsigned long long)(uintptr_t)funcs[i].code,
                            funcs[i].size);
        write_bytes(w, text, (size_t)size);
        write_bytes(w, funcs[i].name.data, funcs[i].name.len);
        write_u8(w, '\n');
    }
}

// Opened anew for each group: nothing is kept that a fork could share.
void perf_map_add(const NativeFunc *funcs, uint32_t len) {
    char path[64];
    int fd;
    snprintf(path, sizeof path, "/tmp/perf-%llu.map",
             (unsigned long long)process_id());
    if (file_append_host(path, &fd) != OS_ok) return;
    append(fd, NULL, funcs, len, make_map);
    file_close(fd);
}

// --- the dump ------------------------------------------------------------------

static void make_header(Writer *w, const NativeLines *lines,
                        const NativeFunc *funcs, uint32_t len) {
    (void)lines, (void)funcs, (void)len;
    put_fixed(w, DUMP_MAGIC, 4);
    put_fixed(w, DUMP_VERSION, 4);
    put_fixed(w, DUMP_HEADER, 4);
    put_fixed(w, MACHINE_X86_64, 4);
    put_fixed(w, 0, 4);
    put_fixed(w, process_id(), 4);
    put_fixed(w, clock_now(), 8);
    put_fixed(w, 0, 8);
}

static void begin_record(Writer *w, uint32_t id, uint64_t size) {
    put_fixed(w, id, 4);
    put_fixed(w, size, 4);
    put_fixed(w, clock_now(), 8);
}

// The lines of a function: each of its sites has one. Before its load.
static void make_lines(Writer *w, const NativeLines *lines,
                       const NativeFunc *f) {
    enum {
        FIXED = DUMP_RECORD + 16
    };
    size_t start = w->len;
    uint64_t count = 0;
    begin_record(w, DUMP_LINES, 0);
    put_fixed(w, (uintptr_t)f->code, 8);
    put_fixed(w, 0, 8);
    uint32_t from = 0;
    for (uint32_t i = 0; i < f->site_len; i++) {
        const CodeSite *s = &f->sites[i];
        const NativeRow *row =
            native_line_at(lines, f->wasm_at + (s->wasm & ~CODE_SITE_FAULT));
        if (row && (count == 0 || s->code > from)) {
            const Str *path = &lines->files.data[row->file];
            put_fixed(w, (uintptr_t)f->code + from, 8);
            put_fixed(w, row->line, 4);
            put_fixed(w, 0, 4);
            write_bytes(w, path->data, path->len);
            write_u8(w, 0);
            count++;
        }
        from = s->code;
    }
    if (count == 0) {
        w->len = start;
        return;
    }
    uint32_t size = (uint32_t)(w->len - start);
    memcpy(w->data + start + 4, &size, sizeof size);
    memcpy(w->data + start + DUMP_RECORD + 8, &count, sizeof count);
}

static void make_records(Writer *w, const NativeLines *lines,
                         const NativeFunc *funcs, uint32_t len) {
    enum {
        FIXED = DUMP_RECORD + 40
    };
    for (uint32_t i = 0; i < len; i++) {
        const NativeFunc *f = &funcs[i];
        make_lines(w, lines, f);
        begin_record(w, DUMP_LOAD, FIXED + (uint64_t)f->name.len + 1 + f->size);
        put_fixed(w, process_id(), 4);
        put_fixed(w, process_thread(), 4);
        put_fixed(w, (uintptr_t)f->code, 8);
        put_fixed(w, (uintptr_t)f->code, 8);
        put_fixed(w, f->size, 8);
        put_fixed(w, (uintptr_t)f->code, 8); // unique: code stays where it is
        write_bytes(w, f->name.data, f->name.len);
        write_u8(w, 0);
        write_bytes(w, f->code, f->size);
    }
}

static void open_dump(Native *n) {
    char path[64];
    FileStat stat;
    n->dump_pid = process_id();
    if (n->dump >= 0) file_close(n->dump);
    n->dump = -1;
    int fd;
    snprintf(path, sizeof path, "jit-%llu.dump",
             (unsigned long long)n->dump_pid);
    if (file_append_host(path, &fd) != OS_ok) return;
    if (file_stat(fd, &stat) != OS_ok) {
        file_close(fd);
        return;
    }
    if (stat.size == 0) append(fd, NULL, NULL, 0, make_header);
    process_show_file(fd);
    n->dump = fd;
}

void jitdump_add(Native *n, const NativeLines *lines, const NativeFunc *funcs,
                 uint32_t len) {
    if (n->dump_pid != process_id()) open_dump(n);
    if (n->dump >= 0) append(n->dump, lines, funcs, len, make_records);
}
