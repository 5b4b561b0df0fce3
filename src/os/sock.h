// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sockets: listen, accept, receive, send, shut down. Blocking as their
// descriptors are; wait with os/wait first.
#pragma once

#include "base/defs.h"
#include "os/error.h"
#include "os/file.h"

// A new socket that listens at "127.0.0.1:80" or "[::1]:80"; port 0 is one that
// the host chooses. No name is looked up. OS_inval: that is no address.
NODISCARD OsError sock_listen(const char *address, int *fd);

NODISCARD OsError sock_accept(int fd, bool nonblock, int *connection);

typedef struct SockReceive {
    bool peek, wait_all; // asked
    size_t done;         // answered; 0: the other side is done
    bool truncated;      // of a datagram, the rest is lost
} SockReceive;

NODISCARD OsError sock_receive(int fd, const FileBuf *bufs, size_t count,
                               SockReceive *how);

// A connection that is gone is OS_pipe; no signal is raised.
NODISCARD OsError sock_send(int fd, const FileBuf *bufs, size_t count,
                            size_t *done);
NODISCARD OsError sock_shutdown(int fd, bool read, bool write);
