// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An embedder's own handler of faults, installed before or after the library's:
// the embedder's faults are its own, and the guest's are traps.
#include "cases.h"

// Absent as long as the library has no foliot.h.
extern bool foliot_handle_fault(int, void *, void *) __attribute__((weak));

static sigjmp_buf back;
static volatile sig_atomic_t faults; // of the embedder, seen by its handlers
static volatile sig_atomic_t passed; // handlers that passed one on
static struct sigaction older;       // what was there before `outer` or `alone`

static void install(void (*handler)(int, siginfo_t *, void *),
                    struct sigaction *old) {
    struct sigaction a = {.sa_sigaction = handler,
                          .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&a.sa_mask);
    sigaction(SIGSEGV, &a, old);
}

// Fails to touch address zero; true if a handler brought us back.
static bool fault(void) {
    volatile int *volatile nowhere = NULL;
    int before = faults;
    if (sigsetjmp(back, 1) == 0) *nowhere = 1;
    return faults == before + 1;
}

static void inner(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    faults++;
    siglongjmp(back, 1);
}

// One that knows its own addresses and passes all else on.
static void outer(int signal, siginfo_t *info, void *context) {
    if (info->si_addr == NULL) inner(signal, info, context);
    passed++;
    if (older.sa_flags & SA_SIGINFO)
        older.sa_sigaction(signal, info, context);
    else
        _exit(3);
}

// One that lets everybody else try first.
static void last(int signal, siginfo_t *info, void *context) {
    passed++;
    if (older.sa_flags & SA_SIGINFO)
        older.sa_sigaction(signal, info, context);
    else
        inner(signal, info, context);
}

// One that keeps the library's handler out, and asks it.
static void alone(int signal, siginfo_t *info, void *context) {
    if (foliot_handle_fault && foliot_handle_fault(signal, info, context))
        return;
    inner(signal, info, context);
}

// Faults of both sides in turns, while the guest lives and afterwards.
static bool both(Guest *g) {
    bool ok = g && guest_use(g) && fault() && guest_use(g) && fault();
    if (g) guest_close(g);
    return ok && fault();
}

static bool installed_before(int strategy) {
    install(inner, NULL);
    return fault() && both(guest_open(strategy)) && faults == 4;
}

static bool installed_after(int strategy) {
    Guest *g = guest_open(strategy);
    install(outer, &older);
    return both(g) && faults == 3;
}

static bool before_and_after(int strategy) {
    install(inner, NULL);
    Guest *g = guest_open(strategy);
    install(last, &older);
    return both(g) && faults == 3 && passed >= 3;
}

static bool keeps_ours_out(int strategy) {
    Guest *g = guest_open(strategy);
    install(alone, NULL);
    return both(g) && faults == 3;
}

// The first guest goes, and with it the reason for our handler; the second one
// needs it again.
static bool comes_again(int strategy) {
    install(inner, NULL);
    for (int i = 0; i < 3; i++)
        if (!both(guest_open(strategy))) return false;
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    return faults == 9 && now.sa_sigaction == inner;
}

int main(void) {
    return CASES_RUN({"installed before", installed_before},
                     {"installed after", installed_after},
                     {"before and after", before_and_after},
                     {"keeps ours out", keeps_ours_out},
                     {"comes again", comes_again}, );
}
