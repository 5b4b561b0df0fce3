// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/vm.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static const int prot[] = {
    [VM_none] = PROT_NONE,
    [VM_read] = PROT_READ,
    [VM_read_write] = PROT_READ | PROT_WRITE,
    [VM_read_exec] = PROT_READ | PROT_EXEC,
};

static const int fresh = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

size_t vm_page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

void *vm_reserve(size_t size) {
    assert(size > 0);
    void *at = mmap(NULL, size, PROT_NONE, fresh, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

void vm_release(void *at, size_t size) {
    munmap(at, size);
}

bool vm_protect(void *at, size_t size, VmAccess access) {
    return mprotect(at, size, prot[access]) == 0;
}

// A new mapping rather than advice: it drops an image and the commitment.
bool vm_decommit(void *at, size_t size) {
    return mmap(at, size, PROT_NONE, fresh | MAP_FIXED, -1, 0) != MAP_FAILED;
}

void *vm_map_file(int fd, uint64_t at, size_t size, VmAccess access,
                  void *where) {
    int flags = MAP_PRIVATE | (where ? MAP_FIXED : 0);
    void *p = mmap(where, size, prot[access], flags, fd, (off_t)at);
    return p == MAP_FAILED ? NULL : p;
}

#ifdef __linux__

void vm_populate(void *at, size_t size) {
#ifdef MADV_POPULATE_WRITE // Linux 5.14; older ones refuse
    (void)madvise(at, size, MADV_POPULATE_WRITE);
#else
    (void)at, (void)size;
#endif
}

// On Linux, and only there, this promises zeros in private anonymous memory.
bool vm_discard(void *at, size_t size) {
    return madvise(at, size, MADV_DONTNEED) == 0;
}

static int image_file(void) {
    return memfd_create("wasm image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

// Nobody who gets hold of the descriptor may change what modules start with.
static bool image_seal(int fd) {
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    return fcntl(fd, F_ADD_SEALS, seals) == 0;
}

#else

void vm_populate(void *at, size_t size) {
    (void)at, (void)size;
}

bool vm_discard(void *at, size_t size) {
    int access = PROT_READ | PROT_WRITE;
    return mmap(at, size, access, fresh | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static int image_file(void) {
    return -1;
}

static bool image_seal(int fd) {
    (void)fd;
    return true;
}

#endif

// Lets `fill` write the file. All its pages are there already: running out of
// memory now would be a fault.
static bool image_fill(int fd, size_t size,
                       void (*fill)(void *env, uint8_t *bytes), void *env) {
    if (posix_fallocate(fd, 0, (off_t)size) != 0) return false;
    int access = PROT_READ | PROT_WRITE;
    void *at = mmap(NULL, size, access, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return false;
    fill(env, at);
    return munmap(at, size) == 0;
}

// `handle` is the descriptor plus one, so that zero is none.
bool vm_image_init(VmImage *image, size_t size,
                   void (*fill)(void *env, uint8_t *bytes), void *env) {
    assert(size > 0);
    *image = (VmImage){0};
    int fd = image_file();
    if (fd < 0) return false;
    size_t page = vm_page_size();
    size_t padded = (size + page - 1) & ~(page - 1);
    if (image_fill(fd, padded, fill, env) && image_seal(fd)) {
        *image = (VmImage){.size = size, .handle = fd + 1};
        return true;
    }
    close(fd);
    return false;
}

bool vm_image_of_file(VmImage *image, int fd, uint64_t at, size_t size) {
    assert(size > 0 && at % vm_page_size() == 0);
    *image = (VmImage){0};
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return false;
    *image = (VmImage){.size = size, .at = at, .handle = own + 1};
    return true;
}

bool vm_image_part(VmImage *part, const VmImage *image, uint64_t at,
                   size_t size) {
    assert(at <= image->size && size <= image->size - at);
    return vm_image_of_file(part, image->handle - 1, image->at + at, size);
}

void vm_image_release(VmImage *image) {
    if (image->handle) close(image->handle - 1);
    *image = (VmImage){0};
}

bool vm_image_map(const VmImage *image, void *at, size_t size) {
    assert(image->handle);
    assert(size < image->size + vm_page_size());
    int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;
    int access = PROT_READ | PROT_WRITE;
    return mmap(at, size, access, flags, image->handle - 1, (off_t)image->at) !=
           MAP_FAILED;
}
