// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/wait.h"

#include "os/clock.h"
#include "os/file.h"
#include "os/thread.h"
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS ((uint64_t)1000000)

typedef struct Epoch {
    Wake wake;
    _Atomic uint64_t now;
} Epoch;

static bool epoch_passed(void *arg) {
    Epoch *e = arg;
    return atomic_load(&e->now) > 0;
}

static WaitStop stop_of(Epoch *e) {
    return (WaitStop){.wake = &e->wake, .stop = epoch_passed, .arg = e};
}

static void raise_epoch(Epoch *e) {
    atomic_fetch_add(&e->now, 1);
    wake_raise(&e->wake);
}

static void deadlines_pass(void) {
    uint64_t start = clock_now();
    EXPECT_EQ(wait_for(NULL, NULL, 0, start + 15 * MS), WAIT_timeout);
    EXPECT(clock_now() - start >= 15 * MS);
    Epoch e = {0};
    WaitStop stop = stop_of(&e);
    start = clock_now();
    EXPECT_EQ(wait_for(&stop, NULL, 0, start + 15 * MS), WAIT_timeout);
    EXPECT(clock_now() - start >= 15 * MS);
    EXPECT_EQ(wait_for(&stop, NULL, 0, 0), WAIT_timeout);
    wake_release(&e.wake);
}

static void descriptors_become_ready(void) {
    int r;
    int w;
    if (!EXPECT(file_pipe(&r, &w) == OS_ok)) return;
    WaitFd fds[] = {{.fd = r, .read = true}, {.fd = w, .write = true}};
    EXPECT_EQ(wait_for(NULL, fds, 1, 0), WAIT_timeout);
    EXPECT_EQ(wait_for(NULL, fds, 2, CLOCK_NEVER), WAIT_ready);
    EXPECT(!fds[0].readable);
    EXPECT(fds[1].writable);
    EXPECT_EQ(write(w, "abc", 3), 3);
    EXPECT_EQ(wait_for(NULL, fds, 1, CLOCK_NEVER), WAIT_ready);
    EXPECT(fds[0].readable);
    EXPECT_EQ(fds[0].available, 3);
    close(w);
    EXPECT_EQ(wait_for(NULL, fds, 1, 0), WAIT_ready);
    EXPECT(fds[0].hangup);
    EXPECT_EQ(wait_for(NULL, fds, 2, 0), WAIT_ready);
    EXPECT(fds[1].invalid);
    close(r);
}

static void many_descriptors(void) {
    enum {
        N = 200
    };
    static WaitFd fds[N];
    int r;
    int w;
    if (!EXPECT(file_pipe(&r, &w) == OS_ok)) return;
    for (int i = 0; i < N; i++)
        fds[i] = (WaitFd){.fd = i == N - 1 ? w : r, .read = true};
    fds[N - 1].write = true;
    EXPECT_EQ(wait_for(NULL, fds, N, CLOCK_NEVER), WAIT_ready);
    EXPECT(fds[N - 1].writable && !fds[0].readable);
    close(r);
    close(w);
}

typedef struct Waiter {
    Epoch *epoch;
    WaitResult result;
    Thread thread;
} Waiter;

static void wait_long(void *arg) {
    Waiter *w = arg;
    WaitStop stop = stop_of(w->epoch);
    w->result = wait_for(&stop, NULL, 0, clock_after(20000 * MS));
}

// One raise ends all waits; none is lost however the two meet.
static void raises_reach_everybody(void) {
    enum {
        N = 4,
        ROUNDS = 100
    };
    for (int round = 0; round < ROUNDS; round++) {
        Epoch e = {0};
        Waiter w[N] = {0};
        for (int i = 0; i < N; i++) {
            w[i].epoch = &e;
            w[i].thread = (Thread){.run = wait_long, .arg = &w[i]};
            if (!EXPECT(thread_start(&w[i].thread, 0))) return;
        }
        if (round % 10 == 0) usleep(2000); // some rounds find all asleep
        raise_epoch(&e);
        for (int i = 0; i < N; i++) {
            thread_join(&w[i].thread);
            EXPECT_EQ(w[i].result, WAIT_interrupted);
        }
        EXPECT_EQ(atomic_load(&e.wake.waiters), 0);
        wake_release(&e.wake);
    }
}

