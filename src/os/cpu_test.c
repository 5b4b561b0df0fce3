// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Processor, clocks, random bytes and error texts: small doors, one program.
#define _GNU_SOURCE
#include "os/cpu.h"

#include "os/clock.h"
#include "os/error.h"
#include "os/error_int.h"
#include "os/fp.h"
#include "os/random.h"
#include "unit/unit.h"

#include <errno.h>
#include <fenv.h>

static void plausible_processor(void) {
    EXPECT(cpu_count() >= 1);
    EXPECT(cpu_cache_line() >= 16 && cpu_cache_line() <= 1024);
    uint64_t has = cpu_features();
    EXPECT_EQ(has, cpu_features());
    bool avx = has >> CPU_avx & 1;
    EXPECT(avx || !(has >> CPU_avx2 & 1));
    EXPECT((has >> CPU_avx2 & 1) || !(has >> CPU_avx512 & 1));
}

#if defined(__x86_64__) && !defined(__clang__)
static void features_agree_with_compiler(void) {
    uint64_t has = cpu_features();
    __builtin_cpu_init();
    EXPECT_EQ(has >> CPU_sse41 & 1, !!__builtin_cpu_supports("sse4.1"));
    EXPECT_EQ(has >> CPU_popcnt & 1, !!__builtin_cpu_supports("popcnt"));
    EXPECT_EQ(has >> CPU_bmi1 & 1, !!__builtin_cpu_supports("bmi"));
    EXPECT_EQ(has >> CPU_bmi2 & 1, !!__builtin_cpu_supports("bmi2"));
    EXPECT_EQ(has >> CPU_fma & 1, !!__builtin_cpu_supports("fma"));
    EXPECT_EQ(has >> CPU_avx & 1, !!__builtin_cpu_supports("avx"));
    EXPECT_EQ(has >> CPU_avx2 & 1, !!__builtin_cpu_supports("avx2"));
}
#else
static void features_agree_with_compiler(void) {
}
#endif

static volatile double one = 1;
static volatile double three = 3;

// Not to be moved to where rounding is another.
static NOINLINE double third(void) {
    return one / three;
}

static void rounding_is_put_right(void) {
    double nearest = third();
    fesetround(FE_UPWARD);
    double up = third();
    uint64_t saved = fp_enter();
    double inside = third();
    fp_leave(saved);
    double after = third();
    fesetround(FE_TONEAREST);
    EXPECT(up != nearest);
    EXPECT(inside == nearest);
    EXPECT(after == up);
    saved = fp_enter();
    fp_leave(saved);
    EXPECT(third() == nearest);
}

static void clocks_go_on(void) {
    for (ClockKind k = CLOCK_wall; k <= CLOCK_thread; k++) {
        uint64_t a = 0;
        uint64_t b = 0;
        uint64_t resolution = 0;
        EXPECT(clock_read(k, &a));
        EXPECT(clock_read(k, &b));
        EXPECT(k == CLOCK_wall || b >= a);
        EXPECT(clock_resolution(k, &resolution));
        EXPECT(resolution > 0 && resolution <= 1000000000);
    }
    uint64_t wall = 0;
    EXPECT(clock_read(CLOCK_wall, &wall));
    EXPECT(wall > UINT64_C(1600000000) * 1000000000);
    uint64_t now = clock_now();
    EXPECT(clock_after(1000) >= now + 1000);
    EXPECT(clock_after(UINT64_MAX) == CLOCK_NEVER);
    EXPECT(clock_after(UINT64_MAX - now / 2) == CLOCK_NEVER);
}

static void random_bytes_are_filled(void) {
    static uint8_t a[100000];
    static uint8_t b[100000];
    EXPECT(random_fill(a, sizeof a));
    EXPECT(random_fill(b, sizeof b));
    EXPECT(memcmp(a, b, sizeof a) != 0);
    uint32_t seen[256] = {0};
    for (size_t i = 0; i < sizeof a; i++)
        seen[a[i]]++;
    for (int i = 0; i < 256; i++)
        EXPECT(seen[i] > 200 && seen[i] < 700);
    EXPECT(random_fill(a, 0));
}

static void errors_have_meanings(void) {
    EXPECT_EQ(os_error_of(ENOENT), OS_noent);
    EXPECT_EQ(os_error_of(EWOULDBLOCK), OS_again);
    EXPECT_EQ(os_error_of(EOPNOTSUPP), OS_notsup);
    EXPECT_EQ(os_error_of(0), OS_ok);
    EXPECT_EQ(os_error_of(99999), OS_io);
    for (int e = OS_ok; e < OS_error_count; e++)
        EXPECT(os_error_text((OsError)e)[0] != 0);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(plausible_processor), UNIT_TEST(features_agree_with_compiler),
        UNIT_TEST(rounding_is_put_right), UNIT_TEST(clocks_go_on),
        UNIT_TEST(random_bytes_are_filled), UNIT_TEST(errors_have_meanings));
}
