// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interface of gdb, which lldb has too (GDB manual, "JIT Compilation
// Interface"): debuggers look for two symbols, set a breakpoint in the function
// and read the list whenever it is hit.
//
// The list is the process's, so that what is here is state of the process: one
// list and its lock, empty unless an engine was made with debug_info
// (decision 0027). The symbols are hidden: debuggers find them in .symtab.
#include "base/alloc.h"
#include "debug/native_int.h"

enum {
    ACTION_none,
    ACTION_register,
    ACTION_unregister,
};

// Names and layouts are those that debuggers know.
struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const char *symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};

struct NativeObject {
    struct jit_code_entry entry;
    NativeObject *next;
};

void __jit_debug_register_code(void);
extern struct jit_descriptor __jit_debug_descriptor;
struct jit_descriptor __jit_debug_descriptor = {.version = 1};

// Debuggers stop here; the compiler must neither inline nor drop the calls.
NOINLINE void __jit_debug_register_code(void) {
    __asm__ volatile("" ::: "memory");
}

static Mutex lock;

void native_lock_process(void) {
    mutex_lock(&lock);
}

void native_unlock_process(void) {
    mutex_unlock(&lock);
}

static void tell(struct jit_code_entry *e, uint32_t action) {
    __jit_debug_descriptor.relevant_entry = e;
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_register_code();
    __jit_debug_descriptor.relevant_entry = NULL;
    __jit_debug_descriptor.action_flag = ACTION_none;
}

static void link_in(struct jit_code_entry *e) {
    mutex_lock(&lock);
    e->next_entry = __jit_debug_descriptor.first_entry;
    if (e->next_entry) e->next_entry->prev_entry = e;
    __jit_debug_descriptor.first_entry = e;
    tell(e, ACTION_register);
    mutex_unlock(&lock);
}

NativeObject **gdb_next(NativeObject *o) {
    return &o->next;
}

NativeObject *gdb_add(const NativeLines *lines, const NativeFunc *funcs,
                      uint32_t len) {
    Arena arena;
    ArenaGuard guard;
    NativeObject *volatile o = NULL;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        Writer w;
        writer_init(&w, &arena);
        native_elf(&w, lines, funcs, len);
        o = mem_alloc(sizeof *o + w.len);
        if (o) {
            memcpy(o + 1, w.data, w.len);
            *o = (NativeObject){.entry = {.symfile_addr = (const char *)(o + 1),
                                          .symfile_size = w.len}};
        }
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    if (o) link_in(&o->entry);
    return o;
}

void gdb_remove(NativeObject *o) {
    struct jit_code_entry *e = &o->entry;
    mutex_lock(&lock);
    if (e->prev_entry)
        e->prev_entry->next_entry = e->next_entry;
    else
        __jit_debug_descriptor.first_entry = e->next_entry;
    if (e->next_entry) e->next_entry->prev_entry = e->prev_entry;
    tell(e, ACTION_unregister);
    mutex_unlock(&lock);
    mem_free(o);
}
