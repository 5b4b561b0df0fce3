// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Names: opening, making, removing, linking. Where a path may lead is decided
// by the file system (on the host: the gate, os/path.h), what may be done there
// by rights of the directory.
#include "wasi/p1/p1_int.h"

enum {
    LOOKUP_follow = 1,
};

// The directory in argument `arg`, and the path in the `path_arg`th and next.
static Errno find_path(const P1Call *c, unsigned arg, Rights need,
                       unsigned path_arg, P1Path *out, Desc **dir) {
    Errno e = p1_dir(c, arg, need, dir);
    if (!e) e = p1_text(c, path_arg, out);
    if (!e && out->text[0] == '/') e = ERRNO_notcapable;
    if (!e) out->at.dir = (*dir)->node;
    return e;
}

static Errno lookup_flags(const P1Call *c, unsigned arg, bool *follow) {
    uint32_t flags = p1_u32(c, arg);
    *follow = flags & LOOKUP_follow;
    return flags & ~(uint32_t)LOOKUP_follow ? ERRNO_inval : ERRNO_success;
}

// --- one name ----------------------------------------------------------------

Errno p1_path_create_directory(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    Errno e = find_path(c, 0, RIGHT_path_create_directory, 1, &path, &d);
    return e ? e : errno_of_os(d->fs->make_dir(path.at));
}

Errno p1_path_remove_directory(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    Errno e = find_path(c, 0, RIGHT_path_remove_directory, 1, &path, &d);
    return e ? e : errno_of_os(d->fs->remove_dir(path.at));
}

Errno p1_path_unlink_file(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    Errno e = find_path(c, 0, RIGHT_path_unlink_file, 1, &path, &d);
    return e ? e : errno_of_os(d->fs->unlink(path.at));
}

Errno p1_path_filestat_get(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    bool follow = false;
    Guest out = {0};
    Errno e = find_path(c, 0, RIGHT_path_filestat_get, 2, &path, &d);
    if (!e) e = lookup_flags(c, 1, &follow);
    if (!e) e = p1_slice_filestat(c, 4, &out);
    if (e) return e;
    FileStat stat;
    e = errno_of_os(d->fs->path_stat(path.at, follow, &stat));
    if (!e) p1_put_filestat(c, out, &stat);
    return e;
}

Errno p1_path_filestat_set_times(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    bool follow = false;
    FileTimes times = {0};
    Errno e = find_path(c, 0, RIGHT_path_filestat_set_times, 2, &path, &d);
    if (!e) e = lookup_flags(c, 1, &follow);
    if (!e) e = p1_times(p1_u64(c, 4), p1_u64(c, 5), p1_u32(c, 6), &times);
    if (e) return e;
    return errno_of_os(d->fs->path_set_times(path.at, follow, times));
}

Errno p1_path_readlink(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    Guest to = {0}, out = {0};
    Errno e = find_path(c, 0, RIGHT_path_readlink, 1, &path, &d);
    if (!e) e = p1_slice(c, 3, p1_u32(c, 4), &to);
    if (!e) e = p1_slice(c, 5, 4, &out);
    if (e) return e;
    char target[PATH_SIZE_MAX];
    size_t size = MIN(sizeof target, to.size);
    size_t done = 0;
    e = errno_of_os(d->fs->read_link(path.at, target, size, &done));
    if (e) return e;
    done = MIN(done, size);
    guest_write(to, 0, target, (uint32_t)done);
    guest_write_u32(out, 0, (uint32_t)done);
    return ERRNO_success;
}

// An absolute target could only ever serve others than the guest.
Errno p1_path_symlink(P1Call *c) {
    Desc *d = NULL;
    P1Path target, path;
    Errno e = find_path(c, 2, RIGHT_path_symlink, 3, &path, &d);
    if (!e) e = p1_text(c, 0, &target);
    if (!e && target.text[0] == '/') e = ERRNO_notcapable;
    if (e) return e;
    return errno_of_os(d->fs->symlink(target.text, target.at.size, path.at));
}

// --- two names ---------------------------------------------------------------

// A file must not gain what its directory did not allow by getting a name in
// another one. Nor can it have names in two file systems.
static Errno check_two(const Desc *from, const Desc *to) {
    if (to->allowed & ~from->allowed) return ERRNO_notcapable;
    return from->fs == to->fs ? ERRNO_success : ERRNO_xdev;
}

Errno p1_path_link(P1Call *c) {
    Desc *from_dir = NULL, *to_dir = NULL;
    P1Path from, to;
    bool follow = false;
    Errno e = find_path(c, 0, RIGHT_path_link_source, 2, &from, &from_dir);
    if (!e) e = find_path(c, 4, RIGHT_path_link_target, 5, &to, &to_dir);
    if (!e) e = lookup_flags(c, 1, &follow);
    if (!e && follow) e = ERRNO_inval; // a symbolic link is linked itself
    if (!e) e = check_two(from_dir, to_dir);
    return e ? e : errno_of_os(from_dir->fs->link(from.at, to.at));
}

