// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals and tags.
#pragma once

#include "rt/store.h"

struct Global {
    Raw cell;       // first: code addresses it
    RtValType type; // held by the store
    bool is_mutable;
    bool is_ref;     // a collected reference: a root
    uint32_t handle; // index in store->globals
    Store *store;
};

NODISCARD Global *global_new(Store *s, RtValType type, bool is_mutable,
                             Raw init);

struct Tag {
    RtType *type;     // a function type; held by the store
    uint32_t handle;  // index in store->tags
    uint32_t gc_type; // of its exceptions in the heap; UINT32_MAX: none yet
    Store *store;
};

NODISCARD Tag *tag_new(Store *s, RtType *type);
