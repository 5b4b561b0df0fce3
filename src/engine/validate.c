// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads take chunks of functions in order, and write tables of their own for
// each. A chunk's tables get their place in the module's when all before it have
// theirs: whoever brings the one that is missing places those that were waiting
// for it too, and writes them.
//
// A chunk is taken only after all before it were, and what was taken is
// finished. So when one fails, those before it are known to be good or have
// failed too, and the first failure is the module's.
//
// All that the threads need counts to the module's limit. Where that, or the
// host's memory, is not enough for all of them, one thread begins again alone:
// what can be loaded does not depend on how many there are.
#include "engine/validate.h"

#include "base/alloc.h"
#include "engine/parallel.h"
#include "os/thread.h"

enum {
    // What is worth a thread: bytes of bodies, or functions.
    WORKER_SIZE = 64 * 1024,
    WORKER_FUNCS = 512,
};

// A chunk on its way into the module's tables.
typedef struct Piece {
    SideTables side; // of its functions alone, ...
    Arena arena;     // ... in here
    uint32_t nth, first;
    SideMark at; // its place
    struct Piece *next;
} Piece;

typedef struct Checking {
    const Module *m;
    SideTables *side;
    Mutex lock;         // all below, and the lengths of the tables
    uint32_t next;      // first function that nobody has taken
    uint32_t taken_len; // chunks
    uint32_t placed_len;
    Piece *waiting;
    Piece *spare;
    bool is_full;       // the tables have no room: the others wait for the end
    uint32_t failed_at; // chunk; UINT32_MAX: none
    Err err;            // of that one
    bool ran_out;       // it had no memory
} Checking;

static void fail(Checking *c, uint32_t chunk, const Err *err, bool ran_out) {
    mutex_lock(&c->lock);
    if (chunk < c->failed_at) {
        c->failed_at = chunk;
        c->err = *err;
        c->ran_out = ran_out;
    }
    mutex_unlock(&c->lock);
}

// --- taking --------------------------------------------------------------------------

static Piece *piece_new(const Checking *c) {
    Piece *p = MEM_NEW(Piece);
    if (p) arena_init_beside(&p->arena, c->m->arena);
    return p;
}

static void push(Piece **list, Piece *p) {
    p->next = *list;
    *list = p;
}

static void give_back(Checking *c, Piece *p) {
    arena_reset(&p->arena);
    mutex_lock(&c->lock);
    push(&c->spare, p);
    mutex_unlock(&c->lock);
}

// The next chunk, and perhaps a piece for it. False: there is none, or none is
// needed.
static bool take(Checking *c, uint32_t *nth, uint32_t *first, Piece **spare) {
    mutex_lock(&c->lock);
    bool ok = c->next < c->m->funcs.len && c->failed_at == UINT32_MAX;
    if (ok) {
        *nth = c->taken_len++;
        *first = c->next;
        c->next = valid_chunk_end(c->m, c->next);
        *spare = c->spare;
        if (c->spare) c->spare = c->spare->next;
    }
    mutex_unlock(&c->lock);
    return ok;
}

// NULL: there is nothing left to do, or no memory.
static Piece *next_piece(Checking *c) {
    uint32_t nth, first;
    Piece *p;
    if (!take(c, &nth, &first, &p)) return NULL;
    if (!p) p = piece_new(c);
    if (!p) {
        fail(c, nth, &(Err){0}, true);
        return NULL;
    }
    p->side = (SideTables){0};
    p->nth = nth;
    p->first = first;
    return p;
}

static bool check_piece(Checking *c, Piece *p, Arena *scratch) {
    Err err = {.func = ERR_NOWHERE};
    volatile bool ok = false, ran_out = true;
    ArenaGuard guard, outer;
    if (ARENA_GUARD(scratch, &guard)) {
        if (ARENA_GUARD(&p->arena, &outer)) {
            ok =
                valid_chunk(c->m, p->first, &p->side, &p->arena, scratch, &err);
            ran_out = false;
        }
        arena_unguard(&p->arena, &outer);
    }
    arena_unguard(scratch, &guard);
    if (!ok) fail(c, p->nth, &err, ran_out);
    return ok;
}

