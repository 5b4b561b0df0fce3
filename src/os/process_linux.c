// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "os/process.h"

#include "os/file.h"

OsError process_open_args(int *fd) {
    return file_open_host("/proc/self/cmdline", fd);
}
