// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/file.h"

#include "os/dir.h"
#include "os/path.h"
#include "os/sock.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int root = -1; // a fresh directory
static char root_path[] = "/tmp/file_test.XXXXXX";

static PathAt at(const char *text) {
    return (PathAt){.dir = root, .text = text, .size = strlen(text)};
}

static int make(const char *name) {
    int fd = -1;
    PathOpen how = {.read = true, .write = true, .create = true};
    EXPECT_EQ(path_open(at(name), &how, &fd), OS_ok);
    return fd;
}

static void drop(const char *name, int fd) {
    file_close(fd);
    EXPECT_EQ(path_unlink(at(name)), OS_ok);
}

static void reads_and_writes(void) {
    int fd = make("data");
    char a[] = "hello ";
    char b[] = "world";
    FileBuf out[] = {{a, 6}, {b, 5}};
    size_t n = 0;
    EXPECT_EQ(file_write(fd, out, 2, &n), OS_ok);
    EXPECT_EQ(n, 11);
    uint64_t where = 0;
    EXPECT_EQ(file_seek(fd, -5, FILE_from_end, &where), OS_ok);
    EXPECT_EQ(where, 6);
    char c[20] = {0};
    FileBuf in[] = {{c, 2}, {c + 10, 9}};
    EXPECT_EQ(file_read(fd, in, 2, &n), OS_ok);
    EXPECT_EQ(n, 5);
    EXPECT_STR(c, "wo");
    EXPECT_STR(c + 10, "rld");
    EXPECT_EQ(file_read(fd, in, 1, &n), OS_ok);
    EXPECT_EQ(n, 0);
    EXPECT_EQ(file_write_at(fd, out, 1, 100, &n), OS_ok);
    EXPECT_EQ(file_read_at(fd, in, 1, 103, &n), OS_ok);
    EXPECT(memcmp(c, "lo", 2) == 0);
    EXPECT_EQ(file_read_at(fd, in, 1, UINT64_MAX, &n), OS_inval);
    EXPECT_EQ(file_write_at(fd, in, 1, UINT64_MAX, &n), OS_inval);
    EXPECT_EQ(file_seek(fd, -1, FILE_from_start, &where), OS_inval);
    EXPECT_EQ(file_write(fd, out, 0, &n), OS_ok);
    EXPECT_EQ(file_sync(fd), OS_ok);
    EXPECT_EQ(file_sync_data(fd), OS_ok);
    EXPECT_EQ(file_advise(fd, 0, 10, FILE_will_need), OS_ok);
    EXPECT_EQ(file_advise(fd, UINT64_MAX, 10, FILE_normal), OS_inval);
    drop("data", fd);
    EXPECT_EQ(file_read(-1, in, 1, &n), OS_badf);
}

static void many_buffers_are_cut(void) {
    int fd = make("many");
    static FileBuf bufs[FILE_BUFS_MAX + 10];
    char x = 'x';
    for (size_t i = 0; i < COUNTOF(bufs); i++)
        bufs[i] = (FileBuf){&x, 1};
    size_t n = 0;
    EXPECT_EQ(file_write(fd, bufs, COUNTOF(bufs), &n), OS_ok);
    EXPECT_EQ(n, FILE_BUFS_MAX);
    drop("many", fd);
}

static void sizes_and_times(void) {
    int fd = make("f");
    FileStat s;
    EXPECT_EQ(file_allocate(fd, 0, 5000), OS_ok);
    EXPECT_EQ(file_stat(fd, &s), OS_ok);
    EXPECT_EQ(s.size, 5000);
    EXPECT_EQ(s.links, 1);
    EXPECT_EQ(s.type, FILE_regular);
    EXPECT_EQ(file_set_size(fd, 10), OS_ok);
    EXPECT_EQ(file_set_size(fd, UINT64_MAX), OS_inval);
    EXPECT_EQ(file_allocate(fd, UINT64_MAX, 1), OS_fbig);
    FileTimes t = {FILE_time_set, FILE_time_keep, 1500000000123456789u, 0};
    uint64_t modified = s.modified;
    EXPECT_EQ(file_set_times(fd, t), OS_ok);
    EXPECT_EQ(file_stat(fd, &s), OS_ok);
    EXPECT_EQ(s.accessed, 1500000000123456789u);
    EXPECT(s.modified >= modified);
    EXPECT_EQ(s.size, 10);
    t = (FileTimes){FILE_time_keep, FILE_time_set, 0, 1000000000u};
    EXPECT_EQ(path_set_times(at("f"), true, t), OS_ok);
    EXPECT_EQ(path_stat(at("f"), false, &s), OS_ok);
    EXPECT_EQ(s.modified, 1000000000u);
    EXPECT_EQ(s.accessed, 1500000000123456789u);
    t = (FileTimes){FILE_time_now, FILE_time_now, 0, 0};
    EXPECT_EQ(path_set_times(at("f"), false, t), OS_ok);
    EXPECT_EQ(path_stat(at("f"), true, &s), OS_ok);
    EXPECT(s.modified > UINT64_C(1500000000000000000));
    drop("f", fd);
}

