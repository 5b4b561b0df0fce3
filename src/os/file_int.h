// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the POSIX files that deal with files.
#pragma once

#include "os/file.h"

#include <sys/stat.h>
#include <sys/uio.h>

// Of st_mode; never tells a datagram socket.
FileType file_type_of(mode_t mode);
void file_stat_from(FileStat *to, const struct stat *from);
OsError file_times_from(struct timespec to[2], FileTimes from);
const struct iovec *file_iovecs(const FileBuf *bufs);
int file_iovec_count(size_t count);
