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
        .func_at = r->func_at,
        .func_len = r->func_len,
    };
    CHECK(len == r->func_len && r->is_sealed);
    if (r->image.funcs) {
        *out = r->image;
        out->text = r->text;
        return;
    }
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

static bool map_text(CodeRegion *r, const CodeImage *image) {
    if (image->file)
        return vm_map_file(image->file - 1, image->file_at, r->text_cap,
                           VM_read_exec, r->text);
    if (!vm_protect(r->text, r->text_cap, VM_read_write)) return false;
    memcpy(r->text, image->text, image->text_len);
    return vm_protect(r->text, r->text_cap, VM_read_exec);
}

static bool map(CodeRegion *r, const CodeImage *image) {
    size_t page = vm_page_size();
    size_t slots = code_region_data_size(r->func_len);
    r->text_cap = (uint32_t)align_up(image->text_len, page);
    r->text_len = r->text_cap;
    r->reserved = slots + r->text_cap;
    r->base = vm_reserve(r->reserved);
    if (!r->base || !vm_protect(r->base, slots, VM_read_write)) return false;
    r->slots = r->published = (CodeSlot *)(void *)r->base;
    r->counters =
        (CodeCounter *)(void *)(r->base + r->func_len * sizeof(CodeSlot));
    r->text = r->base + slots;
    return map_text(r, image);
}

static CodeImageStatus fill(CodeRegion *r, const CodeImage *image,
                            bool faults) {
    if (image->text_len == 0 || image->text_len > INT32_MAX / 2)
        return CODE_IMAGE_malformed;
    CodeImageStatus status = check_stubs(r, image);
    if (status != CODE_IMAGE_ok) return status;
    if (!map(r, image)) return CODE_IMAGE_no_memory;
    r->func_at = image->func_at;
    r->is_sealed = true;
    r->image = *image;
    r->image.file = 0;
    r->code_len =
        image->text_len - r->stubs.size - r->func_len * CODE_THUNK_SIZE;
    atomic_store(&r->placed_len, image->func_len);
    return code_region_list(r, faults) ? CODE_IMAGE_ok : CODE_IMAGE_no_memory;
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
