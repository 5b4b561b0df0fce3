// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a guest of WASI 0.1 is given: arguments, variables, standard streams,
// directories. A configuration starts with nothing, not even streams (reading
// finds the end, what is written goes nowhere), and is given to a store with
// wasmtime_context_set_wasi, which takes it.
//
// Everything is copied or opened when its function is called. What a function
// that returns nothing could not do for lack of memory is remembered:
// wasmtime_context_set_wasi then fails. A configuration belongs to one thread
// at a time. foliot.h has more to put into one: streams, clocks, randomness and
// file systems of the embedder.
#ifndef WASI_H
#define WASI_H

#include <stddef.h>
#include <wasm.h>
#include <wasmtime/conf.h>

#ifndef WASI_API_EXTERN
#define WASI_API_EXTERN WASM_API_EXTERN
#endif

#ifdef WASMTIME_FEATURE_WASI

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasi_config_t wasi_config_t;

// Owned; NULL: no memory.
WASI_API_EXTERN wasi_config_t *wasi_config_new(void);
WASI_API_EXTERN void wasi_config_delete(wasi_config_t *);

// --- arguments and variables -------------------------------------------------

// After those that are there, also inherited ones; a variable that is there has
// its new value. False: one is not UTF-8, and none was added; or all together
// are longer than 16 MiB, or no memory, and some were.
WASI_API_EXTERN bool wasi_config_set_argv(wasi_config_t *config, size_t argc,
                                          const char *argv[]);
WASI_API_EXTERN bool wasi_config_set_env(wasi_config_t *config, size_t envc,
                                         const char *names[],
                                         const char *values[]);
// Those of this process, as they are now, added in the same way. What is not
// UTF-8 is left out.
WASI_API_EXTERN void wasi_config_inherit_argv(wasi_config_t *config);
WASI_API_EXTERN void wasi_config_inherit_env(wasi_config_t *config);

// --- standard streams --------------------------------------------------------

// The file is opened now: false when it cannot be. Output files are created,
// or emptied.
WASI_API_EXTERN bool wasi_config_set_stdin_file(wasi_config_t *config,
                                                const char *path);
WASI_API_EXTERN bool wasi_config_set_stdout_file(wasi_config_t *config,
                                                 const char *path);
WASI_API_EXTERN bool wasi_config_set_stderr_file(wasi_config_t *config,
                                                 const char *path);

// Takes the bytes, and leaves an empty vector.
WASI_API_EXTERN void wasi_config_set_stdin_bytes(wasi_config_t *config,
                                                 wasm_byte_vec_t *binary);

// The process's own.
WASI_API_EXTERN void wasi_config_inherit_stdin(wasi_config_t *config);
WASI_API_EXTERN void wasi_config_inherit_stdout(wasi_config_t *config);
WASI_API_EXTERN void wasi_config_inherit_stderr(wasi_config_t *config);

// `callback` is called with what the guest writes, on the thread that runs the
// guest, and answers how many bytes it took, or a negated errno of the host. It
// must not call the store. `finalizer`, which may be NULL, is called once with
// `data`: when the guest closes the stream, when it is replaced, or at the end.
WASI_API_EXTERN void wasi_config_set_stdout_custom(
    wasi_config_t *config,
    ptrdiff_t (*callback)(void *, const unsigned char *, size_t), void *data,
    void (*finalizer)(void *));
WASI_API_EXTERN void wasi_config_set_stderr_custom(
    wasi_config_t *config,
    ptrdiff_t (*callback)(void *, const unsigned char *, size_t), void *data,
    void (*finalizer)(void *));

// --- directories and network -------------------------------------------------

// Bits of what may be done with files.
typedef size_t wasi_file_perms;

// The guest finds the directory as `guest_path` and reaches nothing outside of
// it. Without `fs_mutable` it only reads. False: it cannot be opened, or no
// memory.
WASI_API_EXTERN bool wasi_config_preopen_dir(wasi_config_t *config,
                                             const char *host_path,
                                             const char *guest_path,
                                             bool fs_mutable);

// WASI 0.1 makes no connections and resolves no names, so nothing changes;
// sockets that it may accept on come from foliot.h.
WASI_API_EXTERN void wasi_config_inherit_network(wasi_config_t *config);
WASI_API_EXTERN void wasi_config_allow_ip_name_lookup(wasi_config_t *config,
                                                      bool enable);

#ifdef __cplusplus
}
#endif

#endif // WASMTIME_FEATURE_WASI

#endif
