// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functions of a file system in memory: paths, and what is done by handle.
#include "wasi/memfs.h"

#include "base/alloc.h"
#include "wasi/limit.h"
#include "wasi/memfs_int.h"

// --- handles -----------------------------------------------------------------

typedef struct Handle {
    MemNode *node;
    uint64_t at;
    FileMode mode;
} Handle;

static Handle *handle_of(FsNode node) {
    return node.at;
}

static MemNode *node_of(FsNode node) {
    return handle_of(node)->node;
}

static Handle *handle_new(MemNode *n, FileMode mode) {
    Handle *h = MEM_NEW(Handle);
    if (!h) return NULL;
    *h = (Handle){.node = n, .mode = mode};
    n->opens++;
    return h;
}

void *memfs_root(MemFs *fs) {
    return handle_new(fs->root, (FileMode){.read = true});
}

static void mem_close(FsNode node) {
    Handle *h = handle_of(node);
    h->node->opens--;
    mem_node_drop(h->node);
    mem_free(h);
}

// --- any node ----------------------------------------------------------------

static int mem_wait_fd(FsNode node) {
    (void)node;
    return -1;
}

// Nobody counts the directories in a directory.
static void stat_node(const MemNode *n, FileStat *stat) {
    *stat = (FileStat){
        .device = n->fs->device,
        .inode = n->number,
        .links = n->links,
        .size = n->size,
        .accessed = n->accessed,
        .modified = n->modified,
        .changed = n->changed,
        .type = n->type,
    };
}

static OsError mem_stat(FsNode node, FileStat *stat) {
    stat_node(node_of(node), stat);
    return OS_ok;
}

static void set_time(uint64_t *time, FileTimeSet set, uint64_t ns) {
    if (set == FILE_time_set) *time = ns;
    if (set == FILE_time_now) *time = mem_time();
}

static OsError set_node_times(MemNode *n, FileTimes times) {
    set_time(&n->accessed, times.accessed, times.accessed_ns);
    set_time(&n->modified, times.modified, times.modified_ns);
    n->changed = mem_time();
    return OS_ok;
}

static OsError mem_set_times(FsNode node, FileTimes times) {
    return set_node_times(node_of(node), times);
}

static OsError mem_mode(FsNode node, FileMode *mode) {
    *mode = handle_of(node)->mode;
    return OS_ok;
}

static OsError mem_set_mode(FsNode node, FileMode mode) {
    handle_of(node)->mode.append = mode.append;
    return OS_ok;
}

static OsError mem_sync(FsNode node) {
    (void)node;
    return OS_ok;
}

// --- files -------------------------------------------------------------------

static OsError mem_read_at(FsNode file, const FileBuf *bufs, size_t count,
                           uint64_t offset, size_t *done) {
    if (offset > INT64_MAX) return OS_inval;
    if (!handle_of(file)->mode.read) return OS_badf;
    MemNode *n = node_of(file);
    *done = 0;
    for (size_t i = 0; i < count && offset < n->size; i++) {
        size_t piece = (size_t)MIN(bufs[i].size, n->size - offset);
        if (piece) memcpy(bufs[i].at, n->bytes + offset, piece);
        offset += piece;
        *done += piece;
    }
    n->accessed = mem_time();
    return OS_ok;
}

static uint64_t size_of_bufs(const FileBuf *bufs, size_t count) {
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += bufs[i].size;
    return size;
}

// All or nothing.
static OsError mem_write_at(FsNode file, const FileBuf *bufs, size_t count,
                            uint64_t offset, size_t *done) {
    if (offset > INT64_MAX) return OS_inval;
    if (!handle_of(file)->mode.write) return OS_badf;
    MemNode *n = node_of(file);
    uint64_t size = size_of_bufs(bufs, count);
    uint64_t end = offset + size; // cannot wrap: what memory holds is far less
    OsError error = OS_ok;
    if (size && end > n->size) error = mem_node_resize(n, end);
    if (error) return error;
    for (size_t i = 0; i < count; i++) {
        if (!bufs[i].size) continue;
        memcpy(n->bytes + offset, bufs[i].at, bufs[i].size);
        offset += bufs[i].size;
    }
    n->modified = n->changed = mem_time();
    *done = (size_t)size;
    return OS_ok;
}

static OsError mem_read(FsNode file, const FileBuf *bufs, size_t count,
                        size_t *done) {
    Handle *h = handle_of(file);
    OsError error = mem_read_at(file, bufs, count, h->at, done);
    if (!error) h->at += *done;
    return error;
}

static OsError mem_write(FsNode file, const FileBuf *bufs, size_t count,
                         size_t *done) {
    Handle *h = handle_of(file);
    uint64_t at = h->mode.append ? h->node->size : h->at;
    OsError error = mem_write_at(file, bufs, count, at, done);
    if (!error) h->at = at + *done;
    return error;
}

