// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Waiting: poll_oneoff, reads that block, sockets, and the deadline that ends
// them all.
#define _GNU_SOURCE
#include "wasi/fixture.h"

#include "os/clock.h"
#include "os/thread.h"
#include "wasi/limit.h"
#include "wasi/wasi_int.h"

#include <sys/socket.h>
#include <sys/un.h>

enum {
    SUBS = 0x8000,
    EVENTS = 0xc000,
    MS = 1000000,
};

static World w;
static uint32_t sub_len;

static void start(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    sub_len = 0;
}

static bool is_old(void) {
    return strcmp(w.version, "wasi_unstable") == 0;
}

static uint32_t next_sub(uint8_t kind) {
    uint32_t at = SUBS + sub_len * (is_old() ? 56 : 48);
    put_u64(&w, at, 100 + sub_len++);
    put_u64(&w, at + 8, kind);
    return at;
}

static void add_clock(uint32_t id, uint64_t time, uint16_t flags) {
    uint32_t at = next_sub(0) + (is_old() ? 24 : 16);
    put_u64(&w, at, id);
    put_u64(&w, at + 8, time);
    put_u64(&w, at + 16, 0);
    put_u64(&w, at + 24, flags);
}

static void add_fd(uint8_t kind, uint32_t fd) {
    put_u32(&w, next_sub(kind) + 16, fd);
}

// How many events; the subscriptions are then forgotten.
static uint32_t poll_all(void) {
    EXPECT_EQ(CALL(&w, poll_oneoff, SUBS, EVENTS, sub_len, OUT), 0);
    sub_len = 0;
    return get_u32(&w, OUT);
}

static void expect_event(uint32_t i, uint64_t user_data, int error,
                         uint8_t kind) {
    EXPECT_EQ(get(&w, EVENTS + i * 32, 8), user_data);
    EXPECT_EQ(get(&w, EVENTS + i * 32 + 8, 2), error);
    EXPECT_EQ(get(&w, EVENTS + i * 32 + 10, 1), kind);
}

static void bad_calls(void) {
    start();
    EXPECT_EQ(CALL(&w, poll_oneoff, SUBS, EVENTS, 0, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, poll_oneoff, SUBS, EVENTS, WASI_SUBS_MAX + 1, OUT),
              ERRNO_inval);
    next_sub(3);
    EXPECT_EQ(CALL(&w, poll_oneoff, SUBS, EVENTS, 1, OUT), ERRNO_inval);
    sub_len = 0;
    add_clock(7, 0, 0);
    add_clock(1, 0, 2);
    add_fd(1, 99);
    EXPECT_EQ(poll_all(), 3);
    expect_event(0, 100, ERRNO_notsup, 0);
    expect_event(1, 101, ERRNO_inval, 0);
    expect_event(2, 102, ERRNO_badf, 1);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
}

static void sleeps(const char *version) {
    start();
    w.version = version;
    uint64_t then = clock_now();
    add_clock(1, 20 * MS, 0);
    add_clock(0, UINT64_MAX, 0);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 100, 0, 0);
    EXPECT(clock_now() - then >= 20 * MS);
    then = clock_now();
    EXPECT_EQ(CALL(&w, clock_time_get, 0, 0, OUT), 0);
    add_clock(0, get(&w, OUT, 8) + 20 * MS, 1);
    EXPECT_EQ(poll_all(), 1);
    EXPECT(clock_now() - then >= 19 * MS);
    EXPECT_EQ(CALL(&w, clock_time_get, 1, 0, OUT), 0);
    add_clock(1, get(&w, OUT, 8), 1); // now
    add_clock(1, 0, 1);               // long ago
    add_clock(1, 0, 0);
    EXPECT_EQ(poll_all(), 3);
    expect_event(2, 102, 0, 0);
    world_release(&w);
}

static void sleeps_new(void) {
    sleeps("wasi_snapshot_preview1");
}

static void sleeps_old(void) {
    sleeps("wasi_unstable");
}

