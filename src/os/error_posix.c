// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/error.h"
#include "os/error_int.h"

#include <errno.h>

static const char *const texts[] = {
    [OS_ok] = "success",
#define OS_ERROR_OWN(name, text) [OS_##name] = (text),
#include "os/error.def"
};
static_assert(COUNTOF(texts) == OS_error_count, "a text per error");

const char *os_error_text(OsError error) {
    return texts[error];
}

OsError os_error_of(int number) {
    switch (number) {
    case 0:
        return OS_ok; // functions that return an errno
#define OS_ERROR(name, errno_name, text) \
    case errno_name:                     \
        return OS_##name;
#include "os/error.def"
    default:
        return OS_io;
    }
}

OsError os_error_last(void) {
    return os_error_of(errno);
}

OsError os_result(long result) {
    return result < 0 ? os_error_last() : OS_ok;
}
