// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions, host calls and traps.
#include "rt/func.h"

#include "rt/rt_test.h"

static const RtValType externref = {.code = VT_EXTERNREF};

static RtType *type_of(Rig *r, uint32_t param_len, uint32_t result_len) {
    const RtValType vals[] = {externref, externref};
    return registry_func_type(r->engine->registry, vals, param_len, vals,
                              result_len);
}

static int finalized;

static void finalize(void *env) {
    int *count = env;
    ++*count;
}

// Arguments are roots until the host says that results took their place.
static Status swap_arguments(HostCall *call) {
    EXPECT(call->env == &finalized && !call->caller);
    for (int i = 0; i < 10; i++)
        EXPECT(store_extern_new(call->store, NULL, NULL) != 0);
    Raw first = call->values[0];
    call->values[0] = call->values[1];
    call->values[1] = first;
    call->is_result = true;
    for (int i = 0; i < 10; i++)
        EXPECT(store_extern_new(call->store, NULL, NULL) != 0);
    return STATUS_ok;
}

static void host_values_are_roots(void) {
    Rig r;
    rig_init(&r);
    finalized = 0;
    int a, b;
    RtType *t = type_of(&r, 2, 2);
    Func *f = func_new_host(r.store, t, swap_arguments, &finalized, finalize);
    rt_type_unref(r.engine->registry, t); // the store holds it
    Raw values[2] = {{.u64 = 0}, {.u64 = 0}};
    RawScope scope;
    raw_scope_enter(r.store, &scope, values, f->type->params, 2);
    values[0].u64 = store_extern_new(r.store, &a, NULL);
    values[1].u64 = store_extern_new(r.store, &b, NULL);
    root_scope_leave(r.store, &scope.scope);
    EXPECT_EQ(func_call(r.store, f, values), STATUS_ok);
    bool ok;
    EXPECT(store_extern_get(r.store, values[0].ref, &ok) == &b);
    EXPECT(store_extern_get(r.store, values[1].ref, &ok) == &a);
    EXPECT(!r.store->scopes);
    rig_release(&r);
    EXPECT_EQ(finalized, 1);
}

static Status body(Store *s, Func *f, Raw *values) {
    EXPECT(f->store == s && f->index == 0);
    values[0].u64 = 99;
    return STATUS_ok;
}

static void wasm_goes_to_the_tier(void) {
    static const ValType result = VT_i32;
    Rig r;
    rig_init(&r);
    rig_body = body;
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, &result, 1));
    Instance *inst = mod_instance(&r, mod_done(m));
    Func *f = instance_func(inst, 0);
    EXPECT(f == instance_func(inst, 0));
    EXPECT(f == store_func_at(r.store, store_func_index(f)));
    EXPECT(!store_func_at(r.store, store_func_index(NULL)));
    Raw value;
    EXPECT_EQ(func_call(r.store, f, &value), STATUS_ok);
    EXPECT_EQ(value.u64, 99);
    EXPECT_EQ(rig_calls, 1);
    rig_release(&r);
}

// --- traps -----------------------------------------------------------------------

static void first_trap_stays(void) {
    Rig r;
    rig_init(&r);
    EXPECT_EQ(store_trap_index(r.store, TRAP_uninitialized_element, 2),
              STATUS_trap);
    EXPECT_EQ(store_trap(r.store, TRAP_unreachable), STATUS_trap);
    EXPECT_STR(r.store->trap.text, "uninitialized element 2");
    TrapInfo taken;
    store_take_trap(r.store, &taken);
    EXPECT_EQ(taken.code, TRAP_uninitialized_element);
    EXPECT_EQ(r.store->trap.code, TRAP_none);
    EXPECT_EQ(store_exit(r.store, 7), STATUS_trap);
    EXPECT_EQ(r.store->trap.exit_status, 7);
    trap_clear(&taken);
    rig_trapped(&r, TRAP_exit);
    rig_release(&r);
}

static void long_messages_are_cut(void) {
    Rig r;
    rig_init(&r);
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    EXPECT_EQ(store_trap_text(r.store, TRAP_host, "%s", text), STATUS_trap);
    EXPECT_EQ(strlen(r.store->trap.text), sizeof r.store->trap.text - 1);
    rig_trapped(&r, TRAP_host);
    rig_release(&r);
}

static void host_errors_are_freed(void) {
    Rig r;
    rig_init(&r);
    finalized = 0;
    EXPECT_EQ(store_trap(r.store, TRAP_host), STATUS_trap);
    r.store->trap.host_error = &finalized;
    r.store->trap.host_error_free = finalize;
    store_unref(r.store); // with the trap pending
    EXPECT_EQ(finalized, 1);
    r.store = store_new(r.engine);
    rig_release(&r);
}

// A walk over more frames than are kept counts them all and ends.
static void backtraces_are_bounded(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    static const uint8_t code[16];
    m->bytes = code;
    Body body = {{code, sizeof code, 0}};
    VEC_PUSH(&m->arena, &m->module.bodies, body);
    Instance *inst = mod_instance(&r, mod_done(m));
    FrameHeader frames[TRACE_MAX + 10];
    for (size_t i = 0; i < COUNTOF(frames); i++)
        frames[i] = (FrameHeader){.caller = i ? &frames[i - 1] : NULL,
                                  .pc = code + 5,
                                  .end = code + sizeof code - 1,
                                  .instance = inst};
    Activation empty = {0}; // a host function was called, no wasm frame
    Activation full = {.outer = &empty, .top = &frames[COUNTOF(frames) - 1]};
    Activation none = {.outer = &full};
    r.store->context.activation = &none;
    EXPECT_EQ(store_trap(r.store, TRAP_unreachable), STATUS_trap);
    r.store->context.activation = NULL;
    EXPECT_EQ(r.store->trap.frames.len, TRACE_MAX);
    EXPECT_EQ(r.store->trap.frame_len, COUNTOF(frames));
    Arena arena;
    arena_init(&arena, 0);
    TextBuf out;
    text_init(&out, &arena);
    trap_print(&r.store->trap, &out);
    text_char(&out, 0);
    EXPECT(strstr(out.data, "wasm trap: unreachable\nwasm backtrace:\n"));
    EXPECT(strstr(out.data, "   0: 0x000005 - <module>!<function 0>\n"));
    EXPECT(strstr(out.data, "  ... and 10 more\n"));
    arena_release(&arena);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(host_values_are_roots), UNIT_TEST(wasm_goes_to_the_tier),
        UNIT_TEST(first_trap_stays), UNIT_TEST(long_messages_are_cut),
        UNIT_TEST(host_errors_are_freed), UNIT_TEST(backtraces_are_bounded));
}
