// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot objdump`: the sections of a module, with their offsets, and what is
// in them. The table of sections is made from the bytes as far as they go, so
// it also shows where a broken module breaks.
#include "base/reader.h"
#include "binary/binary.h"
#include "cli/dump_code.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "engine/artifact.h"
#include "os/file.h"

typedef struct Dump {
    Arena arena;
    TextBuf out;
    const EngineConfig *config;
    const Input *in;
    Err err;
} Dump;

// --- the table of sections ---------------------------------------------------------

static const char *const section_text[] = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag"};

enum {
    HEADER_SIZE = 8, // magic number and version
    SECTION_custom = 0,
    SECTION_start = 8
};

// Names from a module may hold anything; what would act on a terminal is shown
// as a dot.
static void print_name(Dump *d, Str name) {
    text_char(&d->out, '"');
    for (uint32_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        text_char(&d->out, c < ' ' || c == 127 ? '.' : (char)c);
    }
    text_char(&d->out, '"');
}

static void print_section(Dump *d, uint8_t id, const uint8_t *data,
                          uint32_t size, uint64_t at) {
    const char *text = id < COUNTOF(section_text) ? section_text[id] : "?";
    Err err = {0};
    Reader r;
    reader_init(&r, data, size, at, &err);
    text_printf(&d->out, "  %2u  %-10s  0x%08llx  %10u", id, text,
                (unsigned long long)at, size);
    if (id == SECTION_custom) {
        uint32_t len;
        const char *name = read_name(&r, &len);
        if (!name) len = 0;
        text_str(&d->out, "  ");
        print_name(d, (Str){name, len});
    } else {
        uint32_t count = read_u32(&r);
        const char *what = id == SECTION_start ? "function " : "";
        if (reader_ok(&r)) text_printf(&d->out, "  %s%u", what, count);
    }
    text_char(&d->out, '\n');
}

static bool print_sections(Dump *d) {
    const Input *in = d->in;
    Reader r;
    text_printf(&d->out, "%s: %zu bytes\n\nSections:\n", in->name, in->size);
    text_str(&d->out, "  id  name            offset        size  items\n");
    if (!module_is_binary(in->data, in->size) || in->size < HEADER_SIZE)
        return true; // decoding says what is wrong
    reader_init(&r, in->data + HEADER_SIZE, in->size - HEADER_SIZE, HEADER_SIZE,
                &d->err);
    while (reader_ok(&r) && reader_left(&r)) {
        uint8_t id = read_u8(&r);
        uint32_t size = read_u32(&r);
        uint64_t at = reader_offset(&r);
        const uint8_t *data = read_bytes(&r, size);
        if (reader_ok(&r)) print_section(d, id, data, size, at);
    }
    return reader_ok(&r);
}

// --- what is in them ---------------------------------------------------------------

static void print_type_list(Dump *d, const char *word, const ValType *types,
                            uint32_t len) {
    char text[TYPE_TEXT_MAX];
    if (len) text_printf(&d->out, " (%s", word);
    for (uint32_t i = 0; i < len; i++)
        text_printf(&d->out, " %s", type_print(text, types[i]));
    if (len) text_char(&d->out, ')');
}

static void print_field(Dump *d, const FieldType *f) {
    char text[TYPE_TEXT_MAX];
    text_printf(&d->out, f->is_mutable ? " (mut %s)" : " %s",
                type_print(text, f->storage));
}

static void print_type(Dump *d, const TypeDef *t) {
    switch (t->kind) {
    case COMP_func:
        text_str(&d->out, "func");
        print_type_list(d, "param", t->func.params, t->func.param_len);
        print_type_list(d, "result", t->func.results, t->func.result_len);
        return;
    case COMP_struct:
        text_str(&d->out, "struct");
        for (uint32_t i = 0; i < t->structure.field_len; i++)
            print_field(d, &t->structure.fields[i]);
        return;
    case COMP_array:
        text_str(&d->out, "array");
        print_field(d, &t->structure.fields[0]);
        return;
    }
    UNREACHABLE();
}

