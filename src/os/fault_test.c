// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each case runs in a child of its own and says with its exit code whether the
// right handler got the fault.
#define _GNU_SOURCE
#include "os/fault.h"

#include "os/thread.h"
#include "os/vm.h"
#include "unit/unit.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t *region; // no access; faults in its first half are ours
static size_t region_size;

// Where a claimed fault continues: as if a helper had returned.
static sigjmp_buf resumed;

static void landing(void) {
    siglongjmp(resumed, 1);
}

static bool claim_region(Fault *fault) {
    uintptr_t at = fault->address - (uintptr_t)region;
    if (fault->kind != FAULT_access || at >= region_size / 2) return false;
    fault->pc = (uintptr_t)landing;
    return true;
}

static void touch(size_t offset) {
    *(volatile uint8_t *)(region + offset) = 1;
}

// True if a touch there was claimed.
static bool touch_is_ours(size_t offset) {
    if (sigsetjmp(resumed, 1)) return true;
    touch(offset);
    return false;
}

static int others; // faults that another handler got

static void other_simple(int signal) {
    (void)signal;
    others++;
    siglongjmp(resumed, 2);
}

static void other_info(int signal, siginfo_t *info, void *context) {
    (void)context;
    bool right =
        signal == SIGSEGV && (uintptr_t)info->si_addr >= (uintptr_t)region;
    _exit(right ? 40 : 41);
}

static void set_handler(int signal, struct sigaction action) {
    if (sigaction(signal, &action, NULL) != 0) _exit(90);
}

// Runs `body` in a child; what waitpid says.
static int in_child(void (*body)(void)) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0};
        setrlimit(RLIMIT_CORE, &none);
        for (int s = 1; s < 32; s++) // a sanitizer may have put its own
            signal(s, SIG_DFL);
        body();
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static int exit_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void claim_some(void) {
    sigset_t before;
    sigset_t after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    if (!fault_install(claim_region)) _exit(1);
    for (int i = 0; i < 100; i++)
        if (!touch_is_ours((size_t)i)) _exit(2);
    sigprocmask(SIG_SETMASK, NULL, &after);
    if (sigismember(&after, SIGSEGV)) _exit(3);
    fault_release();
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    if (now.sa_handler != SIG_DFL) _exit(4);
}

static void claims_are_redirected(void) {
    EXPECT_EQ(in_child(claim_some), 0);
}

static void fault_elsewhere(void) {
    if (!fault_install(claim_region)) _exit(1);
    touch(region_size / 2);
}

static void default_dies_as_before(void) {
    int status = in_child(fault_elsewhere);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void sent_signal(void) {
    if (!fault_install(claim_region)) _exit(1);
    raise(SIGFPE);
}

static void sent_signals_kill_by_default(void) {
    int status = in_child(sent_signal);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE);
}

static void sent_while_ignored(void) {
    signal(SIGSEGV, SIG_IGN);
    if (!fault_install(claim_region)) _exit(1);
    raise(SIGSEGV);
    if (!touch_is_ours(0)) _exit(2);
    _exit(7);
}

static void fault_while_ignored(void) {
    signal(SIGSEGV, SIG_IGN);
    fault_elsewhere();
}