static OsError mem_seek(FsNode file, int64_t offset, FileWhence whence,
                        uint64_t *at) {
    Handle *h = handle_of(file);
    uint64_t from = 0;
    if (whence == FILE_from_here) from = h->at;
    if (whence == FILE_from_end) from = h->node->size;
    uint64_t to = from + (uint64_t)offset; // wraps below zero, and is refused
    if (to > INT64_MAX) return OS_inval;
    *at = h->at = to;
    return OS_ok;
}

static OsError mem_advise(FsNode file, uint64_t offset, uint64_t size,
                          FileAdvice advice) {
    (void)file;
    (void)advice;
    return offset > INT64_MAX || size > INT64_MAX ? OS_inval : OS_ok;
}

static OsError mem_set_size(FsNode file, uint64_t size) {
    if (size > INT64_MAX) return OS_inval;
    if (!handle_of(file)->mode.write) return OS_inval;
    return mem_node_resize(node_of(file), size);
}

static OsError mem_allocate(FsNode file, uint64_t offset, uint64_t size) {
    if (offset > INT64_MAX || size > INT64_MAX || size == 0) return OS_inval;
    if (!handle_of(file)->mode.write) return OS_badf;
    MemNode *n = node_of(file);
    return offset + size > n->size ? mem_node_resize(n, offset + size) : OS_ok;
}

// --- paths -------------------------------------------------------------------

// Where a path leads: `name` in `dir` is `node`, or nothing yet. Without a name
// the path ended in `.` or `..` and the node is a directory.
typedef struct Walk {
    const MemNode *start; // nothing above it is reached
    MemNode *dir, *node;
    Str name;
    uint32_t links; // followed
    bool has_slash; // at the end, of the path or of the link followed last
} Walk;

// The next name of a path without slashes at its start. *last: behind it come
// at most slashes, *slash: and there is one.
static Str next_name(Str *path, bool *last, bool *slash) {
    Str name = {path->data, 0};
    while (name.len < path->len && name.data[name.len] != '/')
        name.len++;
    uint32_t end = name.len;
    while (end < path->len && path->data[end] == '/')
        end++;
    *slash = end > name.len;
    *last = end == path->len;
    path->data += end;
    path->len -= end;
    return name;
}

static OsError walk(Walk *w, Str path, bool follow);

// Relative to the directory that the link is in, which is w->dir.
static OsError walk_link(Walk *w) {
    const MemNode *link = w->node;
    if (++w->links > PATH_LINKS_MAX) return OS_loop;
    w->node = w->dir;
    Str target = {(const char *)link->bytes, (uint32_t)link->size};
    return walk(w, target, true);
}

static OsError walk_name(Walk *w, Str name) {
    if (!w->node) return OS_noent;
    if (w->node->type != FILE_directory) return OS_notdir;
    w->dir = w->node;
    w->name = (Str){0};
    if (str_eq_z(name, ".")) return OS_ok;
    if (str_eq_z(name, "..")) {
        if (w->dir == w->start) return OS_notcapable;
        w->node = w->dir->parent;
        return OS_ok;
    }
    if (name.len > MEMFS_NAME_MAX) return OS_nametoolong;
    const MemEntry *e = mem_find(w->dir, name);
    w->name = name;
    w->node = e ? e->node : NULL;
    return OS_ok;
}

// From the directory w->node. Goes through itself once per link followed, so
// PATH_LINKS_MAX deep at most.
static OsError walk(Walk *w, Str path, bool follow) {
    if (path.len == 0) return OS_noent;
    if (path.data[0] == '/') return OS_notcapable;
    bool last = false;
    while (!last) {
        bool slash;
        Str name = next_name(&path, &last, &slash);
        OsError error = walk_name(w, name);
        bool is_link = !error && w->node && w->node->type == FILE_symlink;
        if (is_link && (!last || follow)) error = walk_link(w);
        if (error) return error;
        w->has_slash = last && (w->has_slash || slash);
        if (last && slash && w->node && w->node->type != FILE_directory)
            return OS_notdir;
    }
    return OS_ok;
}

static bool ends_with_slash(FsPath path) {
    return path.size && path.text[path.size - 1] == '/';
}

static OsError find(Walk *w, FsPath path, bool follow) {
    MemNode *start = node_of(path.dir);
    *w = (Walk){.start = start, .node = start};
    if (path.size >= PATH_SIZE_MAX) return OS_nametoolong;
    return walk(w, (Str){path.text, (uint32_t)path.size}, follow);
}

