// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What thread_posix.c needs of each system: where the stack is.
#pragma once

#include "os/thread.h"

// The calling thread's stack as thread_stack_bounds promises, not cached.
NODISCARD bool stack_bounds_ask(StackBounds *bounds);
