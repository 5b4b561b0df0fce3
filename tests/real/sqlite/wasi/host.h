// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Included before each file of SQLite: what WASI 0.1 has no notion of. Owners
// and modes do nothing, pipes do not open, locks are left to the virtual file
// system chosen on the command line.

#pragma once

#include <stdio.h>
#include <sys/types.h>

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6

static inline int fchmod(int fd, mode_t mode) {
    (void)fd, (void)mode;
    return 0;
}

static inline int chmod(const char *path, mode_t mode) {
    (void)path, (void)mode;
    return 0;
}

static inline int fchown(int fd, uid_t owner, gid_t group) {
    (void)fd, (void)owner, (void)group;
    return 0;
}

static inline uid_t getuid(void) {
    return 1000;
}

static inline uid_t geteuid(void) {
    return 1000;
}

static inline FILE *popen(const char *command, const char *mode) {
    (void)command, (void)mode;
    return NULL;
}

static inline int pclose(FILE *pipe) {
    (void)pipe;
    return -1;
}
