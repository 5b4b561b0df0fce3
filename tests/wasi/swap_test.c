// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A guest against somebody who swaps names behind its back: whatever a path
// leads to at the moment, it is never outside of the granted directory. The
// gate itself is tested in src/os/path_test.c; this is the way to it.
#define _GNU_SOURCE
#include "wasi/fixture.h"

#include "os/clock.h"
#include "os/thread.h"

#include <sys/syscall.h>

static World w;
static char outside[80];
static _Atomic bool is_over;

static const char *beside(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", outside, name);
    return path;
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0666);
    EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

// `d` is a directory of the guest or a link to the one outside; `f` is a file
// of the guest or a link to the secret.
static void start(void) {
    char target[100];
    world_init(&w, plain_guest, WASI_DIR_ALL);
    snprintf(outside, sizeof outside, "%s.outside", w.dir);
    EXPECT_EQ(mkdir(outside, 0777), 0);
    write_file(beside("secret"), "outside");
    write_file(beside("victim"), "outside");
    make_directory(&w, "d");
    make_file(&w, "d/secret", "within!");
    make_file(&w, "f", "within!");
    EXPECT_EQ(symlink(outside, host_path(&w, "d.link")), 0);
    snprintf(target, sizeof target, "%s/secret", outside);
    EXPECT_EQ(symlink(target, host_path(&w, "f.link")), 0);
    // Relative ones, for the directory that is swapped in between.
    snprintf(target, sizeof target, "..%s", strrchr(outside, '/'));
    EXPECT_EQ(symlink(target, host_path(&w, "e.link")), 0);
    make_directory(&w, "e");
    make_file(&w, "e/secret", "within!");
}

static void stop(void) {
    static const char *const made[] = {"made", "dir", "link", "given"};
    struct stat s;
    for (size_t i = 0; i < COUNTOF(made); i++)
        EXPECT(lstat(beside(made[i]), &s) != 0);
    EXPECT_EQ(stat(beside("secret"), &s), 0);
    EXPECT_EQ(s.st_size, 7);
    EXPECT_EQ(s.st_nlink, 1);
    EXPECT_EQ(unlink(beside("secret")), 0);
    EXPECT_EQ(unlink(beside("victim")), 0);
    EXPECT_EQ(rmdir(outside), 0);
    world_release(&w);
}

static void swap_all(void *arg) {
    int dir = *(int *)arg;
    while (!atomic_load(&is_over)) {
        (void)syscall(SYS_renameat2, dir, "d", dir, "d.link", 2u); // exchange
        (void)syscall(SYS_renameat2, dir, "f", dir, "f.link", 2u);
        (void)syscall(SYS_renameat2, dir, "e", dir, "e.link", 2u);
    }
}

static uint32_t put_path(const char *text) {
    return put_text(&w, PATH, text);
}

// What can be read there is the guest's own; 1 when something could be.
static uint32_t read_within(const char *path) {
    uint32_t fd;
    if (open_with(&w, path, 0, RIGHT_fd_read, 0, &fd)) return 0;
    EXPECT_EQ(read_some(&w, fd, 7), 0);
    EXPECT(data_is(&w, "within!"));
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    return 1;
}

static void make_within(const char *dir) {
    char path[32];
    uint32_t fd, size = put_text(&w, OTHER, "target");
    snprintf(path, sizeof path, "%s/made", dir);
    if (!open_with(&w, path, O_CREATE | O_TRUNCATE, RIGHT_fd_write, 0, &fd))
        EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    snprintf(path, sizeof path, "%s/dir", dir);
    (void)CALL(&w, path_create_directory, PREOPEN, PATH, put_path(path));
    snprintf(path, sizeof path, "%s/link", dir);
    (void)CALL(&w, path_symlink, OTHER, size, PREOPEN, PATH, put_path(path));
    snprintf(path, sizeof path, "%s/victim", dir);
    (void)CALL(&w, path_unlink_file, PREOPEN, PATH, put_path(path));
    size = put_text(&w, OTHER, "stolen");
    (void)CALL(&w, path_rename, PREOPEN, PATH, put_path(path), PREOPEN, OTHER,
               size);
    snprintf(path, sizeof path, "%s/secret", dir);
    (void)CALL(&w, path_link, PREOPEN, 0, PATH, put_path(path), PREOPEN, OTHER,
               size);
    snprintf(path, sizeof path, "%s/given", dir);
    (void)CALL(&w, path_rename, PREOPEN, OTHER, size, PREOPEN, PATH,
               put_path(path));
}

// LIMIT: where the kernel has no way to exchange names, nothing is swapped.
static void attack(bool always_walk) {
    start();
    path_always_walk(always_walk);
    int dir = open(w.dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    Thread t = {.run = swap_all, .arg = &dir};
    atomic_store(&is_over, false);
    if (!EXPECT(thread_start(&t, 0))) return;
    uint32_t reached = 0;
    for (uint64_t end = clock_after(500000000); clock_now() < end;) {
        reached += read_within("d/secret") + read_within("f") +
                   read_within("e/secret") + read_within("d/../e/secret") +
                   read_within("e/../f");
        make_within("d");
        make_within("e");
    }
    atomic_store(&is_over, true);
    thread_join(&t);
    close(dir);
    path_always_walk(false);
    EXPECT(reached > 10);
    stop();
}

static void swapped_beneath(void) {
    attack(false);
}

static void swapped_while_walking(void) {
    attack(true);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(swapped_beneath),
                    UNIT_TEST(swapped_while_walking));
}
