// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/fault.h"

#include "base/alloc.h"
#include "os/fault.h"
#include "vmabi/layout.h"

typedef struct Row {
    _Atomic uintptr_t base, end;
    _Atomic(CodeRegion *) region;
} Row;

typedef struct Table {
    struct Table *retired; // a smaller one that waits for its readers
    uint32_t cap;
    Row rows[]; // by address
} Table;

static Mutex lock; // changing
static _Atomic(Table *) table;
static _Atomic uint32_t len;
static _Atomic uint32_t version; // odd while rows are being moved
static _Atomic uint32_t readers;
static Table *retired;

// --- the handler -------------------------------------------------------------------

// Reads no region: another one may be on its way out.
static CodeRegion *search(const Table *t, uint32_t high, uintptr_t pc) {
    uint32_t low = 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const Row *row = &t->rows[middle];
        if (pc < atomic_load(&row->base))
            high = middle;
        else if (pc >= atomic_load(&row->end))
            low = middle + 1;
        else
            return atomic_load(&row->region);
    }
    return NULL;
}

// The region of running code, which therefore cannot go meanwhile.
static const CodeRegion *region_at(uintptr_t pc) {
    for (;;) {
        uint32_t before = atomic_load(&version);
        if (before & 1) continue;
        const Table *t = atomic_load(&table);
        uint32_t high = t ? MIN(atomic_load(&len), t->cap) : 0;
        CodeRegion *r = search(t, high, pc);
        if (atomic_load(&version) == before) return r;
    }
}

static const void *field(const void *object, ptrdiff_t at) {
    return *(const void *const *)(const void *)((const char *)object + at);
}

// Does the address belong to memory 0 of the instance, as far as its guard?
static bool is_in_memory0(const Context *c, uintptr_t address) {
    if (!c->memory0_base) return false;
    const void *memory = c->memories[0];
    uint64_t extent = *(const uint64_t *)(const void *)((const char *)memory +
                                                        LAYOUT_MEMORY_EXTENT);
    uintptr_t base = (uintptr_t)field(memory, LAYOUT_MEMORY_BASE);
    return address - base < extent;
}

static bool claim_in(const CodeRegion *r, Fault *fault) {
    CodeAt at;
    if (!code_region_at(r, fault->pc, true, &at)) return false;
    // The frame of a function is complete before its first site.
    const Context *c = field((const void *)fault->fp, // NOLINT
                             MACHINE_FRAME_CONTEXT);
    if (!is_in_memory0(c, fault->address)) return false;
    c->store->fault_pc = fault->pc;
    fault->pc = code_region_stub(r, r->stubs.fault);
    return true;
}

static bool claim(Fault *fault) {
    if (fault->kind != FAULT_access) return false;
    atomic_fetch_add(&readers, 1);
    const CodeRegion *r = region_at(fault->pc);
    bool ours = r && claim_in(r, fault);
    atomic_fetch_sub(&readers, 1);
    return ours;
}

// --- changing the table ------------------------------------------------------------

static void free_retired(void) {
    if (atomic_load(&readers)) return; // they may read it
    for (Table *next; retired; retired = next) {
        next = retired->retired;
        mem_free(retired);
    }
}

static void set_row(Row *row, const Row *from) {
    atomic_store(&row->base, atomic_load(&from->base));
    atomic_store(&row->end, atomic_load(&from->end));
    atomic_store(&row->region, atomic_load(&from->region));
}

// Room for one row more.
static bool grow(void) {
    Table *old = atomic_load(&table);
    uint32_t rows = atomic_load(&len);
    if (old && rows < old->cap) return true;
    uint32_t cap = MAX(16, rows * 2);
    Table *t = mem_calloc(1, sizeof(Table) + cap * sizeof(Row));
    if (!t) return false;
    t->cap = cap;
    for (uint32_t i = 0; i < rows; i++)
        set_row(&t->rows[i], &old->rows[i]);
    atomic_store(&table, t);
    if (old) {
        old->retired = retired;
        retired = old;
    }
    free_retired();
    return true;
}

static void insert(CodeRegion *r) {
    Row *rows = atomic_load(&table)->rows;
    uint32_t at = atomic_load(&len);
    uintptr_t base = (uintptr_t)r->base;
    atomic_fetch_add(&version, 1);
    for (; at > 0 && atomic_load(&rows[at - 1].base) > base; at--)
        set_row(&rows[at], &rows[at - 1]);
    atomic_store(&rows[at].base, base);
    atomic_store(&rows[at].end, base + r->reserved);
    atomic_store(&rows[at].region, r);
    atomic_fetch_add(&len, 1);
    atomic_fetch_add(&version, 1);
}

bool code_fault_add(CodeRegion *r) {
    if (!fault_install(claim)) return false;
    mutex_lock(&lock);
    bool ok = grow();
    if (ok) insert(r);
    mutex_unlock(&lock);
    if (!ok) fault_release();
    return ok;
}

static void drop(const CodeRegion *r) {
    Row *rows = atomic_load(&table)->rows;
    uint32_t at = 0, last = atomic_load(&len) - 1;
    while (atomic_load(&rows[at].region) != r)
        at++;
    atomic_fetch_add(&version, 1);
    for (; at < last; at++)
        set_row(&rows[at], &rows[at + 1]);
    atomic_store(&len, last);
    atomic_fetch_add(&version, 1);
    if (last) return;
    Table *empty = atomic_exchange(&table, NULL);
    empty->retired = retired;
    retired = empty;
    free_retired();
}

void code_fault_remove(CodeRegion *r) {
    mutex_lock(&lock);
    drop(r);
    mutex_unlock(&lock);
    fault_release();
}

void code_fault_lock(void) {
    mutex_lock(&lock);
}

void code_fault_unlock(void) {
    mutex_unlock(&lock);
}
