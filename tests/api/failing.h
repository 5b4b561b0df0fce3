// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An allocator of which one allocation fails, and that counts what is alive.
#pragma once

#include "base/alloc.h"

#include <stdlib.h>

static uint64_t allocations_left; // before the one that fails
static uint64_t allocations_live;

static bool fails(void) {
    return allocations_left-- == 0;
}

static void *test_alloc(void *env, size_t size) {
    (void)env;
    void *p = fails() ? NULL : malloc(size);
    allocations_live += p != NULL;
    return p;
}

static void *test_realloc(void *env, void *old, size_t old_size, size_t size) {
    (void)env, (void)old_size;
    if (fails()) return NULL;
    void *p = realloc(old, size);
    allocations_live += p && !old;
    return p;
}

static void test_free(void *env, void *p) {
    (void)env;
    allocations_live -= p != NULL;
    free(p);
}

static const Allocator failing_allocator = {test_alloc, test_realloc, test_free,
                                            NULL};
