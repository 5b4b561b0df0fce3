// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Filling a region whole. Its lock is held from the beginning to the end, so
// pages stay writable while code is written, and change their protection once.
#include "base/alloc.h"
#include "code/region_int.h"

enum {
    WRITABLE_STEP = 1 << 20 // bytes of text
};

bool code_fill_begin(CodeFill *f, CodeRegion *r) {
    mutex_lock(&r->lock);
    if (r->image.funcs || atomic_load(&r->placed_len) > 0) {
        mutex_unlock(&r->lock);
        return false;
    }
    *f = (CodeFill){.r = r, .end = r->text_len, .writable = r->text_len};
    return true;
}

// Nobody else is in the region: nothing of it runs, and nothing executable is
// writable.
static bool make_writable(CodeFill *f, uint64_t end) {
    CodeRegion *r = f->r;
    if (end <= f->writable) return true;
    uint64_t to = MIN(region_to_pages(end) + WRITABLE_STEP, r->text_cap);
    if (!vm_protect(r->text + f->writable, (size_t)(to - f->writable),
                    VM_read_write))
        return false;
    f->writable = to;
    return true;
}

// For the tables of all functions of a part.
static bool block_new(CodeFill *f, CodePart *part) {
    size_t size = 0;
    for (uint32_t i = 0; i < part->len; i++)
        size += region_tables_size(&part->funcs[i]);
    CodeBlock *b = mem_alloc(sizeof *b + size);
    if (!b) return false;
    b->next = f->r->blocks;
    f->r->blocks = b;
    part->block = b;
    return true;
}

bool code_fill_lay_out(CodeFill *f, CodePart *part) {
    CodeRegion *r = f->r;
    assert(part->first == f->placed_len);
    uint64_t end = f->end;
    for (uint32_t i = 0; i < part->len; i++) {
        const CodeFunc *func = &part->funcs[i];
        uint64_t at = region_align(func, end);
        end = at + func->size;
        if (end > r->text_cap) {
            f->is_full = r->is_full = true;
            return false;
        }
        r->placed[part->first + i] = region_placed(func, part->first + i, at);
    }
    if (!make_writable(f, end) || !block_new(f, part)) return false;
    for (uint32_t i = part->first; i < part->first + part->len; i++)
        r->own_func_at[i] = r->placed[i].at;
    f->end = end;
    f->placed_len += part->len;
    return true;
}

// Those before the part have their places, whoever writes them.
void code_fill_write(const CodeFill *f, const CodePart *part) {
    uint32_t known = part->first + part->len;
    CodePlaced *p = &f->r->placed[part->first];
    char *tables = (char *)(part->block + 1);
    for (uint32_t i = 0; i < part->len; i++) {
        tables = region_keep_tables(&p[i], &part->funcs[i], tables);
        region_write(f->r, &p[i], &part->funcs[i], known);
    }
}

// Back to how it was.
static void undo(const CodeFill *f) {
    CodeRegion *r = f->r;
    for (uint32_t i = 0; i < f->placed_len; i++)
        r->own_func_at[i] = 0;
    size_t size = (size_t)(f->writable - r->text_len);
    // Pages that stay writable are written again before anything there runs.
    bool is_clean = size == 0 || vm_decommit(r->text + r->text_len, size);
    (void)is_clean;
}

static bool make_executable(const CodeFill *f) {
    CodeRegion *r = f->r;
    uint64_t end = MIN(region_to_pages(f->end), r->text_cap);
    if (end > r->text_len &&
        !vm_protect(r->text + r->text_len, (size_t)(end - r->text_len),
                    VM_read_exec))
        return false;
    return end >= f->writable ||
           vm_decommit(r->text + end, (size_t)(f->writable - end));
}

bool code_fill_end(CodeFill *f, bool ok) {
    ok = ok && make_executable(f);
    if (ok)
        region_publish(f->r, 0, f->placed_len, f->end);
    else
        undo(f);
    mutex_unlock(&f->r->lock);
    return ok;
}
