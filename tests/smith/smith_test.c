// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The generator keeps its promises: the same input gives the same module, bytes
// are choices, features that are off stay out, and all rows have a generator.
#include "base/alloc.h"
#include "binary/binary.h"
#include "fuzz/smith/smith.h"
#include "unit/unit.h"
#include "valid/valid.h"

static Bytes generate(Arena *arena, const SmithInput *in, SmithOutput *out) {
    smith_module(in, arena, out);
    return out->bytes;
}

static bool same(Bytes a, Bytes b) {
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static void is_a_function_of_its_input(void) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        static SmithOutput a, b;
        const uint8_t bytes[] = {7, 1, 200, 3, 99, 5, 0, 0, 255, 18};
        SmithInput in = {
            .seed = 5, .features = FEATURES_ALL, .single = OP_count};
        Bytes first = generate(&arena, &in, &a);
        EXPECT(same(first, generate(&arena, &in, &b)));
        in.bytes = bytes;
        in.size = sizeof bytes;
        Bytes second = generate(&arena, &in, &b);
        EXPECT(!same(first, second));
        EXPECT(same(second, generate(&arena, &in, &a)));
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void leaves_out_what_is_off(void) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        FeatureSet some = FEATURE_BIT(mvp) | FEATURE_BIT(sign_extension) |
                          FEATURE_BIT(mutable_global) |
                          FEATURE_BIT(bulk_memory);
        static SmithOutput out;
        for (uint64_t seed = 1; seed < 200; seed++) {
            SmithInput in = {
                .seed = seed, .features = some, .single = OP_count};
            generate(&arena, &in, &out);
            if (!EXPECT_EQ(out.used & ~some, 0)) break;
        }
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

// A module of few features is valid where the others are off.
static bool is_valid(Arena *arena, Bytes bytes, FeatureSet features) {
    static LimitSet limits;
    limits = limits_default();
    Err err = {0};
    Module *m = NEW(arena, Module);
    module_init(m, arena, features, &limits);
    SideTables side = {0};
    bool ok = module_decode(m, bytes.data, bytes.size, &err) &&
              valid_all(m, &side, &err);
    if (!ok) printf("%s\n", err.text);
    return ok;
}

static void each_feature_can_be_off(void) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        static SmithOutput out;
        for (int f = FEATURE_mvp + 1; f < FEATURE_count; f++) {
            if (f == FEATURE_mutable_global) continue; // `fuel` is one
            FeatureSet some = features_with(FEATURES_ALL, (Feature)f, false);
            for (uint64_t seed = 1; seed < 60; seed++) {
                SmithInput in = {
                    .seed = seed, .features = some, .single = OP_count};
                Bytes bytes = generate(&arena, &in, &out);
                if (!EXPECT(is_valid(&arena, bytes, some))) break;
            }
        }
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void knows_its_marks(void) {
    EXPECT_EQ(smith_marked(0), OP_count);
    EXPECT_EQ(smith_marked(1), 0);
    EXPECT_EQ(smith_marked(OP_count), OP_count - 1);
    EXPECT_EQ(smith_marked(OP_count + 1), OP_count);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(is_a_function_of_its_input),
                    UNIT_TEST(leaves_out_what_is_off),
                    UNIT_TEST(each_feature_can_be_off),
                    UNIT_TEST(knows_its_marks));
}
