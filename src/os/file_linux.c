// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/file.h"

#include "os/error_int.h"

#include <errno.h>
#include <fcntl.h>

// The system call itself: posix_fallocate would write where the file system
// cannot allocate, and could not be undone.
OsError file_allocate(int fd, uint64_t offset, uint64_t size) {
    if (offset > INT64_MAX || size > INT64_MAX - offset) return OS_fbig;
    int result;
    do {
        result = fallocate(fd, 0, (off_t)offset, (off_t)size);
    } while (result != 0 && errno == EINTR);
    return os_result(result);
}
