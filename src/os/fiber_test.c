// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/fiber.h"

#include "os/thread.h"
#include "os/vm.h"
#include "unit/unit.h"

#include <fenv.h>
#include <unwind.h>

#define STACK ((size_t)256 << 10)

typedef struct Job {
    Fiber fiber;
    uint8_t *stack;
    int steps, count;
    uint64_t seen[4];
    struct Job *inner;
} Job;

static bool job_init(Job *j, void (*run)(void *)) {
    size_t page = vm_page_size();
    j->stack = vm_reserve(page + STACK); // the first page stays closed
    if (!EXPECT(j->stack && vm_protect(j->stack + page, STACK, VM_read_write)))
        return false;
    fiber_init(&j->fiber, j->stack + page, STACK, run, j);
    return true;
}

static void job_release(Job *j) {
    fiber_release(&j->fiber);
    vm_release(j->stack, vm_page_size() + STACK);
}

static void count_steps(void *arg) {
    Job *j = arg;
    for (int i = 0; i < j->steps; i++) {
        j->count++;
        fiber_suspend(&j->fiber);
    }
}

static void runs_in_steps(void) {
    Job j = {.steps = 3};
    if (!job_init(&j, count_steps)) return;
    EXPECT_EQ(j.fiber.state, FIBER_ready);
    for (int i = 1; i <= 3; i++) {
        fiber_resume(&j.fiber);
        EXPECT_EQ(j.count, i);
        EXPECT_EQ(j.fiber.state, FIBER_suspended);
    }
    fiber_resume(&j.fiber);
    EXPECT_EQ(j.fiber.state, FIBER_done);
    job_release(&j);
}

static void run_inner(void *arg) {
    Job *j = arg;
    if (j->inner) {
        fiber_resume(&j->inner->fiber);
        fiber_suspend(&j->fiber);
        fiber_resume(&j->inner->fiber);
        j->count = j->inner->count + 1;
    } else {
        fiber_suspend(&j->fiber);
        j->count = 1;
    }
}

// Each fiber resumes the next, which suspends back to it.
static void nests(void) {
    enum {
        DEPTH = 20
    };
    static Job jobs[DEPTH];
    for (int i = 0; i < DEPTH; i++) {
        jobs[i].inner = i + 1 < DEPTH ? &jobs[i + 1] : NULL;
        if (!job_init(&jobs[i], run_inner)) return;
    }
    fiber_resume(&jobs[0].fiber);
    EXPECT_EQ(jobs[0].fiber.state, FIBER_suspended);
    fiber_resume(&jobs[0].fiber);
    EXPECT_EQ(jobs[0].fiber.state, FIBER_done);
    EXPECT_EQ(jobs[0].count, DEPTH);
    for (int i = 0; i < DEPTH; i++)
        job_release(&jobs[i]);
}

static NOINLINE int recurse(Job *j, int n) {
    volatile char room[512];
    room[0] = (char)n;
    room[511] = 1;
    if (n == 0) {
        fiber_suspend(&j->fiber);
        return 1;
    }
    return recurse(j, n - 1) + (room[511] == 1);
}

static void go_deep(void *arg) {
    Job *j = arg;
    j->count = recurse(j, j->steps);
}

static void deep_frames_survive(void) {
    Job j = {.steps = 100};
    if (!job_init(&j, go_deep)) return;
    fiber_resume(&j.fiber);
    fiber_resume(&j.fiber);
    EXPECT_EQ(j.count, 101);
    job_release(&j);
}

// A stack is used again after a fiber on it was dropped in the middle.
static void dropped_fibers(void) {
    Job j = {.steps = 100};
    if (!job_init(&j, go_deep)) return;
    for (int i = 0; i < 100; i++) {
        fiber_resume(&j.fiber);
        EXPECT_EQ(j.fiber.state, FIBER_suspended);
        fiber_release(&j.fiber);
        fiber_init(&j.fiber, j.stack + vm_page_size(), STACK, go_deep, &j);
    }
    fiber_resume(&j.fiber);
    fiber_resume(&j.fiber);
    EXPECT_EQ(j.count, 101);
    job_release(&j);
}

static void caller_memory(void) {
    static _Alignas(16) uint8_t memory[65536];
    Job j = {.steps = 5};
    fiber_init(&j.fiber, memory, sizeof memory, count_steps, &j);
    while (j.fiber.state != FIBER_done)
        fiber_resume(&j.fiber);
    EXPECT_EQ(j.count, 5);
    fiber_release(&j.fiber);
}

static void note_thread(void *arg) {
    Job *j = arg;
    for (int i = 0; i < 4; i++) {
        j->seen[i] = thread_id();
        fiber_suspend(&j->fiber);
    }
}

