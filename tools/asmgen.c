// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packs the rows of asm/x64/inst.def into integers, so that nothing scans their
// strings at run time. Prints one of
//
//   asmgen info    x64_info, and which rows an opcode may belong to
//   asmgen inline  an encoder function for each row
//   asmgen call    for tests: a case for each row that calls its encoder
//
// Runs during the build and includes the table itself, so that the two cannot
// disagree. A mistake in the table stops the build.
#include "asm/x64/inst.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Row {
    const char *name, *mnemonic, *encoding, *operands;
    bool mem;
} Row;

static const Row rows[X64_count] = {
#define X64(name, mnemonic, encoding, operands) \
    [X64_##name] = {#name, mnemonic, encoding, operands, false},
#define X64M(name, mnemonic, encoding, operands) \
    [X64_##name] = {#name, mnemonic, encoding, operands, true},
#include "asm/x64/inst.def"
};

// A row, parsed. `size` is the letter that says what the variants are.
typedef struct Parsed {
    const Row *row;
    X64Info info;
    uint32_t enc; // what all variants share
    char size;    // W V Z, L for the vector length, 0 if there is one encoding
    bool imm_z, is4;
} Parsed;

static Parsed parsed[X64_count];

NORETURN static void fail(const Row *row, const char *what, const char *word) {
    fprintf(stderr, "asm/x64/inst.def: %s: %s: %s\n", row->name, what, word);
    exit(1);
}

// --- operands ----------------------------------------------------------------

static const char *const field_names[FIELD_count] = {
    [FIELD_reg] = "reg", [FIELD_rm] = "rm",     [FIELD_vvvv] = "vvvv",
    [FIELD_op] = "op",   [FIELD_imm] = "imm",   [FIELD_is4] = "is4",
    [FIELD_rel] = "rel", [FIELD_cl] = "cl",     [FIELD_acc] = "acc",
    [FIELD_one] = "one", [FIELD_xmm0] = "xmm0",
};

static const char *const class_names[CLASS_count] = {
    [CLASS_v] = "v",     [CLASS_8] = "8",     [CLASS_16] = "16",
    [CLASS_32] = "32",   [CLASS_64] = "64",   [CLASS_e8] = "e8",
    [CLASS_e16] = "e16", [CLASS_n] = "n",     [CLASS_x8] = "x8",
    [CLASS_x16] = "x16", [CLASS_x32] = "x32", [CLASS_x64] = "x64",
    [CLASS_y] = "y",     [CLASS_h] = "h",     [CLASS_x128] = "x128",
    [CLASS_q] = "q",     [CLASS_e] = "e",
};

static const char *const use_names[] = {"rax", "rcx", "rdx", "rsp", "flags"};

static uint8_t find(const Row *row, const char *const *names, size_t len,
                    const char *word) {
    for (size_t i = 0; i < len; i++)
        if (strcmp(names[i], word) == 0) return (uint8_t)i;
    fail(row, "unknown word in the operands", word);
}

static uint8_t take_role(const char **word) {
    char sign = **word;
    if (sign != '=' && sign != '+') return ROLE_read;
    ++*word;
    return sign == '=' ? ROLE_write : ROLE_read | ROLE_write;
}

static void parse_use(Parsed *p, const char *word) {
    uint8_t role = take_role(&word);
    uint8_t use = find(p->row, use_names, COUNTOF(use_names), word);
    if (role & ROLE_read) p->info.reads |= (uint8_t)(1 << use);
    if (role & ROLE_write) p->info.writes |= (uint8_t)(1 << use);
}

static void parse_operand(Parsed *p, char *word) {
    if (p->info.operand_len == X64_OPERANDS)
        fail(p->row, "too many operands", word);
    const char *field = word;
    X64Operand *operand = &p->info.operand[p->info.operand_len++];
    operand->role = take_role(&field);
    char *dot = strchr(word, '.');
    if (!dot) fail(p->row, "an operand needs .what", word);
    *dot = 0;
    operand->field = find(p->row, field_names, FIELD_count, field);
    operand->class = find(p->row, class_names, CLASS_count, dot + 1);
}

static void parse_operands(Parsed *p) {
    char text[100];
    snprintf(text, sizeof text, "%s", p->row->operands);
    bool named = true;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        if (strcmp(word, "|") == 0)
            named = false;
        else if (named)
            parse_operand(p, word);
        else
            parse_use(p, word);
    }
}

static const X64Operand *operand_in(const Parsed *p, X64Field field) {
    for (int i = 0; i < p->info.operand_len; i++)
        if (p->info.operand[i].field == field) return &p->info.operand[i];
    return NULL;
}

static bool operand_is(const Parsed *p, X64Field field, X64Class class) {
    const X64Operand *operand = operand_in(p, field);
    return operand && operand->class == class;
}

// --- encodings ---------------------------------------------------------------

static void set_prefix(Parsed *p, const char *word) {
    static const char *const names[] = {"", "66", "F3", "F2"};
    for (uint32_t i = 1; i < COUNTOF(names); i++)
        if (strcmp(names[i], word) == 0) p->enc |= i << ENC_PP;
    if (strcmp(word, "F0") == 0) p->enc |= ENC_LOCK;
}

static void parse_vex(Parsed *p, char *word) {
    static const char *const maps[] = {"", "0F", "0F38", "0F3A"};
    p->enc |= ENC_VEX;
    char *rest = strchr(word, '.') + 1;
    while (rest) {
        char *part = rest;
        rest = strchr(part, '.');
        if (rest) *rest++ = 0;
        set_prefix(p, part);
        for (uint32_t i = 1; i < COUNTOF(maps); i++)
            if (strcmp(part, maps[i]) == 0) p->enc |= i << ENC_MAP;
        if (strcmp(part, "L") == 0 || strcmp(part, "W") == 0) p->size = *part;
        if (strcmp(part, "256") == 0) p->enc |= ENC_L;
        if (strcmp(part, "LIG") == 0) p->enc |= ENC_ANY_L;
        if (strcmp(part, "W1") == 0) p->enc |= ENC_W;
        if (strcmp(part, "WIG") == 0) p->enc |= ENC_ANY_W;
    }
}

// An immediate, ModRM or size: what is no opcode byte. False: it is one.
static bool parse_mark(Parsed *p, char *word) {
    static const struct {
        const char *word;
        uint32_t size;
    } imms[] = {{"ib", 1}, {"iw", 2}, {"id", 4}, {"iz", 4},
                {"io", 8}, {"cb", 1}, {"cd", 4}, {"is4", 1}};
    for (size_t i = 0; i < COUNTOF(imms); i++) {
        if (strcmp(word, imms[i].word) != 0) continue;
        p->enc |= imms[i].size << ENC_IMM;
        p->imm_z = strcmp(word, "iz") == 0;
        p->is4 = strcmp(word, "is4") == 0;
        return true;
    }
    if (word[0] == '/') {
        p->enc |= ENC_MODRM;
        if (word[1] != 'r')
            p->enc |= ENC_HAS_DIGIT | (uint32_t)(word[1] - '0') << ENC_DIGIT;
    } else if (strcmp(word, "REX.W") == 0) {
        p->enc |= ENC_W;
    } else if (strncmp(word, "VEX.", 4) == 0) {
        parse_vex(p, word);
    } else if (strchr("WVZ", word[0])) {
        p->size = word[0];
    } else {
        return false;
    }
    return true;
}

// Opcode bytes: the last is the opcode, what is before it prefixes and map.
static void parse_opcode(Parsed *p, char *const *bytes, size_t len) {
    if (len == 0) fail(p->row, "no opcode", p->row->encoding);
    size_t i = 0;
    while (i + 1 < len && strcmp(bytes[i], "0F") != 0)
        set_prefix(p, bytes[i++]);
    uint32_t map = 0;
    if (i + 1 < len) {
        map = 1;
        i++;
    }
    if (i + 1 < len) map = strcmp(bytes[i++], "38") == 0 ? 2 : 3;
    p->enc |= map << ENC_MAP;
    char *end;
    p->enc |= (uint32_t)strtoul(bytes[i], &end, 16);
    if (strcmp(end, "+r") == 0) p->enc |= ENC_PLUS_REG;
    if (strcmp(end, "+cc") == 0) p->info.cc = true;
    if (i + 1 != len) fail(p->row, "bytes after the opcode", bytes[i]);
}

static void parse_encoding(Parsed *p) {
    char text[100];
    char *bytes[6];
    size_t len = 0;
    snprintf(text, sizeof text, "%s", p->row->encoding);
    // strtok is not asked again before the word has been dealt with.
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        if (parse_mark(p, word)) continue;
        if (len == COUNTOF(bytes)) fail(p->row, "too many bytes", word);
        bytes[len++] = word;
    }
    parse_opcode(p, bytes, len);
    if (p->row->mem) p->enc |= ENC_MEM;
}

