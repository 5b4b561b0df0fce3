// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An instruction is written front to back at the buffer's end: prefixes, REX or
// VEX, opcode, ModRM, SIB, displacement, immediate. Bytes that are only
// sometimes there are always stored, and then kept or overwritten: a branch
// that goes both ways costs more than a store. code_room promises the space.
//
// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2,
// chapter 2.
#include "asm/x64/encode.h"

enum {
    REX = 0x40,
    VEX2 = 0xc5,
    VEX3 = 0xc4,
    MOD_NO_DISP = 0x00,
    MOD_DISP8 = 0x40,
    MOD_DISP32 = 0x80,
    MOD_REG = 0xc0,
    RM_SIB = 4,    // in ModRM.rm: a SIB byte follows
    RM_DISP32 = 5, // with MOD_NO_DISP, in ModRM.rm: rip; in SIB.base: no base
};

static const uint8_t prefix_bytes[4] = {0, 0x66, 0xf3, 0xf2};

// --- prefixes and opcode -----------------------------------------------------

// Numbers of registers as R, X and B of REX: their fourth bits.
static uint32_t rxb(uint32_t reg, uint32_t index, uint32_t base) {
    return (reg >> 1 & 4) | (index >> 2 & 2) | (base >> 3 & 1);
}

static uint8_t *put_opcode(uint8_t *p, uint32_t enc, uint32_t ext,
                           bool needs_rex) {
    uint32_t pp = enc >> ENC_PP & 3;
    *p = prefix_bytes[pp];
    p += pp != 0;
    if (UNLIKELY(enc & ENC_LOCK)) *p++ = 0xf0;
    ext |= (enc & ENC_W) / (ENC_W / 8);
    *p = (uint8_t)(REX | ext);
    p += ext != 0 || needs_rex;
    uint32_t map = enc >> ENC_MAP & 3;
    *p = 0x0f;
    p += map != 0;
    *p = map == 2 ? 0x38 : 0x3a;
    p += map > 1;
    *p++ = (uint8_t)enc;
    return p;
}

// spl, bpl, sil and dil need a REX prefix; without one they are ah to bh.
static bool byte_needs_rex(uint32_t enc, uint32_t reg, uint32_t rm) {
    return ((enc & ENC_BYTE_REG) && reg >= 4) ||
           ((enc & ENC_BYTE_RM) && rm >= 4);
}

static uint8_t *put_vex(uint8_t *p, uint32_t enc, uint32_t ext, uint32_t vvvv) {
    uint32_t map = enc >> ENC_MAP & 3;
    uint32_t last =
        (~vvvv & 15) << 3 | (enc & ENC_L) / (ENC_L / 4) | (enc >> ENC_PP & 3);
    // The manual numbers pp as we do. R, X, B and vvvv are stored inverted.
    if (map == 1 && !(enc & ENC_W) && (ext & 3) == 0) {
        *p++ = VEX2;
        *p++ = (uint8_t)((~ext & 4) << 5 | last);
    } else {
        *p++ = VEX3;
        *p++ = (uint8_t)((~ext & 7) << 5 | map);
        *p++ = (uint8_t)((enc & ENC_W) / (ENC_W / 0x80) | last);
    }
    *p++ = (uint8_t)enc;
    return p;
}

// --- ModRM and what follows --------------------------------------------------

static uint8_t *put_reg(uint8_t *p, uint32_t reg, uint32_t rm) {
    *p++ = (uint8_t)(MOD_REG | (reg & 7) << 3 | (rm & 7));
    return p;
}

// Without a base register. The distance to a label counts from the end of the
// instruction, `imm_size` bytes behind the field.
static uint8_t *put_mem_no_base(CodeBuf *b, uint8_t *p, uint32_t reg,
                                X64Mem mem, uint32_t imm_size) {
    if (mem.base == MEM_none) {
        *p++ = (uint8_t)(MOD_NO_DISP | reg | RM_SIB);
        *p++ = (uint8_t)(mem.scale << 6 | (mem.index & 7) << 3 | RM_DISP32);
    } else {
        *p++ = (uint8_t)(MOD_NO_DISP | reg | RM_DISP32);
    }
    store_u32(p, mem.base == MEM_label ? -imm_size : (uint32_t)mem.disp);
    if (mem.base == MEM_label)
        code_fix(b, CODE_FIX_rel32, (uint32_t)(p - b->start),
                 (CodeLabel){(uint32_t)mem.disp});
    return p + 4;
}

