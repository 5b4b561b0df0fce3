// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parts of a module before its code, in the order in which they are made.
#pragma once

#include "fuzz/smith/smith_int.h"

void smith_types(Smith *s);
// Imports, functions without bodies, tables, memories, tags, globals, segments.
void smith_skeleton(Smith *s);
// Makes the first few of what there is imports from another module.
void smith_lib(Smith *s);
// Bodies, exports, the start function.
void smith_bodies(Smith *s);
