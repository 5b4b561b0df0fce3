// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The file system in memory, by its own functions: limits, names, links, and
// several file systems beside each other. What a guest sees of it is tested
// with the host's.
#define _GNU_SOURCE
#include "base/hash.h"
#include "wasi/fixture.h"
#include "wasi/memfs_int.h"

static MemFs *fs;
static FsNode root;

static void start(uint64_t size_max) {
    fs = memfs_new(size_max);
    root.at = fs ? memfs_root(fs) : NULL;
    if (!EXPECT(root.at != NULL)) abort();
}

static void stop(void) {
    memfs_fs.close(root);
    memfs_free(fs);
}

static FsPath at(const char *name) {
    return (FsPath){root, name, strlen(name)};
}

static OsError open_at(const char *name, bool create, FsNode *node) {
    PathOpen how = {.read = true, .write = create, .create = create};
    how.follow = true;
    return memfs_fs.open(at(name), &how, node);
}

static OsError make(const char *name) {
    FsNode node;
    OsError error = open_at(name, true, &node);
    if (!error) memfs_fs.close(node);
    return error;
}

static OsError make_link(const char *target, const char *name) {
    return memfs_fs.symlink(target, strlen(target), at(name));
}

// What is full refuses, and gives everything back.
static void bytes_are_limited(void) {
    start(100000);
    uint64_t empty = memfs_size(fs);
    EXPECT_EQ(memfs_fs.make_dir(at("d")), OS_ok);
    FsNode file;
    EXPECT_EQ(open_at("d/f", true, &file), OS_ok);
    EXPECT_EQ(memfs_fs.set_size(file, 100001), OS_nospc);
    EXPECT_EQ(memfs_fs.set_size(file, INT64_MAX), OS_nospc);
    static char bytes[1000];
    FileBuf buf = {bytes, sizeof bytes};
    OsError error = OS_ok;
    uint64_t written = 0;
    for (size_t done; !error && written < 200000; written += done) {
        done = 0;
        error = memfs_fs.write(file, &buf, 1, &done);
    }
    EXPECT_EQ(error, OS_nospc);
    EXPECT(written > 90000 && memfs_size(fs) <= 100000);
    char name[16];
    for (int i = 0; i < 10000 && error == OS_nospc; i++) {
        snprintf(name, sizeof name, "n%d", i);
        error = make(name);
        if (error) break;
        error = OS_nospc;
    }
    EXPECT_EQ(error, OS_nospc);
    EXPECT_EQ(memfs_fs.unlink(at("d/f")), OS_ok);
    EXPECT(memfs_size(fs) > 90000); // it is still open
    size_t done;
    EXPECT_EQ(memfs_fs.read_at(file, &buf, 1, 5, &done), OS_ok);
    EXPECT_EQ(done, sizeof bytes);
    memfs_fs.close(file);
    EXPECT(memfs_size(fs) < 20000);
    EXPECT_EQ(memfs_fs.remove_dir(at("d")), OS_ok);
    EXPECT(memfs_size(fs) >= empty);
    stop();
}

static void renames(void) {
    static const struct {
        const char *from, *to;
        OsError want;
    } cases[] = {
        {"none", "x", OS_noent},      {"f", "f", OS_ok},
        {"f", "same", OS_ok},         {"f", "d", OS_isdir},
        {"d", "f", OS_notdir},        {"d", "full", OS_notempty},
        {"full", "full/x", OS_inval}, {"full", "full/sub/x", OS_inval},
        {"full/sub", ".", OS_busy},   {".", "x", OS_busy},
        {"d/..", "x", OS_busy},       {"f", "x/", OS_notdir},
        {"f/", "x", OS_notdir},       {"full/sub", "full", OS_notempty},
        {"f", "../x", OS_notcapable}, {"full/sub", "d", OS_ok},
        {"d/in", "g", OS_ok},         {"g", "f", OS_ok},
        {"full", "d/", OS_ok},        {"same", "d/x", OS_ok},
    };
    start(1 << 20);
    EXPECT_EQ(make("f"), OS_ok);
    EXPECT_EQ(memfs_fs.link(at("f"), at("same")), OS_ok);
    EXPECT_EQ(memfs_fs.make_dir(at("d")), OS_ok);
    EXPECT_EQ(memfs_fs.make_dir(at("full")), OS_ok);
    EXPECT_EQ(memfs_fs.make_dir(at("full/sub")), OS_ok);
    EXPECT_EQ(make("full/sub/in"), OS_ok);
    for (size_t i = 0; i < COUNTOF(cases); i++)
        if (!EXPECT_EQ(memfs_fs.rename(at(cases[i].from), at(cases[i].to)),
                       cases[i].want))
            fprintf(stderr, "%s to %s\n", cases[i].from, cases[i].to);
    FileStat stat;
    EXPECT_EQ(memfs_fs.path_stat(at("f"), false, &stat), OS_ok);
    EXPECT_EQ(memfs_fs.path_stat(at("d/x"), false, &stat), OS_ok);
    EXPECT_EQ(memfs_fs.path_stat(at("d/../d/./x"), false, &stat), OS_ok);
    EXPECT_EQ(stat.links, 1);
    EXPECT_EQ(memfs_fs.path_stat(at("full"), false, &stat), OS_noent);
    stop();
}

