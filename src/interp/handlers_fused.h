// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values that are not pushed, because what follows uses them at once (part of
// handlers.h; narrow loops that count no fuel).
//
// What makes a value (local.get, a constant, a load, arithmetic) leaves it in
// `arg` and looks at the opcode that follows; two in a row leave the first in
// `arg0`. Where the opcode has a handler for that state, it goes there;
// otherwise the values are pushed and everything is as if they always had
// been. At all other times nothing is in `arg`.
//
//   one_<op>   runs with its last operand in arg, others on the stack
//   two_<op>   runs with both operands in arg0 and arg
//
// Not formatted: a handler begins with a macro, which the tool takes for a call.
// clang-format off

#define PUSH_TWO()         \
    do {                   \
        SPILL();           \
        AT(0).u64 = arg0;  \
        sp += 2 * STRIDE;  \
        tos = arg;         \
    } while (0)

// With an operand on the stack the result takes its place.
#define ONE(op, R, call)  \
    SUB_HANDLER(one_##op) {     \
        R r = 0;                \
        call;                   \
        TOP = BITS_##R(r);      \
        NEXT(1);                \
    }
#define TWO(op, R, call)  \
    SUB_HANDLER(two_##op) {     \
        R r = 0;                \
        call;                   \
        arg = BITS_##R(r);      \
        pc++;                   \
        GO_ONE();               \
    }
#define MAY_TRAP(op, T, a, b)                                      \
    Trap t = num_##op(VAL_##T(a), VAL_##T(b), &r);                 \
    if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t)
#define MAY_BE_NAN(op, R, T, a, b)              \
    (void)num_##op(VAL_##T(a), VAL_##T(b), &r); \
    CANON(R, r)
#define NUM2(op, R, T, trap, value)                             \
    ONE(op, R, MAY_TRAP(op, T, TOP, arg))             \
    TWO(op, R, MAY_TRAP(op, T, arg0, arg))
#define NAN2(op, R, T, trap, value)                             \
    ONE(op, R, MAY_BE_NAN(op, R, T, TOP, arg))        \
    TWO(op, R, MAY_BE_NAN(op, R, T, arg0, arg))
#define NUM1(op, R, T, trap, value)                             \
    SUB_HANDLER(one_##op) {                                     \
        R r = 0;                                                \
        Trap t = num_##op(VAL_##T(arg), &r);                    \
        if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t);           \
        arg = BITS_##R(r);                                      \
        pc++;                                                   \
        GO_ONE();                                               \
    }
#define NAN1(op, R, T, trap, value)                             \
    SUB_HANDLER(one_##op) {                                     \
        R r = 0;                                                \
        (void)num_##op(VAL_##T(arg), &r);                       \
        CANON(R, r);                                            \
        arg = BITS_##R(r);                                      \
        pc++;                                                   \
        GO_ONE();                                               \
    }

