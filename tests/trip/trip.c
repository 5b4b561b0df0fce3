// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules to text and back:
//
//     trip FILE...
//
// A file is a binary module or a script, of which every valid module is taken.
// Of each, one pass through the decoder, module_normalise and the encoder makes
// the bytes that its text has to stand for, whether that is printed from the
// module as it was or from those bytes. Prints the files with a module that does
// not come back, and how many modules did and did not.
#include "base/alloc.h"
#include "binary/binary.h"
#include "text/text.h"
#include "unit/unit.h"
#include "valid/valid.h"

typedef struct Trip {
    Arena arena; // of one module
    LimitSet limits;
    const char *file;
    uint64_t at; // of the module in its file
    int passed, failed;
} Trip;

static bool report(const Trip *t, const char *what, const Err *err) {
    fprintf(stderr, "%s:0x%" PRIx64 ": %s%s%s\n", t->file, t->at, what,
            err ? ": " : "", err ? err->text : "");
    return false;
}

// --- the parts of a trip -----------------------------------------------------

static Module *new_module(Trip *t) {
    Module *m = NEW(&t->arena, Module);
    module_init(m, &t->arena, FEATURES_ALL, &t->limits);
    return m;
}

static Bytes encode(Trip *t, const Module *m) {
    Bytes bytes;
    module_encode(m, &t->arena, &bytes);
    return bytes;
}

// NULL when it is not a valid module.
static Module *decode(Trip *t, Bytes bytes, Err *err) {
    Module *m = new_module(t);
    SideTables side = {0};
    bool ok = module_decode(m, bytes.data, bytes.size, err) &&
              valid_all(m, &side, err);
    return ok ? m : NULL;
}

// Module -> text -> module -> bytes.
static bool reprint(Trip *t, const Module *m, Bytes *out, Err *err) {
    TextBuf text;
    text_init(&text, &t->arena);
    if (!text_print_module(m, &text, &t->arena, err) || !text_finish(&text))
        return false;
    Module *again = new_module(t);
    if (!text_parse_module(again, text.data, text.len, err)) return false;
    *out = encode(t, again);
    return true;
}

static bool expect_same(const Trip *t, const char *what, Bytes got,
                        Bytes want) {
    uint32_t i = 0;
    while (i < got.size && i < want.size && got.data[i] == want.data[i])
        i++;
    if (i == got.size && i == want.size) return true;
    fprintf(stderr, "%u and %u bytes, which differ from 0x%x on\n", got.size,
            want.size, i);
    return report(t, what, NULL);
}

static bool trip_works(Trip *t, Module *m) {
    Err err = {0};
    Bytes early, late, again;
    if (!reprint(t, m, &early, &err))
        return report(t, "its text is not a module", &err);
    if (!module_normalise(m, &err))
        return report(t, "it has no normal form", &err);
    Bytes normal = encode(t, m);
    Module *same = decode(t, normal, &err);
    if (!same) return report(t, "its normal form is not valid", &err);
    if (!reprint(t, same, &late, &err))
        return report(t, "the normal form's text is not a module", &err);
    if (!module_normalise(same, &err))
        return report(t, "the normal form has none", &err);
    again = encode(t, same);
    return expect_same(t, "the text is another module", early, normal) &&
           expect_same(t, "the normal form's text differs", late, normal) &&
           expect_same(t, "the normal form's normal form", again, normal);
}

// What the text parser makes is normal already.
static bool parser_is_normal(Trip *t, Bytes bytes) {
    Err err = {0};
    Module *m = decode(t, bytes, &err);
    if (!m) return true;
    if (!module_normalise(m, &err))
        return report(t, "it has no normal form", &err);
    return expect_same(t, "the parser's bytes are not normal", encode(t, m),
                       bytes);
}

// --- modules -----------------------------------------------------------------

static void trip_bytes(Trip *t, Bytes bytes) {
    Err err = {0};
    Module *m = decode(t, bytes, &err);
    if (!m) return;
    bool ok = trip_works(t, m);
    t->passed += ok;
    t->failed += !ok;
}

static void trip_text(Trip *t, const char *text, size_t size) {
    Err err = {0};
    Module *m = new_module(t);
    if (!text_parse_module(m, text, size, &err)) return;
    Bytes bytes = encode(t, m);
    t->failed += !parser_is_normal(t, bytes);
    trip_bytes(t, bytes);
}

static void trip_form(Trip *t, const ScriptModule *m) {
    switch (m->form) {
    case FORM_text:
        if (!m->module) return;
        Bytes bytes = encode(t, m->module);
        t->failed += !parser_is_normal(t, bytes);
        trip_bytes(t, bytes);
        return;
    case FORM_binary:
        trip_bytes(t, m->bytes);
        return;
    case FORM_quote:
        trip_text(t, (const char *)m->bytes.data, m->bytes.size);
        return;
    }
    UNREACHABLE();
}

static void trip_command(Trip *t, const ScriptCommand *command) {
    for (uint32_t i = 0; i < command->body_len; i++)
        trip_command(t, &command->body[i]);
    if (!command->has_module) return;
    t->at = command->at;
    ArenaMark mark = arena_mark(&t->arena);
    trip_form(t, &command->module);
    arena_rewind(&t->arena, mark);
}

static void trip_script(Trip *t, Bytes file) {
    Script script;
    ScriptCommand command;
    Err err = {0};
    script_init(&script, &t->arena, (const char *)file.data, file.size,
                FEATURES_ALL, &t->limits);
    ArenaMark mark = arena_mark(&t->arena);
    while (script_next(&script, &command, &err)) {
        trip_command(t, &command);
        arena_rewind(&t->arena, mark);
    }
    t->failed += !err_ok(&err) && !report(t, "a broken script", &err);
}

// --- files -------------------------------------------------------------------

static bool read_file(Trip *t, Bytes *out) {
    FILE *f = fopen(t->file, "rb");
    if (!f) return report(t, "cannot be opened", NULL);
    bool ok = !fseek(f, 0, SEEK_END);
    long size = ftell(f);
    ok = ok && size >= 0 && size <= INT32_MAX && !fseek(f, 0, SEEK_SET);
    if (ok) {
        uint8_t *data = arena_alloc_raw(&t->arena, 1, (size_t)size + 1);
        *out = (Bytes){.data = data, .size = (uint32_t)size};
        ok = fread(data, 1, out->size, f) == out->size;
    }
    fclose(f);
    return ok || report(t, "cannot be read", NULL);
}

static void trip_file(Trip *t) {
    Bytes bytes;
    if (!read_file(t, &bytes))
        t->failed++;
    else if (module_is_binary(bytes.data, bytes.size))
        trip_bytes(t, bytes);
    else
        trip_script(t, bytes);
}

int main(int argc, char **argv) {
    Trip t = {.limits = limits_default()};
    for (int i = 1; i < argc; i++) {
        ArenaGuard guard;
        t.file = argv[i];
        t.at = 0;
        arena_init(&t.arena, 0);
        if (ARENA_GUARD(&t.arena, &guard))
            trip_file(&t);
        else
            t.failed += !report(&t, "out of memory", NULL);
        arena_unguard(&t.arena, &guard);
        arena_release(&t.arena);
    }
    printf("%d passed, %d failed\n", t.passed, t.failed);
    return t.failed || !t.passed;
}
