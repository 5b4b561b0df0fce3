// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot explore`: one page of HTML, without anything from outside, that has
// the text of each function beside its machine code. Lines that belong together
// have the same number in their section, and colour: the instruction's index.
//
// Names come from the module and may be hostile: everything that is not the
// page's own goes through put_html.
#include "asm/x64/print.h"
#include "base/num_text.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "engine/specimen.h"
#include "text/text.h"
#include "vmabi/helper.h"
#include "wasm/trap.h"

#include <stdio.h>

enum {
    // Bytes of bodies on a page that nobody has chosen the functions of; a page
    // has a hundred bytes for each.
    BODIES_MAX = 512 * 1024,
    COLOURS = 6,
    NOTHING = -1, // the index of code that belongs to no instruction
};

typedef struct Page {
    TextBuf out;
    Arena arena;   // of the page
    Arena scratch; // of one function, its code
    const RtModule *m;
    bool *shown; // by function index
    uint32_t shown_len;
    TextFuncs *texts;
    Err err;
} Page;

// One function.
typedef struct View {
    uint32_t func;
    const TextLine *lines;
    uint32_t len;
    TextBuf text;
    CodeFunc code;
    uint64_t wasm_at; // what offsets in `code` count from
    uint64_t body_at; // what offsets in `lines` count from
} View;

// --- the page's own parts ------------------------------------------------------

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
    " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<style>\n"
    "body{font:13px monospace;margin:0;display:flex}\n"
    "nav{width:22em;height:100vh;overflow:auto;position:sticky;top:0;"
    "background:#f4f4f4;flex:none}\n"
    "nav td{padding:0 .5em;white-space:nowrap}\n"
    "nav td+td{text-align:right}\n"
    "main{flex:1;padding:0 1em;min-width:0}\n"
    "section>div{display:grid;grid-template-columns:1fr 1fr;gap:1em}\n"
    "pre{margin:0;overflow-x:auto}\n"
    "pre span{display:block;padding:0 .3em}\n"
    "i{color:#777;font-style:normal}\n"
    ".t{font-weight:bold;border-left:3px solid #c00}\n"
    ".c0{background:#fdf3d8}.c1{background:#e3f0fb}.c2{background:#e6f6e4}\n"
    ".c3{background:#fbe7e7}.c4{background:#efe6fb}.c5{background:#e0f5f4}\n"
    ".on{outline:1px solid #000}\n"
    "</style>\n";

static const char page_script[] =
    "<script>\n"
    "for(const on "
    "of['mouseover','mouseout'])document.addEventListener(on,e=>{\n"
    " const line=e.target.closest('[data-i]');if(!line)return;\n"
    " for(const l of line.closest('section').querySelectorAll(\n"
    "  '[data-i=\"'+line.dataset.i+'\"]'))\n"
    "  l.classList.toggle('on',on==='mouseover')})\n"
    "</script>\n</body>\n</html>\n";

static void put_html(TextBuf *out, const char *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '<')
            text_str(out, "&lt;");
        else if (c == '>')
            text_str(out, "&gt;");
        else if (c == '&')
            text_str(out, "&amp;");
        else if (c == '"')
            text_str(out, "&quot;");
        else if (c == '\'')
            text_str(out, "&#39;");
        else
            text_char(out, (c < ' ' && c != '\t') || c == 127 ? '?' : (char)c);
    }
}

static void put_func_name(Page *p, uint32_t func) {
    Str name = module_func_name(&p->m->module, func);
    if (name.len)
        put_html(&p->out, name.data, name.len);
    else
        text_printf(&p->out, "function %u", func);
}

// --- which instruction code belongs to -----------------------------------------

static int32_t index_of(const View *v, uint32_t wasm) {
    uint64_t at = v->wasm_at + (wasm & ~CODE_SITE_FAULT) - v->body_at;
    uint32_t low = 0, high = v->len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->lines[middle].code < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->len && v->lines[low].code == at ? (int32_t)low : NOTHING;
}

typedef struct Place {
    const View *v;
    uint32_t mark, site, reloc; // the next of each
} Place;

// The site that ends at or behind an instruction, for code that comes last: it
// is there for its sites.
static int32_t index_of_late(const Place *p, uint32_t end) {
    const CodeFunc *f = &p->v->code;
    for (uint32_t i = p->site; i < f->site_len; i++)
        if (f->sites[i].code >= end) return index_of(p->v, f->sites[i].wasm);
    return NOTHING;
}

static int32_t index_at(Place *p, uint32_t at, uint32_t end) {
    const CodeFunc *f = &p->v->code;
    while (p->mark < f->mark_len && f->marks[p->mark].code <= at)
        p->mark++;
    if (p->mark == 0) return NOTHING; // the prologue
    uint32_t wasm = f->marks[p->mark - 1].wasm;
    return wasm == CODE_MARK_LATE ? index_of_late(p, end)
                                  : index_of(p->v, wasm);
}

