// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/utf8.h"
#include "wasi/p1/p1_int.h"

Errno guest_slice(const P1Call *c, uint32_t at, uint64_t size, Guest *out) {
    if (size > UINT32_MAX || !memory_holds(c->memory, at, size))
        return ERRNO_fault;
    *out = (Guest){.memory = c->memory, .at = at, .size = (uint32_t)size};
    return ERRNO_success;
}

// Memories do not shrink: what was inside stays there.
void guest_read(Guest g, uint32_t offset, void *out, uint32_t size) {
    assert(offset <= g.size && size <= g.size - offset);
    CHECK(memory_read(g.memory, g.at + offset, out, size));
}

void guest_write(Guest g, uint32_t offset, const void *bytes, uint32_t size) {
    assert(offset <= g.size && size <= g.size - offset);
    CHECK(memory_write(g.memory, g.at + offset, bytes, size));
}

void guest_write_u32(Guest g, uint32_t offset, uint32_t x) {
    guest_write(g, offset, &x, sizeof x);
}

void guest_write_u64(Guest g, uint32_t offset, uint64_t x) {
    guest_write(g, offset, &x, sizeof x);
}

uint8_t *guest_direct(Guest g) {
    return g.memory->shared ? NULL : g.memory->base + g.at;
}

// Strings of WASI are UTF-8. What else is wrong with a path the file system
// knows.
Errno p1_text(const P1Call *c, unsigned arg, P1Path *out) {
    uint32_t size = p1_u32(c, arg + 1);
    Guest g = {0};
    Errno e = p1_slice(c, arg, size, &g);
    if (e) return e;
    if (size >= sizeof out->text) return ERRNO_nametoolong;
    guest_read(g, 0, out->text, size);
    if (!utf8_valid(out->text, size)) return ERRNO_ilseq;
    if (size == 0) return ERRNO_noent;
    if (memchr(out->text, 0, size)) return ERRNO_inval;
    out->at.text = out->text;
    out->at.size = size;
    return ERRNO_success;
}
