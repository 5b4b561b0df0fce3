// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of rt/ share and nobody else calls: how a store frees what it
// made.
#pragma once

#include "rt/instance.h"

void instance_free(Instance *inst);
void memory_free(Memory *m);
void table_free(Table *t);
// The store's reference goes; the cell reads as null from now on.
void root_cell_orphan(RootCell *cell);
