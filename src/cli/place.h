// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where in a module's text an error is whose offset is one into its binary
// form. Asked when there is an error only: the text is read once more, and
// nothing is kept of it while all is well.
#pragma once

#include "wasm/module.h"

// True with the offset in *at: that of the instruction or, outside of
// functions, of the definition. `text` has been parsed with these features and
// limits before. The arena must have a guard.
NODISCARD bool place_in_text(Arena *arena, FeatureSet features,
                             const LimitSet *limits, Str text, const Err *err,
                             uint64_t *at);
