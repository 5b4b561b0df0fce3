// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the files of os/ that speak POSIX: errno in our words. No other
// folder includes this.
#pragma once

#include "os/error.h"

// The meaning of the calling thread's errno.
OsError os_error_last(void);

// OS_ok for a system call's zero or positive result, else what errno says.
OsError os_result(long result);
