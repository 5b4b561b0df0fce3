// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What instructions of x86-64 do to the names of values (verify/values.h).
#include "verify/values_int.h"
#include "verify/x64/x64.h"

#include "base/bits.h"
#include "vmabi/helper.h"
#include "vmabi/words.h"

enum {
    VECTORS = 16, // the first vector register
};

typedef struct Move {
    Values *v;
    X64Inst in;
    const X64Info *info;
    uint32_t next;
    const CodeReloc *reloc;
} Move;

// --- registers ---------------------------------------------------------------

static Name get(const Values *v, uint32_t reg) {
    return reg == GP_rbp ? name_frame(0) : v->reg[reg];
}

static void set(Values *v, uint32_t reg, Name name) {
    if (reg != GP_rsp && reg != GP_rbp) v->reg[reg] = name;
}

static void lose(Values *v) {
    for (uint32_t r = 0; r < CLAIM_REGS; r++)
        v->reg[r] = values_new(v);
}

void values_enter(Values *v) {
    lose(v);
    MachineAssign a = {0};
    for (uint32_t i = 0; i < v->type->param_len; i++) {
        ValType t = v->type->params[i];
        MachinePlace p =
            machine_assign(&a, t >= VT_f32 && t <= VT_v128, t == VT_v128);
        if (p.kind == MACHINE_int)
            v->reg[prove_int_regs[p.at]] = v->locals[i];
        else if (p.kind == MACHINE_float)
            v->reg[VECTORS + p.at] = v->locals[i];
        else
            v->locals[i] = NAME_ARG | (16 + p.at);
    }
}

// --- memory ------------------------------------------------------------------

// Is it in the frame? Where from rbp?
static bool in_frame(const Move *t, int64_t *disp) {
    const X64Mem *m = &t->in.mem;
    if (m->base >= MEM_none || m->index != GP_rsp || m->base == GP_rsp)
        return false;
    Name base = get(t->v, m->base);
    if (!name_is_frame(base)) return false;
    *disp = (int64_t)(int32_t)(uint32_t)base + m->disp;
    return true;
}

static Name load(const Move *t, uint32_t size) {
    Values *v = t->v;
    int64_t disp;
    if (in_frame(t, &disp)) return values_load(v, disp);
    int64_t at = (int64_t)t->next + t->in.mem.disp;
    if (t->in.mem.base != MEM_rip || t->reloc || at < 0 ||
        at + size > v->code->size || size > 8)
        return values_new(v);
    const uint8_t *p = v->code->code + at;
    return name_const(size == 4 ? load_u32(p) : load_u64(p));
}

static bool next_is(const Move *t, uint32_t *at, X64Op op, X64Inst *out) {
    const CodeFunc *c = t->v->code;
    if (*at >= c->size || !x64_decode(out, c->code + *at, c->size - *at) ||
        out->op != op)
        return false;
    *at += out->size;
    return true;
}

// again: movups [r], xmm; add r, 16; cmp r, end; jb again
static bool is_zero_loop(Move *t, int64_t from, int64_t *to) {
    X64Inst add, cmp, jump;
    uint32_t at = t->next;
    bool ok = t->in.mem.base != GP_rbp && t->in.mem.disp == 0 &&
              next_is(t, &at, X64_add_ri8, &add) &&
              next_is(t, &at, X64_cmp_rr, &cmp) &&
              next_is(t, &at, X64_jcc_rel8, &jump) && add.imm == 16 &&
              add.reg[0] == t->in.mem.base && cmp.reg[0] == add.reg[0] &&
              (int64_t)at + jump.imm == t->v->at;
    if (!ok) return false;
    Name end = get(t->v, cmp.reg[1]);
    *to = (int32_t)(uint32_t)end;
    if (!name_is_frame(end) || *to <= from) return false;
    t->next = at;
    return true;
}

static void store(Move *t, uint32_t size, Name name) {
    int64_t disp, end;
    if (!in_frame(t, &disp)) return;
    if (size != 16 || !is_zero_loop(t, disp, &end)) {
        values_store(t->v, disp, size, name);
        return;
    }
    for (; disp < end; disp += 16)
        values_store(t->v, disp, 16, name);
}

// --- any instruction ---------------------------------------------------------

static void any(Move *t) {
    static const uint8_t implicit[][2] = {
        {USES_rax, GP_rax}, {USES_rcx, GP_rcx}, {USES_rdx, GP_rdx}};
    Values *v = t->v;
    bool has_mem = t->info->enc[t->in.variant] & ENC_MEM;
    for (uint32_t i = 0; i < t->info->operand_len; i++) {
        const X64Operand *o = &t->info->operand[i];
        if (!(o->role & ROLE_write)) continue;
        if (has_mem && o->field == FIELD_rm)
            store(t, 16, values_new(v)); // at most
        else if (o->field == FIELD_acc)
            set(v, GP_rax, values_new(v));
        else if (o->field == FIELD_xmm0)
            set(v, VECTORS, values_new(v));
        else if (class_is_vector((X64Class)o->class))
            set(v, (uint32_t)VECTORS + t->in.reg[i], values_new(v));
        else
            set(v, t->in.reg[i], values_new(v));
    }
    for (size_t i = 0; i < COUNTOF(implicit); i++)
        if (t->info->writes & implicit[i][0])
            set(v, implicit[i][1], values_new(v));
}

