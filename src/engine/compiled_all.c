// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A whole module at once, by as many threads as the configuration gives to
// loading.
//
// Threads take groups of neighbours in order, compile them, and hand them in.
// A group gets its place in the text when all before it have theirs: whoever
// brings the one that is missing lays out those that were waiting for it too,
// and writes them. So code and files are the same for any number of threads.
//
// The loading thread works out meanwhile what instances begin with.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "engine/parallel.h"
#include "rt/image.h"

#include <string.h>

enum {
    GROUP_BODIES = 8 * 1024, // bytes of bodies that are taken at a time, and so
                             // what may be left to one thread at the end
    HELPER_BODIES = 32 * 1024, // that are worth a thread, or GROUP_FUNCS
};

typedef enum Mode {
    MODE_waiting, // the region is not ours yet: groups wait
    MODE_filling, // it was empty, and nobody else is in it
    MODE_sharing, // others place functions as well, in any order
} Mode;

typedef struct Batches {
    const CodeVariant *v;
    Mutex lock; // all below
    Mode mode;
    CodeFill fill;
    uint32_t next;              // first function that nobody has taken
    CodeGroup *waiting;         // handed in, until those before them are
    CodeGroup *spare;           // of which all but the memory is over
    uint32_t failed_at;         // first function of a group, or UINT32_MAX ...
    ErrId failure;              // ... and why
    char refusal[REFUSAL_SIZE]; // with E_code_refused
    bool is_full;
} Batches;

// The first group that fails is the one that is told of.
static void note_failure(Batches *b, uint32_t first, ErrId id) {
    if (first >= b->failed_at) return;
    b->failed_at = first;
    b->failure = id;
}

static void fail(Batches *b, uint32_t first, ErrId id) {
    mutex_lock(&b->lock);
    note_failure(b, first, id);
    mutex_unlock(&b->lock);
}

// --- taking --------------------------------------------------------------------------

static uint32_t group_end(const CodeVariant *v, uint32_t first) {
    const FuncInfo *funcs = v->module->side->funcs.data;
    uint32_t most = MIN(v->region->func_len - first, (uint32_t)GROUP_FUNCS);
    uint64_t size = 0;
    for (uint32_t i = first; i < first + most; i++) {
        size += funcs[i].code_size;
        if (size >= GROUP_BODIES) return i + 1;
    }
    return first + most;
}

// The next functions, and perhaps memory for them. False: there are none, or
// none are needed.
static bool take(Batches *b, CodePart *part, CodeGroup **spare) {
    mutex_lock(&b->lock);
    bool ok = b->next < b->v->region->func_len && !b->is_full &&
              b->failed_at == UINT32_MAX;
    if (ok) {
        uint32_t first = b->next;
        b->next = group_end(b->v, first);
        *part = (CodePart){.first = first, .len = b->next - first};
        *spare = b->spare;
        if (b->spare) b->spare = b->spare->next;
    }
    mutex_unlock(&b->lock);
    return ok;
}

// NULL: there is nothing left to do, or no memory.
static CodeGroup *next_group(Batches *b) {
    CodePart part;
    CodeGroup *g;
    if (!take(b, &part, &g)) return NULL;
    if (!g) g = code_group_new(b->v, &b->v->module->budget);
    if (!g) {
        fail(b, part.first, E_out_of_memory);
        return NULL;
    }
    g->part = part;
    g->part.funcs = g->funcs;
    g->done = 0;
    g->len = 0;
    g->refusal[0] = 0;
    for (uint32_t i = part.first; i < part.first + part.len; i++)
        if (!code_region_has(b->v->region, i)) g->indices[g->len++] = i;
    return g;
}

static void give_back(Batches *b, CodeGroup *g) {
    arena_reset(&g->arena);
    mutex_lock(&b->lock);
    g->next = b->spare;
    b->spare = g;
    mutex_unlock(&b->lock);
}

// --- handing in ----------------------------------------------------------------------

static void push(CodeGroup **list, CodeGroup *g) {
    g->next = *list;
    *list = g;
}

// Takes the group whose turn it is off those that wait; NULL: it is not there.
static CodeGroup *take_waiting(Batches *b) {
    for (CodeGroup **link = &b->waiting; *link; link = &(*link)->next) {
        CodeGroup *g = *link;
        bool is_next =
            b->mode == MODE_sharing ||
            (b->mode == MODE_filling && g->part.first == b->fill.placed_len);
        if (!is_next) continue;
        *link = g->next;
        return g;
    }
    return NULL;
}

