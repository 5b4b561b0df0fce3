// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attacks on the gate. Everything runs twice: resolved by the kernel where it
// can, and name by name.
//
//   base/outside/secret            what must not be reached
//   base/root/...                  what is granted
//
// Absolute paths and links lead to base/outside, too: a gate that is broken
// must not let the test change anything else of the machine.
#define _GNU_SOURCE
#include "os/path.h"

#include "os/clock.h"
#include "os/thread.h"
#include "unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char base_path[] = "/tmp/path_test.XXXXXX";
static char outside_path[64]; // absolute
static char secret_path[64];
static int base = -1;
static int root = -1;

static PathAt at(const char *text) {
    return (PathAt){.dir = root, .text = text, .size = strlen(text)};
}

// The host's own calls, to set the scene.
static void put_file(int dir, const char *name, const char *text) {
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT(fd >= 0);
    EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void put_link(const char *name, const char *target) {
    EXPECT(symlinkat(target, root, name) == 0);
}

static bool exists(int dir, const char *name) {
    return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void set_scene(void) {
    EXPECT(mkdirat(base, "outside", 0700) == 0);
    EXPECT(mkdirat(base, "root", 0700) == 0);
    put_file(base, "outside/secret", "outside");
    root = openat(base, "root", O_RDONLY | O_DIRECTORY);
    EXPECT(root >= 0);
    EXPECT(mkdirat(root, "dir", 0700) == 0);
    EXPECT(mkdirat(root, "dir/sub", 0700) == 0);
    put_file(root, "file", "inside");
    put_file(root, "dir/inner", "inside");
    put_file(root, "dir/sub/deep", "inside");
    put_link("in", "dir");
    put_link("slashed", "dir/");
    put_link("filelink", "file");
    put_link("abs", outside_path);
    put_link("absfile", secret_path);
    put_link("up", "../outside/secret");
    put_link("updir", "..");
    put_link("upself", "../root/file");
    put_link("tricky", "dir/../../outside/secret");
    put_link("loop", "loop");
    put_link("loopa", "loopb");
    put_link("loopb", "loopa");
    put_link("dangling", "dir/nothing");
    put_link("danglingout", "../outside/created");
    put_link("dir/back", "../file");
    put_link("dir/out", "../../outside");
    put_link("dir/sub/far", "../../in/sub/deep");
    put_link("here", ".");
    char name[16];
    char target[16] = "file";
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "c%d", i);
        put_link(name, target);
        memcpy(target, name, sizeof target);
    }
}

// Nothing was read, made, changed or removed out there.
static void outside_is_untouched(void) {
    int n = 0;
    DIR *d = opendir(base_path);
    while (readdir(d))
        n++;
    closedir(d);
    EXPECT_EQ(n, 4); // . .. root outside
    n = 0;
    d = opendir(outside_path);
    while (readdir(d))
        n++;
    closedir(d);
    EXPECT_EQ(n, 3);
    char text[16] = {0};
    int fd = openat(base, "outside/secret", O_RDONLY);
    EXPECT(read(fd, text, 15) == 7);
    EXPECT_STR(text, "outside");
    struct stat s;
    EXPECT(fstat(fd, &s) == 0 && s.st_nlink == 1);
    close(fd);
}

static bool each_way(void (*test)(void)) {
    path_always_walk(false);
    test();
    path_always_walk(true);
    test();
    path_always_walk(false);
    outside_is_untouched();
    return true;
}

static OsError open_error(PathAt path, PathOpen how) {
    int fd = -1;
    OsError error = path_open(path, &how, &fd);
    if (!error) close(fd);
    return error;
}

