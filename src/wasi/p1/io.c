// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moving bytes between the guest's memory and files, streams and sockets.
//
// Descriptors of the host stay as they are: the guest's NONBLOCK is kept here,
// and whoever may block is waited for first, so that the deadline ends it.
// Then at most as much is moved as goes without blocking. Waiting may run
// other code; afterwards everything is looked up again.
#include "os/clock.h"
#include "os/sock.h"
#include "wasi/p1/p1_int.h"

typedef enum Io {
    IO_read,
    IO_read_at,
    IO_write,
    IO_write_at,
    IO_receive,
    IO_send,
} Io;

typedef struct Transfer {
    Io io;
    uint64_t offset; // for IO_*_at
    bool peek;
    bool all;       // wait until everything is there
    bool truncated; // answered: the rest of a datagram is lost
    uint32_t done;  // bytes
} Transfer;

static bool is_input(Io io) {
    return io == IO_read || io == IO_read_at || io == IO_receive;
}

static bool is_positioned(Io io) {
    return io == IO_read_at || io == IO_write_at;
}

static bool is_message(Io io) {
    return io == IO_receive || io == IO_send;
}

// --- buffers -----------------------------------------------------------------

typedef struct Buffers {
    Guest parts[WASI_IOVS_AT_ONCE];
    FileBuf bufs[WASI_IOVS_AT_ONCE];
    uint32_t len;
    uint64_t size; // of all parts
    bool bounces;  // through the one below
    uint8_t bounce[WASI_BOUNCE_SIZE];
} Buffers;

// One iovec:  0 address   4 size
static Errno add_part(const P1Call *c, Buffers *b, Guest iovs, uint32_t i,
                      uint64_t *skip) {
    uint32_t iovec[2];
    guest_read(iovs, i * 8, iovec, sizeof iovec);
    Guest part = {0};
    Errno e = guest_slice(c, iovec[0], iovec[1], &part);
    if (e) return e;
    uint32_t skipped = (uint32_t)MIN(*skip, part.size);
    *skip -= skipped;
    part.at += skipped;
    part.size -= skipped;
    if (part.size == 0) return ERRNO_success;
    b->parts[b->len++] = part;
    b->size += part.size;
    return ERRNO_success;
}

// The guest's buffers behind the first `skip` bytes. Each iovec is read once:
// other threads may write to it.
static Errno buffers_find(const P1Call *c, Buffers *b, uint64_t skip) {
    uint32_t count = p1_u32(c, 2);
    b->len = 0;
    b->size = 0;
    if (count > WASI_IOVS_MAX) return ERRNO_inval;
    Guest iovs = {0};
    Errno e = p1_slice(c, 1, (uint64_t)count * 8, &iovs);
    for (uint32_t i = 0; !e && i < count && b->len < WASI_IOVS_AT_ONCE; i++)
        e = add_part(c, b, iovs, i, &skip);
    return e;
}

static void cut(Buffers *b, uint64_t size) {
    if (b->size <= size) return;
    uint64_t before = 0;
    uint32_t len = 0;
    for (; before < size; len++) {
        Guest *part = &b->parts[len];
        part->size = (uint32_t)MIN(part->size, size - before);
        before += part->size;
    }
    b->len = len;
    b->size = size;
}

static void gather(Buffers *b) {
    size_t at = 0;
    for (uint32_t i = 0; i < b->len; i++) {
        guest_read(b->parts[i], 0, b->bounce + at, b->parts[i].size);
        at += b->parts[i].size;
    }
}

static void scatter(const Buffers *b, size_t size) {
    size_t at = 0;
    for (uint32_t i = 0; at < size; i++) {
        uint32_t piece = (uint32_t)MIN(b->parts[i].size, size - at);
        guest_write(b->parts[i], 0, b->bounce + at, piece);
        at += piece;
    }
}

// For the host: the guest's memory itself where that can be, else the bounce
// buffer, filled when it is output.
static void buffers_map(Buffers *b, bool bounces, bool input) {
    b->bounces = bounces;
    if (bounces) {
        cut(b, WASI_BOUNCE_SIZE);
        if (!input) gather(b);
        b->bufs[0] = (FileBuf){b->bounce, (size_t)b->size};
        b->len = b->len ? b->len : 1; // also nothing has a place
        return;
    }
    for (uint32_t i = 0; i < b->len; i++)
        b->bufs[i] = (FileBuf){guest_direct(b->parts[i]), b->parts[i].size};
}

// --- a transfer --------------------------------------------------------------