static void modes(void) {
    int fd = make("m");
    FileMode m;
    EXPECT_EQ(file_mode(fd, &m), OS_ok);
    EXPECT(m.read && m.write && !m.append && !m.nonblock);
    m.append = true;
    EXPECT_EQ(file_set_mode(fd, m), OS_ok);
    EXPECT_EQ(file_mode(fd, &m), OS_ok);
    EXPECT(m.append && !m.nonblock);
    m.sync = true;
    EXPECT_EQ(file_set_mode(fd, m), OS_notsup);
    drop("m", fd);
    PathOpen how = {.write = true,
                    .create = true,
                    .append = true,
                    .nonblock = true,
                    .sync = true};
    EXPECT_EQ(path_open(at("m"), &how, &fd), OS_ok);
    EXPECT_EQ(file_mode(fd, &m), OS_ok);
    EXPECT(m.append && m.nonblock && m.sync && m.write && !m.read);
    drop("m", fd);
}

static void broken_pipes_raise_no_signal(void) {
    int r;
    int w;
    if (!EXPECT(file_pipe(&r, &w) == OS_ok)) return;
    FileStat s;
    EXPECT_EQ(file_stat(w, &s), OS_ok);
    EXPECT_EQ(s.type, FILE_pipe);
    file_close(r);
    char x = 'x';
    FileBuf buf = {&x, 1};
    size_t n = 0;
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(file_write(w, &buf, 1, &n), OS_pipe);
    sigset_t pending;
    sigpending(&pending);
    EXPECT(!sigismember(&pending, SIGPIPE));
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    EXPECT(!sigismember(&blocked, SIGPIPE));
    uint64_t where;
    EXPECT_EQ(file_seek(w, 0, FILE_from_here, &where), OS_spipe);
    EXPECT(!file_is_terminal(w));
    EXPECT_EQ(file_terminal_width(w), 0);
    int copy = -1;
    EXPECT_EQ(file_duplicate(w, &copy), OS_ok);
    EXPECT(fcntl(copy, F_GETFD) & FD_CLOEXEC);
    file_close(copy);
    file_close(w);
    EXPECT_EQ(file_duplicate(w, &copy), OS_badf);
}

static void host_files(void) {
    char path[64];
    snprintf(path, sizeof path, "%s/h", root_path);
    int fd;
    EXPECT_EQ(file_open_host(path, &fd), OS_noent);
    EXPECT_EQ(file_create_host(path, &fd), OS_ok);
    file_close(fd);
    EXPECT_EQ(file_open_host(path, &fd), OS_ok);
    drop("h", fd);
    EXPECT_EQ(file_open_host_dir("/dev/null", &fd), OS_notdir);
}

// Names of the numbered files that reading from `cookie` on finds, as bits.
static uint64_t listed(DirReader *r, uint64_t cookie, int *others) {
    uint64_t set = 0;
    for (;;) {
        DirEntry e;
        if (!EXPECT_EQ(dir_read(r, cookie, &e), OS_ok)) return 0;
        if (!e.name) return set;
        cookie = e.next;
        if (e.name[0] == 'e') {
            uint64_t bit = UINT64_C(1) << atoi(e.name + 1);
            EXPECT(!(set & bit));
            set |= bit;
        } else {
            ++*others;
        }
    }
}

static void entry_name(char name[48], int i) {
    snprintf(name, 48, "d/e%d-%030d", i, 0);
}

static void fill_dir(int from, int to) {
    for (int i = from; i < to; i++) {
        char name[48];
        entry_name(name, i);
        file_close(make(name));
    }
}

static int open_dir(const char *name) {
    int fd = -1;
    PathOpen how = {.read = true, .directory = true};
    EXPECT_EQ(path_open(at(name), &how, &fd), OS_ok);
    return fd;
}

