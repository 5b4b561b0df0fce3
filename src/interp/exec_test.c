// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Exceptions, fuel, deadlines, references, memory.
#include "interp/interp_test.h"

// --- exceptions ------------------------------------------------------------------

static Status rethrows(HostCall *call) {
    Func *const *f = call->env;
    Raw values[1] = {call->values[0]};
    Status status = func_call(call->store, *f, values);
    call->values[0] = values[0];
    return status;
}

// block $h (result i32) try_table (catch 0 $h) ... end, CONST(99) end
#define TRY_CATCH(...)                                                        \
    0x02, I32, 0x1f, 0x40, 1, 0x00, 0, 0, __VA_ARGS__, END, 0x41, 0xe3, 0x00, \
        END

static void catches_across_frames_and_host(void) {
    Rig r;
    rig_init(&r);
    Func *thrower;
    Extern import = host_func(&r, rethrows, &thrower);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t tag = mod_type(m, "i", "");
    mod_tag(m, tag);
    mod_import(m, ii);
    uint32_t throws = FUNC(m, ii, NO_LOCALS, GET(0), EQZ, IF(I32), CONST(1),
                           ELSE, GET(0), THROW(0), END, END);
    FUNC(m, ii, NO_LOCALS, CONST(4), GET(0), CALL(1), ADD, END);
    uint32_t near =
        FUNC(m, ii, NO_LOCALS, TRY_CATCH(GET(0), CALL(2), 0x1a), END);
    uint32_t host =
        FUNC(m, ii, NO_LOCALS, TRY_CATCH(GET(0), CALL(0), 0x1a), END);
    uint32_t wide =
        FUNC(m, ii, 1, 1, 0x7b, TRY_CATCH(GET(0), CALL(2), 0x1a), END);
    Instance *inst = mod_instance(&r, m, &import, 1);
    thrower = func_at(inst, throws);
    EXPECT_CALL(&r, inst, near, 7, 7);
    EXPECT_CALL(&r, inst, near, 0, 99);
    EXPECT_CALL(&r, inst, host, 7, 7);
    EXPECT_CALL(&r, inst, host, 0, 99);
    EXPECT_CALL(&r, inst, wide, 7, 7);
    uint32_t out;
    EXPECT_EQ(call1(&r, inst, throws, 3, &out), STATUS_exception);
    EXPECT_EQ(object_field_get(r.store, r.store->exception, 0).u32, 3);
    r.store->exception = 0;
    rig_release(&r);
}

// catch_ref keeps the exception, throw_ref throws it again to the outer one.
static void rethrows_references(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_tag(m, mod_type(m, "i", ""));
    uint32_t f = FUNC(m, ii, 1, 1, 0x69 /* exnref */,
                      TRY_CATCH(0x02, 0x69, 0x1f, 0x40, 1, 0x03, 0, GET(0),
                                THROW(0), END, 0x00, END, SET(1), GET(1), 0x0a),
                      END);
    uint32_t null = FUNC(m, ii, NO_LOCALS, 0xd0, 0x69, 0x0a, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, f, 6, 6);
    EXPECT_TRAP(&r, inst, null, 6, "null exception reference");
    rig_release(&r);
}

// --- fuel and deadlines ------------------------------------------------------------

// r = 1; while (n) r *= n--: 4 to begin, 12 a turn, 3 to leave and 1 to end.
static uint32_t add_factorial(RtModule *m, uint32_t ii) {
    return FUNC(m, ii, 1, 1, I32, CONST(1), SET(1), 0x02, 0x40, LOOP, GET(0),
                EQZ, BR_IF(1), GET(1), GET(0), 0x6c, SET(1), GET(0), CONST(1),
                SUB, SET(0), BR(0), END, END, GET(1), END);
}

