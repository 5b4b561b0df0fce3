// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nodes, what they hold and cost, and the names in a directory.
#include "base/alloc.h"
#include "base/hash.h"
#include "os/clock.h"
#include "wasi/limit.h"
#include "wasi/memfs_int.h"

uint64_t mem_time(void) {
    uint64_t now;
    return clock_read(CLOCK_wall, &now) ? now : 0;
}

// --- what it costs -----------------------------------------------------------

static OsError charge(MemFs *fs, uint64_t bytes) {
    if (bytes > fs->size_max - fs->size) return OS_nospc;
    fs->size += bytes;
    return OS_ok;
}

// On failure nothing has changed.
static OsError move_room(MemFs *fs, void **data, uint64_t old, uint64_t room) {
    if (room > old) {
        OsError error = charge(fs, room - old);
        if (error) return error;
    }
    void *moved = room ? mem_realloc(*data, (size_t)old, (size_t)room) : NULL;
    if (room && !moved) {
        if (room > old) fs->size -= room - old;
        return OS_nomem;
    }
    if (!room) mem_free(*data);
    if (room < old) fs->size -= old - room;
    *data = moved;
    return OS_ok;
}

// --- nodes -------------------------------------------------------------------

MemNode *mem_node_new(MemFs *fs, FileType type, OsError *error) {
    *error = charge(fs, sizeof(MemNode));
    if (*error) return NULL;
    MemNode *n = MEM_NEW(MemNode);
    if (!n) {
        fs->size -= sizeof(MemNode);
        *error = OS_nomem;
        return NULL;
    }
    uint64_t now = mem_time();
    *n = (MemNode){
        .fs = fs,
        .after = fs->nodes,
        .type = type,
        .number = ++fs->next_number,
        .accessed = now,
        .modified = now,
        .changed = now,
    };
    if (n->after) n->after->before = n;
    fs->nodes = n;
    return n;
}

// The name of an entry, and the room for its bytes in the charge.
static void release_name(MemFs *fs, MemEntry *e) {
    fs->size -= e->name_size;
    mem_free(e->name);
    *e = (MemEntry){.cookie = e->cookie};
}

static void free_node(MemNode *n) {
    MemFs *fs = n->fs;
    for (uint32_t i = 0; i < n->len; i++)
        release_name(fs, &n->entries[i]);
    fs->size -= sizeof(MemNode) + n->room + n->cap * sizeof(MemEntry) +
                n->names_charged;
    map_release(&n->names);
    if (n->before) n->before->after = n->after;
    if (n->after) n->after->before = n->before;
    if (fs->nodes == n) fs->nodes = n->after;
    mem_free(n->entries);
    mem_free(n->bytes);
    mem_free(n);
}

void mem_node_drop(MemNode *n) {
    if (n->links == 0 && n->opens == 0) free_node(n);
}

// Growing doubles the room while that can be had; a file that has become much
// smaller gives it back, if it can.
static OsError find_room(MemNode *n, uint64_t size) {
    void *bytes = n->bytes;
    OsError error = OS_ok;
    uint64_t room = n->room;
    if (size > room) {
        room = MAX(size, 2 * n->room);
        error = move_room(n->fs, &bytes, n->room, room);
        if (error && room > size) {
            room = size;
            error = move_room(n->fs, &bytes, n->room, room);
        }
    } else if (size < room / 4) {
        if (!move_room(n->fs, &bytes, room, size)) room = size;
    }
    n->bytes = bytes;
    if (!error) n->room = room;
    return error;
}

OsError mem_node_resize(MemNode *n, uint64_t size) {
    if (size > n->fs->size_max) return OS_nospc;
    OsError error = find_room(n, size);
    if (error) return error;
    if (size > n->size) memset(n->bytes + n->size, 0, (size_t)(size - n->size));
    n->size = size;
    n->modified = n->changed = mem_time();
    return OS_ok;
}

// --- names -------------------------------------------------------------------

enum {
    FEW_NAMES = 8, // that are looked through one after the other
};

static uint64_t hash_of(Str name) {
    return hash_bytes(name.data, name.len);
}

static Str name_of(const MemEntry *e) {
    return (Str){e->name, e->name_size};
}

// MapEq: gaps stay in the map.
static bool is_named(const void *env, uint32_t i, const void *name,
                     size_t size) {
    const MemNode *dir = env;
    const MemEntry *e = &dir->entries[i];
    return i < dir->len && e->node &&
           str_eq(name_of(e), (Str){name, (uint32_t)size});
}

MemEntry *mem_find(const MemNode *dir, Str name) {
    if (dir->names.cap) {
        uint32_t i = map_find(&dir->names, hash_of(name), is_named, dir,
                              name.data, name.len);
        return i == MAP_NONE ? NULL : &dir->entries[i];
    }
    for (uint32_t i = 0; i < dir->len; i++)
        if (is_named(dir, i, name.data, name.len)) return &dir->entries[i];
    return NULL;
}

