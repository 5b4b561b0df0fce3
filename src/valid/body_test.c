// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "valid/valid_test.h"

#include "unit/unit.h"

#include <stdlib.h>

// Validates one function: the bytes are its declarations of locals and code.
#define RUN_BODY(f, params, results, ...)                              \
    run_body((f), (params), (results), (const uint8_t[]){__VA_ARGS__}, \
             sizeof((const uint8_t[]){__VA_ARGS__}))

static bool run_body(Fixture *f, const char *params, const char *results,
                     const uint8_t *body, size_t size) {
    fixture_func(f, fixture_type(f, params, results), body, size);
    return fixture_valid(f);
}

static void expect_ctl(const Fixture *f, uint32_t i, CtlTarget want) {
    if (!EXPECT(i < f->side.ctl.len)) return;
    CtlTarget e = ctl_target(&f->side.ctl.data[i], f->side.far_ctl.data);
    EXPECT_EQ(e.pc, want.pc);
    EXPECT_EQ(e.ctl, want.ctl);
    EXPECT_EQ(e.drop, want.drop);
    if (want.drop) EXPECT_EQ(e.keep, want.keep);
}

static void branch_forward(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "i", 0x00, 0x02, 0x7f, //  0 block (result i32)
                    0x20, 0x00,                     //  2   local.get 0
                    0x41, 0x07,                     //  4   i32.const 7
                    0x20, 0x00,                     //  6   local.get 0
                    0x0d, 0x00,                     //  8   br_if 0
                    0x1a,                           // 10   drop
                    0x0b,                           // 11 end
                    0x0b));                         // 12 end
    EXPECT_EQ(f.side.ctl.len, 1);
    expect_ctl(&f, 0, (CtlTarget){.pc = 3, .ctl = 1, .keep = 1, .drop = 1});
    const FuncInfo *info = &f.side.funcs.data[0];
    EXPECT_EQ(info->code_size, 13);
    EXPECT_EQ(info->code_at, 1);
    EXPECT_EQ(info->operand_max, 3);
    EXPECT_EQ(info->flags, FUNC_is_leaf);
    EXPECT_EQ(info->param_len, 1);
    EXPECT_EQ(info->local_len, 1);
    fixture_release(&f);
}

static void branch_backward(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(!RUN_BODY(&f, "i", "i", 0x00, 0x20, 0x00, //  0 local.get 0
                     0x03, 0x40,                     //  2 loop
                     0x20, 0x00,                     //  4   local.get 0
                     0x20, 0x00,                     //  6   local.get 0
                     0x0d, 0x00,                     //  8   br_if 0
                     0x0d, 0x01,                     // 10   br_if 1
                     0x0b,                           // 12 end
                     0x0b));                         // 13 end
    // The second one would take an i32 that the loop does not own.
    EXPECT(!err_ok(&f.err));
    fixture_release(&f);

    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "", 0x00, 0x20, 0x00, //  0 local.get 0
                    0x03, 0x40,                    //  2 loop
                    0x20, 0x00,                    //  4   local.get 0
                    0x20, 0x00,                    //  6   local.get 0
                    0x0d, 0x00,                    //  8   br_if 0
                    0x0d, 0x01,                    // 10   br_if 1
                    0x0b,                          // 12 end
                    0x1a,                          // 13 drop
                    0x0b));                        // 14 end
    expect_ctl(&f, 0, (CtlTarget){.pc = -6, .ctl = 0, .drop = 1});
    expect_ctl(&f, 1, (CtlTarget){.pc = 4, .ctl = 1, .drop = 1});
    EXPECT_EQ(f.side.ctl.len, 2);
    fixture_release(&f);
}

