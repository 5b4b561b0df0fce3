// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores, modules, instances and what they export, through wasm.h.
#include "api/api.h"

// --- configuration -----------------------------------------------------------

static void engines(void) {
    wasm_config_t *c = wasm_config_new();
    EXPECT(c != NULL);
    wasm_config_delete(c);
    wasm_config_delete(NULL);
    wasm_engine_t *e = wasm_engine_new_with_config(wasm_config_new());
    wasm_store_t *s = wasm_store_new(e);
    wasm_engine_delete(e); // the store keeps it
    EXPECT(s != NULL);
    wasm_store_delete(s);
    wasm_engine_delete(NULL);
    wasm_store_delete(NULL);
    EXPECT(wasm_engine_new_with_config(NULL) == NULL);
}

// --- modules -----------------------------------------------------------------

static const char asked[] =
    "(module (import \"a\" \"f\" (func (param i32)))"
    " (import \"a\" \"g\" (global f32)) (import \"a\" \"t\" (table 1 2 "
    "funcref))"
    " (import \"a\" \"m\" (memory 1)) (import \"a\" \"e\" (tag (param i64)))"
    " (func (export \"x\")) (global (export \"y\") (mut i64) (i64.const 1)))";

static void modules(void) {
    static const wasm_externkind_t kinds[] = {
        WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE,
        WASM_EXTERN_MEMORY, WASM_EXTERN_TAG};
    World w = world_new();
    wasm_module_t *m = module_of(&w, asked);
    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasm_module_imports(m, &imports);
    wasm_module_exports(m, &exports);
    EXPECT_EQ(imports.size, 5);
    for (size_t i = 0; i < imports.size; i++) {
        const wasm_externtype_t *t = wasm_importtype_type(imports.data[i]);
        EXPECT_EQ(wasm_externtype_kind(t), kinds[i]);
        EXPECT(name_is(wasm_importtype_module(imports.data[i]), "a"));
    }
    EXPECT_EQ(exports.size, 2);
    EXPECT(name_is(wasm_exporttype_name(exports.data[1]), "y"));
    const wasm_globaltype_t *g = wasm_externtype_as_globaltype_const(
        wasm_exporttype_type(exports.data[1]));
    EXPECT_EQ(wasm_globaltype_mutability(g), WASM_VAR);
    wasm_importtype_vec_delete(&imports);
    wasm_exporttype_vec_delete(&exports);
    wasm_module_delete(m);
    world_delete(&w);
}

static void invalid_modules(void) {
    World w = world_new();
    wasm_byte_vec_t bytes = wat("(module (func (result i32)))");
    EXPECT(wasm_module_new(w.store, &bytes) == NULL);
    EXPECT(!wasm_module_validate(w.store, &bytes));
    wasm_byte_vec_delete(&bytes);
    EXPECT(!wasm_module_validate(w.store, &bytes)); // nothing is no module
    EXPECT(wasm_module_deserialize(w.store, &bytes) == NULL);
    bytes = wat("(module)");
    EXPECT(wasm_module_validate(w.store, &bytes));
    EXPECT(wasm_module_deserialize(w.store, &bytes) == NULL); // not serialized
    wasm_byte_vec_delete(&bytes);
    world_delete(&w);
}

static void serialized_modules(void) {
    World w = world_new();
    wasm_module_t *m = module_of(&w, asked);
    wasm_byte_vec_t bytes;
    wasm_module_serialize(m, &bytes);
    EXPECT(bytes.size > 0);
    wasm_module_delete(m);
    m = wasm_module_deserialize(w.store, &bytes);
    wasm_exporttype_vec_t exports;
    wasm_module_exports(m, &exports);
    EXPECT_EQ(exports.size, 2);
    wasm_exporttype_vec_delete(&exports);
    wasm_module_delete(m);
    bytes.data[bytes.size - 1] ^= 0x40; // whatever it is: checked again
    wasm_module_delete(wasm_module_deserialize(w.store, &bytes));
    bytes.size -= 1;
    EXPECT(wasm_module_deserialize(w.store, &bytes) == NULL);
    wasm_byte_vec_delete(&bytes);
    world_delete(&w);
}

