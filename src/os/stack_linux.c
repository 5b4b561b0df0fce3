// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where a thread's stack is. The C library knows it for the threads it made.
// For the main thread it would read /proc/self/maps, so we look ourselves: the
// kernel puts the program's file name at the very top of the stack, and lets
// the stack grow down to the resource limit.
#define _GNU_SOURCE
#include "os/stack_int.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Below the main stack the kernel keeps at least this much free of mappings,
// whatever the limit was when the program started. With a higher limit more may
// be free, but nobody can tell.
#define MAIN_STACK_MAX ((size_t)128 << 20)

static bool main_bounds(StackBounds *bounds) {
    uintptr_t name = (uintptr_t)getauxval(AT_EXECFN);
    if (name == 0) return false;
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0) return false;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const char *text = (const char *)name;
    uintptr_t end = name + strlen(text) + 1 + sizeof(void *);
    bounds->hi = (end + page - 1) & ~(page - 1);
    size_t size = MIN((uint64_t)limit.rlim_cur, MAIN_STACK_MAX);
    bounds->lo = bounds->hi - MIN(size & ~(page - 1), bounds->hi);
    return true;
}

// Some C libraries count the guard pages in, some do not: leave them out.
static bool thread_bounds(StackBounds *bounds) {
    pthread_attr_t attr;
    if (pthread_getattr_np(pthread_self(), &attr) != 0) return false;
    void *lo = NULL;
    size_t size = 0;
    size_t guard = 0;
    bool ok = pthread_attr_getstack(&attr, &lo, &size) == 0 &&
              pthread_attr_getguardsize(&attr, &guard) == 0 && guard < size;
    pthread_attr_destroy(&attr);
    if (!ok) return false;
    bounds->hi = (uintptr_t)lo + size;
    bounds->lo = (uintptr_t)lo + guard;
    return true;
}

// In the child of a fork that another thread made, that thread counts as the
// main one; it is then outside the bounds, which callers check for.
bool stack_bounds_ask(StackBounds *bounds) {
    if (syscall(SYS_gettid) == getpid()) return main_bounds(bounds);
    return thread_bounds(bounds);
}
