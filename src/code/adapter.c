// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/adapter.h"

#include "base/alloc.h"
#include "os/thread.h"
#include "os/vm.h"

#include <string.h>

enum {
    PAGES_MAX = 16, // of code, one for each group of an engine
    ADAPTERS_MAX = PAGES_MAX * ADAPTER_GROUP,
};

struct CodeAdapters {
    uintptr_t unwind;
    Mutex lock;    // for the rest
    uint8_t *base; // PAGES_MAX pages of address space; NULL: not needed yet
    uint32_t page_len;
    uint32_t len;
    Map by_shape; // key -> index
    MachineAdapter adapters[ADAPTERS_MAX];
};

static const MachineAdapter no_adapter;

CodeAdapters *code_adapters_new(uintptr_t unwind) {
    CodeAdapters *a = MEM_NEW(CodeAdapters);
    if (a) a->unwind = unwind;
    return a;
}

void code_adapters_free(CodeAdapters *a) {
    if (!a) return;
    if (a->base) vm_release(a->base, PAGES_MAX * vm_page_size());
    map_release(&a->by_shape);
    mutex_release(&a->lock);
    mem_free(a);
}

void code_adapters_lock(CodeAdapters *a) {
    mutex_lock(&a->lock);
}

void code_adapters_unlock(CodeAdapters *a) {
    mutex_unlock(&a->lock);
}

const uint8_t *code_adapters_text(CodeAdapters *a, uint32_t *size) {
    mutex_lock(&a->lock);
    *size = a->page_len * (uint32_t)vm_page_size();
    const uint8_t *text = a->base;
    mutex_unlock(&a->lock);
    return text;
}

// --- looking up --------------------------------------------------------------

// Three bits a value, above both lengths, which say how many values there are,
// and a bit: no two shapes have one key.
static uint64_t key_of(const AdapterShape *shape) {
    static_assert(ADAPTER_v128 < 1 << 3 && ADAPTER_VALUES < 1 << 4, "fits");
    uint64_t key = 0;
    for (uint32_t i = 0; i < shape->param_len; i++)
        key = key << 3 | shape->params[i];
    for (uint32_t i = 0; i < shape->result_len; i++)
        key = key << 3 | shape->results[i];
    return key << 9 | (uint64_t)shape->has_ref << 8 |
           (uint64_t)shape->param_len << 4 | shape->result_len;
}

static const MachineAdapter *find(const CodeAdapters *a,
                                  const AdapterShape *shape) {
    uint32_t at = map_get(&a->by_shape, key_of(shape));
    return at == MAP_NONE ? NULL : &a->adapters[at];
}

// --- making ------------------------------------------------------------------

// A page of adapters on its way.
typedef struct Group {
    const AdapterShape *shapes;
    uint32_t len;
    AdapterCode code[ADAPTER_GROUP];
    const uint8_t *bytes;
    uint32_t size;
} Group;

// As many as fit in a page. The lock is not held here, for an arena's guard may
// be jumped to.
static void write_group(Group *g, uintptr_t unwind, CodeBuf *b) {
    uint32_t done = 0;
    while (done < g->len) {
        adapter_write(b, &g->shapes[done], unwind, &g->code[done]);
        if (code_offset(b) > vm_page_size()) break;
        g->size = code_offset(b);
        done++;
    }
    g->len = done;
    (void)code_finish(b);
    g->bytes = b->start;
}

static bool next_page(CodeAdapters *a, uint8_t **out) {
    size_t page = vm_page_size();
    if (a->page_len == PAGES_MAX) return false;
    if (!a->base) a->base = vm_reserve(PAGES_MAX * page);
    if (!a->base) return false;
    *out = a->base + a->page_len * page;
    return true;
}

// A page that could not be finished is lost: it may be executable already.
static bool place(CodeAdapters *a, const Group *g) {
    size_t page = vm_page_size();
    uint8_t *at;
    if (!next_page(a, &at) || !vm_protect(at, page, VM_read_write))
        return false;
    a->page_len++;
    memcpy(at, g->bytes, g->size);
    if (!vm_protect(at, page, VM_read_exec)) return false;
    for (uint32_t i = 0; i < g->len && a->len < ADAPTERS_MAX; i++) {
        if (find(a, &g->shapes[i])) continue;
        if (!map_set(&a->by_shape, key_of(&g->shapes[i]), a->len)) break;
        a->adapters[a->len++] = (MachineAdapter){
            .call = (FuncCall *)(uintptr_t)(at + g->code[i].call),
            .enter = (MachineEnter *)(uintptr_t)(at + g->code[i].enter),
            .host = (uintptr_t)at + g->code[i].host,
        };
    }
    return true;
}

// Another thread may have been quicker.
static void publish(CodeAdapters *a, const Group *g) {
    mutex_lock(&a->lock);
    if (!find(a, &g->shapes[0])) (void)place(a, g);
    mutex_unlock(&a->lock);
}

static void make(CodeAdapters *a, const AdapterShape *shapes, uint32_t len) {
    Group g = {.shapes = shapes, .len = MIN(len, ADAPTER_GROUP)};
    Arena arena;
    ArenaGuard guard;
    arena_init(&arena, 0);
    CodeBuf buf;
    bool ok = ARENA_GUARD(&arena, &guard);
    if (ok) {
        code_init(&buf, &arena);
        write_group(&g, a->unwind, &buf);
    }
    arena_unguard(&arena, &guard);
    if (ok) publish(a, &g);
    arena_release(&arena);
}

const MachineAdapter *code_adapter(CodeAdapters *a, const AdapterShape *shapes,
                                   uint32_t len) {
    mutex_lock(&a->lock);
    const MachineAdapter *found = find(a, &shapes[0]);
    bool is_full = a->page_len == PAGES_MAX;
    mutex_unlock(&a->lock);
    if (found || is_full) return found ? found : &no_adapter;
    make(a, shapes, len);
    mutex_lock(&a->lock);
    found = find(a, &shapes[0]);
    mutex_unlock(&a->lock);
    return found ? found : &no_adapter;
}
