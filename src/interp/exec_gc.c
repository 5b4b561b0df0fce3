// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structures and arrays: the helpers of compiled code do them (rt/helper.h), on
// operands that stay on the stack, where the collector finds and updates them.
#include "interp/interp_int.h"

#include "rt/helper.h"

// How many operands an instruction takes and leaves.
typedef struct Shape {
    uint32_t takes, leaves;
} Shape;

// Runs the instruction whose immediates end at `p`.
static Status row(Exec *x, HelperRow *helper, const uint8_t *p, uint64_t a,
                  uint64_t b, Shape shape) {
    FrameHeader *f = exec_frame(x);
    Slot *args = slot_at(x, f->sp, -(ptrdiff_t)shape.takes);
    Status status =
        helper(x->context, args, a, b, (int64_t)slot_size(x->is_wide));
    if (status != STATUS_ok) return status;
    f->pc = p;
    f->sp = slot_at(x, args, shape.leaves);
    return STATUS_ok;
}

// The immediates are one index, or two.
static Status row_a(Exec *x, HelperRow *helper, Shape shape) {
    const uint8_t *p = imm_at(x);
    uint32_t a = imm_u32(&p);
    return row(x, helper, p, a, 0, shape);
}

static Status row_ab(Exec *x, HelperRow *helper, Shape shape) {
    const uint8_t *p = imm_at(x);
    uint32_t a = imm_u32(&p), b = imm_u32(&p);
    return row(x, helper, p, a, b, shape);
}

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

Status exec_array_len(Exec *x) {
    return row(x, helper_array_len, imm_at(x), 0, 0, (Shape){1, 1});
}

#define ROW(name, immediates, takes, leaves)                               \
    Status exec_##name(Exec *x) {                                          \
        return row_##immediates(x, helper_##name, (Shape){takes, leaves}); \
    }
// clang-format off
ROW(struct_new_default, a,  0, 1)
ROW(struct_get,         ab, 1, 1)
ROW(struct_get_s,       ab, 1, 1)
ROW(struct_get_u,       ab, 1, 1)
ROW(struct_set,         ab, 2, 0)
ROW(array_new,          a,  2, 1)
ROW(array_new_default,  a,  1, 1)
ROW(array_new_data,     ab, 2, 1)
ROW(array_new_elem,     ab, 2, 1)
ROW(array_get,          a,  2, 1)
ROW(array_get_s,        a,  2, 1)
ROW(array_get_u,        a,  2, 1)
ROW(array_set,          a,  3, 0)
ROW(array_fill,         a,  4, 0)
ROW(array_copy,         ab, 5, 0)
ROW(array_init_data,    ab, 4, 0)
ROW(array_init_elem,    ab, 4, 0)
// clang-format on
