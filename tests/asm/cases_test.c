// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every row of asm/x64/inst.def with all pairs of registers, boundary
// immediates and displacements, and all ways to address memory. Each is
// written, decoded and compared; a row passes if all of its cases do.
//
// With a folder as the argument it leaves there what tests/asm/run.sh shows to
// the assembler and the disassembler of the system:
//
//   all.bin, all.txt  every case: bytes, and our text for them
//   as.s, as.bin      those of which `as` should make the same bytes
//   as.txt            their bytes in hexadecimal and text, for messages
#include "asm/x64/print.h"
#include "unit/unit.h"

#include <stdlib.h>

typedef struct Output {
    FILE *all_bin, *all_txt, *as_s, *as_bin, *as_txt;
} Output;

static Output output; // all NULL without a folder
static CodeBuf code;
static uint64_t cases, failures;
static uint64_t address; // of the case in all.bin

static void call_encoder(CodeBuf *b, const X64Inst *in) {
    switch (in->op) {
#include "asm/x64/call.inc"
    case X64_count:
        break;
    }
}

// --- what `as` makes of the text ---------------------------------------------

static const X64Operand *find_operand(const X64Inst *in, X64Field field) {
    const X64Info *info = &x64_info[in->op];
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == field) return &info->operand[i];
    return NULL;
}

static uint32_t row_enc(const X64Inst *in) {
    return x64_info[in->op].enc[in->variant];
}

static bool is_one_of(X64Op op, const X64Op *ops, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (ops[i] == op) return true;
    return false;
}

// Groups by opcode: arithmetic with an immediate, and shifts by one.
static bool has_opcode(const X64Inst *in, uint32_t opcode) {
    uint32_t enc = row_enc(in);
    return (enc & ENC_MODRM) && !(enc & ENC_VEX) && (enc >> ENC_MAP & 3) == 0 &&
           ((enc & 255) | (in->variant == W_8)) == opcode;
}

// Moves that have a twin with the fields of ModRM exchanged: `as` takes the
// shorter one, and of equals the first.
static bool as_takes_twin(const X64Inst *in) {
    static const X64Op moves[] = {X64_vmovaps_rr, X64_vmovdqa_rr, X64_vmovss_rr,
                                  X64_vmovsd_rr, X64_vmovq_rr};
    static const X64Op twins[] = {X64_vmovaps_rev, X64_vmovdqa_rev,
                                  X64_vmovss_rev, X64_vmovsd_rev,
                                  X64_vmovq_rev};
    uint32_t len = x64_info[in->op].operand_len;
    uint8_t src = len ? in->reg[len - 1] : 0;
    bool twin_is_shorter = in->reg[0] < 8 && src >= 8;
    return is_one_of(in->op, twin_is_shorter ? moves : twins, COUNTOF(moves));
}

// Rows for which `as` takes another encoding, with these operands; it is that
// of one of our other rows, and the shortest.
static bool as_differs(const X64Inst *in) {
    if (as_takes_twin(in)) return true;
    bool is_short = in->imm == (int8_t)in->imm;
    bool is_rax = in->reg[0] == GP_rax && !(row_enc(in) & ENC_MEM);
    if (has_opcode(in, 0x81)) return is_rax || (is_short && in->variant != W_8);
    if (has_opcode(in, 0xf7) && find_operand(in, FIELD_imm)) return is_rax;
    if (has_opcode(in, 0xc1)) return in->imm == 1;
    static const X64Op short_imm[] = {X64_add_ai,   X64_or_ai,   X64_adc_ai,
                                      X64_sbb_ai,   X64_and_ai,  X64_sub_ai,
                                      X64_xor_ai,   X64_cmp_ai,  X64_imul_rri,
                                      X64_imul_rmi, X64_push_i32};
    if (is_one_of(in->op, short_imm, COUNTOF(short_imm)))
        return is_short && (in->variant != W_8 || in->op == X64_push_i32);
    if (in->op == X64_xchg_rr)
        return in->variant != W_8 &&
               (in->reg[0] == GP_rax || in->reg[1] == GP_rax);
    return false;
}

// --- one case ----------------------------------------------------------------

static bool same_operands(const X64Inst *a, const X64Inst *b) {
    const X64Info *info = &x64_info[a->op];
    bool same = a->op == b->op && a->variant == b->variant && a->cc == b->cc;
    for (uint32_t i = 0; i < info->operand_len && same; i++) {
        switch ((X64Field)info->operand[i].field) {
        case FIELD_imm:
        case FIELD_rel:
            same = a->imm == b->imm;
            break;
        case FIELD_rm:
            if (row_enc(a) & ENC_MEM) {
                same = a->mem.base == b->mem.base &&
                       a->mem.index == b->mem.index &&
                       a->mem.scale == b->mem.scale &&
                       a->mem.disp == b->mem.disp;
                break;
            }
            FALLTHROUGH;
        case FIELD_reg:
        case FIELD_vvvv:
        case FIELD_op:
        case FIELD_is4:
            same = a->reg[i] == b->reg[i];
            break;
        case FIELD_cl:
        case FIELD_acc:
        case FIELD_one:
        case FIELD_xmm0:
        case FIELD_count:
            break;
        }
    }
    return same;
}

