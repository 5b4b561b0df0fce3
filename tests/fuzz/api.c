// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytes are the choices of a sequence of calls over the C API: every tier gives
// the same answers, and every promise is kept.
#include "base/defs.h"
#include "fuzz/api/sequence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    STEPS = 150,
};

static SequenceOutput run(const uint8_t *data, size_t size, foliot_tier_t tier,
                          FILE *trace) {
    SequenceInput in = {
        .seed = size,
        .bytes = data,
        .size = size,
        .steps = STEPS,
        .tier = tier,
        .trace = trace,
    };
    SequenceOutput out;
    sequence_run(&in, &out);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const foliot_tier_t tiers[] = {FOLIOT_TIER_INTERPRETER,
                                          FOLIOT_TIER_BASELINE};
    uint64_t hash = 0;
    for (size_t i = 0; i < COUNTOF(tiers); i++) {
        SequenceOutput out = run(data, size, tiers[i], NULL);
        if (!out.wrong && (i == 0 || out.hash == hash)) {
            hash = out.hash;
            continue;
        }
        for (size_t j = 0; j < COUNTOF(tiers); j++) {
            fprintf(stderr, "--- tier %d\n", (int)tiers[j]);
            (void)run(data, size, tiers[j], stderr);
        }
        fprintf(stderr, "bug: %s\n", out.wrong ? out.wrong : "other answers");
        abort();
    }
    return 0;
}
