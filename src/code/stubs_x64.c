// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The stubs on x86-64.
//
// Every way out makes a frame and names it in the store (exit_frame), so that a
// walk finds the compiled frames above it:
//
//   +----------------+
//   | return address |  in the code that left, or the access that faulted
//   | its rbp        |  <- rbp, exit_frame
//   +----------------+
//
// rbx, r12 and r13 are nobody's between compiled functions; C keeps them.
#include "code/stubs.h"

#include "code/stubs_x64.h"
#include "vmabi/layout.h"

const bool code_is_supported = true;

const X64Gp stub_int_regs[MACHINE_INT_REGS] = {
    GP_rax, GP_rcx, GP_rdx, GP_rsi, GP_rdi, GP_r8, GP_r9, GP_r10,
};

typedef struct Stubs {
    CodeBuf *b;
    CodeStubs *out;
    CodeLabel unwind; // status in eax, r15: a context of the store
    CodeLabel leave;  // the same, rbp: the entry's frame
    CodeLabel thunks;
} Stubs;

static X64Mem context(int field) {
    return x64_at(GP_r15, 8 * field);
}

static X64Mem store_field(X64Gp store, int field) {
    return x64_at(store, 8 * field);
}

// --- frames --------------------------------------------------------------------------

static void frame(CodeBuf *b) {
    x64_push_r(b, GP_rbp);
    x64_mov_rr(b, W_64, GP_rbp, GP_rsp);
}

// After `frame`: tells the store, and leaves its context in a register.
static void announce(CodeBuf *b, X64Gp store) {
    x64_mov_rm(b, W_64, store, context(CONTEXT_FIELD_store));
    x64_mov_mr(b, W_64, store_field(store, STORE_CONTEXT_FIELD_exit_frame),
               GP_rbp);
}

void stub_exit(CodeBuf *b) {
    frame(b);
    announce(b, GP_rbx);
}

// --- register files ----------------------------------------------------------------

static void save_regs(CodeBuf *b, X64Gp base) {
    for (int i = 0; i < MACHINE_INT_REGS; i++)
        x64_mov_mr(b, W_64, x64_at(base, 8 * i), stub_int_regs[i]);
    for (int i = 0; i < MACHINE_FLOAT_REGS; i++)
        x64_movups_mr(b,
                      x64_at(base, (int)offsetof(MachineRegs, floats) + 16 * i),
                      (X64Xmm)i);
}

static void load_regs(CodeBuf *b, X64Gp base) {
    for (int i = 0; i < MACHINE_FLOAT_REGS; i++)
        x64_movups_rm(
            b, (X64Xmm)i,
            x64_at(base, (int)offsetof(MachineRegs, floats) + 16 * i));
    for (int i = 0; i < MACHINE_INT_REGS; i++)
        x64_mov_rm(b, W_64, stub_int_regs[i], x64_at(base, 8 * i));
}

// --- the way in --------------------------------------------------------------------

static const X64Gp kept[] = {GP_rbx, GP_r12, GP_r13, GP_r14, GP_r15};
static_assert(COUNTOF(kept) == STUB_KEPT, "as many as that");

// Pushed from its last field to its first.
static void push_activation(CodeBuf *b, X64Gp store) {
    static_assert(offsetof(Activation, outer_exit) == 24 &&
                      offsetof(Activation, host) == 16 &&
                      offsetof(Activation, top) == 8 &&
                      offsetof(Activation, outer) == 0,
                  "in this order");
    static_assert(STUB_SAVED - ACTIVATION_COMPILED_SIZE == MACHINE_ACTIVATION &&
                      MACHINE_ACTIVATION % 16 == 0,
                  "where walks find it, and leaves the stack aligned");
    x64_push_m(b, store_field(store, STORE_CONTEXT_FIELD_exit_frame));
    x64_push_i8(b, 0); // host
    x64_push_i8(b, ACTIVATION_COMPILED);
    x64_push_m(b, store_field(store, STORE_CONTEXT_FIELD_activation));
}

