// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasm/limit.h"

const LimitInfo limit_info[LIMIT_count] = {
#define LIMIT(name, flag, def, what) [LIMIT_##name] = {flag, what, def},
#include "wasm/limit.def"
};

LimitSet limits_default(void) {
    return (LimitSet){
#define LIMIT(name, flag, def, what) .name = def,
#include "wasm/limit.def"
    };
}

LimitId limit_find(Str flag) {
    int id = 0;
    while (id < LIMIT_count && !str_eq_z(flag, limit_info[id].flag))
        id++;
    return (LimitId)id;
}

uint64_t *limit_at(LimitSet *set, LimitId id) {
    switch (id) {
#define LIMIT(name, flag, def, what) \
    case LIMIT_##name:               \
        return &set->name;
#include "wasm/limit.def"
    case LIMIT_count:
        break;
    }
    UNREACHABLE();
}