static void files_are_ready(void) {
    start();
    make_file(&w, "f", "seven b");
    uint32_t fd = open_path(&w, "f", 0);
    add_fd(1, fd);
    add_clock(1, UINT64_MAX, 0);
    add_fd(2, fd);
    EXPECT_EQ(poll_all(), 2);
    expect_event(0, 100, 0, 1);
    EXPECT_EQ(get(&w, EVENTS + 16, 8), 7);
    expect_event(1, 102, 0, 2);
    add_fd(1, 0); // a stream that never blocks
    EXPECT_EQ(poll_all(), 1);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, fd, 0, 0), 0);
    add_fd(1, fd);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 100, ERRNO_notcapable, 1);
    world_release(&w);
}

// A pipe of the host in the place of a standard stream: the read end as 0, the
// write end as 1.
static void use_pipe(int ends[2]) {
    EXPECT_EQ(pipe(ends), 0);
    Desc d;
    for (uint32_t i = 0; i < 2; i++) {
        desc_close(&w.wasi->descs, NULL, i);
        uint32_t at;
        EXPECT_EQ(desc_of_fd(&d, ends[i], true, WASI_DIR_ALL), 0);
        EXPECT_EQ(desc_add(&w.wasi->descs, NULL, &d, i, &at), 0);
        EXPECT_EQ(at, i);
    }
}

static void pipes(void) {
    start();
    int ends[2];
    use_pipe(ends);
    add_fd(1, 0);
    add_fd(2, 1);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 101, 0, 2);
    add_fd(1, 0);
    add_clock(1, 5 * MS, 0);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 101, 0, 0);
    EXPECT_EQ(write_text(&w, 1, "abc"), 0);
    add_fd(1, 0);
    EXPECT_EQ(poll_all(), 1);
    EXPECT_EQ(get(&w, EVENTS + 16, 8), 3);
    EXPECT_EQ(read_some(&w, 0, 10), 0);
    EXPECT(data_is(&w, "abc"));
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 0, 4), 0);
    EXPECT_EQ(read_some(&w, 0, 10), ERRNO_again);
    EXPECT_EQ(read_some(&w, 0, 0), 0);
    // The host's own mode is untouched.
    EXPECT_EQ(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(CALL(&w, fd_close, 1), 0);
    add_fd(1, 0);
    EXPECT_EQ(poll_all(), 1);
    EXPECT_EQ(get(&w, EVENTS + 24, 2), 1); // hung up
    EXPECT_EQ(read_some(&w, 0, 10), 0);
    EXPECT_EQ(get_u32(&w, OUT), 0);
    world_release(&w);
}

// A full pipe: as much as fits, then again; no reader is an error, no signal.
static void full_pipe(void) {
    start();
    int ends[2];
    use_pipe(ends);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 1, 4), 0);
    put_iovec(&w, OTHER, 0, 0x20000);
    int e = 0;
    uint64_t written = 0;
    while (!e && written < 1 << 24) {
        e = CALL(&w, fd_write, 1, OTHER, 1, 0x1fffc);
        if (!e) written += get_u32(&w, 0x1fffc);
    }
    EXPECT_EQ(e, ERRNO_again);
    EXPECT(written >= 4096);
    EXPECT_EQ(CALL(&w, fd_close, 0), 0);
    EXPECT_EQ(write_text(&w, 1, "x"), ERRNO_pipe);
    world_release(&w);
}

// --- the deadline ------------------------------------------------------------

static void raise_later(void *arg) {
    Engine *e = arg;
    WaitResult r = wait_for(NULL, NULL, 0, clock_after(20 * MS));
    EXPECT_EQ(r, WAIT_timeout);
    engine_raise_epoch(e);
}

static Thread raiser;

static void raise_soon(void) {
    store_set_deadline(w.store, 1);
    raiser = (Thread){.run = raise_later, .arg = w.engine};
    EXPECT(thread_start(&raiser, 0));
}

static void expect_interrupted(int answer) {
    thread_join(&raiser);
    EXPECT_EQ(answer, TRAPPED);
    EXPECT_EQ(w.store->trap.code, TRAP_interrupt);
    EXPECT_EQ(w.store->host_bytes, 0);
    trap_clear(&w.store->trap);
}

