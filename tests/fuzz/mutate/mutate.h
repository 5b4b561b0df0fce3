// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Changing modules that are already there: one random change at a time, or
// towards a smaller module. Both work on decoded modules, take bodies apart
// into instructions, and leave it to the validator to say what is a module.
#pragma once

#include "wasm/module.h"
#include "wasm/op.h"

// A body's instructions, each as the bytes that it is.
typedef struct BodyParts {
    Bytes locals; // the declarations in front of them
    Vec(Bytes) code;
    Vec(Op) ops;
} BodyParts;

// False: it cannot be read. The arenas must have a guard.
NODISCARD bool body_split(const Module *m, Bytes body, Arena *arena,
                          BodyParts *out);
Bytes body_join(const BodyParts *parts, Arena *arena);

// Changes one thing of a valid module; memory comes from m->arena. Mostly it
// stays valid. False: the choice did not apply, nothing has changed.
bool module_mutate(Module *m, uint64_t *random);

// Is what it encodes to a valid module? Those bytes are in *out.
NODISCARD bool module_still_valid(const Module *m, Arena *arena, Bytes *out);

// Makes a valid module smaller as long as `keeps` likes the result, and returns
// the last one that it liked (the input, if there is none). All that is
// given to `keeps` is valid.
typedef bool ReduceKeeps(void *env, Bytes module);
Bytes module_reduce(Bytes module, Arena *arena, ReduceKeeps *keeps, void *env);
