// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A file system in memory: files, directories, hard and symbolic links.
//
// It starts as one empty directory. What is in it is reached through handles,
// by the functions of memfs_fs: that is how a guest sees it, once it has been
// given a handle of the root, and how its owner fills and reads it.
//
//     MemFs *fs = memfs_new(1 << 20);
//     void *root = memfs_root(fs);
//     ok = root && wasi_fs_dir_add(w, &memfs_fs, root, "/tmp", ...);
//
// Several programs may share one, all on one thread at a time. Modes and
// advice are taken and mean nothing, but for `append`; times are the host's.
#pragma once

#include "wasi/fs.h"

typedef struct MemFs MemFs;

// Holds at most `size_max` bytes (and at most MEMFS_SIZE_MAX): contents, names
// and what it needs to find them. What goes beyond is OS_nospc. NULL: out of
// memory.
NODISCARD MemFs *memfs_new(uint64_t size_max);
void memfs_free(MemFs *fs);           // NULL is fine; all handles are closed
uint64_t memfs_size(const MemFs *fs); // bytes held now

// A new handle of the root, to be closed; NULL: out of memory.
NODISCARD void *memfs_root(MemFs *fs);

extern const WasiFs memfs_fs;
