// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/artifact.h"

#include "base/writer.h"
#include "engine/compiled_int.h"
#include "os/vm.h"

#include <string.h>

// --- the format ------------------------------------------------------------------------

// Sections, in this order, each at a multiple of 64 bytes; the code at a
// multiple of a page.
typedef enum Section {
    SECTION_null,
    SECTION_text,
    SECTION_head,
    SECTION_funcs,
    SECTION_sites,
    SECTION_pads,
    SECTION_wasm,
    SECTION_names,
    SECTION_COUNT
} Section;

static const char names[] = "\0.text\0.foliot.head\0.foliot.funcs\0"
                            ".foliot.sites\0.foliot.pads\0.foliot.wasm\0"
                            ".shstrtab";
static const uint32_t name_at[SECTION_COUNT] = {0, 1, 7, 20, 34, 48, 61, 74};

// Raised when anything changes that the stubs do not show.
enum {
    ARTIFACT_VERSION = 1
};

typedef enum ArtifactFlag {
    ARTIFACT_fuel = 1 << 0,
    ARTIFACT_epoch = 1 << 1,
    ARTIFACT_deterministic = 1 << 2,
    ARTIFACT_guarded = 1 << 3,
} ArtifactFlag;

typedef struct Head {
    char magic[16];
    uint32_t version, page_size, flags, cpu;
    uint64_t features, guard_bytes;
    uint32_t func_len, text_len;
    uint64_t reserved;
} Head;
static const char magic[16] = "foliot compiled";

// ELF, as far as it is needed (System V ABI, chapter 4).
typedef struct ElfHeader {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_at, section_at;
    uint32_t flags;
    uint16_t size, program_size, program_len, section_size, section_len,
        names_at;
} ElfHeader;

typedef struct ElfSection {
    uint32_t name, type;
    uint64_t flags, address, at, size;
    uint32_t link, info;
    uint64_t align, entry_size;
} ElfSection;
static_assert(sizeof(ElfHeader) == 64 && sizeof(ElfSection) == 64, "ELF64");

enum {
    ELF_DYN = 3,
    ELF_X86_64 = 62,
    ELF_PROGBITS = 1,
    ELF_STRTAB = 3,
    ELF_ALLOC_EXEC = 6,
};
static const uint8_t elf_ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

bool artifact_is(const uint8_t *bytes, size_t size) {
    return size >= sizeof elf_ident && !memcmp(bytes, elf_ident, 4);
}

// --- writing ---------------------------------------------------------------------------

typedef struct Part {
    const void *data;
    size_t size;
} Part;

static uint32_t flags_of(const BaselineOptions *o) {
    uint32_t flags = 0;
    if (o->use_fuel) flags |= ARTIFACT_fuel;
    if (o->use_epoch) flags |= ARTIFACT_epoch;
    if (o->is_deterministic) flags |= ARTIFACT_deterministic;
    if (o->memory0_is_guarded) flags |= ARTIFACT_guarded;
    return flags;
}

static Head head_of(const CodeVariant *v, const CodeImage *image) {
    Head h = {
        .version = ARTIFACT_VERSION,
        .page_size = (uint32_t)vm_page_size(),
        .flags = flags_of(&v->options),
        .cpu = v->options.cpu,
        .features = v->module->engine->config.features,
        .guard_bytes = v->options.guard_bytes,
        .func_len = image->func_len,
        .text_len = image->text_len,
    };
    memcpy(h.magic, magic, sizeof magic);
    return h;
}

static void pad_to(Writer *w, size_t to) {
    size_t more = align_up(w->len, to) - w->len;
    memset(writer_add(w, more), 0, more);
}

static void write_parts(Writer *w, const Part *parts) {
    ElfHeader elf = {
        .type = ELF_DYN,
        .machine = ELF_X86_64,
        .version = 1,
        .size = sizeof elf,
        .section_size = sizeof(ElfSection),
        .section_len = SECTION_COUNT,
        .names_at = SECTION_names,
    };
    ElfSection sections[SECTION_COUNT] = {0};
    memcpy(elf.ident, elf_ident, sizeof elf_ident);
    write_bytes(w, &elf, sizeof elf);
    for (int i = SECTION_text; i < SECTION_COUNT; i++) {
        bool is_text = i == SECTION_text;
        size_t align = is_text ? vm_page_size() : 64;
        pad_to(w, align);
        sections[i] = (ElfSection){
            .name = name_at[i],
            .type = i == SECTION_names ? ELF_STRTAB : ELF_PROGBITS,
            .flags = is_text ? ELF_ALLOC_EXEC : 0,
            .address = is_text ? w->len : 0,
            .at = w->len,
            .size = parts[i].size,
            .align = align,
        };
        if (parts[i].size) write_bytes(w, parts[i].data, parts[i].size);
    }
    pad_to(w, 64);
    elf.section_at = w->len;
    write_bytes(w, sections, sizeof sections);
    memcpy(w->data, &elf, sizeof elf);
}

