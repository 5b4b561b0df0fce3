// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/coredump.h"

#include "base/map.h"
#include "base/writer.h"
#include "binary/binary.h"
#include "engine/compiled_int.h"
#include "rt/frames.h"
#include "valid/valid.h"

enum {
    CHUNK = 4096, // bytes of memory that are left out together if all are zero
    VALUE_missing = 0x01,
    VALUE_i32 = 0x7f,
    VALUE_i64 = 0x7e,
    VALUE_f32 = 0x7d,
    VALUE_f64 = 0x7c,
    CONST_i32 = 0x41,
    CONST_i64 = 0x42,
    CONST_f32 = 0x43,
    CONST_f64 = 0x44,
    CONST_prefix_v128 = 0xfd,
    CONST_v128 = 0x0c,
    CONST_ref_null = 0xd0,
    CONST_end = 0x0b,
    MORE_v128 = 0x7b,
    MORE_null = 0xd0,
    MORE_func = 0x70,
    MORE_i31 = 0x6c,
    AFTER_nothing = 0,
};

// What an instruction of a function finds in its frame.
typedef struct Shape {
    uint32_t at, len; // in Dump.types
    uint32_t local_len;
} Shape;

typedef struct Dump {
    Store *store;
    Arena *arena;
    Module *module; // the dump
    Map modules;    // module's id -> index
    Vec(RtModule *) module_list;
    Map shapes; // 2 * pc + after_operands -> index
    Vec(Shape) shape_list;
    Vec(ValType) types;
    uint64_t data;     // bytes so far
    Writer more;       // entries of corevalues ...
    uint32_t more_len; // ... and how many
} Dump;

// Where a value of corevalues stands.
typedef struct Place {
    enum {
        IN_local,
        IN_operand,
        IN_global
    } kind;
    uint32_t frame, index; // of a global: its index alone
} Place;

static void add_custom(Dump *d, const char *name, const Writer *w) {
    CustomSection section = {
        .name = str_of(name),
        .bytes = {w->data, (uint32_t)MIN(w->len, UINT32_MAX), 0},
        .after = AFTER_nothing,
    };
    VEC_PUSH(d->arena, &d->module->customs, section);
}

static void write_text(Writer *w, Str s) {
    write_name(w, s.data, s.len);
}

// --- modules and instances -----------------------------------------------------

static void number_modules(Dump *d) {
    VEC_EACH (Instance *, inst, &d->store->instances) {
        RtModule *m = (*inst)->module;
        if (map_get(&d->modules, m->id) != MAP_NONE) continue;
        (void)!map_set(&d->modules, m->id, d->module_list.len);
        VEC_PUSH(d->arena, &d->module_list, m);
    }
}

static void put_modules(Dump *d) {
    Writer w;
    writer_init(&w, d->arena);
    write_u32(&w, d->module_list.len);
    VEC_EACH (RtModule *, m, &d->module_list) {
        write_u8(&w, 0);
        write_text(&w, (*m)->module.names.module);
    }
    add_custom(d, "coremodules", &w);
}

static void put_instance(Dump *d, Writer *w, const Instance *inst) {
    const Module *m = &inst->module->module;
    write_u8(w, 0);
    write_u32(w, map_get(&d->modules, inst->module->id));
    write_u32(w, m->memories.len);
    for (uint32_t i = 0; i < m->memories.len; i++)
        write_u32(w, inst->context.memories[i]->handle);
    write_u32(w, m->globals.len);
    for (uint32_t i = 0; i < m->globals.len; i++)
        write_u32(w, inst->context.globals[i]->handle);
}

static void put_instances(Dump *d) {
    Writer w;
    writer_init(&w, d->arena);
    write_u32(&w, d->store->instances.len);
    VEC_EACH (Instance *, inst, &d->store->instances) {
        put_instance(d, &w, *inst);
    }
    add_custom(d, "coreinstances", &w);
}

// --- frames --------------------------------------------------------------------

static const FuncInfo *info_of(const Frame *f) {
    const RtModule *m = f->instance->module;
    return &m->side->funcs.data[f->func - m->module.imported[EXTERN_func]];
}

