// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/registry.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "unit/unit.h"

#include <stdlib.h>

// --- modules of types only ---------------------------------------------------

enum {
    TYPES_MAX = 64
};

typedef struct Mod {
    Arena arena;
    Module m;
    RtType *types[TYPES_MAX];
} Mod;

static void mod_init(Mod *mod) {
    *mod = (Mod){0};
    arena_init(&mod->arena, 0);
    module_init(&mod->m, &mod->arena, (FeatureSet){0}, NULL);
}

static void mod_release(Mod *mod) {
    arena_release(&mod->arena);
}

// Each type is a group of its own unless `group` says otherwise.
static uint32_t add_def(Mod *mod, TypeDef def) {
    Module *m = &mod->m;
    def.group_start = m->types.len;
    def.group_len = 1;
    if (def.super != TYPE_NONE) def.depth = m->types.data[def.super].depth + 1;
    VEC_PUSH(m->arena, &m->types, def);
    return m->types.len - 1;
}

// The last `len` types are one group.
static void group(Mod *mod, uint32_t len) {
    uint32_t start = mod->m.types.len - len;
    for (uint32_t i = start; i < mod->m.types.len; i++) {
        mod->m.types.data[i].group_start = start;
        mod->m.types.data[i].group_len = len;
    }
}

typedef struct Vals {
    ValType vals[6];
    uint32_t len;
} Vals;

#define VALS(...)          \
    ((Vals){{__VA_ARGS__}, \
            sizeof((const ValType[]){__VA_ARGS__}) / sizeof(ValType)})
#define NO_VALS ((Vals){.len = 0})

static const ValType *copy_vals(Mod *mod, const Vals *v) {
    ValType *to = NEW_N(&mod->arena, ValType, v->len);
    memcpy(to, v->vals, v->len * sizeof *to);
    return to;
}

static uint32_t add_func(Mod *mod, Vals params, Vals results) {
    TypeDef def = {.kind = COMP_func, .is_final = true, .super = TYPE_NONE};
    def.func.params = copy_vals(mod, &params);
    def.func.param_len = params.len;
    def.func.results = copy_vals(mod, &results);
    def.func.result_len = results.len;
    return add_def(mod, def);
}

// An open type with fields that are all mutable or not.
static uint32_t add_fields(Mod *mod, CompKind kind, uint32_t super,
                           bool is_mutable, Vals storages) {
    TypeDef def = {.kind = kind, .super = super};
    FieldType *fields = NEW_N(&mod->arena, FieldType, storages.len);
    for (uint32_t i = 0; i < storages.len; i++)
        fields[i] = (FieldType){storages.vals[i], is_mutable};
    def.structure.fields = fields;
    def.structure.field_len = storages.len;
    return add_def(mod, def);
}

static uint32_t add_struct(Mod *mod, Vals storages) {
    return add_fields(mod, COMP_struct, TYPE_NONE, false, storages);
}

static ValType ref_to(uint32_t index) {
    return vt_ref(index, true);
}

// A registry and modules in it.
enum {
    MODS = 3
};
static Registry *registry;
static Mod mods[MODS];

static void set_up(void) {
    registry = registry_new();
    for (int i = 0; i < MODS; i++)
        mod_init(&mods[i]);
}

static bool add(Mod *mod) {
    return registry_add_module(registry, &mod->m, mod->types);
}

static void drop(Mod *mod) {
    registry_drop_module(registry, &mod->m, mod->types);
}

static void tear_down(void) {
    EXPECT_EQ(registry_len(registry), 0);
    registry_free(registry);
    for (int i = 0; i < MODS; i++)
        mod_release(&mods[i]);
}

// --- equality ----------------------------------------------------------------

static void same_functions(void) {
    set_up();
    add_func(&mods[0], VALS(VT_i32, VT_f64), VALS(VT_v128));
    add_func(&mods[1], NO_VALS, NO_VALS);
    add_func(&mods[1], VALS(VT_i32, VT_f64), VALS(VT_v128));
    EXPECT(add(&mods[0]) && add(&mods[1]));
    const RtType *t = mods[0].types[0];
    EXPECT(t == mods[1].types[1]);
    EXPECT(t != mods[1].types[0]);
    EXPECT(t->id != 0 && t->id != mods[1].types[0]->id);
    EXPECT(t->kind == COMP_func && t->is_final && t->has_v128);
    EXPECT(!mods[1].types[0]->has_v128);
    EXPECT_EQ(t->param_len, 2);
    EXPECT_EQ(t->result_len, 1);
    EXPECT_EQ(t->params[1].code, VT_f64);
    EXPECT_EQ(t->results[0].code, VT_v128);
    EXPECT_EQ(registry_len(registry), 2);
    drop(&mods[0]);
    EXPECT_EQ(registry_len(registry), 2);
    drop(&mods[1]);
    tear_down();
}

