// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/vec.h"

#include "base/alloc.h"
#include "unit/unit.h"

#include <stdlib.h>

typedef struct Pair {
    uint32_t a;
    char b;
} Pair;

static void vec_pushes_and_pops(void) {
    Arena a;
    arena_init(&a, 0);
    Vec(Pair) v = {0};
    for (uint32_t i = 0; i < 1000; i++)
        VEC_PUSH(&a, &v, ((Pair){i, (char)(i & 0x7f)}));
    EXPECT_EQ(v.len, 1000);
    uint32_t i = 0;
    VEC_EACH (Pair, p, &v) {
        EXPECT_EQ(p->a, i);
        EXPECT_EQ(p->b, i & 0x7f);
        i++;
    }
    EXPECT_EQ(i, 1000);
    EXPECT_EQ(VEC_LAST(&v).a, 999);
    EXPECT_EQ(VEC_POP(&v).a, 999);
    EXPECT_EQ(v.len, 999);
    arena_release(&a);
}

static void vec_value_may_read_the_vec(void) {
    Arena a;
    arena_init(&a, 0);
    Vec(uint32_t) v = {0};
    VEC_PUSH(&a, &v, v.len);
    for (int i = 0; i < 100; i++)
        VEC_PUSH(&a, &v, v.data[v.len - 1] + v.len);
    EXPECT_EQ(v.data[100], 100 * 101 / 2);
    arena_release(&a);
}

static void empty_vecs_are_loops_of_nothing(void) {
    Vec(int) v = {0};
    VEC_EACH (int, item, &v) {
        EXPECT(!item);
    }
    EXPECT(!v.data);
    Vec(const char *) names = {0}; // items may be pointers themselves
    VEC_EACH (const char *, name, &names) {
        EXPECT(!*name);
    }
    EXPECT(!names.data);
}

static void reserve_does_not_move(void) {
    Arena a;
    arena_init(&a, 0);
    Vec(int) v = {0};
    VEC_RESERVE(&a, &v, 0);
    EXPECT(!v.data);
    VEC_PUSH(&a, &v, 1);
    VEC_RESERVE(&a, &v, 1000);
    const int *data = v.data;
    EXPECT_EQ(data[0], 1);
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(&a, &v, i);
    EXPECT(v.data == data);
    arena_release(&a);
}

static void vec_sizes_are_limited(void) {
    static const size_t sizes[] = {INT32_MAX, UINT32_MAX, (size_t)1 << 32,
                                   SIZE_MAX};
    Arena a;
    arena_init(&a, 1 << 20);
    for (volatile size_t i = 0; i < COUNTOF(sizes); i++) {
        Vec(int) v = {0};
        VEC_PUSH(&a, &v, 1);
        ArenaGuard guard;
        if (ARENA_GUARD(&a, &guard)) {
            VEC_RESERVE(&a, &v, sizes[i]);
            EXPECT(false);
        }
        arena_unguard(&a, &guard);
    }
    arena_release(&a);
}

static void list_grows(void) {
    List(uint64_t) v = {0};
    for (uint64_t i = 0; i < 1000; i++)
        EXPECT(LIST_PUSH(&v, i * i));
    for (uint64_t i = 0; i < 1000; i++)
        EXPECT_EQ(v.data[i], i * i);
    LIST_RELEASE(&v);
    EXPECT(!v.data && v.len == 0 && v.cap == 0);
    LIST_RELEASE(&v);
}

static bool memory_is_out;

static void *scarce_realloc(void *env, void *old, size_t old_size,
                            size_t size) {
    (void)env;
    (void)old_size;
    return memory_is_out ? NULL : realloc(old, size);
}

static void *scarce_alloc(void *env, size_t size) {
    return scarce_realloc(env, NULL, 0, size);
}

static void scarce_free(void *env, void *p) {
    (void)env;
    free(p);
}

static void list_survives_failure(void) {
    allocator_set(
        &(Allocator){scarce_alloc, scarce_realloc, scarce_free, NULL});
    List(int) v = {0};
    memory_is_out = true;
    EXPECT(!LIST_PUSH(&v, 1));
    EXPECT(!v.data && v.cap == 0);
    memory_is_out = false;
    while (v.len < 8 || v.len < v.cap)
        EXPECT(LIST_PUSH(&v, 7));
    memory_is_out = true;
    uint32_t len = v.len;
    EXPECT(!LIST_PUSH(&v, 8));
    EXPECT_EQ(v.len, len);
    EXPECT_EQ(VEC_LAST(&v), 7);
    memory_is_out = false;
    EXPECT(!LIST_RESERVE(&v, SIZE_MAX));
    EXPECT(!LIST_RESERVE(&v, (size_t)1 << 32));
    LIST_RELEASE(&v);
    allocator_set(NULL);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(vec_pushes_and_pops), UNIT_TEST(vec_value_may_read_the_vec),
        UNIT_TEST(empty_vecs_are_loops_of_nothing),
        UNIT_TEST(reserve_does_not_move), UNIT_TEST(vec_sizes_are_limited),
        UNIT_TEST(list_grows), UNIT_TEST(list_survives_failure));
}
