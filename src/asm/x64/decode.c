// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prefixes and opcode choose a short list of rows; the first whose other bits
// agree is it.
#include "asm/x64/decode.h"

// A read beyond the end is zero and is remembered.
typedef struct Bytes {
    const uint8_t *at, *end;
    bool ran_out;
} Bytes;

typedef struct Parts {
    Bytes bytes; // behind the opcode
    bool lock, rex, vex;
    uint32_t pp, map, vvvv;
    uint32_t w, r, x, b; // 0 or 1
    uint32_t l;
    uint8_t opcode;
} Parts;

static uint8_t take(Bytes *bytes) {
    if (bytes->at < bytes->end) return *bytes->at++;
    bytes->ran_out = true;
    return 0;
}

static uint8_t peek(const Bytes *bytes) {
    return bytes->at < bytes->end ? *bytes->at : 0;
}

static int64_t take_signed(Bytes *bytes, uint32_t size) {
    uint64_t value = 0;
    if (size == 0) return 0;
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)take(bytes) << 8 * i;
    uint32_t shift = 64 - 8 * size;
    return (int64_t)(value << shift) >> shift;
}

// --- prefixes and opcode -----------------------------------------------------

static bool take_prefix(Parts *parts, uint8_t byte) {
    static const uint8_t pps[256] = {[0x66] = 1, [0xf3] = 2, [0xf2] = 3};
    if (byte == 0xf0 && !parts->lock) {
        parts->lock = true;
    } else if (pps[byte] && !parts->pp) {
        parts->pp = pps[byte];
    } else {
        return false;
    }
    return true;
}

static void set_rex(Parts *parts, uint8_t wrxb) {
    parts->rex = true;
    parts->w = wrxb >> 3 & 1;
    parts->r = wrxb >> 2 & 1;
    parts->x = wrxb >> 1 & 1;
    parts->b = wrxb & 1;
}

static void take_vex(Parts *parts, uint8_t first) {
    uint8_t byte = take(&parts->bytes);
    parts->vex = true;
    parts->r = ~byte >> 7 & 1;
    parts->map = 1;
    if (first == 0xc4) {
        parts->x = ~byte >> 6 & 1;
        parts->b = ~byte >> 5 & 1;
        parts->map = byte & 31;
        byte = take(&parts->bytes);
        parts->w = byte >> 7;
    }
    parts->vvvv = ~byte >> 3 & 15;
    parts->l = byte >> 2 & 1;
    parts->pp = byte & 3;
    parts->opcode = take(&parts->bytes);
}

static void take_opcode(Parts *parts, uint8_t byte) {
    if (byte == 0x0f) {
        parts->map = 1;
        byte = take(&parts->bytes);
        if (byte == 0x38 || byte == 0x3a) {
            parts->map = byte == 0x38 ? 2 : 3;
            byte = take(&parts->bytes);
        }
    }
    parts->opcode = byte;
}

static bool take_parts(Parts *parts) {
    uint8_t byte = take(&parts->bytes);
    while (take_prefix(parts, byte))
        byte = take(&parts->bytes);
    if (byte == 0xc4 || byte == 0xc5) {
        if (parts->lock || parts->pp) return false;
        take_vex(parts, byte);
        return parts->map >= 1 && parts->map <= 3;
    }
    if (byte >> 4 == 4) {
        set_rex(parts, byte & 15);
        byte = take(&parts->bytes);
    }
    take_opcode(parts, byte);
    return true;
}

// --- finding the row ---------------------------------------------------------

static bool has_field(const X64Info *info, X64Field field) {
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == field) return true;
    return false;
}

static bool modrm_matches(const X64Info *info, uint32_t enc,
                          const Parts *parts) {
    uint8_t modrm = peek(&parts->bytes);
    uint32_t reg = modrm >> 3 & 7;
    uint32_t rm = modrm & 7;
    bool is_mem = modrm < 0xc0;
    if (is_mem != ((enc & ENC_MEM) != 0)) return false;
    if ((enc & ENC_HAS_DIGIT) && (enc >> ENC_DIGIT & 7) != reg) return false;
    // Without a REX prefix these bytes would be ah to bh.
    if ((enc & ENC_BYTE_REG) && !parts->rex && reg >= 4) return false;
    if ((enc & ENC_BYTE_RM) && !parts->rex && rm >= 4) return false;
    return is_mem || rm == 0 || has_field(info, FIELD_rm);
}