// Links lead nowhere above the directory that they are seen from.
static void links(void) {
    start(1 << 20);
    EXPECT_EQ(make("secret"), OS_ok);
    EXPECT_EQ(memfs_fs.make_dir(at("in")), OS_ok);
    EXPECT_EQ(make_link("..", "in/up"), OS_ok);
    EXPECT_EQ(make_link("/secret", "in/absolute"), OS_ok);
    EXPECT_EQ(make_link("up/secret", "in/far"), OS_ok);
    FsNode node;
    EXPECT_EQ(open_at("in/far", false, &node), OS_ok);
    memfs_fs.close(node);
    EXPECT_EQ(open_at("in", false, &node), OS_ok);
    static const char *const attacks[] = {
        "..", "../secret", "up/secret", "up", "absolute", "far", "./../secret",
    };
    PathOpen how = {.read = true, .follow = true};
    for (size_t i = 0; i < COUNTOF(attacks); i++) {
        FsNode got;
        FsPath path = {node, attacks[i], strlen(attacks[i])};
        EXPECT_EQ(memfs_fs.open(path, &how, &got), OS_notcapable);
    }
    memfs_fs.close(node);
    // A chain of links is followed so far.
    char name[16] = "secret", next[16];
    for (unsigned i = 0; i <= PATH_LINKS_MAX; i++) {
        snprintf(next, sizeof next, "l%u", i);
        EXPECT_EQ(make_link(name, next), OS_ok);
        bool fits = i < PATH_LINKS_MAX;
        EXPECT_EQ(open_at(next, false, &node), fits ? OS_ok : OS_loop);
        if (fits) memfs_fs.close(node);
        memcpy(name, next, sizeof name);
    }
    stop();
}

// A removed directory that is open is empty and stays so.
static void removed_while_open(void) {
    start(1 << 20);
    EXPECT_EQ(memfs_fs.make_dir(at("d")), OS_ok);
    FsNode d;
    EXPECT_EQ(open_at("d", false, &d), OS_ok);
    EXPECT_EQ(memfs_fs.remove_dir(at("d")), OS_ok);
    EXPECT_EQ(memfs_fs.make_dir((FsPath){d, "x", 1}), OS_noent);
    EXPECT_EQ(memfs_fs.path_stat((FsPath){d, "..", 2}, true, &(FileStat){0}),
              OS_notcapable);
    DirEntry e = {.next = DIR_START};
    EXPECT_EQ(memfs_fs.read_dir(d, NULL, 0, &e), OS_ok);
    EXPECT_EQ(memfs_fs.read_dir(d, NULL, e.next, &e), OS_ok);
    EXPECT_EQ(e.name_size, 2);
    EXPECT_EQ(memfs_fs.read_dir(d, NULL, e.next, &e), OS_ok);
    EXPECT(!e.name);
    memfs_fs.close(d);
    stop();
}

static void very_deep(void) {
    start(1 << 24);
    FsNode d = {.at = memfs_root(fs)};
    PathOpen how = {.directory = true};
    for (int i = 0; i < 20000; i++) {
        FsNode next;
        EXPECT_EQ(memfs_fs.make_dir((FsPath){d, "d", 1}), OS_ok);
        if (!EXPECT_EQ(memfs_fs.open((FsPath){d, "d", 1}, &how, &next), 0))
            break;
        memfs_fs.close(d);
        d = next;
    }
    memfs_fs.close(d);
    stop();
}

enum {
    MANY = 100000
};

typedef struct Compared {
    const MemNode *dir;
    uint64_t count;
} Compared;

// MapEq, as a lookup compares names.
static bool is_named(const void *env, uint32_t i, const void *name,
                     size_t size) {
    Compared *c;
    memcpy(&c, env, sizeof c);
    c->count++;
    const MemEntry *e = &c->dir->entries[i];
    return e->node && e->name_size == size && !memcmp(e->name, name, size);
}

// How many names are compared to find each that is there.
static uint64_t comparisons(const MemNode *dir) {
    Compared compared = {.dir = dir}, *env = &compared;
    for (uint32_t i = 0; i < dir->len; i++) {
        const MemEntry *e = &dir->entries[i];
        if (!e->node) continue;
        uint64_t hash = hash_bytes(e->name, e->name_size);
        EXPECT_EQ(
            map_find(&dir->names, hash, is_named, &env, e->name, e->name_size),
            i);
    }
    return compared.count;
}