static void directories_are_listed(void) {
    EXPECT_EQ(path_make_dir(at("d")), OS_ok);
    fill_dir(0, 64);
    DirReader r = {.fd = open_dir("d")};
    int others = 0;
    EXPECT(listed(&r, DIR_START, &others) == UINT64_MAX);
    EXPECT_EQ(others, 2); // . and ..
    EXPECT(listed(&r, DIR_START, &others) == UINT64_MAX);
    DirEntry e;
    EXPECT_EQ(dir_read(&r, DIR_START, &e), OS_ok);
    FileStat s;
    EXPECT_EQ(file_stat(r.fd, &s), OS_ok);
    uint64_t cookie = DIR_START;
    while (dir_read(&r, cookie, &e) == OS_ok && e.name) {
        bool dots = e.name[0] == '.';
        EXPECT_EQ(e.type, dots ? FILE_directory : FILE_regular);
        EXPECT(!dots || e.inode == s.inode);
        EXPECT(e.next != DIR_START);
        cookie = e.next;
    }
    file_close(r.fd);
}

// From every cookie, with a reader that has just read something else, the
// rest is listed exactly.
static void any_cookie(void) {
    DirReader r = {.fd = open_dir("d")};
    uint64_t cookies[80];
    uint64_t rest[80]; // still to come at that cookie
    int n = 0;
    uint64_t left = UINT64_MAX;
    uint64_t cookie = DIR_START;
    DirEntry e;
    while (dir_read(&r, cookie, &e) == OS_ok && e.name && n < 80) {
        cookies[n] = cookie;
        rest[n++] = left;
        if (e.name[0] == 'e') left &= ~(UINT64_C(1) << atoi(e.name + 1));
        cookie = e.next;
    }
    EXPECT_EQ(n, 66);
    for (int i = 0; i < n; i++) {
        int pick = i * 37 % n;
        int others = 0;
        EXPECT(listed(&r, cookies[pick], &others) == rest[pick]);
    }
    file_close(r.fd);
}

// Removing what was just read, and adding others, loses and repeats nothing.
static void cookies_hold_under_change(void) {
    DirReader r = {.fd = open_dir("d")};
    uint64_t seen = 0;
    uint64_t cookie = DIR_START;
    DirEntry e;
    for (int i = 0; dir_read(&r, cookie, &e) == OS_ok && e.name; i++) {
        cookie = e.next;
        if (e.name[0] != 'e') continue;
        int number = atoi(e.name + 1);
        EXPECT(!(seen >> number & 1));
        seen |= UINT64_C(1) << number;
        char name[48];
        entry_name(name, number);
        EXPECT_EQ(path_unlink(at(name)), OS_ok);
        snprintf(name, sizeof name, "d/new%d", i);
        if (i % 7 == 0) file_close(make(name));
        // Another reader's position must not matter.
        DirReader other = {.fd = open_dir("d")};
        int others = 0;
        EXPECT(listed(&other, DIR_START, &others) == ~seen);
        file_close(other.fd);
    }
    EXPECT(seen == UINT64_MAX);
    EXPECT_EQ(dir_read(&r, cookie, &e), OS_ok);
    EXPECT(!e.name);
    file_close(r.fd);
    r = (DirReader){.fd = open_dir("d")};
    for (cookie = DIR_START; dir_read(&r, cookie, &e) == OS_ok && e.name;) {
        char name[300];
        snprintf(name, sizeof name, "d/%s", e.name);
        cookie = e.next;
        if (e.name[0] == 'n') EXPECT_EQ(path_unlink(at(name)), OS_ok);
    }
    file_close(r.fd);
    EXPECT_EQ(path_remove_dir(at("d")), OS_ok);
}

static void not_a_directory(void) {
    int fd = make("plain");
    DirReader r = {.fd = fd};
    DirEntry e;
    EXPECT_EQ(dir_read(&r, DIR_START, &e), OS_notdir);
    drop("plain", fd);
}

