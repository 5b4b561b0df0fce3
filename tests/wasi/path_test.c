// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Names: opening, making, linking, removing; attempts to get out of the
// directory; rights that the embedder does not give.
#define _GNU_SOURCE
#include "wasi/fixture.h"

static World w;

static uint32_t path(const char *text) {
    return put_text(&w, PATH, text);
}

static int make_dir(const char *name) {
    return CALL(&w, path_create_directory, PREOPEN, PATH, path(name));
}

static int unlink_file(const char *name) {
    return CALL(&w, path_unlink_file, PREOPEN, PATH, path(name));
}

static int remove_dir(const char *name) {
    return CALL(&w, path_remove_directory, PREOPEN, PATH, path(name));
}

static int stat_path(const char *name, uint32_t flags) {
    return CALL(&w, path_filestat_get, PREOPEN, flags, PATH, path(name), OUT);
}

static int make_link(const char *target, const char *name) {
    uint32_t size = put_text(&w, OTHER, target);
    return CALL(&w, path_symlink, OTHER, size, PREOPEN, PATH, path(name));
}

static int two_names(const char *function, const char *from, const char *to,
                     uint32_t to_dir) {
    uint32_t size = put_text(&w, OTHER, to);
    if (!strcmp(function, "path_link"))
        return CALL(&w, path_link, PREOPEN, 0, PATH, path(from), to_dir, OTHER,
                    size);
    return CALL(&w, path_rename, PREOPEN, PATH, path(from), to_dir, OTHER,
                size);
}

static int rename_to(const char *from, const char *to) {
    return two_names("path_rename", from, to, PREOPEN);
}

static int link_to(const char *from, const char *to) {
    return two_names("path_link", from, to, PREOPEN);
}

static int try_open(const char *name, uint32_t oflags, Rights base) {
    uint32_t fd;
    int e = open_with(&w, name, oflags, base, 0, &fd);
    if (!e) EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    return e;
}

static void opens(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    Rights read = RIGHT_fd_read;
    EXPECT_EQ(try_open("f", 0, read), ERRNO_noent);
    EXPECT_EQ(try_open("", 0, read), ERRNO_noent);
    EXPECT_EQ(try_open("f", O_CREATE, read), 0);
    EXPECT_EQ(try_open("f", O_CREATE | O_EXCLUSIVE, read), ERRNO_exist);
    EXPECT_EQ(try_open("f", O_DIR, read), ERRNO_notdir);
    EXPECT_EQ(try_open("f/", 0, read), ERRNO_notdir);
    EXPECT_EQ(try_open("f/x", 0, read), ERRNO_notdir);
    EXPECT_EQ(try_open("d", O_CREATE | O_DIR, read), ERRNO_inval);
    EXPECT_EQ(try_open("f", 16, read), ERRNO_inval);
    EXPECT_EQ(make_dir("d"), 0);
    EXPECT_EQ(make_dir("d"), ERRNO_exist);
    EXPECT_EQ(make_dir("d/e/"), 0);
    EXPECT_EQ(try_open("d/", 0, read), 0);
    EXPECT_EQ(try_open("d", O_DIR, UINT64_MAX), 0);
    EXPECT_EQ(try_open("d", 0, RIGHT_fd_write), ERRNO_isdir);
    EXPECT_EQ(try_open(".", 0, read), 0);
    EXPECT_EQ(try_open("d/../f", 0, read), 0);
    EXPECT_EQ(try_open("a\377b", O_CREATE, read), ERRNO_ilseq);
    put(&w, PATH, "a\0b", 3);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, 3, 1, read, 0, 0, OUT),
              ERRNO_inval);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 2, PATH, 1, 1, read, 0, 0, OUT),
              ERRNO_inval);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, 1, 1, read, 0, 32, OUT),
              ERRNO_inval);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, 0x8000, 5000, 1, read, 0, 0, OUT),
              ERRNO_nametoolong);
    world_release(&w);
}
ON_BOTH(opens)

