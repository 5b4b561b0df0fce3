// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/error.h, engine.h, module.h, wat.h and trap.h.
#include "api/api.h"

#include <wasmtime/engine.h>
#include <wasmtime/error.h>
#include <wasmtime/module.h>
#include <wasmtime/trap.h>
#include <wasmtime/wat.h>

// Does an error's message hold the text? Deletes the error.
static bool error_says(wasmtime_error_t *e, const char *text) {
    if (!e) return false;
    wasm_name_t message;
    char copy[512] = "";
    wasmtime_error_message(e, &message);
    if (message.size)
        memcpy(copy, message.data, MIN(message.size, sizeof copy - 1));
    bool ok = strstr(copy, text) != NULL;
    if (!ok) fprintf(stderr, "error: %s\n", copy);
    wasm_name_delete(&message);
    wasmtime_error_delete(e);
    return ok;
}

static wasm_byte_vec_t assemble(const char *text) {
    wasm_byte_vec_t out = WASM_EMPTY_VEC;
    wasmtime_error_t *e = wasmtime_wat2wasm(text, strlen(text), &out);
    EXPECT(e == NULL);
    wasmtime_error_delete(e);
    return out;
}

static const uint8_t *bytes_of(const wasm_byte_vec_t *v) {
    return (const uint8_t *)(const void *)v->data;
}

static void errors(void) {
    wasmtime_error_t *e = wasmtime_error_new("because");
    int status = 7;
    wasm_frame_vec_t trace;
    EXPECT(!wasmtime_error_exit_status(e, &status) && status == 7);
    wasmtime_error_wasm_trace(e, &trace);
    EXPECT_EQ(trace.size, 0);
    EXPECT(error_says(e, "because"));
    EXPECT(error_says(wasmtime_error_new(""), ""));
    wasmtime_error_delete(NULL);
}

static void engines(void) {
    wasm_engine_t *e = tier_engine(NULL);
    wasm_engine_t *clone = wasmtime_engine_clone(e);
    wasm_engine_delete(e);
    EXPECT(!wasmtime_engine_is_pulley(clone));
    wasmtime_engine_increment_epoch(clone); // no store has a deadline
    wasm_store_t *s = wasm_store_new(clone);
    EXPECT(s != NULL);
    wasm_store_delete(s);
    wasm_engine_delete(clone);
}

static void text(void) {
    wasm_byte_vec_t v = assemble("(module)");
    EXPECT(v.size == 8 && memcmp(v.data, "\0asm\1\0\0\0", 8) == 0);
    wasm_byte_vec_delete(&v);
    v = assemble("");
    EXPECT_EQ(v.size, 8);
    wasm_byte_vec_delete(&v);
    static const char bad[] = "(module\n  (funk))";
    EXPECT(error_says(wasmtime_wat2wasm(bad, sizeof bad - 1, &v), "2:4: "));
    EXPECT(v.data == NULL);
    static const char late[] = "(module (func local.get 9))"; // syntax only
    EXPECT(!wasmtime_wat2wasm(late, sizeof late - 1, &v));
    wasm_byte_vec_delete(&v);
}

static void modules(void) {
    wasm_engine_t *engine = tier_engine(NULL);
    wasm_byte_vec_t v = assemble("(module (import \"a\" \"b\" (func))"
                                 " (memory (export \"m\") 1))");
    wasmtime_module_t *m = NULL;
    EXPECT(!wasmtime_module_validate(engine, bytes_of(&v), v.size));
    EXPECT(!wasmtime_module_new(engine, bytes_of(&v), v.size, &m));
    wasm_engine_delete(engine); // the module keeps it
    wasmtime_module_t *clone = wasmtime_module_clone(m);
    wasmtime_module_delete(m);
    wasmtime_module_delete(NULL);
    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasmtime_module_imports(clone, &imports);
    wasmtime_module_exports(clone, &exports);
    EXPECT(imports.size == 1 && exports.size == 1);
    EXPECT(name_is(wasm_exporttype_name(exports.data[0]), "m"));
    wasm_importtype_vec_delete(&imports);
    wasm_exporttype_vec_delete(&exports);
    void *start, *end;
    wasmtime_module_image_range(clone, &start, &end);
    EXPECT_EQ((char *)end - (char *)start, v.size);
    wasm_byte_vec_delete(&v);
    wasmtime_module_delete(clone);
}

static void invalid_modules(void) {
    wasm_engine_t *engine = tier_engine(NULL);
    wasmtime_module_t *m = NULL;
    wasm_byte_vec_t v = assemble("(module (func (result i32)))");
    EXPECT(error_says(wasmtime_module_validate(engine, bytes_of(&v), v.size),
                      "type mismatch"));
    EXPECT(error_says(wasmtime_module_new(engine, bytes_of(&v), v.size, &m),
                      "offset 0x"));
    EXPECT(error_says(wasmtime_module_new(engine, NULL, 0, &m), "unexpected"));
    EXPECT(error_says(
        wasmtime_module_deserialize(engine, bytes_of(&v), v.size, &m),
        "not a serialized module"));
    EXPECT(m == NULL);
    wasm_byte_vec_delete(&v);
    wasm_engine_delete(engine);
}