void stub_enter(CodeBuf *b, X64Gp store, X64Gp saved, CodeLabel exhausted) {
    x64_alu_rm(b, ALU_cmp, W_64, GP_rsp,
               store_field(store, STORE_CONTEXT_FIELD_stack_limit));
    x64_jcc(b, CC_b, exhausted);
    frame(b);
    for (size_t i = 0; i < COUNTOF(kept); i++)
        x64_push_r(b, kept[i]);
    x64_push_r(b, saved);
    x64_mov_rr(b, W_64, GP_r15, GP_rdi);
    push_activation(b, store);
    x64_mov_mr(b, W_64, store_field(store, STORE_CONTEXT_FIELD_activation),
               GP_rsp);
    x64_mov_rm(b, W_64, GP_r14, context(CONTEXT_FIELD_memory0_base));
}

void stub_leave(CodeBuf *b) {
    x64_lea(b, W_64, GP_rsp, x64_at(GP_rbp, STUB_SAVED + 8));
    for (size_t i = COUNTOF(kept); i-- > 0;)
        x64_pop_r(b, kept[i]);
    x64_pop_r(b, GP_rbp);
    x64_ret(b);
}

// As no frame was made, the walk begins where it would have before.
void stub_exhausted(CodeBuf *b) {
    x64_mov(b, GP_rsi, TRAP_stack_exhausted);
    x64_mov_rm(b, W_64, GP_rax, x64_at(GP_rdi, 8 * CONTEXT_FIELD_store));
    x64_mov_rm(b, W_64, GP_rax,
               store_field(GP_rax, STORE_CONTEXT_FIELD_helpers));
    x64_jmp_m(b, x64_at(GP_rax, 8 * HELPER_trap));
}

static X64Mem call_field(X64Gp base, size_t offset) {
    return x64_at(base, (int)offset);
}
#define CALL(base, field) call_field(base, offsetof(MachineCall, field))

// Copies `size` bytes (in rcx, a multiple of 16, maybe 0) from [rsi] to [rdi].
static void copy(CodeBuf *b) {
    CodeLabel again = code_label(b), done = code_label(b);
    x64_test_rr(b, W_64, GP_rcx, GP_rcx);
    x64_jcc(b, CC_e, done);
    code_bind(b, again);
    x64_movups_rm(b, XMM_0, x64_at_index(GP_rsi, GP_rcx, 0, -16));
    x64_movups_mr(b, x64_at_index(GP_rdi, GP_rcx, 0, -16), XMM_0);
    x64_alu_ri(b, ALU_sub, W_64, GP_rcx, 16);
    x64_jcc(b, CC_ne, again);
    code_bind(b, done);
}

static void write_enter(Stubs *s) {
    CodeBuf *b = s->b;
    CodeLabel exhausted = code_label(b);
    s->out->enter = code_offset(b);
    x64_mov_rr(b, W_64, GP_rdx, GP_rdi); // the MachineCall
    x64_mov_rm(b, W_64, GP_rdi, CALL(GP_rdx, context));
    x64_mov_rm(b, W_64, GP_rax, x64_at(GP_rdi, 8 * CONTEXT_FIELD_store));
    stub_enter(b, GP_rax, GP_rdx, exhausted);
    x64_mov_rr(b, W_64, GP_rbx, GP_rdx);
    x64_sub_rm(b, W_64, GP_rsp, CALL(GP_rbx, size));
    x64_mov_rm(b, W_64, GP_rcx, CALL(GP_rbx, pop));
    x64_mov_rm(b, W_64, GP_rsi, CALL(GP_rbx, stack));
    x64_mov_rr(b, W_64, GP_rdi, GP_rsp);
    copy(b);
    x64_mov_rm(b, W_64, GP_r11, CALL(GP_rbx, code));
    load_regs(b, GP_rbx);
    x64_call_r(b, GP_r11);
    x64_mov_rm(b, W_64, GP_rbx, x64_at(GP_rbp, STUB_SAVED));
    save_regs(b, GP_rbx);
    // rsp is where the results on the stack begin.
    x64_mov_rm(b, W_64, GP_rax, CALL(GP_rbx, pop));
    x64_mov_rm(b, W_64, GP_rcx, CALL(GP_rbx, size));
    x64_sub_rr(b, W_64, GP_rcx, GP_rax);
    x64_mov_rr(b, W_64, GP_rsi, GP_rsp);
    x64_mov_rm(b, W_64, GP_rdi, CALL(GP_rbx, stack));
    x64_add_rr(b, W_64, GP_rdi, GP_rax);
    copy(b);
    x64_alu_rr(b, ALU_xor, W_32, GP_rax, GP_rax);
    code_bind(b, s->leave);
    stub_leave(b);
    code_bind(b, exhausted);
    stub_exhausted(b);
}

