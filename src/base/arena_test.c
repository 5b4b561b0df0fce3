// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/arena.h"

#include "base/alloc.h"
#include "unit/unit.h"

#include <stdlib.h>

enum {
    MIB = 1024 * 1024
};

static bool is_filled(const char *p, size_t size, char with) {
    for (size_t i = 0; i < size; i++)
        if (p[i] != with) return false;
    return true;
}

static void zeroed_aligned_and_separate(void) {
    Arena a;
    arena_init(&a, 0);
    char *blocks[500];
    for (size_t i = 0; i < COUNTOF(blocks); i++) {
        blocks[i] = arena_alloc(&a, 1, 1 + i * 7 % 600);
        EXPECT_EQ((uintptr_t)blocks[i] % 16, 0);
        EXPECT(is_filled(blocks[i], 1 + i * 7 % 600, 0));
        memset(blocks[i], (int)(i & 0x7f), 1 + i * 7 % 600);
    }
    for (size_t i = 0; i < COUNTOF(blocks); i++)
        EXPECT(is_filled(blocks[i], 1 + i * 7 % 600, (char)(i & 0x7f)));
    arena_release(&a);
    EXPECT_EQ(a.used, 0);
}

static void empty_allocations_are_unique(void) {
    Arena a;
    arena_init(&a, 0);
    char *p = arena_alloc(&a, 8, 0), *q = arena_alloc(&a, 0, 8);
    EXPECT(p && q && p != q);
    arena_release(&a);
}

static void big_requests_leave_the_chunk_in_use(void) {
    Arena a;
    arena_init(&a, 0);
    arena_alloc(&a, 1, 16);
    char *next = a.next;
    char *big = arena_alloc(&a, 1, MIB);
    EXPECT(is_filled(big, MIB, 0));
    EXPECT(a.next == next);
    EXPECT(arena_alloc(&a, 1, 16) == (void *)next);
    arena_release(&a);
}

static void chunks_grow_to_a_megabyte(void) {
    Arena a;
    arena_init(&a, 0);
    size_t largest = 0;
    for (int i = 0; i < 100000; i++) {
        size_t before = a.used;
        arena_alloc(&a, 1, 48);
        largest = MAX(largest, a.used - before);
    }
    EXPECT_EQ(largest, MIB);
    EXPECT(a.used < 10 * MIB + 100000 * ASAN_REDZONE);
    arena_release(&a);
}

static void strdup_copies(void) {
    Arena a;
    arena_init(&a, 0);
    EXPECT_STR(arena_strdup(&a, "hello", 4), "hell");
    EXPECT_STR(arena_strdup(&a, NULL, 0), "");
    arena_release(&a);
}

static void rewind_gives_back(void) {
    Arena a;
    arena_init(&a, 0);
    ArenaMark empty = arena_mark(&a);
    char *kept = arena_alloc(&a, 1, 100);
    memset(kept, 'k', 100);
    arena_alloc(&a, 1, MIB); // the newest chunk is not the one in use
    ArenaMark m = arena_mark(&a);
    size_t used = a.used;
    for (int round = 0; round < 3; round++) {
        char *p = arena_alloc(&a, 1, 200);
        EXPECT(is_filled(p, 200, 0));
        memset(p, 'x', 200);
        arena_alloc(&a, 1, 100 * 1000);
        for (int i = 0; i < 3000; i++)
            arena_alloc(&a, 1, 64);
        EXPECT(a.used > used);
        arena_rewind(&a, m);
        EXPECT_EQ(a.used, used);
        EXPECT(a.next == m.next);
    }
    EXPECT(is_filled(kept, 100, 'k'));
    arena_rewind(&a, empty);
    EXPECT_EQ(a.used, 0);
    arena_alloc(&a, 1, 1);
    arena_release(&a);
}

static void reset_keeps_one_chunk(void) {
    Arena a;
    arena_init(&a, 0);
    arena_reset(&a);
    EXPECT_EQ(a.used, 0);
    for (int i = 0; i < 2000; i++)
        arena_alloc(&a, 1, 64);
    arena_alloc(&a, 1, 3 * MIB);
    arena_reset(&a);
    size_t used = a.used;
    EXPECT(used > 0 && used <= MIB);
    char *p = arena_alloc(&a, 1, 1000);
    EXPECT(is_filled(p, 1000, 0));
    EXPECT_EQ(a.used, used);
    arena_release(&a);
    // Only big chunks: nothing worth keeping.
    arena_alloc(&a, 1, MIB);
    arena_reset(&a);
    EXPECT_EQ(a.used, 0);
    arena_alloc(&a, 1, 1);
    arena_release(&a);
}

// Allocates until something fails; true when nothing did.
static bool fill(Arena *a, size_t size, int count) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(a, &guard)) {
        for (int i = 0; i < count; i++)
            arena_alloc(a, 1, size);
        arena_unguard(a, &guard);
        ok = true;
    } else {
        arena_unguard(a, &guard);
    }
    EXPECT(a->guard == NULL);
    return ok;
}