static void serialized_modules(void) {
    static const char path[] = "api_serialized_module.bin";
    wasm_engine_t *engine = tier_engine(NULL);
    wasm_byte_vec_t v = assemble("(module (func (export \"f\")))"), s;
    wasmtime_module_t *m = NULL, *again = NULL;
    EXPECT(!wasmtime_module_new(engine, bytes_of(&v), v.size, &m));
    EXPECT(!wasmtime_module_serialize(m, &s));
    EXPECT(!wasmtime_module_deserialize(engine, bytes_of(&s), s.size, &again));
    wasmtime_module_delete(again);
    again = NULL;
    FILE *file = fopen(path, "wb");
    EXPECT(file && fwrite(s.data, 1, s.size, file) == s.size);
    if (file) fclose(file);
    EXPECT(!wasmtime_module_deserialize_file(engine, path, &again));
    wasmtime_module_delete(again);
    remove(path);
    EXPECT(error_says(wasmtime_module_deserialize_file(engine, path, &again),
                      "cannot open"));
    EXPECT(error_says(wasmtime_module_deserialize_file(engine, ".", &again),
                      "no file"));
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_delete(&s);
    wasmtime_module_delete(m);
    wasm_engine_delete(engine);
}

// --- traps -------------------------------------------------------------------

static void trap_codes(void) {
    wasm_trap_t *t = wasmtime_trap_new("of my own", 6);
    wasmtime_trap_code_t code = 99;
    EXPECT(!wasmtime_trap_code(t, &code) && code == 99);
    EXPECT(trap_says(t, "of my"));
    for (int i = 0; i <= WASMTIME_TRAP_LIFT_DROPPED_STREAM; i++) {
        t = wasmtime_trap_new_code((wasmtime_trap_code_t)i);
        EXPECT(wasmtime_trap_code(t, &code) && code == i);
        EXPECT(trap_says(t, "wasm trap: "));
    }
    EXPECT(wasmtime_trap_new_code(54) == NULL);
    t = wasmtime_trap_new_code(WASMTIME_TRAP_CODE_INTEGER_OVERFLOW);
    EXPECT(trap_says(t, "wasm trap: integer overflow"));
}

// What runs into each trap, and its code.
static const struct {
    const char *body;
    wasmtime_trap_code_t code;
} trapping[] = {
    {"unreachable", WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED},
    {"(drop (i32.div_u (i32.const 1) (i32.const 0)))",
     WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO},
    {"(drop (i32.trunc_f32_s (f32.const nan)))",
     WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER},
    {"(drop (i32.load (i32.const 65536)))",
     WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS},
    {"(drop (table.get (i32.const 5)))",
     WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS},
    {"(call_indirect (i32.const 0))", WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL},
    {"(drop (ref.as_non_null (ref.null any)))",
     WASMTIME_TRAP_CODE_NULL_REFERENCE},
    {"(drop (ref.cast (ref struct) (ref.i31 (i32.const 1))))",
     WASMTIME_TRAP_CODE_CAST_FAILURE},
    {"(call $f)", WASMTIME_TRAP_CODE_STACK_OVERFLOW},
    {"(throw $e)", WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION},
};

static wasm_trap_t *trap_of(const World *w, const char *body) {
    char module[512];
    snprintf(module, sizeof module,
             "(module $mod (memory 1) (table 1 funcref) (tag $e)"
             " (func $f (export \"f\") %s))",
             body);
    wasm_extern_vec_t exports = exports_of(w, module, NULL);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    wasm_trap_t *t =
        wasm_func_call(wasm_extern_as_func(exports.data[0]), &none, &none);
    wasm_extern_vec_delete(&exports);
    EXPECT(t != NULL);
    return t;
}

static void traps_of_calls(void) {
    World w = world_new();
    for (size_t i = 0; i < COUNTOF(trapping); i++) {
        wasm_trap_t *t = trap_of(&w, trapping[i].body);
        wasmtime_trap_code_t code = 99;
        EXPECT(wasmtime_trap_code(t, &code));
        EXPECT_EQ(code, trapping[i].code);
        wasm_trap_delete(t);
    }
    world_delete(&w);
}

static void frame_names(void) {
    World w = world_new();
    wasm_trap_t *t = trap_of(&w, "unreachable");
    wasm_frame_t *f = wasm_trap_origin(t);
    const wasm_name_t *func = wasmtime_frame_func_name(f);
    const wasm_name_t *module = wasmtime_frame_module_name(f);
    EXPECT(func && name_is(func, "f"));
    EXPECT(module && name_is(module, "mod"));
    wasm_frame_delete(f);
    wasm_trap_delete(t);
    world_delete(&w);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(errors), UNIT_TEST(engines), UNIT_TEST(text),
                    UNIT_TEST(modules), UNIT_TEST(invalid_modules),
                    UNIT_TEST(serialized_modules), UNIT_TEST(trap_codes),
                    UNIT_TEST(traps_of_calls), UNIT_TEST(frame_names));
}
