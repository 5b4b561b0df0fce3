// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasm/feature.h"

const FeatureInfo feature_info[FEATURE_count] = {
#define on  true
#define off false
#define FEATURE(name, flag, phase, def, what) \
    [FEATURE_##name] = {flag, what, phase, def},
#include "wasm/feature.def"
#undef on
#undef off
};

// What each feature builds on, directly. Everything builds on the first version
// of the language.
static const FeatureSet builds_on[FEATURE_count] = {
    [FEATURE_reference_types] = FEATURE_BIT(bulk_memory),
    [FEATURE_function_references] = FEATURE_BIT(reference_types),
    [FEATURE_gc] = FEATURE_BIT(function_references),
    [FEATURE_exceptions] = FEATURE_BIT(reference_types),
    [FEATURE_relaxed_simd] = FEATURE_BIT(simd),
};

FeatureSet features_default(void) {
    FeatureSet set = 0;
    for (int f = 0; f < FEATURE_count; f++)
        if (feature_info[f].is_default) set |= (FeatureSet)1 << f;
    return set;
}

Feature feature_find(Str flag) {
    int f = 0;
    while (f < FEATURE_count && !str_eq_z(flag, feature_info[f].flag))
        f++;
    return (Feature)f;
}

static FeatureSet needs_of(Feature f) {
    return builds_on[f] | (f == FEATURE_mvp ? 0 : FEATURE_BIT(mvp));
}

// Everything that f builds on, itself included.
static FeatureSet with_needs(Feature f) {
    FeatureSet set = (FeatureSet)1 << f | needs_of(f);
    for (FeatureSet before = 0; before != set;) {
        before = set;
        for (int k = 0; k < FEATURE_count; k++)
            if (feature_on(before, (Feature)k)) set |= needs_of((Feature)k);
    }
    return set;
}

FeatureSet features_with(FeatureSet set, Feature f, bool on) {
    if (on) return set | with_needs(f);
    for (int k = 0; k < FEATURE_count; k++)
        if (feature_on(with_needs((Feature)k), f)) set &= ~((FeatureSet)1 << k);
    return set;
}
