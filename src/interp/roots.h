// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The references in interpreted frames (TierOps.roots).
#pragma once

#include "rt/store.h"

NODISCARD bool interp_roots(Store *store, GcHeap *heap, GcVisit visit);
