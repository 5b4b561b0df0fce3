// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Helper: any load, store or atomic access, whole. What is not a tier's fast
// case comes here: other memories, large offsets, shared memories, everything
// out of bounds; and all atomics.
//
// What other threads may touch at the same time is read and written by relaxed
// atomics of the access's width; an address that is not aligned to it is
// accessed byte by byte, which the memory model allows.
#include "rt/helper_int.h"
#include "vmabi/words.h"
#include "wasm/op.h"

#include <string.h>

// --- bytes -------------------------------------------------------------------------

#define RACY(width)                                                            \
    typedef uint##width##_t MAY_ALIAS Racy##width;                             \
    static void racy_load##width(const uint8_t *at, uint8_t *out) {            \
        Racy##width v = __atomic_load_n((const Racy##width *)(const void *)at, \
                                        __ATOMIC_RELAXED);                     \
        memcpy(out, &v, sizeof v);                                             \
    }                                                                          \
    static void racy_store##width(uint8_t *at, const uint8_t *in) {            \
        Racy##width v;                                                         \
        memcpy(&v, in, sizeof v);                                              \
        __atomic_store_n((Racy##width *)(void *)at, v, __ATOMIC_RELAXED);      \
    }
RACY(8)
RACY(16)
RACY(32)
RACY(64)

// The widest atomic that an access of `size` bytes is made of.
static unsigned racy_width(const uint8_t *at, unsigned size) {
    unsigned width = size > 8 ? 8 : size;
    return (uintptr_t)at % width == 0 ? width : 1;
}

static void racy_load(const uint8_t *at, uint8_t *out, unsigned size) {
    unsigned width = racy_width(at, size);
    for (unsigned i = 0; i < size; i += width) {
        if (width == 8)
            racy_load64(at + i, out + i);
        else if (width == 4)
            racy_load32(at + i, out + i);
        else if (width == 2)
            racy_load16(at + i, out + i);
        else
            racy_load8(at + i, out + i);
    }
}

static void racy_store(uint8_t *at, const uint8_t *in, unsigned size) {
    unsigned width = racy_width(at, size);
    for (unsigned i = 0; i < size; i += width) {
        if (width == 8)
            racy_store64(at + i, in + i);
        else if (width == 4)
            racy_store32(at + i, in + i);
        else if (width == 2)
            racy_store16(at + i, in + i);
        else
            racy_store8(at + i, in + i);
    }
}

// An access in progress.
typedef struct Access {
    Memory *memory;
    uint64_t offset;
    unsigned lane;
    Row row;
} Access;

// The bytes of an access, or NULL when it is out of bounds.
static uint8_t *access_at(const Access *a, uint64_t address, unsigned size) {
    uint64_t at;
    if (!add_ok(address, a->offset, &at)) return NULL;
    return memory_holds(a->memory, at, size) ? a->memory->base + at : NULL;
}

static uint64_t word(const Access *a, uint32_t i) {
    return row_at(a->row, i)->u64;
}

static V128 vector(const Access *a, uint32_t i) {
    return row_get(a->row, i).v128;
}

// The address is operand 0, always.
static bool load(const Access *a, uint8_t *out, unsigned size) {
    const uint8_t *at = access_at(a, word(a, 0), size);
    if (!at) return false;
    if (a->memory->shared)
        racy_load(at, out, size);
    else
        memcpy(out, at, size);
    return true;
}

static bool store(const Access *a, const uint8_t *in, unsigned size) {
    uint8_t *at = access_at(a, word(a, 0), size);
    if (!at) return false;
    if (a->memory->shared)
        racy_store(at, in, size);
    else
        memcpy(at, in, size);
    return true;
}

static Trap stored(const Access *a, const uint8_t *bytes, unsigned size) {
    return store(a, bytes, size) ? TRAP_none : TRAP_memory_bounds;
}

// Where an atomic access goes.
static Trap atomic_at(const Access *a, unsigned size, uint8_t **out) {
    if ((word(a, 0) + a->offset) % size != 0) return TRAP_unaligned_atomic;
    *out = access_at(a, word(a, 0), size);
    return *out ? TRAP_none : TRAP_memory_bounds;
}

static Trap result(const Access *a, uint64_t value) {
    row_put_word(a->row, 0, value);
    return TRAP_none;
}

static Trap result_vector(const Access *a, const V128 *v) {
    row_put(a->row, 0, (Raw){.v128 = *v});
    return TRAP_none;
}

// --- all of them -------------------------------------------------------------------

// Long: a case for each row of num.def that accesses memory.
// clang-format off
static Trap access(const Access *a, Op op) {
    uint8_t bytes[16], *at;
    V128 v;
    Trap trap;
    switch ((int)op) {
#define ARG(T, i) VAL_##T(word(a, i))
#define LOAD_BYTES(size) \
    if (!load(a, bytes, size)) return TRAP_memory_bounds;
#define MEM_LOAD(op, R, M) \
    case OP_##op: LOAD_BYTES(sizeof(M)) return result(a, BITS_##R(num_##op(bytes)));
#define MEM_STORE(op, T, M) \
    case OP_##op: num_##op(bytes, ARG(T, 1)); return stored(a, bytes, sizeof(M));
#define VECTOR_LOAD(op, size) \
    case OP_##op: LOAD_BYTES(size) num_##op(bytes, &v); return result_vector(a, &v);
#define VLOAD(op)              VECTOR_LOAD(op, 16)
#define VLOAD_EXTEND(op, R, T) VECTOR_LOAD(op, 8)
#define VLOAD_SPLAT(op, R)     VECTOR_LOAD(op, sizeof(R))
#define VLOAD_ZERO(op, R)      VECTOR_LOAD(op, sizeof(R))
#define VSTORE(op) \
    case OP_##op: v = vector(a, 1); num_##op(bytes, &v); return stored(a, bytes, 16);
#define VLOAD_LANE(op, R) \
    case OP_##op: LOAD_BYTES(sizeof(R)) v = vector(a, 1); num_##op(bytes, a->lane, &v); \
        return result_vector(a, &v);
#define VSTORE_LANE(op, T) \
    case OP_##op: v = vector(a, 1); num_##op(bytes, a->lane, &v); return stored(a, bytes, sizeof(T));
#define ATOMIC(M) \
    trap = atomic_at(a, sizeof(M), &at); \
    if (trap != TRAP_none) return trap;
#define ATOM_LOAD(op, R, M) \
    case OP_##op: ATOMIC(M) return result(a, BITS_##R(num_##op(at)));
#define ATOM_STORE(op, T, M) \
    case OP_##op: ATOMIC(M) num_##op(at, ARG(T, 1)); return TRAP_none;
#define ATOM_RMW(op, R, M, kind) \
    case OP_##op: ATOMIC(M) return result(a, BITS_##R(num_##op(at, ARG(R, 1))));
#define ATOM_CMPXCHG(op, R, M) \
    case OP_##op: ATOMIC(M) return result(a, BITS_##R(num_##op(at, ARG(R, 1), ARG(R, 2))));
#include "wasm/num.def"
    default:
        UNREACHABLE();
    }
}
// clang-format on

Status helper_access(Context *c, Slot *args, uint64_t what, uint64_t offset,
                     int64_t stride) {
    Access a = {
        .memory = c->memories[(uint32_t)(what >> 16)],
        .offset = offset,
        .lane = (unsigned)(what >> 48),
        .row = {args, stride},
    };
    return helper_status(c, access(&a, (Op)(what & 0xffff)));
}