static void set_imm_size(uint32_t *enc, uint32_t size) {
    *enc = (*enc & ~(15u << ENC_IMM)) | size << ENC_IMM;
}

static uint32_t byte_flags(const Parsed *p, X64Class class) {
    uint32_t flags = 0;
    if (operand_is(p, FIELD_reg, class)) flags |= ENC_BYTE_REG;
    if (operand_is(p, FIELD_rm, class) && !p->row->mem) flags |= ENC_BYTE_RM;
    return flags;
}

static void make_variants(Parsed *p) {
    uint32_t base = p->enc | byte_flags(p, CLASS_8);
    uint32_t *enc = p->info.enc;
    p->info.by = p->size == 0 ? BY_nothing : p->size == 'L' ? BY_vec : BY_width;
    switch (p->size) {
    case 0:
        enc[0] = base;
        return;
    case 'L':
        enc[VEC_128] = base;
        enc[VEC_256] = base | ENC_L;
        return;
    case 'V':
        enc[W_8] = (base - 1) | byte_flags(p, CLASS_v);
        if (p->imm_z) set_imm_size(&enc[W_8], 1);
        FALLTHROUGH;
    case 'Z':
        enc[W_16] = base | 1 << ENC_PP;
        if (p->imm_z) set_imm_size(&enc[W_16], 2);
        FALLTHROUGH;
    default:
        enc[W_32] = base;
        enc[W_64] = base | ENC_W;
    }
}

