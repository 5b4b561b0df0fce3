// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arguments, environment, clocks, randomness, exit, and what guests without a
// memory get.
#define _GNU_SOURCE
#include "os/clock.h"
#include "wasi/fixture.h"

static void arguments_and_environment(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    EXPECT_EQ(CALL(&w, args_sizes_get, OUT, OUT + 4), 0);
    EXPECT_EQ(get(&w, OUT, 8), 0);
    EXPECT_EQ(CALL(&w, args_get, OUT, DATA), 0);
    EXPECT(wasi_arg_add(w.wasi, STR("prog")));
    EXPECT(wasi_arg_add(w.wasi, STR("")));
    EXPECT(wasi_arg_add(w.wasi, STR("two words")));
    EXPECT(wasi_env_add(w.wasi, STR("A"), STR("1")));
    EXPECT(wasi_env_add(w.wasi, STR("EMPTY"), STR("")));
    EXPECT_EQ(CALL(&w, args_sizes_get, OUT, OUT + 4), 0);
    EXPECT_EQ(get_u32(&w, OUT), 3);
    EXPECT_EQ(get_u32(&w, OUT + 4), sizeof "prog\0\0two words");
    EXPECT_EQ(CALL(&w, args_get, OUT, DATA), 0);
    EXPECT_EQ(get_u32(&w, OUT), DATA);
    EXPECT_EQ(get_u32(&w, OUT + 4), DATA + 5);
    EXPECT_EQ(get_u32(&w, OUT + 8), DATA + 6);
    char got[15];
    EXPECT(memory_read(w.memory, DATA, got, sizeof got));
    EXPECT(memcmp(got, "prog\0\0two words", sizeof got) == 0);
    EXPECT_EQ(CALL(&w, environ_sizes_get, OUT, OUT + 4), 0);
    EXPECT_EQ(get_u32(&w, OUT), 2);
    EXPECT_EQ(CALL(&w, environ_get, OUT, DATA), 0);
    EXPECT(data_is(&w, "A=1"));
    EXPECT_EQ(get_u32(&w, OUT + 4), DATA + 4);
    world_release(&w);
}

static void strings_are_limited(void) {
    Wasi *w = wasi_new();
    static char big[1 << 20];
    int added = 0;
    while (wasi_arg_add(w, (Str){big, sizeof big}) && added < 100)
        added++;
    EXPECT_EQ(added, 15);
    wasi_free(w);
}

static void clocks(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    for (uint32_t id = 0; id < 4; id++) {
        EXPECT_EQ(CALL(&w, clock_time_get, id, 0, OUT), 0);
        EXPECT(get(&w, OUT, 8) > 0);
        EXPECT_EQ(CALL(&w, clock_res_get, id, OUT), 0);
        EXPECT(get(&w, OUT, 8) > 0);
    }
    EXPECT_EQ(CALL(&w, clock_time_get, 4, 0, OUT), ERRNO_inval);
    EXPECT_EQ(CALL(&w, clock_res_get, UINT32_MAX, OUT), ERRNO_inval);
    CALL(&w, clock_time_get, 1, 0, OUT);
    uint64_t then = get(&w, OUT, 8);
    CALL(&w, clock_time_get, 1, 0, OUT);
    EXPECT(get(&w, OUT, 8) >= then);
    world_release(&w);
}

static int64_t fake_now(void *env, uint32_t id, uint64_t *out) {
    *out = *(uint64_t *)env + id;
    return id == 3 ? -ERRNO_notsup : 0;
}

static int64_t fake_fill(void *env, void *out, size_t size) {
    memset(out, *(int *)env, size);
    return 0;
}

static void of_the_embedder(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    uint64_t base = 1000;
    int byte = 'r';
    WasiClock clock = {.env = &base, .now = fake_now, .resolution = fake_now};
    WasiRandom random = {.env = &byte, .fill = fake_fill};
    wasi_clock_set(w.wasi, &clock);
    wasi_random_set(w.wasi, &random);
    EXPECT_EQ(CALL(&w, clock_time_get, 1, 0, OUT), 0);
    EXPECT_EQ(get(&w, OUT, 8), 1001);
    EXPECT_EQ(CALL(&w, clock_time_get, 3, 0, OUT), ERRNO_notsup);
    EXPECT_EQ(CALL(&w, random_get, DATA, 3), 0);
    EXPECT(data_is(&w, "rrr"));
    EXPECT_EQ(get(&w, DATA + 3, 1), 0);
    world_release(&w);
}

