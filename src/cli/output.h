// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a command writes: to standard output, or to a file that is whole or not
// there. A file is written beside its place under another name and renamed at
// the end; what is no regular file is written to directly.
//
// A reader of standard output that goes away is no error: writing just stops.
#pragma once

#include "base/str.h"
#include "os/path.h"

enum {
    OUTPUT_NAME_MAX = 300
};

typedef struct Output {
    const char *path; // NULL: standard output
    int fd, dir;
    char name[OUTPUT_NAME_MAX], temporary[32];
    bool is_temporary;
    OsError error; // the first one
} Output;

// All but write report what is wrong and return false.
NODISCARD bool output_open(Output *o, const char *path); // NULL, "-": stdout
// In the form that a TextBuf wants: `env` is the Output.
bool output_write(void *env, const char *data, size_t len);
// Puts the file in its place, or with `keep` false removes what was written.
NODISCARD bool output_close(Output *o, bool keep);
