// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// foliot.h, but for wakers (wasmtime_async_test.c): version, features, engines,
// the process, and what guests of WASI see.
#define _GNU_SOURCE
#include "api/wasi_rig.h"
#include "base/defs.h"

#include <foliot.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// --- version and features ----------------------------------------------------------

static void version(void) {
    EXPECT_STR(foliot_version(), FOLIOT_VERSION);
}

static void features(void) {
    foliot_feature_t f = FOLIOT_FEATURE_INIT;
    size_t count = 0;
    bool found = false;
    for (; foliot_feature_at(count, &f); count++) {
        EXPECT(f.name && f.what && f.phase <= 5);
        found |= strcmp(f.name, "multi-value") == 0 && f.is_default;
    }
    EXPECT(found && count > 10);
    f.size = 4;
    EXPECT(!foliot_feature_at(0, &f));
    f.size = sizeof f + 1;
    EXPECT(!foliot_feature_at(0, &f));
    f = (foliot_feature_t){.size = offsetof(foliot_feature_t, what)};
    EXPECT(foliot_feature_at(0, &f) && f.name && !f.what); // an older program
    wasm_config_t *c = wasm_config_new();
    EXPECT(foliot_config_feature_set(c, "simd", false));
    EXPECT(!foliot_config_feature_set(c, "nonsense", false));
    EXPECT(foliot_config_limit_set(c, "max-functions", 7));
    EXPECT(!foliot_config_limit_set(c, "max-nonsense", 7));
    wasmtime_error_t *error;
    wasm_engine_t *e = foliot_engine_new(c, &error);
    EXPECT(e && !error);
    EXPECT(!foliot_engine_has_feature(e, "simd"));
    EXPECT(!foliot_engine_has_feature(e, "relaxed-simd"));
    EXPECT(foliot_engine_has_feature(e, "gc"));
    EXPECT(!foliot_engine_has_feature(e, "nonsense"));
    uint64_t value;
    EXPECT(foliot_engine_limit(e, "max-functions", &value) && value == 7);
    EXPECT(!foliot_engine_limit(e, "max-nonsense", &value));
    wasm_engine_delete(e);
}

// --- engines -----------------------------------------------------------------------

static void count(void *env) {
    ++*(int *)env;
}

static bool submit(void *env, void (*run)(void *job), void *job) {
    (void)env;
    run(job);
    return true;
}

static void engines(void) {
    wasmtime_error_t *error;
    wasm_config_t *c = wasm_config_new();
    wasmtime_config_strategy_set(c, 77);
    wasmtime_config_profiler_set(c, 77);
    EXPECT(!foliot_engine_new(c, &error));
    EXPECT(error_says(error, "unknown strategy")); // the first one
    wasm_engine_t *e = foliot_engine_new(NULL, &error);
    EXPECT(e && !error);
    wasm_engine_delete(e);
    c = wasm_config_new();
    EXPECT(foliot_config_tier_set(c, FOLIOT_TIER_INTERPRETER));
    EXPECT(!foliot_config_tier_set(c, (foliot_tier_t)9));
    foliot_tiering_t t = FOLIOT_TIERING_INIT;
    EXPECT(foliot_config_tiering_set(c, &t));
    t.compile = FOLIOT_COMPILE_COUNTED;
    t.loops = 10;
    EXPECT(foliot_config_tiering_set(c, &t));
    t.compile = (foliot_compile_t)7;
    EXPECT(!foliot_config_tiering_set(c, &t));
    EXPECT(!foliot_config_tiering_set(c, NULL));
    int ended = 0;
    foliot_executor_t x = FOLIOT_EXECUTOR_INIT;
    EXPECT(!foliot_config_executor_set(c, &x));
    x.submit = submit;
    x.env = &ended;
    x.free = count;
    EXPECT(foliot_config_executor_set(c, &x));
    e = foliot_engine_new(c, &error);
    EXPECT_STR(foliot_engine_tier(e), "interp");
    EXPECT_EQ(ended, 0);
    wasm_engine_delete(e);
    EXPECT_EQ(ended, 1);
}