static void check_resolving(void) {
    static const struct {
        const char *path;
        OsError follow, nofollow; // opened to read
    } cases[] = {
        {"", OS_noent, OS_noent},
        {"/", OS_notcapable, OS_notcapable},
        {"/etc/passwd", OS_notcapable, OS_notcapable},
        {"//etc", OS_notcapable, OS_notcapable},
        {"..", OS_notcapable, OS_notcapable},
        {"../", OS_notcapable, OS_notcapable},
        {"./..", OS_notcapable, OS_notcapable},
        {"../root/file", OS_notcapable, OS_notcapable},
        {"dir/../../root/file", OS_notcapable, OS_notcapable},
        {"dir/sub/../../../outside/secret", OS_notcapable, OS_notcapable},
        {".", OS_ok, OS_ok},
        {"./", OS_ok, OS_ok},
        {"dir/..", OS_ok, OS_ok},
        {"dir/../file", OS_ok, OS_ok},
        {"dir/sub/../../file", OS_ok, OS_ok},
        {"nothing/../file", OS_noent, OS_noent},
        {"file/..", OS_notdir, OS_notdir},
        {"file/", OS_notdir, OS_notdir},
        {"file/.", OS_notdir, OS_notdir},
        {"file/../file", OS_notdir, OS_notdir},
        {"./file", OS_ok, OS_ok},
        {".//./file", OS_ok, OS_ok},
        {"dir//inner", OS_ok, OS_ok},
        {"dir/", OS_ok, OS_ok},
        {"in", OS_ok, OS_loop},
        {"in/", OS_ok, OS_ok},
        {"in/.", OS_ok, OS_ok},
        {"in/inner", OS_ok, OS_ok},
        {"in/../file", OS_ok, OS_ok},
        {"in/sub/far", OS_ok, OS_loop},
        {"slashed", OS_ok, OS_loop},
        {"slashed/inner", OS_ok, OS_ok},
        {"filelink", OS_ok, OS_loop},
        {"filelink/", OS_notdir, OS_notdir},
        {"filelink/x", OS_notdir, OS_notdir},
        {"here/here/here/file", OS_ok, OS_ok},
        {"dir/back", OS_ok, OS_loop},
        {"abs", OS_notcapable, OS_loop},
        {"abs/", OS_notcapable, OS_notcapable},
        {"abs/secret", OS_notcapable, OS_notcapable},
        {"absfile", OS_notcapable, OS_loop},
        {"up", OS_notcapable, OS_loop},
        {"updir", OS_notcapable, OS_loop},
        {"updir/", OS_notcapable, OS_notcapable},
        {"updir/outside/secret", OS_notcapable, OS_notcapable},
        {"updir/root/file", OS_notcapable, OS_notcapable},
        {"upself", OS_notcapable, OS_loop},
        {"tricky", OS_notcapable, OS_loop},
        {"dir/out", OS_notcapable, OS_loop},
        {"dir/out/secret", OS_notcapable, OS_notcapable},
        {"in/out/secret", OS_notcapable, OS_notcapable},
        {"loop", OS_loop, OS_loop},
        {"loop/", OS_loop, OS_loop},
        {"loopa/x", OS_loop, OS_loop},
        {"dangling", OS_noent, OS_loop},
        {"dangling/", OS_noent, OS_noent},
        {"c40", OS_ok, OS_loop},
        {"c41", OS_loop, OS_loop},
        {"c41/", OS_loop, OS_loop},
        {"c40/", OS_notdir, OS_notdir},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        PathAt path = at(cases[i].path);
        OsError got = open_error(path, (PathOpen){.follow = true});
        if (!EXPECT_EQ(got, cases[i].follow))
            fprintf(stderr, "  following '%s'\n", cases[i].path);
        got = open_error(path, (PathOpen){0});
        if (!EXPECT_EQ(got, cases[i].nofollow))
            fprintf(stderr, "  not following '%s'\n", cases[i].path);
    }
}

static void paths_stay_beneath(void) {
    each_way(check_resolving);
}

static void check_odd_text(void) {
    EXPECT_EQ(open_error(at(secret_path), (PathOpen){0}), OS_notcapable);
    PathAt nul = {.dir = root, .text = "file\0x", .size = 6};
    EXPECT_EQ(open_error(nul, (PathOpen){0}), OS_inval);
    EXPECT_EQ(path_unlink(nul), OS_inval);
    // Only `size` bytes are the path.
    PathAt cut = {.dir = root, .text = "file/../..", .size = 4};
    EXPECT_EQ(open_error(cut, (PathOpen){0}), OS_ok);
    static char text[PATH_SIZE_MAX + 10];
    memset(text, 'x', sizeof text);
    PathAt name = {.dir = root, .text = text, .size = 256};
    EXPECT_EQ(open_error(name, (PathOpen){0}), OS_nametoolong);
    EXPECT_EQ(path_make_dir(name), OS_nametoolong);
    name.size = 255;
    EXPECT_EQ(open_error(name, (PathOpen){0}), OS_noent);
    name.size = PATH_SIZE_MAX;
    EXPECT_EQ(open_error(name, (PathOpen){0}), OS_nametoolong);
    for (size_t i = 0; i + 2 < PATH_SIZE_MAX; i += 2)
        memcpy(text + i, "./", 2);
    memcpy(text + PATH_SIZE_MAX - 6, "/file", 5);
    name.size = PATH_SIZE_MAX - 1;
    EXPECT_EQ(open_error(name, (PathOpen){0}), OS_ok);
    EXPECT_EQ(path_symlink("", 0, at("s")), OS_noent);
    EXPECT_EQ(path_symlink("a\0b", 3, at("s")), OS_inval);
}

static void odd_text(void) {
    each_way(check_odd_text);
}

static void check_escaping_changes(void) {
    const char *const names[] = {
        "../x",
        outside_path,
        secret_path,
        "updir/x",
        "dir/out/x",
        "abs/x",
        "updir/",
        "..",
        "dir/../..",
        "in/out/sub",
        "dir/out/",
        "../outside/",
        "../outside/secret",
        "dir/out/secret",
        "updir/outside/secret",
    };
    for (size_t i = 0; i < COUNTOF(names); i++) {
        PathAt out = at(names[i]);
        FileStat stat;
        FileTimes times = {FILE_time_now, FILE_time_now, 0, 0};
        char text[100];
        size_t n;
        // A link that leaves may itself be made, removed or looked at.
        OsError made = path_make_dir(out);
        EXPECT(made == OS_notcapable || made == OS_exist);
        OsError gone = path_remove_dir(out);
        EXPECT(gone == OS_notcapable || gone == OS_notdir);
        gone = path_unlink(out);
        EXPECT(gone == OS_notcapable || gone == OS_notdir);
        OsError moved = path_rename(at("file"), out);
        EXPECT(moved == OS_notcapable || moved == OS_notdir);
        moved = path_rename(out, at("stolen"));
        EXPECT(moved == OS_notcapable || moved == OS_notdir);
        OsError linked = path_link(at("file"), out);
        EXPECT(linked == OS_notcapable || linked == OS_exist);
        EXPECT_EQ(path_link(out, at("stolen")), OS_notcapable);
        linked = path_symlink("file", 4, out);
        EXPECT(linked == OS_notcapable || linked == OS_exist);
        EXPECT_EQ(path_stat(out, true, &stat), OS_notcapable);
        EXPECT_EQ(path_stat(out, false, &stat), OS_notcapable);
        EXPECT_EQ(path_set_times(out, true, times), OS_notcapable);
        EXPECT_EQ(path_set_times(out, false, times), OS_notcapable);
        EXPECT_EQ(path_read_link(out, text, sizeof text, &n), OS_notcapable);
        PathOpen how = {.write = true, .create = true, .follow = true};
        OsError opened = open_error(out, how);
        EXPECT(opened == OS_notcapable || opened == OS_isdir);
    }
    EXPECT(!exists(root, "stolen"));
    EXPECT(exists(root, "file"));
}

static void changes_stay_beneath(void) {
    each_way(check_escaping_changes);
}

