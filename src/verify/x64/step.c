// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What one instruction does to what is known. Those that the table describes
// well enough leave numbers of which only the width is known; those by which
// addresses, frames and checks are made are said here, one by one.
#include "verify/x64/x64.h"

#include "vmabi/layout.h"

enum {
    // So far may rsp lie below the limit that was checked: a small frame, the
    // return address, and what the prologue pushes.
    SLACK_MAX = 2048 + 64,
    FRESH_MAX = 256,  // bytes of an object that is made in line ...
    ARRAY_MAX = 4096, // ... of an array; the heap's room ends before its space
};

// --- registers ---------------------------------------------------------------

Value prove_reg(const State *s, uint32_t reg) {
    if (s->phase != PHASE_body || (reg != GP_rsp && reg != GP_rbp))
        return reg == GP_rsp || reg == GP_rbp ? VALUE_ANY : s->reg[reg];
    return value_of(V_frame, reg == GP_rbp ? 0 : (uint32_t)-s->depth);
}

static void forget_uses(State *s, uint32_t reg) {
    Flags *f = &s->flags;
    bool has_arg = f->kind == FLAGS_length || f->kind == FLAGS_equal ||
                   f->kind == FLAGS_minus;
    if (f->reg == reg || (has_arg && f->arg == reg)) f->kind = FLAGS_none;
    for (int i = 0; i < 16; i++) {
        Value *v = &s->reg[i];
        bool of_object =
            v->bound == BOUND_length || v->bound == BOUND_up_to_length;
        if (of_object && v->of == reg) v->bound = BOUND_none;
    }
}

bool prove_set(Step *t, uint32_t reg, Value value) {
    State *s = t->s;
    bool is_base = value.kind == V_base && value.arg == 0;
    if (reg == GP_rsp || reg == GP_rbp)
        return verify_fail(t->v, "a change of the frame's registers");
    if (reg == GP_r15 && value.kind != V_context)
        return verify_fail(t->v, "a change of the context");
    if (reg == GP_r14 && !is_base && t->v->m->memories.len > 0)
        return verify_fail(t->v, "a change of memory 0's base");
    forget_uses(s, reg);
    s->reg[reg] = value;
    return true;
}

void prove_lose(State *s, bool keeps_context, bool keeps_base) {
    for (int i = 0; i < 16; i++) {
        if (i == GP_r15 && keeps_context) continue;
        if (i == GP_r14 && keeps_base) continue;
        s->reg[i] = VALUE_ANY;
    }
    s->flags.kind = FLAGS_none;
    s->zero_xmms = 0;
}

static uint32_t width_size(const Step *t) {
    return 1u << t->in.variant;
}

uint32_t prove_size(const Step *t, uint32_t operand) {
    static const uint8_t sizes[CLASS_count] = {
        [CLASS_8] = 1,   [CLASS_16] = 2,  [CLASS_32] = 4,
        [CLASS_64] = 8,  [CLASS_x8] = 1,  [CLASS_x16] = 2,
        [CLASS_x32] = 4, [CLASS_x64] = 8, [CLASS_x128] = 16,
    };
    bool is_mem = t->info->operand[operand].field == FIELD_rm &&
                  (t->info->enc[t->in.variant] & ENC_MEM);
    uint32_t vector =
        t->info->by == BY_vec && t->in.variant == VEC_256 ? 32 : 16;
    switch ((X64Class)t->info->operand[operand].class) {
    case CLASS_v:
        return width_size(t);
    case CLASS_e8:
        return is_mem ? 1 : 4;
    case CLASS_e16:
        return is_mem ? 2 : 4;
    case CLASS_y:
        return vector;
    case CLASS_h:
        return vector / 2;
    case CLASS_q:
        return vector / 4;
    case CLASS_e:
        return vector / 8;
    case CLASS_n:
    case CLASS_8:
    case CLASS_16:
    case CLASS_32:
    case CLASS_64:
    case CLASS_x8:
    case CLASS_x16:
    case CLASS_x32:
    case CLASS_x64:
    case CLASS_x128:
    case CLASS_count:
        break;
    }
    return sizes[t->info->operand[operand].class];
}

