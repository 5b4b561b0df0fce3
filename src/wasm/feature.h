// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Feature sets: which proposals a module may use. Decided at run time.
#pragma once

#include "base/str.h"

typedef enum Feature {
#define FEATURE(name, flag, phase, def, what) FEATURE_##name,
#include "wasm/feature.def"
    FEATURE_count
} Feature;
static_assert(FEATURE_count <= 64, "a FeatureSet has 64 bits");

typedef uint64_t FeatureSet;

#define FEATURE_BIT(name) ((FeatureSet)1 << FEATURE_##name)
#define FEATURES_ALL      (((FeatureSet)1 << FEATURE_count) - 1)

typedef struct FeatureInfo {
    const char *flag; // "multi-value"
    const char *what;
    uint8_t phase;
    bool is_default;
} FeatureInfo;

extern const FeatureInfo feature_info[FEATURE_count];

FeatureSet features_default(void);
// The feature of that flag, or FEATURE_count.
Feature feature_find(Str flag);
// Turning a feature on turns on what it builds on, turning it off turns off
// what builds on it (gc needs function_references needs reference_types, ...).
FeatureSet features_with(FeatureSet set, Feature f, bool on);

static inline bool feature_on(FeatureSet set, Feature f) {
    return set >> f & 1;
}
