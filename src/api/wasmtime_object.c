// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structures, arrays and exceptions: making them, and their fields.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/arrayref.h>
#include <wasmtime/exnref.h>
#include <wasmtime/structref.h>
#include <wasmtime/trap.h>

enum {
    FEW = 16 // values that need no allocation
};

#define ROOT(r)       ((Root *)(void *)(r))
#define CONST_ROOT(r) ((const Root *)(const void *)(r))

// --- what they share ---------------------------------------------------------

// A type made ready for a store: kept, so that objects of it need no more.
typedef struct Pre {
    uint64_t store_id;
    Engine *engine; // counted
    RtType *type;   // counted
} Pre;

struct wasmtime_struct_ref_pre {
    Pre pre;
};
struct wasmtime_array_ref_pre {
    Pre pre;
};

static bool pre_init(Pre *p, Store *s, RtType *type) {
    if (store_gc_type(s, type) == UINT32_MAX) return false;
    *p = (Pre){.store_id = s->id, .engine = s->engine, .type = type};
    engine_ref(p->engine);
    rt_type_ref(type);
    return true;
}

static void pre_release(const Pre *p) {
    rt_type_unref(p->engine->registry, p->type);
    engine_unref(p->engine);
}

static wasmtime_error_t *error_of_value(void) {
    return error_of_text("a value is not of its field's type");
}

static wasmtime_error_t *error_of_index(uint64_t index) {
    return error_of_text("index %llu is out of bounds",
                         (unsigned long long)index);
}

// An allocation that failed has left a trap.
static wasmtime_error_t *error_of_object(Store *s) {
    return error_of_trap(trap_take(s, STATUS_trap, false));
}

static wasmtime_error_t *give_root(Store *s, GcRef ref, Root *out) {
    return root_new(s, ref, out) ? NULL : error_no_memory();
}

// What a field holds, as a value.
static RtValType field_value(const RtField *f) {
    RtValType t = f->storage;
    t.code = vt_unpacked(t.code);
    return t;
}

// The object of a root, if it is of the kind; else 0.
static GcRef object_of(const Store *s, const Root *r, GcKind kind) {
    GcRef ref = root_get(s, r);
    if (!ref || gc_ref_is_i31(ref)) return 0;
    return gc_type_of(s->heap, ref)->kind == kind ? ref : 0;
}

// --- structures --------------------------------------------------------------

wasmtime_struct_ref_pre_t *wasmtime_struct_ref_pre_new(
    wasmtime_context_t *context, const wasmtime_struct_type_t *ty) {
    Store *s = store_of_context(context);
    if (ty->of.engine != s->engine) return NULL;
    wasmtime_struct_ref_pre_t *p = MEM_NEW(wasmtime_struct_ref_pre_t);
    if (p && pre_init(&p->pre, s, ty->of.type)) return p;
    mem_free(p);
    return NULL;
}

void wasmtime_struct_ref_pre_delete(wasmtime_struct_ref_pre_t *p) {
    if (!p) return;
    pre_release(&p->pre);
    mem_free(p);
}

static wasmtime_error_t *struct_new(Store *s, RtType *t,
                                    const wasmtime_val_t *fields, Raw *values,
                                    Root *out) {
    GcRef ref;
    for (uint32_t i = 0; i < t->field_len; i++)
        if (!value_to_raw(s, &fields[i], field_value(&t->fields[i]),
                          &values[i]))
            return error_of_value();
    if (object_new_struct(s, t, values, &ref) != STATUS_ok)
        return error_of_object(s);
    return give_root(s, ref, out);
}

wasmtime_error_t *wasmtime_structref_new(wasmtime_context_t *context,
                                         const wasmtime_struct_ref_pre_t *pre,
                                         const wasmtime_val_t *fields,
                                         size_t nfields,
                                         wasmtime_structref_t *out) {
    Store *s = store_of_context(context);
    RtType *t = pre->pre.type;
    if (pre->pre.store_id != s->id)
        return error_of_text("the type was made ready for another store");
    if (nfields != t->field_len)
        return error_of_text("expected %u fields, found %zu", t->field_len,
                             nfields);
    Raw few[FEW];
    if (nfields <= FEW) return struct_new(s, t, fields, few, ROOT(out));
    Raw *values = MEM_NEW_N(Raw, nfields);
    if (!values) return error_no_memory();
    wasmtime_error_t *error = struct_new(s, t, fields, values, ROOT(out));
    mem_free(values);
    return error;
}

static wasmtime_error_t *no_struct(void) {
    return error_of_text("the structure is null or of another store");
}

