// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading compiled modules.
#include "base/alloc.h"
#include "engine/artifact_int.h"
#include "engine/compiled_int.h"
#include "os/file.h"
#include "os/vm.h"

#include <string.h>

bool artifact_is(const uint8_t *bytes, size_t size) {
    return size >= sizeof elf_ident && !memcmp(bytes, elf_ident, 4);
}

// --- what a file holds ---------------------------------------------------------------

// A file as it lies somewhere.
typedef struct Artifact {
    const uint8_t *bytes;
    size_t size;
    ArtifactParts parts;
    ArtifactHead head;
    uint64_t text_at, images_at; // in the file
} Artifact;

static bool damaged(Err *err, const char *what) {
    return err_at(err, ERR_NOWHERE, E_artifact_damaged, what);
}

static bool is_inside(const Artifact *a, uint64_t at, uint64_t size) {
    return size <= a->size && at <= a->size - size;
}

static bool is_part(const Artifact *a, const ElfSection *s, size_t item) {
    return s->at % ARTIFACT_ALIGN == 0 && is_inside(a, s->at, s->size) &&
           s->size % item == 0 && s->size / item <= UINT32_MAX;
}

static bool find_sections(const Artifact *a, ElfSection *out) {
    ElfHeader elf;
    size_t size = ELF_SECTIONS * sizeof *out;
    if (a->size < sizeof elf) return false;
    memcpy(&elf, a->bytes, sizeof elf);
    bool ok = !memcmp(elf.ident, elf_ident, sizeof elf_ident) &&
              elf.machine == ELF_X86_64 && elf.section_len == ELF_SECTIONS &&
              is_inside(a, elf.section_at, size);
    if (ok) memcpy(out, a->bytes + elf.section_at, size);
    return ok;
}

// The head is found from the end: it says whose the rest is.
static bool read_head(Artifact *a, Err *err) {
    ArtifactHead *h = &a->head;
    if (a->size < sizeof *h) return damaged(err, "size");
    memcpy(h, a->bytes + a->size - sizeof *h, sizeof *h);
    if (memcmp(h->magic, ARTIFACT_MAGIC, sizeof h->magic) != 0)
        return damaged(err, "header");
    bool ok = h->format == ARTIFACT_FORMAT &&
              !memcmp(h->build, artifact_build, sizeof h->build);
    if (!ok) return err_at(err, ERR_NOWHERE, E_artifact_version);
    return h->file_size == a->size || damaged(err, "size");
}

static bool read_parts(Artifact *a, Err *err) {
    ElfSection s[ELF_SECTIONS];
    if (!find_sections(a, s)) return damaged(err, "sections");
    for (int i = 0; i < PART_COUNT; i++)
        if (!is_part(a, &s[i + 1], artifact_item_size[i]))
            return damaged(err, "sections");
    int i = 1;
#define PART(name, section, type)                                          \
    a->parts.name.data = (const type *)(const void *)(a->bytes + s[i].at); \
    a->parts.name.len = s[i++].size / sizeof(type);
    ARTIFACT_PARTS(PART)
#undef PART
    a->text_at = s[PART_text + 1].at;
    a->images_at = s[PART_images + 1].at;
    bool ok =
        a->text_at % vm_page_size() == 0 && a->images_at % vm_page_size() == 0;
    return ok || damaged(err, "sections");
}

// --- what it was made for ------------------------------------------------------------

static bool same_config(const Engine *e, const ArtifactHead *h, Err *err) {
    const EngineConfig *config = &e->config;
    BaselineOptions want = {
        .memory0_is_guarded = h->flags & ARTIFACT_guarded,
        .use_fuel = config->use_fuel,
        .use_epoch = config->use_epoch,
        .is_deterministic = config->is_deterministic,
        .keep_slots = h->flags & ARTIFACT_slots,
    };
    const char *differs = NULL;
    bool is_guarded = want.memory0_is_guarded;
    uint32_t other = h->flags ^ artifact_flags(&want);
    if (e->tier != &compiled_tier)
        differs = "no compiler";
    else if (h->page_size != vm_page_size())
        differs = "size of pages";
    else if (h->features != config->features)
        differs = "features";
    else if (h->cpu & ~compiled_cpu(e))
        differs = "processor";
    else if (other & ARTIFACT_fuel)
        differs = "fuel";
    else if (other & ARTIFACT_epoch)
        differs = "deadlines";
    else if (other)
        differs = "determinism";
    else if (is_guarded &&
             (!config->use_guards || h->guard_bytes > config->memory_guard))
        differs = "guards of memories";
    return !differs || err_at(err, ERR_NOWHERE, E_artifact_config, differs);
}

void artifact_hash_config(const Engine *e, Blake2 *hash) {
    const EngineConfig *config = &e->config;
    BaselineOptions options = {
        .memory0_is_guarded = config->use_guards,
        .use_fuel = config->use_fuel,
        .use_epoch = config->use_epoch,
        .is_deterministic = config->is_deterministic,
        .keep_slots = config->keep_slots,
    };
    uint64_t facts[] = {
        ARTIFACT_FORMAT,    vm_page_size(),       compiled_cpu(e),
        config->features,   config->memory_guard, artifact_flags(&options),
        config->chaos_seed,
    };
    blake2_add(hash, artifact_build, BLAKE2_SIZE);
    blake2_add(hash, facts, sizeof facts);
    blake2_add(hash, &config->limits, sizeof config->limits);
}

