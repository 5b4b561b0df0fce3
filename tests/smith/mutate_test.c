// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The mutator changes modules and leaves most of them valid; the reducer keeps
// what its judge asks for and little more.
#include "base/writer.h"
#include "binary/binary.h"
#include "fuzz/mutate/mutate.h"
#include "fuzz/smith/smith.h"
#include "unit/unit.h"
#include "valid/valid.h"

static LimitSet limits;

static Module *decode(Arena *arena, Bytes bytes) {
    Err err = {0};
    limits = limits_default();
    Module *m = NEW(arena, Module);
    module_init(m, arena, FEATURES_ALL, &limits);
    return module_decode(m, bytes.data, bytes.size, &err) ? m : NULL;
}

static Bytes generate(Arena *arena, uint64_t seed) {
    static SmithOutput out;
    SmithInput in = {
        .seed = seed, .features = FEATURES_ALL, .single = OP_count};
    smith_module(&in, arena, &out);
    return out.bytes;
}

static void mutants_are_mostly_valid(void) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        uint32_t made = 0, valid = 0, same = 0;
        uint64_t random = 7;
        for (uint64_t seed = 1; seed <= 100; seed++) {
            Bytes old = generate(&arena, seed), bytes;
            Module *m = decode(&arena, old);
            if (!EXPECT(m)) break;
            if (!module_mutate(m, &random)) continue;
            made++;
            valid += module_still_valid(m, &arena, &bytes);
            same += bytes.size == old.size &&
                    !memcmp(bytes.data, old.data, old.size);
        }
        EXPECT(made > 30);
        EXPECT(valid > made / 3);
        EXPECT(same < made / 4);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

// Does the module have this instruction?
static bool has_op(void *env, Bytes bytes) {
    const Op *op = env;
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    volatile bool found = false;
    if (ARENA_GUARD(&arena, &guard)) {
        const Module *m = decode(&arena, bytes);
        for (uint32_t i = 0; m && i < m->bodies.len; i++) {
            BodyParts parts;
            if (!body_split(m, m->bodies.data[i].bytes, &arena, &parts)) break;
            VEC_EACH (const Op, o, &parts.ops)
                if (*o == *op) found = true;
        }
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return found;
}

static void reduce_one(Op op) {
    Arena arena;
    arena_init(&arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        static SmithOutput out;
        SmithInput in = {.seed = 3, .features = FEATURES_ALL, .single = op};
        smith_module(&in, &arena, &out);
        Bytes small = module_reduce(out.bytes, &arena, has_op, &op);
        EXPECT(has_op(&op, small));
        EXPECT(small.size < out.bytes.size / 2);
        const Module *m = decode(&arena, small);
        Bytes again;
        EXPECT(m && module_still_valid(m, &arena, &again));
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void reducing_keeps_what_is_asked_for(void) {
    static const Op ops[] = {OP_i32_add, OP_i64x2_mul, OP_struct_new,
                             OP_memory_grow, OP_try_table};
    for (size_t i = 0; i < COUNTOF(ops); i++)
        reduce_one(ops[i]);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(mutants_are_mostly_valid),
                    UNIT_TEST(reducing_keeps_what_is_asked_for));
}
