// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading directories, entry by entry, from any cookie.
//
// A cookie is the position that the file system itself gives an entry: the
// directory formats of Linux keep it valid while other entries come and go
// (NFS depends on it), so nothing has to be remembered per directory but one
// buffer. Reading on from the cookie of the entry returned last never seeks,
// so the usual loop that removes entries as it goes is exact on every file
// system; a jump is exact where positions are stable, which today is
// everywhere but on in-memory file systems of kernels before 6.6.
//
// An entry that is there from the first read to the last is returned once; of
// those made or removed meanwhile nothing is promised.
#pragma once

#include "base/defs.h"
#include "os/error.h"
#include "os/file.h"

#define DIR_START UINT64_C(0) // the cookie of the first entry

// Zero with `fd` set is a reader at the start. Nobody else reads or seeks the
// descriptor meanwhile. Nothing to release; `fd` belongs to the caller.
typedef struct DirReader {
    int fd;
    uint32_t at, len; // in the buffer
    uint64_t start;   // cookie of the buffer's first entry
    uint64_t next;    // cookie of the entry at `at`
    _Alignas(8) uint8_t buffer[4096];
} DirReader;

typedef struct DirEntry {
    const char *name; // until the next read; ends with a NUL
    size_t name_size;
    uint64_t inode; // that of ".." is the directory's own: no peeking out
    uint64_t next;  // cookie of the entry after this one
    FileType type;
} DirEntry;

// The entry at `cookie`, which is DIR_START or another entry's `next`. At the
// end OS_ok with a NULL name.
NODISCARD OsError dir_read(DirReader *reader, uint64_t cookie, DirEntry *entry);
