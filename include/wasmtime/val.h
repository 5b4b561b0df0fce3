// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values, with a tag and without.
//
// References into the collected heap (any, eq, struct, array, extern, exn) are
// roots: they keep the object until they are unrooted, which the owner must do,
// before or after the store has gone. Roots may be cloned and unrooted on any
// thread; all else needs the store. Where a function needs memory for a root
// and has no way to say that there is none, the root is null.
#ifndef WASMTIME_VAL_H
#define WASMTIME_VAL_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/extern.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t wasmtime_valkind_t;
#define WASMTIME_I32     0
#define WASMTIME_I64     1
#define WASMTIME_F32     2
#define WASMTIME_F64     3
#define WASMTIME_V128    4
#define WASMTIME_FUNCREF 5 // any reference to a function
#ifdef WASMTIME_FEATURE_GC
#define WASMTIME_EXTERNREF 6
#define WASMTIME_ANYREF    7 // with eq, i31, struct and array
#define WASMTIME_EXNREF    8
#endif

typedef uint8_t wasmtime_v128[16]; // little-endian

#ifdef WASMTIME_FEATURE_GC

// All roots have one form. A store_id of 0 is the null reference; the rest is
// the library's.
typedef struct wasmtime_anyref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_anyref_t;

typedef struct wasmtime_exnref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_exnref_t;

typedef struct wasmtime_externref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_externref_t;

typedef struct wasmtime_eqref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_eqref_t;

typedef struct wasmtime_structref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_structref_t;

typedef struct wasmtime_arrayref {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __private2;
    void *__private3;
} wasmtime_arrayref_t;

#endif

typedef union wasmtime_valunion {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
#ifdef WASMTIME_FEATURE_GC
    wasmtime_anyref_t anyref;
    wasmtime_externref_t externref;
    wasmtime_exnref_t exnref;
#endif
    wasmtime_func_t funcref;
    wasmtime_v128 v128;
} wasmtime_valunion_t;

static inline void wasmtime_funcref_set_null(wasmtime_func_t *func) {
    func->store_id = 0;
}

static inline bool wasmtime_funcref_is_null(const wasmtime_func_t *func) {
    return func->store_id == 0;
}

// A value whose type is known from elsewhere. References here are no roots:
// convert them with the _from_raw functions before anything else happens in the
// store. 0 is null. Numbers narrower than the whole need not fill it.
typedef union wasmtime_val_raw {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    wasmtime_v128 v128;
#ifdef WASMTIME_FEATURE_GC
    uint32_t anyref;
    uint32_t externref;
    uint32_t exnref;
#endif
    void *funcref;
} wasmtime_val_raw_t;

// A value. Arguments are borrowed; what a function fills in is owned by the
// caller, who unroots it. Only the three kinds of roots own anything.
typedef struct wasmtime_val {
    wasmtime_valkind_t kind;
    wasmtime_valunion_t of;
} wasmtime_val_t;

WASM_API_EXTERN void wasmtime_val_unroot(wasmtime_val_t *val);
WASM_API_EXTERN void wasmtime_val_clone(const wasmtime_val_t *src,
                                        wasmtime_val_t *dst);

#ifdef __cplusplus
}
#endif

#endif
