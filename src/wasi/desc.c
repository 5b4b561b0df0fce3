// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasi/desc.h"

#include "base/alloc.h"
#include "wasi/limit.h"

// --- rights ------------------------------------------------------------------

Rights rights_granted(uint32_t allowed) {
    Rights r = 0;
#define RIGHT(name, bit, kinds, granted) \
    if (((granted) & ~allowed) == 0) r |= RIGHT_##name;
#include "wasi/rights.def"
    return r;
}

Rights rights_of_kind(DescKind kind) {
    enum {
        F = 1,
        D = 2,
        S = 4
    };
    static const uint8_t letter[] = {
        [DESC_free] = 0,   [DESC_file] = F,   [DESC_directory] = D,
        [DESC_socket] = S, [DESC_stream] = F,
    };
    Rights r = 0;
#define RIGHT(name, bit, kinds, granted) \
    if ((kinds) & letter[kind]) r |= RIGHT_##name;
#include "wasi/rights.def"
    return r;
}

// --- making them -------------------------------------------------------------

// Reading the others never waits for anybody.
static bool type_may_block(FileType type) {
    switch (type) {
    case FILE_regular:
    case FILE_directory:
    case FILE_symlink:
    case FILE_block_device:
        return false;
    case FILE_unknown:
    case FILE_character_device:
    case FILE_pipe:
    case FILE_socket_stream:
    case FILE_socket_datagram:
        return true;
    }
    return true;
}

// Only the host has sockets that are more than their type.
static DescKind kind_of_type(const WasiFs *fs, FileType type) {
    if (type == FILE_directory) return DESC_directory;
    bool is_socket = type == FILE_socket_stream || type == FILE_socket_datagram;
    return is_socket && fs == &host_fs ? DESC_socket : DESC_file;
}

// What cannot be because of how the host opened it is not in the rights
// either; isatty() of C libraries looks for a terminal that cannot seek.
static Rights rights_lost(const Desc *d) {
    Rights lost = 0;
    if (!d->can_read) lost |= RIGHT_fd_read;
    if (!d->can_write)
        lost |= RIGHT_fd_write | RIGHT_fd_allocate | RIGHT_fd_filestat_set_size;
    if (d->is_terminal) lost |= RIGHT_fd_seek | RIGHT_fd_tell;
    if (d->kind == DESC_directory && !(d->allowed & WASI_DIR_WRITE))
        lost |= RIGHT_fd_filestat_set_times;
    return lost;
}

static Errno look_at(Desc *d) {
    FileStat stat;
    FileMode mode;
    OsError error = d->fs->stat(d->node, &stat);
    if (!error) error = d->fs->mode(d->node, &mode);
    if (error) return errno_of_os(error);
    d->kind = kind_of_type(d->fs, stat.type);
    d->type = stat.type;
    d->fd = d->fs->wait_fd(d->node);
    d->is_terminal = stat.type == FILE_character_device && d->fd >= 0 &&
                     file_is_terminal(d->fd);
    d->may_block = type_may_block(stat.type) && d->fd >= 0;
    d->can_read = mode.read;
    d->can_write = mode.write;
    Rights granted = rights_granted(d->allowed);
    d->base = granted & rights_of_kind(d->kind) & ~rights_lost(d);
    d->inheriting = d->kind == DESC_directory ? granted : 0;
    return ERRNO_success;
}

Errno desc_of_node(Desc *d, const WasiFs *fs, FsNode node, uint32_t allowed) {
    *d = (Desc){.fs = fs, .node = node, .owned = true, .allowed = allowed};
    return look_at(d);
}

Errno desc_of_fd(Desc *d, int fd, bool owned, uint32_t allowed) {
    *d = (Desc){.fs = &host_fs, .owned = owned, .allowed = allowed};
    d->node.fd = fd;
    return look_at(d);
}

