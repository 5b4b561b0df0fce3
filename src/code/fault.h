// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Faults of compiled code: an access that relies on a guard region, and hit it.
//
// A process-wide table of regions, sorted by address, that the handler reads
// without a lock: a counter tells it that the table changed meanwhile, and a
// table that became too small is freed when no handler reads.
#pragma once

#include "code/region.h"

// The first region installs the handlers, the last one lets them go. False: no
// memory, or the host refuses.
NODISCARD bool code_fault_add(CodeRegion *r);
void code_fault_remove(CodeRegion *r);

// Around a fork.
void code_fault_lock(void);
void code_fault_unlock(void);
