// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading directories.
#include "wasi/p1/p1_int.h"

// A cursor over the guest's buffer; what does not fit is dropped.
typedef struct Out {
    Guest to;
    uint32_t at;
} Out;

static void put(Out *o, const void *bytes, size_t size) {
    uint32_t fits = (uint32_t)MIN(size, o->to.size - o->at);
    guest_write(o->to, o->at, bytes, fits);
    o->at += fits;
}

// dirent:  0 cookie of the next   8 inode   16 size of the name   20 type
// and then, unaligned, the name.
static void put_entry(Out *o, const DirEntry *e) {
    uint64_t header[3] = {
        e->next,
        e->inode,
        (uint32_t)e->name_size | (uint64_t)p1_filetype(e->type) << 32,
    };
    put(o, header, sizeof header);
    put(o, e->name, e->name_size);
}

// The last entry may be cut; a guest sees by a full buffer that there is more.
Errno p1_fd_readdir(P1Call *c) {
    uint64_t cookie = p1_u64(c, 3);
    Desc *d = NULL;
    Guest out = {0};
    Out o = {.at = 0};
    Errno e = p1_dir(c, 0, RIGHT_fd_readdir, &d);
    if (!e) e = p1_slice(c, 4, 4, &out);
    if (!e) e = p1_slice(c, 1, p1_u32(c, 2), &o.to);
    if (e) return e;
    void *reader = desc_reader(&c->wasi->descs, c->store, d);
    if (!reader) return ERRNO_nomem;
    while (o.at < o.to.size) {
        DirEntry entry;
        e = errno_of_os(d->fs->read_dir(d->node, reader, cookie, &entry));
        if (e) return e;
        if (!entry.name) break;
        put_entry(&o, &entry);
        cookie = entry.next;
    }
    guest_write_u32(out, 0, o.at);
    return ERRNO_success;
}