// --- machine code --------------------------------------------------------------

static void put_bytes(Page *p, const uint8_t *bytes, uint32_t size) {
    enum {
        WIDTH = 10
    };
    for (uint32_t i = 0; i < MAX(size, WIDTH); i++)
        i < size ? text_printf(&p->out, "%02x ", bytes[i])
                 : text_str(&p->out, "   ");
}

// What a field that is filled in later stands for.
static void put_reloc(Page *p, const CodeReloc *r) {
    text_str(&p->out, " <i>; ");
    switch ((CodeRelocKind)r->kind) {
    case RELOC_func:
    case RELOC_slot:
        put_func_name(p, r->index + p->m->module.imported[EXTERN_func]);
        break;
    case RELOC_helper:
        text_printf(&p->out, "helper %s", helper_info[r->index].name);
        break;
    case RELOC_trap:
        text_printf(&p->out, "trap: %s", trap_text((Trap)r->index));
        break;
    }
    text_str(&p->out, "</i>");
}

// Text of the instruction, or of a byte that is none; its size.
static uint32_t disassemble(const View *v, uint32_t at, char *text) {
    X64Inst inst;
    const CodeFunc *f = &v->code;
    if (x64_decode(&inst, f->code + at, f->size - at)) {
        x64_print(&inst, at, text);
        return inst.size;
    }
    snprintf(text, X64_TEXT_MAX, ".byte 0x%02x", f->code[at]);
    return 1;
}

static bool is_trap(const CodeFunc *f, Place *p, uint32_t at, uint32_t end) {
    bool found = false;
    while (p->site < f->site_len && f->sites[p->site].code < at)
        p->site++;
    for (uint32_t i = p->site; i < f->site_len && f->sites[i].code == at; i++)
        found |= (f->sites[i].wasm & CODE_SITE_FAULT) != 0;
    if (p->reloc < f->reloc_len && f->relocs[p->reloc].at < end)
        found |= f->relocs[p->reloc].kind == RELOC_trap;
    return found;
}

static void begin_line(Page *p, int32_t index, bool is_trap_site) {
    text_str(&p->out, "<span");
    if (index != NOTHING) text_printf(&p->out, " data-i=\"%d\"", index);
    if (index != NOTHING || is_trap_site)
        text_printf(&p->out, " class=\"%s%s", is_trap_site ? "t" : "",
                    is_trap_site && index != NOTHING ? " " : "");
    if (index != NOTHING) text_printf(&p->out, "c%d", index % COLOURS);
    if (index != NOTHING || is_trap_site) text_char(&p->out, '"');
    text_char(&p->out, '>');
}

static void put_code(Page *p, const View *v) {
    const CodeFunc *f = &v->code;
    Place place = {.v = v};
    char text[X64_TEXT_MAX];
    for (uint32_t at = 0, size; at < f->size; at += size) {
        size = disassemble(v, at, text);
        uint32_t end = at + size;
        bool traps = is_trap(f, &place, at, end);
        begin_line(p, index_at(&place, at, end), traps);
        text_printf(&p->out, "<i>%6x</i> ", at);
        put_bytes(p, f->code + at, size);
        put_html(&p->out, text, strlen(text));
        while (place.reloc < f->reloc_len && f->relocs[place.reloc].at < end)
            put_reloc(p, &f->relocs[place.reloc++]);
        text_str(&p->out, "</span>");
    }
}

// --- text ----------------------------------------------------------------------

static void put_text(Page *p, const View *v) {
    for (uint32_t i = 0; i < v->len; i++) {
        size_t at = v->lines[i].at;
        const char *start = v->text.data + at;
        const char *newline = memchr(start, '\n', v->text.len - at);
        size_t len = newline ? (size_t)(newline - start) : v->text.len - at;
        begin_line(p, (int32_t)i, false);
        text_printf(&p->out, "<i>%6llx</i> ",
                    (unsigned long long)(v->body_at + v->lines[i].code));
        put_html(&p->out, start, len);
        text_str(&p->out, "</span>");
    }
}

// --- functions -----------------------------------------------------------------

static bool put_func(Page *p, uint32_t func) {
    const Module *m = &p->m->module;
    View v = {.func = func, .body_at = module_body(m, func)->bytes.at};
    text_init(&v.text, &p->scratch);
    if (!text_func_lines(p->texts, func, &v.text, &v.lines, &v.len, &p->err))
        return false;
    uint32_t defined = func - m->imported[EXTERN_func];
    bool has_code =
        specimen_compile(p->m, defined, &p->scratch, &v.code, &v.wasm_at);
    text_printf(&p->out, "<section id=\"f%u\">\n<h3>", func);
    put_func_name(p, func);
    text_printf(&p->out, "</h3>\n<p>function %u, %u bytes", func,
                module_body(m, func)->bytes.size);
    if (has_code) text_printf(&p->out, ", %u bytes of code", v.code.size);
    text_str(&p->out, "</p>\n<div>\n<pre>");
    put_text(p, &v);
    text_str(&p->out, "</pre>\n<pre>");
    if (has_code) put_code(p, &v);
    text_str(&p->out, "</pre>\n</div>\n</section>\n");
    return true;
}

