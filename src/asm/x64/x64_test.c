// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the rows do not say by themselves: the choice of encodings, labels, the
// constant pool, and bytes that are no instruction. All rows with all their
// operands are tests/asm/cases_test.c.
#include "asm/x64/print.h"
#include "unit/unit.h"

static CodeBuf code;

// The code so far, one instruction a line, with its size.
static const char *listing(void) {
    static char text[2000];
    size_t len = 0;
    uint32_t end = code_offset(&code);
    for (uint32_t at = 0; at < end;) {
        X64Inst inst;
        char line[X64_TEXT_MAX];
        if (!x64_decode(&inst, code.start + at, end - at)) return "?";
        x64_print(&inst, at, line);
        len += (size_t)snprintf(text + len, sizeof text - len, "%u %s\n",
                                inst.size, line);
        at += inst.size;
    }
    return text;
}

// Runs the test of an empty buffer.
static void with_code(void (*test)(CodeBuf *b)) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        code_init(&code, &arena);
        test(&code);
    } else {
        EXPECT_STR("out of memory", "enough");
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void test_arithmetic(CodeBuf *b) {
    x64_alu_ri(b, ALU_add, W_64, GP_rcx, 127);
    x64_alu_ri(b, ALU_sub, W_64, GP_rcx, 128);
    x64_alu_ri(b, ALU_xor, W_32, GP_rax, 128);
    x64_alu_ri(b, ALU_cmp, W_16, GP_r9, 0xffff);
    x64_alu_ri(b, ALU_and, W_8, GP_rsi, 0x1ff);
    x64_alu_ri(b, ALU_or, W_8, GP_rax, 1);
    x64_alu_mi(b, ALU_sbb, W_32, x64_at(GP_rsp, 8), -1);
    x64_alu_mi(b, ALU_adc, W_8, x64_at(GP_rbp, 0), 7);
    x64_alu_mi(b, ALU_cmp, W_64, x64_at(GP_r13, 0), 1000);
    x64_alu_rr(b, ALU_sub, W_32, GP_r8, GP_rdi);
    x64_alu_rm(b, ALU_cmp, W_8, GP_rdi, x64_at_scaled(GP_r12, 3, 0));
    x64_alu_mr(b, ALU_xor, W_16, x64_at_index(GP_rax, GP_rbx, 1, 4), GP_rdx);
    EXPECT_STR(listing(), "4 add rcx,0x7f\n"
                          "7 sub rcx,0x80\n"
                          "5 xor eax,0x80\n"
                          "5 cmp r9w,0xffff\n"
                          "4 and sil,0xff\n"
                          "2 or al,0x1\n"
                          "5 sbb DWORD PTR [rsp+0x8],0xffffffff\n"
                          "4 adc BYTE PTR [rbp+0x0],0x7\n"
                          "8 cmp QWORD PTR [r13+0x0],0x3e8\n"
                          "3 sub r8d,edi\n"
                          "8 cmp dil,BYTE PTR [r12*8+0x0]\n"
                          "5 xor WORD PTR [rax+rbx*2+0x4],dx\n");
}

static void arithmetic(void) {
    with_code(test_arithmetic);
}

static void test_constants(CodeBuf *b) {
    x64_mov(b, GP_rax, 0);
    x64_mov(b, GP_r8, UINT32_MAX);
    x64_mov(b, GP_rax, UINT64_C(0xffffffff80000000));
    x64_mov(b, GP_rax, UINT64_C(0xffffffff7fffffff));
    x64_push_i(b, -128);
    x64_push_i(b, 128);
    x64_imul(b, W_64, GP_rdx, GP_rcx, -128);
    x64_imul(b, W_32, GP_rdx, GP_rcx, 1000);
    x64_test(b, W_32, GP_rax, 1);
    x64_test(b, W_8, GP_rdi, 1);
    EXPECT_STR(listing(), "5 mov eax,0x0\n"
                          "6 mov r8d,0xffffffff\n"
                          "7 mov rax,0xffffffff80000000\n"
                          "10 movabs rax,0xffffffff7fffffff\n"
                          "2 push 0xffffffffffffff80\n"
                          "5 push 0x80\n"
                          "4 imul rdx,rcx,0xffffffffffffff80\n"
                          "6 imul edx,ecx,0x3e8\n"
                          "5 test eax,0x1\n"
                          "4 test dil,0x1\n");
}

static void constants(void) {
    with_code(test_constants);
}

static void test_shifts(CodeBuf *b) {
    x64_shift_ri(b, SHIFT_shl, W_32, GP_rax, 1);
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r15, 63);
    x64_shift_ri(b, SHIFT_rol, W_8, GP_rsp, 3);
    x64_shift_ri(b, SHIFT_ror, W_16, GP_rdx, 1);
    x64_shift_rc(b, SHIFT_sar, W_64, GP_rbx);
    EXPECT_STR(listing(), "2 shl eax,1\n"
                          "4 shr r15,0x3f\n"
                          "4 rol spl,0x3\n"
                          "3 ror dx,1\n"
                          "3 sar rbx,cl\n");
}

static void shifts(void) {
    with_code(test_shifts);
}

