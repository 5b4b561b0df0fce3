// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The handlers: what each instruction does, said once for all loops.
//
// loop_*.c define LOOP_NAME, LOOP_WIDE and LOOP_FUEL and include this.
// dispatch.h says what the state is and how handlers follow each other; what is
// not here is in exec_*.c (slow.def).
//
// pc stays at the opcode until nothing can trap any more.
//
// Not formatted: a handler begins with a macro, which the tool takes for a call.
// clang-format off
#include "interp/interp_int.h"
#include "interp/loop_code.h"
#include "interp/pair.h"
#include "vmabi/words.h"
#include "wasm/num.h"

#include "interp/dispatch.h"

#include <string.h>

// --- the state -------------------------------------------------------------------

#define NEXT(n)        \
    do {               \
        pc += (n);     \
        DISPATCH();    \
    } while (0)
#define PUSH(v)               \
    do {                      \
        uint64_t word_ = (v); \
        SPILL();              \
        sp += STRIDE;         \
        TOP = word_;          \
    } while (0)
#define DROP()        \
    do {              \
        sp -= STRIDE; \
        FILL();       \
    } while (0)

// What the frame says, as variables.
#define LOOP_LOCALS                                       \
    const uint8_t *pc = exec_frame(x)->pc;                \
    Slot *sp = exec_frame(x)->sp;                         \
    Slot *fp = exec_frame(x)->locals;                     \
    const CtlEntry *ctl = exec_frame(x)->ctl;             \
    uint8_t *mem = x->context->memory0_base;              \
    uint64_t mem_size = x->context->memory0_size;         \
    UNUSED uint64_t tos = LOOP_WIDE ? 0 : AT(-1).u64;     \
    UNUSED uint64_t arg = 0, arg0 = 0;
#define RELOAD()                                  \
    do {                                        \
        const FrameHeader *f_ = exec_frame(x);  \
        pc = f_->pc;                            \
        sp = f_->sp;                            \
        fp = f_->locals;                        \
        ctl = f_->ctl;                          \
        mem = x->context->memory0_base;         \
        mem_size = x->context->memory0_size;    \
        FILL();                                 \
    } while (0)
#define SAVE(at)                         \
    do {                                 \
        FrameHeader *f_ = exec_frame(x); \
        SPILL();                         \
        f_->pc = (at);                   \
        f_->sp = sp;                     \
        f_->ctl = ctl;                   \
    } while (0)

#define TRAP_AT(at, code)         \
    do {                          \
        exec_frame(x)->pc = (at); \
        x->trap = (code);         \
        JUMP(trapped);            \
    } while (0)

// Fuel: instructions add to the straight line, whose end pays.
#define COUNT(name) ((void)(LOOP_FUEL && (x->segment += COST_##name)))
#define END_SEGMENT()                        \
    do {                                     \
        if (LOOP_FUEL) exec_end_segment(x);  \
    } while (0)
// Leaves an instruction to its function.
#define LEAVE_TO(at, function)                        \
    do {                                              \
        SAVE(at);                                     \
        Status status_ = function(x);                 \
        if (UNLIKELY(status_ != STATUS_ok)) return status_; \
        RELOAD();                                       \
        DISPATCH();                                   \
    } while (0)
// The same where another frame may be the top afterwards, or none.
#define CALL_TO(at, function)                                        \
    do {                                                             \
        SAVE(at);                                                    \
        Status status_ = function(x);                                \
        if (UNLIKELY(status_ != STATUS_ok)) return status_;          \
        if (!exec_frame(x) || x->is_wide != LOOP_WIDE) return STATUS_ok; \
        RELOAD();                                                      \
        DISPATCH();                                                  \
    } while (0)

// --- immediates ------------------------------------------------------------------
//
// One byte is the frequent case. Linkers write addresses, functions and types in
// five, whatever their value; so there is no loop up to that.

// The low seven bits of each byte of a word.
INLINE uint32_t imm_septets(uint32_t word) {
    return (word & 0x7f) | (word & 0x7f00) >> 1 | (word & 0x7f0000) >> 2 |
           (word & 0x7f000000) >> 3;
}

