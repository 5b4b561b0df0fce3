// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constant expressions (core, 3.3: constant expressions). First every
// instruction is looked at alone, whether it may occur at all; then the typer
// runs over the expression as over the body of a function.
#include "valid/valid_int.h"
#include "wasm/instr_read.h"

// In which feature set may the instruction occur? Several are constant by a
// feature of their own, for which reading them already asked.
static bool is_constant(FeatureSet features, Op op) {
    switch ((int)op) {
    case OP_i32_const:
    case OP_i64_const:
    case OP_f32_const:
    case OP_f64_const:
    case OP_v128_const:
    case OP_global_get:
    case OP_ref_null:
    case OP_ref_func:
    case OP_ref_i31:
    case OP_struct_new:
    case OP_struct_new_default:
    case OP_array_new:
    case OP_array_new_default:
    case OP_array_new_fixed:
    case OP_any_convert_extern:
    case OP_extern_convert_any:
    case OP_end:
        return true;
    case OP_i32_add:
    case OP_i32_sub:
    case OP_i32_mul:
    case OP_i64_add:
    case OP_i64_sub:
    case OP_i64_mul:
        return feature_on(features, FEATURE_extended_const);
    default:
        return false;
    }
}

static bool check_global(const Module *m, const Instr *in, uint32_t global_len,
                         Err *err) {
    uint32_t global = in->imm.index;
    if (global >= global_len)
        return err_at(err, in->at, E_unknown_global, global);
    if (m->globals.data[global].type.is_mutable)
        return err_at(err, in->at, E_not_constant);
    return true;
}

static bool check_instrs(Module *m, Bytes expr, uint32_t global_len, Err *err) {
    Reader r;
    reader_init(&r, expr.data, expr.size, expr.at, err);
    r.end_error = E_unexpected_end_section;
    Instr in = {.op = OP_nop};
    while (in.op != OP_end) {
        if (!instr_read(&r, m->features, &in)) return false;
        if (!is_constant(m->features, in.op))
            return err_at(err, in.at, E_not_constant);
        if (in.op == OP_global_get && !check_global(m, &in, global_len, err))
            return false;
        if (in.op == OP_ref_func && in.imm.index < m->funcs.len)
            m->funcs.data[in.imm.index].is_declared = true;
    }
    return true;
}

bool const_expr_valid(Module *m, Bytes expr, ValType want, uint32_t global_len,
                      Arena *scratch, Err *err) {
    int32_t value;
    if (want == VT_i32 && expr_is_short_i32(expr.data, expr.size, &value))
        return true;
    if (!check_instrs(m, expr, global_len, err)) return false;
    ArenaMark mark = arena_mark(scratch);
    const FuncType type = {.results = &want, .result_len = 1};
    Typer t;
    bool ok =
        typer_init(&t, m, &type, expr, false, scratch, err) && body_run(&t);
    arena_rewind(scratch, mark);
    return ok;
}
