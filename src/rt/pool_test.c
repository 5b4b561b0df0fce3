// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/pool.h"

#include "base/bits.h"
#include "os/thread.h"
#include "rt/rt_test.h"

#include <unistd.h>

static size_t page(void) {
    return vm_page_size();
}

static bool all_are(const uint8_t *p, uint64_t size, uint8_t byte) {
    for (uint64_t i = 0; i < size; i++)
        if (p[i] != byte) return false;
    return true;
}

static void fill_image(void *env, uint8_t *bytes) {
    memset(bytes, *(const uint8_t *)env, 2 * page());
}

// Two pages of one byte, at the second page of a slot.
static bool image_init(PoolImage *image, uint8_t byte) {
    *image = (PoolImage){.at = page(), .size = 2 * page()};
    return EXPECT(vm_image_init(&image->vm, image->size, fill_image, &byte));
}

static void image_release(SlotPool *p, PoolImage *image) {
    pool_forget(p, image);
    vm_image_release(&image->vm);
}

// --- reset -------------------------------------------------------------------------

// Whatever the user before did, and whoever it was, the next one finds its
// image between zeros, and as much of it accessible as it asked for.
static void nothing_is_left_behind(void) {
    enum {
        NONE,
        A,
        B
    };
    static const struct {
        const char *name;
        int before, after;
        uint64_t pages_before, grown, pages_after;
        uint64_t resident; // pages
    } cases[] = {
        {"the same without an image", NONE, NONE, 4, 0, 4, 0},
        {"the same image", A, A, 4, 0, 4, 0},
        {"an image after none", NONE, A, 4, 0, 4, 0},
        {"none after an image", A, NONE, 4, 0, 4, 0},
        {"another image", A, B, 4, 0, 4, 0},
        {"grown", NONE, NONE, 4, 4, 4, 0},
        {"grown, with an image", A, A, 4, 4, 4, 0},
        {"grown, and another image", A, B, 3, 4, 5, 0},
        {"smaller", NONE, NONE, 6, 0, 2, 0},
        {"larger", NONE, NONE, 2, 0, 6, 0},
        {"one page kept", NONE, NONE, 4, 0, 4, 1},
        {"all kept", NONE, NONE, 4, 0, 4, 100},
        {"kept, an image", A, A, 4, 0, 4, 100},
        {"kept, none after an image", A, NONE, 4, 0, 4, 100},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        SlotPool p = {.idle_max = 1,
                      .keep_resident = cases[i].resident * page()};
        PoolImage images[3] = {0};
        if (!image_init(&images[A], 0xaa) || !image_init(&images[B], 0xbb))
            return;
        PoolImage *image = &images[cases[i].before];
        uint64_t extent = 64 * page() * page(); // more than a small one
        PoolSlot *slot =
            pool_take(&p, extent, cases[i].pages_before * page(), image);
        if (!EXPECT(slot)) return;
        uint64_t grown = cases[i].pages_before + cases[i].grown;
        EXPECT(pool_resize(slot, grown * page()));
        memset(slot->base, 0x77, grown * page());
        pool_give(&p, slot);
        EXPECT_EQ(p.idle_len, 1);

        image = &images[cases[i].after];
        uint64_t size = cases[i].pages_after * page();
        PoolSlot *next = pool_take(&p, extent, size, image);
        bool ok = EXPECT(next == slot) && EXPECT_EQ(next->accessible, size) &&
                  EXPECT(next->image == (image->size ? image : NULL)) &&
                  EXPECT(all_are(next->base, page(), 0));
        uint64_t after = image->size ? 3 * page() : page();
        if (ok && image->size)
            ok = EXPECT(all_are(next->base + page(), 2 * page(),
                                cases[i].after == A ? 0xaa : 0xbb));
        ok &= EXPECT(all_are(next->base + after, size - after, 0));
        if (!ok) fprintf(stderr, "in case '%s'\n", cases[i].name);
        pool_give(&p, next);
        image_release(&p, &images[A]);
        image_release(&p, &images[B]);
        pool_release(&p);
    }
}