static void shared_modules(void) {
    World w = world_new(), other = world_new();
    wasm_module_t *m = module_of(&w, "(module)");
    wasm_shared_module_t *shared = wasm_module_share(m);
    wasm_store_t *second = wasm_store_new(w.engine);
    wasm_module_t *obtained = wasm_module_obtain(second, shared);
    EXPECT(wasm_module_same(m, obtained));
    EXPECT(wasm_module_obtain(other.store, shared) == NULL);
    wasm_module_delete(m);
    wasm_shared_module_delete(shared);
    wasm_shared_module_delete(NULL);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *i = wasm_instance_new(second, obtained, NULL, &trap);
    EXPECT(i && !trap);
    wasm_instance_delete(i);
    // A module of another engine is an error, not a mix-up of types.
    EXPECT(!wasm_instance_new(other.store, obtained, NULL, &trap));
    EXPECT(trap_says(trap, "the module is of another engine"));
    wasm_module_delete(obtained);
    wasm_store_delete(second);
    world_delete(&w);
    world_delete(&other);
}

// --- functions ---------------------------------------------------------------

static void calls(void) {
    World w = world_new();
    wasm_extern_vec_t exports =
        exports_of(&w,
                   "(module (func (export \"all\") (param i32 i64 f32 f64)"
                   "  (result f64 f32 i64 i32)"
                   "  local.get 3 local.get 2 local.get 1 local.get 0))",
                   NULL);
    wasm_func_t *f = func_at(&exports, 0);
    EXPECT_EQ(wasm_func_param_arity(f), 4);
    EXPECT_EQ(wasm_func_result_arity(f), 4);
    wasm_val_t a[4] = {WASM_I32_VAL(-1), WASM_I64_VAL(INT64_MIN),
                       WASM_F32_VAL(0.5f), WASM_F64_VAL(-2.5)};
    wasm_val_t r[4] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL,
                       WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    EXPECT(wasm_func_call(f, &args, &results) == NULL);
    EXPECT(r[0].kind == WASM_F64 && r[0].of.f64 == -2.5);
    EXPECT(r[1].kind == WASM_F32 && r[1].of.f32 == 0.5f);
    EXPECT(r[2].kind == WASM_I64 && r[2].of.i64 == INT64_MIN);
    EXPECT(r[3].kind == WASM_I32 && r[3].of.i32 == -1);
    a[0].kind = WASM_I64;
    EXPECT(trap_says(wasm_func_call(f, &args, &results),
                     "argument 0 does not fit"));
    args.size = 3;
    EXPECT(trap_says(wasm_func_call(f, &args, &results), "wrong number"));
    wasm_extern_vec_delete(&exports);
    world_delete(&w);
}

// More values than lie on the stack of the call.
static void long_signatures(void) {
    World w = world_new();
    char text[1024] = "(module (func (export \"f\") (param";
    for (int i = 0; i < 20; i++)
        strcat(text, " i32");
    strcat(text, ") (result");
    for (int i = 0; i < 20; i++)
        strcat(text, " i32");
    strcat(text, ")");
    for (int i = 20; i-- > 0;)
        sprintf(text + strlen(text), " local.get %d", i);
    strcat(text, "))");
    wasm_extern_vec_t exports = exports_of(&w, text, NULL);
    wasm_val_t a[20], r[20];
    for (int i = 0; i < 20; i++)
        a[i] = (wasm_val_t)WASM_I32_VAL(i);
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    EXPECT(wasm_func_call(func_at(&exports, 0), &args, &results) == NULL);
    EXPECT(r[0].of.i32 == 19 && r[19].of.i32 == 0);
    wasm_extern_vec_delete(&exports);
    world_delete(&w);
}

static int calls_made;

static wasm_trap_t *add(void *env, const wasm_val_vec_t *args,
                        wasm_val_vec_t *results) {
    ++*(int *)env;
    results->data[0] =
        (wasm_val_t)WASM_I32_VAL(args->data[0].of.i32 + args->data[1].of.i32);
    return NULL;
}

static wasm_trap_t *wrong_kind(const wasm_val_vec_t *args,
                               wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = (wasm_val_t)WASM_F32_VAL(1);
    return NULL;
}

static void count_end(void *env) {
    ++*(int *)env;
}

static wasm_functype_t *binary_type(void) {
    return wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(),
                                 wasm_valtype_new_i32());
}

static const char calls_import[] =
    "(module (import \"h\" \"f\" (func $f (param i32 i32) (result i32)))"
    " (func (export \"run\") (param i32 i32) (result i32)"
    "  (call $f (local.get 0) (local.get 1))))";

