// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Unit tests: a program is a list of named functions.
//
//     static void adds(void) { EXPECT_EQ(1 + 1, 2); }
//     int main(void) { return UNIT_RUN(UNIT_TEST(adds)); }
//
// An expectation that fails prints where and goes on; the program's last line
// is `N passed, N failed` and it exits with 1 if a test failed.
#pragma once

#include "base/defs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct UnitTest {
    const char *name;
    void (*run)(void);
} UnitTest;

// Expectations that failed in the current test, on any thread.
static _Atomic int unit_failures;

static inline bool unit_expect(bool ok, const char *what, const char *file,
                               int line) {
    if (!ok) fprintf(stderr, "%s:%d: expected %s\n", file, line, what);
    unit_failures += !ok;
    return ok;
}

static inline bool unit_expect_eq(int64_t got, int64_t want, const char *what,
                                  const char *file, int line) {
    if (got != want)
        fprintf(stderr,
                "%s:%d: %s is %" PRId64 " (0x%" PRIx64 "), expected %" PRId64
                " (0x%" PRIx64 ")\n",
                file, line, what, got, (uint64_t)got, want, (uint64_t)want);
    unit_failures += got != want;
    return got == want;
}

static inline bool unit_expect_str(const char *got, const char *want,
                                   const char *what, const char *file,
                                   int line) {
    bool ok = got && want && strcmp(got, want) == 0;
    if (!ok)
        fprintf(stderr, "%s:%d: %s is \"%s\", expected \"%s\"\n", file, line,
                what, got ? got : "(null)", want ? want : "(null)");
    unit_failures += !ok;
    return ok;
}

static inline int unit_run(const UnitTest *tests, size_t count) {
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        unit_failures = 0;
        tests[i].run();
        if (unit_failures == 0) continue;
        fprintf(stderr, "FAILED %s\n", tests[i].name);
        failed++;
    }
    printf("%d passed, %d failed\n", (int)count - failed, failed);
    return failed != 0;
}

// All are usable as conditions: `if (!EXPECT(p)) return;`
#define EXPECT(x) unit_expect((x), #x, __FILE__, __LINE__)
#define EXPECT_EQ(got, want) \
    unit_expect_eq((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define EXPECT_STR(got, want) \
    unit_expect_str((got), (want), #got, __FILE__, __LINE__)

#define UNIT_TEST(f) {#f, f}
#define UNIT_RUN(...)                         \
    unit_run((const UnitTest[]){__VA_ARGS__}, \
             sizeof((const UnitTest[]){__VA_ARGS__}) / sizeof(UnitTest))