static Errno find_desc(const P1Call *c, Io io, Desc **out) {
    bool input = is_input(io);
    Rights need = input ? RIGHT_fd_read : RIGHT_fd_write;
    if (is_positioned(io)) need |= RIGHT_fd_seek;
    const Desc *d = desc_at(&c->wasi->descs, p1_u32(c, 0));
    if (!d) return ERRNO_badf;
    if (is_message(io) && d->kind != DESC_socket) return ERRNO_notsock;
    if (d->kind == DESC_directory) return input ? ERRNO_isdir : ERRNO_badf;
    if (d->kind == DESC_stream && is_positioned(io)) return ERRNO_spipe;
    if (!(input ? d->can_read : d->can_write)) return ERRNO_badf;
    return p1_desc(c, 0, need, out);
}

// Output that is ready takes only so much without blocking. Connections that
// we accepted never block, and messages are not cut.
static uint64_t room(const Desc *d, Io io) {
    if (is_input(io) || is_positioned(io) || !d->may_block) return UINT64_MAX;
    if (d->kind == DESC_socket && d->owned) return UINT64_MAX;
    if (d->type == FILE_socket_datagram) return UINT64_MAX;
    return FILE_PIPE_ROOM;
}

static Errno wait_ready(P1Call *c, const Desc *d, bool input, bool *again) {
    WaitFd fd = {.fd = d->fd, .read = input, .write = !input};
    switch (p1_sleep(c, &fd, 1, d->nonblock ? 0 : CLOCK_NEVER)) {
    case WAIT_ready:
        return ERRNO_success;
    case WAIT_timeout:
        return ERRNO_again;
    case WAIT_failed:
        return ERRNO_nomem;
    case WAIT_interrupted:
        *again = true;
        return p1_go_on(c) ? ERRNO_success : ERRNO_intr;
    }
    UNREACHABLE();
}

static Errno move_stream(const WasiStream *s, Io io, FileBuf buf,
                         size_t *done) {
    int64_t n = 0;
    if (io == IO_read && s->read)
        n = s->read(s->env, buf.at, buf.size);
    else if (io == IO_write)
        n = s->write ? s->write(s->env, buf.at, buf.size) : (int64_t)buf.size;
    if (n < 0) return (Errno)-n;
    *done = MIN((size_t)n, buf.size);
    return ERRNO_success;
}

static OsError receive(int fd, Transfer *t, const Buffers *b, size_t *done) {
    SockReceive how = {.peek = t->peek};
    OsError error = sock_receive(fd, b->bufs, b->len, &how);
    *done = how.done;
    t->truncated = how.truncated;
    return error;
}

static OsError move_node(const Desc *d, Transfer *t, const Buffers *b,
                         size_t *done) {
    switch (t->io) {
    case IO_read:
        return d->fs->read(d->node, b->bufs, b->len, done);
    case IO_read_at:
        return d->fs->read_at(d->node, b->bufs, b->len, t->offset, done);
    case IO_write:
        return d->fs->write(d->node, b->bufs, b->len, done);
    case IO_write_at:
        return d->fs->write_at(d->node, b->bufs, b->len, t->offset, done);
    case IO_receive:
        return receive(d->fd, t, b, done);
    case IO_send:
        return sock_send(d->fd, b->bufs, b->len, done);
    }
    UNREACHABLE();
}

// `d` means nothing any more after this: a stream may run anything.
static Errno move(const P1Call *c, const Desc *d, Transfer *t, Buffers *b,
                  size_t *done) {
    bool is_stream = d->kind == DESC_stream;
    cut(b, room(d, t->io));
    buffers_map(b, is_stream || c->memory->shared, is_input(t->io));
    Errno e;
    if (is_stream) {
        WasiStream stream = d->stream;
        e = move_stream(&stream, t->io, b->bufs[0], done);
    } else {
        uint32_t parts = b->len;
        if (b->bounces) b->len = 1;
        e = errno_of_os(move_node(d, t, b, done));
        b->len = parts;
        *done = (size_t)MIN(*done, b->size);
    }
    if (!e && b->bounces && is_input(t->io)) scatter(b, *done);
    return e;
}

// Once: what is ready now, or waits for it. *again: nothing has happened, look
// again.
static Errno transfer_some(P1Call *c, Transfer *t, size_t *done, bool *again) {
    Buffers b;
    Desc *d = NULL;
    *done = 0;
    *again = false;
    Errno e = find_desc(c, t->io, &d);
    if (!e) e = buffers_find(c, &b, t->done);
    if (e) return e;
    if (b.size == 0 && t->io != IO_send) return ERRNO_success;
    bool waits = d->may_block && !is_positioned(t->io);
    bool blocks = waits && !d->nonblock;
    if (waits) e = wait_ready(c, d, is_input(t->io), again);
    if (e || *again) return e;
    e = move(c, d, t, &b, done);
    *again = e == ERRNO_again && blocks; // somebody else was faster
    return *again ? ERRNO_success : e;
}

