// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random sequences of calls over the C API, from fixed seeds, in each tier.
//
//     api_sequence_test --seed N            one of them, with all its answers
//     api_sequence_test --seeds FROM COUNT  others
#include "fuzz/api/sequence.h"
#include "unit/unit.h"

#include <stdlib.h>

enum {
    STEPS = 120,
};

static const foliot_tier_t tiers[] = {FOLIOT_TIER_INTERPRETER,
                                      FOLIOT_TIER_BASELINE};
static uint32_t calls[ROW_count];
static uint64_t first_seed = 1, seed_count = 250;

static SequenceOutput run(uint64_t seed, foliot_tier_t tier, FILE *trace) {
    SequenceInput in = {
        .seed = seed, .steps = STEPS, .tier = tier, .trace = trace};
    SequenceOutput out;
    sequence_run(&in, &out);
    return out;
}

static void keep_their_promises(void) {
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++) {
        SequenceOutput first = run(seed, tiers[0], NULL);
        for (int i = 0; i < ROW_count; i++)
            calls[i] += first.calls[i];
        for (size_t t = 0; t < COUNTOF(tiers); t++) {
            SequenceOutput out = run(seed, tiers[t], NULL);
            if (!out.wrong && out.hash == first.hash) continue;
            unit_failures++;
            fprintf(stderr, "seed %d tier %d: %s\n", (int)seed, (int)tiers[t],
                    out.wrong ? out.wrong : "other answers");
        }
    }
}

// A row that never finds what it needs tests nothing.
static void use_every_row(void) {
    for (int i = 0; i < ROW_count; i++)
        if (!EXPECT(calls[i] > 0))
            fprintf(stderr, "%s was never called\n", sequence_row_name[i]);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        uint64_t seed = strtoull(argv[2], NULL, 10);
        for (size_t t = 0; t < COUNTOF(tiers); t++) {
            SequenceOutput out = run(seed, tiers[t], stdout);
            printf("tier %d: hash %016llx, %s\n", (int)tiers[t],
                   (unsigned long long)out.hash, out.wrong ? out.wrong : "ok");
        }
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        first_seed = strtoull(argv[2], NULL, 10);
        seed_count = strtoull(argv[3], NULL, 10);
    }
    return UNIT_RUN(UNIT_TEST(keep_their_promises), UNIT_TEST(use_every_row));
}