// Everything that is part of a type tells types apart.
static void different_types(void) {
    set_up();
    Mod *m = &mods[0];
    add_func(m, VALS(VT_i32), VALS(VT_i32));
    add_func(m, VALS(VT_i32, VT_i32), NO_VALS);
    add_func(m, NO_VALS, VALS(VT_i32, VT_i32));
    add_func(m, NO_VALS, NO_VALS);
    add_struct(m, NO_VALS);
    uint32_t base = add_struct(m, VALS(VT_i32));
    add_fields(m, COMP_struct, TYPE_NONE, true, VALS(VT_i32));
    add_fields(m, COMP_array, TYPE_NONE, false, VALS(VT_i32));
    add_fields(m, COMP_array, TYPE_NONE, false, VALS(VT_i8));
    add_fields(m, COMP_struct, base, false, VALS(VT_i32));
    uint32_t last = add_struct(m, VALS(VT_i32));
    m->m.types.data[last].is_final = true;
    add_struct(m, VALS(ref_to(base)));
    add_struct(m, VALS(vt_ref(base, false)));
    add_struct(m, VALS(ref_to(last)));
    add_struct(m, VALS(VT_STRUCTREF));
    EXPECT(add(m));
    EXPECT_EQ(registry_len(registry), m->m.types.len);
    for (uint32_t i = 0; i < m->m.types.len; i++)
        for (uint32_t j = 0; j < i; j++)
            EXPECT(m->types[i] != m->types[j]);
    drop(m);
    tear_down();
}

// Two types that name each other; `swap` exchanges their places.
static void add_pair(Mod *mod, bool swap) {
    uint32_t start = mod->m.types.len;
    for (uint32_t k = 0; k < 2; k++) {
        bool is_node = (k == 0) != swap;
        ValType other = ref_to(start + 1 - k);
        add_struct(mod, is_node ? VALS(VT_i64, other) : VALS(other));
    }
    group(mod, 2);
}

static void groups_by_position(void) {
    set_up();
    add_pair(&mods[0], false);
    add_pair(&mods[0], true);
    add_func(&mods[1], NO_VALS, NO_VALS); // moves the indices
    add_pair(&mods[1], true);
    add_pair(&mods[1], true); // a group twice in one module
    EXPECT(add(&mods[0]) && add(&mods[1]));
    EXPECT_EQ(registry_len(registry), 3);
    EXPECT(mods[1].types[1] == mods[0].types[2]);
    EXPECT(mods[1].types[2] == mods[0].types[3]);
    EXPECT(mods[1].types[3] == mods[1].types[1]);
    EXPECT(mods[0].types[0] != mods[0].types[3]);
    const RtType *node = mods[0].types[0];
    EXPECT(node->fields[1].storage.type == mods[0].types[1]);
    EXPECT(node->index == 0 && mods[0].types[1]->index == 1);
    drop(&mods[1]);
    EXPECT_EQ(registry_len(registry), 2);
    drop(&mods[0]);
    tear_down();
}

// A list that names itself is not the same as one that names a list.
static void inside_is_not_outside(void) {
    set_up();
    uint32_t list = add_struct(&mods[0], VALS(ref_to(0)));
    add_struct(&mods[0], VALS(ref_to(list)));
    add_struct(&mods[1], VALS(ref_to(0)));
    add_struct(&mods[1], VALS(ref_to(1)));
    // The same two shapes, in a group of two.
    add_struct(&mods[2], VALS(ref_to(0)));
    add_struct(&mods[2], VALS(ref_to(0)));
    group(&mods[2], 2);
    EXPECT(add(&mods[0]) && add(&mods[1]) && add(&mods[2]));
    EXPECT_EQ(registry_len(registry), 3);
    EXPECT(mods[0].types[0] == mods[1].types[1]);
    EXPECT(mods[1].types[0] == mods[1].types[1]);
    EXPECT(mods[0].types[1] != mods[0].types[0]);
    EXPECT(mods[2].types[0] != mods[0].types[0]);
    EXPECT(mods[2].types[0] != mods[2].types[1]);
    for (int i = 0; i < MODS; i++)
        drop(&mods[i]);
    tear_down();
}

