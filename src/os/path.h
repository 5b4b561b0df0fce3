// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The one gate through which a guest's paths reach the host.
//
// A path is always seen from an open directory, and nothing outside that
// directory can be reached through it: not by an absolute path, nor by `..`
// (which may be used, but not above the directory), nor by symbolic links
// (followed as long as they stay beneath), nor by the links of /proc, nor by
// renaming parts of the path meanwhile. What would leave is OS_notcapable.
//
// Every function first resolves all but the last name to a descriptor that is
// beneath, then acts on the last name there without following links. Two
// implementations resolve: path_linux.c lets the kernel, path_walk.c goes name
// by name. Both are always tested.
//
// Other refusals: OS_noent for the empty path, OS_inval for a NUL in it,
// OS_nametoolong, OS_loop for more than 40 links in a row. A slash at the end
// asks for a directory, as on POSIX hosts.
#pragma once

#include "base/defs.h"
#include "os/error.h"
#include "os/file.h"

#define PATH_SIZE_MAX  4096u // bytes, with the NUL that ends it
#define PATH_LINKS_MAX 40u   // symbolic links followed in one path
#define PATH_DEPTH_MAX 128u  // directories below the first; path_walk.c only

typedef struct PathAt {
    int dir;
    const char *text; // no NUL needed
    size_t size;
} PathAt;

typedef struct PathOpen {
    bool read, write; // neither: as if to read
    bool follow;      // a symbolic link as the last name
    bool directory;   // must be one
    bool create, exclusive, truncate;
    bool append, nonblock, sync, datasync;
} PathOpen;

// Never waits for the other end of a pipe, and never makes a terminal ours.
NODISCARD OsError path_open(PathAt at, const PathOpen *how, int *fd);

NODISCARD OsError path_stat(PathAt at, bool follow, FileStat *stat);
NODISCARD OsError path_set_times(PathAt at, bool follow, FileTimes times);

NODISCARD OsError path_make_dir(PathAt at);
NODISCARD OsError path_remove_dir(PathAt at);
NODISCARD OsError path_unlink(PathAt at); // anything but a directory
NODISCARD OsError path_rename(PathAt from, PathAt to);

// A symbolic link as the last name of `from` is linked itself.
NODISCARD OsError path_link(PathAt from, PathAt to);

// The target is stored as it is: the gate judges it when it is followed.
NODISCARD OsError path_symlink(const char *target, size_t size, PathAt at);

// Stores at most `size` bytes, without a NUL; longer targets are cut.
NODISCARD OsError path_read_link(PathAt at, char *target, size_t size,
                                 size_t *done);

// Tests: from now on go name by name, though the kernel could do it.
void path_always_walk(bool always);
