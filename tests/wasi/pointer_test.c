// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every address of every function, out of bounds in every way: driven by the
// table of functions, so a new one is tested as soon as it has a row.
#define _GNU_SOURCE
#include "wasi/fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

typedef struct Row {
    const char *name, *types;
    bool is_new;
} Row;

enum {
    is_all = false,
    is_new = true
};

static const Row rows[] = {
#define P1(name, types, versions) {#name, types, is_##versions},
#include "wasi/p1/p1.def"
};

enum {
    MEMORY = 0x20000,
    ARGS_MAX = 9,
    FILE_FD = 4,
    LISTENER_FD = 5,
};

// Arguments that each function takes well, by what its parameters are: the
// descriptor that suits it, addresses of their own, one byte or record.
static uint32_t good_desc(const char *name) {
    if (!strncmp(name, "path_", 5) || strstr(name, "prestat") ||
        strstr(name, "readdir"))
        return PREOPEN;
    return strncmp(name, "sock_", 5) ? FILE_FD : LISTENER_FD;
}

static void good_args(const Row *row, uint64_t *args) {
    for (uint32_t i = 0; row->types[i] != ':'; i++) {
        switch (row->types[i]) {
        case 'd':
            args[i] = good_desc(row->name);
            break;
        case 'p':
            args[i] = 0x8000 + i * 0x400;
            break;
        case 'n':
            args[i] = strstr(row->name, "dir_name") ? 5 : 1;
            break;
        default:
            args[i] = 0;
        }
    }
}

static uint32_t arg_len(const Row *row) {
    return (uint32_t)(strchr(row->types, ':') - row->types);
}

// Does the parameter name at least a byte of memory? An empty list does not.
static const uint32_t bad[] = {MEMORY, MEMORY + 1, UINT32_MAX, UINT32_MAX - 7,
                               0x80000000};

static void addresses_of(World *w, const Row *row) {
    for (uint32_t i = 0; row->types[i] != ':'; i++) {
        if (row->types[i] != 'p') continue;
        for (size_t k = 0; k < COUNTOF(bad); k++) {
            uint64_t args[ARGS_MAX];
            good_args(row, args);
            args[i] = bad[k];
            int e = world_call_n(w, row->name, args, arg_len(row));
            // Connections are needed to get further.
            bool is_later = !strncmp(row->name, "sock_", 5) &&
                            strcmp(row->name, "sock_accept") != 0;
            if (is_later ? e == ERRNO_success : e != ERRNO_fault)
                fprintf(stderr, "%s, argument %u\n", row->name, i);
            EXPECT(is_later ? e != ERRNO_success : e == ERRNO_fault);
        }
    }
}

// Counts that go past the end, or wrap around.
static void sizes_of(World *w, const Row *row) {
    static const uint32_t sizes[] = {MEMORY, 0x1fffffff, 0x20000000, 0x7fffffff,
                                     UINT32_MAX};
    for (uint32_t i = 0; row->types[i] != ':'; i++) {
        if (row->types[i] != 'n') continue;
        if (strstr(row->name, "dir_name")) continue; // any size is enough
        for (size_t k = 0; k < COUNTOF(sizes); k++) {
            uint64_t args[ARGS_MAX];
            good_args(row, args);
            args[i] = sizes[k];
            int e = world_call_n(w, row->name, args, arg_len(row));
            if (e == ERRNO_success)
                fprintf(stderr, "%s, argument %u\n", row->name, i);
            EXPECT(e > ERRNO_success);
        }
    }
}

// Nothing but errors for descriptors that are not open.
static void descriptors_of(World *w, const Row *row) {
    static const uint32_t closed[] = {6, 4096, 0x7fffffff, UINT32_MAX};
    for (uint32_t i = 0; row->types[i] != ':'; i++) {
        if (row->types[i] != 'd') continue;
        for (size_t k = 0; k < COUNTOF(closed); k++) {
            uint64_t args[ARGS_MAX];
            good_args(row, args);
            args[i] = closed[k];
            int e = world_call_n(w, row->name, args, arg_len(row));
            if (e != ERRNO_badf) fprintf(stderr, "%s\n", row->name);
            EXPECT_EQ(e, ERRNO_badf);
        }
    }
}