static void host_types(void) {
    set_up();
    Mod *m = &mods[0];
    uint32_t pair = add_struct(m, VALS(VT_i32, VT_i8));
    m->m.types.data[pair].is_final = true;
    add_func(m, VALS(ref_to(pair)), VALS(VT_f32));
    add_fields(m, COMP_array, TYPE_NONE, true, VALS(ref_to(pair)));
    m->m.types.data[2].is_final = true;
    EXPECT(add(m));
    RtValType ref = rt_val_type(ref_to(pair), m->types);
    EXPECT(ref.code == (VT_REF | VT_NULL) && ref.type == m->types[pair]);
    RtType *func =
        registry_func_type(registry, &ref, 1, &(RtValType){.code = VT_f32}, 1);
    RtField fields[] = {{{.code = VT_i32}, false}, {{.code = VT_i8}, false}};
    RtType *structure = registry_struct_type(registry, COMP_struct, fields, 2);
    RtField element = {ref, true};
    RtType *array = registry_struct_type(registry, COMP_array, &element, 1);
    EXPECT(structure == m->types[0]);
    EXPECT(func == m->types[1]);
    EXPECT(array == m->types[2]);
    drop(m);
    EXPECT_EQ(registry_len(registry), 3);
    RtType *again = registry_func_type(registry, NULL, 0, NULL, 0);
    EXPECT(again && again != func);
    rt_type_unref(registry, again);
    rt_type_unref(registry, structure); // the others name it
    EXPECT_EQ(registry_len(registry), 3);
    rt_type_unref(registry, array);
    EXPECT_EQ(registry_len(registry), 2);
    rt_type_unref(registry, func);
    tear_down();
}

// --- subtypes ----------------------------------------------------------------

static void displays(void) {
    set_up();
    enum {
        DEEP = 6
    };
    for (int k = 0; k < 2; k++) { // the second in one group
        uint32_t super = TYPE_NONE;
        for (uint32_t i = 0; i < DEEP; i++)
            super = add_fields(&mods[k], COMP_struct, super, false, NO_VALS);
        EXPECT_EQ(mods[k].m.types.data[super].depth, DEEP - 1);
    }
    group(&mods[1], DEEP);
    EXPECT(add(&mods[0]) && add(&mods[1]));
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < DEEP; i++) {
            const RtType *sub = mods[k].types[i];
            EXPECT_EQ(sub->depth, i);
            EXPECT(sub->display[i] == sub);
            for (uint32_t j = 0; j < DEEP; j++) {
                EXPECT_EQ(rt_type_is(sub, mods[k].types[j]), j <= i);
                EXPECT(!rt_type_is(sub, mods[!k].types[j]));
            }
        }
    drop(&mods[0]);
    drop(&mods[1]);
    tear_down();
}

typedef struct MatchCase {
    ValType sub, super;
    bool matches;
} MatchCase;

// Types 0: open structure, 1: its subtype, 2: array, 3: function.
static const MatchCase match_cases[] = {
    {VT_i32, VT_i32, true},
    {VT_i32, VT_i64, false},
    {VT_i32, VT_ANYREF, false},
    {VT_REF | 1, VT_REF | 0, true},
    {VT_REF | 0, VT_REF | 1, false},
    {VT_REF | 1, VT_REF | VT_NULL | 0, true},
    {VT_REF | VT_NULL | 1, VT_REF | 0, false},
    {VT_REF | 2, VT_REF | 0, false},
    {VT_REF | 0, VT_STRUCTREF, true},
    {VT_REF | 0, VT_EQREF, true},
    {VT_REF | 0, VT_ANYREF, true},
    {VT_REF | 0, VT_ARRAYREF, false},
    {VT_REF | 2, VT_ARRAYREF, true},
    {VT_REF | 3, VT_FUNCREF, true},
    {VT_REF | 3, VT_ANYREF, false},
    {VT_ABSTRACT_REF(HEAP_none), VT_REF | 1, true},
    {VT_ABSTRACT_REF(HEAP_none), VT_REF | 3, false},
    {VT_ABSTRACT_REF(HEAP_nofunc), VT_REF | 3, true},
    {VT_ABSTRACT_REF(HEAP_none) | VT_NULL, VT_REF | 1, false},
    {VT_STRUCTREF, VT_REF | VT_NULL | 0, false},
    {VT_STRUCTREF, VT_EQREF, true},
    {VT_EXTERNREF, VT_ANYREF, false},
};