static void counts_fuel(void) {
    EngineConfig config = rig_config();
    config.use_fuel = true;
    Rig r;
    rig_init_with(&r, &config);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_memory(m, 1);
    uint32_t factorial = add_factorial(m, ii);
    // A trap forfeits what runs straight up to it.
    uint32_t trap = FUNC(m, ii, NO_LOCALS, CONST(1), 0x1a, 0x02, 0x40, END,
                         CONST(1), 0x1a, 0x00, END);
    // memory.fill of n bytes
    uint32_t bulk = FUNC(m, ii, NO_LOCALS, CONST(0), CONST(0), GET(0), 0xfc,
                         0x0b, 0, CONST(0), END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    r.store->context.fuel = 1000;
    EXPECT_CALL(&r, inst, factorial, 5, 120);
    EXPECT_EQ(r.store->context.fuel, 1000 - (2 + 5 * 12 + 3 + 1));
    r.store->context.fuel = 30;
    EXPECT_TRAP(&r, inst, factorial, 5, "all fuel consumed");
    r.store->context.fuel = 100;
    EXPECT_TRAP(&r, inst, trap, 5, "unreachable");
    EXPECT_EQ(r.store->context.fuel, 99);
    r.store->context.fuel = 1000;
    EXPECT_CALL(&r, inst, bulk, 800, 0);
    EXPECT_EQ(r.store->context.fuel, 1000 - 100 - 5);
    r.store->context.fuel = 50;
    EXPECT_TRAP(&r, inst, bulk, 800, "all fuel consumed");
    rig_release(&r);
}

static void ends_at_the_deadline(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t forever = FUNC(m, ii, NO_LOCALS, LOOP, BR(0), END, 0x00, END);
    uint32_t factorial = add_factorial(m, ii);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    store_set_deadline(r.store, 1);
    EXPECT_CALL(&r, inst, factorial, 5, 120);
    engine_raise_epoch(r.engine);
    EXPECT_TRAP(&r, inst, forever, 5, "interrupted");
    EXPECT_TRAP(&r, inst, factorial, 5, "interrupted"); // at its entry
    store_set_deadline(r.store, 1);
    EXPECT_CALL(&r, inst, factorial, 5, 120);
    rig_release(&r);
}

// The callback runs other code of the store in the middle of a loop.
static EpochAnswer runs_more(void *env, Store *s) {
    Func *const *f = env;
    s->context.deadline = UINT64_MAX;
    Raw values[1] = {{.u64 = 5}};
    EXPECT_EQ(func_call(s, *f, values), STATUS_ok);
    EXPECT_EQ(values[0].u32, 120);
    return EPOCH_continue;
}

static void goes_on_after_the_deadline(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t factorial = add_factorial(m, ii);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    Func *f = func_at(inst, factorial);
    r.store->epoch_callback = runs_more;
    r.store->epoch_env = &f;
    store_set_deadline(r.store, 0);
    EXPECT_CALL(&r, inst, factorial, 6, 720);
    rig_release(&r);
}

// --- references ----------------------------------------------------------------------

// Every allocation moves everything: references in locals, operands of callers
// and of the running instruction follow, in both sizes of slots.
static void keeps_references(bool is_wide) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t pair = mod_struct(m, "ia");
    uint32_t cons = mod_type(m, "ia", "a");
    uint32_t ii = mod_type(m, "i", "i");
    uint8_t locals = is_wide ? 1 : 0;
#define LOCALS_1(t) 1, 1, (t)
    (void)pair;
    // cons(i, rest)
    if (locals)
        FUNC(m, cons, LOCALS_1(0x7b), GET(0), GET(1), 0xfb, 0, 0, END);
    else
        FUNC(m, cons, NO_LOCALS, GET(0), GET(1), 0xfb, 0, 0, END);
    // a list of n items is built with one on the operand stack meanwhile; then
    // the items are added up.
    uint32_t f = FUNC(
        m, ii, 2, 1, 0x6e, 1, I32, CONST(40), 0xd0, 0x6e, CALL(0), LOOP, GET(0),
        GET(1), CALL(0), SET(1), GET(0), CONST(1), SUB, TEE(0), BR_IF(0), END,
        // the one below, as a structure, has 40
        0xfb, 0x16, 0, 0xfb, 0x02, 0, 0, SET(2), LOOP, GET(2), GET(1), 0xfb,
        0x16, 0, 0xfb, 0x02, 0, 0, ADD, SET(2), GET(1), 0xfb, 0x16, 0, 0xfb,
        0x02, 0, 1, TEE(1), 0xd1, EQZ, BR_IF(0), END, GET(2), END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, f, 30, 40 + 30 * 31 / 2);
    EXPECT(gc_verify(r.store->heap));
    rig_release(&r);
}

static void keeps_references_narrow(void) {
    keeps_references(false);
}
static void keeps_references_wide(void) {
    keeps_references(true);
}

static void calls_references(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_table(m, 4);
    FUNC(m, ii, NO_LOCALS, GET(0), CONST(1), ADD, END);
    mod_declare(m, 0);
    uint32_t f = FUNC(m, ii, NO_LOCALS, CONST(41), 0xd2, 0, 0x14, 0, END);
    uint32_t null = FUNC(m, ii, NO_LOCALS, CONST(41), 0xd0, 0, 0x14, 0, END);
    uint32_t index = FUNC(m, ii, NO_LOCALS, CONST(41), GET(0), 0x11, 0, 0, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, f, 0, 42);
    EXPECT_TRAP(&r, inst, null, 0, "null function reference");
    EXPECT_TRAP(&r, inst, index, 2, "uninitialized element 2");
    EXPECT_TRAP(&r, inst, index, 4, "undefined element 4");
    table_set(inst->context.tables[0], 2, (Raw){.func = func_at(inst, 0)});
    EXPECT_CALL(&r, inst, index, 2, 42);
    rig_release(&r);
}