// What was opened for one thing does not do the other.
static void modes(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    make_file(&w, "f", "content");
    uint32_t fd;
    EXPECT_EQ(open_with(&w, "f", 0, RIGHT_fd_read, 0, &fd), 0);
    EXPECT_EQ(write_text(&w, fd, "x"), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_filestat_set_size, fd, 0), ERRNO_notcapable);
    EXPECT_EQ(open_with(&w, "f", 0, RIGHT_fd_write, 0, &fd), 0);
    EXPECT_EQ(read_some(&w, fd, 1), ERRNO_badf);
    EXPECT_EQ(write_text(&w, fd, "C"), 0);
    EXPECT_EQ(open_with(&w, "f", O_TRUNCATE, RIGHT_fd_write, 0, &fd), 0);
    EXPECT_EQ(stat_path("f", 0), 0);
    EXPECT_EQ(get(&w, OUT + 32, 8), 0);
    // A directory without the right to truncate, beneath which files have it.
    Rights dir = RIGHT_path_open | RIGHT_path_create_file;
    Rights file = RIGHT_fd_write | RIGHT_fd_filestat_set_size;
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, PREOPEN, dir, file), 0);
    EXPECT_EQ(try_open("f", O_TRUNCATE, RIGHT_fd_write), ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, path("f"), O_TRUNCATE,
                   RIGHT_fd_write, 0, 0, OUT),
              0);
    EXPECT_EQ(CALL(&w, fd_fdstat_set_rights, PREOPEN, dir, RIGHT_fd_write), 0);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, path("f"), O_TRUNCATE,
                   RIGHT_fd_write, 0, 0, OUT),
              ERRNO_notcapable);
    world_release(&w);
}
ON_BOTH(modes)

static void names(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    make_file(&w, "f", "text");
    EXPECT_EQ(make_dir("d"), 0);
    EXPECT_EQ(link_to("f", "g"), 0);
    EXPECT_EQ(link_to("f", "g"), ERRNO_exist);
    EXPECT_EQ(stat_path("g", 0), 0);
    EXPECT_EQ(get(&w, OUT + 24, 8), 2);
    uint32_t size = put_text(&w, OTHER, "h");
    EXPECT_EQ(
        CALL(&w, path_link, PREOPEN, 1, PATH, path("f"), PREOPEN, OTHER, size),
        ERRNO_inval);
    EXPECT_EQ(rename_to("g", "d/g"), 0);
    EXPECT_EQ(stat_path("g", 0), ERRNO_noent);
    EXPECT_EQ(stat_path("d/g", 4), ERRNO_inval);
    EXPECT_EQ(remove_dir("d"), ERRNO_notempty);
    EXPECT_EQ(remove_dir("d/g"), ERRNO_notdir);
    EXPECT_EQ(unlink_file("d"), ERRNO_isdir);
    EXPECT_EQ(unlink_file("d/g"), 0);
    EXPECT_EQ(remove_dir("d"), 0);
    EXPECT_EQ(unlink_file("nothing"), ERRNO_noent);
    EXPECT_EQ(
        CALL(&w, path_filestat_set_times, PREOPEN, 0, PATH, path("f"), 3, 4, 5),
        0);
    EXPECT_EQ(
        CALL(&w, path_filestat_set_times, PREOPEN, 0, PATH, path("f"), 3, 4, 3),
        ERRNO_inval);
    EXPECT_EQ(stat_path("f", 0), 0);
    EXPECT_EQ(get(&w, OUT + 40, 8), 3);
    EXPECT_EQ(get(&w, OUT + 48, 8), 4);
    world_release(&w);
}
ON_BOTH(names)

static void symbolic_links(void) {
    world_init(&w, plain_guest, WASI_DIR_ALL);
    make_file(&w, "f", "text");
    EXPECT_EQ(make_link("f", "l"), 0);
    EXPECT_EQ(make_link("f", "l"), ERRNO_exist);
    EXPECT_EQ(make_link("/etc/passwd", "abs"), ERRNO_notcapable);
    EXPECT_EQ(make_link("", "none"), ERRNO_noent);
    EXPECT_EQ(CALL(&w, path_readlink, PREOPEN, PATH, path("l"), DATA, 10, OUT),
              0);
    EXPECT_EQ(get_u32(&w, OUT), 1);
    EXPECT(data_is(&w, "f"));
    EXPECT_EQ(CALL(&w, path_readlink, PREOPEN, PATH, path("l"), DATA, 0, OUT),
              0);
    EXPECT_EQ(get_u32(&w, OUT), 0);
    EXPECT_EQ(CALL(&w, path_readlink, PREOPEN, PATH, path("f"), DATA, 9, OUT),
              ERRNO_inval);
    EXPECT_EQ(stat_path("l", 0), 0);
    EXPECT_EQ(get(&w, OUT + 16, 1), 7);
    EXPECT_EQ(stat_path("l", 1), 0);
    EXPECT_EQ(get(&w, OUT + 16, 1), 4);
    EXPECT_EQ(try_open("l", 0, RIGHT_fd_read), 0);
    EXPECT_EQ(CALL(&w, path_open, PREOPEN, 0, PATH, path("l"), 0, 2, 0, 0, OUT),
              ERRNO_loop);
    EXPECT_EQ(make_dir("d"), 0);
    EXPECT_EQ(make_link("d", "to_d"), 0);
    make_file(&w, "d/in", "");
    EXPECT_EQ(try_open("to_d/in", 0, RIGHT_fd_read), 0);
    EXPECT_EQ(make_link("loop", "loop"), 0);
    EXPECT_EQ(try_open("loop", 0, RIGHT_fd_read), ERRNO_loop);
    EXPECT_EQ(unlink_file("to_d"), 0);
    EXPECT_EQ(stat_path("d/in", 0), 0);
    world_release(&w);
}
ON_BOTH(symbolic_links)

