// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The two ways to resolve a path beneath a directory.
#pragma once

#include "os/path.h"

// O_PATH: a descriptor only to go on from. Hosts without it open directories
// for reading.
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

// Opens `path` (not empty, not absolute, fits PATH_SIZE_MAX) beneath `dir`
// with the flags of open; O_NOFOLLOW concerns the last name. The descriptor is
// closed on exec. New files get `mode`.
NODISCARD OsError path_walk_open(int dir, const char *path, int flags,
                                 unsigned mode, int *fd);

// The same by the kernel. OS_nosys where it cannot, or gave up because
// somebody keeps renaming.
NODISCARD OsError path_kernel_open(int dir, const char *path, int flags,
                                   unsigned mode, int *fd);
