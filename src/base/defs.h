// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Words the whole code base is written in. Includes only the standard library.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Hosts are 64-bit and little-endian; everything above relies on it.
static_assert(sizeof(void *) == 8, "64-bit hosts only");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian only");

#define NODISCARD       __attribute__((warn_unused_result))
#define NORETURN        __attribute__((noreturn))
#define PRINTF(f, a)    __attribute__((format(printf, f, a)))
#define MALLOCLIKE      __attribute__((malloc))
#define RETURNS_NONNULL __attribute__((returns_nonnull))
#define NOINLINE        __attribute__((noinline))
// For functions that every call between host and guest goes through, and that
// have no array: the compiler would guard their frames for a structure whose
// address is taken.
#define NO_CANARY   __attribute__((no_stack_protector))
#define INLINE      static inline __attribute__((always_inline))
#define COLD        __attribute__((cold, noinline))
#define FALLTHROUGH __attribute__((fallthrough))
#define MAY_ALIAS   __attribute__((may_alias))
#define UNUSED      __attribute__((unused))
#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

// A point that no execution reaches. In debug builds it asserts.
#define UNREACHABLE() (assert(0 && "unreachable"), __builtin_unreachable())

// An internal impossibility on a path that guards memory safety: kept in
// release builds, calls the embedder's fatal hook (base/alloc.h). No input may
// reach it.
#define CHECK(x) (LIKELY(x) ? (void)0 : fatal_error(#x, __FILE__, __LINE__))
NORETURN COLD void fatal_error(const char *what, const char *file, int line);

// 1 in builds with assertions: for checks of our own work that take their time.
#ifdef NDEBUG
#define DEBUG_BUILD 0
#else
#define DEBUG_BUILD 1
#endif

#define COUNTOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)  ((a) < (b) ? (a) : (b))
#define MAX(a, b)  ((a) > (b) ? (a) : (b))

// The structure that holds `member` at `at`.
#define CONTAINER_OF(at, T, member) \
    ((T *)(void *)((char *)(at) - offsetof(T, member)))

// AddressSanitizer sees into our own allocators: memory that is ours but not
// handed out is poisoned, and what is handed out is followed by a red zone.
// Compilers say in two ways that it is on.
#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#elif __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
enum {
    ASAN_REDZONE = 16
};
#define ASAN_POISON(at, size)   __asan_poison_memory_region((at), (size))
#define ASAN_UNPOISON(at, size) __asan_unpoison_memory_region((at), (size))
#else
enum {
    ASAN_REDZONE = 0
};
#define ASAN_POISON(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON(at, size) ((void)(at), (void)(size))
#endif

// Either sanitizer has mapped far more than a program does: tests that limit
// address space have nothing to see.
#if defined(ASAN) || defined(TSAN)
enum {
    HAS_SHADOW_MEMORY = 1
};
#else
enum {
    HAS_SHADOW_MEMORY = 0
};
#endif

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