// A number that `size` bytes were written of: 32 bits clear those above.
static Value written(Value old, uint32_t size) {
    if (size == 4) return VALUE_U32;
    return size < 4 && value_is_u32(old) ? VALUE_U32 : VALUE_ANY;
}

// --- any instruction ---------------------------------------------------------

static bool is_gp(const Step *t, uint32_t operand) {
    const X64Operand *o = &t->info->operand[operand];
    bool is_mem = t->info->enc[t->in.variant] & ENC_MEM;
    return !class_is_vector((X64Class)o->class) &&
           (o->field == FIELD_reg || o->field == FIELD_vvvv ||
            o->field == FIELD_op || (o->field == FIELD_rm && !is_mem));
}

static bool write_implicit(Step *t) {
    static const struct {
        uint8_t uses, reg;
    } map[] = {{USES_rax, GP_rax}, {USES_rcx, GP_rcx}, {USES_rdx, GP_rdx}};
    if (t->info->writes & USES_rsp)
        return verify_fail(t->v, "a change of the stack pointer");
    uint32_t size = t->info->by == BY_width ? width_size(t) : 8;
    if (t->in.op == X64_cdq) size = 4;
    for (size_t i = 0; i < COUNTOF(map); i++) {
        if (!(t->info->writes & map[i].uses)) continue;
        Value old = t->s->reg[map[i].reg];
        if (!prove_set(t, map[i].reg, written(old, size))) return false;
    }
    if (t->info->writes & USES_flags) t->s->flags.kind = FLAGS_none;
    return true;
}

static bool write_operand(Step *t, uint32_t i) {
    const X64Operand *o = &t->info->operand[i];
    uint32_t reg = t->in.reg[i];
    if (o->field == FIELD_acc) reg = GP_rax;
    if (is_gp(t, i) || o->field == FIELD_acc)
        return prove_set(t, reg,
                         written(prove_reg(t->s, reg), prove_size(t, i)));
    if (o->field == FIELD_xmm0) reg = 0;
    t->s->zero_xmms &= (uint16_t)~(1u << reg);
    return true;
}

// Memory that is read and written for what is in it.
static bool use_memory(Step *t, uint32_t operand) {
    uint32_t size = prove_size(t, operand);
    bool writes = t->info->operand[operand].role & ROLE_write;
    Access a;
    if (size == 0) return verify_fail(t->v, "an operand of no size");
    if (!prove_access(t, size, writes, &a)) return false;
    if (a.kind == ACCESS_frame && writes)
        state_forget(t->v, t->s, a.disp, a.disp + (int32_t)size);
    bool is_plain = a.kind == ACCESS_data && a.value.kind == V_number;
    return is_plain || a.kind == ACCESS_frame ||
           (a.kind == ACCESS_fuel && size == 8) ||
           verify_fail(t->v, "a pointer that is used as a number");
}

static bool any(Step *t) {
    bool has_mem = t->info->enc[t->in.variant] & ENC_MEM;
    for (uint32_t i = 0; i < t->info->operand_len; i++) {
        bool is_mem = has_mem && t->info->operand[i].field == FIELD_rm;
        if (is_mem && !use_memory(t, i)) return false;
    }
    for (uint32_t i = 0; i < t->info->operand_len; i++) {
        bool is_mem = has_mem && t->info->operand[i].field == FIELD_rm;
        if (!is_mem && (t->info->operand[i].role & ROLE_write) &&
            !write_operand(t, i))
            return false;
    }
    return write_implicit(t);
}

// --- moves -------------------------------------------------------------------

static Value cut(Value v, uint32_t size) {
    return size == 8 || value_is_word(v) ? v : VALUE_U32;
}

static bool set_caller(Step *t, Value from) {
    State *s = t->s;
    if (s->phase != PHASE_ready || from.kind != V_caller)
        return verify_fail(t->v, "a change of the frame pointer");
    s->phase = PHASE_left;
    return true;
}

