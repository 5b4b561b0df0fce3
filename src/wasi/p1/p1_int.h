// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the functions of WASI 0.1 share.
//
// Each is `Errno p1_<name>(P1Call *)` and reads its arguments in the order of
// p1.def. Checks come in this order: descriptor and its rights, flags,
// addresses; then it acts.
#pragma once

#include "os/path.h"
#include "os/wait.h"
#include "wasi/limit.h"
#include "wasi/wasi_int.h"

typedef enum P1Abi {
    P1_unstable, // wasi_unstable
    P1_snapshot, // wasi_snapshot_preview1
    P1_ABI_COUNT,
} P1Abi;

typedef struct P1Call {
    Wasi *wasi;
    Store *store;
    Memory *memory; // of the caller; never NULL
    const Raw *args;
    P1Abi abi;
    Status status; // not ok: a trap; the error number is then nothing
} P1Call;

typedef Errno (*P1Function)(P1Call *c);

struct P1Binding {
    Wasi *wasi; // NULL: the calling store's
    const struct P1Row *row;
    P1Abi abi;
};

#define P1(name, types, versions) Errno p1_##name(P1Call *c);
#include "wasi/p1/p1.def"

static inline uint32_t p1_u32(const P1Call *c, unsigned arg) {
    return c->args[arg].u32;
}
static inline uint64_t p1_u64(const P1Call *c, unsigned arg) {
    return c->args[arg].u64;
}

// --- memory of the guest (guest.c) -------------------------------------------
//
// A Guest is bytes of the memory that were found to be inside of it. Memories
// may move, but never shrink, so it is right as long as the call. guest_slice
// is the only way to one.

typedef struct Guest {
    Memory *memory;
    uint64_t at;
    uint32_t size; // bytes
} Guest;

NODISCARD Errno guest_slice(const P1Call *c, uint32_t at, uint64_t size,
                            Guest *out);
// At `offset` in it; the caller knows that they are in it.
void guest_read(Guest g, uint32_t offset, void *out, uint32_t size);
void guest_write(Guest g, uint32_t offset, const void *bytes, uint32_t size);
void guest_write_u32(Guest g, uint32_t offset, uint32_t x);
void guest_write_u64(Guest g, uint32_t offset, uint64_t x);
// The bytes themselves, until the memory may move; NULL when others may touch
// them meanwhile, for then they are reached by guest_read and _write only.
uint8_t *guest_direct(Guest g);

// The argument as the address of so many bytes.
static inline Errno p1_slice(const P1Call *c, unsigned arg, uint64_t size,
                             Guest *out) {
    return guest_slice(c, p1_u32(c, arg), size, out);
}

// A path of the guest, copied and checked, seen from a directory of its.
typedef struct P1Path {
    FsPath at;
    char text[PATH_SIZE_MAX];
} P1Path;

// Arguments `arg` and the next are address and size. Refuses what is empty or
// has a NUL, on any file system.
NODISCARD Errno p1_text(const P1Call *c, unsigned arg, P1Path *out);

// --- descriptors (fd.c) ------------------------------------------------------

// badf: not open; notcapable: lacks one of the rights.
NODISCARD Errno p1_desc(const P1Call *c, unsigned arg, Rights need, Desc **out);
// The same for what is no directory, or is nothing but one.
NODISCARD Errno p1_file(const P1Call *c, unsigned arg, Rights need, Desc **out);
NODISCARD Errno p1_dir(const P1Call *c, unsigned arg, Rights need, Desc **out);

enum {
    FDFLAG_append = 1,
    FDFLAG_dsync = 2,
    FDFLAG_nonblock = 4,
    FDFLAG_rsync = 8,
    FDFLAG_sync = 16,
    FDFLAGS_ALL = 31,
};

uint8_t p1_filetype(FileType type);

// Room for a filestat, and how it is filled.
NODISCARD Errno p1_slice_filestat(const P1Call *c, unsigned arg, Guest *out);
void p1_put_filestat(const P1Call *c, Guest out, const FileStat *s);
NODISCARD Errno p1_times(uint64_t accessed, uint64_t modified, uint32_t flags,
                         FileTimes *out);

// --- waiting (wait.c) --------------------------------------------------------

// Sleeps as wait_for does; WAIT_interrupted is the deadline of the store. The
// caller then lets go of what it holds and asks p1_go_on.
NODISCARD WaitResult p1_sleep(const P1Call *c, WaitFd *fds, size_t count,
                              uint64_t until);
// When the deadline of the store is over, the embedder's callback decides:
// false with the call's status set, or true, and anything may have changed.
NODISCARD bool p1_go_on(P1Call *c);
