// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything about paths but resolving them: what the last name means to each
// operation.
#define _GNU_SOURCE
#include "os/path.h"

#include "os/error_int.h"
#include "os/file_int.h"
#include "os/path_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h> // renameat
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic bool always_walk;

void path_always_walk(bool always) {
    atomic_store(&always_walk, always);
}

// A checked copy that ends with a NUL.
typedef struct Text {
    char at[PATH_SIZE_MAX];
} Text;

static OsError text_from(Text *t, const char *text, size_t size) {
    if (size == 0) return OS_noent;
    if (size >= sizeof t->at) return OS_nametoolong;
    if (memchr(text, 0, size)) return OS_inval;
    memcpy(t->at, text, size);
    t->at[size] = 0;
    return OS_ok;
}

static OsError path_text(Text *t, PathAt at) {
    OsError error = text_from(t, at.text, at.size);
    if (error) return error;
    return t->at[0] == '/' ? OS_notcapable : OS_ok;
}

static OsError open_beneath(int dir, const char *path, int flags, int *fd) {
    OsError error = OS_nosys;
    if (!atomic_load_explicit(&always_walk, memory_order_relaxed))
        error = path_kernel_open(dir, path, flags, 0666, fd);
    if (error == OS_nosys) error = path_walk_open(dir, path, flags, 0666, fd);
    return error;
}

static const int to_search = O_PATH | O_DIRECTORY;

// The directory that a path's last name is in, and that name. It never is
// `..`, and it is `.` where the path names a directory as such.
typedef struct Parent {
    int fd;
    bool owned; // to be closed
    const char *name;
    Text text;
} Parent;

// How an operation takes a slash after the last name. Making and removing
// keeps it: the host then insists on a directory and does not follow a link.
// Looking up follows: the name is that of a directory.
typedef enum Slash {
    SLASH_keep,
    SLASH_follow
} Slash;

static void parent_release(Parent *p) {
    if (p->owned) close(p->fd);
}

static OsError parent_open(Parent *p, int dir, const char *path) {
    OsError error = open_beneath(dir, path, to_search, &p->fd);
    p->owned = !error;
    return error;
}

static OsError parent_of(Parent *p, PathAt at, Slash slash) {
    p->owned = false;
    OsError error = path_text(&p->text, at);
    if (error) return error;
    char *text = p->text.at;
    char *end = text + at.size;
    while (end[-1] == '/')
        end--;
    bool slashed = *end != 0;
    char *name = end;
    while (name > text && name[-1] != '/')
        name--;
    size_t size = (size_t)(end - name);
    bool dots = (size == 1 || size == 2) && memcmp(name, "..", size) == 0;
    p->name = ".";
    if (dots || (slashed && slash == SLASH_follow))
        return parent_open(p, at.dir, text);
    if (slashed) *++end = 0; // one slash is enough
    p->name = name;
    p->fd = at.dir;
    if (name == text) return OS_ok;
    name[-1] = 0;
    return parent_open(p, at.dir, text);
}

static int open_flags(const PathOpen *how) {
    int flags = how->write ? how->read ? O_RDWR : O_WRONLY : O_RDONLY;
    if (!how->follow) flags |= O_NOFOLLOW;
    if (how->directory) flags |= O_DIRECTORY;
    if (how->create) flags |= O_CREAT;
    if (how->create && how->exclusive) flags |= O_EXCL;
    if (how->truncate) flags |= O_TRUNC;
    if (how->append) flags |= O_APPEND;
    if (how->sync) flags |= O_SYNC;
    if (how->datasync) flags |= O_DSYNC;
    return flags | O_NONBLOCK | O_NOCTTY;
}

// Opened without blocking, so that pipes do not wait for their other end; put
// right afterwards.
OsError path_open(PathAt at, const PathOpen *how, int *fd) {
    if (how->create && how->directory) return OS_inval;
    Text text;
    OsError error = path_text(&text, at);
    int made = -1;
    if (!error) error = open_beneath(at.dir, text.at, open_flags(how), &made);
    if (error) return error;
    int kept = how->append ? O_APPEND : 0;
    if (!how->nonblock && fcntl(made, F_SETFL, kept) != 0) {
        error = os_error_last();
        close(made);
        return error;
    }
    *fd = made;
    return OS_ok;
}

static OsError stat_followed(PathAt at, struct stat *host) {
    Text text;
    OsError error = path_text(&text, at);
    int fd = -1;
    if (!error) error = open_beneath(at.dir, text.at, O_PATH, &fd);
    if (error) return error;
    error = os_result(fstat(fd, host));
    close(fd);
    return error;
}

