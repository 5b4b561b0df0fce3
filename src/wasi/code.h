// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// WASI's error numbers: what functions answer a guest.
#pragma once

#include "os/error.h"

typedef enum Errno {
    ERRNO_success,
#define ERRNO(name, value) ERRNO_##name = (value),
#include "wasi/code.def"
} Errno;

// Every answer of the host is one of WASI's.
Errno errno_of_os(OsError error);
