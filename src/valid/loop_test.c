// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "valid/valid_test.h"

#include "unit/unit.h"

#include <stdio.h>

// How many bytes the records and their lists take.
static size_t loop_bytes(const SideTables *s) {
    return s->loops.len * sizeof(LoopInfo) +
           s->loop_locals.len * sizeof(uint16_t);
}

static bool run(Fixture *f, const char *params, const Writer *w) {
    fixture_func(f, fixture_type(f, params, ""), w->data, w->len);
    return fixture_valid(f);
}

static void two_loops(void) {
    Fixture f;
    fixture_init(&f);
    fixture_memory(&f, false);
    static const uint8_t body[] = {
        0x01, 0x01, 0x7c,             //    local 2: f64
        0x03, 0x40,                   //  0 loop
        0x20, 0x01, 0x21, 0x00,       //  2   local.set 0 (local.get 1)
        0x03, 0x40,                   //  6   loop
        0x20, 0x00, 0x20, 0x00,       //  8     local.get 0, local.get 0
        0x36, 0x02, 0x00,             // 12     i32.store
        0x20, 0x02, 0x21, 0x02,       // 15     local.set 2 (local.get 2)
        0x0b,                         // 19   end
        0x41, 0x00, 0x40, 0x00, 0x1a, // 20   memory.grow, drop
        0x0b,                         // 25 end
        0x0b};
    fixture_func(&f, fixture_type(&f, "ii", ""), body, sizeof body);
    EXPECT(fixture_valid(&f));
    if (!EXPECT_EQ(f.side.loops.len, 2)) return;
    const LoopInfo *outer = &f.side.loops.data[0], *inner = outer + 1;
    EXPECT_EQ(outer->pc, 0);
    EXPECT_EQ(outer->end_pc, 25);
    EXPECT_EQ(outer->depth, 1);
    EXPECT_EQ(outer->parent, UINT32_MAX);
    EXPECT_EQ(inner->pc, 6);
    EXPECT_EQ(inner->end_pc, 19);
    EXPECT_EQ(inner->depth, 2);
    EXPECT_EQ(inner->parent, 0);
    EXPECT_EQ(inner->effects, LOOP_stores_memory0);
    EXPECT_EQ(outer->effects,
              LOOP_stores_memory0 | LOOP_grows_memory | LOOP_has_inner);

    const uint16_t *locals = f.side.loop_locals.data + outer->assigned_at;
    EXPECT_EQ(outer->assigned_len, 2);
    EXPECT_EQ(locals[0], 0);
    EXPECT_EQ(locals[1], 2);
    EXPECT_EQ(outer->hot_int_len, 2);
    EXPECT_EQ(locals[2], 0); // twice in the inner loop
    EXPECT_EQ(locals[3], 1);
    EXPECT_EQ(outer->hot_float_len, 1);
    EXPECT_EQ(locals[4], 2);
    locals = f.side.loop_locals.data + inner->assigned_at;
    EXPECT_EQ(inner->assigned_len, 1);
    EXPECT_EQ(locals[0], 2);
    EXPECT(f.side.funcs.data[0].flags & FUNC_has_loop);
    fixture_release(&f);
}

// Thousands of tiny loops, each one record's size several times over.
static void tiny_loops(void) {
    enum {
        LOOPS = 20000
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 0);
    for (int i = 0; i < LOOPS; i++)
        write_bytes(&w, "\x03\x40\x0b", 3);
    write_u8(&w, 0x0b);
    EXPECT(run(&f, "", &w));
    EXPECT(f.side.loops.len > 0 && f.side.loops.len < LOOPS);
    EXPECT(loop_bytes(&f.side) <= w.len / 4);
    fixture_release(&f);
}

// Loops that assign thousands of locals each, side by side and nested.
static void many_assigned(bool is_nested) {
    enum {
        LOOPS = 100,
        LOCALS = 20000,
        STEP = 7
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 1);
    write_u32(&w, LOCALS);
    write_u8(&w, 0x7f);
    for (uint32_t i = 0; i < LOOPS; i++) {
        write_bytes(&w, "\x03\x40", 2);
        for (uint32_t k = 0; k < 200; k++) {
            write_bytes(&w, "\x41\x00\x21", 3);
            write_u32(&w, (i * 200 + k * STEP) % LOCALS);
        }
        if (!is_nested) write_u8(&w, 0x0b);
    }
    for (uint32_t i = 0; is_nested && i < LOOPS; i++)
        write_u8(&w, 0x0b);
    write_u8(&w, 0x0b);
    EXPECT(run(&f, "", &w));
    EXPECT_EQ(f.side.loops.len, LOOPS);
    EXPECT(loop_bytes(&f.side) <= w.len / 4);
    VEC_EACH (const LoopInfo, l, &f.side.loops) {
        EXPECT(l->effects & LOOP_assigns_all);
        EXPECT_EQ(l->assigned_len, 0);
        EXPECT(l->hot_int_len <= HOT_INT_MAX);
    }
    fixture_release(&f);
}

