// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which tier runs the guests of a test that does not ask for one. run.sh has
// FOLIOT_TEST_TIER set to each of these in turn:
//   unset     functions are interpreted first, as engines have it by default
//   soon      the same, and compiled after two calls or turns of a loop
//   baseline  compiled at their first call
#pragma once

#include <foliot.h>
#include <stdlib.h>
#include <string.h>

// Takes the configuration; NULL: the default one. NULL: no memory.
static inline wasm_engine_t *tier_engine(wasm_config_t *config) {
    const char *tier = getenv("FOLIOT_TEST_TIER");
    if (!tier) tier = "";
    if (!config && !*tier) return wasm_engine_new();
    foliot_tiering_t t = FOLIOT_TIERING_INIT;
    t.compile = FOLIOT_COMPILE_COUNTED;
    t.calls = t.loops = 2;
    if (!config) config = wasm_config_new();
    if (strcmp(tier, "soon") == 0) foliot_config_tiering_set(config, &t);
    if (strcmp(tier, "baseline") == 0)
        foliot_config_tier_set(config, FOLIOT_TIER_BASELINE);
    return wasm_engine_new_with_config(config);
}
