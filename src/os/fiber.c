// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The half of fibers that all architectures share: states, announcing switches
// to the sanitizers.
#include "os/fiber.h"

#include "os/fiber_int.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define FIBER_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN
#endif
#if defined(__SANITIZE_THREAD__)
#define FIBER_TSAN
#endif

// What the sanitizers want to hear. AddressSanitizer: where the stack of the
// other side is, just before a switch, and that we arrived, just after it; it
// hands out a shadow stack to keep meanwhile. ThreadSanitizer: which context
// (made once per fiber) runs next; it pairs entries and exits of functions per
// context, hence no calls of our own around that.
#if defined(FIBER_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

INLINE void announce_init(Fiber *f) {
    (void)f;
}

// Frames that never returned left their red zones behind.
INLINE void announce_release(Fiber *f) {
    __asan_unpoison_memory_region(f->stack, f->stack_size);
}

INLINE void announce_resume(Fiber *f) {
    __sanitizer_start_switch_fiber(&f->caller_shadow, f->stack, f->stack_size);
}

INLINE void announce_resumed(Fiber *f) {
    __sanitizer_finish_switch_fiber(f->caller_shadow, NULL, NULL);
}

INLINE void announce_suspend(Fiber *f) {
    bool last = f->state == FIBER_done;
    __sanitizer_start_switch_fiber(last ? NULL : &f->own_shadow,
                                   f->caller_stack, f->caller_stack_size);
}

INLINE void announce_continued(Fiber *f) {
    __sanitizer_finish_switch_fiber(f->own_shadow, &f->caller_stack,
                                    &f->caller_stack_size);
}

#elif defined(FIBER_TSAN)
#include <sanitizer/tsan_interface.h>

INLINE void announce_init(Fiber *f) {
    f->own_shadow = __tsan_create_fiber(0);
}

INLINE void announce_release(Fiber *f) {
    __tsan_destroy_fiber(f->own_shadow);
}

INLINE void announce_resume(Fiber *f) {
    f->caller_shadow = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(f->own_shadow, 0);
}

INLINE void announce_resumed(Fiber *f) {
    (void)f;
}

INLINE void announce_suspend(Fiber *f) {
    __tsan_switch_to_fiber(f->caller_shadow, 0);
}

INLINE void announce_continued(Fiber *f) {
    (void)f;
}

#else

INLINE void announce_init(Fiber *f) {
    (void)f;
}

INLINE void announce_release(Fiber *f) {
    (void)f;
}

INLINE void announce_resume(Fiber *f) {
    (void)f;
}

INLINE void announce_resumed(Fiber *f) {
    (void)f;
}

INLINE void announce_suspend(Fiber *f) {
    (void)f;
}

INLINE void announce_continued(Fiber *f) {
    (void)f;
}

#endif

// The outermost frame of a fiber. It is never resumed once it is done.
static void fiber_main(void *arg) {
    Fiber *f = arg;
    announce_continued(f);
    f->entry(f->arg);
    f->state = FIBER_done;
    announce_suspend(f);
    fiber_switch(&f->sp, f->sp);
    UNREACHABLE();
}

void fiber_init(Fiber *f, void *stack, size_t size, void (*entry)(void *arg),
                void *arg) {
    assert(size >= FIBER_STACK_MIN);
    assert(((uintptr_t)stack | size) % 16 == 0);
    *f = (Fiber){
        .entry = entry,
        .arg = arg,
        .stack = stack,
        .stack_size = size,
    };
    f->sp = fiber_prepare(f->stack + size, fiber_main, f);
    announce_init(f);
}

void fiber_release(Fiber *f) {
    assert(f->state != FIBER_running);
    if (f->stack) announce_release(f);
    *f = (Fiber){.state = FIBER_done};
}

void fiber_resume(Fiber *f) {
    assert(f->state == FIBER_ready || f->state == FIBER_suspended);
    f->state = FIBER_running;
    announce_resume(f);
    fiber_switch(&f->sp, f->sp);
    announce_resumed(f);
}

void fiber_suspend(Fiber *f) {
    assert(f->state == FIBER_running);
    f->state = FIBER_suspended;
    announce_suspend(f);
    fiber_switch(&f->sp, f->sp);
    announce_continued(f);
}
