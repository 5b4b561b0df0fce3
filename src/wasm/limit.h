// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The values of the named limits (limit.def) that one configuration has.
#pragma once

#include "base/str.h"

typedef enum LimitId {
#define LIMIT(name, flag, def, what) LIMIT_##name,
#include "wasm/limit.def"
    LIMIT_count
} LimitId;

typedef struct LimitSet {
#define LIMIT(name, flag, def, what) uint64_t name;
#include "wasm/limit.def"
} LimitSet;

typedef struct LimitInfo {
    const char *flag;
    const char *what;
    uint64_t def;
} LimitInfo;

extern const LimitInfo limit_info[LIMIT_count];

LimitSet limits_default(void);
// The limit of that flag, or LIMIT_count.
LimitId limit_find(Str flag);
uint64_t *limit_at(LimitSet *set, LimitId id);
