// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Descriptors: numbers, flags, rights, attributes, moving bytes.
#define _GNU_SOURCE
#include "wasi/fixture.h"

#include "os/clock.h"
#include "wasi/limit.h"

static World w;

static void start(const char *guest) {
    world_init(&w, guest, WASI_DIR_ALL);
}

static void reads_and_writes(const char *guest) {
    start(guest);
    uint32_t fd = open_path(&w, "file", O_CREATE);
    EXPECT_EQ(fd, 4);
    EXPECT_EQ(write_text(&w, fd, "hello world"), 0);
    EXPECT_EQ(get_u32(&w, OUT), 11);
    EXPECT_EQ(CALL(&w, fd_tell, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 11);
    // Two buffers, an empty one between them.
    put_iovec(&w, OTHER, DATA, 2);
    put_iovec(&w, OTHER + 8, DATA + 50, 0);
    put_iovec(&w, OTHER + 16, DATA + 100, 100);
    EXPECT_EQ(CALL(&w, fd_pread, fd, OTHER, 3, 6, OUT), 0);
    EXPECT_EQ(get_u32(&w, OUT), 5);
    EXPECT(data_is(&w, "wo"));
    EXPECT_EQ(get(&w, DATA + 100, 3), 'r' | 'l' << 8 | 'd' << 16);
    EXPECT_EQ(CALL(&w, fd_pread, fd, OTHER, 3, UINT64_MAX, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_pwrite, fd, OTHER, 1, UINT64_MAX, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_pwrite, fd, OTHER, 1, 20, OUT), 0);
    EXPECT_EQ(CALL(&w, fd_seek, fd, (uint64_t)-2, 2, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 20);
    EXPECT_EQ(CALL(&w, fd_seek, fd, (uint64_t)-21, 1, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_seek, fd, 0, 3, OUT), ERRNO_inval);
    EXPECT_EQ(read_some(&w, fd, 100), 0);
    EXPECT_EQ(get_u32(&w, OUT), 2);
    EXPECT_EQ(read_some(&w, fd, 100), 0);
    EXPECT_EQ(get_u32(&w, OUT), 0);
    EXPECT_EQ(CALL(&w, fd_read, fd, OTHER, 0, OUT), 0);
    EXPECT_EQ(CALL(&w, fd_read, fd, OTHER, WASI_IOVS_MAX + 1, OUT),
              ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_sync, fd), 0);
    EXPECT_EQ(CALL(&w, fd_datasync, fd), 0);
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    EXPECT_EQ(CALL(&w, fd_close, fd), ERRNO_badf);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
}

static void plain_memory(void) {
    reads_and_writes(plain_guest);
}
ON_BOTH(plain_memory)

static void shared_memory(void) {
    reads_and_writes(shared_guest);
}
ON_BOTH(shared_memory)

// More than the bounce buffer, in many pieces: some is moved, and what is moved
// is right.
static void large_transfers(void) {
    const char *guests[] = {plain_guest, shared_guest};
    for (size_t g = 0; g < COUNTOF(guests); g++) {
        start(guests[g]);
        uint32_t fd = open_path(&w, "big", O_CREATE);
        for (uint32_t i = 0; i < 0x8000; i += 4)
            put_u32(&w, 0x10000 + i, i * 2654435761u);
        for (uint32_t i = 0; i < 200; i++)
            put_iovec(&w, 0x5000 + i * 8, 0x10000 + i * 100, 100);
        EXPECT_EQ(CALL(&w, fd_write, fd, 0x5000, 200, OUT), 0);
        uint32_t done = get_u32(&w, OUT);
        EXPECT(done >= 6000 && done <= 20000);
        put_iovec(&w, OTHER, 0x8000, 0x7000);
        uint32_t had = 0;
        while (had < done) {
            put_iovec(&w, OTHER, 0x8000 + had, done - had);
            EXPECT_EQ(CALL(&w, fd_pread, fd, OTHER, 1, had, OUT), 0);
            if (!EXPECT(get_u32(&w, OUT) > 0)) break;
            had += get_u32(&w, OUT);
        }
        bool same = true;
        for (uint32_t i = 0; i < done; i += 4)
            same &= get_u32(&w, 0x8000 + i) == get_u32(&w, 0x10000 + i);
        EXPECT(same);
        world_release(&w);
    }
}
ON_BOTH(large_transfers)

// The whence of the old version is ordered differently, its filestat shorter.
static void old_version(void) {
    start(plain_guest);
    w.version = "wasi_unstable";
    uint32_t fd = open_path(&w, "file", O_CREATE);
    EXPECT_EQ(write_text(&w, fd, "0123456789"), 0);
    EXPECT_EQ(CALL(&w, fd_seek, fd, 3, 2, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 3);
    EXPECT_EQ(CALL(&w, fd_seek, fd, 3, 0, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 6);
    EXPECT_EQ(CALL(&w, fd_seek, fd, (uint64_t)-1, 1, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 9);
    put_u64(&w, OUT + 56, 0x77);
    EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 16, 1), 4);
    EXPECT_EQ(get(&w, OUT + 20, 4), 1);
    EXPECT_EQ(get(&w, OUT + 24, 8), 10);
    EXPECT_EQ(get(&w, OUT + 56, 8), 0x77);
    w.version = "wasi_snapshot_preview1";
    EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 16, 8), 4);
    EXPECT_EQ(get(&w, OUT + 24, 8), 1);
    EXPECT_EQ(get(&w, OUT + 32, 8), 10);
    world_release(&w);
}
ON_BOTH(old_version)

