// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Integers, and floats between their spelling and their bits.
//
// Reading a float ends in one function, float_round, which takes 64 significant
// bits, an exponent, and whether anything nonzero lies below. Hexadecimal gives
// these at once. Decimal is a big integer D with value D * 10^e: multiplied by
// 5^e when e >= 0, else divided by 5^-e (the powers of two go to the exponent).
// All of it is exact, so nothing is rounded twice.
//
// Printing finds the shortest digits that read back as the same number, and of
// those the nearest, with the free-format algorithm of Burger and Dybvig 1996.
#include "base/num_text.h"

#include "base/bits.h"
#include "base/num_big.h"

#include <string.h>

// --- scanning

typedef struct Scan {
    const char *at, *end;
} Scan;

static bool take(Scan *s, char c) {
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

static bool take_either(Scan *s, char lower, char upper) {
    return take(s, lower) || take(s, upper);
}

// The value of a digit, or 99 where there is none.
static unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
    return 99;
}

static bool at_digit(const Scan *s, unsigned base) {
    return s->at != s->end && digit_value(*s->at) < base;
}

// Digits with single underscores between them, as a span of the text.
static bool take_digits(Scan *s, unsigned base, Scan *digits) {
    digits->at = s->at;
    do {
        if (!at_digit(s, base)) return false;
        while (at_digit(s, base))
            s->at++;
    } while (take(s, '_'));
    digits->end = s->at;
    return true;
}

static unsigned take_base(Scan *s) {
    if (s->end - s->at < 2 || s->at[0] != '0' || s->at[1] != 'x') return 10;
    s->at += 2;
    return 16;
}

// The next digit of a span; false at its end.
static bool next_digit(Scan *digits, unsigned *digit) {
    take(digits, '_');
    if (digits->at == digits->end) return false;
    *digit = digit_value(*digits->at++);
    return true;
}

// --- integers

// Digits and nothing behind them.
static NumText parse_magnitude(Scan *s, uint64_t max, uint64_t *out) {
    Scan digits;
    unsigned base = take_base(s), digit;
    if (!take_digits(s, base, &digits) || s->at != s->end) return NUM_malformed;
    uint64_t value = 0;
    while (next_digit(&digits, &digit)) {
        if (value > (max - digit) / base) return NUM_out_of_range;
        value = value * base + digit;
    }
    *out = value;
    return NUM_ok;
}

static uint64_t max_of_bits(unsigned bits) {
    return UINT64_MAX >> (64 - bits);
}

NumText num_parse_uint(const char *s, size_t len, unsigned bits,
                       uint64_t *out) {
    Scan scan = {s, s + len};
    return parse_magnitude(&scan, max_of_bits(bits), out);
}

NumText num_parse_int(const char *s, size_t len, unsigned bits, uint64_t *out) {
    Scan scan = {s, s + len};
    if (!take(&scan, '-')) {
        take(&scan, '+');
        return parse_magnitude(&scan, max_of_bits(bits), out);
    }
    uint64_t magnitude;
    NumText result =
        parse_magnitude(&scan, UINT64_C(1) << (bits - 1), &magnitude);
    if (result == NUM_ok) *out = -magnitude & max_of_bits(bits);
    return result;
}

// --- floats: what both formats share

typedef struct FloatFormat {
    int precision;    // significant bits, the hidden one included
    int exponent_min; // of the least normal number, 2^exponent_min
    int digits_max;   // decimal digits that can matter, at least
} FloatFormat;

// Halfway between two neighbours there are at most 113 (f32) and 768 (f64)
// significant digits; digits beyond only matter by being there at all.
static const FloatFormat f32_format = {24, -126, 114};
static const FloatFormat f64_format = {53, -1022, 770};

// From the least exponent of a normal number to the greatest.
static int64_t exponent_span(const FloatFormat *f) {
    return 1 - 2 * (int64_t)f->exponent_min;
}

static uint64_t hidden_bit(const FloatFormat *f) {
    return UINT64_C(1) << (f->precision - 1);
}

static uint64_t infinity_bits(const FloatFormat *f) {
    return (uint64_t)(exponent_span(f) + 2) << (f->precision - 1);
}

static uint64_t sign_bit(const FloatFormat *f) {
    return (infinity_bits(f) | (hidden_bit(f) - 1)) + 1;
}

