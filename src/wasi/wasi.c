// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a program is given before it runs.
#include "wasi/wasi.h"

#include "base/alloc.h"
#include "os/sock.h"
#include "wasi/limit.h"
#include "wasi/wasi_int.h"

enum {
    STDIO_COUNT = 3
};

// --- standard streams --------------------------------------------------------

static const WasiStream closed_stream = {.fd = -1};

static void put_stdio(Wasi *w, int which, Desc *d) {
    Desc *slot = &w->descs.list.data[which];
    desc_release(slot);
    *slot = *d;
}

void wasi_stream_set(Wasi *w, int which, const WasiStream *stream) {
    assert(which >= 0 && which < STDIO_COUNT);
    Desc d;
    desc_of_stream(&d, stream, (uint32_t)which);
    put_stdio(w, which, &d);
}

void wasi_stdio_set(Wasi *w, int which, int fd, bool owned) {
    assert(which >= 0 && which < STDIO_COUNT);
    Desc d;
    if (desc_of_fd(&d, fd, owned, WASI_DIR_ALL) != ERRNO_success ||
        d.kind == DESC_directory) {
        desc_release(&d);
        desc_of_stream(&d, &closed_stream, (uint32_t)which);
    }
    put_stdio(w, which, &d);
}

// One that the process itself lacks is a closed one.
void wasi_inherit_stdio(Wasi *w) {
    for (int i = 0; i < STDIO_COUNT; i++)
        wasi_stdio_set(w, i, i, false);
}

// --- life --------------------------------------------------------------------

Wasi *wasi_new(void) {
    Wasi *w = MEM_NEW(Wasi);
    if (!w) return NULL;
    w->clock = host_clock;
    w->random = host_random;
    for (uint32_t i = 0; i < STDIO_COUNT; i++) {
        Desc d;
        uint32_t fd;
        desc_of_stream(&d, &closed_stream, i);
        if (!desc_add(&w->descs, NULL, &d, i, &fd)) continue;
        wasi_free(w);
        return NULL;
    }
    return w;
}

static void string_list_release(StringList *l) {
    LIST_RELEASE(&l->bytes);
    LIST_RELEASE(&l->starts);
}

void wasi_free(Wasi *w) {
    if (!w) return;
    desc_table_release(&w->descs);
    if (w->clock.close) w->clock.close(w->clock.env);
    if (w->random.close) w->random.close(w->random.env);
    VEC_EACH (Kept, k, &w->kept) {
        k->drop(k->thing);
    }
    LIST_RELEASE(&w->kept);
    string_list_release(&w->args);
    string_list_release(&w->env);
    mem_free(w->bindings);
    mem_free(w);
}

// --- arguments and environment -----------------------------------------------

static void append(StringList *l, Str s) {
    if (s.len) memcpy(l->bytes.data + l->bytes.len, s.data, s.len);
    l->bytes.len += s.len;
}

// "before", the separator if there is one, "after", NUL.
static bool add_string(StringList *l, Str before, Str separator, Str after) {
    uint64_t size = (uint64_t)before.len + separator.len + after.len + 1;
    if (l->bytes.len + size > WASI_STRINGS_SIZE_MAX) return false;
    if (!LIST_RESERVE(&l->bytes, size)) return false;
    if (!LIST_PUSH(&l->starts, l->bytes.len)) return false;
    append(l, before);
    append(l, separator);
    append(l, after);
    append(l, (Str){"", 1});
    return true;
}

bool wasi_arg_add(Wasi *w, Str arg) {
    return add_string(&w->args, arg, STR(""), STR(""));
}

static uint32_t end_of(const StringList *l, uint32_t i) {
    return i + 1 < l->starts.len ? l->starts.data[i + 1] : l->bytes.len;
}

static void remove_string(StringList *l, uint32_t i) {
    uint32_t at = l->starts.data[i], end = end_of(l, i);
    memmove(l->bytes.data + at, l->bytes.data + end, l->bytes.len - end);
    l->bytes.len -= end - at;
    for (l->starts.len--; i < l->starts.len; i++)
        l->starts.data[i] = l->starts.data[i + 1] - (end - at);
}

// The variable of that name; `starts.len`: there is none.
static uint32_t find_variable(const StringList *l, Str name) {
    uint32_t i = 0;
    for (; i < l->starts.len; i++) {
        const char *at = l->bytes.data + l->starts.data[i];
        if (end_of(l, i) - l->starts.data[i] > name.len &&
            at[name.len] == '=' && memcmp(at, name.data, name.len) == 0)
            break;
    }
    return i;
}