static bool move(Step *t) {
    State *s = t->s;
    uint32_t to = t->in.reg[0], from = t->in.reg[1], size = width_size(t);
    if (s->phase == PHASE_pushed && to == GP_rbp && from == GP_rsp &&
        size == 8) {
        s->phase = PHASE_body;
        s->depth = 0;
        return true;
    }
    if (to == GP_rbp && size == 8) return set_caller(t, prove_reg(s, from));
    if (size < 4) return any(t);
    return prove_set(t, to, cut(prove_reg(s, from), size));
}

static bool load(Step *t) {
    uint32_t size = width_size(t), to = t->in.reg[0];
    Access a;
    if (!prove_access(t, size, false, &a)) return false;
    Value value = written(prove_reg(t->s, to), size);
    switch (a.kind) {
    case ACCESS_frame:
        if (size == 8 || value_is_u32(state_fact(t->s, a.disp)))
            value = size >= 4 ? state_fact(t->s, a.disp) : value;
        break;
    case ACCESS_pointer:
        value = a.value;
        break;
    case ACCESS_fuel:
    case ACCESS_data:
        break;
    case ACCESS_compare:
        if (a.flags.kind == FLAGS_memory || a.flags.kind == FLAGS_table) {
            value = a.value;
            break;
        }
        if (a.flags.kind == FLAGS_type) {
            value = value_of(V_rtype, 0);
            value.min = 1;
            break;
        }
        if (a.flags.kind == FLAGS_length && to != t->in.mem.base) {
            value.bound = BOUND_up_to_length;
            value.of = t->in.mem.base;
            break;
        }
        FALLTHROUGH;
    case ACCESS_next:
    case ACCESS_type:
    case ACCESS_entry:
        return verify_fail(t->v, "a load of what is not to be loaded");
    }
    return prove_set(t, to, value);
}

// The return address of a tail call, to where rsp is.
static bool put_return(Step *t, Value value) {
    State *s = t->s;
    const X64Mem *m = &t->in.mem;
    if (m->base != GP_rsp || m->index != GP_rsp || m->disp != 0 ||
        value.kind != V_return)
        return verify_fail(t->v, "a store over the frame");
    s->phase = PHASE_ready;
    return true;
}

static bool store_value(Step *t, Value value, uint32_t size) {
    Access a;
    if (t->s->phase == PHASE_moving && size == 8) return put_return(t, value);
    if (!prove_access(t, size, true, &a)) return false;
    switch (a.kind) {
    case ACCESS_frame:
        if (size == 8)
            state_store(t->v, t->s, a.disp, value);
        else
            state_forget(t->v, t->s, a.disp, a.disp + (int32_t)size);
        return true;
    case ACCESS_data:
        if (a.value.kind == V_func
                ? value_is_func(value)
                : value.kind == V_number || value.kind == V_fresh)
            return true;
        return verify_fail(t->v, "a store of what does not belong there");
    case ACCESS_next:
        if (value.kind == V_fresh && value.bound == BOUND_heap_end) return true;
        return verify_fail(t->v, "an object without room");
    case ACCESS_type:
        if (value.bound == BOUND_gc_type) return true;
        return verify_fail(t->v, "an object of no type");
    case ACCESS_fuel:
    case ACCESS_pointer:
    case ACCESS_compare:
    case ACCESS_entry:
        break;
    }
    return verify_fail(t->v, "a store to what is not to be changed");
}

static uint64_t immediate(const Step *t) {
    uint64_t imm = (uint64_t)t->in.imm;
    if (t->info->by == BY_width && t->in.variant != W_64) imm = (uint32_t)imm;
    return imm;
}

