// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot validate`: says nothing about modules that are fine.
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "engine/load.h"

static bool check_bytes(Engine *e, const Input *in) {
    Err err = {0};
    Progress p;
    progress_begin(&p, "checking", in->name);
    bool ok = module_check(e, in->data, in->size, &err);
    progress_end(&p);
    return ok || report_refused(e, in, &err, false);
}

static bool check_text(Engine *e, Input *in) {
    RtModule *m = input_load_read(e, in);
    if (m) rt_module_unref(m);
    return m;
}

static bool check(Engine *e, const char *path) {
    Input in;
    if (!input_read(&in, path, e->config.limits.module_size)) return false;
    bool ok = in.is_text ? check_text(e, &in) : check_bytes(e, &in);
    input_release(&in);
    return ok;
}

int tool_validate(const Options *o) {
    Engine *e = setup_engine(o);
    if (!e) return EXIT_failed;
    bool ok = true;
    for (uint32_t i = 0; i < o->words.len; i++)
        ok &= check(e, o->words.data[i]);
    engine_unref(e);
    return ok ? EXIT_ok : EXIT_failed;
}