static uint8_t *put_mem(CodeBuf *b, uint8_t *p, uint32_t reg, X64Mem mem,
                        uint32_t imm_size) {
    reg = (reg & 7) << 3;
    if (UNLIKELY(mem.base >= MEM_none))
        return put_mem_no_base(b, p, reg, mem, imm_size);
    uint32_t base = mem.base & 7;
    uint32_t mod = MOD_DISP32;
    // rbp and r13 have no form without a displacement.
    if (mem.disp == 0 && base != RM_DISP32)
        mod = MOD_NO_DISP;
    else if (mem.disp == (int8_t)mem.disp)
        mod = MOD_DISP8;
    // rsp as the index means none; rsp and r12 as the base need a SIB byte.
    if (mem.index != GP_rsp || base == RM_SIB) {
        *p++ = (uint8_t)(mod | reg | RM_SIB);
        *p++ = (uint8_t)(mem.scale << 6 | (mem.index & 7) << 3 | (int)base);
    } else {
        *p++ = (uint8_t)(mod | reg | base);
    }
    store_u32(p, (uint32_t)mem.disp);
    return p + (mod == MOD_NO_DISP ? 0 : mod == MOD_DISP8 ? 1 : 4);
}

static void put_imm(CodeBuf *b, uint8_t *p, uint32_t enc, uint32_t imm) {
    store_u32(p, imm);
    b->at = p + enc_imm_size(enc);
}

static uint32_t mem_rxb(uint32_t reg, X64Mem mem) {
    return rxb(reg, mem.index, mem.base);
}

// --- shapes ------------------------------------------------------------------

void x64_put_op(CodeBuf *b, uint32_t enc) {
    uint8_t *p = put_opcode(code_room(b), enc, 0, false);
    // A ModRM byte without operands is part of the opcode.
    if (enc & ENC_MODRM) p = put_reg(p, enc >> ENC_DIGIT, 0);
    b->at = p;
}

void x64_put_i(CodeBuf *b, uint32_t enc, uint32_t imm) {
    put_imm(b, put_opcode(code_room(b), enc, 0, false), enc, imm);
}

static uint8_t *put_plus(CodeBuf *b, uint32_t enc, uint32_t reg) {
    return put_opcode(code_room(b), enc | (reg & 7), rxb(0, 0, reg), false);
}

void x64_put_o(CodeBuf *b, uint32_t enc, uint32_t reg) {
    b->at = put_plus(b, enc, reg);
}

void x64_put_oi(CodeBuf *b, uint32_t enc, uint32_t reg, uint64_t imm) {
    uint8_t *p = put_plus(b, enc, reg);
    store_u64(p, imm);
    b->at = p + enc_imm_size(enc);
}

void x64_put_rel(CodeBuf *b, uint32_t enc, CodeLabel label) {
    uint8_t *p = put_opcode(code_room(b), enc, 0, false);
    uint32_t size = enc_imm_size(enc);
    store_u32(p, 0);
    b->at = p + size;
    code_fix(b, size == 1 ? CODE_FIX_rel8 : CODE_FIX_rel32,
             code_offset(b) - size, label);
}

static uint8_t *put_rr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t rm) {
    uint8_t *p = put_opcode(code_room(b), enc, rxb(reg, 0, rm),
                            byte_needs_rex(enc, reg, rm));
    return put_reg(p, reg, rm);
}

static uint8_t *put_rm(CodeBuf *b, uint32_t enc, uint32_t reg, X64Mem mem) {
    uint8_t *p = put_opcode(code_room(b), enc, mem_rxb(reg, mem),
                            byte_needs_rex(enc, reg, 0));
    return put_mem(b, p, reg, mem, enc_imm_size(enc));
}

void x64_put_rr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t rm) {
    b->at = put_rr(b, enc, reg, rm);
}

void x64_put_rri(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t rm,
                 uint32_t imm) {
    put_imm(b, put_rr(b, enc, reg, rm), enc, imm);
}

