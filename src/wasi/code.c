// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasi/code.h"

// A row of os/error.def without one in code.def does not compile.
static const uint8_t of_os[OS_error_count] = {
    [OS_ok] = ERRNO_success,
#define OS_ERROR_OWN(name, text) [OS_##name] = ERRNO_##name,
#include "os/error.def"
};

// An embedder's file system may answer anything.
Errno errno_of_os(OsError error) {
    return (unsigned)error < OS_error_count ? (Errno)of_os[error] : ERRNO_io;
}
