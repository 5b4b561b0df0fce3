// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program over wasmtime.h in which allocation 1, 2, 3, ... fails, until none
// does. It may fail in its own way; it may not crash, leak, or forget to run a
// finalizer, and no failure may look like a success.
#include "api/failing.h"
#include "api/rig.h"

#include <wasmtime/anyref.h>
#include <wasmtime/arrayref.h>
#include <wasmtime/exnref.h>
#include <wasmtime/externref.h>
#include <wasmtime/global.h>
#include <wasmtime/memory.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/structref.h>
#include <wasmtime/table.h>
#include <wasmtime/tag.h>
#include <wasmtime/types.h>

static int given, finalized;

static void count(void *env) {
    (void)env;
    finalized++;
}

// --- the program -------------------------------------------------------------

static const char program[] =
    "(module (import \"h\" \"f\" (func $f (param externref)"
    "  (result externref)))"
    " (import \"h\" \"throw\" (func $throw)) (tag $t (export \"t\"))"
    " (memory (export \"m\") 1 2) (memory (export \"sm\") 1 1 shared)"
    " (table (export \"tab\") 1 funcref)"
    " (global (export \"g\") (mut externref) (ref.null extern))"
    " (type $s (struct (field (mut i32)) (field externref)))"
    " (func (export \"run\") (param externref) (result externref anyref)"
    "  (call $f (local.get 0)) (struct.new $s (i32.const 1)"
    "   (local.get 0)))"
    " (func (export \"trap\") unreachable)"
    " (func (export \"throw\") (call $throw)))";

static const char command[] =
    "(module (func (export \"_start\")) (func (export \"f\")))";

static wasm_trap_t *host(void *env, wasmtime_caller_t *caller,
                         const wasmtime_val_t *args, size_t nargs,
                         wasmtime_val_t *results, size_t nresults) {
    (void)env, (void)nargs, (void)nresults;
    wasmtime_extern_t item;
    if (wasmtime_caller_export_get(caller, "sm", 2, &item))
        wasmtime_extern_delete(&item);
    wasmtime_val_clone(&args[0], &results[0]);
    return NULL;
}

static void drop_trap(void *env) {
    finalized++;
    wasm_trap_delete(env);
}

// Throws, or returns the trap that it was given: which takes no memory.
static wasm_trap_t *thrower(void *env, wasmtime_caller_t *caller,
                            wasmtime_val_raw_t *values, size_t len) {
    (void)values, (void)len;
    wasmtime_context_t *c = wasmtime_caller_context(caller);
    wasmtime_extern_t tag;
    wasmtime_exnref_t x;
    if (!wasmtime_caller_export_get(caller, "t", 1, &tag))
        return wasm_trap_copy(env);
    wasmtime_error_t *e = wasmtime_exnref_new(c, &tag.of.tag, NULL, 0, &x);
    wasmtime_error_delete(e);
    if (e) return wasm_trap_copy(env);
    wasm_trap_t *t = wasmtime_context_set_exception(c, &x);
    wasmtime_exnref_unroot(&x);
    return t;
}

// Deletes what went wrong; did nothing?
static bool fine(wasmtime_error_t *error, wasm_trap_t *trap) {
    bool ok = !error && !trap;
    EXPECT(!error || !trap);
    if (error) {
        wasm_name_t message;
        wasm_frame_vec_t trace;
        int status;
        wasmtime_error_message(error, &message);
        wasmtime_error_wasm_trace(error, &trace);
        EXPECT(!wasmtime_error_exit_status(error, &status));
        wasm_byte_vec_delete(&message);
        wasm_frame_vec_delete(&trace);
    }
    wasmtime_error_delete(error);
    wasm_trap_delete(trap);
    return ok;
}

static bool define(wasmtime_linker_t *l) {
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_externref(),
                                                  wasm_valtype_new_externref());
    wasm_functype_t *none = wasm_functype_new_0_0();
    wasm_trap_t *trap = wasmtime_trap_new_code(WASMTIME_TRAP_CODE_INTERRUPT);
    bool ok = type && none && trap;
    if (!ok) {
        wasm_trap_delete(trap);
    } else {
        given += 2;
        ok = fine(wasmtime_linker_define_func(l, "h", 1, "f", 1, type, host,
                                              NULL, count),
                  NULL);
        bool too =
            fine(wasmtime_linker_define_func_unchecked(
                     l, "h", 1, "throw", 5, none, thrower, trap, drop_trap),
                 NULL);
        ok = ok && too;
    }
    wasm_functype_delete(type);
    wasm_functype_delete(none);
    return ok;
}