// --- asmgen info -------------------------------------------------------------

static uint32_t space_of(uint32_t enc) {
    return (enc >> ENC_MAP & 3) + (enc & ENC_VEX ? 3 : 0);
}

static bool has_opcode(const Parsed *p, uint32_t space, uint32_t opcode) {
    uint32_t span = p->info.cc ? 16 : p->enc & ENC_PLUS_REG ? 8 : 1;
    for (int i = 0; i < X64_VARIANTS; i++) {
        uint32_t enc = p->info.enc[i];
        if (enc != 0 && space_of(enc) == space && opcode >= (enc & 255) &&
            opcode < (enc & 255) + span)
            return true;
    }
    return false;
}

// Lists that end with X64_count, one after the other; the first is empty.
static void print_rows(void) {
    static uint32_t starts[X64_SPACES * 256];
    uint32_t len = 1;
    printf("static const uint16_t row_lists[] = {\n    X64_count,\n");
    for (uint32_t at = 0; at < X64_SPACES * 256; at++) {
        uint32_t first = len;
        for (int i = 0; i < X64_count; i++) {
            if (!has_opcode(&parsed[i], at / 256, at % 256)) continue;
            printf("    X64_%s,\n", rows[i].name);
            len++;
        }
        if (len == first) continue;
        printf("    X64_count,\n");
        starts[at] = first;
        len++;
    }
    printf("};\n\nstatic const uint16_t row_starts[] = {\n");
    for (uint32_t at = 0; at < X64_SPACES * 256; at++)
        printf("    %u,\n", starts[at]);
    printf("};\n");
}

static void print_info(void) {
    printf("const X64Info x64_info[X64_count] = {\n");
    for (int i = 0; i < X64_count; i++) {
        const X64Info *info = &parsed[i].info;
        printf("    [X64_%s] = {\"%s\", {", rows[i].name, rows[i].mnemonic);
        for (int k = 0; k < X64_VARIANTS; k++)
            printf("0x%xu, ", info->enc[k]);
        printf("}, %d, %d, %d, {", (int)info->by, info->cc, info->operand_len);
        for (int k = 0; k < X64_OPERANDS; k++)
            printf("{%d, %d, %d}, ", info->operand[k].field,
                   info->operand[k].class, info->operand[k].role);
        printf("}, %d, %d},\n", info->reads, info->writes);
    }
    printf("};\n\n");
    print_rows();
}

// --- asmgen inline and call --------------------------------------------------

static bool is_mem(const Parsed *p, const X64Operand *operand) {
    return p->row->mem && operand->field == FIELD_rm;
}

static const char *imm_type(const Parsed *p, const X64Operand *operand) {
    if (enc_imm_size(p->enc) == 8) return "uint64_t";
    if (operand->class == CLASS_8) return "uint8_t";
    if (operand->class == CLASS_16) return "uint16_t";
    return enc_imm_size(p->enc) == 1 ? "int8_t" : "int32_t";
}

// NULL: no parameter.
static const char *param_type(const Parsed *p, const X64Operand *operand) {
    switch ((X64Field)operand->field) {
    case FIELD_cl:
    case FIELD_acc:
    case FIELD_one:
    case FIELD_xmm0:
    case FIELD_count:
        return NULL;
    case FIELD_rel:
        return "CodeLabel";
    case FIELD_imm:
        return imm_type(p, operand);
    case FIELD_reg:
    case FIELD_rm:
    case FIELD_vvvv:
    case FIELD_op:
    case FIELD_is4:
        break;
    }
    if (is_mem(p, operand)) return "X64Mem";
    return class_is_vector(operand->class) ? "X64Xmm" : "X64Gp";
}

static void print_param_name(const Parsed *p, const X64Operand *operand) {
    if (is_mem(p, operand))
        printf("mem");
    else
        printf("%s", field_names[operand->field]);
}