// --- the process -------------------------------------------------------------------

static int64_t live;

static void *count_alloc(void *env, size_t size) {
    ++*(int64_t *)env;
    return malloc(size);
}

static void *count_realloc(void *env, void *old, size_t old_size, size_t size) {
    (void)old_size;
    *(int64_t *)env += !old;
    return realloc(old, size);
}

static void count_free(void *env, void *at) {
    *(int64_t *)env -= at != NULL;
    free(at);
}

static void allocator(void) {
    foliot_allocator_t a = FOLIOT_ALLOCATOR_INIT;
    EXPECT(!foliot_set_allocator(&a));
    a.env = &live;
    a.alloc = count_alloc;
    a.realloc = count_realloc;
    a.free = count_free;
    a.size++;
    EXPECT(!foliot_set_allocator(&a));
    a.size--;
    EXPECT(foliot_set_allocator(&a));
    Rig r = rig_new();
    EXPECT(live > 0);
    EXPECT(!foliot_set_allocator(NULL)); // an engine exists
    EXPECT(!foliot_set_allocator(&a));
    rig_delete(&r);
    wasm_config_t *config = wasm_config_new();
    EXPECT(!foliot_set_allocator(NULL));
    wasm_config_delete(config);
    EXPECT_EQ(live, 0);
    EXPECT(foliot_set_allocator(NULL));
}

static void on_line(void *env, foliot_log_topic_t topic, const char *line) {
    (void)topic, (void)line;
    ++*(int *)env;
}

static void process(void) {
    int lines = 0;
    foliot_set_log(on_line, &lines, FOLIOT_LOG_GC | FOLIOT_LOG_WASI);
    Rig r = rig_new();
    rig_delete(&r);
    foliot_set_log(NULL, NULL, 0);
    foliot_set_fatal(NULL);
    EXPECT(!foliot_handle_fault(11, NULL, NULL)); // no guest has one
}

// --- streams, clock, randomness ------------------------------------------------------

static int64_t stream_read(void *env, void *out, size_t len) {
    (void)env;
    memcpy(out, "stream", len < 6 ? len : 6);
    return len < 6 ? (int64_t)len : 6;
}

static int64_t stream_write(void *env, const void *bytes, size_t len) {
    (void)env, (void)bytes, (void)len;
    return -FOLIOT_ERRNO_NOSPC;
}

static foliot_errno_t clock_now(void *env, uint32_t id, uint64_t *out) {
    (void)env;
    *out = 1000 + id;
    return id == 3 ? FOLIOT_ERRNO_NOTSUP : 0;
}

static foliot_errno_t clock_resolution(void *env, uint32_t id, uint64_t *out) {
    (void)env, (void)id;
    *out = 7;
    return 0;
}

static foliot_errno_t random_fill(void *env, void *out, size_t len) {
    (void)env;
    memset(out, 'r', len);
    return 0;
}

