// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An arena: memory for one unit of work (one module, one function being
// compiled). Nothing in an arena is freed by itself; the arena is reset or
// released at the end of the work, whether it succeeded or not.
//
// arena_alloc never returns NULL. When memory or the limit runs out it jumps to
// the guard, so the code between the guard and the allocation owns nothing but
// arena memory (no locks, no files, no mappings).
//
//     ArenaGuard guard;
//     if (ARENA_GUARD(arena, &guard)) { ... work ...; }
//     else { err_at(err, ERR_NOWHERE, E_out_of_memory); }
//     arena_unguard(arena, &guard);
//
// Guards nest; the innermost is jumped to and is off from then on, so running
// out once more while handling the failure goes to the next one out. No local
// variable may change between ARENA_GUARD and the jump unless it is volatile.
#pragma once

#include "base/defs.h"

#include <setjmp.h>
#include <stdatomic.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct ArenaGuard {
    jmp_buf jump;
    struct ArenaGuard *outer;
} ArenaGuard;

// What several arenas take together, on any threads.
typedef struct ArenaBudget {
    size_t limit; // 0 = none
    _Atomic size_t used;
} ArenaBudget;

typedef struct Arena {
    char *next;          // free part of the chunk in use ...
    size_t left;         // ... and its size
    ArenaChunk *chunks;  // newest first
    size_t used, limit;  // bytes asked of the system; limit 0 = none
    ArenaBudget *budget; // they count there too; or NULL
    uint64_t fail_in;    // tests: the n-th allocation fails; 0 = never
    ArenaGuard *guard;   // where to go when memory runs out
    bool over_limit;     // the last failure was the limit, not the system
} Arena;

typedef struct ArenaMark {
    ArenaChunk *chunk;
    char *next;
} ArenaMark;

void arena_init(Arena *a, size_t limit);
// Limited as the other one is, and together with it, if that has a budget.
void arena_init_beside(Arena *a, const Arena *other);
// The others that share its budget are gone, without having been released.
void arena_budget_reset(const Arena *a);
// Gives everything back; the arena is empty, with its limit and guards.
void arena_release(Arena *a);
// Releases all but one chunk, which is kept for the next unit of work.
void arena_reset(Arena *a);

// Zeroed, aligned to 16. Of no bytes: a valid, unique pointer.
RETURNS_NONNULL void *arena_alloc(Arena *a, size_t size, size_t count);
// The same without zeroing, for large buffers that are overwritten at once.
RETURNS_NONNULL void *arena_alloc_raw(Arena *a, size_t size, size_t count);
RETURNS_NONNULL char *arena_strdup(Arena *a, const char *s, size_t len);

// Everything allocated after the mark goes away; the mark itself stays good,
// until the arena is rewound to an older mark, reset or released.
ArenaMark arena_mark(const Arena *a);
void arena_rewind(Arena *a, ArenaMark m);

// Jumps to the guard as if memory had run out; for sizes that cannot be.
NORETURN void arena_fail(Arena *a);
// The same because another arena ran out, for the reason that one had.
NORETURN void arena_fail_like(Arena *a, const Arena *other);

// True at once; false when an allocation jumped here.
#define ARENA_GUARD(a, g) \
    ((g)->outer = (a)->guard, (a)->guard = (g), setjmp((g)->jump) == 0)
void arena_unguard(Arena *a, ArenaGuard *g);

#define NEW(a, T)      ((T *)arena_alloc((a), sizeof(T), 1))
#define NEW_N(a, T, n) ((T *)arena_alloc((a), sizeof(T), (n)))