// --- getting out -------------------------------------------------------------

// Each is tried with each function; none may succeed, and nothing outside may
// have changed. The host has made the links.
static const char *const attacks[] = {
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "..",
    "../",
    "../secret",
    "./../secret",
    "in/../../secret",
    "in/./.././../secret",
    "up/secret",
    "up/../secret",
    "abs/secret",
    "in/up2/secret",
    "deep/secret",
    "file_up",
    "file_up/",
    "file_abs",
    "in/../file_up",
    "root/etc/passwd",
    "proc/self/root/etc/passwd",
    "../inside/../secret",
    "up/inside/../secret",
};

static void set_up_attack(char *secret, size_t size) {
    world_init(&w, plain_guest, 0);
    // The preopened one is a directory in the directory.
    mkdir(host_path(&w, "inside"), 0777);
    make_file(&w, "secret", "untouched");
    snprintf(secret, size, "%s", host_path(&w, "secret"));
    Err err = {0};
    char inside[256];
    snprintf(inside, sizeof inside, "%s", host_path(&w, "inside"));
    EXPECT(wasi_dir_add(w.wasi, inside, "/", WASI_DIR_ALL, &err));
    EXPECT_EQ(CALL(&w, fd_renumber, 4, PREOPEN), 0);
    const char *links[][2] = {
        {"..", "up"},       {"../..", "in/up2"},
        {"in/up2", "deep"}, {"../secret", "file_up"},
        {"/", "root"},      {"/proc", "proc"},
        {w.dir, "abs"},     {secret, "file_abs"},
    };
    mkdir(host_path(&w, "inside/in"), 0777);
    for (size_t i = 0; i < COUNTOF(links); i++) {
        char name[64];
        snprintf(name, sizeof name, "inside/%s", links[i][1]);
        EXPECT_EQ(symlink(links[i][0], host_path(&w, name)), 0);
    }
    make_file(&w, "inside/mine", "mine");
}

static bool is_own_link(const char *attack) {
    return strstr(attack, "file_") && attack[strlen(attack) - 1] != '/';
}

static void attack_with(const char *a) {
    EXPECT(try_open(a, 0, RIGHT_fd_read) != 0);
    EXPECT(try_open(a, O_CREATE, RIGHT_fd_write) != 0);
    EXPECT(try_open(a, O_TRUNCATE, RIGHT_fd_write) != 0);
    EXPECT(try_open(a, O_DIR, RIGHT_fd_read) != 0);
    EXPECT(stat_path(a, 1) != 0);
    EXPECT(make_dir(a) != 0);
    EXPECT(remove_dir(a) != 0);
    EXPECT(CALL(&w, path_filestat_set_times, PREOPEN, 1, PATH, path(a), 1, 1,
                5) != 0);
    if (is_own_link(a)) return; // the link itself is the guest's
    EXPECT(stat_path(a, 0) != 0);
    EXPECT(unlink_file(a) != 0);
    EXPECT(CALL(&w, path_readlink, PREOPEN, PATH, path(a), DATA, 99, OUT) != 0);
    EXPECT(make_link("x", a) != 0);
    EXPECT(rename_to(a, "stolen") != 0);
    EXPECT(rename_to("mine", a) != 0);
    EXPECT(link_to(a, "stolen") != 0);
    EXPECT(link_to("mine", a) != 0);
    EXPECT(CALL(&w, path_filestat_set_times, PREOPEN, 0, PATH, path(a), 1, 1,
                5) != 0);
}

static void attack_all(bool walk) {
    path_always_walk(walk);
    char secret[256];
    set_up_attack(secret, sizeof secret);
    struct stat before, after;
    EXPECT_EQ(stat(secret, &before), 0);
    for (size_t i = 0; i < COUNTOF(attacks); i++) {
        int failures = unit_failures;
        attack_with(attacks[i]);
        if (unit_failures != failures) fprintf(stderr, "with %s\n", attacks[i]);
    }
    EXPECT_EQ(stat(secret, &after), 0);
    EXPECT_EQ(after.st_size, before.st_size);
    EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    EXPECT_EQ(after.st_nlink, 1);
    EXPECT_EQ(stat_path("mine", 0), 0);
    path_always_walk(false);
    world_release(&w);
}

static void nothing_gets_out(void) {
    attack_all(false);
    attack_all(true);
}

// --- what the embedder does not allow ----------------------------------------

