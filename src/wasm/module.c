// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Looking names up. Name maps are ascending by index, as the binary format
// wants them, so a lookup is a binary search.
#include "wasm/module.h"

const char *const extern_text[EXTERN_count] = {
    [EXTERN_func] = "func",     [EXTERN_table] = "table",
    [EXTERN_memory] = "memory", [EXTERN_global] = "global",
    [EXTERN_tag] = "tag",
};

Str name_map_get(const NameMap *map, uint32_t index) {
    uint32_t low = 0, high = map->items.len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const NameAssoc *item = &map->items.data[mid];
        if (item->index == index) return item->name;
        if (item->index < index)
            low = mid + 1;
        else
            high = mid;
    }
    return (Str){0};
}

const NameMap *name_map_in(const IndirectNameMap *map, uint32_t index) {
    static const NameMap empty;
    uint32_t low = 0, high = map->items.len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const IndirectAssoc *item = &map->items.data[mid];
        if (item->index == index) return &item->map;
        if (item->index < index)
            low = mid + 1;
        else
            high = mid;
    }
    return &empty;
}

static Str flat_name(const Module *m, uint32_t func) {
    uint32_t low = 0, high = m->flat_name_len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const FlatName *n = &m->flat_names[mid];
        if (n->index == func) {
            Bytes b = module_slice(m, (Bytes){.at = n->at, .size = n->len});
            return (Str){(const char *)b.data, b.size};
        }
        if (n->index < func)
            low = mid + 1;
        else
            high = mid;
    }
    return (Str){0};
}

Str module_func_name(const Module *m, uint32_t func) {
    if (m->flat_names) return flat_name(m, func);
    return name_map_get(&m->names.of[NAME_func], func);
}

uint32_t module_len(const Module *m, ExternKind kind) {
    switch (kind) {
    case EXTERN_func:
        return m->funcs.len;
    case EXTERN_table:
        return m->tables.len;
    case EXTERN_memory:
        return m->memories.len;
    case EXTERN_global:
        return m->globals.len;
    case EXTERN_tag:
        return m->tags.len;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

uint64_t memory_type_pages_max(const MemoryType *t) {
    uint64_t bits = t->limits.is_64 ? 64 : 32;
    // 2^32 bytes in pages of one byte would not fit the index type either.
    if (t->page_log2 == 0) return UINT64_MAX >> (64 - bits);
    return (uint64_t)1 << (bits - t->page_log2);
}