bool wasi_env_add(Wasi *w, Str name, Str value) {
    uint32_t old = find_variable(&w->env, name);
    bool is_there = old < w->env.starts.len;
    if (!add_string(&w->env, name, STR("="), value)) return false;
    if (is_there) remove_string(&w->env, old);
    return true;
}

// --- preopened directories and sockets ---------------------------------------

// C libraries look for directories from 3 on and stop at what is none, so
// sockets make room.
static void move_before_sockets(DescTable *t, uint32_t fd) {
    Desc made = t->list.data[fd];
    while (fd > STDIO_COUNT && t->list.data[fd - 1].kind == DESC_socket) {
        t->list.data[fd] = t->list.data[fd - 1];
        fd--;
    }
    t->list.data[fd] = made;
}

// On failure *why says what it was; NULL: memory ran out.
static bool add_dir(Wasi *w, const WasiFs *fs, FsNode root,
                    const char *guest_path, uint32_t flags, const char **why) {
    Desc d;
    if (desc_of_node(&d, fs, root, flags) != ERRNO_success) {
        *why = "cannot be looked at";
        desc_release(&d);
        return false;
    }
    if (d.kind != DESC_directory) {
        *why = os_error_text(OS_notdir);
        desc_release(&d);
        return false;
    }
    d.name_size = (uint32_t)strlen(guest_path);
    d.preopen = mem_alloc((size_t)d.name_size + 1);
    *why = NULL;
    if (!d.preopen) {
        desc_release(&d);
        return false;
    }
    memcpy(d.preopen, guest_path, (size_t)d.name_size + 1);
    uint32_t fd;
    Errno e = desc_add(&w->descs, NULL, &d, STDIO_COUNT, &fd);
    if (e == ERRNO_mfile) *why = os_error_text(OS_mfile);
    if (e) return false;
    move_before_sockets(&w->descs, fd);
    return true;
}

static bool refuse(Err *err, const char *path, const char *why) {
    if (!why) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    return err_at(err, ERR_NOWHERE, E_preopen, path, why);
}

bool wasi_dir_add(Wasi *w, const char *host_path, const char *guest_path,
                  uint32_t flags, Err *err) {
    int fd;
    OsError error = file_open_host_dir(host_path, &fd);
    const char *why = os_error_text(error);
    if (!error &&
        add_dir(w, &host_fs, (FsNode){.fd = fd}, guest_path, flags, &why))
        return true;
    return refuse(err, host_path, why);
}

bool wasi_fs_dir_add(Wasi *w, const WasiFs *fs, void *root,
                     const char *guest_path, uint32_t flags, Err *err) {
    const char *why;
    if (add_dir(w, fs, (FsNode){.at = root}, guest_path, flags, &why))
        return true;
    return refuse(err, guest_path, why);
}

// So that accepting never waits for a connection that has gone meanwhile.
static void set_nonblock(int fd) {
    FileMode mode;
    if (file_mode(fd, &mode) != OS_ok) return;
    mode.nonblock = true;
    if (file_set_mode(fd, mode) != OS_ok) return;
}

// On failure what is owned is closed.
static bool add_socket(Wasi *w, int fd, bool owned) {
    Desc d;
    uint32_t made;
    if (desc_of_fd(&d, fd, owned, WASI_DIR_ALL) != ERRNO_success ||
        d.kind != DESC_socket) {
        desc_release(&d);
        return false;
    }
    set_nonblock(fd);
    return desc_add(&w->descs, NULL, &d, STDIO_COUNT, &made) == ERRNO_success;
}

bool wasi_socket_add(Wasi *w, int fd) {
    return add_socket(w, fd, false);
}

bool wasi_listen_add(Wasi *w, const char *address, Err *err) {
    int fd;
    OsError error = sock_listen(address, &fd);
    if (error)
        return err_at(err, ERR_NOWHERE, E_listen, address,
                      os_error_text(error));
    return add_socket(w, fd, true) || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// --- vtables -----------------------------------------------------------------

void wasi_clock_set(Wasi *w, const WasiClock *clock) {
    if (w->clock.close) w->clock.close(w->clock.env);
    w->clock = *clock;
}

void wasi_random_set(Wasi *w, const WasiRandom *random) {
    if (w->random.close) w->random.close(w->random.env);
    w->random = *random;
}

bool wasi_keep(Wasi *w, void *thing, void (*drop)(void *thing)) {
    return LIST_PUSH(&w->kept, ((Kept){thing, drop}));
}
