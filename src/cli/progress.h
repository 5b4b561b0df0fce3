// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A line on a terminal that says what takes more than a second, and goes away
// when that is done. Elsewhere nothing is shown.
#pragma once

#include "cli/timer.h"

typedef struct Progress {
    const char *verb, *name;
    uint32_t seconds;
    Timer timer;
} Progress;

void progress_begin(Progress *p, const char *verb, const char *name);
void progress_end(Progress *p);
