// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The typer packs signatures itself, so that they are constants in its code;
// the instruction table's packing must be the same.
#include "valid/valid_test.h"

#include "unit/unit.h"

enum {
    TYPER_CHECKS = true
};
#include "valid/typer_stack.h"

typedef struct Row {
    Op op;
    const char *sig;
} Row;

static const Row rows[] = {
#define OPX(name, ...)
#define OP(name, prefix, code, text, imm, sig, ...) {OP_##name, sig},
#include "wasm/op.def"
};

static void packing(void) {
    for (size_t i = 0; i < COUNTOF(rows); i++)
        if (!EXPECT_EQ(sig_pack(rows[i].sig), op_info[rows[i].op].sig))
            fprintf(stderr, "  %s\n", op_name[rows[i].op]);
}

// Popping more than there is fails in live code and yields VT_bot in dead code.
static void slow_signature(void) {
    Fixture f;
    fixture_init(&f);
    uint32_t type = fixture_type(&f, "", "");
    static const uint8_t code[] = {0x6a, 0x0b};
    Bytes bytes = {.data = code, .size = sizeof code};
    Typer t;
    if (!EXPECT(typer_init(&t, &f.m, &f.m.types.data[type].func, bytes, false,
                           &f.scratch, &f.err)))
        return;
    set_dead(&t);
    EXPECT(valid_sig_slow(&t, sig_pack("ii:l"), VT_bot));
    EXPECT_EQ(typer_height(&t), 1);
    EXPECT_EQ(t.sp[-1], VT_i64);
    EXPECT(!valid_sig_slow(&t, sig_pack("ii:l"), VT_bot));
    fixture_release(&f);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(packing), UNIT_TEST(slow_signature));
}
