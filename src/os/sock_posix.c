// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/sock.h"

#include "os/error_int.h"
#include "os/file_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// --- listening ---------------------------------------------------------------

enum {
    LISTEN_BACKLOG = 128, // connections that wait to be accepted
};

typedef struct Address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t size;
} Address;

// Decimal digits and nothing else.
static bool read_port(const char *text, in_port_t *port) {
    uint32_t value = 0;
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 5 || text[len]) return false;
    for (; *text; text++)
        value = value * 10 + (uint32_t)(*text - '0');
    *port = htons((uint16_t)value);
    return value <= UINT16_MAX;
}

static bool read_address(const char *text, Address *out) {
    char host[INET6_ADDRSTRLEN];
    in_port_t port;
    const char *colon = strrchr(text, ':');
    if (!colon || !read_port(colon + 1, &port)) return false;
    bool is_v6 = text[0] == '[' && colon - text > 1 && colon[-1] == ']';
    size_t len = (size_t)(colon - text) - (is_v6 ? 2 : 0);
    if (len >= sizeof host) return false;
    memcpy(host, text + is_v6, len);
    host[len] = 0;
    *out = (Address){0};
    if (is_v6) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = port;
        out->size = sizeof out->v6;
        return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = port;
    out->size = sizeof out->v4;
    return inet_pton(AF_INET, host, &out->v4.sin_addr) == 1;
}

// The address is free again as soon as the socket is closed, whatever its last
// connections are still doing.
OsError sock_listen(const char *address, int *fd) {
    Address a;
    if (!read_address(address, &a)) return OS_inval;
    int made = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) return os_error_last();
    int on = 1;
    if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(made, &a.any, a.size) || listen(made, LISTEN_BACKLOG)) {
        OsError error = os_error_last();
        close(made);
        return error;
    }
    *fd = made;
    return OS_ok;
}

// --- connections -------------------------------------------------------------

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
