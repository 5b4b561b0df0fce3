// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads take chunks of functions in order, and write tables of their own, in
// memory of their own. Then the pieces are joined in the order of the functions.
//
// A chunk is taken only after all before it were, and what was taken is
// finished. So when one fails, those before it are known to be good or have
// failed too, and the first failure is the module's.
#include "engine/validate.h"

#include "base/alloc.h"
#include "engine/parallel.h"
#include "os/thread.h"

enum {
    WORKERS_MAX = 64,
    // What is worth a thread: bytes of bodies, or functions.
    WORKER_SIZE = 64 * 1024,
    WORKER_FUNCS = 512,
};

// A thread's tables, and what it needs while it works.
typedef struct Worker {
    SideTables side;
    Arena arena, scratch;
} Worker;

// Where the tables of a chunk are.
typedef struct Piece {
    const Worker *worker;
    SideMark begin, end;
} Piece;

typedef struct Checking {
    const Module *m;
    uint32_t helpers;
    Mutex lock;        // all below
    uint32_t next;     // first function that nobody has taken
    Vec(Piece) pieces; // by chunk; room for all of them
    Worker workers[WORKERS_MAX];
    uint32_t worker_len;
    uint32_t failed_at; // chunk; UINT32_MAX: none
    Err err;            // of that one
    bool ran_out;       // it had no memory
} Checking;

// --- one thread ------------------------------------------------------------------------

static Worker *worker_begin(Checking *c) {
    mutex_lock(&c->lock);
    Worker *w =
        c->worker_len < WORKERS_MAX ? &c->workers[c->worker_len++] : NULL;
    mutex_unlock(&c->lock);
    if (!w) return NULL;
    arena_init(&w->arena, c->m->arena->limit);
    arena_init(&w->scratch, c->m->arena->limit);
    return w;
}

// The next chunk: its number, and its first function. False: there is none, or
// none is needed.
static bool take(Checking *c, uint32_t *chunk, uint32_t *first) {
    mutex_lock(&c->lock);
    bool ok = c->next < c->m->funcs.len && c->failed_at == UINT32_MAX;
    if (ok) {
        *chunk = c->pieces.len++;
        *first = c->next;
        c->next = valid_chunk_end(c->m, c->next);
    }
    mutex_unlock(&c->lock);
    return ok;
}

static void fail(Checking *c, uint32_t chunk, const Err *err, bool ran_out) {
    mutex_lock(&c->lock);
    if (chunk < c->failed_at) {
        c->failed_at = chunk;
        c->err = *err;
        c->ran_out = ran_out;
    }
    mutex_unlock(&c->lock);
}

static bool check_chunk(Checking *c, Worker *w, uint32_t chunk,
                        uint32_t first) {
    Err err = {.func = ERR_NOWHERE};
    volatile bool ok = false, ran_out = true;
    ArenaGuard guard, outer;
    if (ARENA_GUARD(&w->scratch, &guard)) {
        if (ARENA_GUARD(&w->arena, &outer)) {
            Piece *piece = &c->pieces.data[chunk];
            if (!w->side.ctl.data)
                valid_reserve(c->m, &w->side, &w->arena, c->helpers + 1);
            piece->worker = w;
            piece->begin = side_mark(&w->side);
            ok = valid_chunk(c->m, first, &w->side, &w->arena, &w->scratch,
                             &err);
            piece->end = side_mark(&w->side);
            ran_out = false;
        }
        arena_unguard(&w->arena, &outer);
    }
    arena_unguard(&w->scratch, &guard);
    if (!ok) fail(c, chunk, &err, ran_out);
    return ok;
}

static void check_chunks(void *env) {
    Checking *c = env;
    Worker *w = worker_begin(c);
    uint32_t chunk, first;
    while (w && take(c, &chunk, &first))
        if (!check_chunk(c, w, chunk, first)) break;
    if (w) arena_release(&w->scratch);
}

// --- all of them -----------------------------------------------------------------------

static void join(const Checking *c, SideTables *side) {
    valid_reserve(c->m, side, c->m->arena, 1);
    VEC_EACH (const Piece, p, &c->pieces)
        side_append(side, c->m->arena, &p->worker->side, &p->begin, &p->end);
}

// The pieces must go even if the module's arena has no room for them.
static bool join_guarded(const Checking *c, SideTables *side) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(c->m->arena, &guard)) {
        join(c, side);
        ok = true;
    }
    arena_unguard(c->m->arena, &guard);
    return ok;
}

static uint32_t count_chunks(const Module *m) {
    uint32_t chunks = 0;
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; chunks++)
        i = valid_chunk_end(m, i);
    return chunks;
}

static Checking *checking_new(const Module *m, uint32_t helpers) {
    Checking *c = MEM_NEW(Checking);
    if (!c) return NULL;
    c->m = m;
    c->helpers = helpers;
    c->next = m->imported[EXTERN_func];
    c->failed_at = UINT32_MAX;
    c->pieces.data = MEM_NEW_N(Piece, count_chunks(m));
    if (c->pieces.data) return c;
    mem_free(c);
    return NULL;
}

static void checking_free(Checking *c) {
    for (uint32_t i = 0; i < c->worker_len; i++)
        arena_release(&c->workers[i].arena);
    mutex_release(&c->lock);
    mem_free(c->pieces.data);
    mem_free(c);
}

typedef enum Outcome {
    OUTCOME_done, // *err says how
    OUTCOME_no_memory,
    OUTCOME_serial, // the calling thread is to do all of it
} Outcome;

static Outcome check_together(Engine *e, Checking *c, SideTables *side,
                              Err *err) {
    // What the others have then is lost.
    const Parallel work = {
        .run = check_chunks, .env = c, .helpers = c->helpers};
    if (!parallel_run(e, &work)) return OUTCOME_serial;
    Outcome outcome = OUTCOME_done;
    if (c->failed_at != UINT32_MAX ? c->ran_out : !join_guarded(c, side))
        outcome = OUTCOME_no_memory;
    else if (c->failed_at != UINT32_MAX)
        *err = c->err;
    checking_free(c);
    return outcome;
}

static uint32_t helpers_for(const RtModule *m) {
    uint64_t size = 0;
    VEC_EACH (const Body, body, &m->module.bodies)
        size += body->bytes.size;
    uint64_t pieces =
        MAX(size / WORKER_SIZE, m->module.bodies.len / WORKER_FUNCS);
    uint32_t helpers = parallel_helpers(m->engine, pieces);
    return MIN(helpers, (uint32_t)WORKERS_MAX - 1);
}

bool validate_module(RtModule *m, SideTables *side, Err *err) {
    uint32_t helpers = helpers_for(m);
    if (helpers == 0) return valid_all(&m->module, side, err);
    if (!valid_module(&m->module, err)) return false;
    Checking *c = checking_new(&m->module, helpers);
    Outcome outcome =
        c ? check_together(m->engine, c, side, err) : OUTCOME_serial;
    switch (outcome) {
    case OUTCOME_done:
        return err_ok(err);
    case OUTCOME_serial:
        return valid_all(&m->module, side, err);
    case OUTCOME_no_memory:
        break;
    }
    arena_fail(&m->arena);
}
