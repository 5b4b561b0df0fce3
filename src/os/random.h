// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytes that nobody can predict.
#pragma once

#include "base/defs.h"

// Fills all of it or returns false; then the contents mean nothing.
NODISCARD bool random_fill(void *at, size_t size);