static void world(void) {
    int ended = 0;
    foliot_stream_t s = FOLIOT_STREAM_INIT;
    s.env = &ended;
    s.read = stream_read;
    s.write = stream_write;
    s.close = count;
    foliot_clock_t clock = FOLIOT_CLOCK_INIT;
    foliot_random_t random = FOLIOT_RANDOM_INIT;
    wasi_config_t *c = wasi_config_new();
    EXPECT(!foliot_wasi_config_set_stream(c, 3, &s));
    EXPECT(!foliot_wasi_config_set_stream(c, 0, NULL));
    EXPECT(!foliot_wasi_config_set_clock(c, &clock));
    EXPECT(!foliot_wasi_config_set_random(c, &random));
    EXPECT(!foliot_wasi_config_add_socket(c, -1));
    clock = (foliot_clock_t){sizeof clock, &ended, clock_now, clock_resolution,
                             count};
    random = (foliot_random_t){sizeof random, &ended, random_fill, count};
    EXPECT(foliot_wasi_config_set_stream(c, 0, &s));
    EXPECT(foliot_wasi_config_set_stream(c, 1, &s));
    EXPECT(foliot_wasi_config_set_clock(c, &clock));
    EXPECT(foliot_wasi_config_set_random(c, &random));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "read", 0, 4), 0);
    EXPECT(guest_has(&g, "stre", 4));
    EXPECT_EQ(guest_write(&g, 1, "x"), FOLIOT_ERRNO_NOSPC);
    EXPECT_EQ(guest_call(&g, "clock", 1, 0), 0);
    EXPECT_EQ(guest_u32(&g, 1024), 1001);
    EXPECT_EQ(guest_call(&g, "clock", 3, 0), FOLIOT_ERRNO_NOTSUP);
    EXPECT_EQ(guest_call(&g, "clock", 1, 1), 0);
    EXPECT_EQ(guest_u32(&g, 1024), 7);
    EXPECT_EQ(guest_call(&g, "random", 3, 0), 0);
    EXPECT(memcmp(g.bytes + 1024, "rrr", 3) == 0);
    EXPECT_EQ(ended, 0);
    guest_delete(&g);
    EXPECT_EQ(ended, 4);
}

// --- file systems --------------------------------------------------------------------

enum {
    CREATE = 1 // of path_open
};

static void memory_files(void) {
    foliot_memfs_t *fs = foliot_memfs_new(1 << 20);
    EXPECT_EQ(foliot_memfs_make_dir(fs, "d"), 0);
    EXPECT_EQ(foliot_memfs_make_dir(fs, "d"), FOLIOT_ERRNO_EXIST);
    EXPECT_EQ(foliot_memfs_make_dir(fs, "/d"), FOLIOT_ERRNO_INVAL);
    EXPECT_EQ(foliot_memfs_write(fs, "d/f", "hello", 5), 0);
    EXPECT_EQ(foliot_memfs_write(fs, "no/f", "hello", 5), FOLIOT_ERRNO_NOENT);
    EXPECT(foliot_memfs_size(fs) >= 5);
    wasi_config_t *c = wasi_config_new();
    EXPECT(!foliot_wasi_config_preopen_memfs(c, fs, "\xff", FOLIOT_DIR_ALL));
    EXPECT(foliot_wasi_config_preopen_memfs(c, fs, "/", FOLIOT_DIR_ALL));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "d/f"), 0), 0);
    EXPECT_EQ(guest_call(&g, "read", (int)guest_u32(&g, 16), 10), 0);
    EXPECT(guest_has(&g, "hello", 5));
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "d/new"), CREATE), 0);
    EXPECT_EQ(guest_write(&g, (int)guest_u32(&g, 16), "by the guest"), 0);
    wasm_byte_vec_t bytes;
    EXPECT_EQ(foliot_memfs_read(fs, "d/new", &bytes), 0);
    EXPECT(bytes.size == 12 && memcmp(bytes.data, "by the guest", 12) == 0);
    wasm_byte_vec_delete(&bytes);
    EXPECT_EQ(foliot_memfs_read(fs, "none", &bytes), FOLIOT_ERRNO_NOENT);
    EXPECT_EQ(foliot_memfs_read(fs, "d", &bytes), FOLIOT_ERRNO_ISDIR);
    EXPECT_EQ(foliot_memfs_write(fs, "d/new", "short", 5), 0);
    EXPECT_EQ(foliot_memfs_read(fs, "d/new", &bytes), 0);
    EXPECT_EQ(bytes.size, 5);
    wasm_byte_vec_delete(&bytes);
    foliot_memfs_delete(fs); // the guest keeps it
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "d/new"), 0), 0);
    guest_delete(&g);
    foliot_memfs_delete(NULL);
    foliot_memfs_delete(foliot_memfs_new(0));
}