// r11: the Func.
static void write_wasm_func(Stubs *s) {
    CodeBuf *b = s->b;
    s->out->wasm_func = code_offset(b);
    x64_mov_rm(b, W_64, GP_r15, x64_at(GP_r11, LAYOUT_FUNC_INSTANCE));
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_FUNC_CODE));
    x64_mov_rm(b, W_64, GP_r14, context(CONTEXT_FIELD_memory0_base));
    x64_jmp_m(b, x64_at(GP_r11, 0));
}

// --- the ways out ------------------------------------------------------------------

static void call_helper(CodeBuf *b, X64Gp store, HelperId helper) {
    x64_mov_rm(b, W_64, GP_rax,
               store_field(store, STORE_CONTEXT_FIELD_helpers));
    x64_call_m(b, x64_at(GP_rax, 8 * (int)helper));
}

static void unless_ok_unwind(Stubs *s) {
    x64_test_rr(s->b, W_32, GP_rax, GP_rax);
    x64_jcc(s->b, CC_ne, s->unwind);
}

// The helper's number in eax; its arguments are in place but for the context.
static void write_helper_common(Stubs *s, CodeLabel common, bool has_status) {
    CodeBuf *b = s->b;
    code_bind(b, common);
    frame(b);
    announce(b, GP_r10);
    x64_mov_rm(b, W_64, GP_r10,
               store_field(GP_r10, STORE_CONTEXT_FIELD_helpers));
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_call_m(b, x64_at_index(GP_r10, GP_rax, 3, 0));
    if (has_status) unless_ok_unwind(s);
    x64_pop_r(b, GP_rbp);
    x64_ret(b);
}

static void write_helpers(Stubs *s) {
    CodeBuf *b = s->b;
    CodeLabel status = code_label(b), word = code_label(b);
    write_helper_common(s, status, true);
    write_helper_common(s, word, false);
    for (int i = 0; i < HELPER_COUNT; i++) {
        s->out->helper[i] = code_offset(b);
        x64_mov(b, GP_rax, (uint64_t)i);
        x64_jmp(b, helper_info[i].kind == HELPER_KIND_word ? word : status);
    }
}

// The number of the trap in esi; the return address is the site.
static void write_traps(Stubs *s) {
    CodeBuf *b = s->b;
    CodeLabel common = code_label(b), framed = code_label(b);
    code_bind(b, common);
    frame(b);
    code_bind(b, framed);
    announce(b, GP_r10);
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    call_helper(b, GP_r10, HELPER_trap);
    x64_jmp(b, s->unwind);
    for (int i = 0; i < TRAP_count; i++) {
        s->out->trap[i] = code_offset(b);
        x64_mov(b, GP_rsi, (uint64_t)i);
        x64_jmp(b, common);
    }
    // The stack is as the access found it; the context may not be in r15.
    s->out->fault = code_offset(b);
    x64_mov_rm(b, W_64, GP_r15, x64_at(GP_rbp, MACHINE_FRAME_CONTEXT));
    x64_mov_rm(b, W_64, GP_r10, context(CONTEXT_FIELD_store));
    x64_alu_ri(b, ALU_and, W_64, GP_rsp, -16);
    x64_push_m(b, store_field(GP_r10, STORE_CONTEXT_FIELD_fault_pc));
    frame(b);
    x64_mov(b, GP_rsi, TRAP_memory_bounds);
    x64_jmp(b, framed);
}

