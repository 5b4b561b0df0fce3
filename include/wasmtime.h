// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The embedding API in use everywhere, by the names, signatures, constants and
// layouts of one release of it, which the version below names.
//
// It differs from wasm.h in that a store is passed in explicitly and owns what
// it makes, that errors are told apart from traps, and that it covers all of
// the language. Start with wasmtime/store.h, func.h and linker.h; types of
// functions and their like are those of wasm.h. docs/c-api.md says what each
// function means here where that is not evident.
//
// Threads. What takes a store, its context or a caller is called by one thread
// at a time, whichever that is. Engines, modules, types and shared memories are
// for all threads at once; configurations and linkers for one at a time.
#ifndef WASMTIME_API_H
#define WASMTIME_API_H

#include <wasi.h>
#include <wasmtime/anyref.h>
#include <wasmtime/arrayref.h>
#include <wasmtime/async.h>
#include <wasmtime/conf.h>
#include <wasmtime/config.h>
#include <wasmtime/engine.h>
#include <wasmtime/eqref.h>
#include <wasmtime/error.h>
#include <wasmtime/exnref.h>
#include <wasmtime/extern.h>
#include <wasmtime/externref.h>
#include <wasmtime/func.h>
#include <wasmtime/global.h>
#include <wasmtime/instance.h>
#include <wasmtime/linker.h>
#include <wasmtime/memory.h>
#include <wasmtime/module.h>
#include <wasmtime/profiling.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/store.h>
#include <wasmtime/structref.h>
#include <wasmtime/table.h>
#include <wasmtime/tag.h>
#include <wasmtime/trap.h>
#include <wasmtime/types.h>
#include <wasmtime/val.h>
#include <wasmtime/wat.h>

// The release that this follows; the library's own version is in foliot.h.
#define WASMTIME_VERSION       "50.0.1"
#define WASMTIME_VERSION_MAJOR 50
#define WASMTIME_VERSION_MINOR 0
#define WASMTIME_VERSION_PATCH 1

#endif
