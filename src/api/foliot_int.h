// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files behind foliot.h share.
#pragma once

#include "base/defs.h"

// Copies a structure that begins with its size, zeros for what it lacks. False:
// it is none, has less than `least` bytes, or is of a later version.
NODISCARD bool option_copy(void *out, size_t out_size, const void *from,
                           size_t least);
