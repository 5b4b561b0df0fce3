// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files native*.c share.
#pragma once

#include "base/writer.h"
#include "debug/native.h"

// native_perf.c: both under the lock.
void perf_map_add(const NativeFunc *funcs, uint32_t len);
void jitdump_add(Native *n, const NativeLines *lines, const NativeFunc *funcs,
                 uint32_t len);

// native_gdb.c
NativeObject *gdb_add(const NativeLines *lines, const NativeFunc *funcs,
                      uint32_t len);
void gdb_remove(NativeObject *o);
NativeObject **gdb_next(NativeObject *o);

// native_elf.c: an object file in the arena of `w`.
void native_elf(Writer *w, const NativeLines *lines, const NativeFunc *funcs,
                uint32_t len);

// Fixed fields, little-endian.
static inline void put_fixed(Writer *w, uint64_t value, uint32_t size) {
    write_bytes(w, &value, size);
}