Errno p1_path_rename(P1Call *c) {
    Desc *from_dir = NULL, *to_dir = NULL;
    P1Path from, to;
    Errno e = find_path(c, 0, RIGHT_path_rename_source, 1, &from, &from_dir);
    if (!e) e = find_path(c, 3, RIGHT_path_rename_target, 4, &to, &to_dir);
    if (!e) e = check_two(from_dir, to_dir);
    return e ? e : errno_of_os(from_dir->fs->rename(from.at, to.at));
}

// --- opening -----------------------------------------------------------------

enum {
    OFLAG_creat = 1,
    OFLAG_directory = 2,
    OFLAG_excl = 4,
    OFLAG_trunc = 8,
    OFLAGS_ALL = 15,
};

static const Rights data_rights = RIGHT_fd_read | RIGHT_fd_write;

typedef struct Opening {
    Rights base, inheriting; // asked
    Rights refused;          // of reading and writing
    bool nonblock;
    PathOpen how;
} Opening;

static Errno opening_flags(const P1Call *c, Opening *o) {
    uint32_t oflags = p1_u32(c, 4), fdflags = p1_u32(c, 7);
    bool follow = false;
    Errno e = lookup_flags(c, 1, &follow);
    if ((oflags & ~(uint32_t)OFLAGS_ALL) || (fdflags & ~(uint32_t)FDFLAGS_ALL))
        e = ERRNO_inval;
    o->nonblock = fdflags & FDFLAG_nonblock;
    o->how = (PathOpen){
        .follow = follow,
        .directory = oflags & OFLAG_directory,
        .create = oflags & OFLAG_creat,
        .exclusive = oflags & OFLAG_excl,
        .truncate = oflags & OFLAG_trunc,
        .append = fdflags & FDFLAG_append,
        .sync = fdflags & (FDFLAG_sync | FDFLAG_rsync),
        .datasync = fdflags & FDFLAG_dsync,
    };
    return e;
}

// By a right of the directory, or because what is opened in it may do it.
static bool may_truncate(const Desc *dir) {
    return (dir->base & RIGHT_path_filestat_set_size) ||
           (dir->inheriting & RIGHT_fd_filestat_set_size);
}

// Rights that the guest has given up itself are refused. Those that the
// directory never had are left out, because programs ask for all they know of;
// but reading and writing a file is what they ask for in earnest. A directory
// needs neither, and it may turn out to be one.
static Errno opening_rights(const P1Call *c, const Desc *dir, Opening *o) {
    if (o->how.truncate && !may_truncate(dir)) return ERRNO_notcapable;
    o->base = p1_u64(c, 5);
    o->inheriting = p1_u64(c, 6);
    Rights given_up = rights_granted(dir->allowed) & ~dir->inheriting;
    if ((o->base | o->inheriting) & given_up) return ERRNO_notcapable;
    o->refused = o->base & data_rights & ~dir->inheriting;
    if (o->refused && o->how.create) return ERRNO_notcapable;
    o->base &= dir->inheriting;
    o->inheriting &= dir->inheriting;
    o->how.read = o->base & RIGHT_fd_read;
    o->how.write = (o->base & RIGHT_fd_write) && !o->how.directory;
    return ERRNO_success;
}

static Rights opening_needs(const P1Call *c) {
    Rights need = RIGHT_path_open;
    if (p1_u32(c, 4) & OFLAG_creat) need |= RIGHT_path_create_file;
    return need;
}

static Errno opened(P1Call *c, const Opening *o, const Desc *dir, FsNode node,
                    Guest out) {
    Desc made;
    uint32_t number;
    Errno e = desc_of_node(&made, dir->fs, node, dir->allowed);
    if (!e && o->refused && made.kind != DESC_directory) e = ERRNO_notcapable;
    if (e) {
        desc_release(&made);
        return e;
    }
    made.nonblock = o->nonblock;
    made.base &= o->base;
    made.inheriting &= o->inheriting;
    e = desc_add(&c->wasi->descs, c->store, &made, 0, &number);
    if (!e) guest_write_u32(out, 0, number);
    return e;
}

Errno p1_path_open(P1Call *c) {
    Desc *d = NULL;
    P1Path path;
    Opening o = {0};
    Guest out = {0};
    Errno e = find_path(c, 0, opening_needs(c), 2, &path, &d);
    if (!e) e = opening_flags(c, &o);
    if (!e) e = opening_rights(c, d, &o);
    if (!e) e = p1_slice(c, 8, 4, &out);
    if (e) return e;
    FsNode node;
    e = errno_of_os(d->fs->open(path.at, &o.how, &node));
    return e ? e : opened(c, &o, d, node, out);
}
