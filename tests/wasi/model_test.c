// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random operations on paths, from fixed seeds, against a model: what succeeds,
// and what is there afterwards. The host's file system and the one in memory must
// do the same, and both gates to the host give the same errors; nothing outside
// of the directory is reached, nor while somebody swaps names.
//
//     wasi_model_test [SEEDS]
#define _GNU_SOURCE
#include "wasi/fixture.h"
#include "wasi/model.h"

#include "os/thread.h"

#include <stdatomic.h>
#include <sys/syscall.h>

enum {
    STEPS = 150,
    LOOK_EVERY = 25, // steps between two looks at everything
    STORM_STEPS = 4000,
    TYPE_dir = 3,
    TYPE_file = 4,
    TYPE_link = 7,
};

typedef enum Kind {
    KIND_host,    // the kernel resolves paths
    KIND_walking, // ... or we do, name by name
    KIND_memory,
    KIND_count,
} Kind;

static World w;
static Model model;
static uint64_t random_state;
static char outside[80];
static uint32_t seed_count = 25;

static uint32_t below(uint32_t n) {
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 33) % n;
}

// --- worlds -------------------------------------------------------------------

static void begin(Kind kind) {
    worlds_in_memory = kind == KIND_memory;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    path_always_walk(kind == KIND_walking);
    snprintf(outside, sizeof outside, "%s.outside", w.dir);
    EXPECT_EQ(mkdir(outside, 0777), 0);
    char path[128];
    snprintf(path, sizeof path, "%s/a", outside);
    int fd = open(path, O_CREAT | O_WRONLY, 0666);
    EXPECT_EQ(write(fd, "outside!", 8), 8);
    close(fd);
    model_init(&model);
}

// What is outside is as it was, and nothing else is there.
static void end(void) {
    char path[128];
    struct stat s;
    snprintf(path, sizeof path, "%s/a", outside);
    EXPECT_EQ(stat(path, &s), 0);
    EXPECT(s.st_size == 8 && s.st_nlink == 1);
    EXPECT_EQ(unlink(path), 0);
    EXPECT_EQ(rmdir(outside), 0);
    path_always_walk(false);
    world_release(&w);
    worlds_in_memory = false;
}

// --- paths --------------------------------------------------------------------

static void choose_path(char *out, size_t size) {
    out[0] = 0;
    if (below(60) == 0) return;
    if (below(40) == 0) strcat(out, "/");
    for (uint32_t n = 1 + below(4); n > 0; n--) {
        char name[4] = {(char)('a' + below(MODEL_NAMES))};
        uint32_t kind = below(14);
        strncat(out,
                kind == 0   ? "."
                : kind == 1 ? ".."
                            : name,
                size - strlen(out) - 1);
        if (n > 1) strcat(out, below(16) ? "/" : "//");
    }
    if (below(10) == 0) strcat(out, "/");
}

static void choose_target(char *out, size_t size) {
    static const char *const targets[] = {
        "a",  "b/c",    "..", "../a", "../../a", ".",
        "d/", "../b/c", "/",  "",     "c/..",    "b",
    };
    snprintf(out, size, "%s", targets[below(COUNTOF(targets))]);
}

// --- one operation --------------------------------------------------------------

static char one[64], two[64];

static uint32_t put_one(void) {
    return put_text(&w, PATH, one);
}

static uint32_t put_two(void) {
    return put_text(&w, OTHER, two);
}

static int create(bool is_new, uint32_t content) {
    uint32_t fd;
    uint32_t flags = O_CREATE | (is_new ? O_EXCLUSIVE : O_TRUNCATE);
    int e = open_with(&w, one, flags, RIGHT_fd_write, 0, &fd);
    if (e) return e;
    char text[16];
    snprintf(text, sizeof text, "%08x", content);
    EXPECT_EQ(write_text(&w, fd, text), 0);
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    return 0;
}

// Reads the file, which has what the model says; false: the model has no file.
static bool read_file(bool ok, int *e) {
    ModelPath at = model_find(&model, one, true);
    bool is_file = at.ok && at.node != MODEL_NONE &&
                   model.nodes[at.node].kind == MODEL_file;
    uint32_t fd;
    *e = open_with(&w, one, 0, RIGHT_fd_read, 0, &fd);
    if (*e) return at.ok && at.node != MODEL_NONE;
    if (ok && is_file) {
        char text[16];
        snprintf(text, sizeof text, "%08x", model.nodes[at.node].content);
        EXPECT_EQ(read_some(&w, fd, 8), 0);
        EXPECT(data_is(&w, text));
    }
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    return at.ok && at.node != MODEL_NONE;
}

