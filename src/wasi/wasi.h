// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// WASI 0.1: wasi_snapshot_preview1 and wasi_unstable, as host functions in a
// linker.
//
// A Wasi is what one program sees of the world: arguments, environment,
// standard streams, preopened directories, clocks, randomness. It belongs to
// one store at a time. Everything it does goes through the vtables below; the
// defaults are the host's (os/). File systems are vtables too (fs.h); paths of
// the host go through one gate that no path, link or concurrent rename escapes
// (os/path.h).
#pragma once

#include "rt/linker.h"
#include "wasi/fs.h"

typedef struct Wasi Wasi;

// A byte stream for stdin, stdout or stderr. Results: bytes moved, 0 at the
// end of input, or a negated WASI errno (wasi/code.def).
typedef struct WasiStream {
    void *env;
    int64_t (*read)(void *env, void *out, size_t size);
    int64_t (*write)(void *env, const void *bytes, size_t size);
    // A descriptor to wait on for it, or -1: always ready.
    int fd;
    bool is_terminal;
    void (*close)(void *env); // NULL is fine
} WasiStream;

typedef struct WasiClock {
    void *env;
    // Nanoseconds; `id` and errors as clock_time_get's.
    int64_t (*now)(void *env, uint32_t id, uint64_t *out);
    int64_t (*resolution)(void *env, uint32_t id, uint64_t *out);
    void (*close)(void *env); // NULL is fine
} WasiClock;

typedef struct WasiRandom {
    void *env;
    int64_t (*fill)(void *env, void *out, size_t size);
    void (*close)(void *env); // NULL is fine
} WasiRandom;

// What a preopened directory allows.
typedef enum WasiDirFlags {
    WASI_DIR_READ = 1 << 0,  // look around and open for reading
    WASI_DIR_WRITE = 1 << 1, // change the directory itself
    WASI_FILE_READ = 1 << 2,
    WASI_FILE_WRITE = 1 << 3,
    WASI_DIR_ALL = 15,
} WasiDirFlags;

NODISCARD Wasi *wasi_new(void); // NULL: out of memory. Nothing is inherited.
void wasi_free(Wasi *w);        // NULL is fine; closes what it opened

// All copy what they are given; false: out of memory, or over a limit.
NODISCARD bool wasi_arg_add(Wasi *w, Str arg);
// Of a name that is there already: its value from now on.
NODISCARD bool wasi_env_add(Wasi *w, Str name, Str value);
// Opens the host's directory; false with *err otherwise (ERR_usage).
NODISCARD bool wasi_dir_add(Wasi *w, const char *host_path,
                            const char *guest_path, uint32_t flags, Err *err);
// The same for a directory of another file system. Takes over `root`, also on
// failure: it is closed when the guest closes it, or by wasi_free. The table
// is borrowed.
NODISCARD bool wasi_fs_dir_add(Wasi *w, const WasiFs *fs, void *root,
                               const char *guest_path, uint32_t flags,
                               Err *err);
// 0 stdin, 1 stdout, 2 stderr. Default: closed streams that are always at the
// end and swallow what is written. The structure is copied; `close` is called
// when the guest closes it, when it is replaced and by wasi_free.
void wasi_stream_set(Wasi *w, int which, const WasiStream *stream);
// The process's own descriptors 0, 1, 2.
void wasi_inherit_stdio(Wasi *w);
// One of them: `fd`, which is closed with it if `owned`. One that is not open,
// or a directory, becomes a closed stream.
void wasi_stdio_set(Wasi *w, int which, int fd, bool owned);
// Copied; what was there before is closed, and what is there by wasi_free.
void wasi_clock_set(Wasi *w, const WasiClock *clock);
void wasi_random_set(Wasi *w, const WasiRandom *random);
// Has `drop(thing)` called by wasi_free, once everything else is closed.
NODISCARD bool wasi_keep(Wasi *w, void *thing, void (*drop)(void *thing));
// A listening socket that the guest finds as a preopened descriptor, behind the
// directories. It is borrowed, and set to not block.
NODISCARD bool wasi_socket_add(Wasi *w, int fd);
// The same with a new one, which listens at that address (os/sock.h says how it
// is written); false with *err otherwise.
NODISCARD bool wasi_listen_add(Wasi *w, const char *address, Err *err);

// Defines the functions of both module names. The Wasi is borrowed and outlives
// every store that links them.
NODISCARD bool wasi_define(Linker *l, Wasi *w, Err *err);
// The same, but each function sees the Wasi of the store that calls it,
// store->wasi; it traps when there is none.
NODISCARD bool wasi_define_of_store(Linker *l, Err *err);
