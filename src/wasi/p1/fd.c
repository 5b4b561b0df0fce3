// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Descriptors: what they are, and all but moving bytes.
#include "wasi/p1/p1_int.h"

Errno p1_desc(const P1Call *c, unsigned arg, Rights need, Desc **out) {
    Desc *d = desc_at(&c->wasi->descs, p1_u32(c, arg));
    if (!d) return ERRNO_badf;
    if (need & ~d->base) return ERRNO_notcapable;
    *out = d;
    return ERRNO_success;
}

Errno p1_file(const P1Call *c, unsigned arg, Rights need, Desc **out) {
    const Desc *d = desc_at(&c->wasi->descs, p1_u32(c, arg));
    if (!d || d->kind == DESC_directory) return ERRNO_badf;
    return p1_desc(c, arg, need, out);
}

Errno p1_dir(const P1Call *c, unsigned arg, Rights need, Desc **out) {
    const Desc *d = desc_at(&c->wasi->descs, p1_u32(c, arg));
    if (d && d->kind != DESC_directory) return ERRNO_notdir;
    return p1_desc(c, arg, need, out);
}

// --- opening, closing, numbers -----------------------------------------------

Errno p1_fd_close(P1Call *c) {
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, 0, &d);
    if (!e) desc_close(&c->wasi->descs, c->store, p1_u32(c, 0));
    return e;
}

Errno p1_fd_renumber(P1Call *c) {
    Desc *from = NULL, *to = NULL;
    Errno e = p1_desc(c, 0, 0, &from);
    if (!e) e = p1_desc(c, 1, 0, &to);
    if (e) return e;
    desc_move(&c->wasi->descs, c->store, p1_u32(c, 0), p1_u32(c, 1));
    return ERRNO_success;
}

// --- preopened directories ---------------------------------------------------

static Errno preopen(const P1Call *c, Desc **out) {
    Errno e = p1_desc(c, 0, 0, out);
    if (!e && !(*out)->preopen) e = ERRNO_badf;
    return e;
}

// prestat:  0 kind, a directory is 0   4 size of the name
Errno p1_fd_prestat_get(P1Call *c) {
    Desc *d = NULL;
    Guest out = {0};
    Errno e = preopen(c, &d);
    if (!e) e = p1_slice(c, 1, 8, &out);
    if (e) return e;
    guest_write_u32(out, 0, 0);
    guest_write_u32(out, 4, d->name_size);
    return ERRNO_success;
}

Errno p1_fd_prestat_dir_name(P1Call *c) {
    Desc *d = NULL;
    Guest out = {0};
    Errno e = preopen(c, &d);
    if (!e && p1_u32(c, 2) < d->name_size) e = ERRNO_nametoolong;
    if (!e) e = p1_slice(c, 1, d->name_size, &out);
    if (!e) guest_write(out, 0, d->preopen, d->name_size);
    return e;
}

// --- flags and rights --------------------------------------------------------

uint8_t p1_filetype(FileType type) {
    static const uint8_t number[] = {
        [FILE_unknown] = 0,
        [FILE_block_device] = 1,
        [FILE_character_device] = 2,
        [FILE_directory] = 3,
        [FILE_regular] = 4,
        [FILE_socket_datagram] = 5,
        [FILE_socket_stream] = 6,
        [FILE_symlink] = 7,
        [FILE_pipe] = 0, // WASI has no word for it
    };
    return number[type];
}

// Waiting or not is a matter of the guest's own, see io.c.
static Errno flags_of(const Desc *d, uint32_t *flags) {
    FileMode mode = {0};
    OsError error = OS_ok;
    if (d->kind != DESC_stream) error = d->fs->mode(d->node, &mode);
    *flags = (mode.append ? FDFLAG_append : 0u) |
             (mode.datasync ? FDFLAG_dsync : 0u) |
             (mode.readsync ? FDFLAG_rsync : 0u) |
             (mode.sync ? FDFLAG_sync : 0u) |
             (d->nonblock ? FDFLAG_nonblock : 0u);
    return errno_of_os(error);
}

