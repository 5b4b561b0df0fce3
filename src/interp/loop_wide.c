// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define LOOP_NAME loop_wide
#define LOOP_WIDE 1
#define LOOP_FUEL 0
#include "interp/handlers.h"