// The value is (top + something below 1 if `sticky`) * 2^exponent, and top has
// its highest bit set. Rounds to nearest, ties to even.
static NumText float_round(const FloatFormat *f, uint64_t top, int64_t exponent,
                           bool sticky, uint64_t *bits) {
    assert(top >> 63 == 1);
    int64_t above_min = exponent + 63 - f->exponent_min;
    if (above_min > exponent_span(f)) return NUM_out_of_range;
    int64_t drop = 64 - f->precision - MIN(above_min, 0);
    if (drop > 64) { // below half of the least number
        *bits = 0;
        return NUM_ok;
    }
    uint64_t kept = drop == 64 ? 0 : top >> drop;
    uint64_t rest = top << (64 - drop);
    uint64_t half = UINT64_C(1) << 63;
    bool is_odd = kept & 1;
    if (rest > half || (rest == half && (sticky || is_odd))) kept++;
    // A hidden bit in `kept` counts one in the exponent's field, and so does
    // the carry of rounding up: subnormals need no case of their own.
    uint64_t field = (uint64_t)MAX(above_min, 0);
    *bits = (field << (f->precision - 1)) + kept;
    return *bits >= infinity_bits(f) ? NUM_out_of_range : NUM_ok;
}

// A float's parts, still text: whole [. fraction] [exponent].
typedef struct Spelling {
    Scan whole, fraction;
    int64_t exponent; // of 10, or of 2 in hexadecimal
} Spelling;

// Beyond any text's length, so that no number of zeros brings it back.
static const int64_t exponent_cap = INT64_C(1) << 56;

static bool take_exponent(Scan *s, int64_t *exponent) {
    bool negative = take(s, '-');
    if (!negative) take(s, '+');
    Scan digits;
    if (!take_digits(s, 10, &digits)) return false;
    int64_t value = 0;
    unsigned digit;
    while (next_digit(&digits, &digit))
        if (value < exponent_cap) value = value * 10 + digit;
    *exponent = negative ? -value : value;
    return true;
}

static bool take_float(Scan *s, unsigned base, Spelling *out) {
    *out = (Spelling){0};
    if (!take_digits(s, base, &out->whole)) return false;
    if (take(s, '.') && at_digit(s, base) &&
        !take_digits(s, base, &out->fraction))
        return false;
    bool has_exponent =
        base == 16 ? take_either(s, 'p', 'P') : take_either(s, 'e', 'E');
    if (has_exponent && !take_exponent(s, &out->exponent)) return false;
    return s->at == s->end;
}

// --- hexadecimal floats

typedef struct HexSum {
    uint64_t top;     // the leading bits; not below 2^60 when digits were lost
    int64_t exponent; // of 2
    bool sticky;      // a digit that was lost was not zero
} HexSum;

static void hex_digits(HexSum *sum, Scan digits, int digit_exponent) {
    unsigned digit;
    while (next_digit(&digits, &digit)) {
        sum->exponent += digit_exponent;
        if (sum->top >> 60 == 0) {
            sum->top = sum->top << 4 | digit;
        } else {
            sum->exponent += 4;
            sum->sticky |= digit != 0;
        }
    }
}

static NumText parse_hex_float(const FloatFormat *f, const Spelling *text,
                               uint64_t *bits) {
    HexSum sum = {.exponent = text->exponent};
    hex_digits(&sum, text->whole, 0);
    hex_digits(&sum, text->fraction, -4);
    *bits = 0;
    if (sum.top == 0) return NUM_ok;
    uint64_t shift = clz64(sum.top);
    return float_round(f, sum.top << shift, sum.exponent - (int64_t)shift,
                       sum.sticky, bits);
}

// --- decimal floats

enum {
    STEP = 16
}; // bits of a quotient found at once

// The value is number * 10^exponent.
typedef struct DecimalSum {
    Big number;
    int64_t exponent;
    int len; // significant digits so far
    int len_max;
    bool sticky;    // a digit that was left out was not zero
    uint64_t word;  // digits on their way to `number`
    uint64_t scale; // 10^(digits in word)
} DecimalSum;

static void flush_word(DecimalSum *sum) {
    big_mul_add(&sum->number, sum->scale, sum->word);
    sum->word = 0;
    sum->scale = 1;
}

