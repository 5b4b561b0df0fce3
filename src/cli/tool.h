// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The commands, each with the options it was given; they return the exit code.
#pragma once

#include "cli/option.h"
#include "rt/engine.h"

#define TOOL(name, arguments, what) int tool_##name(const Options *o);
#include "cli/tool.def"

// Help about a tool, or a group of options, on standard output.
void help_print(void);
void help_print_tool(Tool tool);
void help_print_group(Group group);
// The manual page, in the language of man(7).
void help_print_man(void);

// What help and the manual page say alike, in lines.
extern const char help_of_groups[], help_of_files[];
// "on by default", in `out`; nothing where the option's row says it all.
void help_default(int option, char *out, size_t size);
// Is it one of a group, or else of a tool of the set, that works?
bool help_has_option(int option, Group group, uint32_t tools);

// The engine that the options ask for; NULL when memory ran out, which has been
// reported.
NODISCARD Engine *setup_engine(const Options *o);
// Was code refused by the verifier? Whatever else was right, the command fails.
bool setup_has_refusals(void);