// A vector of zeros is two slots without a function.
static bool store_zeros(Step *t) {
    Access a;
    bool done;
    if (!prove_loop(t, &done) || done) return done;
    if (!(t->s->zero_xmms >> t->in.reg[1] & 1)) return any(t);
    if (!prove_access(t, 16, true, &a)) return false;
    if (a.kind != ACCESS_frame)
        return a.kind == ACCESS_data && a.value.kind == V_number
                   ? true
                   : verify_fail(t->v, "a store to what is not to be changed");
    state_forget(t->v, t->s, a.disp, a.disp + 16);
    if (t->v->func_local_len == 0) return true;
    state_store(t->v, t->s, a.disp, value_range(0, 0));
    state_store(t->v, t->s, a.disp + 8, value_range(0, 0));
    return true;
}

static bool load_vector(Step *t) {
    bool done;
    if (!prove_loop(t, &done)) return false;
    return done || any(t);
}

static bool zero_vector(Step *t) {
    if (!any(t)) return false;
    if (t->in.reg[0] == t->in.reg[1])
        t->s->zero_xmms |= (uint16_t)(1u << t->in.reg[0]);
    return true;
}

static bool conditional_move(Step *t) {
    uint32_t to = t->in.reg[0], size = width_size(t);
    if (size < 4) return any(t);
    Value both = value_join(prove_reg(t->s, to), prove_reg(t->s, t->in.reg[1]));
    return prove_set(t, to, cut(both, size));
}

// --- arithmetic --------------------------------------------------------------

// Near to where it was; a loop that goes on and on has left.
static Value fresh_plus(Value v, int64_t n) {
    uint64_t by = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (by > FRESH_MAX || v.of + by > 2 * FRESH_MAX) return VALUE_ANY;
    v.of += (uint32_t)by;
    v.bound = BOUND_none;
    return v;
}

// The bounds of a number and a constant, if it cannot wrap.
static Value plus(Value v, int64_t n) {
    uint64_t by = (uint64_t)n;
    if (v.kind == V_frame) return value_of(V_frame, v.arg + (uint32_t)n);
    if (v.kind == V_fresh) return fresh_plus(v, n);
    if (v.kind == V_limit && n >= 0 && n <= INT32_MAX)
        return value_of(V_limit, v.arg + (uint32_t)n);
    bool wraps = n >= 0 ? v.max > UINT64_MAX - by : v.min < 0 - by;
    if (v.kind != V_number || wraps) return VALUE_ANY;
    return value_range(v.min + by, v.max + by);
}

static bool enter_frame(Step *t, int64_t size) {
    State *s = t->s;
    if (s->phase != PHASE_body || s->moved || size < -INT32_MAX / 4 ||
        size > INT32_MAX / 4 || s->depth > INT32_MAX / 2 ||
        s->depth + size < 0 ||
        (size < 0 && s->depth + size < (int64_t)t->v->code->frame_size))
        return verify_fail(t->v, "a change of the stack pointer");
    if (size < 0) state_forget(t->v, s, -s->depth, -s->depth - (int32_t)size);
    s->depth += (int32_t)size;
    s->slack += (int32_t)size;
    s->flags.kind = FLAGS_none;
    if (s->slack <= SLACK_MAX) return true;
    return verify_fail(t->v, "more stack than was checked");
}

static bool pop_arguments(Step *t, int64_t size) {
    State *s = t->s;
    if (size != t->v->args_size)
        return verify_fail(t->v, "a return with a stack of another size");
    s->phase = PHASE_done;
    return true;
}

// What a bound becomes when 1 is taken without a borrow.
static Bound below(uint8_t bound) {
    if (bound == BOUND_gc_id) return BOUND_gc_type;
    bool is_length = bound == BOUND_length || bound == BOUND_up_to_length;
    return is_length ? BOUND_length : BOUND_none;
}

static bool minus_one(Step *t, Value old) {
    uint32_t reg = t->in.reg[0];
    if (!value_is_u32(old)) return any(t);
    if (!prove_set(t, reg, VALUE_ANY)) return false;
    t->s->flags = (Flags){.kind = FLAGS_minus,
                          .reg = (uint8_t)reg,
                          .arg = old.of,
                          .number = below(old.bound)};
    return true;
}