static void times_and_sizes(void) {
    start(plain_guest);
    uint32_t fd = open_path(&w, "file", O_CREATE);
    EXPECT_EQ(CALL(&w, fd_filestat_set_size, fd, 100), 0);
    EXPECT_EQ(CALL(&w, fd_filestat_set_size, fd, UINT64_MAX), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_allocate, fd, 50, 100), 0);
    EXPECT_EQ(CALL(&w, fd_advise, fd, 0, 10, 5), 0);
    EXPECT_EQ(CALL(&w, fd_advise, fd, 0, 10, 6), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_filestat_set_times, fd, 5000000001u, 7, 1), 0);
    EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 32, 8), 150);
    EXPECT_EQ(get(&w, OUT + 40, 8), 5000000001u);
    EXPECT(get(&w, OUT + 48, 8) > 1000000000000000000u);
    EXPECT_EQ(CALL(&w, fd_filestat_set_times, fd, 1, 9, 2 | 4), 0);
    EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), 0);
    EXPECT(get(&w, OUT + 40, 8) > 1000000000000000000u);
    EXPECT_EQ(get(&w, OUT + 48, 8), 9);
    static const uint32_t bad[] = {3, 12, 15, 16, UINT32_MAX};
    for (size_t i = 0; i < COUNTOF(bad); i++)
        EXPECT_EQ(CALL(&w, fd_filestat_set_times, fd, 1, 1, bad[i]),
                  ERRNO_inval);
    world_release(&w);
}
ON_BOTH(times_and_sizes)

static void appends(void) {
    start(plain_guest);
    make_file(&w, "log", "one ");
    uint32_t fd;
    EXPECT_EQ(open_with(&w, "log", 0, UINT32_MAX >> 2, 1, &fd), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 1), 4);
    EXPECT_EQ(get(&w, OUT + 2, 2), 1);
    EXPECT_EQ(write_text(&w, fd, "two"), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, fd, 0), 0);
    EXPECT_EQ(CALL(&w, fd_seek, fd, 0, 0, OUT), 0);
    EXPECT_EQ(write_text(&w, fd, "ONE"), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, fd, 1), 0);
    EXPECT_EQ(write_text(&w, fd, " end"), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, fd, 2), ERRNO_notsup);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, fd, 32), ERRNO_inval);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, fd, 1 | 4), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 2, 2), 5);
    EXPECT_EQ(CALL(&w, fd_seek, fd, 0, 0, OUT), 0);
    EXPECT_EQ(read_some(&w, fd, 100), 0);
    EXPECT(data_is(&w, "ONE two end"));
    world_release(&w);
}
ON_BOTH(appends)

static void numbers(void) {
    start(plain_guest);
    uint32_t a = open_path(&w, "a", O_CREATE);
    uint32_t b = open_path(&w, "b", O_CREATE);
    EXPECT_EQ(write_text(&w, a, "in a"), 0);
    EXPECT_EQ(CALL(&w, fd_renumber, a, 99), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_renumber, 99, a), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_renumber, UINT32_MAX, a), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_renumber, a, a), 0);
    EXPECT_EQ(CALL(&w, fd_renumber, a, b), 0);
    EXPECT_EQ(CALL(&w, fd_tell, a, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_tell, b, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 4);
    EXPECT_EQ(open_path(&w, "a", 0), a); // the lowest one
    EXPECT_EQ(CALL(&w, fd_renumber, b, 1), 0);
    EXPECT_EQ(write_text(&w, 1, "!"), 0);
    EXPECT_EQ(CALL(&w, fd_close, 1), 0);
    EXPECT_EQ(CALL(&w, fd_close, PREOPEN), 0);
    EXPECT_EQ(CALL(&w, fd_prestat_get, PREOPEN, OUT), ERRNO_badf);
    world_release(&w);
}
ON_BOTH(numbers)

