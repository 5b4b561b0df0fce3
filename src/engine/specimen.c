// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/specimen.h"

#include "engine/compiled_int.h"

bool specimen_compile(const RtModule *m, uint32_t defined, Arena *arena,
                      CodeFunc *out, uint64_t *wasm_at) {
    if (!m->engine->tier->compile) return false;
    BaselineOptions options;
    compiled_options(m->engine, compiled_expects_guard(m), &options);
    options.wants_marks = true;
    BaselineEnv env = {
        .module = &m->module, .side = m->side, .options = &options};
    baseline_compile(&env, defined, arena, out);
    *wasm_at = m->side->funcs.data[defined].code_at;
    return true;
}
