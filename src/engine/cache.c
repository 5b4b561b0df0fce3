// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/cache.h"

#include "base/alloc.h"
#include "engine/artifact.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/path.h"
#include "os/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Names: 64 digits and ".cwasm"; while they are written ".new-" and 16 digits.
#define SUFFIX    ".cwasm"
#define TEMPORARY ".new-"

// What nobody has written to for so long, nobody will rename.
#define ABANDONED_NS ((uint64_t)3600 * 1000000000)

struct Cache {
    char *dir;
    uint64_t size_max;
    CacheCounts counts;
};

Cache *cache_new(const char *dir, uint64_t size_max) {
    size_t len = strlen(dir) + 1;
    Cache *c = MEM_NEW(Cache);
    char *copy = mem_alloc(len);
    if (!c || !copy) {
        mem_free(c);
        mem_free(copy);
        return NULL;
    }
    memcpy(copy, dir, len);
    c->dir = copy;
    c->size_max = size_max ? size_max : CACHE_SIZE_DEFAULT;
    return c;
}

void cache_free(Cache *c) {
    if (c) mem_free(c->dir);
    mem_free(c);
}

const CacheCounts *cache_counts(const Cache *c) {
    return &c->counts;
}

// Relative directories are to be ignored.
bool cache_default_dir(char *out, size_t size) {
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int len = -1;
    if (base && base[0] == '/')
        len = snprintf(out, size, "%s/foliot", base);
    else if (home && home[0] == '/')
        len = snprintf(out, size, "%s/.cache/foliot", home);
    return len > 0 && (size_t)len < size;
}

