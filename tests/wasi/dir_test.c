// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fd_readdir: entries, cut ones, cookies, and directories that change.
#define _GNU_SOURCE
#include "wasi/fixture.h"

enum {
    FILES = 500,
    HEADER = 24,
};

static World w;

typedef struct Found {
    bool files[FILES];
    int count, dots, others;
} Found;

static void count_name(Found *f, const char *name, uint32_t size,
                       uint8_t type) {
    unsigned number = FILES;
    if (size == 4 && sscanf(name, "f%3u", &number) == 1 && number < FILES) {
        EXPECT(!f->files[number]); // once
        EXPECT_EQ(type, 4);
        f->files[number] = true;
        f->count++;
    } else if (name[0] == '.' && (size == 1 || (size == 2 && name[1] == '.'))) {
        EXPECT_EQ(type, 3);
        f->dots++;
    } else {
        f->others++;
    }
}

// Whole entries in the first `used` bytes of DATA; *cookie moves behind the
// last one.
static int parse(Found *f, uint32_t used, uint64_t *cookie) {
    int entries = 0;
    for (uint32_t at = 0; at + HEADER <= used; entries++) {
        uint32_t size = get_u32(&w, DATA + at + 16);
        if (at + HEADER + size > used) break;
        char name[256] = {0};
        if (!EXPECT(size < sizeof name)) break;
        EXPECT(memory_read(w.memory, DATA + at + HEADER, name, size));
        EXPECT(get(&w, DATA + at + 8, 8) != 0);
        count_name(f, name, size, (uint8_t)get(&w, DATA + at + 20, 1));
        *cookie = get(&w, DATA + at, 8);
        at += HEADER + size;
    }
    return entries;
}

// All of the directory, through a buffer of `size`; unlinks each file it meets
// when `removes`.
static void read_all(uint32_t size, Found *f, bool removes) {
    uint64_t cookie = 0;
    for (;;) {
        EXPECT_EQ(CALL(&w, fd_readdir, PREOPEN, DATA, size, cookie, OUT), 0);
        uint32_t used = get_u32(&w, OUT);
        EXPECT(used <= size);
        Found before = *f;
        int entries = parse(f, used, &cookie);
        if (removes) {
            for (unsigned i = 0; i < FILES; i++) {
                if (before.files[i] == f->files[i]) continue;
                char name[16];
                snprintf(name, sizeof name, "f%03u", i);
                uint32_t len = put_text(&w, PATH, name);
                EXPECT_EQ(CALL(&w, path_unlink_file, PREOPEN, PATH, len), 0);
            }
        }
        if (used < size) return;
        if (!EXPECT(entries > 0)) return;
    }
}

static void make_files(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    for (int i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%03d", i);
        make_file(&w, name, "");
    }
}

static void finds_all(void) {
    make_files();
    static const uint32_t sizes[] = {28,  29,   51,   52,   53,
                                     128, 1000, 4096, 65536};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        Found f = {0};
        read_all(sizes[i], &f, false);
        EXPECT_EQ(f.count, FILES);
        EXPECT_EQ(f.dots, 2);
        EXPECT_EQ(f.others, 0);
    }
    world_release(&w);
}
ON_BOTH(finds_all)

// The way of rm -r: what was read is removed before more is read.
static void removed_as_read(void) {
    static const uint32_t sizes[] = {28, 128, 4096};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        make_files();
        Found f = {0};
        read_all(sizes[i], &f, true);
        EXPECT_EQ(f.count, FILES);
        f = (Found){0};
        read_all(4096, &f, false);
        EXPECT_EQ(f.count, 0);
        world_release(&w);
    }
}
ON_BOTH(removed_as_read)

// What is cut is what would have been there.
static void cut_entries(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    make_file(&w, "name", "");
    EXPECT_EQ(CALL(&w, fd_readdir, PREOPEN, 0x8000, 4096, 0, OUT), 0);
    uint32_t whole = get_u32(&w, OUT);
    EXPECT_EQ(whole, 3 * HEADER + 1 + 2 + 4);
    for (uint32_t size = 0; size < whole; size++) {
        put_u32(&w, DATA + size, 0x55555555);
        EXPECT_EQ(CALL(&w, fd_readdir, PREOPEN, DATA, size, 0, OUT), 0);
        EXPECT_EQ(get_u32(&w, OUT), size);
        EXPECT_EQ(get_u32(&w, DATA + size), 0x55555555);
        for (uint32_t i = 0; i < size; i++)
            EXPECT_EQ(get(&w, DATA + i, 1), get(&w, 0x8000 + i, 1));
    }
    EXPECT(CALL(&w, fd_readdir, PREOPEN, DATA, 100, UINT64_MAX, OUT) >= 0);
    world_release(&w);
}
ON_BOTH(cut_entries)

// A pass that began before files came and went gives all that stayed.
static void changes_meanwhile(void) {
    make_files();
    Found f = {0};
    uint64_t cookie = 0;
    for (int round = 0;; round++) {
        EXPECT_EQ(CALL(&w, fd_readdir, PREOPEN, DATA, 200, cookie, OUT), 0);
        uint32_t used = get_u32(&w, OUT);
        parse(&f, used, &cookie);
        if (used < 200) break;
        char name[32];
        snprintf(name, sizeof name, "new%d", round);
        make_file(&w, name, "");
        if (round % 2) remove_file(&w, name);
        // Another descriptor does not disturb.
        uint32_t fd = open_path(&w, ".", O_DIR);
        EXPECT_EQ(CALL(&w, fd_readdir, fd, 0x8000, 4000, 0, OUT), 0);
        EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    }
    EXPECT_EQ(f.count, FILES);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
}
ON_BOTH(changes_meanwhile)

int main(void) {
    return UNIT_RUN(UNIT_BOTH(finds_all), UNIT_BOTH(removed_as_read),
                    UNIT_BOTH(cut_entries), UNIT_BOTH(changes_meanwhile));
}
