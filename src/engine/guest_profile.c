// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stacks are interned as they come and written as the processed format of the
// Firefox profiler.
//
//   frames   {module, function, offset}, each once
//   stacks   {frame, the stack below it}, each once: a tree
//   samples  {stack, time, processor time}
#include "engine/guest_profile.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "rt/frames.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    DEPTH_MAX = 1024, // frames of a stack; the outermost are left out
    MODULES_MAX = 65535,
};

#define NONE UINT32_MAX

typedef struct Shown {
    RtModule *module; // counted
    Str name;         // a copy
} Shown;

typedef struct Place {
    uint32_t module, func;
    uint64_t at;
} Place;

typedef struct StackNode {
    uint32_t frame, below; // below: NONE at the bottom
} StackNode;

typedef struct Sample {
    uint32_t stack; // NONE: no frame of the modules
    uint64_t time, cpu;
} Sample;

struct GuestProfile {
    Str name; // a copy
    uint64_t interval, began, began_wall;
    List(Shown) modules;
    List(Place) frames;
    Map frame_index; // module << 48 | offset -> frame
    List(StackNode) stacks;
    Map stack_index; // below << 32 | frame -> stack
    List(Sample) samples;
    bool no_memory;
};

// --- collecting ----------------------------------------------------------------

static bool copy_name(Str from, Str *out) {
    char *text = mem_alloc((size_t)from.len + 1);
    if (!text) return false;
    if (from.len) memcpy(text, from.data, from.len);
    *out = (Str){text, from.len};
    return true;
}

static void free_name(Str name) {
    mem_free((void *)(uintptr_t)name.data);
}

void guest_profile_free(GuestProfile *p) {
    if (!p) return;
    VEC_EACH (Shown, m, &p->modules) {
        rt_module_unref(m->module);
        free_name(m->name);
    }
    LIST_RELEASE(&p->modules);
    LIST_RELEASE(&p->frames);
    LIST_RELEASE(&p->stacks);
    LIST_RELEASE(&p->samples);
    map_release(&p->frame_index);
    map_release(&p->stack_index);
    free_name(p->name);
    mem_free(p);
}

bool guest_profile_add(GuestProfile *p, RtModule *m, Str name) {
    Shown shown = {.module = m};
    if (p->modules.len == MODULES_MAX || !copy_name(name, &shown.name))
        return false;
    if (!LIST_PUSH(&p->modules, shown)) {
        free_name(shown.name);
        return false;
    }
    rt_module_ref(m);
    return true;
}

GuestProfile *guest_profile_new(Str name, uint64_t interval) {
    GuestProfile *p = MEM_NEW(GuestProfile);
    if (!p) return NULL;
    p->interval = interval;
    p->began = clock_now();
    (void)!clock_read(CLOCK_wall, &p->began_wall);
    if (copy_name(name, &p->name)) return p;
    guest_profile_free(p);
    return NULL;
}

static uint32_t find_module(const GuestProfile *p, const RtModule *m) {
    for (uint32_t i = 0; i < p->modules.len; i++)
        if (p->modules.data[i].module == m) return i;
    return NONE;
}

// The frame of a place, or NONE without memory.
static uint32_t frame_of(GuestProfile *p, const Place *place) {
    uint64_t key = (uint64_t)place->module << 48 | place->at;
    uint32_t index = map_get(&p->frame_index, key);
    if (index != MAP_NONE) return index;
    index = p->frames.len;
    if (!LIST_RESERVE(&p->frames, 1) || !map_set(&p->frame_index, key, index))
        return NONE;
    p->frames.data[p->frames.len++] = *place;
    return index;
}

static uint32_t stack_of(GuestProfile *p, uint32_t frame, uint32_t below) {
    uint64_t key = (uint64_t)below << 32 | frame;
    uint32_t index = map_get(&p->stack_index, key);
    if (index != MAP_NONE) return index;
    index = p->stacks.len;
    if (!LIST_RESERVE(&p->stacks, 1) || !map_set(&p->stack_index, key, index))
        return NONE;
    p->stacks.data[p->stacks.len++] = (StackNode){frame, below};
    return index;
}

// The frames that are shown, innermost first.
static uint32_t walk(const GuestProfile *p, const Store *s, Place *out) {
    uint32_t len = 0;
    FrameCursor cursor;
    frames_begin(&cursor, s);
    for (Frame f; len < DEPTH_MAX && frames_next(&cursor, &f);) {
        const RtModule *m = f.instance->module;
        uint32_t index = find_module(p, m);
        if (index == NONE) continue;
        uint64_t at = (uint64_t)(f.pc - m->bytes);
        out[len++] = (Place){.module = index, .func = f.func, .at = at};
    }
    return len;
}

