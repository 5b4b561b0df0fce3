// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/frames.h"

static void enter_activation(FrameCursor *c) {
    const Activation *a = c->activation;
    c->is_top = true;
    c->header = NULL;
    c->fp = NULL;
    if (!a) return;
    c->header = a->top;
    if (!a->is_compiled) return;
    // An activation that was not left has no frames yet.
    if (c->exit && a->entry_frame) {
        c->fp = (char *)c->exit[0]; // NOLINT
        c->pc = c->exit[1];
    }
    c->exit = a->outer_exit;
}

void frames_begin_at(FrameCursor *c, const Store *s, const Activation *a,
                     const void *exit_frame) {
    *c = (FrameCursor){.store = s, .activation = a, .exit = exit_frame};
    enter_activation(c);
}

void frames_begin(FrameCursor *c, const Store *s) {
    frames_begin_at(c, s, s->context.activation, s->context.exit_frame);
}

static bool interpreted(FrameCursor *c, Frame *out) {
    const FrameHeader *f = c->header;
    if (!f) return false;
    *out = (Frame){
        .instance = f->instance,
        .func = f->func,
        .pc = f->pc,
        .is_at_call = !c->is_top || c->activation->host,
        .header = f,
    };
    c->header = f->caller;
    c->is_top = false;
    return true;
}

static bool compiled(FrameCursor *c, Frame *out) {
    const char *entry = c->activation->entry_frame;
    if (!c->fp || c->fp >= entry) return false;
    const uintptr_t *frame = (const uintptr_t *)(const void *)c->fp;
    *out = (Frame){
        .is_at_call = !c->is_top || c->activation->host,
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
    while (c->activation) {
        if (interpreted(c, out) || compiled(c, out)) return true;
        c->activation = c->activation->outer;
        enter_activation(c);
    }
    return false;
}