static bool enc_matches(const X64Info *info, uint32_t enc, const Parts *parts) {
    uint32_t span = info->cc ? 16 : enc & ENC_PLUS_REG ? 8 : 1;
    if (parts->opcode - (enc & 255) >= span) return false;
    if ((enc & ENC_LOCK) != (parts->lock ? ENC_LOCK : 0)) return false;
    if ((enc >> ENC_PP & 3) != parts->pp) return false;
    if (!(enc & ENC_ANY_W) && ((enc & ENC_W) != 0) != parts->w) return false;
    if (!(enc & ENC_ANY_L) && ((enc & ENC_L) != 0) != parts->l) return false;
    if (parts->vvvv != 0 && !has_field(info, FIELD_vvvv)) return false;
    return !(enc & ENC_MODRM) || modrm_matches(info, enc, parts);
}

static bool find_row(X64Inst *inst, const Parts *parts) {
    uint32_t space = parts->map + (parts->vex ? 3 : 0);
    for (const uint16_t *row = x64_rows(space, parts->opcode);
         *row != X64_count; row++) {
        const X64Info *info = &x64_info[*row];
        for (uint8_t i = 0; i < X64_VARIANTS; i++) {
            if (!info->enc[i] || !enc_matches(info, info->enc[i], parts))
                continue;
            inst->op = (X64Op)*row;
            inst->variant = i;
            return true;
        }
    }
    return false;
}

// --- operands ----------------------------------------------------------------

static X64Mem take_mem(Parts *parts, uint8_t modrm) {
    Bytes *bytes = &parts->bytes;
    uint32_t mod = modrm >> 6;
    uint32_t base = modrm & 7;
    X64Mem mem = {.index = GP_rsp};
    if (base == 4) {
        uint8_t sib = take(bytes);
        mem.scale = sib >> 6;
        mem.index = (uint8_t)((sib >> 3 & 7) | parts->x << 3);
        base = sib & 7;
        mem.base = (uint8_t)(base | parts->b << 3);
        if (mod == 0 && base == 5) mem.base = MEM_none;
    } else {
        mem.base = (uint8_t)(base | parts->b << 3);
        if (mod == 0 && base == 5) mem.base = MEM_rip;
    }
    bool wide = mod == 2 || mem.base >= MEM_none;
    mem.disp = (int32_t)take_signed(bytes, wide ? 4 : mod);
    return mem;
}

static uint8_t register_in(const Parts *parts, X64Field field, uint8_t modrm) {
    switch (field) {
    case FIELD_reg:
        return (uint8_t)((modrm >> 3 & 7) | parts->r << 3);
    case FIELD_rm:
        return (uint8_t)((modrm & 7) | parts->b << 3);
    case FIELD_vvvv:
        return (uint8_t)parts->vvvv;
    case FIELD_op:
        return (uint8_t)((parts->opcode & 7) | parts->b << 3);
    case FIELD_cl:
        return GP_rcx;
    case FIELD_imm:
    case FIELD_is4:
    case FIELD_rel:
    case FIELD_acc:
    case FIELD_one:
    case FIELD_xmm0:
    case FIELD_count:
        break;
    }
    return 0;
}

static void take_operands(X64Inst *inst, Parts *parts) {
    const X64Info *info = &x64_info[inst->op];
    uint32_t enc = info->enc[inst->variant];
    uint8_t modrm = enc & ENC_MODRM ? take(&parts->bytes) : 0;
    if (enc & ENC_MEM) inst->mem = take_mem(parts, modrm);
    inst->imm = take_signed(&parts->bytes, enc_imm_size(enc));
    if (info->cc) inst->cc = parts->opcode & 15;
    for (uint32_t i = 0; i < info->operand_len; i++)
        inst->reg[i] = register_in(parts, info->operand[i].field, modrm);
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == FIELD_is4)
            inst->reg[i] = (uint8_t)(inst->imm >> 4 & 15);
}

bool x64_decode(X64Inst *inst, const uint8_t *bytes, size_t size) {
    Parts parts = {.bytes = {bytes, bytes + size, false}};
    *inst = (X64Inst){0};
    if (!take_parts(&parts) || !find_row(inst, &parts)) return false;
    take_operands(inst, &parts);
    inst->size = (uint8_t)(parts.bytes.at - bytes);
    return !parts.bytes.ran_out;
}
