// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The instructions of asm/x64/inst.def as numbers, packed during the build by
// tools/asmgen.c. Encoders get theirs as constants (asm/x64/encode.h); who
// needs to ask about an instruction (the decoder, a register allocator, a
// verifier) asks x64_info.
#pragma once

#include "base/defs.h"

// --- encodings ---------------------------------------------------------------

// Everything about an encoding but its operands, in 32 bits:
//
//    31   30    29    28        27..24       23       22  21    20
//   LOCK ANY_L ANY_W HAS_DIGIT  imm bytes  PLUS_REG  MEM MODRM  VEX
//
//   18..16     15      14    13 12  11 10  9 8   7..0
//    digit  BYTE_RM BYTE_REG  L  W    pp   map  opcode
enum {
    ENC_MAP = 8,            // two bits: none, 0F, 0F 38, 0F 3A
    ENC_PP = 10,            // two bits: none, 66, F3, F2
    ENC_W = 1 << 12,        // REX.W or VEX.W
    ENC_L = 1 << 13,        // 256 bits
    ENC_BYTE_REG = 1 << 14, // ModRM.reg is a byte register: spl needs REX
    ENC_BYTE_RM = 1 << 15,  // and so does ModRM.rm
    ENC_DIGIT = 16,         // three bits: ModRM.reg when it is no operand
    ENC_VEX = 1 << 20,
    ENC_MODRM = 1 << 21,
    ENC_MEM = 1 << 22,      // ModRM.rm is memory
    ENC_PLUS_REG = 1 << 23, // a register in the low bits of the opcode
    ENC_IMM = 24,           // four bits: how many bytes follow the operands
    ENC_HAS_DIGIT = 1 << 28,
    ENC_ANY_W = 1 << 29, // decoding: the bit is not looked at
    ENC_ANY_L = 1 << 30,
};
#define ENC_LOCK 0x80000000u

static inline uint32_t enc_imm_size(uint32_t enc) {
    return enc >> ENC_IMM & 15;
}

// What selects one of the encodings of a row.
typedef enum X64Width {
    W_8,
    W_16,
    W_32,
    W_64,
} X64Width;

typedef enum X64Vec {
    VEC_128,
    VEC_256,
} X64Vec;

enum {
    X64_VARIANTS = 4
};

// --- operands ----------------------------------------------------------------

// In the order of the letters of inst.def's legend.
typedef enum X64Field {
    FIELD_reg,
    FIELD_rm,
    FIELD_vvvv,
    FIELD_op,
    FIELD_imm,
    FIELD_is4,
    FIELD_rel,
    FIELD_cl,
    FIELD_acc,
    FIELD_one,
    FIELD_xmm0,
    FIELD_count,
} X64Field;

typedef enum X64Class {
    CLASS_v,
    CLASS_8,
    CLASS_16,
    CLASS_32,
    CLASS_64,
    CLASS_e8,
    CLASS_e16,
    CLASS_n,
    CLASS_x8,
    CLASS_x16,
    CLASS_x32,
    CLASS_x64,
    CLASS_x128,
    CLASS_y,
    CLASS_h,
    CLASS_q,
    CLASS_e,
    CLASS_count,
} X64Class;

enum {
    ROLE_read = 1,
    ROLE_write = 2,
};

typedef struct X64Operand {
    uint8_t field; // X64Field
    uint8_t class; // X64Class
    uint8_t role;  // ROLE_x
} X64Operand;

// Registers that an instruction uses without naming them, as a set.
enum {
    USES_rax = 1,
    USES_rcx = 2,
    USES_rdx = 4,
    USES_rsp = 8,
    USES_flags = 16,
};

typedef enum X64By {
    BY_nothing,
    BY_width, // X64Width
    BY_vec,   // X64Vec
} X64By;

enum {
    X64_OPERANDS = 4
};

typedef struct X64Info {
    const char *mnemonic;       // with % where the condition is named
    uint32_t enc[X64_VARIANTS]; // 0 where there is no such variant
    X64By by;                   // what enc is indexed by
    bool cc;                    // + a condition in the opcode
    uint8_t operand_len;
    X64Operand operand[X64_OPERANDS];
    uint8_t reads, writes; // USES_x
} X64Info;

typedef enum X64Op {
#define X64(name, mnemonic, encoding, operands) X64_##name,
#include "asm/x64/inst.def"
    X64_count,
} X64Op;

extern const X64Info x64_info[X64_count];

// The rows that an opcode may belong to, X64_count at the end. The space is the
// map, and 3 more with a VEX prefix.
enum {
    X64_SPACES = 7
};
const uint16_t *x64_rows(uint32_t space, uint8_t opcode);

static inline bool class_is_vector(X64Class class) {
    return class >= CLASS_x8;
}