static void found(void *env, uint32_t pc, const ValType *slots, uint32_t len) {
    Dump *d = env;
    (void)pc;
    Shape shape = {.at = d->types.len, .len = len};
    for (uint32_t i = 0; i < len; i++)
        VEC_PUSH(d->arena, &d->types, slots[i]);
    VEC_PUSH(d->arena, &d->shape_list, shape);
}

static const Shape *shape_of(Dump *d, const Frame *f) {
    uint64_t key = (uint64_t)(uintptr_t)f->pc << 1 | f->is_at_call;
    uint32_t index = map_get(&d->shapes, key);
    if (index != MAP_NONE) return &d->shape_list.data[index];
    const RtModule *m = f->instance->module;
    const FuncInfo *info = info_of(f);
    uint32_t pc = (uint32_t)(f->pc - (m->bytes + info->code_at));
    StackMapQuery query = {
        .pcs = &pc,
        .pc_len = 1,
        .after_operands = f->is_at_call,
        .found = found,
        .env = d,
    };
    index = d->shape_list.len;
    valid_stack_maps(&m->module, f->func, info, &query, d->arena);
    if (d->shape_list.len == index) return NULL;
    d->shape_list.data[index].local_len = info->local_len;
    (void)!map_set(&d->shapes, key, index);
    return &d->shape_list.data[index];
}

// Compiled functions look at the stack's end and at the deadline before their
// arguments are in their slots.
static bool is_at_entry(const Dump *d, const Frame *f) {
    const uint8_t *first = f->instance->module->bytes + info_of(f)->code_at;
    Trap code = d->store->trap.code;
    return !f->is_at_call && f->pc == first &&
           (code == TRAP_stack_exhausted || code == TRAP_interrupt ||
            code == TRAP_out_of_fuel);
}

// Does the frame say where values are?
static bool has_slots(const Dump *d, const Frame *f) {
    return f->header || (instance_variant(f->instance)->options.keep_slots &&
                         !is_at_entry(d, f));
}

static const Slot *slot_of(const Frame *f, uint32_t slot, uint32_t local_len) {
    if (f->header) {
        uint32_t words = info_of(f)->flags & FUNC_has_v128 ? 2 : 1;
        if (slot < local_len) return f->header->locals + slot * words;
        return (const Slot *)(const void *)(f->header + 1) +
               (slot - local_len) * words;
    }
    return (const Slot *)(const void *)(f->fp + machine_slot(f->is_wide, slot));
}

static uint8_t code_of_kind(GcKind kind) {
    switch (kind) {
    case GC_struct:
        return heap_code[HEAP_struct];
    case GC_array:
        return heap_code[HEAP_array];
    case GC_exn:
        return heap_code[HEAP_exn];
    case GC_extern:
    case GC_func_none:
        break;
    }
    return heap_code[HEAP_extern];
}

static void put_func(Writer *w, const Func *f) {
    write_u8(w, MORE_func);
    write_u8(w, !f->host);
    if (f->host) return;
    write_u32(w, f->instance->handle);
    write_u32(w, f->index);
}

static void put_ref(const Dump *d, Writer *w, GcRef ref) {
    if (gc_ref_is_i31(ref)) {
        write_u8(w, MORE_i31);
        write_s32(w, gc_i31_s(ref));
    } else {
        write_u8(w, code_of_kind(gc_type_of(d->store->heap, ref)->kind));
        write_u32(w, ref);
    }
}

// Is what lies there a reference that can be followed?
static bool is_sound(const Dump *d, RtValType t, const Slot *slot) {
    if (t.code == VT_v128 || slot->u64 == 0) return true;
    if (!rt_val_type_is_traced(t) || gc_ref_is_i31(slot->ref)) return true;
    return d->store->heap && gc_holds(d->store->heap, slot->ref);
}

// A vector or reference, which corestack has no form for.
static void add_more(Dump *d, Place at, RtValType t, const Slot *slot) {
    Writer *w = &d->more;
    if (!is_sound(d, t, slot)) return;
    d->more_len++;
    write_u8(w, (uint8_t)at.kind);
    write_u32(w, at.frame);
    write_u32(w, at.index);
    if (t.code == VT_v128) {
        write_u8(w, MORE_v128);
        write_bytes(w, slot, sizeof(V128));
    } else if (slot->u64 == 0) {
        write_u8(w, MORE_null);
    } else if (rt_val_type_is_traced(t)) {
        put_ref(d, w, slot->ref);
    } else {
        put_func(w, slot->func);
    }
}

