// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inside of a Wasi.
#pragma once

#include "wasi/desc.h"
#include "wasi/wasi.h"

// Terminated strings, one after the other.
typedef struct StringList {
    List(char) bytes;
    List(uint32_t) starts;
} StringList;

typedef struct P1Binding P1Binding; // p1/p1_int.h

// What the Wasi keeps for those who use it.
typedef struct Kept {
    void *thing;
    void (*drop)(void *thing);
} Kept;

struct Wasi {
    StringList args, env;
    DescTable descs;
    WasiClock clock;
    WasiRandom random;
    List(Kept) kept;
    P1Binding *bindings; // of all functions; made by wasi_define
    // The memory of the instance that called last.
    uint64_t memory_store;
    uint32_t memory_instance;
    Memory *memory; // NULL: it exports none
};

// wasi/host.c
extern const WasiClock host_clock;
extern const WasiRandom host_random;
