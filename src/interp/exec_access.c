// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory access that is not the loop's fast case: other memories, large
// offsets, shared memories, everything out of bounds; and all atomics.
//
// What other threads may touch at the same time is read and written by relaxed
// atomics of the access's width; an address that is not aligned to it is
// accessed byte by byte, which the memory model allows.
#include "interp/interp_int.h"

#include "vmabi/words.h"
#include "wasm/num.h"

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

// The bytes of an access, or NULL when it is out of bounds.
static uint8_t *access_at(ExecMemArg a, uint64_t address, unsigned size) {
    uint64_t at;
    if (!add_ok(address, a.offset, &at)) return NULL;
    return memory_holds(a.memory, at, size) ? a.memory->base + at : NULL;
}

static bool load(ExecMemArg a, uint64_t address, uint8_t *out, unsigned size) {
    const uint8_t *at = access_at(a, address, size);
    if (!at) return false;
    if (a.memory->shared)
        racy_load(at, out, size);
    else
        memcpy(out, at, size);
    return true;
}

static bool store(ExecMemArg a, uint64_t address, const uint8_t *in,
                  unsigned size) {
    uint8_t *at = access_at(a, address, size);
    if (!at) return false;
    if (a.memory->shared)
        racy_store(at, in, size);
    else
        memcpy(at, in, size);
    return true;
}

// --- loads and stores ----------------------------------------------------------------

static Op op_at(const uint8_t *pc) {
    if (*pc < 0xfb) return (Op)(op_one_byte[*pc] - 1);
    const uint8_t *p = pc + 1;
    return op_of_code(*pc, imm_u32(&p));
}

static Status out_of_bounds(Exec *x) {
    return exec_trap(x, TRAP_memory_bounds);
}

static V128 operand_vector(Exec *x, size_t n) {
    return slot_get(true, operand(x, n)).v128;
}

// Replaces the top `popped` operands by a vector.
static Status result_vector(Exec *x, const uint8_t *p, size_t popped,
                            const V128 *v) {
    exec_done(x, p, popped);
    FrameHeader *f = exec_frame(x);
    slot_put(true, f->sp, (Raw){.v128 = *v});
    f->sp = slot_at(x, f->sp, 1);
    return STATUS_ok;
}

// Long: a case for each row of num.def that accesses memory.
Status exec_access(Exec *x) {
    Op op = op_at(exec_frame(x)->pc);
    const uint8_t *p = imm_at(x);
    ExecMemArg arg = imm_memarg(x, &p);
    uint8_t bytes[16];
    switch ((int)op) {
#define MEM_LOAD(name, R, M)                                  \
    case OP_##name:                                           \
        if (!load(arg, operand(x, 0)->u64, bytes, sizeof(M))) \
            return out_of_bounds(x);                          \
        return exec_result(x, p, 1, BITS_##R(num_##name(bytes)));
#define MEM_STORE(name, T, M)                                  \
    case OP_##name:                                            \
        num_##name(bytes, VAL_##T(operand(x, 0)->u64));        \
        if (!store(arg, operand(x, 1)->u64, bytes, sizeof(M))) \
            return out_of_bounds(x);                           \
        exec_done(x, p, 2);                                    \
        return STATUS_ok;
#define VECTOR_LOAD(name, size)                          \
    case OP_##name: {                                    \
        if (!load(arg, operand(x, 0)->u64, bytes, size)) \
            return out_of_bounds(x);                     \
        V128 v;                                          \
        num_##name(bytes, &v);                           \
        return result_vector(x, p, 1, &v);               \
    }
#define VLOAD(name)              VECTOR_LOAD(name, 16)
#define VLOAD_EXTEND(name, R, T) VECTOR_LOAD(name, 8)
#define VLOAD_SPLAT(name, R)     VECTOR_LOAD(name, sizeof(R))
#define VLOAD_ZERO(name, R)      VECTOR_LOAD(name, sizeof(R))
#define VSTORE(name)                                    \
    case OP_##name: {                                   \
        V128 v = operand_vector(x, 0);                  \
        num_##name(bytes, &v);                          \
        if (!store(arg, operand(x, 1)->u64, bytes, 16)) \
            return out_of_bounds(x);                    \
        exec_done(x, p, 2);                             \
        return STATUS_ok;                               \
    }
#define VLOAD_LANE(name, R)                                   \
    case OP_##name: {                                         \
        if (!load(arg, operand(x, 1)->u64, bytes, sizeof(R))) \
            return out_of_bounds(x);                          \
        V128 v = operand_vector(x, 0);                        \
        num_##name(bytes, *p, &v);                            \
        return result_vector(x, p + 1, 2, &v);                \
    }
