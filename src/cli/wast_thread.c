// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads of scripts, as the threads proposal has them:
//
//   (thread $t (shared (module $m))* command*)    starts one
//   (wait $t)                                     waits for its end
//
// A thread has a store and names of its own. Of an instance that is shared with
// it, it can register the shared memories, and nothing else. It reads its
// commands from the script's text once more: those that the script's own thread
// read are gone when it goes on.
#include "base/alloc.h"
#include "cli/wast_int.h"

struct WastThread {
    WastThread *next;
    Str name; // in the script's names_arena
    Thread thread;
    Script script; // at the command that started it
    Wast wast;
    WastCounts counts;
    WastShared *shared;
    bool is_done; // has been waited for
    bool ok;      // it came to its end
};

// --- what it is given --------------------------------------------------------------

static bool give(WastThread *t, Str instance, const Export *e,
                 SharedMemory *memory) {
    WastShared *s = MEM_NEW(WastShared);
    if (!s) return false;
    shared_memory_ref(memory);
    *s = (WastShared){
        .next = t->shared,
        .instance = instance,
        .name = e->name,
        .memory = memory,
    };
    t->shared = s;
    return true;
}

static bool give_all(WastThread *t, Str name, const Instance *inst) {
    const Module *m = &inst->module->module;
    VEC_EACH (const Export, e, &m->exports) {
        if (e->kind != EXTERN_memory) continue;
        SharedMemory *memory = inst->context.memories[e->index]->shared;
        if (memory && !give(t, name, e, memory)) return false;
    }
    return true;
}

bool wast_thread_register(Wast *w, Str instance, Str module, bool *found,
                          Err *err) {
    for (const WastShared *s = w->shared; s; s = s->next) {
        if (!str_eq(s->instance, instance)) continue;
        *found = true;
        Memory *m = memory_of_shared(w->store, s->memory, err);
        Extern item = {.kind = EXTERN_memory, .memory = m};
        if (!m ||
            !linker_define(w->linker, module, s->name, &item, w->store, err))
            return false;
    }
    return true;
}

// --- its life ----------------------------------------------------------------------

static bool run_commands(Wast *w) {
    ScriptCommand c;
    Err err = {0};
    if (!script_next(&w->script, &c, &err)) return false;
    for (uint32_t i = 0; i < c.body_len; i++)
        wast_count(w, &c.body[i]);
    return true;
}

static void thread_main(void *arg) {
    WastThread *t = arg;
    t->ok = wast_run_in(&t->wast, &t->script, run_commands);
}

static void thread_free(WastThread *t) {
    for (WastShared *s = t->shared, *next; s; s = next) {
        next = s->next;
        shared_memory_unref(s->memory);
        mem_free(s);
    }
    mem_free(t);
}

static Str keep(Wast *w, Str s) {
    return (Str){arena_strdup(&w->names_arena, s.data ? s.data : "", s.len),
                 s.len};
}

static WastThread *thread_new(const Wast *w, const ScriptCommand *c, Str name) {
    WastThread *t = MEM_NEW(WastThread);
    if (!t) return NULL;
    t->name = name;
    t->script = w->script;
    t->script.at = c->at;
    t->script.started = true;
    t->wast = (Wast){
        .engine = w->engine,
        .options = w->options,
        .counts = &t->counts,
        .path = w->path,
    };
    t->thread = (Thread){.run = thread_main, .arg = t};
    return t;
}

// Nothing is allocated in an arena from here on: that would leave the thread
// behind.
static bool start(Wast *w, WastThread *t, const Str *shared, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) {
        const Instance *inst = wast_instance(w, shared[i]);
        if (!inst || !give_all(t, shared[i], inst))
            return wast_fail(w, "cannot share %.*s", (int)shared[i].len,
                             shared[i].data);
    }
    t->wast.shared = t->shared;
    return thread_start(&t->thread, 0) || wast_fail(w, "cannot start a thread");
}

bool wast_thread_start(Wast *w, const ScriptCommand *c) {
    Str name = keep(w, c->name);
    Str *shared = NEW_N(&w->names_arena, Str, c->shared_len);
    for (uint32_t i = 0; i < c->shared_len; i++)
        shared[i] = keep(w, c->shared[i]);
    if (name.len == 0) return wast_fail(w, "a thread without a name");
    WastThread *t = thread_new(w, c, name);
    if (!t) return wast_fail(w, "out of memory");
    if (!start(w, t, shared, c->shared_len)) {
        thread_free(t);
        return false;
    }
    t->next = w->threads;
    w->threads = t;
    return true;
}

static bool join(Wast *w, WastThread *t) {
    thread_join(&t->thread);
    t->is_done = true;
    for (int k = 0; k < COMMAND_count; k++) {
        w->counts->passed[k] += t->counts.passed[k];
        w->counts->failed[k] += t->counts.failed[k];
    }
    return t->ok || wast_fail(w, "the thread did not come to its end");
}

bool wast_thread_wait(Wast *w, Str name) {
    for (WastThread *t = w->threads; t; t = t->next)
        if (!t->is_done && str_eq(t->name, name)) return join(w, t);
    return wast_fail(w, "no thread %.*s", (int)name.len, name.data);
}

void wast_thread_wait_all(Wast *w) {
    for (WastThread *t = w->threads, *next; t; t = next) {
        next = t->next;
        if (!t->is_done) (void)join(w, t);
        thread_free(t);
    }
    w->threads = NULL;
}
