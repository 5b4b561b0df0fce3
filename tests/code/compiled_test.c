// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The machine convention without a compiler: functions written by hand are
// placed as a compiler's would be, and called, left, trapped in, faulted in and
// unwound.
#include "asm/x64/encode.h"
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "engine/load.h"
#include "os/thread.h"
#include "rt/func.h"
#include "unit/unit.h"
#include "vmabi/layout.h"

typedef struct Rig {
    Engine *engine;
    Store *store;
    RtModule *module;
    Instance *inst;
    Arena arena;
} Rig;

static void init(Rig *r, const char *wat, HostFn host) {
    *r = (Rig){0};
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    r->engine = engine_create(&config, &compiled_tier);
    EXPECT(compiled_init(r->engine));
    r->store = store_new(r->engine);
    arena_init(&r->arena, 0);
    Err err = {0};
    bool in_text;
    r->module = module_load_text(r->engine, wat, strlen(wat), &err, &in_text);
    if (!r->module) printf("%s\n", err.text);
    Extern import = {.kind = EXTERN_func};
    uint32_t imports = r->module->module.imports.len;
    if (imports)
        import.func =
            func_new_host(r->store, r->module->types[0], host, NULL, NULL);
    EXPECT_EQ(
        instance_new(r->store, r->module, &import, imports, &r->inst, &err),
        STATUS_ok);
}

static void release(Rig *r) {
    store_unref(r->store);
    rt_module_unref(r->module);
    engine_unref(r->engine);
    arena_release(&r->arena);
}

// --- writing functions ---------------------------------------------------------------

typedef struct Code {
    Rig *rig;
    CodeBuf b;
    CodeReloc relocs[8];
    CodeSite sites[8];
    uint32_t pad;
    CodeFunc out;
} Code;

enum {
    FRAME = 64
};

static void begin(Code *c, Rig *r) {
    *c = (Code){.rig = r};
    code_init(&c->b, &r->arena);
    x64_push_r(&c->b, GP_rbp);
    x64_mov_rr(&c->b, W_64, GP_rbp, GP_rsp);
    x64_alu_ri(&c->b, ALU_sub, W_64, GP_rsp, FRAME);
    x64_mov_mr(&c->b, W_64, x64_at(GP_rbp, MACHINE_FRAME_CONTEXT), GP_r15);
}

static void site(Code *c, uint32_t wasm) {
    c->sites[c->out.site_len++] = (CodeSite){code_offset(&c->b), wasm};
}

static void call_reloc(Code *c, CodeRelocKind kind, uint32_t index) {
    CodeLabel self = code_label(&c->b);
    x64_call_rel32(&c->b, self); // a distance to be replaced
    uint32_t at = code_offset(&c->b) - 4;
    code_bind(&c->b, self);
    c->relocs[c->out.reloc_len++] =
        (CodeReloc){.at = at, .kind = kind, .index = index & 0xfffffff};
}

static void call_slot(Code *c, uint32_t func, uint32_t wasm) {
    x64_call_m(&c->b, x64_at_rip(0));
    c->relocs[c->out.reloc_len++] = (CodeReloc){.at = code_offset(&c->b) - 4,
                                                .kind = RELOC_slot,
                                                .index = func & 0xfffffff};
    site(c, wasm);
}

static void leave(Code *c, uint16_t pop) {
    x64_leave(&c->b);
    if (pop)
        x64_ret_i(&c->b, pop);
    else
        x64_ret(&c->b);
}

static void place(Code *c, uint32_t func) {
    c->out.size = code_finish(&c->b);
    c->out.code = c->b.start;
    c->out.align = 16;
    c->out.frame_size = FRAME;
    c->out.relocs = c->relocs;
    c->out.sites = c->sites;
    if (c->pad) {
        c->out.pads = &c->pad;
        c->out.pad_len = 1;
    }
    CodeRegion *region = instance_variant(c->rig->inst)->region;
    EXPECT(code_region_place(region, &c->out, &func, 1));
    EXPECT(code_region_has(region, func));
    EXPECT(code_region_place(region, &c->out, &func, 1)); // left out
}