#define VSTORE_LANE(name, T)                                   \
    case OP_##name: {                                          \
        V128 v = operand_vector(x, 0);                         \
        num_##name(bytes, *p, &v);                             \
        if (!store(arg, operand(x, 1)->u64, bytes, sizeof(T))) \
            return out_of_bounds(x);                           \
        exec_done(x, p + 1, 2);                                \
        return STATUS_ok;                                      \
    }
#include "wasm/num.def"
    }
    UNREACHABLE();
}

// --- atomics -----------------------------------------------------------------------

// Where an atomic access goes whose address is operand `n`.
static Status atomic_at(Exec *x, const uint8_t **p, size_t n, unsigned size,
                        uint8_t **out) {
    ExecMemArg arg = imm_memarg(x, p);
    uint64_t address = operand(x, n)->u64;
    if ((address + arg.offset) % size != 0)
        return exec_trap(x, TRAP_unaligned_atomic);
    *out = access_at(arg, address, size);
    return *out ? STATUS_ok : out_of_bounds(x);
}

#define ATOMIC(name, address, M, result)                           \
    Status exec_##name(Exec *x) {                                  \
        const uint8_t *p = imm_at(x);                              \
        uint8_t *at;                                               \
        Status status = atomic_at(x, &p, address, sizeof(M), &at); \
        if (status != STATUS_ok) return status;                    \
        result;                                                    \
    }
#define ARG(T, n) VAL_##T(operand(x, n)->u64)
#define ATOM_LOAD(name, R, M) \
    ATOMIC(name, 0, M, return exec_result(x, p, 1, BITS_##R(num_##name(at))))
#define ATOM_STORE(name, T, M)                                        \
    ATOMIC(name, 1, M, num_##name(at, ARG(T, 0)); exec_done(x, p, 2); \
           return STATUS_ok)
#define ATOM_RMW(name, R, M, kind) \
    ATOMIC(name, 1, M,             \
           return exec_result(x, p, 2, BITS_##R(num_##name(at, ARG(R, 0)))))
#define ATOM_CMPXCHG(name, R, M)       \
    ATOMIC(name, 2, M,                 \
           return exec_result(x, p, 3, \
                              BITS_##R(num_##name(at, ARG(R, 1), ARG(R, 0)))))
#include "wasm/num.def"

Status exec_atomic_fence(Exec *x) {
    atomic_thread_fence(memory_order_seq_cst);
    exec_done(x, imm_at(x) + 1, 0);
    return STATUS_ok;
}

Status exec_memory_atomic_notify(Exec *x) {
    const uint8_t *p = imm_at(x), *arg_at = p;
    uint8_t *at;
    Status status = atomic_at(x, &p, 1, 4, &at);
    if (status != STATUS_ok) return status;
    Memory *m = imm_memarg(x, &arg_at).memory;
    uint32_t woken =
        memory_notify(m, (uint64_t)(at - m->base), operand(x, 0)->u32);
    return exec_result(x, p, 2, woken);
}

static Status wait(Exec *x, unsigned size_log2) {
    const uint8_t *p = imm_at(x), *arg_at = p;
    uint8_t *at;
    Status status = atomic_at(x, &p, 2, 1u << size_log2, &at);
    if (status != STATUS_ok) return status;
    Memory *m = imm_memarg(x, &arg_at).memory;
    if (!m->shared) return exec_trap(x, TRAP_wait_unshared);
    exec_protect(x); // a deadline's callback is the embedder's
    uint32_t result;
    status = memory_wait(m, (uint64_t)(at - m->base), size_log2,
                         operand(x, 1)->u64, operand(x, 0)->i64, &result);
    return status == STATUS_ok ? exec_result(x, p, 3, result) : status;
}

Status exec_memory_atomic_wait32(Exec *x) {
    return wait(x, 2);
}
Status exec_memory_atomic_wait64(Exec *x) {
    return wait(x, 3);
}

// --- behind the prefix ---------------------------------------------------------------

#define ROW_00(name, code, cost)
#define ROW_fb(name, code, cost)
#define ROW_fc(name, code, cost)
#define ROW_fd(name, code, cost)
#define ROW_fe(name, code, cost) [code] = {exec_##name, cost},
const ExecRow exec_fe[] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code, cost)
#include "wasm/op.def"
};