// The host refuses to reset a range with a hole. Nobody gets that slot again.
static void what_cannot_be_reset_goes(void) {
    SlotPool p = {.idle_max = 4};
    uint64_t extent = (uint64_t)1 << 20;
    PoolSlot *slot = pool_take(&p, extent, 4 * page(), NULL);
    if (!EXPECT(slot)) return;
    vm_release(slot->base + page(), page());
    pool_give(&p, slot);
    EXPECT_EQ(p.idle_len, 0);

    PoolSlot *a = pool_take_small(&p, 4 * page());
    PoolSlot *b = pool_take_small(&p, 4 * page());
    if (!EXPECT(a && b && a->chunk == b->chunk)) return;
    vm_release(a->base + page(), page());
    pool_give(&p, a);
    PoolSlot *next = pool_take_small(&p, 4 * page());
    EXPECT(next != a);
    pool_give(&p, next);
    pool_give(&p, b);
    pool_release(&p);
}

// --- stacks and heaps --------------------------------------------------------------

// As the host sees it, who reads it for us.
static bool is_accessible(uint8_t *at) {
    int ends[2];
    if (!EXPECT(pipe(ends) == 0)) return false;
    bool ok = write(ends[1], at, 1) == 1 && read(ends[0], at, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return ok;
}

static void stacks_are_reset(void) {
    SlotPool p = {.idle_max = 2, .keep_resident = 2 * page()};
    uint64_t extent = 9 * page();
    PoolSlot *first = pool_take_stack(&p, extent);
    for (int i = 0; i < 3; i++) {
        PoolSlot *slot = i ? pool_take_stack(&p, extent) : first;
        if (!EXPECT(slot == first)) return;
        EXPECT(!is_accessible(slot->base + page() - 1));
        EXPECT(is_accessible(slot->base + page()));
        EXPECT(all_are(slot->base + page(), extent - page(), 0));
        memset(slot->base + page(), 0x77, extent - page());
        pool_give(&p, slot);
    }
    vm_release(first->base + 4 * page(), page()); // cannot be reset any more
    EXPECT(pool_take_stack(&p, extent) == first);
    pool_give(&p, first);
    EXPECT_EQ(p.idle_len, 0);
    pool_release(&p);
}

static void heaps_are_reset(void) {
    SlotPool p = {.idle_max = 2, .keep_resident = 2 * page()};
    uint64_t extent = 9 * page();
    PoolSlot *first = pool_take_heap(&p, extent);
    for (uint64_t i = 0; i < 8; i++) {
        PoolSlot *slot = i ? pool_take_heap(&p, extent) : first;
        if (!EXPECT(slot == first)) return;
        for (uint64_t k = 0; k < extent / page(); k++)
            EXPECT(!is_accessible(slot->base + k * page()));
        uint8_t *mine = slot->base + i * page();
        EXPECT(vm_protect(mine, 2 * page(), VM_read_write));
        EXPECT(all_are(mine, 2 * page(), 0));
        memset(mine, 0x77, 2 * page());
        pool_give(&p, slot);
    }
    pool_release(&p);
}

// Slots stay what they were made for, however well they would fit.
static void kinds_do_not_mix(void) {
    SlotPool p = {.idle_max = 8};
    uint64_t extent = (uint64_t)1 << 20;
    PoolSlot *data = pool_take(&p, extent, extent, NULL);
    PoolSlot *stack = pool_take_stack(&p, extent);
    PoolSlot *heap = pool_take_heap(&p, extent);
    for (int i = 0; i < 3; i++) {
        pool_give(&p, i % 2 ? data : heap);
        pool_give(&p, stack);
        pool_give(&p, i % 2 ? heap : data);
        EXPECT_EQ(p.idle_len, 3);
        EXPECT(pool_take_stack(&p, extent) == stack);
        EXPECT(pool_take_heap(&p, extent) == heap);
        EXPECT(pool_take(&p, extent, page(), NULL) == data);
        EXPECT(is_accessible(data->base));
        EXPECT(!is_accessible(data->base + page()));
    }
    pool_give(&p, data);
    pool_give(&p, stack);
    pool_give(&p, heap);
    EXPECT(!pool_take_stack(&p, (uint64_t)1 << 62));
    EXPECT_EQ(p.idle_len, 0); // given up for this
    EXPECT(!pool_take_heap(&p, (uint64_t)1 << 62));
    pool_release(&p);
}

// What a store had is there for the next one, as new.
static void stores_share_stacks_and_heaps(void) {
    EngineConfig config = rig_config();
    config.pool_max[POOL_heaps] = 1;
    Rig r;
    rig_init_with(&r, &config);
    const void *stack = NULL, *heap = NULL;
    for (int i = 0; i < 3; i++) {
        Store *s = store_new(r.engine);
        ValueStack *v = store_value_stack(s);
        if (!EXPECT(v && store_heap(s))) return;
        EXPECT(i == 0 || (v->base == stack && s->context.gc_base == heap));
        EXPECT(all_are((const uint8_t *)v->base, 64, 0) && v->top == v->base);
        memset(v->base, 0x77, (size_t)(v->end - v->base));
        bool ok;
        GcRef ref = store_extern_new(s, &r, NULL);
        EXPECT(ref && store_extern_get(s, ref, &ok) == &r && ok);
        stack = v->base;
        heap = s->context.gc_base;
        EXPECT(!store_heap(r.store)); // one at a time
        store_unref(s);
    }
    rig_release(&r);
}

// --- which slot --------------------------------------------------------------------

static void slots_prefer_their_image(void) {
    SlotPool p = {.idle_max = 8};
    PoolImage a, b;
    if (!image_init(&a, 1) || !image_init(&b, 2)) return;
    uint64_t extent = (uint64_t)1 << 20, size = 4 * page();
    PoolSlot *of_a = pool_take(&p, extent, size, &a);
    PoolSlot *of_b = pool_take(&p, extent, size, &b);
    PoolSlot *plain = pool_take(&p, extent, size, NULL);
    PoolSlot *other = pool_take(&p, 2 * extent, size, NULL);
    pool_give(&p, of_a);
    pool_give(&p, of_b);
    pool_give(&p, other);
    pool_give(&p, plain);
    EXPECT(pool_take(&p, extent, size, &a) == of_a);
    EXPECT(pool_take(&p, extent, size, &b) == of_b);
    EXPECT(pool_take(&p, extent, size, NULL) == plain);
    EXPECT(pool_take(&p, 2 * extent, size, NULL) == other);
    EXPECT_EQ(p.idle_len, 0);
    pool_give(&p, of_a);
    pool_give(&p, of_b);
    pool_give(&p, other);
    pool_give(&p, plain);
    image_release(&p, &a); // its idle slot goes with it
    EXPECT_EQ(p.idle_len, 3);
    image_release(&p, &b);
    EXPECT_EQ(p.idle_len, 2);
    pool_release(&p);
}

static void the_oldest_goes_first(void) {
    SlotPool p = {.idle_max = 2};
    uint64_t extent = (uint64_t)1 << 20;
    PoolSlot *slots[4];
    for (int i = 0; i < 4; i++)
        slots[i] = pool_take(&p, extent, page(), NULL);
    for (int i = 0; i < 4; i++)
        pool_give(&p, slots[i]);
    EXPECT_EQ(p.idle_len, 2);
    EXPECT(p.oldest == slots[2] && p.newest == slots[3]);
    pool_flush(&p);
    EXPECT_EQ(p.idle_len, 0);
    p.idle_max = 0; // nothing is kept
    pool_give(&p, pool_take(&p, extent, page(), NULL));
    EXPECT_EQ(p.idle_len, 0);
    pool_release(&p);
}

static void impossible_space(void) {
    SlotPool p = {.idle_max = 2};
    pool_give(&p, pool_take(&p, (uint64_t)1 << 20, page(), NULL));
    EXPECT(!pool_take(&p, (uint64_t)1 << 62, page(), NULL));
    EXPECT_EQ(p.idle_len, 0); // it was given up for this
    pool_release(&p);
}

// --- chunks ------------------------------------------------------------------------

static void small_slots_share_mappings(void) {
    enum {
        MANY = 3000
    };
    SlotPool p = {.idle_max = 2};
    PoolSlot **slots = MEM_NEW_N(PoolSlot *, MANY);
    uint64_t size = (uint64_t)64 * 1024;
    uint32_t chunks = 0;
    for (int i = 0; i < MANY; i++) {
        slots[i] = pool_take_small(&p, size);
        if (!EXPECT(slots[i])) return;
        EXPECT(all_are(slots[i]->base, 64, 0));
        memset(slots[i]->base, i, 64);
        slots[i]->base[size - 1] = (uint8_t)i;
        chunks += i == 0 || slots[i]->chunk != slots[i - 1]->chunk;
    }
    EXPECT(chunks < 20);
    for (int i = 0; i < MANY; i++)
        EXPECT(all_are(slots[i]->base, 64, (uint8_t)i));
    pool_give(&p, slots[7]);
    PoolSlot *again = pool_take_small(&p, size - page());
    EXPECT(again == slots[7] && all_are(again->base, size, 0));
    for (int i = 0; i < MANY; i++)
        pool_give(&p, slots[i]);
    pool_release(&p); // asserts that all of it is back
    mem_free(slots);
}

// --- memories and tables -----------------------------------------------------------

// Of 40 KiB, at the end of the first of two pages.
static RtModule *module_with_data(Rig *r, uint8_t byte) {
    enum {
        SIZE = 40 * 1024
    };
    RtModule *m = mod_new(r);
    mod_memory(m, rig_memory_type(2, UINT64_MAX));
    uint8_t *data = NEW_N(&m->arena, uint8_t, SIZE);
    memset(data, byte, SIZE);
    mod_data(m, EXPR(0x41, 0x80, 0xc0, 1), (Bytes){data, SIZE, 0}); // 24,576
    return mod_done(m);
}

static void instances_see_nothing_of_others(void) {
    static const struct {
        bool no_images, is_tiny_reservation;
    } cases[] = {{false, false}, {true, false}, {false, true}, {true, true}};
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        EngineConfig config = rig_config();
        config.no_images = cases[i].no_images;
        if (cases[i].is_tiny_reservation) config.memory_reservation = 0;
        Rig r;
        rig_init_with(&r, &config);
        RtModule *modules[] = {module_with_data(&r, 1),
                               module_with_data(&r, 2)};
        for (int round = 0; round < 12; round++) {
            RtModule *m = modules[round % 3 == 0];
            uint8_t byte = round % 3 == 0 ? 2 : 1;
            Store *s = store_new(r.engine);
            Instance *inst;
            EXPECT_EQ(instance_new(s, m, NULL, 0, &inst, &r.err), STATUS_ok);
            Memory *memory = inst->context.memories[0];
            uint64_t begin = 24576, end = begin + 40 * 1024;
            EXPECT(all_are(memory->base, begin, 0));
            EXPECT(all_are(memory->base + begin, end - begin, byte));
            EXPECT(all_are(memory->base + end, memory->size - end, 0));
            EXPECT_EQ(memory_grow(memory, 3), 2);
            EXPECT(all_are(memory->base + begin, end - begin, byte));
            EXPECT(all_are(memory->base + end, memory->size - end, 0));
            memset(memory->base, 0x55, memory->size);
            store_unref(s);
        }
        rt_module_unref(modules[0]);
        rt_module_unref(modules[1]);
        rig_release(&r);
    }
}

