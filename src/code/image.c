// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/image.h"

#include "base/alloc.h"
#include "os/vm.h"

#include <string.h>

// --- out -----------------------------------------------------------------------------

void code_image_of(const CodeRegion *r, Arena *arena, CodeImage *out) {
    uint32_t len = atomic_load(&r->placed_len);
    *out = (CodeImage){
        .text = r->text,
        .text_len = r->text_len,
        .placed_len = len,
        .func_len = r->func_len,
    };
    for (uint32_t i = 0; i < len; i++) {
        out->site_len += r->placed[i].site_len;
        out->pad_len += r->placed[i].pad_len;
    }
    CodeImageFunc *funcs = NEW_N(arena, CodeImageFunc, len);
    CodeSite *sites = NEW_N(arena, CodeSite, out->site_len);
    uint32_t *pads = NEW_N(arena, uint32_t, out->pad_len);
    uint32_t site_at = 0, pad_at = 0;
    for (uint32_t i = 0; i < len; i++) {
        const CodePlaced *p = &r->placed[i];
        funcs[i] = (CodeImageFunc){p->at,         p->size,    p->func,
                                   p->frame_size, site_at,    p->site_len,
                                   pad_at,        p->pad_len, p->is_wide};
        if (p->site_len)
            memcpy(sites + site_at, p->sites, p->site_len * sizeof *sites);
        if (p->pad_len)
            memcpy(pads + pad_at, p->pads, p->pad_len * sizeof *pads);
        site_at += p->site_len;
        pad_at += p->pad_len;
    }
    out->funcs = funcs;
    out->sites = sites;
    out->pads = pads;
}

// --- in ------------------------------------------------------------------------------

static bool holds(uint32_t all, uint32_t at, uint32_t len) {
    return len <= all && at <= all - len;
}

static bool sites_are_fine(const CodeImage *image, const CodeImageFunc *f) {
    const CodeSite *s = image->sites + f->site_at;
    for (uint32_t i = 0; i < f->site_len; i++) {
        if (s[i].code > f->size) return false;
        if (i && s[i].code < s[i - 1].code) return false;
    }
    const uint32_t *pads = image->pads + f->pad_at;
    for (uint32_t i = 0; i < f->pad_len; i++)
        if (pads[i] >= f->size) return false;
    return true;
}

// `end` is where the function before it ended.
static bool func_is_fine(const CodeImage *image, const CodeRegion *r,
                         const CodeImageFunc *f, uint32_t end) {
    return f->at >= end && holds(image->text_len, f->at, f->size) &&
           f->func < image->func_len && !r->func_at[f->func] &&
           f->frame_size % 16 == 0 && f->is_wide <= 1 &&
           holds(image->site_len, f->site_at, f->site_len) &&
           holds(image->pad_len, f->pad_at, f->pad_len) &&
           sites_are_fine(image, f);
}

// Copies the tables and finds the functions in them.
static CodeImageStatus place(CodeRegion *r, const CodeImage *image) {
    size_t site_size = image->site_len * sizeof(CodeSite);
    size_t pad_size = image->pad_len * sizeof(uint32_t);
    CodeBlock *b = mem_alloc(sizeof *b + site_size + pad_size);
    if (!b) return CODE_IMAGE_no_memory;
    b->next = NULL;
    r->blocks = b;
    CodeSite *sites = (CodeSite *)(void *)(b + 1);
    uint32_t *pads = (uint32_t *)(void *)((char *)sites + site_size);
    if (site_size) memcpy(sites, image->sites, site_size);
    if (pad_size) memcpy(pads, image->pads, pad_size);
    uint32_t end = r->stubs.size + r->func_len * CODE_THUNK_SIZE;
    for (uint32_t i = 0; i < image->placed_len; i++) {
        const CodeImageFunc *f = &image->funcs[i];
        if (!func_is_fine(image, r, f, end)) return CODE_IMAGE_malformed;
        r->placed[i] = (CodePlaced){
            .at = f->at,
            .size = f->size,
            .func = f->func,
            .frame_size = f->frame_size,
            .sites = sites + f->site_at,
            .pads = pads + f->pad_at,
            .site_len = f->site_len,
            .pad_len = f->pad_len,
            .is_wide = f->is_wide,
        };
        r->func_at[f->func] = f->at;
        atomic_store(&r->slots[f->func], (uintptr_t)r->text + f->at);
        end = f->at + f->size;
        r->code_len += f->size;
    }
    atomic_store(&r->placed_len, image->placed_len);
    return CODE_IMAGE_ok;
}

// Are the stubs what this version writes?
static CodeImageStatus check_stubs(CodeRegion *r, const CodeImage *image) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    CodeBuf buf;
    volatile CodeImageStatus status = CODE_IMAGE_no_memory;
    if (ARENA_GUARD(&arena, &guard)) {
        code_init(&buf, &arena);
        code_stubs_write(&buf, &r->stubs);
        uint64_t size = r->stubs.size + (uint64_t)r->func_len * CODE_THUNK_SIZE;
        bool same = size <= image->text_len &&
                    memcmp(buf.start, image->text, r->stubs.size) == 0;
        status = same ? CODE_IMAGE_ok : CODE_IMAGE_other_stubs;
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return status;
}

static bool map(CodeRegion *r, const CodeImage *image) {
    size_t page = vm_page_size();
    size_t slots = code_region_data_size(r->func_len);
    r->text_cap = (uint32_t)align_up(image->text_len, page);
    r->text_len = r->text_cap;
    r->reserved = slots + r->text_cap;
    r->base = vm_reserve(r->reserved);
    if (!r->base || !vm_protect(r->base, slots, VM_read_write)) return false;
    r->slots = (CodeSlot *)(void *)r->base;
    r->text = r->base + slots;
    if (!vm_protect(r->text, r->text_cap, VM_read_write)) return false;
    memcpy(r->text, image->text, image->text_len);
    return vm_protect(r->text, r->text_cap, VM_read_exec);
}

static CodeImageStatus fill(CodeRegion *r, const CodeImage *image,
                            bool faults) {
    bool is_sane = image->placed_len <= image->func_len &&
                   image->text_len > 0 && image->text_len <= INT32_MAX / 2;
    if (!is_sane) return CODE_IMAGE_malformed;
    CodeImageStatus status = check_stubs(r, image);
    if (status != CODE_IMAGE_ok) return status;
    r->placed = MEM_NEW_N(CodePlaced, (size_t)r->func_len + 1);
    r->func_at = MEM_NEW_N(uint32_t, (size_t)r->func_len + 1);
    if (!r->placed || !r->func_at || !map(r, image))
        return CODE_IMAGE_no_memory;
    code_region_fill_slots(r);
    status = place(r, image);
    if (status == CODE_IMAGE_ok && !code_region_list(r, faults))
        status = CODE_IMAGE_no_memory;
    return status;
}

CodeImageStatus code_region_of_image(const CodeImage *image, bool faults,
                                     CodeRegion **out) {
    *out = NULL;
    if (!code_is_supported) return CODE_IMAGE_other_stubs;
    CodeRegion *r = MEM_NEW(CodeRegion);
    if (!r) return CODE_IMAGE_no_memory;
    r->func_len = image->func_len;
    CodeImageStatus status = fill(r, image, faults);
    if (status == CODE_IMAGE_ok)
        *out = r;
    else
        code_region_free(r);
    return status;
}
