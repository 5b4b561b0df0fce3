// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/smith/invalid.h"

#include "binary/binary.h"

#include <string.h>

enum {
    BLOCK_void = 0x40,
    NESTED_MAX = 3,
    HEADER_SIZE = 8,
    SECTION_tag = 13,
    SECTION_data_count = 12,
};

const SmithRule smith_rules[] = {
#define CODE_OFF(id, function, feature) \
    {.err = E_##id,                     \
     .name = #function,                 \
     .without = FEATURE_BIT(feature),   \
     .code = smith_bad_##function},
#define OPCODE_OFF(feature)           \
    {.err = E_opcode_off,             \
     .name = #feature " opcode",      \
     .without = FEATURE_BIT(feature), \
     .code = smith_bad_opcode_that_is_off},
#define SHAPE_OFF(id, function, feature) \
    {.err = E_##id,                      \
     .name = #function,                  \
     .without = FEATURE_BIT(feature),    \
     .shape = smith_bad_##function},
#define SECTION_OFF(id, number, contents, feature) \
    {.err = E_##id,                                \
     .name = #id " in section " #number,           \
     .without = FEATURE_BIT(feature),              \
     .section = number,                            \
     .bytes = contents,                            \
     .size = sizeof contents - 1},
#include "fuzz/smith/invalid.def"
};
const uint32_t smith_rule_len = COUNTOF(smith_rules);

const char *smith_never(ErrId id) {
    static const char *const why[E_count] = {
#define NEVER(err, text) [E_##err] = text,
#include "fuzz/smith/invalid.def"
    };
    return why[id];
}

void smith_break_code(Smith *s) {
    uint32_t nested = smith_below(s, NESTED_MAX);
    for (uint32_t i = 0; i < nested; i++) {
        emit_op(s, smith_chance(s, 2) ? OP_block : OP_loop);
        write_u8(s->w, BLOCK_void);
        VEC_PUSH(s->arena, &s->labels, ((Label){0}));
    }
    s->is_broken = s->in->broken->code(s);
    for (uint32_t i = 0; i < nested; i++) {
        emit_op(s, OP_end);
        (void)VEC_POP(&s->labels);
    }
}

// Where a section has its place: tags stand behind memories, the count of data
// segments before the code.
static uint32_t place_of(uint8_t section) {
    if (section == SECTION_tag) return 11;
    if (section == SECTION_data_count) return 19;
    return section * 2u;
}

// The length of what stands before the place of a section.
static uint32_t prefix_size(Bytes module, uint8_t section) {
    uint32_t at = HEADER_SIZE;
    while (at < module.size) {
        if (module.data[at] == 0 ||
            place_of(module.data[at]) >= place_of(section))
            return at;
        uint32_t size = 0, shift = 0, next = at + 1;
        do {
            size |= (uint32_t)(module.data[next] & 127) << shift;
            shift += 7;
        } while (module.data[next++] & 128);
        at = next + size;
    }
    return at;
}

void smith_break_bytes(Smith *s) {
    const SmithRule *rule = s->in->broken;
    Bytes *out = &s->out->bytes;
    Writer w;
    writer_init(&w, s->arena);
    if (rule->section) {
        write_bytes(&w, out->data, prefix_size(*out, rule->section));
        write_u8(&w, rule->section);
        write_u32(&w, rule->size);
    }
    write_bytes(&w, rule->bytes, rule->size);
    *out = (Bytes){.data = w.data, .size = (uint32_t)w.len};
    s->is_broken = true;
}