// A table that is large enough to be mapped.
static void tables_see_nothing_of_others(void) {
    enum {
        LEN = 6000
    };
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_table(m, LEN + 10, VT_FUNCREF);
    uint32_t *funcs = NEW_N(&m->arena, uint32_t, LEN); // all 0
    ElemDecl decl = {
        .mode = SEGMENT_active,
        .type = VT_FUNCREF,
        .offset = mod_bytes(m, EXPR(I32_CONST(5))),
        .len = LEN,
        .funcs = funcs,
    };
    VEC_PUSH(&m->arena, &m->module.elems, decl);
    mod_done(m);
    for (int round = 0; round < 4; round++) {
        Store *s = store_new(r.engine);
        uint64_t charged = s->host_bytes;
        Instance *inst;
        EXPECT_EQ(instance_new(s, m, NULL, 0, &inst, &r.err), STATUS_ok);
        Table *t = inst->context.tables[0];
        EXPECT(t->slot && t->slot->image);
        EXPECT_EQ(s->host_bytes - charged, t->size * 8);
        for (uint64_t i = 0; i < t->size; i++) {
            bool is_func = i >= 5 && i < LEN + 5;
            if (!EXPECT_EQ(t->funcs[i], is_func)) break; // index 0, lazy
        }
        Raw value;
        EXPECT(table_get(t, 5, &value) && value.func);
        EXPECT_EQ(table_fill(t, 0, value, t->size), TRAP_none);
        if (round % 2) EXPECT_EQ(table_grow(t, 1, value), LEN + 10);
        EXPECT(table_get(t, LEN + 9, &value) && value.func);
        store_unref(s);
    }
    rt_module_unref(m);
    rig_release(&r);
}

