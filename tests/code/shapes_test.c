// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs of unusual shape with a known result, in every configuration of the
// differential run: indices of more than one byte, handlers that drop values,
// frames that are large.
#include "code/outcome.h"
#include "unit/unit.h"

// Indices around those at which one byte more is needed.
static void far_locals(void) {
    static const int locals[] = {1, 127, 128, 129, 255, 256, 16383, 16384};
    Text t = {0};
    put(&t, "(module (func (export \"f\") (param i64) (result i64) (local");
    for (int i = 0; i < 17000; i++)
        put(&t, " i64");
    put(&t, ")\n");
    for (size_t i = 0; i < COUNTOF(locals); i++)
        put(&t,
            "(local.set %d (i64.add (i64.const 1)"
            " (local.tee %d (i64.add (local.get 0) (i64.const %d)))))\n",
            locals[i], locals[i], 1 << (2 * i));
    put(&t, "(i64.const 0)\n");
    for (size_t i = 0; i < COUNTOF(locals); i++)
        put(&t, "(i64.add (local.get %d))\n", locals[i]);
    put(&t, "))");
    expect(&t, 1000, 8 * 1001 + 0x5555);
}

// Branches over many blocks, taken or not, before others whose targets are
// found by counting.
static void far_labels(void) {
    enum {
        BLOCKS = 140,
    };
    for (uint64_t taken = 0; taken < 2; taken++) {
        Text t = {0};
        put(&t, "(module (func (export \"f\") (param i64) (result i64)\n"
                "(local i64)\n");
        for (int i = 0; i < BLOCKS; i++)
            put(&t, "(block ");
        put(&t,
            "(br_if %d (i32.wrap_i64 (local.get 0)))\n"
            "(br_if 130 (i64.eq (local.get 0) (i64.const 7)))\n"
            "(block (br_if 0 (i64.eqz (local.get 0))) (unreachable))"
            "(br 1)\n",
            BLOCKS - 1);
        for (int i = 0; i < BLOCKS; i++)
            put(&t, "(local.set 1 (i64.add (local.get 1) (i64.const 1))))\n");
        put(&t, "(local.get 1)))");
        // What the innermost block adds is behind the branch.
        expect(&t, taken, taken ? 0 : BLOCKS - 2);
    }
}

// Two tables of branches to one label, each with values of its own below what the
// label takes.
static void labels_of_two_tables(void) {
    for (uint64_t argument = 0; argument < 3; argument++) {
        Text t = {0};
        put(&t, "(module (func (export \"f\") (param i64) (result i64)"
                " (block $out (result i64) (block $next (result i64)"
                " (i64.const 5) (i64.add (local.get 0) (i64.const 10))"
                " (br_table $out $next (i32.wrap_i64 (local.get 0))))"
                " (drop) (i64.mul (local.get 0) (i64.const 3))"
                " (i64.mul (local.get 0) (i64.const 5)) (i64.const 8)"
                " (i64.add (local.get 0) (i64.const 20))"
                " (br_table $out $out (i32.wrap_i64 (local.get 0))))))");
        expect(&t, argument, argument + (argument ? 20 : 10));
    }
}

// Code behind the first 64 KiB of a function: branches, a loop, a trap.
static void far_code(void) {
    enum {
        STEPS = 12000,
    };
    for (uint64_t argument = 0; argument < 2; argument++) {
        Text t = {0};
        put(&t, "(module (func (export \"f\") (param i64) (result i64)"
                " (local i64 i64)\n");
        for (int i = 0; i < STEPS; i++)
            put(&t, "(local.set 1 (i64.add (local.get 1) (i64.const 1)))\n");
        put(&t, "(block (br_if 0 (i64.eqz (local.get 0))) (unreachable))\n"
                "(loop (local.set 1 (i64.add (local.get 1) (i64.const 1)))"
                " (br_if 0 (i64.lt_u (local.tee 2 (i64.add (local.get 2)"
                "  (i64.const 1))) (i64.const 100))))\n"
                "(local.get 1)))");
        expect(&t, argument,
               argument ? trapped(TRAP_unreachable) : STEPS + 100);
    }
}

// Types of blocks and calls whose index takes two bytes.
static void far_types(void) {
    enum {
        TYPES = 8, // two to the power of it, all different
    };
    Text t = {0};
    put(&t, "(module (type $plain (func (param i64) (result i64)))\n");
    for (int i = 0; i < 1 << TYPES; i++) {
        put(&t, "(type (func (param i64");
        for (int bit = 0; bit < TYPES; bit++)
            put(&t, " %s", i >> bit & 1 ? "i64" : "f64");
        put(&t, ")))\n");
    }
    put(&t, "%s",
        "(type $far (func (param i64) (result i64 i64)))"
        "(type $void (func (result f32 f32)))"
        "(table funcref (elem $two))"
        "(func $two (type $far) (local.get 0) (i64.const 3))"
        "(func (export \"f\") (type $plain)"
        " (local.get 0) (block (type $far) (i64.const 5)) (i64.add)"
        " (loop (type $far) (i64.const 7)) (i64.add)"
        " (i32.const 1) (if (type $far) (then (i64.const 11))"
        "  (else (i64.const 12))) (i64.add)"
        " (block (type $void) (f32.const 1) (f32.const 1)) (drop) (drop)"
        " (i32.const 0) (call_indirect (type $far)) (i64.add)))");
    expect(&t, 100, 126);
}

