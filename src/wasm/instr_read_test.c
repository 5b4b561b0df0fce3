// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The instruction reader: every instruction, cut short everywhere, without its
// feature, and immediates that break the grammar; and the writer, which gives
// back what was read.
#include "wasm/instr_read.h"

#include "base/bits.h"
#include "unit/unit.h"
#include "wasm/instr_write.h"

#include <stdlib.h>

// A constant initialiser of a Str.
#define BYTES(literal) {(literal), sizeof(literal) - 1}

typedef struct Code {
    uint8_t data[40];
    size_t len;
} Code;

static void put(Code *c, const void *bytes, size_t len) {
    memcpy(c->data + c->len, bytes, len);
    c->len += len;
}

static void put_u32(Code *c, uint32_t x) {
    for (; x >= 0x80; x >>= 7)
        c->data[c->len++] = (uint8_t)(x | 0x80);
    c->data[c->len++] = (uint8_t)x;
}

// One well-formed immediate of each kind.
static Str sample_imm(ImmKind kind) {
    static const Str samples[IMM_count] = {
        [IMM_none] = BYTES(""),
        [IMM_block] = BYTES("\x7f"),
        [IMM_try_table] =
            BYTES("\x40\x04\x00\x05\x01\x01\x05\x02\x02\x03\x03\x04"),
        [IMM_label] = BYTES("\x83\x00"),
        [IMM_br_table] = BYTES("\x02\x00\x81\x00\x02"),
        [IMM_br_cast] = BYTES("\x03\x01\x6e\x6b"),
        [IMM_func] = BYTES("\x80\x01"),
        [IMM_type] = BYTES("\x01"),
        [IMM_local] = BYTES("\xff\xff\xff\xff\x0f"),
        [IMM_global] = BYTES("\x01"),
        [IMM_table] = BYTES("\x01"),
        [IMM_memory] = BYTES("\x01"),
        [IMM_tag] = BYTES("\x01"),
        [IMM_elem] = BYTES("\x01"),
        [IMM_data] = BYTES("\x01"),
        [IMM_type_table] = BYTES("\x01\x02"),
        [IMM_elem_table] = BYTES("\x01\x02"),
        [IMM_data_memory] = BYTES("\x01\x02"),
        [IMM_table_table] = BYTES("\x01\x02"),
        [IMM_memory_memory] = BYTES("\x01\x02"),
        [IMM_type_field] = BYTES("\x01\x02"),
        [IMM_type_type] = BYTES("\x01\x02"),
        [IMM_type_len] = BYTES("\x01\x02"),
        [IMM_type_data] = BYTES("\x01\x02"),
        [IMM_type_elem] = BYTES("\x01\x02"),
        [IMM_memarg] = BYTES("\x42\x03\x80\x80\x80\x80\x80\x01"),
        [IMM_memarg_lane] = BYTES("\x42\x03\x10\x01"),
        [IMM_lane] = BYTES("\x07"),
        [IMM_shuffle] = BYTES("0123456789abcdef"),
        [IMM_i32] = BYTES("\x80\x7f"),
        [IMM_i64] = BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"),
        [IMM_f32] = BYTES("\x00\x00\xc0\x7f"),
        [IMM_f64] = BYTES("\x00\x00\x00\x00\x00\x00\xf8\x7f"),
        [IMM_v128] = BYTES("0123456789abcdef"),
        [IMM_heap] = BYTES("\x85\x01"),
        [IMM_types] = BYTES("\x03\x7f\x64\x70\x63\x05"),
        [IMM_zero_byte] = BYTES("\x00"),
    };
    return samples[kind];
}

static Code sample(Op op) {
    const OpInfo *info = &op_info[op];
    Code c = {.len = 0};
    if (info->prefix == 0)
        c.data[c.len++] = (uint8_t)info->code;
    else {
        c.data[c.len++] = info->prefix;
        put_u32(&c, info->code);
    }
    Str imm = sample_imm((ImmKind)info->imm);
    put(&c, imm.data, imm.len);
    return c;
}

enum {
    BASE = 1000 // where the test's bytes begin in their module
};

typedef struct Try {
    Instr in;
    Err err;
    Reader r;
    bool ok;
} Try;

