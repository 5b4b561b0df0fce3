// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Resolving beneath a directory with openat2, since Linux 5.6.
#define _GNU_SOURCE
#include "os/path_int.h"

#include "os/error_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface; older system headers lack it.
#define NR_OPENAT2            437
#define RESOLVE_NO_MAGICLINKS 0x02u
#define RESOLVE_BENEATH       0x08u

typedef struct OpenHow {
    uint64_t flags, mode, resolve;
} OpenHow;

// The kernel gives up when a rename anywhere races with a `..`.
#define TRIES 32

typedef enum Openat2 {
    OPENAT2_unknown,
    OPENAT2_present,
    OPENAT2_absent
} Openat2;

static _Atomic int openat2_state;

// Asked with arguments that no kernel accepts, so that nothing is opened. A
// kernel or a sandbox without it says something other than EINVAL.
static bool openat2_present(void) {
    int state = atomic_load_explicit(&openat2_state, memory_order_relaxed);
    if (state == OPENAT2_unknown) {
        long result = syscall(NR_OPENAT2, -1, NULL, NULL, (size_t)0);
        state =
            result < 0 && errno == EINVAL ? OPENAT2_present : OPENAT2_absent;
        atomic_store_explicit(&openat2_state, state, memory_order_relaxed);
    }
    return state == OPENAT2_present;
}

OsError path_kernel_open(int dir, const char *path, int flags, unsigned mode,
                         int *fd) {
    if (!openat2_present()) return OS_nosys;
    OpenHow how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (int i = 0; i < TRIES; i++) {
        long made = syscall(NR_OPENAT2, dir, path, &how, sizeof how);
        if (made >= 0) {
            *fd = (int)made;
            return OS_ok;
        }
        if (errno == EXDEV) return OS_notcapable;
        if (errno != EAGAIN && errno != EINTR) return os_error_last();
    }
    return OS_nosys;
}