static void check_creating(void) {
    PathOpen make = {.write = true, .create = true, .follow = true};
    PathOpen fresh = {
        .write = true, .create = true, .exclusive = true, .follow = true};
    EXPECT_EQ(open_error(at("danglingout"), make), OS_notcapable);
    EXPECT_EQ(open_error(at("danglingout"), fresh), OS_exist);
    EXPECT_EQ(open_error(at("up"), fresh), OS_exist);
    make.truncate = true;
    EXPECT_EQ(open_error(at("up"), make), OS_notcapable);
    EXPECT_EQ(open_error(at("dangling"), fresh), OS_exist);
    EXPECT_EQ(open_error(at("dangling"), make), OS_ok); // makes its target
    EXPECT_EQ(path_unlink(at("dir/nothing")), OS_ok);
    EXPECT_EQ(open_error(at("new/"), make), OS_isdir);
    EXPECT_EQ(open_error(at("dir/"), make), OS_isdir);
    EXPECT_EQ(open_error(at("dir"), make), OS_isdir);
    EXPECT_EQ(open_error(at("."), make), OS_isdir);
    EXPECT_EQ(open_error(at("dir/.."), make), OS_isdir);
    make.follow = false;
    EXPECT_EQ(open_error(at("dangling"), make), OS_loop);
    make.directory = true;
    EXPECT_EQ(open_error(at("new"), make), OS_inval);
    PathOpen dir = {.read = true, .directory = true};
    EXPECT_EQ(open_error(at("file"), dir), OS_notdir);
    EXPECT_EQ(open_error(at("in"), dir), OS_notdir);
    dir.follow = true;
    EXPECT_EQ(open_error(at("in"), dir), OS_ok);
}

static void creating(void) {
    each_way(check_creating);
}

static void check_dots(void) {
    FileStat a;
    FileStat b;
    EXPECT_EQ(path_stat(at("."), false, &a), OS_ok);
    EXPECT_EQ(path_stat(at("dir/.."), false, &b), OS_ok);
    EXPECT(a.inode == b.inode && a.device == b.device);
    EXPECT_EQ(path_stat(at("dir/sub/../.."), true, &b), OS_ok);
    EXPECT(a.inode == b.inode);
    static const char *const dots[] = {".", "dir/..", "dir/.", "./", "in/../"};
    for (size_t i = 0; i < COUNTOF(dots); i++) {
        char text[8];
        size_t n;
        EXPECT_EQ(path_make_dir(at(dots[i])), OS_exist);
        EXPECT_EQ(path_remove_dir(at(dots[i])), OS_inval);
        EXPECT_EQ(path_unlink(at(dots[i])), OS_isdir);
        EXPECT_EQ(path_rename(at(dots[i]), at("x")), OS_busy);
        EXPECT_EQ(path_rename(at("dir"), at(dots[i])), OS_busy);
        EXPECT_EQ(path_link(at("file"), at(dots[i])), OS_exist);
        EXPECT_EQ(path_link(at(dots[i]), at("x")), OS_perm);
        EXPECT_EQ(path_symlink("t", 1, at(dots[i])), OS_exist);
        EXPECT_EQ(path_read_link(at(dots[i]), text, 8, &n), OS_inval);
    }
}

static void dots(void) {
    each_way(check_dots);
}

static void check_slashes(void) {
    FileStat s;
    char text[16];
    size_t n = 0;
    EXPECT_EQ(path_make_dir(at("made///")), OS_ok);
    EXPECT_EQ(path_rename(at("made/"), at("moved/")), OS_ok);
    EXPECT_EQ(path_unlink(at("moved/")), OS_isdir);
    EXPECT_EQ(path_remove_dir(at("moved//")), OS_ok);
    EXPECT_EQ(path_unlink(at("file/")), OS_notdir);
    EXPECT_EQ(path_rename(at("file"), at("x/")), OS_notdir);
    EXPECT_EQ(path_rename(at("file/"), at("x")), OS_notdir);
    EXPECT_EQ(path_rename(at("in/"), at("x")), OS_notdir);
    EXPECT_EQ(path_remove_dir(at("in/")), OS_notdir);
    EXPECT_EQ(path_unlink(at("in/")), OS_notdir);
    EXPECT_EQ(path_link(at("file/"), at("x")), OS_notdir);
    EXPECT_EQ(path_link(at("file"), at("x/")), OS_noent);
    EXPECT_EQ(path_symlink("t", 1, at("x/")), OS_noent);
    EXPECT_EQ(path_stat(at("file/"), false, &s), OS_notdir);
    EXPECT_EQ(path_stat(at("in/"), false, &s), OS_ok);
    EXPECT_EQ(s.type, FILE_directory);
    EXPECT_EQ(path_stat(at("in"), false, &s), OS_ok);
    EXPECT_EQ(s.type, FILE_symlink);
    EXPECT_EQ(path_read_link(at("in/"), text, sizeof text, &n), OS_inval);
}