static void many_assigned_beside(void) {
    many_assigned(false);
}

static void many_assigned_nested(void) {
    many_assigned(true);
}

// Exactly as many as a list holds, then one more.
static void list_limit(void) {
    for (uint32_t len = LOOP_LOCALS_MAX; len <= LOOP_LOCALS_MAX + 1; len++) {
        Fixture f;
        fixture_init(&f);
        Writer w;
        writer_init(&w, &f.arena);
        write_bytes(&w, "\x01\x46\x7f\x03\x40", 5); // 70 locals
        for (uint32_t k = len; k-- > 0;) {
            write_bytes(&w, "\x41\x00\x21", 3);
            write_u8(&w, (uint8_t)k);
        }
        write_bytes(&w, "\x0b\x0b", 2);
        EXPECT(run(&f, "", &w));
        const LoopInfo *l = &f.side.loops.data[0];
        bool all = len > LOOP_LOCALS_MAX;
        EXPECT_EQ((l->effects & LOOP_assigns_all) != 0, all);
        EXPECT_EQ(l->assigned_len, all ? 0 : LOOP_LOCALS_MAX);
        for (uint32_t k = 0; k < l->assigned_len; k++)
            EXPECT_EQ(f.side.loop_locals.data[l->assigned_at + k], k);
        fixture_release(&f);
    }
}

// Deep nests keep the sum of all summaries linear and the weights in range.
static void deep_loops(void) {
    enum {
        DEPTH = 100000
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 0);
    for (int i = 0; i < DEPTH; i++)
        write_bytes(&w, "\x03\x40", 2);
    for (uint8_t i = 0; i < 20; i++) {
        uint8_t code[] = {0x20, i, 0x21, i};
        write_bytes(&w, code, sizeof code);
    }
    for (int i = 0; i <= DEPTH; i++)
        write_u8(&w, 0x0b);
    EXPECT(run(&f, "iiiiiiiiiidddddddddd", &w));
    EXPECT(loop_bytes(&f.side) <= w.len / 4);
    EXPECT(f.side.loops.data[0].effects & LOOP_has_inner);
    fixture_release(&f);
}

// A module with one of everything that code can change.
static void add_everything(Fixture *f) {
    static const FieldType word[] = {{VT_i32, true}}, byte[] = {{VT_i8, true}};
    (void)fixture_type(f, "", "");
    TypeDef def = {
        .kind = COMP_struct,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = 1,
        .group_len = 1,
        .structure = {word, 1},
    };
    VEC_PUSH(&f->arena, &f->m.types, def);
    def.kind = COMP_array;
    def.group_start = 2;
    def.structure.fields = byte;
    VEC_PUSH(&f->arena, &f->m.types, def);
    fixture_memory(f, false);
    fixture_memory(f, false);
    static const uint8_t zero[] = {0x41, 0x00, 0x0b};
    VEC_PUSH(&f->arena, &f->m.tables,
             ((TableDecl){.type = {.limits = {.min = 1}, .elem = VT_FUNCREF}}));
    VEC_PUSH(&f->arena, &f->m.tags, ((TagDecl){.type = 0}));
    VEC_PUSH(&f->arena, &f->m.globals,
             ((GlobalDecl){.type = {VT_i32, true},
                           .init = {.data = zero, .size = sizeof zero}}));
    VEC_PUSH(&f->arena, &f->m.elems,
             ((ElemDecl){.mode = SEGMENT_passive, .type = VT_FUNCREF}));
    VEC_PUSH(&f->arena, &f->m.datas, ((DataDecl){.mode = SEGMENT_passive}));
    f->m.has_data_count = true;
    f->m.data_count = 1;
}