static void add_digit(DecimalSum *sum, unsigned digit) {
    sum->word = sum->word * 10 + digit;
    sum->scale *= 10;
    if (sum->scale == UINT64_C(10000000000000000000)) flush_word(sum);
}

static void decimal_digits(DecimalSum *sum, Scan digits, int digit_exponent) {
    unsigned digit;
    while (next_digit(&digits, &digit)) {
        sum->exponent += digit_exponent;
        if (sum->len == 0 && digit == 0) continue;
        if (sum->len < sum->len_max) {
            add_digit(sum, digit);
            sum->len++;
        } else {
            sum->exponent++;
            sum->sticky |= digit != 0;
        }
    }
}

// The quotient of `a` and `b` as 64 bits, the highest one set, times
// 2^*exponent; `a` becomes a remainder, zero when the division was exact.
static uint64_t divide(Big *a, Big *b, int64_t *exponent) {
    int64_t shift = (int64_t)big_bits(b) - (int64_t)big_bits(a);
    big_shift_left(shift > 0 ? a : b, (unsigned)(shift > 0 ? shift : -shift));
    if (big_compare(a, b) < 0) {
        big_shift_left(a, 1);
        shift++;
    }
    *exponent = -shift - 63;
    big_align(a, b, STEP + 1);
    uint64_t quotient = big_divide_small(a, b); // 1
    for (unsigned left = 63, step; left > 0; left -= step) {
        step = MIN(left, STEP);
        big_shift_left(a, step);
        quotient = quotient << step | big_divide_small(a, b);
    }
    return quotient;
}

// `divide` for numbers of one word.
static uint64_t divide_words(Big *a, const Big *b, int64_t *exponent) {
    uint64_t x = a->word[0], y = b->word[0];
    int64_t x_shift = (int64_t)clz64(x), y_shift = (int64_t)clz64(y);
    x <<= x_shift;
    y <<= y_shift;
    unsigned extra = x >= y ? 63 : 64;
    uint128 wide = (uint128)x << extra;
    *exponent = y_shift - x_shift - extra;
    big_set(a, (uint64_t)(wide % y));
    return (uint64_t)(wide / y);
}

static NumText parse_decimal_float(const FloatFormat *f, const Spelling *text,
                                   uint64_t *bits) {
    DecimalSum sum = {
        .exponent = text->exponent, .len_max = f->digits_max, .scale = 1};
    decimal_digits(&sum, text->whole, 0);
    decimal_digits(&sum, text->fraction, -1);
    *bits = 0;
    if (sum.len == 0) return NUM_ok;
    // One more digit stands for all those left out: no halfway point is there.
    if (sum.sticky) {
        add_digit(&sum, 1);
        sum.exponent--;
        sum.len++;
    }
    flush_word(&sum);
    // Far outside either format; what remains fits a Big.
    if (sum.exponent + sum.len > 400) return NUM_out_of_range;
    if (sum.exponent + sum.len < -400) return NUM_ok;

    uint64_t top;
    int64_t exponent;
    Big *number = &sum.number;
    if (sum.exponent >= 0) {
        big_mul_pow5(number, (unsigned)sum.exponent);
        sum.sticky = big_top64(number, &top, &exponent);
    } else {
        Big divisor;
        big_set(&divisor, 1);
        big_mul_pow5(&divisor, (unsigned)-sum.exponent);
        top = number->len == 1 && divisor.len == 1
                  ? divide_words(number, &divisor, &exponent)
                  : divide(number, &divisor, &exponent);
        sum.sticky = !big_is_zero(number);
    }
    return float_round(f, top, exponent + sum.exponent, sum.sticky, bits);
}

// --- floats of any spelling

static NumText parse_nan(const FloatFormat *f, Scan *s, uint64_t *bits) {
    *bits = infinity_bits(f) | hidden_bit(f) >> 1;
    if (s->at == s->end) return NUM_ok;
    uint64_t payload;
    if (!take(s, ':')) return NUM_malformed;
    Scan ahead = *s;
    if (take_base(&ahead) != 16) return NUM_malformed;
    NumText result = parse_magnitude(s, hidden_bit(f) - 1, &payload);
    if (result != NUM_ok) return result;
    *bits = infinity_bits(f) | payload;
    return payload == 0 ? NUM_out_of_range : NUM_ok;
}