// The argument for a field of the encoding: an operand's or a constant.
static void print_field(const Parsed *p, X64Field field) {
    const X64Operand *operand = operand_in(p, field);
    printf(", ");
    if (operand)
        print_param_name(p, operand);
    else if (field == FIELD_reg)
        printf("%u", p->enc >> ENC_DIGIT & 7);
    else
        printf("0");
}

static void print_enc(const Parsed *p) {
    const uint32_t *enc = p->info.enc;
    switch (p->size) {
    case 0:
        printf("0x%xu", enc[0]);
        break;
    case 'L':
        printf("x64_enc_l(l, 0x%xu)", enc[0]);
        break;
    case 'V':
        printf("x64_enc_v(w, 0x%xu, 0x%xu, 0x%xu)", enc[W_8], enc[W_16],
               enc[W_32]);
        break;
    case 'Z':
        printf("x64_enc_z(w, 0x%xu, 0x%xu)", enc[W_16], enc[W_32]);
        break;
    default:
        printf("x64_enc_w(w, 0x%xu)", enc[W_32]);
    }
    if (p->info.cc) printf(" + cc");
}

// The shape of the encoding names the function that writes it.
static void print_put(const Parsed *p) {
    bool imm = enc_imm_size(p->enc) != 0;
    bool vex = (p->enc & ENC_VEX) != 0;
    bool rel = operand_in(p, FIELD_rel) != NULL;
    const char *v = vex ? "v" : "";
    const char *i = imm ? "i" : "";
    if (p->enc & ENC_MODRM)
        printf("x64_put_%s%s%s(b, ", v, p->row->mem ? "rm" : "rr", i);
    else if (p->enc & ENC_PLUS_REG)
        printf("x64_put_o%s(b, ", i);
    else
        printf("x64_put_%s(b, ", rel ? "rel" : vex ? "vop" : imm ? "i" : "op");
    print_enc(p);
    if (p->enc & ENC_MODRM) {
        print_field(p, FIELD_reg);
        if (vex) print_field(p, FIELD_vvvv);
        print_field(p, FIELD_rm);
    } else if (p->enc & ENC_PLUS_REG) {
        print_field(p, FIELD_op);
    }
    if (p->is4)
        printf(", (uint32_t)is4 << 4");
    else if (rel)
        printf(", rel");
    else if (imm)
        printf(", (uint%d_t)imm", enc_imm_size(p->enc) == 8 ? 64 : 32);
    printf(");\n");
}

static void print_inline(void) {
    printf("// Made by tools/asmgen.c from asm/x64/inst.def.\n");
    for (int i = 0; i < X64_count; i++) {
        const Parsed *p = &parsed[i];
        printf("static inline void x64_%s(CodeBuf *b", rows[i].name);
        if (p->info.by == BY_width) printf(", X64Width w");
        if (p->info.by == BY_vec) printf(", X64Vec l");
        if (p->info.cc) printf(", X64Cc cc");
        for (int k = 0; k < p->info.operand_len; k++) {
            const X64Operand *operand = &p->info.operand[k];
            const char *type = param_type(p, operand);
            if (!type) continue;
            printf(", %s ", type);
            print_param_name(p, operand);
        }
        printf(") {\n    ");
        print_put(p);
        printf("}\n");
    }
}

static void print_call(void) {
    for (int i = 0; i < X64_count; i++) {
        const Parsed *p = &parsed[i];
        printf("case X64_%s:\n    x64_%s(b", rows[i].name, rows[i].name);
        if (p->info.by == BY_width) printf(", (X64Width)in->variant");
        if (p->info.by == BY_vec) printf(", (X64Vec)in->variant");
        if (p->info.cc) printf(", (X64Cc)in->cc");
        for (int k = 0; k < p->info.operand_len; k++) {
            const X64Operand *operand = &p->info.operand[k];
            const char *type = param_type(p, operand);
            if (!type) continue;
            if (is_mem(p, operand))
                printf(", in->mem");
            else if (operand->field == FIELD_rel)
                printf(", (CodeLabel){(uint32_t)in->imm}");
            else if (operand->field == FIELD_imm)
                printf(", (%s)in->imm", type);
            else
                printf(", (%s)in->reg[%d]", type, k);
        }
        printf(");\n    break;\n");
    }
}

int main(int argc, char **argv) {
    for (int i = 0; i < X64_count; i++) {
        parsed[i] = (Parsed){.row = &rows[i]};
        parse_operands(&parsed[i]);
        parse_encoding(&parsed[i]);
        make_variants(&parsed[i]);
    }
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "info") == 0) {
        print_info();
    } else if (strcmp(what, "inline") == 0) {
        print_inline();
    } else if (strcmp(what, "call") == 0) {
        print_call();
    } else {
        fprintf(stderr, "usage: asmgen info | inline | call\n");
        return 2;
    }
    return 0;
}