// All whose turn it is, laid out if that is to be done, to be written.
static CodeGroup *lay_out(Batches *b) {
    CodeGroup *done = NULL, *g;
    mutex_lock(&b->lock);
    while ((g = take_waiting(b)) != NULL) {
        bool ok =
            b->mode == MODE_sharing || code_fill_lay_out(&b->fill, &g->part);
        push(ok ? &done : &b->spare, g);
        if (ok) continue;
        if (b->fill.is_full)
            b->is_full = true;
        else
            note_failure(b, g->part.first, E_out_of_memory);
        break;
    }
    mutex_unlock(&b->lock);
    return done;
}

static void write_group(Batches *b, CodeGroup *g) {
    if (b->mode == MODE_filling) {
        code_fill_write(&b->fill, &g->part);
        return;
    }
    CodeRegion *r = b->v->region;
    if (code_region_place(r, g->funcs, g->indices, g->done)) return;
    bool is_full = code_region_is_full(r);
    mutex_lock(&b->lock);
    b->is_full |= is_full;
    if (!is_full) note_failure(b, g->part.first, E_out_of_memory);
    mutex_unlock(&b->lock);
}

static void write_groups(Batches *b) {
    for (CodeGroup *g = lay_out(b), *next; g; g = next) {
        next = g->next;
        write_group(b, g);
        give_back(b, g);
    }
}

static void hand_in(Batches *b, CodeGroup *g) {
    mutex_lock(&b->lock);
    push(&b->waiting, g);
    mutex_unlock(&b->lock);
    write_groups(b);
}

static void fail_group(Batches *b, const CodeGroup *g) {
    uint32_t first = g->part.first;
    if (!g->refusal[0]) {
        fail(b, first,
             g->arena.over_limit ? E_compile_memory : E_out_of_memory);
        return;
    }
    mutex_lock(&b->lock);
    if (first < b->failed_at) memcpy(b->refusal, g->refusal, sizeof b->refusal);
    note_failure(b, first, E_code_refused);
    mutex_unlock(&b->lock);
}

static void compile_groups(void *env) {
    Batches *b = env;
    for (CodeGroup *g; (g = next_group(b)) != NULL;) {
        if (code_group_compile(g)) {
            hand_in(b, g);
            continue;
        }
        fail_group(b, g);
        give_back(b, g);
    }
}

// --- all of them ---------------------------------------------------------------------

// Nobody else uses the module's arena meanwhile. Running out of memory is told
// by who loads the module, and tries again.
static void make_image(const Batches *b) {
    Err err = {0};
    bool ok = module_image_ready(b->v->module, &err);
    (void)ok;
}

// From here on nobody else changes the region, if it is empty; then no function
// of a group was left out.
static void begin(void *env) {
    Batches *b = env;
    CodeFill fill = {0};
    bool fills = code_fill_begin(&fill, b->v->region);
    mutex_lock(&b->lock);
    b->fill = fill;
    b->mode = fills ? MODE_filling : MODE_sharing;
    mutex_unlock(&b->lock);
    make_image(b);
    write_groups(b);
}

static void free_groups(CodeGroup *g) {
    for (CodeGroup *next; g; g = next) {
        next = g->next;
        code_group_free(g);
    }
}

static bool end(Batches *b, Err *err) {
    bool ok = b->failed_at == UINT32_MAX;
    if (b->mode == MODE_filling && !code_fill_end(&b->fill, ok) && ok)
        note_failure(b, 0, E_out_of_memory);
    free_groups(b->waiting);
    free_groups(b->spare);
    mutex_release(&b->lock);
    if (b->failure == E_code_refused)
        return err_at(err, ERR_NOWHERE, E_code_refused, b->refusal);
    if (b->failed_at != UINT32_MAX) return err_at(err, ERR_NOWHERE, b->failure);
    compiled_describe(b->v);
    return true;
}

bool compiled_is_complete(const CodeVariant *v) {
    return atomic_load(&v->region->placed_len) == v->region->func_len;
}

static bool compile_all(const CodeVariant *v, uint32_t helpers, Err *err) {
    Batches b = {.v = v, .failed_at = UINT32_MAX};
    const Parallel work = {
        .run = compile_groups, .begin = begin, .env = &b, .helpers = helpers};
    if (!parallel_run(v->module->engine, &work)) {
        // The child of a fork: what others have is lost, and nothing has begun.
        arena_budget_reset(&v->module->arena);
        return compile_all(v, 0, err);
    }
    if (end(&b, err)) return true;
    // Several need more memory at a time than one: what there is may be enough
    // for that.
    bool is_memory = err->id == E_compile_memory || err->id == E_out_of_memory;
    if (helpers == 0 || !is_memory) return false;
    err_clear(err);
    return compile_all(v, 0, err);
}

bool compiled_compile_all(const CodeVariant *v, Err *err) {
    if (compiled_is_complete(v)) return true;
    uint64_t pieces = MAX(v->module->side->code_size / HELPER_BODIES,
                          v->region->func_len / GROUP_FUNCS);
    return compile_all(v, parallel_helpers(v->module->engine, pieces), err);
}