static void print_limits(Dump *d, const Limits *l) {
    text_printf(&d->out, "%s%llu", l->is_64 ? "i64 " : "",
                (unsigned long long)l->min);
    if (l->has_max)
        text_printf(&d->out, " to %llu", (unsigned long long)l->max);
    if (l->is_shared) text_str(&d->out, " shared");
}

// What an index of some space stands for.
static void print_extern(Dump *d, const Module *m, ExternKind kind,
                         uint32_t index) {
    char text[TYPE_TEXT_MAX];
    const GlobalType *g;
    switch (kind) {
    case EXTERN_func:
        text_printf(&d->out, "type %u", m->funcs.data[index].type);
        return;
    case EXTERN_table:
        print_limits(d, &m->tables.data[index].type.limits);
        text_printf(&d->out, " %s",
                    type_print(text, m->tables.data[index].type.elem));
        return;
    case EXTERN_memory:
        print_limits(d, &m->memories.data[index].type.limits);
        text_str(&d->out, " pages");
        return;
    case EXTERN_global:
        g = &m->globals.data[index].type;
        text_printf(&d->out, g->is_mutable ? "(mut %s)" : "%s",
                    type_print(text, g->type));
        return;
    case EXTERN_tag:
        text_printf(&d->out, "type %u", m->tags.data[index].type);
        return;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static void heading(Dump *d, const char *text, uint32_t len) {
    if (len) text_printf(&d->out, "\n%s:\n", text);
}

static void print_types(Dump *d, const Module *m) {
    heading(d, "Types", m->types.len);
    for (uint32_t i = 0; i < m->types.len; i++) {
        text_printf(&d->out, "  %4u  ", i);
        print_type(d, &m->types.data[i]);
        text_char(&d->out, '\n');
    }
}

static void print_imports(Dump *d, const Module *m) {
    heading(d, "Imports", m->imports.len);
    VEC_EACH (Import, import, &m->imports) {
        text_printf(&d->out, "  %-6s %4u  ", extern_text[import->kind],
                    import->index);
        print_name(d, import->module);
        text_char(&d->out, ' ');
        print_name(d, import->name);
        text_str(&d->out, "  ");
        print_extern(d, m, import->kind, import->index);
        text_char(&d->out, '\n');
    }
}

static void print_function(Dump *d, const Module *m, uint32_t index) {
    const Body *body = module_body(m, index);
    Str name = module_func_name(m, index);
    text_printf(&d->out, "  func   %4u  0x%08llx  %8u bytes  type %u", index,
                (unsigned long long)body->bytes.at, body->bytes.size,
                m->funcs.data[index].type);
    if (name.len) {
        text_str(&d->out, "  ");
        print_name(d, name);
    }
    text_char(&d->out, '\n');
}

static void print_definitions(Dump *d, const Module *m) {
    heading(d, "Functions", m->bodies.len);
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++)
        print_function(d, m, i);
    uint32_t others = 0;
    for (int k = EXTERN_table; k < EXTERN_count; k++)
        others += module_len(m, (ExternKind)k) - m->imported[k];
    heading(d, "Tables, memories, globals, tags", others);
    for (int k = EXTERN_table; k < EXTERN_count; k++)
        for (uint32_t i = m->imported[k]; i < module_len(m, (ExternKind)k);
             i++) {
            text_printf(&d->out, "  %-6s %4u  ", extern_text[k], i);
            print_extern(d, m, (ExternKind)k, i);
            text_char(&d->out, '\n');
        }
}

static void print_exports(Dump *d, const Module *m) {
    heading(d, "Exports", m->exports.len);
    VEC_EACH (Export, export, &m->exports) {
        text_printf(&d->out, "  %-6s %4u  ", extern_text[export->kind],
                    export->index);
        print_name(d, export->name);
        text_char(&d->out, '\n');
    }
}

static const char *mode_text(SegmentMode mode) {
    switch (mode) {
    case SEGMENT_active:
        return "active";
    case SEGMENT_passive:
        return "passive";
    case SEGMENT_declarative:
        return "declarative";
    }
    UNREACHABLE();
}

static void print_segments(Dump *d, const Module *m) {
    heading(d, "Element segments", m->elems.len);
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *s = &m->elems.data[i];
        text_printf(&d->out, "  %4u  %-11s  %10u items", i, mode_text(s->mode),
                    s->len);
        if (s->mode == SEGMENT_active)
            text_printf(&d->out, "  table %u", s->table);
        text_char(&d->out, '\n');
    }
    heading(d, "Data segments", m->datas.len);
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *s = &m->datas.data[i];
        text_printf(&d->out, "  %4u  %-11s  %10u bytes  0x%08llx", i,
                    mode_text(s->mode), s->bytes.size,
                    (unsigned long long)s->bytes.at);
        if (s->mode == SEGMENT_active)
            text_printf(&d->out, "  memory %u", s->memory);
        text_char(&d->out, '\n');
    }
}

