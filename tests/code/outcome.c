// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "code/outcome.h"

#include "base/alloc.h"
#include "rt/func.h"
#include "rt/instance.h"

// Calls the module's first export with a number: the result, or the trap.
static uint64_t outcome(const DiffConfig *config, const Text *text,
                        uint64_t argument) {
    DiffRun r;
    Err err = {0};
    bool in_text;
    if (!EXPECT(diff_run_init(&r, config))) return 0;
    Store *s = store_new(r.engine);
    RtModule *m =
        module_load_text(r.engine, text->data, text->len, &err, &in_text);
    Instance *inst = NULL;
    Extern item;
    Raw values[1] = {{.u64 = argument}};
    EXPECT_STR(err.text, "");
    if (s) s->limits.gc_heap = HEAP_MAX;
    if (EXPECT(s && m) &&
        instance_new(s, m, NULL, 0, &inst, &err) != STATUS_ok) {
        values[0].u64 = trapped(s->trap.code);
    } else if (EXPECT(inst && instance_export_at(inst, 0, &item, &err))) {
        s->context.fuel = INT64_MAX;
        if (func_call(s, item.func, values) != STATUS_ok)
            values[0].u64 = trapped(s->trap.code);
    }
    if (m) rt_module_unref(m);
    store_unref(s);
    diff_run_release(&r);
    return values[0].u64;
}

static void expect_in(int i, Text *text, uint64_t argument, uint64_t want) {
    uint64_t got = outcome(&diff_configs[i], text, argument);
    if (!EXPECT_EQ(got, want))
        fprintf(stderr, "in the configuration %s\n", diff_configs[i].name);
}

static void text_release(Text *text) {
    mem_free(text->data);
    *text = (Text){0};
}

// Failures of this file's expectations are its own: they are returned.
bool outcome_is(Text *text, uint64_t argument, uint64_t want) {
    unit_failures = 0;
    for (int i = 0; i < DIFF_configs; i++)
        expect_in(i, text, argument, want);
    text_release(text);
    return unit_failures == 0;
}

// Is it how a tier runs if nothing else is asked for?
static bool is_usual(const DiffConfig *c) {
    return c->has_guards && !c->is_ahead;
}

bool outcome_in_tiers_is(Text *text, uint64_t argument, uint64_t want) {
    unit_failures = 0;
    for (int i = 0; i < DIFF_configs; i++)
        if (is_usual(&diff_configs[i])) expect_in(i, text, argument, want);
    text_release(text);
    return unit_failures == 0;
}

uint64_t trapped(Trap trap) {
    return UINT64_MAX - (uint64_t)trap;
}
