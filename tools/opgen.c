// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prints what wasm/op.c needs of the instruction table but the preprocessor
// cannot compute: packed signatures, opcode tables, and a perfect hash of the
// texts. Runs during the build and includes the table itself, so the two cannot
// disagree. A mistake in the table stops the build.
#include "wasm/op.h"
#include "wasm/op_hash.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Row {
    const char *name, *text, *sig;
    uint32_t prefix, code;
} Row;

static const Row rows[OP_count] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    [OP_##name] = {#name, text, sig, 0x##prefix, code},
#include "wasm/op.def"
};

NORETURN static void fail(const Row *row, const char *what) {
    fprintf(stderr, "wasm/op.def: %s: %s\n", row->name, what);
    exit(1);
}

static OpSigType sig_type(const Row *row, char letter) {
    switch (letter) {
    case 'i':
        return SIG_i32;
    case 'l':
        return SIG_i64;
    case 'f':
        return SIG_f32;
    case 'd':
        return SIG_f64;
    case 'v':
        return SIG_v128;
    case 'm':
        return SIG_addr;
    }
    fail(row, "unknown letter in the signature");
}

// The layout is OpSig's, wasm/op.h.
static OpSig pack_sig(const Row *row) {
    if (strcmp(row->sig, "-") == 0) return OP_SIG_NONE;
    const char *colon = strchr(row->sig, ':');
    if (!colon) fail(row, "no colon in the signature");
    size_t params = (size_t)(colon - row->sig);
    size_t results = strlen(colon + 1);
    if (params > 4 || results > 2) fail(row, "the signature is too long");
    OpSig sig = (OpSig)(params << 24 | results << 28);
    for (size_t i = 0; i < params; i++)
        sig |= (OpSig)sig_type(row, colon[-1 - (int)i]) << (4 * i);
    for (size_t i = 0; i < results; i++)
        sig |= (OpSig)sig_type(row, colon[1 + i]) << (16 + 4 * i);
    return sig;
}

static void print_sigs(void) {
    for (int i = 0; i < OP_count; i++)
        printf("#define PACKED_%s 0x%08xu\n", rows[i].name, pack_sig(&rows[i]));
}

// The opcodes of one prefix as a dense table: Op + 1, 0 for holes.
static void print_codes(const char *name, uint32_t prefix, uint32_t len) {
    printf("\n%s[] = {\n", name);
    for (int i = 0; i < OP_count; i++) {
        if (rows[i].prefix != prefix) continue;
        printf("    [0x%02x] = OP_%s + 1,\n", rows[i].code, rows[i].name);
        if (rows[i].code >= len) fail(&rows[i], "the opcode is too large");
    }
    if (prefix == 0) printf("    [%u] = 0,\n", len - 1); // all 256
    printf("};\n");
}

// --- the perfect hash --------------------------------------------------------

typedef struct Hash {
    uint64_t of[OP_count]; // 0: an earlier row has the same text
    uint32_t seed[OP_HASH_BUCKETS];
    uint16_t slot[OP_HASH_SLOTS]; // Op + 1
} Hash;

static void hash_texts(Hash *h) {
    for (int i = 0; i < OP_count; i++) {
        h->of[i] = op_hash(rows[i].text, strlen(rows[i].text));
        for (int k = 0; k < i; k++)
            if (strcmp(rows[i].text, rows[k].text) == 0) h->of[i] = 0;
    }
}

static uint32_t bucket_len(const Hash *h, uint32_t bucket) {
    uint32_t len = 0;
    for (int i = 0; i < OP_count; i++)
        len += h->of[i] != 0 && op_hash_bucket(h->of[i]) == bucket;
    return len;
}

static void unplace(Hash *h, uint32_t bucket) {
    for (uint32_t i = 0; i < OP_HASH_SLOTS; i++) {
        if (h->slot[i] == 0) continue;
        if (op_hash_bucket(h->of[h->slot[i] - 1]) == bucket) h->slot[i] = 0;
    }
}

static bool place(Hash *h, uint32_t bucket, uint32_t seed) {
    for (int i = 0; i < OP_count; i++) {
        if (h->of[i] == 0 || op_hash_bucket(h->of[i]) != bucket) continue;
        uint32_t slot = op_hash_slot(h->of[i], seed);
        if (h->slot[slot] != 0) {
            unplace(h, bucket);
            return false;
        }
        h->slot[slot] = (uint16_t)(i + 1);
    }
    h->seed[bucket] = seed;
    return true;
}

static void place_bucket(Hash *h, uint32_t bucket) {
    for (uint32_t seed = 0; seed < OP_HASH_SLOTS; seed++)
        if (place(h, bucket, seed)) return;
    fprintf(stderr, "opgen: no perfect hash: make OP_HASH_SLOTS larger\n");
    exit(1);
}

// Full buckets are the hardest to place, so they go first.
static void place_all(Hash *h) {
    for (uint32_t len = OP_count; len > 0; len--)
        for (uint32_t b = 0; b < OP_HASH_BUCKETS; b++)
            if (bucket_len(h, b) == len) place_bucket(h, b);
}

static void print_hash(void) {
    static Hash h;
    hash_texts(&h);
    place_all(&h);
    printf("\nstatic const uint16_t op_hash_seed[OP_HASH_BUCKETS] = {\n");
    for (uint32_t i = 0; i < OP_HASH_BUCKETS; i++)
        if (h.seed[i]) printf("    [%u] = %u,\n", i, h.seed[i]);
    printf("};\n\nstatic const uint16_t op_hash_op[OP_HASH_SLOTS] = {\n");
    for (uint32_t i = 0; i < OP_HASH_SLOTS; i++)
        if (h.slot[i])
            printf("    [%u] = OP_%s + 1,\n", i, rows[h.slot[i] - 1].name);
    printf("};\n");
}

int main(void) {
    printf("// Made by tools/opgen.c from wasm/op.def.\n");
    print_sigs();
    print_codes("const uint16_t op_one_byte", 0, 256);
    print_codes("static const uint16_t op_fb", 0xfb, 0x1000);
    print_codes("static const uint16_t op_fc", 0xfc, 0x1000);
    print_codes("static const uint16_t op_fd", 0xfd, 0x1000);
    print_codes("static const uint16_t op_fe", 0xfe, 0x1000);
    print_hash();
    return 0;
}