// A wake that was raised often before does not disturb later waits.
static void old_raises_are_over(void) {
    Epoch e = {0};
    WaitStop stop = stop_of(&e);
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(MS)), WAIT_timeout);
    EXPECT(atomic_load(&e.wake.descriptor) > 0);
    atomic_fetch_add(&e.wake.waiters, 1); // makes it write
    for (int i = 0; i < 5; i++)
        wake_raise(&e.wake);
    atomic_fetch_sub(&e.wake.waiters, 1);
    uint64_t start = clock_now();
    EXPECT_EQ(wait_for(&stop, NULL, 0, start + 10 * MS), WAIT_timeout);
    EXPECT(clock_now() >= start + 10 * MS);
    wake_release(&e.wake);
}

static void raise_for_nothing(void *arg) {
    usleep(5000);
    wake_raise(arg);
}

// A wait that was woken without reason sleeps again; it does not spin.
static void idle_raises_cost_little(void) {
    Epoch e = {0};
    WaitStop stop = stop_of(&e);
    Thread t = {.run = raise_for_nothing, .arg = &e.wake};
    if (!EXPECT(thread_start(&t, 0))) return;
    uint64_t before = 0;
    uint64_t after = 0;
    EXPECT(clock_read(CLOCK_thread, &before));
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(100 * MS)), WAIT_timeout);
    EXPECT(clock_read(CLOCK_thread, &after));
    EXPECT(after - before < 30 * MS);
    thread_join(&t);
    wake_release(&e.wake);
}

static Epoch *signalled;

static void on_alarm(int signal) {
    (void)signal;
    raise_epoch(signalled);
}

static void raised_by_signal(void) {
    Epoch e = {0};
    signalled = &e;
    signal(SIGALRM, on_alarm);
    ualarm(10000, 0);
    WaitStop stop = stop_of(&e);
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(20000 * MS)),
              WAIT_interrupted);
    signal(SIGALRM, SIG_DFL);
    wake_release(&e.wake);
}

static void raise_later(void *arg) {
    usleep(20000);
    raise_epoch(arg);
}

static void without_descriptors_it_looks_up(void) {
    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    struct rlimit none = {.rlim_cur = 3, .rlim_max = old.rlim_max};
    Epoch e = {0};
    Thread t = {.run = raise_later, .arg = &e};
    if (!EXPECT(thread_start(&t, 0))) return;
    setrlimit(RLIMIT_NOFILE, &none);
    WaitStop stop = stop_of(&e);
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(20000 * MS)),
              WAIT_interrupted);
    setrlimit(RLIMIT_NOFILE, &old);
    thread_join(&t);
    EXPECT_EQ(atomic_load(&e.wake.descriptor), 0);
}

// Parent and child each wait on their own descriptor.
static void forked(void) {
    Epoch e = {0};
    WaitStop stop = stop_of(&e);
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(MS)), WAIT_timeout);
    int number = atomic_load(&e.wake.descriptor);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        wake_after_fork(&e.wake);
        bool ok = atomic_load(&e.wake.descriptor) == number;
        Thread t = {.run = raise_later, .arg = &e};
        ok = ok && thread_start(&t, 0);
        ok = ok && wait_for(&stop, NULL, 0, clock_after(20000 * MS)) ==
                       WAIT_interrupted;
        thread_join(&t);
        _exit(ok ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(MS)), WAIT_timeout);
    Thread t = {.run = raise_later, .arg = &e};
    EXPECT(thread_start(&t, 0));
    EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(20000 * MS)),
              WAIT_interrupted);
    thread_join(&t);
    wake_release(&e.wake);
}

static void unpark_later(void *arg) {
    usleep(15000);
    parker_unpark(arg);
}