void x64_put_rm(CodeBuf *b, uint32_t enc, uint32_t reg, X64Mem mem) {
    b->at = put_rm(b, enc, reg, mem);
}

void x64_put_rmi(CodeBuf *b, uint32_t enc, uint32_t reg, X64Mem mem,
                 uint32_t imm) {
    put_imm(b, put_rm(b, enc, reg, mem), enc, imm);
}

void x64_put_vop(CodeBuf *b, uint32_t enc) {
    b->at = put_vex(code_room(b), enc, 0, 0);
}

static uint8_t *put_vrr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                        uint32_t rm) {
    uint8_t *p = put_vex(code_room(b), enc, rxb(reg, 0, rm), vvvv);
    return put_reg(p, reg, rm);
}

static uint8_t *put_vrm(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                        X64Mem mem) {
    uint8_t *p = put_vex(code_room(b), enc, mem_rxb(reg, mem), vvvv);
    return put_mem(b, p, reg, mem, enc_imm_size(enc));
}

void x64_put_vrr(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                 uint32_t rm) {
    b->at = put_vrr(b, enc, reg, vvvv, rm);
}

void x64_put_vrri(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                  uint32_t rm, uint32_t imm) {
    put_imm(b, put_vrr(b, enc, reg, vvvv, rm), enc, imm);
}

void x64_put_vrm(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                 X64Mem mem) {
    b->at = put_vrm(b, enc, reg, vvvv, mem);
}

void x64_put_vrmi(CodeBuf *b, uint32_t enc, uint32_t reg, uint32_t vvvv,
                  X64Mem mem, uint32_t imm) {
    put_imm(b, put_vrm(b, enc, reg, vvvv, mem), enc, imm);
}

// --- the shortest encoding ---------------------------------------------------

// The eight operations differ by 8 in the opcode, or in the digit.
static uint32_t alu_enc(X64Op add_row, X64Alu alu, X64Width w) {
    return x64_info[add_row].enc[w] + (uint32_t)alu * 8;
}

static uint32_t imm_cut(int32_t imm, X64Width w) {
    return (uint32_t)(w == W_8 ? (int8_t)imm : w == W_16 ? (int16_t)imm : imm);
}

void x64_alu_rr(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, X64Gp src) {
    x64_put_rr(b, alu_enc(X64_add_rr, alu, w), src, dst);
}

void x64_alu_rm(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, X64Mem src) {
    x64_put_rm(b, alu_enc(X64_add_rm, alu, w), dst, src);
}

void x64_alu_mr(CodeBuf *b, X64Alu alu, X64Width w, X64Mem dst, X64Gp src) {
    x64_put_rm(b, alu_enc(X64_add_mr, alu, w), src, dst);
}

void x64_alu_ri(CodeBuf *b, X64Alu alu, X64Width w, X64Gp dst, int32_t imm) {
    uint32_t bits = imm_cut(imm, w);
    if (w != W_8 && bits == (uint32_t)(int8_t)bits)
        x64_put_rri(b, x64_info[X64_add_ri8].enc[w], alu, dst, bits);
    else if (dst == GP_rax)
        x64_put_i(b, alu_enc(X64_add_ai, alu, w), bits);
    else
        x64_put_rri(b, x64_info[X64_add_ri].enc[w], alu, dst, bits);
}

void x64_alu_mi(CodeBuf *b, X64Alu alu, X64Width w, X64Mem dst, int32_t imm) {
    uint32_t bits = imm_cut(imm, w);
    bool is_short = w != W_8 && bits == (uint32_t)(int8_t)bits;
    X64Op row = is_short ? X64_add_mi8 : X64_add_mi;
    x64_put_rmi(b, x64_info[row].enc[w], alu, dst, bits);
}

void x64_shift_ri(CodeBuf *b, X64Shift shift, X64Width w, X64Gp dst,
                  uint8_t count) {
    if (count == 1)
        x64_put_rr(b, x64_info[X64_rol_r1].enc[w], shift, dst);
    else
        x64_put_rri(b, x64_info[X64_rol_ri].enc[w], shift, dst, count);
}

