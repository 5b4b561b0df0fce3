// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loads the library, runs a guest and unloads it, many times: afterwards the
// process is as it was. At last it is unloaded below a handler of faults that
// passes them on to the one that it found, which was the library's.
//
//     reload TIMES STRATEGY
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Process {
    long mappings;
    long resident; // pages
    bool has_library;
} Process;

static Process process_now(void) {
    Process p = {0};
    char line[4096];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        p.mappings++;
        if (strstr(line, "libfoliot")) p.has_library = true;
    }
    if (maps) fclose(maps);
    FILE *statm = fopen("/proc/self/statm", "r");
    if (!statm || fscanf(statm, "%*d %ld", &p.resident) != 1) p.resident = -1;
    if (statm) fclose(statm);
    return p;
}

static int (*run)(int);
static void *(*open_guest)(int);
static bool (*use_guest)(void *);
static void (*close_guest)(void *);

// Finds the functions of guest.h; NULL when the library cannot be loaded.
static void *library_open(void) {
    void *library = dlopen("libguest.so", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return NULL;
    }
    *(void **)&run = dlsym(library, "guest_run");
    *(void **)&open_guest = dlsym(library, "guest_open");
    *(void **)&use_guest = dlsym(library, "guest_use");
    *(void **)&close_guest = dlsym(library, "guest_close");
    return library;
}

// What guest_run says; 1 also when the library cannot be loaded.
static int run_once(int strategy) {
    void *library = library_open();
    if (!library) return 1;
    int result = run(strategy);
    return dlclose(library) == 0 ? result : 1;
}

static sigjmp_buf back;
static struct sigaction older; // what `passer` found

static void catcher(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    siglongjmp(back, 1);
}

static void passer(int signal, siginfo_t *info, void *context) {
    older.sa_sigaction(signal, info, context);
}

static void install(void (*handler)(int, siginfo_t *, void *),
                    struct sigaction *old) {
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigemptyset(&a.sa_mask);
    sigaction(SIGSEGV, &a, old);
}

// Fails to touch address zero, and comes back through all handlers.
__attribute__((no_sanitize("undefined"))) static bool fault(void) {
    volatile int *volatile nowhere = NULL;
    if (sigsetjmp(back, 1) != 0) return true;
    *nowhere = 1;
    return false;
}

static bool closed_below(int strategy) {
    install(catcher, NULL);
    void *library = library_open();
    void *guest = library ? open_guest(strategy) : NULL;
    if (!guest) return false;
    install(passer, &older);
    bool ok = use_guest(guest) && fault() && use_guest(guest);
    close_guest(guest);
    return dlclose(library) == 0 && fault() && run_once(strategy) == 0 && ok &&
           fault();
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int times = atoi(argv[1]);
    int strategy = atoi(argv[2]);
    Process warm = {0};
    for (int i = 0; i < times; i++) {
        int result = run_once(strategy);
        if (result == 2 && i == 0) return 4; // no such tier
        if (result != 0) {
            fprintf(stderr, "run %d: %d\n", i, result);
            return 1;
        }
        if (i == times / 10) warm = process_now();
    }
    Process end = process_now();
    fprintf(stderr, "%ld mappings, then %ld; %ld pages, then %ld\n",
            warm.mappings, end.mappings, warm.resident, end.resident);
    // The heap of the C library may still settle: 64 pages are less than 300
    // bytes a run.
    bool flat =
        end.mappings <= warm.mappings && end.resident <= warm.resident + 64;
    if (end.has_library) fprintf(stderr, "the library is still there\n");
    if (!closed_below(strategy)) {
        fprintf(stderr, "unloaded below a handler: wrong\n");
        return 3;
    }
    return flat && !end.has_library ? 0 : 1;
}
