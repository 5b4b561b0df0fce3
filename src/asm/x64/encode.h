// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes x86-64 instructions into a CodeBuf. For each row of inst.def there is
//
//     x64_<row>(buffer, [width or vector length], [condition], operands...)
//
// with the operands in the order of the row, that is of Intel syntax:
//
//     x64_add_rr(b, W_64, GP_rax, GP_rcx);
//     x64_add_rm(b, W_32, GP_rax, x64_at(GP_rdi, 16));
//     x64_vpaddb_rr(b, VEC_256, XMM_0, XMM_1, XMM_2);
//
// The functions are inline calls of an x64_put_ function with constants, so
// nothing is looked up at run time. What has several encodings has, at the end
// of this file, a function that takes the shortest.
#pragma once

#include "asm/buf.h"
#include "asm/x64/inst.h"

// --- operands ----------------------------------------------------------------

typedef enum X64Gp {
    GP_rax,
    GP_rcx,
    GP_rdx,
    GP_rbx,
    GP_rsp,
    GP_rbp,
    GP_rsi,
    GP_rdi,
    GP_r8,
    GP_r9,
    GP_r10,
    GP_r11,
    GP_r12,
    GP_r13,
    GP_r14,
    GP_r15,
} X64Gp;

typedef enum X64Xmm {
    XMM_0,
    XMM_1,
    XMM_2,
    XMM_3,
    XMM_4,
    XMM_5,
    XMM_6,
    XMM_7,
    XMM_8,
    XMM_9,
    XMM_10,
    XMM_11,
    XMM_12,
    XMM_13,
    XMM_14,
    XMM_15,
} X64Xmm;

// In the order of their codes: the opposite one differs in the lowest bit.
typedef enum X64Cc {
    CC_o,
    CC_no,
    CC_b,
    CC_ae,
    CC_e,
    CC_ne,
    CC_be,
    CC_a,
    CC_s,
    CC_ns,
    CC_p,
    CC_np,
    CC_l,
    CC_ge,
    CC_le,
    CC_g,
} X64Cc;

static inline X64Cc x64_cc_not(X64Cc cc) {
    return (X64Cc)(cc ^ 1);
}

// What a base may be besides a register.
enum {
    MEM_none = 16,  // index and displacement only
    MEM_rip = 17,   // disp from the end of the instruction
    MEM_label = 18, // disp is the index of a label
};

// base + (index << scale) + disp; index rsp: none.
typedef struct X64Mem {
    uint8_t base, index, scale;
    int32_t disp;
} X64Mem;

static inline X64Mem x64_at(X64Gp base, int32_t disp) {
    return (X64Mem){(uint8_t)base, GP_rsp, 0, disp};
}
static inline X64Mem x64_at_index(X64Gp base, X64Gp index, uint32_t scale,
                                  int32_t disp) {
    assert(index != GP_rsp && scale < 4);
    return (X64Mem){(uint8_t)base, (uint8_t)index, (uint8_t)scale, disp};
}
// Without a base: index << scale, and disp.
static inline X64Mem x64_at_scaled(X64Gp index, uint32_t scale, int32_t disp) {
    assert(index != GP_rsp && scale < 4);
    return (X64Mem){MEM_none, (uint8_t)index, (uint8_t)scale, disp};
}
// Relative to the pc: something in this buffer, such as a constant's label.
static inline X64Mem x64_at_label(CodeLabel label) {
    return (X64Mem){MEM_label, GP_rsp, 0, (int32_t)label.index};
}
// Relative to the pc: `disp` from the end of the instruction, for what lies at
// a known distance from the code.
static inline X64Mem x64_at_rip(int32_t disp) {
    return (X64Mem){MEM_rip, GP_rsp, 0, disp};
}

// --- what the functions of the rows call -------------------------------------

// One function a shape: registers or memory in ModRM, immediate bytes, VEX.
void x64_put_op(CodeBuf *b, uint32_t enc);
void x64_put_i(CodeBuf *b, uint32_t enc, uint32_t imm);
void x64_put_o(CodeBuf *b, uint32_t enc, uint32_t reg);
void x64_put_oi(CodeBuf *b, uint32_t enc, uint32_t reg, uint64_t imm);
void x64_put_rel(CodeBuf *b, uint32_t enc, CodeLabel label);
void x64_put_rr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t rm);
void x64_put_rri(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t rm,
                 uint32_t imm);