// --- loading -------------------------------------------------------------------------

static bool open_artifact(const Engine *e, Artifact *a, const uint8_t *bytes,
                          size_t size, Err *err) {
    *a = (Artifact){.bytes = bytes, .size = size};
    if ((uintptr_t)bytes % 16) return damaged(err, "alignment");
    return read_head(a, err) && read_parts(a, err) &&
           same_config(e, &a->head, err);
}

// With `file`, a descriptor plus one, the text is mapped from there.
static RtModule *load(Engine *e, const Artifact *a, int file,
                      const LoadOptions *options, Err *err) {
    const ArtifactParts *p = &a->parts;
    Precompiled code = {
        .image =
            {
                .text = p->text.data,
                .text_len = (uint32_t)p->text.len,
                .funcs = p->code_funcs.data,
                .func_at = p->func_at.data,
                .sites = p->sites.data,
                .pads = p->pads.data,
                .func_len = (uint32_t)p->func_at.len,
                .site_len = (uint32_t)p->sites.len,
                .pad_len = (uint32_t)p->pads.len,
                .file = file,
                .file_at = a->text_at,
            },
        .is_guarded = a->head.flags & ARTIFACT_guarded,
        .keeps_slots = a->head.flags & ARTIFACT_slots,
        .parts = p,
        .head = &a->head,
        .images_at = a->images_at,
    };
    LoadOptions with_code = *options;
    with_code.precompiled = &code;
    return module_load(e, p->wasm.data, p->wasm.len, &with_code, err);
}

static void free_copy(void *env, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size;
    mem_free(env);
}

// Everything behind the images: the text goes to pages of its own, and images
// are made again.
static RtModule *load_copy(Engine *e, Artifact *a, Err *err) {
    uint64_t from =
        align_up(a->images_at + a->parts.images.len, ARTIFACT_ALIGN);
    // A file that was tampered with may have parts anywhere.
#define PART(name, section, type)                              \
    if (PART_##name > PART_images &&                           \
        (const uint8_t *)a->parts.name.data < a->bytes + from) \
        from = 0;
    ARTIFACT_PARTS(PART)
#undef PART
    uint8_t *copy = mem_alloc(a->size - from);
    if (!copy) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return NULL;
    }
    memcpy(copy, a->bytes + from, a->size - from);
    LoadOptions options = {
        .bytes = LOAD_take, .bytes_free = free_copy, .bytes_env = copy};
#define PART(name, section, type)                                  \
    if (PART_##name > PART_images)                                 \
        a->parts.name.data =                                       \
            (const type *)(const void *)(copy +                    \
                                         ((const uint8_t *)        \
                                              a->parts.name.data - \
                                          a->bytes) -              \
                                         from);
    ARTIFACT_PARTS(PART)
#undef PART
    RtModule *m = load(e, a, 0, &options, err);
    if (!m) mem_free(copy);
    return m;
}

RtModule *artifact_load(Engine *e, const uint8_t *bytes, size_t size,
                        const LoadOptions *options, Err *err) {
    Artifact a;
    if (!open_artifact(e, &a, bytes, size, err)) return NULL;
    if (!options || options->bytes == LOAD_copy) return load_copy(e, &a, err);
    return load(e, &a, 0, options, err);
}

// --- files ---------------------------------------------------------------------------

// A file in memory.
typedef struct Mapping {
    uint8_t *bytes;
    size_t size;
} Mapping;

static bool map(int fd, Mapping *out, Err *err) {
    FileStat stat;
    if (file_stat(fd, &stat) || stat.type != FILE_regular ||
        stat.size < sizeof(ElfHeader) || stat.size > SIZE_MAX / 2)
        return damaged(err, "size");
    out->size = (size_t)stat.size;
    out->bytes = vm_map_file(fd, 0, out->size, VM_read, NULL);
    return out->bytes || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

static void unmap(const Mapping *m) {
    vm_release(m->bytes, (size_t)align_up(m->size, vm_page_size()));
}

static void free_mapping(void *env, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size;
    unmap(env);
    mem_free(env);
}

RtModule *artifact_load_file(Engine *e, int fd, Err *err) {
    Mapping *m = MEM_NEW(Mapping);
    if (!m) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return NULL;
    }
    Artifact a;
    LoadOptions options = {
        .bytes = LOAD_take, .bytes_free = free_mapping, .bytes_env = m};
    RtModule *module = NULL;
    if (map(fd, m, err)) {
        if (open_artifact(e, &a, m->bytes, m->size, err))
            module = load(e, &a, fd + 1, &options, err);
        if (!module) unmap(m);
    }
    if (!module) mem_free(m);
    return module;
}

// --- hashes --------------------------------------------------------------------------

bool artifact_verify(const uint8_t *bytes, size_t size, Err *err) {
    Artifact a = {.bytes = bytes, .size = size};
    if (!read_head(&a, err)) return false;
    uint8_t hash[BLAKE2_SIZE];
    Blake2 b;
    blake2_init(&b);
    blake2_add(&b, bytes, size - sizeof hash);
    blake2_finish(&b, hash);
    return !memcmp(hash, a.head.hash, sizeof hash) || damaged(err, "contents");
}

bool artifact_verify_file(int fd, Err *err) {
    Mapping m;
    if (!map(fd, &m, err)) return false;
    bool ok = artifact_verify(m.bytes, m.size, err);
    unmap(&m);
    return ok;
}