// The map grows by itself, and is paid for before the next name is added.
static OsError pay_for_names(MemNode *dir) {
    uint64_t cost = (uint64_t)dir->names.cap * sizeof(MapEntry);
    OsError error = charge(dir->fs, cost - dir->names_charged);
    if (!error) dir->names_charged = cost;
    return error;
}

static bool index_all(MemNode *dir) {
    for (uint32_t i = 0; i < dir->len; i++)
        if (!map_add(&dir->names, hash_of(name_of(&dir->entries[i])), i))
            return false;
    return true;
}

// The entry that will be the next one, under its name.
static OsError index_next(MemNode *dir, Str name) {
    bool is_first = dir->names.cap == 0;
    if (is_first && dir->len < FEW_NAMES) return OS_ok;
    if ((is_first && !index_all(dir)) ||
        !map_add(&dir->names, hash_of(name), dir->len)) {
        // Half a map would hide names.
        if (is_first) map_release(&dir->names);
        return OS_nomem;
    }
    return OS_ok;
}

// A map that is there is kept, however few entries are left.
static void close_gaps(MemNode *dir) {
    uint32_t len = 0;
    for (uint32_t i = 0; i < dir->len; i++)
        if (dir->entries[i].node) dir->entries[len++] = dir->entries[i];
    dir->len = len;
    dir->gaps = 0;
    if (!dir->names.cap) return;
    map_reset(&dir->names);
    bool ok = index_all(dir); // fewer than were in it
    CHECK(ok);
}

static OsError reserve_entry(MemNode *dir) {
    if (dir->len < dir->cap) return OS_ok;
    if (dir->len >= MEMFS_ENTRIES_MAX) return OS_nospc;
    uint32_t cap = dir->cap ? dir->cap * 2 : 4;
    void *entries = dir->entries;
    OsError error = move_room(dir->fs, &entries, dir->cap * sizeof(MemEntry),
                              cap * sizeof(MemEntry));
    if (error) return error;
    dir->entries = entries;
    dir->cap = cap;
    return OS_ok;
}

OsError mem_add(MemNode *dir, Str name, MemNode *node) {
    if (!dir->parent) return OS_noent; // it has been removed
    if (node->links == UINT32_MAX) return OS_mlink;
    OsError error = pay_for_names(dir);
    if (!error) error = reserve_entry(dir);
    void *copy = NULL;
    if (!error) error = move_room(dir->fs, &copy, 0, name.len);
    if (error) return error;
    memcpy(copy, name.data, name.len);
    MemEntry e = {
        .cookie = dir->fs->next_cookie,
        .name = copy,
        .name_size = name.len,
        .node = node,
    };
    error = index_next(dir, name);
    if (error) {
        release_name(dir->fs, &e);
        return error;
    }
    dir->fs->next_cookie++;
    dir->entries[dir->len++] = e;
    node->links++;
    if (node->type == FILE_directory) node->parent = dir;
    dir->modified = dir->changed = node->changed = mem_time();
    return OS_ok;
}

static void lose_name(MemNode *n) {
    n->links--;
    if (n->type == FILE_directory && n->links == 0) n->parent = NULL;
    n->changed = mem_time();
    mem_node_drop(n);
}

void mem_remove(MemNode *dir, MemEntry *entry) {
    MemNode *node = entry->node;
    release_name(dir->fs, entry);
    dir->gaps++;
    if (dir->gaps > dir->len / 2) close_gaps(dir);
    dir->modified = dir->changed = mem_time();
    lose_name(node);
}

void mem_replace(MemNode *dir, MemEntry *entry, MemNode *node) {
    MemNode *old = entry->node;
    entry->node = node;
    node->links++;
    if (node->type == FILE_directory) node->parent = dir;
    dir->modified = dir->changed = node->changed = mem_time();
    lose_name(old);
}

// --- life --------------------------------------------------------------------

MemFs *memfs_new(uint64_t size_max) {
    // Devices of the host have smaller numbers; none has two file systems.
    static _Atomic uint64_t devices = UINT64_C(1) << 62;
    MemFs *fs = MEM_NEW(MemFs);
    if (!fs) return NULL;
    size_max = MIN(size_max, MEMFS_SIZE_MAX);
    *fs = (MemFs){
        .device = devices++,
        .next_cookie = COOKIE_first,
        .size_max = MAX(size_max, sizeof(MemNode)), // that of the root
    };
    OsError error;
    fs->root = mem_node_new(fs, FILE_directory, &error);
    if (!fs->root) {
        mem_free(fs);
        return NULL;
    }
    fs->root->parent = fs->root;
    fs->root->links = 1;
    return fs;
}

void memfs_free(MemFs *fs) {
    if (!fs) return;
    for (MemNode *n = fs->nodes; n; n = fs->nodes) {
        assert(n->opens == 0);
        free_node(n);
    }
    mem_free(fs);
}

uint64_t memfs_size(const MemFs *fs) {
    return fs->size;
}