static void put_more(Dump *d) {
    Writer w;
    writer_init(&w, d->arena);
    write_u8(&w, 0);
    write_u32(&w, d->more_len);
    write_bytes(&w, d->more.data, d->more.len);
    add_custom(d, "corevalues", &w);
}

static void put_value(Writer *w, ValType t, const Slot *slot) {
    if (slot && t == VT_i32) {
        write_u8(w, VALUE_i32);
        write_s32(w, slot->i32);
    } else if (slot && t == VT_i64) {
        write_u8(w, VALUE_i64);
        write_s64(w, slot->i64);
    } else if (slot && t == VT_f32) {
        write_u8(w, VALUE_f32);
        write_f32_bits(w, slot->u32);
    } else if (slot && t == VT_f64) {
        write_u8(w, VALUE_f64);
        write_f64_bits(w, slot->u64);
    } else {
        write_u8(w, VALUE_missing);
    }
}

// A list of values, of which the last `lost` are not known.
static void put_values(Dump *d, Writer *w, const Frame *f, const Shape *s,
                       Place at, uint32_t to, uint32_t lost) {
    bool has = has_slots(d, f);
    uint32_t from = at.index;
    write_u32(w, to - from);
    for (uint32_t i = from; i < to; i++) {
        ValType t = d->types.data[s->at + i];
        const Slot *slot =
            has && i + lost < to ? slot_of(f, i, s->local_len) : NULL;
        put_value(w, t, slot);
        at.index = i - from;
        if (slot && (t == VT_v128 || vt_is_ref(t)))
            add_more(d, at, rt_val_type(t, f->instance->context.types), slot);
    }
}

// Where the interpreter is stopped at anything but a call or a throw, the
// topmost operand may be in a register of its loop.
static uint32_t lost_operands(const Dump *d, const Frame *f) {
    return f->header && !f->is_at_call && !d->store->exception ? 1 : 0;
}

static void put_frame(Dump *d, Writer *w, const Frame *f, uint32_t frame) {
    const RtModule *m = f->instance->module;
    const Bytes *body = &module_body(&m->module, f->func)->bytes;
    Shape none = {0};
    const Shape *s = shape_of(d, f);
    if (!s) s = &none;
    write_u8(w, 0);
    write_u32(w, f->instance->handle);
    write_u32(w, f->func);
    write_u32(w, (uint32_t)(f->pc - (m->bytes + body->at)));
    put_values(d, w, f, s, (Place){IN_local, frame, 0}, s->local_len, 0);
    put_values(d, w, f, s, (Place){IN_operand, frame, s->local_len}, s->len,
               lost_operands(d, f));
}

static void put_stack(Dump *d) {
    Writer frames, w;
    uint32_t len = 0;
    FrameCursor cursor;
    writer_init(&frames, d->arena);
    frames_begin(&cursor, d->store);
    for (Frame f; len < COREDUMP_FRAMES_MAX && frames_next(&cursor, &f); len++)
        put_frame(d, &frames, &f, len);
    writer_init(&w, d->arena);
    write_u8(&w, 0);
    write_text(&w, STR("main"));
    write_u32(&w, len);
    write_bytes(&w, frames.data, frames.len);
    add_custom(d, "corestack", &w);
}

// --- memories and globals ------------------------------------------------------

static Bytes bytes_of(const Writer *w) {
    return (Bytes){w->data, (uint32_t)w->len, 0};
}

static Bytes offset_of(Dump *d, const Memory *m, uint64_t at) {
    Writer w;
    writer_init(&w, d->arena);
    write_u8(&w, m->type.limits.is_64 ? CONST_i64 : CONST_i32);
    if (m->type.limits.is_64)
        write_s64(&w, (int64_t)at);
    else
        write_s32(&w, (int32_t)(uint32_t)at);
    write_u8(&w, CONST_end);
    return bytes_of(&w);
}

static bool is_zero(const uint8_t *bytes, size_t size) {
    return size == 0 || (bytes[0] == 0 && !memcmp(bytes, bytes + 1, size - 1));
}

