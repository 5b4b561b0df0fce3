// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values in the places that the machine convention gives them.
#pragma once

#include "rt/registry.h"
#include "vmabi/machine.h"

// Moves values of the given types between an array and registers or an area of
// the stack. `a` starts from zero and ends knowing the area's size. What is not
// moved stays as it is.
void machine_put_values(MachineAssign *a, const RtValType *types, uint32_t len,
                        MachineRegs *regs, uint64_t *stack, const Raw *values);
void machine_get_values(MachineAssign *a, const RtValType *types, uint32_t len,
                        const MachineRegs *regs, const uint64_t *stack,
                        Raw *values);
// Bytes of an area.
uint32_t machine_area(const RtValType *types, uint32_t len);
