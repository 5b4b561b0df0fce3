// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/machine.h"

#include <string.h>

static MachinePlace place_of(MachineAssign *a, ValType t) {
    bool is_v128 = t == VT_v128;
    return machine_assign(a, t == VT_f32 || t == VT_f64 || is_v128, is_v128);
}

void machine_put_values(MachineAssign *a, const RtValType *types, uint32_t len,
                        MachineRegs *regs, uint64_t *stack, const Raw *values) {
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace p = place_of(a, types[i].code);
        Raw value = rt_narrow(types[i], values[i]);
        switch (p.kind) {
        case MACHINE_int:
            regs->ints[p.at] = value.u64;
            break;
        case MACHINE_float:
            regs->floats[p.at] = value.v128;
            break;
        case MACHINE_stack:
            memcpy((char *)stack + p.at, &value,
                   types[i].code == VT_v128 ? 16 : 8);
            break;
        }
    }
}

void machine_get_values(MachineAssign *a, const RtValType *types, uint32_t len,
                        const MachineRegs *regs, const uint64_t *stack,
                        Raw *values) {
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace p = place_of(a, types[i].code);
        Raw value = {0};
        switch (p.kind) {
        case MACHINE_int:
            value.u64 = regs->ints[p.at];
            break;
        case MACHINE_float:
            value.v128 = regs->floats[p.at];
            break;
        case MACHINE_stack:
            memcpy(&value, (const char *)stack + p.at,
                   types[i].code == VT_v128 ? 16 : 8);
            break;
        }
        values[i] = rt_narrow(types[i], value);
    }
}

uint32_t machine_area(const RtValType *types, uint32_t len) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++)
        (void)place_of(&a, types[i].code);
    return machine_stack_size(&a);
}
