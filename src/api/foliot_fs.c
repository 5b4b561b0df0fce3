// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// File systems of the embedder (foliot.h) behind what WASI needs of one
// (wasi/fs.h): positions, modes and vectors are kept and cut up here.
#include "api/api_int.h"
#include "api/foliot_int.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "wasi/code.h"

#include <foliot.h>

// Counted: each open node keeps it.
typedef struct EmbedderFs {
    uint32_t refs;
    foliot_fs_t fs;
} EmbedderFs;

typedef struct Node {
    EmbedderFs *of;
    void *node; // the embedder's
    uint64_t at;
    FileMode mode;
} Node;

static Node *node_of(FsNode n) {
    return n.at;
}

static const foliot_fs_t *fs_of(FsNode n) {
    return &node_of(n)->of->fs;
}

static OsError error_of_number(foliot_errno_t e) {
    switch (e) {
    case ERRNO_success:
        return OS_ok;
#define ERRNO(name, value) \
    case ERRNO_##name:     \
        return OS_##name;
#include "wasi/code.def"
    }
    return OS_io;
}

static void fs_unref(EmbedderFs *of) {
    if (--of->refs) return;
    if (of->fs.free) of->fs.free(of->fs.env);
    mem_free(of);
}

// Takes the embedder's node.
static OsError node_new(EmbedderFs *of, void *node, FileMode mode,
                        FsNode *out) {
    Node *n = MEM_NEW(Node);
    if (!n) {
        of->fs.close(of->fs.env, node);
        return OS_nomem;
    }
    *n = (Node){.of = of, .node = node, .mode = mode};
    of->refs++;
    out->at = n;
    return OS_ok;
}

// Calls a function of the embedder's, if it is there.
#define CALL(fs, function, ...)                                               \
    ((fs)->function ? error_of_number((fs)->function((fs)->env, __VA_ARGS__)) \
                    : OS_notsup)

// --- any node ------------------------------------------------------------------

static void ext_close(FsNode n) {
    Node *node = node_of(n);
    const foliot_fs_t *fs = fs_of(n);
    fs->close(fs->env, node->node);
    fs_unref(node->of);
    mem_free(node);
}

static int ext_wait_fd(FsNode n) {
    (void)n;
    return -1;
}

static FileType type_of(foliot_file_type_t type) {
    switch (type) {
    case FOLIOT_FILE_REGULAR:
        return FILE_regular;
    case FOLIOT_FILE_DIRECTORY:
        return FILE_directory;
    case FOLIOT_FILE_SYMLINK:
        return FILE_symlink;
    case FOLIOT_FILE_UNKNOWN:
        break;
    }
    return FILE_unknown;
}

static FileStat stat_of(const foliot_file_stat_t *from) {
    return (FileStat){
        .inode = from->inode,
        .links = from->links,
        .size = from->size,
        .accessed = from->accessed,
        .modified = from->modified,
        .changed = from->changed,
        .type = type_of(from->type),
    };
}

static OsError ext_stat(FsNode n, FileStat *stat) {
    foliot_file_stat_t s = {0};
    OsError error = CALL(fs_of(n), stat, node_of(n)->node, &s);
    if (!error) *stat = stat_of(&s);
    return error;
}

static const uint64_t *time_of(FileTimeSet set, uint64_t now,
                               const uint64_t *ns, uint64_t *out) {
    *out = set == FILE_time_now ? now : *ns;
    return set == FILE_time_keep ? NULL : out;
}

static OsError ext_set_times(FsNode n, FileTimes times) {
    uint64_t now = 0, accessed, modified;
    (void)!clock_read(CLOCK_wall, &now);
    return CALL(fs_of(n), set_times, node_of(n)->node,
                time_of(times.accessed, now, &times.accessed_ns, &accessed),
                time_of(times.modified, now, &times.modified_ns, &modified));
}

static OsError ext_mode(FsNode n, FileMode *mode) {
    *mode = node_of(n)->mode;
    return OS_ok;
}

static OsError ext_set_mode(FsNode n, FileMode mode) {
    node_of(n)->mode.append = mode.append;
    return OS_ok;
}

static OsError ext_sync(FsNode n) {
    const foliot_fs_t *fs = fs_of(n);
    return fs->sync ? CALL(fs, sync, node_of(n)->node) : OS_ok;
}

// --- files ---------------------------------------------------------------------

static OsError ext_read_at(FsNode n, const FileBuf *bufs, size_t count,
                           uint64_t offset, size_t *done) {
    OsError error = OS_ok;
    size_t all = 0, part = 1;
    for (size_t i = 0; !error && part && i < count; i++) {
        if (bufs[i].size == 0) continue;
        error = CALL(fs_of(n), read, node_of(n)->node, offset + all, bufs[i].at,
                     bufs[i].size, &part);
        if (!error && part > bufs[i].size) return OS_io;
        if (!error) all += part;
        if (!error && part < bufs[i].size) break;
    }
    *done = all;
    return all ? OS_ok : error;
}

