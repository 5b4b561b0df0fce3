// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files that the command reads whole: modules and scripts, from any kind of
// file; "-" is standard input.
#pragma once

#include "rt/rt_module.h"

typedef struct Input {
    const char *path;
    const char *name; // for messages
    uint8_t *data;
    size_t size;
    bool is_text; // looks like text rather than a module's bytes
} Input;

// Reads at most `size_max` bytes. On failure reports it and returns false.
NODISCARD bool input_read(Input *in, const char *path, uint64_t size_max);
void input_release(Input *in); // zero is fine

// Reads and loads a module; NULL when that fails, which has been reported. The
// input stays: reports about the module need it.
NODISCARD RtModule *input_load(Engine *e, Input *in, const char *path);
// Is it a compiled module, in a file that can be mapped? Then it is open, and
// the input has its name only.
NODISCARD bool input_is_compiled(Input *in, const char *path, int *fd);
// Loads what was read.
NODISCARD RtModule *input_load_read(Engine *e, Input *in);