static bool get(wasmtime_context_t *c, const wasmtime_instance_t *i,
                const char *name, wasmtime_extern_t *item) {
    return wasmtime_instance_export_get(c, i, name, strlen(name), item);
}

static void call_all(wasmtime_context_t *c, const wasmtime_instance_t *i) {
    wasmtime_extern_t run, trap, thrown;
    wasmtime_val_t arg = {.kind = WASMTIME_EXTERNREF}, results[2];
    wasm_trap_t *t = NULL;
    wasmtime_exnref_t x;
    if (!get(c, i, "run", &run) || !get(c, i, "trap", &trap) ||
        !get(c, i, "throw", &thrown))
        return;
    given++;
    if (!wasmtime_externref_new(c, &given, count, &arg.of.externref)) return;
    wasmtime_error_t *e =
        wasmtime_func_call(c, &run.of.func, &arg, 1, results, 2, &t);
    if (fine(e, t)) {
        EXPECT(wasmtime_externref_data(c, &results[0].of.externref) == &given);
        EXPECT(wasmtime_anyref_is_struct(c, &results[1].of.anyref));
        wasmtime_val_unroot(&results[0]);
        wasmtime_val_unroot(&results[1]);
    }
    wasmtime_val_unroot(&arg);
    e = wasmtime_func_call(c, &trap.of.func, NULL, 0, NULL, 0, &t);
    EXPECT(!fine(e, t));
    e = wasmtime_func_call(c, &thrown.of.func, NULL, 0, NULL, 0, &t);
    EXPECT(!fine(e, t));
    if (wasmtime_context_take_exception(c, &x)) wasmtime_exnref_unroot(&x);
}

static void make_objects(wasm_engine_t *e, wasmtime_context_t *c) {
    wasmtime_field_type_t f = {.mutable_ = true};
    f.storage.kind = WASMTIME_STORAGE_TYPE_KIND_I8;
    wasmtime_struct_type_t *st = wasmtime_struct_type_new(e, &f, 1);
    wasmtime_array_type_t *at = wasmtime_array_type_new(e, &f);
    wasmtime_struct_ref_pre_t *sp =
        st ? wasmtime_struct_ref_pre_new(c, st) : NULL;
    wasmtime_array_ref_pre_t *ap =
        at ? wasmtime_array_ref_pre_new(c, at) : NULL;
    wasmtime_val_t v = val_i32(1);
    wasmtime_structref_t s;
    wasmtime_arrayref_t a;
    wasmtime_heaptype_t heap, copy;
    if (sp && fine(wasmtime_structref_new(c, sp, &v, 1, &s), NULL)) {
        wasmtime_anyref_t any;
        wasmtime_structref_to_anyref(&s, &any);
        if (wasmtime_anyref_type(c, &any, &heap)) {
            wasmtime_heaptype_clone(&heap, &copy);
            wasmtime_heaptype_delete(&heap);
            wasmtime_heaptype_delete(&copy);
        }
        wasmtime_anyref_unroot(&any);
        wasmtime_structref_unroot(&s);
    }
    if (ap && fine(wasmtime_arrayref_new(c, ap, &v, 9, &a), NULL))
        wasmtime_arrayref_unroot(&a);
    wasmtime_struct_ref_pre_delete(sp);
    wasmtime_array_ref_pre_delete(ap);
    wasmtime_struct_type_delete(st);
    wasmtime_array_type_delete(at);
    (void)fine(wasmtime_context_gc(c), NULL);
}

static void make_things(wasmtime_context_t *c) {
    wasm_memorytype_t *mt = NULL;
    wasmtime_memory_t m;
    uint64_t old;
    if (fine(wasmtime_memorytype_new(1, false, 0, false, false, 16, &mt),
             NULL) &&
        fine(wasmtime_memory_new(c, mt, &m), NULL))
        (void)fine(wasmtime_memory_grow(c, &m, 1, &old), NULL);
    wasm_memorytype_delete(mt);
    wasm_limits_t limits = {1, 9};
    wasm_tabletype_t *tt =
        wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    wasmtime_val_t null = {.kind = WASMTIME_FUNCREF};
    wasmtime_table_t t;
    if (tt && fine(wasmtime_table_new(c, tt, &null, &t), NULL))
        (void)fine(wasmtime_table_grow(c, &t, 8, &null, &old), NULL);
    wasm_tabletype_delete(tt);
    wasm_functype_t *ft = wasm_functype_new_0_0();
    wasmtime_func_t f;
    if (ft) {
        given++;
        wasmtime_func_new(c, ft, host, NULL, count, &f);
        wasm_functype_delete(
            wasmtime_funcref_is_null(&f) ? NULL : wasmtime_func_type(c, &f));
    }
    wasm_functype_delete(ft);
}