static void if_else(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "i", 0x00, 0x20, 0x00, //  0 local.get 0
                    0x04, 0x7f,                     //  2 if (result i32)
                    0x41, 0x01,                     //  4   i32.const 1
                    0x05,                           //  6 else
                    0x41, 0x02,                     //  7   i32.const 2
                    0x0b,                           //  9 end
                    0x0b));                         // 10 end
    EXPECT_EQ(f.side.ctl.len, 2);
    expect_ctl(&f, 0, (CtlTarget){.pc = 5, .ctl = 2});
    expect_ctl(&f, 1, (CtlTarget){.pc = 3, .ctl = 1, .keep = 1});
    fixture_release(&f);
}

static void if_alone(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "", 0x00, 0x20, 0x00, //  0 local.get 0
                    0x04, 0x40,                    //  2 if
                    0x0c, 0x00,                    //  4   br 0
                    0x0b,                          //  6 end
                    0x0b));                        //  7 end
    EXPECT_EQ(f.side.ctl.len, 2);
    expect_ctl(&f, 0, (CtlTarget){.pc = 4, .ctl = 2});
    expect_ctl(&f, 1, (CtlTarget){.pc = 2, .ctl = 1});
    fixture_release(&f);
}

static void tables(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "", 0x00, 0x02, 0x40, //  0 block
                    0x02, 0x40,                    //  2   block
                    0x20, 0x00,                    //  4     local.get 0
                    0x0e, 0x01, 0x00, 0x01,        //  6     br_table 0 1
                    0x0b,                          // 10   end
                    0x0b,                          // 11 end
                    0x0b));                        // 12 end
    EXPECT_EQ(f.side.ctl.len, 2);
    expect_ctl(&f, 0, (CtlTarget){.pc = 4, .ctl = 2});
    expect_ctl(&f, 1, (CtlTarget){.pc = 5, .ctl = 1});
    fixture_release(&f);
}

// Dead code owns as many entries as live code.
static void dead_code(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "i", "i", 0x00,
                    0x00,                   //  0 unreachable
                    0x04, 0x7f,             //  1 if (result i32)
                    0x00, 0x0d, 0x00,       //  3   unreachable, br_if 0
                    0x05,                   //  6 else
                    0x00,                   //  7   unreachable
                    0x0e, 0x01, 0x00, 0x00, //  8   br_table 0 0
                    0x0b,                   // 12 end
                    0x6a,                   // 13 i32.add
                    0x0b));                 // 14 end
    EXPECT_EQ(f.side.ctl.len, 5);
    expect_ctl(&f, 0, (CtlTarget){.pc = 6, .ctl = 3});
    expect_ctl(&f, 2, (CtlTarget){.pc = 6, .ctl = 3, .keep = 1});
    fixture_release(&f);
}

static void catches(void) {
    Fixture f;
    fixture_init(&f);
    uint32_t tag = fixture_type(&f, "i", "");
    VEC_PUSH(&f.arena, &f.m.tags, ((TagDecl){.type = tag}));
    EXPECT(RUN_BODY(&f, "i", "i", 0x00, 0x02, 0x7f,     //  0 block i32
                    0x03, 0x40,                         //  2   loop
                    0x1f, 0x40, 0x01, 0x00, 0x00, 0x01, //  4     try_table
                                                        //    catch 0 1
                    0x1f, 0x40, 0x01, 0x02, 0x01,       // 10     try_table
                                                        //    catch_all 1
                    0x20, 0x00,                         // 15  local.get 0
                    0x08, 0x00,                         // 17  throw 0
                    0x0b,                               // 19  end
                    0x0b,                               // 20  end
                    0x20, 0x00,                         // 21  local.get 0
                    0x0d, 0x00,                         // 23  br_if 0
                    0x0b,                               // 25  end
                    0x41, 0x00,                         // 26  i32.const 0
                    0x0b,                               // 28 end
                    0x0b));                             // 29 end
    if (!EXPECT_EQ(f.side.catches.len, 2)) return;
    const CatchEntry *c = f.side.catches.data;
    EXPECT_EQ(c[0].from, 15);
    EXPECT_EQ(c[0].to, 19);
    EXPECT_EQ(c[0].kind, CATCH_all);
    EXPECT_EQ(c[0].pc, 2); // the loop
    EXPECT_EQ(c[0].ctl, 0);
    EXPECT_EQ(c[1].from, 10);
    EXPECT_EQ(c[1].to, 20);
    EXPECT_EQ(c[1].kind, CATCH_tag);
    EXPECT_EQ(c[1].tag, 0);
    EXPECT_EQ(c[1].pc, 28); // the block's end
    EXPECT_EQ(c[1].ctl, 1); // after the br_if
    EXPECT_EQ(c[1].height, 0);
    EXPECT(f.side.funcs.data[0].flags & FUNC_has_try);
    fixture_release(&f);
}