static void every_effect(void) {
#define CODE(bytes) bytes, sizeof bytes - 1
    static const struct {
        const char *name, *code;
        size_t size;
        uint32_t effects;
    } cases[] = {
        {"nothing", CODE("\x01"), 0},
        {"a load", CODE("\x41\x00\x28\x02\x00\x1a"), 0},
        {"a store", CODE("\x41\x00\x41\x00\x36\x02\x00"), LOOP_stores_memory0},
        {"a store to memory 1", CODE("\x41\x00\x41\x00\x36\x42\x01\x00"),
         LOOP_stores_memory},
        {"memory.fill", CODE("\x41\x00\x41\x00\x41\x00\xfc\x0b\x01"),
         LOOP_stores_memory},
        {"memory.copy to 1", CODE("\x41\x00\x41\x00\x41\x00\xfc\x0a\x01\x00"),
         LOOP_stores_memory},
        {"memory.copy to 0", CODE("\x41\x00\x41\x00\x41\x00\xfc\x0a\x00\x01"),
         LOOP_stores_memory0},
        {"memory.init", CODE("\x41\x00\x41\x00\x41\x00\xfc\x08\x00\x01"),
         LOOP_stores_memory},
        {"memory.grow", CODE("\x41\x00\x40\x00\x1a"), LOOP_grows_memory},
        {"call", CODE("\x10\x00"), LOOP_calls_direct},
        {"call_indirect", CODE("\x41\x00\x11\x00\x00"), LOOP_calls_indirect},
        {"call_ref", CODE("\xd0\x00\x14\x00"), LOOP_calls_indirect},
        {"table.set", CODE("\x41\x00\xd0\x70\x26\x00"), LOOP_writes_table},
        {"table.fill", CODE("\x41\x00\xd0\x70\x41\x00\xfc\x11\x00"),
         LOOP_writes_table},
        {"table.grow", CODE("\xd0\x70\x41\x00\xfc\x0f\x00\x1a"),
         LOOP_writes_table},
        {"table.copy", CODE("\x41\x00\x41\x00\x41\x00\xfc\x0e\x00\x00"),
         LOOP_writes_table},
        {"table.init", CODE("\x41\x00\x41\x00\x41\x00\xfc\x0c\x00\x00"),
         LOOP_writes_table},
        {"struct.new_default", CODE("\xfb\x01\x01\x1a"), LOOP_allocates},
        {"struct.set", CODE("\xd0\x01\x41\x00\xfb\x05\x01\x00"),
         LOOP_writes_gc},
        {"array.set", CODE("\xd0\x02\x41\x00\x41\x00\xfb\x0e\x02"),
         LOOP_writes_gc},
        {"array.fill", CODE("\xd0\x02\x41\x00\x41\x00\x41\x00\xfb\x10\x02"),
         LOOP_writes_gc},
        {"global.set", CODE("\x41\x00\x24\x00"), LOOP_writes_globals},
        {"throw", CODE("\x08\x00"), LOOP_may_throw},
        {"throw_ref", CODE("\xd0\x69\x0a"), LOOP_may_throw},
        {"an atomic load", CODE("\x41\x00\xfe\x10\x02\x00\x1a"), LOOP_atomics},
        {"an atomic store", CODE("\x41\x00\x41\x00\xfe\x17\x02\x00"),
         LOOP_atomics | LOOP_stores_memory0},
    };
#undef CODE
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        add_everything(&f);
        Writer w;
        writer_init(&w, &f.arena);
        write_bytes(&w, "\x00\x03\x40", 3);
        write_bytes(&w, cases[i].code, cases[i].size);
        write_bytes(&w, "\x0b\x0b", 2);
        fixture_func(&f, 0, w.data, w.len);
        bool ok = EXPECT(fixture_valid(&f)) && EXPECT_EQ(f.side.loops.len, 1) &&
                  EXPECT_EQ(f.side.loops.data[0].effects, cases[i].effects);
        if (!ok) printf("%s: %s\n", cases[i].name, f.err.text);
        fixture_release(&f);
    }
}

// What says several things at once must be able to say each alone.
static void flags_are_bits_of_their_own(void) {
    static const uint32_t flags[] = {
        FUNC_has_v128, FUNC_is_leaf,    FUNC_has_try,  FUNC_uses_memory0,
        FUNC_has_loop, FUNC_tail_calls, FUNC_has_refs, FUNC_grows_memory};
    static const uint32_t effects[] = {
        LOOP_stores_memory0, LOOP_stores_memory,  LOOP_grows_memory,
        LOOP_calls_direct,   LOOP_calls_indirect, LOOP_calls_import,
        LOOP_writes_table,   LOOP_writes_gc,      LOOP_allocates,
        LOOP_atomics,        LOOP_may_throw,      LOOP_has_inner,
        LOOP_assigns_all,    LOOP_writes_globals};
    uint32_t all = 0;
    for (size_t i = 0; i < COUNTOF(flags); i++, all |= flags[i - 1])
        EXPECT(flags[i] && !(flags[i] & (flags[i] - 1)) && !(flags[i] & all));
    all = 0;
    for (size_t i = 0; i < COUNTOF(effects); i++, all |= effects[i - 1])
        EXPECT(effects[i] && !(effects[i] & (effects[i] - 1)) &&
               !(effects[i] & all));
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(every_effect), UNIT_TEST(flags_are_bits_of_their_own),
        UNIT_TEST(two_loops), UNIT_TEST(tiny_loops),
        UNIT_TEST(many_assigned_beside), UNIT_TEST(many_assigned_nested),
        UNIT_TEST(list_limit), UNIT_TEST(deep_loops));
}