static void test_moves(CodeBuf *b) {
    x64_vmovaps(b, VEC_256, XMM_1, XMM_9);
    x64_vmovaps(b, VEC_128, XMM_9, XMM_1);
    x64_vmovdqa(b, VEC_128, XMM_9, XMM_10);
    x64_vmovdqa(b, VEC_128, XMM_0, XMM_10);
    x64_vmovss(b, XMM_0, XMM_15, XMM_8);
    x64_vmovss(b, XMM_0, XMM_15, XMM_7);
    x64_vmovsd(b, XMM_0, XMM_15, XMM_8);
    x64_vmovsd(b, XMM_8, XMM_15, XMM_0);
    x64_vmovq(b, XMM_7, XMM_8);
    x64_vmovq(b, XMM_8, XMM_7);
    EXPECT_STR(listing(), "4 vmovaps ymm1,ymm9\n"
                          "4 vmovaps xmm9,xmm1\n"
                          "5 vmovdqa xmm9,xmm10\n"
                          "4 vmovdqa xmm0,xmm10\n"
                          "4 vmovss xmm0,xmm15,xmm8\n"
                          "4 vmovss xmm0,xmm15,xmm7\n"
                          "4 vmovsd xmm0,xmm15,xmm8\n"
                          "4 vmovsd xmm8,xmm15,xmm0\n"
                          "4 vmovq xmm7,xmm8\n"
                          "4 vmovq xmm8,xmm7\n");
}

static void moves(void) {
    with_code(test_moves);
}

static void test_jumps(CodeBuf *b) {
    CodeLabel loop = code_label(b);
    CodeLabel done = code_label(b);
    x64_jcc(b, CC_e, done); // ahead: always four bytes
    code_bind(b, loop);
    x64_dec_r(b, W_32, GP_rcx);
    x64_jcc(b, CC_ne, loop);
    x64_jcc_rel8(b, x64_cc_not(CC_l), done);
    x64_nops(b, 119); // the jump back is the last of two bytes
    x64_jmp(b, loop);
    x64_jmp(b, loop);
    code_bind(b, done);
    x64_call(b, loop);
    x64_ret(b);
    X64Inst inst;
    char text[X64_TEXT_MAX];
    uint32_t far = code_label_offset(b, done) - 5;
    EXPECT(x64_decode(&inst, b->start, 15));
    x64_print(&inst, 0, text);
    EXPECT_STR(text, "je 0x8a");
    EXPECT_EQ(code_label_offset(b, done), 0x8a);
    EXPECT(x64_decode(&inst, b->start + far - 2, 2));
    EXPECT_EQ(inst.op, X64_jmp_rel8);
    EXPECT_EQ(inst.imm, -127);
    EXPECT(x64_decode(&inst, b->start + far, 5));
    EXPECT_EQ(inst.op, X64_jmp_rel32);
    x64_print(&inst, far, text);
    EXPECT_STR(text, "jmp 0x6");
    EXPECT(x64_decode(&inst, b->start + 10, 2));
    x64_print(&inst, 10, text);
    EXPECT_STR(text, "jge 0x8a");
}

static void jumps(void) {
    with_code(test_jumps);
}

// The last jump that one byte reaches, and the first that it does not.
static void test_near(CodeBuf *b) {
    CodeLabel start = code_label(b);
    code_bind(b, start);
    x64_nops(b, 126);
    x64_jmp(b, start);
    EXPECT_EQ(code_offset(b), 128);
    x64_jcc(b, CC_a, start);
    EXPECT_EQ(code_offset(b), 134);
}

static void near_jumps(void) {
    with_code(test_near);
}

static void test_pool(CodeBuf *b) {
    static const uint64_t one = 0x3ff0000000000000;
    CodeLabel constant = code_const(b, &one, sizeof one);
    x64_addsd_rm(b, XMM_1, x64_at_label(constant));
    x64_cmp_mi8(b, W_32, x64_at_label(constant), 5); // bytes behind the field
    x64_vpshufd_rm(b, VEC_128, XMM_3, x64_at_label(constant), 1);
    x64_mov_rm(b, W_64, GP_rax, x64_at_rip(-8));
    x64_ret(b);
    code_pool(b);
    code_finish(b);
    uint32_t at = code_label_offset(b, constant);
    EXPECT_EQ(at, 32);
    EXPECT(memcmp(b->start + at, &one, sizeof one) == 0);
    b->at = b->start + 32; // what follows is no code
    EXPECT_EQ((int32_t)load_u32(b->start + 4), at - 8);
    EXPECT_EQ((int32_t)load_u32(b->start + 10), at - 15);
    EXPECT_EQ((int32_t)load_u32(b->start + 19), at - 24);
    X64Inst inst;
    EXPECT(x64_decode(&inst, b->start + 8, 7));
    EXPECT_EQ(inst.op, X64_cmp_mi8);
    EXPECT_EQ(inst.mem.base, MEM_rip);
    EXPECT_EQ(inst.mem.disp, at - 15);
}

static void constant_pool(void) {
    with_code(test_pool);
}

