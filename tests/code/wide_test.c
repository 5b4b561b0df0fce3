// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules that have more of something than 16 bits count: an index or a size
// whose upper half was lost somewhere names something else, 65536 before it.
#include "code/outcome.h"
#include "unit/unit.h"

enum {
    MANY = 65600,
    FAR = 65541,  // what is asked for
    NEAR = 5,     // what it would be without its upper half
    DEEP = 66000, // blocks, or operands
};

#define HEAD "(func (export \"f\") (param i64) (result i64) "

static void put_many(Text *t, const char *piece) {
    for (int i = 0; i < MANY; i++)
        put(t, "%s\n", piece);
}

// Function i gives i: called, called last, by reference and by tables.
static void many_functions(void) {
    Text t = {0};
    put(&t,
        "(module (type $r (func (result i64)))" HEAD
        " (call %d) (i64.add (call $last))"
        " (i64.add (call_ref $r (ref.func %d)))"
        " (i64.add (call_indirect $t (type $r) (i32.const %d)))"
        " (i64.add (call_indirect $u (type $r) (i32.const %d))))\n"
        "(func $last (result i64) (return_call %d))\n",
        FAR, FAR + 1, FAR + 2, FAR + 3, FAR + 4);
    for (int i = 2; i < MANY; i++)
        put(&t, "(func (result i64) (i64.const %d))\n", i);
    for (const char *name = "tu"; *name; name++) {
        put(&t, "(table $%c funcref (elem ", *name);
        for (int i = 0; i < MANY; i++)
            put(&t, *name == 't' ? "%d\n" : "(ref.func %d)\n", i);
        put(&t, "))\n");
    }
    put(&t, ")");
    expect_in_tiers(&t, 0, 5 * FAR + 1 + 2 + 3 + 4);
}

static void many_globals(void) {
    Text t = {0};
    put(&t,
        "(module " HEAD "(global.set %d (local.get 0))"
        " (global.get %d) (i64.mul (i64.const 10) (global.get %d))"
        " (i64.add) (i64.mul (i64.const 100) (global.get %d)) (i64.add))\n",
        FAR, FAR, NEAR, FAR + 1);
    for (int i = 0; i < MANY; i++)
        put(&t, "(global (mut i64) (i64.const %d))\n",
            i == FAR + 1 ? 3
            : i == FAR   ? 2
                         : 1);
    put(&t, ")");
    expect_in_tiers(&t, 9, 9 + 10 + 300);
}

// Of one recursion group, so that all are different; as types of objects, of
// blocks and of what is called.
static void many_types(void) {
    Text t = {0};
    put(&t, "(module (rec\n");
    for (int i = 0; i < MANY; i++)
        put(&t, "%s\n",
            i == FAR - 1   ? "(type $far_f (func (param i64) (result i64)))"
            : i == NEAR    ? "(type $near (struct (field i64)))"
            : i == FAR     ? "(type $far (struct (field i64 i64)))"
            : i == FAR + 1 ? "(type $far_a (array (mut i64)))"
                           : "(type (func))");
    put(&t,
        ")" HEAD "(local $x anyref) (local $y (ref null $far_a))"
        " (local.set $x (struct.new $far (i64.const 4) (local.get 0)))"
        " (local.set $y (array.new $far_a (i64.const 30) (i32.const 2)))"
        " (struct.get $far 1 (ref.cast (ref $far) (local.get $x)))"
        " (i64.add (array.get $far_a (local.get $y) (i32.const 1)))"
        " (block (type $far_f) (i64.add (i64.const 100)))"
        " (call_indirect (type $far_f) (i32.const 0))"
        " (if (ref.test (ref $near) (local.get $x)) (then (unreachable)))"
        " (if (i32.eqz (ref.test (ref $far) (local.get $x)))"
        "  (then (unreachable))))"
        "(table funcref (elem $g))"
        "(func $g (type $far_f) (i64.add (local.get 0) (i64.const 1000))))");
    expect_in_tiers(&t, 7, 1137);
}