static void flags(void) {
    Fixture f;
    fixture_init(&f);
    fixture_memory(&f, false);
    EXPECT(RUN_BODY(&f, "r", "", 0x01, 0x01, 0x7b, // a v128 local
                    0x41, 0x00,                    // i32.const 0
                    0x28, 0x02, 0x00,              // i32.load
                    0x40, 0x00,                    // memory.grow
                    0x1a,                          // drop
                    0x20, 0x00,                    // local.get 0
                    0x12, 0x00,                    // return_call 0
                    0x0b));
    EXPECT_EQ(f.side.funcs.data[0].flags,
              FUNC_has_v128 | FUNC_has_refs | FUNC_uses_memory0 |
                  FUNC_grows_memory | FUNC_tail_calls);
    EXPECT_EQ(f.side.funcs.data[0].local_len, 2);
    fixture_release(&f);
}

// --- errors ------------------------------------------------------------------

typedef struct BadBody {
    const char *text; // the message starts with it
    uint64_t at;
    uint8_t size;
    uint8_t body[16];
} BadBody;

// clang-format off
static const BadBody bad_bodies[] = {
    {"type mismatch: instruction requires [i32 i32] but stack has [i32] (i32.add)",
     3, 5, {0, 0x41, 0, 0x6a, 0x0b}},
    {"type mismatch: instruction requires [i32 i32] but stack has [i32 f32]",
     8, 10, {0, 0x41, 0, 0x43, 0, 0, 0, 0, 0x6a, 0x0b}},
    {"type mismatch: block requires [] but stack has [i32] (end)",
     3, 4, {0, 0x41, 0, 0x0b}},
    {"type mismatch: instruction requires [i32] but stack has [] (end)",
     3, 5, {0, 0x02, 0x7f, 0x0b, 0x0b}},
    {"unknown local 0", 1, 4, {0, 0x20, 0, 0x0b}},
    {"unknown label 7", 1, 4, {0, 0x0c, 7, 0x0b}},
    {"unknown global 3", 1, 4, {0, 0x23, 3, 0x0b}},
    {"unknown function 9", 1, 4, {0, 0x10, 9, 0x0b}},
    {"unknown memory 0", 3, 7, {0, 0x41, 0, 0x28, 2, 0, 0x0b}},
    {"unknown table 0", 1, 4, {0, 0x25, 0, 0x0b}},
    {"unknown tag 0", 1, 4, {0, 0x08, 0, 0x0b}},
    {"unknown type 5", 1, 4, {0, 0x02, 5, 0x0b}},
    {"unknown data segment 4", 1, 5, {0, 0xfc, 9, 4, 0x0b}},
    {"unknown elem segment 4", 1, 5, {0, 0xfc, 13, 4, 0x0b}},
    {"illegal opcode ff", 1, 3, {0, 0xff, 0x0b}},
    {"misplaced ELSE opcode", 1, 3, {0, 0x05, 0x0b}},
    {"END opcode expected", 2, 3, {0, 0x0b, 0x0b}},
    {"unexpected end", 2, 2, {0, 0x01}},
    {"uninitialized local 0", 4, 8, {1, 1, 0x64, 0, 0x20, 0, 0x1a, 0x0b}},
    {"invalid result arity", 1, 4, {0, 0x1c, 0, 0x0b}},
    {"undeclared function reference 0", 1, 5, {0, 0xd2, 0, 0x1a, 0x0b}},
    {"type mismatch: end: an if without else", 7, 10, {0, 0x41, 0, 0x04, 0x7f, 0x41, 0, 0x0b, 0x1a, 0x0b}},
};
// clang-format on

