// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Resolving beneath a directory name by name.
//
// Every step opens one name in a directory that we hold open, and never
// follows a link, so a step cannot leave. `..` goes back to the descriptor
// that we came from, never to what the file system calls the parent, so moving
// directories about cannot lead out. Links are read and spliced into the text.
//
//   text   ......./name/rest/of/the/path
//                 ^at              dirs[depth - 1]: where `name` is looked up
#define _GNU_SOURCE
#include "os/path_int.h"

#include "os/error_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Walk {
    int root;
    uint32_t depth; // of dirs; 0: at the root
    uint32_t links; // followed so far
    int dirs[PATH_DEPTH_MAX];
    char text[PATH_SIZE_MAX];
    size_t at;
    // The name that was taken from the text last, from this position.
    size_t from;
    char name[NAME_MAX + 1];
    bool last;    // nothing but slashes after it
    bool slashed; // slashes after it
} Walk;

static int here(const Walk *w) {
    return w->depth ? w->dirs[w->depth - 1] : w->root;
}

static bool name_is(const Walk *w, const char *name) {
    return strcmp(w->name, name) == 0;
}

static void leave_all(Walk *w) {
    while (w->depth > 0)
        close(w->dirs[--w->depth]);
}

static OsError take_name(Walk *w) {
    const char *name = w->text + w->at;
    size_t size = strcspn(name, "/");
    size_t slashes = strspn(name + size, "/");
    if (size == 0) return OS_noent;
    if (size > NAME_MAX) return OS_nametoolong;
    w->from = w->at;
    memcpy(w->name, name, size);
    w->name[size] = 0;
    w->at += size + slashes;
    w->last = w->text[w->at] == 0;
    w->slashed = slashes > 0;
    return OS_ok;
}

// Puts the target of the link `name` before the rest of the text. OS_inval if
// it is not, or no longer, a link.
static OsError splice_link(Walk *w) {
    char target[PATH_SIZE_MAX];
    ssize_t n = readlinkat(here(w), w->name, target, sizeof target);
    if (n < 0) return os_error_last();
    if (w->links++ == PATH_LINKS_MAX) return OS_loop;
    if (n == 0) return OS_noent;
    if (target[0] == '/') return OS_notcapable;
    size_t size = (size_t)n;
    size_t rest = strlen(w->text + w->at);
    if (size + 1 + rest >= sizeof w->text) return OS_nametoolong;
    // The slash that stood after the link.
    if (w->slashed) target[size++] = '/';
    memmove(w->text + size, w->text + w->at, rest + 1);
    memcpy(w->text, target, size);
    w->at = 0;
    return OS_ok;
}

// What opening without following says when it met a link. ENOTDIR also comes
// for plain files: reading the link then tells.
static bool may_be_link(int number) {
    return number == ELOOP || number == EMLINK || number == ENOTDIR;
}

// `number` is why `name` could not be opened. Continues behind it if it is a
// link; what was one but is no longer is tried again, as often as there may be
// links.
static OsError follow_link(Walk *w, int number) {
    if (!may_be_link(number)) return os_error_of(number);
    OsError error = splice_link(w);
    if (error != OS_inval) return error;
    if (number == ENOTDIR) return OS_notdir;
    if (w->links++ == PATH_LINKS_MAX) return OS_loop;
    w->at = w->from;
    return OS_ok;
}

static OsError descend(Walk *w) {
    if (w->depth == PATH_DEPTH_MAX) return OS_nametoolong;
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(here(w), w->name, flags);
    if (fd < 0) return follow_link(w, errno);
    w->dirs[w->depth++] = fd;
    return OS_ok;
}

static OsError ascend(Walk *w) {
    if (w->depth == 0) return OS_notcapable;
    close(w->dirs[--w->depth]);
    return OS_ok;
}

static bool is_link(int fd) {
    struct stat host;
    return fstat(fd, &host) == 0 && S_ISLNK(host.st_mode);
}

// The last name: OS_ok with *fd still -1 when it was a link and the text goes
// on behind it.
static OsError open_last(Walk *w, int flags, unsigned mode, int *fd) {
    bool slashed = w->slashed && !name_is(w, "."); // a directory in any case
    if (slashed && (flags & O_CREAT)) return OS_isdir;
    if (slashed) flags = (flags & ~O_NOFOLLOW) | O_DIRECTORY;
    bool fresh = (flags & O_CREAT) && (flags & O_EXCL);
    bool follow = !(flags & O_NOFOLLOW) && !fresh;
    int made;
    do {
        made = openat(here(w), w->name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    } while (made < 0 && errno == EINTR);
    if (made < 0) return follow ? follow_link(w, errno) : os_error_last();
    // O_PATH opens links themselves.
    if (follow && (flags & O_PATH) && is_link(made)) {
        close(made);
        return follow_link(w, ELOOP);
    }
    *fd = made;
    return OS_ok;
}

// A path that ends in `.` or `..` names the directory we are then in.
static OsError step(Walk *w, int flags, unsigned mode, int *fd) {
    OsError error = take_name(w);
    if (!error && name_is(w, "..")) {
        error = ascend(w);
        strcpy(w->name, ".");
    }
    if (error) return error;
    if (w->last) return open_last(w, flags, mode, fd);
    return name_is(w, ".") ? OS_ok : descend(w);
}

OsError path_walk_open(int dir, const char *path, int flags, unsigned mode,
                       int *fd) {
    Walk w;
    w.root = dir;
    w.depth = w.links = 0;
    w.at = 0;
    memcpy(w.text, path, strlen(path) + 1);
    int made = -1;
    OsError error = OS_ok;
    while (!error && made < 0)
        error = step(&w, flags, mode, &made);
    leave_all(&w);
    if (!error) *fd = made;
    return error;
}