static void many_tags(void) {
    Text t = {0};
    put(&t,
        "(module " HEAD "(block (result i64) (try_table (result i64)"
        " (catch %d 0) (block (result i64) (try_table (result i64)"
        " (catch %d 0) (throw %d (local.get 0))))"
        " (i64.add (i64.const 1000)))"
        " (i64.add (i64.const 1))))\n",
        FAR, NEAR, FAR);
    put_many(&t, "(tag (param i64))");
    put(&t, ")");
    expect_in_tiers(&t, 77, 77);
}

static void many_data_segments(void) {
    for (uint64_t argument = 0; argument < 2; argument++) {
        Text t = {0};
        put(&t,
            "(module (memory 1) " HEAD
            "(memory.init %d (i32.const 0) (i32.const 0) (i32.const 4))"
            " (data.drop %d)"
            " (memory.init %d (i32.const 8) (i32.const 0) (i32.const 4))"
            " (i64.load (i32.const 0)) (i64.load (i32.const 8)) (i64.add)"
            " (block (br_if 0 (i64.eqz (local.get 0)))"
            "  (memory.init %d (i32.const 0) (i32.const 0) (i32.const 4))))\n",
            FAR, FAR, NEAR, FAR);
        for (int i = 0; i < MANY; i++)
            put(&t, "(data \"\\%02x\\%02x\\%02x\\00\")\n", i & 255,
                i >> 8 & 255, i >> 16);
        put(&t, ")");
        expect_in_tiers(&t, argument,
                        argument ? trapped(TRAP_memory_bounds) : FAR + NEAR);
    }
}

static void many_element_segments(void) {
    Text t = {0};
    put(&t,
        "(module (type $r (func (result i64))) (table 2 funcref) " HEAD
        "(table.init %d (i32.const 0) (i32.const 0) (i32.const 1))"
        " (elem.drop %d)"
        " (table.init %d (i32.const 1) (i32.const 0) (i32.const 1))"
        " (call_indirect (type $r) (i32.const 0))"
        " (call_indirect (type $r) (i32.const 1)) (i64.add))"
        "(func $near (result i64) (i64.const 1))"
        "(func $far (result i64) (i64.const 10))\n",
        FAR, FAR, NEAR);
    for (int i = 0; i < MANY; i++)
        put(&t, "(elem func %s)\n", i < FAR ? "$near" : "$far");
    put(&t, ")");
    expect_in_tiers(&t, 0, 11);
}

// The last labels of br_table, and its default.
static void many_labels(void) {
    static const struct {
        uint64_t argument, want;
    } cases[] = {{NEAR, 100}, {FAR, 10}, {MANY - 1, 10}, {MANY, 1}};
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Text t = {0};
        put(&t, "(module " HEAD "(block (block (block (br_table\n");
        for (int j = 0; j < MANY; j++)
            put(&t, "%d\n", j < FAR);
        put(&t, "2 (i32.wrap_i64 (local.get 0))))"
                " (return (i64.const 10)))"
                " (return (i64.const 100)))"
                " (i64.const 1)))");
        expect_in_tiers(&t, cases[i].argument, cases[i].want);
    }
}

static void deep_blocks(void) {
    Text t = {0};
    put(&t, "(module " HEAD "(local i64)\n");
    for (int i = 0; i < DEEP; i++)
        put(&t, "block\n");
    put(&t,
        "local.get 0 i32.wrap_i64 br_if %d\n"
        "local.get 0 i64.const 1 i64.sub i32.wrap_i64 br_if %d\n",
        DEEP - 1, DEEP - 3);
    for (int i = 0; i < DEEP; i++)
        put(&t, "local.get 1 i64.const 1 i64.add local.set 1 end\n");
    put(&t, "local.get 1))");
    // What the innermost block adds stands behind the branches.
    expect_in_tiers(&t, 0, 2);
}

// Slots whose offset needs more than 16 bits, also in bytes of either sign.
static void many_operands(void) {
    Text t = {0};
    put(&t, "(module " HEAD "local.get 0\n");
    for (int i = 0; i < DEEP; i++)
        put(&t, "i64.const %d local.get 0 i64.add\n", i % 10);
    for (int i = 0; i < DEEP; i++)
        put(&t, "i64.add\n");
    put(&t, "))");
    expect_in_tiers(&t, 3, 3 + 3 * DEEP + (uint64_t)DEEP / 10 * 45);
}

