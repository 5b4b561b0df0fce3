// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads every case of asm_cases_test with our decoder and with Zydis, and
// compares what they see: lengths, operands, and what is read and written, also
// without being named. tests/asm/extended.sh builds it.
//
//     zydis ALL.BIN
#include "asm/x64/decode.h"

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Theirs {
    ZydisDecodedInstruction in;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
} Theirs;

static uint8_t number_of(ZydisRegister reg) {
    ZydisRegister large =
        ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    return (uint8_t)ZydisRegisterGetId(large);
}

static bool same_memory(const X64Inst *a, const ZydisDecodedOperandMem *m) {
    uint8_t base = m->base == ZYDIS_REGISTER_NONE  ? MEM_none
                   : m->base == ZYDIS_REGISTER_RIP ? MEM_rip
                                                   : number_of(m->base);
    uint8_t index =
        m->index == ZYDIS_REGISTER_NONE ? GP_rsp : number_of(m->index);
    uint32_t scale = m->index == ZYDIS_REGISTER_NONE ? 0 : a->mem.scale;
    return a->mem.base == base && a->mem.index == index &&
           (index == GP_rsp || m->scale == 1u << scale) &&
           a->mem.disp == m->disp.value;
}

// The immediate as the machine uses it, of so many bits.
static bool same_number(int64_t a, uint64_t b, uint32_t bits) {
    uint64_t mask = bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    return (((uint64_t)a ^ b) & mask) == 0;
}

static bool same_operand(const X64Inst *a, uint32_t i,
                         const ZydisDecodedOperand *o) {
    const X64Operand *ours = &x64_info[a->op].operand[i];
    bool writes = o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
    if (writes != ((ours->role & ROLE_write) != 0) && ours->class != CLASS_n &&
        a->op != X64_nop_m)
        return false;
    switch (o->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        if (ours->field == FIELD_acc || ours->field == FIELD_xmm0)
            return number_of(o->reg.value) == 0;
        return number_of(o->reg.value) == a->reg[i];
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return ours->field == FIELD_rm && same_memory(a, &o->mem);
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        if (ours->field == FIELD_one) return o->imm.value.u == 1;
        return same_number(a->imm, o->imm.value.u,
                           enc_imm_size(x64_info[a->op].enc[a->variant]) * 8);
    default:
        return false;
    }
}

// What is written without being named has to be known to us.
static bool same_hidden(const X64Inst *a, const Theirs *t) {
    const X64Info *info = &x64_info[a->op];
    if (a->op == X64_int3) return true; // the handler's doing, not ours
    for (uint32_t i = t->in.operand_count_visible; i < t->in.operand_count;
         i++) {
        const ZydisDecodedOperand *o = &t->operands[i];
        if (o->type != ZYDIS_OPERAND_TYPE_REGISTER ||
            !(o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) ||
            o->reg.value == ZYDIS_REGISTER_MXCSR ||
            ZydisRegisterGetClass(o->reg.value) == ZYDIS_REGCLASS_FLAGS ||
            ZydisRegisterGetClass(o->reg.value) == ZYDIS_REGCLASS_IP)
            continue;
        uint8_t reg = number_of(o->reg.value);
        bool is_known = (reg == GP_rax && (info->writes & USES_rax)) ||
                        (reg == GP_rcx && (info->writes & USES_rcx)) ||
                        (reg == GP_rdx && (info->writes & USES_rdx)) ||
                        (reg == GP_rsp && (info->writes & USES_rsp)) ||
                        (reg == GP_rbp && a->op == X64_leave) ||
                        a->op == X64_vzeroupper;
        if (!is_known) return false;
    }
    const ZydisAccessedFlags *flags = t->in.cpu_flags;
    uint32_t changed =
        flags ? flags->modified | flags->set_0 | flags->set_1 | flags->undefined
              : 0;
    return !changed || (info->writes & USES_flags);
}

static const char *difference(const X64Inst *a, const Theirs *t) {
    const X64Info *info = &x64_info[a->op];
    if (a->size != t->in.length) return "length";
    // To us a nop of two bytes is an exchange, and one of memory has one operand;
    // what is always xmm0 has a name.
    uint32_t len = a->op == X64_nop2 ? 0 : info->operand_len;
    if (len > 0 && info->operand[len - 1].field == FIELD_xmm0) len--;
    uint32_t theirs = t->in.operand_count_visible - (a->op == X64_nop_m);
    if (len != theirs) return "number of operands";
    for (uint32_t i = 0; i < len; i++)
        if (!same_operand(a, i, &t->operands[i])) return "operand";
    return same_hidden(a, t) ? NULL : "what is written without a name";
}

static uint8_t *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) return NULL;
    long end = ftell(file);
    uint8_t *bytes = malloc((size_t)end + 1);
    rewind(file);
    *size = bytes ? fread(bytes, 1, (size_t)end, file) : 0;
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    static bool failed[X64_count], seen[X64_count];
    size_t size = 0;
    uint8_t *code = argc > 1 ? read_all(argv[1], &size) : NULL;
    if (!code || size == 0) return 2;
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                     ZYDIS_STACK_WIDTH_64);
    X64Inst a;
    for (size_t at = 0; at < size; at += a.size) {
        Theirs t;
        if (!x64_decode(&a, code + at, size - at)) return 2;
        const char *what = "their refusal";
        seen[a.op] = true;
        if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code + at, size - at,
                                                &t.in, t.operands)))
            what = difference(&a, &t);
        if (what && !failed[a.op]) {
            printf("%s (row %d): another %s:", x64_info[a.op].mnemonic, a.op,
                   what);
            for (uint32_t i = 0; i < a.size; i++)
                printf(" %02x", code[at + i]);
            printf("\n");
        }
        failed[a.op] |= what != NULL;
    }
    int bad = 0, rows = 0;
    for (int i = 0; i < X64_count; i++) {
        bad += failed[i];
        rows += seen[i];
    }
    printf("%d passed, %d failed\n", rows - bad, bad);
    return bad != 0;
}