static Func *export_at(Rig *r, uint32_t index) {
    Extern e;
    Err err = {0};
    EXPECT(instance_export_at(r->inst, index, &e, &err));
    return e.func;
}

// Calls the first export; 0 with a trap recorded otherwise.
static Status call(Rig *r, Raw *values) {
    return func_call(r->store, export_at(r, 0), values);
}

// The trap and its innermost frame.
static void expect_trap(Rig *r, Trap trap, uint32_t func, uint32_t frames) {
    const TrapInfo *t = &r->store->trap;
    EXPECT_EQ(t->code, trap);
    EXPECT_EQ(t->frame_len, frames);
    if (t->frames.len) EXPECT_EQ(t->frames.data[0].func, func);
    EXPECT(r->store->context.activation == NULL);
    EXPECT(r->store->context.exit_frame == NULL);
    trap_clear(&r->store->trap);
}

// --- calls ---------------------------------------------------------------------------

static void adds(void) {
    Rig r;
    init(&r,
         "(module (func (export \"f\") (param i32 i32) (result i32)"
         " local.get 0))",
         NULL);
    Code c;
    begin(&c, &r);
    x64_add_rr(&c.b, W_32, GP_rax, GP_rcx);
    leave(&c, 0);
    place(&c, 0);
    Raw values[2] = {{.u32 = 40}, {.u64 = UINT64_MAX << 32 | 2}};
    EXPECT_EQ(call(&r, values), STATUS_ok);
    EXPECT_EQ(values[0].u64, 42);
    release(&r);
}

// Ten of each class: two integers and two floats come on the stack, and go back
// there in the other order.
static void passes_values_on_the_stack(void) {
    Rig r;
    init(&r,
         "(module (func (export \"f\")"
         " (param i64 i64 i64 i64 i64 i64 i64 i64 i64 v128)"
         " (result i64 i64 i64 i64 i64 i64 i64 i64 i64 v128)"
         " unreachable))",
         NULL);
    Code c;
    begin(&c, &r);
    // One word of arguments, padded to two; then that of the results.
    x64_mov_rm(&c.b, W_64, GP_r11, x64_at(GP_rbp, 16));
    x64_mov_mr(&c.b, W_64, x64_at(GP_rbp, 32), GP_rax);
    x64_mov_rr(&c.b, W_64, GP_rax, GP_r11);
    leave(&c, 16);
    place(&c, 0);
    Raw values[10];
    for (uint32_t i = 0; i < 10; i++)
        values[i] = (Raw){.u64x2 = {100 + i, 200 + i}};
    EXPECT_EQ(call(&r, values), STATUS_ok);
    EXPECT_EQ(values[0].u64, 108);
    EXPECT_EQ(values[8].u64, 100);
    for (uint32_t i = 1; i < 8; i++)
        EXPECT_EQ(values[i].u64, 100 + i);
    EXPECT_EQ(values[9].u64x2[0], 109);
    EXPECT_EQ(values[9].u64x2[1], 209);
    release(&r);
}

static void traps(void) {
    Rig r;
    init(&r, "(module (func (export \"f\") (call 1)) (func unreachable))",
         NULL);
    Code c;
    begin(&c, &r);
    call_slot(&c, 1, 0);
    leave(&c, 0);
    place(&c, 0);
    begin(&c, &r);
    call_reloc(&c, RELOC_trap, TRAP_unreachable);
    site(&c, 0);
    place(&c, 1);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(call(&r, NULL), STATUS_trap);
        expect_trap(&r, TRAP_unreachable, 1, 2);
    }
    release(&r);
}

