// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The shell looks up a home directory; WASI has no users.

#pragma once

#include <stddef.h>

struct passwd {
    char *pw_dir;
};

static inline struct passwd *getpwuid(unsigned user) {
    (void)user;
    return NULL;
}
