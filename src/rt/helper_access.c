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

// --- all of them -------------------------------------------------------------------

static uint64_t word(Row row, uint32_t i) {
    return row_at(row, i)->u64;
}

static V128 vector(Row row, uint32_t i) {
    return row_get(row, i).v128;
}

static void result(Row row, uint64_t value) {
    row_put_word(row, 0, value);
}

static void result_vector(Row row, const V128 *v) {
    row_put(row, 0, (Raw){.v128 = *v});
}

// Long: a case for each row of num.def that accesses memory, with its bytes at
// `at`.
// clang-format off
static void access(Row row, Op op, unsigned lane, uint8_t *at) {
    V128 v;
    switch ((int)op) {
#define ARG(T, i) VAL_##T(word(row, i))
#define MEM_LOAD(op, R, M)       case OP_##op: result(row, BITS_##R(num_##op(at))); break;
#define MEM_STORE(op, T, M)      case OP_##op: num_##op(at, ARG(T, 1)); break;
#define VECTOR_LOAD(op)          case OP_##op: num_##op(at, &v); result_vector(row, &v); break;
#define VLOAD(op)                VECTOR_LOAD(op)
#define VLOAD_EXTEND(op, R, T)   VECTOR_LOAD(op)
#define VLOAD_SPLAT(op, R)       VECTOR_LOAD(op)
#define VLOAD_ZERO(op, R)        VECTOR_LOAD(op)
#define VSTORE(op)               case OP_##op: v = vector(row, 1); num_##op(at, &v); break;
#define VLOAD_LANE(op, R)        case OP_##op: v = vector(row, 1); num_##op(at, lane, &v); result_vector(row, &v); break;
#define VSTORE_LANE(op, T)       case OP_##op: v = vector(row, 1); num_##op(at, lane, &v); break;
#define ATOM_LOAD(op, R, M)      case OP_##op: result(row, BITS_##R(num_##op(at))); break;
#define ATOM_STORE(op, T, M)     case OP_##op: num_##op(at, ARG(T, 1)); break;
#define ATOM_RMW(op, R, M, kind) case OP_##op: result(row, BITS_##R(num_##op(at, ARG(R, 1)))); break;
#define ATOM_CMPXCHG(op, R, M)   case OP_##op: result(row, BITS_##R(num_##op(at, ARG(R, 1), ARG(R, 2)))); break;
#include "wasm/num.def"
    default:
        UNREACHABLE();
    }
}
// clang-format on

// An access that is not atomic to bytes that others may touch. Apart, because
// others need no room for them.
NOINLINE static void access_shared(Row row, Op op, unsigned lane, uint8_t *at,
                                   unsigned size) {
    uint8_t bytes[16];
    bool is_load = sig_result_len(op_info[op].sig) != 0;
    if (is_load) racy_load(at, bytes, size);
    access(row, op, lane, bytes);
    if (!is_load) racy_store(at, bytes, size);
}

// The address is operand 0, always.
Status helper_access(Context *c, Slot *args, uint64_t what, uint64_t offset,
                     int64_t stride) {
    Row row = {args, stride};
    Op op = (Op)(what & 0xffff);
    const Memory *m = c->memories[(uint32_t)(what >> 16)];
    unsigned lane = (unsigned)(what >> 48);
    bool is_atomic = op_info[op].prefix == 0xfe;
    uint64_t at, size = (uint64_t)1 << op_info[op].access_log2;
    if (is_atomic && ((args->u64 + offset) & (size - 1)) != 0)
        return helper_status(c, TRAP_unaligned_atomic);
    if (!add_ok(args->u64, offset, &at) || !memory_holds(m, at, size))
        return helper_status(c, TRAP_memory_bounds);
    if (m->shared && !is_atomic)
        access_shared(row, op, lane, m->base + at, (unsigned)size);
    else
        access(row, op, lane, m->base + at);
    return STATUS_ok;
}
