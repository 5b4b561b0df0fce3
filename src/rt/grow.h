// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// memory.grow and table.grow as instructions. Growing that fails answers -1, or
// is a trap in a store whose limiter says so.
#pragma once

#include "rt/memory.h"
#include "rt/table.h"

// *old: the size before, in pages or elements; -1: not grown.
NODISCARD Status grow_memory(Memory *m, uint64_t delta, int64_t *old);
NODISCARD Status grow_table(Table *t, uint64_t delta, Raw init, int64_t *old);
