// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a guest, or what it is given, may be at most.
#pragma once

// Open descriptors of one guest.
#define WASI_FDS_MAX 4096u
// Bytes of all arguments, and of all environment variables, with their NULs.
#define WASI_STRINGS_SIZE_MAX ((uint64_t)16 << 20)
// Buffers in one vectored read or write, as on the host.
#define WASI_IOVS_MAX 1024u
// Subscriptions of one poll_oneoff.
#define WASI_SUBS_MAX 4096u
// Buffers that one transfer moves; the others are left for the next one.
// LIMIT: a datagram in more pieces than this is cut.
#define WASI_IOVS_AT_ONCE 64u
// Bytes that one transfer moves where it cannot go straight to the memory of
// the guest: shared memories and streams of the embedder.
// LIMIT: a longer datagram from or to a shared memory is cut.
#define WASI_BOUNCE_SIZE ((size_t)8192)
// Bytes between two looks at the deadline in what may be long.
#define WASI_SLICE_SIZE ((uint64_t)1 << 20)
// A file system in memory: bytes of its contents, names and tables where its
// owner asks for no less, names in one directory, and bytes of one name.
#define MEMFS_SIZE_MAX    ((uint64_t)1 << 32)
#define MEMFS_ENTRIES_MAX (1u << 20)
#define MEMFS_NAME_MAX    255u