// --- moves -------------------------------------------------------------------

static uint32_t width(const Move *t) {
    return 1u << t->in.variant;
}

static bool same_regs(const Move *t) {
    for (uint32_t i = 1; i < t->info->operand_len; i++)
        if (t->in.reg[i] != t->in.reg[0]) return false;
    return true;
}

static void lea(Move *t) {
    Values *v = t->v;
    int64_t disp;
    if (t->in.mem.base == MEM_rip)
        v->table = (uint32_t)((int64_t)t->next + t->in.mem.disp);
    Name name = in_frame(t, &disp) ? name_frame(disp) : values_new(v);
    set(v, t->in.reg[0], name);
}

static void swap(Move *t) {
    Name a = get(t->v, t->in.reg[0]), b = get(t->v, t->in.reg[1]);
    set(t->v, t->in.reg[0], b);
    set(t->v, t->in.reg[1], a);
}

// Long: the instructions that move values. Others make new ones.
static void step(Move *t) {
    Values *v = t->v;
    const uint8_t *reg = t->in.reg;
    switch ((int)t->in.op) {
    case X64_mov_rr:
        if (width(t) < 4) break;
        set(v, reg[0], get(v, reg[1]));
        return;
    case X64_mov_rm:
        if (width(t) < 4) break;
        set(v, reg[0], load(t, width(t)));
        return;
    case X64_mov_mr:
        store(t, width(t), get(v, reg[1]));
        return;
    case X64_mov_mi:
        store(t, width(t), name_const((uint64_t)t->in.imm));
        return;
    case X64_mov_ri:
        set(v, reg[0], name_const((uint32_t)t->in.imm));
        return;
    case X64_mov_ris:
    case X64_movabs:
        set(v, reg[0], name_const((uint64_t)t->in.imm));
        return;
    case X64_xor_rr:
        if (!same_regs(t)) break;
        set(v, reg[0], name_const(0));
        return;
    case X64_xchg_rr:
        if (width(t) != 8) break;
        swap(t);
        return;
    case X64_lea:
        lea(t);
        return;
    case X64_movaps_rr:
    case X64_movdqa_rr:
    case X64_vmovaps_rr:
    case X64_vmovdqa_rr:
        set(v, (uint32_t)VECTORS + reg[0], v->reg[VECTORS + reg[1]]);
        return;
    case X64_xorps_rr:
    case X64_pxor_rr:
    case X64_vxorps_rr:
    case X64_vpxor_rr:
        if (!same_regs(t)) break;
        set(v, (uint32_t)VECTORS + reg[0], name_const(0));
        return;
    case X64_movss_rm:
    case X64_vmovss_rm:
        set(v, (uint32_t)VECTORS + reg[0], load(t, 4));
        return;
    case X64_movsd_rm:
    case X64_vmovsd_rm:
    case X64_movq_rm:
    case X64_vmovq_rm:
        set(v, (uint32_t)VECTORS + reg[0], load(t, 8));
        return;
    case X64_movups_rm:
    case X64_vmovups_rm:
    case X64_movaps_rm:
    case X64_movdqu_rm:
        set(v, (uint32_t)VECTORS + reg[0], load(t, 16));
        return;
    case X64_movsd_mr:
    case X64_vmovsd_mr:
    case X64_movq_mr:
    case X64_vmovq_mr:
        store(t, 8, v->reg[VECTORS + reg[1]]);
        return;
    case X64_movups_mr:
    case X64_vmovups_mr:
    case X64_movaps_mr:
    case X64_movdqu_mr:
        store(t, 16, v->reg[VECTORS + reg[1]]);
        return;
    }
    any(t);
}

// --- values of signatures ----------------------------------------------------

// Are the topmost operands in the registers of arguments, or of results?
static bool are_passed(Values *v, const ValType *types, uint32_t len,
                       uint32_t height) {
    MachineAssign a = {0};
    if (height < len) return values_fail(v, "an operand is missing");
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace p = machine_assign(
            &a, types[i] >= VT_f32 && types[i] <= VT_v128, types[i] == VT_v128);
        uint32_t reg = p.kind == MACHINE_int ? prove_int_regs[p.at]
                                             : (uint32_t)VECTORS + p.at;
        if (p.kind != MACHINE_stack &&
            v->reg[reg] != v->operands[height - len + i])
            return values_fail(v, "a register that has not what it passes");
    }
    return true;
}

