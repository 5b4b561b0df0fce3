// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The format of compiled modules, shared by what writes and what reads it.
//
// An ELF file whose sections are flat arrays in the order below, then the
// section headers, then the head. Everything is at a multiple of 64 bytes, text
// and images at a multiple of a page. The last bytes are the hash of all others.
#pragma once

#include "base/blake2.h"
#include "baseline/baseline.h"
#include "engine/artifact.h"
#include "valid/side.h"

// Everything linear in the size of a module that running it may need. What is
// not here (types, imports, exports, ...) is decoded from .foliot.wasm.
//   PART(name, "section", item)
// clang-format off
#define ARTIFACT_PARTS(PART)                                                   \
    PART(text,        ".text",               uint8_t)       /* with its stubs */ \
    PART(images,      ".foliot.images",     uint8_t)       /* ImageFile */    \
    PART(image_parts, ".foliot.image_parts", ImagePart)                        \
    PART(code_funcs,  ".foliot.code_funcs",  CodeImageFunc)                    \
    PART(func_at,     ".foliot.func_at",     uint32_t)                         \
    PART(sites,       ".foliot.sites",       CodeSite)                         \
    PART(pads,        ".foliot.pads",        uint32_t)                         \
    PART(decls,       ".foliot.decls",       FuncDecl)                         \
    PART(bodies,      ".foliot.bodies",      Body)                             \
    PART(elems,       ".foliot.elems",       ElemDecl)                         \
    PART(elem_funcs,  ".foliot.elem_funcs",  uint32_t)      /* of all, in order */ \
    PART(elem_exprs,  ".foliot.elem_exprs",  Bytes)                            \
    PART(datas,       ".foliot.datas",       DataDecl)                         \
    PART(names,       ".foliot.names",       FlatName)      /* of functions */ \
    PART(infos,       ".foliot.infos",       FuncInfo)      /* SideTables */   \
    PART(ctl,         ".foliot.ctl",         CtlEntry)                         \
    PART(far_ctl,     ".foliot.far_ctl",     CtlTarget)                        \
    PART(catches,     ".foliot.catches",     CatchEntry)                       \
    PART(loops,       ".foliot.loops",       LoopInfo)                         \
    PART(loop_locals, ".foliot.loop_locals", uint16_t)                         \
    PART(wasm,        ".foliot.wasm",        uint8_t)
// clang-format on

typedef enum PartId {
#define PART(name, section, type) PART_##name,
    ARTIFACT_PARTS(PART)
#undef PART
    PART_COUNT
} PartId;

typedef struct ArtifactParts {
#define PART(name, section, type) \
    struct {                      \
        const type *data;         \
        uint64_t len;             \
    } name;
    ARTIFACT_PARTS(PART)
#undef PART
} ArtifactParts;

// Raised when the format changes; the build says the rest.
enum {
    ARTIFACT_FORMAT = 5
};

#define ARTIFACT_MAGIC "foliot compiled"

typedef enum ArtifactFlag {
    ARTIFACT_fuel = 1 << 0,
    ARTIFACT_epoch = 1 << 1,
    ARTIFACT_deterministic = 1 << 2,
    ARTIFACT_guarded = 1 << 3,
    ARTIFACT_slots = 1 << 4, // keep_slots: any engine takes either
} ArtifactFlag;

typedef struct ArtifactHead {
    char magic[16];
    uint32_t format, page_size, flags, cpu;
    uint64_t features, guard_bytes;
    uint64_t file_size;
    uint64_t code_size; // SideTables.code_size
    uint32_t module_name_at, module_name_len;
    uint32_t has_module_name, reserved;
    uint8_t build[BLAKE2_SIZE]; // artifact_build
    uint8_t hash[BLAKE2_SIZE];  // of everything before it
} ArtifactHead;
static_assert(sizeof(ArtifactHead) == 144, "no padding");

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
    // Sections: a null one, the parts, the names, the head.
    ELF_NAMES = PART_COUNT + 1,
    ELF_HEAD,
    ELF_SECTIONS,
    ARTIFACT_ALIGN = 64,
};
static const uint8_t elf_ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

static const uint8_t artifact_item_size[PART_COUNT] = {
#define PART(name, section, type) sizeof(type),
    ARTIFACT_PARTS(PART)
#undef PART
};

// Stands for the sources of everything that code or tables depend on; made by
// the build.
extern const uint8_t artifact_build[BLAKE2_SIZE];

uint32_t artifact_flags(const BaselineOptions *o);

// Sets the parts that stand for the module: everything but the code's. In the
// arena, which has a guard, or in the module.
void outline_write(const RtModule *m, Arena *arena, ArtifactParts *out);
// The way back, into *m and *side, which use the parts as they lie. The arena
// of *m has a guard. False with *err.
NODISCARD bool outline_read(const ArtifactParts *parts,
                            const ArtifactHead *head, Module *m,
                            SideTables *side, Err *err);
