// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the comment at the top of op.def promises, and the tables made of it.
#include "wasm/op.h"

#include "unit/unit.h"

static const char *const sigs[OP_count] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) [OP_##name] = sig,
#include "wasm/op.def"
};

static void rows_are_sorted(void) {
    for (int i = 1; i < OP_count; i++) {
        const OpInfo *a = &op_info[i - 1], *b = &op_info[i];
        if (a->prefix == b->prefix)
            EXPECT(a->code < b->code);
        else
            EXPECT(a->prefix < b->prefix);
    }
}

static void prefixes_are_known(void) {
    for (int i = 0; i < OP_count; i++) {
        uint8_t prefix = op_info[i].prefix;
        EXPECT(prefix == 0 || (prefix >= 0xfb && prefix <= 0xfe));
        EXPECT(prefix != 0 || op_info[i].code < 0xfb);
    }
}

// The text is the name with '.' for '_'; a text that an earlier row has gives
// a name that goes on after it.
static void names_spell_texts(void) {
    for (int i = 0; i < OP_count; i++) {
        char spelled[64];
        snprintf(spelled, sizeof spelled, "%s", op_info[i].text);
        for (char *p = spelled; *p; p++)
            if (*p == '.') *p = '_';
        if (op_find(str_of(op_info[i].text)) == (Op)i)
            EXPECT_STR(op_name[i], spelled);
        else
            EXPECT(strncmp(op_name[i], spelled, strlen(spelled)) == 0 &&
                   op_name[i][strlen(spelled)] == '_');
    }
}

static OpSigType sig_of_letter(char letter) {
    static const char letters[] = "?ilfdvm";
    const char *at = strchr(letters, letter);
    return at ? (OpSigType)(at - letters) : SIG_none;
}

static void signatures_are_packed(void) {
    for (int i = 0; i < OP_count; i++) {
        const char *text = sigs[i];
        OpSig sig = op_info[i].sig;
        if (strcmp(text, "-") == 0) {
            EXPECT_EQ(sig, OP_SIG_NONE);
            continue;
        }
        const char *colon = strchr(text, ':');
        if (!EXPECT(colon != NULL)) continue;
        unsigned params = (unsigned)(colon - text);
        EXPECT_EQ(sig_param_len(sig), params);
        EXPECT_EQ(sig_result_len(sig), strlen(colon + 1));
        for (unsigned k = 0; k < params; k++)
            EXPECT_EQ(sig_param(sig, k), sig_of_letter(text[params - 1 - k]));
        for (unsigned k = 0; colon[1 + k]; k++)
            EXPECT_EQ(sig_result(sig, k), sig_of_letter(colon[1 + k]));
    }
}

static void memory_rows_take_addresses(void) {
    for (int i = 0; i < OP_count; i++) {
        const OpInfo *info = &op_info[i];
        bool memory = info->imm == IMM_memarg || info->imm == IMM_memarg_lane;
        EXPECT_EQ(sigs[i][0] == 'm', memory);
        EXPECT(info->access_log2 <= (memory ? 4 : 0));
        bool lane = info->imm == IMM_memarg_lane || info->imm == IMM_lane;
        EXPECT_EQ(info->lanes != 0, lane);
        if (info->imm == IMM_memarg_lane)
            EXPECT_EQ(info->lanes << info->access_log2, 16);
    }
}

static void samples_of_extra_columns(void) {
    EXPECT_EQ(op_info[OP_i64_load32_u].access_log2, 2);
    EXPECT_EQ(op_info[OP_v128_store].access_log2, 4);
    EXPECT_EQ(op_info[OP_v128_load64_lane].lanes, 2);
    EXPECT_EQ(op_info[OP_i16x8_extract_lane_u].lanes, 8);
    EXPECT_EQ(op_info[OP_i64_atomic_rmw16_xchg_u].access_log2, 1);
    EXPECT_EQ(op_info[OP_memory_atomic_wait64].access_log2, 3);
    EXPECT_EQ(op_info[OP_memory_atomic_notify].access_log2, 2);
}

static void texts_are_found(void) {
    for (int i = 0; i < OP_count; i++) {
        Op found = op_find(str_of(op_info[i].text));
        if (!EXPECT(found <= (Op)i)) continue;
        EXPECT_STR(op_info[found].text, op_info[i].text);
    }
    EXPECT_EQ(op_find(STR("select")), OP_select);
    EXPECT_EQ(op_find(STR("ref.cast")), OP_ref_cast);
}

static void other_texts_are_not(void) {
    static const char *const texts[] = {"",         "i32.ad",   "i32.addd",
                                        "I32.ADD",  "add",      "i32_add",
                                        "select_t", "get_local"};
    for (size_t i = 0; i < COUNTOF(texts); i++)
        EXPECT_EQ(op_find(str_of(texts[i])), OP_count);
    EXPECT_EQ(op_find((Str){0}), OP_count);
    EXPECT_EQ(op_find((Str){"i32.add\0", 8}), OP_count);
    for (int i = 0; i < OP_count; i++) { // every text cut short
        Str cut = str_of(op_info[i].text);
        cut.len--;
        Op found = op_find(cut);
        if (found != OP_count) EXPECT(str_eq_z(cut, op_info[found].text));
    }
}

static void codes_round_trip(void) {
    int one_byte = 0;
    for (int i = 0; i < OP_count; i++) {
        const OpInfo *info = &op_info[i];
        EXPECT_EQ(op_of_code(info->prefix, info->code), i);
        if (info->prefix != 0) continue;
        EXPECT_EQ(op_one_byte[info->code], i + 1);
        one_byte++;
    }
    for (int code = 0; code < 256; code++)
        one_byte -= op_one_byte[code] != 0;
    EXPECT_EQ(one_byte, 0);
}

static void holes_are_holes(void) {
    static const struct {
        uint8_t prefix;
        uint32_t code;
    } holes[] = {
        {0, 0x06},    {0, 0xfb},    {0, 0xff},          {0, 256},
        {0xfb, 31},   {0xfc, 0x17}, {0xfd, 0x9a},       {0xfd, 0x114},
        {0xfe, 0x04}, {0xfe, 0x4f}, {0xfe, UINT32_MAX}, {0xfa, 0},
        {0xff, 0},    {1, 1},
    };
    for (size_t i = 0; i < COUNTOF(holes); i++)
        EXPECT_EQ(op_of_code(holes[i].prefix, holes[i].code), OP_count);
}

// What only shapes the code is free, all else costs one unit: programs that were
// given their fuel by counting keep working.
static void costs_are_units(void) {
    static const Op costless[] = {OP_nop,  OP_unreachable, OP_block, OP_loop,
                                  OP_if,   OP_else,        OP_end,   OP_return,
                                  OP_drop, OP_try_table};
    for (int op = 0; op < OP_count; op++) {
        unsigned want = 1;
        for (size_t i = 0; i < COUNTOF(costless); i++)
            if (costless[i] == (Op)op) want = 0;
        if (!EXPECT_EQ(op_info[op].cost, want))
            fprintf(stderr, "    %s\n", op_name[op]);
    }
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(rows_are_sorted), UNIT_TEST(prefixes_are_known),
        UNIT_TEST(names_spell_texts), UNIT_TEST(signatures_are_packed),
        UNIT_TEST(memory_rows_take_addresses),
        UNIT_TEST(samples_of_extra_columns), UNIT_TEST(texts_are_found),
        UNIT_TEST(other_texts_are_not), UNIT_TEST(codes_round_trip),
        UNIT_TEST(holes_are_holes), UNIT_TEST(costs_are_units));
}