static void limit_jumps_to_the_guard(void) {
    static const size_t limits[] = {1, 100, 5000, 20000, MIB, 5 * MIB};
    for (size_t i = 0; i < COUNTOF(limits); i++) {
        Arena a;
        arena_init(&a, limits[i]);
        EXPECT(!fill(&a, 40, 1 << 20));
        EXPECT(a.over_limit);
        EXPECT(a.used <= limits[i]);
        EXPECT(!fill(&a, 10 * MIB, 1));
        EXPECT(a.over_limit);
        arena_release(&a);
    }
}

static void impossible_sizes_jump(void) {
    Arena a;
    arena_init(&a, 0);
    ArenaGuard guard;
    static const size_t sizes[][2] = {
        {SIZE_MAX, 1},        {SIZE_MAX / 2 + 1, 2}, {SIZE_MAX / 2 + 2, 1},
        {SIZE_MAX, SIZE_MAX}, {16, SIZE_MAX / 16},
    };
    for (volatile size_t i = 0; i < COUNTOF(sizes); i++) {
        if (ARENA_GUARD(&a, &guard)) {
            arena_alloc(&a, sizes[i][0], sizes[i][1]);
            EXPECT(false);
        }
        arena_unguard(&a, &guard);
        EXPECT(!a.over_limit);
    }
    EXPECT_EQ(a.used, 0);
    arena_release(&a);
}

static void guards_nest(void) {
    Arena a;
    arena_init(&a, 0);
    ArenaGuard outer, inner;
    volatile int path = 0;
    if (ARENA_GUARD(&a, &outer)) {
        if (ARENA_GUARD(&a, &inner)) {
            arena_fail(&a);
        } else {
            path = path * 10 + 1;
            arena_fail(&a); // failing again reaches the outer one
        }
    } else {
        path = path * 10 + 2;
    }
    arena_unguard(&a, &outer);
    EXPECT_EQ(path, 12);
    EXPECT(a.guard == NULL);
    arena_release(&a);
}

static void every_allocation_can_fail(void) {
    for (uint64_t n = 1; n <= 50; n++) {
        Arena a;
        arena_init(&a, 0);
        a.fail_in = n;
        EXPECT_EQ(fill(&a, 500, 49), n == 50);
        EXPECT(!a.over_limit);
        arena_release(&a);
    }
}

// Two that count together: what one has is not there for the other, until it is
// given back.
static void budgets_are_shared(void) {
    ArenaBudget budget = {.limit = 100000};
    Arena a, b;
    arena_init(&a, 80000);
    a.budget = &budget;
    arena_init_beside(&b, &a);
    EXPECT(fill(&a, 60000, 1));
    EXPECT(fill(&b, 30000, 1));
    EXPECT_EQ(atomic_load(&budget.used), a.used + b.used);
    EXPECT(!fill(&b, 30000, 1));
    EXPECT(b.over_limit);
    EXPECT_EQ(atomic_load(&budget.used), a.used + b.used);
    arena_release(&a);
    EXPECT(fill(&b, 30000, 1));
    EXPECT(!fill(&b, 60000, 1)); // its own limit
    EXPECT(b.over_limit);
    arena_budget_reset(&a);
    EXPECT_EQ(atomic_load(&budget.used), 0);
    arena_budget_reset(&b);
    arena_release(&b);
    EXPECT_EQ(atomic_load(&budget.used), 0);
}

static uint64_t mallocs_left;

static void *scarce_alloc(void *env, size_t size) {
    (void)env;
    if (mallocs_left == 0) return NULL;
    mallocs_left--;
    return malloc(size);
}

static void scarce_free(void *env, void *p) {
    (void)env;
    free(p);
}

static void system_can_run_out(void) {
    allocator_set(&(Allocator){.alloc = scarce_alloc, .free = scarce_free});
    for (uint64_t n = 0; n < 5; n++) {
        Arena a;
        arena_init(&a, 0);
        mallocs_left = n;
        EXPECT(!fill(&a, 1000, 1000));
        EXPECT(!a.over_limit);
        mallocs_left = 1;
        EXPECT(fill(&a, 50000, 1)); // it goes on when there is memory again
        arena_release(&a);
    }
    allocator_set(NULL);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(zeroed_aligned_and_separate),
        UNIT_TEST(empty_allocations_are_unique),
        UNIT_TEST(big_requests_leave_the_chunk_in_use),
        UNIT_TEST(chunks_grow_to_a_megabyte), UNIT_TEST(strdup_copies),
        UNIT_TEST(rewind_gives_back), UNIT_TEST(reset_keeps_one_chunk),
        UNIT_TEST(limit_jumps_to_the_guard), UNIT_TEST(impossible_sizes_jump),
        UNIT_TEST(guards_nest), UNIT_TEST(budgets_are_shared),
        UNIT_TEST(every_allocation_can_fail), UNIT_TEST(system_can_run_out));
}
