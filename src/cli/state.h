// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a program left behind, for comparing tiers: `-D states`.
#pragma once

#include "rt/store.h"

#include <stdio.h>

// A line for each memory, table and global of the store, in the order in which
// they were made: sizes, and a hash of the bytes. References are null or not.
void state_print(const Store *s, FILE *out);

// A value in a line: its bits, or whether the reference is null, or "nan".
void state_print_value(FILE *out, RtValType type, Raw value);