wasmtime_error_t *wasmtime_structref_field(
    wasmtime_context_t *context, const wasmtime_structref_t *structref,
    size_t index, wasmtime_val_t *out) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(structref), GC_struct);
    if (!ref) return no_struct();
    const RtType *t = object_type(s, ref);
    if (index >= t->field_len) return error_of_index(index);
    Raw raw = object_field_get(s, ref, (uint32_t)index);
    return value_of_raw(s, raw, field_value(&t->fields[index]), out)
               ? NULL
               : error_no_memory();
}

wasmtime_error_t *wasmtime_structref_set_field(
    wasmtime_context_t *context, const wasmtime_structref_t *structref,
    size_t index, const wasmtime_val_t *val) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(structref), GC_struct);
    Raw raw;
    if (!ref) return no_struct();
    const RtType *t = object_type(s, ref);
    if (index >= t->field_len) return error_of_index(index);
    if (!t->fields[index].is_mutable) return error_of_text("immutable field");
    if (!value_to_raw(s, val, field_value(&t->fields[index]), &raw))
        return error_of_value();
    object_field_set(s, ref, (uint32_t)index, raw);
    return NULL;
}

wasmtime_struct_type_t *wasmtime_structref_type(
    wasmtime_context_t *context, const wasmtime_structref_t *structref) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(structref), GC_struct);
    return ref ? struct_type_of(s->engine, object_type(s, ref)) : NULL;
}

// --- arrays ------------------------------------------------------------------

wasmtime_array_ref_pre_t *wasmtime_array_ref_pre_new(
    wasmtime_context_t *context, const wasmtime_array_type_t *ty) {
    Store *s = store_of_context(context);
    if (ty->of.engine != s->engine) return NULL;
    wasmtime_array_ref_pre_t *p = MEM_NEW(wasmtime_array_ref_pre_t);
    if (p && pre_init(&p->pre, s, ty->of.type)) return p;
    mem_free(p);
    return NULL;
}

void wasmtime_array_ref_pre_delete(wasmtime_array_ref_pre_t *p) {
    if (!p) return;
    pre_release(&p->pre);
    mem_free(p);
}

wasmtime_error_t *wasmtime_arrayref_new(wasmtime_context_t *context,
                                        const wasmtime_array_ref_pre_t *pre,
                                        const wasmtime_val_t *elem,
                                        uint32_t len,
                                        wasmtime_arrayref_t *out) {
    Store *s = store_of_context(context);
    RtType *t = pre->pre.type;
    Raw fill;
    GcRef ref;
    if (pre->pre.store_id != s->id)
        return error_of_text("the type was made ready for another store");
    if (!value_to_raw(s, elem, field_value(t->fields), &fill))
        return error_of_value();
    if (object_new_array(s, t, len, fill, &ref) != STATUS_ok)
        return error_of_object(s);
    return give_root(s, ref, ROOT(out));
}

static wasmtime_error_t *no_array(void) {
    return error_of_text("the array is null or of another store");
}

wasmtime_error_t *wasmtime_arrayref_len(wasmtime_context_t *context,
                                        const wasmtime_arrayref_t *arrayref,
                                        uint32_t *out) {
    const Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(arrayref), GC_array);
    if (!ref) return no_array();
    *out = gc_object(s->heap, ref)->len;
    return NULL;
}

wasmtime_error_t *wasmtime_arrayref_get(wasmtime_context_t *context,
                                        const wasmtime_arrayref_t *arrayref,
                                        uint32_t index, wasmtime_val_t *out) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(arrayref), GC_array);
    if (!ref) return no_array();
    if (index >= gc_object(s->heap, ref)->len) return error_of_index(index);
    Raw raw = object_element_get(s, ref, index);
    return value_of_raw(s, raw, field_value(object_type(s, ref)->fields), out)
               ? NULL
               : error_no_memory();
}

wasmtime_error_t *wasmtime_arrayref_set(wasmtime_context_t *context,
                                        const wasmtime_arrayref_t *arrayref,
                                        uint32_t index,
                                        const wasmtime_val_t *val) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(arrayref), GC_array);
    Raw raw;
    if (!ref) return no_array();
    if (index >= gc_object(s->heap, ref)->len) return error_of_index(index);
    const RtField *field = object_type(s, ref)->fields;
    if (!field->is_mutable) return error_of_text("immutable array");
    if (!value_to_raw(s, val, field_value(field), &raw))
        return error_of_value();
    object_element_set(s, ref, index, raw);
    return NULL;
}

wasmtime_array_type_t *wasmtime_arrayref_type(
    wasmtime_context_t *context, const wasmtime_arrayref_t *arrayref) {
    Store *s = store_of_context(context);
    GcRef ref = object_of(s, CONST_ROOT(arrayref), GC_array);
    return ref ? array_type_of(s->engine, object_type(s, ref)) : NULL;
}

