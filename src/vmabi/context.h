// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The instance context and the store's part of it, from context.def.
#pragma once

#include "vmabi/value.h"

#include <stdatomic.h>

typedef struct Memory Memory;
typedef struct Table Table;
typedef struct Global Global;
typedef struct Tag Tag;
typedef struct GcHeap GcHeap;
typedef struct RtType RtType;
typedef struct ValueStack ValueStack;
typedef struct Activation Activation;
typedef struct StoreContext StoreContext;
// What compiled code calls, each with its own type (vmabi/helper.h).
typedef void HelperFn(void);

struct StoreContext {
#define STORE_CONTEXT(type, name, what) type name;
#include "vmabi/context.def"
};

typedef struct Context {
#define CONTEXT(type, name, what) type name;
#include "vmabi/context.def"
} Context;

typedef struct ContextField {
    const char *name, *what;
    uint32_t offset, size;
} ContextField;

enum {
#define CONTEXT(type, name, what) CONTEXT_FIELD_##name,
#include "vmabi/context.def"
    CONTEXT_FIELD_COUNT
};
enum {
#define STORE_CONTEXT(type, name, what) STORE_CONTEXT_FIELD_##name,
#include "vmabi/context.def"
    STORE_CONTEXT_FIELD_COUNT
};

extern const ContextField context_fields[CONTEXT_FIELD_COUNT];
extern const ContextField store_context_fields[STORE_CONTEXT_FIELD_COUNT];