static void write_case(const X64Inst *in, const uint8_t *bytes, size_t size) {
    char text[X64_TEXT_MAX];
    x64_print(in, address, text);
    address += size;
    fprintf(output.all_txt, "%s\n", text);
    fwrite(bytes, 1, size, output.all_bin);
    if (as_differs(in)) return;
    if (find_operand(in, FIELD_rel))
        fprintf(output.as_s, "%.*s .%+" PRId64 "\n", (int)strcspn(text, " "),
                text, in->imm + in->size);
    else
        fprintf(output.as_s, "%s\n", text);
    fwrite(bytes, 1, size, output.as_bin);
    for (size_t i = 0; i < size; i++)
        fprintf(output.as_txt, "%02x ", bytes[i]);
    fprintf(output.as_txt, "\t%s\n", text);
}

static void check_bytes(const X64Inst *in, const uint8_t *bytes, size_t size) {
    X64Inst got;
    char text[X64_TEXT_MAX];
    cases++;
    if (!x64_decode(&got, bytes, size) || got.size != size ||
        !same_operands(in, &got)) {
        failures++;
        x64_print(in, 0, text);
        fprintf(stderr, "not decoded: %s\n", text);
        return;
    }
    // Any bytes missing, and it must not decode.
    X64Inst cut;
    if (size > 1 && x64_decode(&cut, bytes, size - 1)) failures++;
    if (output.all_bin) write_case(&got, bytes, size);
}

static void check(const X64Inst *in) {
    code.at = code.start;
    call_encoder(&code, in);
    check_bytes(in, code.start, code_offset(&code));
}

// --- operands ----------------------------------------------------------------

static const int64_t imm_values[] = {
    0,         1,      -1,      127,       -128,       128,
    -129,      0x7fff, -0x8000, 0x8000,    0x12345678, INT32_MAX,
    INT32_MIN, 255,    65535,   INT64_MAX, INT64_MIN,  0x123456789abcdef};

static bool fits(int64_t value, uint32_t size) {
    uint32_t shift = 64 - 8 * size;
    return (int64_t)((uint64_t)value << shift) >> shift == value;
}

// Registers a and c first; the others so that each two see all pairs.
static void set_registers(X64Inst *in, uint32_t a, uint32_t c) {
    in->reg[0] = (uint8_t)a;
    in->reg[1] = (uint8_t)c;
    in->reg[2] = (5 * a + 7 * c + 3) & 15;
    in->reg[3] = (3 * a + 11 * c + 1) & 15;
    const X64Info *info = &x64_info[in->op];
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == FIELD_cl) in->reg[i] = GP_rcx;
}

// Names of comparisons take the place of small predicates in `objdump`.
static bool imm_is_named(const X64Inst *in) {
    return strncmp(x64_info[in->op].mnemonic, "cmp", 3) == 0 ||
           strncmp(x64_info[in->op].mnemonic, "vcmp", 4) == 0;
}

static void check_imms(X64Inst in) {
    const X64Operand *imm = find_operand(&in, FIELD_imm);
    if (!imm) return;
    uint32_t size = enc_imm_size(row_enc(&in));
    for (uint32_t i = 0; i < COUNTOF(imm_values); i++) {
        in.imm = imm_values[i];
        if (!fits(in.imm, size)) continue;
        if (class_is_vector(x64_info[in.op].operand[0].class) &&
            imm_is_named(&in) && in.imm >= 0 && in.imm < 32)
            continue;
        check(&in);
    }
}

static uint32_t registers_in(const X64Inst *in) {
    const X64Info *info = &x64_info[in->op];
    uint32_t len = 0;
    for (uint32_t i = 0; i < info->operand_len; i++) {
        X64Field field = info->operand[i].field;
        len += field == FIELD_reg || field == FIELD_vvvv || field == FIELD_op ||
               field == FIELD_is4 ||
               (field == FIELD_rm && !(row_enc(in) & ENC_MEM));
    }
    return len;
}

static void check_registers(X64Inst in) {
    uint32_t len = registers_in(&in);
    for (uint32_t a = 0; a < (len > 0 ? 16 : 1); a++) {
        for (uint32_t c = 0; c < (len > 1 ? 16 : 1); c++) {
            set_registers(&in, a, c);
            in.imm = imm_is_named(&in) ? 100 : 5;
            check(&in);
        }
        check_imms(in);
    }
}

static const int32_t disps[] = {0,    1,    -1,        127,      128,
                                -128, -129, INT32_MAX, INT32_MIN};

