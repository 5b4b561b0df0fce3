// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls, recursion, tail calls, host functions, slots of both sizes.
#include "interp/interp_test.h"

// --- recursion -----------------------------------------------------------------

static void recurses(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    // n < 2 ? n : fib(n - 1) + fib(n - 2)
    uint32_t fib = FUNC(m, ii, NO_LOCALS, GET(0), CONST(2), 0x48, IF(I32),
                        GET(0), ELSE, GET(0), CONST(1), SUB, CALL(0), GET(0),
                        CONST(2), SUB, CALL(0), ADD, END, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, fib, 20, 6765);
    rig_release(&r);
}

static void ends_recursion(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t deep = FUNC(m, ii, NO_LOCALS, GET(0), CALL(0), CONST(1), ADD, END);
    // n levels, then back
    uint32_t to = FUNC(m, ii, NO_LOCALS, GET(0), EQZ, IF(I32), CONST(0), ELSE,
                       GET(0), CONST(1), SUB, CALL(1), CONST(1), ADD, END, END);
    // a frame of 50,000 locals
    uint32_t wide =
        FUNC(m, ii, 1, 0xcf, 0x86, 3, I32, GET(0), EQZ, IF(I32), CONST(7), ELSE,
             GET(0), CONST(1), SUB, CALL(2), END, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_TRAP(&r, inst, deep, 1, "call stack exhausted");
    EXPECT_CALL(&r, inst, to, 5000, 5000); // the stack is whole again
    EXPECT_CALL(&r, inst, wide, 1, 7);
    EXPECT_TRAP(&r, inst, wide, 3, "call stack exhausted");
    EXPECT(r.store->context.activation == NULL);
    rig_release(&r);
}

static void traces_frames(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    FUNC(m, ii, NO_LOCALS, CONST(1), GET(0), 0x6d, END); // 1 / n
    uint32_t outer = FUNC(m, ii, NO_LOCALS, GET(0), CALL(0), END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, outer, 1, 1);
    uint32_t out;
    EXPECT_EQ(call1(&r, inst, outer, 0, &out), STATUS_trap);
    const TrapInfo *t = &r.store->trap;
    EXPECT_STR(t->text, "integer divide by zero");
    if (EXPECT_EQ(t->frames.len, 2)) {
        EXPECT_EQ(t->frames.data[0].func, 0);
        EXPECT_EQ(t->frames.data[0].at, 5); // the division
        EXPECT_EQ(t->frames.data[1].func, 1);
        EXPECT_EQ(t->frames.data[1].at, 10); // the call
    }
    rig_release(&r);
}

// --- the host --------------------------------------------------------------------

// Calls the function in env again, one less, until 0.
static Status again(HostCall *call) {
    Func *const *f = call->env;
    if (call->values[0].u32 == 0) return STATUS_ok;
    Raw values[1] = {{.u64 = call->values[0].u32 - 1}};
    Status status = func_call(call->store, *f, values);
    if (status == STATUS_ok) call->values[0].u64 = values[0].u32 + 1;
    return status;
}

static Status adds_one(HostCall *call) {
    call->values[0].u64 = call->values[0].u32 + 1;
    return STATUS_ok;
}

static Status fails(HostCall *call) {
    return store_trap(call->store, TRAP_host);
}

static void calls_the_host(void) {
    Rig r;
    rig_init(&r);
    Func *self;
    Extern imports[3] = {host_func(&r, again, &self),
                         host_func(&r, adds_one, NULL),
                         host_func(&r, fails, NULL)};
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    for (int i = 0; i < 3; i++)
        mod_import(m, ii);
    uint32_t nested =
        FUNC(m, ii, NO_LOCALS, CONST(9), GET(0), CALL(0), 0x1a, GET(0), CALL(1),
             0x1a, GET(0), CALL(0), 0x6a, CONST(9), SUB, END);
    uint32_t failing = FUNC(m, ii, NO_LOCALS, GET(0), CALL(2), END);
    uint32_t deep = FUNC(m, ii, NO_LOCALS, GET(0), CALL(0), END);
    uint32_t tail = FUNC(m, ii, NO_LOCALS, GET(0), TAIL_CALL(1), END);
    uint32_t via = FUNC(m, ii, NO_LOCALS, CONST(2), GET(0), CALL(6), ADD, END);
    Instance *inst = mod_instance(&r, m, imports, 3);
    self = func_at(inst, deep);
    EXPECT_CALL(&r, inst, nested, 5, 5);
    EXPECT_TRAP(&r, inst, failing, 5, "host function failed");
    // Entries nest on the native stack, which ends too.
    EXPECT_CALL(&r, inst, deep, 20, 20); // sanitizers have large frames
    EXPECT_TRAP(&r, inst, deep, 1000000, "call stack exhausted");
    // The host as the last frame, and with a frame below it.
    EXPECT_CALL(&r, inst, tail, 5, 6);
    EXPECT_CALL(&r, inst, via, 5, 8);
    rig_release(&r);
}

// A trap below a host that was tail called: no frame of wasm is left.
static void tail_calls_a_failing_host(void) {
    Rig r;
    rig_init(&r);
    Extern import = host_func(&r, fails, NULL);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_import(m, ii);
    uint32_t f = FUNC(m, ii, NO_LOCALS, GET(0), TAIL_CALL(0), END);
    Instance *inst = mod_instance(&r, m, &import, 1);
    uint32_t out;
    EXPECT_EQ(call1(&r, inst, f, 1, &out), STATUS_trap);
    EXPECT_EQ(r.store->trap.frame_len, 0);
    rig_release(&r);
}

// --- tail calls --------------------------------------------------------------------

// even and odd of two instances with memories of their own call each other: a
// million times, in the stack of one.
static void tail_calls_across_instances(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_memory(m, 2);
    mod_table(m, 1);
    // n == 0 ? memory.size : table[0](n - 1)
    uint32_t f = FUNC(m, ii, NO_LOCALS, GET(0), EQZ, IF(I32), 0x3f, 0, ELSE,
                      GET(0), CONST(1), SUB, CONST(0), 0x13, 0, 0, END, END);
    Instance *a = mod_instance(&r, m, NULL, 0);
    m = mod_new(&r);
    mod_type(m, "i", "i");
    mod_memory(m, 3);
    mod_table(m, 1);
    FUNC(m, ii, 1, 1, 0x7b /* a v128: other slots */, GET(0), EQZ, IF(I32),
         0x3f, 0, ELSE, GET(0), CONST(1), SUB, CONST(0), 0x13, 0, 0, END, END);
    Instance *b = mod_instance(&r, m, NULL, 0);
    table_set(a->context.tables[0], 0, (Raw){.func = func_at(b, 0)});
    table_set(b->context.tables[0], 0, (Raw){.func = func_at(a, 0)});
    EXPECT_CALL(&r, a, f, 1000000, 2);
    EXPECT_CALL(&r, a, f, 999999, 3);
    rig_release(&r);
}

// Many arguments, so that moved ranges overlap; both sizes of slots.
static void tail_calls_move_arguments(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t many = mod_type(m, "iiiiiiiiiiii", "i");
    // 0: narrow; 1: wide; both pass on to the other until the first is zero,
    // turning the others round by one place.
#define PASS_ON(to)                                                            \
    GET(0), EQZ, IF(I32), GET(1), ELSE, GET(0), CONST(1), SUB, GET(2), GET(3), \
        GET(4), GET(5), GET(6), GET(7), GET(8), GET(9), GET(10), GET(11),      \
        GET(1), TAIL_CALL(to), END, END
    FUNC(m, many, NO_LOCALS, PASS_ON(1));
    FUNC(m, many, 1, 1, 0x7b, PASS_ON(0));
    uint32_t start =
        FUNC(m, ii, NO_LOCALS, GET(0), CONST(1), CONST(2), CONST(3), CONST(4),
             CONST(5), CONST(6), CONST(7), CONST(8), CONST(9), CONST(10),
             CONST(11), CALL(0), END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    for (uint32_t n = 0; n < 30; n++)
        EXPECT_CALL(&r, inst, start, n, n % 11 + 1);
    rig_release(&r);
}

// --- slots of both sizes -------------------------------------------------------------

static void mixes_slot_sizes(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t iii = mod_type(m, "ii", "iii");
    // wide, returns (b, a, a + b)
    FUNC(m, iii, 1, 1, 0x7b, GET(1), GET(0), GET(0), GET(1), ADD, END);
    // narrow, calls it above an operand: 100 * b + ...
    FUNC(m, ii, 1, 2, I32, CONST(5), GET(0), CONST(3), CALL(0), SET(1), SET(2),
         SUB, GET(1), ADD, GET(2), ADD, END); // 5 - 3 + (n + 3) + n
    // wide, calls the narrow one
    uint32_t top = FUNC(m, ii, 1, 1, 0x7b, CONST(1), GET(0), CALL(1), ADD, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, top, 10, 1 + 2 + 13 + 10);
    rig_release(&r);
}

static void passes_vectors(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t vv = mod_type(m, "iv", "vi");
    uint32_t f = FUNC(m, vv, NO_LOCALS, GET(1), GET(0), 0xfd, 0x11, 0xfd, 0xae,
                      1, GET(0), END); // v + splat(i), i
    Instance *inst = mod_instance(&r, m, NULL, 0);
    Raw values[2] = {{.u64 = 5}, {.v128.u32 = {1, 2, 3, 4}}};
    EXPECT_EQ(func_call(r.store, func_at(inst, f), values), STATUS_ok);
    EXPECT_EQ(values[0].v128.u32[0], 6);
    EXPECT_EQ(values[0].v128.u32[3], 9);
    EXPECT_EQ(values[1].u32, 5);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(recurses), UNIT_TEST(ends_recursion),
                    UNIT_TEST(traces_frames), UNIT_TEST(calls_the_host),
                    UNIT_TEST(tail_calls_a_failing_host),
                    UNIT_TEST(tail_calls_across_instances),
                    UNIT_TEST(tail_calls_move_arguments),
                    UNIT_TEST(mixes_slot_sizes), UNIT_TEST(passes_vectors));
}