// What is there; a slash at the end follows a link in any case.
static OsError find_there(Walk *w, FsPath path, bool follow) {
    OsError error = find(w, path, follow || ends_with_slash(path));
    return !error && !w->node ? OS_noent : error;
}

// A name for something new.
static OsError find_free(Walk *w, FsPath path) {
    OsError error = find(w, path, false);
    return !error && w->node ? OS_exist : error;
}

// A name that is there.
static OsError find_name(Walk *w, FsPath path) {
    OsError error = find(w, path, false);
    if (!error && !w->node) error = OS_noent;
    if (!error && !w->name.len) error = OS_busy;
    return error;
}

// --- directories -------------------------------------------------------------

// The first entry from `cookie` on. There are fewer gaps than entries.
static const MemEntry *entry_from(const MemNode *dir, uint64_t cookie) {
    uint32_t low = 0, high = dir->len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (dir->entries[middle].cookie < cookie)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < dir->len && !dir->entries[low].node)
        low++;
    return low < dir->len ? &dir->entries[low] : NULL;
}

// Behind an entry comes whatever has the next cookie or a later one.
static OsError mem_read_dir(FsNode node, void *reader, uint64_t cookie,
                            DirEntry *entry) {
    (void)reader;
    const MemNode *dir = node_of(node);
    *entry = (DirEntry){.next = cookie};
    if (cookie < COOKIE_first) {
        *entry = (DirEntry){
            .name = cookie == DIR_START ? "." : "..",
            .name_size = (size_t)cookie + 1,
            .inode = dir->number,
            .next = cookie + 1,
            .type = FILE_directory,
        };
        return OS_ok;
    }
    const MemEntry *e = entry_from(dir, cookie);
    if (!e) return OS_ok;
    *entry = (DirEntry){
        .name = e->name,
        .name_size = e->name_size,
        .inode = e->node->number,
        .next = e->cookie + 1,
        .type = e->node->type,
    };
    return OS_ok;
}

// --- opening -----------------------------------------------------------------

static OsError may_open(const Walk *w, const PathOpen *how) {
    const MemNode *n = w->node;
    if (how->create && how->exclusive) return OS_exist;
    bool is_dir = n->type == FILE_directory;
    if (how->directory && !is_dir) return OS_notdir;
    if (n->type == FILE_symlink) return OS_loop; // was not to be followed
    if (is_dir && (how->write || how->create || how->truncate)) return OS_isdir;
    return OS_ok;
}

// A new node with that name; nothing is left of it on failure.
static OsError make(Walk *w, FileType type, Str contents) {
    OsError error;
    MemNode *n = mem_node_new(w->dir->fs, type, &error);
    if (!n) return error;
    if (contents.len) error = mem_node_resize(n, contents.len);
    if (!error && contents.len) memcpy(n->bytes, contents.data, contents.len);
    if (!error) error = mem_add(w->dir, w->name, n);
    if (error) mem_node_drop(n);
    if (!error) w->node = n;
    return error;
}

static FileMode mode_of(const PathOpen *how) {
    return (FileMode){
        .read = how->read || !how->write,
        .write = how->write,
        .append = how->append,
        .nonblock = how->nonblock,
        .sync = how->sync,
        .datasync = how->datasync && !how->sync,
        .readsync = how->sync,
    };
}

// The handle comes first, so that a file is neither made nor cut for nothing.
static OsError mem_open(FsPath path, const PathOpen *how, FsNode *node) {
    if (how->create && how->directory) return OS_inval;
    Walk w;
    bool fresh = how->create && how->exclusive;
    OsError error = find(&w, path, how->follow && !fresh);
    if (error) return error;
    bool makes = !w.node;
    if (makes && !how->create) return OS_noent;
    if (makes && w.has_slash) return OS_isdir;
    if (!makes) error = may_open(&w, how);
    if (error) return error;
    Handle *h = MEM_NEW(Handle);
    if (!h) return OS_nomem;
    if (makes) error = make(&w, FILE_regular, (Str){0});
    if (!error && how->truncate) error = mem_node_resize(w.node, 0);
    if (error) {
        mem_free(h);
        return error;
    }
    *h = (Handle){.node = w.node, .mode = mode_of(how)};
    w.node->opens++;
    node->at = h;
    return OS_ok;
}

// --- names -------------------------------------------------------------------

static OsError mem_path_stat(FsPath path, bool follow, FileStat *stat) {
    Walk w;
    OsError error = find_there(&w, path, follow);
    if (!error) stat_node(w.node, stat);
    return error;
}

static OsError mem_path_set_times(FsPath path, bool follow, FileTimes times) {
    Walk w;
    OsError error = find_there(&w, path, follow);
    return error ? error : set_node_times(w.node, times);
}

