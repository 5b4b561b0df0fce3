// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/alloc.h"

#include "base/bits.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void *default_alloc(void *env, size_t size) {
    (void)env;
    return malloc(size);
}

static void *default_realloc(void *env, void *old, size_t old_size,
                             size_t size) {
    (void)env;
    (void)old_size;
    return realloc(old, size);
}

static void default_free(void *env, void *p) {
    (void)env;
    free(p);
}

static const Allocator default_allocator = {
    .alloc = default_alloc,
    .realloc = default_realloc,
    .free = default_free,
};

static Allocator custom; // in use when `allocator` points here
static const Allocator *allocator = &default_allocator;

void allocator_set(const Allocator *a) {
    if (a) custom = *a;
    allocator = a ? &custom : &default_allocator;
}

static _Atomic uint64_t holders;

void allocator_hold(void) {
    atomic_fetch_add_explicit(&holders, 1, memory_order_relaxed);
}

void allocator_let_go(void) {
    atomic_fetch_sub_explicit(&holders, 1, memory_order_relaxed);
}

bool allocator_is_held(void) {
    return atomic_load_explicit(&holders, memory_order_relaxed) != 0;
}

// No allocator sees a size of zero: what they answer differs.
static size_t at_least_one(size_t size) {
    return size == 0 ? 1 : size;
}

void *mem_alloc(size_t size) {
    return allocator->alloc(allocator->env, at_least_one(size));
}

void *mem_calloc(size_t count, size_t size) {
    uint64_t total;
    if (!mul_ok(count, size, &total)) return NULL;
    void *p = mem_alloc(total);
    if (p) memset(p, 0, total);
    return p;
}

void *mem_realloc(void *old, size_t old_size, size_t size) {
    if (!old) return mem_alloc(size);
    return allocator->realloc(allocator->env, old, old_size,
                              at_least_one(size));
}

void mem_free(void *p) {
    if (p) allocator->free(allocator->env, p);
}

static FatalHook fatal_hook;

void fatal_hook_set(FatalHook hook) {
    fatal_hook = hook;
}

void fatal_error(const char *what, const char *file, int line) {
    if (fatal_hook) fatal_hook(what, file, line);
    fprintf(stderr, "fatal: %s:%d: %s\n", file, line, what);
    abort(); // also when a hook returns, which it must not
}
