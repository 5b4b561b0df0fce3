// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a call into or out of wasm ended. No C frame is ever skipped: functions
// return a status, and the details wait in the store (rt/trap.h).
#pragma once

#include "base/defs.h"

typedef enum Status {
    STATUS_ok,
    STATUS_trap,      // store->trap says which
    STATUS_exception, // store->exception holds it
} Status;
