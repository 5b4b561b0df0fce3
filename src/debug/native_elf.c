// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An ELF object about code that lies in memory already: symbols, how to unwind,
// and, where the module has lines, which line of the source is where.
//
// It is linked: addresses are what they are, and the text has no bytes. Frames
// are unwound by the frame pointer, which all code of ours keeps.
//
//   .text        where the code is; no bytes
//   .debug_frame one rule for all, one entry for each function
//   .symtab      a symbol for each function
//   .debug_*     one unit with a subprogram for each function, and its lines
#include "debug/native_int.h"

#include <elf.h>

enum {
    SECTION_none,
    SECTION_text,
    SECTION_frame,
    SECTION_symtab,
    SECTION_strtab,
    SECTION_names,
    SECTION_abbrev,
    SECTION_info,
    SECTION_line,
    SECTION_count,
    SECTION_count_plain = SECTION_abbrev, // without lines
};

static const struct {
    const char *name;
    uint32_t type;
    uint64_t flags;
} section_info[SECTION_count] = {
    [SECTION_none] = {"", SHT_NULL, 0},
    [SECTION_text] = {".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR},
    [SECTION_frame] = {".debug_frame", SHT_PROGBITS, 0},
    [SECTION_symtab] = {".symtab", SHT_SYMTAB, 0},
    [SECTION_strtab] = {".strtab", SHT_STRTAB, 0},
    [SECTION_names] = {".shstrtab", SHT_STRTAB, 0},
    [SECTION_abbrev] = {".debug_abbrev", SHT_PROGBITS, 0},
    [SECTION_info] = {".debug_info", SHT_PROGBITS, 0},
    [SECTION_line] = {".debug_line", SHT_PROGBITS, 0},
};

typedef struct Elf {
    Writer *w;
    const NativeLines *lines;
    const NativeFunc *funcs;
    uint32_t len;
    uint64_t low, high; // the text
    uint64_t at[SECTION_count], size[SECTION_count];
} Elf;

static void begin(Elf *e, uint32_t section) {
    while (e->w->len % 8)
        write_u8(e->w, 0);
    e->at[section] = e->w->len;
}

static void end(Elf *e, uint32_t section) {
    e->size[section] = e->w->len - e->at[section];
}

// A field of 4 bytes before what it counts.
static size_t begin_length(Elf *e) {
    put_fixed(e->w, 0, 4);
    return e->w->len;
}

static void end_length(Elf *e, size_t start) {
    uint32_t size = (uint32_t)(e->w->len - start);
    memcpy(e->w->data + start - 4, &size, sizeof size);
}

static void put_str(Writer *w, Str s) {
    write_bytes(w, s.data, s.len);
    write_u8(w, 0);
}

// --- unwinding -----------------------------------------------------------------

enum { // DWARF 5, section 7.24; registers of the System V ABI
    CFA_advance_loc = 0x40,
    CFA_offset = 0x80,
    CFA_def_cfa = 0x0c,
    CFA_def_cfa_register = 0x0d,
    CFA_def_cfa_offset = 0x0e,
    REG_rbp = 6,
    REG_rsp = 7,
    REG_return = 16,
};

static void align_entry(Elf *e, size_t start) {
    while ((e->w->len - start + 4) % 8)
        write_u8(e->w, 0); // DW_CFA_nop
    end_length(e, start);
}

static void put_common(Elf *e) {
    Writer *w = e->w;
    size_t start = begin_length(e);
    put_fixed(w, UINT32_MAX, 4); // a common entry
    write_u8(w, 1);              // version
    write_u8(w, 0);              // augmentation: none
    write_u32(w, 1);             // unit of code
    write_s32(w, -8);            // unit of the stack
    write_u8(w, REG_return);
    write_u8(w, CFA_def_cfa);
    write_u32(w, REG_rsp);
    write_u32(w, 8);
    write_u8(w, CFA_offset | REG_return);
    write_u32(w, 1);
    align_entry(e, start);
}

static void put_frame_made(Writer *w) {
    write_u8(w, CFA_def_cfa_register);
    write_u32(w, REG_rbp);
}

static void put_pushed(Writer *w) {
    write_u8(w, CFA_def_cfa_offset);
    write_u32(w, 16);
    write_u8(w, CFA_offset | REG_rbp);
    write_u32(w, 2);
}

static void put_entry(Elf *e, const NativeFunc *f) {
    enum {
        PUSH_SIZE = 1,
        MOVE_SIZE = 3,
    };
    Writer *w = e->w;
    size_t start = begin_length(e);
    put_fixed(w, 0, 4); // the common entry is first
    put_fixed(w, (uintptr_t)f->code, 8);
    put_fixed(w, f->size, 8);
    if (f->has_frame) write_u8(w, CFA_advance_loc | PUSH_SIZE);
    put_pushed(w);
    if (f->has_frame) write_u8(w, CFA_advance_loc | MOVE_SIZE);
    put_frame_made(w);
    align_entry(e, start);
}

static void put_unwinding(Elf *e) {
    begin(e, SECTION_frame);
    put_common(e);
    for (uint32_t i = 0; i < e->len; i++)
        put_entry(e, &e->funcs[i]);
    end(e, SECTION_frame);
}

// --- symbols -------------------------------------------------------------------

static void put_symbols(Elf *e) {
    begin(e, SECTION_symtab);
    Elf64_Sym none = {0};
    write_bytes(e->w, &none, sizeof none);
    uint32_t name = 1;
    for (uint32_t i = 0; i < e->len; i++) {
        const NativeFunc *f = &e->funcs[i];
        Elf64_Sym symbol = {
            .st_name = name,
            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
            .st_shndx = SECTION_text,
            .st_value = (uintptr_t)f->code,
            .st_size = f->size,
        };
        write_bytes(e->w, &symbol, sizeof symbol);
        name += f->name.len + 1;
    }
    end(e, SECTION_symtab);
    begin(e, SECTION_strtab);
    write_u8(e->w, 0);
    for (uint32_t i = 0; i < e->len; i++)
        put_str(e->w, e->funcs[i].name);
    end(e, SECTION_strtab);
}

// --- lines ---------------------------------------------------------------------

enum { // DWARF 4, sections 7.5 and 7.21
    TAG_compile_unit = 0x11,
    TAG_subprogram = 0x2e,
    AT_name = 0x03,
    AT_stmt_list = 0x10,
    AT_low_pc = 0x11,
    AT_high_pc = 0x12,
    AT_language = 0x13,
    FORM_addr = 0x01,
    FORM_data2 = 0x05,
    FORM_data4 = 0x06,
    FORM_string = 0x08,
    FORM_sec_offset = 0x17,
    LANGUAGE_C99 = 0x0c,
    LNS_copy = 1,
    LNS_advance_pc = 2,
    LNS_advance_line = 3,
    LNS_set_file = 4,
    OPCODE_BASE = 13,
};

static void put_abbrevs(Elf *e) {
    static const uint8_t abbrevs[] = {
        1,         TAG_compile_unit,
        1, //
        AT_name,   FORM_string,      AT_language, FORM_data2,   AT_low_pc,
        FORM_addr, AT_high_pc,       FORM_data4,  AT_stmt_list, FORM_sec_offset,
        0,
        0, //
        2,         TAG_subprogram,   0,           AT_name,      FORM_string,
        AT_low_pc, FORM_addr,        AT_high_pc,  FORM_data4,   0,
        0, //
        0};
    begin(e, SECTION_abbrev);
    write_bytes(e->w, abbrevs, sizeof abbrevs);
    end(e, SECTION_abbrev);
}

static void put_info(Elf *e) {
    Writer *w = e->w;
    begin(e, SECTION_info);
    size_t start = begin_length(e);
    put_fixed(w, 4, 2); // version
    put_fixed(w, 0, 4); // abbreviations
    write_u8(w, 8);     // address size
    write_u8(w, 1);
    put_str(w, STR("WebAssembly"));
    put_fixed(w, LANGUAGE_C99, 2);
    put_fixed(w, e->low, 8);
    put_fixed(w, e->high - e->low, 4);
    put_fixed(w, 0, 4);
    for (uint32_t i = 0; i < e->len; i++) {
        write_u8(w, 2);
        put_str(w, e->funcs[i].name);
        put_fixed(w, (uintptr_t)e->funcs[i].code, 8);
        put_fixed(w, e->funcs[i].size, 4);
    }
    write_u8(w, 0);
    end_length(e, start);
    end(e, SECTION_info);
}

// Numbers of files in the table, from 1; only those that are used.
typedef struct Files {
    Map numbers; // of NativeLines -> here
    Vec(uint32_t) used;
} Files;

static uint32_t file_number(Elf *e, Files *f, uint32_t file) {
    uint32_t number = map_get(&f->numbers, file);
    if (number != MAP_NONE) return number;
    VEC_PUSH(e->w->arena, &f->used, file);
    (void)!map_set(&f->numbers, file, f->used.len);
    return f->used.len;
}

static void put_address(Writer *w, uint64_t address) {
    write_u8(w, 0); // DW_LNE_set_address
    write_u8(w, 9);
    write_u8(w, 2);
    put_fixed(w, address, 8);
}

// The code up to a site is the site's instruction, and what led to it.
static void put_rows(Elf *e, Writer *w, Files *files, const NativeFunc *f) {
    uint32_t from = 0, line = 1;
    put_address(w, (uintptr_t)f->code);
    for (uint32_t i = 0; i < f->site_len; i++) {
        const CodeSite *s = &f->sites[i];
        const NativeRow *row =
            native_line_at(e->lines, f->wasm_at + (s->wasm & ~CODE_SITE_FAULT));
        if (row) {
            write_u8(w, LNS_set_file);
            write_u32(w, file_number(e, files, row->file));
            write_u8(w, LNS_advance_line);
            write_s64(w, (int64_t)row->line - line);
            write_u8(w, LNS_copy);
            line = row->line;
        }
        write_u8(w, LNS_advance_pc);
        write_u32(w, s->code - from);
        from = s->code;
    }
    write_u8(w, LNS_advance_pc);
    write_u32(w, f->size - from);
    write_bytes(w, (uint8_t[]){0, 1, 1}, 3); // DW_LNE_end_sequence
}

static void put_lines(Elf *e) {
    static const uint8_t head[] = {1, 1, 1, 0xff, 1, OPCODE_BASE, 0, 1, 1,
                                   1, 1, 0, 0,    0, 1,           0, 0, 1};
    Writer *w = e->w, rows;
    Files files = {.numbers = {.arena = w->arena}};
    writer_init(&rows, w->arena);
    for (uint32_t i = 0; i < e->len; i++)
        put_rows(e, &rows, &files, &e->funcs[i]);
    begin(e, SECTION_line);
    size_t start = begin_length(e);
    put_fixed(w, 4, 2); // version
    size_t head_start = begin_length(e);
    write_bytes(w, head, sizeof head);
    write_u8(w, 0); // no directories
    for (uint32_t i = 0; i < files.used.len; i++) {
        put_str(w, e->lines->files.data[files.used.data[i]]);
        write_bytes(w, (uint8_t[]){0, 0, 0}, 3);
    }
    write_u8(w, 0);
    end_length(e, head_start);
    write_bytes(w, rows.data, rows.len);
    end_length(e, start);
    end(e, SECTION_line);
}

// --- the file ------------------------------------------------------------------

static void put_names(Elf *e, uint32_t count, uint32_t names[SECTION_count]) {
    begin(e, SECTION_names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = (uint32_t)(e->w->len - e->at[SECTION_names]);
        put_str(e->w, str_of(section_info[i].name));
    }
    end(e, SECTION_names);
}

static void put_headers(Elf *e, uint32_t count, const uint32_t *names) {
    begin(e, SECTION_none);
    for (uint32_t i = 0; i < count; i++) {
        Elf64_Shdr header = {
            .sh_name = names[i],
            .sh_type = section_info[i].type,
            .sh_flags = section_info[i].flags,
            .sh_offset = i ? e->at[i] : 0,
            .sh_size = e->size[i],
            .sh_addralign = i ? 1 : 0,
        };
        if (i == SECTION_text) {
            header.sh_addr = e->low;
            header.sh_size = e->high - e->low;
            header.sh_addralign = 16;
        }
        if (i == SECTION_symtab) {
            header.sh_link = SECTION_strtab;
            header.sh_info = 1; // the first global symbol
            header.sh_entsize = sizeof(Elf64_Sym);
        }
        write_bytes(e->w, &header, sizeof header);
    }
}

static Elf64_Ehdr file_header(const Elf *e, uint32_t count) {
    return (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                    EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_shoff = e->at[SECTION_none],
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = (uint16_t)count,
        .e_shstrndx = SECTION_names,
    };
}

void native_elf(Writer *w, const NativeLines *lines, const NativeFunc *funcs,
                uint32_t len) {
    Elf e = {.w = w, .lines = lines, .funcs = funcs, .len = len};
    uint32_t count = lines ? SECTION_count : SECTION_count_plain;
    uint32_t names[SECTION_count];
    const NativeFunc *last = &funcs[len - 1];
    e.low = (uintptr_t)funcs[0].code;
    e.high = (uintptr_t)last->code + last->size;
    (void)writer_add(w, sizeof(Elf64_Ehdr));
    e.at[SECTION_text] = w->len;
    put_unwinding(&e);
    put_symbols(&e);
    put_names(&e, count, names);
    if (lines) {
        put_abbrevs(&e);
        put_info(&e);
        put_lines(&e);
    }
    put_headers(&e, count, names);
    Elf64_Ehdr header = file_header(&e, count);
    memcpy(w->data, &header, sizeof header);
}
