// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chunks come from the process's allocator, each twice the size of the one
// before. Small requests are cut off the newest ordinary chunk. A request that
// would waste much of a fresh chunk gets one of its own and leaves the ordinary
// one in use, so a chunk also says where cutting goes on when it is the newest:
//
//   chunks -> own ---> own ---> ordinary -> ordinary
//              |        |        ^
//              `-cut----`--------'
#include "base/arena.h"

#include "base/alloc.h"
#include "base/bits.h"

enum {
    ARENA_ALIGN = 16,
    CHUNK_MIN = 16 * 1024,
    CHUNK_MAX = 1024 * 1024,
};

struct ArenaChunk {
    ArenaChunk *older;
    ArenaChunk *cut; // the newest ordinary chunk: this one or an older one
    size_t size;     // bytes in all, this header included
    size_t unused;   // keeps the memory behind the header aligned
};

static_assert(sizeof(ArenaChunk) % ARENA_ALIGN == 0, "alignment");

static char *chunk_start(ArenaChunk *c) {
    return (char *)(c + 1);
}

static char *chunk_end(ArenaChunk *c) {
    return (char *)c + c->size;
}

void arena_init(Arena *a, size_t limit) {
    *a = (Arena){.limit = limit};
}

void arena_init_beside(Arena *a, const Arena *other) {
    *a = (Arena){.limit = other->limit, .budget = other->budget};
}

void arena_budget_reset(const Arena *a) {
    if (a->budget) atomic_store(&a->budget->used, a->used);
}

static void budget_give_back(ArenaBudget *b, size_t size) {
    atomic_fetch_sub_explicit(&b->used, size, memory_order_relaxed);
}

static bool budget_take(ArenaBudget *b, size_t size) {
    size_t used =
        atomic_fetch_add_explicit(&b->used, size, memory_order_relaxed);
    if (b->limit == 0 || (used <= b->limit && size <= b->limit - used))
        return true;
    budget_give_back(b, size);
    return false;
}

// The guard is taken off first: an allocation while the failure is being
// handled goes to the next guard out and cannot loop.
static NORETURN void jump_out(Arena *a, bool over_limit) {
    ArenaGuard *guard = a->guard;
    CHECK(guard != NULL);
    a->guard = guard->outer;
    a->over_limit = over_limit;
    longjmp(guard->jump, 1);
}

void arena_fail(Arena *a) {
    jump_out(a, false);
}

void arena_fail_like(Arena *a, const Arena *other) {
    jump_out(a, other->over_limit);
}

void arena_unguard(Arena *a, ArenaGuard *g) {
    if (a->guard == g) a->guard = g->outer;
}

static ArenaChunk *newest_cut(const Arena *a) {
    return a->chunks ? a->chunks->cut : NULL;
}

// The free part of the chunk in use starts at `next`.
static void cut_from(Arena *a, char *next) {
    ArenaChunk *cut = newest_cut(a);
    a->next = next;
    a->left = cut ? (size_t)(chunk_end(cut) - next) : 0;
    if (a->left) ASAN_POISON(a->next, a->left);
}

static ArenaChunk *chunk_new(Arena *a, size_t size) {
    if (a->budget && !budget_take(a->budget, size)) jump_out(a, true);
    ArenaChunk *c = mem_alloc(size);
    if (!c) {
        if (a->budget) budget_give_back(a->budget, size);
        jump_out(a, false);
    }
    *c = (ArenaChunk){.older = a->chunks, .size = size};
    a->chunks = c;
    a->used += size;
    return c;
}

static void chunk_free(Arena *a, ArenaChunk *c) {
    a->used -= c->size;
    if (a->budget) budget_give_back(a->budget, c->size);
    ASAN_UNPOISON(c, c->size);
    mem_free(c);
}

// Room for `size` bytes, padding included, that the chunk in use has not got.
static NOINLINE void *alloc_slow(Arena *a, size_t size) {
    ArenaChunk *cut = newest_cut(a);
    size_t room = a->limit ? a->limit - a->used : SIZE_MAX;
    size_t fresh = cut ? MIN(cut->size * 2, (size_t)CHUNK_MAX) : CHUNK_MIN;
    size_t need = sizeof(ArenaChunk) + size;
    if (need > room) jump_out(a, true);
    if (need > fresh / 4) {
        ArenaChunk *own = chunk_new(a, need);
        own->cut = cut;
        return chunk_start(own);
    }
    ArenaChunk *c = chunk_new(a, MIN(fresh, room) & ~(size_t)(ARENA_ALIGN - 1));
    c->cut = c;
    cut_from(a, chunk_start(c) + size);
    return chunk_start(c);
}

void *arena_alloc_raw(Arena *a, size_t size, size_t count) {
    uint64_t bytes;
    if (!mul_ok(size, count, &bytes) || bytes > SIZE_MAX / 2) arena_fail(a);
    if (UNLIKELY(a->fail_in != 0) && --a->fail_in == 0) arena_fail(a);
    size_t padded = align_up(MAX(bytes, 1) + ASAN_REDZONE, ARENA_ALIGN);
    char *p = a->next;
    if (LIKELY(padded <= a->left)) {
        a->next += padded;
        a->left -= padded;
    } else {
        p = alloc_slow(a, padded);
    }
    ASAN_POISON(p, padded);
    ASAN_UNPOISON(p, bytes);
    return p;
}

void *arena_alloc(Arena *a, size_t size, size_t count) {
    void *p = arena_alloc_raw(a, size, count);
    memset(p, 0, size * count);
    return p;
}

char *arena_strdup(Arena *a, const char *s, size_t len) {
    char *copy = arena_alloc_raw(a, 1, len + 1);
    if (len) memcpy(copy, s, len);
    copy[len] = 0;
    return copy;
}

ArenaMark arena_mark(const Arena *a) {
    return (ArenaMark){.chunk = a->chunks, .next = a->next};
}

void arena_rewind(Arena *a, ArenaMark m) {
    while (a->chunks != m.chunk) {
        ArenaChunk *c = a->chunks;
        a->chunks = c->older;
        chunk_free(a, c);
    }
    cut_from(a, m.next);
}

void arena_release(Arena *a) {
    arena_rewind(a, (ArenaMark){0});
}

// The chunk kept is the one in use, the largest of the ordinary ones.
void arena_reset(Arena *a) {
    ArenaChunk *keep = newest_cut(a);
    while (a->chunks) {
        ArenaChunk *c = a->chunks;
        a->chunks = c->older;
        if (c != keep) chunk_free(a, c);
    }
    if (!keep) return;
    keep->older = NULL;
    a->chunks = keep;
    cut_from(a, chunk_start(keep));
}
