// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Helpers: tables and memories as wholes, and atomic waiting.
#include "rt/grow.h"
#include "rt/helper_int.h"
#include "vmabi/fuel.h"

#include "base/bits.h"

// --- tables ------------------------------------------------------------------------------

Status helper_table_get(Context *c, Slot *args, uint64_t table, uint64_t unused,
                        int64_t stride) {
    (void)unused, (void)stride;
    Table *t = c->tables[table];
    if (args->u64 >= t->size) return helper_status(c, TRAP_table_bounds);
    Raw value;
    if (!table_get(t, args->u64, &value))
        return helper_status(c, TRAP_out_of_memory);
    args->u64 = value.u64;
    return STATUS_ok;
}

Status helper_table_set(Context *c, Slot *args, uint64_t table, uint64_t unused,
                        int64_t stride) {
    (void)unused;
    Table *t = c->tables[table];
    if (args->u64 >= t->size) return helper_status(c, TRAP_table_bounds);
    table_set(t, args->u64, row_get((Row){args, stride}, 1));
    return STATUS_ok;
}

Status helper_table_size(Context *c, Slot *args, uint64_t table,
                         uint64_t unused, int64_t stride) {
    (void)unused, (void)stride;
    args->u64 = c->tables[table]->size;
    return STATUS_ok;
}

Status helper_table_grow(Context *c, Slot *args, uint64_t table,
                         uint64_t unused, int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    Table *t = c->tables[table];
    uint64_t delta = row_at(row, 1)->u64;
    Status status = helper_fuel_bulk(c, delta);
    if (status != STATUS_ok) return status;
    int64_t old;
    status = grow_table(t, delta, row_get(row, 0), &old);
    if (status != STATUS_ok) return status;
    args->u64 = row_index(old, t->limits.is_64);
    return STATUS_ok;
}

Status helper_table_fill(Context *c, Slot *args, uint64_t table,
                         uint64_t unused, int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    uint64_t len = row_at(row, 2)->u64;
    Status status = helper_fuel_bulk(c, len);
    if (status != STATUS_ok) return status;
    return helper_status(
        c, table_fill(c->tables[table], args->u64, row_get(row, 1), len));
}

Status helper_table_copy(Context *c, Slot *args, uint64_t to, uint64_t from,
                         int64_t stride) {
    Row row = {args, stride};
    uint64_t len = row_at(row, 2)->u64;
    Status status = helper_fuel_bulk(c, len);
    if (status != STATUS_ok) return status;
    return helper_status(c,
                         table_copy(c->tables[to], args->u64, c->tables[from],
                                    row_at(row, 1)->u64, len));
}

Status helper_table_init(Context *c, Slot *args, uint64_t elem, uint64_t table,
                         int64_t stride) {
    Row row = {args, stride};
    uint32_t len = row_at(row, 2)->u32;
    Status status = helper_fuel_bulk(c, len);
    if (status != STATUS_ok) return status;
    return helper_status(c, instance_table_init(helper_instance(c),
                                                (uint32_t)table, (uint32_t)elem,
                                                args->u64, row_at(row, 1)->u32,
                                                len));
}

Status helper_elem_drop(Context *c, Slot *args, uint64_t elem, uint64_t unused,
                        int64_t stride) {
    (void)args, (void)unused, (void)stride;
    instance_elem_drop(helper_instance(c), (uint32_t)elem);
    return STATUS_ok;
}

// --- memories ----------------------------------------------------------------------------

static Status in_bounds(const Context *c, bool ok) {
    return ok ? STATUS_ok : helper_status(c, TRAP_memory_bounds);
}

Status helper_memory_size(Context *c, Slot *args, uint64_t memory,
                          uint64_t unused, int64_t stride) {
    (void)unused, (void)stride;
    args->u64 = memory_pages(c->memories[memory]);
    return STATUS_ok;
}