// From `at` on: all that follows without a chunk of zeros. A shared memory is
// read by atomics, so everything is copied first.
static void add_data(Dump *d, const Memory *m, uint64_t from, uint64_t to) {
    uint64_t size = to - from;
    if (size == 0 || size > COREDUMP_DATA_MAX - d->data) return;
    uint8_t *copy = arena_alloc_raw(d->arena, (size_t)size, 1);
    if (!memory_read(m, from, copy, size)) return;
    d->data += size;
    DataDecl data = {
        .mode = SEGMENT_active,
        .memory = m->handle,
        .flags = m->handle ? 2 : 0,
        .offset = offset_of(d, m, from),
        .bytes = {copy, (uint32_t)size, 0},
    };
    VEC_PUSH(d->arena, &d->module->datas, data);
}

static void put_memory(Dump *d, const Memory *m) {
    enum {
        SEGMENT_MOST = 16 << 20 // bytes of a segment
    };
    MemoryDecl decl = {.type = memory_type_now(m)};
    VEC_PUSH(d->arena, &d->module->memories, decl);
    uint64_t size = memory_size(m), from = 0, at = 0;
    uint8_t chunk[CHUNK];
    for (; at < size; at += CHUNK) {
        uint64_t len = MIN(size - at, CHUNK);
        bool ends =
            !memory_read(m, at, chunk, len) || is_zero(chunk, (size_t)len);
        if (!ends && at - from < SEGMENT_MOST) continue;
        add_data(d, m, from, at);
        from = ends ? at + len : at;
    }
    add_data(d, m, MIN(from, size), size);
}

// A reference is null here, whatever it was; corevalues has it.
static GlobalDecl global_of(Dump *d, const Global *g) {
    GlobalDecl decl = {.type = {.type = g->type.code}};
    const Raw *cell = &g->cell;
    Writer w;
    writer_init(&w, d->arena);
    switch (g->type.code) {
    case VT_i32:
        write_u8(&w, CONST_i32);
        write_s32(&w, cell->slot.i32);
        break;
    case VT_i64:
        write_u8(&w, CONST_i64);
        write_s64(&w, cell->slot.i64);
        break;
    case VT_f32:
        write_u8(&w, CONST_f32);
        write_f32_bits(&w, cell->u32);
        break;
    case VT_f64:
        write_u8(&w, CONST_f64);
        write_f64_bits(&w, cell->u64);
        break;
    case VT_v128:
        write_u8(&w, CONST_prefix_v128);
        write_u8(&w, CONST_v128);
        write_bytes(&w, cell, sizeof(V128));
        break;
    default:
        decl.type.type = VT_EXTERNREF;
        write_u8(&w, CONST_ref_null);
        write_u8(&w, 0x6f);
        add_more(d, (Place){IN_global, 0, g->handle}, g->type, &cell->slot);
        break;
    }
    write_u8(&w, CONST_end);
    decl.init = bytes_of(&w);
    return decl;
}

void coredump_write(Store *s, Str program, Arena *arena, Bytes *out) {
    Dump d = {.store = s, .arena = arena, .module = NEW(arena, Module)};
    module_init(d.module, arena, FEATURES_ALL, &s->limits);
    d.modules.arena = d.shapes.arena = arena;
    writer_init(&d.more, arena);
    Writer core;
    writer_init(&core, arena);
    write_u8(&core, 0);
    write_text(&core, program);
    add_custom(&d, "core", &core);
    number_modules(&d);
    put_modules(&d);
    put_instances(&d);
    put_stack(&d);
    VEC_EACH (Memory *, m, &s->memories)
        put_memory(&d, *m);
    VEC_EACH (Global *, g, &s->globals) {
        GlobalDecl decl = global_of(&d, *g);
        VEC_PUSH(arena, &d.module->globals, decl);
    }
    put_more(&d);
    module_encode(d.module, arena, out);
}

bool coredump_is_due(Store *s) {
    if (!s->exception) return true;
    const Tag *tag = object_exn_tag(s, s->exception);
    FrameCursor cursor;
    uint32_t index;
    frames_begin(&cursor, s);
    for (Frame f; frames_next(&cursor, &f);)
        if (frame_handler(&f, tag, &index)) return false;
    return true;
}