static void callbacks(void) {
    World w = world_new();
    int ends = 0;
    calls_made = 0;
    wasm_functype_t *type = binary_type();
    wasm_func_t *host =
        wasm_func_new_with_env(w.store, type, add, &calls_made, NULL);
    wasm_func_t *bad = wasm_func_new(w.store, type, wrong_kind);
    wasm_func_t *unused =
        wasm_func_new_with_env(w.store, type, add, &ends, count_end);
    wasm_functype_delete(type);
    wasm_extern_t *imports[1] = {wasm_func_as_extern(host)};
    wasm_extern_vec_t vec = WASM_ARRAY_VEC(imports);
    wasm_extern_vec_t exports = exports_of(&w, calls_import, &vec);
    wasm_val_t a[2] = {WASM_I32_VAL(40), WASM_I32_VAL(2)};
    wasm_val_t r[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    EXPECT(!wasm_func_call(func_at(&exports, 0), &args, &results));
    EXPECT(r[0].of.i32 == 42 && calls_made == 1);
    EXPECT(!wasm_func_call(host, &args, &results)); // without wasm between
    EXPECT(r[0].of.i32 == 42 && calls_made == 2);
    wasm_extern_vec_delete(&exports);
    imports[0] = wasm_func_as_extern(bad);
    exports = exports_of(&w, calls_import, &vec);
    EXPECT(trap_says(wasm_func_call(func_at(&exports, 0), &args, &results),
                     "wasm trap: result 0 of a host function"));
    type = wasm_func_type(host);
    EXPECT_EQ(wasm_functype_params(type)->size, 2);
    wasm_functype_delete(type);
    wasm_extern_vec_delete(&exports);
    wasm_func_delete(bad);
    wasm_func_delete(unused);
    world_delete(&w);
    EXPECT_EQ(ends, 0); // one function is left, and the store with it
    wasm_func_delete(host);
    EXPECT_EQ(ends, 1);
}

// --- traps -------------------------------------------------------------------

static const char traps_inside[] =
    "(module $mod (func $inner nop unreachable)"
    " (func $outer (export \"run\") call $inner))";

static void traps(void) {
    World w = world_new();
    wasm_trap_t *trap = NULL;
    wasm_instance_t *i = instance_of(&w, traps_inside, NULL, &trap);
    wasm_extern_vec_t exports;
    wasm_instance_exports(i, &exports);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    trap = wasm_func_call(func_at(&exports, 0), &none, &none);
    wasm_frame_vec_t trace, copy;
    wasm_trap_trace(trap, &trace);
    EXPECT_EQ(trace.size, 2);
    EXPECT_EQ(wasm_frame_func_index(trace.data[0]), 0);
    EXPECT_EQ(wasm_frame_func_index(trace.data[1]), 1);
    // No locals, one nop: the trap is the third byte of the body.
    EXPECT_EQ(wasm_frame_func_offset(trace.data[0]), 2);
    EXPECT(wasm_frame_module_offset(trace.data[0]) > 8);
    EXPECT(wasm_frame_instance(trace.data[0]) == i);
    wasm_frame_t *origin = wasm_trap_origin(trap);
    EXPECT_EQ(wasm_frame_func_index(origin), 0);
    wasm_frame_t *again = wasm_frame_copy(origin);
    wasm_frame_delete(origin);
    EXPECT_EQ(wasm_frame_func_index(again), 0);
    wasm_frame_delete(again);
    wasm_frame_delete(NULL);
    wasm_frame_vec_copy(&copy, &trace);
    EXPECT_EQ(copy.size, 2);
    wasm_frame_vec_delete(&trace);
    wasm_frame_vec_new(&trace, copy.size, copy.data);
    copy.size = 0; // moved
    wasm_frame_vec_delete(&copy);
    wasm_frame_vec_delete(&trace);
    wasm_frame_vec_new_empty(&trace);
    wasm_frame_vec_new_uninitialized(&copy, 1);
    EXPECT(trace.size == 0 && copy.size == 1);
    wasm_frame_vec_delete(&copy);
    EXPECT(trap_says(trap, "wasm trap: unreachable\nwasm backtrace:"));
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(i);
    world_delete(&w);
}

static wasm_trap_t *refuse(void *env, const wasm_val_vec_t *args,
                           wasm_val_vec_t *results) {
    (void)args, (void)results;
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "refused");
    wasm_trap_t *trap = wasm_trap_new(env, &message);
    wasm_name_delete(&message);
    return trap;
}