void desc_of_stream(Desc *d, const WasiStream *stream, uint32_t which) {
    *d = (Desc){
        .kind = DESC_stream,
        .type = stream->is_terminal ? FILE_character_device : FILE_unknown,
        .fd = stream->fd,
        .is_terminal = stream->is_terminal,
        .may_block = stream->fd >= 0,
        .can_read = which == 0,
        .can_write = which != 0,
        .allowed = WASI_DIR_ALL,
        .stream = *stream,
    };
    d->base = rights_of_kind(DESC_stream) & ~rights_lost(d);
}

void desc_release(Desc *d) {
    if (d->owned) d->fs->close(d->node);
    if (d->kind == DESC_stream && d->stream.close)
        d->stream.close(d->stream.env);
    mem_free(d->reader);
    mem_free(d->preopen);
    *d = (Desc){.kind = DESC_free};
}

// --- what they cost ----------------------------------------------------------

// Descriptors that an earlier store made stay, for nothing.
void desc_table_bind(DescTable *t, const Store *s) {
    if (t->store_id == s->id) return;
    t->store_id = s->id;
    t->charged = 0;
}

static bool charge(DescTable *t, Store *s, uint64_t bytes) {
    if (!s) return true;
    if (!store_charge(s, bytes)) return false;
    t->charged += bytes;
    return true;
}

static void discharge(DescTable *t, Store *s, const Desc *d) {
    if (!s || d->store_id != s->id || t->store_id != s->id) return;
    uint64_t bytes = sizeof(Desc) + (d->reader ? d->fs->reader_size : 0);
    bytes = MIN(bytes, t->charged);
    store_discharge(s, bytes);
    t->charged -= bytes;
}

// --- the table ---------------------------------------------------------------

void desc_table_release(DescTable *t) {
    for (uint32_t i = 0; i < t->list.len; i++)
        desc_release(&t->list.data[i]);
    LIST_RELEASE(&t->list);
}

Desc *desc_at(DescTable *t, uint32_t fd) {
    if (fd >= t->list.len) return NULL;
    Desc *d = &t->list.data[fd];
    return d->kind == DESC_free ? NULL : d;
}

static Errno claim(DescTable *t, uint32_t from, uint32_t *fd) {
    uint32_t i = from;
    while (i < t->list.len && t->list.data[i].kind != DESC_free)
        i++;
    if (i >= WASI_FDS_MAX) return ERRNO_mfile;
    while (t->list.len <= i)
        if (!LIST_PUSH(&t->list, ((Desc){.kind = DESC_free})))
            return ERRNO_nomem;
    *fd = i;
    return ERRNO_success;
}

Errno desc_add(DescTable *t, Store *s, Desc *d, uint32_t from, uint32_t *fd) {
    uint32_t at = 0;
    Errno e = claim(t, from, &at);
    if (!e && !charge(t, s, sizeof(Desc))) e = ERRNO_nomem;
    if (e) {
        desc_release(d);
        return e;
    }
    d->store_id = s ? s->id : 0;
    t->list.data[at] = *d;
    *fd = at;
    return ERRNO_success;
}

// The slot is empty before the embedder's code runs.
void desc_close(DescTable *t, Store *s, uint32_t fd) {
    Desc gone = t->list.data[fd];
    t->list.data[fd] = (Desc){.kind = DESC_free};
    discharge(t, s, &gone);
    desc_release(&gone);
}

void desc_move(DescTable *t, Store *s, uint32_t from, uint32_t to) {
    if (from == to) return;
    Desc gone = t->list.data[to];
    t->list.data[to] = t->list.data[from];
    t->list.data[from] = (Desc){.kind = DESC_free};
    discharge(t, s, &gone);
    desc_release(&gone);
}

void *desc_reader(DescTable *t, Store *s, Desc *d) {
    if (d->reader) return d->reader;
    size_t size = d->fs->reader_size;
    bool is_charged = d->store_id == s->id;
    if (is_charged && !charge(t, s, size)) return NULL;
    d->reader = mem_calloc(1, size);
    if (!d->reader && is_charged) {
        store_discharge(s, size);
        t->charged -= size;
    }
    return d->reader;
}
