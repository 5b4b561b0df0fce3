// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The atomic accesses of op.def as ATOMIC_ROW(name, prefix, code, ...) rows;
// each instruction is left to a function exec_<name>, like those of slow.def.
#define ATOMIC_LOAD    ATOMIC_ROW
#define ATOMIC_STORE   ATOMIC_ROW
#define ATOMIC_RMW     ATOMIC_ROW
#define ATOMIC_CMPXCHG ATOMIC_ROW
#include "wasm/op.def"
#undef ATOMIC_ROW
