// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads and what they share: locks, conditions, the process's fork.
//
// Nothing here allocates behind the caller's back beyond what the host's
// thread creation needs, and nothing has a thread-local destructor.
#pragma once

#include "base/defs.h"

// Zero is an unlocked mutex, so static ones need no initialiser. Not
// recursive.
typedef struct Mutex {
    uint64_t words[6]; // the host's
} Mutex;

void mutex_release(Mutex *m); // must be unlocked
void mutex_lock(Mutex *m);
bool mutex_try_lock(Mutex *m); // true: locked it
void mutex_unlock(Mutex *m);

typedef struct Cond {
    uint64_t words[6]; // the host's
} Cond;

NODISCARD bool cond_init(Cond *c);
void cond_release(Cond *c);

// With the mutex locked; may return for no reason.
void cond_wait(Cond *c, Mutex *m);

// The same until clock_now() reaches `deadline` (CLOCK_NEVER: no limit), then
// returns false.
bool cond_wait_until(Cond *c, Mutex *m, uint64_t deadline);

void cond_signal(Cond *c);
void cond_broadcast(Cond *c);

// A running thread. The structure stays where it is until the join.
typedef struct Thread {
    uint64_t handle;
    void (*run)(void *arg);
    void *arg;
} Thread;

// The fields `run` and `arg` say what to do. A stack size of zero is the
// host's default; small ones are raised to what the host needs.
NODISCARD bool thread_start(Thread *t, size_t stack_size);
void thread_join(Thread *t);
void thread_yield(void); // lets others run, if any want to

// Never zero; unique among the process's living threads, the same before and
// after a fork in the child's one thread.
uint64_t thread_id(void);

// A stack: [lo, hi). What is called from code that checks may need the rest of
// it below `limit`.
typedef struct StackBounds {
    uintptr_t lo, hi, limit;
} StackBounds;

enum {
    // Kept for a host function, the handler of a fault and the deepest helper;
    // half of a stack that is smaller than twice that.
    STACK_RESERVE = 64 * 1024,
};
static inline StackBounds stack_bounds(uintptr_t lo, uintptr_t hi) {
    return (StackBounds){lo, hi, lo + MIN(STACK_RESERVE, (hi - lo) / 2)};
}

// The stack that the host gave the calling thread. Asked once per thread,
// without opening a file. A caller on a stack of its own must notice that its
// stack pointer lies outside. NULL where the host does not say; good as long as
// the thread lives.
const StackBounds *thread_stack_bounds(void);

// Zero until asked; `limit` of 1 stands for "the host does not say".
extern _Thread_local StackBounds thread_own_stack;

// The same, never NULL; no address lies inside if nobody asked yet, or the host
// does not say. Inline, for what every call into a store goes through: but with
// some C libraries the look-up loses vector registers that compilers believe
// in, so the caller is a function without any.
INLINE const StackBounds *thread_stack_known(void) {
    const StackBounds *own = &thread_own_stack;
    __asm__ volatile("" : "+r"(own)); // as in thread_id
    return own;
}

// The stack pointer, for comparing. It costs its user no frame pointer, and is no
// variable's address, as sanitizers move variables elsewhere.
INLINE const char *thread_stack_pointer(void) {
#if defined(__x86_64__)
    const char *sp;
    __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
    return sp;
#elif defined(__aarch64__)
    const char *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
#else
    return __builtin_frame_address(0);
#endif
}

// From now on every fork calls `before` (latest registered first), then
// `parent` in the parent or `child` in the child. They cannot be taken back
// while the library stays loaded. Any may be NULL.
NODISCARD bool fork_handlers_register(void (*before)(void),
                                      void (*parent)(void),
                                      void (*child)(void));
