// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared by the files of the script reader.
#pragma once

#include "text/parse_int.h"

// A constant or an expected result, at its opening parenthesis.
NODISCARD bool parse_script_val(Parser *p, ScriptVal *out);