static void set_up_rights(uint32_t flags) {
    world_init(&w, plain_guest, flags);
    make_file(&w, "f", "text");
    make_directory(&w, "d");
}

static void read_only(void) {
    set_up_rights(WASI_DIR_READ | WASI_FILE_READ);
    uint32_t fd = 0;
    EXPECT_EQ(
        open_with(&w, "f", 0, UINT32_MAX & ~(uint32_t)RIGHT_fd_write, 0, &fd),
        0);
    EXPECT_EQ(read_some(&w, fd, 9), 0);
    EXPECT_EQ(get_u32(&w, OUT), 4);
    EXPECT_EQ(write_text(&w, fd, "x"), ERRNO_badf);
    EXPECT_EQ(CALL(&w, fd_filestat_set_size, fd, 0), ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_filestat_set_times, fd, 1, 1, 5), ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_allocate, fd, 0, 9), ERRNO_notcapable);
    EXPECT_EQ(try_open("f", 0, RIGHT_fd_write), ERRNO_notcapable);
    EXPECT_EQ(try_open("f", O_TRUNCATE, RIGHT_fd_read), ERRNO_notcapable);
    EXPECT_EQ(try_open("f", O_CREATE, RIGHT_fd_read), ERRNO_notcapable);
    EXPECT_EQ(try_open("new", O_CREATE, RIGHT_fd_read), ERRNO_notcapable);
    EXPECT_EQ(make_dir("x"), ERRNO_notcapable);
    EXPECT_EQ(remove_dir("d"), ERRNO_notcapable);
    EXPECT_EQ(unlink_file("f"), ERRNO_notcapable);
    EXPECT_EQ(make_link("f", "l"), ERRNO_notcapable);
    EXPECT_EQ(rename_to("f", "g"), ERRNO_notcapable);
    EXPECT_EQ(link_to("f", "g"), ERRNO_notcapable);
    EXPECT_EQ(
        CALL(&w, path_filestat_set_times, PREOPEN, 0, PATH, path("f"), 1, 1, 5),
        ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, fd_filestat_set_times, PREOPEN, 1, 1, 5),
              ERRNO_notcapable);
    // Nor does a directory beneath it give more.
    EXPECT_EQ(open_with(&w, "d", O_DIR, UINT32_MAX, 0, &fd), 0);
    EXPECT_EQ(CALL(&w, path_create_directory, fd, PATH, path("x")),
              ERRNO_notcapable);
    EXPECT_EQ(CALL(&w, path_open, fd, 0, PATH, path("x"), O_CREATE,
                   RIGHT_fd_write, 0, 0, OUT),
              ERRNO_notcapable);
    EXPECT_EQ(size_of_file(&w, "f"), 4);
    world_release(&w);
}
ON_BOTH(read_only)

static void no_file_contents(void) {
    set_up_rights(WASI_DIR_READ | WASI_DIR_WRITE);
    EXPECT_EQ(try_open("f", 0, RIGHT_fd_read), ERRNO_notcapable);
    EXPECT_EQ(try_open("f", 0, RIGHT_fd_write), ERRNO_notcapable);
    EXPECT_EQ(try_open("f", O_TRUNCATE, 0), ERRNO_notcapable);
    EXPECT_EQ(try_open("d", 0, RIGHT_fd_read), 0);
    uint32_t fd;
    EXPECT_EQ(open_with(&w, "f", 0, RIGHT_fd_filestat_get, 0, &fd), 0);
    EXPECT_EQ(read_some(&w, fd, 1), ERRNO_notcapable);
    EXPECT_EQ(make_dir("x"), 0);
    world_release(&w);
}
ON_BOTH(no_file_contents)

// A file does not gain by another name in a directory that allows more.
static void no_gain_by_names(void) {
    set_up_rights(WASI_DIR_READ | WASI_DIR_WRITE | WASI_FILE_READ);
    Err err = {0};
    char d[256];
    snprintf(d, sizeof d, "%s", host_path(&w, "d"));
    EXPECT(wasi_dir_add(w.wasi, d, "/all", WASI_DIR_ALL, &err));
    EXPECT_EQ(two_names("path_link", "f", "f", 4), ERRNO_notcapable);
    EXPECT_EQ(two_names("path_rename", "f", "f", 4), ERRNO_notcapable);
    EXPECT_EQ(link_to("f", "g"), 0);
    world_release(&w);
}

int main(void) {
    return UNIT_RUN(UNIT_BOTH(opens), UNIT_BOTH(modes), UNIT_BOTH(names),
                    UNIT_BOTH(symbolic_links), UNIT_TEST(nothing_gets_out),
                    UNIT_BOTH(read_only), UNIT_BOTH(no_file_contents),
                    UNIT_TEST(no_gain_by_names));
}
