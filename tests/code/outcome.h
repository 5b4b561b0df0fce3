// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a module's first export gives for a number, in the configurations of the
// differential run: for programs with a known result.
#pragma once

#include "fuzz/diff/diff.h"
#include "rt/trap.h"
#include "unit/text.h"
#include "unit/unit.h"

enum {
    HEAP_MAX = 1 << 18, // bytes of objects
};

// In all configurations. Both release the text.
bool outcome_is(Text *text, uint64_t argument, uint64_t want);
// In one configuration of each tier, and where tiers are mixed: for modules that
// take long.
bool outcome_in_tiers_is(Text *text, uint64_t argument, uint64_t want);

// Each program counts its own failures.
static inline void expect(Text *text, uint64_t argument, uint64_t want) {
    EXPECT(outcome_is(text, argument, want));
}

static inline void expect_in_tiers(Text *text, uint64_t argument,
                                   uint64_t want) {
    EXPECT(outcome_in_tiers_is(text, argument, want));
}

// What is expected of a call that ends so.
uint64_t trapped(Trap trap);
