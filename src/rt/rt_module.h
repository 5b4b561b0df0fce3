// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A loaded module: decoded, validated, its types registered; what instances
// are made from. Shared between threads, reference counted, constant.
//
// Made by engine/load.h, which sees decoder and validator.
#pragma once

#include "base/map.h"
#include "os/thread.h"
#include "os/vm.h"
#include "rt/engine.h"

typedef struct SideTables SideTables; // valid/side.h: the tiers' business

// What a tier keeps with a module: made when it is first wanted, without a lock.
typedef struct TierCache {
    void (*release)(struct TierCache *cache);
} TierCache;

// Bytes that instances of a module begin with, as they lie in a file.
typedef struct ImagePart {
    uint64_t at, size; // in the memory or table; whole pages
    uint32_t index;    // of that, in the module
    uint32_t is_table;
} ImagePart;

// Those of a module that is from a file: the bytes of the parts, one after the
// other. What module_image_new finds decides whether a part is used.
typedef struct ImageFile {
    VmImage file;         // zero: there is none
    const uint8_t *bytes; // the same, where they can be read
    const ImagePart *parts;
    uint32_t part_len;
} ImageFile;

struct RtModule {
    _Atomic uint32_t refs;
    uint64_t id;
    Engine *engine;
    ForkLink fork;
    Arena arena;        // holds module, side tables and types
    ArenaBudget budget; // of that, and of what loading takes meanwhile
    Module module;
    const SideTables *side;
    void *code;     // the tier's
    RtType **types; // by type index
    Map exports;    // hash of the name -> index, in the arena
    // What instances begin with, in the arena (rt/image.h).
    _Atomic(struct ModuleImage *) image;
    Mutex image_lock;     // making it
    ImageFile image_file; // constant after loading
    const uint8_t *bytes; // the module's one copy of its bytes ...
    size_t size;
    void (*bytes_free)(void *env, const uint8_t *bytes, size_t size);
    void *bytes_env; // ... and how it goes away
    _Atomic(TierCache *) interp_cache;
};

// Once it is decoded and validated; the arena must have a guard.
void rt_module_index_exports(RtModule *m);
// The index of the export of that name, or MAP_NONE.
uint32_t rt_module_export(const RtModule *m, Str name);

void rt_module_ref(RtModule *m);
void rt_module_unref(RtModule *m);
