// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the handlers of handlers.h become a loop. The only file here with #if.
//
//   switch   one function, ISO C
//   goto     one function, a label a handler (gcc, clang)
//   tail     a function a handler, each ending in a tail call of the next; its
//            state stays in registers whatever the handlers do (clang 19)
//
// Included once by each instance of the loop, after these are defined:
//
//   LOOP_NAME   the function
//   LOOP_WIDE   1: slots of 16 bytes      LOOP_FUEL   1: counts fuel
//
// The state, as variables or parameters:
//
//   pc    the instruction that runs: its opcode; after a prefix, the opcode's
//         last byte (x->at is then the prefix), so that immediates start at
//         pc[1]
//   sp    first free operand slot
//   tos   with LOOP_TOS: the slot below sp, whose memory is stale
//   fp    locals
//   ctl   the function's cursor into the control entries
//   mem, mem_size   memory 0; size 0 sends every access the slow way
//   arg, arg0       values on their way to the next handler

#if defined(FOLIOT_DISPATCH_SWITCH)
#define DISPATCH_SWITCH 1
#elif defined(FOLIOT_DISPATCH_GOTO)
#define DISPATCH_GOTO 1
#elif defined(FOLIOT_DISPATCH_TAIL)
#define DISPATCH_TAIL 1
#elif defined(__clang__) && __clang_major__ >= 19 && !defined(ASAN) && \
    (defined(__x86_64__) || defined(__aarch64__))
// AddressSanitizer moves variables in a way that preserve_none does not allow.
#define DISPATCH_TAIL 1
#elif defined(__GNUC__)
#define DISPATCH_GOTO 1
#else
#define DISPATCH_SWITCH 1
#endif

#if defined(DISPATCH_SWITCH)
#define DISPATCH_NAME "switch"
#elif defined(DISPATCH_GOTO)
#define DISPATCH_NAME "goto"
#else
#define DISPATCH_NAME "tail"
#endif

// The loop that runs fused copies (fuse.h) keeps values that are not pushed
// (handlers_fused.h). Neither goes with counting fuel.
#if LOOP_WIDE || LOOP_FUEL || defined(DISPATCH_SWITCH)
#define LOOP_FUSES 0
#else
#define LOOP_FUSES 1
#endif
#ifdef DISPATCH_SWITCH
#define DISPATCH_FUSES false
#else
#define DISPATCH_FUSES true
#endif

// --- slots -----------------------------------------------------------------------

#define STRIDE (LOOP_WIDE ? 2 : 1)
#define AT(n)  (sp[(n) * STRIDE]) // AT(-1) is the top
#define L(i)   (fp[(size_t)(i) * STRIDE])
// A whole slot of 16 bytes.
#define CELL(s) (*(V128 *)(void *)&(s))

// A register for the top of the stack pays where the state is in registers
// anyway, where it can hold a slot, and where values are not kept in `arg`.
#if LOOP_WIDE || LOOP_FUSES || defined(DISPATCH_SWITCH)
#define LOOP_TOS 0
#define TOP      AT(-1).u64
#define SPILL()  ((void)0)
#define FILL()   ((void)0)
#else
#define LOOP_TOS 1
#define TOP      tos
#define SPILL()  ((void)(AT(-1).u64 = tos))
#define FILL()   ((void)(tos = AT(-1).u64))
#endif

// --- handlers --------------------------------------------------------------------
//
//   LOOP_BEGIN LOOP_START ... LOOP_END    around all
//   HANDLER(name) { ... }   the handler of an instruction
//   SUB_HANDLER(name)       one that others jump to
//   JUMP(name)              goes to any handler
//   DISPATCH()              goes to the handler of the opcode at pc
//   PREFIX(fc) PREFIX_END   around the handlers behind a prefix
//   LOOP_TABLES             a file: what is needed before the handlers

#ifdef DISPATCH_TAIL

#define LOOP_STATE                                                          \
    UNUSED Exec *x, UNUSED const uint8_t *pc, UNUSED Slot *sp,              \
        UNUSED Slot *fp, UNUSED const CtlEntry *ctl, UNUSED uint8_t *mem,   \
        UNUSED uint64_t mem_size, UNUSED uint64_t tos, UNUSED uint64_t arg, \
        UNUSED uint64_t arg0, UNUSED const void *bytes
#define LOOP_ARGS x, pc, sp, fp, ctl, mem, mem_size, tos, arg, arg0, bytes
typedef __attribute__((preserve_none)) Status Handler(LOOP_STATE);
typedef Handler *const Target;

#define HANDLER(name) \
    static __attribute__((preserve_none)) Status h_##name(LOOP_STATE)