// add or sub with a constant
static bool add_constant(Step *t, int64_t n) {
    uint32_t to = t->in.reg[0], size = width_size(t);
    if (to == GP_rsp && size == 8)
        return t->s->phase == PHASE_popped ? pop_arguments(t, n)
                                           : enter_frame(t, -n);
    Value old = prove_reg(t->s, to);
    if (old.kind == V_fresh && size >= 4) {
        t->s->flags.kind = FLAGS_none;
        return prove_set(t, to, fresh_plus(old, n));
    }
    if (n == -1 && size >= 4 && below(old.bound)) return minus_one(t, old);
    if (size == 4 && n >= 0 && value_is_u32(old) &&
        old.max <= UINT32_MAX - (uint64_t)n) {
        t->s->flags.kind = FLAGS_none;
        return prove_set(t, to, plus(old, n));
    }
    if (size != 8) return any(t);
    Value sum = plus(prove_reg(t->s, to), n);
    t->s->flags.kind = FLAGS_none;
    return prove_set(t, to, sum);
}

static bool add(Step *t) {
    uint32_t to = t->in.reg[0];
    Value a = prove_reg(t->s, to), b = prove_reg(t->s, t->in.reg[1]);
    if (width_size(t) == 4 && b.kind == V_fresh && a.kind == V_number &&
        a.max <= ARRAY_MAX) {
        b.bound = BOUND_none;
        t->s->flags.kind = FLAGS_none;
        return prove_set(t, to, b);
    }
    if (width_size(t) != 8) return any(t);
    t->s->flags.kind = FLAGS_none;
    if (a.kind == V_heap &&
        (b.kind == V_fresh || (value_is_u32(b) && b.min > 0)))
        return prove_set(t, to, value_of(V_object, 0));
    if (a.kind == V_jumps && b.kind == V_distance && a.arg == b.arg) {
        b.kind = V_target;
        return prove_set(t, to, b);
    }
    if (a.kind != V_number || b.kind != V_number)
        return prove_set(t, to, VALUE_ANY);
    uint64_t least = 0, most = UINT64_MAX;
    bool fits = add_ok(a.max, b.max, &most);
    bool some = add_ok(a.min, b.min, &least);
    Value sum = fits ? value_range(least, most) : VALUE_ANY;
    if (!prove_set(t, to, sum)) return false;
    t->s->flags = (Flags){
        .kind = FLAGS_carry,
        .reg = (uint8_t)to,
        .arg = !some,
        .number = some ? least : 0,
    };
    return true;
}

static bool and_constant(Step *t) {
    uint64_t mask = immediate(t);
    uint32_t size = width_size(t);
    Value old = prove_reg(t->s, t->in.reg[0]);
    if (!any(t) || size < 4) return t->v->what == NULL;
    uint64_t max = old.kind == V_number && (size == 8 || value_is_u32(old))
                       ? MIN(old.max, mask)
                       : mask;
    return prove_set(t, t->in.reg[0], value_range(0, max));
}

static bool shift_right(Step *t, uint32_t by) {
    uint32_t to = t->in.reg[0], size = width_size(t);
    uint32_t count = by & (size == 8 ? 63 : 31);
    if (size < 4) return any(t);
    Value old = cut(prove_reg(t->s, to), size);
    if (old.kind != V_number) old = VALUE_ANY;
    if (!any(t)) return false;
    return prove_set(t, to, value_range(old.min >> count, old.max >> count));
}

static bool shift_left(Step *t, uint32_t by) {
    uint32_t to = t->in.reg[0], size = width_size(t);
    uint32_t count = by & 31;
    Value old = prove_reg(t->s, to);
    if (!any(t) || size < 4 || !value_is_u32(old)) return t->v->what == NULL;
    if (old.max << count > UINT32_MAX) return true;
    return prove_set(t, to, value_range(old.min << count, old.max << count));
}

static bool zero_extend(Step *t, uint64_t max) {
    return any(t) && prove_set(t, t->in.reg[0], value_range(0, max));
}

