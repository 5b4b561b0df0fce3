// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The host's file system: os/file.h, os/dir.h and the gate of os/path.h.
#include "wasi/fs.h"

// --- any node ----------------------------------------------------------------

static void host_close(FsNode node) {
    file_close(node.fd);
}

static int host_wait_fd(FsNode node) {
    return node.fd;
}

static OsError host_stat(FsNode node, FileStat *stat) {
    return file_stat(node.fd, stat);
}

static OsError host_set_times(FsNode node, FileTimes times) {
    return file_set_times(node.fd, times);
}

static OsError host_mode(FsNode node, FileMode *mode) {
    return file_mode(node.fd, mode);
}

static OsError host_set_mode(FsNode node, FileMode mode) {
    return file_set_mode(node.fd, mode);
}

static OsError host_sync(FsNode node) {
    return file_sync(node.fd);
}

static OsError host_sync_data(FsNode node) {
    return file_sync_data(node.fd);
}

// --- files -------------------------------------------------------------------

static OsError host_read(FsNode file, const FileBuf *bufs, size_t count,
                         size_t *done) {
    return file_read(file.fd, bufs, count, done);
}

static OsError host_read_at(FsNode file, const FileBuf *bufs, size_t count,
                            uint64_t offset, size_t *done) {
    return file_read_at(file.fd, bufs, count, offset, done);
}

static OsError host_write(FsNode file, const FileBuf *bufs, size_t count,
                          size_t *done) {
    return file_write(file.fd, bufs, count, done);
}

static OsError host_write_at(FsNode file, const FileBuf *bufs, size_t count,
                             uint64_t offset, size_t *done) {
    return file_write_at(file.fd, bufs, count, offset, done);
}

static OsError host_seek(FsNode file, int64_t offset, FileWhence whence,
                         uint64_t *at) {
    return file_seek(file.fd, offset, whence, at);
}

static OsError host_advise(FsNode file, uint64_t offset, uint64_t size,
                           FileAdvice advice) {
    return file_advise(file.fd, offset, size, advice);
}

static OsError host_allocate(FsNode file, uint64_t offset, uint64_t size) {
    return file_allocate(file.fd, offset, size);
}

static OsError host_set_size(FsNode file, uint64_t size) {
    return file_set_size(file.fd, size);
}

// --- directories -------------------------------------------------------------

static OsError host_read_dir(FsNode dir, void *reader, uint64_t cookie,
                             DirEntry *entry) {
    DirReader *r = reader;
    r->fd = dir.fd;
    return dir_read(r, cookie, entry);
}

// --- names -------------------------------------------------------------------

static PathAt path_at(FsPath path) {
    return (PathAt){path.dir.fd, path.text, path.size};
}

static OsError host_open(FsPath path, const PathOpen *how, FsNode *node) {
    int fd;
    OsError error = path_open(path_at(path), how, &fd);
    if (!error) *node = (FsNode){.fd = fd};
    return error;
}

static OsError host_path_stat(FsPath path, bool follow, FileStat *stat) {
    return path_stat(path_at(path), follow, stat);
}

static OsError host_path_set_times(FsPath path, bool follow, FileTimes times) {
    return path_set_times(path_at(path), follow, times);
}

static OsError host_make_dir(FsPath path) {
    return path_make_dir(path_at(path));
}

static OsError host_remove_dir(FsPath path) {
    return path_remove_dir(path_at(path));
}

static OsError host_unlink(FsPath path) {
    return path_unlink(path_at(path));
}

static OsError host_rename(FsPath from, FsPath to) {
    return path_rename(path_at(from), path_at(to));
}

static OsError host_link(FsPath from, FsPath to) {
    return path_link(path_at(from), path_at(to));
}

static OsError host_symlink(const char *target, size_t size, FsPath path) {
    return path_symlink(target, size, path_at(path));
}

static OsError host_read_link(FsPath path, char *target, size_t size,
                              size_t *done) {
    return path_read_link(path_at(path), target, size, done);
}

const WasiFs host_fs = {
    .close = host_close,
    .wait_fd = host_wait_fd,
    .stat = host_stat,
    .set_times = host_set_times,
    .mode = host_mode,
    .set_mode = host_set_mode,
    .sync = host_sync,
    .sync_data = host_sync_data,
    .read = host_read,
    .read_at = host_read_at,
    .write = host_write,
    .write_at = host_write_at,
    .seek = host_seek,
    .advise = host_advise,
    .allocate = host_allocate,
    .set_size = host_set_size,
    .reader_size = sizeof(DirReader),
    .read_dir = host_read_dir,
    .open = host_open,
    .path_stat = host_path_stat,
    .path_set_times = host_path_set_times,
    .make_dir = host_make_dir,
    .remove_dir = host_remove_dir,
    .unlink = host_unlink,
    .rename = host_rename,
    .link = host_link,
    .symlink = host_symlink,
    .read_link = host_read_link,
};