#define LABEL(name)   h_##name
#define DECLARE(name) HANDLER(name);
#define JUMP(name)    __attribute__((musttail)) return h_##name(LOOP_ARGS)
#define GO(table, index) \
    __attribute__((musttail)) return table[index](LOOP_ARGS)
// The table of one-byte opcodes, `bytes`, stays in a register.
#define GO_BYTE(state) \
    __attribute__((musttail)) return ((Target *)bytes)[(state) + *pc](LOOP_ARGS)
#define LOOP_BEGIN
#define LOOP_START
#define LOOP_END                           \
    Status LOOP_NAME(Exec *x) {            \
        LOOP_LOCALS                        \
        const void *bytes = table_byte;    \
        return table_byte[*pc](LOOP_ARGS); \
    }

#else

#define JUMP(name) goto L_##name
#define DECLARE(name)
#define LOOP_BEGIN              \
    Status LOOP_NAME(Exec *x) { \
        LOOP_LOCALS

#endif

#ifdef DISPATCH_GOTO
typedef const void *const Target;
#define HANDLER(name)    L_##name:
#define LABEL(name)      &&L_##name
#define GO(table, index) goto *table[index]
#define GO_BYTE(state)   goto *table_byte[(state) + *pc]
#define LOOP_START       DISPATCH();
#define LOOP_END         }
#endif

#ifdef DISPATCH_SWITCH
#define LOOP_TABLES       "interp/loop_none.h"
#define HANDLER(name)     case OPCODE_##name:
#define SUB_HANDLER(name) L_##name:
#define DISPATCH()        goto L_next
#define LOOP_START \
    uint32_t code; \
    L_next:        \
    code = *pc;    \
    L_code:        \
    switch ((Code)code) {
#define LOOP_END   \
    }              \
    UNREACHABLE(); \
    }
#define PREFIX(p)               \
    HANDLER(prefix_##p)         \
    code = prefix_code(x, &pc); \
    PREFIX_##p
#define PREFIX_fc       \
    code |= 0xfc << 16; \
    goto L_code;
#define PREFIX_fd     switch ((SimdCode)code) {
#define PREFIX_END(p) PREFIX_END_##p
#define PREFIX_END_fc
#define PREFIX_END_fd \
    }                 \
    UNREACHABLE();
#else
#define LOOP_TABLES       "interp/loop_tables.h"
#define SUB_HANDLER(name) HANDLER(name)
#define DISPATCH()        GO_BYTE(0)
#define PREFIX(p)                            \
    HANDLER(prefix_##p) {                    \
        uint32_t code = prefix_code(x, &pc); \
        GO(table_##p, code);                 \
    }
#define PREFIX_END(p)
#endif

// Where the handlers of each state start in the table of one-byte opcodes.
#define STATE_one 256
#define STATE_two 512

#if LOOP_FUSES
#define LOOP_FUSED_TABLES  "interp/loop_tables_fused.h"
#define LOOP_FUSED_ENTRIES "interp/loop_entries_fused.h"
#define LOOP_FUSED         "interp/handlers_fused.h"
#define STATE_END          768
#define GO_ONE()           GO_BYTE(STATE_one)
#define GO_TWO()           GO_BYTE(STATE_two)
#define LOOP_ENTER         "interp/enter_fast.h"
// A result that replaces the top `popped` operands; `n` is the instruction's
// size.
#define RESULT(popped, v, n)     \
    do {                         \
        arg = (v);               \
        sp -= (popped) * STRIDE; \
        pc += (n);               \
        GO_ONE();                \
    } while (0)
#else
#define LOOP_FUSED_TABLES  "interp/loop_none.h"
#define LOOP_FUSED_ENTRIES "interp/loop_none.h"
#define LOOP_FUSED         "interp/loop_none.h"
#define STATE_END          256
#define LOOP_ENTER         "interp/enter_plain.h"
#define RESULT(popped, v, n)           \
    do {                               \
        uint64_t result_ = (v);        \
        sp -= ((popped) - 1) * STRIDE; \
        TOP = result_;                 \
        NEXT(n);                       \
    } while (0)
#define GO_ONE()    \
    do {            \
        PUSH(arg);  \
        DISPATCH(); \
    } while (0)
#endif

// Functions without vectors have no use for their instructions.
#if LOOP_WIDE
#define LOOP_SIMD                 "interp/handlers_simd.h"
#define ROW_SIMD(row, name, code) row(name, code)
#else
#define LOOP_SIMD "interp/handlers_no_simd.h"
#define ROW_SIMD(row, name, code)
#endif
