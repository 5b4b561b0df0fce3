// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bulk access to memories. Bytes that other threads may touch at the same time
// are moved with relaxed atomics, a word at a time where both sides allow it;
// memcpy would be a data race.
#include "base/bits.h"
#include "rt/memory.h"

typedef uint64_t MAY_ALIAS Word;

static uint8_t load_byte(const uint8_t *p) {
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void store_byte(uint8_t *p, uint8_t byte) {
    __atomic_store_n(p, byte, __ATOMIC_RELAXED);
}

static bool is_word(const uint8_t *to, const uint8_t *from) {
    return (((uintptr_t)to | (uintptr_t)from) & 7) == 0;
}

static void move_word(uint8_t *to, const uint8_t *from) {
    Word w =
        __atomic_load_n((const Word *)(const void *)from, __ATOMIC_RELAXED);
    __atomic_store_n((Word *)(void *)to, w, __ATOMIC_RELAXED);
}

static void racy_forward(uint8_t *to, const uint8_t *from, uint64_t len) {
    while (len) {
        if (len >= 8 && is_word(to, from)) {
            move_word(to, from);
            to += 8;
            from += 8;
            len -= 8;
        } else {
            store_byte(to++, load_byte(from++));
            len--;
        }
    }
}

static void racy_backward(uint8_t *to, const uint8_t *from, uint64_t len) {
    to += len;
    from += len;
    while (len) {
        if (len >= 8 && is_word(to, from)) {
            to -= 8;
            from -= 8;
            len -= 8;
            move_word(to, from);
        } else {
            store_byte(--to, load_byte(--from));
            len--;
        }
    }
}

static void racy_move(uint8_t *to, const uint8_t *from, uint64_t len) {
    if (to <= from || to >= from + len)
        racy_forward(to, from, len);
    else
        racy_backward(to, from, len);
}

static void move_bytes(uint8_t *to, const uint8_t *from, uint64_t len,
                       bool is_racy) {
    if (is_racy)
        racy_move(to, from, len);
    else
        memmove(to, from, len);
}

bool memory_fill(Memory *m, uint64_t at, uint8_t byte, uint64_t len) {
    if (!memory_holds(m, at, len)) return false;
    if (len == 0) return true;
    if (!m->shared) {
        memset(m->base + at, byte, len);
        return true;
    }
    for (uint64_t i = 0; i < len; i++)
        store_byte(m->base + at + i, byte);
    return true;
}

bool memory_copy(Memory *to, uint64_t at, const Memory *from, uint64_t from_at,
                 uint64_t len) {
    if (!memory_holds(to, at, len) || !memory_holds(from, from_at, len))
        return false;
    if (len == 0) return true; // an empty memory may have no base
    move_bytes(to->base + at, from->base + from_at, len,
               to->shared || from->shared);
    return true;
}

bool memory_write(Memory *m, uint64_t at, const void *bytes, uint64_t len) {
    if (!memory_holds(m, at, len)) return false;
    if (len) move_bytes(m->base + at, bytes, len, m->shared != NULL);
    return true;
}

bool memory_read(const Memory *m, uint64_t at, void *out, uint64_t len) {
    if (!memory_holds(m, at, len)) return false;
    if (len) move_bytes(out, m->base + at, len, m->shared != NULL);
    return true;
}