static void matches(void) {
    set_up();
    Mod *m = &mods[0];
    uint32_t base = add_struct(m, NO_VALS);
    add_fields(m, COMP_struct, base, false, VALS(VT_i32));
    add_fields(m, COMP_array, TYPE_NONE, false, VALS(VT_i32));
    add_func(m, NO_VALS, NO_VALS);
    EXPECT(add(m));
    for (size_t i = 0; i < COUNTOF(match_cases); i++) {
        const MatchCase *c = &match_cases[i];
        RtValType sub = rt_val_type(c->sub, m->types);
        RtValType super = rt_val_type(c->super, m->types);
        if (!EXPECT_EQ(rt_val_type_matches(sub, super), c->matches))
            fprintf(stderr, "  in case %zu\n", i);
        EXPECT_EQ(rt_val_type_equal(sub, super), c->sub == c->super);
    }
    EXPECT_EQ(rt_val_type_top(rt_val_type(VT_REF | 0, m->types)), HEAP_any);
    EXPECT_EQ(rt_val_type_top(rt_val_type(VT_REF | 3, m->types)), HEAP_func);
    EXPECT_EQ(rt_val_type_top((RtValType){.code = VT_EQREF}), HEAP_any);
    EXPECT_EQ(rt_val_type_top((RtValType){.code = VT_EXNREF}), HEAP_exn);
    EXPECT_EQ(rt_val_type_top((RtValType){.code = VT_EXTERNREF}), HEAP_extern);
    drop(m);
    tear_down();
}

static void prints(void) {
    static const char *const texts[] = {
        "(func)",
        "(func (param i32 funcref) (result i64))",
        "(struct (field (mut i8)) (field (mut (ref null (func ...)))))",
        "(array (ref (struct ...)))",
    };
    set_up();
    Mod *m = &mods[0];
    add_func(m, NO_VALS, NO_VALS);
    add_func(m, VALS(VT_i32, VT_FUNCREF), VALS(VT_i64));
    add_fields(m, COMP_struct, TYPE_NONE, true, VALS(VT_i8, ref_to(0)));
    add_fields(m, COMP_array, TYPE_NONE, false, VALS(vt_ref(2, false)));
    EXPECT(add(m));
    char out[RT_TYPE_TEXT_MAX];
    for (size_t i = 0; i < COUNTOF(texts); i++)
        EXPECT_STR(rt_type_print(out, m->types[i]), texts[i]);
    RtValType many[1000];
    for (size_t i = 0; i < COUNTOF(many); i++)
        many[i] = (RtValType){.code = VT_f32};
    RtType *wide = registry_func_type(registry, many, 1000, many, 1000);
    EXPECT(wide != NULL);
    rt_type_print(out, wide);
    EXPECT(strlen(out) > RT_TYPE_TEXT_MAX - 16);
    EXPECT_STR(out + strlen(out) - 9, " f32 ...)");
    rt_type_unref(registry, wide);
    drop(m);
    tear_down();
}

// --- lifetimes ---------------------------------------------------------------

static void named_groups_stay(void) {
    set_up();
    Mod *m = &mods[0];
    uint32_t last = add_struct(m, NO_VALS);
    for (int i = 0; i < 8; i++)
        last = add_struct(m, VALS(ref_to(last), VT_i32, ref_to(last)));
    uint32_t sub = add_fields(m, COMP_struct, 0, false, VALS(VT_i64));
    EXPECT(add(m));
    RtType *top = m->types[last], *child = m->types[sub];
    rt_type_ref(top);
    rt_type_ref(child);
    drop(m);
    EXPECT_EQ(registry_len(registry), 10);
    rt_type_unref(registry, top); // the chain dies down to what child needs
    EXPECT_EQ(registry_len(registry), 2);
    EXPECT(rt_type_is(child, child->display[0]));
    rt_type_unref(registry, child);
    tear_down();
}