static void errors(void) {
    for (size_t i = 0; i < COUNTOF(bad_bodies); i++) {
        const BadBody *b = &bad_bodies[i];
        Fixture f;
        fixture_init(&f);
        EXPECT(!run_body(&f, "", "", b->body, b->size));
        size_t len = strlen(b->text);
        if (!EXPECT(strncmp(f.err.text, b->text, len) == 0))
            fprintf(stderr, "  want \"%s\", got \"%s\"\n", b->text, f.err.text);
        if (!EXPECT_EQ(f.err.at, b->at)) fprintf(stderr, "  %s\n", b->text);
        EXPECT_EQ(f.err.func, 0);
        fixture_release(&f);
    }
}

// Of types, memories and globals: the module has an immutable array of i8, a
// mutable one of references, one of i32, an immutable structure of one i32,
// a 32-bit memory and an immutable global, and came from bytes without a data
// count.
// clang-format off
static const struct {
    ErrId id;
    uint8_t size;
    uint8_t body[16];
} typed_errors[] = {
    {E_not_a_func, 4, {0, 0x14, 3, 0x0b}},
    {E_not_a_struct, 5, {0, 0xfb, 0, 0, 0x0b}},
    {E_not_an_array, 5, {0, 0xfb, 6, 3, 0x0b}},
    {E_immutable_global, 6, {0, 0x41, 0, 0x24, 0, 0x0b}},
    {E_immutable_field, 6, {0, 0xfb, 5, 3, 0, 0x0b}},
    {E_unknown_field, 6, {0, 0xfb, 2, 3, 9, 0x0b}},
    {E_immutable_array, 5, {0, 0xfb, 0x0e, 0, 0x0b}},
    {E_array_types, 6, {0, 0xfb, 0x11, 2, 1, 0x0b}},
    {E_array_not_numeric, 6, {0, 0xfb, 0x09, 1, 0, 0x0b}},
    {E_data_count_required, 5, {0, 0xfc, 9, 0, 0x0b}},
    {E_lane_index, 5, {0, 0xfd, 0x15, 16, 0x0b}},
    {E_align_too_large, 7, {0, 0x41, 0, 0x28, 3, 0, 0x0b}},
    {E_align_not_natural, 8, {0, 0x41, 0, 0xfe, 0x10, 1, 0, 0x0b}},
    {E_offset_out_of_range, 11,
     {0, 0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, 0x0b}},
};
// clang-format on

static void add_comp(Fixture *f, CompKind kind, const FieldType *field) {
    TypeDef def = {
        .kind = kind,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = f->m.types.len,
        .group_len = 1,
    };
    def.structure.fields = field;
    def.structure.field_len = 1;
    VEC_PUSH(&f->arena, &f->m.types, def);
}

static void errors_of_types(void) {
    static const FieldType fields[] = {
        {VT_i8, false}, {VT_ANYREF, true}, {VT_i32, true}, {VT_i32, false}};
    static const uint8_t zero[] = {0x41, 0, 0x0b};
    for (size_t i = 0; i < COUNTOF(typed_errors); i++) {
        Fixture f;
        fixture_init(&f);
        fixture_memory(&f, false);
        for (size_t k = 0; k < 3; k++)
            add_comp(&f, COMP_array, &fields[k]);
        add_comp(&f, COMP_struct, &fields[3]);
        GlobalDecl g = {.type = {VT_i32, false},
                        .init = {.data = zero, .size = sizeof zero}};
        VEC_PUSH(&f.arena, &f.m.globals, g);
        f.m.bytes = typed_errors[i].body;
        EXPECT(
            !run_body(&f, "", "", typed_errors[i].body, typed_errors[i].size));
        if (!EXPECT_EQ(f.err.id, typed_errors[i].id))
            fprintf(stderr, "  %s\n", f.err.text);
        fixture_release(&f);
    }
}

