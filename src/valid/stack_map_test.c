// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Maps are compared with those written by hand, and a query for all pcs with
// one query for each.
#include "valid/valid_test.h"

#include "unit/unit.h"

// One letter a slot: i l f d v, r any reference, ? dead code.
typedef struct Map1 {
    uint32_t pc;
    char slots[16];
} Map1;

typedef struct Found {
    Map1 maps[32];
    uint32_t len;
} Found;

static char letter(ValType t) {
    return vt_is_ref(t) ? 'r' : "?ilfdv"[t];
}

static void found(void *env, uint32_t pc, const ValType *slots, uint32_t len) {
    Found *all = env;
    Map1 *m = &all->maps[all->len++];
    m->pc = pc;
    for (uint32_t i = 0; i < len; i++)
        m->slots[i] = letter(slots[i]);
    m->slots[len] = 0;
}

// clang-format off
static const uint8_t body[] = {
    0x01, 0x01, 0x7e,        //    local 1: i64
    0x20, 0x00,              //  0 local.get 0
    0x02, 0x7f,              //  2 block (result i32)
    0x41, 0x01,              //  4   i32.const 1
    0x20, 0x00,              //  6   local.get 0
    0xd1,                    //  8   ref.is_null
    0x0d, 0x00,              //  9   br_if 0
    0x00,                    // 11   unreachable
    0x0b,                    // 12 end
    0x42, 0x07,              // 13 i64.const 7
    0x10, 0x00,              // 15 call 0
    0x10, 0x01,              // 17 call 1
    0x0b,                    // 19 end
};
static const Map1 before[] = {
    {0, "rl"}, {2, "rlr"}, {4, "rlr"}, {6, "rlri"}, {8, "rlrir"},
    {9, "rlrii"}, {11, "rlri"}, {12, "rlr"}, {13, "rlri"}, {15, "rlril"},
    {17, "rlr"}, {19, "rl"},
};
static const Map1 after[] = {
    {9, "rlrii"}, {15, "rlr"}, {17, "rl"},
};
// clang-format on

static void setup(Fixture *f) {
    fixture_init(f);
    static const uint8_t empty[] = {0, 0x0b};
    static const uint8_t drops[] = {0, 0x0b};
    uint32_t takes = fixture_type(f, "il", "");
    uint32_t takes_ref = fixture_type(f, "r", "");
    fixture_func(f, takes, empty, sizeof empty);
    fixture_func(f, takes_ref, drops, sizeof drops);
    fixture_func(f, takes_ref, body, sizeof body);
    EXPECT(fixture_valid(f));
    if (!err_ok(&f->err)) fprintf(stderr, "%s\n", f->err.text);
}

static void ask(Fixture *f, const uint32_t *pcs, uint32_t len, bool operands,
                Found *out) {
    ArenaGuard guard;
    out->len = 0;
    StackMapQuery q = {.pcs = pcs,
                       .pc_len = len,
                       .after_operands = operands,
                       .found = found,
                       .env = out};
    bool ok = ARENA_GUARD(&f->scratch, &guard);
    if (ok) valid_stack_maps(&f->m, 2, &f->side.funcs.data[2], &q, &f->scratch);
    arena_unguard(&f->scratch, &guard);
    EXPECT(ok);
}

static void expect_maps(const Found *got, const Map1 *want, uint32_t len) {
    if (!EXPECT_EQ(got->len, len)) return;
    for (uint32_t i = 0; i < len; i++) {
        EXPECT_EQ(got->maps[i].pc, want[i].pc);
        EXPECT_STR(got->maps[i].slots, want[i].slots);
    }
}

static void all_at_once(void) {
    Fixture f;
    setup(&f);
    uint32_t pcs[COUNTOF(before)];
    for (size_t i = 0; i < COUNTOF(before); i++)
        pcs[i] = before[i].pc;
    static Found got;
    ask(&f, pcs, COUNTOF(before), false, &got);
    expect_maps(&got, before, COUNTOF(before));
    for (size_t i = 0; i < COUNTOF(after); i++)
        pcs[i] = after[i].pc;
    ask(&f, pcs, COUNTOF(after), true, &got);
    expect_maps(&got, after, COUNTOF(after));
    fixture_release(&f);
}

static void one_by_one(void) {
    Fixture f;
    setup(&f);
    static Found got;
    for (size_t i = 0; i < COUNTOF(before); i++) {
        ask(&f, &before[i].pc, 1, false, &got);
        expect_maps(&got, &before[i], 1);
        uint32_t locals = f.side.funcs.data[2].local_len;
        EXPECT(strlen(before[i].slots) - locals <=
               f.side.funcs.data[2].operand_max);
    }
    fixture_release(&f);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(all_at_once), UNIT_TEST(one_by_one));
}