static OsError ext_write_at(FsNode n, const FileBuf *bufs, size_t count,
                            uint64_t offset, size_t *done) {
    OsError error = OS_ok;
    size_t all = 0, part = 0;
    for (size_t i = 0; !error && i < count; i++) {
        if (bufs[i].size == 0) continue;
        error = CALL(fs_of(n), write, node_of(n)->node, offset + all,
                     bufs[i].at, bufs[i].size, &part);
        if (!error && part > bufs[i].size) return OS_io;
        if (!error) all += part;
        if (!error && part < bufs[i].size) break;
    }
    *done = all;
    return all ? OS_ok : error;
}

static OsError ext_read(FsNode n, const FileBuf *bufs, size_t count,
                        size_t *done) {
    OsError error = ext_read_at(n, bufs, count, node_of(n)->at, done);
    if (!error) node_of(n)->at += *done;
    return error;
}

static OsError seek_end(FsNode n) {
    FileStat stat;
    OsError error = ext_stat(n, &stat);
    if (!error) node_of(n)->at = stat.size;
    return error;
}

static OsError ext_write(FsNode n, const FileBuf *bufs, size_t count,
                         size_t *done) {
    OsError error = node_of(n)->mode.append ? seek_end(n) : OS_ok;
    if (!error) error = ext_write_at(n, bufs, count, node_of(n)->at, done);
    if (!error) node_of(n)->at += *done;
    return error;
}

static OsError ext_seek(FsNode n, int64_t offset, FileWhence whence,
                        uint64_t *at) {
    uint64_t from = whence == FILE_from_here ? node_of(n)->at : 0;
    if (whence == FILE_from_end) {
        FileStat stat;
        OsError error = ext_stat(n, &stat);
        if (error) return error;
        from = stat.size;
    }
    if (from > INT64_MAX) return OS_overflow;
    int64_t to;
    if (__builtin_add_overflow((int64_t)from, offset, &to)) return OS_overflow;
    if (to < 0) return OS_inval;
    node_of(n)->at = *at = (uint64_t)to;
    return OS_ok;
}

static OsError ext_advise(FsNode n, uint64_t offset, uint64_t size,
                          FileAdvice advice) {
    (void)n, (void)offset, (void)size, (void)advice;
    return OS_ok;
}

static OsError ext_set_size(FsNode n, uint64_t size) {
    return CALL(fs_of(n), set_size, node_of(n)->node, size);
}

// Room is made by growing, which is more than was asked for but never less.
static OsError ext_allocate(FsNode n, uint64_t offset, uint64_t size) {
    FileStat stat;
    uint64_t end;
    if (__builtin_add_overflow(offset, size, &end)) return OS_fbig;
    OsError error = ext_stat(n, &stat);
    return error || end <= stat.size ? error : ext_set_size(n, end);
}

// --- directories ---------------------------------------------------------------

typedef struct Reader {
    foliot_dir_entry_t entry;
    char end; // of the longest name
} Reader;

static OsError ext_read_dir(FsNode dir, void *reader, uint64_t cookie,
                            DirEntry *entry) {
    Reader *r = reader;
    foliot_dir_entry_t *e = &r->entry;
    foliot_errno_t number = ERRNO_notsup;
    const foliot_fs_t *fs = fs_of(dir);
    if (fs->read_dir)
        number = fs->read_dir(fs->env, node_of(dir)->node, cookie, e);
    *entry = (DirEntry){0};
    if (number == ERRNO_noent) return OS_ok; // the end
    if (number) return error_of_number(number);
    if (e->name_len == 0 || e->name_len > sizeof e->name) return OS_io;
    ((char *)e)[offsetof(foliot_dir_entry_t, name) + e->name_len] = '\0';
    *entry = (DirEntry){
        .name = e->name,
        .name_size = e->name_len,
        .inode = e->inode,
        .next = e->next,
        .type = type_of(e->type),
    };
    return OS_ok;
}

// --- names ---------------------------------------------------------------------

static foliot_path_t path_of(FsPath p) {
    return (foliot_path_t){node_of(p.dir)->node, p.text, p.size};
}