// A message holds any number of types, of any spelling: lists of every length
// around the one that is cut.
static void long_lists(void) {
    static const char kinds[] = "ilfdvr";
    for (size_t len = 1; len < 60; len++) {
        for (size_t k = 0; k < sizeof kinds - 1; k++) {
            char letters[64];
            memset(letters, kinds[k], len);
            if (k % 2 && len > 1) letters[len / 2] = 'r';
            letters[len] = 0;
            Fixture f;
            fixture_init(&f);
            EXPECT(!RUN_BODY(&f, "", letters, 0x00, 0x0f, 0x0b));
            EXPECT_STR(f.err.text + strlen(f.err.text) -
                           strlen("] but stack has [] (return)"),
                       "] but stack has [] (return)");
            if (len > 40) EXPECT(strstr(f.err.text, " ...]") != NULL);
            fixture_release(&f);
        }
    }
}

// --- size --------------------------------------------------------------------

static void deep_nesting(void) {
    enum {
        DEPTH = 200000
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 0);
    for (int i = 0; i < DEPTH; i++)
        write_bytes(&w, "\x02\x40", 2);
    for (int i = 0; i <= DEPTH; i++)
        write_u8(&w, 0x0b);
    EXPECT(run_body(&f, "", "", w.data, w.len));
    fixture_release(&f);

    fixture_init(&f);
    f.limits.nesting = 3;
    EXPECT(!RUN_BODY(&f, "", "", 0, 0x02, 0x40, 0x02, 0x40, 0x04, 0x40, 0x0b,
                     0x0b, 0x0b, 0x0b));
    EXPECT(!err_ok(&f.err));
    fixture_release(&f);
}

// `targets` and a default, of which so many entries are far.
static void long_table(int32_t targets, uint32_t far) {
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_bytes(&w, "\x00\x20\x00\x0e", 4);
    write_u32(&w, (uint32_t)targets);
    for (int32_t i = 0; i <= targets; i++)
        write_u8(&w, 0);
    write_u8(&w, 0x0b);
    EXPECT(run_body(&f, "i", "", w.data, w.len));
    EXPECT_EQ(f.side.ctl.len, targets + 1);
    EXPECT_EQ(f.side.far_ctl.len, far);
    int32_t last = (int32_t)f.side.funcs.data[0].code_size - 1;
    for (int32_t i = 0; i <= targets; i++)
        expect_ctl(&f, (uint32_t)i,
                   (CtlTarget){.pc = last - 2, .ctl = targets + 1 - i});
    fixture_release(&f);
}

static void long_tables(void) {
    long_table(CTL_HOP_BIAS - 2, 0);
    long_table(CTL_HOP_BIAS - 1, 1);
    long_table(CTL_HOP_BIAS + 4, 6);
    long_table(1000000, 1000001); // the way is far too
}

// `branches` br_if back to a loop, of which so many entries are far.
static void back_entry(int32_t branches, uint32_t far) {
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_bytes(&w, "\x00\x03\x40", 3);
    for (int32_t i = 0; i < branches; i++)
        write_bytes(&w, "\x41\x00\x0d\x00", 4);
    write_bytes(&w, "\x0b\x0b", 2);
    EXPECT(run_body(&f, "", "", w.data, w.len));
    EXPECT_EQ(f.side.far_ctl.len, far);
    for (int32_t i = 0; i < branches; i++)
        expect_ctl(&f, (uint32_t)i, (CtlTarget){.pc = -4 * i - 4, .ctl = -i});
    fixture_release(&f);
}

static void back_entries(void) {
    back_entry(1, 0);
    back_entry(8192, 0); // 32 KiB
    back_entry(8193, 1);
    back_entry(CTL_HOP_BIAS + 10, CTL_HOP_BIAS + 10 - 8192);
}

