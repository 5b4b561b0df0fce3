// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Looks at all that a compiled file made, as far as it does not count as code:
// a file may be damaged, and reading what came of it stays within bounds.
#pragma once

#include "engine/compiled_int.h"

// More than 0; a sum of what was found, so that all of it is read.
static inline uint64_t artifact_look(const RtModule *m) {
    CodeVariant *const *variants = ((const ModuleCode *)m->code)->variants;
    const CodeVariant *v = variants[VARIANT_guarded];
    if (!v) v = variants[VARIANT_checked];
    CodeAt at;
    uintptr_t start = (uintptr_t)v->region->text;
    uint64_t found = 1 + m->module.names.module.len;
    for (uint32_t i = 0; i < v->region->text_len; i += 3)
        found += code_region_at(v->region, start + i, i & 1, &at);
    for (uint32_t i = 0; i < m->module.funcs.len; i++) {
        Str name = module_func_name(&m->module, i);
        for (uint32_t k = 0; k < name.len; k++)
            found += (uint8_t)name.data[k];
        found += module_func_type(&m->module, i)->func.param_len;
    }
    return found;
}
