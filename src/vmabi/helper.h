// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The runtime functions of helper.def, by number.
#pragma once

#include "vmabi/context.h"
#include "vmabi/status.h"

typedef enum HelperId {
#define HELPER(name, kind, moves, what) HELPER_##name,
#include "vmabi/helper.def"
    HELPER_COUNT
} HelperId;

typedef enum HelperKind {
    HELPER_KIND_row,
    HELPER_KIND_status,
    HELPER_KIND_word,
} HelperKind;

typedef struct HelperInfo {
    const char *name;
    HelperKind kind;
    bool moves;
} HelperInfo;
extern const HelperInfo helper_info[HELPER_COUNT];

typedef Status HelperRow(Context *c, Slot *args, uint64_t a, uint64_t b,
                         int64_t stride);
