// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/sock.h"

#include "os/error_int.h"
#include "os/file_int.h"

#include <errno.h>
#include <sys/socket.h>

OsError sock_accept(int fd, bool nonblock, int *connection) {
    int flags = SOCK_CLOEXEC | (nonblock ? SOCK_NONBLOCK : 0);
    int made;
    do {
        made = accept4(fd, NULL, NULL, flags);
    } while (made < 0 && errno == EINTR);
    if (made < 0) return os_error_last();
    *connection = made;
    return OS_ok;
}

// sendmsg does not write through its pointers, though its type says so.
static struct msghdr message(const FileBuf *bufs, size_t count) {
    union {
        const struct iovec *in;
        struct iovec *out;
    } iov = {.in = file_iovecs(bufs)};
    struct msghdr m = {0};
    m.msg_iov = iov.out;
    // Its type differs among C libraries; the value is small.
    m.msg_iovlen = (__typeof__(m.msg_iovlen))file_iovec_count(count);
    return m;
}

OsError sock_receive(int fd, const FileBuf *bufs, size_t count,
                     SockReceive *how) {
    struct msghdr m = message(bufs, count);
    int flags = (how->peek ? MSG_PEEK : 0) | (how->wait_all ? MSG_WAITALL : 0);
    ssize_t n;
    do {
        n = recvmsg(fd, &m, flags);
    } while (n < 0 && errno == EINTR);
    if (n < 0) return os_error_last();
    how->done = (size_t)n;
    how->truncated = (m.msg_flags & MSG_TRUNC) != 0;
    return OS_ok;
}

OsError sock_send(int fd, const FileBuf *bufs, size_t count, size_t *done) {
    struct msghdr m = message(bufs, count);
    ssize_t n;
    do {
        n = sendmsg(fd, &m, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0) return os_error_last();
    *done = (size_t)n;
    return OS_ok;
}

OsError sock_shutdown(int fd, bool read, bool write) {
    if (!read && !write) return OS_inval;
    int how = read && write ? SHUT_RDWR : read ? SHUT_RD : SHUT_WR;
    return os_result(shutdown(fd, how));
}
