// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functions of vmabi/helper.def.
//
// Rows do what an instruction of the same name does, completely: its operands
// are in slots, its results replace them. So the interpreter calls them too.
#pragma once

#include "vmabi/helper.h"

extern HelperFn *const helper_table[HELPER_COUNT];

#define HELPER_DECLARE_row(name)    HelperRow helper_##name;
#define HELPER_DECLARE_status(name) // each its own, below
#define HELPER_DECLARE_word(name)
#define HELPER(name, kind, moves, what) HELPER_DECLARE_##kind(name)
#include "vmabi/helper.def"

Status helper_trap(Context *c, uint64_t code);
Status helper_trap_index(Context *c, uint64_t code, uint64_t index);
Status helper_poll(Context *c);
Status helper_fuel_bulk(Context *c, uint64_t units);
Status helper_host(Context *c, Func *f, void *exit, uint64_t *stack);
Status helper_host_values(Context *c, Func *f, Raw *values);
uint64_t helper_compile(Context *c, uint64_t func);
Status helper_interpret(Context *c, uint64_t func, void *exit, uint64_t *stack);
uint64_t helper_unwind(Context *c, void *landing);
