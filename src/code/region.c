// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/region_int.h"

#include "base/alloc.h"
#include "code/fault.h"

#include <string.h>

enum {
    // Address space for the code of a byte of WebAssembly. Compilers make about
    // four bytes; what is rare and long may take ten times as much. Only space:
    // no memory is behind it.
    TEXT_PER_BYTE = 48,
    // Of a function, whatever its body is, and of the region.
    TEXT_PER_FUNC = 256,
    TEXT_MIN = 1 << 20,
    TEXT_MAX = 1 << 30, // so that 32-bit distances reach everything
};

// --- making one --------------------------------------------------------------------

// As much address space as code may want; less where the host has not so much.
static bool reserve_text(CodeRegion *r, size_t slots, uint64_t wanted) {
    for (uint64_t text = MIN(wanted, TEXT_MAX); text >= TEXT_MIN / 2;
         text /= 2) {
        r->text_cap = (uint32_t)region_to_pages(text);
        r->reserved = slots + r->text_cap;
        r->base = vm_reserve(r->reserved);
        if (r->base) return true;
    }
    return false;
}

size_t code_region_data_size(uint32_t func_len) {
    size_t each = sizeof(CodeSlot) + sizeof(CodeCounter);
    return region_to_pages((uint64_t)func_len * each + 1);
}

static bool reserve(CodeRegion *r, uint64_t wasm_size) {
    size_t slots = code_region_data_size(r->func_len);
    uint64_t wanted = TEXT_MIN + wasm_size * TEXT_PER_BYTE +
                      (uint64_t)r->func_len * TEXT_PER_FUNC;
    if (!reserve_text(r, slots, wanted)) return false;
    if (!vm_protect(r->base, slots, VM_read_write)) return false;
    r->slots = (CodeSlot *)(void *)r->base;
    r->text = r->base + slots;
    return true;
}

static bool write_stubs(CodeRegion *r, const uint8_t *stubs) {
    uint64_t size = r->stubs.size + (uint64_t)r->func_len * CODE_THUNK_SIZE;
    if (size > r->text_cap) return false;
    r->text_len = (uint32_t)region_to_pages(size);
    if (!vm_protect(r->text, r->text_len, VM_read_write)) return false;
    memcpy(r->text, stubs, r->stubs.size);
    for (uint32_t i = 0; i < r->func_len; i++) {
        uint32_t at = r->stubs.size + i * CODE_THUNK_SIZE;
        code_thunk_write(r->text + at, at, &r->stubs);
    }
    code_region_fill_slots(r);
    return vm_protect(r->text, r->text_len, VM_read_exec);
}

static bool make_stubs(CodeRegion *r) {
    Arena arena;
    arena_init(&arena, 0);
    CodeBuf buf;
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&arena, &guard)) {
        code_init(&buf, &arena);
        code_stubs_write(&buf, &r->stubs);
        ok = write_stubs(r, buf.start);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return ok;
}

void code_region_fill_slots(CodeRegion *r) {
    r->published = r->slots;
    r->counters =
        (CodeCounter *)(void *)(r->base + r->func_len * sizeof(CodeSlot));
    for (uint32_t i = 0; i < r->func_len; i++)
        atomic_init(&r->slots[i],
                    (uintptr_t)r->text + r->stubs.size + i * CODE_THUNK_SIZE);
}

bool code_region_keep_thunks(CodeRegion *r) {
    CodeSlot *published = MEM_NEW_N(CodeSlot, (size_t)r->func_len + 1);
    if (!published) return false;
    for (uint32_t i = 0; i < r->func_len; i++)
        atomic_init(&published[i], atomic_load(&r->slots[i]));
    r->published = published;
    return true;
}

bool code_region_list(CodeRegion *r, bool faults) {
    r->is_listed = faults && code_fault_add(r);
    return r->is_listed == faults;
}

CodeRegion *code_region_new(uint32_t func_len, uint64_t wasm_size,
                            bool faults) {
    if (!code_is_supported) return NULL;
    CodeRegion *r = MEM_NEW(CodeRegion);
    if (!r) return NULL;
    r->func_len = func_len;
    r->placed = MEM_NEW_N(CodePlaced, (size_t)func_len + 1);
    r->own_func_at = MEM_NEW_N(uint32_t, (size_t)func_len + 1);
    r->func_at = r->own_func_at;
    bool ok = r->placed && r->func_at && reserve(r, wasm_size) && make_stubs(r);
    if (ok && code_region_list(r, faults)) return r;
    code_region_free(r);
    return NULL;
}

