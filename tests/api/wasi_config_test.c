// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasi.h: every function, seen by a guest.
#define _GNU_SOURCE
#include "api/wasi_rig.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/foliot-wasi-XXXXXX";

static const char *file_in(const char *name) {
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put_file(const char *name, const char *text) {
    FILE *f = fopen(file_in(name), "w");
    if (!f) abort();
    fputs(text, f);
    fclose(f);
}

static bool file_says(const char *name, const char *want) {
    char text[100];
    FILE *f = fopen(file_in(name), "r");
    if (!f) return false;
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = 0;
    fclose(f);
    return strcmp(text, want) == 0;
}

static void arguments(void) {
    wasi_config_t *c = wasi_config_new();
    const char *first[] = {"a"}, *args[] = {"", "c d"};
    const char *names[] = {"A", "B"}, *values[] = {"1", "x=y"};
    EXPECT(wasi_config_set_argv(c, 1, first));
    EXPECT(wasi_config_set_argv(c, 2, args));
    EXPECT(wasi_config_set_env(c, 2, names, values));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "args", 0, 0), 0);
    EXPECT_EQ(guest_u32(&g, 12), 3);
    EXPECT(guest_has(&g, "a\0\0c d", 7));
    EXPECT_EQ(guest_call(&g, "env", 0, 0), 0);
    EXPECT_EQ(guest_u32(&g, 12), 2);
    EXPECT(guest_has(&g, "A=1\0B=x=y", 10));
    guest_delete(&g);
}

// Calls add up; the last value of a name is the one that counts.
static void variables(void) {
    wasi_config_t *c = wasi_config_new();
    const char *first[] = {"AB", "A", "C", "A"};
    const char *second[] = {"C", "D", "", "AB"};
    const char *values[] = {"1", "22", "333", "4444"};
    EXPECT(wasi_config_set_env(c, 4, first, values));
    EXPECT(wasi_config_set_env(c, 4, second, values));
    EXPECT(wasi_config_set_env(c, 0, NULL, NULL));
    EXPECT(wasi_config_set_argv(c, 0, NULL));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "env", 0, 0), 0);
    EXPECT_EQ(guest_u32(&g, 12), 5);
    EXPECT(guest_has(&g, "A=4444\0C=1\0D=22\0=333\0AB=4444", 29));
    guest_delete(&g);
}

static void bad_arguments(void) {
    wasi_config_t *c = wasi_config_new();
    const char *good[] = {"a", "b"}, *bad[] = {"a", "\xff"};
    const char *none[] = {"a", NULL};
    EXPECT(!wasi_config_set_argv(c, 2, bad));
    EXPECT(!wasi_config_set_argv(c, 2, none));
    EXPECT(!wasi_config_set_env(c, 2, bad, good));
    EXPECT(!wasi_config_set_env(c, 2, good, bad));
    EXPECT(!wasi_config_set_env(c, 2, good, none));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "args", 0, 0), 0);
    EXPECT_EQ(guest_u32(&g, 12), 0); // not the good ones, either
    EXPECT_EQ(guest_call(&g, "env", 0, 0), 0);
    EXPECT_EQ(guest_u32(&g, 12), 0);
    guest_delete(&g);
}

static void inherited(void) {
    setenv("FOLIOT_TEST", "here", 1);
    wasi_config_t *c = wasi_config_new();
    const char *names[] = {"FOLIOT_TEST", "FOLIOT_ADDED"};
    const char *values[] = {"replaced", "added"};
    wasi_config_inherit_argv(c);
    EXPECT(wasi_config_set_env(c, 2, names, values));
    wasi_config_inherit_env(c);
    wasi_config_inherit_stdin(c);
    wasi_config_inherit_stdout(c);
    wasi_config_inherit_stderr(c);
    wasi_config_inherit_network(c);
    wasi_config_allow_ip_name_lookup(c, true);
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "args", 0, 0), 0);
    EXPECT(guest_u32(&g, 12) >= 1);
    EXPECT(strstr((char *)g.bytes + 1024, "wasi_config_test"));
    EXPECT_EQ(guest_call(&g, "env", 0, 0), 0);
    int found = 0;
    for (uint32_t at = 0; at < guest_u32(&g, 16);) {
        const char *one = (char *)g.bytes + 1024 + at;
        found += strcmp(one, "FOLIOT_TEST=here") == 0 ||
                 strcmp(one, "FOLIOT_ADDED=added") == 0;
        at += (uint32_t)strlen(one) + 1;
    }
    EXPECT_EQ(found, 2);
    EXPECT_EQ(guest_write(&g, 2, ""), 0);
    guest_delete(&g);
}

static void files(void) {
    put_file("in", "from the file");
    wasi_config_t *c = wasi_config_new();
    EXPECT(!wasi_config_set_stdin_file(c, file_in("none")));
    EXPECT(!wasi_config_set_stdout_file(c, file_in("no/dir")));
    EXPECT(!wasi_config_set_stderr_file(c, file_in("no/dir")));
    EXPECT(wasi_config_set_stdin_file(c, file_in("in")));
    EXPECT(wasi_config_set_stdout_file(c, file_in("out")));
    EXPECT(wasi_config_set_stderr_file(c, file_in("err")));
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "read", 0, 100), 0);
    EXPECT(guest_has(&g, "from the file", 13));
    EXPECT_EQ(guest_write(&g, 1, "to out"), 0);
    EXPECT_EQ(guest_write(&g, 2, "to err"), 0);
    guest_delete(&g);
    EXPECT(file_says("out", "to out") && file_says("err", "to err"));
}