// A u32 of two bytes or more at *at, which moves behind it. Where there are
// three, a fourth can be read: no function ends with an immediate.
INLINE uint32_t imm_wide(const uint8_t **at) {
    const uint8_t *p = *at;
    if (p[1] < 0x80) {
        *at = p + 2;
        return (p[0] & 0x7fu) | (uint32_t)p[1] << 7;
    }
    uint32_t word = load_u32(p), value = imm_septets(word);
    if (!(word & 0x800000)) {
        *at = p + 3;
        return value & 0x1fffff;
    }
    if (!(word >> 31)) {
        *at = p + 4;
        return value;
    }
    *at = p + 5;
    return value | (uint32_t)p[4] << 28;
}
// The same of an s32.
INLINE int32_t imm_wide_s(const uint8_t **at) {
    const uint8_t *p = *at;
    if (p[1] < 0x80) {
        *at = p + 2;
        return (int32_t)((p[0] & 0x7fu) << 18 | (uint32_t)p[1] << 25) >> 18;
    }
    uint32_t word = load_u32(p), value = imm_septets(word);
    if (!(word & 0x800000)) {
        *at = p + 3;
        return (int32_t)(value << 11) >> 11;
    }
    if (!(word >> 31)) {
        *at = p + 4;
        return (int32_t)(value << 4) >> 4;
    }
    *at = p + 5;
    return (int32_t)(value | (uint32_t)p[4] << 28);
}

// The u32 at pc[1]; `n` is the size of opcode and immediate.
#define IMM(value, n)                \
    uint32_t value = pc[1];          \
    size_t n = 2;                    \
    if (UNLIKELY(value >= 0x80)) {   \
        const uint8_t *p_ = pc + 1;  \
        value = imm_wide(&p_);       \
        n = (size_t)(p_ - pc);       \
    }

// The operands of the constants at pc; it moves behind them.
INLINE uint64_t imm_i32_const(const uint8_t **pc) {
    const uint8_t *p = *pc + 1;
    if (LIKELY(p[0] < 0x80)) {
        *pc = p + 1;
        return (uint32_t)((int32_t)((uint32_t)p[0] << 25) >> 25);
    }
    int32_t value = imm_wide_s(&p);
    *pc = p;
    return (uint32_t)value;
}
INLINE uint64_t imm_i64_const(const uint8_t **pc) {
    const uint8_t *p = *pc + 1;
    if (LIKELY(p[0] < 0x80)) {
        *pc = p + 1;
        return (uint64_t)((int64_t)((uint64_t)p[0] << 57) >> 57);
    }
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *p++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    *pc = p;
    if (shift >= 64) return value;
    return (uint64_t)((int64_t)(value << (64 - shift)) >> (64 - shift));
}

// Most loops have no type; the branch back goes on behind their opcode.
#define AT_TARGET()                                                          \
    do {                                                                     \
        if (!LOOP_FUEL && pc[0] == OPCODE_loop && LIKELY(IS_SHORT_BLOCK()) && \
            !UNLIKELY(exec_should_poll(x, false)))                           \
            pc += 2;                                                         \
    } while (0)
#define IS_SHORT_BLOCK() (pc[1] == 0x40)

// The branch of `entry`, an entry of pc's instruction.
#define BRANCH(entry)                                  \
    do {                                               \
        ctl = (entry);                                 \
        if (UNLIKELY(ctl_is_far(ctl))) JUMP(branch_far); \
        pc += ctl->pc;                                 \
        ctl += ctl_hop(ctl);                           \
        AT_TARGET();                                   \
        DISPATCH();                                    \
    } while (0)

static inline Slot *move_down(Slot *sp, size_t keep, size_t drop) {
    if (keep) memmove(sp - keep - drop, sp - keep, keep * sizeof(Slot));
    return sp - drop;
}

// The code behind a prefix, which becomes x->at; pc moves to the last byte.
static inline uint32_t prefix_code(Exec *x, const uint8_t **pc) {
    const uint8_t *p = *pc;
    x->at = p++;
    uint32_t code = *p;
    if (UNLIKELY(code >= 0x80)) {
        code = (code & 0x7f) | (p[1] & 0x7fu) << 7;
        // No code has more bits; further bytes are zeroes.
        do
            p++;
        while (*p & 0x80);
    }
    *pc = p;
    return code;
}

// --- the loop --------------------------------------------------------------------

LOOP_BEGIN
#include LOOP_TABLES
LOOP_START

