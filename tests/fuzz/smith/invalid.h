// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules with one mistake: what is wrong, and the error that must be found.
//
// All but the mistake is a valid module of the generator. A mistake in code
// stands where the operand stack is empty and code is reachable, so that
// nothing before it can be blamed.
#pragma once

#include "fuzz/smith/smith_int.h"

typedef struct SmithRule {
    ErrId err;
    const char *name;
    FeatureSet without; // off in the module and for those who read it
    // One of the three; the functions return false when the module has nothing
    // that could be broken that way.
    bool (*code)(Smith *s);
    bool (*shape)(Smith *s);
    uint8_t section; // 0: `bytes` are the whole module
    const char *bytes;
    uint32_t size;
} SmithRule;

extern const SmithRule smith_rules[];
extern const uint32_t smith_rule_len;
// Why no module gets that error; NULL: there are rules for it, or there is
// nothing to say.
const char *smith_never(ErrId id);

#define CODE_OFF(err, function, feature)  bool smith_bad_##function(Smith *s);
#define SHAPE_OFF(err, function, feature) bool smith_bad_##function(Smith *s);
#include "fuzz/smith/invalid.def"
bool smith_bad_opcode_that_is_off(Smith *s);

// Writes the mistake of s->in->broken into a body, maybe inside of blocks.
void smith_break_code(Smith *s);
// Makes the module's bytes one with a mistake in them.
void smith_break_bytes(Smith *s);
