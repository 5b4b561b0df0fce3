// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opcodes as numbers to switch on, and what each costs, from op.def.
#pragma once

#include "base/defs.h"

// One byte, or 0xfc << 16 | code; the other prefixes are one instruction to the
// loop.
typedef enum Code {
    OPCODE_prefix_fb = 0xfb,
    OPCODE_prefix_fc = 0xfc,
    OPCODE_prefix_fd = 0xfd,
    OPCODE_prefix_fe = 0xfe,
#define CODE_00(name, code) OPCODE_##name = code,
#define CODE_fb(name, code)
#define CODE_fc(name, code) OPCODE_##name = 0xfc << 16 | code,
#define CODE_fd(name, code)
#define CODE_fe(name, code)
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    CODE_##prefix(name, code)
#include "wasm/op.def"
#undef CODE_00
#undef CODE_fc
#undef CODE_fd
} Code;

// Behind 0xfd.
typedef enum SimdCode {
#define CODE_00(name, code)
#define CODE_fc(name, code)
#define CODE_fd(name, code) OPCODE_##name = code,
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    CODE_##prefix(name, code)
#include "wasm/op.def"
#undef CODE_00
#undef CODE_fb
#undef CODE_fc
#undef CODE_fd
#undef CODE_fe
} SimdCode;

enum {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    COST_##name = cost,
#include "wasm/op.def"
};