static uint32_t flags_of(const PathOpen *how) {
    uint32_t flags = 0;
    if (how->read) flags |= FOLIOT_OPEN_READ;
    if (how->write) flags |= FOLIOT_OPEN_WRITE;
    if (how->create) flags |= FOLIOT_OPEN_CREATE;
    if (how->exclusive) flags |= FOLIOT_OPEN_EXCLUSIVE;
    if (how->truncate) flags |= FOLIOT_OPEN_TRUNCATE;
    if (how->directory) flags |= FOLIOT_OPEN_DIRECTORY;
    if (how->follow) flags |= FOLIOT_OPEN_FOLLOW;
    return flags;
}

static OsError ext_open(FsPath path, const PathOpen *how, FsNode *node) {
    void *made = NULL;
    OsError error =
        CALL(fs_of(path.dir), open, path_of(path), flags_of(how), &made);
    if (error) return error;
    FileMode mode = {
        .read = how->read || !how->write,
        .write = how->write,
        .append = how->append,
    };
    return node_new(node_of(path.dir)->of, made, mode, node);
}

static OsError ext_path_stat(FsPath path, bool follow, FileStat *stat) {
    foliot_file_stat_t s = {0};
    OsError error = CALL(fs_of(path.dir), path_stat, path_of(path), follow, &s);
    if (!error) *stat = stat_of(&s);
    return error;
}

static OsError ext_path_set_times(FsPath path, bool follow, FileTimes times) {
    FsNode node;
    OsError error = ext_open(path, &(PathOpen){.follow = follow}, &node);
    if (error) return error;
    error = ext_set_times(node, times);
    ext_close(node);
    return error;
}

static OsError ext_make_dir(FsPath path) {
    return CALL(fs_of(path.dir), make_dir, path_of(path));
}

static OsError ext_remove_dir(FsPath path) {
    return CALL(fs_of(path.dir), remove_dir, path_of(path));
}

static OsError ext_unlink(FsPath path) {
    return CALL(fs_of(path.dir), unlink, path_of(path));
}

// One table serves all file systems of the embedder.
static bool are_one(FsPath a, FsPath b) {
    return node_of(a.dir)->of == node_of(b.dir)->of;
}

static OsError ext_rename(FsPath from, FsPath to) {
    if (!are_one(from, to)) return OS_xdev;
    return CALL(fs_of(from.dir), rename, path_of(from), path_of(to));
}

static OsError ext_link(FsPath from, FsPath to) {
    if (!are_one(from, to)) return OS_xdev;
    return CALL(fs_of(from.dir), link, path_of(from), path_of(to));
}

static OsError ext_symlink(const char *target, size_t size, FsPath path) {
    return CALL(fs_of(path.dir), symlink, target, size, path_of(path));
}

static OsError ext_read_link(FsPath path, char *target, size_t size,
                             size_t *done) {
    OsError error =
        CALL(fs_of(path.dir), read_link, path_of(path), target, size, done);
    return !error && *done > size ? OS_io : error;
}

static const WasiFs embedder_fs = {
    .close = ext_close,
    .wait_fd = ext_wait_fd,
    .stat = ext_stat,
    .set_times = ext_set_times,
    .mode = ext_mode,
    .set_mode = ext_set_mode,
    .sync = ext_sync,
    .sync_data = ext_sync,
    .read = ext_read,
    .read_at = ext_read_at,
    .write = ext_write,
    .write_at = ext_write_at,
    .seek = ext_seek,
    .advise = ext_advise,
    .allocate = ext_allocate,
    .set_size = ext_set_size,
    .reader_size = sizeof(Reader),
    .read_dir = ext_read_dir,
    .open = ext_open,
    .path_stat = ext_path_stat,
    .path_set_times = ext_path_set_times,
    .make_dir = ext_make_dir,
    .remove_dir = ext_remove_dir,
    .unlink = ext_unlink,
    .rename = ext_rename,
    .link = ext_link,
    .symlink = ext_symlink,
    .read_link = ext_read_link,
};

// --- giving one to a guest -----------------------------------------------------

bool foliot_wasi_config_preopen_fs(wasi_config_t *config, const foliot_fs_t *fs,
                                   void *root, const char *guest_path,
                                   uint32_t flags) {
    foliot_fs_t copy;
    if (!config || !guest_path ||
        !option_copy(&copy, sizeof copy, fs, sizeof copy))
        return false;
    if (!copy.close || !copy.stat) return false;
    Err err = {0};
    FsNode node;
    EmbedderFs *of = MEM_NEW(EmbedderFs);
    if (!of) {
        copy.close(copy.env, root);
        if (copy.free) copy.free(copy.env);
        return false;
    }
    *of = (EmbedderFs){.refs = 1, .fs = copy};
    bool ok = node_new(of, root, (FileMode){.read = true}, &node) == OS_ok;
    fs_unref(of); // the node has it
    return ok && wasi_fs_dir_add(config->wasi, &embedder_fs, node.at,
                                 guest_path, flags & WASI_DIR_ALL, &err);
}
