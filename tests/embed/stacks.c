// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Guests on stacks of other sizes and places than a program's first one. Each
// guest also recurses without end, which must be a trap and no fault.
#include "cases.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

enum {
    SMALL = 64 * 1024,
    COROUTINE = 256 * 1024,
};

typedef struct Job {
    Guest *guest;
    int strategy;
    bool ok;
} Job;

static void *use(void *env) {
    Job *job = env;
    job->ok = guest_use(job->guest) && guest_use(job->guest);
    return NULL;
}

static void *run(void *env) {
    Job *job = env;
    job->ok = guest_run(job->strategy) == 0;
    return NULL;
}

static bool on_thread(size_t size, void *(*what)(void *), Job *job) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    bool made = pthread_attr_setstacksize(&attributes, size) == 0 &&
                pthread_create(&thread, &attributes, what, job) == 0;
    pthread_attr_destroy(&attributes);
    return made && pthread_join(thread, NULL) == 0 && job->ok;
}

// The guest was made on a large stack, and goes back to it.
static bool used_on_small(int strategy) {
    Job job = {.guest = guest_open(strategy), .strategy = strategy};
    if (!job.guest) return false;
    bool ok = on_thread(SMALL, use, &job) && guest_use(job.guest) &&
              on_thread(SMALL, use, &job);
    guest_close(job.guest);
    return ok;
}

static bool made_on_small(int strategy) {
    Job job = {.strategy = strategy};
    return on_thread(SMALL, run, &job);
}

static ucontext_t caller;
static ucontext_t coroutine;
static Job coroutine_job;

static void coroutine_body(void) {
    use(&coroutine_job);
}

// A stack that nobody knows but the embedder, who says how much of it guests
// may have; nothing is mapped below it.
static bool on_coroutine(int strategy) {
    size_t size = COROUTINE + SMALL;
    char *memory =
        mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED ||
        mprotect(memory + SMALL, COROUTINE, PROT_READ | PROT_WRITE) != 0)
        return false;
    coroutine_job = (Job){.guest = guest_open(strategy | GUEST_SHALLOW)};
    if (!coroutine_job.guest || getcontext(&coroutine) != 0) return false;
    coroutine.uc_stack.ss_sp = memory + SMALL;
    coroutine.uc_stack.ss_size = COROUTINE;
    coroutine.uc_link = &caller;
    makecontext(&coroutine, coroutine_body, 0);
    bool ok = swapcontext(&caller, &coroutine) == 0 && coroutine_job.ok &&
              guest_use(coroutine_job.guest);
    guest_close(coroutine_job.guest);
    return munmap(memory, size) == 0 && ok;
}

int main(void) {
    return CASES_RUN({"used on a stack of 64 KiB", used_on_small},
                     {"made on a stack of 64 KiB", made_on_small},
                     {"on a coroutine of the embedder's", on_coroutine}, );
}