static void put_list(Page *p) {
    const Module *m = &p->m->module;
    text_str(&p->out, "<nav>\n<table>\n");
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++) {
        if (!p->shown[i]) continue;
        text_printf(&p->out, "<tr><td><a href=\"#f%u\">", i);
        put_func_name(p, i);
        text_printf(&p->out, "</a></td><td>%u</td></tr>\n",
                    module_body(m, i)->bytes.size);
    }
    text_str(&p->out, "</table>\n");
    uint32_t len = m->funcs.len - m->imported[EXTERN_func];
    if (p->shown_len < len)
        text_printf(&p->out,
                    "<p>%u of %u functions; --function and --all show others"
                    "</p>\n",
                    p->shown_len, len);
    text_str(&p->out, "</nav>\n");
}

// --- which functions -----------------------------------------------------------

static void show(Page *p, uint32_t func) {
    p->shown_len += !p->shown[func];
    p->shown[func] = true;
}

// Those of a name, or the one of an index.
static bool show_named(Page *p, const char *text) {
    const Module *m = &p->m->module;
    bool found = false;
    uint64_t index;
    bool is_index = num_parse_uint(text, strlen(text), 32, &index) == NUM_ok;
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++) {
        Str name = module_func_name(m, i);
        if (is_index ? i != index
                     : !str_eq(name, (Str){text, (uint32_t)strlen(text)}))
            continue;
        show(p, i);
        found = true;
    }
    return found || report_usage("the module defines no function '%s'", text);
}

static void show_first(Page *p, uint64_t most) {
    const Module *m = &p->m->module;
    uint64_t size = 0;
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++) {
        size += module_body(m, i)->bytes.size;
        if (size > most && p->shown_len > 0) return;
        show(p, i);
    }
}

static bool choose(Page *p, const Options *o) {
    bool has_names = false;
    p->shown = NEW_N(&p->arena, bool, p->m->module.funcs.len);
    VEC_EACH (const OptionUse, use, &o->uses) {
        if (use->id != OPTION_function) continue;
        has_names = true;
        if (!show_named(p, use->text)) return false;
    }
    if (has_names) return true;
    show_first(p, option_on(o, OPTION_all) ? UINT64_MAX : BODIES_MAX);
    return true;
}

// --- the page ------------------------------------------------------------------

static bool put_page(Page *p, const char *name) {
    const Module *m = &p->m->module;
    text_str(&p->out, page_head);
    text_str(&p->out, "<title>");
    put_html(&p->out, name, strlen(name));
    text_str(&p->out, "</title>\n</head>\n<body>\n");
    put_list(p);
    text_str(&p->out, "<main>\n<h2>");
    put_html(&p->out, name, strlen(name));
    text_str(&p->out, "</h2>\n");
    p->texts = text_funcs_new(m, &p->arena);
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++) {
        if (!p->shown[i]) continue;
        if (!put_func(p, i)) return false;
        arena_reset(&p->scratch);
    }
    text_str(&p->out, "</main>\n");
    text_str(&p->out, page_script);
    return text_finish(&p->out);
}

// --- files ---------------------------------------------------------------------

static bool write_page(const Options *o, const RtModule *m, const Input *in,
                       Output *out) {
    Page p = {.m = m};
    ArenaGuard guard, inner;
    volatile bool ok = false;
    arena_init(&p.arena, m->engine->config.limits.compile_memory);
    arena_init(&p.scratch, m->engine->config.limits.compile_memory);
    if (ARENA_GUARD(&p.arena, &guard) && ARENA_GUARD(&p.scratch, &inner)) {
        text_init(&p.out, &p.arena);
        p.out.flush = output_write;
        p.out.env = out;
        ok = choose(&p, o) && put_page(&p, in->name);
        if (!err_ok(&p.err)) (void)report_about(in, p.err.text);
    } else {
        (void)report_no_memory();
    }
    arena_unguard(&p.scratch, &inner);
    arena_unguard(&p.arena, &guard);
    arena_release(&p.scratch);
    arena_release(&p.arena);
    return ok;
}

static bool explore(const Options *o, const RtModule *m, const Input *in) {
    Output out;
    if (!output_open(&out, o->values[OPTION_output].text)) return false;
    bool ok = write_page(o, m, in, &out);
    return output_close(&out, ok) && ok;
}

int tool_explore(const Options *o) {
    if (o->words.len != 1) {
        (void)report_usage("'explore' takes one file");
        return EXIT_usage;
    }
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    Input in;
    RtModule *m = input_load(e, &in, o->words.data[0]);
    bool ok = m && explore(o, m, &in);
    if (m) rt_module_unref(m);
    input_release(&in);
    engine_unref(e);
    return ok ? EXIT_ok : EXIT_failed;
}
