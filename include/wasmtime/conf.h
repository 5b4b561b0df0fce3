// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What this library can do, for programs that ask the preprocessor. A switch is
// defined once everything that it names is there.
#ifndef WASMTIME_CONF_H
#define WASMTIME_CONF_H

#define WASMTIME_FEATURE_WAT
#define WASMTIME_FEATURE_COMPILER // modules may be made of bytes

#endif