static int read_link(char *target, size_t size) {
    int e = CALL(&w, path_readlink, PREOPEN, PATH, put_one(), DATA, 64, OUT);
    memset(target, 0, size);
    if (!e) EXPECT(memory_read(w.memory, DATA, target, get_u32(&w, OUT)));
    return e;
}

static bool model_reads_link(const char *target) {
    ModelPath at = model_find(&model, one, false);
    bool ok = at.ok && at.node != MODEL_NONE &&
              model.nodes[at.node].kind == MODEL_link;
    if (ok && target[0]) EXPECT_STR(target, model.nodes[at.node].target);
    return ok;
}

static bool model_has(bool follows) {
    ModelPath at = model_find(&model, one, follows);
    return at.ok && at.node != MODEL_NONE;
}

// Is there any doubt whether so many links may be followed?
static bool is_doubtful(void) {
    bool doubt = false;
    const char *const paths[] = {one, two};
    for (int i = 0; i < 4; i++) {
        model.followed = 0;
        (void)model_find(&model, paths[i % 2], i < 2);
        doubt |= model.followed > MODEL_LINKS_SURE &&
                 model.followed <= MODEL_LINKS_LOOP;
    }
    model.followed = 0;
    return doubt;
}

typedef enum Operation {
    OP_make_dir,
    OP_remove_dir,
    OP_unlink,
    OP_symlink,
    OP_rename,
    OP_hard_link,
    OP_create,
    OP_create_new,
    OP_read,
    OP_stat,
    OP_stat_link,
    OP_read_link,
    OPERATIONS,
} Operation;

// Does it, and asks the model. The error; *want: should it have succeeded?
static int operate(Operation op, bool *want) {
    char target[80] = "";
    uint32_t content = below(1u << 31);
    int e = 0;
    model.followed = 0;
    switch (op) {
    case OP_make_dir:
        e = CALL(&w, path_create_directory, PREOPEN, PATH, put_one());
        *want = model_make_dir(&model, one);
        return e;
    case OP_remove_dir:
        e = CALL(&w, path_remove_directory, PREOPEN, PATH, put_one());
        *want = model_remove_dir(&model, one);
        return e;
    case OP_unlink:
        e = CALL(&w, path_unlink_file, PREOPEN, PATH, put_one());
        *want = model_unlink(&model, one);
        return e;
    case OP_symlink:
        choose_target(two, sizeof two);
        e = CALL(&w, path_symlink, OTHER, put_two(), PREOPEN, PATH, put_one());
        *want = model_symlink(&model, two, one);
        return e;
    case OP_rename:
        e = CALL(&w, path_rename, PREOPEN, PATH, put_one(), PREOPEN, OTHER,
                 put_two());
        *want = model_rename(&model, one, two);
        return e;
    case OP_hard_link:
        e = CALL(&w, path_link, PREOPEN, 0, PATH, put_one(), PREOPEN, OTHER,
                 put_two());
        *want = model_hard_link(&model, one, two);
        return e;
    case OP_create:
    case OP_create_new:
        e = create(op == OP_create_new, content);
        *want = model_create(&model, one, op == OP_create_new, content);
        return e;
    case OP_read:
        *want = read_file(true, &e);
        return e;
    case OP_stat:
    case OP_stat_link:
        e = CALL(&w, path_filestat_get, PREOPEN, op == OP_stat, PATH, put_one(),
                 OUT);
        *want = model_has(op == OP_stat);
        return e;
    case OP_read_link:
        e = read_link(target, sizeof target);
        *want = model_reads_link(target);
        return e;
    case OPERATIONS:
        break;
    }
    UNREACHABLE();
}

// --- everything that is there ----------------------------------------------------

