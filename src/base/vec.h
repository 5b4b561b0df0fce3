// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Growable arrays; zero-initialised is empty.
//
// A Vec lives in an arena: growing cannot fail (the guard sees it), and old
// storage stays in the arena, so pointers into a Vec die on push but never
// dangle. A List lives in the process's allocator: growing can fail and
// list_release gives the storage back.
#pragma once

#include "base/arena.h"

#define Vec(T)             \
    struct {               \
        T *data;           \
        uint32_t len, cap; \
    }

#define VEC_PUSH(a, v, x)                                            \
    ((v)->len == (v)->cap ? vec_grow((a), (v), sizeof *(v)->data, 1) \
                          : (void)0,                                 \
     (void)((v)->data[(v)->len] = (x)), (void)(v)->len++)
// Room for n more items, so that the next n pushes do not move the data.
#define VEC_RESERVE(a, v, n)                          \
    ((size_t)((v)->cap - (v)->len) < (size_t)(n)      \
         ? vec_grow((a), (v), sizeof *(v)->data, (n)) \
         : (void)0)
#define VEC_POP(v)  (assert((v)->len > 0), (v)->data[--(v)->len])
#define VEC_LAST(v) ((v)->data[(v)->len - 1])
// The items from an index on, also of an empty array without data: C does not
// add zero to NULL.
#define VEC_FROM(v, at) ((v)->data ? (v)->data + (at) : NULL)

// Over the items, also of an empty array without data. The body must not push to
// the array: its items move.
#define VEC_EACH(T, item, v) \
    for (T *item = (v)->data; item && item != (v)->data + (v)->len; item++)

// At least `more` further items. Jumps to the arena's guard at 2^31 items.
void vec_grow(Arena *a, void *vec, size_t item_size, size_t more);

#define List(T) Vec(T)
// bool: room for n more items.
#define LIST_RESERVE(v, n)                           \
    ((size_t)((v)->cap - (v)->len) >= (size_t)(n) || \
     list_grow((v), sizeof *(v)->data, (n)))
// bool: pushes unless memory ran out.
#define LIST_PUSH(v, x) \
    (LIST_RESERVE(v, 1) && ((v)->data[(v)->len] = (x), (v)->len++, true))
#define LIST_RELEASE(v) list_release((v))

// The same; false, and nothing changed, when memory runs out.
NODISCARD bool list_grow(void *list, size_t item_size, size_t more);
void list_release(void *list); // empty afterwards
