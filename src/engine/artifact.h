// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules as files: an ELF file with the module's bytes, its code and
// the tables that belong to it; no relocations.
//
// Loading checks that file and engine agree on everything that code depends on,
// and that the tables are within bounds. The code itself is trusted: load only
// files that you would also run as programs.
#pragma once

#include "code/image.h"
#include "engine/load.h"

// What LoadOptions.precompiled is.
typedef struct Precompiled {
    CodeImage image;
    bool is_guarded;
} Precompiled;

// Does it look like one?
bool artifact_is(const uint8_t *bytes, size_t size);

// Compiles all of a module that has no code from elsewhere, and puts it into
// bytes of the arena, which must have a guard. False with *err.
NODISCARD bool artifact_write(RtModule *m, Arena *arena, uint8_t **out,
                              size_t *size, Err *err);

// As module_load; the bytes, aligned to 16, are copied or borrowed.
NODISCARD RtModule *artifact_load(Engine *e, const uint8_t *bytes, size_t size,
                                  const LoadOptions *options, Err *err);
