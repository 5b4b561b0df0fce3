// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program with functions that have the names of ours: each calls its own.
#include <wasm.h>

#include <stdio.h>

static int calls;

void *arena_alloc(void *arena, size_t size);
void *mem_alloc(size_t size);
void store_release(void *store);

void *arena_alloc(void *arena, size_t size) {
    calls++;
    return size ? arena : NULL;
}

void *mem_alloc(size_t size) {
    calls++;
    return size ? &calls : NULL;
}

void store_release(void *store) {
    if (store) calls++;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    bool made = engine && store;
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    printf("%s, %d calls\n", made ? "made" : "not made", calls);
    return made && calls == 0 ? 0 : 1;
}
