// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/listing.h"

#include "engine/compiled_int.h"

#include <stdio.h>

// The variant that a file brought, or else the one that a file would be made of.
static const CodeVariant *variant_of(RtModule *m, Err *err) {
    const ModuleCode *c = m->code;
    for (int i = 0; i < VARIANT_COUNT; i++)
        if (c->variants[i] && c->variants[i]->region->image.funcs)
            return c->variants[i];
    return compiled_complete(m, err);
}

bool listing_of(RtModule *m, Listing *out, Err *err) {
    if (m->engine->tier != &compiled_tier)
        return err_at(err, ERR_NOWHERE, E_artifact_config, "no compiler");
    const CodeVariant *v = variant_of(m, err);
    if (!v) return false;
    *out = (Listing){m, v->region, v->options.memory0_is_guarded};
    return true;
}

uint32_t listing_len(const Listing *l) {
    return atomic_load(&l->region->placed_len);
}

bool listing_func(const Listing *l, uint32_t n, ListedFunc *out) {
    CodePlaced p;
    if (!code_region_nth(l->region, n, &p)) return false;
    const Module *m = &l->module->module;
    *out = (ListedFunc){
        .func = p.func + m->imported[EXTERN_func],
        .at = p.at,
        .code = l->region->text + p.at,
        .size = p.size,
        .frame_size = p.frame_size,
        .wasm_at = l->module->side->funcs.data[p.func].code_at,
        .sites = p.sites,
        .pads = p.pads,
        .site_len = p.site_len,
        .pad_len = p.pad_len,
        .is_wide = p.is_wide,
    };
    return true;
}

static void name_func(const Listing *l, const char *what, uint32_t defined,
                      char out[LISTING_NAME_MAX]) {
    const Module *m = &l->module->module;
    uint32_t index = defined + m->imported[EXTERN_func];
    Str name = module_func_name(m, index);
    snprintf(out, LISTING_NAME_MAX, "%s %u %.*s", what, index,
             (int)MIN(name.len, 60u), name.len ? name.data : "");
}

static void name_stub(const CodeStubs *s, uint32_t at,
                      char out[LISTING_NAME_MAX]) {
    for (int i = 0; i < HELPER_COUNT; i++)
        if (s->helper[i] == at)
            snprintf(out, LISTING_NAME_MAX, "helper %s", helper_info[i].name);
    for (int i = 1; i < TRAP_count; i++)
        if (s->trap[i] == at)
            snprintf(out, LISTING_NAME_MAX, "trap: %s", trap_text((Trap)i));
}

void listing_name(const Listing *l, int64_t at, char out[LISTING_NAME_MAX]) {
    const CodeRegion *r = l->region;
    int64_t data = (int64_t)code_region_data_size(r->func_len);
    out[0] = 0;
    if (at < 0) {
        uint64_t slot = (uint64_t)(at + data) / sizeof(CodeSlot);
        if (at + data >= 0 && slot < r->func_len)
            name_func(l, "slot of function", (uint32_t)slot, out);
        return;
    }
    if (at < r->stubs.size) {
        name_stub(&r->stubs, (uint32_t)at, out);
        return;
    }
    uint64_t thunk = (uint64_t)(at - r->stubs.size) / CODE_THUNK_SIZE;
    if (thunk < r->func_len)
        name_func(l, "thunk of function", (uint32_t)thunk, out);
}
