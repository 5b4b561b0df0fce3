// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/progress.h"

#include "os/file.h"

#include <stdio.h>

#define SECOND 1000000000u // ns

enum {
    MARGIN = 30 // columns for all but the name
};

static void show(void *env) {
    Progress *p = env;
    uint32_t width = file_terminal_width(2); // a second line would stay
    int room = width > MARGIN ? (int)(width - MARGIN) : MARGIN;
    p->seconds++;
    fprintf(stderr, "\r\x1b[K%s %.*s, %u s", p->verb, room, p->name,
            p->seconds);
    fflush(stderr);
}

void progress_begin(Progress *p, const char *verb, const char *name) {
    *p = (Progress){.verb = verb, .name = name};
    p->timer = (Timer){
        .first = SECOND,
        .every = SECOND,
        .fire = show,
        .env = p,
    };
    // Without the thread the work goes on all the same, unseen.
    if (file_is_terminal(2) && !timer_start(&p->timer))
        p->timer.is_running = false;
}

void progress_end(Progress *p) {
    timer_stop(&p->timer);
    if (p->seconds) fputs("\r\x1b[K", stderr);
}
