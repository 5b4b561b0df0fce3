// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A guest that does with WASI what the test says.
#pragma once

#include "api/rig.h"

#include <wasi.h>
#include <wasmtime/memory.h>

// clang-format off
#define P1 "(import \"wasi_snapshot_preview1\" "
static const char wasi_text[] =
    "(module"
    P1 "\"fd_read\" (func $read (param i32 i32 i32 i32) (result i32)))"
    P1 "\"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))"
    P1 "\"fd_seek\" (func $seek (param i32 i64 i32 i32) (result i32)))"
    P1 "\"fd_close\" (func $close (param i32) (result i32)))"
    P1 "\"args_sizes_get\" (func $asizes (param i32 i32) (result i32)))"
    P1 "\"args_get\" (func $args (param i32 i32) (result i32)))"
    P1 "\"environ_sizes_get\" (func $esizes (param i32 i32) (result i32)))"
    P1 "\"environ_get\" (func $env (param i32 i32) (result i32)))"
    P1 "\"path_open\" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32)"
    " (result i32)))"
    P1 "\"path_create_directory\" (func $mkdir (param i32 i32 i32)"
    " (result i32)))"
    P1 "\"path_unlink_file\" (func $unlink (param i32 i32 i32) (result i32)))"
    P1 "\"path_rename\" (func $rename (param i32 i32 i32 i32 i32 i32)"
    " (result i32)))"
    P1 "\"fd_readdir\" (func $readdir (param i32 i32 i32 i64 i32)"
    " (result i32)))"
    P1 "\"fd_filestat_set_size\" (func $set_size (param i32 i64)"
    " (result i32)))"
    P1 "\"clock_time_get\" (func $clock (param i32 i64 i32) (result i32)))"
    P1 "\"clock_res_get\" (func $res (param i32 i32) (result i32)))"
    P1 "\"random_get\" (func $random (param i32 i32) (result i32)))"
    P1 "\"proc_exit\" (func $exit (param i32)))"
    " (export \"close\" (func $close)) (export \"exit\" (func $exit))"
    " (export \"set_size\" (func $set_size))"
    " (memory (export \"memory\") 4)"
    // Bytes are at 1024; how many were moved comes to 16.
    " (func $iov (param $n i32) (i32.store (i32.const 0) (i32.const 1024))"
    "  (i32.store (i32.const 4) (local.get $n)))"
    " (func (export \"read\") (param $fd i32) (param $n i32) (result i32)"
    "  (call $iov (local.get $n))"
    "  (call $read (local.get $fd) (i32.const 0) (i32.const 1)"
    "   (i32.const 16)))"
    " (func (export \"write\") (param $fd i32) (param $n i32) (result i32)"
    "  (call $iov (local.get $n))"
    "  (call $write (local.get $fd) (i32.const 0) (i32.const 1)"
    "   (i32.const 16)))"
    " (func (export \"rewind\") (param $fd i32) (param i32) (result i32)"
    "  (call $seek (local.get $fd) (i64.const 0) (i32.const 0)"
    "   (i32.const 32)))"
    // How many to 12, bytes to 16, the bytes to 1024.
    " (func (export \"args\") (param i32 i32) (result i32)"
    "  (drop (call $asizes (i32.const 12) (i32.const 16)))"
    "  (call $args (i32.const 32768) (i32.const 1024)))"
    " (func (export \"env\") (param i32 i32) (result i32)"
    "  (drop (call $esizes (i32.const 12) (i32.const 16)))"
    "  (call $env (i32.const 65536) (i32.const 1024)))"
    // Opens the name at 1024, to read and, without the flag 256, to write; the
    // descriptor comes to 16.
    " (func (export \"open\") (param $n i32) (param $flags i32) (result i32)"
    "  (call $open (i32.const 3) (i32.const 1) (i32.const 1024)"
    "   (local.get $n) (i32.and (local.get $flags) (i32.const 15))"
    "   (select (i64.const 0x2e) (i64.const 0x4000ee)"
    "    (i32.and (local.get $flags) (i32.const 256)))"
    "   (i64.const 0) (i32.const 0) (i32.const 16)))"
    " (func (export \"mkdir\") (param $n i32) (param i32) (result i32)"
    "  (call $mkdir (i32.const 3) (i32.const 1024) (local.get $n)))"
    " (func (export \"unlink\") (param $n i32) (param i32) (result i32)"
    "  (call $unlink (i32.const 3) (i32.const 1024) (local.get $n)))"
    // From the first $n bytes to the last.
    " (func (export \"rename\") (param $n i32) (param $all i32) (result i32)"
    "  (call $rename (i32.const 3) (i32.const 1024) (local.get $n)"
    "   (i32.const 3) (i32.add (i32.const 1024) (local.get $n))"
    "   (i32.sub (local.get $all) (local.get $n))))"
    " (func (export \"readdir\") (param $fd i32) (param $n i32) (result i32)"
    "  (call $readdir (local.get $fd) (i32.const 1024) (local.get $n)"
    "   (i64.const 0) (i32.const 16)))"
    " (func (export \"clock\") (param $id i32) (param $res i32) (result i32)"
    "  (if (result i32) (local.get $res)"
    "   (then (call $res (local.get $id) (i32.const 1024)))"
    "   (else (call $clock (local.get $id) (i64.const 1)"
    "    (i32.const 1024)))))"
    " (func (export \"random\") (param $n i32) (param i32) (result i32)"
    "  (call $random (i32.const 1024) (local.get $n))))";
#undef P1
// clang-format on

typedef struct Guest {
    Rig rig;
    wasmtime_instance_t inst;
    uint8_t *bytes; // of its memory
} Guest;

// A guest that sees what the configuration says, which it takes.
static inline void guest_new(Guest *g, wasi_config_t *config) {
    g->rig = rig_new();
    EXPECT(is_ok(wasmtime_linker_define_wasi(g->rig.linker)));
    EXPECT(is_ok(wasmtime_context_set_wasi(g->rig.context, config)));
    g->inst = rig_instance(&g->rig, wasi_text);
    wasmtime_extern_t m = rig_export(&g->rig, &g->inst, "memory");
    g->bytes = wasmtime_memory_data(g->rig.context, &m.of.memory);
}

static inline void guest_delete(Guest *g) {
    rig_delete(&g->rig);
}

// The error number of a function of two numbers.
static inline int guest_call(Guest *g, const char *name, int a, int b) {
    wasmtime_func_t f = rig_func(&g->rig, &g->inst, name);
    wasmtime_val_t args[] = {val_i32(a), val_i32(b)}, result = {0};
    EXPECT(rig_call(&g->rig, &f, args, 2, &result, 1));
    return result.of.i32;
}

static inline uint32_t guest_u32(const Guest *g, uint32_t at) {
    uint32_t x;
    memcpy(&x, g->bytes + at, sizeof x);
    return x;
}

// Puts a text where the guest's bytes are.
static inline int guest_text(Guest *g, const char *text) {
    int len = (int)strlen(text);
    memcpy(g->bytes + 1024, text, (size_t)len + 1);
    return len;
}

// Is that what the last call moved?
static inline bool guest_has(const Guest *g, const void *bytes, uint32_t len) {
    return guest_u32(g, 16) == len &&
           (len == 0 || memcmp(g->bytes + 1024, bytes, len) == 0);
}

static inline int guest_write(Guest *g, int fd, const char *text) {
    int len = guest_text(g, text);
    return guest_call(g, "write", fd, len);
}
