// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/process.h"

#include "os/file.h"

#include <sys/syscall.h>
#include <unistd.h>

OsError process_open_args(int *fd) {
    return file_open_host("/proc/self/cmdline", fd);
}

uint64_t process_thread(void) {
    return (uint64_t)syscall(SYS_gettid);
}
