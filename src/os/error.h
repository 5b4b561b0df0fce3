// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the host answers when it refuses. Functions of os/ that can be refused
// for more than one reason return an OsError, OS_ok being zero; results go
// through pointers, which are written on success only.
#pragma once

#include "base/defs.h"

typedef enum OsError {
    OS_ok,
#define OS_ERROR_OWN(name, text) OS_##name,
#include "os/error.def"
    OS_error_count
} OsError;

const char *os_error_text(OsError error) RETURNS_NONNULL;

// The meaning of an error number of the host; OS_io for what has no row.
OsError os_error_of(int number);
