// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code as the host's own tools see it: perf reads a map or a dump that
// we write, debuggers read objects in memory that we register.
//
// A group of functions is described once, when its code is final. Nothing here
// can fail for the program that runs: what cannot be described is left out.
#pragma once

#include "base/map.h"
#include "os/thread.h"
#include "vmabi/code.h"
#include "wasm/module.h"

typedef struct NativeFunc {
    Str name; // free of control characters and spaces
    const uint8_t *code;
    uint32_t size;
    const CodeSite *sites; // their offsets count from ...
    uint32_t site_len;
    uint64_t wasm_at; // ... here in the module
    bool has_frame;   // begins with push rbp; mov rbp, rsp
} NativeFunc;

// What is written; zero: nothing.
typedef struct NativeWants {
    bool perf_map; // /tmp/perf-PID.map
    bool jitdump;  // jit-PID.dump in the current directory
    bool gdb;      // what __jit_debug_descriptor lists
} NativeWants;

// One for an engine. Any thread.
typedef struct Native {
    NativeWants wants;
    Mutex lock;
    int dump;          // the file, or -1
    uint64_t dump_pid; // whose it is: a child after a fork has its own
} Native;

// The lines of a module's source, sorted by address.
typedef struct NativeRow {
    uint64_t at;         // offset in the module
    uint32_t file, line; // line 0: nothing is known from here on
} NativeRow;

typedef struct NativeLines {
    List(NativeRow) rows;
    List(Str) files; // paths
    Arena arena;     // holds them
} NativeLines;

// An object that debuggers know.
typedef struct NativeObject NativeObject;

void native_init(Native *n, NativeWants wants);
void native_release(Native *n);
// Around a fork: what is of an engine, and what is of the process.
void native_lock(Native *n);
void native_unlock(Native *n);
void native_lock_process(void);
void native_unlock_process(void);
static inline bool native_is_on(const Native *n) {
    return n->wants.perf_map || n->wants.jitdump || n->wants.gdb;
}

// NULL: the module has none, or no memory.
NODISCARD NativeLines *native_lines_new(const Module *m);
void native_lines_free(NativeLines *l); // NULL is fine
// The row that holds a place, or NULL.
const NativeRow *native_line_at(const NativeLines *l, uint64_t at);

// Describes functions whose code ascends. With `gdb` the object is put before
// *objects, for native_forget when the code goes away.
void native_add(Native *n, const NativeLines *lines, const NativeFunc *funcs,
                uint32_t len, NativeObject **objects);
void native_forget(NativeObject *objects);
