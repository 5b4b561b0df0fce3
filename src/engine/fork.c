// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Locks in the order in which they are taken, which is that of everybody who
// holds two of them: the lists here, types, modules, their code, what is shared
// by code, slots of memories, items, what debuggers are told, tables of faults.
#include "engine/fork.h"

#include "code/fault.h"
#include "debug/native.h"
#include "engine/compiled.h"
#include "os/fault.h"
#include "os/thread.h"
#include "rt/image.h"

static Mutex lock; // the lists
static ForkLink *engines, *items;
static bool is_registered;
static _Atomic uint32_t generation;

// --- the lists -----------------------------------------------------------------------

static void link_in(ForkLink **list, ForkLink *l) {
    *l = (ForkLink){.next = *list, .link = list};
    if (l->next) l->next->link = &l->next;
    *list = l;
}

static void forget(ForkLink *l) {
    mutex_lock(&lock);
    if (l->link) {
        *l->link = l->next;
        if (l->next) l->next->link = l->link;
    }
    mutex_unlock(&lock);
}

// --- around a fork -------------------------------------------------------------------

// Nobody makes the image meanwhile, so that it is there at both or at none.
static void lock_module(RtModule *m) {
    mutex_lock(&m->image_lock);
    if (m->image) mutex_lock(&m->image->lock);
    compiled_fork_lock_module(m);
}

static void unlock_module(RtModule *m) {
    compiled_fork_unlock_module(m);
    if (m->image) mutex_unlock(&m->image->lock);
    mutex_unlock(&m->image_lock);
}

static void lock_engine(Engine *e) {
    registry_lock(e->registry);
    for (ForkLink *l = e->modules; l; l = l->next)
        lock_module(CONTAINER_OF(l, RtModule, fork));
    compiled_fork_lock_engine(e);
    mutex_lock(&e->slots.lock);
}

static void unlock_engine(Engine *e) {
    mutex_unlock(&e->slots.lock);
    compiled_fork_unlock_engine(e);
    for (ForkLink *l = e->modules; l; l = l->next)
        unlock_module(CONTAINER_OF(l, RtModule, fork));
    registry_unlock(e->registry);
}

static void tell_items(ForkPhase phase) {
    for (ForkLink *l = items; l; l = l->next) {
        ForkItem *item = CONTAINER_OF(l, ForkItem, link);
        item->around(item, phase);
    }
}

static void before(void) {
    mutex_lock(&lock);
    for (ForkLink *l = engines; l; l = l->next)
        lock_engine(CONTAINER_OF(l, Engine, fork));
    tell_items(FORK_before);
    native_lock_process();
    code_fault_lock();
    fault_fork_lock();
}

static void after(ForkPhase phase) {
    fault_fork_unlock();
    code_fault_unlock();
    native_unlock_process();
    tell_items(phase);
    for (ForkLink *l = engines; l; l = l->next)
        unlock_engine(CONTAINER_OF(l, Engine, fork));
    mutex_unlock(&lock);
}

static void in_parent(void) {
    after(FORK_parent);
}

static void in_child(void) {
    atomic_fetch_add(&generation, 1);
    for (ForkLink *l = engines; l; l = l->next)
        wake_after_fork(&CONTAINER_OF(l, Engine, fork)->wake);
    after(FORK_child);
}

// --- for the rest of engine/ ---------------------------------------------------------

bool fork_add_engine(Engine *e) {
    mutex_lock(&lock);
    is_registered =
        is_registered || fork_handlers_register(before, in_parent, in_child);
    bool ok = is_registered;
    if (ok) {
        link_in(&engines, &e->fork);
        e->fork_add = fork_add_item;
        e->fork_forget = forget;
    }
    mutex_unlock(&lock);
    return ok;
}

void fork_add_module(RtModule *m) {
    Engine *e = m->engine;
    if (!e->fork_forget) return;
    mutex_lock(&lock);
    link_in(&e->modules, &m->fork);
    mutex_unlock(&lock);
}

void fork_add_item(ForkItem *item) {
    mutex_lock(&lock);
    link_in(&items, &item->link);
    mutex_unlock(&lock);
}

void fork_forget_item(ForkItem *item) {
    forget(&item->link);
}

uint32_t fork_generation(void) {
    return atomic_load(&generation);
}