// The access is followed by nothing that could be mistaken for its site.
static void faults(void) {
    Rig r;
    init(&r,
         "(module (memory 1) (func (export \"f\") (param i32) (result i32)"
         " (i32.load (local.get 0))))",
         NULL);
    if (!r.inst->context.memories[0]->is_guarded) {
        release(&r);
        return;
    }
    Code c;
    begin(&c, &r);
    site(&c, 2 | CODE_SITE_FAULT);
    x64_mov_rm(&c.b, W_32, GP_rax, x64_at_index(GP_r14, GP_rax, 0, 0));
    leave(&c, 0);
    place(&c, 0);
    static const struct {
        uint32_t address;
        bool traps;
    } cases[] =
        {
            {0, false},    {65532, false},     {65536, true},
            {70000, true}, {0x7fffffff, true}, {0xffffffff, true},
            {65535, true}, // the last bytes lie beyond
        };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Raw value = {.u32 = cases[i].address};
        EXPECT_EQ(call(&r, &value), cases[i].traps ? STATUS_trap : STATUS_ok);
        if (cases[i].traps) expect_trap(&r, TRAP_memory_bounds, 0, 1);
    }
    EXPECT_EQ(r.store->context.fault_pc, 0);
    release(&r);
}

// --- the host ------------------------------------------------------------------------

static Status sub_host(HostCall *call) {
    EXPECT(call->caller != NULL);
    if (call->values[0].u64 == 13) return store_trap(call->store, TRAP_host);
    call->values[0].f64 = (double)call->values[0].u64 - call->values[1].f64;
    return STATUS_ok;
}

static void write_import_call(Code *c, Rig *r) {
    begin(c, r);
    x64_mov_rm(&c->b, W_64, GP_r11, x64_at(GP_r15, 8 * CONTEXT_FIELD_funcs));
    x64_mov_rm(&c->b, W_64, GP_r11, x64_at(GP_r11, 0));
    x64_call_m(&c->b, x64_at(GP_r11, LAYOUT_FUNC_ENTRY));
    site(c, 4);
    x64_mov_rm(&c->b, W_64, GP_r15, x64_at(GP_rbp, MACHINE_FRAME_CONTEXT));
    leave(c, 0);
}

static void calls_the_host(void) {
    Rig r;
    init(&r,
         "(module (import \"\" \"h\" (func (param i64 f64) (result f64)))"
         " (func (export \"f\") (param i64 f64) (result f64)"
         " (call 0 (local.get 0) (local.get 1))))",
         sub_host);
    Code c;
    write_import_call(&c, &r);
    place(&c, 0);
    Raw values[2] = {{.u64 = 10}, {.f64 = 0.5}};
    EXPECT_EQ(call(&r, values), STATUS_ok);
    EXPECT(values[0].f64 == 9.5);
    values[0].u64 = 13;
    EXPECT_EQ(call(&r, values), STATUS_trap);
    expect_trap(&r, TRAP_host, 1, 1);
    release(&r);
}

// The host calls back; the walk passes through both activations.
static Rig *nested;
static Status nest_host(HostCall *host) {
    if (host->values[0].u64 == 0) return store_trap(host->store, TRAP_host);
    Raw value = {.u64 = host->values[0].u64 - 1};
    Status status = call(nested, &value);
    host->values[0].u64 = value.u64 + 1;
    return status;
}

static void nests(void) {
    Rig r;
    init(&r,
         "(module (import \"\" \"h\" (func (param i64) (result i64)))"
         " (func (export \"f\") (param i64) (result i64)"
         " (call 0 (local.get 0))))",
         nest_host);
    nested = &r;
    Code c;
    write_import_call(&c, &r);
    place(&c, 0);
    Raw value = {.u64 = 5};
    EXPECT_EQ(call(&r, &value), STATUS_trap);
    expect_trap(&r, TRAP_host, 1, 6);
    release(&r);
}

// The same without end: host and wasm share the stack.
static void nests_too_deeply(void) {
    Rig r;
    init(&r,
         "(module (import \"\" \"h\" (func (param i64) (result i64)))"
         " (func (export \"f\") (param i64) (result i64)"
         " (call 0 (local.get 0))))",
         nest_host);
    nested = &r;
    Code c;
    write_import_call(&c, &r);
    place(&c, 0);
    Raw value = {.u64 = 1000000000};
    EXPECT_EQ(call(&r, &value), STATUS_trap);
    EXPECT_EQ(r.store->trap.code, TRAP_stack_exhausted);
    EXPECT(r.store->trap.frame_len > 100);
    EXPECT(r.store->context.activation == NULL);
    trap_clear(&r.store->trap);
    release(&r);
}