static Try read_bytes_as(const uint8_t *bytes, size_t len, FeatureSet set) {
    Try t = {.err = {.func = ERR_NOWHERE}};
    reader_init(&t.r, bytes, len, BASE, &t.err);
    t.ok = instr_read(&t.r, set, &t.in);
    EXPECT_EQ(t.ok, err_ok(&t.err));
    return t;
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

static void every_instruction(void) {
    for (int i = 0; i < OP_count; i++) {
        Code c = sample((Op)i);
        Try t = read_bytes_as(c.data, c.len, FEATURES_ALL);
        if (!EXPECT(t.ok)) fprintf(stderr, "  %s\n", op_name[i]);
        EXPECT_EQ(t.in.op, i);
        EXPECT_EQ(t.in.at, BASE);
        EXPECT_EQ(reader_left(&t.r), 0);
    }
}

// Two samples have an integer with a byte too much.
static bool is_padded(ImmKind kind) {
    return kind == IMM_label || kind == IMM_br_table;
}

// Reads the instruction and writes it.
static void rewrite(const uint8_t *bytes, size_t len, Writer *out) {
    Try t = read_bytes_as(bytes, len, FEATURES_ALL);
    EXPECT(t.ok);
    t.r.err = &t.err; // it was another one while it was read
    instr_write(out, &t.r, FEATURES_ALL, &t.in);
}

static void rewrite_sample(Op op, Arena *arena) {
    Code c = sample(op);
    Writer w, again;
    writer_init(&w, arena);
    writer_init(&again, arena);
    rewrite(c.data, c.len, &w);
    bool padded = is_padded((ImmKind)op_info[op].imm);
    if (!EXPECT(w.len == c.len - padded) ||
        !EXPECT(padded || !memcmp(w.data, c.data, c.len)))
        fprintf(stderr, "  %s\n", op_name[op]);
    rewrite(w.data, w.len, &again);
    EXPECT(again.len == w.len && !memcmp(again.data, w.data, w.len));
}

static void every_instruction_written(void) {
    Arena arena;
    ArenaGuard guard;
    volatile int done = 0;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard))
        for (; done < OP_count; done++)
            rewrite_sample((Op)done, &arena);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    EXPECT_EQ(done, OP_count);
}

static void every_instruction_cut_short(void) {
    for (int i = 0; i < OP_count; i++) {
        Code c = sample((Op)i);
        for (size_t len = 0; len < c.len; len++) {
            // On the heap, so that reading past the end is seen.
            uint8_t *copy = malloc(len + 1);
            memcpy(copy + 1, c.data, len);
            Try t = read_bytes_as(copy + 1, len, FEATURES_ALL);
            EXPECT(!t.ok);
            EXPECT_EQ(t.err.kind, ERR_malformed);
            EXPECT(t.err.id == E_unexpected_end ||
                   t.err.id == E_length_out_of_bounds);
            EXPECT(t.err.at >= BASE && t.err.at <= BASE + len);
            free(copy);
        }
    }
}

static void every_instruction_without_its_feature(void) {
    for (int i = 0; i < OP_count; i++) {
        Code c = sample((Op)i);
        FeatureSet bit = (FeatureSet)1 << op_info[i].feature;
        Try t = read_bytes_as(c.data, c.len, FEATURES_ALL & ~bit);
        EXPECT(!t.ok);
        EXPECT_EQ(t.err.id, E_opcode_off);
        EXPECT_EQ(t.err.kind, ERR_disabled);
        EXPECT_EQ(t.err.at, BASE);
        EXPECT(strstr(t.err.text, op_info[i].text) != NULL);
    }
    Try t = read_bytes_as((const uint8_t *)"\xfd\x0e", 2,
                          FEATURES_ALL & ~FEATURE_BIT(simd));
    EXPECT_STR(t.err.text, "illegal opcode fd 0e: i8x16.swizzle needs the simd "
                           "feature, which is off");
    t = read_bytes_as((const uint8_t *)"\xc0", 1,
                      FEATURES_ALL & ~FEATURE_BIT(sign_extension));
    EXPECT(starts_with(t.err.text, "illegal opcode c0: i32.extend8_s needs"));
}

#define OFF(name)                     (FEATURES_ALL & ~FEATURE_BIT(name))
#define BAD(bytes, set, error, where) {BYTES(bytes), set, error, where}

