// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vmabi/helper.h"

const HelperInfo helper_info[HELPER_COUNT] = {
#define MOVES_yes true
#define MOVES_no  false
#define HELPER(name, kind, moves, what) \
    [HELPER_##name] = {#name, HELPER_KIND_##kind, MOVES_##moves},
#include "vmabi/helper.def"
};