void code_region_limit(CodeRegion *r, uint64_t bytes) {
    uint64_t room = r->text_cap - r->text_len; // whole pages
    r->text_cap = r->text_len + (uint32_t)region_to_pages(MIN(bytes, room));
}

void code_region_free(CodeRegion *r) {
    if (!r) return;
    if (r->is_listed) code_fault_remove(r);
    for (CodeBlock *b = r->blocks, *next; b; b = next) {
        next = b->next;
        mem_free(b);
    }
    if (r->base) vm_release(r->base, r->reserved);
    if (r->published != r->slots) mem_free(r->published);
    mem_free(r->placed);
    mem_free(r->own_func_at);
    mutex_release(&r->lock);
    mem_free(r);
}

// --- placing -----------------------------------------------------------------------

static uintptr_t thunk(const CodeRegion *r, uint32_t func) {
    return (uintptr_t)r->text + r->stubs.size + func * CODE_THUNK_SIZE;
}

bool code_region_has(const CodeRegion *r, uint32_t func) {
    return code_region_func(r, func) != thunk(r, func);
}

bool code_region_seal(CodeRegion *r) {
    uint64_t thunks = (uint64_t)r->func_len * CODE_THUNK_SIZE;
    size_t size = region_to_pages(r->stubs.size + thunks);
    if (!vm_protect(r->text, size, VM_read_write)) return false;
    for (uint32_t i = 0; i < r->func_len; i++) {
        uint32_t at = r->stubs.size + i * CODE_THUNK_SIZE;
        if (r->func_at[i])
            code_thunk_write_jump(r->text + at, at, r->func_at[i]);
    }
    if (!vm_protect(r->text, size, VM_read_exec)) return false;
    r->is_sealed = atomic_load(&r->placed_len) == r->func_len;
    return true;
}

// What a file says is checked here, where it is used for the first time; a
// function that is nowhere in the text keeps its thunk.
uintptr_t code_region_fill_slot(const CodeRegion *r, uint32_t func) {
    uint32_t at = r->func_at[func];
    uint32_t first = r->stubs.size + r->func_len * CODE_THUNK_SIZE;
    bool ok = at >= first && at < r->image.text_len;
    uintptr_t code = ok ? (uintptr_t)r->text + at : thunk(r, func);
    atomic_store_explicit(&r->slots[func], code, memory_order_release);
    return code;
}

CodePlaced region_placed(const CodeFunc *f, uint32_t func, uint64_t at) {
    return (CodePlaced){
        .at = (uint32_t)at,
        .size = f->size,
        .func = func,
        .frame_size = f->frame_size,
        .site_len = f->site_len,
        .pad_len = f->pad_len,
        .loop_len = f->loop_len,
        .is_wide = f->is_wide,
    };
}

size_t region_tables_size(const CodeFunc *f) {
    return (f->site_len + f->loop_len) * sizeof(CodeSite) +
           f->pad_len * sizeof(uint32_t);
}

static char *keep(char *to, const void *items, size_t size) {
    if (size) memcpy(to, items, size);
    return to + size;
}

char *region_keep_tables(CodePlaced *p, const CodeFunc *f, char *to) {
    p->sites = (const CodeSite *)(void *)to;
    to = keep(to, f->sites, f->site_len * sizeof(CodeSite));
    p->loops = (const CodeSite *)(void *)to;
    to = keep(to, f->loops, f->loop_len * sizeof(CodeSite));
    p->pads = (const uint32_t *)(void *)to;
    return keep(to, f->pads, f->pad_len * sizeof(uint32_t));
}

// What a relocation refers to. Of functions from `known` on it is not said where
// they are, which others may be about to find out.
static uintptr_t target(const CodeRegion *r, CodeReloc reloc, uint32_t known) {
    switch ((CodeRelocKind)reloc.kind) {
    case RELOC_slot:
        return (uintptr_t)&r->slots[reloc.index];
    case RELOC_helper:
        CHECK(reloc.index < HELPER_COUNT);
        return code_region_stub(r, r->stubs.helper[reloc.index]);
    case RELOC_trap:
        CHECK(reloc.index < TRAP_count);
        return code_region_stub(r, r->stubs.trap[reloc.index]);
    case RELOC_func:
        break;
    }
    uint32_t at = reloc.index < known ? r->func_at[reloc.index] : 0;
    return at ? (uintptr_t)r->text + at : thunk(r, reloc.index);
}

