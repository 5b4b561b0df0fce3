// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/state.h"

#include "base/blake2.h"
#include "rt/global.h"
#include "rt/memory.h"
#include "rt/table.h"

enum {
    HASH_SHOWN = 16, // bytes of it
};

static void print_hash(FILE *out, Blake2 *hash) {
    uint8_t bytes[BLAKE2_SIZE];
    blake2_finish(hash, bytes);
    for (int i = 0; i < HASH_SHOWN; i++)
        fprintf(out, "%02x", bytes[i]);
    fputc('\n', out);
}

static void print_memory(FILE *out, const Memory *m) {
    Blake2 hash;
    uint64_t size = memory_size(m);
    blake2_init(&hash);
    if (size) blake2_add(&hash, m->base, size);
    fprintf(out, "memory %llu ", (unsigned long long)size);
    print_hash(out, &hash);
}

static void print_table(FILE *out, const Table *t) {
    Blake2 hash;
    blake2_init(&hash);
    for (uint64_t i = 0; i < t->size; i++) {
        bool is_null = t->is_func ? t->funcs[i] == 0 : t->refs[i] == 0;
        blake2_add(&hash, &is_null, 1);
    }
    fprintf(out, "table %llu ", (unsigned long long)t->size);
    print_hash(out, &hash);
}

static bool is_nan(RtValType type, Raw value) {
    if (type.code == VT_f32) return (value.u32 & 0x7fffffff) > 0x7f800000;
    return type.code == VT_f64 && (value.u64 & INT64_MAX) > (uint64_t)0x7ff
                                                                << 52;
}

void state_print_value(FILE *out, RtValType type, Raw value) {
    if (rt_val_type_is_traced(type))
        fprintf(out, " %s", value.ref ? "reference" : "null");
    else if (vt_is_ref(type.code))
        fprintf(out, " %s", value.func ? "function" : "null");
    else if (is_nan(type, value))
        fputs(" nan", out); // its bits may be any
    else if (type.code == VT_v128)
        fprintf(out, " %016llx%016llx", (unsigned long long)value.u64x2[1],
                (unsigned long long)value.u64x2[0]);
    else
        fprintf(out, " %llx", (unsigned long long)rt_narrow(type, value).u64);
}

void state_print(const Store *s, FILE *out) {
    VEC_EACH (Memory *, m, &s->memories)
        print_memory(out, *m);
    VEC_EACH (Table *, t, &s->tables)
        print_table(out, *t);
    VEC_EACH (Global *, g, &s->globals) {
        fputs("global", out);
        state_print_value(out, (*g)->type, (*g)->cell);
        fputc('\n', out);
    }
}