static void preopens(void) {
    start(plain_guest);
    Err err = {0};
    EXPECT(wasi_dir_add(w.wasi, w.dir, ".", WASI_DIR_ALL, &err));
    EXPECT(!wasi_dir_add(w.wasi, "/no/such", "x", WASI_DIR_ALL, &err));
    EXPECT_EQ(err.id, E_preopen);
    EXPECT_STR(err.text, "cannot grant directory /no/such: "
                         "no such file or directory");
    put_u64(&w, OUT, UINT64_MAX);
    EXPECT_EQ(CALL(&w, fd_prestat_get, 3, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 1), 0);
    EXPECT_EQ(get_u32(&w, OUT + 4), 5);
    EXPECT_EQ(CALL(&w, fd_prestat_dir_name, 3, DATA, 4), ERRNO_nametoolong);
    EXPECT_EQ(CALL(&w, fd_prestat_dir_name, 3, DATA, 5), 0);
    EXPECT(data_is(&w, "/data"));
    EXPECT_EQ(CALL(&w, fd_prestat_get, 4, OUT), 0);
    EXPECT_EQ(get_u32(&w, OUT + 4), 1);
    EXPECT_EQ(CALL(&w, fd_prestat_get, 5, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_prestat_get, 0, OUT), ERRNO_badf);
    world_release(&w);
}

// Many descriptors: a limit, an error, and nothing left behind.
static void limits(void) {
    start(plain_guest);
    make_file(&w, "f", "");
    w.store->limits.host_memory = sizeof(Desc) * 20;
    uint32_t fd;
    int opened = 0;
    int e = 0;
    while (!e && opened < 100) {
        e = open_with(&w, "f", 0, RIGHT_fd_read, 0, &fd);
        opened += !e;
    }
    EXPECT_EQ(e, ERRNO_nomem);
    EXPECT_EQ(opened, 20);
    for (uint32_t i = 0; i < 20; i++)
        EXPECT_EQ(CALL(&w, fd_close, 4 + i), 0);
    EXPECT_EQ(w.store->host_bytes, 0);
    // Subscriptions are charged too.
    w.store->limits.host_memory = 1000;
    EXPECT_EQ(CALL(&w, poll_oneoff, 0, 0x10000, 100, OUT), ERRNO_nomem);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
}
ON_BOTH(limits)

static void directories_are_no_files(void) {
    start(plain_guest);
    put_iovec(&w, OTHER, DATA, 1);
    EXPECT_EQ(CALL(&w, fd_read, 3, OTHER, 1, OUT), ERRNO_isdir);
    EXPECT_EQ(CALL(&w, fd_pread, 3, OTHER, 1, 0, OUT), ERRNO_isdir);
    EXPECT_EQ(CALL(&w, fd_write, 3, OTHER, 1, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_pwrite, 3, OTHER, 1, 0, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_seek, 3, 0, 0, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_tell, 3, OUT), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_allocate, 3, 0, 1), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_advise, 3, 0, 1, 0), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_filestat_set_size, 3, 0), ERRNO_badf);
    EXPECT_EQ(CALL(&w, sock_shutdown, 3, 3), ERRNO_notsock);
    EXPECT_EQ(CALL(&w, sock_recv, 3, OTHER, 1, 0, OUT, OUT), ERRNO_notsock);
    EXPECT_EQ(CALL(&w, sock_send, 3, OTHER, 1, 0, OUT), ERRNO_notsock);
    EXPECT_EQ(CALL(&w, sock_accept, 3, 0, OUT), ERRNO_notsock);
    uint32_t fd = open_path(&w, "f", O_CREATE);
    EXPECT_EQ(CALL(&w, fd_readdir, fd, DATA, 100, 0, OUT), ERRNO_notdir);
    EXPECT_EQ(CALL(&w, path_create_directory, fd, PATH, 1), ERRNO_notdir);
    EXPECT_EQ(CALL(&w, fd_sync, 3), 0);
    world_release(&w);
}
ON_BOTH(directories_are_no_files)

// --- standard streams --------------------------------------------------------

static int64_t give(void *env, void *out, size_t size) {
    const char *text = env;
    size_t n = MIN(size, strlen(text));
    memcpy(out, text, n);
    return (int64_t)n;
}

static int64_t take(void *env, const void *bytes, size_t size) {
    char *to = env;
    if (size > 60) return -ERRNO_nospc;
    memcpy(to, bytes, size);
    return (int64_t)size;
}

static void count_close(void *env) {
    ++*(char *)env;
}

