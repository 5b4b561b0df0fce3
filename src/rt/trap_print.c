// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Backtraces as text: a line a frame, and lines of the source below it where
// the module has them and the configuration wants them.
#include "debug/dwarf.h"
#include "rt/rt_module.h"
#include "rt/trap.h"

static bool wants_lines(const RtModule *m) {
    const EngineConfig *config = &m->engine->config;
    return (config->trace_lines || config->debug_info) &&
           dwarf_has_lines(&m->module);
}

// The places of all frames, or NULL. One question for each module.
static SourcePlace *find_places(const TrapInfo *t, Arena *arena) {
    uint32_t len = t->frames.len;
    const TraceFrame *frames = t->frames.data;
    SourcePlace *places = NULL;
    uint64_t at[TRACE_MAX];
    uint32_t of[TRACE_MAX];
    bool done[TRACE_MAX] = {false};
    for (uint32_t i = 0; i < len; i++) {
        const RtModule *m = frames[i].module;
        if (done[i] || !wants_lines(m)) continue;
        uint32_t count = 0;
        for (uint32_t k = i; k < len; k++) {
            if (frames[k].module != m) continue;
            at[count] = frames[k].at;
            of[count++] = k;
            done[k] = true;
        }
        SourcePlace *found = NEW_N(arena, SourcePlace, count);
        dwarf_find(&m->module, at, count, found, arena);
        if (!places) places = NEW_N(arena, SourcePlace, len);
        for (uint32_t k = 0; k < count; k++)
            places[of[k]] = found[k];
    }
    return places;
}

static void print_spot(const SourcePlace *place, uint32_t i, TextBuf *out) {
    const SourceSpot *s = &place->spots[i];
    text_str(out, "                    at ");
    text_bytes(out, s->dir.data, s->dir.len);
    if (s->dir.len) text_char(out, '/');
    if (s->file.len)
        text_bytes(out, s->file.data, s->file.len);
    else
        text_str(out, "<unknown>");
    if (s->line) text_printf(out, ":%u", s->line);
    if (s->line && s->column) text_printf(out, ":%u", s->column);
    if (i + 1 < place->len && s->func.len) {
        text_str(out, " (inlined ");
        text_bytes(out, s->func.data, s->func.len);
        text_char(out, ')');
    }
    text_char(out, '\n');
}

static void print_frame(const TraceFrame *frame, uint32_t depth, TextBuf *out) {
    const Module *m = &frame->module->module;
    Str module = m->names.module, func = module_func_name(m, frame->func);
    text_printf(out, "  %4u: 0x%06llx - ", depth,
                (unsigned long long)frame->at);
    if (m->names.has_module && module.len)
        text_bytes(out, module.data, module.len);
    else
        text_str(out, "<module>");
    text_str(out, "!");
    if (func.len)
        text_bytes(out, func.data, func.len);
    else
        text_printf(out, "<function %u>", frame->func);
    text_char(out, '\n');
}

void trap_print(const TrapInfo *t, TextBuf *out) {
    text_printf(out, "wasm trap: %s\n", t->text);
    trap_print_frames(t, out);
}

void trap_print_frames(const TrapInfo *t, TextBuf *out) {
    if (t->frames.len == 0) return;
    const SourcePlace *places = find_places(t, out->arena);
    text_str(out, "wasm backtrace:\n");
    for (uint32_t i = 0; i < t->frames.len; i++) {
        print_frame(&t->frames.data[i], i, out);
        for (uint32_t k = 0; places && k < places[i].len; k++)
            print_spot(&places[i], k, out);
    }
    if (t->frame_len > t->frames.len)
        text_printf(out, "  ... and %llu more\n",
                    (unsigned long long)(t->frame_len - t->frames.len));
}
