// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the script runner share.
#pragma once

#include "cli/wast.h"
#include "rt/linker.h"

// A definition or an instance under a script's $name.
typedef struct WastName {
    Str name;           // {NULL, 0}: the last one
    RtModule *module;   // counted
    Instance *instance; // NULL for a mere definition
} WastName;

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
    char why[512]; // of the failing command
} Wast;

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