typedef struct Sink {
    char text[100];
    size_t len;
    ptrdiff_t answer; // instead of taking, if not 0
    int ended;
} Sink;

static ptrdiff_t sink_write(void *env, const unsigned char *bytes, size_t len) {
    Sink *s = env;
    if (s->answer) return s->answer;
    if (len > 3) len = 3;
    memcpy(s->text + s->len, bytes, len);
    s->len += len;
    return (ptrdiff_t)len;
}

static void sink_end(void *env) {
    ((Sink *)env)->ended++;
}

static void streams(void) {
    Sink out = {0}, err = {0}, replaced = {0};
    wasi_config_t *c = wasi_config_new();
    wasm_byte_vec_t bytes;
    wasm_byte_vec_new(&bytes, 5, "input");
    wasi_config_set_stdin_bytes(c, &bytes);
    EXPECT(bytes.size == 0 && bytes.data == NULL);
    wasi_config_set_stdout_custom(c, sink_write, &replaced, sink_end);
    wasi_config_set_stdout_custom(c, sink_write, &out, sink_end);
    wasi_config_set_stderr_custom(c, sink_write, &err, sink_end);
    EXPECT_EQ(replaced.ended, 1);
    Guest g;
    guest_new(&g, c);
    EXPECT_EQ(guest_call(&g, "read", 0, 3), 0);
    EXPECT(guest_has(&g, "inp", 3));
    EXPECT_EQ(guest_call(&g, "read", 0, 30), 0);
    EXPECT(guest_has(&g, "ut", 2));
    EXPECT_EQ(guest_call(&g, "read", 0, 30), 0);
    EXPECT(guest_has(&g, "", 0));
    EXPECT_EQ(guest_write(&g, 1, "hello"), 0);
    EXPECT_EQ(guest_u32(&g, 16), 3);
    EXPECT(out.len == 3 && memcmp(out.text, "hel", 3) == 0);
    err.answer = -28; // ENOSPC of the host
    EXPECT_EQ(guest_write(&g, 2, "x"), 51);
    err.answer = -100000;
    EXPECT_EQ(guest_write(&g, 2, "x"), 29);
    guest_delete(&g);
    EXPECT(out.ended == 1 && err.ended == 1);
}

static void directories(void) {
    put_file("read-me", "content");
    for (int mutable = 0; mutable < 2; mutable ++) {
        wasi_config_t *c = wasi_config_new();
        EXPECT(!wasi_config_preopen_dir(c, file_in("none"), "/", true));
        EXPECT(!wasi_config_preopen_dir(c, folder, "\xff", true));
        EXPECT(wasi_config_preopen_dir(c, folder, "/data", mutable));
        Guest g;
        guest_new(&g, c);
        int writes = guest_call(&g, "open", guest_text(&g, "read-me"), 0);
        EXPECT_EQ(writes == 0, mutable);
        EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "read-me"), 256), 0);
        int fd = (int)guest_u32(&g, 16);
        EXPECT_EQ(guest_call(&g, "read", fd, 100), 0);
        EXPECT(guest_has(&g, "content", 7));
        EXPECT(guest_write(&g, fd, "") != 0);
        int made = guest_call(&g, "mkdir", guest_text(&g, "sub"), 0);
        EXPECT_EQ(made == 0, mutable);
        EXPECT(guest_call(&g, "open", guest_text(&g, "../etc"), 0) != 0);
        guest_delete(&g);
    }
}

// A configuration that starts with nothing, one that is replaced, none.
static void nothing(void) {
    Guest g;
    guest_new(&g, wasi_config_new());
    EXPECT_EQ(guest_call(&g, "read", 0, 10), 0);
    EXPECT_EQ(guest_u32(&g, 16), 0);
    EXPECT_EQ(guest_write(&g, 1, "gone"), 0);
    EXPECT_EQ(guest_call(&g, "open", guest_text(&g, "x"), 0), 8);
    wasi_config_t *c = wasi_config_new();
    const char *args[] = {"later"};
    EXPECT(wasi_config_set_argv(c, 1, args));
    EXPECT(is_ok(wasmtime_context_set_wasi(g.rig.context, c)));
    EXPECT_EQ(guest_call(&g, "args", 0, 0), 0);
    EXPECT(guest_has(&g, "later", 6));
    guest_delete(&g);
    wasi_config_delete(wasi_config_new());
    wasi_config_delete(NULL);
    Rig r = rig_new();
    EXPECT(is_ok(wasmtime_linker_define_wasi(r.linker)));
    wasmtime_instance_t inst = rig_instance(&r, wasi_text);
    wasmtime_func_t f = rig_func(&r, &inst, "read");
    wasmtime_val_t a[] = {val_i32(0), val_i32(1)}, result;
    wasm_trap_t *trap = NULL;
    EXPECT(
        error_says(wasmtime_func_call(r.context, &f, a, 2, &result, 1, &trap),
                   "the store was given nothing of WASI"));
    EXPECT(error_says(wasmtime_context_set_wasi(r.context, NULL),
                      "the configuration of WASI is null"));
    rig_delete(&r);
}

int main(void) {
    if (!mkdtemp(folder)) abort();
    int status = UNIT_RUN(UNIT_TEST(arguments), UNIT_TEST(variables),
                          UNIT_TEST(bad_arguments), UNIT_TEST(inherited),
                          UNIT_TEST(files), UNIT_TEST(streams),
                          UNIT_TEST(directories), UNIT_TEST(nothing));
    static const char *const made[] = {"in", "out", "err", "read-me"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        unlink(file_in(made[i]));
    rmdir(file_in("sub"));
    rmdir(folder);
    return status;
}
