// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Open files, by descriptor: what WASI and the command need of them.
//
// How a path becomes a descriptor is in path.h, directories in dir.h, sockets
// in sock.h. Reading and writing may transfer less than asked. Nothing here is
// ended by os/wait: wait for the descriptor first; a pipe that is ready takes
// FILE_PIPE_ROOM bytes without blocking.
#pragma once

#include "base/defs.h"
#include "os/error.h"

#define FILE_PIPE_ROOM ((size_t)4096)

typedef enum FileType {
    FILE_unknown,
    FILE_regular,
    FILE_directory,
    FILE_symlink,
    FILE_block_device,
    FILE_character_device,
    FILE_pipe,
    FILE_socket_stream, // a stat by path cannot tell the two sockets
    FILE_socket_datagram,
} FileType;

typedef struct FileStat {
    uint64_t device, inode, links;
    uint64_t size;                        // bytes
    uint64_t accessed, modified, changed; // ns since 1970, earlier is zero
    FileType type;
} FileStat;

typedef enum FileWhence {
    FILE_from_start,
    FILE_from_here,
    FILE_from_end
} FileWhence;

typedef enum FileAdvice {
    FILE_normal,
    FILE_sequential,
    FILE_random,
    FILE_will_need,
    FILE_dont_need,
    FILE_no_reuse,
} FileAdvice;

typedef enum FileTimeSet {
    FILE_time_keep,
    FILE_time_now,
    FILE_time_set
} FileTimeSet;

typedef struct FileTimes {
    FileTimeSet accessed, modified;
    uint64_t accessed_ns, modified_ns; // for FILE_time_set
} FileTimes;

// What a descriptor was opened for; see file_mode.
typedef struct FileMode {
    bool read, write;
    bool append, nonblock;
    bool sync, datasync, readsync;
} FileMode;

// Guest memory is scattered like this; file_posix.c checks that the layout is
// the host's. At most FILE_BUFS_MAX are used of one call.
typedef struct FileBuf {
    void *at;
    size_t size;
} FileBuf;

#define FILE_BUFS_MAX 1024u

void file_close(int fd);
NODISCARD OsError file_duplicate(int fd, int *copy);

NODISCARD OsError file_read(int fd, const FileBuf *bufs, size_t count,
                            size_t *done); // 0: at the end
NODISCARD OsError file_read_at(int fd, const FileBuf *bufs, size_t count,
                               uint64_t offset, size_t *done);

// A pipe without readers is OS_pipe; no signal is raised.
NODISCARD OsError file_write(int fd, const FileBuf *bufs, size_t count,
                             size_t *done);
// On Linux, a file opened to append is appended to all the same.
NODISCARD OsError file_write_at(int fd, const FileBuf *bufs, size_t count,
                                uint64_t offset, size_t *done);

NODISCARD OsError file_seek(int fd, int64_t offset, FileWhence whence,
                            uint64_t *at);
NODISCARD OsError file_sync(int fd);
NODISCARD OsError file_sync_data(int fd);
NODISCARD OsError file_advise(int fd, uint64_t offset, uint64_t size,
                              FileAdvice advice);
// Makes sure of room, growing the file if needed.
NODISCARD OsError file_allocate(int fd, uint64_t offset, uint64_t size);
NODISCARD OsError file_set_size(int fd, uint64_t size);
NODISCARD OsError file_set_times(int fd, FileTimes times);
NODISCARD OsError file_stat(int fd, FileStat *stat);

NODISCARD OsError file_mode(int fd, FileMode *mode);
// Only append and nonblock can be changed; other changes are OS_notsup.
NODISCARD OsError file_set_mode(int fd, FileMode mode);

bool file_is_terminal(int fd);
uint32_t file_terminal_width(int fd); // in columns; 0 where unknown

NODISCARD OsError file_pipe(int *read_end, int *write_end);
// The same numbers stand for a new pipe. On failure, for the old one.
NODISCARD OsError file_pipe_replace(int read_end, int write_end);

// With the authority of the process, not of a guest: any path of the host. For
// the command, and for the directories that an embedder grants.
NODISCARD OsError file_open_host(const char *path, int *fd);   // to read
NODISCARD OsError file_create_host(const char *path, int *fd); // or truncate
// To append; made if it is missing. A symbolic link is refused.
NODISCARD OsError file_append_host(const char *path, int *fd);
NODISCARD OsError file_open_host_dir(const char *path, int *fd);
