// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The configuration of WASI 0.1.
#ifndef WASI_H
#define WASI_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasi_config_t wasi_config_t;

#ifdef __cplusplus
}
#endif

#endif