static void bad_input(void) {
    static const struct {
        Str bytes;
        FeatureSet features;
        const char *text; // what the message starts with
        uint64_t at;      // relative
    } cases[] = {
        // opcodes
        BAD("\xff\x00", FEATURES_ALL, "illegal opcode ff", 0),
        BAD("\x06", FEATURES_ALL, "illegal opcode 06", 0),
        BAD("\xfc\x17", FEATURES_ALL, "illegal opcode fc 17", 0),
        BAD("\xfd\x80\x80\x04", FEATURES_ALL, "illegal opcode fd 10000", 0),
        BAD("\xfd\x80\x80\x80\x80\x80\x00", FEATURES_ALL,
            "integer representation too long", 1),
        // indices
        BAD("\x20\x80\x80\x80\x80\x80\x00", FEATURES_ALL,
            "integer representation too long", 1),
        BAD("\x20\xff\xff\xff\xff\x1f", FEATURES_ALL, "integer too large", 1),
        // memory
        BAD("\x28\x80\x01\x00", FEATURES_ALL, "malformed memop flags", 1),
        BAD("\x28\xff\xff\xff\xff\x0f\x00", FEATURES_ALL,
            "malformed memop flags", 1),
        BAD("\x28\x40\x00\x00", OFF(multi_memory), "malformed memop flags", 1),
        BAD("\x28\x02\x80\x80\x80\x80\x10", OFF(memory64), "integer too large",
            2),
        BAD("\x3f\x01", OFF(multi_memory), "zero byte expected", 1),
        BAD("\x3f\x80\x00", OFF(multi_memory), "zero byte expected", 1),
        BAD("\xfc\x0a\x00\x01", OFF(multi_memory), "zero byte expected", 3),
        BAD("\x11\x00\x01", OFF(reference_types), "zero byte expected", 2),
        BAD("\xfe\x03\x01", FEATURES_ALL, "zero byte expected", 2),
        // blocks
        BAD("\x02\x70", OFF(reference_types), "malformed value type: ", 1),
        BAD("\x02\x7b", OFF(simd), "malformed value type: v128 needs", 1),
        BAD("\x02\x78", FEATURES_ALL, "malformed value type", 1),
        BAD("\x02\x41", FEATURES_ALL, "malformed value type", 1),
        BAD("\x02\x00", OFF(multi_value), "malformed block type: ", 1),
        BAD("\x02\x80\x7f", FEATURES_ALL, "malformed block type", 1),
        BAD("\x02\xff\xff\xff\xff\x7f", FEATURES_ALL, "malformed block type",
            1),
        BAD("\x02\xff\xff\xff\xff\x2f", FEATURES_ALL, "integer too large", 1),
        // heap types
        BAD("\xd0\x7f", FEATURES_ALL, "malformed heap type", 1),
        BAD("\xd0\x40", FEATURES_ALL, "malformed heap type", 1),
        BAD("\xd0\xf0\x7f", FEATURES_ALL, "malformed heap type", 1),
        BAD("\xd0\x6e", OFF(gc), "malformed heap type: any needs the gc", 1),
        BAD("\xd0\x69", OFF(exceptions), "malformed heap type: exn needs", 1),
        BAD("\xd0\x00", OFF(function_references), "malformed heap type: ", 1),
        BAD("\xd0\x80\x80\x80\x80\x02", FEATURES_ALL, "unknown type 536870912",
            1),
        // select
        BAD("\x1c\x01\x77", FEATURES_ALL, "malformed value type", 2),
        BAD("\x1c\x01\x64\x41", FEATURES_ALL, "malformed heap type", 3),
        BAD("\x1c\x01\x64\x70", OFF(function_references),
            "malformed reference type: (ref ...)", 2),
        BAD("\x1c\x01\x6d", OFF(gc), "malformed reference type: eqref", 2),
        BAD("\x1c\xff\xff\xff\xff\x0f\x7f", FEATURES_ALL,
            "length out of bounds", 1),
        // others
        BAD("\x0e\xff\xff\xff\xff\x0f\x00", FEATURES_ALL,
            "length out of bounds", 1),
        BAD("\xfb\x18\x04\x00\x6e\x6e", FEATURES_ALL,
            "malformed br_on_cast flags", 2),
        BAD("\x1f\x40\x01\x04\x00", FEATURES_ALL, "malformed catch clause", 3),
        BAD("\x1f\x40\x05\x02\x00", FEATURES_ALL, "length out of bounds", 2),
        BAD("", FEATURES_ALL, "unexpected end", 0),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Try t = read_bytes_as((const uint8_t *)cases[i].bytes.data,
                              cases[i].bytes.len, cases[i].features);
        EXPECT(!t.ok);
        if (!EXPECT(starts_with(t.err.text, cases[i].text)))
            fprintf(stderr, "  case %zu: \"%s\", not \"%s\"\n", i, t.err.text,
                    cases[i].text);
        if (!EXPECT_EQ(t.err.at, BASE + cases[i].at))
            fprintf(stderr, "  case %zu: %s\n", i, t.err.text);
        EXPECT(!instr_read(&t.r, FEATURES_ALL, &t.in)); // it stays failed
    }
}