static EpochAnswer go_on_once(void *env, Store *s) {
    int *calls = env;
    store_set_deadline(s, 1000);
    return ++*calls == 1 ? EPOCH_continue : EPOCH_trap;
}

static void deadline_ends_waits(void) {
    start();
    int ends[2];
    use_pipe(ends);
    raise_soon();
    expect_interrupted(read_some(&w, 0, 1));
    raise_soon();
    add_clock(1, UINT64_MAX, 0);
    expect_interrupted(CALL(&w, poll_oneoff, SUBS, EVENTS, 1, OUT));
    // The embedder may let it go on; the time counts from the start.
    int calls = 0;
    w.store->epoch_callback = go_on_once;
    w.store->epoch_env = &calls;
    sub_len = 0;
    uint64_t then = clock_now();
    raise_soon();
    add_clock(1, 60 * MS, 0);
    EXPECT_EQ(poll_all(), 1);
    EXPECT_EQ(calls, 1);
    uint64_t took = clock_now() - then;
    EXPECT(took >= 60 * MS && took < 2000 * (uint64_t)MS);
    thread_join(&raiser);
    world_release(&w);
}

// A guest's descriptor goes away while the guest waits for it.
static EpochAnswer close_it(void *env, Store *s) {
    desc_close(env, NULL, 0);
    store_set_deadline(s, 1000);
    return EPOCH_continue;
}

static void closed_while_waiting(void) {
    start();
    int ends[2];
    use_pipe(ends);
    w.store->epoch_callback = close_it;
    w.store->epoch_env = &w.wasi->descs;
    raise_soon();
    EXPECT_EQ(read_some(&w, 0, 1), ERRNO_badf);
    thread_join(&raiser);
    world_release(&w);
}

// --- terminals ---------------------------------------------------------------

// The guest's side of a terminal as all its standard streams; the other side,
// or -1.
static int use_terminal(void) {
    int ours = posix_openpt(O_RDWR | O_NOCTTY);
    if (ours < 0 || grantpt(ours) || unlockpt(ours)) return -1;
    const char *name = ptsname(ours);
    for (int i = 0; i < 3; i++) {
        int theirs = name ? open(name, O_RDWR | O_NOCTTY) : -1;
        if (!EXPECT(theirs >= 0)) return -1;
        wasi_stdio_set(w.wasi, i, theirs, true);
    }
    return ours;
}

// C libraries take for a terminal what is a character device and cannot seek.
static void terminals_look_like_it(void) {
    start();
    int ours = use_terminal();
    for (uint32_t fd = 0; ours >= 0 && fd < 3; fd++) {
        EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
        EXPECT_EQ(get(&w, OUT, 1), 2);
        EXPECT_EQ(get(&w, OUT + 8, 8) & (RIGHT_fd_seek | RIGHT_fd_tell), 0);
        EXPECT_EQ(CALL(&w, fd_seek, fd, 0, 0, OUT), ERRNO_notcapable);
    }
    if (ours >= 0) close(ours);
    world_release(&w);
}

static void terminals_are_waited_for(void) {
    start();
    int ours = use_terminal();
    if (ours < 0) { // none in this sandbox
        world_release(&w);
        return;
    }
    add_fd(1, 0); // nothing was typed
    add_clock(1, 5 * MS, 0);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 101, 0, 0);
    add_fd(1, 0);
    add_fd(2, 1);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 101, 0, 2);
    EXPECT_EQ(write(ours, "ab", 2), 2); // a line is not yet
    add_fd(1, 0);
    add_clock(1, 5 * MS, 0);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 101, 0, 0);
    EXPECT_EQ(write(ours, "c\n", 2), 2);
    add_fd(1, 0);
    EXPECT_EQ(poll_all(), 1);
    expect_event(0, 100, 0, 1);
    EXPECT_EQ(get(&w, EVENTS + 16, 8), 4);
    EXPECT_EQ(read_some(&w, 0, 100), 0);
    EXPECT_EQ(get_u32(&w, OUT), 4);
    EXPECT(data_is(&w, "abc\n"));
    raise_soon(); // a read that waits for a line
    expect_interrupted(read_some(&w, 0, 100));
    store_set_deadline(w.store, 1000);
    close(ours); // it hangs up
    add_fd(1, 0);
    EXPECT_EQ(poll_all(), 1);
    EXPECT_EQ(get(&w, EVENTS + 24, 2) & 1, 1);
    int e = read_some(&w, 0, 100);
    EXPECT(e == ERRNO_io || (e == 0 && get_u32(&w, OUT) == 0));
    world_release(&w);
}