static void randomness(void) {
    World w;
    world_init(&w, shared_guest, WASI_DIR_ALL);
    EXPECT_EQ(CALL(&w, random_get, DATA, 16), 0);
    uint64_t a = get(&w, DATA, 8);
    EXPECT_EQ(CALL(&w, random_get, DATA, 16), 0);
    EXPECT(get(&w, DATA, 8) != a);
    EXPECT_EQ(CALL(&w, random_get, 0, 0x20000), 0);
    EXPECT(get(&w, 0x20000 - 8, 8) != 0);
    EXPECT_EQ(CALL(&w, random_get, 0x20000, 0), 0);
    EXPECT_EQ(CALL(&w, random_get, 1, 0x20000), ERRNO_fault);
    world_release(&w);
}

static void exits_whole(void) {
    static const uint32_t statuses[] = {0, 1, 125, 256, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < COUNTOF(statuses); i++) {
        World w;
        world_init(&w, plain_guest, WASI_DIR_ALL);
        EXPECT_EQ(CALL(&w, proc_exit, statuses[i]), TRAPPED);
        EXPECT_EQ(w.store->trap.code, TRAP_exit);
        EXPECT_EQ((uint32_t)w.store->trap.exit_status, statuses[i]);
        trap_clear(&w.store->trap);
        world_release(&w);
    }
}

static void the_rest(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    EXPECT_EQ(CALL(&w, proc_raise, 6), ERRNO_notsup);
    EXPECT_EQ(world_call_n(&w, "sched_yield", NULL, 0), 0);
    world_release(&w);
}

// The others trap; leaving needs no memory.
static void without_memory(void) {
    World w;
    world_init(&w, "(module (func (export \"memory\")))", WASI_DIR_ALL);
    EXPECT_EQ(CALL(&w, random_get, 0, 1), TRAPPED);
    EXPECT_EQ(w.store->trap.code, TRAP_host);
    trap_clear(&w.store->trap);
    EXPECT_EQ(CALL(&w, proc_exit, 5), TRAPPED);
    EXPECT_EQ(w.store->trap.exit_status, 5);
    trap_clear(&w.store->trap);
    Instance *inst = w.instance;
    w.instance = NULL; // the host calls
    EXPECT_EQ(CALL(&w, random_get, 0, 1), TRAPPED);
    trap_clear(&w.store->trap);
    w.instance = inst;
    world_release(&w);
}

// The whole way: an import, called by code.
static void from_code(void) {
    World w;
    world_init(&w,
               "(module"
               "  (import \"wasi_unstable\" \"random_get\""
               "    (func $r (param i32 i32) (result i32)))"
               "  (import \"wasi_snapshot_preview1\" \"proc_exit\""
               "    (func $exit (param i32)))"
               "  (memory (export \"memory\") 1)"
               "  (func (export \"go\")"
               "    (call $exit (call $r (i32.const -1) (i32.const 2)))))",
               WASI_DIR_ALL);
    Extern go;
    Err err = {0};
    Raw none[1] = {0};
    EXPECT(instance_export(w.instance, STR("go"), &go, &err));
    EXPECT_EQ(func_call(w.store, go.func, none), STATUS_trap);
    EXPECT_EQ(w.store->trap.code, TRAP_exit);
    EXPECT_EQ(w.store->trap.exit_status, ERRNO_fault);
    trap_clear(&w.store->trap);
    world_release(&w);
}

// A second store finds its own memory.
static void stores_one_after_the_other(void) {
    World w;
    world_init(&w, plain_guest, WASI_DIR_ALL);
    EXPECT_EQ(CALL(&w, random_get, 0, 8), 0);
    uint32_t fd = open_path(&w, "kept", O_CREATE);
    store_unref(w.store);
    rt_module_unref(w.module);
    w.store = store_new(w.engine);
    world_instantiate(&w, "(module (memory (export \"memory\") 0))");
    EXPECT_EQ(CALL(&w, random_get, 0, 8), ERRNO_fault);
    EXPECT_EQ(CALL(&w, fd_close, fd), 0);
    EXPECT_EQ(w.store->host_bytes, 0);
    world_release(&w);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(arguments_and_environment), UNIT_TEST(strings_are_limited),
        UNIT_TEST(clocks), UNIT_TEST(of_the_embedder), UNIT_TEST(randomness),
        UNIT_TEST(exits_whole), UNIT_TEST(the_rest), UNIT_TEST(without_memory),
        UNIT_TEST(from_code), UNIT_TEST(stores_one_after_the_other));
}
