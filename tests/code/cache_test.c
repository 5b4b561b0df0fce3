// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cache of compiled modules: what is in it is used, what is not is put
// there, and nothing that can go wrong is more than a miss.
#define _GNU_SOURCE
#include "base/alloc.h"
#include "engine/cache.h"
#include "engine/compiled_int.h"
#include "engine/load.h"
#include "unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// A directory of the test's own, and one in it that is not there yet.
static char base[64], dir[80];

static void begin(void) {
    snprintf(base, sizeof base, "/tmp/foliot-cache-XXXXXX");
    if (!EXPECT(mkdtemp(base))) exit(1);
    snprintf(dir, sizeof dir, "%s/a/b", base);
}

typedef struct Files {
    uint32_t entries, others;
    char entry[300], other[300]; // one of them
    uint64_t size;               // of entries
} Files;

static Files look(void) {
    Files f = {0};
    DIR *d = opendir(dir);
    for (const struct dirent *e; d && (e = readdir(d));) {
        char path[sizeof dir + 256];
        struct stat stat_of;
        snprintf(path, sizeof path, "%s/%.200s", dir, e->d_name);
        if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
            continue;
        bool is_entry = strstr(e->d_name, ".cwasm");
        snprintf(is_entry ? f.entry : f.other, sizeof f.entry, "%.290s", path);
        if (is_entry && !stat(path, &stat_of))
            f.size += (uint64_t)stat_of.st_size;
        is_entry ? f.entries++ : f.others++;
    }
    if (d) closedir(d);
    return f;
}

static void end(void) {
    for (Files f = look(); f.entries + f.others; f = look()) {
        if (f.entries) unlink(f.entry);
        if (f.others) unlink(f.other);
    }
    rmdir(dir);
    dir[strlen(dir) - 2] = 0;
    rmdir(dir);
    rmdir(base);
}

static Engine *engine(uint64_t size, bool fuel) {
    EngineConfig config;
    engine_config_init(&config);
    config.tiers = TIERS_baseline;
    config.use_fuel = fuel;
    config.cache_dir = dir;
    config.cache_size = size;
    return engine_new(&config);
}

// A module whose bytes differ for each number.
static RtModule *load(Engine *e, unsigned number) {
    char text[200];
    Err err = {0};
    bool in_text;
    int len = snprintf(text, sizeof text,
                       "(module (func (export \"f%u\") (result i32)"
                       " (i32.const %u)))",
                       number, number);
    RtModule *m = module_load_text(e, text, (size_t)len, &err, &in_text);
    EXPECT(m && m->module.exports.len == 1);
    return m;
}

static void use(Engine *e, unsigned number) {
    RtModule *m = load(e, number);
    if (m) rt_module_unref(m);
}

static const CacheCounts *counts(const Engine *e) {
    const EngineCode *code = e->tier_data;
    return cache_counts(code->cache);
}

static void is_warm_the_second_time(void) {
    begin();
    Engine *e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(counts(e)->misses, 1);
    EXPECT_EQ(counts(e)->written, 1);
    use(e, 1);
    EXPECT_EQ(counts(e)->hits, 1);
    engine_unref(e);
    // Another engine of the same configuration, and one of another.
    e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(counts(e)->hits, 1);
    engine_unref(e);
    e = engine(0, true);
    use(e, 1);
    EXPECT_EQ(counts(e)->misses, 1);
    EXPECT_EQ(look().entries, 2);
    EXPECT_EQ(look().others, 0);
    engine_unref(e);
    end();
}

static void stays_within_its_limit(void) {
    begin();
    Engine *e = engine(0, false);
    use(e, 0);
    uint64_t each = look().size;
    engine_unref(e);
    e = engine(each * 3 + each / 2, false);
    for (unsigned i = 1; i < 9; i++) {
        use(e, i);
        EXPECT(look().entries <= 3);
    }
    EXPECT_EQ(look().entries, 3);
    EXPECT_EQ(counts(e)->evicted, 6);
    engine_unref(e);
    // One that is larger than all that there may be.
    e = engine(1, false);
    use(e, 20);
    EXPECT_EQ(look().entries, 0);
    engine_unref(e);
    end();
}