static void relocate(const CodeRegion *r, const CodeFunc *f, uint8_t *code,
                     uint32_t known) {
    for (uint32_t i = 0; i < f->reloc_len; i++) {
        CodeReloc reloc = f->relocs[i];
        CHECK(reloc.at <= f->size - 4 && f->size >= 4);
        bool is_func = reloc.kind == RELOC_func || reloc.kind == RELOC_slot;
        CHECK(!is_func || reloc.index < r->func_len);
        uint8_t *field = code + reloc.at;
        uintptr_t distance =
            target(r, reloc, known) - ((uintptr_t)field + sizeof(uint32_t));
        store_u32(field, load_u32(field) + (uint32_t)distance);
    }
}

void region_write(const CodeRegion *r, const CodePlaced *p, const CodeFunc *f,
                  uint32_t known) {
    memcpy(r->text + p->at, f->code, p->size);
    relocate(r, f, r->text + p->at, known);
}

void region_publish(CodeRegion *r, uint32_t n, uint32_t len, uint64_t end) {
    r->text_len = (uint32_t)MIN(region_to_pages(end), r->text_cap);
    // The counter first: whoever runs the code may look it up.
    atomic_fetch_add_explicit(&r->placed_len, len, memory_order_release);
    for (uint32_t i = n; i < n + len; i++) {
        const CodePlaced *p = &r->placed[i];
        r->code_len += p->size;
        atomic_store_explicit(&r->published[p->func],
                              (uintptr_t)r->text + p->at, memory_order_release);
    }
}

// --- a group of functions ------------------------------------------------------------

// On its way into the region.
typedef struct Group {
    CodeRegion *r;
    const CodeFunc *funcs;
    const uint32_t *indices;
    uint32_t len;
    CodePlaced *placed; // of those that are really placed, in order
    uint32_t placed_at; // index of the first
    uint32_t placed_len;
    uint64_t end; // of the text
} Group;

// Where each function goes. False: there is no room.
static bool lay_out(Group *g) {
    CodeRegion *r = g->r;
    g->placed_at = atomic_load(&r->placed_len);
    g->placed = r->placed + g->placed_at;
    g->end = r->text_len;
    for (uint32_t i = 0; i < g->len; i++) {
        const CodeFunc *f = &g->funcs[i];
        if (r->func_at[g->indices[i]]) continue;
        g->end = region_align(f, g->end);
        if (f->size > r->text_cap || g->end > r->text_cap - f->size) {
            r->is_full = true;
            return false;
        }
        g->placed[g->placed_len++] = region_placed(f, g->indices[i], g->end);
        r->own_func_at[g->indices[i]] = (uint32_t)g->end;
        g->end += f->size;
    }
    return true;
}

static void undo(const Group *g) {
    for (uint32_t i = 0; i < g->placed_len; i++)
        g->r->own_func_at[g->placed[i].func] = 0;
}

// The function of the next of those that are placed, from the i-th that was
// compiled on.
static const CodeFunc *func_of(const Group *g, const CodePlaced *p,
                               uint32_t *i) {
    while (g->indices[*i] != p->func)
        ++*i;
    return &g->funcs[*i];
}

// Copies what walks need to know. False: no memory.
static bool keep_tables(Group *g) {
    size_t size = 0;
    for (uint32_t i = 0; i < g->len; i++)
        size += region_tables_size(&g->funcs[i]);
    CodeBlock *b = mem_alloc(sizeof *b + size);
    if (!b) return false;
    b->next = g->r->blocks;
    g->r->blocks = b;
    char *to = (char *)(b + 1);
    for (uint32_t n = 0, i = 0; n < g->placed_len; n++)
        to = region_keep_tables(&g->placed[n], func_of(g, &g->placed[n], &i),
                                to);
    return true;
}

static bool write_code(const Group *g) {
    CodeRegion *r = g->r;
    size_t size = region_to_pages(g->end - r->text_len);
    uint8_t *start = r->text + r->text_len;
    if (!vm_protect(start, size, VM_read_write)) return false;
    for (uint32_t n = 0, i = 0; n < g->placed_len; n++)
        region_write(r, &g->placed[n], func_of(g, &g->placed[n], &i),
                     r->func_len);
    return vm_protect(start, size, VM_read_exec);
}

