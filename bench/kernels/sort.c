// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory and unpredictable branches: quicksort, finished by insertion.

#include "kernel.h"

enum {
    LEN = 20000,
    SMALL = 12
};

static uint32_t items[LEN];

static void insertion_sort(int low, int high) {
    for (int i = low + 1; i <= high; i++) {
        uint32_t item = items[i];
        int j = i;
        for (; j > low && items[j - 1] > item; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

static void quicksort(int low, int high) {
    while (high - low > SMALL) {
        uint32_t pivot = items[low + (high - low) / 2];
        int i = low;
        int j = high;
        while (i <= j) {
            while (items[i] < pivot)
                i++;
            while (items[j] > pivot)
                j--;
            if (i > j) break;
            uint32_t held = items[i];
            items[i++] = items[j];
            items[j--] = held;
        }
        quicksort(low, j);
        low = i;
    }
    insertion_sort(low, high);
}

uint32_t run(int32_t n) {
    uint32_t random = 2463534242U;
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int k = 0; k < LEN; k++)
            items[k] = random_next(&random);
        quicksort(0, LEN - 1);
        for (int k = 0; k < LEN; k += 97)
            sum = mix(sum, items[k]);
    }
    return sum;
}