static bool print_contents(Dump *d) {
    Module *m = NEW(&d->arena, Module);
    module_init(m, &d->arena, d->config->features, &d->config->limits);
    if (!module_decode(m, d->in->data, d->in->size, &d->err)) return false;
    print_types(d, m);
    print_imports(d, m);
    print_definitions(d, m);
    print_exports(d, m);
    print_segments(d, m);
    return true;
}

// --- files -------------------------------------------------------------------------

static bool dump_guarded(Dump *d, Output *out) {
    ArenaGuard guard;
    arena_init(&d->arena, d->config->limits.compile_memory);
    if (ARENA_GUARD(&d->arena, &guard)) {
        text_init(&d->out, &d->arena);
        d->out.flush = output_write;
        d->out.env = out;
        if (print_sections(d)) (void)print_contents(d);
        (void)text_finish(&d->out);
    } else {
        (void)err_at(&d->err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(&d->arena, &guard);
    arena_release(&d->arena);
    return err_ok(&d->err);
}

// --- machine code ------------------------------------------------------------------

static bool code_guarded(RtModule *m, Output *out, Err *err) {
    Arena arena;
    ArenaGuard guard;
    TextBuf text;
    volatile bool ok = false;
    arena_init(&arena, m->engine->config.limits.compile_memory);
    if (ARENA_GUARD(&arena, &guard)) {
        text_init(&text, &arena);
        text.flush = output_write;
        text.env = out;
        ok = dump_code(&text, m, err);
        (void)text_finish(&text);
    } else {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    return ok;
}

static bool dump_code_of(RtModule *m, const Input *in, Output *out) {
    Err err = {0};
    return code_guarded(m, out, &err) || report_about(in, err.text);
}

// A compiled module is what it was made from, and its code.
static bool dump_compiled(Engine *e, const Input *in, int fd, bool code,
                          Output *out) {
    Err err = {0};
    RtModule *m = artifact_load_file(e, fd, &err);
    if (!m) return report_about(in, err.text);
    Input inside = {.path = in->path,
                    .name = in->name,
                    .data = (uint8_t *)(uintptr_t)m->bytes,
                    .size = m->size};
    Dump d = {.config = &e->config, .in = &inside};
    bool ok = dump_guarded(&d, out) || report_about(in, d.err.text);
    ok = ok && (!code || dump_code_of(m, in, out));
    rt_module_unref(m);
    return ok;
}

static bool dump_module(Engine *e, Input *in, bool code, Output *out) {
    Dump d = {.config = &e->config, .in = in};
    if (!dump_guarded(&d, out)) return report_refused(e, in, &d.err, false);
    if (!code) return true;
    RtModule *m = input_load_read(e, in);
    bool ok = m && dump_code_of(m, in, out);
    if (m) rt_module_unref(m);
    return ok;
}

static bool dump_file(Engine *e, const char *path, bool code, Output *out) {
    Input in;
    int fd;
    if (input_is_compiled(&in, path, &fd)) {
        bool ok = dump_compiled(e, &in, fd, code, out);
        file_close(fd);
        return ok;
    }
    if (!input_read(&in, path, e->config.limits.module_size)) return false;
    bool ok = dump_module(e, &in, code, out);
    input_release(&in);
    return ok;
}

int tool_objdump(const Options *o) {
    Output out;
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    bool ok = output_open(&out, NULL);
    for (uint32_t i = 0; ok && i < o->words.len; i++)
        ok = dump_file(e, o->words.data[i], option_on(o, OPTION_code), &out);
    ok = output_close(&out, ok) && ok;
    engine_unref(e);
    return ok ? EXIT_ok : EXIT_failed;
}