static void slashes(void) {
    each_way(check_slashes);
}

static void check_links(void) {
    char text[16] = {0};
    size_t n = 0;
    FileStat s;
    EXPECT_EQ(path_read_link(at("up"), text, sizeof text, &n), OS_ok);
    EXPECT_EQ(n, 16); // cut
    EXPECT(memcmp(text, "../outside/secre", 16) == 0);
    EXPECT_EQ(path_read_link(at("in"), text, sizeof text, &n), OS_ok);
    EXPECT_EQ(n, 3);
    EXPECT_EQ(path_read_link(at("in"), text, 0, &n), OS_ok);
    EXPECT_EQ(n, 0);
    EXPECT_EQ(path_read_link(at("file"), text, 0, &n), OS_inval);
    EXPECT_EQ(path_link(at("up"), at("up2")), OS_ok); // the link itself
    EXPECT_EQ(path_stat(at("up2"), false, &s), OS_ok);
    EXPECT_EQ(s.type, FILE_symlink);
    EXPECT_EQ(s.links, 2);
    EXPECT_EQ(path_unlink(at("up2")), OS_ok);
    EXPECT_EQ(path_symlink(outside_path, strlen(outside_path), at("made")),
              OS_ok);
    EXPECT_EQ(path_stat(at("made"), true, &s), OS_notcapable);
    EXPECT_EQ(path_rename(at("made"), at("dir/moved")), OS_ok);
    EXPECT_EQ(path_unlink(at("dir/moved")), OS_ok);
    FileTimes t = {FILE_time_set, FILE_time_set, 5000000000u, 5000000000u};
    EXPECT_EQ(path_set_times(at("up"), false, t), OS_ok);
    EXPECT_EQ(path_set_times(at("up"), true, t), OS_notcapable);
}

static void links(void) {
    each_way(check_links);
}

// The links of /proc jump anywhere, whatever they look like.
static void check_proc(void) {
    int proc = open("/proc/self", O_RDONLY | O_DIRECTORY);
    if (proc < 0) return;
    static const char *const names[] = {
        "root",  "root/etc/passwd", "cwd",    "cwd/..",       "exe", "fd/0",
        "fd/1/", "fd/../root/etc",  "ns/mnt", "task/../root",
    };
    for (size_t i = 0; i < COUNTOF(names); i++) {
        PathAt path = {proc, names[i], strlen(names[i])};
        FileStat s;
        EXPECT(open_error(path, (PathOpen){.follow = true}) != OS_ok);
        EXPECT(path_stat(path, true, &s) != OS_ok);
    }
    PathAt fine = {proc, "status", 6};
    EXPECT_EQ(open_error(fine, (PathOpen){0}), OS_ok);
    close(proc);
}

static void proc(void) {
    each_way(check_proc);
}

// LIMIT: going name by name, PATH_DEPTH_MAX directories deep.
static void depth(void) {
    char text[PATH_SIZE_MAX] = {0};
    size_t size = 0;
    for (uint32_t i = 0; i < PATH_DEPTH_MAX; i++) {
        memcpy(text + size, "q/", 2);
        size += 2;
        PathAt made = {root, text, size};
        EXPECT_EQ(path_make_dir(made), OS_ok);
    }
    memcpy(text + size, "q/f", 3);
    PathOpen how = {.write = true, .create = true};
    path_always_walk(true);
    PathAt deepest = {root, text, size - 1};
    EXPECT_EQ(open_error(deepest, (PathOpen){0}), OS_ok);
    PathAt deeper = {root, text, size + 3};
    EXPECT_EQ(path_make_dir((PathAt){root, text, size + 1}), OS_ok);
    EXPECT_EQ(open_error(deeper, how), OS_nametoolong);
    path_always_walk(false);
    EXPECT_EQ(path_remove_dir((PathAt){root, text, size + 1}), OS_ok);
    for (; size > 0; size -= 2)
        EXPECT_EQ(path_remove_dir((PathAt){root, text, size}), OS_ok);
}

