// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables, and memories as wholes.
#include "interp/interp_int.h"
#include "rt/grow.h"

Status exec_trap(Exec *x, Trap code) {
    return store_trap(x->store, code);
}

Status exec_charge(Exec *x, uint64_t units) {
    if (!x->uses_fuel) return STATUS_ok;
    if (store_spend_fuel(x->store, units)) return STATUS_ok;
    store_set_fuel(x->store, 0);
    x->store->context.fuel = -1;
    return exec_trap(x, TRAP_out_of_fuel);
}

void exec_protect(Exec *x) {
    x->activation.stack->top = (char *)exec_frame(x)->sp;
}

// Mixed with compiled code, polls are made whether something is due or not.
static bool is_due(const Exec *x) {
    const StoreContext *c = &x->store->context;
    return atomic_load_explicit(c->epoch, memory_order_relaxed) >=
               c->deadline ||
           (x->uses_fuel && c->fuel < 0);
}

Status exec_poll(Exec *x) {
    if (!is_due(x)) return STATUS_ok;
    exec_protect(x);
    return store_poll(x->store);
}

static Status done(Exec *x, Trap trap, const uint8_t *p, size_t popped) {
    if (trap != TRAP_none) return exec_trap(x, trap);
    exec_done(x, p, popped);
    return STATUS_ok;
}

// A size, or -1, in the index type.
static uint64_t index_value(int64_t size, bool is_64) {
    return is_64 ? (uint64_t)size : (uint32_t)size;
}

// --- memories ------------------------------------------------------------------------

static Memory *imm_memory(const Exec *x, const uint8_t **p) {
    return x->context->memories[imm_u32(p)];
}

Status exec_memory_size(Exec *x) {
    const uint8_t *p = imm_at(x);
    const Memory *m = imm_memory(x, &p);
    return exec_result(x, p, 0, memory_pages(m));
}

Status exec_memory_grow(Exec *x) {
    const uint8_t *p = imm_at(x);
    Memory *m = imm_memory(x, &p);
    exec_protect(x); // the limiter is the embedder's
    int64_t old;
    Status status = grow_memory(m, operand(x, 0)->u64, &old);
    if (status != STATUS_ok) return status;
    return exec_result(x, p, 1, index_value(old, m->type.limits.is_64));
}

static Trap bounds(bool ok) {
    return ok ? TRAP_none : TRAP_memory_bounds;
}

Status exec_memory_init(Exec *x) {
    const uint8_t *p = imm_at(x);
    uint32_t data = imm_u32(&p), memory = imm_u32(&p);
    uint32_t len = operand(x, 0)->u32;
    Status status = exec_charge(x, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    Trap t = instance_memory_init(exec_frame(x)->instance, memory, data,
                                  operand(x, 2)->u64, operand(x, 1)->u32, len);
    return done(x, t, p, 3);
}

Status exec_data_drop(Exec *x) {
    const uint8_t *p = imm_at(x);
    instance_data_drop(exec_frame(x)->instance, imm_u32(&p));
    return done(x, TRAP_none, p, 0);
}

Status exec_memory_copy(Exec *x) {
    const uint8_t *p = imm_at(x);
    Memory *to = imm_memory(x, &p);
    const Memory *from = imm_memory(x, &p);
    uint64_t len = operand(x, 0)->u64;
    Status status = exec_charge(x, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    bool ok =
        memory_copy(to, operand(x, 2)->u64, from, operand(x, 1)->u64, len);
    return done(x, bounds(ok), p, 3);
}

Status exec_memory_fill(Exec *x) {
    const uint8_t *p = imm_at(x);
    Memory *m = imm_memory(x, &p);
    uint64_t len = operand(x, 0)->u64;
    Status status = exec_charge(x, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    bool ok =
        memory_fill(m, operand(x, 2)->u64, (uint8_t)operand(x, 1)->u32, len);
    return done(x, bounds(ok), p, 3);
}

// --- tables --------------------------------------------------------------------------

static Table *imm_table(const Exec *x, const uint8_t **p) {
    return x->context->tables[imm_u32(p)];
}

static Raw operand_raw(Exec *x, size_t n) {
    return slot_get(x->is_wide, operand(x, n));
}

Status exec_table_get(Exec *x) {
    const uint8_t *p = imm_at(x);
    Table *t = imm_table(x, &p);
    uint64_t index = operand(x, 0)->u64;
    if (index >= t->size) return exec_trap(x, TRAP_table_bounds);
    Raw value;
    if (!table_get(t, index, &value)) return exec_trap(x, TRAP_out_of_memory);
    return exec_result(x, p, 1, value.u64);
}

Status exec_table_set(Exec *x) {
    const uint8_t *p = imm_at(x);
    Table *t = imm_table(x, &p);
    uint64_t index = operand(x, 1)->u64;
    if (index >= t->size) return exec_trap(x, TRAP_table_bounds);
    table_set(t, index, operand_raw(x, 0));
    return done(x, TRAP_none, p, 2);
}

Status exec_table_size(Exec *x) {
    const uint8_t *p = imm_at(x);
    uint64_t size = imm_table(x, &p)->size;
    return exec_result(x, p, 0, size);
}

Status exec_table_grow(Exec *x) {
    const uint8_t *p = imm_at(x);
    Table *t = imm_table(x, &p);
    uint64_t delta = operand(x, 0)->u64;
    Status status = exec_charge(x, delta);
    if (status != STATUS_ok) return status;
    exec_protect(x); // the limiter is the embedder's
    int64_t old;
    status = grow_table(t, delta, operand_raw(x, 1), &old);
    if (status != STATUS_ok) return status;
    return exec_result(x, p, 2, index_value(old, t->limits.is_64));
}

Status exec_table_fill(Exec *x) {
    const uint8_t *p = imm_at(x);
    Table *t = imm_table(x, &p);
    uint64_t len = operand(x, 0)->u64;
    Status status = exec_charge(x, len);
    if (status != STATUS_ok) return status;
    Trap trap = table_fill(t, operand(x, 2)->u64, operand_raw(x, 1), len);
    return done(x, trap, p, 3);
}

Status exec_table_copy(Exec *x) {
    const uint8_t *p = imm_at(x);
    Table *to = imm_table(x, &p), *from = imm_table(x, &p);
    uint64_t len = operand(x, 0)->u64;
    Status status = exec_charge(x, len);
    if (status != STATUS_ok) return status;
    Trap trap =
        table_copy(to, operand(x, 2)->u64, from, operand(x, 1)->u64, len);
    return done(x, trap, p, 3);
}

Status exec_table_init(Exec *x) {
    const uint8_t *p = imm_at(x);
    uint32_t elem = imm_u32(&p), table = imm_u32(&p);
    uint32_t len = operand(x, 0)->u32;
    Status status = exec_charge(x, len);
    if (status != STATUS_ok) return status;
    Trap t = instance_table_init(exec_frame(x)->instance, table, elem,
                                 operand(x, 2)->u64, operand(x, 1)->u32, len);
    return done(x, t, p, 3);
}

Status exec_elem_drop(Exec *x) {
    const uint8_t *p = imm_at(x);
    instance_elem_drop(exec_frame(x)->instance, imm_u32(&p));
    return done(x, TRAP_none, p, 0);
}