// --- threads -----------------------------------------------------------------------

typedef struct Worker {
    Thread thread;
    Engine *engine;
    RtModule *modules[2];
    bool ok;
} Worker;

static void churn(void *arg) {
    Worker *w = arg;
    w->ok = true;
    for (int i = 0; i < 60; i++) {
        int which = i % 2;
        Err err = {0};
        Store *s = store_new(w->engine);
        Instance *inst;
        if (instance_new(s, w->modules[which], NULL, 0, &inst, &err)) {
            w->ok = false;
        } else {
            const Memory *m = inst->context.memories[0];
            uint8_t want = which ? 2 : 1;
            w->ok &= all_are(m->base, 4096, 0) && m->base[30000] == want &&
                     m->base[65535] == want && m->base[65536] == 0;
            memset(m->base, 0x66, m->size);
        }
        store_unref(s);
    }
}

static void threads_share_slots(void) {
    enum {
        THREADS = 4
    };
    EngineConfig config = rig_config();
    config.pool_warm = 3;
    Rig r;
    rig_init_with(&r, &config);
    RtModule *modules[] = {module_with_data(&r, 1), module_with_data(&r, 2)};
    Worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] =
            (Worker){.engine = r.engine, .modules = {modules[0], modules[1]}};
        workers[i].thread = (Thread){.run = churn, .arg = &workers[i]};
        EXPECT(thread_start(&workers[i].thread, 0));
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(&workers[i].thread);
        EXPECT(workers[i].ok);
    }
    EXPECT(r.engine->slots.idle_len <= 3);
    rt_module_unref(modules[0]);
    rt_module_unref(modules[1]);
    EXPECT_EQ(r.engine->slots.idle_len, 0);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(nothing_is_left_behind), UNIT_TEST(what_cannot_be_reset_goes),
        UNIT_TEST(stacks_are_reset), UNIT_TEST(heaps_are_reset),
        UNIT_TEST(kinds_do_not_mix), UNIT_TEST(stores_share_stacks_and_heaps),
        UNIT_TEST(slots_prefer_their_image), UNIT_TEST(the_oldest_goes_first),
        UNIT_TEST(impossible_space), UNIT_TEST(small_slots_share_mappings),
        UNIT_TEST(instances_see_nothing_of_others),
        UNIT_TEST(tables_see_nothing_of_others),
        UNIT_TEST(threads_share_slots));
}
