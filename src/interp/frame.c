// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Frames: made by calls, left by returns, searched by exceptions.
#include "interp/interp_int.h"

#include <string.h>

// --- values ----------------------------------------------------------------------

Raw slot_get(bool is_wide, const Slot *s) {
    Raw r = {.slot = s[0]};
    if (is_wide) r.u64x2[1] = s[1].u64;
    return r;
}

void slot_put(bool is_wide, Slot *s, Raw value) {
    s[0] = value.slot;
    if (is_wide) s[1].u64 = value.u64x2[1];
}

// Last first, so that no value is written over before it is read: `to` is not
// below `from`.
static void widen(Slot *to, const Slot *from, uint32_t len) {
    for (size_t i = len; i-- > 0;) {
        to[2 * i] = from[i];
        to[2 * i + 1].u64 = 0;
    }
}

// First first: `to` is not above `from`.
static void narrow(Slot *to, const Slot *from, uint32_t len) {
    for (size_t i = 0; i < len; i++)
        to[i] = from[2 * i];
}

void slots_move(Slot *to, bool to_wide, Slot *from, bool from_wide,
                uint32_t len) {
    if (len == 0) return;
    if (from_wide && !to_wide) {
        narrow(to, from, len);
        return;
    }
    if (!from_wide && to_wide) {
        Slot *wide = to < from ? from : to;
        widen(wide, from, len);
        from = wide;
    }
    memmove(to, from, len * slot_size(to_wide));
}

// --- entering --------------------------------------------------------------------

// A place to point to for modules without branches.
static const CtlEntry no_entry;

void exec_set_instance(Exec *x, Instance *inst) {
    const RtModule *m = inst->module;
    x->context = &inst->context;
    x->bytes = m->bytes;
    x->import_len = m->module.imported[EXTERN_func];
    x->infos = m->side->funcs.data;
    x->ctls = m->side->ctl.len ? m->side->ctl.data : &no_entry;
    x->far_ctls = m->side->far_ctl.data;
    x->direct_from = x->leave ? UINT32_MAX : x->import_len;
    x->fast = x->uses_fuel || x->leave ? NULL : fast_table(inst->module);
}

static const FuncInfo *func_info(const Instance *inst, uint32_t func) {
    const RtModule *m = inst->module;
    return &m->side->funcs.data[func - m->module.imported[EXTERN_func]];
}

// Is there room for the frame at `locals`, and above `args` while its values
// are widened?
static bool has_room(const Exec *x, const FuncInfo *info, const Slot *locals,
                     const Slot *args) {
    size_t slot = slot_size(info_is_wide(info));
    uint64_t need = ((uint64_t)info->local_len + info->operand_max) * slot +
                    sizeof(FrameHeader);
    uint64_t need_above = info->param_len * slot;
    return (uint64_t)(x->stack_end - (const char *)locals) >= need &&
           (uint64_t)(x->stack_end - (const char *)args) >= need_above;
}

Status frame_enter(Exec *x, const Entry *e) {
    const FuncInfo *info = func_info(e->instance, e->func);
    bool is_wide = info_is_wide(info);
    Slot *locals = e->place;
    if (!has_room(x, info, locals, e->args))
        return exec_trap(x, TRAP_stack_exhausted);
    slots_move(locals, is_wide, e->args, e->args_wide, info->param_len);
    size_t slots = is_wide ? 2 : 1;
    Slot *end = locals + info->local_len * slots;
    for (Slot *s = locals + info->param_len * slots; s != end; s++)
        s->u64 = 0;
    if (e->instance->context.types != x->context->types ||
        &e->instance->context != x->context)
        exec_set_instance(x, e->instance);
    const FastFunc *fast = NULL;
    if (x->fast && !is_wide)
        fast = fast_func(e->instance->module, x->fast, e->func);
    const uint8_t *pc = fast ? fast->code : x->bytes + info->code_at;
    FrameHeader *f = (FrameHeader *)(void *)end;
    const FrameHeader *caller = e->caller;
    *f = (FrameHeader){
        .caller = e->caller,
        .pc = pc,
        .ctl = x->ctls + info->ctl_at,
        .locals = locals,
        .instance = e->instance,
        .info = info,
        .end = pc + info->code_size - 1,
        .func = e->func,
        .is_near = caller && caller->instance == e->instance &&
                   info_is_wide(caller->info) == is_wide,
        .sp = frame_operands(f),
    };
    x->activation.top = f;
    x->is_wide = is_wide;
    return exec_should_poll(x, x->uses_fuel) ? exec_poll(x) : STATUS_ok;
}

