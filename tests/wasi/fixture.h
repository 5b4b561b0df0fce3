// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A guest without code: an instance that exports a memory, on whose behalf the
// functions of WASI are called. A fresh directory is preopened as descriptor 3
// under the name "/data"; it is one of the host, or in memory, and a test that
// says ON_BOTH runs on each.
#pragma once

#include "engine/load.h"
#include "os/path.h"
#include "unit/unit.h"
#include "wasi/desc.h"
#include "wasi/memfs.h"
#include "wasi/wasi.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct World {
    Engine *engine;
    Store *store;
    Linker *linker;
    Wasi *wasi;
    RtModule *module;
    Instance *instance;
    Memory *memory;
    const char *version;       // the name of the module of WASI
    char dir[64];              // of the host
    MemFs *memfs;              // in memory; NULL: on the host
    FsNode root;               // of it
    void (*before_call)(void); // of each function; NULL is fine
} World;

enum {
    PREOPEN = 3,
    PATH = 0x1000, // where paths are put, and other things that are read
    OTHER = 0x2000,
    OUT = 0x3000, // where results go
    DATA = 0x4000,
    TRAPPED = -1, // world_call
};

static const char plain_guest[] = "(module (memory (export \"memory\") 2))";
static const char shared_guest[] =
    "(module (memory (export \"memory\") 2 2 shared))";

// Where the next worlds are.
static bool worlds_in_memory;

#define ON_BOTH(f)                 \
    static void f##_memory(void) { \
        worlds_in_memory = true;   \
        f();                       \
        worlds_in_memory = false;  \
    }
#define UNIT_BOTH(f) UNIT_TEST(f), UNIT_TEST(f##_memory)

static inline bool world_add_dir(World *w, uint32_t flags) {
    Err err = {0};
    if (!mkdtemp(w->dir)) return false;
    if (!worlds_in_memory)
        return wasi_dir_add(w->wasi, w->dir, "/data", flags, &err);
    w->memfs = memfs_new(1 << 20);
    if (!w->memfs) return false;
    w->root.at = memfs_root(w->memfs);
    void *root = memfs_root(w->memfs);
    return w->root.at && root &&
           wasi_fs_dir_add(w->wasi, &memfs_fs, root, "/data", flags, &err);
}

// Instantiates `text`; what it exports as "memory" is the guest's.
static inline void world_instantiate(World *w, const char *text) {
    Err err = {0};
    bool in_text;
    w->module = module_load_text(w->engine, text, strlen(text), &err, &in_text);
    if (!EXPECT(w->module != NULL)) abort();
    Status s =
        linker_instantiate(w->linker, w->store, w->module, &w->instance, &err);
    if (!EXPECT_EQ(s, STATUS_ok)) abort();
    Extern item = {0};
    bool found = instance_export(w->instance, STR("memory"), &item, &err);
    w->memory = found && item.kind == EXTERN_memory ? item.memory : NULL;
}

static inline void world_init(World *w, const char *text, uint32_t flags) {
    *w = (World){.version = "wasi_snapshot_preview1"};
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.use_epoch = true;
    w->engine = engine_new(&config);
    w->store = store_new(w->engine);
    w->linker = linker_new(w->engine);
    w->wasi = wasi_new();
    strcpy(w->dir, "/tmp/wasi_test.XXXXXX");
    Err err = {0};
    bool ok = w->engine && w->store && w->linker && w->wasi &&
              world_add_dir(w, flags) && wasi_define(w->linker, w->wasi, &err);
    if (!EXPECT(ok)) abort();
    world_instantiate(w, text);
}

static inline void world_release(World *w) {
    rt_module_unref(w->module);
    linker_free(w->linker);
    store_unref(w->store);
    wasi_free(w->wasi);
    if (w->memfs) memfs_fs.close(w->root);
    memfs_free(w->memfs);
    engine_unref(w->engine);
    char command[128];
    snprintf(command, sizeof command, "rm -rf -- '%s'", w->dir);
    EXPECT_EQ(system(command), 0);
}

// The function's answer, or TRAPPED.
static inline int world_call_n(World *w, const char *name, const uint64_t *args,
                               size_t count) {
    Extern f;
    if (!EXPECT(linker_get(w->linker, w->store, str_of(w->version),
                           str_of(name), &f)))
        return TRAPPED;
    Raw values[12] = {0};
    EXPECT_EQ(f.func->type->param_len, count);
    for (size_t i = 0; i < count; i++)
        values[i].u64 = args[i];
    if (w->before_call) w->before_call();
    if (func_call_host(w->store, f.func, w->instance, values) != STATUS_ok)
        return TRAPPED;
    return (int)values[0].u32;
}

