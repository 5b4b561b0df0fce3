// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes and strings: a text is made, cut into words, and the words are counted
// in a hash table with chains.

#include "kernel.h"

enum {
    TEXT_LEN = 40000,
    WORDS_MAX = 4096,
    BUCKETS = 512
};

typedef struct {
    uint32_t at;
    uint32_t len;
    uint32_t count;
    uint32_t next; // index of the next word in the bucket, 0: none
} Word;

static char text[TEXT_LEN + 1];
static Word words[WORDS_MAX];
static uint32_t words_len;
static uint32_t buckets[BUCKETS];

static void text_make(uint32_t *random) {
    uint32_t at = 0;
    while (at < TEXT_LEN) {
        uint32_t pick = random_next(random);
        for (uint32_t len = 1 + pick % 3; len > 0 && at < TEXT_LEN; len--) {
            text[at++] = (char)('a' + (pick >> 8) % 9);
            pick >>= 4;
        }
        if (at < TEXT_LEN) text[at++] = pick % 8 == 0 ? '.' : ' ';
    }
    text[TEXT_LEN] = '\0';
}

static int same(uint32_t a, uint32_t b, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) {
        if (text[a + i] != text[b + i]) return 0;
    }
    return 1;
}

static void word_count(uint32_t at, uint32_t len) {
    uint32_t hash = 2166136261U;
    for (uint32_t i = 0; i < len; i++)
        hash = mix(hash, (uint8_t)text[at + i]);
    uint32_t *bucket = &buckets[hash % BUCKETS];
    for (uint32_t i = *bucket; i != 0; i = words[i].next) {
        if (words[i].len == len && same(words[i].at, at, len)) {
            words[i].count++;
            return;
        }
    }
    if (words_len == WORDS_MAX) return;
    words[words_len] = (Word){at, len, 1, *bucket};
    *bucket = words_len++;
}

static void words_count(void) {
    words_len = 1; // word 0 stands for "none"
    for (int i = 0; i < BUCKETS; i++)
        buckets[i] = 0;
    uint32_t start = 0;
    for (uint32_t at = 0; at <= TEXT_LEN; at++) {
        if (text[at] >= 'a' && text[at] <= 'z') continue;
        if (at > start) word_count(start, at - start);
        start = at + 1;
    }
}

uint32_t run(int32_t n) {
    uint32_t random = 2463534242U;
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        text_make(&random);
        words_count();
        for (uint32_t k = 1; k < words_len; k++)
            sum = mix(sum, words[k].count);
    }
    return sum;
}
