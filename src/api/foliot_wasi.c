// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Streams, clocks, randomness and the file system in memory, of foliot.h.
#include "api/api_int.h"
#include "api/foliot_int.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "wasi/code.h"
#include "wasi/limit.h"
#include "wasi/memfs.h"

#include <foliot.h>

// --- streams -------------------------------------------------------------------

static int64_t stream_result(int64_t done, size_t size) {
    if (done < -UINT16_MAX) return -ERRNO_io;
    return MIN(done, (int64_t)MIN(size, (size_t)INT64_MAX));
}

static int64_t stream_read(void *env, void *out, size_t size) {
    const foliot_stream_t *s = env;
    return stream_result(s->read(s->env, out, size), size);
}

static int64_t stream_write(void *env, const void *bytes, size_t size) {
    const foliot_stream_t *s = env;
    return stream_result(s->write(s->env, bytes, size), size);
}

static void stream_close(void *env) {
    foliot_stream_t *s = env;
    if (s->close) s->close(s->env);
    mem_free(s);
}

bool foliot_wasi_config_set_stream(wasi_config_t *config, int which,
                                   const foliot_stream_t *stream) {
    if (!config || which < 0 || which > 2) return false;
    foliot_stream_t *s = MEM_NEW(foliot_stream_t);
    if (!s || !option_copy(s, sizeof *s, stream, sizeof *s)) {
        mem_free(s);
        return false;
    }
    WasiStream own = {
        .env = s,
        .read = s->read ? stream_read : NULL,
        .write = s->write ? stream_write : NULL,
        .fd = s->has_descriptor ? s->descriptor : -1,
        .is_terminal = s->is_terminal,
        .close = stream_close,
    };
    wasi_stream_set(config->wasi, which, &own);
    return true;
}

// --- clock and randomness ------------------------------------------------------

static int64_t clock_now(void *env, uint32_t id, uint64_t *out) {
    const foliot_clock_t *c = env;
    return -(int64_t)c->now(c->env, id, out);
}

static int64_t clock_resolution(void *env, uint32_t id, uint64_t *out) {
    const foliot_clock_t *c = env;
    return -(int64_t)c->resolution(c->env, id, out);
}

static void clock_close(void *env) {
    foliot_clock_t *c = env;
    if (c->close) c->close(c->env);
    mem_free(c);
}

bool foliot_wasi_config_set_clock(wasi_config_t *config,
                                  const foliot_clock_t *clock) {
    foliot_clock_t *c = config ? MEM_NEW(foliot_clock_t) : NULL;
    if (!c || !option_copy(c, sizeof *c, clock, sizeof *c) || !c->now ||
        !c->resolution) {
        mem_free(c);
        return false;
    }
    WasiClock own = {
        .env = c,
        .now = clock_now,
        .resolution = clock_resolution,
        .close = clock_close,
    };
    wasi_clock_set(config->wasi, &own);
    return true;
}

static int64_t random_fill(void *env, void *out, size_t size) {
    const foliot_random_t *r = env;
    return -(int64_t)r->fill(r->env, out, size);
}

static void random_close(void *env) {
    foliot_random_t *r = env;
    if (r->close) r->close(r->env);
    mem_free(r);
}

bool foliot_wasi_config_set_random(wasi_config_t *config,
                                   const foliot_random_t *random) {
    foliot_random_t *r = config ? MEM_NEW(foliot_random_t) : NULL;
    if (!r || !option_copy(r, sizeof *r, random, sizeof *r) || !r->fill) {
        mem_free(r);
        return false;
    }
    WasiRandom own = {.env = r, .fill = random_fill, .close = random_close};
    wasi_random_set(config->wasi, &own);
    return true;
}

bool foliot_wasi_config_add_socket(wasi_config_t *config, int descriptor) {
    return config && wasi_socket_add(config->wasi, descriptor);
}

// --- the file system in memory -------------------------------------------------

struct foliot_memfs {
    _Atomic uint32_t refs;
    MemFs *fs;
};

foliot_memfs_t *foliot_memfs_new(uint64_t size_max) {
    foliot_memfs_t *m = MEM_NEW(foliot_memfs_t);
    if (!m) return NULL;
    atomic_init(&m->refs, 1);
    m->fs = memfs_new(size_max ? size_max : MEMFS_SIZE_MAX);
    if (m->fs) return m;
    mem_free(m);
    return NULL;
}

