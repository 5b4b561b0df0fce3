// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writing compiled modules.
#include "engine/artifact_int.h"
#include "engine/compiled_int.h"
#include "os/vm.h"
#include "rt/image.h"

#include <string.h>

// Names of sections, each at the same place in every file.
static const char section_names[] = "\0"
#define PART(name, section, type) section "\0"
    ARTIFACT_PARTS(PART)
#undef PART
        ".shstrtab\0"
        ".foliot.head";

uint32_t artifact_flags(const BaselineOptions *o) {
    uint32_t flags = 0;
    if (o->use_fuel) flags |= ARTIFACT_fuel;
    if (o->use_epoch) flags |= ARTIFACT_epoch;
    if (o->is_deterministic) flags |= ARTIFACT_deterministic;
    if (o->memory0_is_guarded) flags |= ARTIFACT_guarded;
    if (o->keep_slots) flags |= ARTIFACT_slots;
    return flags;
}

// --- where everything goes -----------------------------------------------------------

typedef struct Plan {
    struct {
        const void *data;
        uint64_t size;
    } parts[ELF_SECTIONS]; // by section
    ElfSection sections[ELF_SECTIONS];
    ElfHeader elf;
    ArtifactHead head;
} Plan;

static void set_parts(Plan *p, const ArtifactParts *parts) {
    int i = 1;
#define PART(name, section, type)        \
    p->parts[i].data = parts->name.data; \
    p->parts[i++].size = parts->name.len * sizeof(type);
    ARTIFACT_PARTS(PART)
#undef PART
    p->parts[ELF_NAMES].data = section_names;
    p->parts[ELF_NAMES].size = sizeof section_names;
    p->parts[ELF_HEAD].data = &p->head;
    p->parts[ELF_HEAD].size = sizeof p->head;
}

// The head comes last, behind the table of sections.
static void lay_out(Plan *p) {
    const char *name = section_names + 1;
    uint64_t at = sizeof p->elf;
    for (int i = 1; i < ELF_SECTIONS; i++) {
        bool is_text = i == PART_text + 1;
        bool is_mapped = is_text || i == PART_images + 1;
        size_t align = is_mapped ? vm_page_size() : ARTIFACT_ALIGN;
        if (i == ELF_HEAD) {
            p->elf.section_at = align_up(at, align);
            at = p->elf.section_at + sizeof p->sections;
        }
        at = align_up(at, align);
        p->sections[i] = (ElfSection){
            .name = (uint32_t)(name - section_names),
            .type = i == ELF_NAMES ? ELF_STRTAB : ELF_PROGBITS,
            .flags = is_text ? ELF_ALLOC_EXEC : 0,
            .address = is_text ? at : 0,
            .at = at,
            .size = p->parts[i].size,
            .align = align,
        };
        at += p->parts[i].size;
        name += strlen(name) + 1;
    }
    p->head.file_size = at;
    p->elf.type = ELF_DYN;
    p->elf.machine = ELF_X86_64;
    p->elf.version = 1;
    p->elf.size = sizeof p->elf;
    p->elf.section_size = sizeof(ElfSection);
    p->elf.section_len = ELF_SECTIONS;
    p->elf.names_at = ELF_NAMES;
    memcpy(p->elf.ident, elf_ident, sizeof elf_ident);
}

static void set_head(ArtifactHead *h, const CodeVariant *v) {
    const Module *m = &v->module->module;
    *h = (ArtifactHead){
        .format = ARTIFACT_FORMAT,
        .page_size = (uint32_t)vm_page_size(),
        .flags = artifact_flags(&v->options),
        .cpu = v->options.cpu,
        .features = v->module->engine->config.features,
        .guard_bytes = v->options.guard_bytes,
        .code_size = v->module->side->code_size,
        .has_module_name = m->names.has_module && m->names.module.len,
    };
    memcpy(h->magic, ARTIFACT_MAGIC, sizeof h->magic);
    memcpy(h->build, artifact_build, sizeof h->build);
    if (!h->has_module_name) return;
    const char *start = (const char *)m->bytes;
    h->module_name_at = (uint32_t)(m->names.module.data - start);
    h->module_name_len = m->names.module.len;
}