// An entry that is cut off, empty or of other contents is a miss, and made
// again.
static void repairs_damage(void) {
    begin();
    static const long sizes[] = {0, 100, 5000, -1};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        Engine *e = engine(0, false);
        use(e, 1);
        Files f = look();
        if (sizes[i] >= 0) {
            EXPECT(!truncate(f.entry, sizes[i]));
        } else {
            int fd = open(f.entry, O_WRONLY);
            EXPECT(pwrite(fd, "damaged", 7, 0) == 7);
            close(fd);
        }
        use(e, 1);
        EXPECT(counts(e)->misses >= 1 && counts(e)->hits <= 1);
        EXPECT_EQ(look().entries, 1);
        EXPECT_EQ(look().size, f.size);
        use(e, 1);
        EXPECT(counts(e)->hits >= 1);
        engine_unref(e);
    }
    end();
}

// What cannot be written is not there, and nobody minds.
static void does_without(void) {
    begin();
    // A file in the way of the directory.
    snprintf(dir, sizeof dir, "%s/a", base);
    close(open(dir, O_CREAT | O_WRONLY, 0600));
    Engine *e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(counts(e)->written, 0);
    engine_unref(e);
    unlink(dir);
    // One that may only be read; root may do all.
    EXPECT(!mkdir(dir, 0500));
    e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(counts(e)->written, geteuid() == 0);
    engine_unref(e);
    chmod(dir, 0700);
    snprintf(dir, sizeof dir, "%s/a/b", base);
    end();
}

static void run_in_child(void (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        run();
        _exit(0);
    }
    int status;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
}

// As on a medium that is full: files end after some bytes.
static void fill_up(void) {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {6000, 6000};
    setrlimit(RLIMIT_FSIZE, &limit);
    Engine *e = engine(0, false);
    use(e, 1);
    engine_unref(e);
}

static void survives_full_media(void) {
    begin();
    run_in_child(fill_up);
    EXPECT_EQ(look().entries + look().others, 0);
    Engine *e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(counts(e)->written, 1);
    engine_unref(e);
    end();
}

// As a process that is killed while it writes: the limit's signal is not
// caught, so it ends in the middle of a write.
static void die_writing(void) {
    struct rlimit limit = {6000, 6000}, no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_DFL);
    use(engine(0, false), 1);
}

static void tidies_up_after_the_dead(void) {
    begin();
    run_in_child(die_writing);
    Files f = look();
    EXPECT_EQ(f.entries, 0);
    EXPECT_EQ(f.others, 1);
    // It may still be somebody's ...
    Engine *e = engine(0, false);
    use(e, 1);
    EXPECT_EQ(look().others, 1);
    // ... until it is old.
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    EXPECT(!utimensat(AT_FDCWD, f.other, old, 0));
    use(e, 2);
    EXPECT_EQ(look().others, 0);
    EXPECT_EQ(look().entries, 2);
    engine_unref(e);
    end();
}

enum {
    WRITERS = 4,
    MODULES = 6,
};

// Several processes want the same modules, with room for half of them.
static void crowd(void) {
    Engine *e = engine(50000, false);
    for (unsigned i = 0; i < 3 * MODULES; i++)
        use(e, (i * 7 + (unsigned)getpid()) % MODULES);
    bool ok = counts(e)->hits + counts(e)->misses == 3 * MODULES;
    engine_unref(e);
    _exit(ok ? 0 : 1);
}

static void is_shared_by_processes(void) {
    begin();
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        if ((children[i] = fork()) == 0) crowd();
    for (int i = 0; i < WRITERS; i++) {
        int status = 1;
        EXPECT(waitpid(children[i], &status, 0) == children[i]);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(look().others, 0);
    Engine *e = engine(0, false);
    for (unsigned i = 0; i < MODULES; i++)
        use(e, i);
    EXPECT_EQ(look().entries, MODULES);
    engine_unref(e);
    end();
}

int main(void) {
    if (!compiled_is_supported()) {
        printf("1 passed, 0 failed\n");
        return 0;
    }
    return UNIT_RUN(
        UNIT_TEST(is_warm_the_second_time), UNIT_TEST(stays_within_its_limit),
        UNIT_TEST(repairs_damage), UNIT_TEST(does_without),
        UNIT_TEST(survives_full_media), UNIT_TEST(tidies_up_after_the_dead),
        UNIT_TEST(is_shared_by_processes));
}