// A file system with one directory and one file, "f" until it is renamed.
typedef struct Tiny {
    char bytes[64], name[16];
    uint64_t size;
    bool exists;
    int opened, closed, freed;
} Tiny;

static char root_node, file_node;

static void tiny_close(void *env, void *node) {
    (void)node;
    ((Tiny *)env)->closed++;
}

static foliot_errno_t tiny_stat(void *env, void *node,
                                foliot_file_stat_t *out) {
    bool is_root = node == &root_node;
    out->type = is_root ? FOLIOT_FILE_DIRECTORY : FOLIOT_FILE_REGULAR;
    out->size = is_root ? 0 : ((Tiny *)env)->size;
    return 0;
}

static bool is_file(const Tiny *t, foliot_path_t path) {
    return t->exists && path.len == strlen(t->name) &&
           memcmp(path.text, t->name, path.len) == 0;
}

static foliot_errno_t tiny_open(void *env, foliot_path_t path, uint32_t how,
                                void **node) {
    Tiny *t = env;
    if (!is_file(t, path) && !(how & FOLIOT_OPEN_CREATE))
        return FOLIOT_ERRNO_NOENT;
    if (!t->exists)
        snprintf(t->name, sizeof t->name, "%.*s", (int)path.len, path.text);
    t->exists = true;
    t->opened++;
    *node = &file_node;
    return 0;
}

static foliot_errno_t tiny_read(void *env, void *node, uint64_t offset,
                                void *out, size_t len, size_t *done) {
    Tiny *t = env;
    (void)node;
    uint64_t left = offset < t->size ? t->size - offset : 0;
    *done = len < left ? len : left;
    if (*done) memcpy(out, t->bytes + offset, *done);
    return 0;
}

static foliot_errno_t tiny_write(void *env, void *node, uint64_t offset,
                                 const void *bytes, size_t len, size_t *done) {
    Tiny *t = env;
    (void)node;
    if (offset + len > sizeof t->bytes) return FOLIOT_ERRNO_NOSPC;
    memcpy(t->bytes + offset, bytes, len);
    if (offset + len > t->size) t->size = offset + len;
    *done = len;
    return 0;
}

static foliot_errno_t tiny_set_size(void *env, void *node, uint64_t size) {
    (void)node;
    ((Tiny *)env)->size = size;
    return 0;
}

static foliot_errno_t tiny_read_dir(void *env, void *dir, uint64_t cookie,
                                    foliot_dir_entry_t *out) {
    const Tiny *t = env;
    (void)dir;
    if (cookie || !t->exists) return FOLIOT_ERRNO_NOENT;
    out->type = FOLIOT_FILE_REGULAR;
    out->next = 1;
    out->name_len = strlen(t->name);
    memcpy(out->name, t->name, out->name_len);
    return 0;
}

static foliot_errno_t tiny_unlink(void *env, foliot_path_t path) {
    Tiny *t = env;
    if (!is_file(t, path)) return FOLIOT_ERRNO_NOENT;
    t->exists = false;
    return 0;
}

static foliot_errno_t tiny_rename(void *env, foliot_path_t from,
                                  foliot_path_t to) {
    Tiny *t = env;
    if (!is_file(t, from)) return FOLIOT_ERRNO_NOENT;
    snprintf(t->name, sizeof t->name, "%.*s", (int)to.len, to.text);
    return 0;
}

static void tiny_free(void *env) {
    ((Tiny *)env)->freed++;
}

static foliot_fs_t tiny_fs(Tiny *t) {
    foliot_fs_t fs = FOLIOT_FS_INIT;
    fs.env = t;
    fs.close = tiny_close;
    fs.stat = tiny_stat;
    fs.open = tiny_open;
    fs.read = tiny_read;
    fs.write = tiny_write;
    fs.set_size = tiny_set_size;
    fs.read_dir = tiny_read_dir;
    fs.unlink = tiny_unlink;
    fs.rename = tiny_rename;
    fs.free = tiny_free;
    return fs;
}