static bool take_word(Scan *s, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
        return false;
    s->at += size;
    return true;
}

static NumText parse_unsigned_float(const FloatFormat *f, Scan *s,
                                    uint64_t *bits) {
    if (take_word(s, "nan")) return parse_nan(f, s, bits);
    if (take_word(s, "inf")) {
        *bits = infinity_bits(f);
        return s->at == s->end ? NUM_ok : NUM_malformed;
    }
    Spelling text;
    unsigned base = take_base(s);
    if (!take_float(s, base, &text)) return NUM_malformed;
    return base == 16 ? parse_hex_float(f, &text, bits)
                      : parse_decimal_float(f, &text, bits);
}

static NumText parse_float(const FloatFormat *f, const char *s, size_t len,
                           uint64_t *bits) {
    Scan scan = {s, s + len};
    bool negative = take(&scan, '-');
    if (!negative) take(&scan, '+');
    NumText result = parse_unsigned_float(f, &scan, bits);
    if (negative) *bits |= sign_bit(f);
    return result;
}

NumText num_parse_f32(const char *s, size_t len, uint32_t *bits) {
    uint64_t wide = 0;
    NumText result = parse_float(&f32_format, s, len, &wide);
    *bits = (uint32_t)wide;
    return result;
}

NumText num_parse_f64(const char *s, size_t len, uint64_t *bits) {
    *bits = 0;
    return parse_float(&f64_format, s, len, bits);
}

// --- printing

enum {
    DIGITS_MAX = 17
}; // always enough to tell two f64 apart

// 0.ddd * 10^point
typedef struct Digits {
    char text[DIGITS_MAX];
    int len;
    int point;
} Digits;

// The number is r / s, and numbers from (r - m) / s to (r + up) / s read back
// as it; the ends themselves do when its mantissa is even.
typedef struct Shortest {
    Big r, s, m;
    bool lower_is_nearer; // up is 2 * m: the number is a power of two
    bool is_even;
} Shortest;

static int floor_log10_pow2(int exponent) {
    return (int)(((int64_t)exponent * 78913) >> 18); // log10(2) * 2^18
}

static bool reaches_upper_end(const Shortest *x) {
    uint64_t up = x->lower_is_nearer ? 2 : 1;
    int order = big_compare_sum(&x->r, &x->m, up, &x->s);
    return x->is_even ? order >= 0 : order > 0;
}

static bool reaches_lower_end(const Shortest *x) {
    int order = big_compare(&x->r, &x->m);
    return x->is_even ? order <= 0 : order < 0;
}

// Sets up mantissa * 2^exponent / 10^k, where 10^k is at most that number and
// more than a hundredth of it. Factors of two that all have are left out.
static void shortest_init(Shortest *x, uint64_t mantissa, int exponent, int k) {
    int m_shift = MAX(exponent, 0) + MAX(-k, 0);
    int r_shift = m_shift + 1 + x->lower_is_nearer;
    int s_shift = MAX(-exponent, 0) + MAX(k, 0) + 1 + x->lower_is_nearer;
    int common = MIN(m_shift, s_shift);
    big_set(&x->r, mantissa);
    big_set(&x->m, 1);
    big_set(&x->s, 1);
    if (k < 0) {
        big_mul_pow5(&x->r, (unsigned)-k);
        big_mul_pow5(&x->m, (unsigned)-k);
    } else {
        big_mul_pow5(&x->s, (unsigned)k);
    }
    big_shift_left(&x->r, (unsigned)(r_shift - common));
    big_shift_left(&x->m, (unsigned)(m_shift - common));
    big_shift_left(&x->s, (unsigned)(s_shift - common));
}

// Makes the quotients of the loop below easy to guess.
static void shortest_align(Shortest *x) {
    unsigned bits = big_bits(&x->s);
    big_align(&x->r, &x->s, 5);
    big_shift_left(&x->m, big_bits(&x->s) - bits);
}

// The loop of the algorithm: digits until what is left no longer matters.
static void shortest_digits(Shortest *x, Digits *out) {
    for (;;) {
        big_mul_add(&x->r, 10, 0);
        big_mul_add(&x->m, 10, 0);
        unsigned digit = big_divide_small(&x->r, &x->s);
        bool low = reaches_lower_end(x), high = reaches_upper_end(x);
        if (low && high) { // either would do: which one is nearer?
            big_shift_left(&x->r, 1);
            low = big_compare(&x->r, &x->s) < 0;
        }
        assert(out->len < DIGITS_MAX);
        out->text[out->len++] = (char)('0' + digit + (high && !low));
        if (low || high) return;
    }
}

