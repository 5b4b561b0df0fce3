// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the modules of scripts as files to start fuzzing with:
//
//     fuzz_seeds TEXT_FOLDER BINARY_FOLDER SCRIPT.wast...
#include "binary/binary.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SEED_MAX = 4096 // larger ones make fuzzing slow
};

static void write_seed(const char *folder, const void *bytes, size_t size) {
    static unsigned count;
    char path[1024];
    if (size == 0 || size > SEED_MAX) return;
    snprintf(path, sizeof path, "%s/%06u", folder, count++);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void write_module(const ScriptCommand *c, const Script *s,
                         const char *const *folders) {
    const ScriptModule *m = &c->module;
    if (m->form != FORM_text) {
        write_seed(folders[m->form == FORM_binary], m->bytes.data,
                   m->bytes.size);
        return;
    }
    if (c->kind == COMMAND_module)
        write_seed(folders[0], s->text + c->at, s->at - c->at);
    if (!m->module) return;
    Bytes bytes;
    module_encode(m->module, s->arena, &bytes);
    write_seed(folders[1], bytes.data, bytes.size);
}

static bool write_script(const char *text, size_t size,
                         const char *const *folders) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(&arena, &guard)) {
        LimitSet limits = limits_default();
        Script s;
        Err err = {0};
        ScriptCommand c;
        script_init(&s, &arena, text, size, FEATURES_ALL, &limits);
        while (script_next(&s, &c, &err))
            if (c.has_module) write_module(&c, &s, folders);
        ok = err_ok(&err);
        if (!ok) fprintf(stderr, "%s\n", err.text);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return ok;
}

static char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) return NULL;
    long end = ftell(file);
    rewind(file);
    char *text = end < 0 ? NULL : malloc((size_t)end + 1);
    if (text) *size = fread(text, 1, (size_t)end, file);
    fclose(file);
    return text;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *folders[] = {argv[1], argv[2]};
    int status = 0;
    for (int i = 3; i < argc; i++) {
        size_t size = 0;
        char *text = read_file(argv[i], &size);
        if (!text || !write_script(text, size, folders)) {
            fprintf(stderr, "%s: not read\n", argv[i]);
            status = 1;
        }
        free(text);
    }
    return status;
}