void x64_put_rm(CodeBuf *b, uint32_t enc, uint32_t reg, X64Mem mem);
void x64_put_rmi(CodeBuf *b, uint32_t enc, uint32_t reg, X64Mem mem,
                 uint32_t imm);
void x64_put_vop(CodeBuf *b, uint32_t enc);
void x64_put_vrr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                 uint32_t rm);
void x64_put_vrri(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                  uint32_t rm, uint32_t imm);
void x64_put_vrm(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                 X64Mem mem);
void x64_put_vrmi(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                  X64Mem mem, uint32_t imm);

// The encoding for a width or vector length, from those of the variants.
static inline uint32_t x64_enc_w(X64Width w, uint32_t enc) {
    assert(w >= W_32);
    return w == W_64 ? enc | ENC_W : enc;
}
static inline uint32_t x64_enc_z(X64Width w, uint32_t enc16, uint32_t enc) {
    assert(w >= W_16);
    return w == W_16 ? enc16 : x64_enc_w(w, enc);
}
static inline uint32_t x64_enc_v(X64Width w, uint32_t enc8, uint32_t enc16,
                                 uint32_t enc) {
    return w == W_8 ? enc8 : x64_enc_z(w, enc16, enc);
}
static inline uint32_t x64_enc_l(X64Vec l, uint32_t enc) {
    return l == VEC_256 ? enc | ENC_L : enc;
}
// A row of SSE as AVX has it, of 128 bits: the same prefix, map and opcode.
static inline uint32_t x64_vex(uint32_t enc) {
    return enc | ENC_VEX;
}

#include "asm/x64/inline.inc"

// --- the shortest encoding ---------------------------------------------------

typedef enum X64Alu {
    ALU_add,
    ALU_or,
    ALU_adc,
    ALU_sbb,
    ALU_and,
    ALU_sub,
    ALU_xor,
    ALU_cmp,
} X64Alu;

typedef enum X64Shift {
    SHIFT_rol = 0,
    SHIFT_ror = 1,
    SHIFT_shl = 4,
    SHIFT_shr = 5,
    SHIFT_sar = 7,
} X64Shift;

// For operations that are chosen at run time: `alu dst, src` and its relatives.
void x64_alu_rr(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, X64Gp src);
void x64_alu_rm(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, X64Mem src);
void x64_alu_mr(CodeBuf *b, X64Alu alu, X64Width w, X64Mem dst, X64Gp src);
// The immediate is cut to 8 or 16 bits, sign-extended to 64.
void x64_alu_ri(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, int32_t imm);
void x64_alu_mi(CodeBuf *b, X64Alu alu, X64Width w, X64Mem dst, int32_t imm);
void x64_shift_ri(CodeBuf *b, X64Shift shift, X64Width w, X64Gp dst,
                  uint8_t count);
void x64_shift_rc(CodeBuf *b, X64Shift shift, X64Width w, X64Gp dst);
void x64_test(CodeBuf *b, X64Width w, X64Gp reg, int32_t imm);
// Any constant, flags unchanged.
void x64_mov(CodeBuf *b, X64Gp dst, uint64_t imm);
void x64_imul(CodeBuf *b, X64Width w, X64Gp dst, X64Gp src, int32_t imm);
void x64_push_i(CodeBuf *b, int32_t imm);
// Moves between registers; vmovss and vmovsd take the rest from `high`.
void x64_vmovaps(CodeBuf *b, X64Vec l, X64Xmm dst, X64Xmm src);
void x64_vmovdqa(CodeBuf *b, X64Vec l, X64Xmm dst, X64Xmm src);
void x64_vmovss(CodeBuf *b, X64Xmm dst, X64Xmm high, X64Xmm src);
void x64_vmovsd(CodeBuf *b, X64Xmm dst, X64Xmm high, X64Xmm src);
void x64_vmovq(CodeBuf *b, X64Xmm dst, X64Xmm src);

// A distance of one byte to a label that is bound and near, else of four.
void x64_jmp(CodeBuf *b, CodeLabel label);
void x64_jcc(CodeBuf *b, X64Cc cc, CodeLabel label);
static inline void x64_call(CodeBuf *b, CodeLabel label) {
    x64_call_rel32(b, label);
}

// So many bytes that do nothing, in few instructions.
void x64_nops(CodeBuf *b, size_t size);
// x64_nops up to the next multiple of a power of two.
void x64_align(CodeBuf *b, uint32_t to);
