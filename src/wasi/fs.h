// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What WASI needs of a file system, so that an embedder can supply its own.
//
// host_fs is the host's, behind the gate of os/path.h; memfs.h has one in
// memory. WASI checks rights, flags and addresses before anything gets here,
// and never gives two nodes of different tables to one function. What a name
// means, and that no path leaves the directory it starts from, is up to the
// file system.
//
// Rules of all functions: everyone must be there. They answer as os/ does,
// results being written on success only; what a file system cannot do is
// OS_notsup, or OS_rofs. They may not run code of the guest, nor touch the
// Wasi that calls them. They do not block, but for `wait_fd`.
#pragma once

#include "os/dir.h"
#include "os/path.h"

// An open file or directory. Files have a position, as they do on hosts: that
// of an inherited descriptor is shared with other processes.
typedef union FsNode {
    int fd;   // host_fs
    void *at; // the others
} FsNode;

// A path as seen from an open directory. Neither empty nor absolute, UTF-8,
// no NUL in it, shorter than PATH_SIZE_MAX; it may have `.`, `..`, slashes in
// a row and at the end.
typedef struct FsPath {
    FsNode dir;
    const char *text; // no NUL at its end
    size_t size;
} FsPath;

typedef struct WasiFs {
    // --- any node ---
    void (*close)(FsNode node);
    // A descriptor of the host that says when the node can be read or written
    // without blocking; -1: always. Looked at for what is neither a regular
    // file nor a directory.
    int (*wait_fd)(FsNode node);
    OsError (*stat)(FsNode node, FileStat *stat);
    OsError (*set_times)(FsNode node, FileTimes times);
    OsError (*mode)(FsNode node, FileMode *mode);
    OsError (*set_mode)(FsNode node, FileMode mode); // only `append` changes
    OsError (*sync)(FsNode node);
    OsError (*sync_data)(FsNode node);

    // --- files; `count` is at least 1, offsets are any ---
    OsError (*read)(FsNode file, const FileBuf *bufs, size_t count,
                    size_t *done); // 0: at the end
    OsError (*read_at)(FsNode file, const FileBuf *bufs, size_t count,
                       uint64_t offset, size_t *done);
    OsError (*write)(FsNode file, const FileBuf *bufs, size_t count,
                     size_t *done);
    OsError (*write_at)(FsNode file, const FileBuf *bufs, size_t count,
                        uint64_t offset, size_t *done);
    OsError (*seek)(FsNode file, int64_t offset, FileWhence whence,
                    uint64_t *at);
    OsError (*advise)(FsNode file, uint64_t offset, uint64_t size,
                      FileAdvice advice);
    OsError (*allocate)(FsNode file, uint64_t offset, uint64_t size);
    OsError (*set_size)(FsNode file, uint64_t size);

    // --- directories ---
    // What reading one needs to remember: so many zeroed bytes per open
    // directory, which WASI keeps, charges to the store and releases.
    size_t reader_size;
    // As dir_read: cookies stay valid while other entries come and go.
    OsError (*read_dir)(FsNode dir, void *reader, uint64_t cookie,
                        DirEntry *entry);

    // --- names; as the functions of os/path.h ---
    OsError (*open)(FsPath path, const PathOpen *how, FsNode *node);
    OsError (*path_stat)(FsPath path, bool follow, FileStat *stat);
    OsError (*path_set_times)(FsPath path, bool follow, FileTimes times);
    OsError (*make_dir)(FsPath path);
    OsError (*remove_dir)(FsPath path);
    OsError (*unlink)(FsPath path);
    OsError (*rename)(FsPath from, FsPath to);
    OsError (*link)(FsPath from, FsPath to);
    OsError (*symlink)(const char *target, size_t size, FsPath path);
    OsError (*read_link)(FsPath path, char *target, size_t size, size_t *done);
} WasiFs;

extern const WasiFs host_fs;
