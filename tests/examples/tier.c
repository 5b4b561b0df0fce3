// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linked into a program, stands before the library's functions that make
// engines: FOLIOT_TEST_TIER says which tier they have, for programs that do not
// ask for one.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <foliot.h>
#include <stdlib.h>
#include <string.h>

static void choose(wasm_config_t *config) {
    const char *tier = getenv("FOLIOT_TEST_TIER");
    foliot_tiering_t soon = FOLIOT_TIERING_INIT;
    soon.compile = FOLIOT_COMPILE_COUNTED;
    soon.calls = soon.loops = 2;
    if (!tier) return;
    if (strcmp(tier, "interp") == 0)
        foliot_config_tier_set(config, FOLIOT_TIER_INTERPRETER);
    else if (strcmp(tier, "baseline") == 0)
        foliot_config_tier_set(config, FOLIOT_TIER_BASELINE);
    else if (strcmp(tier, "soon") == 0)
        foliot_config_tiering_set(config, &soon);
    else
        abort();
}

wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *config) {
    wasm_engine_t *(*next)(wasm_config_t *);
    *(void **)&next = dlsym(RTLD_NEXT, "wasm_engine_new_with_config");
    if (config) choose(config);
    return next(config);
}

wasm_engine_t *wasm_engine_new(void) {
    return wasm_engine_new_with_config(wasm_config_new());
}