// xor of a register with itself, and any other.
static bool exclusive_or(Step *t) {
    if (!any(t)) return false;
    if (t->in.reg[0] != t->in.reg[1] || width_size(t) < 4) return true;
    return prove_set(t, t->in.reg[0], value_range(0, 0));
}

// A divisor that may be zero, or -1 where that may overflow, stops the process.
static bool divide(Step *t) {
    bool is_signed = t->in.op == X64_idiv_r;
    uint32_t size = width_size(t);
    Value by = prove_reg(t->s, t->in.reg[0]);
    uint64_t minus_one = size == 8 ? UINT64_MAX : UINT32_MAX;
    bool ok = size >= 4 && by.kind == V_number && by.min > 0 &&
              by.max <= minus_one && (!is_signed || by.max < minus_one);
    return ok ? any(t) : verify_fail(t->v, "a division that nothing checks");
}

static bool address(Step *t) {
    const X64Mem *m = &t->in.mem;
    State *s = t->s;
    uint32_t to = t->in.reg[0];
    if (t->reloc) return verify_fail(t->v, "a relocation of an operand");
    if (to == GP_rsp) {
        // Where the return address of a tail call goes.
        int64_t size = 8 + (int64_t)t->v->args_size - m->disp;
        bool ok = s->phase == PHASE_body && m->base == GP_rbp &&
                  m->index == GP_rsp && size == s->tail_size;
        if (!ok) return verify_fail(t->v, "a change of the stack pointer");
        s->phase = PHASE_moving;
        return true;
    }
    if (width_size(t) != 8) return prove_set(t, to, VALUE_U32);
    if (m->base == MEM_rip) {
        int64_t at = (int64_t)t->next + m->disp;
        bool is_inside = at >= 0 && at < t->v->code->size;
        return prove_set(
            t, to, is_inside ? value_of(V_jumps, (uint32_t)at) : VALUE_ANY);
    }
    Value sum = prove_block(t);
    if (m->index == GP_rsp && m->base < MEM_none)
        sum = plus(prove_reg(s, m->base), m->disp);
    return prove_set(t, to, sum);
}

// --- comparisons -------------------------------------------------------------

static bool set_flags(Step *t, FlagsKind kind, uint32_t reg, uint64_t number) {
    t->s->flags = (Flags){
        .kind = (uint8_t)kind,
        .reg = (uint8_t)reg,
        .is_32 = width_size(t) == 4,
        .number = number,
    };
    if (width_size(t) < 4) t->s->flags.kind = FLAGS_none;
    return true;
}

static bool compare_constant(Step *t) {
    return set_flags(t, FLAGS_number, t->in.reg[0], immediate(t));
}

static bool compare_registers(Step *t) {
    uint32_t reg = t->in.reg[0];
    Value other = prove_reg(t->s, t->in.reg[1]);
    if (reg == GP_rsp && other.kind == V_limit && width_size(t) == 8)
        return set_flags(t, FLAGS_stack, reg, other.arg);
    if (other.kind == V_number && other.min == other.max)
        return set_flags(t, FLAGS_number, reg, other.min);
    set_flags(t, FLAGS_equal, reg, 0);
    t->s->flags.arg = t->in.reg[1];
    if (t->s->flags.is_32 || reg == GP_rsp) t->s->flags.kind = FLAGS_none;
    return true;
}

static bool compare_memory(Step *t) {
    uint32_t size = width_size(t), reg = t->in.reg[0];
    Access a;
    if (size < 4) return any(t);
    if (!prove_access(t, size, false, &a)) return false;
    FlagsKind kind = (FlagsKind)a.flags.kind;
    t->s->flags.kind = FLAGS_none;
    bool is_type = a.value.kind == V_type;
    if (kind == FLAGS_none)
        return a.kind != ACCESS_entry && (a.kind != ACCESS_pointer || is_type)
                   ? true
                   : verify_fail(t->v, "a pointer that is used as a number");
    Flags flags = a.flags;
    flags.reg = (uint8_t)reg;
    if (kind == FLAGS_type) {
        // The register has the type, the operand's base the function.
        Value type = prove_reg(t->s, reg);
        if (type.kind != V_type) return true;
        flags.reg = t->in.mem.base;
        flags.arg = type.arg;
    }
    if (kind == FLAGS_stack && reg != GP_rsp) return true;
    t->s->flags = flags;
    return true;
}