// --- leaving ---------------------------------------------------------------------

void frame_leave(Exec *x) {
    FrameHeader *f = exec_frame(x), *caller = f->caller;
    // The results may be written over the header.
    const Instance *instance = f->instance;
    uint32_t len = f->info->result_len;
    Slot *results = slot_at(x, f->sp, -(ptrdiff_t)len);
    bool is_wide = x->is_wide;
    x->activation.top = caller;
    if (!caller) {
        slots_move(x->base, is_wide, results, is_wide, len);
        return;
    }
    x->is_wide = info_is_wide(caller->info);
    slots_move(caller->sp, x->is_wide, results, is_wide, len);
    caller->sp = slot_at(x, caller->sp, len);
    caller->pc = caller->next;
    if (caller->instance != instance) exec_set_instance(x, caller->instance);
}

Status exec_leave(Exec *x) {
    frame_leave(x);
    return STATUS_ok;
}

// --- exceptions ------------------------------------------------------------------

static bool entry_fits(const FrameHeader *f, const CatchEntry *e, uint32_t pc,
                       const Tag *tag) {
    if (pc < e->from || pc >= e->to) return false;
    if (e->kind == CATCH_all || e->kind == CATCH_all_ref) return true;
    return f->instance->context.tags[e->tag] == tag;
}

static const CatchEntry *find_entry(const FrameHeader *f, const Tag *tag) {
    const RtModule *m = f->instance->module;
    uint32_t pc = frame_pc(f);
    const CatchEntry *e = VEC_FROM(&m->side->catches, f->info->catch_at);
    for (uint32_t i = 0; i < f->info->catch_len; i++)
        if (entry_fits(f, &e[i], pc, tag)) return &e[i];
    return NULL;
}

// The frame goes on at the handler, with the exception's values.
static void land(Exec *x, FrameHeader *f, const CatchEntry *e) {
    Store *s = x->store;
    GcRef exn = s->exception;
    s->exception = 0;
    trap_exception_caught(&s->trap);
    x->activation.top = f;
    x->is_wide = info_is_wide(f->info);
    if (&f->instance->context != x->context) exec_set_instance(x, f->instance);
    Slot *sp = slot_at(x, frame_operands(f), e->height);
    if (e->kind == CATCH_tag || e->kind == CATCH_tag_ref) {
        uint32_t len = object_exn_tag(s, exn)->type->param_len;
        for (uint32_t i = 0; i < len; i++) {
            slot_put(x->is_wide, sp, object_field_get(s, exn, i));
            sp = slot_at(x, sp, 1);
        }
    }
    if (e->kind == CATCH_tag_ref || e->kind == CATCH_all_ref) {
        sp->u64 = exn;
        sp = slot_at(x, sp, 1);
    }
    f->sp = sp;
    f->pc = frame_code(f) + e->pc;
    f->ctl = x->ctls + f->info->ctl_at + e->ctl;
}

bool frame_catch(Exec *x) {
    const Tag *tag = object_exn_tag(x->store, x->store->exception);
    for (FrameHeader *f = exec_frame(x); f; f = f->caller) {
        if (f->info->catch_len == 0) continue;
        const CatchEntry *e = find_entry(f, tag);
        if (!e) continue;
        land(x, f, e);
        return true;
    }
    return false;
}