static void ignored_signals(void) {
    EXPECT_EQ(exit_code(in_child(sent_while_ignored)), 7);
    int status = in_child(fault_while_ignored);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void pass_to_simple(void) {
    set_handler(SIGSEGV, (struct sigaction){.sa_handler = other_simple});
    if (!fault_install(claim_region)) _exit(1);
    for (int i = 0; i < 3; i++)
        if (sigsetjmp(resumed, 1) == 0) touch(region_size / 2);
    if (!touch_is_ours(1)) _exit(2);
    _exit(others == 3 ? 30 : 3);
}

static void pass_to_info(void) {
    set_handler(SIGSEGV, (struct sigaction){.sa_sigaction = other_info,
                                            .sa_flags = SA_SIGINFO});
    fault_elsewhere();
}

static void older_handlers_get_the_rest(void) {
    EXPECT_EQ(exit_code(in_child(pass_to_simple)), 30);
    EXPECT_EQ(exit_code(in_child(pass_to_info)), 40);
}

// Says which signals are blocked in a handler.
static void tell_mask(int signal) {
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    _exit(64 | sigismember(&now, SIGUSR1) | sigismember(&now, SIGUSR2) << 1 |
          sigismember(&now, signal) << 2);
}

static int flags_to_try;
static bool with_us;

static void fault_with_mask(void) {
    struct sigaction action = {
        .sa_handler = tell_mask,
        .sa_flags = flags_to_try,
    };
    sigaddset(&action.sa_mask, SIGUSR1);
    set_handler(SIGSEGV, action);
    if (with_us && !fault_install(claim_region)) _exit(1);
    touch(region_size / 2);
}

// Exactly those that would be if we were not there.
static void older_masks_hold(void) {
    static const int flags[] = {0, SA_NODEFER, SA_NODEFER | SA_ONSTACK};
    for (size_t i = 0; i < COUNTOF(flags); i++) {
        flags_to_try = flags[i];
        with_us = false;
        int without = exit_code(in_child(fault_with_mask));
        with_us = true;
        int with = exit_code(in_child(fault_with_mask));
        // ThreadSanitizer blocks all signals, though asked not to.
        bool unblocked = (flags[i] & SA_NODEFER) && with == (without & ~4);
        EXPECT(with == without || unblocked);
        EXPECT_EQ(without & ~7, 64);
    }
}

static void count_sent(int signal) {
    (void)signal;
    others++;
}

static void once_only(void) {
    struct sigaction action = {.sa_handler = count_sent};
    action.sa_flags = (int)SA_RESETHAND;
    set_handler(SIGSEGV, action);
    if (!fault_install(claim_region)) _exit(1);
    raise(SIGSEGV);
    if (others != 1) _exit(2);
    raise(SIGSEGV); // dies
}

static void handlers_for_one_call(void) {
    int status = in_child(once_only);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

// Somebody installs after us and passes on to us.
static struct sigaction under;

static void on_top(int signal, siginfo_t *info, void *context) {
    others++;
    if (under.sa_flags & SA_SIGINFO) under.sa_sigaction(signal, info, context);
}

static void covered(void) {
    if (!fault_install(claim_region)) _exit(1);
    struct sigaction action = {.sa_sigaction = on_top, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, &under);
    if (!touch_is_ours(0) || others != 1) _exit(2);
    fault_release(); // stays below
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    if (now.sa_sigaction != on_top) _exit(3);
    // Works again without being placed twice.
    if (!fault_install(claim_region)) _exit(4);
    if (!touch_is_ours(0) || others != 2) _exit(5);
    fault_release();
    touch(0); // nobody's: dies
}

static void covered_handlers_stay(void) {
    int status = in_child(covered);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void counted(void) {
    if (!fault_install(claim_region) || !fault_install(claim_region)) _exit(1);
    fault_release();
    if (!touch_is_ours(0)) _exit(2);
    fault_release();
    touch(0);
}

static void users_are_counted(void) {
    int status = in_child(counted);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

// The embedder keeps its handler and asks us first.
static void embedder_handler(int signal, siginfo_t *info, void *context) {
    if (fault_offer(signal, info, context)) return;
    _exit(60);
}

static void offered(void) {
    if (!fault_install(claim_region)) _exit(1);
    set_handler(SIGSEGV, (struct sigaction){.sa_sigaction = embedder_handler,
                                            .sa_flags = SA_SIGINFO});
    if (!touch_is_ours(3)) _exit(2);
    touch(region_size / 2);
}

static void embedders_may_offer(void) {
    EXPECT_EQ(exit_code(in_child(offered)), 60);
}

static void fault_in_thread(void *arg) {
    bool *ok = arg;
    *ok = touch_is_ours(5); // without an alternate stack
}

static void threads(void) {
    if (!fault_install(claim_region)) _exit(1);
    for (int i = 0; i < 5; i++) {
        bool ok = false;
        Thread t = {.run = fault_in_thread, .arg = &ok};
        if (!thread_start(&t, 0)) _exit(2);
        thread_join(&t);
        if (!ok) _exit(3);
    }
    fault_fork_lock();
    fault_fork_unlock();
    fault_release();
}

static void any_thread(void) {
    EXPECT_EQ(in_child(threads), 0);
}

int main(void) {
    region_size = 16 * vm_page_size();
    region = vm_reserve(region_size);
    if (!region) return 1;
    return UNIT_RUN(
        UNIT_TEST(claims_are_redirected), UNIT_TEST(default_dies_as_before),
        UNIT_TEST(sent_signals_kill_by_default), UNIT_TEST(ignored_signals),
        UNIT_TEST(older_handlers_get_the_rest), UNIT_TEST(older_masks_hold),
        UNIT_TEST(handlers_for_one_call), UNIT_TEST(covered_handlers_stay),
        UNIT_TEST(users_are_counted), UNIT_TEST(embedders_may_offer),
        UNIT_TEST(any_thread));
}
