// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/file.h"

#include "os/error_int.h"
#include "os/file_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static_assert(sizeof(FileBuf) == sizeof(struct iovec), "same layout");
static_assert(offsetof(FileBuf, at) == offsetof(struct iovec, iov_base), "");
static_assert(offsetof(FileBuf, size) == offsetof(struct iovec, iov_len), "");
static_assert(FILE_BUFS_MAX <= IOV_MAX, "");
static_assert(FILE_PIPE_ROOM <= PIPE_BUF, "");
static_assert(sizeof(off_t) == 8, "large files");

const struct iovec *file_iovecs(const FileBuf *bufs) {
    return (const struct iovec *)(const void *)bufs;
}

int file_iovec_count(size_t count) {
    return (int)MIN(count, (size_t)FILE_BUFS_MAX);
}

// The results of read and write and their kin.
static OsError transferred(ssize_t n, size_t *done) {
    if (n < 0) return os_error_last();
    *done = (size_t)n;
    return OS_ok;
}

// An interrupted close has closed all the same on every system of ours.
void file_close(int fd) {
    close(fd);
}

OsError file_duplicate(int fd, int *copy) {
    int made = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (made < 0) return os_error_last();
    *copy = made;
    return OS_ok;
}

OsError file_read(int fd, const FileBuf *bufs, size_t count, size_t *done) {
    ssize_t n;
    do {
        n = readv(fd, file_iovecs(bufs), file_iovec_count(count));
    } while (n < 0 && errno == EINTR);
    return transferred(n, done);
}

OsError file_read_at(int fd, const FileBuf *bufs, size_t count, uint64_t offset,
                     size_t *done) {
    if (offset > INT64_MAX) return OS_inval;
    ssize_t n;
    do {
        n = preadv(fd, file_iovecs(bufs), file_iovec_count(count),
                   (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return transferred(n, done);
}

// SIGPIPE kept away from the embedder around one write.
typedef struct PipeGuard {
    sigset_t saved;
    bool pending; // one was there already
} PipeGuard;

static void pipe_guard_enter(PipeGuard *g) {
    sigset_t pipe;
    sigset_t pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &g->saved);
    g->pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);
}

// The signal is pending for this very thread, also after a write that was cut
// short by the reader's end: take it.
static void pipe_guard_leave(PipeGuard *g) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    struct timespec now = {0};
    if (!g->pending)
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
            continue;
    pthread_sigmask(SIG_SETMASK, &g->saved, NULL);
}

static OsError write_now(int fd, const FileBuf *bufs, size_t count,
                         size_t *done) {
    ssize_t n;
    do {
        n = writev(fd, file_iovecs(bufs), file_iovec_count(count));
    } while (n < 0 && errno == EINTR);
    return transferred(n, done);
}

// What can seek is neither a pipe nor a socket, and needs no guard.
OsError file_write(int fd, const FileBuf *bufs, size_t count, size_t *done) {
    if (lseek(fd, 0, SEEK_CUR) >= 0) return write_now(fd, bufs, count, done);
    PipeGuard guard;
    pipe_guard_enter(&guard);
    OsError error = write_now(fd, bufs, count, done);
    pipe_guard_leave(&guard);
    return error;
}

