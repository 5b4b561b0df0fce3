// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/dir.h"

#include "os/error_int.h"
#include "os/file_int.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// How the kernel describes an entry; `type` is bits 12 to 15 of a mode.
typedef struct HostEntry {
    uint64_t inode;
    uint64_t next;
    uint16_t size;
    uint8_t type;
    char name[];
} HostEntry;

static_assert(offsetof(HostEntry, name) == 19, "the kernel's layout");

static const HostEntry *entry_at(const DirReader *r, uint32_t at) {
    return (const HostEntry *)(const void *)(r->buffer + at);
}

// Moves to `cookie` if the buffer has it or ends right before it.
static bool find_in_buffer(DirReader *r, uint64_t cookie) {
    r->at = 0;
    r->next = r->start;
    while (r->next != cookie && r->at < r->len) {
        const HostEntry *e = entry_at(r, r->at);
        r->next = e->next;
        r->at += e->size;
    }
    return r->next == cookie;
}

static OsError seek_to(DirReader *r, uint64_t cookie) {
    r->at = r->len = 0;
    r->start = r->next = cookie;
    return os_result(lseek(r->fd, (off_t)cookie, SEEK_SET));
}

static OsError refill(DirReader *r) {
    long n = syscall(SYS_getdents64, r->fd, r->buffer, sizeof r->buffer);
    if (n < 0) return os_error_last();
    r->start = r->next;
    r->at = 0;
    r->len = (uint32_t)n;
    return OS_ok;
}

static FileType type_of(const DirReader *r, const HostEntry *e) {
    if (e->type) return file_type_of((mode_t)e->type << 12);
    struct stat host;
    if (fstatat(r->fd, e->name, &host, AT_SYMLINK_NOFOLLOW) != 0)
        return FILE_unknown;
    return file_type_of(host.st_mode);
}

static uint64_t own_inode(const DirReader *r) {
    struct stat host;
    return fstat(r->fd, &host) == 0 ? host.st_ino : 0;
}

OsError dir_read(DirReader *r, uint64_t cookie, DirEntry *entry) {
    *entry = (DirEntry){.next = cookie};
    OsError error = OS_ok;
    // The start is always read anew: that is how new entries are seen.
    bool rewind = cookie == DIR_START;
    if (rewind || (cookie != r->next && !find_in_buffer(r, cookie)))
        error = seek_to(r, cookie);
    if (!error && r->at == r->len) error = refill(r);
    if (error || r->len == 0) return error;
    const HostEntry *e = entry_at(r, r->at);
    bool parent = strcmp(e->name, "..") == 0;
    *entry = (DirEntry){
        .name = e->name,
        .name_size = strlen(e->name),
        .inode = parent ? own_inode(r) : e->inode,
        .next = e->next,
        .type = parent ? FILE_directory : type_of(r, e),
    };
    r->at += e->size;
    r->next = e->next;
    return OS_ok;
}
