// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a store looked like at a trap or throw, as a module in the form of the tool
// conventions' "Coredump": frames with locals and operands in custom sections,
// memories and globals as a module has them.
//
//   core            the name of the program
//   coremodules     modules by name; by index from here on
//   coreinstances   for each instance its module, memories and globals
//   corestack       the frames, innermost first
//   corevalues      vectors and references, which are "missing" in corestack,
//                   or null as a global: 0x0 vec(entry), not in the conventions
//   memory, global  all of the store; globals as constants
//   data            what is not zero in the memories
//
//   entry ::= place:byte frame:u32 index:u32 thing
//   place     0 local, 1 operand, 2 global (whose frame is 0)
//   thing ::= 0x7b byte^16                  vector
//           | 0xd0                          null
//           | 0x70 0x1 instance:u32 func:u32, or 0x70 0x0: the host's
//           | 0x6c n:s32                    i31
//           | kind:byte n:u32               an object: 0x6b structure, 0x6a
//                                           array, 0x69 exception, 0x6f the
//                                           host's; n is the same for the same
//
// Compiled frames know where values are only in code made for that
// (EngineConfig.keep_slots); other frames say "missing" for each.
#pragma once

#include "base/err.h"
#include "rt/store.h"

// In store->trap_hook: was it a trap, or an exception that no frame of wasm
// catches? Whether a host function between them does is not known.
bool coredump_is_due(Store *s);

// Called where that happened: by store->trap_hook. The bytes live in the
// arena, which must have a guard. What is more than COREDUMP_DATA_MAX bytes of
// memories, or more than COREDUMP_FRAMES_MAX frames, is left out.
void coredump_write(Store *s, Str program, Arena *arena, Bytes *out);

#define COREDUMP_DATA_MAX ((uint64_t)1 << 31)
enum {
    COREDUMP_FRAMES_MAX = 1000
};
