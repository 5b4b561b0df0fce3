// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules as files: an ELF file with the module's bytes, its code and
// the tables that belong to both; no relocations. It is mapped and used as it
// lies; loading does nothing for each function but to check its type.
//
// Loading checks that file and engine agree on everything that code depends on,
// and that tables are within bounds. What stands for code is trusted: machine
// code, bodies and their side tables, constant expressions. Load only files
// that you would also run as programs. With EngineConfig.verify_code the code
// is proved, and the tables are compared with the module's (decision 0042).
#pragma once

#include "base/blake2.h"
#include "code/image.h"
#include "engine/load.h"

// What LoadOptions.precompiled is: a file that was read.
typedef struct Precompiled {
    CodeImage image;
    bool is_guarded;
    bool keeps_slots; // made with EngineConfig.keep_slots
    const struct ArtifactParts *parts;
    const struct ArtifactHead *head;
    uint64_t images_at; // in the file
} Precompiled;

// Does it look like one? The first 16 bytes suffice.
bool artifact_is(const uint8_t *bytes, size_t size);

// Where the bytes of a file go, in order. False ends the writing; whoever
// writes knows why.
typedef struct ArtifactSink {
    bool (*write)(void *env, const void *bytes, size_t size);
    void *env;
} ArtifactSink;

// Compiles all of a module that has no code yet, and hands the file to the
// sink. The arena is for scratch and must have a guard. False with *err, or
// without where the sink failed.
NODISCARD bool artifact_emit(RtModule *m, Arena *arena, ArtifactSink sink,
                             Err *err);
// The same into bytes of the arena.
NODISCARD bool artifact_write(RtModule *m, Arena *arena, uint8_t **out,
                              size_t *size, Err *err);

// As module_load. Borrowed bytes, aligned to 16, are used where they lie, but
// for the text, which is copied to pages of its own.
NODISCARD RtModule *artifact_load(Engine *e, const uint8_t *bytes, size_t size,
                                  const LoadOptions *options, Err *err);
// Maps the file, which must not be changed while the module lives; the
// descriptor is the caller's and may be closed afterwards.
NODISCARD RtModule *artifact_load_file(Engine *e, int fd, Err *err);

// Do the bytes have the hash that was written with them?
NODISCARD bool artifact_verify(const uint8_t *bytes, size_t size, Err *err);
NODISCARD bool artifact_verify_file(int fd, Err *err);

// What code depends on besides the module: this build, and what an engine is
// configured for. For names of files that others may use.
void artifact_hash_config(const Engine *e, Blake2 *hash);