// Without end, until the stack ends.
static void exhausts_the_stack(void) {
    Rig r;
    init(&r, "(module (func (export \"f\") (call 0)))", NULL);
    Code c;
    begin(&c, &r);
    CodeLabel ok = code_label(&c.b);
    x64_mov_rm(&c.b, W_64, GP_r11, x64_at(GP_r15, 8 * CONTEXT_FIELD_store));
    x64_alu_rm(&c.b, ALU_cmp, W_64, GP_rsp,
               x64_at(GP_r11, 8 * STORE_CONTEXT_FIELD_stack_limit));
    x64_jcc(&c.b, CC_ae, ok);
    call_reloc(&c, RELOC_trap, TRAP_stack_exhausted);
    site(&c, 0);
    code_bind(&c.b, ok);
    call_slot(&c, 0, 0);
    leave(&c, 0);
    place(&c, 0);
    for (int i = 0; i < 2; i++) {
        EXPECT_EQ(call(&r, NULL), STATUS_trap);
        EXPECT(r.store->trap.frame_len > 1000);
        EXPECT_EQ(r.store->trap.code, TRAP_stack_exhausted);
        trap_clear(&r.store->trap);
    }
    release(&r);
}

// --- exceptions and helpers ----------------------------------------------------------

// Function 1 throws its argument; function 0 catches it and adds 1.
static void catches(void) {
    Rig r;
    init(&r,
         "(module (tag (param i32))"
         " (func (export \"f\") (param i32) (result i32)"
         "  (block (result i32)"
         "   (try_table (catch 0 0) (call 1 (local.get 0))) unreachable)"
         "  (i32.add (i32.const 1)))"
         " (func (param i32) (throw 0 (local.get 0))))",
         NULL);
    const SideTables *side = r.module->side;
    const CatchEntry *e = &side->catches.data[side->funcs.data[0].catch_at];
    Code c;
    begin(&c, &r);
    call_slot(&c, 1, e->from + 2); // after local.get
    call_reloc(&c, RELOC_trap, TRAP_unreachable);
    site(&c, 0);
    c.pad = code_offset(&c.b);
    x64_mov_rm(&c.b, W_32, GP_rax,
               x64_at(GP_rbp, machine_slot(false, 1 + e->height)));
    x64_alu_ri(&c.b, ALU_add, W_32, GP_rax, 1);
    leave(&c, 0);
    place(&c, 0);
    begin(&c, &r);
    x64_mov_mr(&c.b, W_64, x64_at(GP_rbp, machine_slot(false, 1)), GP_rax);
    x64_lea(&c.b, W_64, GP_rsi, x64_at(GP_rbp, machine_slot(false, 1)));
    x64_mov(&c.b, GP_rdx, 0);
    x64_mov(&c.b, GP_rcx, 0);
    x64_mov(&c.b, GP_r8, (uint64_t)-8);
    call_reloc(&c, RELOC_helper, HELPER_throw);
    site(&c, 2);
    place(&c, 1);
    for (uint32_t i = 0; i < 3; i++) {
        Raw value = {.u32 = 41 + i};
        EXPECT_EQ(call(&r, &value), STATUS_ok);
        EXPECT_EQ(value.u64, 42 + i);
    }
    // Nobody catches it when the thrower is called from outside.
    Func *thrower = instance_func(r.inst, 1);
    Raw value = {.u32 = 7};
    EXPECT_EQ(func_call(r.store, thrower, &value), STATUS_exception);
    EXPECT(r.store->exception != 0);
    r.store->exception = 0;
    release(&r);
}

