// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a store looked like at a trap, as a module in the form of the tool
// conventions' "Coredump": frames with locals and operands in custom sections,
// memories and globals as a module has them.
//
//   core            the name of the program
//   coremodules     modules by name; by index from here on
//   coreinstances   for each instance its module, memories and globals
//   corestack       the frames, innermost first
//   memory, global  all of the store; globals as constants
//   data            what is not zero in the memories
//
// Compiled frames know where values are only in code made for that
// (EngineConfig.keep_slots); other frames say "missing" for each.
#pragma once

#include "base/err.h"
#include "rt/store.h"

// Called where the trap happened: by store->trap_hook. The bytes live in the
// arena, which must have a guard. What is more than COREDUMP_DATA_MAX bytes of
// memories, or more than COREDUMP_FRAMES_MAX frames, is left out.
void coredump_write(Store *s, Str program, Arena *arena, Bytes *out);

#define COREDUMP_DATA_MAX ((uint64_t)1 << 31)
enum {
    COREDUMP_FRAMES_MAX = 1000
};
