// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constant expressions (core, 3.4.13): validated code without control flow, run
// once at instantiation on a small stack of its own.
#include "base/alloc.h"
#include "rt/instance.h"
#include "wasm/instr_read.h"

// An operand, and whether the collector must know about it.
typedef struct Operand {
    Raw value;
    bool is_traced;
} Operand;

typedef struct Eval {
    Instance *inst;
    Store *store;
    List(Operand) stack;
    RootScope scope;
} Eval;

static void visit_operands(RootScope *scope, GcHeap *heap, GcVisit visit) {
    Eval *e = CONTAINER_OF(scope, Eval, scope);
    VEC_EACH (Operand, o, &e->stack) {
        if (o->is_traced) visit(heap, &o->value.ref);
    }
}

static Status push(Eval *e, Raw value, bool is_traced) {
    Operand o = {value, is_traced};
    if (LIST_PUSH(&e->stack, o)) return STATUS_ok;
    return store_trap(e->store, TRAP_out_of_memory);
}

static Raw pop(Eval *e) {
    return VEC_POP(&e->stack).value;
}

static Status push_ref(Eval *e, Status status, GcRef ref) {
    if (status != STATUS_ok) return status;
    return push(e, (Raw){.u64 = ref}, true);
}

// The top `len` operands as values. They stay on the stack, and so stay roots,
// until the object is made; the copy is updated by the object's own scope.
static Raw *copy_operands(Eval *e, uint32_t len) {
    Raw *values = MEM_NEW_N(Raw, (size_t)len + 1);
    if (!values) return NULL;
    for (uint32_t i = 0; i < len; i++)
        values[i] = e->stack.data[e->stack.len - len + i].value;
    return values;
}

static Status new_struct(Eval *e, uint32_t type, bool is_default) {
    RtType *t = e->inst->context.types[type];
    uint32_t len = is_default ? 0 : t->field_len;
    Raw *values = copy_operands(e, len);
    if (!values) return store_trap(e->store, TRAP_out_of_memory);
    GcRef ref = 0;
    Status status =
        object_new_struct(e->store, t, is_default ? NULL : values, &ref);
    mem_free(values);
    e->stack.len -= len;
    return push_ref(e, status, ref);
}

static Status new_array_fixed(Eval *e, uint32_t type, uint32_t len) {
    Raw *values = copy_operands(e, len);
    if (!values) return store_trap(e->store, TRAP_out_of_memory);
    GcRef ref = 0;
    Status status = object_new_array_of(e->store, e->inst->context.types[type],
                                        values, len, &ref);
    mem_free(values);
    e->stack.len -= len;
    return push_ref(e, status, ref);
}

static Status new_array(Eval *e, uint32_t type, bool is_default) {
    uint32_t len = pop(e).u32;
    Raw fill = is_default ? (Raw){0} : pop(e);
    GcRef ref = 0;
    Status status = object_new_array(e->store, e->inst->context.types[type],
                                     len, fill, &ref);
    return push_ref(e, status, ref);
}

static Status push_func(Eval *e, uint32_t index) {
    Func *f = instance_func(e->inst, index);
    if (!f) return store_trap(e->store, TRAP_out_of_memory);
    return push(e, (Raw){.func = f}, false);
}

static Status push_global(Eval *e, uint32_t index) {
    const Global *g = e->inst->context.globals[index];
    return push(e, g->cell, g->is_ref);
}

static Status arith32(Eval *e, Op op) {
    uint32_t b = pop(e).u32, a = pop(e).u32;
    uint32_t r = op == OP_i32_add ? a + b : op == OP_i32_sub ? a - b : a * b;
    return push(e, (Raw){.u64 = r}, false);
}

static Status arith64(Eval *e, Op op) {
    uint64_t b = pop(e).u64, a = pop(e).u64;
    uint64_t r = op == OP_i64_add ? a + b : op == OP_i64_sub ? a - b : a * b;
    return push(e, (Raw){.u64 = r}, false);
}

static Status push_v128(Eval *e, const uint8_t *bytes) {
    Raw value;
    memcpy(&value, bytes, sizeof value);
    return push(e, value, false);
}

