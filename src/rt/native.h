// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The native stack under wasm: how far it may grow.
#pragma once

#include "rt/store.h"

// The lowest address that an entry or a compiled frame may have, for an
// outermost entry at `here`: what the configured size leaves of this stack, and
// of a computation's own.
char *native_stack_limit(const Store *s, const char *here);
