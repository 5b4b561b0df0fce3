// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasm/feature.h"

#include "unit/unit.h"

static void defaults(void) {
    FeatureSet set = features_default();
    EXPECT(feature_on(set, FEATURE_mvp));
    EXPECT(feature_on(set, FEATURE_gc));
    EXPECT(feature_on(set, FEATURE_threads));
    EXPECT(!feature_on(set, FEATURE_wide_arithmetic));
    for (int f = 0; f < FEATURE_count; f++) {
        EXPECT_EQ(feature_on(set, (Feature)f), feature_info[f].is_default);
        EXPECT(feature_info[f].phase < 5 || feature_info[f].is_default);
    }
}

static void flags(void) {
    for (int f = 0; f < FEATURE_count; f++)
        EXPECT_EQ(feature_find(str_of(feature_info[f].flag)), f);
    EXPECT_EQ(feature_find(STR("multi_value")), FEATURE_count);
    EXPECT_EQ(feature_find(STR("")), FEATURE_count);
}

static void on_brings_what_it_needs(void) {
    FeatureSet set = features_with(0, FEATURE_gc, true);
    EXPECT_EQ(set, FEATURE_BIT(gc) | FEATURE_BIT(function_references) |
                       FEATURE_BIT(reference_types) | FEATURE_BIT(bulk_memory) |
                       FEATURE_BIT(mvp));
    EXPECT_EQ(features_with(0, FEATURE_relaxed_simd, true),
              FEATURE_BIT(relaxed_simd) | FEATURE_BIT(simd) | FEATURE_BIT(mvp));
}

static void off_takes_what_needs_it(void) {
    FeatureSet set =
        features_with(FEATURES_ALL, FEATURE_reference_types, false);
    EXPECT_EQ(FEATURES_ALL & ~set,
              FEATURE_BIT(reference_types) | FEATURE_BIT(function_references) |
                  FEATURE_BIT(gc) | FEATURE_BIT(exceptions));
    EXPECT_EQ(features_with(FEATURES_ALL, FEATURE_mvp, false), 0);
}

static void sets_stay_closed(void) {
    for (int f = 0; f < FEATURE_count; f++)
        for (int g = 0; g < FEATURE_count; g++) {
            FeatureSet set = features_with(FEATURES_ALL, (Feature)f, false);
            set = features_with(set, (Feature)g, true);
            EXPECT(feature_on(set, (Feature)g));
            for (int k = 0; k < FEATURE_count; k++)
                if (feature_on(set, (Feature)k))
                    EXPECT_EQ(features_with(set, (Feature)k, true), set);
        }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(defaults), UNIT_TEST(flags),
                    UNIT_TEST(on_brings_what_it_needs),
                    UNIT_TEST(off_takes_what_needs_it),
                    UNIT_TEST(sets_stay_closed));
}
