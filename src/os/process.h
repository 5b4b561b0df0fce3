// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the process was started with. Looked at only when somebody asks.
#pragma once

#include "os/error.h"

// The variables of the environment as NAME=VALUE, NULL at the end. Changes with
// the process's own.
char **process_environment(void);

// A descriptor to read the arguments from, each ended by a NUL.
NODISCARD OsError process_open_args(int *fd);

uint64_t process_id(void);
uint64_t process_thread(void); // the calling one's, as tools of the host say

// Maps the first page of a file to execute, and leaves it so: that is how perf
// learns of it. Nothing is read through the mapping.
void process_show_file(int fd);
