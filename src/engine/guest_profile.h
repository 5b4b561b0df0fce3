// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a guest does, sampled: which functions of which modules were running,
// written for the Firefox profiler. Whoever samples says when.
#pragma once

#include "rt/rt_module.h"

typedef struct GuestProfile GuestProfile;

// `interval` in ns is for show. NULL: no memory.
NODISCARD GuestProfile *guest_profile_new(Str name, uint64_t interval);
void guest_profile_free(GuestProfile *p); // NULL is fine
// Frames of this module are shown, under this name. False: no memory, or too
// many.
NODISCARD bool guest_profile_add(GuestProfile *p, RtModule *m, Str name);
// What the store runs now, on the thread that runs it: in a host function, or
// where the deadline is looked at. `cpu_ns`: processor time since the last one.
void guest_profile_sample(GuestProfile *p, const Store *s, uint64_t cpu_ns);
// All at once to `write`. False: it failed, or memory ran out on the way.
NODISCARD bool guest_profile_write(const GuestProfile *p,
                                   bool (*write)(void *env, const char *data,
                                                 size_t len),
                                   void *env);