// The depth of a type; anything else is a number.
static bool compare_memory_constant(Step *t) {
    Access a;
    uint32_t size = width_size(t);
    if (size != 4 || t->in.mem.base >= MEM_none) return any(t);
    if (prove_reg(t->s, t->in.mem.base).kind != V_rtype) return any(t);
    if (!prove_access(t, size, false, &a)) return false;
    t->s->flags = a.flags;
    t->s->flags.reg = t->in.mem.base;
    t->s->flags.number = immediate(t) & INT32_MAX;
    return true;
}

static bool test_registers(Step *t) {
    if (t->in.reg[0] != t->in.reg[1]) return any(t);
    return set_flags(t, FLAGS_number, t->in.reg[0], 0);
}

static bool test_constant(Step *t) {
    if (t->in.imm != 1) return any(t);
    t->s->flags = (Flags){.kind = FLAGS_bit0, .reg = t->in.reg[0]};
    return true;
}

// --- frames ------------------------------------------------------------------

static bool push(Step *t) {
    State *s = t->s;
    uint32_t reg = t->in.reg[0];
    if (s->phase == PHASE_entry && reg == GP_rbp) {
        s->phase = PHASE_pushed;
        return true;
    }
    // The context, twice in a large frame.
    bool ok = s->phase == PHASE_body && reg == GP_r15 && s->depth <= 8 &&
              s->reg[GP_r15].kind == V_context;
    return ok ? enter_frame(t, 8)
              : verify_fail(t->v, "a change of the stack pointer");
}

static bool pop(Step *t) {
    State *s = t->s;
    if (s->phase != PHASE_left || s->tail_size != (uint32_t)t->v->args_size)
        return verify_fail(t->v, "a change of the stack pointer");
    if (!prove_set(t, t->in.reg[0], value_of(V_return, 0))) return false;
    s->phase = PHASE_popped;
    return true;
}

static bool leave(Step *t) {
    State *s = t->s;
    if (s->phase != PHASE_body || s->moved)
        return verify_fail(t->v, "a frame that is left twice");
    s->phase = PHASE_left;
    s->tail_size = (uint32_t)t->v->args_size;
    return true;
}

static bool is_frame_complete(const Step *t) {
    return t->s->phase != PHASE_body ||
           t->s->depth >= (int32_t)t->v->code->frame_size;
}

// --- all ---------------------------------------------------------------------

// Those that end a straight line, or change frames.
static bool step_control(Step *t, bool *known) {
    *known = true;
    switch ((int)t->in.op) {
    case X64_push_r:
        return push(t);
    case X64_pop_r:
        return pop(t);
    case X64_leave:
        return leave(t);
    case X64_ret:
        return prove_return(t, 0);
    case X64_ret_i:
        return prove_return(t, (uint16_t)t->in.imm);
    case X64_jmp_r:
        return prove_jump_r(t);
    case X64_jmp_m:
        return prove_call(t, true);
    case X64_call_m:
    case X64_call_r:
    case X64_call_rel32:
        return prove_call(t, false);
    case X64_jmp_rel8:
    case X64_jmp_rel32:
    case X64_jcc_rel8:
    case X64_jcc_rel32:
        return prove_jump(t);
    case X64_ud2:
    case X64_int3:
        return verify_fail(t->v, "a stop");
    case X64_nop:
    case X64_nop2:
    case X64_nop_m:
        return true;
    default:
        *known = false;
        return true;
    }
}

