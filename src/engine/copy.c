// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/copy.h"

#include "base/bits.h"
#include "engine/parallel.h"
#include "os/vm.h"

#include <string.h>

enum {
    PART = 512 * 1024,         // bytes that are taken at a time
    POPULATE_MIN = 128 * 1024, // worth a call
};

typedef struct Copying {
    uint8_t *to;
    const uint8_t *from;
    size_t size;
    _Atomic size_t next; // first byte that nobody has taken
} Copying;

// Faults page by page take longer than copying into the pages.
static void populate(uint8_t *at, size_t size) {
    size_t page = vm_page_size();
    uintptr_t from = align_up((uintptr_t)at, page);
    uintptr_t to = ((uintptr_t)at + size) & ~(uintptr_t)(page - 1);
    if (to > from + POPULATE_MIN) vm_populate((void *)from, to - from);
}

static void copy_parts(void *env) {
    Copying *c = env;
    for (size_t at; (at = atomic_fetch_add(&c->next, PART)) < c->size;) {
        size_t size = MIN(c->size - at, (size_t)PART);
        populate(c->to + at, size);
        memcpy(c->to + at, c->from + at, size);
    }
}

void copy_bytes(Engine *e, uint8_t *to, const uint8_t *from, size_t size) {
    Copying c = {.to = to, .from = from, .size = size};
    Parallel work = {
        .run = copy_parts,
        .env = &c,
        .helpers = parallel_helpers(e, size / PART / 2),
    };
    if (parallel_run(e, &work)) return;
    // The child of a fork: what the others took is in the parent.
    memcpy(to, from, size);
}
