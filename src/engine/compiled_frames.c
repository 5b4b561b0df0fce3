// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled frames: what they are, and where exceptions go in them.
#include "engine/compiled_int.h"
#include "rt/frames.h"
#include "wasm/op.h"

static const FuncInfo *info_of(const RtModule *m, uint32_t defined) {
    return &m->side->funcs.data[defined];
}

static Context *context_at(const char *fp) {
    return *(Context *const *)(const void *)(fp + MACHINE_FRAME_CONTEXT);
}

bool compiled_frame(const Store *s, uintptr_t pc, bool is_fault, Frame *out) {
    (void)s;
    Context *c = context_at(out->fp);
    if (!c) return false;
    out->instance = CONTAINER_OF(c, Instance, context);
    const RtModule *m = out->instance->module;
    const CodeVariant *v = instance_variant(out->instance);
    CodeAt at;
    if (!v || !code_region_at(v->region, pc, is_fault, &at)) return false;
    out->func = at.func.func + m->module.imported[EXTERN_func];
    out->pc = m->bytes + info_of(m, at.func.func)->code_at + at.wasm;
    out->is_wide = at.func.is_wide;
    return true;
}

// --- exceptions ----------------------------------------------------------------------

static bool entry_fits(const Frame *f, const CatchEntry *e, uint32_t pc,
                       const Tag *tag) {
    if (pc < e->from || pc >= e->to) return false;
    if (e->kind == CATCH_all || e->kind == CATCH_all_ref) return true;
    return f->instance->context.tags[e->tag] == tag;
}

static void put(const Frame *f, uint32_t slot, Raw value) {
    Slot *s = (Slot *)(void *)(f->fp + machine_slot(f->is_wide, slot));
    s[0] = value.slot;
    if (f->is_wide) s[1].u64 = value.u64x2[1];
}

// The exception's values, and itself if the clause wants it, become the
// operands of the landing pad.
static void land(Store *s, const Frame *f, const CatchEntry *e, uint32_t slot) {
    GcRef exn = s->exception;
    s->exception = 0;
    trap_exception_caught(&s->trap);
    if (e->kind == CATCH_tag || e->kind == CATCH_tag_ref) {
        uint32_t len = object_exn_tag(s, exn)->type->param_len;
        for (uint32_t i = 0; i < len; i++)
            put(f, slot++, object_field_get(s, exn, i));
    }
    if (e->kind == CATCH_tag_ref || e->kind == CATCH_all_ref)
        put(f, slot, (Raw){.u64 = exn});
}

const CatchEntry *frame_handler(const Frame *f, const Tag *tag,
                                uint32_t *index) {
    const RtModule *m = f->instance->module;
    const FuncInfo *info =
        info_of(m, f->func - m->module.imported[EXTERN_func]);
    const CatchEntry *e = VEC_FROM(&m->side->catches, info->catch_at);
    uint32_t pc = (uint32_t)(f->pc - (m->bytes + info->code_at));
    for (*index = 0; *index < info->catch_len; ++*index)
        if (entry_fits(f, &e[*index], pc, tag)) return &e[*index];
    return NULL;
}

static bool catches(Store *s, const Frame *f, const Tag *tag,
                    MachineLanding *out) {
    uint32_t i;
    const CatchEntry *e = frame_handler(f, tag, &i);
    if (!e) return false;
    const RtModule *m = f->instance->module;
    uint32_t defined = f->func - m->module.imported[EXTERN_func];
    const CodeRegion *r = instance_variant(f->instance)->region;
    CodePlaced p = {0};
    CHECK(code_region_placed(r, defined, &p) && i < p.pad_len);
    *out = (MachineLanding){
        .pc = (uintptr_t)r->text + p.at + p.pads[i],
        .fp = (uintptr_t)f->fp,
        .sp = (uintptr_t)f->fp - p.frame_size,
    };
    land(s, f, e, info_of(m, defined)->local_len + e->height);
    return true;
}

bool compiled_unwind(Store *s, MachineLanding *out) {
    const Tag *tag = object_exn_tag(s, s->exception);
    FrameCursor cursor;
    frames_begin(&cursor, s);
    for (Frame f; frames_next(&cursor, &f);) {
        if (cursor.activation != s->context.activation) break;
        if (catches(s, &f, tag, out)) return true;
    }
    store_exception_leaves(s);
    return false;
}