// Sites of calls, each with a map of what is live. At the last one there is more
// garbage than the heap has room for.
static void many_calls(void) {
    Text t = {0};
    put(&t, "(module (type $s (struct (field (mut i64))))" HEAD
            "(local $x (ref null $s)) (local $y (ref null $s))"
            " (local.set $x (struct.new $s (i64.const 0)))\n");
    for (int i = 0; i < MANY; i++)
        put(&t, "(call $add (local.get $x))\n");
    put(&t, "(local.set $y (struct.new $s (local.get 0)))"
            "(struct.get $s 0 (struct.new $s (i64.const 1)))"
            "(i64.add (struct.get $s 0 (local.get $x)))"
            "(call $garbage)"
            "(i64.add (struct.get $s 0 (local.get $y))))"
            "(func $garbage (local i32)"
            " (loop (drop (struct.new $s (i64.const -1)))"
            "  (br_if 0 (i32.lt_u (local.tee 0"
            "   (i32.add (local.get 0) (i32.const 1))) (i32.const 40000)))))"
            "(func $add (param $x (ref null $s)) (struct.set $s 0"
            " (local.get $x) (i64.add (struct.get $s 0 (local.get $x))"
            "  (i64.const 1)))))");
    expect_in_tiers(&t, 1000000, 1000000 + MANY + 1);
}

// Elements of tables, bytes of memories and of arrays: indices and lengths.
static void large_things(void) {
    Text t = {0};
    put(&t,
        "(module (type $b (array (mut i8))) (type $r (func (result i64)))"
        "(table $t 1 funcref) (table $u %d funcref) (memory 4)" HEAD
        "(local $a (ref null $b)) (local $c (ref null $b))"
        "(drop (table.grow $t (ref.null func) (i32.const %d)))"
        "(table.fill $t (i32.const 1) (ref.func $one) (i32.const %d))"
        "(table.set $t (i32.const %d) (ref.func $two))"
        "(table.copy $u $t (i32.const 0) (i32.const 0) (i32.const %d))",
        MANY, MANY - 1, MANY - 1, FAR, MANY);
    put(&t,
        "(i64.extend_i32_u (table.size $t))"
        "(i64.add (call_indirect $u (type $r) (i32.const %d)))"
        "(i64.add (call_indirect $u (type $r) (i32.const %d)))"
        "(i64.add (call_ref $r (ref.cast (ref $r)"
        " (table.get $u (i32.const %d)))))",
        FAR, NEAR, MANY - 1);
    put(&t,
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const %d))"
        "(memory.copy (i32.const 70000) (i32.const 0) (i32.const %d))"
        "(i64.add (i64.load8_u offset=%d (i32.const 0)))"
        "(i64.add (i64.load8_u (i32.const %d)))"
        "(i64.add (i64.load8_u offset=70000 (i32.const %d)))",
        MANY, MANY, MANY - 1, MANY, MANY - 1);
    put(&t,
        "(local.set $a (array.new $b (i32.const 1) (i32.const %d)))"
        "(local.set $c (array.new_default $b (i32.const %d)))"
        "(array.set $b (local.get $a) (i32.const %d) (i32.const 2))"
        "(array.copy $b $b (local.get $c) (i32.const 0) (local.get $a)"
        " (i32.const 0) (i32.const %d))"
        "(array.fill $b (local.get $a) (i32.const 0) (i32.const 4)"
        " (i32.const %d))",
        MANY, MANY, FAR, MANY, MANY);
    for (int i = 0; i < 2; i++)
        put(&t,
            "(i64.add (i64.extend_i32_u"
            " (array.get_u $b (local.get %d) (i32.const %d))))"
            "(i64.add (i64.extend_i32_u"
            " (array.get_u $b (local.get %d) (i32.const %d))))",
            i + 1, FAR, i + 1, MANY - 1);
    put(&t,
        "(i64.add (i64.extend_i32_u (array.len (local.get $c)))))"
        "(func $one (type $r) (i64.const 1))"
        "(func $two (type $r) (i64.const 2)) (elem declare func $one $two))");
    expect_in_tiers(&t, 0, MANY + 2 + 1 + 1 + 1 + 0 + 1 + 4 + 4 + 2 + 1 + MANY);
}

