// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define LOOP_NAME loop_wide_fuel
#define LOOP_WIDE 1
#define LOOP_FUEL 1
#include "interp/handlers.h"