HANDLER(unreachable) {
    TRAP_AT(pc, TRAP_unreachable);
}
HANDLER(nop) {
    NEXT(1);
}
SUB_HANDLER(long_block) {
    pc = imm_skip_block(pc + 1);
    DISPATCH();
}
HANDLER(block) {
    if (UNLIKELY(!IS_SHORT_BLOCK())) JUMP(long_block);
    NEXT(2);
}
SUB_HANDLER(poll_loop) {
    CALL_TO(pc, exec_poll_loop);
}
HANDLER(loop) {
    END_SEGMENT();
    if (UNLIKELY(exec_should_poll(x, LOOP_FUEL))) JUMP(poll_loop);
    if (UNLIKELY(!IS_SHORT_BLOCK())) JUMP(long_block);
    NEXT(2);
}
SUB_HANDLER(branch_far) {
    CtlTarget e = ctl_target(ctl, x->far_ctls);
    SPILL();
    sp = move_down(sp, (size_t)e.keep * STRIDE, (size_t)e.drop * STRIDE);
    FILL();
    pc += e.pc;
    ctl += e.ctl;
    DISPATCH();
}
HANDLER(try_table) {
    pc = imm_skip_try_table(pc + 1);
    DISPATCH();
}
HANDLER(if) {
    END_SEGMENT();
    uint32_t condition = VAL_u32(TOP);
    DROP();
    if (condition) {
        ctl++;
        if (UNLIKELY(!IS_SHORT_BLOCK())) JUMP(long_block);
        NEXT(2);
    }
    BRANCH(ctl);
}
HANDLER(else) {
    END_SEGMENT();
    BRANCH(ctl);
}
HANDLER(end) {
    if (UNLIKELY(pc == exec_frame(x)->end)) JUMP(leave);
    END_SEGMENT();
    NEXT(1);
}
HANDLER(br) {
    COUNT(br);
    END_SEGMENT();
    BRANCH(ctl);
}
SUB_HANDLER(long_br_if) {
    ctl++;
    IMM(label, n)
    (void)label;
    NEXT(n);
}
HANDLER(br_if) {
    COUNT(br_if);
    END_SEGMENT();
    uint32_t condition = VAL_u32(TOP);
    DROP();
    if (condition) BRANCH(ctl);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_br_if);
    ctl++;
    NEXT(2);
}
HANDLER(br_table) {
    COUNT(br_table);
    END_SEGMENT();
    uint32_t index = VAL_u32(TOP);
    DROP();
    IMM(len, n)
    (void)n;
    BRANCH(ctl + MIN(index, len));
}

// --- calls -----------------------------------------------------------------------

SUB_HANDLER(slow_call) {
    CALL_TO(pc, exec_call);
}
SUB_HANDLER(poll_entry) {
    SAVE(pc);
    Status status = exec_poll(x);
    if (status != STATUS_ok) return status;
    RELOAD();
    DISPATCH();
}
// What all calls within the instance do: the callee's locals begin at `place`
// and its frame takes `need` bytes; `n` is how long the calling instruction is.
#define ENTER(place, need, n, rest)                                           \
    FrameHeader *caller = exec_frame(x);                                      \
    fp = (place);                                                             \
    if (UNLIKELY((uint64_t)(x->stack_end - (char *)fp) < (need)))             \
        TRAP_AT(pc, TRAP_stack_exhausted);                                    \
    caller->pc = pc;                                                          \
    caller->next = pc + (n);                                                  \
    caller->ctl = ctl;                                                        \
    caller->sp = fp;                                                          \
    Slot *end = sp + (rest);                                                  \
    /* Few, mostly: not worth a call of memset, which `volatile` forbids. */  \
    for (volatile Slot *s = sp; s != end; s++)                                \
        s->u64 = 0;                                                           \
    FrameHeader *f = (FrameHeader *)(void *)end;                              \
    f->caller = caller;                                                       \
    f->locals = fp;                                                           \
    f->instance = caller->instance;                                           \
    f->is_near = true;                                                        \
    x->activation.top = f;                                                    \
    sp = frame_operands(f)