static void count(_Atomic uint32_t *counter) {
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

void cache_key(const Engine *e, const uint8_t *bytes, size_t size,
               CacheKey *out) {
    uint8_t hash[BLAKE2_SIZE];
    Blake2 b;
    blake2_init(&b);
    artifact_hash_config(e, &b);
    blake2_add(&b, bytes, size);
    blake2_finish(&b, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(out->name + 2 * i, 3, "%02x", hash[i]);
    memcpy(out->name + 2 * sizeof hash, SUFFIX, sizeof SUFFIX);
}

static PathAt named(int dir, const char *name) {
    return (PathAt){dir, name, strlen(name)};
}

// --- finding -------------------------------------------------------------------------

// Marks an entry as used now; where that is not allowed, it goes earlier.
static void touch(int fd) {
    FileTimes now = {.accessed = FILE_time_now, .modified = FILE_time_now};
    OsError error = file_set_times(fd, now);
    (void)error;
}

static RtModule *load(Engine *e, int dir, const char *name) {
    int fd;
    PathOpen how = {.read = true};
    if (path_open(named(dir, name), &how, &fd)) return NULL;
    Err err = {0};
    RtModule *m = artifact_load_file(e, fd, &err);
    if (m) touch(fd);
    file_close(fd);
    // The name says that it fits, so it is damaged.
    bool is_damaged = !m && err.id != E_out_of_memory;
    OsError error = is_damaged ? path_unlink(named(dir, name)) : OS_ok;
    (void)error;
    return m;
}

RtModule *cache_find(Cache *c, Engine *e, const CacheKey *key) {
    int dir;
    RtModule *m = NULL;
    if (!file_open_host_dir(c->dir, &dir)) {
        m = load(e, dir, key->name);
        file_close(dir);
    }
    count(m ? &c->counts.hits : &c->counts.misses);
    return m;
}

// --- the directory -------------------------------------------------------------------

// Makes the directories of a path one after the other, as far as they are
// missing, and opens the last.
static bool make_dirs(const char *path, int *out) {
    int base;
    if (file_open_host_dir(path[0] == '/' ? "/" : ".", &base)) return false;
    while (*path == '/')
        path++;
    for (size_t len = 1; path[len - 1]; len++) {
        if (path[len] != '/' && path[len]) continue;
        OsError error = path_make_dir((PathAt){base, path, len});
        if (error && error != OS_exist) break;
    }
    PathOpen how = {.read = true, .directory = true, .follow = true};
    OsError error = path_open(named(base, path), &how, out);
    file_close(base);
    return !error;
}

static bool open_dir(const Cache *c, int *out) {
    return !file_open_host_dir(c->dir, out) || make_dirs(c->dir, out);
}

typedef struct Entry {
    char name[sizeof((CacheKey *)0)->name];
    uint64_t used, size;
} Entry;

static bool ends_with(const DirEntry *e, const char *suffix) {
    size_t len = strlen(suffix);
    return e->name_size > len && e->name_size < sizeof((Entry *)0)->name &&
           !strcmp(e->name + e->name_size - len, suffix);
}

static bool is_temporary(const DirEntry *e) {
    return !strncmp(e->name, TEMPORARY, sizeof TEMPORARY - 1);
}

static void drop_abandoned(int dir, const DirEntry *e) {
    FileStat stat;
    uint64_t now;
    if (path_stat(named(dir, e->name), false, &stat) ||
        !clock_read(CLOCK_wall, &now))
        return;
    bool is_old = now > stat.modified && now - stat.modified > ABANDONED_NS;
    OsError error = is_old ? path_unlink(named(dir, e->name)) : OS_ok;
    (void)error;
}

// Entries and how much they take, without what was abandoned.
typedef struct Listing {
    List(Entry) entries;
    uint64_t size;
} Listing;

static bool add_entry(int dir, const DirEntry *e, Listing *out) {
    FileStat stat;
    Entry entry = {0};
    if (path_stat(named(dir, e->name), false, &stat)) return true; // is gone
    memcpy(entry.name, e->name, e->name_size);
    entry.used = stat.modified;
    entry.size = stat.size;
    out->size += stat.size;
    return LIST_PUSH(&out->entries, entry);
}

static bool list(int dir, Listing *out) {
    DirReader *reader = MEM_NEW(DirReader);
    if (!reader) return false;
    reader->fd = dir;
    bool ok = true;
    DirEntry e;
    for (uint64_t at = DIR_START; ok; at = e.next) {
        if (dir_read(reader, at, &e) || !e.name) break;
        if (is_temporary(&e))
            drop_abandoned(dir, &e);
        else if (ends_with(&e, SUFFIX))
            ok = add_entry(dir, &e, out);
    }
    mem_free(reader);
    return ok;
}

// Drops what was used longest ago until the rest is within the limit. Entries
// are few: they have megabytes.
static void tidy(Cache *c, int dir) {
    Listing l = {0};
    bool ok = list(dir, &l);
    while (ok && l.size > c->size_max && l.entries.len) {
        uint32_t oldest = 0;
        for (uint32_t i = 1; i < l.entries.len; i++)
            if (l.entries.data[i].used < l.entries.data[oldest].used)
                oldest = i;
        const Entry *e = &l.entries.data[oldest];
        l.size -= e->size;
        if (!path_unlink(named(dir, e->name))) count(&c->counts.evicted);
        l.entries.data[oldest] = VEC_POP(&l.entries);
    }
    LIST_RELEASE(&l.entries);
}

// --- writing -------------------------------------------------------------------------

static bool write_bytes(void *env, const void *bytes, size_t size) {
    const int *fd = env;
    union {
        const void *from;
        char *at; // writing does not change what is there
    } data = {bytes};
    while (size) {
        FileBuf buf = {data.at, size};
        size_t done = 0;
        if (file_write(*fd, &buf, 1, &done)) return false;
        data.at += done;
        size -= done;
    }
    return true;
}

static bool emit(RtModule *m, int fd) {
    Arena arena;
    ArenaGuard guard;
    Err err = {0};
    volatile bool ok = false;
    arena_init(&arena, m->engine->config.limits.compile_memory);
    if (ARENA_GUARD(&arena, &guard))
        ok = artifact_emit(m, &arena, (ArtifactSink){write_bytes, &fd}, &err);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return ok;
}

// On the medium before it has its name, and read back: a host that loses power,
// or a medium that is full, leaves no entry that is not whole.
static bool is_whole(int fd) {
    Err err = {0};
    return !file_sync_data(fd) && artifact_verify_file(fd, &err);
}

static bool write_entry(RtModule *m, int dir, const char *temporary,
                        const char *name) {
    int fd;
    PathOpen how = {
        .read = true, .write = true, .create = true, .exclusive = true};
    if (path_open(named(dir, temporary), &how, &fd)) return false;
    bool ok = emit(m, fd) && is_whole(fd);
    file_close(fd);
    ok = ok && !path_rename(named(dir, temporary), named(dir, name));
    OsError error = ok ? OS_ok : path_unlink(named(dir, temporary));
    (void)error;
    return ok;
}

void cache_add(Cache *c, RtModule *m, const CacheKey *key) {
    int dir;
    uint64_t number;
    char temporary[sizeof TEMPORARY + 16];
    if (!random_fill(&number, sizeof number) || !open_dir(c, &dir)) return;
    snprintf(temporary, sizeof temporary, TEMPORARY "%016llx",
             (unsigned long long)number);
    if (write_entry(m, dir, temporary, key->name)) {
        count(&c->counts.written);
        tidy(c, dir);
    }
    file_close(dir);
}