static Instr good(const char *bytes, size_t len) {
    Try t = read_bytes_as((const uint8_t *)bytes, len, FEATURES_ALL);
    if (!EXPECT(t.ok)) fprintf(stderr, "  %s\n", t.err.text);
    EXPECT_EQ(reader_left(&t.r), 0);
    return t.in;
}
#define GOOD(bytes) good(bytes, sizeof(bytes) - 1)

static void immediates_are_read(void) {
    EXPECT_EQ(GOOD("\x41\x80\x80\x80\x80\x78").imm.i32, INT32_MIN);
    EXPECT_EQ(GOOD("\x42\xff\x00").imm.i64, 127);
    EXPECT_EQ(GOOD("\x43\x00\x00\xa0\x7f").imm.f32, 0x7fa00000);
    EXPECT_EQ(GOOD("\x44\x01\x00\x00\x00\x00\x00\xf0\x7f").imm.f64,
              0x7ff0000000000001);
    EXPECT_EQ(GOOD("\x0c\xe4\x00").imm.index, 100);
    Instr in = GOOD("\x28\x42\x83\x00\x80\x80\x80\x80\x10");
    EXPECT_EQ(in.imm.mem.arg.align_log2, 2);
    EXPECT_EQ(in.imm.mem.arg.memory, 3);
    EXPECT_EQ(in.imm.mem.arg.offset, UINT64_C(1) << 32);
    in = GOOD("\x28\x3f\x05");
    EXPECT_EQ(in.imm.mem.arg.align_log2, 63);
    EXPECT_EQ(in.imm.mem.arg.memory, 0);
    in = GOOD("\xfd\x54\x00\x09\x0f");
    EXPECT_EQ(in.op, OP_v128_load8_lane);
    EXPECT_EQ(in.imm.mem.arg.offset, 9);
    EXPECT_EQ(in.imm.mem.lane, 15);
    in = GOOD("\x11\x07\x02");
    EXPECT_EQ(in.imm.pair.first, 7);
    EXPECT_EQ(in.imm.pair.second, 2);
    in = GOOD("\xfd\x0c"
              "0123456789abcdef");
    EXPECT(memcmp(in.imm.bytes16, "0123456789abcdef", 16) == 0);
    in = GOOD("\x0e\x02\x05\x06\x07");
    EXPECT_EQ(in.imm.br_table.len, 2);
    EXPECT_EQ(in.imm.br_table.list[0], 5);
    in = GOOD("\xfb\x19\x02\x01\x6e\x05");
    EXPECT_EQ(in.imm.br_cast.label, 1);
    EXPECT_EQ(in.imm.br_cast.from, VT_ABSTRACT_REF(HEAP_any));
    EXPECT_EQ(in.imm.br_cast.to, vt_ref(5, true));
}

// All 32 bits of them: modules that were read have less of everything, but this
// is what says so.
static void large_indices_are_read(void) {
    EXPECT_EQ(GOOD("\x0c\xff\xff\xff\xff\x0f").imm.index, UINT32_MAX);
    EXPECT_EQ(GOOD("\x02\xf0\xa2\x04").imm.block.index, 70000);
    EXPECT_EQ(GOOD("\x02\xff\xff\xff\xff\x0f").imm.block.index, UINT32_MAX);
    Instr in = GOOD("\x11\xfe\xff\xff\xff\x0f\xfd\xff\xff\xff\x0f");
    EXPECT_EQ(in.imm.pair.first, UINT32_MAX - 1);
    EXPECT_EQ(in.imm.pair.second, UINT32_MAX - 2);
    in = GOOD("\x28\x42\xff\xff\xff\xff\x0f\x00");
    EXPECT_EQ(in.imm.mem.arg.memory, UINT32_MAX);
    in = GOOD("\xfc\x0a\xfe\xff\xff\xff\x0f\xfd\xff\xff\xff\x0f");
    EXPECT_EQ(in.imm.pair.first, UINT32_MAX - 1);
    EXPECT_EQ(in.imm.pair.second, UINT32_MAX - 2);
}