// `branches` br_if that leave a block with `keep` results, over `drop` other
// operands, of which so many entries are far.
static void far_entry(uint32_t branches, uint32_t keep, uint32_t drop,
                      uint32_t far) {
    Fixture f;
    fixture_init(&f);
    char letters[1001] = {0};
    memset(letters, 'i', keep);
    uint32_t type = fixture_type(&f, "", letters);
    Writer w;
    writer_init(&w, &f.arena);
    write_bytes(&w, "\x00\x02", 2);
    write_s64(&w, type);
    for (uint32_t i = 0; i < keep + drop; i++)
        write_bytes(&w, "\x41\x00", 2);
    for (uint32_t i = 0; i < branches; i++)
        write_bytes(&w, "\x41\x00\x0d\x00", 4);
    write_bytes(&w, "\x00\x0b\x0b", 3);
    EXPECT(run_body(&f, "", letters, w.data, w.len));
    EXPECT_EQ(f.side.ctl.len, branches);
    EXPECT_EQ(f.side.far_ctl.len, far);
    int32_t len = (int32_t)branches;
    for (int32_t i = 0; i < len; i++)
        expect_ctl(&f, (uint32_t)i,
                   (CtlTarget){.pc = 4 * (len - i) - 1,
                               .ctl = len - i,
                               .keep = keep,
                               .drop = drop});
    fixture_release(&f);
}

static void far_entries(void) {
    far_entry(1, 0, 1, 1);
    far_entry(1, 1, 1, 1);
    far_entry(1, 300, 0, 0); // they lie where they belong
    far_entry(1, 1000, 5000, 1);
    far_entry(8192, 0, 0, 0); // 32 KiB
    far_entry(8195, 0, 0, 3);
    far_entry(8195, 300, 300, 8195);
}

// Few bytes may declare many locals; those far behind are found all the same.
static void many_locals(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "", "l", 0x02, 0xa8, 0xc3, 0x01, 0x7d, // 25000 f32
                    0xa8, 0xc3, 0x01, 0x7e,                    // 25000 i64
                    0x20, 0xcf, 0x86, 0x03, // local.get 49999
                    0x21, 0xa8, 0xc3, 0x01, // local.set 25000
                    0x20, 0xa8, 0xc3, 0x01, // local.get 25000
                    0x0b));
    EXPECT_EQ(f.side.funcs.data[0].local_len, 50000);
    fixture_release(&f);

    fixture_init(&f);
    EXPECT(!RUN_BODY(&f, "", "", 0x01, 0xd1, 0x86, 0x03, 0x7d, 0x0b));
    EXPECT_EQ(f.err.kind, ERR_limit);
    fixture_release(&f);

    fixture_init(&f);
    EXPECT(!RUN_BODY(&f, "", "", 0x00, 0x20, 0xd0, 0x86, 0x03, 0x0b));
    EXPECT_STR(f.err.text, "unknown local 50000");
    fixture_release(&f);
}

// Locals beyond those that have a place in an array are remembered too.
static void far_local_without_value(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(!RUN_BODY(&f, "", "", 0x01, 0xd0, 0x86, 0x03, 0x64, 0x6c, // 50000
                     0x20, 0xcf, 0x86, 0x03, 0x1a, 0x0b)); // local.get 49999
    EXPECT_STR(f.err.text, "uninitialized local 49999");
    fixture_release(&f);

    fixture_init(&f);
    EXPECT(RUN_BODY(&f, "", "", 0x01, 0xd0, 0x86, 0x03, 0x64, 0x6c, //
                    0x41, 0x00, 0xfb, 0x1c,       // ref.i31 (i32.const 0)
                    0x21, 0xcf, 0x86, 0x03,       // local.set 49999
                    0x20, 0xcf, 0x86, 0x03, 0x1a, // local.get 49999
                    0x0b));
    fixture_release(&f);

    fixture_init(&f);
    EXPECT(!RUN_BODY(&f, "", "", 0x01, 0xd0, 0x86, 0x03, 0x64, 0x6c, //
                     0x02, 0x40,                                     // block
                     0x41, 0x00, 0xfb, 0x1c,                         //
                     0x21, 0xcf, 0x86, 0x03, 0x0b, // local.set 49999, end
                     0x20, 0xcf, 0x86, 0x03, 0x1a, 0x0b)); // local.get 49999
    EXPECT_STR(f.err.text, "uninitialized local 49999");
    fixture_release(&f);
}