static void memfs_unref(void *env) {
    foliot_memfs_t *m = env;
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    memfs_free(m->fs);
    mem_free(m);
}

void foliot_memfs_delete(foliot_memfs_t *fs) {
    if (fs) memfs_unref(fs);
}

uint64_t foliot_memfs_size(const foliot_memfs_t *fs) {
    return memfs_size(fs->fs);
}

static bool path_is_good(const char *path) {
    size_t len = path ? strlen(path) : 0;
    return len > 0 && len < PATH_SIZE_MAX && path[0] != '/' &&
           utf8_valid(path, len);
}

static foliot_errno_t answer(OsError error) {
    return (foliot_errno_t)errno_of_os(error);
}

// A path from the root, which is opened for it; false: *error says why not.
static bool path_begin(foliot_memfs_t *m, const char *path, FsPath *out,
                       OsError *error) {
    *error = OS_inval;
    if (!m || !path_is_good(path)) return false;
    out->dir.at = memfs_root(m->fs);
    out->text = path;
    out->size = strlen(path);
    *error = OS_nomem;
    return out->dir.at != NULL;
}

foliot_errno_t foliot_memfs_make_dir(foliot_memfs_t *fs, const char *path) {
    FsPath at;
    OsError error;
    if (!path_begin(fs, path, &at, &error)) return answer(error);
    error = memfs_fs.make_dir(at);
    memfs_fs.close(at.dir);
    return answer(error);
}

static OsError write_all(FsNode file, const char *bytes, size_t len) {
    OsError error = OS_ok;
    for (size_t done = 0, n = 0; !error && done < len; done += n) {
        FileBuf buf = {(void *)(uintptr_t)(bytes + done), len - done};
        error = memfs_fs.write_at(file, &buf, 1, done, &n);
    }
    return error;
}

foliot_errno_t foliot_memfs_write(foliot_memfs_t *fs, const char *path,
                                  const void *bytes, size_t len) {
    FsPath at;
    FsNode file;
    OsError error;
    if (!path_begin(fs, path, &at, &error)) return answer(error);
    PathOpen how = {
        .write = true, .follow = true, .create = true, .truncate = true};
    error = memfs_fs.open(at, &how, &file);
    memfs_fs.close(at.dir);
    if (error) return answer(error);
    error = write_all(file, bytes, len);
    memfs_fs.close(file);
    return answer(error);
}

// All of it, at most as much as it has now.
static OsError read_all(FsNode file, wasm_byte_vec_t *out) {
    FileStat stat;
    OsError error = memfs_fs.stat(file, &stat);
    if (error) return error;
    if (stat.type == FILE_directory) return OS_isdir;
    wasm_byte_vec_new_uninitialized(out, stat.size);
    if (stat.size && !out->data) return OS_nomem;
    for (size_t done = 0, n = 1; !error && n && done < stat.size; done += n) {
        FileBuf buf = {out->data + done, stat.size - done};
        error = memfs_fs.read_at(file, &buf, 1, done, &n);
    }
    return error;
}

foliot_errno_t foliot_memfs_read(foliot_memfs_t *fs, const char *path,
                                 wasm_byte_vec_t *out) {
    FsPath at;
    FsNode file;
    OsError error;
    *out = (wasm_byte_vec_t){0};
    if (!path_begin(fs, path, &at, &error)) return answer(error);
    error = memfs_fs.open(at, &(PathOpen){.read = true, .follow = true}, &file);
    memfs_fs.close(at.dir);
    if (error) return answer(error);
    error = read_all(file, out);
    memfs_fs.close(file);
    if (error) wasm_byte_vec_delete(out);
    return answer(error);
}

bool foliot_wasi_config_preopen_memfs(wasi_config_t *config, foliot_memfs_t *fs,
                                      const char *guest_path, uint32_t flags) {
    Err err = {0};
    if (!config || !fs || !guest_path ||
        !utf8_valid(guest_path, strlen(guest_path)))
        return false;
    void *root = memfs_root(fs->fs);
    if (!root) return false;
    atomic_fetch_add_explicit(&fs->refs, 1, memory_order_relaxed);
    if (!wasi_keep(config->wasi, fs, memfs_unref)) {
        memfs_unref(fs);
        memfs_fs.close((FsNode){.at = root});
        return false;
    }
    return wasi_fs_dir_add(config->wasi, &memfs_fs, root, guest_path,
                           flags & WASI_DIR_ALL, &err);
}
