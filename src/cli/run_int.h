// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of `foliot run` share.
#pragma once

#include "cli/option.h"
#include "rt/instance.h"
#include "wasi/wasi.h"

// What the program sees of the host, as the options say. NULL when that cannot
// be had, which has been reported.
NODISCARD Wasi *run_wasi_new(const Options *o);

// An argument of --invoke: numbers in the text format's spelling, vectors as
// one integer of 128 bits, "null". False: no value of that type.
NODISCARD bool run_value_parse(const char *text, RtValType type, Raw *out);
// A result on standard output, with a newline.
void run_value_print(RtValType type, Raw v);