static void streams(void) {
    int s[2];
    if (!EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0)) return;
    FileStat st;
    EXPECT_EQ(file_stat(s[0], &st), OS_ok);
    EXPECT_EQ(st.type, FILE_socket_stream);
    char text[] = "abcdef";
    FileBuf out[] = {{text, 4}, {text + 4, 2}};
    size_t n = 0;
    EXPECT_EQ(sock_send(s[0], out, 2, &n), OS_ok);
    EXPECT_EQ(n, 6);
    char got[10] = {0};
    FileBuf in[] = {{got, 6}};
    SockReceive how = {.peek = true};
    EXPECT_EQ(sock_receive(s[1], in, 1, &how), OS_ok);
    EXPECT_EQ(how.done, 6);
    how = (SockReceive){.wait_all = true};
    memset(got, 0, sizeof got);
    EXPECT_EQ(sock_receive(s[1], in, 1, &how), OS_ok);
    EXPECT_STR(got, "abcdef");
    EXPECT_EQ(sock_shutdown(s[0], false, false), OS_inval);
    EXPECT_EQ(sock_shutdown(s[0], false, true), OS_ok);
    EXPECT_EQ(sock_receive(s[1], in, 1, &how), OS_ok);
    EXPECT_EQ(how.done, 0);
    EXPECT_EQ(sock_send(s[0], out, 1, &n), OS_pipe);
    file_close(s[0]);
    EXPECT_EQ(sock_send(s[1], out, 1, &n), OS_pipe);
    EXPECT_EQ(file_write(s[1], out, 1, &n), OS_pipe);
    file_close(s[1]);
    EXPECT_EQ(sock_shutdown(root, true, true), OS_notsock);
}

static void datagrams(void) {
    int s[2];
    if (!EXPECT(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0)) return;
    FileStat st;
    EXPECT_EQ(file_stat(s[0], &st), OS_ok);
    EXPECT_EQ(st.type, FILE_socket_datagram);
    char text[] = "abcdef";
    FileBuf buf = {text, 6};
    size_t n = 0;
    EXPECT_EQ(sock_send(s[0], &buf, 1, &n), OS_ok);
    buf.size = 2;
    SockReceive how = {0};
    EXPECT_EQ(sock_receive(s[1], &buf, 1, &how), OS_ok);
    EXPECT(how.truncated);
    EXPECT_EQ(how.done, 2);
    file_close(s[0]);
    file_close(s[1]);
}

static void connections_are_accepted(void) {
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/s", root_path);
    const struct sockaddr *address = (const struct sockaddr *)(void *)&name;
    EXPECT(bind(server, address, sizeof name) == 0);
    EXPECT(listen(server, 1) == 0);
    int fd = -1;
    EXPECT_EQ(sock_accept(server, false, &fd), OS_again);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT(connect(client, address, sizeof name) == 0);
    EXPECT_EQ(sock_accept(server, true, &fd), OS_ok);
    FileMode m;
    EXPECT_EQ(file_mode(fd, &m), OS_ok);
    EXPECT(m.nonblock);
    FileStat st;
    EXPECT_EQ(path_stat(at("s"), false, &st), OS_ok);
    EXPECT_EQ(st.type, FILE_socket_stream);
    file_close(fd);
    file_close(client);
    drop("s", server);
}

// Opening a pipe by name does not wait for its other end.
static void named_pipes_do_not_block(void) {
    EXPECT(mkfifoat(root, "fifo", 0600) == 0);
    int r = -1;
    int w = -1;
    PathOpen how = {.write = true};
    EXPECT_EQ(path_open(at("fifo"), &how, &w), OS_nxio);
    how = (PathOpen){.read = true};
    EXPECT_EQ(path_open(at("fifo"), &how, &r), OS_ok);
    FileMode m;
    EXPECT_EQ(file_mode(r, &m), OS_ok);
    EXPECT(!m.nonblock);
    drop("fifo", r);
}

int main(void) {
    if (!mkdtemp(root_path)) return 1;
    if (file_open_host_dir(root_path, &root)) return 1;
    int failed =
        UNIT_RUN(UNIT_TEST(reads_and_writes), UNIT_TEST(many_buffers_are_cut),
                 UNIT_TEST(sizes_and_times), UNIT_TEST(modes),
                 UNIT_TEST(broken_pipes_raise_no_signal), UNIT_TEST(host_files),
                 UNIT_TEST(directories_are_listed), UNIT_TEST(any_cookie),
                 UNIT_TEST(cookies_hold_under_change),
                 UNIT_TEST(not_a_directory), UNIT_TEST(streams),
                 UNIT_TEST(datagrams), UNIT_TEST(connections_are_accepted),
                 UNIT_TEST(named_pipes_do_not_block));
    file_close(root);
    return rmdir(root_path) != 0 || failed;
}
