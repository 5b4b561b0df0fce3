// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/thread.h"

#include "os/clock.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static Mutex lock; // zero is unlocked
static uint64_t counter;

static void count(void *arg) {
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        mutex_lock(&lock);
        counter++;
        mutex_unlock(&lock);
    }
}

static void mutexes_exclude(void) {
    Thread t[3] = {{.run = count}, {.run = count}, {.run = count}};
    for (int i = 0; i < 3; i++)
        if (!EXPECT(thread_start(&t[i], 0))) return;
    for (int i = 0; i < 3; i++)
        thread_join(&t[i]);
    EXPECT_EQ(counter, 60000);
    EXPECT(mutex_try_lock(&lock));
    EXPECT(!mutex_try_lock(&lock));
    mutex_unlock(&lock);
}

typedef struct Box {
    Mutex lock;
    Cond changed;
    int value;
} Box;

static void put(void *arg) {
    Box *b = arg;
    mutex_lock(&b->lock);
    b->value = 42;
    cond_broadcast(&b->changed);
    mutex_unlock(&b->lock);
}

static void conditions(void) {
    Box b = {0};
    if (!EXPECT(cond_init(&b.changed))) return;
    mutex_lock(&b.lock);
    uint64_t start = clock_now();
    while (cond_wait_until(&b.changed, &b.lock, start + 20000000))
        EXPECT(clock_now() < start + 1000000000);
    EXPECT(clock_now() - start >= 20000000);
    Thread t = {.run = put, .arg = &b};
    EXPECT(thread_start(&t, 0));
    while (b.value == 0)
        EXPECT(cond_wait_until(&b.changed, &b.lock, CLOCK_NEVER));
    mutex_unlock(&b.lock);
    thread_join(&t);
    EXPECT_EQ(b.value, 42);
    cond_release(&b.changed);
    mutex_release(&b.lock);
}

static uintptr_t stack_address(void) {
    volatile char here = 0;
    (void)here;
    return (uintptr_t)__builtin_frame_address(0);
}

static bool inside(StackBounds s, uintptr_t p) {
    return p >= s.lo && p < s.hi;
}

static int descriptors(void) {
    int n = 0;
    for (int fd = 0; fd < 64; fd++)
        n += lseek(fd, 0, SEEK_CUR) >= 0 || dup2(fd, fd) == fd;
    return n;
}

static void bounds_of_main(void) {
    int open = descriptors();
    const StackBounds *own = thread_stack_bounds();
    if (!EXPECT(own)) return;
    StackBounds s = *own;
    EXPECT_EQ(descriptors(), open);
    EXPECT(thread_stack_bounds() == own);
    EXPECT(inside(s, stack_address()));
    EXPECT(inside(s, (uintptr_t)environ[0])); // strings above all frames
    EXPECT(s.hi - s.lo >= 64 * 1024);
}

// Touches the stack down to a page above `lo`: the bounds are true.
static NOINLINE void touch_down(uintptr_t lo) {
    volatile char page[2048];
    page[0] = 1;
    if ((uintptr_t)page > lo + 16384) touch_down(lo);
    page[1] = 2;
}

static void check_bounds(void *arg) {
    const StackBounds *own = thread_stack_bounds();
    if (!EXPECT(own)) return;
    StackBounds s = *own, *out = arg;
    EXPECT(inside(s, stack_address()));
    touch_down(s.lo);
    *out = s;
}

static void bounds_of_threads(void) {
    size_t sizes[] = {0, 1, 65536 + 1, 1 << 20};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        StackBounds s = {0};
        Thread t = {.run = check_bounds, .arg = &s};
        if (!EXPECT(thread_start(&t, MAX(sizes[i], (size_t)65536)))) return;
        thread_join(&t);
        EXPECT(s.hi - s.lo >= MIN(sizes[i], (size_t)1 << 20) - 8192 ||
               sizes[i] < 65536);
        EXPECT(!inside(s, stack_address()));
    }
}

static void bounds_of_main_are_usable(void) {
    const StackBounds *s = thread_stack_bounds();
    if (!EXPECT(s)) return;
    // Not all of it: a debugging environment may have a limit of its own.
    touch_down(MAX(s->lo, stack_address() - ((uintptr_t)4 << 20)));
}

static void remember_id(void *arg) {
    *(uint64_t *)arg = thread_id();
}

static void ids_differ(void) {
    uint64_t id = 0;
    Thread t = {.run = remember_id, .arg = &id};
    EXPECT(thread_start(&t, 0));
    thread_join(&t);
    EXPECT(id != 0);
    EXPECT(id != thread_id());
    EXPECT_EQ(thread_id(), thread_id());
}

static void too_large_stack(void) {
    Thread t = {.run = remember_id};
    EXPECT(!thread_start(&t, SIZE_MAX));
    EXPECT(!thread_start(&t, (size_t)1 << 60));
}

static int before_calls;
static int parent_calls;
static int child_calls;

static void on_before(void) {
    before_calls++;
}

static void on_parent(void) {
    parent_calls++;
}

static void on_child(void) {
    child_calls++;
}

static void forks_are_seen(void) {
    if (!EXPECT(fork_handlers_register(on_before, on_parent, on_child))) return;
    uint64_t id = thread_id();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bool ok = before_calls == 1 && parent_calls == 0 && child_calls == 1;
        const StackBounds *s = thread_stack_bounds();
        ok = ok && thread_id() == id && s && inside(*s, stack_address());
        _exit(ok ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(before_calls, 1);
    EXPECT_EQ(parent_calls, 1);
    EXPECT_EQ(child_calls, 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(mutexes_exclude), UNIT_TEST(conditions),
                    UNIT_TEST(bounds_of_main), UNIT_TEST(bounds_of_threads),
                    UNIT_TEST(bounds_of_main_are_usable), UNIT_TEST(ids_differ),
                    UNIT_TEST(too_large_stack), UNIT_TEST(forks_are_seen));
}
