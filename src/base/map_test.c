// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/map.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "unit/unit.h"

#include <stdlib.h>

static void set_get_remove(void) {
    Map m = {0};
    EXPECT_EQ(map_get(&m, 0), MAP_NONE);
    EXPECT(!map_remove(&m, 0));
    EXPECT(map_set(&m, 0, 5));
    EXPECT(map_set(&m, UINT64_MAX, 6));
    EXPECT(map_set(&m, 0, 7));
    EXPECT_EQ(m.len, 2);
    EXPECT_EQ(map_get(&m, 0), 7);
    EXPECT_EQ(map_get(&m, UINT64_MAX), 6);
    EXPECT(map_remove(&m, 0));
    EXPECT(!map_remove(&m, 0));
    EXPECT_EQ(map_get(&m, 0), MAP_NONE);
    EXPECT_EQ(map_get(&m, UINT64_MAX), 6);
    map_release(&m);
    EXPECT_EQ(map_get(&m, UINT64_MAX), MAP_NONE);
}

// Against an array, with a small pseudo-random walk.
static void agrees_with_an_array(void) {
    enum {
        KEYS = 3000
    };
    static uint32_t model[KEYS];
    memset(model, 0xff, sizeof model); // all MAP_NONE
    Arena a;
    arena_init(&a, 0);
    Map m = {.arena = &a};
    uint32_t len = 0;
    for (uint64_t step = 0; step < 60000; step++) {
        uint64_t random = hash_u64(step);
        uint32_t key = (uint32_t)(random % KEYS);
        if (random >> 62 == 0) {
            EXPECT_EQ(map_remove(&m, key * 8), model[key] != MAP_NONE);
            len -= model[key] != MAP_NONE;
            model[key] = MAP_NONE;
        } else {
            EXPECT(map_set(&m, key * 8, (uint32_t)step));
            len += model[key] == MAP_NONE;
            model[key] = (uint32_t)step;
        }
        if (!EXPECT_EQ(m.len, len)) return;
    }
    for (uint32_t key = 0; key < KEYS; key++)
        EXPECT_EQ(map_get(&m, key * 8), model[key]);
    arena_release(&a);
}

static void deleting_does_not_grow_it(void) {
    Map m = {0};
    for (uint32_t i = 0; i < 100000; i++) {
        EXPECT(map_set(&m, i, i));
        if (i >= 3) EXPECT(map_remove(&m, i - 3));
    }
    EXPECT_EQ(m.len, 3);
    EXPECT_EQ(m.cap, 8);
    map_release(&m);
}

static const char *const words[] = {"one", "two", "three", "one"};

static bool same_word(const void *env, uint32_t value, const void *key,
                      size_t size) {
    const char *const *list = env;
    return strlen(list[value]) == size && !memcmp(list[value], key, size);
}

static void strings_may_share_a_hash(void) {
    Map m = {0};
    EXPECT_EQ(map_find(&m, 42, same_word, words, "one", 3), MAP_NONE);
    for (uint32_t i = 0; i < 3; i++)
        EXPECT(map_add(&m, 42, i));
    for (uint32_t i = 0; i < 3; i++)
        EXPECT_EQ(
            map_find(&m, 42, same_word, words, words[i], strlen(words[i])), i);
    EXPECT_EQ(map_find(&m, 42, same_word, words, "four", 4), MAP_NONE);
    EXPECT_EQ(map_find(&m, 43, same_word, words, "one", 3), MAP_NONE);
    map_release(&m);
}

static uint32_t allocs_left;

static void *scarce_alloc(void *env, size_t size) {
    (void)env;
    if (allocs_left == 0) return NULL;
    allocs_left--;
    return malloc(size);
}

static void scarce_free(void *env, void *p) {
    (void)env;
    free(p);
}

static void heap_map_survives_failure(void) {
    allocator_set(&(Allocator){.alloc = scarce_alloc, .free = scarce_free});
    for (uint32_t n = 0; n < 6; n++) {
        Map m = {0};
        allocs_left = n;
        uint32_t i = 0;
        while (map_set(&m, i, i))
            i++;
        EXPECT_EQ(m.len, i);
        for (uint32_t j = 0; j < i; j++)
            EXPECT_EQ(map_get(&m, j), j);
        EXPECT_EQ(map_get(&m, i), MAP_NONE);
        map_release(&m);
    }
    allocator_set(NULL);
}

static void reset_keeps_the_room(void) {
    Map m = {0};
    map_reset(&m);
    for (uint32_t i = 0; i < 100; i++)
        EXPECT(map_set(&m, i, i));
    const MapEntry *entries = m.entries;
    for (int again = 0; again < 3; again++) {
        map_reset(&m);
        EXPECT_EQ(m.len, 0);
        EXPECT_EQ(map_get(&m, 5), MAP_NONE);
        for (uint32_t i = 0; i < 100; i++)
            EXPECT(map_set(&m, i * 7, i));
        EXPECT_EQ(map_get(&m, 35), 5);
        EXPECT(m.entries == entries);
    }
    map_release(&m);
}

static void arena_map_jumps(void) {
    Arena a;
    arena_init(&a, 4096);
    Map m = {.arena = &a};
    ArenaGuard guard;
    if (ARENA_GUARD(&a, &guard)) {
        for (uint32_t i = 0; map_set(&m, i, i);)
            i++;
        EXPECT(false); // it jumps instead of returning false
    }
    arena_unguard(&a, &guard);
    EXPECT(m.len > 0);
    for (uint32_t i = 0; i < m.len; i++)
        EXPECT_EQ(map_get(&m, i), i);
    arena_release(&a);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(set_get_remove), UNIT_TEST(agrees_with_an_array),
                    UNIT_TEST(deleting_does_not_grow_it),
                    UNIT_TEST(strings_may_share_a_hash),
                    UNIT_TEST(heap_map_survives_failure),
                    UNIT_TEST(reset_keeps_the_room),
                    UNIT_TEST(arena_map_jumps));
}