static void ids_are_not_reused(void) {
    set_up();
    uint64_t last = 0;
    for (int i = 0; i < 100; i++) {
        RtType *t = registry_func_type(registry, NULL, 0, NULL, 0);
        EXPECT(t->id > last);
        last = t->id;
        rt_type_unref(registry, t);
    }
    tear_down();
}

// --- random modules against another notion of equality -----------------------

static uint64_t random_state;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

static ValType random_type(uint32_t named_max) {
    if (named_max && random_below(2)) return ref_to(random_below(named_max));
    return random_below(2) ? VT_i32 : VT_ANYREF;
}

static void random_module(Mod *mod) {
    uint32_t groups = 1 + random_below(5);
    for (uint32_t g = 0; g < groups; g++) {
        uint32_t len = 1 + random_below(3);
        uint32_t end = mod->m.types.len + len;
        for (uint32_t k = 0; k < len; k++) {
            Vals v = VALS(random_type(end), random_type(end));
            v.len = random_below(3);
            if (random_below(2))
                add_struct(mod, v);
            else
                add_func(mod, v, NO_VALS);
        }
        group(mod, len);
    }
}

// What a type is, unrolled: equal for equal types. (By recursion over all that
// it names, which the registry avoids.)
static uint64_t unrolled(const Module *m, uint32_t index);

static uint64_t unrolled_val(const Module *m, uint32_t start, ValType t) {
    if (!vt_is_concrete(t)) return t;
    uint32_t index = vt_index(t);
    uint64_t what = index >= start ? index - start : unrolled(m, index);
    return hash_combine(index >= start, what);
}

static uint64_t unrolled(const Module *m, uint32_t index) {
    const TypeDef *def = &m->types.data[index];
    uint32_t start = def->group_start;
    uint64_t h = index - start;
    for (uint32_t k = start; k < start + def->group_len; k++) {
        const TypeDef *d = &m->types.data[k];
        h = hash_combine(h, 1000 + d->kind);
        uint32_t len =
            d->kind == COMP_func ? d->func.param_len : d->structure.field_len;
        for (uint32_t i = 0; i < len; i++)
            h = hash_combine(
                h, unrolled_val(m, start,
                                d->kind == COMP_func
                                    ? d->func.params[i]
                                    : d->structure.fields[i].storage));
    }
    return h;
}

static int64_t compare_types(const Mod *a, const Mod *b) {
    int64_t wrong = 0;
    for (uint32_t i = 0; i < a->m.types.len; i++)
        for (uint32_t j = 0; j < b->m.types.len; j++) {
            bool same = unrolled(&a->m, i) == unrolled(&b->m, j);
            wrong += same != (a->types[i] == b->types[j]);
        }
    return wrong;
}

static void random_modules(void) {
    enum {
        COUNT = 12,
        STEPS = 2000
    };
    static Mod many[COUNT];
    bool used[COUNT] = {false};
    registry = registry_new();
    random_state = 42;
    for (int step = 0; step < STEPS; step++) {
        uint32_t i = random_below(COUNT);
        if (used[i]) {
            drop(&many[i]);
            mod_release(&many[i]);
        } else {
            mod_init(&many[i]);
            random_module(&many[i]);
            EXPECT(add(&many[i]));
            for (uint32_t k = 0; k < COUNT; k++)
                if (used[k]) EXPECT_EQ(compare_types(&many[i], &many[k]), 0);
            EXPECT_EQ(compare_types(&many[i], &many[i]), 0);
        }
        used[i] = !used[i];
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        if (!used[i]) continue;
        drop(&many[i]);
        mod_release(&many[i]);
    }
    EXPECT_EQ(registry_len(registry), 0);
    registry_free(registry);
}

// --- out of memory -----------------------------------------------------------

static uint64_t allocs_left; // before one fails; UINT64_MAX: none does
static int64_t allocs_alive;

static void *test_alloc(void *env, size_t size) {
    (void)env;
    if (allocs_left == 0) return NULL;
    if (allocs_left != UINT64_MAX) allocs_left--;
    allocs_alive++;
    return malloc(size);
}

static void *test_realloc(void *env, void *old, size_t old_size, size_t size) {
    (void)env;
    (void)old_size;
    if (allocs_left == 0) return NULL;
    if (allocs_left != UINT64_MAX) allocs_left--;
    return realloc(old, size);
}

