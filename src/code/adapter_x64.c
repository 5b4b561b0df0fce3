// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adapters on x86-64. Frames are those of the stubs (stubs_x64.c), so walks and
// unwinding know no difference.
#include "code/adapter.h"
#include "code/stubs_x64.h"
#include "vmabi/frame.h"
#include "vmabi/helper.h"
#include "vmabi/layout.h"

// Value i of an array that begins at a register.
static X64Mem value_at(X64Gp values, uint32_t i) {
    return x64_at(values, (int32_t)(i * sizeof(Raw)));
}

static MachinePlace next_place(MachineAssign *a, AdapterValue v) {
    return machine_assign(a, v >= ADAPTER_f32, v == ADAPTER_v128);
}

static void load(CodeBuf *b, AdapterValue v, MachinePlace p, X64Mem from) {
    X64Gp reg = stub_int_regs[p.at];
    switch (v) {
    case ADAPTER_word32:
        x64_mov_rm(b, W_32, reg, from);
        break;
    case ADAPTER_word64:
        x64_mov_rm(b, W_64, reg, from);
        break;
    case ADAPTER_f32:
        x64_movss_rm(b, (X64Xmm)p.at, from);
        break;
    case ADAPTER_f64:
        x64_movsd_rm(b, (X64Xmm)p.at, from);
        break;
    case ADAPTER_v128:
        x64_movups_rm(b, (X64Xmm)p.at, from);
        break;
    }
}

static void store(CodeBuf *b, AdapterValue v, MachinePlace p, X64Mem to) {
    switch (v) {
    case ADAPTER_word32:
    case ADAPTER_word64:
        x64_mov_mr(b, W_64, to, stub_int_regs[p.at]);
        break;
    case ADAPTER_f32:
        x64_movss_mr(b, to, (X64Xmm)p.at);
        break;
    case ADAPTER_f64:
        x64_movsd_mr(b, to, (X64Xmm)p.at);
        break;
    case ADAPTER_v128:
        x64_movups_mr(b, to, (X64Xmm)p.at);
        break;
    }
}

typedef void Move(CodeBuf *b, AdapterValue v, MachinePlace p, X64Mem at);

static void move_all(CodeBuf *b, const uint8_t *kinds, uint32_t len,
                     X64Gp values, Move *move) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++) {
        AdapterValue v = (AdapterValue)kinds[i];
        move(b, v, next_place(&a, v), value_at(values, i));
    }
}

// rdi: Func, rsi: store, rdx: values; goes on in `enter`.
static void write_call(CodeBuf *b) {
    x64_mov_rr(b, W_64, GP_rcx, GP_rsi);
    x64_mov_rm(b, W_64, GP_rsi, x64_at(GP_rdi, LAYOUT_FUNC_CODE));
    x64_mov_rm(b, W_64, GP_rdi, x64_at(GP_rdi, LAYOUT_FUNC_INSTANCE));
    x64_mov_rm(b, W_64, GP_rsi, x64_at(GP_rsi, 0));
}

// rdi: context, rsi: code, rdx: values, rcx: store. The context's way to the
// store is not taken: what is saved would wait for it.
static void write_enter(CodeBuf *b, const AdapterShape *shape) {
    CodeLabel exhausted = code_label(b);
    stub_enter(b, GP_rcx, GP_rdx, exhausted);
    x64_mov_rr(b, W_64, GP_rbx, GP_rdx);
    x64_mov_rr(b, W_64, GP_r11, GP_rsi);
    move_all(b, shape->params, shape->param_len, GP_rbx, load);
    x64_call_r(b, GP_r11);
    x64_mov_rm(b, W_64, GP_rbx, x64_at(GP_rbp, STUB_SAVED));
    move_all(b, shape->results, shape->result_len, GP_rbx, store);
    x64_alu_rr(b, ALU_xor, W_32, GP_rax, GP_rax);
    stub_leave(b);
    code_bind(b, exhausted);
    stub_exhausted(b);
}

