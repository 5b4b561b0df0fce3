// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loading: bytes or text become a module that can be instantiated. The one
// place that sees decoder, validator, registry and tiers together.
#pragma once

#include "base/err.h"
#include "rt/rt_module.h"

// How the module holds its bytes.
typedef enum LoadBytes {
    LOAD_copy,   // the module makes its own copy
    LOAD_borrow, // the caller keeps them until the module goes
    LOAD_take,   // given with the `free` below
} LoadBytes;

typedef struct LoadOptions {
    LoadBytes bytes;
    void (*bytes_free)(void *env, const uint8_t *bytes, size_t size);
    void *bytes_env; // LOAD_take
    // Its code, made before (engine/artifact.h).
    const struct Precompiled *precompiled;
} LoadOptions;

// Decodes and validates; NULL with *err set on failure (LOAD_take: the bytes
// are then still the caller's). Options NULL: copy. Thread-safe.
NODISCARD RtModule *module_load(Engine *e, const uint8_t *bytes, size_t size,
                                const LoadOptions *options, Err *err);
// The same from text. On a validation error `at` is an offset into the binary
// module that the text stands for; *in_text says which it is.
NODISCARD RtModule *module_load_text(Engine *e, const char *text, size_t size,
                                     Err *err, bool *in_text);
// Decodes and validates, to look at it: nothing is registered, compiled or kept
// in a cache. Borrows the bytes.
NODISCARD RtModule *module_load_apart(Engine *e, const uint8_t *bytes,
                                      size_t size, Err *err);
// Validates only.
NODISCARD bool module_check(Engine *e, const uint8_t *bytes, size_t size,
                            Err *err);

// An engine with the tiers that the configuration asks for, as far as this build
// and this host have them. TIERS_auto: compiled code, or the interpreter where
// the host gives no memory to execute.
NODISCARD Engine *engine_new(const EngineConfig *config);
