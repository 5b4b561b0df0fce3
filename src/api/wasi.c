// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasi.h: a configuration is the Wasi that the store will get.
#include "api/api_int.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "os/file.h"
#include "os/process.h"
#include "wasi/code.h"

#include <string.h>

wasi_config_t *wasi_config_new(void) {
    wasi_config_t *c = MEM_NEW(wasi_config_t);
    if (!c) return NULL;
    c->wasi = wasi_new();
    if (c->wasi) return c;
    mem_free(c);
    return NULL;
}

void wasi_config_delete(wasi_config_t *c) {
    if (!c) return;
    wasi_free(c->wasi);
    mem_free(c);
}

bool wasi_config_apply(Store *s, wasi_config_t *c) {
    bool ok = c && !c->has_failed;
    if (ok) {
        StoreData *d = store_data(s);
        wasi_free(d->wasi);
        d->wasi = c->wasi;
        s->wasi = c->wasi;
        c->wasi = NULL;
    }
    wasi_config_delete(c);
    return ok;
}

// --- arguments and variables -----------------------------------------------------

static bool text_of(const char *text, Str *out) {
    size_t len = text ? strlen(text) : 0;
    *out = (Str){text, (uint32_t)len};
    return text && len < UINT32_MAX && utf8_valid(text, len);
}

static bool are_texts(size_t count, const char *texts[]) {
    Str text;
    for (size_t i = 0; i < count; i++)
        if (!text_of(texts[i], &text)) return false;
    return true;
}

bool wasi_config_set_argv(wasi_config_t *c, size_t argc, const char *argv[]) {
    bool ok = are_texts(argc, argv);
    for (size_t i = 0; ok && i < argc; i++)
        ok = wasi_arg_add(c->wasi, str_of(argv[i]));
    return ok;
}

bool wasi_config_set_env(wasi_config_t *c, size_t envc, const char *names[],
                         const char *values[]) {
    bool ok = are_texts(envc, names) && are_texts(envc, values);
    for (size_t i = 0; ok && i < envc; i++)
        ok = wasi_env_add(c->wasi, str_of(names[i]), str_of(values[i]));
    return ok;
}

typedef List(char) CharList;

// All that can be read. False: no memory; what the host refuses is at the end.
static bool read_all(int fd, CharList *out) {
    enum {
        PIECE = 4096
    };
    for (;;) {
        if (!LIST_RESERVE(out, PIECE)) return false;
        size_t done = 0;
        FileBuf buf = {out->data + out->len, PIECE};
        if (file_read(fd, &buf, 1, &done) || done == 0) return true;
        out->len += (uint32_t)done;
        if (out->len > UINT32_MAX / 2) return false;
    }
}

// Each ended by a NUL.
static bool add_all_args(Wasi *w, const CharList *bytes) {
    for (uint32_t at = 0, end; at < bytes->len; at = end + 1) {
        for (end = at; end < bytes->len && bytes->data[end]; end++)
            continue;
        Str arg = {bytes->data + at, end - at};
        if (utf8_valid(arg.data, arg.len) && !wasi_arg_add(w, arg))
            return false;
    }
    return true;
}

void wasi_config_inherit_argv(wasi_config_t *c) {
    int fd;
    if (process_open_args(&fd)) return;
    CharList bytes = {0};
    bool ok = read_all(fd, &bytes) && add_all_args(c->wasi, &bytes);
    LIST_RELEASE(&bytes);
    file_close(fd);
    c->has_failed |= !ok;
}

void wasi_config_inherit_env(wasi_config_t *c) {
    for (char **at = process_environment(); *at; at++) {
        const char *equals = strchr(*at, '=');
        size_t size = strlen(*at);
        if (!equals || size >= UINT32_MAX || !utf8_valid(*at, size)) continue;
        Str name = {*at, (uint32_t)(equals - *at)};
        c->has_failed |= !wasi_env_add(c->wasi, name, str_of(equals + 1));
    }
}

// --- standard streams ------------------------------------------------------------

bool wasi_config_set_stdin_file(wasi_config_t *c, const char *path) {
    int fd;
    if (!path || file_open_host(path, &fd)) return false;
    wasi_stdio_set(c->wasi, 0, fd, true);
    return true;
}

