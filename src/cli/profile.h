// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `--profile`: what is asked for, and the profile that a run makes itself.
#pragma once

#include "cli/option.h"
#include "cli/timer.h"
#include "engine/guest_profile.h"
#include "rt/store.h"

typedef enum ProfileKind {
    PROFILE_none,
    PROFILE_perfmap,
    PROFILE_jitdump,
    PROFILE_guest,
    PROFILE_unknown,
} ProfileKind;

ProfileKind profile_kind(const Options *o);

// Of one run; zero: none.
typedef struct Profile {
    GuestProfile *guest;
    Str path; // where it goes
    Timer timer;
    Engine *engine;
    uint64_t cpu_ns; // processor time at the last sample
    uint64_t
        time_over; // when -W timeout ends the run; CLOCK_NEVER: it does not
} Profile;

// Starts sampling if that was asked for; what is wrong is reported. The profile
// stays where it is.
NODISCARD bool profile_start(Profile *p, const Options *o, Store *s);
// A module whose functions are shown.
NODISCARD bool profile_add(Profile *p, RtModule *m, const char *name);
void profile_stop(Profile *p); // before the store goes
// Writes and frees it.
bool profile_finish(Profile *p);
