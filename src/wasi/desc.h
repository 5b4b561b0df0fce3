// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of a guest's descriptors.
//
// Pointers to a Desc are valid until the next desc_add or call of anything
// that may run guest or embedder code. Nothing in a C frame owns a descriptor,
// so a guest may close one that it is waiting for.
#pragma once

#include "base/vec.h"
#include "wasi/code.h"
#include "wasi/fs.h"
#include "wasi/wasi.h"

typedef enum Right {
#define RIGHT(name, bit, kinds, granted) RIGHT_##name = 1 << (bit),
#include "wasi/rights.def"
} Right;

typedef uint64_t Rights; // a set of them, and bits that nobody knows

typedef enum DescKind {
    DESC_free,
    DESC_file, // of a file system: file, pipe, terminal, device
    DESC_directory,
    DESC_socket, // of the host
    DESC_stream, // the embedder's
} DescKind;

typedef struct Desc {
    DescKind kind;
    FileType type;
    const WasiFs *fs; // of `node`; NULL: a stream
    FsNode node;
    bool owned; // the node is to be closed
    int fd;     // a socket, or the host's to wait on for it; -1: always ready
    bool is_terminal;
    bool nonblock;  // the guest asked for it; see io.c
    bool may_block; // wait before reading or writing
    bool can_read, can_write;
    uint32_t allowed; // WasiDirFlags
    Rights base, inheriting;
    uint64_t store_id;  // whom its memory is charged to; 0: nobody
    char *preopen;      // a preopened directory's name; owned, or NULL
    uint32_t name_size; // of it
    void *reader;       // of a directory, fs->reader_size; made when needed
    WasiStream stream;
} Desc;

typedef struct DescTable {
    List(Desc) list;
    uint64_t store_id; // the store that new ones are charged to, and ...
    uint64_t charged;  // ... how much; see desc_table_bind
} DescTable;

void desc_table_release(DescTable *t);
// From now on charges go to this store.
void desc_table_bind(DescTable *t, const Store *s);

// NULL: not open.
Desc *desc_at(DescTable *t, uint32_t fd);
// Takes over what `d` owns, and gives it the lowest free number, at least
// `from`. On failure `d` has been released. Store NULL: charge nobody.
NODISCARD Errno desc_add(DescTable *t, Store *s, Desc *d, uint32_t from,
                         uint32_t *fd);
void desc_close(DescTable *t, Store *s, uint32_t fd); // must be open
// Moves `from` to `to`, which is closed before; both are open.
void desc_move(DescTable *t, Store *s, uint32_t from, uint32_t to);
// The directory's reader; NULL: no memory, or over the store's limit.
void *desc_reader(DescTable *t, Store *s, Desc *d);
// Closes what a Desc outside of the table owns.
void desc_release(Desc *d);

// All rights that `allowed` gives.
Rights rights_granted(uint32_t allowed);
// All that mean something to such a descriptor.
Rights rights_of_kind(DescKind kind);

// A node as a file or directory, with all rights that `allowed` gives to one.
// Fails when it cannot be looked at; what is owned is then still to be
// released.
NODISCARD Errno desc_of_node(Desc *d, const WasiFs *fs, FsNode node,
                             uint32_t allowed);
// The same for a descriptor of the host, which may be a socket too.
NODISCARD Errno desc_of_fd(Desc *d, int fd, bool owned, uint32_t allowed);
void desc_of_stream(Desc *d, const WasiStream *stream, uint32_t which);