// fdstat:  0 type   2 flags   8 rights   16 rights to inherit
Errno p1_fd_fdstat_get(P1Call *c) {
    enum {
        SIZE = 24
    };
    Desc *d = NULL;
    Guest out = {0};
    uint32_t flags = 0;
    Errno e = p1_desc(c, 0, 0, &d);
    if (!e) e = p1_slice(c, 1, SIZE, &out);
    if (!e) e = flags_of(d, &flags);
    if (e) return e;
    guest_write_u64(out, 0, p1_filetype(d->type) | flags << 16);
    guest_write_u64(out, 8, d->base);
    guest_write_u64(out, 16, d->inheriting);
    return ERRNO_success;
}

// The host's mode of what was inherited belongs to others too.
static Errno set_append(const Desc *d, bool append) {
    if (d->kind == DESC_stream || !d->owned) return ERRNO_notsup;
    FileMode mode;
    OsError error = d->fs->mode(d->node, &mode);
    if (!error) {
        mode.append = append;
        error = d->fs->set_mode(d->node, mode);
    }
    return errno_of_os(error);
}

Errno p1_fd_fdstat_set_flags(P1Call *c) {
    uint32_t flags = p1_u32(c, 1);
    uint32_t now = 0;
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, RIGHT_fd_fdstat_set_flags, &d);
    if (!e && (flags & ~(uint32_t)FDFLAGS_ALL)) e = ERRNO_inval;
    if (!e) e = flags_of(d, &now);
    if (e) return e;
    uint32_t changed = flags ^ now;
    if (changed & (FDFLAG_dsync | FDFLAG_rsync | FDFLAG_sync))
        return ERRNO_notsup;
    if (changed & FDFLAG_append) e = set_append(d, flags & FDFLAG_append);
    if (!e) d->nonblock = flags & FDFLAG_nonblock;
    return e;
}

// Rights can only be dropped.
Errno p1_fd_fdstat_set_rights(P1Call *c) {
    Rights base = p1_u64(c, 1), inheriting = p1_u64(c, 2);
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, 0, &d);
    if (!e && ((base & ~d->base) || (inheriting & ~d->inheriting)))
        e = ERRNO_notcapable;
    if (e) return e;
    d->base = base;
    d->inheriting = inheriting;
    return ERRNO_success;
}

// --- attributes --------------------------------------------------------------

// filestat:  device   inode   type   links   size   accessed   modified
// changed, 8 bytes each. In wasi_unstable links are the upper half of the
// type's word.
enum {
    FILESTAT_WORDS = 8
};

void p1_put_filestat(const P1Call *c, Guest out, const FileStat *s) {
    uint64_t r[FILESTAT_WORDS] = {s->device, s->inode, p1_filetype(s->type)};
    unsigned at = 3;
    if (c->abi == P1_unstable)
        r[2] |= MIN(s->links, UINT32_MAX) << 32;
    else
        r[at++] = s->links;
    r[at++] = s->size;
    r[at++] = s->accessed;
    r[at++] = s->modified;
    r[at++] = s->changed;
    guest_write(out, 0, r, at * 8);
}

Errno p1_slice_filestat(const P1Call *c, unsigned arg, Guest *out) {
    unsigned words = FILESTAT_WORDS - (c->abi == P1_unstable);
    return p1_slice(c, arg, words * 8, out);
}

Errno p1_fd_filestat_get(P1Call *c) {
    Desc *d = NULL;
    Guest out = {0};
    Errno e = p1_desc(c, 0, RIGHT_fd_filestat_get, &d);
    if (!e) e = p1_slice_filestat(c, 1, &out);
    if (e) return e;
    FileStat stat = {.type = d->type};
    if (d->kind != DESC_stream) e = errno_of_os(d->fs->stat(d->node, &stat));
    if (!e) p1_put_filestat(c, out, &stat);
    return e;
}

static bool choose_time(uint32_t flags, uint32_t set, uint32_t now,
                        FileTimeSet *out) {
    if ((flags & set) && (flags & now)) return false;
    *out = flags & set   ? FILE_time_set
           : flags & now ? FILE_time_now
                         : FILE_time_keep;
    return true;
}

Errno p1_times(uint64_t accessed, uint64_t modified, uint32_t flags,
               FileTimes *out) {
    enum {
        ATIM = 1,
        ATIM_NOW = 2,
        MTIM = 4,
        MTIM_NOW = 8,
        ALL = 15
    };
    *out = (FileTimes){.accessed_ns = accessed, .modified_ns = modified};
    if ((flags & ~(uint32_t)ALL) ||
        !choose_time(flags, ATIM, ATIM_NOW, &out->accessed) ||
        !choose_time(flags, MTIM, MTIM_NOW, &out->modified))
        return ERRNO_inval;
    return ERRNO_success;
}