// Whoever is called, by the instruction. *below: operands under its arguments.
static bool has_arguments(Values *v, uint32_t *below) {
    const FuncType *type;
    uint32_t height = v->height;
    switch ((int)v->in.op) {
    case OP_call:
    case OP_return_call:
        type = &module_func_type(v->m, v->in.imm.index)->func;
        break;
    case OP_call_indirect:
    case OP_return_call_indirect:
        type = &v->m->types.data[v->in.imm.pair.first].func;
        height--;
        break;
    case OP_call_ref:
    case OP_return_call_ref:
        type = &v->m->types.data[v->in.imm.index].func;
        height--;
        break;
    default:
        return values_fail(v, "a call by no call");
    }
    *below = height - type->param_len;
    return are_passed(v, type->params, type->param_len, height);
}

static bool tail_call(Values *v) {
    uint32_t below;
    v->is_live = false;
    return has_arguments(v, &below);
}

static bool has_results(Values *v) {
    return are_passed(v, v->type->results, v->type->result_len,
                      v->height - v->pops);
}

// --- control -----------------------------------------------------------------

static bool call(Move *t) {
    Values *v = t->v;
    bool is_helper = t->reloc && t->reloc->kind == RELOC_helper;
    if (t->reloc && t->reloc->kind == RELOC_trap) {
        v->has_trapped = !v->in_late;
        v->is_live = false;
        return true;
    }
    uint32_t height = v->height;
    if (!is_helper && !has_arguments(v, &height)) return false;
    // Looking for a callee collects nothing, and leaves its arguments alone.
    bool collects = !is_helper || t->reloc->index != HELPER_resolve_cell;
    if (collects && !values_site(v, t->next, is_helper, height)) return false;
    if (is_helper && t->reloc->index < HELPER_COUNT &&
        helper_info[t->reloc->index].kind == HELPER_KIND_row) {
        Name args = get(v, GP_rsi);
        if (!name_is_frame(args))
            return values_fail(v, "arguments of the runtime out of place");
        values_row(v, (int32_t)(uint32_t)args);
    }
    lose(v);
    return true;
}

// Behind the table are the moves of those targets that need some.
static bool jump_table(Move *t) {
    Values *v = t->v;
    v->is_live = false;
    if (v->in.op != OP_br_table || v->table == 0) return has_results(v);
    uint32_t len = v->in.imm.br_table.len, end = v->table + 4 * len;
    if (end > v->code->size) return values_fail(v, "a table that is too long");
    for (uint32_t i = 0; i < len; i++) {
        int32_t distance = (int32_t)load_u32(v->code->code + v->table + 4 * i);
        uint32_t to = v->table + (uint32_t)distance;
        bool is_stub = to >= end && to < v->end;
        if (!is_stub && !values_jump(v, to)) return false;
    }
    t->next = end;
    values_ahead(v, UINT32_MAX);
    return true;
}

// Back from code behind the function's.
static bool come_back(Move *t, uint32_t to) {
    Values *v = t->v;
    v->is_live = false;
    if (to >= v->late) return true;
    values_ahead(v, to);
    return true;
}

static bool jump(Move *t) {
    Values *v = t->v;
    if (t->reloc) return tail_call(v);
    uint32_t to = (uint32_t)((int64_t)t->next + t->in.imm);
    bool is_always = !t->info->cc;
    if (v->in_late) return !is_always || come_back(t, to);
    if (!values_jump(v, to)) return false;
    if (is_always) v->is_live = false;
    if (is_always && to >= v->late) v->has_trapped = true;
    return true;
}

static bool control(Move *t) {
    switch ((int)t->in.op) {
    case X64_jmp_rel8:
    case X64_jmp_rel32:
    case X64_jcc_rel8:
    case X64_jcc_rel32:
        return jump(t);
    case X64_call_rel32:
    case X64_call_m:
        return call(t);
    case X64_jmp_r:
        return jump_table(t);
    case X64_jmp_m:
        return tail_call(t->v);
    case X64_ret:
    case X64_ret_i:
        t->v->is_live = false;
        return has_results(t->v);
    case X64_ud2:
    case X64_int3:
        t->v->is_live = false;
        return true;
    default:
        step(t);
        return true;
    }
}

static const CodeReloc *reloc_in(const Values *v, uint32_t from, uint32_t to) {
    uint32_t low = 0, high = v->code->reloc_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->code->relocs[middle].at < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->code->reloc_len && v->code->relocs[low].at < to
               ? &v->code->relocs[low]
               : NULL;
}

static bool one(Values *v) {
    Move t = {.v = v};
    if (!x64_decode(&t.in, v->code->code + v->at, v->code->size - v->at))
        return values_fail(v, "no instruction of ours");
    t.info = &x64_info[t.in.op];
    t.next = v->at + t.in.size;
    t.reloc = reloc_in(v, v->at, t.next);
    if (!control(&t)) return false;
    v->at = t.next;
    return true;
}

bool values_run(Values *v) {
    while (v->at < v->end) {
        if (!v->in_late) values_meet(v);
        if (!v->is_live) {
            if (v->in_late) return true;
            values_skip(v);
            continue;
        }
        if (!one(v)) return false;
    }
    if (!v->in_late) values_meet(v);
    return true;
}
