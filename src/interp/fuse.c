// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the sequences of fused.def. One pass over the instructions, with those
// ahead in a small window; the longest sequence that fits is taken.
#include "interp/fuse.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "rt/engine.h"
#include "vmabi/frame.h"
#include "wasm/op.h"

#include <string.h>

enum {
    AHEAD = 4, // instructions of the longest sequence
};

typedef struct Insn {
    Instr in;
    uint32_t at, size; // in the function's code
    uint32_t ctl;      // its first control entry
} Insn;

typedef struct Fuse {
    Reader r;
    FeatureSet features;
    const uint8_t *from; // the original
    uint8_t *to;
    uint32_t size;
    const CtlEntry *ctls;
    uint32_t ctl;     // entries read so far
    bool has_memory;  // accesses to memory 0 need no atomics
    uint32_t results; // of the function
    Insn window[AHEAD];
    uint32_t len;
} Fuse;

// --- pairs -----------------------------------------------------------------------

// What an instruction of two operands is as a pair, by what follows it.
typedef struct PairCodes {
    uint8_t plain, set, tee, br_if, loop, if_;
} PairCodes;

static const PairCodes pairs[OP_count] = {
#define INTEGER(op) \
    [OP_##op] = {   \
        .plain = PAIR_##op, .set = PAIR_##op##_set, .tee = PAIR_##op##_tee},
#define NUMBER(op) [OP_##op] = {.plain = PAIR_##op, .set = PAIR_##op##_set},
#define COMPARE(op)                          \
    [OP_##op] = {.plain = PAIR_##op,         \
                 .br_if = PAIR_##op##_br_if, \
                 .loop = PAIR_##op##_loop,   \
                 .if_ = PAIR_##op##_if},
#define STORE(op) [OP_##op] = {.plain = PAIR_##op},
#include "interp/fused.def"
};

// Loads of the sum of two operands, and of a local.
static const uint8_t indexed_loads[OP_count] = {
#define INDEXED(op) [OP_##op] = PAIR_add_##op,
#include "interp/fused.def"
};
static const uint8_t local_loads[OP_count] = {
    [OP_i32_load] = FUSED_get_i32_load,
    [OP_i32_load8_u] = FUSED_get_i32_load8_u,
    [OP_i32_load8_s] = FUSED_get_i32_load8_s,
    [OP_i32_load16_u] = FUSED_get_i32_load16_u,
    [OP_i64_load] = FUSED_get_i64_load,
    [OP_f32_load] = FUSED_get_f32_load,
    [OP_f64_load] = FUSED_get_f64_load,
};
static const uint8_t far_accesses[OP_count] = {
    [OP_i32_load] = FUSED_i32_load_5,
    [OP_i32_load8_u] = FUSED_i32_load8_u_5,
    [OP_f64_load] = FUSED_f64_load_5,
    [OP_i32_store] = FUSED_i32_store_5,
};

// --- instructions ----------------------------------------------------------------

static uint32_t ctl_len(const Instr *in) {
    switch ((int)in->op) {
    case OP_if:
    case OP_else:
    case OP_br:
    case OP_br_if:
    case OP_br_on_null:
    case OP_br_on_non_null:
    case OP_br_on_cast:
    case OP_br_on_cast_fail:
        return 1;
    case OP_br_table:
        return in->imm.br_table.len + 1;
    default:
        return 0;
    }
}

static void look_ahead(Fuse *f) {
    while (f->len < AHEAD && reader_left(&f->r) > 0) {
        Insn *i = &f->window[f->len];
        i->at = (uint32_t)(f->r.at - f->from);
        if (!instr_read(&f->r, f->features, &i->in)) return;
        i->size = (uint32_t)(f->r.at - f->from) - i->at;
        i->ctl = f->ctl;
        f->ctl += ctl_len(&i->in);
        f->len++;
    }
}

static bool is(const Fuse *f, uint32_t n, Op op) {
    return n < f->len && f->window[n].in.op == op;
}
// With an immediate of one byte.
static bool is_short(const Fuse *f, uint32_t n, Op op) {
    return is(f, n, op) && f->window[n].size == 2;
}

static bool is_const(const Fuse *f, uint32_t n) {
    return is(f, n, OP_i32_const) || is(f, n, OP_i64_const);
}
// The constant as the number that its place is read as, when it can be; every
// one is sign-extended from there.
static bool const_fits(const Insn *i) {
    if (i->in.op == OP_i32_const) return i->size <= 4 || i->size == 6;
    int64_t value = i->in.imm.i64;
    return i->size <= 4 || (i->size == 6 && value == (int32_t)value);
}

static bool is_access(const Fuse *f, uint32_t n) {
    if (n >= f->len || !f->has_memory) return false;
    const Insn *i = &f->window[n];
    return op_info[i->in.op].imm == IMM_memarg;
}
// Memory 0, and an offset of one byte.
static bool is_short_access(const Fuse *f, uint32_t n) {
    return is_access(f, n) && f->window[n].size == 3;
}

// Where a branch goes that is near and moves no operands.
typedef enum Way {
    WAY_other,
    WAY_forward,
    WAY_loop, // one without a type
} Way;

static Way way(const Fuse *f, uint32_t n, Op op) {
    if (!is_short(f, n, op)) return WAY_other;
    const Insn *i = &f->window[n];
    const CtlEntry *e = &f->ctls[i->ctl];
    if (ctl_is_far(e)) return WAY_other;
    if (e->pc > 0) return WAY_forward;
    const uint8_t *loop = f->from + i->at + e->pc;
    return loop[1] == 0x40 ? WAY_loop : WAY_other;
}

// --- writing ---------------------------------------------------------------------

// Instruction n of the window becomes `code`.
static void put(Fuse *f, uint32_t n, unsigned code) {
    f->to[f->window[n].at] = (uint8_t)code;
}
static void put_value(Fuse *f, uint32_t n, uint32_t value) {
    const Insn *i = &f->window[n];
    uint32_t size = MIN(i->size - 1, 4u);
    memcpy(f->to + i->at + 1, &value, size);
}
static void put_const(Fuse *f, uint32_t n) {
    const Insn *i = &f->window[n];
    int64_t value = i->in.op == OP_i32_const ? i->in.imm.i32 : i->in.imm.i64;
    put_value(f, n, (uint32_t)value);
}
// One of four codes by the size of a constant.
static unsigned by_size(const Fuse *f, uint32_t n, unsigned c1) {
    uint32_t size = f->window[n].size - 1;
    return size <= 3 ? c1 + size - 1 : c1 + 3;
}
static_assert(FUSED_get_c5 == FUSED_get_c1 + 3 &&
                  FUSED_c5_op == FUSED_c1_op + 3,
              "by size");

// --- sequences -------------------------------------------------------------------
//
// Each returns how many instructions it took, from the n-th on; 0: none.

// A pair and what its result goes to.
static uint32_t fuse_pair(Fuse *f, uint32_t n) {
    if (n >= f->len) return 0;
    const PairCodes *p = &pairs[f->window[n].in.op];
    if (!p->plain) return 0;
    if (op_info[f->window[n].in.op].imm == IMM_memarg) {
        if (!is_short_access(f, n)) return 0;
        put(f, n, p->plain);
        return 1;
    }
    unsigned code = p->plain;
    if (is_short(f, n + 1, OP_local_set) && p->set)
        code = p->set;
    else if (is_short(f, n + 1, OP_local_tee) && p->tee)
        code = p->tee;
    else if (way(f, n + 1, OP_br_if) == WAY_forward && p->br_if)
        code = p->br_if;
    else if (way(f, n + 1, OP_br_if) == WAY_loop && p->loop)
        code = p->loop;
    else if (way(f, n + 1, OP_if) == WAY_forward && p->if_)
        code = p->if_;
    else if (is(f, n, OP_i32_add) && is_short_access(f, n + 1) &&
             indexed_loads[f->window[n + 1].in.op])
        code = indexed_loads[f->window[n + 1].in.op];
    put(f, n, code);
    return code == p->plain ? 1 : 2;
}

static uint32_t fuse_branch(Fuse *f, uint32_t n, unsigned forward) {
    Way to = way(f, n, OP_br_if);
    if (to == WAY_other) return 0;
    put(f, 0, to == WAY_forward ? forward : forward + 1);
    return n + 1;
}
static_assert(FUSED_br_if_loop == FUSED_br_if_forward + 1 &&
                  FUSED_eqz_br_if_loop == FUSED_eqz_br_if + 1 &&
                  FUSED_get_br_if_loop == FUSED_get_br_if + 1 &&
                  FUSED_get_eqz_br_if_loop == FUSED_get_eqz_br_if + 1,
              "forward, to a loop");

static uint32_t fuse_get(Fuse *f) {
    if (!is_short(f, 0, OP_local_get)) return 0;
    uint32_t taken = 0;
    if (is_short(f, 1, OP_local_get) && (taken = fuse_pair(f, 2))) {
        put(f, 0, FUSED_get_get);
        return taken + 2;
    }
    if (is_const(f, 1) && const_fits(&f->window[1]) &&
        (taken = fuse_pair(f, 2))) {
        put(f, 0, by_size(f, 1, FUSED_get_c1));
        put_const(f, 1);
        return taken + 2;
    }
    if (is(f, 1, OP_f64_const) && (taken = fuse_pair(f, 2))) {
        put(f, 0, FUSED_get_f64);
        return taken + 2;
    }
    if ((taken = fuse_pair(f, 1))) {
        put(f, 0, FUSED_get_op);
        return taken + 1;
    }
    if (is_short_access(f, 1) && local_loads[f->window[1].in.op]) {
        put(f, 0, local_loads[f->window[1].in.op]);
        return 2;
    }
    if (is_short(f, 1, OP_local_set)) {
        put(f, 0, FUSED_get_set);
        return 2;
    }
    if (is(f, 1, OP_i32_eqz)) return fuse_branch(f, 2, FUSED_get_eqz_br_if);
    return fuse_branch(f, 1, FUSED_get_br_if);
}

static uint32_t fuse_const(Fuse *f) {
    if (!is_const(f, 0) || !const_fits(&f->window[0])) return 0;
    uint32_t taken = fuse_pair(f, 1);
    if (taken) {
        put(f, 0, by_size(f, 0, FUSED_c1_op));
        put_const(f, 0);
        return taken + 1;
    }
    if (!is(f, 0, OP_i32_const)) return 0;
    if (f->window[0].size == 2) {
        if (!is_short(f, 1, OP_local_set)) return 0;
        put(f, 0, FUSED_c1_set);
        put_const(f, 0);
        return 2;
    }
    put(f, 0, by_size(f, 0, FUSED_c2 - 1));
    put_const(f, 0);
    return 1;
}

static uint32_t fuse_f64_const(Fuse *f) {
    uint32_t taken = fuse_pair(f, 1);
    if (!taken) return 0;
    put(f, 0, FUSED_f64_op);
    return taken + 1;
}

// Neither pushes anything, and no branch comes to a `block`.
static uint32_t fuse_blocks(Fuse *f) {
    uint32_t len = 0;
    while (is_short(f, len, OP_block))
        len++;
    if (len == 0) return 0;
    put(f, 0, FUSED_blocks);
    f->to[f->window[0].at + 1] = (uint8_t)(2 * len);
    return len;
}

// Branches come to each `end`, so that it says how many follow.
static uint32_t fuse_end(Fuse *f) {
    uint32_t len = 0;
    while (len < 3 && is(f, len, OP_end) && f->window[len].at + 1 < f->size)
        len++;
    if (len == 0) return 0;
    put(f, 0, FUSED_end1 + len - 1);
    return 1;
}

static uint32_t fuse_return(Fuse *f) {
    if (!is(f, 0, OP_return) && !is(f, 0, OP_end)) return 0;
    if (f->results < 2) put(f, 0, FUSED_return0 + f->results);
    return 1;
}

static uint32_t fuse_index(Fuse *f, uint32_t size, unsigned code) {
    if (f->window[0].size != size) return 0;
    put(f, 0, code);
    put_value(f, 0, f->window[0].in.imm.index);
    return 1;
}

static uint32_t fuse_call(Fuse *f) {
    uint32_t taken = fuse_index(f, 2, FUSED_call1);
    if (!taken) taken = fuse_index(f, 3, FUSED_call2);
    if (!taken) taken = fuse_index(f, 6, FUSED_call5);
    return taken;
}

static uint32_t fuse_access(Fuse *f) {
    if (!is_access(f, 0) || f->window[0].size != 7) return 0;
    const Insn *i = &f->window[0];
    if (!far_accesses[i->in.op] || i->in.imm.mem.arg.memory != 0) return 0;
    if (i->in.imm.mem.arg.offset > UINT32_MAX) return 0;
    uint32_t offset = (uint32_t)i->in.imm.mem.arg.offset;
    put(f, 0, far_accesses[i->in.op]);
    memcpy(f->to + i->at + 1, &offset, sizeof offset);
    return 1;
}

static uint32_t fuse_br(Fuse *f) {
    if (way(f, 0, OP_br) == WAY_loop) put(f, 0, FUSED_br_loop);
    return 1;
}

static uint32_t fuse_one(Fuse *f) {
    switch ((int)f->window[0].in.op) {
    case OP_local_get:
        return fuse_get(f);
    case OP_i32_const:
    case OP_i64_const:
        return fuse_const(f);
    case OP_f64_const:
        return fuse_f64_const(f);
    case OP_block:
        return fuse_blocks(f);
    case OP_end: {
        uint32_t taken = fuse_end(f);
        return taken ? taken : fuse_return(f);
    }
    case OP_return:
        return fuse_return(f);
    case OP_br:
        return fuse_br(f);
    case OP_br_if:
        return fuse_branch(f, 0, FUSED_br_if_forward);
    case OP_i32_eqz:
        return fuse_branch(f, 1, FUSED_eqz_br_if);
    case OP_call:
        return fuse_call(f);
    case OP_global_get:
        return fuse_index(f, 6, FUSED_global_get5);
    case OP_global_set:
        return fuse_index(f, 6, FUSED_global_set5);
    default:
        return fuse_access(f);
    }
}

static void fuse_all(Fuse *f) {
    for (look_ahead(f); f->len > 0; look_ahead(f)) {
        uint32_t taken = MAX(fuse_one(f), 1u);
        f->len -= taken;
        memmove(f->window, f->window + taken, f->len * sizeof(Insn));
    }
}

// --- functions -------------------------------------------------------------------

static const FuncInfo *info_of(const RtModule *m, uint32_t func) {
    return &m->side->funcs.data[func - m->module.imported[EXTERN_func]];
}

static FastFunc *fast_new(const RtModule *m, uint32_t func) {
    const FuncInfo *info = info_of(m, func);
    FastFunc *fast = mem_alloc(sizeof(FastFunc) + info->code_size);
    if (!fast) return NULL;
    uint64_t slots = (uint64_t)info->local_len + info->operand_max;
    *fast = (FastFunc){
        .info = info,
        .ctl = VEC_FROM(&m->side->ctl, info->ctl_at),
        .type = m->types[m->module.funcs.data[func].type],
        .frame_size = (uint32_t)(slots * sizeof(Slot) + sizeof(FrameHeader)),
        .param_len = info->param_len,
        .rest_len = (uint16_t)(info->local_len - info->param_len),
        .end = info->code_size - 1,
    };
    const uint8_t *from = m->bytes + info->code_at;
    memcpy(fast->code, from, info->code_size);
    Err err = {0};
    Fuse f = {
        .features = m->module.features,
        .from = from,
        .to = fast->code,
        .size = info->code_size,
        .ctls = fast->ctl,
        .has_memory = m->module.memories.len > 0 &&
                      !m->module.memories.data[0].type.limits.is_shared,
        .results = info->result_len,
    };
    reader_init(&f.r, from, info->code_size, info->code_at, &err);
    fuse_all(&f);
    return fast;
}

const FastFunc *fast_func(const RtModule *m, FastTable *table, uint32_t func) {
    const FastFunc *have = fast_get(table, func);
    if (have) return have;
    FastFunc *fast = fast_new(m, func), *other = NULL;
    if (!fast) return NULL;
    if (atomic_compare_exchange_strong(&table->funcs[func], &other, fast))
        return fast;
    mem_free(fast); // another thread was first
    return other;
}

static void table_release(TierCache *cache) {
    FastTable *table = (FastTable *)(void *)cache;
    for (uint32_t i = 0; i < table->len; i++)
        mem_free(atomic_load_explicit(&table->funcs[i], memory_order_relaxed));
    mem_free(table);
}

FastTable *fast_table(RtModule *m) {
    TierCache *have =
        atomic_load_explicit(&m->interp_cache, memory_order_acquire);
    if (have || !interp_fuses || m->engine->config.keep_slots)
        return (FastTable *)(void *)have;
    uint32_t len = m->module.funcs.len;
    FastTable *table =
        mem_calloc(1, sizeof(FastTable) + len * sizeof table->funcs[0]);
    if (!table) return NULL;
    table->cache.release = table_release;
    table->len = len;
    if (atomic_compare_exchange_strong(&m->interp_cache, &have, &table->cache))
        return table;
    mem_free(table);
    return (FastTable *)(void *)have;
}
