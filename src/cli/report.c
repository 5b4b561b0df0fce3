// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/report.h"

#include "binary/binary.h"
#include "cli/place.h"
#include "os/file.h"
#include "text/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

// --- the line that says what is wrong --------------------------------------------

static void print_error_word(void) {
    const char *no_color = getenv("NO_COLOR");
    bool in_color = file_is_terminal(2) && !(no_color && no_color[0]);
    fputs(in_color ? "\x1b[1;31merror:\x1b[0m " : "error: ", stderr);
}

// Names come from modules that may be hostile: nothing in them may act on the
// terminal, or look like another line.
static void put_clean(const char *text, size_t len, bool lines) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_fine =
            (c >= ' ' && c != 127) || c == '\t' || (lines && c == '\n');
        fputc(is_fine ? c : '?', stderr);
    }
}

static void report_args(const char *format, va_list args) {
    char text[4096]; // what is longer is cut
    fflush(stdout);
    print_error_word();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(text, sizeof text, format, args);
#pragma GCC diagnostic pop
    put_clean(text, strlen(text), false);
    fputc('\n', stderr);
}

bool report_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    report_args(format, args);
    va_end(args);
    return false;
}

bool report_usage(const char *format, ...) {
    va_list args;
    va_start(args, format);
    report_args(format, args);
    va_end(args);
    fputs("'foliot help' tells how it is used\n", stderr);
    return false;
}

bool report_no_memory(void) {
    return report_error("out of memory");
}

bool report_about(const Input *in, const char *text) {
    return report_error("%s: %s", in->name, text);
}

// --- text that is made in an arena -------------------------------------------------

static bool flush_stderr(void *env, const char *data, size_t len) {
    (void)env;
    put_clean(data, len, true);
    return true;
}

typedef struct Printing {
    Arena arena;
    TextBuf out;
} Printing;

static void printing_init(Printing *p, size_t limit) {
    arena_init(&p->arena, limit);
    text_init(&p->out, &p->arena);
    p->out.flush = flush_stderr;
}

bool report_trap(const Input *in, const TrapInfo *t) {
    Printing p;
    ArenaGuard guard;
    printing_init(&p, 0);
    fflush(stdout);
    print_error_word();
    fprintf(stderr, "%s: ", in->name);
    if (ARENA_GUARD(&p.arena, &guard)) {
        trap_print(t, &p.out);
        (void)text_finish(&p.out);
    } else {
        fprintf(stderr, "%s\n", t->text); // without its backtrace
    }
    arena_unguard(&p.arena, &guard);
    arena_release(&p.arena);
    return false;
}

// --- refused modules ---------------------------------------------------------------

// The line, the excerpt, the caret.
static void print_in_text(Printing *p, const Input *in, const Err *err) {
    text_print_err(&p->out, in->name, (const char *)in->data, in->size, err);
    (void)text_finish(&p->out);
}

static void print_function(const Module *m, const Err *err) {
    if (err->func == ERR_NOWHERE) return;
    Str name = {0};
    if (err->func < m->funcs.len)
        name = module_func_name(m, (uint32_t)err->func);
    fprintf(stderr, "    in function %llu", (unsigned long long)err->func);
    if (name.len) fputs(", ", stderr);
    put_clean(name.data, name.len, false);
    fputc('\n', stderr);
}

static void print_headline(const Input *in, const Err *err) {
    put_clean(in->name, strlen(in->name), false);
    if (!in->is_text && err->at != ERR_NOWHERE)
        fprintf(stderr, ":0x%llx", (unsigned long long)err->at);
    fputs(": ", stderr);
    put_clean(err->text, strlen(err->text), false);
    fputc('\n', stderr);
}

// Reads the module once more, for the names and places of its functions; what
// went wrong in it was seen later than what is asked for here.
static bool reread(Module *m, const Input *in) {
    Err unused = {0};
    if (in->is_text)
        return text_parse_module(m, (const char *)in->data, in->size, &unused);
    return module_decode(m, in->data, in->size, &unused);
}

// An error that was seen when the text had become a module: where the text has
// what it is about.
static bool print_in_its_text(Printing *p, const Engine *e, const Input *in,
                              const Err *err) {
    Err place = *err;
    Str text = {(const char *)in->data, (uint32_t)in->size};
    if (!in->is_text || err->at == ERR_NOWHERE ||
        !place_in_text(&p->arena, e->config.features, &e->config.limits, text,
                       err, &place.at))
        return false;
    print_in_text(p, in, &place);
    return true;
}

static void print_refused(Printing *p, const Engine *e, const Input *in,
                          const Err *err) {
    Module *m = NEW(&p->arena, Module);
    module_init(m, &p->arena, e->config.features, &e->config.limits);
    if (err->func != ERR_NOWHERE && !reread(m, in))
        module_init(m, &p->arena, e->config.features, &e->config.limits);
    if (!print_in_its_text(p, e, in, err)) print_headline(in, err);
    print_function(m, err);
}

bool report_refused(const Engine *e, const Input *in, const Err *err,
                    bool in_text) {
    Printing p;
    ArenaGuard guard;
    printing_init(&p, e->config.limits.compile_memory); // it is read once more
    fflush(stdout);
    print_error_word();
    if (ARENA_GUARD(&p.arena, &guard)) {
        if (in_text && err->at != ERR_NOWHERE)
            print_in_text(&p, in, err);
        else
            print_refused(&p, e, in, err);
    } else {
        print_headline(in, err);
    }
    arena_unguard(&p.arena, &guard);
    arena_release(&p.arena);
    return false;
}