static void look_at(int node, const char *path) {
    static const uint8_t types[] = {[MODEL_dir] = TYPE_dir,
                                    [MODEL_file] = TYPE_file,
                                    [MODEL_link] = TYPE_link};
    uint32_t size = put_text(&w, PATH, path);
    int e = CALL(&w, path_filestat_get, PREOPEN, 0, PATH, size, OUT);
    if (node == MODEL_NONE) {
        EXPECT_EQ(e, ERRNO_noent);
        return;
    }
    const ModelNode *n = &model.nodes[node];
    if (!EXPECT_EQ(e, 0)) return;
    EXPECT_EQ(get(&w, OUT + 16, 1), types[n->kind]);
    if (n->kind == MODEL_file) {
        EXPECT_EQ(get(&w, OUT + 24, 8), n->names);
        EXPECT_EQ(get(&w, OUT + 32, 8), 8);
    }
    for (int i = 0; n->kind == MODEL_dir && i < MODEL_NAMES; i++) {
        char name[MODEL_PATH_MAX];
        int len = snprintf(name, sizeof name, "%s/%c", path, 'a' + i);
        if (len < (int)sizeof name) look_at(n->child[i], name);
    }
}

// --- sequences --------------------------------------------------------------------

static void sequence(Kind kind, uint64_t seed, int *errors) {
    random_state = seed;
    begin(kind);
    for (int i = 0; i < STEPS && model_free(&model) != MODEL_NONE; i++) {
        choose_path(one, sizeof one);
        choose_path(two, sizeof two);
        Operation op = (Operation)below(OPERATIONS);
        if (is_doubtful()) continue;
        bool want = false;
        int e = operate(op, &want);
        if (kind == KIND_host) errors[i] = e;
        bool ok = EXPECT_EQ(e == 0, want);
        // Of several mistakes the file system in memory may name another.
        if (kind != KIND_memory) ok &= EXPECT_EQ(e, errors[i]);
        if (i % LOOK_EVERY == 0 || i == STEPS - 1) look_at(MODEL_ROOT, ".");
        if (ok && !unit_failures) continue;
        fprintf(stderr, "seed %d kind %d step %d: operation %d \"%s\" \"%s\"\n",
                (int)seed, (int)kind, i, (int)op, one, two);
        break;
    }
    end();
}

static void as_the_model_says(void) {
    for (uint64_t seed = 1; seed <= seed_count && !unit_failures; seed++) {
        int errors[STEPS] = {0};
        for (int kind = 0; kind < KIND_count; kind++)
            sequence((Kind)kind, seed, errors);
    }
}

// --- with somebody who swaps names ---------------------------------------------------

static _Atomic bool is_over;

static void swap_names(void *arg) {
    int dir = *(int *)arg;
    for (uint32_t i = 0; !atomic_load(&is_over); i++) {
        char from[2] = {(char)('a' + i % MODEL_NAMES)};
        // In and out: names of the guest become links to what is outside.
        (void)syscall(SYS_renameat2, dir, from, dir, "out", 2u); // exchange
        (void)syscall(SYS_renameat2, dir, from, dir, "a", 2u);
    }
}

// Whatever is read is the guest's own: nobody writes "outside!" into it.
static void read_own(void) {
    uint32_t fd;
    if (open_with(&w, one, 0, RIGHT_fd_read, 0, &fd)) return;
    if (read_some(&w, fd, 8) == 0 && get_u32(&w, OUT) == 8)
        EXPECT(!data_is(&w, "outside!"));
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
}

// LIMIT: where the kernel has no way to exchange names, nothing is swapped.
static void storm(Kind kind) {
    begin(kind);
    random_state = 99;
    EXPECT_EQ(symlink(outside, host_path(&w, "out")), 0);
    int dir = open(w.dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    Thread t = {.run = swap_names, .arg = &dir};
    atomic_store(&is_over, false);
    if (!EXPECT(thread_start(&t, 0))) return;
    for (int i = 0; i < STORM_STEPS && !unit_failures; i++) {
        choose_path(one, sizeof one);
        choose_path(two, sizeof two);
        Operation op = (Operation)below(OPERATIONS);
        bool want;
        if (op == OP_read || op == OP_read_link) {
            read_own();
        } else {
            model_init(&model); // what it says means nothing here
            (void)operate(op, &want);
        }
    }
    atomic_store(&is_over, true);
    thread_join(&t);
    close(dir);
    end();
}

static void confined_while_swapped(void) {
    storm(KIND_host);
    storm(KIND_walking);
}

int main(int argc, char **argv) {
    if (argc > 1) seed_count = (uint32_t)strtoul(argv[1], NULL, 10);
    return UNIT_RUN(UNIT_TEST(as_the_model_says),
                    UNIT_TEST(confined_while_swapped));
}
