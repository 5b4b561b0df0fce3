// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/frames.h"

#include "rt/computation.h"

static void enter_activation(FrameCursor *c) {
    const Activation *a = c->activation;
    c->is_top = true;
    c->header = NULL;
    c->fp = NULL;
    if (!a) return;
    if (!activation_is_compiled(a)) {
        c->header = a->top;
        return;
    }
    // An activation that was not left has no frames yet.
    if (c->exit != a->outer_exit) {
        c->fp = (char *)c->exit[0]; // NOLINT
        c->pc = c->exit[1];
    }
    c->exit = a->outer_exit;
}

static void enter_stack(FrameCursor *c, const Activation *a,
                        const void *exit_frame) {
    c->activation = a;
    c->exit = exit_frame;
    enter_activation(c);
}

void frames_begin(FrameCursor *c, const Store *s) {
    *c = (FrameCursor){.store = s, .computation = s->computation};
    enter_stack(c, s->context.activation, s->context.exit_frame);
}

void frames_begin_all(FrameCursor *c, const Store *s) {
    *c = (FrameCursor){
        .store = s, .computation = s->computations, .has_all = true};
    enter_stack(c, s->context.activation, s->context.exit_frame);
}

// The next stack of calls, if there is one.
static bool next_stack(FrameCursor *c) {
    const Computation *from = c->computation;
    if (!from) return false;
    const Execution *e = &from->saved;
    c->computation = c->has_all ? from->next : e->computation;
    enter_stack(c, e->activation, e->exit_frame);
    return true;
}

// The interpreter may run a copy of the function, which is as long as the
// original (interp/fuse.h); how far the end is says where that is.
static const uint8_t *original_pc(const FrameHeader *f) {
    const RtModule *m = f->instance->module;
    uint32_t body = f->func - m->module.imported[EXTERN_func];
    const Bytes *code = &m->module.bodies.data[body].bytes;
    return m->bytes + code->at + code->size - 1 - (f->end - f->pc);
}

static bool is_at_call(const FrameCursor *c) {
    return !c->is_top || c->activation->host ||
           activation_is_calling(c->activation);
}

static bool interpreted(FrameCursor *c, Frame *out) {
    const FrameHeader *f = c->header;
    if (!f) return false;
    *out = (Frame){
        .instance = f->instance,
        .func = f->func,
        .pc = original_pc(f),
        .is_at_call = is_at_call(c),
        .header = f,
    };
    c->header = f->caller;
    c->is_top = false;
    return true;
}

static bool compiled(FrameCursor *c, Frame *out) {
    const char *entry = (const char *)c->activation - MACHINE_ACTIVATION;
    if (!c->fp || c->fp >= entry) return false;
    const uintptr_t *frame = (const uintptr_t *)(const void *)c->fp;
    *out = (Frame){
        .is_at_call = is_at_call(c),
        .fp = c->fp,
    };
    bool is_fault = c->is_top && c->pc == c->store->context.fault_pc;
    if (!c->store->engine->tier->frame(c->store, c->pc, is_fault, out))
        return false;
    c->pc = frame[1];
    char *caller = (char *)frame[0]; // NOLINT
    c->fp = caller > c->fp ? caller : NULL;
    c->is_top = false;
    return true;
}

bool frames_next(FrameCursor *c, Frame *out) {
    while (c->activation || next_stack(c)) {
        if (!c->activation) continue;
        if (interpreted(c, out) || compiled(c, out)) return true;
        c->activation = c->activation->outer;
        enter_activation(c);
    }
    return false;
}