static bool add_sample(GuestProfile *p, const Place *places, uint32_t len,
                       uint64_t cpu) {
    uint32_t stack = NONE;
    for (uint32_t i = len; i-- > 0;) {
        uint32_t frame = frame_of(p, &places[i]);
        stack = frame == NONE ? NONE : stack_of(p, frame, stack);
        if (stack == NONE) return false;
    }
    Sample sample = {stack, clock_now() - p->began, cpu};
    return LIST_PUSH(&p->samples, sample);
}

void guest_profile_sample(GuestProfile *p, const Store *store,
                          uint64_t cpu_ns) {
    Place *places = MEM_NEW_N(Place, DEPTH_MAX);
    uint32_t len = places ? walk(p, store, places) : 0;
    if (!places || !add_sample(p, places, len, cpu_ns)) p->no_memory = true;
    mem_free(places);
}

// --- writing -------------------------------------------------------------------

typedef struct Json {
    List(char) text;
    bool no_memory;
} Json;

static void put(Json *j, const char *bytes, size_t len) {
    if (j->no_memory || j->text.len > UINT32_MAX / 2 ||
        !LIST_RESERVE(&j->text, len)) {
        j->no_memory = true;
        return;
    }
    if (len) memcpy(j->text.data + j->text.len, bytes, len);
    j->text.len += (uint32_t)len;
}

PRINTF(2, 3) static void print(Json *j, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(j, text, MIN((size_t)MAX(len, 0), sizeof text - 1));
}

// Names are UTF-8; what is not may not be in JSON.
static void put_text(Json *j, const char *bytes, size_t len) {
    put(j, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20)
            print(j, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            print(j, "\\%c", c);
        else
            put(j, &bytes[i], 1);
    }
    put(j, "\"", 1);
}

// A column of a table: what `item` prints for each index.
static void column(Json *j, const GuestProfile *p, const char *name,
                   uint32_t len,
                   void (*item)(Json *j, const GuestProfile *p, uint32_t i)) {
    print(j, "\"%s\":[", name);
    for (uint32_t i = 0; i < len; i++) {
        if (i) put(j, ",", 1);
        item(j, p, i);
    }
    put(j, "],", 2);
}

// A column of what we do not know, or what is always so.
static void same(Json *j, const char *name, uint32_t len, const char *item) {
    print(j, "\"%s\":[", name);
    for (uint32_t i = 0; i < len; i++)
        print(j, "%s%s", i ? "," : "", item);
    put(j, "],", 2);
}

// One function per frame: entry i of either table is the other's.
static void put_index(Json *j, const GuestProfile *p, uint32_t i) {
    (void)p;
    print(j, "%u", i);
}

static void put_address(Json *j, const GuestProfile *p, uint32_t i) {
    print(j, "%llu", (unsigned long long)p->frames.data[i].at);
}

static void put_resource(Json *j, const GuestProfile *p, uint32_t i) {
    print(j, "%u", p->frames.data[i].module);
}

static void put_frame(Json *j, const GuestProfile *p, uint32_t i) {
    print(j, "%u", p->stacks.data[i].frame);
}

static void put_below(Json *j, const GuestProfile *p, uint32_t i) {
    uint32_t below = p->stacks.data[i].below;
    if (below == NONE)
        print(j, "null");
    else
        print(j, "%u", below);
}

static void put_sample(Json *j, const GuestProfile *p, uint32_t i) {
    uint32_t stack = p->samples.data[i].stack;
    if (stack == NONE)
        print(j, "null");
    else
        print(j, "%u", stack);
}

static void put_millis(Json *j, uint64_t ns) {
    print(j, "%llu.%06u", (unsigned long long)(ns / 1000000),
          (unsigned)(ns % 1000000));
}

static void put_time(Json *j, const GuestProfile *p, uint32_t i) {
    put_millis(j, p->samples.data[i].time);
}

static void put_cpu(Json *j, const GuestProfile *p, uint32_t i) {
    print(j, "%llu", (unsigned long long)(p->samples.data[i].cpu / 1000));
}

// Strings: the functions' names, one per frame, then the modules'.
static void put_string(Json *j, const GuestProfile *p, uint32_t i) {
    if (i >= p->frames.len) {
        Str name = p->modules.data[i - p->frames.len].name;
        put_text(j, name.data, name.len);
        return;
    }
    const Place *at = &p->frames.data[i];
    Str name =
        module_func_name(&p->modules.data[at->module].module->module, at->func);
    if (name.len)
        put_text(j, name.data, name.len);
    else
        print(j, "\"wasm-function[%u]\"", at->func);
}

