// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compares what a compiler said of a function's values (vmabi/claim.h) with its
// finished bytes, with the types of validation, and with what collectors are
// told (valid_stack_maps):
//
// - at each instruction the operands are as many, and of the types, as
//   validation has them, and each is where the compiler took it to be: the
//   register or slot still has what was put there as that operand;
// - a local is in its slot, or in the register that is said to be newer;
// - whoever branches to a label leaves everything as the label expects it;
// - at each call that collects, each slot that collectors look at has the
//   reference that belongs there, and no other operand is a reference; where
//   exceptions are caught all values are in their slots.
//
// So a spill that was forgotten, a wrong slot, a register that was lost and a
// wrong list of roots are found, whatever the program computes. Values are
// names: moves copy them, anything else makes a new one.
#pragma once

#include "verify/verify.h"

// False: not so; *out says where. True without claims, or with too many. The
// arena is scratch and needs a guard. Any thread.
NODISCARD bool verify_values(const VerifyEnv *env, uint32_t func,
                             const CodeFunc *code, Arena *scratch,
                             VerifyRefusal *out);