static void test_nops(CodeBuf *b) {
    for (size_t size = 1; size <= 12; size++) {
        b->at = b->start;
        x64_nops(b, size);
        EXPECT_EQ(code_offset(b), size);
        EXPECT(strcmp(listing(), "?") != 0);
    }
    EXPECT_STR(listing(), "9 nop WORD PTR [rax+rax*1]\n"
                          "3 nop DWORD PTR [rax]\n");
    x64_align(b, 16);
    EXPECT_EQ(code_offset(b), 16);
    x64_align(b, 16);
    EXPECT_EQ(code_offset(b), 16);
}

static void nops(void) {
    with_code(test_nops);
}

// What an instruction does to registers, as the table tells it.
static void roles(void) {
    const X64Info *mulx = &x64_info[X64_mulx_rr];
    EXPECT_EQ(mulx->operand_len, 3);
    EXPECT_EQ(mulx->operand[0].role, ROLE_write);
    EXPECT_EQ(mulx->operand[1].field, FIELD_vvvv);
    EXPECT_EQ(mulx->operand[2].role, ROLE_read);
    EXPECT_EQ(mulx->reads, USES_rdx);
    EXPECT_EQ(mulx->writes, 0);
    const X64Info *idiv = &x64_info[X64_idiv_m];
    EXPECT_EQ(idiv->reads, USES_rax | USES_rdx);
    EXPECT_EQ(idiv->writes, USES_rax | USES_rdx | USES_flags);
    const X64Info *add = &x64_info[X64_add_mr];
    EXPECT_EQ(add->operand[0].role, ROLE_read | ROLE_write);
    EXPECT(add->enc[W_8] & ENC_MEM);
    EXPECT_EQ(add->writes, USES_flags);
    EXPECT_EQ(x64_info[X64_setcc_r].reads, USES_flags);
}

// The row whose mnemonic has a v in front and whose operands are given alike.
static const X64Info *vex_twin(const X64Info *sse) {
    uint32_t enc = sse->enc[0];
    for (size_t i = 0; i < X64_count; i++) {
        const X64Info *vex = &x64_info[i];
        uint32_t other = vex->enc[0];
        uint32_t shape = ENC_MEM | ENC_HAS_DIGIT;
        if (vex->operand_len == 0 || sse->operand_len == 0) continue;
        const X64Operand *last = &vex->operand[vex->operand_len - 1];
        if ((other & ENC_VEX) && vex->mnemonic[0] == 'v' &&
            strcmp(vex->mnemonic + 1, sse->mnemonic) == 0 &&
            (enc & shape) == (other & shape) &&
            enc_imm_size(enc) == enc_imm_size(other) &&
            (last->field == sse->operand[sse->operand_len - 1].field) &&
            class_is_vector((X64Class)last->class) ==
                class_is_vector(
                    (X64Class)sse->operand[sse->operand_len - 1].class))
            return vex;
    }
    return NULL;
}

// x64_vex: behind the prefix the two differ in nothing but what is not looked
// at. pblendvb and its like have another opcode, and are not written by it.
static void vex_twins(void) {
    uint32_t twins = 0;
    for (size_t i = 0; i < X64_count; i++) {
        const X64Info *sse = &x64_info[i];
        if ((sse->enc[0] & ENC_VEX) || sse->operand_len < 2 ||
            !class_is_vector((X64Class)sse->operand[0].class) ||
            !class_is_vector((X64Class)sse->operand[1].class))
            continue;
        const X64Info *vex = vex_twin(sse);
        if (!vex || vex->operand_len > 3 + (enc_imm_size(vex->enc[0]) > 0))
            continue;
        bool has_first = sse->operand[0].role & ROLE_read;
        if (vex->operand_len != sse->operand_len + has_first) continue;
        uint32_t ignored = ENC_ANY_W | ENC_ANY_L;
        EXPECT_EQ(x64_vex(sse->enc[0]), vex->enc[0] & ~ignored);
        twins++;
    }
    EXPECT(twins > 300);
}

// No bytes make the decoder read too far, and all that it reads has a text.
static void any_bytes(void) {
    uint64_t state = 88172645463325252u;
    uint32_t decoded = 0;
    for (int i = 0; i < 300000; i++) {
        uint8_t bytes[15];
        for (size_t k = 0; k < sizeof bytes; k++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[k] = (uint8_t)state;
        }
        size_t size = state >> 32 & 15;
        size = MIN(size, sizeof bytes);
        X64Inst inst;
        char text[X64_TEXT_MAX];
        if (!x64_decode(&inst, bytes + (sizeof bytes - size), size)) continue;
        EXPECT(inst.size <= size);
        x64_print(&inst, state, text);
        decoded++;
    }
    EXPECT(decoded > 10000);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(arithmetic), UNIT_TEST(constants),
                    UNIT_TEST(shifts), UNIT_TEST(moves), UNIT_TEST(jumps),
                    UNIT_TEST(near_jumps), UNIT_TEST(constant_pool),
                    UNIT_TEST(nops), UNIT_TEST(roles), UNIT_TEST(vex_twins),
                    UNIT_TEST(any_bytes));
}