OsError file_write_at(int fd, const FileBuf *bufs, size_t count,
                      uint64_t offset, size_t *done) {
    if (offset > INT64_MAX) return OS_inval;
    ssize_t n;
    do {
        n = pwritev(fd, file_iovecs(bufs), file_iovec_count(count),
                    (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return transferred(n, done);
}

OsError file_seek(int fd, int64_t offset, FileWhence whence, uint64_t *at) {
    static const int host[] = {
        [FILE_from_start] = SEEK_SET,
        [FILE_from_here] = SEEK_CUR,
        [FILE_from_end] = SEEK_END,
    };
    off_t now = lseek(fd, offset, host[whence]);
    if (now < 0) return os_error_last();
    *at = (uint64_t)now;
    return OS_ok;
}

OsError file_sync(int fd) {
    return os_result(fsync(fd));
}

OsError file_sync_data(int fd) {
    return os_result(fdatasync(fd));
}

OsError file_advise(int fd, uint64_t offset, uint64_t size, FileAdvice advice) {
    static const int host[] = {
        [FILE_normal] = POSIX_FADV_NORMAL,
        [FILE_sequential] = POSIX_FADV_SEQUENTIAL,
        [FILE_random] = POSIX_FADV_RANDOM,
        [FILE_will_need] = POSIX_FADV_WILLNEED,
        [FILE_dont_need] = POSIX_FADV_DONTNEED,
        [FILE_no_reuse] = POSIX_FADV_NOREUSE,
    };
    if (offset > INT64_MAX || size > INT64_MAX) return OS_inval;
    return os_error_of(
        posix_fadvise(fd, (off_t)offset, (off_t)size, host[advice]));
}

OsError file_set_size(int fd, uint64_t size) {
    if (size > INT64_MAX) return OS_inval;
    return os_result(ftruncate(fd, (off_t)size));
}

static bool time_from(struct timespec *to, FileTimeSet set, uint64_t ns) {
    *to = (struct timespec){0};
    switch (set) {
    case FILE_time_keep:
        to->tv_nsec = UTIME_OMIT;
        return true;
    case FILE_time_now:
        to->tv_nsec = UTIME_NOW;
        return true;
    case FILE_time_set:
        to->tv_sec = (time_t)(ns / 1000000000u);
        to->tv_nsec = (long)(ns % 1000000000u);
        return true;
    }
    return false;
}

OsError file_times_from(struct timespec to[2], FileTimes from) {
    if (!time_from(&to[0], from.accessed, from.accessed_ns)) return OS_inval;
    if (!time_from(&to[1], from.modified, from.modified_ns)) return OS_inval;
    return OS_ok;
}

OsError file_set_times(int fd, FileTimes times) {
    struct timespec host[2];
    OsError error = file_times_from(host, times);
    if (error) return error;
    return os_result(futimens(fd, host));
}

FileType file_type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return FILE_regular;
    case S_IFDIR:
        return FILE_directory;
    case S_IFLNK:
        return FILE_symlink;
    case S_IFBLK:
        return FILE_block_device;
    case S_IFCHR:
        return FILE_character_device;
    case S_IFIFO:
        return FILE_pipe;
    case S_IFSOCK:
        return FILE_socket_stream;
    default:
        return FILE_unknown;
    }
}

static uint64_t time_to(struct timespec t) {
    if (t.tv_sec < 0) return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void file_stat_from(FileStat *to, const struct stat *from) {
    *to = (FileStat){
        .device = from->st_dev,
        .inode = from->st_ino,
        .links = from->st_nlink,
        .size = (uint64_t)from->st_size,
        .accessed = time_to(from->st_atim),
        .modified = time_to(from->st_mtim),
        .changed = time_to(from->st_ctim),
        .type = file_type_of(from->st_mode),
    };
}

static bool is_datagram(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_DGRAM;
}

OsError file_stat(int fd, FileStat *stat) {
    struct stat host;
    if (fstat(fd, &host) != 0) return os_error_last();
    file_stat_from(stat, &host);
    if (stat->type == FILE_socket_stream && is_datagram(fd))
        stat->type = FILE_socket_datagram;
    return OS_ok;
}

OsError file_mode(int fd, FileMode *mode) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return os_error_last();
    int access = flags & O_ACCMODE;
    bool sync = (flags & O_SYNC) == O_SYNC;
    *mode = (FileMode){
        .read = access == O_RDONLY || access == O_RDWR,
        .write = access == O_WRONLY || access == O_RDWR,
        .append = (flags & O_APPEND) != 0,
        .nonblock = (flags & O_NONBLOCK) != 0,
        .sync = sync,
        .datasync = !sync && (flags & O_DSYNC) == O_DSYNC,
        .readsync = (flags & O_RSYNC) == O_RSYNC && sync,
    };
    return OS_ok;
}

OsError file_set_mode(int fd, FileMode mode) {
    FileMode now = {0};
    OsError error = file_mode(fd, &now);
    if (error) return error;
    if (mode.sync != now.sync || mode.datasync != now.datasync ||
        mode.readsync != now.readsync)
        return OS_notsup;
    int flags = fcntl(fd, F_GETFL) & ~(O_APPEND | O_NONBLOCK);
    if (mode.append) flags |= O_APPEND;
    if (mode.nonblock) flags |= O_NONBLOCK;
    return os_result(fcntl(fd, F_SETFL, flags));
}

bool file_is_terminal(int fd) {
    return isatty(fd) == 1;
}

uint32_t file_terminal_width(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

OsError file_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return os_error_last();
    *read_end = ends[0];
    *write_end = ends[1];
    return OS_ok;
}

OsError file_pipe_replace(int read_end, int write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return os_error_last();
    // To numbers that are open: this needs no room.
    bool ok = dup3(ends[0], read_end, O_CLOEXEC) >= 0 &&
              dup3(ends[1], write_end, O_CLOEXEC) >= 0;
    OsError error = ok ? OS_ok : os_error_last();
    close(ends[0]);
    close(ends[1]);
    return error;
}

static OsError open_host(const char *path, int flags, int *fd) {
    int made;
    do {
        made = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
    } while (made < 0 && errno == EINTR);
    if (made < 0) return os_error_last();
    *fd = made;
    return OS_ok;
}

OsError file_open_host(const char *path, int *fd) {
    return open_host(path, O_RDONLY, fd);
}

OsError file_create_host(const char *path, int *fd) {
    return open_host(path, O_WRONLY | O_CREAT | O_TRUNC, fd);
}

OsError file_append_host(const char *path, int *fd) {
    return open_host(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, fd);
}

OsError file_open_host_dir(const char *path, int *fd) {
    return open_host(path, O_RDONLY | O_DIRECTORY, fd);
}
