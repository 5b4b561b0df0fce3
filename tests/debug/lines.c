// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What tests/debug/run.sh asks the lines of: traps in plain functions, inlined
// ones, and callees.
#define EXPORT(name) __attribute__((export_name(name)))

static inline int checked(const int *array, int i) {
    if (i > 3) __builtin_trap();
    return array[i];
}

static inline int pair(const int *array, int i) {
    return checked(array, i) + checked(array, i + 1);
}

__attribute__((noinline)) static int sum(const int *array, int len) {
    int result = 0;
    for (int i = 0; i < len; i++)
        result += pair(array, i);
    return result;
}

static int array[4];

EXPORT("inlined") int inlined(void) {
    return sum(array, 9);
}

EXPORT("plain") int plain(void) {
    volatile int zero = 0;
    return 7 / zero;
}

static int down(int depth) {
    if (depth == 0) return *(volatile int *)-4;
    return down(depth - 1) + 1;
}

EXPORT("deep") int deep(void) {
    return down(3);
}

static int (*volatile target)(int);

EXPORT("indirect") int indirect(void) {
    return target(1);
}
