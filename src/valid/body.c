// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The CHECK instance of the typer: validates bodies and writes side tables.
#include "valid/valid_int.h"

enum {
    TYPER_CHECKS = true
};
#include "valid/typer.h"

bool body_run(Typer *t) {
    while (LIKELY(typer_step(t)))
        continue;
    if (!reader_ok(&t->r)) return false;
    if (reader_left(&t->r) == 0) return true;
    return err_at(t->r.err, reader_offset(&t->r), E_end_expected);
}

static FuncInfo func_info(const Typer *t) {
    const SideTables *side = t->side;
    return (FuncInfo){
        .code_at = t->r.base,
        .code_size = typer_pc(t),
        .local_len = t->local_len,
        .operand_max = (uint32_t)(t->max - t->stack),
        .ctl_at = t->ctl_at,
        .ctl_len = side->ctl.len - t->ctl_at,
        .catch_at = t->catch_at,
        .catch_len = side->catches.len - t->catch_at,
        .loop_at = t->loop_at,
        .loop_len = side->loops.len - t->loop_at,
        .param_len = (uint16_t)t->type->param_len,
        .result_len = (uint16_t)t->type->result_len,
        .flags = (uint16_t)(t->flags | (t->has_call ? 0 : FUNC_is_leaf)),
    };
}

bool valid_body(const Module *m, uint32_t func, SideTables *side,
                Arena *side_arena, Arena *scratch, Err *err) {
    const FuncType *type = &module_func_type(m, func)->func;
    Typer t;
    bool ok =
        typer_init(&t, m, type, module_slice(m, module_body(m, func)->bytes),
                   true, scratch, err);
    if (ok) {
        t.side = side;
        t.side_arena = side_arena;
        t.free_wait = NO_ENTRY;
        t.ctl_at = side->ctl.len;
        t.catch_at = side->catches.len;
        t.loop_at = side->loops.len;
        side->code_size += reader_left(&t.r);
        ok = body_run(&t);
    }
    if (!ok) {
        err->func = func;
        return false;
    }
    VEC_PUSH(side_arena, &side->funcs, func_info(&t));
    return true;
}
