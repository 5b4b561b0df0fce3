// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Copying a module's bytes, by as many threads as the engine's configuration has
// for loading: into memory that was never touched, most of the time is the
// host's, which has to find pages for it.
#pragma once

#include "rt/engine.h"

void copy_bytes(Engine *e, uint8_t *to, const uint8_t *from, size_t size);
