// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References: tested, cast, branched on; i31.
#include "interp/interp_int.h"

#include <string.h>

void exec_branch(Exec *x) {
    exec_end_segment(x);
    FrameHeader *f = exec_frame(x);
    const CtlEntry *entry = f->ctl;
    CtlTarget e = ctl_target(entry, x->far_ctls);
    f->pc += e.pc;
    f->ctl = entry + e.ctl;
    if (!e.drop) return;
    Slot *from = slot_at(x, f->sp, -(ptrdiff_t)e.keep);
    Slot *to = slot_at(x, from, -(ptrdiff_t)e.drop);
    memmove(to, from, e.keep * slot_size(x->is_wide));
    f->sp = slot_at(x, to, e.keep);
}

// Takes the branch or goes on at `p`.
static Status branch_if(Exec *x, bool taken, const uint8_t *p) {
    if (taken) {
        exec_branch(x);
        return STATUS_ok;
    }
    exec_end_segment(x);
    FrameHeader *f = exec_frame(x);
    f->ctl = (const CtlEntry *)f->ctl + 1;
    f->pc = p;
    return STATUS_ok;
}

static void pop(Exec *x) {
    FrameHeader *f = exec_frame(x);
    f->sp = slot_at(x, f->sp, -1);
}

Status exec_ref_null(Exec *x) {
    const uint8_t *p = imm_at(x);
    imm_skip(&p);
    return exec_result(x, p, 0, 0);
}

Status exec_br_on_null(Exec *x) {
    const uint8_t *p = imm_at(x);
    imm_skip(&p);
    bool is_null = operand(x, 0)->u64 == 0;
    if (is_null) pop(x);
    return branch_if(x, is_null, p);
}

Status exec_br_on_non_null(Exec *x) {
    const uint8_t *p = imm_at(x);
    imm_skip(&p);
    bool is_null = operand(x, 0)->u64 == 0;
    if (is_null) pop(x);
    return branch_if(x, !is_null, p);
}

// --- casts -------------------------------------------------------------------------

static bool top_matches(Exec *x, RtValType type) {
    return store_ref_matches(x->store, slot_get(x->is_wide, operand(x, 0)),
                             type);
}

static Status test(Exec *x, bool is_nullable) {
    const uint8_t *p = imm_at(x);
    bool matches = top_matches(x, imm_heap(x, &p, is_nullable));
    return exec_result(x, p, 1, matches);
}

static Status cast(Exec *x, bool is_nullable) {
    const uint8_t *p = imm_at(x);
    if (!top_matches(x, imm_heap(x, &p, is_nullable)))
        return exec_trap(x, TRAP_cast_failure);
    exec_done(x, p, 0);
    return STATUS_ok;
}

Status exec_ref_test(Exec *x) {
    return test(x, false);
}
Status exec_ref_test_null(Exec *x) {
    return test(x, true);
}
Status exec_ref_cast(Exec *x) {
    return cast(x, false);
}
Status exec_ref_cast_null(Exec *x) {
    return cast(x, true);
}

static Status branch_on_cast(Exec *x, bool when) {
    const uint8_t *p = imm_at(x);
    uint8_t nullable = *p++; // bit 0: from, bit 1: to
    imm_skip(&p);            // label
    imm_skip(&p);            // from
    bool matches = top_matches(x, imm_heap(x, &p, nullable >> 1 & 1));
    return branch_if(x, matches == when, p);
}

Status exec_br_on_cast(Exec *x) {
    return branch_on_cast(x, true);
}
Status exec_br_on_cast_fail(Exec *x) {
    return branch_on_cast(x, false);
}

// Both hierarchies are one form: an external value is a heap object.
Status exec_any_convert_extern(Exec *x) {
    exec_done(x, imm_at(x), 0);
    return STATUS_ok;
}
Status exec_extern_convert_any(Exec *x) {
    exec_done(x, imm_at(x), 0);
    return STATUS_ok;
}

// --- i31 ---------------------------------------------------------------------------

Status exec_ref_i31(Exec *x) {
    return exec_result(x, imm_at(x), 1, gc_ref_of_i31(operand(x, 0)->u32));
}

Status exec_i31_get_s(Exec *x) {
    GcRef ref = operand(x, 0)->ref;
    if (!ref) return exec_trap(x, TRAP_null_i31_reference);
    return exec_result(x, imm_at(x), 1, (uint32_t)gc_i31_s(ref));
}

Status exec_i31_get_u(Exec *x) {
    GcRef ref = operand(x, 0)->ref;
    if (!ref) return exec_trap(x, TRAP_null_i31_reference);
    return exec_result(x, imm_at(x), 1, gc_i31_u(ref));
}

// --- behind the prefix ---------------------------------------------------------------

#define ROW_00(name, code, cost)
#define ROW_fb(name, code, cost) [code] = {exec_##name, cost},
#define ROW_fc(name, code, cost)
#define ROW_fd(name, code, cost)
#define ROW_fe(name, code, cost)
const ExecRow exec_fb[] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code, cost)
#include "wasm/op.def"
};