// --- writing -------------------------------------------------------------------------

typedef struct Emit {
    ArtifactSink sink;
    Blake2 hash;
    uint64_t at;
    bool ok;
} Emit;

static void put(Emit *e, const void *bytes, uint64_t size) {
    if (!e->ok || size == 0) return;
    blake2_add(&e->hash, bytes, size);
    e->at += size;
    e->ok = e->sink.write(e->sink.env, bytes, size);
}

static void pad(Emit *e, uint64_t to) {
    static const uint8_t zeros[256];
    while (e->ok && e->at < to)
        put(e, zeros, MIN(to - e->at, sizeof zeros));
}

static bool emit(Plan *p, ArtifactSink sink) {
    Emit e = {.sink = sink, .ok = true};
    blake2_init(&e.hash);
    put(&e, &p->elf, sizeof p->elf);
    for (int i = 1; i < ELF_HEAD; i++) {
        pad(&e, p->sections[i].at);
        put(&e, p->parts[i].data, p->parts[i].size);
    }
    pad(&e, p->elf.section_at);
    put(&e, p->sections, sizeof p->sections);
    pad(&e, p->sections[ELF_HEAD].at);
    put(&e, &p->head, sizeof p->head - sizeof p->head.hash);
    blake2_finish(&e.hash, p->head.hash);
    return e.ok && sink.write(sink.env, p->head.hash, sizeof p->head.hash);
}

static void write_images(const RtModule *m, Arena *arena, ArtifactParts *out) {
    uint32_t len = module_image_part_len(m), found = 0;
    ImagePart *parts = NEW_N(arena, ImagePart, len);
    for (uint32_t n = 0; n < len; n++) {
        if (!module_image_part(m, n, &parts[found])) continue;
        out->images.len += parts[found++].size;
    }
    uint8_t *bytes = NEW_N(arena, uint8_t, out->images.len);
    out->images.data = bytes;
    out->image_parts.data = parts;
    out->image_parts.len = found;
    for (uint32_t i = 0; i < found; bytes += parts[i++].size)
        module_image_fill(m, &parts[i], bytes);
}

static bool plan(RtModule *m, Arena *arena, Plan *p, Err *err) {
    if (m->engine->tier != &compiled_tier)
        return err_at(err, ERR_NOWHERE, E_artifact_config, "no compiler");
    const CodeVariant *v = compiled_complete(m, err);
    if (!v) return false;
    if (!compiled_is_complete(v)) return err_at(err, ERR_NOWHERE, E_code_room);
    if (!module_image_ready(m, err)) return false;
    CodeImage image;
    code_image_of(v->region, arena, &image);
    ArtifactParts parts = {
        .text = {image.text, image.text_len},
        .code_funcs = {image.funcs, image.func_len},
        .func_at = {image.func_at, image.func_len},
        .sites = {image.sites, image.site_len},
        .pads = {image.pads, image.pad_len},
    };
    write_images(m, arena, &parts);
    outline_write(m, arena, &parts);
    *p = (Plan){0};
    set_head(&p->head, v);
    set_parts(p, &parts);
    lay_out(p);
    return true;
}

bool artifact_emit(RtModule *m, Arena *arena, ArtifactSink sink, Err *err) {
    Plan *p = NEW(arena, Plan);
    return plan(m, arena, p, err) && emit(p, sink);
}

static bool append(void *env, const void *bytes, size_t size) {
    uint8_t **at = env;
    memcpy(*at, bytes, size);
    *at += size;
    return true;
}

bool artifact_write(RtModule *m, Arena *arena, uint8_t **out, size_t *size,
                    Err *err) {
    Plan *p = NEW(arena, Plan);
    if (!plan(m, arena, p, err)) return false;
    *size = p->head.file_size;
    *out = arena_alloc_raw(arena, 1, *size);
    uint8_t *at = *out;
    return emit(p, (ArtifactSink){append, &at});
}
