// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `-D coredump=PATH`: a dump of the store at a trap.
#pragma once

#include "cli/option.h"
#include "rt/store.h"

enum {
    COREDUMP_PATH_SIZE = 4096
};

typedef struct Coredump {
    char path[COREDUMP_PATH_SIZE]; // empty: none is wanted
    Str program;
    bool is_done; // there is one already
} Coredump;

// Has dumps made if the options say so; what is wrong is reported. The
// structure stays where it is.
NODISCARD bool coredump_start(Coredump *c, const Options *o, Store *s);