Errno p1_fd_filestat_set_times(P1Call *c) {
    Desc *d = NULL;
    FileTimes times = {0};
    Errno e = p1_desc(c, 0, RIGHT_fd_filestat_set_times, &d);
    if (!e) e = p1_times(p1_u64(c, 1), p1_u64(c, 2), p1_u32(c, 3), &times);
    if (e) return e;
    if (d->kind == DESC_stream) return ERRNO_notsup;
    return errno_of_os(d->fs->set_times(d->node, times));
}

Errno p1_fd_filestat_set_size(P1Call *c) {
    Desc *d = NULL;
    Errno e = p1_file(c, 0, RIGHT_fd_filestat_set_size, &d);
    if (e) return e;
    if (d->kind == DESC_stream) return ERRNO_notsup;
    return errno_of_os(d->fs->set_size(d->node, p1_u64(c, 1)));
}

// --- contents ----------------------------------------------------------------

Errno p1_fd_advise(P1Call *c) {
    static const FileAdvice advices[] = {
        FILE_normal,    FILE_sequential, FILE_random,
        FILE_will_need, FILE_dont_need,  FILE_no_reuse,
    };
    uint32_t advice = p1_u32(c, 3);
    Desc *d = NULL;
    Errno e = p1_file(c, 0, RIGHT_fd_advise, &d);
    if (!e && advice >= COUNTOF(advices)) e = ERRNO_inval;
    if (e) return e;
    if (d->kind == DESC_stream) return ERRNO_spipe;
    uint64_t offset = p1_u64(c, 1), size = p1_u64(c, 2);
    return errno_of_os(d->fs->advise(d->node, offset, size, advices[advice]));
}

Errno p1_fd_allocate(P1Call *c) {
    Desc *d = NULL;
    Errno e = p1_file(c, 0, RIGHT_fd_allocate, &d);
    if (e) return e;
    if (d->kind == DESC_stream) return ERRNO_spipe;
    return errno_of_os(d->fs->allocate(d->node, p1_u64(c, 1), p1_u64(c, 2)));
}

Errno p1_fd_sync(P1Call *c) {
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, RIGHT_fd_sync, &d);
    if (e || d->kind == DESC_stream) return e;
    return errno_of_os(d->fs->sync(d->node));
}

Errno p1_fd_datasync(P1Call *c) {
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, RIGHT_fd_datasync, &d);
    if (e || d->kind == DESC_stream) return e;
    return errno_of_os(d->fs->sync_data(d->node));
}

static Errno seek(P1Call *c, Rights need, int64_t offset, FileWhence whence,
                  unsigned out_arg) {
    Desc *d = NULL;
    Guest out = {0};
    Errno e = p1_file(c, 0, need, &d);
    if (!e) e = p1_slice(c, out_arg, 8, &out);
    if (e) return e;
    if (d->kind == DESC_stream) return ERRNO_spipe;
    uint64_t at;
    e = errno_of_os(d->fs->seek(d->node, offset, whence, &at));
    if (!e) guest_write_u64(out, 0, at);
    return e;
}

// Telling where it stands needs less than moving it.
Errno p1_fd_seek(P1Call *c) {
    static const FileWhence whences[P1_ABI_COUNT][3] = {
        [P1_unstable] = {FILE_from_here, FILE_from_end, FILE_from_start},
        [P1_snapshot] = {FILE_from_start, FILE_from_here, FILE_from_end},
    };
    int64_t offset = c->args[1].slot.i64;
    uint32_t number = p1_u32(c, 2);
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, 0, &d);
    if (!e && number >= COUNTOF(whences[0])) e = ERRNO_inval;
    if (e) return e;
    FileWhence whence = whences[c->abi][number];
    bool tells = offset == 0 && whence == FILE_from_here;
    return seek(c, tells ? RIGHT_fd_tell : RIGHT_fd_seek, offset, whence, 3);
}

Errno p1_fd_tell(P1Call *c) {
    return seek(c, RIGHT_fd_tell, 0, FILE_from_here, 1);
}