static Digits float_digits(const FloatFormat *f, uint64_t magnitude) {
    uint64_t mantissa = magnitude & (hidden_bit(f) - 1);
    int field = (int)(magnitude >> (f->precision - 1));
    int exponent = MAX(field, 1) - 1 + f->exponent_min - (f->precision - 1);
    Shortest x = {.lower_is_nearer = mantissa == 0 && field > 1,
                  .is_even = (mantissa & 1) == 0};
    if (field > 0) mantissa |= hidden_bit(f);

    // 10^k is at most the power of two that is at most the number.
    int k = floor_log10_pow2(exponent + 63 - (int)clz64(mantissa));
    Digits digits = {.point = k + 1};
    shortest_init(&x, mantissa, exponent, k);
    // Now r / s is from 1 to below 20; the loop wants it below 1.
    big_mul_add(&x.s, 10, 0);
    if (reaches_upper_end(&x)) {
        big_mul_add(&x.s, 10, 0);
        digits.point++;
    }
    shortest_align(&x);
    shortest_digits(&x, &digits);
    return digits;
}

typedef struct Out {
    char *at;
} Out;

static void put(Out *o, char c) {
    *o->at++ = c;
}

static void put_text(Out *o, const char *text, int len) {
    for (int i = 0; i < len; i++)
        put(o, text[i]);
}

static void put_zeros(Out *o, int count) {
    for (int i = 0; i < count; i++)
        put(o, '0');
}

static void put_exponent(Out *o, int exponent) {
    put(o, 'e');
    if (exponent < 0) put(o, '-');
    unsigned n = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (n >= 100) put(o, (char)('0' + n / 100));
    if (n >= 10) put(o, (char)('0' + n / 10 % 10));
    put(o, (char)('0' + n % 10));
}

// Plain while that takes few zeros, else with an exponent.
static void put_digits(Out *o, const Digits *d) {
    if (d->point > 21 || d->point < -5) {
        put(o, d->text[0]);
        if (d->len > 1) put(o, '.');
        put_text(o, d->text + 1, d->len - 1);
        put_exponent(o, d->point - 1);
    } else if (d->point <= 0) {
        put_text(o, "0.", 2);
        put_zeros(o, -d->point);
        put_text(o, d->text, d->len);
    } else if (d->point < d->len) {
        put_text(o, d->text, d->point);
        put(o, '.');
        put_text(o, d->text + d->point, d->len - d->point);
    } else {
        put_text(o, d->text, d->len);
        put_zeros(o, d->point - d->len);
    }
}

static void put_hex(Out *o, uint64_t value) {
    int shift = 60 - (int)(clz64(value) & ~UINT64_C(3));
    for (; shift >= 0; shift -= 4)
        put(o, "0123456789abcdef"[value >> shift & 15]);
}

static void put_nan(Out *o, const FloatFormat *f, uint64_t payload) {
    put_text(o, "nan", 3);
    if (payload == hidden_bit(f) >> 1) return; // the canonical one
    put_text(o, ":0x", 3);
    put_hex(o, payload);
}

static size_t print_float(const FloatFormat *f, char *out, uint64_t bits) {
    Out o = {out};
    uint64_t magnitude = bits & (sign_bit(f) - 1);
    if (bits != magnitude) put(&o, '-');
    if (magnitude > infinity_bits(f)) {
        put_nan(&o, f, magnitude - infinity_bits(f));
    } else if (magnitude == infinity_bits(f)) {
        put_text(&o, "inf", 3);
    } else if (magnitude == 0) {
        put(&o, '0');
    } else {
        Digits digits = float_digits(f, magnitude);
        put_digits(&o, &digits);
    }
    *o.at = 0;
    return (size_t)(o.at - out);
}

size_t num_print_f32(char out[NUM_TEXT_MAX], uint32_t bits) {
    return print_float(&f32_format, out, bits);
}

size_t num_print_f64(char out[NUM_TEXT_MAX], uint64_t bits) {
    return print_float(&f64_format, out, bits);
}
