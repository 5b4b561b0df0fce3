// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the options let the program see of the host.
#include "base/alloc.h"
#include "base/num_text.h"
#include "cli/report.h"
#include "cli/run_int.h"

#include <stdlib.h>
#include <string.h>

// The host's variables; POSIX has the program declare this one.
extern char **environ;

// --- arguments and variables -------------------------------------------------------

// The program's own name is the last part of its path.
static const char *program_name(const Options *o) {
    const char *name = o->values[OPTION_argv0].text;
    if (name) return name;
    const char *file = o->words.data[0];
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static bool add_args(Wasi *w, const Options *o) {
    bool ok = wasi_arg_add(w, str_of(program_name(o)));
    for (uint32_t i = 1; ok && i < o->words.len; i++)
        ok = wasi_arg_add(w, str_of(o->words.data[i]));
    return ok || report_error("the arguments are too many or too long");
}

// NAME=VALUE; without = nothing is added and the result is true.
static bool add_variable(Wasi *w, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals) return true;
    Str name = {text, (uint32_t)(equals - text)};
    return wasi_env_add(w, name, str_of(equals + 1)) ||
           report_error("the variables are too many or too long");
}

static bool inherit_variables(Wasi *w) {
    for (char **at = environ; at && *at; at++)
        if (!add_variable(w, *at)) return false;
    return true;
}

// A variable that the host lacks is left out.
static bool add_named(Wasi *w, const char *text) {
    if (strchr(text, '=')) return add_variable(w, text);
    const char *value = getenv(text);
    return !value || wasi_env_add(w, str_of(text), str_of(value)) ||
           report_no_memory();
}

// --- directories and sockets -------------------------------------------------------

static bool add_dir(Wasi *w, const char *text) {
    Err err = {0};
    const char *colons = strstr(text, "::");
    size_t len = colons ? (size_t)(colons - text) : strlen(text);
    char *host = mem_alloc(len + 1);
    if (!host) return report_no_memory();
    memcpy(host, text, len);
    host[len] = 0;
    bool ok =
        wasi_dir_add(w, host, colons ? colons + 2 : host, WASI_DIR_ALL, &err);
    mem_free(host);
    return ok || report_error("--dir: %s", err.text);
}

enum {
    LISTEN_FIRST = 3, // the first descriptor that is handed over
    LISTEN_MAX = 1024
};

static bool add_sockets(Wasi *w) {
    const char *text = getenv("LISTEN_FDS");
    uint64_t count;
    if (!text) return true;
    if (num_parse_uint(text, strlen(text), 32, &count) != NUM_ok ||
        count > LISTEN_MAX)
        return report_error("LISTEN_FDS=%s: expected a small number", text);
    for (int i = 0; i < (int)count; i++)
        if (!wasi_socket_add(w, LISTEN_FIRST + i)) return report_no_memory();
    return true;
}

static bool add_listener(Wasi *w, const char *address) {
    Err err = {0};
    return wasi_listen_add(w, address, &err) || report_error("%s", err.text);
}

static bool apply_uses(Wasi *w, const Options *o) {
    VEC_EACH (OptionUse, use, &o->uses) {
        if (use->id == OPTION_env && !add_named(w, use->text)) return false;
        if (use->id == OPTION_dir && !add_dir(w, use->text)) return false;
        if (use->id == OPTION_tcplisten && !add_listener(w, use->text))
            return false;
    }
    return true;
}

// --- streams -----------------------------------------------------------------------

static int64_t read_nothing(void *env, void *out, size_t size) {
    (void)env, (void)out, (void)size;
    return 0;
}

static int64_t write_nowhere(void *env, const void *bytes, size_t size) {
    (void)env, (void)bytes;
    return (int64_t)size;
}

static void set_streams(Wasi *w, const Options *o) {
    static const OptionId inherit[] = {
        OPTION_inherit_stdin, OPTION_inherit_stdout, OPTION_inherit_stderr};
    const WasiStream nothing = {
        .read = read_nothing, .write = write_nowhere, .fd = -1};
    wasi_inherit_stdio(w);
    for (int i = 0; i < (int)COUNTOF(inherit); i++)
        if (!option_or(o, inherit[i], true)) wasi_stream_set(w, i, &nothing);
}

Wasi *run_wasi_new(const Options *o) {
    Wasi *w = wasi_new();
    if (!w) {
        (void)report_no_memory();
        return NULL;
    }
    set_streams(w, o);
    bool ok = add_args(w, o) &&
              (!option_on(o, OPTION_inherit_env) || inherit_variables(w)) &&
              apply_uses(w, o) &&
              (!option_on(o, OPTION_listenfd) || add_sockets(w));
    if (ok) return w;
    wasi_free(w);
    return NULL;
}