static void write_unwind(Stubs *s) {
    CodeBuf *b = s->b;
    CodeLabel out = code_label(b);
    code_bind(b, s->unwind);
    s->out->unwind = code_offset(b);
    x64_mov_rm(b, W_64, GP_rbx, context(CONTEXT_FIELD_store));
    x64_alu_ri(b, ALU_cmp, W_32, GP_rax, STATUS_exception);
    x64_jcc(b, CC_ne, out);
    x64_alu_ri(b, ALU_and, W_64, GP_rsp, -16);
    x64_alu_ri(b, ALU_sub, W_64, GP_rsp, 32);
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_mov_rr(b, W_64, GP_rsi, GP_rsp);
    call_helper(b, GP_rbx, HELPER_unwind);
    x64_test_rr(b, W_64, GP_rax, GP_rax);
    x64_mov(b, GP_rax, STATUS_exception);
    x64_jcc(b, CC_e, out);
    x64_mov_rm(b, W_64, GP_rax, x64_at(GP_rsp, offsetof(MachineLanding, pc)));
    x64_mov_rm(b, W_64, GP_rbp, x64_at(GP_rsp, offsetof(MachineLanding, fp)));
    x64_mov_rm(b, W_64, GP_rsp, x64_at(GP_rsp, offsetof(MachineLanding, sp)));
    x64_mov_rm(b, W_64, GP_r15, x64_at(GP_rbp, MACHINE_FRAME_CONTEXT));
    x64_mov_rm(b, W_64, GP_r14, context(CONTEXT_FIELD_memory0_base));
    x64_jmp_r(b, GP_rax);
    code_bind(b, out);
    x64_mov_rm(b, W_64, GP_rbp,
               store_field(GP_rbx, STORE_CONTEXT_FIELD_activation));
    x64_alu_ri(b, ALU_sub, W_64, GP_rbp, MACHINE_ACTIVATION);
    x64_jmp(b, s->leave);
}

// Leaves the frame of a MachineExit, whose callee has put its results there.
static void return_exit(CodeBuf *b) {
    CodeLabel has_stack = code_label(b);
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_rsp, offsetof(MachineExit, pop)));
    load_regs(b, GP_rsp);
    x64_leave(b);
    x64_test_rr(b, W_64, GP_r11, GP_r11);
    x64_jcc(b, CC_ne, has_stack);
    x64_ret(b);
    code_bind(b, has_stack);
    x64_pop_r(b, GP_rbx);
    x64_add_rr(b, W_64, GP_rsp, GP_r11);
    x64_jmp_r(b, GP_rbx);
}

// r11: the Func; r15: the caller's context.
static void write_host_func(Stubs *s) {
    CodeBuf *b = s->b;
    s->out->host_func = code_offset(b);
    stub_exit(b);
    x64_alu_ri(b, ALU_sub, W_64, GP_rsp, sizeof(MachineExit));
    save_regs(b, GP_rsp);
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_mov_rr(b, W_64, GP_rsi, GP_r11);
    x64_mov_rr(b, W_64, GP_rdx, GP_rsp);
    x64_lea(b, W_64, GP_rcx, x64_at(GP_rbp, 16));
    call_helper(b, GP_rbx, HELPER_host);
    unless_ok_unwind(s);
    return_exit(b);
}

