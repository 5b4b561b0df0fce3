// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files compiled*.c share.
#pragma once

#include "baseline/baseline.h"
#include "code/adapter.h"
#include "code/region.h"
#include "engine/compiled.h"
#include "rt/instance.h"

// Builds for hosts that it knows nothing of have no compiler.
#pragma weak baseline_compile

typedef struct VariantNative VariantNative;
typedef struct EngineNative EngineNative;

// A module's code for one kind of memory 0 (architecture, decision 4).
typedef struct CodeVariant {
    RtModule *module;
    CodeRegion *region;
    BaselineOptions options;
    VariantNative *native; // NULL: nobody is told of the code
} CodeVariant;

enum {
    VARIANT_checked,
    VARIANT_guarded,
    VARIANT_COUNT
};

// RtModule.code.
typedef struct ModuleCode {
    Mutex lock; // making variants
    CodeVariant *variants[VARIANT_COUNT];
    CodeVariant *for_files; // complete, where the variant in use is not
} ModuleCode;

// Engine.tier_data.
typedef struct EngineCode {
    CodeRegion *stubs; // for what is of no module
    CodeAdapters *adapters;
    EngineNative *native;   // NULL: nobody is told of code
    _Atomic uint64_t draws; // of tiers, where they are picked at random
    uint32_t cpu;           // what code may use
    struct Cache *cache;    // of compiled modules; NULL: none
} EngineCode;

// compiled.c: calls from C.
Status compiled_enter(const CodeCallee *callee, Raw *values);
Status compiled_enter_loop(const CodeCallee *callee, const Slot *slots,
                           Raw *results);

// compiled_tiers.c: which tier a function runs in.
uintptr_t compiled_compile(Instance *inst, uint32_t func);
uintptr_t compiled_loop(Instance *inst, uint32_t func, uint32_t at);
// Was the function called while its module's functions are counted?
bool compiled_was_called(const CodeVariant *v, uint32_t func);
// It cannot be compiled: it is interpreted from now on.
void compiled_give_up(const CodeVariant *v, uint32_t func);

// compiled_interp.c
Status compiled_interpret(Instance *inst, uint32_t func, MachineExit *exit,
                          uint64_t *stack);

// compiled_adapter.c

// A type's adapter, which may have no code. Others that the module's imports
// and exports need are made with it.
const MachineAdapter *compiled_adapter(const Engine *e, RtType *t,
                                       const RtModule *near);
void compiled_host_called(Func *func, const Instance *caller);

// compiled_module.c
// BaselineCpu of this host, asked once for an engine: virtual machines take long
// to answer.
uint32_t compiled_find_cpu(void);
static inline uint32_t compiled_cpu(const Engine *e) {
    const EngineCode *code = e->tier_data;
    return e->config.cpu_floor ? 0 : code->cpu;
}
bool compiled_module_ready(RtModule *m, const struct Precompiled *code,
                           Err *err);
// The variant for a kind of memory 0, made when it is first asked for; NULL: no
// memory.
CodeVariant *compiled_variant(RtModule *m, bool is_guarded);
// The variant that instances will likely have, with code of all functions that
// needs no slots (CodeRegion.is_sealed), but for those that had no room. NULL
// with *err.
const CodeVariant *compiled_complete(RtModule *m, Err *err);
// What the engine's configuration means for code.
void compiled_options(const Engine *e, bool is_guarded, BaselineOptions *out);
// Will instances have a guarded memory 0? They may yet turn out not to.
bool compiled_expects_guard(const RtModule *m);
void compiled_module_free(RtModule *m);
bool compiled_instance_ready(Instance *inst, Err *err);

// compiled_queue.c
enum {
    GROUP_FUNCS = 128,
    REFUSAL_SIZE = 160,
};

// Functions that are compiled together.
typedef struct CodeGroup {
    const CodeVariant *v;
    Arena arena; // what their code lies in until it is placed
    CodeFunc funcs[GROUP_FUNCS];
    uint32_t indices[GROUP_FUNCS]; // of defined functions
    uint32_t len, done;            // listed, compiled
    bool is_lazy;                  // more are found while they are compiled,
                                   // and those that are refused are left out
    char refusal[REFUSAL_SIZE];    // why code was refused; empty: none was
    // compiled_all.c:
    CodePart part;
    struct CodeGroup *next;
} CodeGroup;

// NULL: no memory. With a budget, what it needs counts there as well.
CodeGroup *code_group_new(const CodeVariant *v, ArenaBudget *budget);
void code_group_free(CodeGroup *g);
// Compiles what is listed. False: no memory, over the arena's limit, or refused.
NODISCARD bool code_group_compile(CodeGroup *g);
// The same, and places it. False: no memory, or no room for the code.
NODISCARD bool code_group_place(CodeGroup *g);

// A function that is wanted now, and others with it. False: it has no code yet.
NODISCARD bool compiled_compile_group(const CodeVariant *v, uint32_t func);

// compiled_all.c
// Every function that has no code yet, but for those that the region has no room
// for: they are interpreted. False with *err: no memory, or code was refused.
NODISCARD bool compiled_compile_all(const CodeVariant *v, Err *err);
// Has every function code?
bool compiled_is_complete(const CodeVariant *v);

// artifact_prove.c
// What a file brought is proved, with the tables that it takes for those of the
// module. False with *err.
NODISCARD bool compiled_prove_file(const CodeVariant *v,
                                   const struct Precompiled *from, Err *err);

// compiled_native.c
// NULL in *out: nobody wants to be told. False: no memory.
NODISCARD bool compiled_native_new(const EngineConfig *config,
                                   const CodeRegion *stubs, EngineNative **out);
void compiled_native_free(EngineNative *n); // NULL is fine
// Around a fork, as compiled_describe_lock is.
void compiled_native_lock(EngineNative *n); // NULL is fine
void compiled_native_unlock(EngineNative *n);
// Tells of adapters that are new.
void compiled_describe_adapters(const EngineCode *code);
// Makes v->native if that is wanted. False: no memory.
NODISCARD bool compiled_describable(CodeVariant *v);
void compiled_undescribe(CodeVariant *v);
void compiled_describe_lock(const CodeVariant *v);
void compiled_describe_unlock(const CodeVariant *v);
void compiled_describe_now(const CodeVariant *v);
// Tells perf and debuggers of what was placed since the last time.
static inline void compiled_describe(const CodeVariant *v) {
    if (v->native) compiled_describe_now(v);
}

// compiled_frames.c
bool compiled_frame(const Store *s, uintptr_t pc, bool is_fault,
                    struct Frame *out);
bool compiled_unwind(Store *s, MachineLanding *out);
// The handler of a frame, of any tier, that would catch an exception, and its
// index among the function's; NULL: none.
const CatchEntry *frame_handler(const struct Frame *f, const Tag *tag,
                                uint32_t *index);

static inline const CodeVariant *instance_variant(const Instance *inst) {
    return inst->code;
}
