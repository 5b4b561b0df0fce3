// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values that are not pushed, and instructions that run as one (part of
// handlers.h; the narrow loop that counts no fuel).
//
// What makes a value (local.get, a constant, a load, arithmetic) leaves it in
// `arg`, and the opcode that follows is looked up in another table:
//
//   one_<op>   runs with its last operand in arg, others on the stack
//
// At all other times nothing is in `arg`. In copies of functions (fuse.h) there
// are also
//
//   fused_<name>, one_fused_<name>   a sequence, in either state (fused.def)
//   pair_<name>                      with two operands in arg0 and arg
//
// Not formatted: a handler begins with a macro, which the tool takes for a call.
// clang-format off

#define POP(var)         \
    do {                 \
        (var) = TOP;     \
        sp -= STRIDE;    \
    } while (0)

// --- single instructions ------------------------------------------------------------

#define ONE1(op, R, call)       \
    SUB_HANDLER(one_##op) {     \
        R r = 0;                \
        call;                   \
        arg = BITS_##R(r);      \
        pc++;                   \
        GO_ONE();               \
    }
#define NUM1(op, R, T, trap, value)                             \
    ONE1(op, R, Trap t = num_##op(VAL_##T(arg), &r);            \
                if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t))
#define NAN1(op, R, T, trap, value)                             \
    ONE1(op, R, (void)num_##op(VAL_##T(arg), &r); CANON(R, r))
#define NUM2(op, R, T, trap, value)                             \
    SUB_HANDLER(one_##op) {                                     \
        uint64_t r;                                             \
        Trap t = pair_##op(x, TOP, arg, &r);                    \
        if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t);           \
        sp -= STRIDE;                                           \
        arg = r;                                                \
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
        sp -= STRIDE;                                          \
        NEXT(3);                                               \
    }
#include "wasm/num.def"

// By the ordinary handlers: those of what is not the fast case do it again.
SUB_HANDLER(push_one) {
    PUSH(arg);
    DISPATCH();
}