// --- sockets -----------------------------------------------------------------

static void connects(void) {
    start();
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/s", w.dir);
    EXPECT_EQ(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    EXPECT_EQ(listen(listener, 4), 0);
    EXPECT(wasi_socket_add(w.wasi, listener));
    // Directories stay in front.
    Err err = {0};
    EXPECT(wasi_dir_add(w.wasi, w.dir, "/b", WASI_DIR_ALL, &err));
    EXPECT_EQ(CALL(&w, fd_prestat_get, 4, OUT), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 5, 4), 0);
    EXPECT_EQ(CALL(&w, sock_accept, 5, 0, OUT), ERRNO_again);
    EXPECT_EQ(CALL(&w, sock_accept, 5, 1, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 5, 0), 0);
    raise_soon();
    expect_interrupted(CALL(&w, sock_accept, 5, 0, OUT));
    store_set_deadline(w.store, 1000);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(connect(client, (struct sockaddr *)&name, sizeof name), 0);
    EXPECT_EQ(CALL(&w, sock_accept, 5, 0, OUT), 0);
    uint32_t fd = get_u32(&w, OUT);
    EXPECT_EQ(fd, 6);
    EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 1), 6);
    EXPECT_EQ(get(&w, OUT + 2, 2), 0);
    EXPECT_EQ(write_text(&w, fd, "to client"), 0);
    put_iovec(&w, OTHER, DATA, 2);
    EXPECT_EQ(CALL(&w, sock_send, fd, OTHER, 1, 0, OUT), 0);
    EXPECT_EQ(CALL(&w, sock_send, fd, OTHER, 1, 1, OUT), ERRNO_inval);
    char got[32] = {0};
    EXPECT_EQ(read(client, got, sizeof got), 11);
    EXPECT_STR(got, "to clientto");
    EXPECT_EQ(write(client, "reply", 5), 5);
    put_iovec(&w, OTHER, DATA, 3);
    EXPECT_EQ(CALL(&w, sock_recv, fd, OTHER, 1, 1, OUT, OUT + 4), 0);
    EXPECT_EQ(CALL(&w, sock_recv, fd, OTHER, 1, 0, OUT, OUT + 4), 0);
    EXPECT(data_is(&w, "rep"));
    EXPECT_EQ(get(&w, OUT + 4, 2), 0);
    EXPECT_EQ(CALL(&w, sock_recv, fd, OTHER, 1, 4, OUT, OUT + 4), ERRNO_inval);
    EXPECT_EQ(CALL(&w, sock_shutdown, fd, 4), ERRNO_inval);
    EXPECT_EQ(CALL(&w, sock_shutdown, fd, 0), ERRNO_inval);
    // All of it: also what comes later, or the end.
    shutdown(client, SHUT_WR);
    put_iovec(&w, OTHER, DATA, 100);
    EXPECT_EQ(CALL(&w, sock_recv, fd, OTHER, 1, 2, OUT, OUT + 4), 0);
    EXPECT_EQ(get_u32(&w, OUT), 2);
    EXPECT_EQ(CALL(&w, sock_shutdown, fd, 2), 0);
    EXPECT_EQ(read(client, got, 1), 0);
    close(client);
    EXPECT_EQ(write_text(&w, fd, "x"), ERRNO_pipe);
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
    close(listener);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(bad_calls), UNIT_TEST(sleeps_new), UNIT_TEST(sleeps_old),
        UNIT_TEST(files_are_ready), UNIT_TEST(pipes), UNIT_TEST(full_pipe),
        UNIT_TEST(deadline_ends_waits), UNIT_TEST(closed_while_waiting),
        UNIT_TEST(terminals_look_like_it), UNIT_TEST(terminals_are_waited_for),
        UNIT_TEST(connects));
}
