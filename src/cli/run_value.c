// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arguments and results of --invoke.
#include "base/num_text.h"
#include "cli/run_int.h"

#include <stdio.h>
#include <string.h>

// --- arguments ---------------------------------------------------------------------

static bool parse_float(const char *text, size_t len, ValType type, Raw *out) {
    uint32_t bits;
    if (type == VT_f64) return num_parse_f64(text, len, &out->u64) == NUM_ok;
    if (num_parse_f32(text, len, &bits) != NUM_ok) return false;
    out->u64 = bits;
    return true;
}

// The value of a digit, or 255.
static uint8_t digit_of(char c) {
    if (c >= '0' && c <= '9') return (uint8_t)(c - '0');
    if (c >= 'a' && c <= 'f') return (uint8_t)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return (uint8_t)(c - 'A' + 10);
    return 255;
}

static bool parse_v128(const char *text, Raw *out) {
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint8_t base = is_hex ? 16 : 10;
    const char *at = is_hex ? text + 2 : text;
    uint128 x = 0, max = ~(uint128)0;
    if (!*at) return false;
    for (; *at; at++) {
        uint8_t digit = digit_of(*at);
        if (digit >= base || x > (max - digit) / base) return false;
        x = x * base + digit;
    }
    out->u64x2[0] = (uint64_t)x;
    out->u64x2[1] = (uint64_t)(x >> 64);
    return true;
}

bool run_value_parse(const char *text, RtValType type, Raw *out) {
    size_t len = strlen(text);
    *out = (Raw){0};
    switch (type.code) {
    case VT_i32:
        return num_parse_int(text, len, 32, &out->u64) == NUM_ok;
    case VT_i64:
        return num_parse_int(text, len, 64, &out->u64) == NUM_ok;
    case VT_f32:
    case VT_f64:
        return parse_float(text, len, type.code, out);
    case VT_v128:
        return parse_v128(text, out);
    default: // references
        return vt_is_nullable(type.code) && !strcmp(text, "null");
    }
}

// --- results -----------------------------------------------------------------------

static void print_u128(uint128 x) {
    char digits[40];
    size_t at = sizeof digits;
    digits[--at] = 0;
    do {
        digits[--at] = (char)('0' + (int)(x % 10));
        x /= 10;
    } while (x);
    puts(digits + at);
}

static void print_ref(RtValType type, Raw v) {
    HeapKind top = rt_val_type_top(type);
    bool is_null = top == HEAP_func ? v.func == NULL : v.ref == 0;
    printf("<%s%s>\n", is_null ? "null " : "", heap_shorthand[top]);
}

void run_value_print(RtValType type, Raw v) {
    char text[NUM_TEXT_MAX];
    switch (type.code) {
    case VT_i32:
        printf("%d\n", (int)v.u32);
        return;
    case VT_i64:
        printf("%lld\n", (long long)v.u64);
        return;
    case VT_f32:
        num_print_f32(text, v.u32);
        puts(text);
        return;
    case VT_f64:
        num_print_f64(text, v.u64);
        puts(text);
        return;
    case VT_v128:
        print_u128((uint128)v.u64x2[1] << 64 | v.u64x2[0]);
        return;
    default:
        print_ref(type, v);
    }
}