static bool step_move(Step *t, bool *known) {
    *known = true;
    switch ((int)t->in.op) {
    case X64_mov_rr:
        return move(t);
    case X64_mov_rm:
        return load(t);
    case X64_mov_mr:
        return store_value(t, cut(prove_reg(t->s, t->in.reg[1]), width_size(t)),
                           width_size(t));
    case X64_mov_mi:
        return store_value(t, value_range(immediate(t), immediate(t)),
                           width_size(t));
    case X64_mov_ri:
        return prove_set(t, t->in.reg[0],
                         value_range((uint32_t)t->in.imm, (uint32_t)t->in.imm));
    case X64_mov_ris:
    case X64_movabs:
        return prove_set(t, t->in.reg[0],
                         value_range((uint64_t)t->in.imm, (uint64_t)t->in.imm));
    case X64_movzx8_rr:
    case X64_movzx8_rm:
        return zero_extend(t, UINT8_MAX);
    case X64_movzx16_rr:
    case X64_movzx16_rm:
        return zero_extend(t, UINT16_MAX);
    case X64_cmovcc_rr:
        return conditional_move(t);
    case X64_lea:
        return address(t);
    case X64_movups_rm:
        return load_vector(t);
    case X64_movups_mr:
        return store_zeros(t);
    case X64_xorps_rr:
        return zero_vector(t);
    default:
        *known = false;
        return true;
    }
}

// The distance that a jump table's code loads.
static bool load_distance(Step *t) {
    Access a;
    if (!prove_access(t, 4, false, &a)) return false;
    if (a.kind == ACCESS_pointer && a.value.kind == V_distance)
        return prove_set(t, t->in.reg[0], a.value);
    return any(t);
}

static bool step_arithmetic(Step *t, bool *known) {
    *known = true;
    switch ((int)t->in.op) {
    case X64_add_rr:
        return add(t);
    case X64_add_ri:
    case X64_add_ri8:
    case X64_add_ai:
        return add_constant(t, t->in.imm);
    case X64_sub_ri:
    case X64_sub_ri8:
    case X64_sub_ai:
        return add_constant(t, -t->in.imm);
    case X64_and_ri:
    case X64_and_ri8:
    case X64_and_ai:
        return and_constant(t);
    case X64_shl_ri:
        return shift_left(t, (uint32_t)t->in.imm);
    case X64_shl_r1:
        return shift_left(t, 1);
    case X64_shr_ri:
        return shift_right(t, (uint32_t)t->in.imm);
    case X64_shr_r1:
        return shift_right(t, 1);
    case X64_xor_rr:
        return exclusive_or(t);
    case X64_div_r:
    case X64_idiv_r:
        return divide(t);
    case X64_div_m:
    case X64_idiv_m:
        return verify_fail(t->v, "a division that nothing checks");
    case X64_movsxd_rm:
        return load_distance(t);
    case X64_cmp_ri:
    case X64_cmp_ri8:
    case X64_cmp_ai:
        return compare_constant(t);
    case X64_cmp_mi:
    case X64_cmp_mi8:
        return compare_memory_constant(t);
    case X64_cmp_rr:
        return prove_clear_loop(t) || compare_registers(t);
    case X64_cmp_rm:
        return compare_memory(t);
    case X64_test_rr:
        return test_registers(t);
    case X64_test_ri:
    case X64_test_ai:
        return test_constant(t);
    default:
        *known = false;
        return true;
    }
}

bool prove_step(Step *t) {
    bool known;
    if (!step_control(t, &known) || known) return t->v->what == NULL;
    if (t->reloc) return verify_fail(t->v, "a relocation of no call");
    if (!is_frame_complete(t) && t->in.op != X64_mov_rm &&
        t->in.op != X64_sub_ri && t->in.op != X64_sub_ri8 &&
        t->in.op != X64_cmp_rm && t->in.op != X64_cmp_rr &&
        t->in.op != X64_add_ri && t->in.op != X64_add_ri8 &&
        t->in.op != X64_add_ai)
        return verify_fail(t->v, "a frame that is not complete");
    if (!step_move(t, &known) || known) return t->v->what == NULL;
    if (!step_arithmetic(t, &known) || known) return t->v->what == NULL;
    return any(t);
}
