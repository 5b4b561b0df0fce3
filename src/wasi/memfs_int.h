// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inside of a file system in memory: nodes and names (memfs_node.c), paths and
// what is done by handle (memfs.c).
//
// A node lives while it has a name or a handle. All are in one list, so that
// no depth of directories matters when everything goes.
#pragma once

#include "base/map.h"
#include "base/str.h"
#include "wasi/memfs.h"

typedef struct MemNode MemNode;

// Entries are in the order of their cookies, which are never used twice. One
// that was removed stays as a gap, without a node, so that no other one moves;
// when more than half are gaps, all go at once.
typedef struct MemEntry {
    uint64_t cookie;
    char *name; // owned, no NUL needed
    uint32_t name_size;
    MemNode *node; // NULL: a gap
} MemEntry;

struct MemNode {
    MemFs *fs;
    MemNode *before, *after; // in the list of all
    FileType type;           // regular, directory, symlink
    uint64_t number;
    uint32_t links; // names; the root has one
    uint32_t opens; // handles
    uint64_t accessed, modified, changed;

    // What a file or link says. Bytes from `size` on are anything.
    uint8_t *bytes;
    uint64_t size, room;

    MemNode *parent; // of a directory; itself: the root; NULL: removed
    MemEntry *entries;
    uint32_t len, cap, gaps;
    Map names; // of a directory with more than a few: hash -> entry
    uint64_t names_charged;
};

struct MemFs {
    MemNode *root, *nodes;
    uint64_t device, next_number, next_cookie;
    uint64_t size, size_max;
};

// Zero and one are `.` and `..`.
enum {
    COOKIE_first = 2
};

uint64_t mem_time(void);

// Without a name yet; NULL on failure with *error.
MemNode *mem_node_new(MemFs *fs, FileType type, OsError *error);
// Lets go of it if it has neither name nor handle.
void mem_node_drop(MemNode *n);
// Makes it `size` bytes, new ones zero.
OsError mem_node_resize(MemNode *n, uint64_t size);

static inline uint32_t mem_dir_len(const MemNode *dir) {
    return dir->len - dir->gaps;
}
MemEntry *mem_find(const MemNode *dir, Str name); // NULL: none
// The node gets one more name. On failure nothing has changed.
OsError mem_add(MemNode *dir, Str name, MemNode *node);
// The node has one name less and may be gone.
void mem_remove(MemNode *dir, MemEntry *entry);
// The entry names another node; the one before may be gone.
void mem_replace(MemNode *dir, MemEntry *entry, MemNode *node);