// What the one process writes to its parker, the other's does not notice. An
// unpark from before the fork is there in both.
static void parkers_fork(void) {
    Parker p;
    parker_init(&p);
    parker_unpark(&p);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        parker_after_fork(&p);
        WaitFd fd = {.fd = p.descriptor - 1, .read = true};
        bool ok = p.descriptor > 0 &&
                  wait_for(NULL, &fd, 1, 0) == WAIT_timeout &&
                  parker_park(&p, NULL, 0) == WAIT_ready &&
                  parker_park(&p, NULL, 0) == WAIT_timeout;
        parker_unpark(&p);
        ok = ok && wait_for(NULL, &fd, 1, 0) == WAIT_ready;
        _exit(ok ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    uint64_t writes = 0;
    EXPECT_EQ(read(p.descriptor - 1, &writes, sizeof writes), 8);
    EXPECT_EQ(writes, 1);
    EXPECT_EQ(parker_park(&p, NULL, 0), WAIT_ready);
    parker_release(&p);
}

// Without descriptors for another, a child's parker sleeps in slices.
static void parkers_fork_poor(void) {
    Parker p;
    parker_init(&p);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {3, 3}; // all in use
        setrlimit(RLIMIT_NOFILE, &none);
        parker_after_fork(&p);
        Thread t = {.run = unpark_later, .arg = &p};
        bool ok = p.descriptor == 0 && thread_start(&t, 0) &&
                  parker_park(&p, NULL, clock_after(20000 * MS)) == WAIT_ready;
        thread_join(&t);
        _exit(ok ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    parker_release(&p);
}

// Two threads hand a token to and fro.
typedef struct PingPong {
    Parker parkers[2];
    _Atomic int turn;
    int me;
} PingPong;

static void play(PingPong *p, int me) {
    for (int i = 0; i < 2000; i++) {
        while (atomic_load(&p->turn) != me)
            if (parker_park(&p->parkers[me], NULL, clock_after(20000 * MS)) !=
                WAIT_ready)
                abort();
        atomic_store(&p->turn, 1 - me);
        parker_unpark(&p->parkers[1 - me]);
    }
}

static void play_second(void *arg) {
    play(arg, 1);
}

static void unparks_are_not_lost(void) {
    static PingPong p;
    parker_init(&p.parkers[0]);
    parker_init(&p.parkers[1]);
    Thread t = {.run = play_second, .arg = &p};
    if (!EXPECT(thread_start(&t, 0))) return;
    play(&p, 0);
    thread_join(&t);
    EXPECT_EQ(atomic_load(&p.turn), 0);
    parker_release(&p.parkers[0]);
    parker_release(&p.parkers[1]);
}

static void parks_end(void) {
    Parker p;
    parker_init(&p);
    Parker none = {0}; // as without descriptors
    Parker *parkers[] = {&p, &none};
    for (int i = 0; i < 2; i++) {
        Epoch e = {0};
        WaitStop stop = stop_of(&e);
        EXPECT_EQ(parker_park(parkers[i], &stop, clock_after(15 * MS)),
                  WAIT_timeout);
        parker_unpark(parkers[i]);
        parker_unpark(parkers[i]);
        EXPECT_EQ(parker_park(parkers[i], &stop, CLOCK_NEVER), WAIT_ready);
        EXPECT_EQ(parker_park(parkers[i], &stop, clock_after(15 * MS)),
                  WAIT_timeout);
        Thread t = {.run = unpark_later, .arg = parkers[i]};
        EXPECT(thread_start(&t, 0));
        EXPECT_EQ(parker_park(parkers[i], &stop, clock_after(20000 * MS)),
                  WAIT_ready);
        thread_join(&t);
        t = (Thread){.run = raise_later, .arg = &e};
        EXPECT(thread_start(&t, 0));
        EXPECT_EQ(parker_park(parkers[i], &stop, CLOCK_NEVER),
                  WAIT_interrupted);
        thread_join(&t);
        wake_release(&e.wake);
    }
    parker_release(&p);
}

static void nothing_stays_open(void) {
    int before = dup(0);
    close(before);
    Epoch e = {0};
    WaitStop stop = stop_of(&e);
    for (int i = 0; i < 10; i++)
        EXPECT_EQ(wait_for(&stop, NULL, 0, clock_after(1000)), WAIT_timeout);
    wake_release(&e.wake);
    int after = dup(0);
    close(after);
    EXPECT_EQ(before, after);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(deadlines_pass), UNIT_TEST(descriptors_become_ready),
        UNIT_TEST(many_descriptors), UNIT_TEST(raises_reach_everybody),
        UNIT_TEST(old_raises_are_over), UNIT_TEST(idle_raises_cost_little),
        UNIT_TEST(raised_by_signal), UNIT_TEST(without_descriptors_it_looks_up),
        UNIT_TEST(forked), UNIT_TEST(parkers_fork),
        UNIT_TEST(parkers_fork_poor), UNIT_TEST(unparks_are_not_lost),
        UNIT_TEST(parks_end), UNIT_TEST(nothing_stays_open));
}