// Validation let only constant instructions through (valid/const_expr.c), so
// the default arm is not reached.
static Status eval(Eval *e, const Instr *in) {
    switch (in->op) {
    case OP_i32_const:
        return push(e, (Raw){.u64 = (uint32_t)in->imm.i32}, false);
    case OP_i64_const:
        return push(e, (Raw){.u64 = (uint64_t)in->imm.i64}, false);
    case OP_f32_const:
        return push(e, (Raw){.u64 = in->imm.f32}, false);
    case OP_f64_const:
        return push(e, (Raw){.u64 = in->imm.f64}, false);
    case OP_v128_const:
        return push_v128(e, in->imm.bytes16);
    case OP_i32_add:
    case OP_i32_sub:
    case OP_i32_mul:
        return arith32(e, in->op);
    case OP_i64_add:
    case OP_i64_sub:
    case OP_i64_mul:
        return arith64(e, in->op);
    case OP_global_get:
        return push_global(e, in->imm.index);
    case OP_ref_null:
        return push(e, (Raw){0}, false);
    case OP_ref_func:
        return push_func(e, in->imm.index);
    case OP_ref_i31:
        return push(e, (Raw){.u64 = gc_ref_of_i31(pop(e).u32)}, false);
    case OP_struct_new:
        return new_struct(e, in->imm.index, false);
    case OP_struct_new_default:
        return new_struct(e, in->imm.index, true);
    case OP_array_new:
        return new_array(e, in->imm.index, false);
    case OP_array_new_default:
        return new_array(e, in->imm.index, true);
    case OP_array_new_fixed:
        return new_array_fixed(e, in->imm.pair.first, in->imm.pair.second);
    case OP_any_convert_extern:
    case OP_extern_convert_any:
        return STATUS_ok; // one form for both
    default:
        fatal_error("not constant", __FILE__, __LINE__);
    }
}

// --- without an instance -----------------------------------------------------------

// The expression's instruction, if it is only one.
static bool single(const Module *m, Bytes expr, Instr *out) {
    Err err = {0};
    Reader r;
    Instr end;
    expr = module_slice(m, expr);
    reader_init(&r, expr.data, expr.size, expr.at, &err);
    return instr_read(&r, m->features, out) &&
           instr_read(&r, m->features, &end) && end.op == OP_end;
}

bool const_expr_known(const Module *m, Bytes expr, Raw *out) {
    Instr in;
    int32_t value;
    *out = (Raw){0};
    expr = module_slice(m, expr);
    if (expr_is_short_i32(expr.data, expr.size, &value)) {
        out->u64 = (uint32_t)value;
        return true;
    }
    if (!single(m, expr, &in)) return false;
    switch (in.op) {
    case OP_i32_const:
        out->u64 = (uint32_t)in.imm.i32;
        return true;
    case OP_i64_const:
        out->u64 = (uint64_t)in.imm.i64;
        return true;
    case OP_f32_const:
        out->u64 = in.imm.f32;
        return true;
    case OP_f64_const:
        out->u64 = in.imm.f64;
        return true;
    case OP_v128_const:
        memcpy(out, in.imm.bytes16, sizeof *out);
        return true;
    case OP_ref_null:
        return true;
    default:
        return false;
    }
}

bool const_expr_cell(const Module *m, Bytes expr, FuncCell *out) {
    Instr in;
    *out = 0;
    if (!single(m, expr, &in)) return false;
    if (in.op == OP_ref_func) *out = func_cell_of_index(in.imm.index);
    return in.op == OP_ref_func || in.op == OP_ref_null;
}

Status const_expr_eval(Instance *inst, Bytes expr, Raw *out) {
    if (const_expr_known(&inst->module->module, expr, out)) return STATUS_ok;
    Err err = {0};
    Reader r;
    expr = module_slice(&inst->module->module, expr);
    reader_init(&r, expr.data, expr.size, expr.at, &err);
    Eval e = {.inst = inst, .store = inst->store};
    e.scope.visit = visit_operands;
    root_scope_enter(e.store, &e.scope);
    Status status = STATUS_ok;
    Instr in;
    while (status == STATUS_ok &&
           instr_read(&r, inst->module->module.features, &in) &&
           in.op != OP_end)
        status = eval(&e, &in);
    CHECK(err_ok(&err));
    root_scope_leave(e.store, &e.scope);
    *out = status == STATUS_ok ? pop(&e) : (Raw){0};
    LIST_RELEASE(&e.stack);
    return status;
}
