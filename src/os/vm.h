// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Virtual memory: reserve address space, then make parts of it usable.
//
// Addresses and sizes are multiples of vm_page_size() and never zero, except
// where a function says otherwise. Every refusal (address space or memory
// limits, strict overcommit) is NULL or false and changes nothing.
#pragma once

#include "base/defs.h"

typedef enum VmAccess {
    VM_none,
    VM_read,
    VM_read_write,
    VM_read_exec,
} VmAccess;

size_t vm_page_size(void);

// Address space without memory behind it; any access faults.
NODISCARD void *vm_reserve(size_t size);
void vm_release(void *at, size_t size);

// Pages made accessible for the first time read as zero.
NODISCARD bool vm_protect(void *at, size_t size, VmAccess access);

// Back to what vm_reserve gave: memory and commitment are returned, any access
// faults, and pages protected again later read as zero. Also undoes a mapped
// image.
NODISCARD bool vm_decommit(void *at, size_t size);

// The pages will all be written soon: they may be given memory at once, which
// takes less than one by one. Only a hint.
void vm_populate(void *at, size_t size);

// The pages stay accessible as they are, read as zero from now on, or as the
// image that lies there, and their memory goes back to the host.
NODISCARD bool vm_discard(void *at, size_t size);

// A file's bytes from `at` on, a multiple of the page size, privately: NULL
// where the host cannot. With `where`, which vm_reserve gave, there; else
// wherever there is room. The last page is filled up with zeros; that a file is
// cut off while it is mapped is not seen before a page of it is missed.
NODISCARD void *vm_map_file(int fd, uint64_t at, size_t size, VmAccess access,
                            void *where);

// Bytes kept once per process and mapped copy-on-write many times: writing to
// one mapping changes neither the image nor other mappings. Zero is an image
// that was never made. An image may be released while mapped.
typedef struct VmImage {
    size_t size; // of the bytes, not rounded
    uint64_t at; // of the first one, a multiple of the page
    int handle;  // vm_posix.c's
} VmImage;

// `fill` writes the image, `size` bytes (not 0) that are zero before. False where
// the host cannot do this, or has no memory: then copy instead.
NODISCARD bool vm_image_init(VmImage *image, size_t size,
                             void (*fill)(void *env, uint8_t *bytes),
                             void *env);
// Bytes that are in a file, which nobody may change as long as the image is
// mapped; the descriptor is the caller's, and may be closed. `at` is a multiple
// of the page size, the file has `size` bytes (not 0) there.
NODISCARD bool vm_image_of_file(VmImage *image, int fd, uint64_t at,
                                size_t size);
// Some bytes of another image, as one of its own; the same rules.
NODISCARD bool vm_image_part(VmImage *part, const VmImage *image, uint64_t at,
                             size_t size);
void vm_image_release(VmImage *image);

// Puts the image at `at`, which vm_reserve gave, readable and writable. `size`
// is at most image->size rounded up to pages; the last page is filled up with
// zeros. On failure the old pages may be gone: decommit or release them.
NODISCARD bool vm_image_map(const VmImage *image, void *at, size_t size);
