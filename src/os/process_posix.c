// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "os/process.h"

#include "os/vm.h"

#include <sys/mman.h>
#include <unistd.h>

// POSIX has the program declare this one.
extern char **environ;

char **process_environment(void) {
    static char *none[] = {NULL};
    return environ ? environ : none;
}

uint64_t process_id(void) {
    return (uint64_t)getpid();
}

void process_show_file(int fd) {
    (void)!mmap(NULL, vm_page_size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
                0);
}
