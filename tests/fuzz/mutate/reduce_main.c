// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes a module smaller that shows something.
//
//     smith_reduce IN OUT COMMAND...
//
// COMMAND OUT ends with code 0 while the module in OUT still shows it; words of
// the command are separated by spaces for the shell.
#include "fuzz/mutate/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Shell {
    const char *path;
    char command[4096];
    uint32_t asked;
} Shell;

static bool write_file(const char *path, Bytes bytes) {
    FILE *f = fopen(path, "wb");
    if (!f) return false;
    bool ok = fwrite(bytes.data, 1, bytes.size, f) == bytes.size;
    return fclose(f) == 0 && ok;
}

static bool ask(void *env, Bytes module) {
    Shell *s = env;
    s->asked++;
    return write_file(s->path, module) && system(s->command) == 0;
}

static bool read_file(const char *path, Arena *arena, Bytes *out) {
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    enum {
        SIZE_MAX_READ = 64 << 20
    };
    uint8_t *bytes = NEW_N(arena, uint8_t, SIZE_MAX_READ);
    size_t size = fread(bytes, 1, SIZE_MAX_READ, f);
    fclose(f);
    *out = (Bytes){bytes, (uint32_t)size, 0};
    return true;
}

static int reduce(Arena *arena, Shell *s, const char *in) {
    Bytes module;
    if (!read_file(in, arena, &module)) {
        perror(in);
        return 2;
    }
    if (!ask(s, module)) {
        fprintf(stderr,
                "smith_reduce: the module shows nothing to begin with\n");
        return 1;
    }
    Bytes best = module_reduce(module, arena, ask, s);
    if (!write_file(s->path, best)) return 2;
    printf("%u bytes of %u, after asking %u times\n", best.size, module.size,
           s->asked);
    return 0;
}

int main(int argc, char **argv) {
    static Shell shell;
    if (argc < 4) {
        fprintf(stderr, "smith_reduce IN OUT COMMAND...\n");
        return 2;
    }
    shell.path = argv[2];
    for (int i = 3; i <= argc; i++) {
        size_t len = strlen(shell.command);
        snprintf(shell.command + len, sizeof shell.command - len, "%s ",
                 i < argc ? argv[i] : argv[2]);
    }
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    volatile int code = 2;
    if (ARENA_GUARD(&arena, &guard)) code = reduce(&arena, &shell, argv[1]);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return code;
}
