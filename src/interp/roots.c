// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The references in frames, interpreted and compiled by baseline alike. Slots
// carry no tags: the typer says what was in them, in one pass over each function
// that is on the stack.
//
//   1. the stopped instructions, each once, sorted: their addresses lie in one
//      copy of each module's bytes, so functions are together and pcs ascend
//   2. for each, the list of slots that hold references, from the typer
//   3. over the frames again, visiting those slots
//
// Everything that needs memory is in 1 and 2, before anything is visited.
#include "interp/roots.h"

#include "base/map.h"
#include "base/vec.h"
#include "rt/frames.h"
#include "valid/valid.h"

// A place where a frame is stopped.
typedef struct Site {
    Frame frame;                 // any one that is stopped here
    uint32_t slots_at, slot_len; // in Roots.slots
} Site;

typedef struct Roots {
    Arena arena;
    Map by_pc; // 2 * pc + after_operands -> index of the site
    Vec(Site) sites;
    Vec(uint32_t) slots;
    Vec(ValType) types; // in debug builds: what those may refer to
    // While one function is being typed:
    const Module *module;
    const uint8_t *code;
    uint32_t site_at, site_end;
} Roots;

static const FuncInfo *info_of(const Frame *f) {
    const RtModule *m = f->instance->module;
    return &m->side->funcs.data[f->func - m->module.imported[EXTERN_func]];
}

// At a call the arguments are the callee's (vmabi/frame.h).
static uint64_t site_key(const Frame *f) {
    return (uint64_t)(uintptr_t)f->pc << 1 | f->is_at_call;
}

// --- 1 -----------------------------------------------------------------------------

static void add_site(Roots *r, const Frame *f) {
    if (!(info_of(f)->flags & FUNC_has_refs)) return;
    uint64_t key = site_key(f);
    if (map_get(&r->by_pc, key) != MAP_NONE) return;
    if (!map_set(&r->by_pc, key, r->sites.len)) arena_fail(&r->arena);
    VEC_PUSH(&r->arena, &r->sites, ((Site){.frame = *f}));
}

static bool site_before(const Site *a, const Site *b) {
    if (a->frame.is_at_call != b->frame.is_at_call)
        return a->frame.is_at_call < b->frame.is_at_call;
    return (uintptr_t)a->frame.pc < (uintptr_t)b->frame.pc;
}

static void sift(Site *s, uint32_t at, uint32_t len) {
    Site moved = s[at];
    for (uint32_t child; (child = 2 * at + 1) < len; at = child) {
        if (child + 1 < len && site_before(&s[child], &s[child + 1])) child++;
        if (!site_before(&moved, &s[child])) break;
        s[at] = s[child];
    }
    s[at] = moved;
}

static void sort_sites(Roots *r) {
    Site *s = r->sites.data;
    uint32_t len = r->sites.len;
    for (uint32_t i = len / 2; i-- > 0;)
        sift(s, i, len);
    for (uint32_t end = len; end-- > 1;) {
        Site last = s[end];
        s[end] = s[0];
        s[0] = last;
        sift(s, 0, end);
    }
    for (uint32_t i = 0; i < len; i++)
        if (!map_set(&r->by_pc, site_key(&s[i].frame), i))
            arena_fail(&r->arena);
}

// --- 2 -----------------------------------------------------------------------------

static bool is_traced(const Module *m, ValType t) {
    return vt_is_ref(t) && type_top(m, t) != HEAP_func;
}

static void found(void *env, uint32_t pc, const ValType *slots, uint32_t len) {
    Roots *r = env;
    Site *s = &r->sites.data[r->site_at++];
    CHECK(s->frame.pc == r->code + pc);
    s->slots_at = r->slots.len;
    for (uint32_t i = 0; i < len; i++)
        if (is_traced(r->module, slots[i])) {
            VEC_PUSH(&r->arena, &r->slots, i);
            if (DEBUG_BUILD) VEC_PUSH(&r->arena, &r->types, slots[i]);
        }
    s->slot_len = r->slots.len - s->slots_at;
}

