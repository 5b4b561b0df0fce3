// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/alloc.h"

#include "unit/unit.h"

#include <setjmp.h>
#include <stdlib.h>

typedef struct Counts {
    int alloc, realloc, free;
    bool fail;
} Counts;

static void *count_alloc(void *env, size_t size) {
    Counts *c = env;
    c->alloc++;
    EXPECT(size > 0);
    return c->fail ? NULL : malloc(size);
}

static void *count_realloc(void *env, void *old, size_t old_size, size_t size) {
    Counts *c = env;
    c->realloc++;
    EXPECT(old_size > 0 && size > 0);
    return c->fail ? NULL : realloc(old, size);
}

static void count_free(void *env, void *p) {
    Counts *c = env;
    c->free++;
    free(p);
}

static Counts counts;

static void use_counting_allocator(void) {
    counts = (Counts){0};
    allocator_set(
        &(Allocator){count_alloc, count_realloc, count_free, &counts});
}

static void goes_through_the_allocator(void) {
    use_counting_allocator();
    char *p = mem_alloc(3);
    if (!EXPECT(p)) return;
    memcpy(p, "abc", 3);
    p = mem_realloc(p, 3, 4000);
    if (!EXPECT(p)) return;
    EXPECT(memcmp(p, "abc", 3) == 0);
    mem_free(p);
    mem_free(NULL);
    allocator_set(NULL);
    EXPECT_EQ(counts.alloc, 1);
    EXPECT_EQ(counts.realloc, 1);
    EXPECT_EQ(counts.free, 1);
    mem_free(mem_alloc(1));
    EXPECT_EQ(counts.alloc, 1);
}

static void failure_is_null(void) {
    use_counting_allocator();
    void *p = mem_alloc(8);
    counts.fail = true;
    EXPECT(!mem_alloc(8));
    EXPECT(!mem_calloc(2, 8));
    EXPECT(!mem_realloc(NULL, 0, 8));
    EXPECT(!mem_realloc(p, 8, 16));
    mem_free(p); // untouched by the failed realloc
    allocator_set(NULL);
}

static void zero_sizes(void) {
    use_counting_allocator();
    void *a = mem_alloc(0), *b = mem_calloc(0, 8), *c = mem_calloc(8, 0);
    EXPECT(a && b && c);
    a = mem_realloc(a, 1, 0);
    EXPECT(a);
    mem_free(a);
    mem_free(b);
    mem_free(c);
    allocator_set(NULL);
}

static void calloc_checks_overflow(void) {
    volatile size_t huge = SIZE_MAX / 2 + 1;
    EXPECT(!mem_calloc(huge, 2));
    EXPECT(!mem_calloc(2, huge));
    EXPECT(!mem_calloc(huge, huge));
}

static void calloc_zeroes(void) {
    uint64_t *p = MEM_NEW_N(uint64_t, 100);
    if (!EXPECT(p)) return;
    for (int i = 0; i < 100; i++)
        EXPECT_EQ(p[i], 0);
    EXPECT_EQ((uintptr_t)p % 16, 0);
    mem_free(p);
}

static jmp_buf after_fatal;
static const char *fatal_what;
static int fatal_line;

static void note_fatal(const char *what, const char *file, int line) {
    (void)file;
    fatal_what = what;
    fatal_line = line;
    longjmp(after_fatal, 1);
}

static void check_calls_the_hook(void) {
    fatal_hook_set(note_fatal);
    if (setjmp(after_fatal) == 0) {
        CHECK(1 + 1 == 2);
        EXPECT(!fatal_what);
        CHECK(1 + 1 == 3);
        EXPECT(false);
    }
    fatal_hook_set(NULL);
    EXPECT_STR(fatal_what, "1 + 1 == 3");
    EXPECT(fatal_line > 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(goes_through_the_allocator),
                    UNIT_TEST(failure_is_null), UNIT_TEST(zero_sizes),
                    UNIT_TEST(calloc_checks_overflow), UNIT_TEST(calloc_zeroes),
                    UNIT_TEST(check_calls_the_hook));
}
