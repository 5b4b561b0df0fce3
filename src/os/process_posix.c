// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "os/process.h"

// POSIX has the program declare this one.
extern char **environ;

char **process_environment(void) {
    static char *none[] = {NULL};
    return environ ? environ : none;
}