#define ARGS(...) \
    (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8
#define CALL(w, name, ...) world_call_n((w), #name, ARGS(__VA_ARGS__))

static inline void put(World *w, uint32_t at, const void *bytes, size_t size) {
    EXPECT(memory_write(w->memory, at, bytes, size));
}

static inline uint32_t put_text(World *w, uint32_t at, const char *text) {
    put(w, at, text, strlen(text));
    return (uint32_t)strlen(text);
}

static inline void put_u32(World *w, uint32_t at, uint32_t x) {
    put(w, at, &x, sizeof x);
}

static inline void put_u64(World *w, uint32_t at, uint64_t x) {
    put(w, at, &x, sizeof x);
}

static inline uint64_t get(const World *w, uint32_t at, unsigned size) {
    uint64_t x = 0;
    EXPECT(memory_read(w->memory, at, &x, size));
    return x;
}

static inline uint32_t get_u32(const World *w, uint32_t at) {
    return (uint32_t)get(w, at, 4);
}

// An iovec at `at` for `size` bytes at `data`.
static inline void put_iovec(World *w, uint32_t at, uint32_t data,
                             uint32_t size) {
    put_u32(w, at, data);
    put_u32(w, at + 4, size);
}

enum {
    O_CREATE = 1,
    O_DIR = 2,
    O_EXCLUSIVE = 4,
    O_TRUNCATE = 8,
};

// path_open beneath descriptor 3, following links, with all rights that there
// are to ask for. *fd is the new one.
static inline int open_with(World *w, const char *path, uint32_t oflags,
                            Rights base, uint32_t fdflags, uint32_t *fd) {
    uint32_t size = put_text(w, PATH, path);
    int e = CALL(w, path_open, PREOPEN, 1, PATH, size, oflags, base,
                 UINT32_MAX >> 2, fdflags, OUT);
    *fd = e ? UINT32_MAX : get_u32(w, OUT);
    return e;
}

static inline uint32_t open_path(World *w, const char *path, uint32_t oflags) {
    uint32_t fd;
    EXPECT_EQ(open_with(w, path, oflags, UINT32_MAX >> 2, 0, &fd), 0);
    return fd;
}

static inline int write_text(World *w, uint32_t fd, const char *text) {
    put_iovec(w, OTHER, DATA, put_text(w, DATA, text));
    return CALL(w, fd_write, fd, OTHER, 1, OUT);
}

// Reads at most `size` bytes to DATA; the result is in OUT.
static inline int read_some(World *w, uint32_t fd, uint32_t size) {
    put_iovec(w, OTHER, DATA, size);
    return CALL(w, fd_read, fd, OTHER, 1, OUT);
}

static inline bool data_is(const World *w, const char *text) {
    char got[256] = {0};
    size_t size = strlen(text);
    return memory_read(w->memory, DATA, got, size) &&
           memcmp(got, text, size) == 0;
}

// A path of the host in the directory.
static inline const char *host_path(const World *w, const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", w->dir, name);
    return path;
}

// What happens behind the back of the guest.

static inline FsPath mem_path(const World *w, const char *name) {
    return (FsPath){w->root, name, strlen(name)};
}

static inline void make_mem_file(const World *w, const char *name,
                                 const char *text) {
    PathOpen how = {.write = true, .create = true, .truncate = true};
    FsNode file;
    if (!EXPECT_EQ(memfs_fs.open(mem_path(w, name), &how, &file), OS_ok))
        return;
    char copy[64];
    FileBuf buf = {copy, strlen(text)};
    memcpy(copy, text, MIN(buf.size, sizeof copy));
    size_t done;
    EXPECT_EQ(memfs_fs.write(file, &buf, 1, &done), OS_ok);
    EXPECT_EQ(done, buf.size);
    memfs_fs.close(file);
}

static inline void make_file(const World *w, const char *name,
                             const char *text) {
    if (w->memfs) {
        make_mem_file(w, name, text);
        return;
    }
    int fd = open(host_path(w, name), O_CREAT | O_TRUNC | O_WRONLY, 0666);
    EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static inline void make_directory(const World *w, const char *name) {
    if (w->memfs)
        EXPECT_EQ(memfs_fs.make_dir(mem_path(w, name)), OS_ok);
    else
        EXPECT_EQ(mkdir(host_path(w, name), 0777), 0);
}

static inline void remove_file(const World *w, const char *name) {
    if (w->memfs)
        EXPECT_EQ(memfs_fs.unlink(mem_path(w, name)), OS_ok);
    else
        EXPECT_EQ(unlink(host_path(w, name)), 0);
}

static inline uint64_t size_of_file(const World *w, const char *name) {
    FileStat in_memory = {0};
    struct stat s = {0};
    if (w->memfs)
        EXPECT_EQ(memfs_fs.path_stat(mem_path(w, name), true, &in_memory), 0);
    else
        EXPECT_EQ(stat(host_path(w, name), &s), 0);
    return w->memfs ? in_memory.size : (uint64_t)s.st_size;
}