#define MEM_LOAD(op, R, M)                                    \
    SUB_HANDLER(one_##op) {                                   \
        uint64_t end = 0;                                     \
        if (UNLIKELY(!IS_SHORT_MEMARG())) {                   \
            PUSH(arg);                                        \
            JUMP(long_##op);                                  \
        }                                                     \
        if (UNLIKELY(!IN_BOUNDS(arg, pc[2], sizeof(M), end))) \
            JUMP(push_one);                                   \
        arg = BITS_##R(num_##op(mem + end - sizeof(M)));      \
        pc += 3;                                              \
        GO_ONE();                                             \
    }
#define MEM_STORE(op, T, M)                                    \
    SUB_HANDLER(one_##op) {                                    \
        uint64_t end = 0;                                      \
        if (UNLIKELY(!IS_SHORT_MEMARG())) {                    \
            PUSH(arg);                                         \
            JUMP(long_##op);                                   \
        }                                                      \
        if (UNLIKELY(!IN_BOUNDS(TOP, pc[2], sizeof(M), end)))  \
            JUMP(push_one);                                    \
        num_##op(mem + end - sizeof(M), VAL_##T(arg));         \
        DROP();                                                \
        NEXT(3);                                               \
    }                                                          \
    SUB_HANDLER(two_##op) {                                    \
        uint64_t end = 0;                                      \
        if (UNLIKELY(!IS_SHORT_MEMARG())) {                    \
            PUSH_TWO();                                        \
            JUMP(long_##op);                                   \
        }                                                      \
        if (UNLIKELY(!IN_BOUNDS(arg0, pc[2], sizeof(M), end))) \
            JUMP(push_two);                                    \
        num_##op(mem + end - sizeof(M), VAL_##T(arg));         \
        NEXT(3);                                               \
    }
#include "wasm/num.def"

// By the ordinary handlers: those of what is not the fast case do it again.
SUB_HANDLER(push_one) {
    PUSH(arg);
    DISPATCH();
}
SUB_HANDLER(push_two) {
    PUSH_TWO();
    DISPATCH();
}

// Instructions of one operand, or none: the first value is pushed.
#define NUM1(op, R, T, trap, value) FIRST_PUSHED(op)
#define MEM_LOAD(op, R, M)          FIRST_PUSHED(op)
#define FIRST_PUSHED(name)  \
    SUB_HANDLER(two_##name) { \
        PUSH(arg0);         \
        JUMP(one_##name);   \
    }
#include "wasm/num.def"
FIRST_PUSHED(local_get)
FIRST_PUSHED(local_set)
FIRST_PUSHED(local_tee)
FIRST_PUSHED(i32_const)
FIRST_PUSHED(i64_const)
FIRST_PUSHED(br_if)
FIRST_PUSHED(if)
FIRST_PUSHED(drop)
FIRST_PUSHED(ref_is_null)
FIRST_PUSHED(global_set)

SUB_HANDLER(one_local_get) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    arg0 = arg;
    arg = L(pc[1]).u64;
    pc += 2;
    GO_TWO();
}
SUB_HANDLER(second_i32_const) {
    arg = imm_i32_const(&pc);
    GO_TWO();
}
SUB_HANDLER(one_i32_const) {
    arg0 = arg;
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(second_i32_const);
    arg = imm_i32_const(&pc);
    GO_TWO();
}
SUB_HANDLER(one_i64_const) {
    arg0 = arg;
    arg = imm_i64_const(&pc);
    GO_TWO();
}
SUB_HANDLER(one_local_set) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    L(pc[1]).u64 = arg;
    NEXT(2);
}
SUB_HANDLER(one_local_tee) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    L(pc[1]).u64 = arg;
    pc += 2;
    GO_ONE();
}
SUB_HANDLER(one_br_if) {
    if (VAL_u32(arg)) BRANCH(ctl);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    ctl++;
    NEXT(2);
}
SUB_HANDLER(one_if) {
    if (!VAL_u32(arg)) BRANCH(ctl);
    ctl++;
    if (UNLIKELY(!IS_SHORT_BLOCK())) JUMP(long_block);
    NEXT(2);
}
SUB_HANDLER(one_drop) {
    NEXT(1);
}
SUB_HANDLER(one_ref_is_null) {
    arg = arg == 0;
    pc++;
    GO_ONE();
}
SUB_HANDLER(one_global_set) {
    IMM(global, n)
    x->context->globals[global]->cell.u64 = arg;
    NEXT(n);
}

#define SATURATING(state, push)                    \
    SUB_HANDLER(state##_prefix_fc) {               \
        if (UNLIKELY(pc[1] >= SATURATING_END)) {   \
            push;                                  \
            JUMP(prefix_fc);                       \
        }                                          \
        pc++;                                      \
        GO(table_##state##_sat, *pc);              \
    }
SATURATING(one, PUSH(arg))
SATURATING(two, PUSH_TWO())

// The others find everything on the stack.
#define PUSHED(name)          \
    SUB_HANDLER(one_##name) { \
        PUSH(arg);            \
        JUMP(name);           \
    }                         \
    SUB_HANDLER(two_##name) { \
        PUSH_TWO();           \
        JUMP(name);           \
    }
#include "interp/pushed.def"