#include LOOP_ENTER
HANDLER(call) {
    COUNT(call);
    END_SEGMENT();
    IMM(func, n)
    arg = func;
    arg0 = n;
    ENTER_FUNC();
}
SUB_HANDLER(slow_call_indirect) {
    CALL_TO(pc, exec_call_indirect);
}
// Fast: a function of this instance, in a table whose cells name functions of
// this instance by index or by reference, of exactly the type that is wanted.
HANDLER(call_indirect) {
    COUNT(call_indirect);
    const uint8_t *p = pc + 1;
    uint32_t type = p[0] < 0x80 ? *p++ : imm_wide(&p);
    uint32_t table = p[0] < 0x80 ? *p++ : imm_wide(&p);
    const Table *t = x->context->tables[table];
    if (UNLIKELY(TOP >= t->size)) JUMP(slow_call_indirect);
    FuncCell cell = t->funcs[TOP];
    if (UNLIKELY(!func_cell_is_lazy(cell) ||
                 t->owner != exec_frame(x)->instance))
        JUMP(slow_call_indirect);
    uint32_t func = func_cell_index(cell);
    const RtType *want = x->context->types[type];
    if (UNLIKELY(!CALLEE_FITS(t, func, want))) JUMP(slow_call_indirect);
    END_SEGMENT();
    DROP();
    arg = func;
    arg0 = (uint64_t)(p - pc);
    JUMP(enter);
}
HANDLER(return) {
    JUMP(leave);
}
SUB_HANDLER(slow_leave) {
    CALL_TO(pc, exec_leave);
}
SUB_HANDLER(leave) {
    END_SEGMENT();
    const FrameHeader *f = exec_frame(x);
    if (UNLIKELY(!f->is_near)) JUMP(slow_leave);
    // A function without locals has its header where the results go.
    size_t results = (size_t)f->info->result_len * STRIDE;
    FrameHeader *caller = f->caller;
    SPILL();
    if (results == STRIDE) {
        fp[0] = AT(-1);
        if (LOOP_WIDE) fp[1] = sp[-1];
    } else {
        // Downwards, so first first; `volatile` as in calls.
        const Slot *from = sp - results;
        for (size_t i = 0; i < results; i++)
            ((volatile Slot *)fp)[i].u64 = from[i].u64;
    }
    sp = fp + results;
    x->activation.top = caller;
    pc = caller->next;
    ctl = caller->ctl;
    fp = caller->locals;
    FILL();
    DISPATCH();
}

// --- locals, globals, constants ---------------------------------------------------

HANDLER(drop) {
    DROP();
    NEXT(1);
}
#define SELECT(n)                             \
    do {                                      \
        uint32_t condition = VAL_u32(TOP);    \
        if (LOOP_WIDE) {                      \
            if (!condition) CELL(AT(-3)) = CELL(AT(-2)); \
            sp -= 2 * STRIDE;                 \
            NEXT(n);                          \
        }                                     \
        uint64_t a = AT(-3).u64, b = AT(-2).u64; \
        RESULT(3, condition ? a : b, n);      \
    } while (0)
HANDLER(select) {
    COUNT(select);
    SELECT(1);
}
HANDLER(select_t) {
    COUNT(select_t);
    SELECT(imm_skip_types(pc + 1) - pc);
}
// In wide frames values are moved as cells, whatever their type.
#define PUSH_SLOT(slot, n)            \
    do {                              \
        if (LOOP_WIDE) {              \
            CELL(AT(0)) = CELL(slot); \
            sp += STRIDE;             \
            NEXT(n);                  \
        }                             \
        arg = (slot).u64;             \
        pc += (n);                    \
        GO_ONE();                     \
    } while (0)
#define STORE_SLOT(slot)              \
    do {                              \
        if (LOOP_WIDE)                \
            CELL(slot) = CELL(AT(-1)); \
        else                          \
            (slot).u64 = TOP;         \
    } while (0)
SUB_HANDLER(long_local_get) {
    IMM(local, n)
    PUSH_SLOT(L(local), n);
}
HANDLER(local_get) {
    COUNT(local_get);
    if (LOOP_WIDE || UNLIKELY(pc[1] >= 0x80)) JUMP(long_local_get);
    arg = L(pc[1]).u64;
    pc += 2;
    GO_ONE();
}
SUB_HANDLER(long_local_set) {
    IMM(local, n)
    STORE_SLOT(L(local));
    DROP();
    NEXT(n);
}
HANDLER(local_set) {
    COUNT(local_set);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_local_set);
    STORE_SLOT(L(pc[1]));
    DROP();
    NEXT(2);
}
SUB_HANDLER(long_local_tee) {
    IMM(local, n)
    STORE_SLOT(L(local));
    NEXT(n);
}
HANDLER(local_tee) {
    COUNT(local_tee);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_local_tee);
    STORE_SLOT(L(pc[1]));
    NEXT(2);
}
HANDLER(global_get) {
    COUNT(global_get);
    IMM(global, n)
    PUSH_SLOT(x->context->globals[global]->cell.slot, n);
}
HANDLER(global_set) {
    COUNT(global_set);
    IMM(global, n)
    STORE_SLOT(x->context->globals[global]->cell.slot);
    DROP();
    NEXT(n);
}

