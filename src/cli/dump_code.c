// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/dump_code.h"

#include "asm/x64/print.h"
#include "engine/listing.h"

// A function that is being shown. Sites and instructions go up together.
typedef struct Shown {
    TextBuf *out;
    const Listing *listing;
    ListedFunc f;
    uint32_t site;
} Shown;

static void print_bytes(TextBuf *out, const uint8_t *bytes, uint32_t size) {
    for (uint32_t i = 0; i < 10; i++) {
        if (i < size)
            text_printf(out, "%02x ", bytes[i]);
        else
            text_str(out, "   ");
    }
    // The longest instructions have a few bytes more.
    for (uint32_t i = 10; i < size; i++)
        text_printf(out, "%02x ", bytes[i]);
}

static void print_name(const Shown *s, int64_t at) {
    char name[LISTING_NAME_MAX];
    listing_name(s->listing, at, name);
    if (!name[0]) return;
    text_str(s->out, "  # ");
    for (const char *c = name; *c; c++)
        text_char(s->out, (unsigned char)*c < ' ' || *c == 127 ? '.' : *c);
}

static bool has_target(const X64Inst *inst) {
    const X64Info *info = &x64_info[inst->op];
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == FIELD_rel) return true;
    return false;
}

static bool has_memory(const X64Inst *inst) {
    const X64Info *info = &x64_info[inst->op];
    for (uint32_t i = 0; i < info->operand_len; i++)
        if (info->operand[i].field == FIELD_rm && inst->mem.base == MEM_rip)
            return true;
    return false;
}

// What is outside of the function that the instruction speaks of.
static void print_target(const Shown *s, const X64Inst *inst, uint32_t at) {
    int64_t end = (int64_t)at + inst->size, target;
    if (has_target(inst))
        target = end + inst->imm;
    else if (has_memory(inst))
        target = end + inst->mem.disp;
    else
        return;
    if (target < s->f.at || target >= (int64_t)s->f.at + s->f.size)
        print_name(s, target);
}

// Calls have their site where they return to, accesses where they are.
static void print_sites(Shown *s, uint32_t begin, uint32_t end) {
    for (; s->site < s->f.site_len; s->site++) {
        CodeSite site = s->f.sites[s->site];
        bool is_fault = site.wasm & CODE_SITE_FAULT;
        if (is_fault ? site.code >= end : site.code > end) return;
        if (is_fault && site.code < begin) continue;
        uint32_t wasm = site.wasm & ~CODE_SITE_FAULT;
        text_printf(s->out, "  ; 0x%llx%s",
                    (unsigned long long)(s->f.wasm_at + wasm),
                    is_fault ? " may fault" : "");
    }
}

static void print_pads(const Shown *s, uint32_t at) {
    for (uint32_t i = 0; i < s->f.pad_len; i++)
        if (s->f.pads[i] == at) text_printf(s->out, "  handler %u:\n", i);
}

static uint32_t print_instruction(Shown *s, uint32_t at) {
    X64Inst inst;
    char text[X64_TEXT_MAX];
    const uint8_t *code = s->f.code + at;
    bool ok = x64_decode(&inst, code, s->f.size - at);
    uint32_t size = ok ? inst.size : 1;
    print_pads(s, at);
    text_printf(s->out, "  %8x  ", s->f.at + at);
    print_bytes(s->out, code, size);
    if (ok) x64_print(&inst, s->f.at + at, text);
    text_printf(s->out, " %s", ok ? text : "(data)");
    if (ok) print_target(s, &inst, s->f.at + at);
    print_sites(s, at, at + size);
    text_char(s->out, '\n');
    return size;
}

static void print_function(Shown *s) {
    const Module *m = &s->listing->module->module;
    Str name = module_func_name(m, s->f.func);
    text_printf(s->out, "\nfunction %u", s->f.func);
    if (name.len) text_str(s->out, "  \"");
    for (uint32_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        text_char(s->out, c < ' ' || c == 127 ? '.' : (char)c);
    }
    if (name.len) text_char(s->out, '"');
    text_printf(s->out,
                "\n  module 0x%llx, code 0x%x, %u bytes, frame %u bytes, slots "
                "of %u\n",
                (unsigned long long)s->f.wasm_at, s->f.at, s->f.size,
                s->f.frame_size, s->f.is_wide ? 16u : 8u);
    for (uint32_t at = 0; at < s->f.size;)
        at += print_instruction(s, at);
}

bool dump_code(TextBuf *out, RtModule *m, Err *err) {
    Listing l;
    if (!listing_of(m, &l, err)) return false;
    text_printf(out, "\nMachine code, memory 0 %s:\n",
                l.is_guarded ? "with a guard" : "checked");
    for (uint32_t i = 0; i < listing_len(&l); i++) {
        Shown s = {.out = out, .listing = &l};
        if (!listing_func(&l, i, &s.f))
            return err_at(err, ERR_NOWHERE, E_artifact_damaged, "functions");
        print_function(&s);
    }
    return true;
}