Status helper_memory_grow(Context *c, Slot *args, uint64_t memory,
                          uint64_t unused, int64_t stride) {
    (void)unused, (void)stride;
    Memory *m = c->memories[memory];
    int64_t old;
    Status status = grow_memory(m, args->u64, &old);
    if (status != STATUS_ok) return status;
    args->u64 = row_index(old, m->type.limits.is_64);
    return STATUS_ok;
}

Status helper_memory_init(Context *c, Slot *args, uint64_t data,
                          uint64_t memory, int64_t stride) {
    Row row = {args, stride};
    uint32_t len = row_at(row, 2)->u32;
    Status status = helper_fuel_bulk(c, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    return helper_status(c, instance_memory_init(helper_instance(c),
                                                 (uint32_t)memory,
                                                 (uint32_t)data, args->u64,
                                                 row_at(row, 1)->u32, len));
}

Status helper_data_drop(Context *c, Slot *args, uint64_t data, uint64_t unused,
                        int64_t stride) {
    (void)args, (void)unused, (void)stride;
    instance_data_drop(helper_instance(c), (uint32_t)data);
    return STATUS_ok;
}

Status helper_memory_copy(Context *c, Slot *args, uint64_t to, uint64_t from,
                          int64_t stride) {
    Row row = {args, stride};
    uint64_t len = row_at(row, 2)->u64;
    Status status = helper_fuel_bulk(c, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    return in_bounds(c,
                     memory_copy(c->memories[to], args->u64, c->memories[from],
                                 row_at(row, 1)->u64, len));
}

Status helper_memory_fill(Context *c, Slot *args, uint64_t memory,
                          uint64_t unused, int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    uint64_t len = row_at(row, 2)->u64;
    Status status = helper_fuel_bulk(c, len / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    return in_bounds(c, memory_fill(c->memories[memory], args->u64,
                                    (uint8_t)row_at(row, 1)->u32, len));
}

// --- waiting -----------------------------------------------------------------------------

// Where an atomic access of `size` bytes goes.
static Status atomic_at(const Context *c, const Memory *m, uint64_t address,
                        uint64_t offset, uint64_t size, uint64_t *out) {
    if ((address + offset) % size != 0)
        return helper_status(c, TRAP_unaligned_atomic);
    return in_bounds(c, add_ok(address, offset, out) &&
                            memory_holds(m, *out, size));
}

Status helper_memory_atomic_notify(Context *c, Slot *args, uint64_t memory,
                                   uint64_t offset, int64_t stride) {
    Memory *m = c->memories[memory];
    uint64_t at;
    Status status = atomic_at(c, m, args->u64, offset, 4, &at);
    if (status != STATUS_ok) return status;
    args->u64 = memory_notify(m, at, row_at((Row){args, stride}, 1)->u32);
    return STATUS_ok;
}

static Status wait(Context *c, Row row, uint64_t memory, uint64_t offset,
                   unsigned size_log2) {
    Memory *m = c->memories[memory];
    uint64_t at;
    Status status =
        atomic_at(c, m, row.args->u64, offset, (uint64_t)1 << size_log2, &at);
    if (status != STATUS_ok) return status;
    if (!m->shared) return helper_status(c, TRAP_wait_unshared);
    uint32_t result;
    status = memory_wait(m, at, size_log2, row_at(row, 1)->u64,
                         row_at(row, 2)->i64, &result);
    if (status == STATUS_ok) row_put_word(row, 0, result);
    return status;
}

Status helper_memory_atomic_wait32(Context *c, Slot *args, uint64_t memory,
                                   uint64_t offset, int64_t stride) {
    return wait(c, (Row){args, stride}, memory, offset, 2);
}

Status helper_memory_atomic_wait64(Context *c, Slot *args, uint64_t memory,
                                   uint64_t offset, int64_t stride) {
    return wait(c, (Row){args, stride}, memory, offset, 3);
}
