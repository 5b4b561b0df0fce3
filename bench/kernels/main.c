// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a kernel natively: main N.

#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    printf("%u\n", run((int32_t)strtol(argv[1], NULL, 10)));
    return 0;
}
