// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/coredump.h"

#include "cli/output.h"
#include "cli/report.h"
#include "engine/coredump.h"
#include "os/clock.h"
#include "os/process.h"

#include <stdio.h>

// The program's name without its directory.
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// What a letter behind % stands for, as in the kernel's core_pattern: p the
// process, e the program, t seconds since 1970. False: nothing.
static bool expand(char letter, const char *program, char *out, size_t size) {
    uint64_t ns = 0;
    switch (letter) {
    case '%':
        snprintf(out, size, "%%");
        return true;
    case 'p':
        snprintf(out, size, "%llu", (unsigned long long)process_id());
        return true;
    case 'e':
        snprintf(out, size, "%s", base_name(program));
        return true;
    case 't':
        (void)!clock_read(CLOCK_wall, &ns);
        snprintf(out, size, "%llu", (unsigned long long)(ns / 1000000000));
        return true;
    default:
        return false;
    }
}

// False: the pattern makes no sense, or is too long.
static bool make_path(Coredump *c, const char *pattern, const char *program) {
    size_t len = 0;
    for (const char *at = pattern; *at; at++) {
        char *out = c->path + len;
        size_t room = sizeof c->path - len;
        if (*at != '%')
            snprintf(out, room, "%c", *at);
        else if (!expand(*++at, program, out, room))
            return false;
        len += strlen(out);
        if (len + 1 >= sizeof c->path) return false;
    }
    return len > 0;
}

static bool write_file(const char *path, const Bytes *bytes) {
    Output out;
    if (!output_open(&out, path)) return false;
    bool ok = output_write(&out, (const char *)bytes->data, bytes->size);
    return output_close(&out, ok) && ok;
}

// Leaving with a status is no trap; the first trap is what matters.
static void dump(void *env, Store *s) {
    Coredump *c = env;
    if (c->is_done || !coredump_is_due(s)) return;
    c->is_done = true;
    Arena arena;
    ArenaGuard guard;
    Bytes bytes = {0};
    volatile bool ok = false;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        coredump_write(s, c->program, &arena, &bytes);
        ok = true;
    }
    arena_unguard(&arena, &guard);
    fflush(stdout);
    if (!ok)
        (void)report_error("%s: no memory for a core dump", c->path);
    else if (write_file(c->path, &bytes))
        fprintf(stderr, "core dumped: %s\n", c->path);
    arena_release(&arena);
}

bool coredump_start(Coredump *c, const Options *o, Store *s) {
    const char *pattern = o->values[OPTION_coredump].text;
    if (!pattern) return true;
    c->program = str_of(o->words.data[0]);
    if (!make_path(c, pattern, o->words.data[0]))
        return report_usage("-D coredump=%s: expected a path with %%p, %%e, "
                            "%%t or %%%% in it",
                            pattern);
    s->trap_hook = dump;
    s->trap_env = c;
    return true;
}
