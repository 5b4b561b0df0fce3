// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/str.h"

#include "unit/unit.h"

static void strings_compare(void) {
    EXPECT(str_eq(STR("abc"), str_of("abc")));
    EXPECT(!str_eq(STR("abc"), STR("abd")));
    EXPECT(!str_eq(STR("abc"), STR("abcd")));
    EXPECT(!str_eq(STR("a\0b"), STR("a\0c")));
    EXPECT(str_eq((Str){0}, STR("")));
    EXPECT(str_eq_z(STR("x"), "x"));
}

static void grows_in_the_arena(void) {
    Arena a;
    arena_init(&a, 0);
    TextBuf t;
    text_init(&t, &a);
    for (int i = 0; i < 10000; i++) {
        text_printf(&t, "%d", i % 10);
        text_char(&t, ',');
    }
    text_str(&t, "end");
    text_bytes(&t, NULL, 0);
    EXPECT(text_finish(&t));
    if (!EXPECT_EQ(t.len, 20003)) return;
    for (size_t i = 0; i < 20000; i += 2)
        if (!EXPECT_EQ(t.data[i], '0' + i / 2 % 10)) return;
    EXPECT(memcmp(t.data + 20000, "end", 3) == 0);
    arena_release(&a);
}

static void printf_of_any_length(void) {
    Arena a;
    arena_init(&a, 0);
    for (int width = 0; width < 1100; width++) {
        TextBuf t;
        text_init(&t, &a);
        text_char(&t, '<');
        text_printf(&t, "%*s", width, "");
        text_char(&t, '>');
        if (!EXPECT_EQ(t.len, width + 2)) break;
        if (!EXPECT_EQ(t.data[width + 1], '>')) break;
    }
    arena_release(&a);
}

typedef struct Sink {
    size_t size, calls, fail_at;
    uint8_t sum;
} Sink;

static bool sink_write(void *env, const char *data, size_t len) {
    Sink *s = env;
    s->size += len;
    for (size_t i = 0; i < len; i++)
        s->sum = (uint8_t)(s->sum * 31 + (uint8_t)data[i]);
    return ++s->calls != s->fail_at;
}

// The same writes of many sizes, whatever is done with them.
static void write_much(TextBuf *t) {
    static char block[100 * 1000];
    memset(block, 'b', sizeof block);
    for (int i = 0; i < 2000; i++)
        text_printf(t, "%d %*s", i, i % 100, "x");
    text_bytes(t, block, sizeof block);
    text_printf(t, "%*s", 70000, "wide");
    text_bytes(t, block, 30 * 1000);
    text_str(t, "done");
}

static void flushes_what_it_would_have_kept(void) {
    Arena a;
    arena_init(&a, 0);
    TextBuf kept, flushed;
    Sink want = {0}, got = {0};
    text_init(&kept, &a);
    write_much(&kept);
    EXPECT(text_finish(&kept));
    sink_write(&want, kept.data, kept.len);

    text_init(&flushed, &a);
    flushed.flush = sink_write;
    flushed.env = &got;
    write_much(&flushed);
    EXPECT(text_finish(&flushed));
    EXPECT_EQ(got.size, want.size);
    EXPECT_EQ(got.sum, want.sum);
    EXPECT(got.calls > 3);
    arena_release(&a);
}

static void flush_failure_stops_it(void) {
    for (size_t fail_at = 1; fail_at < 6; fail_at++) {
        Arena a;
        arena_init(&a, 0);
        TextBuf t;
        Sink sink = {.fail_at = fail_at};
        text_init(&t, &a);
        t.flush = sink_write;
        t.env = &sink;
        write_much(&t);
        EXPECT(!text_finish(&t));
        EXPECT_EQ(sink.calls, fail_at);
        arena_release(&a);
    }
}

static void running_out_jumps(void) {
    for (volatile uint64_t n = 1; n < 5; n++) {
        Arena a;
        arena_init(&a, 0);
        a.fail_in = n;
        ArenaGuard guard;
        if (ARENA_GUARD(&a, &guard)) {
            TextBuf t;
            text_init(&t, &a);
            write_much(&t);
            EXPECT(false);
        }
        arena_unguard(&a, &guard);
        arena_release(&a);
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(strings_compare), UNIT_TEST(grows_in_the_arena),
                    UNIT_TEST(printf_of_any_length),
                    UNIT_TEST(flushes_what_it_would_have_kept),
                    UNIT_TEST(flush_failure_stops_it),
                    UNIT_TEST(running_out_jumps));
}
