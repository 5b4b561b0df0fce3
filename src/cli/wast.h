// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs scripts of the specification's test suite: `foliot wast`.
//
// Every command is counted by its kind. An expected message must be a prefix of
// ours; a text module that must be malformed has to fail in the parser, one
// that must be invalid in validation.
#pragma once

#include "rt/engine.h"
#include "text/text.h"

#include <stdio.h>

typedef struct WastCounts {
    uint32_t passed[COMMAND_count];
    uint32_t failed[COMMAND_count];
} WastCounts;

typedef struct WastOptions {
    bool ignore_messages; // of malformed, invalid, unlinkable
    bool list_failures;   // one line "FAIL file:line kind: why" each
    bool traps_on_grow;   // growing that fails is a trap
    bool via_files;       // modules are those that their compiled files say
    bool prints_states;   // cli/state.h: of each action, and at the end
    uint64_t fuel;        // of each store, where the engine counts it
    FILE *out;
} WastOptions;

// Runs one script in a store of its own, and each of its threads too. False when the script itself could not
// be read to its end; failed commands are in *counts.
NODISCARD bool wast_run(Engine *e, const char *path, const char *text,
                        size_t size, const WastOptions *options,
                        WastCounts *counts);

uint32_t wast_total(const uint32_t counts[COMMAND_count]);