// A handler that takes none of the exception's values leaves none: what is
// pushed behind it is where maps of the stack say, and survives a collection.
static void handlers_drop_values(void) {
    Text t = {0};
    put(&t, "%s",
        "(module (type $s (struct (field i64)))"
        " (tag $t (param i64 i64 i64))"
        " (func (export \"f\") (param i64) (result i64)"
        "  (block $h (try_table (catch_all $h)"
        "   (throw $t (local.get 0) (i64.const 2) (i64.const 3))))"
        "  (struct.new $s (local.get 0))"
        "  (struct.new $s (i64.const 5)) (drop)"
        "  (call $garbage)"
        "  (struct.get $s 0))"
        " (func $garbage (local i32)"
        "  (loop (drop (struct.new $s (i64.const -1)))"
        "   (br_if 0 (i32.lt_u (local.tee 0"
        "    (i32.add (local.get 0) (i32.const 1))) (i32.const 50))))))");
    expect(&t, 77, 77);
}

// A heap that is full is a trap, whatever was to be made.
static void full_heaps(void) {
    enum {
        ELEMENTS = 200,
    };
    static const char *const news[] = {
        "(array.new $a (local.get 1) (i32.const 200))",
        "array.new_fixed $a 200"};
    for (size_t i = 0; i < COUNTOF(news); i++) {
        Text t = {0};
        put(&t, "(module (type $a (array (mut anyref)))"
                " (func (export \"f\") (param i64) (result i64) (local anyref)"
                " (loop ");
        for (int j = 0; i == 1 && j < ELEMENTS; j++)
            put(&t, "(local.get 1) ");
        put(&t, "%s (local.set 1) (br 0)) (unreachable)))", news[i]);
        expect(&t, 0, trapped(TRAP_out_of_memory));
    }
    // Exceptions, each of which holds the one before.
    Text thrown = {0};
    put(&thrown, "(module (tag $t (param exnref))"
                 " (func (export \"f\") (param i64) (result i64) (local exnref)"
                 " (loop (local.set 1 (block (result exnref)"
                 "  (try_table (catch_all_ref 0) (throw $t (local.get 1)))"
                 "  (unreachable))) (br 0)) (unreachable)))");
    expect(&thrown, 0, trapped(TRAP_out_of_memory));
    // Objects that globals begin with, more than there is room for.
    Text t = {0};
    put(&t, "(module (type $a (array i64))"
            " (func (export \"f\") (param i64) (result i64) (i64.const 1))\n");
    for (int i = 0; i < 2 * HEAP_MAX / (8 * ELEMENTS); i++) {
        put(&t, "(global (ref $a) ");
        for (int j = 0; j < ELEMENTS; j++)
            put(&t, "(i64.const 7) ");
        put(&t, "(array.new_fixed $a %d))\n", ELEMENTS);
    }
    put(&t, ")");
    expect(&t, 0, trapped(TRAP_out_of_memory));
}

// The stack ends with a trap however large the last frame is.
static void large_frames(void) {
    static const int sizes[] = {100, 3000, 40000};
    for (size_t i = 0; i < COUNTOF(sizes); i++) {
        Text t = {0};
        put(&t, "(module (func $f (export \"f\") (param i64) (result i64)"
                " (local");
        for (int j = 0; j < sizes[i]; j++)
            put(&t, " i64");
        put(&t,
            ")\n(local.set %d (i64.const 1))"
            "(i64.add (call $f (local.get 0)) (local.get %d))))",
            sizes[i], sizes[i]);
        expect(&t, 0, trapped(TRAP_stack_exhausted));
    }
}

// Offsets that 32 bits do not hold, though their bytes are as many as those of
// some that do.
static void far_offsets(void) {
    static const char *const offsets[] = {"0x100000000", "0x100000008",
                                          "0x7ffffffff", "0xffffffff0"};
    for (size_t i = 0; i < 2 * COUNTOF(offsets); i++) {
        const char *offset = offsets[i / 2];
        Text t = {0};
        put(&t, "(module (memory i64 1)"
                " (func (export \"f\") (param i64) (result i64)");
        if (i % 2)
            put(&t, "(i64.extend_i32_u (i32.load offset=%s (local.get 0)))",
                offset);
        else
            put(&t,
                "(i32.store offset=%s (local.get 0) (i32.const 1))"
                "(i64.const 1)",
                offset);
        put(&t, "))");
        expect(&t, 0, trapped(TRAP_memory_bounds));
    }
}

// Addresses in arrays: a base and an index times a power of two, which compilers
// make one instruction of if the power is small. Something lies below them.
static void addresses_in_arrays(void) {
    const uint64_t argument = 0x123456789;
    Text t = {0};
    uint64_t want = 0;
    put(&t, "(module (func (export \"f\") (param i64) (result i64)\n"
            "(i64.const 0)\n");
    for (unsigned count = 0; count < 6; count++) {
        put(&t,
            "(i64.add (i64.add (i64.const 1000)"
            " (i64.shl (local.get 0) (i64.const %u))))\n"
            "(i64.xor (i64.add (i64.mul (local.get 0) (i64.const 3))"
            " (i64.shl (local.get 0) (i64.const %u))))\n"
            "(i64.add (i64.extend_i32_u (i32.add (i32.wrap_i64 (local.get 0))"
            " (i32.shl (i32.wrap_i64 (local.get 0)) (i32.const %u)))))\n",
            count, count, count);
        want += 1000 + (argument << count);
        want ^= argument * 3 + (argument << count);
        want += (uint32_t)((uint32_t)argument + ((uint32_t)argument << count));
    }
    put(&t, "))");
    expect(&t, argument, want);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(far_locals), UNIT_TEST(far_labels),
                    UNIT_TEST(labels_of_two_tables), UNIT_TEST(far_code),
                    UNIT_TEST(far_types), UNIT_TEST(handlers_drop_values),
                    UNIT_TEST(full_heaps), UNIT_TEST(large_frames),
                    UNIT_TEST(far_offsets), UNIT_TEST(addresses_in_arrays));
}