static void streams(void) {
    start(plain_guest);
    EXPECT_EQ(read_some(&w, 0, 10), 0);
    EXPECT_EQ(get_u32(&w, OUT), 0);
    EXPECT_EQ(write_text(&w, 1, "gone"), 0);
    EXPECT_EQ(get_u32(&w, OUT), 4);
    EXPECT_EQ(write_text(&w, 0, "no"), ERRNO_badf);
    EXPECT_EQ(read_some(&w, 2, 1), ERRNO_badf);
    char text[] = "given";
    char got[64] = {0};
    WasiStream in = {.env = text, .read = give, .fd = -1, .is_terminal = true};
    WasiStream out = {.env = got, .write = take, .fd = -1};
    WasiStream err = {.env = got, .close = count_close, .fd = -1};
    wasi_stream_set(w.wasi, 0, &in);
    wasi_stream_set(w.wasi, 1, &out);
    wasi_stream_set(w.wasi, 2, &err);
    EXPECT_EQ(read_some(&w, 0, 3), 0);
    EXPECT_EQ(get_u32(&w, OUT), 3);
    EXPECT(data_is(&w, "giv"));
    EXPECT_EQ(write_text(&w, 1, "Taken"), 0);
    EXPECT_STR(got, "Taken");
    put_iovec(&w, OTHER, DATA, 100);
    EXPECT_EQ(CALL(&w, fd_write, 1, OTHER, 1, OUT), ERRNO_nospc);
    EXPECT_EQ(CALL(&w, fd_seek, 1, 0, 0, OUT), ERRNO_spipe);
    EXPECT_EQ(CALL(&w, fd_pwrite, 1, OTHER, 1, 0, OUT), ERRNO_spipe);
    EXPECT_EQ(CALL(&w, fd_sync, 1), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_get, 0, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 1), 2); // what isatty() looks for
    EXPECT_EQ(get(&w, OUT + 8, 8) & (RIGHT_fd_seek | RIGHT_fd_tell), 0);
    EXPECT_EQ(CALL(&w, fd_filestat_get, 0, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 16, 1), 2);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 1, 4), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_flags, 1, 1), ERRNO_notsup);
    EXPECT_EQ(got[0], 'T');
    EXPECT_EQ(CALL(&w, fd_close, 2), 0);
    EXPECT_EQ(got[0], 'U');
    world_release(&w);
}

static void inherited(void) {
    start(plain_guest);
    wasi_inherit_stdio(w.wasi);
    for (uint32_t fd = 0; fd < 3; fd++) {
        EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
        EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), 0);
        EXPECT_EQ(CALL(&w, fd_close, fd), 0);
        EXPECT(fcntl((int)fd, F_GETFD) >= 0); // ours stays open
    }
    world_release(&w);
}

// --- rights ------------------------------------------------------------------

static void rights_only_shrink(void) {
    start(plain_guest);
    uint32_t fd = open_path(&w, "f", O_CREATE);
    EXPECT_EQ(write_text(&w, fd, "text"), 0);
    Rights left = RIGHT_fd_read | RIGHT_fd_seek;
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, fd, left, 0), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_get, fd, OUT), 0);
    EXPECT_EQ(get(&w, OUT + 8, 8), left);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, fd, UINT64_MAX, 0),
              ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, fd, left | RIGHT_fd_write, 0),
              ERRNO_notcapable);
    EXPECT_EQ(write_text(&w, fd, "x"), ERRNO_notcapable);
    put_iovec(&w, OTHER, DATA, 10);
    EXPECT_EQ(CALL(&w, fd_pread, fd, OTHER, 1, 0, OUT), 0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, fd, RIGHT_fd_read, 0), 0);
    EXPECT_EQ(CALL(&w, fd_pread, fd, OTHER, 1, 0, OUT), ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_tell, fd, OUT), ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_filestat_get, fd, OUT), ERRNO_notcapable);
    // What a directory no longer passes on cannot be had from it.
    Rights dir = RIGHT_path_open | RIGHT_path_create_file;
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, PREOPEN, dir, RIGHT_fd_read), 0);
    uint32_t got;
    EXPECT_EQ(open_with(&w, "f", 0, RIGHT_fd_write, 0, &got), ERRNO_notcapable);
    uint32_t size = put_text(&w, PATH, "f");
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, size, 0, RIGHT_fd_read, 0,
                   0, OUT),
              0);
    EXPECT_EQ(CALL(&w, path_unlink_file, PREOPEN, PATH, size),
              ERRNO_notcapable);
    world_release(&w);
}
ON_BOTH(rights_only_shrink)

int main(void) {
    return UNIT_RUN(UNIT_BOTH(plain_memory), UNIT_BOTH(shared_memory),
                    UNIT_BOTH(large_transfers), UNIT_BOTH(old_version),
                    UNIT_BOTH(times_and_sizes), UNIT_BOTH(appends),
                    UNIT_BOTH(numbers), UNIT_TEST(preopens), UNIT_BOTH(limits),
                    UNIT_BOTH(directories_are_no_files), UNIT_TEST(streams),
                    UNIT_TEST(inherited), UNIT_BOTH(rights_only_shrink));
}