SUB_HANDLER(long_i32_const) {
    arg = imm_i32_const(&pc);
    GO_ONE();
}
HANDLER(i32_const) {
    COUNT(i32_const);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_i32_const);
    arg = imm_i32_const(&pc);
    GO_ONE();
}
SUB_HANDLER(long_i64_const) {
    arg = imm_i64_const(&pc);
    GO_ONE();
}
HANDLER(i64_const) {
    COUNT(i64_const);
    if (UNLIKELY(pc[1] >= 0x80)) JUMP(long_i64_const);
    arg = imm_i64_const(&pc);
    GO_ONE();
}
HANDLER(f32_const) {
    COUNT(f32_const);
    arg = load_u32(pc + 1);
    pc += 5;
    GO_ONE();
}
HANDLER(f64_const) {
    COUNT(f64_const);
    arg = load_u64(pc + 1);
    pc += 9;
    GO_ONE();
}

// --- references ---------------------------------------------------------------------

HANDLER(ref_is_null) {
    COUNT(ref_is_null);
    RESULT(1, TOP == 0, 1);
}
HANDLER(ref_eq) {
    COUNT(ref_eq);
    uint64_t b = TOP, a = AT(-2).u64;
    RESULT(2, a == b, 1);
}
HANDLER(ref_as_non_null) {
    COUNT(ref_as_non_null);
    if (UNLIKELY(TOP == 0)) TRAP_AT(pc, TRAP_null_reference);
    NEXT(1);
}

// --- memory -------------------------------------------------------------------------
//
// Fast: memory 0, an offset of at most 32 bits, in bounds. Anything else, and so
// every trap, is exec_access's.

// The memarg at `at`: its offset, and n, its size. A false `ok`: not the fast
// case.
#define MEMARG(at, ok, offset, n)                        \
    bool ok = true;                                      \
    uint32_t offset = load_u16(at);                      \
    size_t n = 2;                                        \
    if (LIKELY((offset & 0x80c0) == 0)) {                \
        offset >>= 8;                                    \
    } else {                                             \
        const uint8_t *p_ = (at) + 1;                    \
        offset = (at)[1] < 0x80 ? *p_++ : imm_wide(&p_); \
        n = (size_t)(p_ - (at));                         \
        ok = (at)[0] < 0x40 && p_[-1] < (n == 6 ? 0x10 : 0x80); \
    }
// The access of `size` bytes that ends at `end`.
#define IN_BOUNDS(address, offset, size, end)                                 \
    (LIKELY(!__builtin_add_overflow((address), (uint64_t)(offset) + (size),   \
                                    &(end))) &&                               \
     LIKELY((end) <= mem_size))

// Handlers of their own for longer memargs leave these without a frame.
#define IS_SHORT_MEMARG() ((load_u16(pc + 1) & 0x80c0) == 0)