static Errno transfer(P1Call *c, Transfer *t) {
    for (;;) {
        size_t done;
        bool again;
        Errno e = transfer_some(c, t, &done, &again);
        if (e) return t->done ? ERRNO_success : e;
        t->done += (uint32_t)done;
        if (!again && (!t->all || done == 0)) return ERRNO_success;
    }
}

static Errno transfer_to(P1Call *c, Transfer *t, unsigned out_arg) {
    Desc *d = NULL;
    Guest out = {0};
    Errno e = find_desc(c, t->io, &d);
    if (!e) e = p1_slice(c, out_arg, 4, &out);
    if (!e) e = transfer(c, t);
    if (!e) guest_write_u32(out, 0, t->done);
    return e;
}

Errno p1_fd_read(P1Call *c) {
    return transfer_to(c, &(Transfer){.io = IO_read}, 3);
}

Errno p1_fd_write(P1Call *c) {
    return transfer_to(c, &(Transfer){.io = IO_write}, 3);
}

Errno p1_fd_pread(P1Call *c) {
    Transfer t = {.io = IO_read_at, .offset = p1_u64(c, 3)};
    return transfer_to(c, &t, 4);
}

Errno p1_fd_pwrite(P1Call *c) {
    Transfer t = {.io = IO_write_at, .offset = p1_u64(c, 3)};
    return transfer_to(c, &t, 4);
}

// --- sockets -----------------------------------------------------------------

Errno p1_sock_recv(P1Call *c) {
    enum {
        PEEK = 1,
        WAITALL = 2,
        ALL = 3,
        TRUNCATED = 1
    };
    uint32_t flags = p1_u32(c, 3);
    Desc *d = NULL;
    Guest out = {0};
    Errno e = find_desc(c, IO_receive, &d);
    if (!e && (flags & ~(uint32_t)ALL)) e = ERRNO_inval;
    if (!e) e = p1_slice(c, 5, 2, &out);
    if (e) return e;
    Transfer t = {.io = IO_receive, .peek = flags & PEEK};
    t.all = (flags & WAITALL) && !t.peek && !d->nonblock &&
            d->type == FILE_socket_stream;
    e = transfer_to(c, &t, 4);
    uint16_t answer = t.truncated ? TRUNCATED : 0;
    if (!e) guest_write(out, 0, &answer, sizeof answer);
    return e;
}

Errno p1_sock_send(P1Call *c) {
    Desc *d = NULL;
    Errno e = find_desc(c, IO_send, &d);
    if (!e && p1_u32(c, 3) != 0) e = ERRNO_inval; // no flags are known
    if (e) return e;
    return transfer_to(c, &(Transfer){.io = IO_send}, 4);
}

Errno p1_sock_shutdown(P1Call *c) {
    enum {
        RD = 1,
        WR = 2,
        ALL = 3
    };
    uint32_t how = p1_u32(c, 1);
    Desc *d = NULL;
    Errno e = p1_desc(c, 0, 0, &d);
    if (!e && d->kind != DESC_socket) e = ERRNO_notsock;
    if (!e) e = p1_desc(c, 0, RIGHT_sock_shutdown, &d);
    if (!e && (how & ~(uint32_t)ALL)) e = ERRNO_inval;
    if (e) return e;
    return errno_of_os(sock_shutdown(d->fd, how & RD, how & WR));
}

static Errno listener(const P1Call *c, Desc **out) {
    Errno e = p1_desc(c, 0, 0, out);
    if (!e && (*out)->kind != DESC_socket) e = ERRNO_notsock;
    return e ? e : p1_desc(c, 0, RIGHT_sock_accept, out);
}

// The host's descriptor of a connection never blocks, whatever the guest asks.
static Errno add_connection(P1Call *c, int fd, bool nonblock, Guest out) {
    Desc made;
    uint32_t number;
    Errno e = desc_of_fd(&made, fd, true, WASI_DIR_ALL);
    if (e) {
        desc_release(&made);
        return e;
    }
    made.nonblock = nonblock;
    e = desc_add(&c->wasi->descs, c->store, &made, 0, &number);
    if (!e) guest_write_u32(out, 0, number);
    return e;
}

Errno p1_sock_accept(P1Call *c) {
    uint32_t flags = p1_u32(c, 1);
    for (;;) {
        Desc *d = NULL;
        Guest out = {0};
        bool again = false;
        Errno e = listener(c, &d);
        if (!e && (flags & ~(uint32_t)FDFLAG_nonblock)) e = ERRNO_inval;
        if (!e) e = p1_slice(c, 2, 4, &out);
        if (!e) e = wait_ready(c, d, true, &again);
        if (e) return e;
        if (again) continue;
        int fd;
        e = errno_of_os(sock_accept(d->fd, true, &fd));
        if (!e) return add_connection(c, fd, flags != 0, out);
        if (e != ERRNO_again || d->nonblock) return e;
    }
}