// --- handing in ----------------------------------------------------------------------

// Takes the piece whose turn it is off those that wait; NULL: it is not there.
static Piece *take_waiting(Checking *c) {
    for (Piece **link = &c->waiting; *link; link = &(*link)->next) {
        Piece *p = *link;
        if (p->nth != c->placed_len) continue;
        *link = p->next;
        return p;
    }
    return NULL;
}

// All whose turn it is, in their places, to be written.
static Piece *place(Checking *c) {
    Piece *done = NULL, *p;
    mutex_lock(&c->lock);
    while (!c->is_full && (p = take_waiting(c)) != NULL) {
        c->is_full = !side_has_room(c->side, &p->side);
        push(c->is_full ? &c->waiting : &done, p);
        if (c->is_full) break;
        p->at = side_place(c->side, &p->side);
        c->placed_len++;
    }
    mutex_unlock(&c->lock);
    return done;
}

static void hand_in(Checking *c, Piece *p) {
    mutex_lock(&c->lock);
    push(&c->waiting, p);
    mutex_unlock(&c->lock);
    for (Piece *done = place(c), *next; done; done = next) {
        next = done->next;
        side_write(c->side, &done->at, &done->side);
        give_back(c, done);
    }
}

static void check_chunks(void *env) {
    Checking *c = env;
    Arena scratch;
    arena_init_beside(&scratch, c->m->arena);
    for (Piece *p; (p = next_piece(c)) != NULL;) {
        if (check_piece(c, p, &scratch))
            hand_in(c, p);
        else
            give_back(c, p);
    }
    arena_release(&scratch);
}

// --- all of them ---------------------------------------------------------------------

// Nobody writes any more, so tables may move. False: no memory.
static bool join_rest(Checking *c) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(c->m->arena, &guard)) {
        for (Piece *p; (p = take_waiting(c)) != NULL; c->placed_len++) {
            push(&c->spare, p); // it must go whatever happens
            side_make_room(c->side, c->m->arena, &p->side);
            p->at = side_place(c->side, &p->side);
            side_write(c->side, &p->at, &p->side);
        }
        ok = true;
    }
    arena_unguard(c->m->arena, &guard);
    return ok;
}

static void free_pieces(Piece *p) {
    for (Piece *next; p; p = next) {
        next = p->next;
        arena_release(&p->arena);
        mem_free(p);
    }
}

// False: one thread is to do all of it; nothing is known yet.
static bool check_together(const RtModule *m, uint32_t helpers,
                           SideTables *side, Err *err) {
    Checking c = {
        .m = &m->module,
        .side = side,
        .next = m->module.imported[EXTERN_func],
        .failed_at = UINT32_MAX,
    };
    const Parallel work = {.run = check_chunks, .env = &c, .helpers = helpers};
    // What the others have then is lost.
    if (!parallel_run(m->engine, &work)) return false;
    bool failed = c.failed_at != UINT32_MAX;
    bool ok = failed ? !c.ran_out : join_rest(&c);
    if (failed) *err = c.err;
    free_pieces(c.waiting);
    free_pieces(c.spare);
    mutex_release(&c.lock);
    return ok;
}

static uint32_t helpers_for(const RtModule *m) {
    uint64_t size = 0;
    VEC_EACH (const Body, body, &m->module.bodies)
        size += body->bytes.size;
    uint64_t pieces =
        MAX(size / WORKER_SIZE, m->module.bodies.len / WORKER_FUNCS);
    return parallel_helpers(m->engine, pieces);
}

bool validate_module(RtModule *m, SideTables *side, Err *err) {
    uint32_t helpers = helpers_for(m);
    if (helpers == 0) return valid_all(&m->module, side, err);
    if (!valid_module(&m->module, err)) return false;
    ArenaMark before = arena_mark(&m->arena);
    valid_reserve(&m->module, side, &m->arena);
    if (check_together(m, helpers, side, err)) return err_ok(err);
    arena_rewind(&m->arena, before);
    arena_budget_reset(&m->arena);
    *side = (SideTables){0};
    err_clear(err);
    return valid_all(&m->module, side, err);
}