static OsError stat_itself(PathAt at, struct stat *host) {
    Parent p;
    OsError error = parent_of(&p, at, SLASH_follow);
    if (error) return error;
    error = os_result(fstatat(p.fd, p.name, host, AT_SYMLINK_NOFOLLOW));
    parent_release(&p);
    return error;
}

OsError path_stat(PathAt at, bool follow, FileStat *stat) {
    struct stat host;
    OsError error = follow ? stat_followed(at, &host) : stat_itself(at, &host);
    if (!error) file_stat_from(stat, &host);
    return error;
}

#ifdef AT_EMPTY_PATH
static int set_times_of(int fd, const struct timespec times[2]) {
    return utimensat(fd, "", times, AT_EMPTY_PATH);
}
#else
static int set_times_of(int fd, const struct timespec times[2]) {
    return futimens(fd, times);
}
#endif

// Linux before 5.8 sets times only through a descriptor that reads or writes.
static OsError set_times_followed(PathAt at, const struct timespec times[2]) {
    Text text;
    OsError error = path_text(&text, at);
    int fd = -1;
    if (!error) error = open_beneath(at.dir, text.at, O_PATH, &fd);
    if (error) return error;
    error = os_result(set_times_of(fd, times));
    close(fd);
    if (error != OS_inval) return error;
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    error = open_beneath(at.dir, text.at, flags, &fd);
    if (error) return error;
    error = os_result(futimens(fd, times));
    close(fd);
    return error;
}

static OsError set_times_itself(PathAt at, const struct timespec times[2]) {
    Parent p;
    OsError error = parent_of(&p, at, SLASH_follow);
    if (error) return error;
    error = os_result(utimensat(p.fd, p.name, times, AT_SYMLINK_NOFOLLOW));
    parent_release(&p);
    return error;
}

OsError path_set_times(PathAt at, bool follow, FileTimes times) {
    struct timespec host[2];
    OsError error = file_times_from(host, times);
    if (error) return error;
    return follow ? set_times_followed(at, host) : set_times_itself(at, host);
}

OsError path_make_dir(PathAt at) {
    Parent p;
    OsError error = parent_of(&p, at, SLASH_keep);
    if (error) return error;
    error = os_result(mkdirat(p.fd, p.name, 0777));
    parent_release(&p);
    return error;
}

static OsError remove_name(PathAt at, int flags) {
    Parent p;
    OsError error = parent_of(&p, at, SLASH_keep);
    if (error) return error;
    error = os_result(unlinkat(p.fd, p.name, flags));
    parent_release(&p);
    return error;
}

OsError path_remove_dir(PathAt at) {
    return remove_name(at, AT_REMOVEDIR);
}

OsError path_unlink(PathAt at) {
    return remove_name(at, 0);
}

OsError path_rename(PathAt from, PathAt to) {
    Parent old;
    OsError error = parent_of(&old, from, SLASH_keep);
    if (error) return error;
    Parent new;
    error = parent_of(&new, to, SLASH_keep);
    if (!error) {
        error = os_result(renameat(old.fd, old.name, new.fd, new.name));
        parent_release(&new);
    }
    parent_release(&old);
    return error;
}

OsError path_link(PathAt from, PathAt to) {
    Parent old;
    OsError error = parent_of(&old, from, SLASH_follow);
    if (error) return error;
    Parent new;
    error = parent_of(&new, to, SLASH_keep);
    if (!error) {
        error = os_result(linkat(old.fd, old.name, new.fd, new.name, 0));
        parent_release(&new);
    }
    parent_release(&old);
    return error;
}

OsError path_symlink(const char *target, size_t size, PathAt at) {
    Text text;
    OsError error = text_from(&text, target, size);
    if (error) return error;
    Parent p;
    error = parent_of(&p, at, SLASH_keep);
    if (error) return error;
    error = os_result(symlinkat(text.at, p.fd, p.name));
    parent_release(&p);
    return error;
}

// The host refuses an empty buffer; a guest's may be one.
OsError path_read_link(PathAt at, char *target, size_t size, size_t *done) {
    Parent p;
    OsError error = parent_of(&p, at, SLASH_follow);
    if (error) return error;
    char none;
    ssize_t n =
        readlinkat(p.fd, p.name, size ? target : &none, size ? size : 1);
    error = os_result(n);
    if (!error) *done = MIN((size_t)n, size);
    parent_release(&p);
    return error;
}