static void test_free(void *env, void *p) {
    (void)env;
    allocs_alive--;
    free(p);
}

static void use_test_allocator(void) {
    static const Allocator test = {
        .alloc = test_alloc,
        .realloc = test_realloc,
        .free = test_free,
    };
    allocs_left = UINT64_MAX;
    allocs_alive = 0;
    allocator_set(&test);
}

// Enough groups to make the table grow; names of others everywhere.
static void add_many(Mod *mod) {
    for (uint32_t i = 0; i < TYPES_MAX - 2; i++)
        add_struct(mod, i ? VALS(ref_to(i - 1), VT_i32) : VALS(VT_i64));
    add_pair(mod, false);
}

static void module_out_of_memory(void) {
    use_test_allocator();
    set_up();
    add_many(&mods[0]);
    add_struct(&mods[1], VALS(VT_i64));
    add_struct(&mods[1], VALS(ref_to(0), VT_i32));
    for (uint32_t i = 0; i < 10; i++)
        add_func(&mods[1], VALS(VT_f32, ref_to(i)), NO_VALS);
    EXPECT(add(&mods[1]));
    uint32_t before = registry_len(registry);
    uint64_t n = 0;
    for (bool done = false; !done && n < 1000; n++) {
        int64_t alive = allocs_alive;
        allocs_left = n;
        done = add(&mods[0]);
        allocs_left = UINT64_MAX;
        if (done) break;
        EXPECT_EQ(registry_len(registry), before);
        EXPECT_EQ(allocs_alive, alive);
    }
    EXPECT(n > TYPES_MAX - 2);
    EXPECT(mods[0].types[1] == mods[1].types[1]);
    drop(&mods[0]);
    drop(&mods[1]);
    tear_down();
    EXPECT_EQ(allocs_alive, 0);
    allocator_set(NULL);
}

static void others_out_of_memory(void) {
    use_test_allocator();
    for (uint64_t n = 0; n < 4; n++) {
        allocs_left = n;
        Registry *r = registry_new();
        EXPECT_EQ(r != NULL, n >= 2);
        RtValType val = {.code = VT_i64};
        RtType *t = r ? registry_func_type(r, &val, 1, NULL, 0) : NULL;
        EXPECT_EQ(t != NULL, n >= 3);
        allocs_left = UINT64_MAX;
        if (t) rt_type_unref(r, t);
        registry_free(r);
    }
    EXPECT_EQ(allocs_alive, 0);
    allocator_set(NULL);
}

// --- size --------------------------------------------------------------------

// Types of a million groups, and of one group; each names the one before and
// is told apart by it.
static void many_types(void) {
    enum {
        COUNT = 1000000
    };
    for (int one_group = 0; one_group < 2; one_group++) {
        set_up();
        Mod *m = &mods[0];
        FieldType *fields = NEW_N(&m->arena, FieldType, COUNT);
        for (uint32_t i = 0; i < COUNT; i++) {
            fields[i].storage = i ? ref_to(i - 1) : VT_i32;
            TypeDef def = {.kind = COMP_struct, .super = TYPE_NONE};
            def.structure.fields = &fields[i];
            def.structure.field_len = 1;
            add_def(m, def);
        }
        if (one_group) group(m, COUNT);
        RtType **types = MEM_NEW_N(RtType *, COUNT);
        EXPECT(registry_add_module(registry, &m->m, types));
        EXPECT_EQ(registry_len(registry), one_group ? 1 : COUNT);
        EXPECT(types[COUNT - 1]->fields->storage.type == types[COUNT - 2]);
        registry_drop_module(registry, &m->m, types);
        mem_free(types);
        tear_down();
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(same_functions), UNIT_TEST(different_types),
                    UNIT_TEST(groups_by_position),
                    UNIT_TEST(inside_is_not_outside), UNIT_TEST(host_types),
                    UNIT_TEST(displays), UNIT_TEST(matches), UNIT_TEST(prints),
                    UNIT_TEST(named_groups_stay), UNIT_TEST(ids_are_not_reused),
                    UNIT_TEST(random_modules), UNIT_TEST(module_out_of_memory),
                    UNIT_TEST(others_out_of_memory), UNIT_TEST(many_types));
}