static bool place(Group *g) {
    if (g->r->image.funcs) return true; // which has all of them
    if (!lay_out(g)) return false;
    if (g->placed_len == 0) return true;
    if (!keep_tables(g) || !write_code(g)) return false;
    region_publish(g->r, g->placed_at, g->placed_len, g->end);
    return true;
}

bool code_region_place(CodeRegion *r, const CodeFunc *funcs,
                       const uint32_t *indices, uint32_t len) {
    Group g = {.r = r, .funcs = funcs, .indices = indices, .len = len};
    mutex_lock(&r->lock);
    bool ok = place(&g);
    if (!ok) undo(&g);
    mutex_unlock(&r->lock);
    return ok;
}

bool code_region_is_full(CodeRegion *r) {
    mutex_lock(&r->lock);
    bool is_full = r->is_full;
    mutex_unlock(&r->lock);
    return is_full;
}

void code_region_lock(CodeRegion *r) {
    mutex_lock(&r->lock);
}

void code_region_unlock(CodeRegion *r) {
    mutex_unlock(&r->lock);
}

// --- looking up --------------------------------------------------------------------

static bool is_within(uint32_t at, uint32_t len, uint32_t all) {
    return len <= all && at <= all - len;
}

// Tables that lie in a file are checked as they are used.
static bool image_nth(const CodeImage *image, uint32_t n, CodePlaced *out) {
    const CodeImageFunc *f = &image->funcs[n];
    bool ok = f->func < image->func_len &&
              is_within(f->at, f->size, image->text_len) &&
              is_within(f->site_at, f->site_len, image->site_len) &&
              is_within(f->pad_at, f->pad_len, image->pad_len);
    if (!ok) return false;
    *out = (CodePlaced){
        .at = f->at,
        .size = f->size,
        .func = f->func,
        .frame_size = f->frame_size,
        .sites = image->sites + f->site_at,
        .pads = image->pads + f->pad_at,
        .site_len = f->site_len,
        .pad_len = f->pad_len,
        .is_wide = f->is_wide,
    };
    return true;
}

bool code_region_nth(const CodeRegion *r, uint32_t n, CodePlaced *out) {
    if (r->image.funcs) return image_nth(&r->image, n, out);
    *out = r->placed[n];
    return true;
}

static uint32_t nth_at(const CodeRegion *r, uint32_t n) {
    return r->image.funcs ? r->image.funcs[n].at : r->placed[n].at;
}

// The last function that begins at or before an offset in the text.
static bool find(const CodeRegion *r, uintptr_t at, CodePlaced *out) {
    uint32_t low = 0,
             high = atomic_load_explicit(&r->placed_len, memory_order_acquire);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (nth_at(r, middle) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low && code_region_nth(r, low - 1, out);
}

static bool find_site(const CodePlaced *p, uint32_t at, bool is_fault,
                      uint32_t *wasm_out) {
    uint32_t low = 0, high = p->site_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->sites[middle].code < at)
            low = middle + 1;
        else
            high = middle;
    }
    // The return address of a call may be that of an access that faults.
    for (; low < p->site_len && p->sites[low].code == at; low++) {
        uint32_t wasm = p->sites[low].wasm;
        if (((wasm & CODE_SITE_FAULT) != 0) != is_fault) continue;
        *wasm_out = wasm & ~CODE_SITE_FAULT;
        return true;
    }
    return false;
}

bool code_region_at(const CodeRegion *r, uintptr_t pc, bool is_fault,
                    CodeAt *out) {
    uintptr_t at = pc - (uintptr_t)r->text;
    if (at == 0 || at > r->text_cap) return false;
    // A call may be the last instruction of its function.
    CodePlaced *p = &out->func;
    if (!find(r, is_fault ? at : at - 1, p) || at - p->at > p->size)
        return false;
    return find_site(p, (uint32_t)at - p->at, is_fault, &out->wasm);
}

bool code_region_placed(const CodeRegion *r, uint32_t func, CodePlaced *out) {
    return code_region_has(r, func) &&
           find(r, code_region_func(r, func) - (uintptr_t)r->text, out);
}