// Calls the Func in r11 as a runtime function does that has nothing to root:
// makes the HostCall below the values, from its last field to its first, and
// names the function in the activation while it runs. rbx: the store.
static void call_host(CodeBuf *b) {
    static_assert(
        LAYOUT_HOST_CALL_STORE == 0 && LAYOUT_HOST_CALL_CALLER == 8 &&
            LAYOUT_HOST_CALL_TYPE == 16 && LAYOUT_HOST_CALL_ENV == 24 &&
            LAYOUT_HOST_CALL_VALUES == 32 && LAYOUT_HOST_CALL_IS_RESULT == 40 &&
            LAYOUT_HOST_CALL_SIZE == 48,
        "in this order, and leaves the stack aligned");
    X64Mem host = x64_at(GP_r12, (int32_t)offsetof(Activation, host));
    x64_mov_rr(b, W_64, GP_rax, GP_rsp);
    x64_push_i8(b, 0);
    x64_push_r(b, GP_rax);
    x64_push_m(b, x64_at(GP_r11, LAYOUT_FUNC_ENV));
    x64_push_m(b, x64_at(GP_r11, LAYOUT_FUNC_TYPE));
    x64_push_r(b, GP_r15); // the instance begins with its context
    x64_push_r(b, GP_rbx);
    x64_mov_rm(b, W_64, GP_r12,
               x64_at(GP_rbx, 8 * STORE_CONTEXT_FIELD_activation));
    x64_mov_mr(b, W_64, host, GP_r11);
    x64_mov_rr(b, W_64, GP_rdi, GP_rsp);
    x64_call_m(b, x64_at(GP_r11, LAYOUT_FUNC_HOST));
    x64_mov_mi(b, W_64, host, 0);
    x64_alu_ri(b, ALU_add, W_64, GP_rsp, LAYOUT_HOST_CALL_SIZE);
}

static void call_helper(CodeBuf *b) {
    x64_mov_rm(b, W_64, GP_rbx,
               x64_at(GP_rbx, 8 * STORE_CONTEXT_FIELD_helpers));
    x64_mov_rr(b, W_64, GP_rdi, GP_r15);
    x64_mov_rr(b, W_64, GP_rsi, GP_r11);
    x64_mov_rr(b, W_64, GP_rdx, GP_rsp);
    x64_call_m(b, x64_at(GP_rbx, 8 * HELPER_host_values));
}

// r11: the Func, r15: the caller's context. The values lie in the frame.
static void write_host(CodeBuf *b, const AdapterShape *shape,
                       uintptr_t unwind) {
    static_assert(sizeof(Raw) % 16 == 0, "keeps the stack aligned");
    uint32_t len = MAX(shape->param_len, shape->result_len);
    CodeLabel failed = code_label(b);
    stub_exit(b); // leaves the store in rbx
    if (len) x64_alu_ri(b, ALU_sub, W_64, GP_rsp, (int32_t)(len * sizeof(Raw)));
    move_all(b, shape->params, shape->param_len, GP_rsp, store);
    if (shape->has_ref)
        call_helper(b);
    else
        call_host(b);
    x64_test_rr(b, W_32, GP_rax, GP_rax);
    x64_jcc(b, CC_ne, failed);
    move_all(b, shape->results, shape->result_len, GP_rsp, load);
    x64_leave(b);
    x64_ret(b);
    code_bind(b, failed);
    x64_mov(b, GP_r11, unwind);
    x64_jmp_r(b, GP_r11);
}

void adapter_write(CodeBuf *b, const AdapterShape *shape, uintptr_t unwind,
                   AdapterCode *out) {
    x64_align(b, 16);
    out->call = code_offset(b);
    write_call(b);
    out->enter = code_offset(b);
    write_enter(b, shape);
    x64_align(b, 16);
    out->host = code_offset(b);
    write_host(b, shape, unwind);
}
