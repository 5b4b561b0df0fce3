// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Work of loading that several threads share: the calling one, and others as
// far as the engine's configuration has any. The others are threads of our own,
// which end with the work, or jobs of the embedder's executor.
#pragma once

#include "rt/engine.h"

// How many threads besides the calling one may share work that has so many
// pieces.
uint32_t parallel_helpers(const Engine *e, uint64_t pieces);

typedef struct Parallel {
    // Called here, and on as many other threads as there are up to `helpers`.
    // Each call takes pieces of the work until nobody has left any; so none has
    // to happen but the one here.
    void (*run)(void *env);
    // Called here before that, when others may have begun already; what is
    // locked until the work is over may be locked now, and not before. Or NULL.
    void (*begin)(void *env);
    void *env;
    uint32_t helpers;
} Parallel;

// Back when all calls have ended.
//
// False: an executor's submit has forked, and this is the child. Nothing was
// called here; `env` may have been changed by threads that exist in the parent
// only, and is theirs.
NODISCARD bool parallel_run(Engine *e, const Parallel *p);