static OsError mem_make_dir(FsPath path) {
    Walk w;
    OsError error = find_free(&w, path);
    return error ? error : make(&w, FILE_directory, (Str){0});
}

static OsError mem_remove_dir(FsPath path) {
    Walk w;
    OsError error = find_name(&w, path);
    // A path that ends in dots says none, and hosts find that invalid.
    if (error) return error == OS_busy ? OS_inval : error;
    if (w.node->type != FILE_directory) return OS_notdir;
    if (mem_dir_len(w.node)) return OS_notempty;
    mem_remove(w.dir, mem_find(w.dir, w.name));
    return OS_ok;
}

static OsError mem_unlink(FsPath path) {
    Walk w;
    OsError error = find(&w, path, false);
    if (error) return error;
    if (!w.node) return OS_noent;
    if (w.node->type == FILE_directory) return OS_isdir;
    mem_remove(w.dir, mem_find(w.dir, w.name));
    return OS_ok;
}

static OsError mem_symlink(const char *target, size_t size, FsPath path) {
    if (size == 0) return OS_noent;
    if (size >= PATH_SIZE_MAX) return OS_nametoolong;
    Walk w;
    OsError error = find_free(&w, path);
    if (!error && ends_with_slash(path)) error = OS_noent;
    if (error) return error;
    return make(&w, FILE_symlink, (Str){target, (uint32_t)size});
}

static OsError mem_read_link(FsPath path, char *target, size_t size,
                             size_t *done) {
    Walk w;
    OsError error = find_there(&w, path, false);
    if (error) return error;
    if (w.node->type != FILE_symlink) return OS_inval;
    *done = (size_t)MIN(size, w.node->size);
    if (*done) memcpy(target, w.node->bytes, *done);
    return OS_ok;
}

static OsError mem_link(FsPath from, FsPath to) {
    Walk old, new;
    OsError error = find_there(&old, from, false);
    if (!error) error = find_free(&new, to);
    if (error) return error;
    if (old.node->type == FILE_directory) return OS_perm;
    if (old.node->fs != new.dir->fs) return OS_xdev;
    if (ends_with_slash(to)) return OS_noent;
    return mem_add(new.dir, new.name, old.node);
}

// --- renaming ----------------------------------------------------------------

static bool is_inside(const MemNode *dir, const MemNode *of) {
    while (dir != of && dir->parent && dir->parent != dir)
        dir = dir->parent;
    return dir == of;
}

static OsError may_replace(const MemNode *old, const MemNode *n) {
    bool is_dir = n->type == FILE_directory;
    if (old->type != FILE_directory) return is_dir ? OS_notdir : OS_ok;
    if (!is_dir) return OS_isdir;
    return mem_dir_len(old) ? OS_notempty : OS_ok;
}

static OsError may_rename(const Walk *from, const Walk *to, bool slash) {
    const MemNode *n = from->node;
    bool is_dir = n->type == FILE_directory;
    if (n->fs != to->dir->fs) return OS_xdev;
    if (is_dir && is_inside(to->dir, n)) return OS_inval;
    if (to->node) return may_replace(to->node, n);
    return slash && !is_dir ? OS_notdir : OS_ok;
}

// The new name is there before the old one goes; only that can fail.
static OsError mem_rename(FsPath from, FsPath to) {
    Walk old, new;
    OsError error = find_name(&old, from);
    if (!error) error = find(&new, to, false);
    if (!error && new.node && !new.name.len) error = OS_busy;
    if (error || old.node == new.node) return error;
    error = may_rename(&old, &new, ends_with_slash(to));
    if (error) return error;
    if (new.node)
        mem_replace(new.dir, mem_find(new.dir, new.name), old.node);
    else
        error = mem_add(new.dir, new.name, old.node);
    if (!error) mem_remove(old.dir, mem_find(old.dir, old.name));
    return error;
}

const WasiFs memfs_fs = {
    .close = mem_close,
    .wait_fd = mem_wait_fd,
    .stat = mem_stat,
    .set_times = mem_set_times,
    .mode = mem_mode,
    .set_mode = mem_set_mode,
    .sync = mem_sync,
    .sync_data = mem_sync,
    .read = mem_read,
    .read_at = mem_read_at,
    .write = mem_write,
    .write_at = mem_write_at,
    .seek = mem_seek,
    .advise = mem_advise,
    .allocate = mem_allocate,
    .set_size = mem_set_size,
    .read_dir = mem_read_dir,
    .open = mem_open,
    .path_stat = mem_path_stat,
    .path_set_times = mem_path_set_times,
    .make_dir = mem_make_dir,
    .remove_dir = mem_remove_dir,
    .unlink = mem_unlink,
    .rename = mem_rename,
    .link = mem_link,
    .symlink = mem_symlink,
    .read_link = mem_read_link,
};
