// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/random.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

// For kernels and sandboxes that refuse getrandom; the only place where a file
// is opened unasked.
static bool fill_from_device(uint8_t *at, size_t size) {
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    while (size > 0) {
        ssize_t n = read(fd, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        at += n;
        size -= (size_t)n;
    }
    close(fd);
    return size == 0;
}

bool random_fill(void *p, size_t size) {
    uint8_t *at = p;
    while (size > 0) {
        ssize_t n = getrandom(at, size, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fill_from_device(at, size);
        at += n;
        size -= (size_t)n;
    }
    return true;
}
