// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Many threads add and drop the same few types, hand references to each other
// and clone them, so that counts reach zero everywhere at once. Meant for
// ThreadSanitizer and AddressSanitizer; by itself it checks that equal types
// are one as long as somebody holds one.
#include "os/thread.h"
#include "rt/registry.h"
#include "unit/unit.h"

#include <stdatomic.h>

enum {
    THREADS = 8,
    ROUNDS = 30000, // per thread
    MODULES = 4,
    TYPES = 3, // per module
    SLOTS = 3, // where threads leave references for others
};

static Registry *registry;
static Arena arena;
static Module modules[MODULES]; // constant while the threads run
static RtType *_Atomic slots[SLOTS];
static _Atomic uint32_t wrong;

// All modules share type 0; every other one shares type 1, which names it;
// type 2 makes a group of two with type 1 in the odd ones.
static void make_module(Module *m, uint32_t which) {
    module_init(m, &arena, (FeatureSet){0}, NULL);
    FieldType *fields = NEW_N(&arena, FieldType, TYPES);
    bool paired = which % 2;
    for (uint32_t i = 0; i < TYPES; i++) {
        fields[i].storage = i ? vt_ref(i - 1, true) : VT_i32;
        if (i == 2 && which >= 2) fields[i].is_mutable = true;
        TypeDef def = {.kind = COMP_struct, .super = TYPE_NONE};
        def.structure.fields = &fields[i];
        def.structure.field_len = 1;
        def.group_start = paired && i == 2 ? 1 : i;
        def.group_len = paired && i > 0 ? 2 : 1;
        VEC_PUSH(&arena, &m->types, def);
    }
}

static void expect(bool ok) {
    if (!ok) atomic_fetch_add(&wrong, 1);
}

static void check_module(const Module *m, RtType *const *types) {
    expect(types[0]->fields->storage.code == VT_i32);
    expect(types[1]->fields->storage.type == types[0]);
    expect(types[2]->fields->storage.type == types[1]);
    expect(types[2]->index == 2 - m->types.data[2].group_start);
}

// While one reference is held, whoever asks gets the same type.
static void check_same(const Module *m, RtType *const *types) {
    RtType *again[TYPES];
    if (!registry_add_module(registry, m, again)) return;
    for (int i = 0; i < TYPES; i++)
        expect(again[i] == types[i] && again[i]->id == types[i]->id);
    registry_drop_module(registry, m, again);
}

// Leaves a reference of one's own for others and drops what lay there.
static void hand_over(RtType *t, uint32_t slot) {
    rt_type_ref(t);
    RtType *old = atomic_exchange(&slots[slot], t);
    if (!old) return;
    expect(old->id != 0 && old->display[old->depth] == old);
    rt_type_unref(registry, old);
}

static void use_host_type(RtType *named) {
    RtValType param = {VT_REF | VT_NULL, named};
    RtType *t = registry_func_type(registry, &param, 1, NULL, 0);
    if (!t) return;
    expect(t->params->type == named);
    rt_type_unref(registry, t);
}

static void storm(void *arg) {
    uint32_t state = *(const uint32_t *)arg;
    for (int round = 0; round < ROUNDS; round++) {
        state = state * 1664525 + 1013904223;
        uint32_t dice = state >> 16;
        const Module *m = &modules[dice % MODULES];
        RtType *types[TYPES];
        if (!registry_add_module(registry, m, types)) {
            expect(false);
            return;
        }
        check_module(m, types);
        if (dice / 4 % 4 == 0) check_same(m, types);
        if (dice / 16 % 4 == 0) use_host_type(types[dice / 64 % TYPES]);
        if (dice / 256 % 2)
            hand_over(types[dice / 512 % TYPES], dice / 2048 % SLOTS);
        registry_drop_module(registry, m, types);
    }
}

static void register_and_drop(void) {
    registry = registry_new();
    if (!EXPECT(registry != NULL)) return;
    for (uint32_t i = 0; i < MODULES; i++)
        make_module(&modules[i], i);
    Thread threads[THREADS];
    uint32_t seeds[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        seeds[i] = 77 * i + 1;
        threads[i] = (Thread){.run = storm, .arg = &seeds[i]};
        EXPECT(thread_start(&threads[i], 0));
    }
    for (uint32_t i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    EXPECT_EQ(atomic_load(&wrong), 0);
    for (int i = 0; i < SLOTS; i++)
        if (slots[i]) rt_type_unref(registry, slots[i]);
    EXPECT_EQ(registry_len(registry), 0);
    registry_free(registry);
    arena_release(&arena);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(register_and_drop));
}
