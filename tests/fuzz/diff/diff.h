// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Differential runs: what one module does under several configurations.
#pragma once

#include "engine/artifact.h"
#include "fuzz/smith/smith.h"

typedef struct DiffConfig {
    const char *name;
    TierPolicy tiers;
    uint64_t chaos_seed, tier_seed;
    bool use_fuel, collects_always, is_deterministic, has_guards;
    bool is_ahead; // compiled into a file, which is loaded
    bool proves;   // what is compiled is proved, in release builds too
} DiffConfig;

enum {
    DIFF_configs = 11,
    DIFF_text_max = 32768, // what is said about one module
};
extern const DiffConfig diff_configs[DIFF_configs];

typedef struct DiffRun {
    Engine *engine;
    const DiffConfig *config;
    // Of the module being run: itself, and the one that it imports from.
    Instance *self, *peer;
    char text[DIFF_text_max]; // a line for each thing that was observed
    size_t len;
    uint64_t fuel; // consumed, where it is counted
    bool is_valid;
    // Since the beginning: calls that reached the instruction that they are
    // about, and traps.
    uint64_t executed[OP_count], traps[TRAP_count];
} DiffRun;

NODISCARD bool diff_run_init(DiffRun *r, const DiffConfig *config);
void diff_run_release(DiffRun *r);
// Loads the module, instantiates it and calls everything that it exports.
void diff_run_module(DiffRun *r, Bytes module);
// The run that runs[i] is compared with: that of the first configuration, or of
// the first one that counts fuel.
const DiffRun *diff_judge(const DiffRun *runs, int i);
// Have both seen the same, and used as much fuel if both count it?
bool diff_same(const DiffRun *a, const DiffRun *b);
extern const char *const diff_trap_name[TRAP_count];