// The trap that a callback returns is the one that the caller gets.
static void host_traps(void) {
    World w = world_new();
    wasm_functype_t *type = binary_type();
    wasm_func_t *f =
        wasm_func_new_with_env(w.store, type, refuse, w.store, NULL);
    wasm_functype_delete(type);
    wasm_extern_t *imports[1] = {wasm_func_as_extern(f)};
    wasm_extern_vec_t vec = WASM_ARRAY_VEC(imports);
    wasm_extern_vec_t exports = exports_of(&w, calls_import, &vec);
    wasm_val_t a[2] = {WASM_I32_VAL(40), WASM_I32_VAL(2)};
    wasm_val_t r[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    wasm_trap_t *trap = wasm_func_call(func_at(&exports, 0), &args, &results);
    wasm_frame_vec_t trace;
    wasm_trap_trace(trap, &trace);
    EXPECT_EQ(trace.size, 1);
    wasm_frame_vec_delete(&trace);
    EXPECT(trap_says(trap, "refused"));
    trap = wasm_func_call(f, &args, &results);
    EXPECT(wasm_trap_origin(trap) == NULL);
    EXPECT(trap_says(trap, "refused"));
    wasm_extern_vec_delete(&exports);
    wasm_func_delete(f);
    world_delete(&w);
}

static void uncaught_exceptions(void) {
    World w = world_new();
    wasm_extern_vec_t exports = exports_of(
        &w, "(module (tag $e (export \"e\")) (func (export \"f\") throw $e))",
        NULL);
    EXPECT_EQ(wasm_extern_kind(exports.data[0]), WASM_EXTERN_TAG);
    wasm_externtype_t *t = wasm_extern_type(exports.data[0]);
    EXPECT(wasm_externtype_as_tagtype(t) != NULL);
    wasm_externtype_delete(t);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    EXPECT(trap_says(wasm_func_call(func_at(&exports, 1), &none, &none),
                     "wasm trap: uncaught exception"));
    wasm_extern_vec_delete(&exports);
    world_delete(&w);
}

// --- instances ---------------------------------------------------------------

static void links(void) {
    World w = world_new(), other = world_new();
    wasm_trap_t *trap = NULL;
    EXPECT(!instance_of(&w, calls_import, NULL, &trap));
    EXPECT(trap_says(trap, "expected 1 imports"));
    wasm_extern_t *imports[1] = {NULL};
    wasm_extern_vec_t vec = WASM_ARRAY_VEC(imports);
    EXPECT(!instance_of(&w, calls_import, &vec, &trap));
    EXPECT(trap_says(trap, "an import is missing"));
    wasm_functype_t *type = binary_type();
    wasm_func_t *f = wasm_func_new(other.store, type, wrong_kind);
    wasm_functype_delete(type);
    imports[0] = wasm_func_as_extern(f);
    EXPECT(!instance_of(&w, calls_import, &vec, NULL)); // of another store
    wasm_func_delete(f);
    EXPECT(!instance_of(&w, "(module (func $f unreachable) (start $f))", NULL,
                        &trap));
    EXPECT(trap_says(trap, "wasm trap: unreachable"));
    world_delete(&w);
    world_delete(&other);
}

// Everything goes in the order that is worst for it.
static void any_order(void) {
    World w = world_new();
    wasm_extern_vec_t exports = exports_of(
        &w, "(module (memory (export \"m\") 1) (func (export \"f\")))", NULL);
    world_delete(&w);
    wasm_memory_t *m = wasm_memory_copy(wasm_extern_as_memory(exports.data[0]));
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    EXPECT(!wasm_func_call(func_at(&exports, 1), &none, &none));
    wasm_extern_vec_delete(&exports);
    EXPECT_EQ(wasm_memory_size(m), 1);
    wasm_memory_delete(m);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(engines), UNIT_TEST(modules), UNIT_TEST(invalid_modules),
        UNIT_TEST(serialized_modules), UNIT_TEST(shared_modules),
        UNIT_TEST(calls), UNIT_TEST(long_signatures), UNIT_TEST(callbacks),
        UNIT_TEST(traps), UNIT_TEST(host_traps), UNIT_TEST(uncaught_exceptions),
        UNIT_TEST(links), UNIT_TEST(any_order));
}