SUB_HANDLER(one_local_get) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    PUSH(arg);
    arg = L(pc[1]).u64;
    pc += 2;
    GO_ONE();
}
SUB_HANDLER(one_i32_const) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    PUSH(arg);
    arg = imm_i32_const(&pc);
    GO_ONE();
}
SUB_HANDLER(one_i64_const) {
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(push_one);
    PUSH(arg);
    arg = imm_i64_const(&pc);
    GO_ONE();
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
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_br_if);
    ctl++;
    NEXT(2);
}
SUB_HANDLER(one_if) {
    if (!VAL_u32(arg)) BRANCH(ctl);
    ctl++;
    if (UNLIKELY(!IS_SHORT_BLOCK())) JUMP(long_block);
    NEXT(2);
}
SUB_HANDLER(one_br_table) {
    IMM(len, n)
    (void)n;
    uint32_t index = VAL_u32(arg);
    BRANCH(ctl + MIN(index, len));
}
SUB_HANDLER(one_select) {
    uint64_t b = TOP, a = AT(-2).u64;
    sp -= 2 * STRIDE;
    arg = VAL_u32(arg) ? a : b;
    pc++;
    GO_ONE();
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

SUB_HANDLER(one_prefix_fc) {
    if (UNLIKELY(pc[1] >= SATURATING_END)) {
        PUSH(arg);
        JUMP(prefix_fc);
    }
    pc++;
    GO(table_one_sat, *pc);
}

// The others find everything on the stack.
#define PUSHED(name)          \
    SUB_HANDLER(one_##name) { \
        PUSH(arg);            \
        JUMP(name);           \
    }
#include "interp/pushed.def"

// --- sequences --------------------------------------------------------------------------

// Those that only push: what is in arg goes below.
#define PRODUCER(name, ...)                               \
    SUB_HANDLER(fused_##name) { __VA_ARGS__ }             \
    SUB_HANDLER(one_fused_##name) { PUSH(arg); __VA_ARGS__ }
// Those that use one operand, `arg`.
#define CONSUMER(name, ...)                               \
    SUB_HANDLER(fused_##name) { POP(arg); __VA_ARGS__ }   \
    SUB_HANDLER(one_fused_##name) { __VA_ARGS__ }
// Those that use one operand, and fetch another.
#define CONSUMER_AND(name, fetch, n)                      \
    SUB_HANDLER(fused_##name) {                           \
        POP(arg0);                                        \
        arg = fetch;                                      \
        pc += (n);                                        \
        GO_TWO();                                         \
    }                                                     \
    SUB_HANDLER(one_fused_##name) {                       \
        arg0 = arg;                                       \
        arg = fetch;                                      \
        pc += (n);                                        \
        GO_TWO();                                         \
    }

// Decoded constants, sign-extended.
#define C1(at) ((uint64_t)(int8_t)(at)[0])
#define C2(at) ((uint64_t)(int16_t)load_u16(at))
#define C3(at) ((uint64_t)((int32_t)(load_u32(at) << 8) >> 8))
#define C5(at) ((uint64_t)(int32_t)load_u32(at))

#define GET_AND(name, fetch, n)     \
    PRODUCER(name,                  \
        arg0 = L(pc[1]).u64;        \
        arg = fetch;                \
        pc += 2 + (n);              \
        GO_TWO();)
GET_AND(get_get, L(pc[3]).u64, 2)
GET_AND(get_c1, C1(pc + 3), 2)
GET_AND(get_c2, C2(pc + 3), 3)
GET_AND(get_c3, C3(pc + 3), 4)
GET_AND(get_c5, C5(pc + 3), 6)
GET_AND(get_f64, load_u64(pc + 3), 9)
CONSUMER_AND(get_op, L(pc[1]).u64, 2)
CONSUMER_AND(c1_op, C1(pc + 1), 2)
CONSUMER_AND(c2_op, C2(pc + 1), 3)
CONSUMER_AND(c3_op, C3(pc + 1), 4)
CONSUMER_AND(c5_op, C5(pc + 1), 6)
CONSUMER_AND(f64_op, load_u64(pc + 1), 9)

#define CONSTANT(name, value, n)    \
    PRODUCER(name,                  \
        arg = (value) & UINT32_MAX;  \
        pc += (n);                  \
        GO_ONE();)
CONSTANT(c2, C2(pc + 1), 3)
CONSTANT(c3, C3(pc + 1), 4)
CONSTANT(c5, C5(pc + 1), 6)

// What leaves the stack as it is: with a value in arg it stays there, unless a
// branch may come to where this goes.
#define NEUTRAL(name, n, ...)                             \
    SUB_HANDLER(fused_##name) { __VA_ARGS__ NEXT(n); }    \
    SUB_HANDLER(one_fused_##name) {                       \
        __VA_ARGS__                                       \
        pc += (n);                                        \
        GO_ONE();                                         \
    }
NEUTRAL(c1_set, 4, L(pc[3]).u64 = C1(pc + 1) & UINT32_MAX;)
NEUTRAL(get_set, 4, L(pc[3]) = L(pc[1]);)
NEUTRAL(blocks, pc[1],)
PRODUCER(end1, NEXT(1);)
PRODUCER(end2, NEXT(2);)
PRODUCER(end3, NEXT(3);)

// --- branches ---------------------------------------------------------------------------
//
// Of an instruction `n` bytes behind pc, whose entry is `ctl`. To a loop the
// branch goes on behind its opcode, unless that is to poll.

#define GO_FORWARD(n)          \
    do {                       \
        pc += ctl->pc + (n);   \
        ctl += ctl_hop(ctl);   \
        DISPATCH();            \
    } while (0)
#define GO_LOOP(n)                                              \
    do {                                                        \
        pc += ctl->pc + (n);                                    \
        ctl += ctl_hop(ctl);                                    \
        if (UNLIKELY(exec_should_poll(x, false))) DISPATCH();   \
        NEXT(2);                                                \
    } while (0)
#define STAY(n)    \
    do {           \
        ctl++;     \
        NEXT(n);   \
    } while (0)

PRODUCER(br_loop, GO_LOOP(0);)
CONSUMER(br_if_forward, if (VAL_u32(arg)) GO_FORWARD(0); STAY(2);)
CONSUMER(br_if_loop, if (VAL_u32(arg)) GO_LOOP(0); STAY(2);)
CONSUMER(eqz_br_if, if (!VAL_u32(arg)) GO_FORWARD(1); STAY(3);)
CONSUMER(eqz_br_if_loop, if (!VAL_u32(arg)) GO_LOOP(1); STAY(3);)
PRODUCER(get_br_if, if (L(pc[1]).u32) GO_FORWARD(2); STAY(4);)
PRODUCER(get_br_if_loop, if (L(pc[1]).u32) GO_LOOP(2); STAY(4);)
PRODUCER(get_eqz_br_if, if (!L(pc[1]).u32) GO_FORWARD(3); STAY(5);)
PRODUCER(get_eqz_br_if_loop, if (!L(pc[1]).u32) GO_LOOP(3); STAY(5);)

// --- calls ------------------------------------------------------------------------------

#define FUSED_CALL(name, index, n)  \
    PRODUCER(name,                  \
        arg = (index);              \
        arg0 = (n);                 \
        ENTER_FUNC();)
FUSED_CALL(call1, pc[1], 2)
FUSED_CALL(call2, load_u16(pc + 1), 3)
FUSED_CALL(call5, load_u32(pc + 1), 6)

// To a caller that runs in this loop; the result stays in arg.
#define LEAVE(go)                        \
    do {                                 \
        FrameHeader *caller = f->caller; \
        x->activation.top = caller;      \
        pc = caller->next;               \
        ctl = caller->ctl;               \
        sp = fp;                         \
        fp = caller->locals;             \
        go();                            \
    } while (0)
PRODUCER(return0,
    const FrameHeader *f = exec_frame(x);
    if (UNLIKELY(!f->is_near)) JUMP(slow_leave);
    LEAVE(DISPATCH);)
SUB_HANDLER(fused_return1) {
    POP(arg);
    JUMP(one_fused_return1);
}
SUB_HANDLER(one_fused_return1) {
    const FrameHeader *f = exec_frame(x);
    if (UNLIKELY(!f->is_near)) {
        PUSH(arg);
        JUMP(slow_leave);
    }
    LEAVE(GO_ONE);
}

// --- globals and memory -----------------------------------------------------------------

PRODUCER(global_get5,
    arg = x->context->globals[load_u32(pc + 1)]->cell.u64;
    pc += 6;
    GO_ONE();)
CONSUMER(global_set5,
    x->context->globals[load_u32(pc + 1)]->cell.u64 = arg;
    NEXT(6);)

// The access is `n` bytes behind pc. What is fused has no slow way: out of
// bounds is a trap.
#define LOAD_OR_TRAP(op, R, M, address, offset, n)                    \
    do {                                                              \
        uint64_t end = 0;                                             \
        if (UNLIKELY(!IN_BOUNDS(address, offset, sizeof(M), end)))    \
            TRAP_AT(pc + (n), TRAP_memory_bounds);                    \
        arg = BITS_##R(num_##op(mem + end - sizeof(M)));              \
    } while (0)
#define GET_LOAD(op, R, M)                                    \
    PRODUCER(get_##op,                                        \
        LOAD_OR_TRAP(op, R, M, L(pc[1]).u64, pc[4], 2);       \
        pc += 5;                                              \
        GO_ONE();)
GET_LOAD(i32_load, u32, u32)
GET_LOAD(i32_load8_u, u32, u8)
GET_LOAD(i32_load8_s, i32, i8)
GET_LOAD(i32_load16_u, u32, u16)
GET_LOAD(i64_load, u64, u64)
GET_LOAD(f32_load, f32, f32)
GET_LOAD(f64_load, f64, f64)

#define FAR_LOAD(op, R, M)                                    \
    CONSUMER(op##_5,                                          \
        LOAD_OR_TRAP(op, R, M, arg, load_u32(pc + 1), 0);     \
        pc += 7;                                              \
        GO_ONE();)
FAR_LOAD(i32_load, u32, u32)
FAR_LOAD(i32_load8_u, u32, u8)
FAR_LOAD(f64_load, f64, f64)
CONSUMER(i32_store_5,
    uint64_t end = 0;
    if (UNLIKELY(!IN_BOUNDS(TOP, load_u32(pc + 1), 4, end)))
        TRAP_AT(pc, TRAP_memory_bounds);
    sp -= STRIDE;
    num_i32_store(mem + end - 4, VAL_u32(arg));
    NEXT(7);)

// --- pairs ------------------------------------------------------------------------------

#define PAIR_HANDLER(op, name)                             \
    SUB_HANDLER(name) {                                    \
        uint64_t r;                                        \
        Trap t = pair_##op(x, arg0, arg, &r);              \
        if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t);

#define PAIR_PLAIN(op)              \
    PAIR_HANDLER(op, pair_##op)     \
        arg = r;                    \
        pc++;                       \
        GO_ONE();                   \
    }
#define PAIR_SET(op)                    \
    PAIR_HANDLER(op, pair_##op##_set)   \
        L(pc[2]).u64 = r;               \
        NEXT(3);                        \
    }
#define PAIR_TEE(op)                    \
    PAIR_HANDLER(op, pair_##op##_tee)   \
        L(pc[2]).u64 = r;               \
        arg = r;                        \
        pc += 3;                        \
        GO_ONE();                       \
    }
#define PAIR_BRANCHES(op)                \
    PAIR_HANDLER(op, pair_##op##_br_if)  \
        if (r) GO_FORWARD(1);            \
        STAY(3);                         \
    }                                    \
    PAIR_HANDLER(op, pair_##op##_loop)   \
        if (r) GO_LOOP(1);               \
        STAY(3);                         \
    }                                    \
    PAIR_HANDLER(op, pair_##op##_if)     \
        if (!r) GO_FORWARD(1);           \
        STAY(3);                         \
    }
#define INTEGER(op) PAIR_PLAIN(op) PAIR_SET(op) PAIR_TEE(op)
#define NUMBER(op)  PAIR_PLAIN(op) PAIR_SET(op)
#define COMPARE(op) PAIR_PLAIN(op) PAIR_BRANCHES(op)
#define STORE(op)
#define INDEXED(op)
#include "interp/fused.def"

#define MEM_STORE(op, T, M)                                    \
    SUB_HANDLER(pair_##op) {                                   \
        uint64_t end = 0;                                      \
        if (UNLIKELY(!IN_BOUNDS(arg0, pc[2], sizeof(M), end))) \
            TRAP_AT(pc, TRAP_memory_bounds);                   \
        num_##op(mem + end - sizeof(M), VAL_##T(arg));         \
        NEXT(3);                                               \
    }
#include "wasm/num.def"

// i32.add, then the load.
#define ADD_LOAD(op, R, M)                                         \
    SUB_HANDLER(pair_add_##op) {                                   \
        LOAD_OR_TRAP(op, R, M, (uint64_t)(uint32_t)(arg0 + arg), pc[3], 1); \
        pc += 4;                                                   \
        GO_ONE();                                                  \
    }
ADD_LOAD(i32_load, u32, u32)
ADD_LOAD(i64_load, u64, u64)
ADD_LOAD(f32_load, f32, f32)
ADD_LOAD(f64_load, f64, f64)
ADD_LOAD(i32_load8_s, i32, i8)
ADD_LOAD(i32_load8_u, u32, u8)
ADD_LOAD(i32_load16_u, u32, u16)
