// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "asm/buf.h"

#include "unit/unit.h"

#include <stdlib.h>

// Runs `work` in an arena that fails as told; false if the guard was jumped to.
static bool run(void (*work)(CodeBuf *b), size_t limit, uint64_t fail_in) {
    Arena arena;
    arena_init(&arena, limit);
    arena.fail_in = fail_in;
    ArenaGuard guard;
    volatile bool done = false;
    if (ARENA_GUARD(&arena, &guard)) {
        CodeBuf b;
        code_init(&b, &arena);
        work(&b);
        done = true;
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return done;
}

static void put_u32(CodeBuf *b, uint32_t x) {
    code_bytes(b, &x, sizeof x);
}

static void grow_work(CodeBuf *b) {
    for (uint32_t i = 0; i < 100000; i++) {
        uint8_t *p = code_room(b);
        memset(p, 0xcc, CODE_ROOM); // the room is really there
        store_u32(p, i);
        b->at += 4;
    }
    EXPECT_EQ(code_finish(b), 400000);
    for (uint32_t i = 0; i < 100000; i++)
        if (load_u32(b->start + 4 * i) != i) EXPECT_EQ(i, -1);
}

static void grows(void) {
    EXPECT(run(grow_work, 0, 0));
}

static void label_work(CodeBuf *b) {
    CodeLabel back = code_label(b);
    CodeLabel ahead = code_label(b);
    code_bind(b, back);
    EXPECT(code_bound(b, back) && !code_bound(b, ahead));
    put_u32(b, 0); // 0: rel32 of each kind, with addends
    code_fix(b, CODE_FIX_rel32, 0, back);
    put_u32(b, (uint32_t)-1);
    code_fix(b, CODE_FIX_rel32, 4, ahead);
    put_u32(b, 7); // 8: absolute
    code_fix(b, CODE_FIX_abs32, 8, ahead);
    put_u32(b, 0); // 12: rel8, the last byte and the first
    code_fix(b, CODE_FIX_rel8, 12, ahead);
    code_fix(b, CODE_FIX_rel8, 15, back);
    EXPECT_EQ(b->pending, 3);
    code_bind(b, ahead);
    EXPECT_EQ(b->pending, 0);
    EXPECT_EQ(code_label_offset(b, ahead), 16);
    EXPECT_EQ(code_finish(b), 16);
    EXPECT_EQ((int32_t)load_u32(b->start), -4);
    EXPECT_EQ((int32_t)load_u32(b->start + 4), 16 - 8 - 1);
    EXPECT_EQ(load_u32(b->start + 8), 16 + 7);
    EXPECT_EQ(b->start[12], 16 - 13);
    EXPECT_EQ((int8_t)b->start[15], -16);
}

static void labels(void) {
    EXPECT(run(label_work, 0, 0));
}

static void far_work(CodeBuf *b) {
    enum {
        USES = 5000
    };
    CodeLabel end = code_label(b);
    for (uint32_t i = 0; i < USES; i++) {
        put_u32(b, 0);
        code_fix(b, CODE_FIX_rel32, 4 * i, end);
    }
    code_bind(b, end);
    for (uint32_t i = 0; i < USES; i++)
        EXPECT_EQ(load_u32(b->start + 4 * i), 4 * (USES - 1 - i));
}

static void many_uses_of_one_label(void) {
    EXPECT(run(far_work, 0, 0));
}

static void table_work(CodeBuf *b) {
    CodeLabel before = code_label(b);
    CodeLabel behind = code_label(b);
    put_u32(b, 0);
    code_bind(b, before);
    code_align(b, 8, 0xcc);
    uint32_t table = code_offset(b);
    EXPECT_EQ(table, 8);
    EXPECT_EQ(b->start[7], 0xcc);
    code_distance(b, table, before);
    code_distance(b, table, behind);
    code_bind(b, behind);
    EXPECT_EQ((int32_t)load_u32(b->start + table), 4 - 8);
    EXPECT_EQ(load_u32(b->start + table + 4), 8);
}

static void jump_tables(void) {
    EXPECT(run(table_work, 0, 0));
}

static void pool_work(CodeBuf *b) {
    static const uint8_t bytes[32] = {1, 2, 3, 4, 5, 6, 7, 8};
    code_bytes(b, bytes, 5);
    CodeLabel four = code_const(b, bytes, 4);
    CodeLabel eight = code_const(b, bytes, 8);
    CodeLabel all = code_const(b, bytes, 32);
    EXPECT_EQ(code_const(b, bytes, 8).index, eight.index);
    EXPECT(four.index != eight.index);
    code_pool(b);
    EXPECT_EQ(code_label_offset(b, all), 32);
    EXPECT_EQ(code_label_offset(b, eight), 64);
    EXPECT_EQ(code_label_offset(b, four), 72);
    EXPECT(memcmp(b->start + 32, bytes, 32) == 0);
    EXPECT(memcmp(b->start + 64, bytes, 8) == 0);
    code_pool(b); // nothing new
    EXPECT_EQ(code_finish(b), 76);
    CodeLabel later = code_const(b, bytes + 8, 16);
    code_pool(b);
    EXPECT_EQ(code_label_offset(b, later), 80);
    EXPECT_EQ(code_const(b, bytes, 4).index, four.index);
    EXPECT_EQ(code_finish(b), 96);
}

static void pool(void) {
    EXPECT(run(pool_work, 0, 0));
}

static void all_work(CodeBuf *b) {
    label_work(b);
    for (uint32_t i = 0; i < 300; i++) {
        CodeLabel label = code_const(b, &i, sizeof i);
        put_u32(b, 0);
        code_fix(b, CODE_FIX_rel32, code_offset(b) - 4, label);
    }
    code_pool(b);
    for (uint32_t i = 0; i < 5000; i++)
        put_u32(b, i);
    code_finish(b);
}

static void every_allocation_can_fail(void) {
    uint64_t n = 1;
    while (n < 1000 && !run(all_work, 0, n))
        n++;
    EXPECT(n > 10 && n < 1000);
}

static void endless_work(CodeBuf *b) {
    static const uint8_t bytes[1 << 16] = {0};
    for (;;)
        code_bytes(b, bytes, sizeof bytes);
}

static void huge_work(CodeBuf *b) {
    code_grow(b, CODE_SIZE_MAX);
}

static void sizes_are_limited(void) {
    EXPECT(!run(endless_work, 1 << 24, 0));
    EXPECT(!run(huge_work, 0, 0));
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(grows), UNIT_TEST(labels),
                    UNIT_TEST(many_uses_of_one_label), UNIT_TEST(jump_tables),
                    UNIT_TEST(pool), UNIT_TEST(every_allocation_can_fail),
                    UNIT_TEST(sizes_are_limited));
}