// memory.grow by a helper, in a place of its own.
static void calls_helpers(void) {
    Rig r;
    init(&r,
         "(module (memory 1 3) (func (export \"f\") (param i32) (result i32)"
         " (memory.grow (local.get 0))))",
         NULL);
    Code c;
    begin(&c, &r);
    x64_mov_mr(&c.b, W_64, x64_at(GP_rbp, machine_slot(false, 1)), GP_rax);
    x64_lea(&c.b, W_64, GP_rsi, x64_at(GP_rbp, machine_slot(false, 1)));
    x64_mov(&c.b, GP_rdx, 0);
    x64_mov(&c.b, GP_r8, (uint64_t)-8);
    call_reloc(&c, RELOC_helper, HELPER_memory_grow);
    site(&c, 2);
    x64_mov_rm(&c.b, W_64, GP_rax, x64_at(GP_rbp, machine_slot(false, 1)));
    leave(&c, 0);
    place(&c, 0);
    static const uint64_t want[] = {1, 2, 0xffffffff};
    for (size_t i = 0; i < COUNTOF(want); i++) {
        Raw value = {.u32 = 1};
        EXPECT_EQ(call(&r, &value), STATUS_ok);
        EXPECT_EQ(value.u64, want[i]);
    }
    release(&r);
}

// --- regions -------------------------------------------------------------------------

static void finds_sites(void) {
    CodeRegion *r = code_region_new(3, 100, false);
    static const uint8_t code[4] = {0xcc, 0xcc, 0xcc, 0xcc};
    static const CodeSite sites[] = {{2, 7}, {2, 9 | CODE_SITE_FAULT}, {4, 8}};
    CodeFunc f = {.code = code, .size = 4, .sites = sites, .site_len = 3};
    CodeFunc group[] = {f, f, f};
    static const uint32_t indices[] = {2, 0, 2};
    EXPECT(code_region_place(r, group, indices, 3));
    EXPECT_EQ(r->placed_len, 2);
    EXPECT(!code_region_has(r, 1));
    uintptr_t at = code_region_func(r, 2);
    EXPECT_EQ(code_region_func(r, 0), at + 4);
    static const struct {
        uintptr_t at;
        bool is_fault;
        uint32_t func, wasm;
    } cases[] = {
        {2, false, 2, 7}, {2, true, 2, 9},  {4, false, 2, 8},
        {6, true, 0, 9},  {8, false, 0, 8},
    };
    CodeAt found;
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        EXPECT(code_region_at(r, at + cases[i].at, cases[i].is_fault, &found));
        EXPECT_EQ(found.func.func, cases[i].func);
        EXPECT_EQ(found.wasm, cases[i].wasm);
    }
    EXPECT(!code_region_at(r, at + 1, false, &found));
    EXPECT(!code_region_at(r, at + 4, true, &found));
    EXPECT(!code_region_at(r, at, false, &found));
    EXPECT(!code_region_at(r, at + 9, false, &found));
    EXPECT(!code_region_at(r, (uintptr_t)r->text, true, &found));
    EXPECT(!code_region_at(r, 0, false, &found));
    EXPECT(!code_region_at(r, UINTPTR_MAX, true, &found));
    code_region_free(r);
}

static void refuses_what_does_not_fit(void) {
    CodeRegion *r = code_region_new(1, 0, false);
    static const uint8_t code[1];
    CodeFunc f = {.code = code, .size = UINT32_MAX};
    uint32_t index = 0;
    EXPECT(!code_region_place(r, &f, &index, 1));
    EXPECT(!code_region_has(r, 0));
    code_region_free(r);
    code_region_free(NULL);
}

int main(void) {
    if (!code_is_supported) {
        printf("1 passed, 0 failed\n");
        return 0;
    }
    return UNIT_RUN(UNIT_TEST(adds), UNIT_TEST(passes_values_on_the_stack),
                    UNIT_TEST(traps), UNIT_TEST(faults),
                    UNIT_TEST(calls_the_host), UNIT_TEST(nests),
                    UNIT_TEST(nests_too_deeply), UNIT_TEST(exhausts_the_stack),
                    UNIT_TEST(catches), UNIT_TEST(calls_helpers),
                    UNIT_TEST(finds_sites),
                    UNIT_TEST(refuses_what_does_not_fit));
}
