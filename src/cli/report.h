// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the command tells the user on standard error: what, where, the causes
// below it, then the backtrace. In colour on terminals, unless NO_COLOR is set.
#pragma once

#include "base/str.h"
#include "cli/input.h"
#include "rt/trap.h"

#include <stdio.h>

typedef enum ExitCode {
    EXIT_ok = 0,
    EXIT_failed = 1, // a module that cannot be loaded, a test that failed
    EXIT_usage = 2,
    EXIT_trap = 134, // as after an abort signal
} ExitCode;

// All return false. The text gets "error: " before and a newline behind it.
bool report_error(const char *format, ...) PRINTF(1, 2);
bool report_usage(const char *format, ...) PRINTF(1, 2);
bool report_no_memory(void);

// Why a module was refused. `in_text`: the offset is one into the text that
// was read; otherwise it is one into the binary form.
bool report_refused(const Engine *e, const Input *in, const Err *err,
                    bool in_text);
// A failure with no offset that concerns a module: linking, running.
bool report_about(const Input *in, const char *text);
// A trap and its backtrace.
bool report_trap(const Input *in, const TrapInfo *t);