static void ask_all(wasmtime_context_t *c, const wasmtime_instance_t *i) {
    wasmtime_extern_t item;
    char *name;
    size_t len;
    for (size_t n = 0; n < 9; n++) {
        if (!wasmtime_instance_export_nth(c, i, n, &name, &len, &item))
            continue;
        wasm_externtype_delete(wasmtime_extern_type(c, &item));
        wasmtime_extern_delete(&item);
    }
    wasmtime_val_t v;
    if (!get(c, i, "g", &item)) return;
    wasmtime_global_get(c, &item.of.global, &v);
    wasmtime_val_unroot(&v);
}

static void link_all(wasmtime_linker_t *l, wasmtime_context_t *c,
                     const wasmtime_module_t *m, const wasmtime_module_t *cmd) {
    wasmtime_instance_t i;
    wasm_trap_t *t = NULL;
    wasmtime_instance_pre_t *pre = NULL;
    wasmtime_linker_t *copy = wasmtime_linker_clone(l);
    wasmtime_error_t *e = wasmtime_linker_instantiate(l, c, m, &i, &t);
    if (fine(e, t)) {
        call_all(c, &i);
        ask_all(c, &i);
        if (copy)
            (void)fine(wasmtime_linker_define_instance(copy, c, "i", 1, &i),
                       NULL);
    }
    if (fine(wasmtime_linker_instantiate_pre(l, m, &pre), NULL)) {
        wasmtime_module_delete(wasmtime_instance_pre_module(pre));
        e = wasmtime_instance_pre_instantiate(pre, c, &i, &t);
        (void)fine(e, t);
    }
    wasmtime_instance_pre_delete(pre);
    if (copy && fine(wasmtime_linker_module(copy, c, "c", 1, cmd), NULL)) {
        wasmtime_func_t f;
        if (fine(wasmtime_linker_get_default(copy, c, "c", 1, &f), NULL)) {
            e = wasmtime_func_call(c, &f, NULL, 0, NULL, 0, &t);
            (void)fine(e, t);
        }
    }
    wasmtime_linker_delete(copy);
    copy = wasmtime_linker_clone(l);
    wasmtime_linker_t *bare = copy ? copy : l;
    (void)fine(wasmtime_linker_define_unknown_imports_as_traps(bare, m), NULL);
    (void)fine(
        wasmtime_linker_define_unknown_imports_as_default_values(bare, c, m),
        NULL);
    (void)fine(wasmtime_linker_define_wasi(bare), NULL);
    wasmtime_linker_delete(copy);
}

static wasmtime_module_t *load(wasm_engine_t *e, const char *text) {
    wasm_byte_vec_t bytes = {0};
    wasmtime_module_t *m = NULL;
    if (fine(wasmtime_wat2wasm(text, strlen(text), &bytes), NULL))
        (void)fine(
            wasmtime_module_new(e, (const uint8_t *)(const void *)bytes.data,
                                bytes.size, &m),
            NULL);
    wasm_byte_vec_delete(&bytes);
    return m;
}

static void whole(void) {
    wasm_engine_t *e = tier_engine(NULL);
    given++;
    wasmtime_store_t *s = e ? wasmtime_store_new(e, NULL, count) : NULL;
    if (!e) finalized++;
    wasmtime_linker_t *l = e ? wasmtime_linker_new(e) : NULL;
    wasmtime_module_t *m = s ? load(e, program) : NULL;
    wasmtime_module_t *cmd = m ? load(e, command) : NULL;
    if (s && l && define(l)) {
        wasmtime_context_t *c = wasmtime_store_context(s);
        if (m && cmd) link_all(l, c, m, cmd);
        make_things(c);
        make_objects(e, c);
        (void)fine(wasmtime_context_set_wasi(c, wasi_config_new()), NULL);
    }
    wasmtime_module_delete(m);
    wasmtime_module_delete(cmd);
    wasmtime_linker_delete(l);
    wasmtime_store_delete(s);
    wasm_engine_delete(e);
}

static void every_allocation(void) {
    bool done = false;
    uint64_t n = 0;
    for (; !done && n < 10000; n++) {
        allocator_set(&failing_allocator);
        allocations_left = n;
        allocations_live = 0;
        given = finalized = 0;
        whole();
        done = (int64_t)allocations_left >= 0; // none had to fail
        allocator_set(NULL);
        if (!EXPECT_EQ(allocations_live, 0) || !EXPECT_EQ(finalized, given)) {
            fprintf(stderr, "allocation %llu\n", (unsigned long long)n);
            break;
        }
    }
    EXPECT(done && n > 200);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_allocation));
}
