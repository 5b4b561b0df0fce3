// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the standard API (wasm.h, wasmtime.h) cannot say.
//
// Structures that the caller fills in begin with their size, so that later
// versions may add fields: start from the _INIT macro of each and set what you
// need. A size that is smaller than that of this version means that the fields
// behind it are zero; one that is larger, or too small for what must be there,
// is refused. Zero and NULL mean the default. Structures are copied, what they
// point to is not.
//
// Functions that return bool answer false for what the function says, for a
// refused structure, and when memory runs out; nothing has changed then, and
// what was given stays the caller's.
//
// A future, a configuration and what takes a caller are for one thread at a
// time; wakers for all at once. What is set for the whole process is set before
// other threads use the library.
#ifndef FOLIOT_H
#define FOLIOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasi.h>
#include <wasm.h>
#include <wasmtime/async.h>
#include <wasmtime/error.h>
#include <wasmtime/func.h>

#ifndef FOLIOT_API_EXTERN
#define FOLIOT_API_EXTERN WASM_API_EXTERN
#endif

#ifdef __cplusplus
extern "C" {
#endif

// --- version and features ----------------------------------------------------

#define FOLIOT_VERSION       "0.1.0"
#define FOLIOT_VERSION_MAJOR 0
#define FOLIOT_VERSION_MINOR 1
#define FOLIOT_VERSION_PATCH 0

// Of the library that runs, not of this header. Static.
FOLIOT_API_EXTERN const char *foliot_version(void);

typedef struct foliot_feature {
    size_t size;
    const char *name; // as after -W on the command line: "multi-value"
    const char *what; // one line
    uint8_t phase;    // of the standards process, 5: in the specification
    bool is_default;
} foliot_feature_t;

#define FOLIOT_FEATURE_INIT {sizeof(foliot_feature_t), NULL, NULL, 0, false}

// The proposals that this library knows, from 0 on. False: there is no such
// one.
FOLIOT_API_EXTERN bool foliot_feature_at(size_t index, foliot_feature_t *out);

// Turns one on or off; what it is built on, or is built on it, follows. False:
// the name is unknown.
FOLIOT_API_EXTERN bool foliot_config_feature_set(wasm_config_t *config,
                                                 const char *name, bool on);
// May modules of the engine use it? False also for unknown names.
FOLIOT_API_EXTERN bool foliot_engine_has_feature(const wasm_engine_t *engine,
                                                 const char *name);

// A limit by its name after -W: "max-functions". False: the name is unknown.
FOLIOT_API_EXTERN bool foliot_config_limit_set(wasm_config_t *config,
                                               const char *name,
                                               uint64_t value);
FOLIOT_API_EXTERN bool foliot_engine_limit(const wasm_engine_t *engine,
                                           const char *name, uint64_t *value);

// --- engines -----------------------------------------------------------------

// As wasm_engine_new_with_config, which takes the configuration, but NULL comes
// with the reason: the caller owns *error, which is NULL on success. `config`
// may be NULL: the defaults.
FOLIOT_API_EXTERN wasm_engine_t *foliot_engine_new(wasm_config_t *config,
                                                   wasmtime_error_t **error);

// Which tiers run functions. A tier that this build lacks is replaced by the
// next slower one; the interpreter is always there.
typedef enum foliot_tier {
    FOLIOT_TIER_AUTO,
    FOLIOT_TIER_INTERPRETER,
    FOLIOT_TIER_BASELINE,
    FOLIOT_TIER_OPTIMIZING,
} foliot_tier_t;

// False: not one of them.
FOLIOT_API_EXTERN bool foliot_config_tier_set(wasm_config_t *config,
                                              foliot_tier_t tier);
// The tier that an engine has: "interp", ... Static.
FOLIOT_API_EXTERN const char *foliot_engine_tier(const wasm_engine_t *engine);

// When functions are compiled. Unless it is set: LAZY with a tier that was
// named, COUNTED with FOLIOT_TIER_AUTO.
typedef enum foliot_compile {
    FOLIOT_COMPILE_LAZY,    // at their first call
    FOLIOT_COMPILE_EAGER,   // when their module is loaded
    FOLIOT_COMPILE_COUNTED, // after having been interpreted for a while
} foliot_compile_t;

typedef struct foliot_tiering {
    size_t size;
    foliot_compile_t compile;
    // COUNTED: how many calls of a function, and turns of loops in it, are
    // interpreted; 0 for either: the default.
    uint32_t calls, loops;
} foliot_tiering_t;

#define FOLIOT_TIERING_INIT \
    {sizeof(foliot_tiering_t), FOLIOT_COMPILE_LAZY, 0, 0}

// False: a value is unknown.
FOLIOT_API_EXTERN bool foliot_config_tiering_set(
    wasm_config_t *config, const foliot_tiering_t *tiering);

// Threads of the embedder. Work that need not be done at once, such as
// compiling, is submitted: `run(job)` is called exactly once, on any thread, or
// submit answers false and we do it. It may call `run` itself. The thread that
// loads a module does what nobody else has begun, and waits for nobody who has
// not begun. All jobs are done before the engine goes; `free` is called then,
// maybe by the last of them. Submitted are large modules that are loaded, to be
// validated and compiled by several threads, and functions that were interpreted
// often enough (foliot_config_tiering_set), unless execution is deterministic.
typedef struct foliot_executor {
    size_t size;
    void *env;
    bool (*submit)(void *env, void (*run)(void *job), void *job);
    void (*free)(void *env); // NULL is fine
} foliot_executor_t;

#define FOLIOT_EXECUTOR_INIT {sizeof(foliot_executor_t), NULL, NULL, NULL}

FOLIOT_API_EXTERN bool foliot_config_executor_set(
    wasm_config_t *config, const foliot_executor_t *executor);

// --- the process -------------------------------------------------------------

// Where all memory of the library comes from, but for guests' memories, stacks
// and code. Set it before any other function of the library, and only then:
// what one allocator gave is not freed by another. Any thread calls it.
typedef struct foliot_allocator {
    size_t size;
    void *env;
    void *(*alloc)(void *env, size_t size); // aligned to 16; NULL: none left
    // The first min(old_size, size) bytes are kept. On NULL `old` stays.
    void *(*realloc)(void *env, void *old, size_t old_size, size_t size);
    void (*free)(void *env, void *at);
} foliot_allocator_t;

#define FOLIOT_ALLOCATOR_INIT \
    {sizeof(foliot_allocator_t), NULL, NULL, NULL, NULL}

// NULL brings back malloc and free. False, and nothing has changed: a function
// is missing, or an engine or a configuration exists.
FOLIOT_API_EXTERN bool foliot_set_allocator(
    const foliot_allocator_t *allocator);

// What to trace, and where to; any thread calls it. The line has no newline.
// NULL for `sink`: nothing, which is the default.
typedef enum foliot_log_topic {
    FOLIOT_LOG_DECODE = 1 << 0,
    FOLIOT_LOG_VALID = 1 << 1,
    FOLIOT_LOG_INTERP = 1 << 2,
    FOLIOT_LOG_GC = 1 << 3,
    FOLIOT_LOG_WASI = 1 << 4,
    // Machine code that is not proved to stay in its sandbox, where code is
    // checked: its function is interpreted. The library holds locks meanwhile.
    FOLIOT_LOG_CODE = 1 << 5,
} foliot_log_topic_t;

FOLIOT_API_EXTERN void foliot_set_log(void (*sink)(void *env,
                                                   foliot_log_topic_t topic,
                                                   const char *line),
                                      void *env, uint32_t topics);

// Called when the library finds its own state impossible; must not return. NULL
// prints a line and aborts, which is the default.
FOLIOT_API_EXTERN void foliot_set_fatal(void (*fatal)(const char *what,
                                                      const char *file,
                                                      int line));

// For embedders with handlers of their own for SIGSEGV and its like: call this
// first, with what the handler got. True: the fault was a guest's; return from
// the handler, whose context has been changed. Needs no lock; any thread.
FOLIOT_API_EXTERN bool foliot_handle_fault(int signal, void *info,
                                           void *context);

// --- waiting instead of polling ----------------------------------------------

// A host function that is going to wait (wasmtime/async.h) takes a waker of its
// caller's future, gives it to whoever will know when the wait is over, and
// leaves a continuation. Its embedder then need not poll before that. Wakers
// are counted and outlive their future.
//
//     host function               elsewhere                  event loop
//     w = foliot_caller_waker                                poll: false
//     start(..., w)                                          select(descriptor)
//     (leaves a continuation)     foliot_waker_wake(w)  -->  poll
//                                 foliot_waker_delete(w)
typedef struct foliot_waker foliot_waker_t;

// Owned by the caller. NULL: the call cannot suspend, or no memory.
FOLIOT_API_EXTERN foliot_waker_t *foliot_caller_waker(
    wasmtime_caller_t *caller);
// Any thread, and signal handlers where the future has no callback.
FOLIOT_API_EXTERN void foliot_waker_wake(foliot_waker_t *waker);
FOLIOT_API_EXTERN void foliot_waker_delete(foliot_waker_t *waker); // any thread

// When to poll: the descriptor is readable, the callback is called, the wait is
// over. All may happen once too often, and do at once for futures that have not
// run, that suspended for fuel or a deadline, or that wait for a host function
// that took no waker.

// Belongs to the future: watch it, do not read it or close it. -1: none can be
// had.
FOLIOT_API_EXTERN int foliot_call_future_descriptor(
    wasmtime_call_future_t *future);
// `ready` is called on whichever thread wakes, or from here; it must not poll
// or delete the future. NULL takes the callback back: it does not run any more
// once this returns.
FOLIOT_API_EXTERN bool foliot_call_future_notify(wasmtime_call_future_t *future,
                                                 void (*ready)(void *env),
                                                 void *env);
// Blocks at most so long (UINT64_MAX: for ever). False: the time is over.
FOLIOT_API_EXTERN bool foliot_call_future_wait(wasmtime_call_future_t *future,
                                               uint64_t timeout_ns);

// --- what guests of WASI see -------------------------------------------------

// An error number of WASI 0.1; 0 is success.
typedef uint16_t foliot_errno_t;

enum {
    FOLIOT_ERRNO_ACCES = 2,
    FOLIOT_ERRNO_AGAIN = 6,
    FOLIOT_ERRNO_EXIST = 20,
    FOLIOT_ERRNO_INVAL = 28,
    FOLIOT_ERRNO_IO = 29,
    FOLIOT_ERRNO_ISDIR = 31,
    FOLIOT_ERRNO_NOENT = 44,
    FOLIOT_ERRNO_NOSPC = 51,
    FOLIOT_ERRNO_NOTDIR = 54,
    FOLIOT_ERRNO_NOTEMPTY = 55,
    FOLIOT_ERRNO_NOTSUP = 58,
    FOLIOT_ERRNO_PERM = 63,
    FOLIOT_ERRNO_PIPE = 64,
    FOLIOT_ERRNO_ROFS = 69,
};

// All callbacks below run on the thread that runs the guest, and must not call
// its store.

// A standard stream. Bytes moved, or a negated error number; 0 is the end of
// the input.
typedef struct foliot_stream {
    size_t size;
    void *env;
    int64_t (*read)(void *env, void *out, size_t len);
    int64_t (*write)(void *env, const void *bytes, size_t len);
    // Has a descriptor that says when it is ready; otherwise it always is.
    bool has_descriptor;
    int descriptor;
    bool is_terminal;
    void (*close)(void *env); // NULL is fine
} foliot_stream_t;

#define FOLIOT_STREAM_INIT \
    {sizeof(foliot_stream_t), NULL, NULL, NULL, false, -1, false, NULL}

// 0 stdin, 1 stdout, 2 stderr.
FOLIOT_API_EXTERN bool foliot_wasi_config_set_stream(
    wasi_config_t *config, int which, const foliot_stream_t *stream);

// Clock 0 is the wall's, since 1970; 1 never goes back; 2 and 3 are the time
// that process and thread have run. Nanoseconds. Timeouts of the guest still
// pass as the host's time does.
typedef struct foliot_clock {
    size_t size;
    void *env;
    foliot_errno_t (*now)(void *env, uint32_t clock, uint64_t *out);
    foliot_errno_t (*resolution)(void *env, uint32_t clock, uint64_t *out);
    void (*close)(void *env); // NULL is fine
} foliot_clock_t;

#define FOLIOT_CLOCK_INIT {sizeof(foliot_clock_t), NULL, NULL, NULL, NULL}

FOLIOT_API_EXTERN bool foliot_wasi_config_set_clock(
    wasi_config_t *config, const foliot_clock_t *clock);

typedef struct foliot_random {
    size_t size;
    void *env;
    foliot_errno_t (*fill)(void *env, void *out, size_t len);
    void (*close)(void *env); // NULL is fine
} foliot_random_t;

#define FOLIOT_RANDOM_INIT {sizeof(foliot_random_t), NULL, NULL, NULL}

FOLIOT_API_EXTERN bool foliot_wasi_config_set_random(
    wasi_config_t *config, const foliot_random_t *random);

// A listening socket, which the guest finds behind its directories. Borrowed,
// and made not to block. False: it is no socket.
FOLIOT_API_EXTERN bool foliot_wasi_config_add_socket(wasi_config_t *config,
                                                     int descriptor);

// What may be done in a directory that is given to a guest.
typedef enum foliot_dir_flags {
    FOLIOT_DIR_READ = 1 << 0,  // look around, open files
    FOLIOT_DIR_WRITE = 1 << 1, // make, rename and remove
    FOLIOT_FILE_READ = 1 << 2,
    FOLIOT_FILE_WRITE = 1 << 3,
    FOLIOT_DIR_ALL = 15,
} foliot_dir_flags_t;

// --- a file system in memory -------------------------------------------------

// Files, directories and links, at most `size_max` bytes of them (0: 4 GiB).
// Guests of one thread at a time may share it. Counted: each configuration that
// it is given to, and its store, keep it.
typedef struct foliot_memfs foliot_memfs_t;

FOLIOT_API_EXTERN foliot_memfs_t *foliot_memfs_new(uint64_t size_max);
FOLIOT_API_EXTERN void foliot_memfs_delete(foliot_memfs_t *fs);
FOLIOT_API_EXTERN uint64_t foliot_memfs_size(const foliot_memfs_t *fs);

// Paths are relative to the root and stay in it. Writing replaces the file.
FOLIOT_API_EXTERN foliot_errno_t foliot_memfs_make_dir(foliot_memfs_t *fs,
                                                       const char *path);
FOLIOT_API_EXTERN foliot_errno_t foliot_memfs_write(foliot_memfs_t *fs,
                                                    const char *path,
                                                    const void *bytes,
                                                    size_t len);
// The caller owns the bytes.
FOLIOT_API_EXTERN foliot_errno_t foliot_memfs_read(foliot_memfs_t *fs,
                                                   const char *path,
                                                   wasm_byte_vec_t *out);

// Its root becomes a directory of the guest.
FOLIOT_API_EXTERN bool foliot_wasi_config_preopen_memfs(wasi_config_t *config,
                                                        foliot_memfs_t *fs,
                                                        const char *guest_path,
                                                        uint32_t flags);

// --- file systems of the embedder --------------------------------------------

typedef enum foliot_file_type {
    FOLIOT_FILE_UNKNOWN,
    FOLIOT_FILE_REGULAR,
    FOLIOT_FILE_DIRECTORY,
    FOLIOT_FILE_SYMLINK,
} foliot_file_type_t;

typedef struct foliot_file_stat {
    foliot_file_type_t type;
    uint64_t inode, links;
    uint64_t size;                        // bytes
    uint64_t accessed, modified, changed; // ns since 1970
} foliot_file_stat_t;

// A name as seen from an open directory: neither empty nor absolute, UTF-8
// without NUL, not terminated. It may have `.`, `..` and slashes in a row; that
// it leads nowhere outside is the file system's business.
typedef struct foliot_path {
    void *dir;
    const char *text;
    size_t len;
} foliot_path_t;

enum {
    FOLIOT_OPEN_READ = 1 << 0,
    FOLIOT_OPEN_WRITE = 1 << 1,
    FOLIOT_OPEN_CREATE = 1 << 2,
    FOLIOT_OPEN_EXCLUSIVE = 1 << 3, // with CREATE: it must not be there
    FOLIOT_OPEN_TRUNCATE = 1 << 4,
    FOLIOT_OPEN_DIRECTORY = 1 << 5, // it must be one
    FOLIOT_OPEN_FOLLOW = 1 << 6,    // a link at the end
};

// One entry of a directory. `next` continues behind it and stays good while
// others come and go.
typedef struct foliot_dir_entry {
    foliot_file_type_t type;
    uint64_t inode, next;
    size_t name_len;
    char name[255];
} foliot_dir_entry_t;

// Nodes are open files and directories, as `open` makes them. Positions and
// appending are our business: files are read and written at offsets. A NULL
// function is what the file system cannot do (NOTSUP); `close` and `stat` must
// be there. They do not block.
typedef struct foliot_fs {
    size_t size;
    void *env;
    void (*close)(void *env, void *node);
    foliot_errno_t (*stat)(void *env, void *node, foliot_file_stat_t *out);
    foliot_errno_t (*open)(void *env, foliot_path_t path, uint32_t how,
                           void **node);
    foliot_errno_t (*read)(void *env, void *node, uint64_t offset, void *out,
                           size_t len, size_t *done); // 0: at the end
    foliot_errno_t (*write)(void *env, void *node, uint64_t offset,
                            const void *bytes, size_t len, size_t *done);
    foliot_errno_t (*set_size)(void *env, void *node, uint64_t size);
    foliot_errno_t (*sync)(void *env, void *node);
    // NULL: that time stays.
    foliot_errno_t (*set_times)(void *env, void *node, const uint64_t *accessed,
                                const uint64_t *modified);
    // The entry at a cookie, 0 being the first; NOENT behind the last.
    foliot_errno_t (*read_dir)(void *env, void *dir, uint64_t cookie,
                               foliot_dir_entry_t *out);
    foliot_errno_t (*path_stat)(void *env, foliot_path_t path, bool follow,
                                foliot_file_stat_t *out);
    foliot_errno_t (*make_dir)(void *env, foliot_path_t path);
    foliot_errno_t (*remove_dir)(void *env, foliot_path_t path);
    foliot_errno_t (*unlink)(void *env, foliot_path_t path);
    foliot_errno_t (*rename)(void *env, foliot_path_t from, foliot_path_t to);
    foliot_errno_t (*link)(void *env, foliot_path_t from, foliot_path_t to);
    foliot_errno_t (*symlink)(void *env, const char *target, size_t target_len,
                              foliot_path_t path);
    foliot_errno_t (*read_link)(void *env, foliot_path_t path, char *out,
                                size_t len, size_t *done);
    void (*free)(void *env); // once no guest has it any more; NULL is fine
} foliot_fs_t;

#define FOLIOT_FS_INIT    \
    {sizeof(foliot_fs_t), \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL,                \
     NULL}

// `root` is an open directory of it, which we close. When the structure or the
// arguments are refused nothing is closed; on other failures, a root that is no
// directory, or no memory, it is, and `free` is called.
FOLIOT_API_EXTERN bool foliot_wasi_config_preopen_fs(wasi_config_t *config,
                                                     const foliot_fs_t *fs,
                                                     void *root,
                                                     const char *guest_path,
                                                     uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif
