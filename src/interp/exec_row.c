// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the helpers of compiled code do (rt/helper.h), on operands that stay on
// the stack, where the collector finds and updates them: structures and arrays,
// tables, memories as wholes, atomics, exceptions, and any access to memory that
// is not the loop's fast case.
#include "interp/interp_int.h"

#include "rt/helper.h"

#include <stdatomic.h>

// How many operands an instruction takes and leaves.
typedef struct Shape {
    uint32_t takes, leaves;
} Shape;

// Runs the instruction whose immediates end at `p`.
INLINE Status row(Exec *x, HelperRow *helper, const uint8_t *p, uint64_t a,
                  uint64_t b, Shape shape) {
    exec_protect(x); // a limiter or a deadline's callback is the embedder's
    FrameHeader *f = exec_frame(x);
    Slot *args = slot_at(x, f->sp, -(ptrdiff_t)shape.takes);
    Status status =
        helper(x->context, args, a, b, (int64_t)slot_size(x->is_wide));
    if (status != STATUS_ok) return status;
    f->pc = p;
    f->sp = slot_at(x, args, shape.leaves);
    return STATUS_ok;
}

// The immediates are nothing, one index, two, or a memarg.
INLINE Status row_none(Exec *x, HelperRow *helper, Shape shape) {
    return row(x, helper, imm_at(x), 0, 0, shape);
}

INLINE Status row_a(Exec *x, HelperRow *helper, Shape shape) {
    const uint8_t *p = imm_at(x);
    uint32_t a = imm_u32(&p);
    return row(x, helper, p, a, 0, shape);
}

INLINE Status row_ab(Exec *x, HelperRow *helper, Shape shape) {
    const uint8_t *p = imm_at(x);
    uint32_t a = imm_u32(&p), b = imm_u32(&p);
    return row(x, helper, p, a, b, shape);
}

INLINE Status row_memarg(Exec *x, HelperRow *helper, Shape shape) {
    const uint8_t *p = imm_at(x);
    MemArg arg = imm_memarg(&p);
    return row(x, helper, p, arg.memory, arg.offset, shape);
}

#define ROW(name, immediates, takes, leaves)                               \
    Status exec_##name(Exec *x) {                                          \
        return row_##immediates(x, helper_##name, (Shape){takes, leaves}); \
    }
// clang-format off
ROW(ref_func,             a,      0, 1)
ROW(table_get,            a,      1, 1)
ROW(table_set,            a,      2, 0)
ROW(table_size,           a,      0, 1)
ROW(table_grow,           a,      2, 1)
ROW(table_fill,           a,      3, 0)
ROW(table_copy,           ab,     3, 0)
ROW(table_init,           ab,     3, 0)
ROW(elem_drop,            a,      0, 0)

ROW(memory_size,          a,      0, 1)
ROW(memory_grow,          a,      1, 1)
ROW(memory_init,          ab,     3, 0)
ROW(data_drop,            a,      0, 0)
ROW(memory_copy,          ab,     3, 0)
ROW(memory_fill,          a,      3, 0)
ROW(memory_atomic_notify, memarg, 2, 1)
ROW(memory_atomic_wait32, memarg, 3, 1)
ROW(memory_atomic_wait64, memarg, 3, 1)

ROW(struct_new_default,   a,      0, 1)
ROW(struct_get,           ab,     1, 1)
ROW(struct_get_s,         ab,     1, 1)
ROW(struct_get_u,         ab,     1, 1)
ROW(struct_set,           ab,     2, 0)
ROW(array_new,            a,      2, 1)
ROW(array_new_default,    a,      1, 1)
ROW(array_new_data,       ab,     2, 1)
ROW(array_new_elem,       ab,     2, 1)
ROW(array_get,            a,      2, 1)
ROW(array_get_s,          a,      2, 1)
ROW(array_get_u,          a,      2, 1)
ROW(array_set,            a,      3, 0)
ROW(array_len,            none,   1, 1)
ROW(array_fill,           a,      4, 0)
ROW(array_copy,           ab,     5, 0)
ROW(array_init_data,      ab,     4, 0)
ROW(array_init_elem,      ab,     4, 0)
// clang-format on

// --- how many operands there are depends -------------------------------------

Status exec_struct_new(Exec *x) {
    const uint8_t *p = imm_at(x);
    uint32_t type = imm_u32(&p);
    Shape shape = {x->context->types[type]->field_len, 1};
    return row(x, helper_struct_new, p, type, 0, shape);
}

Status exec_array_new_fixed(Exec *x) {
    const uint8_t *p = imm_at(x);
    uint32_t type = imm_u32(&p), len = imm_u32(&p);
    return row(x, helper_array_new_fixed, p, type, len, (Shape){len, 1});
}

// Throwing ends a straight line.
Status exec_throw(Exec *x) {
    exec_end_segment(x);
    const uint8_t *p = imm_at(x);
    uint32_t tag = imm_u32(&p);
    Shape shape = {x->context->tags[tag]->type->param_len, 0};
    return row(x, helper_throw, p, tag, 0, shape);
}

Status exec_throw_ref(Exec *x) {
    exec_end_segment(x);
    return row_none(x, helper_throw_ref, (Shape){1, 0});
}

// --- access ------------------------------------------------------------------

// Reads an opcode with its prefix.
static Op op_at(const uint8_t **p) {
    uint8_t byte = *(*p)++;
    if (byte < 0xfb) return (Op)(op_one_byte[byte] - 1);
    return op_of_code(byte, imm_u32(p));
}

Status exec_access(Exec *x) {
    const uint8_t *p = exec_frame(x)->pc;
    Op op = op_at(&p);
    MemArg arg = imm_memarg(&p);
    uint64_t what = (uint64_t)op | (uint64_t)arg.memory << 16;
    const OpInfo *info = &op_info[op];
    if (info->imm == IMM_memarg_lane) what |= (uint64_t)*p++ << 48;
    Shape shape = {sig_param_len(info->sig), sig_result_len(info->sig)};
    return row(x, helper_access, p, what, arg.offset, shape);
}

// The only atomic that touches no memory.
Status exec_atomic_fence(Exec *x) {
    atomic_thread_fence(memory_order_seq_cst);
    exec_done(x, imm_at(x) + 1, 0);
    return STATUS_ok;
}

// --- behind the prefix -------------------------------------------------------

#define ROW_00(name, code, cost)
#define ROW_fb(name, code, cost)
#define ROW_fc(name, code, cost)
#define ROW_fd(name, code, cost)
#define ROW_fe(name, code, cost) [code] = {exec_##name, cost},
const ExecRow exec_fe[] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code, cost)
#define ATOMIC_LOAD(name, prefix, code, text, imm, sig, feature, cost, access) \
    [code] = {exec_access, cost},
#define ATOMIC_STORE   ATOMIC_LOAD
#define ATOMIC_RMW     ATOMIC_LOAD
#define ATOMIC_CMPXCHG ATOMIC_LOAD
#include "wasm/op.def"
};