static bool set_output_file(wasi_config_t *c, int which, const char *path) {
    int fd;
    if (!path || file_create_host(path, &fd)) return false;
    wasi_stdio_set(c->wasi, which, fd, true);
    return true;
}

bool wasi_config_set_stdout_file(wasi_config_t *c, const char *path) {
    return set_output_file(c, 1, path);
}

bool wasi_config_set_stderr_file(wasi_config_t *c, const char *path) {
    return set_output_file(c, 2, path);
}

void wasi_config_inherit_stdin(wasi_config_t *c) {
    wasi_stdio_set(c->wasi, 0, 0, false);
}

void wasi_config_inherit_stdout(wasi_config_t *c) {
    wasi_stdio_set(c->wasi, 1, 1, false);
}

void wasi_config_inherit_stderr(wasi_config_t *c) {
    wasi_stdio_set(c->wasi, 2, 2, false);
}

typedef struct Input {
    wasm_byte_vec_t bytes;
    size_t at;
} Input;

static int64_t input_read(void *env, void *out, size_t size) {
    Input *in = env;
    size_t len = MIN(size, in->bytes.size - in->at);
    if (len) memcpy(out, in->bytes.data + in->at, len);
    in->at += len;
    return (int64_t)len;
}

static void input_close(void *env) {
    Input *in = env;
    wasm_byte_vec_delete(&in->bytes);
    mem_free(in);
}

void wasi_config_set_stdin_bytes(wasi_config_t *c, wasm_byte_vec_t *binary) {
    Input *in = MEM_NEW(Input);
    c->has_failed |= !in;
    if (in) {
        in->bytes = *binary;
        WasiStream stream = {
            .env = in, .read = input_read, .fd = -1, .close = input_close};
        wasi_stream_set(c->wasi, 0, &stream);
    } else {
        wasm_byte_vec_delete(binary);
    }
    *binary = (wasm_byte_vec_t){0};
}

typedef struct Output {
    ptrdiff_t (*write)(void *, const unsigned char *, size_t);
    void *data;
    void (*finalizer)(void *);
} Output;

static int64_t output_write(void *env, const void *bytes, size_t size) {
    const Output *out = env;
    ptrdiff_t done = out->write(out->data, bytes, size);
    if (done >= 0) return (int64_t)MIN((size_t)done, size);
    int number = done < -INT16_MAX ? 0 : (int)-done;
    Errno e = errno_of_os(os_error_of(number));
    return -(int64_t)(e ? e : ERRNO_io);
}

static void output_close(void *env) {
    Output *out = env;
    if (out->finalizer) out->finalizer(out->data);
    mem_free(out);
}

static void set_custom(wasi_config_t *c, int which, const Output *given) {
    Output *out = MEM_NEW(Output);
    if (!out) {
        if (given->finalizer) given->finalizer(given->data);
        c->has_failed = true;
        return;
    }
    *out = *given;
    WasiStream stream = {
        .env = out, .write = output_write, .fd = -1, .close = output_close};
    wasi_stream_set(c->wasi, which, &stream);
}

void wasi_config_set_stdout_custom(wasi_config_t *c,
                                   ptrdiff_t (*callback)(void *,
                                                         const unsigned char *,
                                                         size_t),
                                   void *data, void (*finalizer)(void *)) {
    set_custom(c, 1, &(Output){callback, data, finalizer});
}

void wasi_config_set_stderr_custom(wasi_config_t *c,
                                   ptrdiff_t (*callback)(void *,
                                                         const unsigned char *,
                                                         size_t),
                                   void *data, void (*finalizer)(void *)) {
    set_custom(c, 2, &(Output){callback, data, finalizer});
}

// --- directories and network -----------------------------------------------------

bool wasi_config_preopen_dir(wasi_config_t *c, const char *host_path,
                             const char *guest_path, bool fs_mutable) {
    Err err = {0};
    uint32_t flags = fs_mutable ? WASI_DIR_ALL : WASI_DIR_READ | WASI_FILE_READ;
    return host_path && guest_path &&
           utf8_valid(guest_path, strlen(guest_path)) &&
           wasi_dir_add(c->wasi, host_path, guest_path, flags, &err);
}

void wasi_config_inherit_network(wasi_config_t *c) {
    (void)c; // WASI 0.1 only accepts on what it is given
}

void wasi_config_allow_ip_name_lookup(wasi_config_t *c, bool enable) {
    (void)c, (void)enable;
}
