// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vmabi/context.h"

const ContextField context_fields[CONTEXT_FIELD_COUNT] = {
#define CONTEXT(type, name, what) \
    [CONTEXT_FIELD_##             \
        name] = {#name, what, offsetof(Context, name), sizeof(type)},
#include "vmabi/context.def"
};

const ContextField store_context_fields[STORE_CONTEXT_FIELD_COUNT] = {
#define STORE_CONTEXT(type, name, what) \
    [STORE_CONTEXT_FIELD_##             \
        name] = {#name, what, offsetof(StoreContext, name), sizeof(type)},
#include "vmabi/context.def"
};

// Machine code addresses the fields by number: row i lies at 8 * i.
#define CONTEXT(type, name, what)                                          \
    static_assert(sizeof(type) == 8 &&                                     \
                      offsetof(Context, name) == 8 * CONTEXT_FIELD_##name, \
                  #name);
#define STORE_CONTEXT(type, name, what)                                    \
    static_assert(sizeof(type) == 8 && offsetof(StoreContext, name) ==     \
                                           8 * STORE_CONTEXT_FIELD_##name, \
                  #name);
#include "vmabi/context.def"
