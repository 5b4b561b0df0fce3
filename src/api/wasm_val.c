// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tagged values of wasm.h, and the untagged ones of the runtime.
#include "api/api_int.h"

void wasm_val_delete(wasm_val_t *v) {
    if (!v || !wasm_valkind_is_ref(v->kind)) return;
    wasm_ref_delete(v->of.ref);
    v->of.ref = NULL;
}

void wasm_val_copy(wasm_val_t *out, const wasm_val_t *from) {
    *out = *from;
    if (wasm_valkind_is_ref(from->kind))
        out->of.ref = wasm_ref_copy(from->of.ref);
}

bool raw_of_val(Store *s, const wasm_val_t *v, RtValType t, Raw *out) {
    *out = (Raw){0}; // narrow values have their upper half zero
    switch (t.code) {
    case VT_i32:
        out->u32 = (uint32_t)v->of.i32;
        return v->kind == WASM_I32;
    case VT_i64:
        out->u64 = (uint64_t)v->of.i64;
        return v->kind == WASM_I64;
    case VT_f32:
        out->f32 = v->of.f32;
        return v->kind == WASM_F32;
    case VT_f64:
        out->f64 = v->of.f64;
        return v->kind == WASM_F64;
    case VT_v128: // there is no such kind
        return false;
    default: // references
        return wasm_valkind_is_ref(v->kind) && raw_of_ref(s, v->of.ref, t, out);
    }
}

bool val_of_raw(Store *s, Raw raw, RtValType t, wasm_val_t *out) {
    *out = (wasm_val_t){0};
    switch (t.code) {
    case VT_i32:
        out->kind = WASM_I32;
        out->of.i32 = (int32_t)raw.u32;
        return true;
    case VT_i64:
        out->kind = WASM_I64;
        out->of.i64 = (int64_t)raw.u64;
        return true;
    case VT_f32:
        out->kind = WASM_F32;
        out->of.f32 = raw.f32;
        return true;
    case VT_f64:
        out->kind = WASM_F64;
        out->of.f64 = raw.f64;
        return true;
    case VT_v128:
        return false;
    default: // references
        out->kind =
            rt_val_type_top(t) == HEAP_func ? WASM_FUNCREF : WASM_EXTERNREF;
        return ref_of_raw(s, raw, t, &out->of.ref);
    }
}