// --- exceptions --------------------------------------------------------------

static wasmtime_error_t *exn_new(Store *s, Tag *tag,
                                 const wasmtime_val_t *fields, Raw *values,
                                 Root *out) {
    GcRef ref;
    if (!values_to_raws(s, fields, tag->type->params, tag->type->param_len,
                        values))
        return error_of_value();
    if (object_new_exn(s, tag, values, &ref) != STATUS_ok)
        return error_of_object(s);
    return give_root(s, ref, out);
}

wasmtime_error_t *wasmtime_exnref_new(wasmtime_context_t *store,
                                      const wasmtime_tag_t *tag,
                                      const wasmtime_val_t *fields,
                                      size_t nfields,
                                      wasmtime_exnref_t *exn_ret) {
    Store *s = store_of_context(store);
    Tag *t = handle_tag(s, tag);
    if (!t) return error_of_handle();
    if (nfields != t->type->param_len)
        return error_of_text("expected %u fields, found %zu",
                             t->type->param_len, nfields);
    Raw few[FEW];
    if (nfields <= FEW) return exn_new(s, t, fields, few, ROOT(exn_ret));
    Raw *values = MEM_NEW_N(Raw, nfields);
    if (!values) return error_no_memory();
    wasmtime_error_t *error = exn_new(s, t, fields, values, ROOT(exn_ret));
    mem_free(values);
    return error;
}

static GcRef exn_of(const Store *s, const wasmtime_exnref_t *exn) {
    return object_of(s, CONST_ROOT(exn), GC_exn);
}

static wasmtime_error_t *no_exn(void) {
    return error_of_text("the exception is null or of another store");
}

wasmtime_error_t *wasmtime_exnref_tag(wasmtime_context_t *store,
                                      const wasmtime_exnref_t *exn,
                                      wasmtime_tag_t *tag_ret) {
    Store *s = store_of_context(store);
    GcRef ref = exn_of(s, exn);
    if (!ref) return no_exn();
    *tag_ret = handle_of_tag(object_exn_tag(s, ref));
    return NULL;
}

size_t wasmtime_exnref_field_count(wasmtime_context_t *store,
                                   const wasmtime_exnref_t *exn) {
    Store *s = store_of_context(store);
    GcRef ref = exn_of(s, exn);
    return ref ? object_exn_tag(s, ref)->type->param_len : 0;
}

wasmtime_error_t *wasmtime_exnref_field(wasmtime_context_t *store,
                                        const wasmtime_exnref_t *exn,
                                        size_t index, wasmtime_val_t *val_ret) {
    Store *s = store_of_context(store);
    GcRef ref = exn_of(s, exn);
    if (!ref) return no_exn();
    const RtType *t = object_exn_tag(s, ref)->type;
    if (index >= t->param_len) return error_of_index(index);
    Raw raw = object_field_get(s, ref, (uint32_t)index);
    return value_of_raw(s, raw, t->params[index], val_ret) ? NULL
                                                           : error_no_memory();
}

wasmtime_exn_type_t *wasmtime_exnref_type(wasmtime_context_t *context,
                                          const wasmtime_exnref_t *exnref) {
    Store *s = store_of_context(context);
    GcRef ref = exn_of(s, exnref);
    return ref ? exn_type_of(s->engine, object_exn_tag(s, ref)->type) : NULL;
}

// --- the pending one ---------------------------------------------------------

wasm_trap_t *wasmtime_context_set_exception(wasmtime_context_t *store,
                                            const wasmtime_exnref_t *exn) {
    static const char thrown[] = "uncaught exception";
    Store *s = store_of_context(store);
    GcRef ref = exn_of(s, exn);
    wasm_trap_t *t =
        ref ? trap_new(NULL, thrown, sizeof thrown - 1)
            : wasmtime_trap_new_code(WASMTIME_TRAP_CODE_NULL_REFERENCE);
    // NULL would say that all went well.
    if (!t) return wasm_trap_copy(store_data(s)->no_memory);
    if (!ref) return t;
    t->code = WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION;
    t->throws = true;
    s->exception = ref;
    return t;
}

bool wasmtime_context_take_exception(wasmtime_context_t *store,
                                     wasmtime_exnref_t *exn_ret) {
    Store *s = store_of_context(store);
    if (!s->exception || !root_new(s, s->exception, ROOT(exn_ret)))
        return false;
    s->exception = 0;
    return true;
}

bool wasmtime_context_has_exception(wasmtime_context_t *store) {
    return store_of_context(store)->exception != 0;
}