bool artifact_write(RtModule *m, Arena *arena, uint8_t **out, size_t *size,
                    Err *err) {
    if (m->engine->tier != &compiled_tier)
        return err_at(err, ERR_NOWHERE, E_artifact_config, "no compiler");
    const CodeVariant *v = compiled_variant(m, compiled_expects_guard(m));
    if (!v || !compiled_compile_all(v, m->engine->config.compile_threads))
        return err_at(err, ERR_NOWHERE, E_out_of_memory);
    CodeImage image;
    code_image_of(v->region, arena, &image);
    Head head = head_of(v, &image);
    Part parts[SECTION_COUNT] = {
        [SECTION_text] = {image.text, image.text_len},
        [SECTION_head] = {&head, sizeof head},
        [SECTION_funcs] = {image.funcs, image.placed_len * sizeof *image.funcs},
        [SECTION_sites] = {image.sites, image.site_len * sizeof *image.sites},
        [SECTION_pads] = {image.pads, image.pad_len * sizeof *image.pads},
        [SECTION_wasm] = {m->bytes, m->size},
        [SECTION_names] = {names, sizeof names},
    };
    Writer w;
    writer_init(&w, arena);
    write_parts(&w, parts);
    *out = w.data;
    *size = w.len;
    return true;
}

// --- reading ---------------------------------------------------------------------------

// The bytes of all sections, or false.
static bool find_parts(const uint8_t *bytes, size_t size, Part *parts) {
    ElfHeader elf;
    ElfSection sections[SECTION_COUNT];
    if (size < sizeof elf) return false;
    memcpy(&elf, bytes, sizeof elf);
    bool ok = !memcmp(elf.ident, elf_ident, sizeof elf_ident) &&
              elf.machine == ELF_X86_64 && elf.section_len == SECTION_COUNT &&
              size >= sizeof sections &&
              elf.section_at <= size - sizeof sections;
    if (!ok) return false;
    memcpy(sections, bytes + elf.section_at, sizeof sections);
    for (int i = SECTION_text; i < SECTION_COUNT; i++) {
        const ElfSection *s = &sections[i];
        if (s->at % 64 || s->size > size || s->at > size - s->size)
            return false;
        parts[i] = (Part){bytes + s->at, s->size};
    }
    return true;
}

static bool same_config(const Engine *e, const Head *h, Err *err) {
    const EngineConfig *config = &e->config;
    BaselineOptions want = {
        .memory0_is_guarded = h->flags & ARTIFACT_guarded,
        .use_fuel = config->use_fuel,
        .use_epoch = config->use_epoch,
        .is_deterministic = config->is_deterministic,
    };
    const char *differs = NULL;
    bool is_guarded = want.memory0_is_guarded;
    if (e->tier != &compiled_tier)
        differs = "no compiler";
    else if (h->page_size != vm_page_size())
        differs = "size of pages";
    else if (h->features != config->features)
        differs = "features";
    else if (h->cpu & ~compiled_cpu())
        differs = "processor";
    else if (h->flags != flags_of(&want))
        differs = "fuel, deadlines or determinism";
    else if (is_guarded &&
             (!config->use_guards || h->guard_bytes > config->memory_guard))
        differs = "guards of memories";
    return !differs || err_at(err, ERR_NOWHERE, E_artifact_config, differs);
}

static uint32_t len_of(const Part *p, size_t item) {
    return (uint32_t)MIN(p->size / item, UINT32_MAX);
}

static bool read_head(const Engine *e, const Part *parts, Head *h, Err *err) {
    const Part *p = &parts[SECTION_head];
    if (p->size != sizeof *h || memcmp(p->data, magic, sizeof magic) != 0)
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "header");
    memcpy(h, p->data, sizeof *h);
    if (h->version != ARTIFACT_VERSION)
        return err_at(err, ERR_NOWHERE, E_artifact_version);
    if (h->text_len != parts[SECTION_text].size)
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "code");
    return same_config(e, h, err);
}

RtModule *artifact_load(Engine *e, const uint8_t *bytes, size_t size,
                        const LoadOptions *options, Err *err) {
    Part parts[SECTION_COUNT];
    Head head;
    // Tables are read where they lie.
    if ((uintptr_t)bytes % 16 || !find_parts(bytes, size, parts)) {
        (void)err_at(err, ERR_NOWHERE, E_artifact_damaged, "sections");
        return NULL;
    }
    if (!read_head(e, parts, &head, err)) return NULL;
    Precompiled code = {
        .image =
            {
                .text = parts[SECTION_text].data,
                .text_len = head.text_len,
                .funcs = parts[SECTION_funcs].data,
                .placed_len =
                    len_of(&parts[SECTION_funcs], sizeof(CodeImageFunc)),
                .sites = parts[SECTION_sites].data,
                .site_len = len_of(&parts[SECTION_sites], sizeof(CodeSite)),
                .pads = parts[SECTION_pads].data,
                .pad_len = len_of(&parts[SECTION_pads], sizeof(uint32_t)),
                .func_len = head.func_len,
            },
        .is_guarded = head.flags & ARTIFACT_guarded,
    };
    LoadOptions with_code = options ? *options : (LoadOptions){0};
    with_code.precompiled = &code;
    const Part *wasm = &parts[SECTION_wasm];
    return module_load(e, wasm->data, wasm->size, &with_code, err);
}
