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

// The engine that the options ask for; NULL when they ask for what cannot be,
// which has been reported.
NODISCARD Engine *setup_engine(const Options *o);