static void types_are_read(void) {
    EXPECT_EQ(GOOD("\x02\x40").imm.block.kind, BLOCK_empty);
    EXPECT_EQ(GOOD("\x02\x7b").imm.block.value, VT_v128);
    EXPECT_EQ(GOOD("\x02\x7f").imm.block.value, VT_i32);
    EXPECT_EQ(GOOD("\x02\x70").imm.block.value, VT_FUNCREF);
    EXPECT_EQ(GOOD("\x02\x63\x80\x00").imm.block.value, vt_ref(0, true));
    EXPECT_EQ(GOOD("\x02\x64\x6a").imm.block.value,
              VT_ABSTRACT_REF(HEAP_array));
    Instr in = GOOD("\x02\xc0\x00"); // 64 in two bytes, not the empty type
    EXPECT_EQ(in.imm.block.kind, BLOCK_type);
    EXPECT_EQ(in.imm.block.index, 64);
    EXPECT_EQ(GOOD("\xd0\x74").imm.heap, VT_ABSTRACT_REF(HEAP_noexn));
    EXPECT_EQ(GOOD("\xd0\xf0\x00").imm.heap, vt_ref(112, false));
    EXPECT_EQ(GOOD("\xd0\xff\xff\xff\xff\x01").imm.heap,
              vt_ref(VT_INDEX, false));
}

// Whoever goes on after an error finds no type of somebody else.
static void bad_types_are_none(void) {
    static bool (*const readers[])(Reader *, FeatureSet, ValType *) = {
        read_val_type, read_ref_type, read_heap_type};
    static const uint8_t bytes[] = {0x40}; // of a block, else none
    for (size_t i = 0; i < COUNTOF(readers); i++) {
        for (size_t len = 0; len < 2; len++) {
            Err err = {.func = ERR_NOWHERE};
            Reader r;
            ValType type = VT_i32;
            reader_init(&r, bytes, len, BASE, &err);
            EXPECT(!readers[i](&r, FEATURES_ALL, &type));
            EXPECT_EQ(type, VT_bot);
        }
    }
}

static void catches_are_read(void) {
    Try t = read_bytes_as((const uint8_t *)"\x1f\x7f\x02\x01\x05\x06\x02\x07",
                          8, FEATURES_ALL);
    EXPECT(t.ok);
    EXPECT_EQ(t.in.imm.try_table.block.value, VT_i32);
    EXPECT_EQ(t.in.imm.try_table.len, 2);
    Reader r;
    Err err = {0};
    reader_init(&r, t.in.imm.try_table.list, 5, 0, &err);
    CatchClause clause;
    EXPECT(read_catch(&r, &clause));
    EXPECT_EQ(clause.kind, CATCH_tag_ref);
    EXPECT_EQ(clause.tag, 5);
    EXPECT_EQ(clause.label, 6);
    EXPECT(read_catch(&r, &clause));
    EXPECT_EQ(clause.kind, CATCH_all);
    EXPECT_EQ(clause.label, 7);
    EXPECT_EQ(reader_left(&r), 0);
}

// Tables held funcref before there were reference types.
static void funcref_is_old(void) {
    ValType type;
    Err err = {0};
    Reader r;
    FeatureSet mvp = FEATURE_BIT(mvp);
    reader_init(&r, (const uint8_t *)"\x70\x6f", 2, BASE, &err);
    EXPECT(read_ref_type(&r, mvp, &type));
    EXPECT_EQ(type, VT_FUNCREF);
    EXPECT(!read_ref_type(&r, mvp, &type));
    EXPECT(starts_with(err.text, "malformed reference type: externref needs"));
    err_clear(&err);
    reader_init(&r, (const uint8_t *)"\x7f", 1, BASE, &err);
    EXPECT(!read_ref_type(&r, FEATURES_ALL, &type));
    EXPECT_STR(err.text, "malformed reference type");
}

// Bytes from a generator: no crash, and an instruction that was read gives the
// same from its own bytes alone.
static void any_bytes(void) {
    uint64_t seed = 1;
    for (int round = 0; round < 200000; round++) {
        uint8_t bytes[24];
        for (size_t i = 0; i < sizeof bytes; i += 8) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            store_u64(bytes + i, seed ^ seed >> 29);
        }
        Try t = read_bytes_as(bytes, sizeof bytes, FEATURES_ALL);
        if (!t.ok) continue;
        size_t len = (size_t)(t.r.at - bytes);
        Try again = read_bytes_as(bytes, len, FEATURES_ALL);
        EXPECT(again.ok);
        EXPECT_EQ(again.in.op, t.in.op);
        EXPECT(!read_bytes_as(bytes, len - 1, FEATURES_ALL).ok);
    }
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(every_instruction), UNIT_TEST(every_instruction_written),
        UNIT_TEST(every_instruction_cut_short),
        UNIT_TEST(every_instruction_without_its_feature), UNIT_TEST(bad_input),
        UNIT_TEST(immediates_are_read), UNIT_TEST(large_indices_are_read),
        UNIT_TEST(types_are_read), UNIT_TEST(bad_types_are_none),
        UNIT_TEST(catches_are_read), UNIT_TEST(funcref_is_old),
        UNIT_TEST(any_bytes));
}