static void embedder_files(void) {
    Tiny t = {0};
    foliot_fs_t fs = tiny_fs(&t);
    wasi_config_t *c = wasi_config_new();
    EXPECT(foliot_wasi_config_preopen_fs(c, &fs, &root_node, "/tiny",
                                         FOLIOT_DIR_ALL));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "f"), 0),
              FOLIOT_ERRNO_NOENT);
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "f"), CREATE), 0);
    int fd = (int)guest_u32(&g, 16);
    EXPECT_EQ(guest_write(&g, fd, "one "), 0);
    EXPECT_EQ(guest_write(&g, fd, "two"), 0);
    EXPECT_EQ(guest_call(&g, "rewind", fd, 0), 0);
    EXPECT_EQ(guest_call(&g, "read", fd, 100), 0);
    EXPECT(guest_has(&g, "one two", 7));
    EXPECT_EQ(guest_call(&g, "read", fd, 100), 0);
    EXPECT(guest_has(&g, "", 0));
    EXPECT_EQ(guest_call(&g, "readdir", 3, 200), 0);
    EXPECT(g.bytes[1024 + 24] == 'f');
    EXPECT_EQ(guest_call(&g, "mkdir", guest_text(&g, "d"), 0),
              FOLIOT_ERRNO_NOTSUP);
    EXPECT_EQ(guest_call(&g, "rename", 1, guest_text(&g, "fnew")), 0);
    EXPECT_STR(t.name, "new");
    EXPECT_EQ(guest_call(&g, "unlink", guest_text(&g, "f"), 0),
              FOLIOT_ERRNO_NOENT);
    EXPECT_EQ(guest_call(&g, "unlink", guest_text(&g, "new"), 0), 0);
    EXPECT_EQ(t.freed, 0);
    guest_delete(&g);
    EXPECT_EQ(t.closed, t.opened + 1);
    EXPECT_EQ(t.freed, 1);
}

static void embedder_refused(void) {
    Tiny t = {0};
    wasi_config_t *c = wasi_config_new();
    foliot_fs_t fs = tiny_fs(&t);
    fs.stat = NULL;
    EXPECT(!foliot_wasi_config_preopen_fs(c, &fs, &root_node, "/", 15));
    fs = tiny_fs(&t);
    fs.size = 8;
    EXPECT(!foliot_wasi_config_preopen_fs(c, &fs, &root_node, "/", 15));
    EXPECT_EQ(t.freed, 0); // still the caller's
    fs = tiny_fs(&t);
    EXPECT(!foliot_wasi_config_preopen_fs(c, &fs, &file_node, "/", 15));
    EXPECT(t.freed == 1 && t.closed == 1); // no directory
    wasi_config_delete(c);
}

// --- no memory -------------------------------------------------------------------------

static uint64_t left; // allocations before the one that fails

static void *fail_alloc(void *env, size_t size) {
    return left-- == 0 ? NULL : count_alloc(env, size);
}

static void *fail_realloc(void *env, void *old, size_t old_size, size_t size) {
    return left-- == 0 ? NULL : count_realloc(env, old, old_size, size);
}

