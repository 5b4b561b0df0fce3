// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values of scripts: making arguments, matching results.
#include "cli/wast_int.h"

static uint32_t lane_bits(ValType lane) {
    switch (lane) {
    case VT_i8:
        return 8;
    case VT_i16:
        return 16;
    case VT_i32:
    case VT_f32:
        return 32;
    default:
        return 64;
    }
}

static uint64_t lane_get(const Raw *v, uint32_t i, uint32_t bits) {
    uint64_t x = 0;
    memcpy(&x, (const char *)v + i * bits / 8, bits / 8);
    return x;
}

static Raw v128_of(const ScriptVal *v) {
    Raw out = {0};
    uint32_t bits = lane_bits(v->lane);
    for (uint32_t i = 0; i < 128 / bits; i++)
        memcpy((char *)&out + i * bits / 8, &v->lane_bits[i], bits / 8);
    return out;
}

// External values of scripts are numbers, kept as pointers. One is added so
// that number 0 is not the null pointer.
static bool extern_of(Wast *w, uint64_t number, Raw *out) {
    void *value = (void *)(uintptr_t)(number + 1);
    *out = (Raw){.u64 = store_extern_new(w->store, value, NULL)};
    return out->ref != 0;
}

bool wast_arg(Wast *w, const ScriptVal *v, Raw *out) {
    switch (v->kind) {
    case SCRIPT_i32:
    case SCRIPT_f32:
        *out = (Raw){.u64 = (uint32_t)v->bits};
        return true;
    case SCRIPT_i64:
    case SCRIPT_f64:
        *out = (Raw){.u64 = v->bits};
        return true;
    case SCRIPT_v128:
        *out = v128_of(v);
        return true;
    case SCRIPT_ref_null:
        *out = (Raw){0};
        return true;
    case SCRIPT_ref_extern:
    case SCRIPT_ref_host:
        return extern_of(w, v->bits, out);
    case SCRIPT_ref_any_kind:
    case SCRIPT_either:
        break;
    }
    return wast_fail(w, "this value cannot be an argument");
}

// --- matching ----------------------------------------------------------------------

static bool float_matches(uint64_t got, uint64_t want, NanPattern nan,
                          uint32_t bits) {
    uint64_t quiet =
        bits == 32 ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000);
    uint64_t sign = UINT64_C(1) << (bits - 1);
    switch (nan) {
    case NAN_none:
        return got == want;
    case NAN_canonical:
        return (got & ~sign) == quiet;
    case NAN_arithmetic:
        return (got & quiet) == quiet;
    }
    UNREACHABLE();
}

static bool v128_matches(const ScriptVal *want, Raw got) {
    uint32_t bits = lane_bits(want->lane);
    for (uint32_t i = 0; i < 128 / bits; i++)
        if (!float_matches(lane_get(&got, i, bits), want->lane_bits[i],
                           want->lane_nan[i], bits))
            return false;
    return true;
}

static HeapKind heap_top(HeapKind kind) {
    return rt_val_type_top((RtValType){.code = VT_ABSTRACT_REF(kind)});
}

static bool is_extern(Wast *w, const ScriptVal *want, Raw got) {
    if (!want->has_index) return got.ref != 0;
    bool ok;
    const void *value = store_extern_get(w->store, got.ref, &ok);
    return ok && (uintptr_t)value == want->bits + 1;
}

static bool ref_matches(Wast *w, const ScriptVal *want, RtValType type,
                        Raw got) {
    if (!vt_is_ref(type.code)) return false;
    HeapKind top = rt_val_type_top(type);
    bool is_null = top == HEAP_func ? got.func == NULL : got.ref == 0;
    if (want->kind == SCRIPT_ref_null)
        return is_null &&
               (want->heap == HEAP_bot || heap_top(want->heap) == top);
    if (is_null) return false;
    if (want->kind != SCRIPT_ref_any_kind) return is_extern(w, want, got);
    RtValType kind = {.code = VT_ABSTRACT_REF(want->heap)};
    return heap_top(want->heap) == top &&
           store_ref_matches(w->store, got, kind);
}

static bool either_matches(Wast *w, const ScriptVal *want, RtValType type,
                           Raw got) {
    for (uint32_t i = 0; i < want->alternative_len; i++)
        if (wast_matches(w, &want->alternatives[i], type, got)) return true;
    return false;
}

bool wast_matches(Wast *w, const ScriptVal *want, RtValType type, Raw got) {
    switch (want->kind) {
    case SCRIPT_i32:
        return type.code == VT_i32 && got.u32 == want->bits;
    case SCRIPT_i64:
        return type.code == VT_i64 && got.u64 == want->bits;
    case SCRIPT_f32:
        return type.code == VT_f32 &&
               float_matches(got.u32, want->bits, want->nan, 32);
    case SCRIPT_f64:
        return type.code == VT_f64 &&
               float_matches(got.u64, want->bits, want->nan, 64);
    case SCRIPT_v128:
        return type.code == VT_v128 && v128_matches(want, got);
    case SCRIPT_ref_null:
    case SCRIPT_ref_extern:
    case SCRIPT_ref_host:
    case SCRIPT_ref_any_kind:
        return ref_matches(w, want, type, got);
    case SCRIPT_either:
        return either_matches(w, want, type, got);
    }
    UNREACHABLE();
}

void wast_print_value(Wast *w, char *out, size_t size, RtValType type, Raw v) {
    char name[TYPE_TEXT_MAX];
    (void)w;
    type_print(name, type.code);
    if (type.code == VT_v128)
        snprintf(out, size, "%s 0x%016llx%016llx", name,
                 (unsigned long long)v.u64x2[1],
                 (unsigned long long)v.u64x2[0]);
    else
        snprintf(out, size, "%s 0x%llx", name, (unsigned long long)v.u64);
}