#define MEM_LOAD(op, R, M)                                            \
    SUB_HANDLER(long_##op) {                                          \
        uint64_t end = 0;                                             \
        MEMARG(pc + 1, ok, offset, n)                                 \
        if (UNLIKELY(!ok || !IN_BOUNDS(TOP, offset, sizeof(M), end))) \
            JUMP(slow_access);                                        \
        RESULT(1, BITS_##R(num_##op(mem + end - sizeof(M))), 1 + n);     \
    }                                                                 \
    HANDLER(op) {                                                     \
        COUNT(op);                                                    \
        uint64_t end = 0;                                             \
        if (UNLIKELY(!IS_SHORT_MEMARG())) JUMP(long_##op);            \
        if (UNLIKELY(!IN_BOUNDS(TOP, pc[2], sizeof(M), end)))         \
            JUMP(slow_access);                                        \
        RESULT(1, BITS_##R(num_##op(mem + end - sizeof(M))), 3);     \
    }
#define MEM_STORE(op, T, M)                                           \
    SUB_HANDLER(long_##op) {                                          \
        uint64_t end = 0;                                             \
        MEMARG(pc + 1, ok, offset, n)                                 \
        if (UNLIKELY(!ok ||                                           \
                     !IN_BOUNDS(AT(-2).u64, offset, sizeof(M), end))) \
            JUMP(slow_access);                                        \
        num_##op(mem + end - sizeof(M), VAL_##T(TOP));                \
        sp -= 2 * STRIDE;                                             \
        FILL();                                                       \
        NEXT(1 + n);                                                  \
    }                                                                 \
    HANDLER(op) {                                                     \
        COUNT(op);                                                    \
        uint64_t end = 0;                                             \
        if (UNLIKELY(!IS_SHORT_MEMARG())) JUMP(long_##op);            \
        if (UNLIKELY(!IN_BOUNDS(AT(-2).u64, pc[2], sizeof(M), end)))  \
            JUMP(slow_access);                                        \
        num_##op(mem + end - sizeof(M), VAL_##T(TOP));                \
        sp -= 2 * STRIDE;                                             \
        FILL();                                                       \
        NEXT(3);                                                      \
    }

// --- numbers ------------------------------------------------------------------------

#define NUM1(op, R, T, trap, value)                          \
    HANDLER(op) {                                            \
        COUNT(op);                                           \
        R r = 0;                                             \
        Trap t = num_##op(VAL_##T(TOP), &r);                 \
        if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t);        \
        RESULT(1, BITS_##R(r), 1);                           \
    }
#define NUM2(op, R, T, trap, value)                          \
    HANDLER(op) {                                            \
        COUNT(op);                                           \
        R r = 0;                                             \
        Trap t = num_##op(VAL_##T(AT(-2).u64), VAL_##T(TOP), &r); \
        if (UNLIKELY(t != TRAP_none)) TRAP_AT(pc, t);        \
        RESULT(2, BITS_##R(r), 1);                           \
    }
#define NAN1(op, R, T, trap, value)            \
    HANDLER(op) {                              \
        COUNT(op);                             \
        R r = 0;                               \
        (void)num_##op(VAL_##T(TOP), &r);      \
        CANON(R, r);                           \
        RESULT(1, BITS_##R(r), 1);             \
    }
#define NAN2(op, R, T, trap, value)                                    \
    HANDLER(op) {                                                      \
        COUNT(op);                                                     \
        R r = 0;                                                       \
        (void)num_##op(VAL_##T(AT(-2).u64), VAL_##T(TOP), &r);         \
        CANON(R, r);                                                   \
        RESULT(2, BITS_##R(r), 1);                                     \
    }
#define WIDE2(op, value)                       \
    HANDLER(op) {                              \
        COUNT(op);                             \
        uint64_t out[2];                       \
        num_##op(AT(-2).u64, TOP, out);        \
        AT(-2).u64 = out[0];                   \
        TOP = out[1];                          \
        NEXT(1);                               \
    }
#define WIDE4(op, value)                                              \
    HANDLER(op) {                                                     \
        COUNT(op);                                                    \
        uint64_t out[2];                                              \
        num_##op(AT(-4).u64, AT(-3).u64, AT(-2).u64, TOP, out);       \
        sp -= 2 * STRIDE;                                             \
        AT(-2).u64 = out[0];                                          \
        TOP = out[1];                                                 \
        NEXT(1);                                                      \
    }
#include "wasm/num.def"

#include LOOP_FUSED

// --- what is not here -----------------------------------------------------------------

SUB_HANDLER(trapped) {
    return exec_trap(x, x->trap);
}
SUB_HANDLER(slow_access) {
    LEAVE_TO(pc, exec_access);
}

#define SLOW_00(name)                  \
    HANDLER(name) {                    \
        COUNT(name);                   \
        CALL_TO(pc, exec_##name);      \
    }
#define SLOW_fb(name)
#define SLOW_fc(name)                  \
    HANDLER(name) {                    \
        COUNT(name);                   \
        LEAVE_TO(x->at, exec_##name);  \
    }
#define SLOW_fe(name)
#define SLOW(prefix, name) SLOW_##prefix(name)
PREFIX(fc)
#include "interp/slow.def"
PREFIX_END(fc)

#define EXEC_PREFIX(p)                                \
    HANDLER(prefix_##p) {                             \
        uint32_t sub = prefix_code(x, &pc);          \
        if (LOOP_FUEL) x->segment += exec_##p[sub].cost; \
        LEAVE_TO(x->at, exec_##p[sub].run);          \
    }
EXEC_PREFIX(fb)
EXEC_PREFIX(fe)

#include LOOP_SIMD

LOOP_END