static uint32_t seed = 1;

static uint32_t pick(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * n) >> 32);
}

// A path of random names from the scene.
static size_t random_path(char *text) {
    static const char *const names[] = {
        "dir",    "sub",  "..",    ".",        "in",   "file",   "inner",
        "back",   "out",  "updir", "slashed",  "loop", "c20",    "here",
        "nobody", "deep", "far",   "filelink", "up",   "tricky",
    };
    size_t size = 0;
    uint32_t count = 1 + pick(6);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = names[pick(COUNTOF(names))];
        memcpy(text + size, name, strlen(name));
        size += strlen(name);
        if (i + 1 < count || pick(4) == 0) text[size++] = '/';
        if (pick(10) == 0) text[size++] = '/';
    }
    text[size] = 0;
    return size;
}

typedef struct Outcome {
    OsError error;
    FileStat stat;
} Outcome;

static Outcome outcome_of(PathAt path, PathOpen how) {
    Outcome o = {0};
    int fd = -1;
    o.error = path_open(path, &how, &fd);
    if (o.error) return o;
    EXPECT_EQ(file_stat(fd, &o.stat), OS_ok);
    close(fd);
    // The scene has no empty file: it was made just now.
    if (o.stat.type == FILE_regular && o.stat.size == 0)
        EXPECT_EQ(path_unlink(path), OS_ok);
    return o;
}

// The kernel and we agree on what a path means.
static void both_ways_agree(void) {
    for (int i = 0; i < 20000; i++) {
        char text[200];
        PathAt path = {root, text, random_path(text)};
        PathOpen how = {.follow = pick(2), .directory = pick(4) == 0};
        how.create = !how.directory && pick(3) == 0;
        how.exclusive = how.create && pick(2);
        path_always_walk(false);
        Outcome a = outcome_of(path, how);
        path_always_walk(true);
        Outcome b = outcome_of(path, how);
        if (!EXPECT_EQ(b.error, a.error) ||
            (!how.create && !EXPECT_EQ(b.stat.inode, a.stat.inode)))
            fprintf(stderr, "  '%s' follow %d directory %d create %d excl %d\n",
                    text, how.follow, how.directory, how.create, how.exclusive);
        FileStat s = {0};
        FileStat t = {0};
        OsError walked = path_stat(path, how.follow, &s);
        path_always_walk(false);
        EXPECT_EQ(path_stat(path, how.follow, &t), walked);
        EXPECT_EQ(t.inode, s.inode);
    }
    outside_is_untouched();
}

// --- while somebody swaps files, directories and links

static _Atomic bool over;

static void exchange(int dir_a, const char *a, int dir_b, const char *b) {
    (void)syscall(SYS_renameat2, dir_a, a, dir_b, b, 2u); // RENAME_EXCHANGE
}

// `swap` is a directory or a link to the outside; `last` is a file or a link
// to the secret; `m/a/b` moves out of the granted directory and back, so that
// its parent changes.
static void swap_all(void *arg) {
    (void)arg;
    while (!atomic_load(&over)) {
        exchange(root, "swap", root, "swap_link");
        exchange(root, "last", root, "last_link");
        (void)renameat(root, "m/a/b", base, "outside/b");
        (void)renameat(base, "outside/b", root, "m/a/b");
    }
}

static uint64_t reached; // how often the attack found a file at all

static void read_inside(const char *path) {
    char text[16] = {0};
    int fd = -1;
    if (path_open(at(path), &(PathOpen){.read = true, .follow = true}, &fd))
        return;
    ssize_t n = read(fd, text, 15);
    EXPECT(n > 0);
    EXPECT_STR(text, "inside");
    close(fd);
    reached++;
}

static void stat_inside(const char *path, uint64_t secret) {
    FileStat s = {0};
    if (path_stat(at(path), true, &s) == OS_ok) EXPECT(s.inode != secret);
    if (path_stat(at(path), false, &s) == OS_ok) EXPECT(s.inode != secret);
}