// Goes on in the code that rbx, a MachineTail, speaks of, with the frame's
// return address.
static void go_on(CodeBuf *b) {
    x64_mov_rm(b, W_64, GP_r12, x64_at(GP_rbp, 8));
    x64_mov_rm(b, W_64, GP_rbp, x64_at(GP_rbp, 0));
    x64_mov_rm(b, W_64, GP_rsp, x64_at(GP_rbx, offsetof(MachineTail, sp)));
    x64_mov_mr(b, W_64, x64_at(GP_rsp, 0), GP_r12);
    x64_lea(b, W_64, GP_rdi, x64_at(GP_rsp, 8));
    x64_mov_rm(b, W_64, GP_rsi, x64_at(GP_rbx, offsetof(MachineTail, stack)));
    x64_mov_rm(b, W_64, GP_rcx, x64_at(GP_rbx, offsetof(MachineTail, pop)));
    copy(b);
    x64_mov_rm(b, W_64, GP_r15, x64_at(GP_rbx, offsetof(MachineTail, context)));
    x64_mov_rm(b, W_64, GP_r14, context(CONTEXT_FIELD_memory0_base));
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_rbx, offsetof(MachineTail, code)));
    load_regs(b, GP_rbx);
    x64_jmp_r(b, GP_r11);
}

// Called by a thunk, whose return address says which function. It is compiled,
// during which its arguments wait, for nothing there can move an object; or it
// is interpreted here and now.
static void write_compile(Stubs *s) {
    CodeBuf *b = s->b;
    CodeLabel interpret = code_label(b), tail = code_label(b);
    s->out->compile = code_offset(b);
    x64_pop_r(b, GP_r12);
    x64_lea(b, W_64, GP_rbx, x64_at_label(s->thunks));
    x64_sub_rr(b, W_64, GP_r12, GP_rbx);
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r12, 3);
    stub_exit(b);
    x64_alu_ri(b, ALU_sub, W_64, GP_rsp, sizeof(MachineExit));
    save_regs(b, GP_rsp);
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_mov_rr(b, W_64, GP_rsi, GP_r12);
    call_helper(b, GP_rbx, HELPER_compile);
    x64_test_rr(b, W_64, GP_rax, GP_rax);
    x64_jcc(b, CC_e, interpret);
    x64_mov_rr(b, W_64, GP_r11, GP_rax);
    load_regs(b, GP_rsp);
    x64_leave(b);
    x64_jmp_r(b, GP_r11);
    code_bind(b, interpret);
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_mov_rr(b, W_64, GP_rsi, GP_r12);
    x64_mov_rr(b, W_64, GP_rdx, GP_rsp);
    x64_lea(b, W_64, GP_rcx, x64_at(GP_rbp, 16));
    call_helper(b, GP_rbx, HELPER_interpret);
    unless_ok_unwind(s);
    x64_mov_rm(b, W_64, GP_rbx, x64_at(GP_rsp, offsetof(MachineExit, tail)));
    x64_test_rr(b, W_64, GP_rbx, GP_rbx);
    x64_jcc(b, CC_ne, tail);
    return_exit(b);
    code_bind(b, tail);
    go_on(b);
}

void code_stubs_write(CodeBuf *b, CodeStubs *out) {
    static_assert(sizeof(MachineExit) % 16 == 0, "keeps the stack aligned");
    Stubs s = {
        .b = b,
        .out = out,
        .unwind = code_label(b),
        .leave = code_label(b),
        .thunks = code_label(b),
    };
    write_helpers(&s);
    write_traps(&s);
    write_unwind(&s);
    write_enter(&s);
    write_wasm_func(&s);
    write_host_func(&s);
    write_compile(&s);
    x64_align(b, CODE_THUNK_SIZE);
    code_bind(b, s.thunks);
    out->size = code_finish(b);
}

enum {
    CALL_REL32 = 0xe8,
    JMP_REL32 = 0xe9,
    INT3 = 0xcc,
};

static void write_thunk(uint8_t out[CODE_THUNK_SIZE], uint8_t opcode,
                        uint32_t at, uint32_t to) {
    enum {
        SIZE = 5
    };
    out[0] = opcode;
    store_u32(out + 1, to - (at + SIZE));
    for (int i = SIZE; i < CODE_THUNK_SIZE; i++)
        out[i] = INT3;
}

void code_thunk_write(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                      const CodeStubs *stubs) {
    write_thunk(out, CALL_REL32, at, stubs->compile);
}

void code_thunk_write_jump(uint8_t out[CODE_THUNK_SIZE], uint32_t at,
                           uint32_t to) {
    write_thunk(out, JMP_REL32, at, to);
}