void x64_shift_rc(CodeBuf *b, X64Shift shift, X64Width w, X64Gp dst) {
    x64_put_rr(b, x64_info[X64_rol_rc].enc[w], shift, dst);
}

void x64_test(CodeBuf *b, X64Width w, X64Gp reg, int32_t imm) {
    if (reg == GP_rax)
        x64_test_ai(b, w, imm);
    else
        x64_test_ri(b, w, reg, imm);
}

void x64_mov(CodeBuf *b, X64Gp dst, uint64_t imm) {
    if (imm <= UINT32_MAX)
        x64_mov_ri(b, dst, (int32_t)imm);
    else if ((int64_t)imm == (int32_t)imm)
        x64_mov_ris(b, dst, (int32_t)imm);
    else
        x64_movabs(b, dst, imm);
}

void x64_imul(CodeBuf *b, X64Width w, X64Gp dst, X64Gp src, int32_t imm) {
    if (imm == (int8_t)imm)
        x64_imul_rri8(b, w, dst, src, (int8_t)imm);
    else
        x64_imul_rri(b, w, dst, src, imm);
}

void x64_push_i(CodeBuf *b, int32_t imm) {
    if (imm == (int8_t)imm)
        x64_push_i8(b, (int8_t)imm);
    else
        x64_push_i32(b, imm);
}

// The two-byte VEX prefix can extend ModRM.reg, but not ModRM.rm.
static bool reverse(X64Xmm dst, X64Xmm src) {
    return dst < XMM_8 && src >= XMM_8;
}

void x64_vmovaps(CodeBuf *b, X64Vec l, X64Xmm dst, X64Xmm src) {
    if (reverse(dst, src))
        x64_vmovaps_rev(b, l, dst, src);
    else
        x64_vmovaps_rr(b, l, dst, src);
}

void x64_vmovdqa(CodeBuf *b, X64Vec l, X64Xmm dst, X64Xmm src) {
    if (reverse(dst, src))
        x64_vmovdqa_rev(b, l, dst, src);
    else
        x64_vmovdqa_rr(b, l, dst, src);
}

void x64_vmovss(CodeBuf *b, X64Xmm dst, X64Xmm high, X64Xmm src) {
    if (reverse(dst, src))
        x64_vmovss_rev(b, dst, high, src);
    else
        x64_vmovss_rr(b, dst, high, src);
}

void x64_vmovsd(CodeBuf *b, X64Xmm dst, X64Xmm high, X64Xmm src) {
    if (reverse(dst, src))
        x64_vmovsd_rev(b, dst, high, src);
    else
        x64_vmovsd_rr(b, dst, high, src);
}

void x64_vmovq(CodeBuf *b, X64Xmm dst, X64Xmm src) {
    if (reverse(dst, src))
        x64_vmovq_rev(b, dst, src);
    else
        x64_vmovq_rr(b, dst, src);
}

// Does a jump of `size` bytes with a distance of one byte reach the label?
static bool is_near(const CodeBuf *b, CodeLabel label, int64_t size) {
    if (!code_bound(b, label)) return false;
    int64_t from = (int64_t)code_offset(b) + size;
    return code_label_offset(b, label) - from >= INT8_MIN;
}

void x64_jmp(CodeBuf *b, CodeLabel label) {
    if (is_near(b, label, 2))
        x64_jmp_rel8(b, label);
    else
        x64_jmp_rel32(b, label);
}

void x64_jcc(CodeBuf *b, X64Cc cc, CodeLabel label) {
    if (is_near(b, label, 2))
        x64_jcc_rel8(b, cc, label);
    else
        x64_jcc_rel32(b, cc, label);
}

// The longest that decodes fast everywhere has 9 bytes; what tells the lengths
// apart is how much of a memory operand there is.
static void put_nop(CodeBuf *b, size_t size) {
    static const uint8_t bytes[9][9] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    code_bytes(b, bytes[size - 1], size);
}

void x64_nops(CodeBuf *b, size_t size) {
    while (size > 0) {
        size_t part = MIN(size, 9);
        put_nop(b, part);
        size -= part;
    }
}

void x64_align(CodeBuf *b, uint32_t to) {
    assert(is_pow2(to) && to <= CODE_ALIGN);
    x64_nops(b, -code_offset(b) & (to - 1));
}