static void attack_once(uint64_t secret) {
    PathOpen make = {.write = true, .create = true, .follow = true};
    read_inside("swap/secret");
    read_inside("last");
    read_inside("swap/../file");
    read_inside("m/a/b/../../../file");
    read_inside("m/a/b/../secret");
    read_inside("m/a/b/../../m/../file");
    stat_inside("swap/secret", secret);
    stat_inside("last", secret);
    stat_inside("m/a/b/../secret", secret);
    (void)open_error(at("swap/made"), make);
    (void)open_error(at("m/a/b/../made"), make);
    (void)!path_make_dir(at("swap/made_dir"));
    (void)!path_make_dir(at("m/a/b/../made_dir"));
    (void)!path_symlink("x", 1, at("swap/made_link"));
    (void)!path_unlink(at("swap/victim"));
    (void)!path_unlink(at("m/a/b/../victim"));
    (void)!path_rename(at("swap/victim"), at("stolen"));
    (void)!path_rename(at("file2"), at("swap/given"));
    (void)!path_rename(at("swap/given"), at("file2"));
    (void)!path_link(at("swap/secret"), at("linked"));
    if (path_stat(at("linked"), false, &(FileStat){0}) == OS_ok) {
        stat_inside("linked", secret);
        (void)!path_unlink(at("linked"));
    }
    // The link that is swapped in must not be made longer or shorter.
    make.truncate = true;
    (void)open_error(at("last_trunc"), make);
}

static void check_swapped(void) {
    struct stat s;
    EXPECT(fstatat(base, "outside/secret", &s, 0) == 0);
    atomic_store(&over, false);
    reached = 0;
    Thread t = {.run = swap_all};
    if (!EXPECT(thread_start(&t, 0))) return;
    for (uint64_t end = clock_after(1000000000); clock_now() < end;)
        attack_once(s.st_ino);
    atomic_store(&over, true);
    thread_join(&t);
    EXPECT(reached > 10);
    EXPECT(exists(base, "outside/victim"));
    static const char *const made[] = {"made", "made_dir", "made_link", "given",
                                       "file2"};
    for (size_t i = 0; i < COUNTOF(made); i++) {
        char name[40];
        snprintf(name, sizeof name, "outside/%s", made[i]);
        EXPECT(!exists(base, name));
        EXPECT(!exists(base, made[i]));
    }
}

static void swapped_meanwhile(void) {
    EXPECT(mkdirat(root, "swap", 0700) == 0);
    put_link("swap_link", "../outside");
    put_file(root, "swap/secret", "inside");
    put_file(root, "last", "inside");
    put_link("last_link", "../outside/secret");
    put_file(root, "file2", "inside");
    EXPECT(mkdirat(root, "m", 0700) == 0);
    EXPECT(mkdirat(root, "m/a", 0700) == 0);
    EXPECT(mkdirat(root, "m/a/b", 0700) == 0);
    put_file(base, "outside/victim", "victim");
    path_always_walk(false);
    check_swapped();
    path_always_walk(true);
    check_swapped();
    path_always_walk(false);
    EXPECT(unlinkat(base, "outside/victim", 0) == 0);
    outside_is_untouched();
}

static void remove_scene(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", base_path);
    if (system(command) != 0) fprintf(stderr, "%s failed\n", command);
}

int main(void) {
    if (!mkdtemp(base_path)) return 1;
    snprintf(outside_path, sizeof outside_path, "%s/outside", base_path);
    snprintf(secret_path, sizeof secret_path, "%s/outside/secret", base_path);
    base = open(base_path, O_RDONLY | O_DIRECTORY);
    if (base < 0) return 1;
    set_scene();
    int failed = UNIT_RUN(
        UNIT_TEST(paths_stay_beneath), UNIT_TEST(odd_text),
        UNIT_TEST(changes_stay_beneath), UNIT_TEST(creating), UNIT_TEST(dots),
        UNIT_TEST(slashes), UNIT_TEST(links), UNIT_TEST(proc), UNIT_TEST(depth),
        UNIT_TEST(both_ways_agree), UNIT_TEST(swapped_meanwhile));
    remove_scene();
    return failed;
}
