// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which build this is: alone in a file, since it changes with every other one.
#include "engine/artifact_int.h"

const uint8_t artifact_build[BLAKE2_SIZE] = {
#include "engine/build_id.inc"
};
