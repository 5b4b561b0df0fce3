// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Waiting that ends with the deadline of the store.
#include "wasi/p1/p1_int.h"

static bool deadline_reached(void *arg) {
    const StoreContext *s = arg;
    return atomic_load(s->epoch) >= s->deadline;
}

WaitResult p1_sleep(const P1Call *c, WaitFd *fds, size_t count,
                    uint64_t until) {
    WaitStop stop = {
        .wake = &c->store->engine->wake,
        .stop = deadline_reached,
        .arg = &c->store->context,
    };
    return wait_for(&stop, fds, count, until);
}

bool p1_go_on(P1Call *c) {
    if (deadline_reached(&c->store->context)) c->status = store_poll(c->store);
    return c->status == STATUS_ok;
}