// All that a guest of WASI can be given. False: something ran out.
static bool give_all(Tiny *t) {
    const char *args[] = {"a", "b"};
    foliot_fs_t fs = tiny_fs(t);
    foliot_clock_t clock = {sizeof clock, NULL, clock_now, clock_resolution,
                            NULL};
    foliot_random_t random = {sizeof random, NULL, random_fill, NULL};
    foliot_stream_t stream = FOLIOT_STREAM_INIT;
    wasm_byte_vec_t bytes = WASM_EMPTY_VEC;
    foliot_memfs_t *mem = foliot_memfs_new(0);
    wasi_config_t *c = wasi_config_new();
    bool ok = c && mem;
    ok = ok && wasi_config_set_argv(c, 2, args);
    ok = ok && wasi_config_set_env(c, 2, args, args);
    if (ok) wasi_config_inherit_argv(c);
    if (ok) wasi_config_inherit_env(c);
    if (ok) wasi_config_set_stdin_bytes(c, &bytes);
    if (ok) wasi_config_set_stdout_custom(c, NULL, NULL, NULL);
    ok = ok && foliot_wasi_config_set_stream(c, 2, &stream);
    ok = ok && foliot_wasi_config_set_clock(c, &clock);
    ok = ok && foliot_wasi_config_set_random(c, &random);
    ok = ok && foliot_memfs_make_dir(mem, "d") == 0;
    ok = ok && foliot_memfs_write(mem, "d/f", "bytes", 5) == 0;
    ok = ok && foliot_memfs_read(mem, "d/f", &bytes) == 0;
    ok = ok && foliot_wasi_config_preopen_memfs(c, mem, "/m", 15);
    ok = ok && wasi_config_preopen_dir(c, "/", "/h", false);
    ok = ok && foliot_wasi_config_preopen_fs(c, &fs, &root_node, "/t", 15);
    wasm_engine_t *e = ok ? wasm_engine_new() : NULL;
    wasmtime_store_t *s = e ? wasmtime_store_new(e, NULL, NULL) : NULL;
    if (s) {
        wasmtime_error_t *error =
            wasmtime_context_set_wasi(wasmtime_store_context(s), c);
        if (error) wasmtime_error_delete(error);
        ok = !error;
    } else {
        wasi_config_delete(c);
        ok = false;
    }
    wasm_byte_vec_delete(&bytes);
    foliot_memfs_delete(mem);
    if (s) wasmtime_store_delete(s);
    wasm_engine_delete(e);
    return ok;
}

static void torture(void) {
    foliot_allocator_t a = {sizeof a, &live, fail_alloc, fail_realloc,
                            count_free};
    EXPECT(foliot_set_allocator(&a));
    bool done = false;
    for (uint64_t nth = 0; !done && nth < 2000; nth++) {
        Tiny t = {0};
        left = nth;
        done = give_all(&t);
        EXPECT(t.closed == t.freed && t.freed <= 1);
        if (!EXPECT_EQ(live, 0)) break;
    }
    EXPECT(done);
    EXPECT(foliot_set_allocator(NULL));
}

// --- fork ------------------------------------------------------------------------------

static bool runs(Rig *r) {
    wasmtime_instance_t inst =
        rig_instance(r, "(func (export \"f\") (result i32) (i32.const 3))");
    wasmtime_func_t f = rig_func(r, &inst, "f");
    return rig_i32(r, &f) == 3;
}

// Both sides of a fork go on, with the engine of before and a new one.
static void forks(void) {
    Rig r = rig_new();
    EXPECT(runs(&r));
    for (int i = 0; i < 3; i++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            Rig own = rig_new();
            bool ok = runs(&r) && runs(&own);
            wasmtime_engine_increment_epoch(r.engine);
            rig_delete(&own);
            rig_delete(&r);
            _exit(ok ? 0 : 1);
        }
        int status = -1;
        EXPECT(child > 0 && waitpid(child, &status, 0) == child);
        EXPECT_EQ(status, 0);
        EXPECT(runs(&r));
    }
    rig_delete(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(version), UNIT_TEST(features), UNIT_TEST(engines),
                    UNIT_TEST(allocator), UNIT_TEST(process), UNIT_TEST(world),
                    UNIT_TEST(memory_files), UNIT_TEST(embedder_files),
                    UNIT_TEST(embedder_refused), UNIT_TEST(torture),
                    UNIT_TEST(forks));
}
