// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The oracle over the C API: a random sequence of valid calls, made of what is
// alive at the time, while sanitizers watch. Choices come from the caller's
// bytes and then from a seed. What each call answers is written down; every
// tier must answer the same, and nothing may be left at the end.
//
// sequence.def lists what is called: a new function of the API is one more row.
#pragma once

#include <foliot.h>
#include <stdint.h>
#include <stdio.h>

typedef struct SequenceInput {
    uint64_t seed;
    const uint8_t *bytes; // `size` of them are used before the seed
    size_t size;
    uint32_t steps;
    foliot_tier_t tier;
    FILE *trace; // one line for each answer; NULL: none
} SequenceInput;

typedef enum SequenceRow {
#define ROW(name, weight) ROW_##name,
#include "fuzz/api/sequence.def"
    ROW_count
} SequenceRow;

typedef struct SequenceOutput {
    uint64_t hash;             // of all answers
    const char *wrong;         // what broke a promise; NULL: nothing
    uint32_t calls[ROW_count]; // that had all they needed
    uint32_t made, finalized;  // host objects with finalizers
} SequenceOutput;

void sequence_run(const SequenceInput *in, SequenceOutput *out);
extern const char *const sequence_row_name[ROW_count];
