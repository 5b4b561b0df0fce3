// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fields of the runtime's objects that compiled code reads or writes, for
// those who may not see rt/ and gc/. rt/layout.c asserts every one against the
// real structure. Those of the contexts are in vmabi/context.def.
#pragma once

#include "base/bits.h"

enum {
    // Func
    LAYOUT_FUNC_ENTRY = 0,     // code to call, with the Func in r11
    LAYOUT_FUNC_TYPE = 8,      // RtType *
    LAYOUT_FUNC_INSTANCE = 16, // Instance *, whose first field is its Context
    LAYOUT_FUNC_CODE = 24,     // wasm: address of the slot that holds the code
    LAYOUT_FUNC_ENV = 40,      // host
    LAYOUT_FUNC_HOST = 48,     // host: Status (*)(HostCall *)
    // HostCall
    LAYOUT_HOST_CALL_STORE = 0,
    LAYOUT_HOST_CALL_CALLER = 8,     // Instance *
    LAYOUT_HOST_CALL_TYPE = 16,      // RtType *
    LAYOUT_HOST_CALL_ENV = 24,       // the Func's
    LAYOUT_HOST_CALL_VALUES = 32,    // Raw *
    LAYOUT_HOST_CALL_IS_RESULT = 40, // bool
    LAYOUT_HOST_CALL_SIZE = 48,
    // Memory
    LAYOUT_MEMORY_BASE = 0,
    LAYOUT_MEMORY_SIZE = 8,    // bytes; not of shared ones
    LAYOUT_MEMORY_SHARED = 16, // SharedMemory * or NULL
    LAYOUT_MEMORY_EXTENT = 24, // bytes of address space, with the guard
    // SharedMemory
    LAYOUT_SHARED_SIZE = 0, // bytes, atomic
    // Table
    LAYOUT_TABLE_CELLS = 0, // FuncCell * or GcRef *
    LAYOUT_TABLE_SIZE = 8,
    // Global: its cell is at 0
    // RtType
    LAYOUT_TYPE_DEPTH = 0,   // uint32_t
    LAYOUT_TYPE_DISPLAY = 8, // RtType **
    // GcHeap (gc/gc_heap.c asserts these and the next)
    LAYOUT_HEAP_BASE = 0,
    LAYOUT_HEAP_NEXT = 8,      // where the next object goes, uint32_t
    LAYOUT_HEAP_FAST_END = 12, // it must not end behind this, uint32_t
    LAYOUT_HEAP_TYPES = 16,    // GcTypeEntry **
    // GcTypeEntry
    LAYOUT_GC_TYPE_KIND = 0,   // GcKind
    LAYOUT_GC_TYPE_OWNER = 24, // of structures and arrays: RtType *
    LAYOUT_GC_KIND_STRUCT = 0,
    LAYOUT_GC_KIND_ARRAY = 1,
    // Objects of the heap: GcHeader, then fields
    LAYOUT_OBJECT_TYPE = 0, // index into the heap's types
    LAYOUT_OBJECT_LEN = 4,  // arrays
};

// Fields and elements of objects follow the header in their order, each at a
// multiple of its size, or of 8 if that is less.
static inline uint64_t layout_field_at(uint64_t at, uint64_t size) {
    return align_up(at, MIN(size, 8u));
}
enum {
    LAYOUT_OBJECT_FIELDS = 8,
};
