// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/vec.h"

#include "base/alloc.h"

#include <string.h>

enum {
    CAP_MIN = 8,
    CAP_MAX = INT32_MAX
};

// Every Vec(T) has this shape.
typedef struct MAY_ALIAS AnyVec {
    void *data;
    uint32_t len, cap;
} AnyVec;

static_assert(sizeof(Vec(char)) == sizeof(AnyVec), "shape");
static_assert(sizeof(Vec(max_align_t)) == sizeof(AnyVec), "shape");

// The capacity to grow to, or 0 when that is too much.
static uint32_t next_cap(const AnyVec *v, size_t more) {
    if (more > CAP_MAX - (size_t)v->len) return 0;
    size_t need = v->len + more;
    size_t twice = MIN((size_t)v->cap * 2, (size_t)CAP_MAX);
    return (uint32_t)MAX(MAX(need, twice), (size_t)CAP_MIN);
}

void vec_grow(Arena *a, void *vec, size_t item_size, size_t more) {
    AnyVec *v = vec;
    uint32_t cap = next_cap(v, more);
    if (cap == 0) arena_fail(a);
    void *data = arena_alloc_raw(a, item_size, cap);
    if (v->len) memcpy(data, v->data, item_size * v->len);
    v->data = data;
    v->cap = cap;
}

bool list_grow(void *list, size_t item_size, size_t more) {
    AnyVec *v = list;
    uint32_t cap = next_cap(v, more);
    if (cap == 0 || cap > SIZE_MAX / item_size) return false;
    void *data = mem_realloc(v->data, item_size * v->cap, item_size * cap);
    if (!data) return false;
    v->data = data;
    v->cap = cap;
    return true;
}

void list_release(void *list) {
    AnyVec *v = list;
    mem_free(v->data);
    *v = (AnyVec){0};
}
