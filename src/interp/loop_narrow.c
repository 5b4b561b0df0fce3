// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define LOOP_NAME loop_narrow
#define LOOP_WIDE 0
#define LOOP_FUEL 0
#include "interp/handlers.h"

const char *const interp_dispatch = DISPATCH_NAME;
const bool interp_fuses = DISPATCH_FUSES;
