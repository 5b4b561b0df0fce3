// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/num_big.h"

#include "base/bits.h"

#include <string.h>

enum {
    POW5_WORD = 27
}; // 5^27 is the largest power of 5 in a word
static const uint64_t pow5_word = UINT64_C(7450580596923828125);

static void push_word(Big *a, uint64_t word) {
    if (word == 0) return;
    CHECK(a->len < BIG_WORDS);
    a->word[a->len++] = word;
}

static void drop_zeros(Big *a) {
    while (a->len && a->word[a->len - 1] == 0)
        a->len--;
}

void big_set(Big *a, uint64_t value) {
    a->len = 0;
    push_word(a, value);
}

bool big_is_zero(const Big *a) {
    return a->len == 0;
}

unsigned big_bits(const Big *a) {
    if (a->len == 0) return 0;
    return a->len * 64 - (unsigned)clz64(a->word[a->len - 1]);
}

static uint64_t word_at(const Big *a, uint32_t i) {
    return i < a->len ? a->word[i] : 0;
}

int big_compare(const Big *a, const Big *b) {
    if (a->len != b->len) return a->len < b->len ? -1 : 1;
    for (uint32_t i = a->len; i-- > 0;)
        if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

int big_compare_sum(const Big *a, const Big *b, uint64_t factor, const Big *c) {
    uint32_t len = MAX(MAX(a->len, b->len), c->len);
    uint64_t carry = 0;
    int order = 0; // of the words so far; the last one that differs decides
    for (uint32_t i = 0; i < len; i++) {
        uint128 sum = (uint128)word_at(b, i) * factor + word_at(a, i) + carry;
        uint64_t low = (uint64_t)sum, wanted = word_at(c, i);
        carry = (uint64_t)(sum >> 64);
        if (low != wanted) order = low < wanted ? -1 : 1;
    }
    return carry ? 1 : order;
}

// a -= b * factor, which is at most a.
static void sub_mul(Big *a, const Big *b, uint64_t factor) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < a->len; i++) {
        uint128 less = (uint128)word_at(b, i) * factor + carry;
        uint64_t low = (uint64_t)less;
        carry = (uint64_t)(less >> 64) + (a->word[i] < low);
        a->word[i] -= low;
    }
    assert(carry == 0);
    drop_zeros(a);
}

void big_mul_add(Big *a, uint64_t factor, uint64_t term) {
    assert(factor > 0);
    uint64_t carry = term;
    for (uint32_t i = 0; i < a->len; i++) {
        uint128 product = (uint128)a->word[i] * factor + carry;
        a->word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    push_word(a, carry);
}

void big_mul_pow5(Big *a, unsigned power) {
    for (; power >= POW5_WORD; power -= POW5_WORD)
        big_mul_add(a, pow5_word, 0);
    uint64_t rest = 1;
    while (power-- > 0)
        rest *= 5;
    big_mul_add(a, rest, 0);
}

void big_shift_left(Big *a, unsigned count) {
    unsigned words = count / 64, bits = count % 64;
    if (a->len == 0 || count == 0) return;
    CHECK(a->len + words <= BIG_WORDS);
    memmove(a->word + words, a->word, a->len * sizeof a->word[0]);
    memset(a->word, 0, words * sizeof a->word[0]);
    a->len += words;
    if (bits == 0) return;
    uint64_t carry = 0;
    for (uint32_t i = words; i < a->len; i++) {
        uint64_t word = a->word[i];
        a->word[i] = word << bits | carry;
        carry = word >> (64 - bits);
    }
    push_word(a, carry);
}

void big_align(Big *a, Big *b, unsigned zeros) {
    unsigned count = ((unsigned)clz64(b->word[b->len - 1]) - zeros) % 64;
    big_shift_left(a, count);
    big_shift_left(b, count);
}

unsigned big_divide_small(Big *a, const Big *b) {
    if (a->len < b->len) return 0;
    assert(a->len == b->len);
    // The top words alone give a quotient that is never too large, and hardly
    // ever too small.
    uint64_t a_top = a->word[a->len - 1], b_top = b->word[b->len - 1];
    uint64_t quotient = a_top / (b_top + 1);
    if (quotient) sub_mul(a, b, quotient);
    for (; big_compare(a, b) >= 0; quotient++)
        sub_mul(a, b, 1);
    return (unsigned)quotient;
}

bool big_top64(const Big *a, uint64_t *top, int64_t *exponent) {
    assert(a->len > 0);
    uint32_t i = a->len - 1;
    uint64_t shift = clz64(a->word[i]), below = 0;
    *exponent = (int64_t)i * 64 - (int64_t)shift;
    *top = a->word[i] << shift;
    if (i > 0 && shift > 0) {
        *top |= a->word[i - 1] >> (64 - shift);
        below = a->word[i - 1] << shift;
        i--;
    }
    while (i-- > 0)
        below |= a->word[i];
    return below != 0;
}