// What a segment holds: bytes for a memory and an array, items for a table and
// an array of references.
static void large_segments(void) {
    Text t = {0};
    put(&t,
        "(module (type $b (array (mut i8))) (type $f (array (mut funcref)))"
        "(type $r (func (result i64))) (table $t %d funcref) (memory 2)" HEAD
        "(local $a (ref null $b))"
        "(memory.init $d (i32.const 0) (i32.const 0) (i32.const %d))"
        "(table.init $e (i32.const 0) (i32.const 0) (i32.const %d))"
        "(local.set $a (array.new_data $b $d (i32.const 0) (i32.const %d)))",
        MANY, MANY, MANY, MANY);
    put(&t,
        "(i64.load8_u (i32.const %d)) (i64.add (i64.load8_u (i32.const %d)))"
        "(i64.add (call_indirect (type $r) (i32.const %d)))"
        "(i64.add (call_indirect (type $r) (i32.const %d)))"
        "(i64.add (i64.extend_i32_u"
        " (array.get_u $b (local.get $a) (i32.const %d))))"
        "(array.init_data $b $d (local.get $a) (i32.const 0) (i32.const %d)"
        " (i32.const 1))"
        "(i64.add (i64.extend_i32_u"
        " (array.get_u $b (local.get $a) (i32.const 0))))"
        "(i64.add (call_ref $r (ref.cast (ref $r) (array.get $f (array.new_elem"
        " $f $e (i32.const %d) (i32.const 3)) (i32.const 2))))))\n",
        FAR, NEAR, FAR, NEAR, FAR, FAR, FAR - 2);
    put(&t, "(func $one (type $r) (i64.const 1))"
            "(func $two (type $r) (i64.const 2))\n(data $d ");
    for (int i = 0; i < MANY; i++)
        put(&t, "\"\\%02x\"\n", i == FAR ? 20 : 10);
    put(&t, ")\n(elem $e func ");
    for (int i = 0; i < MANY; i++)
        put(&t, "%s\n", i == FAR ? "$two" : "$one");
    put(&t, "))");
    expect_in_tiers(&t, 0, 20 + 10 + 2 + 1 + 20 + 20 + 2);
}

// The most that there may be of them, in places behind the first 64 KiB.
static void many_fields_and_values(void) {
    enum {
        FIELDS = 10000,
        VALUES = 1000,
    };
    Text t = {0};
    put(&t, "(module (type $s (struct\n");
    for (int i = 0; i < FIELDS; i++)
        put(&t, "(field (mut i64))\n");
    put(&t, "))\n(func $swap (param");
    for (int i = 0; i < 2 * VALUES; i++)
        put(&t, i == VALUES ? ") (result i64" : " i64");
    put(&t, ")");
    for (int i = VALUES; i-- > 0;)
        put(&t, "(local.get %d)\n", i);
    put(&t,
        ")" HEAD "(local $x (ref null $s))"
        "(local.set $x (struct.new_default $s))"
        "(struct.set $s %d (local.get $x) (local.get 0))"
        "(struct.set $s %d (local.get $x) (i64.const 5))\n",
        FIELDS - 1, FIELDS - 1 - 8192);
    for (int i = 0; i < VALUES; i++)
        put(&t, "(i64.const %d)\n", i);
    put(&t, "(call $swap)\n");
    for (int i = 1; i < VALUES; i++)
        put(&t, "(local.set 0)\n");
    // What is left is the first result, the last parameter.
    put(&t,
        "(i64.add (struct.get $s %d (local.get $x)))"
        "(i64.add (struct.get $s %d (local.get $x)))"
        "(i64.add (struct.get $s %d (local.get $x)))"
        "(i64.add (local.get 0))) (export \"g\" (func $swap)))",
        FIELDS - 1, FIELDS - 1 - 8192, FIELDS - 2);
    expect_in_tiers(&t, 70, 999 + 70 + 5 + 998);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(many_functions), UNIT_TEST(many_globals),
                    UNIT_TEST(many_types), UNIT_TEST(many_tags),
                    UNIT_TEST(many_data_segments),
                    UNIT_TEST(many_element_segments), UNIT_TEST(many_labels),
                    UNIT_TEST(deep_blocks), UNIT_TEST(many_operands),
                    UNIT_TEST(many_calls), UNIT_TEST(large_things),
                    UNIT_TEST(large_segments),
                    UNIT_TEST(many_fields_and_values));
}