static uint32_t count_by_reading(void) {
    uint32_t count = 0;
    DirEntry e = {0};
    for (uint64_t cookie = DIR_START;; cookie = e.next, count++) {
        EXPECT_EQ(memfs_fs.read_dir(root, NULL, cookie, &e), OS_ok);
        if (e.name_size == 0) return count - 2; // `.` and `..`
    }
}

static void many_names(void) {
    char name[16];
    FileStat stat;
    start(UINT64_C(1) << 30);
    const MemNode *dir = fs->root;
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%d", i);
        EXPECT_EQ(make_link("x", name), OS_ok);
    }
    EXPECT(comparisons(dir) < MANY + MANY / 100);
    EXPECT_EQ(count_by_reading(), MANY);
    EXPECT_EQ(make_link("x", "77"), OS_exist);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%d", i);
        if (i % 3) EXPECT_EQ(memfs_fs.unlink(at(name)), OS_ok);
    }
    EXPECT_EQ(count_by_reading(), MANY / 3 + 1);
    EXPECT(dir->gaps <= dir->len / 2 && dir->len < MANY * 2 / 3 + 2);
    EXPECT(comparisons(dir) < MANY / 2);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%d", i);
        EXPECT_EQ(memfs_fs.path_stat(at(name), false, &stat),
                  i % 3 ? OS_noent : OS_ok);
        if (i % 3 == 0) EXPECT_EQ(memfs_fs.unlink(at(name)), OS_ok);
    }
    EXPECT(dir->len == 0 && count_by_reading() == 0);
    EXPECT_EQ(make_link("x", "77"), OS_ok);
    EXPECT_EQ(count_by_reading(), 1);
    EXPECT_EQ(memfs_fs.path_stat(at("77"), false, &stat), OS_ok);
    stop();
}

// Names come and go in a small room; no charge is lost, and what is owed for
// the table of names is paid.
static void names_are_paid_for(void) {
    char name[16];
    start(40000);
    int made = 0;
    OsError error = OS_ok;
    for (int round = 0; round < 50; round++) {
        for (made = 0; !error; made++) {
            snprintf(name, sizeof name, "%d", made);
            error = make_link("x", name);
        }
        EXPECT_EQ(error, OS_nospc);
        EXPECT(made > 50 && memfs_size(fs) <= 40000);
        error = OS_ok;
        for (int i = 0; i < made - 1; i++) {
            snprintf(name, sizeof name, "%d", i);
            EXPECT_EQ(memfs_fs.unlink(at(name)), OS_ok);
        }
        EXPECT_EQ(count_by_reading(), 0);
    }
    stop();
}

// Names do not reach from one file system into another.
static void several(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    make_file(&w, "f", "");
    start(1 << 20);
    EXPECT_EQ(make("f"), OS_ok);
    MemFs *other = memfs_new(1 << 20);
    Err err = {0};
    EXPECT(wasi_fs_dir_add(w.wasi, &memfs_fs, memfs_root(fs), "/m",
                           WASI_DIR_ALL, &err));
    EXPECT(wasi_fs_dir_add(w.wasi, &memfs_fs, memfs_root(other), "/o",
                           WASI_DIR_ALL, &err));
    put_text(&w, PATH, "f");
    put_text(&w, OTHER, "g");
    for (uint32_t i = 0; i < 9; i++) {
        uint32_t from = PREOPEN + i / 3, to = PREOPEN + i % 3;
        if (from == to || from == PREOPEN + 2) continue;
        EXPECT_EQ(CALL(&w, path_rename, from, PATH, 1, to, OTHER, 1),
                  ERRNO_xdev);
        EXPECT_EQ(CALL(&w, path_link, from, 0, PATH, 1, to, OTHER, 1),
                  ERRNO_xdev);
    }
    FsNode file;
    EXPECT_EQ(open_at("f", false, &file), OS_ok);
    EXPECT(
        !wasi_fs_dir_add(w.wasi, &memfs_fs, file.at, "/f", WASI_DIR_ALL, &err));
    EXPECT_EQ(err.id, E_preopen);
    EXPECT_STR(err.text, "cannot grant directory /f: not a directory");
    world_release(&w);
    stop();
    memfs_free(other);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(bytes_are_limited), UNIT_TEST(renames),
                    UNIT_TEST(links), UNIT_TEST(removed_while_open),
                    UNIT_TEST(very_deep), UNIT_TEST(many_names),
                    UNIT_TEST(names_are_paid_for), UNIT_TEST(several));
}