// Heights of the operand stack have more than 16 bits.
static void tall_stack(void) {
    enum {
        TALL = 65535
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 0);
    for (int i = 0; i < TALL; i++)
        write_bytes(&w, "\x41\x00", 2);
    // block (result i32), two constants, br 0, end, unreachable, end
    write_bytes(&w, "\x02\x7f\x41\x00\x41\x00\x0c\x00\x0b\x00\x0b", 11);
    fixture_func(&f, fixture_type(&f, "", ""), w.data, w.len);
    EXPECT(fixture_valid(&f));
    EXPECT_EQ(f.side.funcs.data[0].operand_max, TALL + 2);
    CtlTarget e = ctl_target(&f.side.ctl.data[0], f.side.far_ctl.data);
    EXPECT_EQ(e.keep, 1);
    EXPECT_EQ(e.drop, 1);
    fixture_release(&f);
}

// Blocks with results in dead code push more than the body has bytes.
static void wide_blocks(void) {
    enum {
        WIDTH = 1000,
        BLOCKS = 500
    };
    char letters[WIDTH + 1];
    memset(letters, 'i', WIDTH);
    letters[WIDTH] = 0;
    Fixture f;
    fixture_init(&f);
    uint32_t wide = fixture_type(&f, "", letters);
    Writer w;
    writer_init(&w, &f.arena);
    write_u8(&w, 0);
    for (int i = 0; i < BLOCKS; i++) {
        write_u8(&w, 0x02);
        write_s64(&w, wide);
        write_bytes(&w, "\x00\x0b", 2);
    }
    write_bytes(&w, "\x00\x0b", 2);
    EXPECT(run_body(&f, "", "", w.data, w.len));
    EXPECT_EQ(f.side.funcs.data[0].operand_max, WIDTH * BLOCKS);
    fixture_release(&f);
}

// --- running out of memory ---------------------------------------------------

static void every_allocation_fails(void) {
    for (uint64_t nth = 1; nth < 1000; nth++) {
        Fixture f;
        fixture_init(&f);
        fixture_memory(&f, false);
        uint32_t type = fixture_type(&f, "i", "i");
        static const uint8_t body[] = {0x00, 0x03, 0x7f, 0x20, 0,
                                       0x21, 0,    0x20, 0,    0x20,
                                       0,    0x0d, 0,    0x0b, 0x0b};
        fixture_func(&f, type, body, sizeof body);
        f.arena.fail_in = nth;
        bool ok = fixture_valid(&f);
        bool tried = f.arena.fail_in == 0;
        fixture_release(&f);
        if (ok) {
            EXPECT(!tried);
            return;
        }
        EXPECT_EQ(f.err.kind, ERR_limit);
    }
    EXPECT(false);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(far_local_without_value), UNIT_TEST(tall_stack),
                    UNIT_TEST(branch_forward), UNIT_TEST(branch_backward),
                    UNIT_TEST(if_else), UNIT_TEST(if_alone), UNIT_TEST(tables),
                    UNIT_TEST(dead_code), UNIT_TEST(catches), UNIT_TEST(flags),
                    UNIT_TEST(errors), UNIT_TEST(errors_of_types),
                    UNIT_TEST(long_lists), UNIT_TEST(deep_nesting),
                    UNIT_TEST(long_tables), UNIT_TEST(back_entries),
                    UNIT_TEST(far_entries), UNIT_TEST(many_locals),
                    UNIT_TEST(wide_blocks), UNIT_TEST(every_allocation_fails));
}
