// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The process's one allocator, and its fatal hook.
//
// Everything outside os/ that needs memory comes here, so an embedder that
// sets its own allocator sees every byte, and a test that fails the n-th
// allocation reaches every call site. NULL means out of memory; callers handle
// it. The allocator is set once, before any other object exists.
#pragma once

#include "base/defs.h"

typedef struct Allocator {
    void *(*alloc)(void *env, size_t size);
    // `old` and the result hold min(old_size, size) equal bytes; on NULL `old`
    // is untouched.
    void *(*realloc)(void *env, void *old, size_t old_size, size_t size);
    void (*free)(void *env, void *p);
    void *env;
} Allocator;

// Replaces the allocator; NULL brings back the default, malloc and friends.
// The structure is copied.
void allocator_set(const Allocator *a);

// What everything else comes from (engines, configurations) says that it
// exists: meanwhile the allocator must stay. Any thread.
void allocator_hold(void);
void allocator_let_go(void);
bool allocator_is_held(void);

// Sizes are in bytes; zero is taken as one. Uninitialised, aligned to 16.
NODISCARD void *mem_alloc(size_t size) MALLOCLIKE;
// Zeroed; NULL when size * count overflows.
NODISCARD void *mem_calloc(size_t count, size_t size) MALLOCLIKE;
NODISCARD void *mem_realloc(void *old, size_t old_size, size_t size);
void mem_free(void *p); // NULL is fine

#define MEM_NEW(T)      ((T *)mem_calloc(1, sizeof(T)))
#define MEM_NEW_N(T, n) ((T *)mem_calloc((n), sizeof(T)))

// What CHECK calls. The hook must not return. NULL, the default, writes to
// standard error and aborts.
typedef void (*FatalHook)(const char *what, const char *file, int line);
void fatal_hook_set(FatalHook hook);
