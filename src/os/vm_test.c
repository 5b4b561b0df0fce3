// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/vm.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// True if reading `p` faults, found out in a child.
static bool faults(const volatile uint8_t *p) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO); // a sanitizer's report is expected
        (void)*p;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status != 0;
}

static bool all_zero(const uint8_t *p, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (p[i]) return false;
    return true;
}

static void pages_become_usable(void) {
    size_t page = vm_page_size();
    uint8_t *p = vm_reserve(16 * page);
    if (!EXPECT(p)) return;
    EXPECT(faults(p));
    EXPECT(vm_protect(p + page, 2 * page, VM_read_write));
    EXPECT(all_zero(p + page, 2 * page));
    memset(p + page, 7, 2 * page);
    EXPECT(faults(p + 3 * page));
    EXPECT(vm_protect(p + page, page, VM_read));
    EXPECT_EQ(p[page], 7);
    vm_release(p, 16 * page);
}

static bool address_space_is_limited(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

static void large_reservations_cost_nothing(void) {
    if (address_space_is_limited()) return;
    size_t size = (size_t)8 << 30;
    uint8_t *p = vm_reserve(size);
    if (!EXPECT(p)) return;
    EXPECT(vm_protect(p + size / 2, vm_page_size(), VM_read_write));
    p[size / 2] = 1;
    vm_release(p, size);
}

static void decommitted_pages_come_back_zero(void) {
    size_t page = vm_page_size();
    uint8_t *p = vm_reserve(4 * page);
    EXPECT(vm_protect(p, 4 * page, VM_read_write));
    memset(p, 9, 4 * page);
    EXPECT(vm_decommit(p + page, page));
    EXPECT(faults(p + page));
    EXPECT_EQ(p[0], 9);
    EXPECT(vm_protect(p + page, page, VM_read_write));
    EXPECT(all_zero(p + page, page));
    EXPECT(vm_discard(p, page));
    EXPECT(all_zero(p, 2 * page));
    EXPECT_EQ(p[2 * page], 9);
    p[0] = 1;
    vm_release(p, 4 * page);
}

static size_t image_size(void) {
    return vm_page_size() + 100;
}

static void fill_image(void *env, uint8_t *bytes) {
    (void)env;
    for (size_t i = 0; i < image_size(); i++)
        bytes[i] = (uint8_t)(i % 251 + 1);
}

static void images_are_copied_on_write(void) {
    size_t page = vm_page_size();
    size_t size = image_size();
    uint8_t *bytes = malloc(size);
    fill_image(NULL, bytes);
    VmImage image;
    if (!EXPECT(vm_image_init(&image, size, fill_image, NULL))) return;
    uint8_t *a = vm_reserve(4 * page);
    uint8_t *b = vm_reserve(4 * page);
    EXPECT(vm_image_map(&image, a, 2 * page));
    EXPECT(vm_image_map(&image, b, 2 * page));
    vm_image_release(&image);
    EXPECT(memcmp(a, bytes, size) == 0);
    EXPECT(all_zero(a + size, 2 * page - size));
    a[5] = 0xee;
    EXPECT_EQ(b[5], bytes[5]);
    EXPECT(faults(a + 2 * page));
    memset(a, 0xee, 2 * page);
    EXPECT(vm_discard(a, 2 * page));
    EXPECT(memcmp(a, bytes, size) == 0);
    EXPECT(all_zero(a + size, 2 * page - size));
    EXPECT(vm_decommit(a, 2 * page));
    EXPECT(vm_protect(a, page, VM_read_write));
    EXPECT(all_zero(a, page));
    EXPECT(memcmp(b, bytes, size) == 0);
    vm_release(a, 4 * page);
    vm_release(b, 4 * page);
    free(bytes);
}

// Bytes of a file, and some of those. The file may be closed.
static void images_of_files(void) {
    size_t page = vm_page_size();
    FILE *f = tmpfile();
    for (int i = 0; i < 4; i++)
        for (size_t k = 0; k < page; k++)
            putc(i, f);
    if (!EXPECT(!fflush(f))) return;
    VmImage image, part;
    EXPECT(!vm_image_of_file(&image, -1, 0, page));
    EXPECT(vm_image_of_file(&image, fileno(f), page, 3 * page));
    fclose(f);
    EXPECT(vm_image_part(&part, &image, page, page + 1));
    uint8_t *p = vm_reserve(3 * page);
    EXPECT(vm_image_map(&image, p, 3 * page));
    EXPECT(p[0] == 1 && p[page] == 2 && p[3 * page - 1] == 3);
    p[0] = 9;
    EXPECT(vm_discard(p, page));
    EXPECT_EQ(p[0], 1);
    vm_image_release(&image);
    EXPECT(vm_image_map(&part, p, 2 * page));
    EXPECT(p[0] == 2 && p[page] == 3 && p[2 * page] == 3);
    vm_image_release(&part);
    vm_release(p, 3 * page);
}

static void image_without_descriptors(void) {
    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    VmImage image;
    EXPECT(!vm_image_init(&image, image_size(), fill_image, NULL));
    vm_image_release(&image);
    setrlimit(RLIMIT_NOFILE, &old);
}

// What `ulimit -v` does. In a child, and not where a sanitizer has reserved
// terabytes already.
static void limited_address_space(void) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit now = {0};
        getrlimit(RLIMIT_AS, &now);
        rlim_t room = MIN((rlim_t)1 << 30, now.rlim_max);
        struct rlimit limit = {room, room};
        if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
        if (getrlimit(RLIMIT_AS, &now) != 0) _exit(3);
        if (now.rlim_cur != limit.rlim_cur) _exit(0); // an emulator
        void *large = vm_reserve((size_t)4 << 30);
        _exit(large == NULL ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

static void impossible_sizes(void) {
    EXPECT(!vm_reserve((size_t)1 << 62));
    uint8_t *p = vm_reserve(vm_page_size());
    uintptr_t kernel = UINTPTR_MAX & ~(uintptr_t)0xffff;
    EXPECT(!vm_protect((void *)kernel, vm_page_size(), VM_read)); // not ours
    vm_release(p, vm_page_size());
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(pages_become_usable),
        UNIT_TEST(large_reservations_cost_nothing),
        UNIT_TEST(decommitted_pages_come_back_zero),
        UNIT_TEST(images_are_copied_on_write), UNIT_TEST(images_of_files),
        UNIT_TEST(image_without_descriptors), UNIT_TEST(limited_address_space),
        UNIT_TEST(impossible_sizes));
}
