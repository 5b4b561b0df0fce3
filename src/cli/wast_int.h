// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the script runner share.
#pragma once

#include "cli/wast.h"
#include "os/thread.h"
#include "rt/linker.h"

// A definition or an instance under a script's $name.
typedef struct WastName {
    Str name;           // {NULL, 0}: the last one
    RtModule *module;   // counted
    Instance *instance; // NULL for a mere definition
} WastName;

// A shared memory that an instance of the script exports, for a thread of it.
typedef struct WastShared {
    struct WastShared *next;
    Str instance, name;   // $name, and the export's
    SharedMemory *memory; // counted
} WastShared;

typedef struct WastThread WastThread;

typedef struct Wast {
    Engine *engine;
    Store *store;
    Linker *linker; // spectest, and what was registered
    const WastOptions *options;
    WastCounts *counts;
    const char *path;
    Script script;
    Arena arena;
    Arena names_arena; // names live as long as the script
    Vec(WastName) definitions, instances;
    WastThread *threads;      // the newest first
    const WastShared *shared; // in a thread: what it was given
    char why[512];            // of the failing command
} Wast;

// Runs commands of a script, as `work` says, in a store of their own: engine,
// options, counts and path are set, the rest is zero. False when it could not
// go on to the end. Nothing is left of *w but what was set.
NODISCARD bool wast_run_in(Wast *w, const Script *script,
                           bool (*work)(Wast *w));
// Runs one command and counts it.
void wast_count(Wast *w, const ScriptCommand *c);
// The instance of that name, or the last one for no name; NULL: none.
Instance *wast_instance(Wast *w, Str name);

// Threads of scripts (wast_thread.c).
NODISCARD bool wast_thread_start(Wast *w, const ScriptCommand *c);
NODISCARD bool wast_thread_wait(Wast *w, Str name);
// Those that the script did not wait for.
void wast_thread_wait_all(Wast *w);
// Defines what a thread was given of an instance under a module's name; *found
// says whether it was given any such instance.
NODISCARD bool wast_thread_register(Wast *w, Str instance, Str module,
                                    bool *found, Err *err);

// Records why and returns false.
bool wast_fail(Wast *w, const char *format, ...) PRINTF(2, 3);

// Defines the module "spectest".
NODISCARD bool spectest_define(Wast *w, Err *err);

// A script's value as an argument; false when memory ran out. References are
// fresh and unrooted.
NODISCARD bool wast_arg(Wast *w, const ScriptVal *v, Raw *out);
// Does a result match what the script expects?
bool wast_matches(Wast *w, const ScriptVal *want, RtValType type, Raw got);
// Spells a value for a message.
void wast_print_value(Wast *w, char *out, size_t size, RtValType type, Raw v);