// All that can be addressed with this base; few: not with every displacement.
static void check_base(X64Inst in, uint8_t base, bool few) {
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t index = i >> 2;
        uint32_t scale = i & 3;
        if (index == GP_rsp && scale > 0) continue;
        // `as` makes an index that is not scaled the base.
        if (base == MEM_none && scale == 0 && index != GP_rsp) continue;
        for (uint32_t k = 0; k < COUNTOF(disps); k++) {
            if (few && (i + base) % (2 * COUNTOF(disps)) != 2 * k) continue;
            in.mem = (X64Mem){base, (uint8_t)index, (uint8_t)scale, disps[k]};
            set_registers(&in, (i + base + k) & 15, (3 * i + k) & 15);
            in.imm = imm_is_named(&in) ? 100 : 5;
            check(&in);
        }
    }
}

static void check_memory(X64Inst in) {
    static const X64Op thorough[] = {
        X64_mov_rm,    X64_movzx8_rm,      X64_add_mi,     X64_movups_mr,
        X64_vaddps_rm, X64_vfmadd231sd_rm, X64_vpshufd_rm, X64_lock_xadd_mr};
    bool few = !is_one_of(in.op, thorough, COUNTOF(thorough));
    for (uint8_t base = 0; base <= MEM_none; base++)
        check_base(in, base, few);
    for (uint32_t k = 0; k < COUNTOF(disps); k++) {
        in.mem = (X64Mem){MEM_rip, GP_rsp, 0, disps[k]};
        set_registers(&in, k, 9 - k);
        in.imm = imm_is_named(&in) ? 100 : 5;
        check(&in);
    }
    check_imms(in);
}

// The label lies `distance` bytes from the end of the instruction.
static void check_jump(X64Inst in, int32_t distance) {
    in.imm = distance;
    code_init(&code, code.arena);
    CodeLabel label = code_label(&code);
    uint32_t enc = row_enc(&in);
    size_t size = (enc >> ENC_MAP & 3 ? 2u : 1u) + enc_imm_size(enc);
    size_t before = distance < 0 ? (size_t)-(int64_t)distance - size : 0;
    if (distance < 0) code_bind(&code, label);
    x64_nops(&code, before);
    X64Inst call = in;
    call.imm = label.index;
    call_encoder(&code, &call);
    x64_nops(&code, distance > 0 ? (size_t)distance : 0);
    if (distance >= 0) code_bind(&code, label);
    check_bytes(&in, code.start + before, size);
}

static void check_jumps(X64Inst in) {
    static const int32_t near[] = {-128, -127, -7, 0, 1, 126, 127};
    static const int32_t far[] = {-40000, -140, 128, 1000, 40000};
    bool is_near = enc_imm_size(row_enc(&in)) == 1;
    const int32_t *distances = is_near ? near : far;
    for (size_t i = 0; i < (is_near ? COUNTOF(near) : COUNTOF(far)); i++) {
        ArenaMark mark = arena_mark(code.arena);
        CodeBuf kept = code;
        check_jump(in, distances[i]);
        code = kept;
        arena_rewind(code.arena, mark);
    }
}

// --- rows --------------------------------------------------------------------

static void check_variant(X64Inst in) {
    if (find_operand(&in, FIELD_rel))
        check_jumps(in);
    else if (row_enc(&in) & ENC_MEM)
        check_memory(in);
    else
        check_registers(in);
}

static bool check_row(X64Op op) {
    const X64Info *info = &x64_info[op];
    uint64_t before = failures;
    for (uint8_t i = 0; i < X64_VARIANTS; i++) {
        if (info->enc[i] == 0) continue;
        for (uint8_t cc = 0; cc < (info->cc ? 16 : 1); cc++)
            check_variant((X64Inst){.op = op, .variant = i, .cc = cc});
    }
    return failures == before;
}

static FILE *create(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file) return file;
    perror(path);
    exit(2);
}

static void open_output(const char *folder) {
    output = (Output){create(folder, "all.bin"), create(folder, "all.txt"),
                      create(folder, "as.s"), create(folder, "as.bin"),
                      create(folder, "as.txt")};
    fprintf(output.as_s, ".intel_syntax noprefix\n");
}

static bool close_output(void) {
    FILE *files[] = {output.all_bin, output.all_txt, output.as_s, output.as_bin,
                     output.as_txt};
    bool ok = true;
    for (size_t i = 0; i < COUNTOF(files); i++)
        if (files[i]) ok = fclose(files[i]) == 0 && ok;
    return ok;
}

// The number of rows that failed.
static int check_rows(Arena *arena) {
    int failed = 0;
    code_init(&code, arena);
    for (int op = 0; op < X64_count; op++) {
        if (check_row((X64Op)op)) continue;
        failed++;
        fprintf(stderr, "FAILED row %s\n", x64_info[op].mnemonic);
    }
    return failed;
}

int main(int argc, char **argv) {
    volatile int failed = X64_count;
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (argc > 1) open_output(argv[1]);
    if (ARENA_GUARD(&arena, &guard)) failed = check_rows(&arena);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    if (!close_output()) {
        perror("close");
        return 2;
    }
    fprintf(stderr, "%" PRIu64 " cases\n", cases);
    printf("%d passed, %d failed\n", X64_count - failed, failed);
    return failed != 0;
}