static void put_module_name(Json *j, const GuestProfile *p, uint32_t i) {
    print(j, "%u", p->frames.len + i);
}

static void put_meta(Json *j, const GuestProfile *p) {
    print(j, "{\"meta\":{\"version\":24,\"preprocessedProfileVersion\":44,"
             "\"processType\":0,\"product\":");
    put_text(j, p->name.data, p->name.len);
    print(j, ",\"stackwalk\":1,\"symbolicated\":true,\"debug\":false,"
             "\"markerSchema\":[],\"extensions\":{\"baseURL\":[],\"id\":[],"
             "\"length\":0,\"name\":[]},"
             "\"sampleUnits\":{\"time\":\"ms\",\"eventDelay\":\"ms\","
             "\"threadCPUDelta\":\"\\u00b5s\"},"
             "\"categories\":[{\"name\":\"WebAssembly\",\"color\":\"blue\","
             "\"subcategories\":[\"Other\"]}],\"interval\":");
    put_millis(j, p->interval);
    print(j, ",\"startTime\":");
    put_millis(j, p->began_wall);
    print(j, "},\"libs\":[],\"pages\":[],\"threads\":[{"
             "\"processType\":\"default\",\"processStartupTime\":0,"
             "\"processShutdownTime\":null,\"registerTime\":0,"
             "\"unregisterTime\":null,\"pausedRanges\":[],"
             "\"isMainThread\":true,\"pid\":\"0\",\"tid\":0,\"name\":");
    put_text(j, p->name.data, p->name.len);
    print(j, ",\"markers\":{\"data\":[],\"name\":[],\"startTime\":[],"
             "\"endTime\":[],\"phase\":[],\"category\":[],\"length\":0},"
             "\"nativeSymbols\":{\"libIndex\":[],\"address\":[],\"name\":[],"
             "\"functionSize\":[],\"length\":0},");
}

static void put_tables(Json *j, const GuestProfile *p) {
    uint32_t frames = p->frames.len, stacks = p->stacks.len;
    print(j, "\"frameTable\":{");
    column(j, p, "address", frames, put_address);
    same(j, "inlineDepth", frames, "0");
    same(j, "category", frames, "0");
    same(j, "subcategory", frames, "0");
    column(j, p, "func", frames, put_index);
    same(j, "nativeSymbol", frames, "null");
    same(j, "innerWindowID", frames, "null");
    same(j, "implementation", frames, "null");
    same(j, "line", frames, "null");
    same(j, "column", frames, "null");
    print(j, "\"length\":%u},\"funcTable\":{", frames);
    column(j, p, "name", frames, put_index);
    same(j, "isJS", frames, "false");
    same(j, "relevantForJS", frames, "false");
    column(j, p, "resource", frames, put_resource);
    same(j, "fileName", frames, "null");
    same(j, "lineNumber", frames, "null");
    same(j, "columnNumber", frames, "null");
    print(j, "\"length\":%u},\"stackTable\":{", frames);
    column(j, p, "frame", stacks, put_frame);
    column(j, p, "prefix", stacks, put_below);
    same(j, "category", stacks, "0");
    same(j, "subcategory", stacks, "0");
    print(j, "\"length\":%u},\"resourceTable\":{", stacks);
    same(j, "lib", p->modules.len, "-1");
    column(j, p, "name", p->modules.len, put_module_name);
    same(j, "host", p->modules.len, "null");
    same(j, "type", p->modules.len, "1"); // 1: a library
    print(j, "\"length\":%u},", p->modules.len);
}

static void put_samples(Json *j, const GuestProfile *p) {
    uint32_t samples = p->samples.len;
    column(j, p, "stringArray", p->frames.len + p->modules.len, put_string);
    print(j, "\"samples\":{\"weightType\":\"samples\",");
    column(j, p, "stack", samples, put_sample);
    column(j, p, "time", samples, put_time);
    same(j, "weight", samples, "1");
    column(j, p, "threadCPUDelta", samples, put_cpu);
    print(j, "\"length\":%u}}]}", samples);
}

bool guest_profile_write(const GuestProfile *p,
                         bool (*write)(void *env, const char *data, size_t len),
                         void *env) {
    Json j = {.no_memory = p->no_memory};
    put_meta(&j, p);
    put_tables(&j, p);
    put_samples(&j, p);
    bool ok = !j.no_memory && write(env, j.text.data, j.text.len);
    LIST_RELEASE(&j.text);
    return ok;
}