// --- memory --------------------------------------------------------------------------

static void checks_bounds(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_memory(m, 1);
    // offsets of one, two, three and five bytes
    uint32_t f1 = FUNC(m, ii, NO_LOCALS, GET(0), 0x28, 2, 4, END);
    uint32_t f2 = FUNC(m, ii, NO_LOCALS, GET(0), 0x28, 2, 0x80, 0x08, END);
    uint32_t f3 =
        FUNC(m, ii, NO_LOCALS, GET(0), 0x28, 2, 0x80, 0x80, 0x02, END);
    uint32_t f5 = FUNC(m, ii, NO_LOCALS, GET(0), 0x28, 2, 0xff, 0xff, 0xff,
                       0xff, 0x0f, END);
    uint32_t far = FUNC(m, ii, NO_LOCALS, GET(0), 0x28, 2, 0x84, 0x80, 0x80,
                        0x80, 0x00, END); // 4, padded
    Instance *inst = mod_instance(&r, m, NULL, 0);
    const char *text = "out of bounds memory access";
    uint8_t *mem = inst->context.memories[0]->base;
    store_u32(mem + 12, 77);
    store_u32(mem + 65532, 78);
    EXPECT_CALL(&r, inst, f1, 8, 77);
    EXPECT_CALL(&r, inst, far, 8, 77);
    EXPECT_CALL(&r, inst, f1, 65528, 78);
    EXPECT_TRAP(&r, inst, f1, 65529, text);
    EXPECT_TRAP(&r, inst, far, 65529, text);
    EXPECT_TRAP(&r, inst, f1, UINT32_MAX, text);
    EXPECT_CALL(&r, inst, f2, 65532 - 1024, 78);
    EXPECT_TRAP(&r, inst, f2, 65533 - 1024, text);
    EXPECT_CALL(&r, inst, f3, 65532 - 32768, 78);
    EXPECT_TRAP(&r, inst, f3, 65533 - 32768, text);
    EXPECT_TRAP(&r, inst, f5, 0, text);
    EXPECT_TRAP(&r, inst, f5, UINT32_MAX, text);
    rig_release(&r);
}

// A grown memory is seen by the frame that grew it and by its callers.
static void sees_growth(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_memory(m, 1);
    FUNC(m, ii, NO_LOCALS, GET(0), 0x40, 0, END);
    uint32_t f =
        FUNC(m, ii, NO_LOCALS, GET(0), CALL(0), 0x1a, 0x41, 0x80, 0x80, 0x04,
             CONST(9), 0x36, 2, 0, 0x41, 0x80, 0x80, 0x04, 0x28, 2, 0, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_TRAP(&r, inst, f, 0, "out of bounds memory access");
    EXPECT_CALL(&r, inst, f, 1, 9);
    rig_release(&r);
}

// Indices of types have more than 16 bits.
static void names_far_types(void) {
    enum {
        BEFORE = 65600
    };
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t v = mod_type(m, "", "i");
    while (m->module.types.len < BEFORE)
        mod_type(m, "", "i");
    uint32_t far = mod_struct(m, "i");
    EXPECT_EQ(far, BEFORE);
    // struct.new far (i32.const 7), struct.get far 0
    uint32_t f = FUNC(m, v, NO_LOCALS, CONST(7), 0xfb, 0x00, 0xc0, 0x80, 0x04,
                      0xfb, 0x02, 0xc0, 0x80, 0x04, 0x00, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    Raw value = {0};
    EXPECT_EQ(func_call(r.store, func_at(inst, f), &value), STATUS_ok);
    EXPECT_EQ(value.u32, 7);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(names_far_types), UNIT_TEST(catches_across_frames_and_host),
        UNIT_TEST(rethrows_references), UNIT_TEST(counts_fuel),
        UNIT_TEST(ends_at_the_deadline), UNIT_TEST(goes_on_after_the_deadline),
        UNIT_TEST(keeps_references_narrow), UNIT_TEST(keeps_references_wide),
        UNIT_TEST(calls_references), UNIT_TEST(checks_bounds),
        UNIT_TEST(sees_growth));
}