static void resume_it(void *arg) {
    Job *j = arg;
    fiber_resume(&j->fiber);
}

static void continues_on_other_threads(void) {
    Job j = {0};
    if (!job_init(&j, note_thread)) return;
    fiber_resume(&j.fiber);
    for (int i = 0; i < 2; i++) {
        Thread t = {.run = resume_it, .arg = &j};
        if (!EXPECT(thread_start(&t, 0))) return;
        thread_join(&t);
    }
    fiber_resume(&j.fiber);
    EXPECT_EQ(j.seen[0], thread_id());
    EXPECT_EQ(j.seen[3], thread_id());
    EXPECT(j.seen[1] != thread_id());
    EXPECT(j.seen[2] != thread_id());
    resume_it(&j);
    EXPECT_EQ(j.fiber.state, FIBER_done);
    job_release(&j);
}

// Two threads pass a fiber back and forth under a lock.
typedef struct Relay {
    Job job;
    Mutex lock;
} Relay;

static void pass_on(void *arg) {
    Relay *r = arg;
    for (bool done = false; !done;) {
        mutex_lock(&r->lock);
        done = r->job.fiber.state == FIBER_done;
        if (!done) fiber_resume(&r->job.fiber);
        mutex_unlock(&r->lock);
    }
}

static void relayed_between_threads(void) {
    static Relay r;
    r.job.steps = 2000;
    if (!job_init(&r.job, count_steps)) return;
    Thread t[2] = {{.run = pass_on, .arg = &r}, {.run = pass_on, .arg = &r}};
    for (int i = 0; i < 2; i++)
        EXPECT(thread_start(&t[i], 0));
    for (int i = 0; i < 2; i++)
        thread_join(&t[i]);
    EXPECT_EQ(r.job.count, 2000);
    job_release(&r.job);
}

static volatile double one = 1;
static volatile double three = 3;

// Not to be moved to where rounding is another.
static NOINLINE double third(void) {
    return one / three;
}

static void round_up(void *arg) {
    Job *j = arg;
    double nearest = third();
    fesetround(FE_UPWARD);
    fiber_suspend(&j->fiber);
    j->count = third() > nearest;
}

// Rounding belongs to each side.
static void rounding_modes(void) {
    Job j = {0};
    if (!job_init(&j, round_up)) return;
    fesetround(FE_DOWNWARD);
    double down = third();
    fiber_resume(&j.fiber);
    EXPECT_EQ(fegetround(), FE_DOWNWARD);
    EXPECT(third() == down);
    fiber_resume(&j.fiber);
    EXPECT_EQ(j.count, 1);
    EXPECT_EQ(fegetround(), FE_DOWNWARD);
    fesetround(FE_TONEAREST);
    job_release(&j);
}

// Kept in callee-saved registers, as far as they reach.
static NOINLINE double mix(Job *j, double a, double b, long c, long d, long e,
                           long f, long g) {
    double x = a * 3 + b;
    long y = c * d + e;
    fiber_suspend(&j->fiber);
    return x + a + b + (double)(y + c + d + e + f * g + f + g);
}

static void mix_all(void *arg) {
    Job *j = arg;
    double r = mix(j, one, three, 1, 2, 3, 4, 5);
    j->count = (int)r;
}

static void registers_survive(void) {
    Job a = {0};
    Job b = {0};
    if (!job_init(&a, mix_all) || !job_init(&b, mix_all)) return;
    fiber_resume(&a.fiber);
    fiber_resume(&b.fiber);
    fiber_resume(&a.fiber);
    fiber_resume(&b.fiber);
    EXPECT_EQ(a.count, 6 + 4 + 5 + 6 + 20 + 9);
    EXPECT_EQ(b.count, a.count);
    job_release(&a);
    job_release(&b);
}

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *c, void *arg) {
    (void)c;
    int *n = arg;
    return ++*n < 1000 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

static NOINLINE void unwind_here(void *arg) {
    Job *j = arg;
    _Unwind_Reason_Code code = _Unwind_Backtrace(count_frame, &j->count);
    EXPECT_EQ(code, _URC_END_OF_STACK);
}

static void unwinders_stop(void) {
    Job j = {0};
    if (!job_init(&j, unwind_here)) return;
    fiber_resume(&j.fiber);
    EXPECT(j.count >= 2 && j.count <= 6);
    job_release(&j);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(runs_in_steps), UNIT_TEST(nests),
        UNIT_TEST(deep_frames_survive), UNIT_TEST(dropped_fibers),
        UNIT_TEST(caller_memory), UNIT_TEST(continues_on_other_threads),
        UNIT_TEST(relayed_between_threads), UNIT_TEST(rounding_modes),
        UNIT_TEST(registers_survive), UNIT_TEST(unwinders_stop));
}
