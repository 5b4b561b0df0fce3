// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/utf8.h"

#include "base/bits.h"

// The size a lead byte announces, 0 for bytes that lead nothing: continuation
// bytes, c0 and c1 (overlong), f5 and above (beyond U+10FFFF).
static size_t lead_size(uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return 2;
    if (lead < 0xf0) return 3;
    return lead < 0xf5 ? 4 : 0;
}

static bool is_scalar(uint32_t c) {
    return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_read(const void *bytes, size_t size, uint32_t *out) {
    const uint8_t *p = bytes;
    size_t need = size ? lead_size(p[0]) : 0;
    if (need == 0 || need > size) return 0;
    if (need == 1) {
        *out = p[0];
        return 1;
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = p[0] & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < least[need] || !is_scalar(c)) return 0;
    *out = c;
    return need;
}

bool utf8_valid(const void *bytes, size_t size) {
    const uint8_t *p = bytes;
    while (size > 0) {
        // Most text is ASCII: skip it by the word.
        if (size >= 8 && !(load_u64(p) & UINT64_C(0x8080808080808080))) {
            p += 8;
            size -= 8;
            continue;
        }
        uint32_t c;
        size_t step = utf8_read(p, size, &c);
        if (step == 0) return false;
        p += step;
        size -= step;
    }
    return true;
}

size_t utf8_write(char out[4], uint32_t c) {
    if (!is_scalar(c)) return 0;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00u >> size & 0xf0) | c);
    return size;
}
