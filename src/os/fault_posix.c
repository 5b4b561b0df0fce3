// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/fault.h"

#include "os/thread.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <ucontext.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

#define SIGNALS COUNTOF(signals)

// What was there before us. Written under the lock, before our handler can
// run; read by it without.
static struct sigaction before[SIGNALS];

// A handler that asked for one call only (SA_RESETHAND) has had it.
static _Atomic bool spent[SIGNALS];

static Mutex lock;                 // the four below
static uint32_t users;             // installs without release
static bool in_place;              // our handlers are in the chain
static bool pinned;                // never to be unloaded
static _Atomic(FaultClaim) claims; // NULL: pass everything on

#if defined(__x86_64__)

static uintptr_t context_pc(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
}

static uintptr_t context_sp(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.gregs[REG_RSP];
}

static uintptr_t context_fp(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.gregs[REG_RBP];
}

static void context_continue(ucontext_t *c, uintptr_t pc) {
    c->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

#elif defined(__aarch64__)

static uintptr_t context_pc(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.pc;
}

static uintptr_t context_sp(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.sp;
}

static uintptr_t context_fp(const ucontext_t *c) {
    return (uintptr_t)c->uc_mcontext.regs[29];
}

static void context_continue(ucontext_t *c, uintptr_t pc) {
    c->uc_mcontext.pc = pc;
}

#else
#error "where does this architecture keep pc, sp and fp?"
#endif

static FaultKind kind_of(int signal) {
    switch (signal) {
    case SIGFPE:
        return FAULT_arithmetic;
    case SIGILL:
        return FAULT_illegal;
    default:
        return FAULT_access;
    }
}

// Signals that somebody sent are never faults: those have positive codes.
bool fault_offer(int signal, void *info, void *context) {
    FaultClaim claim = atomic_load_explicit(&claims, memory_order_acquire);
    const siginfo_t *si = info;
    ucontext_t *c = context;
    if (!claim || si->si_code <= 0) return false;
    Fault fault = {
        .kind = kind_of(signal),
        .address = (uintptr_t)si->si_addr,
        .pc = context_pc(c),
        .sp = context_sp(c),
        .fp = context_fp(c),
    };
    if (!claim(&fault)) return false;
    context_continue(c, fault.pc);
    return true;
}

// The default: die as if no handler had been there. A fault happens again when
// the handler returns; a signal that was sent is sent again, and stays pending
// until then.
static void pass_to_default(int signal, const siginfo_t *info) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(signal, &plain, NULL);
    if (info->si_code <= 0) raise(signal);
}

// Calls a handler with the signals blocked that it asked for. Ours has an
// empty mask, so at this point only `signal` was added to the thread's own.
static void pass_to_handler(const struct sigaction *to, int signal,
                            siginfo_t *info, void *context) {
    sigset_t mine;
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, signal);
    pthread_sigmask(SIG_BLOCK, &to->sa_mask, &mine);
    bool blocked = sigismember(&to->sa_mask, signal) == 1;
    if ((to->sa_flags & SA_NODEFER) && !blocked)
        pthread_sigmask(SIG_UNBLOCK, &own, NULL);
    if (to->sa_flags & SA_SIGINFO)
        to->sa_sigaction(signal, info, context);
    else
        to->sa_handler(signal);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
}

static void pass_on(size_t which, siginfo_t *info, void *context) {
    int signal = signals[which];
    const struct sigaction *to = &before[which];
    bool plain = !(to->sa_flags & SA_SIGINFO);
    bool once = (to->sa_flags & (int)SA_RESETHAND) != 0;
    if (plain && to->sa_handler == SIG_IGN) {
        // Real faults cannot be ignored.
        if (info->si_code > 0) pass_to_default(signal, info);
    } else if (plain && to->sa_handler == SIG_DFL) {
        pass_to_default(signal, info);
    } else if (once && atomic_exchange(&spent[which], true)) {
        pass_to_default(signal, info);
    } else {
        pass_to_handler(to, signal, info, context);
    }
}

// Redirecting the context is all that a claimed fault needs: returning from
// here restores the signal mask and the stack.
static void on_signal(int signal, siginfo_t *info, void *context) {
    if (fault_offer(signal, info, context)) return;
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i] == signal) pass_on(i, info, context);
}

static bool is_ours(const struct sigaction *action) {
    return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == on_signal;
}

// The old handler is known before ours can run. System calls interrupted by a
// signal that was sent restart, or not, as they did before.
static bool place(size_t which) {
    if (sigaction(signals[which], NULL, &before[which]) != 0) return false;
    struct sigaction action = {
        .sa_sigaction = on_signal,
        .sa_flags = SA_SIGINFO | SA_ONSTACK |
                    (before[which].sa_flags & (int)SA_RESTART),
    };
    atomic_store(&spent[which], false);
    return sigaction(signals[which], &action, NULL) == 0;
}

static void take_back(size_t which) {
    struct sigaction old = before[which];
    if (atomic_load(&spent[which]))
        old = (struct sigaction){.sa_handler = SIG_DFL};
    sigaction(signals[which], &old, NULL);
}

static bool on_top(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction now;
        if (sigaction(signals[i], NULL, &now) != 0 || !is_ours(&now))
            return false;
    }
    return true;
}

// A program linked statically has no loader, and nothing to pin.
#pragma weak dlopen
#pragma weak dladdr

// Somebody may call on_signal for ever: the library has to stay.
static void pin(void) {
    if (pinned || !dlopen || !dladdr) return;
    Dl_info self;
    if (dladdr(before, &self) == 0 || !self.dli_fname) return;
    void *handle =
        dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    if (handle) dlclose(handle); // the flag stays
    pinned = handle != NULL;
}

static bool place_all(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        if (place(i)) continue;
        while (i-- > 0)
            take_back(i);
        return false;
    }
    return true;
}

// Handlers that stayed in the chain work again as soon as there is a claim.
// Placing them a second time could make a ring of handlers.
bool fault_install(FaultClaim claim) {
    mutex_lock(&lock);
    bool ok = in_place || place_all();
    if (ok) {
        assert(users == 0 || atomic_load(&claims) == claim);
        in_place = true;
        users++;
        atomic_store_explicit(&claims, claim, memory_order_release);
    }
    mutex_unlock(&lock);
    return ok;
}

void fault_release(void) {
    mutex_lock(&lock);
    assert(users > 0);
    if (--users == 0) {
        atomic_store_explicit(&claims, NULL, memory_order_release);
        if (on_top()) {
            for (size_t i = 0; i < SIGNALS; i++)
                take_back(i);
            in_place = false;
        } else {
            pin();
        }
    }
    mutex_unlock(&lock);
}

void fault_fork_lock(void) {
    mutex_lock(&lock);
}

void fault_fork_unlock(void) {
    mutex_unlock(&lock);
}
