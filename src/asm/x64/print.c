// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "asm/x64/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

typedef struct Text {
    char *at;
    size_t left;
} Text;

PRINTF(2, 3) static void put(Text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text->at, text->left, format, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < text->left);
    text->at += len;
    text->left -= (size_t)len;
}

static const char *const gp_names[4][16] = {
    [W_8] = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b",
             "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"},
    [W_16] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w",
              "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"},
    [W_32] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d",
              "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"},
    [W_64] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8",
              "r9", "r10", "r11", "r12", "r13", "r14", "r15"},
};

static const char *const cc_names[16] = {
    [CC_o] = "o", [CC_no] = "no", [CC_b] = "b",   [CC_ae] = "ae",
    [CC_e] = "e", [CC_ne] = "ne", [CC_be] = "be", [CC_a] = "a",
    [CC_s] = "s", [CC_ns] = "ns", [CC_p] = "p",   [CC_np] = "np",
    [CC_l] = "l", [CC_ge] = "ge", [CC_le] = "le", [CC_g] = "g",
};

// By the logarithm of the size in bytes.
static const char *const size_names[] = {"BYTE",  "WORD",    "DWORD",
                                         "QWORD", "XMMWORD", "YMMWORD"};

enum {
    NO_SIZE = COUNTOF(size_names)
};

// Logarithm of the bytes of a memory operand.
static uint32_t mem_size(const X64Inst *inst, X64Class class) {
    switch (class) {
    case CLASS_v:
        return inst->variant;
    case CLASS_8:
    case CLASS_e8:
    case CLASS_x8:
        return 0;
    case CLASS_16:
    case CLASS_e16:
    case CLASS_x16:
        return 1;
    case CLASS_32:
    case CLASS_x32:
        return 2;
    case CLASS_64:
    case CLASS_x64:
        return 3;
    case CLASS_x128:
        return 4;
    case CLASS_y:
    case CLASS_h:
    case CLASS_q:
    case CLASS_e:
        break;
    case CLASS_n:
    case CLASS_count:
        return NO_SIZE;
    }
    bool is_256 = (x64_info[inst->op].enc[inst->variant] & ENC_L) != 0;
    return (is_256 ? 5u : 4u) - (uint32_t)(class - CLASS_y);
}

static void put_register(Text *text, const X64Inst *inst, X64Class class,
                         uint8_t reg) {
    uint32_t size = mem_size(inst, class);
    if (class_is_vector(class))
        put(text, "%cmm%u", class == CLASS_y && size == 5 ? 'y' : 'x', reg);
    else if (class == CLASS_e8 || class == CLASS_e16)
        put(text, "%s", gp_names[W_32][reg]);
    else
        put(text, "%s", gp_names[size][reg]);
}

static void put_disp(Text *text, X64Mem mem) {
    int32_t disp = mem.disp;
    if (mem.base == MEM_rip) // an address to be, not a distance
        put(text, "+0x%" PRIx64, (uint64_t)(int64_t)disp);
    else if (disp < 0)
        put(text, "-0x%" PRIx64, -(int64_t)disp);
    else
        put(text, "+0x%" PRIx32, (uint32_t)disp);
}

static void put_mem(Text *text, const X64Inst *inst, X64Class class) {
    X64Mem mem = inst->mem;
    uint32_t size = mem_size(inst, class);
    if (size != NO_SIZE) put(text, "%s PTR ", size_names[size]);
    bool indexed = mem.index != GP_rsp;
    if (mem.base == MEM_none && !indexed) {
        put(text, "ds:0x%" PRIx64, (uint64_t)(int64_t)mem.disp);
        return;
    }
    put(text, "[");
    if (mem.base < MEM_none) put(text, "%s", gp_names[W_64][mem.base]);
    if (mem.base == MEM_rip) put(text, "rip");
    if (mem.base < MEM_none && indexed) put(text, "+");
    if (indexed) put(text, "%s*%u", gp_names[W_64][mem.index], 1u << mem.scale);
    // Where the encoding cannot leave it out, it is shown.
    if (mem.disp != 0 || mem.base >= MEM_none || (mem.base & 7) == GP_rbp)
        put_disp(text, mem);
    put(text, "]");
}

static void put_imm(Text *text, const X64Inst *inst, X64Class class) {
    uint32_t bits = 8u << mem_size(inst, class);
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    put(text, "0x%" PRIx64, (uint64_t)inst->imm & mask);
}

static void put_operand(Text *text, const X64Inst *inst, uint32_t index,
                        uint64_t end) {
    const X64Info *info = &x64_info[inst->op];
    X64Class class = info->operand[index].class;
    switch ((X64Field)info->operand[index].field) {
    case FIELD_imm:
        put_imm(text, inst, class);
        return;
    case FIELD_rel:
        put(text, "0x%" PRIx64, end + (uint64_t)inst->imm);
        return;
    case FIELD_one:
        put(text, "1");
        return;
    case FIELD_rm:
        if (info->enc[inst->variant] & ENC_MEM) {
            put_mem(text, inst, class);
            return;
        }
        break;
    case FIELD_reg:
    case FIELD_vvvv:
    case FIELD_op:
    case FIELD_is4:
    case FIELD_cl:
    case FIELD_acc:
    case FIELD_xmm0:
    case FIELD_count:
        break;
    }
    put_register(text, inst, class, inst->reg[index]);
}

void x64_print(const X64Inst *inst, uint64_t address, char out[X64_TEXT_MAX]) {
    Text text = {out, X64_TEXT_MAX};
    const X64Info *info = &x64_info[inst->op];
    for (const char *c = info->mnemonic; *c; c++) {
        if (*c == '%')
            put(&text, "%s", cc_names[inst->cc]);
        else
            put(&text, "%c", *c);
    }
    for (uint32_t i = 0; i < info->operand_len; i++) {
        put(&text, i == 0 ? " " : ",");
        put_operand(&text, inst, i, address + inst->size);
    }
}