// The sites of one function, all of one kind, from r->site_at.
static void type_function(Roots *r) {
    const Site *first = &r->sites.data[r->site_at];
    const Frame *f = &first->frame;
    const RtModule *m = f->instance->module;
    const FuncInfo *info = info_of(f);
    r->module = &m->module;
    r->code = m->bytes + info->code_at;
    uint32_t end = r->site_at;
    while (end < r->sites.len && info_of(&r->sites.data[end].frame) == info &&
           r->sites.data[end].frame.is_at_call == f->is_at_call)
        end++;
    uint32_t len = end - r->site_at;
    uint32_t *pcs = NEW_N(&r->arena, uint32_t, len);
    for (uint32_t i = 0; i < len; i++)
        pcs[i] = (uint32_t)(first[i].frame.pc - r->code);
    StackMapQuery query = {
        .pcs = pcs,
        .pc_len = len,
        .after_operands = f->is_at_call,
        .found = found,
        .env = r,
    };
    valid_stack_maps(r->module, f->func, info, &query, &r->arena);
    CHECK(r->site_at == end);
}

static void collect(Roots *r, const Store *store) {
    FrameCursor cursor;
    frames_begin_all(&cursor, store);
    for (Frame f; frames_next(&cursor, &f);)
        add_site(r, &f);
    sort_sites(r);
    while (r->site_at < r->sites.len)
        type_function(r);
}

// --- 3 -----------------------------------------------------------------------------

static Slot *frame_slot(const Frame *frame, uint32_t slot) {
    if (!frame->header)
        return (Slot *)(void *)(frame->fp + machine_slot(frame->is_wide, slot));
    const FrameHeader *f = frame->header;
    size_t size = f->info->flags & FUNC_has_v128 ? 2 : 1;
    uint32_t locals = f->info->local_len;
    if (slot < locals) return f->locals + slot * size;
    // The operands follow the header, which follows the locals.
    Slot *operands = f->locals + locals * size + sizeof *f / sizeof(Slot);
    return operands + (slot - locals) * size;
}

// Is what was found there of a type that validation lets be there? The collector
// has looked that it is an object; a local without a value yet is null.
static bool is_plausible(const Frame *f, GcRef ref, ValType t) {
    Store *s = store_of(f->instance->context.store);
    RtValType want = rt_val_type(t, f->instance->module->types);
    return ref == 0 || store_ref_matches(s, (Raw){.ref = ref}, want);
}

static void visit_frame(const Roots *r, const Frame *f, GcHeap *heap,
                        GcVisit visit) {
    uint32_t index = map_get(&r->by_pc, site_key(f));
    if (index == MAP_NONE) return;
    const Site *s = &r->sites.data[index];
    for (uint32_t i = s->slots_at; i < s->slots_at + s->slot_len; i++) {
        GcRef *ref = &frame_slot(f, r->slots.data[i])->ref;
        visit(heap, ref);
        if (DEBUG_BUILD) CHECK(is_plausible(f, *ref, r->types.data[i]));
    }
}

static void visit_all(const Roots *r, const Store *store, GcHeap *heap,
                      GcVisit visit) {
    FrameCursor cursor;
    frames_begin_all(&cursor, store);
    for (Frame f; frames_next(&cursor, &f);)
        visit_frame(r, &f, heap, visit);
}

static bool collect_guarded(Roots *r, const Store *store) {
    ArenaGuard guard;
    bool done = ARENA_GUARD(&r->arena, &guard);
    if (done) collect(r, store);
    arena_unguard(&r->arena, &guard);
    return done;
}

bool interp_roots(Store *store, GcHeap *heap, GcVisit visit) {
    if (!store->context.activation && !store->computations) return true;
    Roots r = {0};
    arena_init(&r.arena, 0);
    r.by_pc.arena = &r.arena;
    bool ok = collect_guarded(&r, store);
    if (ok) visit_all(&r, store, heap, visit);
    arena_release(&r.arena);
    return ok;
}
