// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The type definitions of a module: recursion groups with subtypes.
#include "fuzz/smith/types.h"

enum {
    GROUP_MAX = 4,
    DEPTH_MAX = 5,
};

// --- fields --------------------------------------------------------------------------

// A type of this recursion group or of one before.
static ValType group_ref(Smith *s, uint32_t self, uint32_t group_end) {
    uint32_t t = smith_below(s, group_end);
    if (t > self) smith_note(s, SHAPE_rec_cycle);
    return vt_ref(t, true);
}

// A type for a field of type `self`. What is not nullable refers to types that
// are complete, so that a value can be made.
static ValType storage_type(Smith *s, uint32_t self, uint32_t group_end) {
    switch (smith_below(s, 6)) {
    case 0:
        return VT_i8;
    case 1:
        return VT_i16;
    case 2:
    case 3:
        return smith_num_type(s);
    case 4:
        return group_ref(s, self, group_end);
    default:
        if (self > 0 && smith_chance(s, 2))
            return vt_ref(smith_below(s, self), smith_chance(s, 2));
        return smith_defaultable_type(s);
    }
}

static FieldType field(Smith *s, uint32_t self, uint32_t group_end) {
    ValType t = storage_type(s, self, group_end);
    // A reference to a function may have no function to refer to.
    if (vt_is_concrete(t) && vt_index(t) < self &&
        s->m.types.data[vt_index(t)].kind == COMP_func)
        t |= VT_NULL;
    return (FieldType){t, !smith_chance(s, 3)};
}

static void fields(Smith *s, TypeDef *def, const TypeDef *super, uint32_t self,
                   uint32_t group_end) {
    uint32_t kept = super ? super->structure.field_len : 0;
    uint32_t len = def->kind == COMP_array ? 1 : kept + smith_below(s, 4);
    FieldType *list = NEW_N(s->arena, FieldType, len + 1);
    for (uint32_t i = 0; i < len; i++)
        list[i] =
            i < kept ? super->structure.fields[i] : field(s, self, group_end);
    def->structure.fields = list;
    def->structure.field_len = len;
}

static void signature(Smith *s, TypeDef *def, const TypeDef *super) {
    if (super) {
        def->func = super->func;
        return;
    }
    uint32_t params = smith_below(s, 4);
    uint32_t results =
        smith_below(s, smith_has(s, FEATURE_multi_value) ? 4 : 2);
    ValType *types = NEW_N(s->arena, ValType, params + results);
    for (uint32_t i = 0; i < params + results; i++)
        types[i] = i < params ? smith_type(s) : smith_defaultable_type(s);
    def->func = (FuncType){types, types + params, params, results};
}

// --- subtypes ------------------------------------------------------------------------

// An open type of that kind among those that are complete; TYPE_NONE: none.
static uint32_t choose_super(Smith *s, CompKind kind) {
    uint32_t t = smith_def(s, kind);
    if (t == TYPE_NONE || !smith_chance(s, 2)) return TYPE_NONE;
    const TypeDef *def = &s->m.types.data[t];
    return def->is_final || def->depth >= DEPTH_MAX ? TYPE_NONE : t;
}

static void add_def(Smith *s, uint32_t start, uint32_t len, bool has_rec) {
    uint32_t self = s->m.types.len;
    CompKind kind =
        smith_has(s, FEATURE_gc) ? (CompKind)smith_below(s, 3) : COMP_func;
    TypeDef def = {.kind = kind, .super = TYPE_NONE, .is_final = true};
    if (smith_has(s, FEATURE_gc)) {
        def.super = choose_super(s, kind);
        def.is_final = smith_chance(s, 3);
    }
    const TypeDef *super =
        def.super == TYPE_NONE ? NULL : &s->m.types.data[def.super];
    if (super) smith_note(s, SHAPE_subtype);
    if (len > 1) smith_note(s, SHAPE_rec_group);
    def.has_sub = super || !def.is_final;
    def.has_rec = has_rec;
    def.group_start = start;
    def.group_len = len;
    def.canon = self;
    def.depth = super ? super->depth + 1 : 0;
    if (kind == COMP_func)
        signature(s, &def, super);
    else
        fields(s, &def, super, self, start + len);
    VEC_PUSH(s->arena, &s->m.types, def);
}

static void add_simple(Smith *s, CompKind kind, const ValType *fields,
                       uint32_t len) {
    FieldType *list = NEW_N(s->arena, FieldType, len);
    for (uint32_t i = 0; i < len; i++)
        list[i] = (FieldType){fields[i], true};
    TypeDef def = {
        .kind = kind,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = s->m.types.len,
        .group_len = 1,
        .canon = s->m.types.len,
        .structure = {list, len},
    };
    VEC_PUSH(s->arena, &s->m.types, def);
}

// A module about one instruction has an array for each that needs one, and a
// structure of everything.
static void add_usual(Smith *s) {
    static const ValType fields[] = {VT_i8, VT_i64, VT_FUNCREF, VT_i16, VT_f32};
    for (uint32_t i = 0; i < 3; i++)
        add_simple(s, COMP_array, &fields[i], 1);
    add_simple(s, COMP_struct, fields, COUNTOF(fields));
}

void smith_types(Smith *s) {
    bool is_special = s->in->single != OP_count || s->in->broken;
    if (is_special && smith_has(s, FEATURE_gc)) add_usual(s);
    uint32_t groups = 1 + smith_below(s, 4);
    for (uint32_t g = 0; g < groups; g++) {
        uint32_t start = s->m.types.len;
        bool has_gc = smith_has(s, FEATURE_gc);
        uint32_t len = has_gc ? 1 + smith_below(s, GROUP_MAX) : 1;
        bool has_rec = has_gc && (len > 1 || smith_chance(s, 4));
        for (uint32_t i = 0; i < len; i++)
            add_def(s, start, len, has_rec);
    }
}
