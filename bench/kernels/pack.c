// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes with branches: a packer that finds repetitions through a hash of three
// bytes (the idea of Lempel and Ziv 1977), its unpacker, and a CRC-32 of both.

#include "kernel.h"

enum {
    LEN = 32768,
    HASHES = 4096,
    MATCH_MIN = 4,
    MATCH_MAX = MATCH_MIN + 126,
    LITERALS_MAX = 128,
};

static uint8_t plain[LEN];
static uint8_t packed[LEN + LEN / 64 + 16];
static uint8_t again[LEN];
static uint32_t last_seen[HASHES]; // position + 1, 0: never
static uint32_t crc_table[256];

static void crc_table_make(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? value >> 1 ^ 0xEDB88320U : value >> 1;
        crc_table[i] = value;
    }
}

static uint32_t crc(const uint8_t *bytes, uint32_t len) {
    uint32_t value = ~0U;
    for (uint32_t i = 0; i < len; i++)
        value = crc_table[(value ^ bytes[i]) & 255] ^ value >> 8;
    return ~value;
}

// Half noise of few letters, half copies of what was there before.
static void plain_make(uint32_t *random) {
    uint32_t at = 0;
    while (at < LEN) {
        uint32_t pick = random_next(random);
        uint32_t count = 3 + pick % 40;
        uint32_t back = 1 + (pick >> 8) % 4000;
        for (; count > 0 && at < LEN; count--, at++) {
            if (pick & 0x80000000U && back <= at) {
                plain[at] = plain[at - back];
            } else {
                plain[at] = (uint8_t)(random_next(random) % 26 + 'a');
            }
        }
    }
}

static uint32_t match_len(uint32_t from, uint32_t at) {
    uint32_t len = 0;
    while (len < MATCH_MAX && at + len < LEN &&
           plain[from + len] == plain[at + len])
        len++;
    return len;
}

// The last place with the same next bytes, or `at` itself.
static uint32_t match_find(uint32_t at) {
    if (at + MATCH_MIN > LEN) return at;
    uint32_t hash = (plain[at] | (uint32_t)plain[at + 1] << 8 |
                     (uint32_t)plain[at + 2] << 16) *
                        2654435761U >>
                    20;
    uint32_t seen = last_seen[hash % HASHES];
    last_seen[hash % HASHES] = at + 1;
    return seen == 0 || at - (seen - 1) > 65535 ? at : seen - 1;
}

static uint32_t literals_put(uint32_t out, uint32_t from, uint32_t to) {
    while (from < to) {
        uint32_t count = to - from < LITERALS_MAX ? to - from : LITERALS_MAX;
        packed[out++] = (uint8_t)(count - 1);
        for (; count > 0; count--)
            packed[out++] = plain[from++];
    }
    return out;
}

static uint32_t pack(void) {
    for (int i = 0; i < HASHES; i++)
        last_seen[i] = 0;
    uint32_t out = 0;
    uint32_t literals = 0; // where those not yet written start
    uint32_t at = 0;
    while (at < LEN) {
        uint32_t from = match_find(at);
        uint32_t len = from == at ? 0 : match_len(from, at);
        if (len < MATCH_MIN) {
            at++;
            continue;
        }
        out = literals_put(out, literals, at);
        uint32_t back = at - from;
        packed[out++] = (uint8_t)(128 + len - MATCH_MIN);
        packed[out++] = (uint8_t)back;
        packed[out++] = (uint8_t)(back >> 8);
        at += len;
        literals = at;
    }
    return literals_put(out, literals, LEN);
}

static uint32_t unpack(uint32_t packed_len) {
    uint32_t out = 0;
    for (uint32_t in = 0; in < packed_len;) {
        uint32_t token = packed[in++];
        if (token < 128) {
            for (uint32_t count = token + 1; count > 0; count--)
                again[out++] = packed[in++];
        } else {
            uint32_t back = packed[in] | (uint32_t)packed[in + 1] << 8;
            in += 2;
            for (uint32_t count = token - 128 + MATCH_MIN; count > 0; count--) {
                again[out] = again[out - back];
                out++;
            }
        }
    }
    return out;
}

uint32_t run(int32_t n) {
    crc_table_make();
    uint32_t random = 2463534242U;
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        plain_make(&random);
        uint32_t len = pack();
        sum = mix(sum, len + unpack(len));
        sum = mix(sum, crc(packed, len) + crc(again, LEN));
    }
    return sum;
}