// All arguments from a generator: no crash, no trap, always an answer.
static void anything_goes(World *w, const Row *row, uint64_t *seed) {
    for (int n = 0; n < 300; n++) {
        uint64_t args[ARGS_MAX];
        good_args(row, args);
        for (uint32_t i = 0; i < arg_len(row); i++) {
            *seed = *seed * 6364136223846793005u + 1442695040888963407u;
            uint64_t r = *seed >> 33;
            bool is_desc = row->types[i] == 'd';
            switch (r & 7) {
            case 0:
                args[i] = row->types[i] == 'l' ? *seed : r;
                break;
            case 1:
                args[i] = is_desc ? r >> 3 & 7 : r >> 3 & 0xffff;
                break;
            case 2:
                args[i] = UINT32_MAX - (r >> 3 & 0x1f);
                break;
            default:
                break;
            }
            if (row->types[i] != 'l') args[i] = (uint32_t)args[i];
        }
        EXPECT(world_call_n(w, row->name, args, arg_len(row)) != TRAPPED);
    }
}

static bool may_be_random(const char *name) {
    return strcmp(name, "proc_exit") != 0 && strcmp(name, "fd_close") != 0 &&
           strcmp(name, "fd_renumber") != 0 &&
           strcmp(name, "poll_oneoff") != 0 && // might sleep
           strcmp(name, "fd_allocate") != 0 && // might fill the disk
           strcmp(name, "sock_accept") != 0;   // might wait
}

static int make_listener(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un any = {.sun_family = AF_UNIX};
    EXPECT_EQ(bind(fd, (struct sockaddr *)&any, sizeof any.sun_family), 0);
    EXPECT_EQ(listen(fd, 1), 0);
    return fd;
}

static void start(World *w, const char *guest, const char *version) {
    world_init(w, guest, WASI_DIR_ALL);
    w->version = version;
    EXPECT(wasi_arg_add(w->wasi, STR("program")));
    EXPECT(wasi_env_add(w->wasi, STR("NAME"), STR("value")));
    EXPECT_EQ(open_path(w, "file", O_CREATE), FILE_FD);
    // A list of one buffer, a path, a subscription.
    for (uint32_t at = 0x8000; at < 0xb000; at += 0x400) {
        put_iovec(w, at, 0xc000, 1);
        put_text(w, at, at == 0x8000 ? "" : "x");
    }
}

static void run_version(const char *guest, const char *version, bool has_new) {
    World w;
    start(&w, guest, version);
    int listener = make_listener();
    EXPECT(wasi_socket_add(w.wasi, listener));
    uint64_t seed = 1;
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (rows[i].is_new && !has_new) continue;
        addresses_of(&w, &rows[i]);
        sizes_of(&w, &rows[i]);
        descriptors_of(&w, &rows[i]);
    }
    for (size_t i = 0; i < COUNTOF(rows); i++)
        if ((has_new || !rows[i].is_new) && may_be_random(rows[i].name))
            anything_goes(&w, &rows[i], &seed);
    world_release(&w);
    close(listener);
}

static void snapshot(void) {
    run_version(plain_guest, "wasi_snapshot_preview1", true);
}

static void unstable(void) {
    run_version(plain_guest, "wasi_unstable", false);
}

static void shared(void) {
    run_version(shared_guest, "wasi_snapshot_preview1", true);
}

// 46 functions in one version, 45 in the other.
static void counts(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    int found[2] = {0};
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        Extern f;
        found[0] += linker_get(w.linker, w.store, STR("wasi_unstable"),
                               str_of(rows[i].name), &f);
        found[1] += linker_get(w.linker, w.store, STR("wasi_snapshot_preview1"),
                               str_of(rows[i].name), &f);
    }
    EXPECT_EQ(found[0], 45);
    EXPECT_EQ(found[1], 46);
    world_release(&w);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(counts), UNIT_TEST(snapshot), UNIT_TEST(unstable),
                    UNIT_TEST(shared));
}
