// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What fiber.c needs of each architecture.
#pragma once

#include "base/defs.h"

// Saves the callee-saved registers on the stack and the stack pointer in
// `*from`, then continues what `to` was saved for. In assembly.
void fiber_switch(void **from, void *to);

// A stack pointer for fiber_switch that calls run(arg), which never returns,
// on the empty stack below `top`. Unwinders see the end of the stack there.
void *fiber_prepare(void *top, void (*run)(void *arg), void *arg);
