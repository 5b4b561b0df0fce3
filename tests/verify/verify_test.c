// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The verifier of machine code against bugs that compilers have had: a check
// that was left out, an index of 64 bits where one of 32 was meant, a frame that
// is too small. What the compiler made is accepted; each planted bug is refused,
// and any other bytes get an answer.
#include "asm/x64/print.h"
#include "base/bits.h"
#include "baseline/baseline.h"
#include "engine/load.h"
#include "rt/rt_module.h"
#include "unit/unit.h"
#include "verify/values.h"
#include "vmabi/claim.h"

#include <string.h>

static const char text[] =
    "(module (type $first (func)) (type $sig (func (param i32) (result i32)))"
    "(import \"a\" \"b\" (func $import (type $sig)))"
    "(import \"a\" \"c\" (func $collect)) (memory 1) (memory $other "
    "1) (table $t 10 funcref)"
    "(type $array (array (mut i32))) (type $struct (struct (field i64)))"
    "(global $g (mut i32) (i32.const 0))"
    "(func $load (param i32) (result i32) (i32.load offset=0x7000 (local.get "
    "0)))"
    "(func $wrap (param i64) (result i32)"
    "  (i32.load (i32.wrap_i64 (local.get 0))))"
    "(func $far (param i32) (i64.store offset=0x90000000 (local.get 0)"
    "  (i64.const 1)))"
    "(func $other (param i32) (result i32)"
    "  (i32.load $other offset=4 (local.get 0)))"
    "(func $indirect (param i32) (result i32)"
    "  (call_indirect $t (type $sig) (i32.const 1) (local.get 0)))"
    "(func $import2 (param i32) (result i32)"
    "  (i32.load (call $import (local.get 0))))"
    "(func $direct (param i32) (result i32)"
    "  (i32.add (call $load (local.get 0)) (call $load (i32.const 1))))"
    "(func $switch (param i32) (result i32)"
    "  (block (block (block (br_table 0 1 2 (local.get 0)))"
    "  (return (i32.const 10))) (return (i32.const 11))) (i32.const 12))"
    "(func $divide (param i32 i32) (result i32)"
    "  (i32.div_s (local.get 0) (local.get 1)))"
    "(func $grow (param i32) (result i32)"
    "  (drop (memory.grow (local.get 0))) (i32.load (local.get 0)))"
    "(func $element (param (ref null $array)) (param i32) (result i32)"
    "  (array.get $array (local.get 0) (local.get 1)))"
    "(func $field (param (ref null $struct)) (result i64)"
    "  (struct.get $struct 0 (local.get 0)))"
    "(func $global (param i32) (global.set $g (local.get 0)))"
    "(func $ref (param (ref null $sig)) (result i32)"
    "  (call_ref $sig (i32.const 1) (local.get 0)))"
    "(func $tail (param i32) (result i32) (return_call $load (local.get 0)))"
    "(func $new (result (ref $struct)) (struct.new_default $struct))"
    "(func $copy (param i32) (memory.copy (local.get 0) (i32.const 9)"
    "  (i32.const 16)))"
    "(func $locals (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64"
    "  i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64"
    "  i64 i64 i64 i64 i64 i64 i64 i64 i64) (global.set $g (i32.const 1)))"
    "(memory $wide i64 1) (type $short (array (mut i16)))"
    "(type $top (sub (struct))) (type $low (sub $top (struct (field i32))))"
    "(func $wraps (result i32)"
    "  (i32.atomic.load $wide offset=8 (i64.const -4)))"
    "(func $shorts (param i32) (result (ref $short))"
    "  (array.new_default $short (local.get 0)))"
    "(func $test (result i32)"
    "  (ref.test (ref $low) (struct.new_default $top)))"
    "(func $caught (param (ref null $sig)) (result (ref null $sig))"
    "  (local.get 0) (local.set 0 (ref.null $sig))"
    "  (block $l (try_table (catch_all $l) (drop (call $import (i32.const "
    "1))))))"
    "(type $held (struct (field anyref)))"
    "(func $local (param anyref) (result anyref) (call $collect)"
    "  (local.get 0))"
    "(func $operand (param anyref) (result anyref)"
    "  (struct.new $held (local.get 0)) (call $collect))"
    "(func $late (param anyref) (result anyref)"
    "  (drop (struct.new_default $held)) (local.get 0))"
    "(func $two (param i32 i64) (result i32) (local.get 0))"
    "(func $pass (param i64 i32) (result i32)"
    "  (call $two (local.get 1) (local.get 0)))"
    "(func $handled (param i32) (result i32)"
    "  (block $l (try_table (catch_all $l) (local.set 0 (i32.const 7))"
    "  (call $collect) (local.set 0 (i32.const 8)))) (local.get 0))"
    "(func $branch (param i32 i32) (result i32) (block $l (result i32)"
    "  (br_if $l (i32.add (local.get 0) (local.get 1)) (local.get 1))"
    "  (drop) (br $l (i32.mul (local.get 0) (local.get 1)))))"
    "(func $loop (param i32) (result i32) (local i32)"
    "  (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0)))"
    "  (call $collect) (br_if $l (i32.lt_u (local.get 1) (i32.const 100))))"
    "  (local.get 1))"
    "(func $zeros (result anyref) (local anyref anyref anyref anyref anyref"
    "  anyref anyref anyref anyref anyref anyref anyref anyref anyref anyref"
    "  anyref anyref anyref anyref anyref anyref anyref anyref anyref anyref"
    "  anyref anyref anyref anyref anyref anyref anyref anyref anyref anyref"
    "  anyref anyref anyref anyref anyref) (call $collect) (local.get 1))"
    "(func $never (param i32) (result i32) (ref.null func) (block)"
    "  (drop (ref.cast (ref nofunc))) (local.get 0))";

// The same module goes on, with what is compiled for processors with AVX.
static const char vex_text[] =
    "(func $vex (param i32 f64) (result f64)"
    "  (f64.sub (local.get 1) (f64.load offset=0x7000 (local.get 0))))"
    "(func $vex_other (param i32 f64) (result f64)"
    "  (f64.sub (local.get 1) (f64.load $other offset=4 (local.get 0))))"
    "(func $vex_wrap (param i64 f64) (result f64)"
    "  (f64.sub (local.get 1) (f64.load (i32.wrap_i64 (local.get 0)))))"
    "(func $vex_shift (param i32 i32) (result i32)"
    "  (i32.load (i32.shl (local.get 0) (local.get 1))))"
    ")";

enum {
    F_load,
    F_wrap,
    F_far,
    F_other,
    F_indirect,
    F_import,
    F_direct,
    F_switch,
    F_divide,
    F_grow,
    F_element,
    F_field,
    F_global,
    F_ref,
    F_tail,
    F_new,
    F_copy,
    F_locals,
    F_wraps,
    F_shorts,
    F_test,
    F_caught,
    F_local,
    F_operand,
    F_late,
    F_two,
    F_pass,
    F_handled,
    F_branch,
    F_loop,
    F_zeros,
    F_never,
    F_vex, // from here on for processors with AVX and BMI
    F_vex_other,
    F_vex_wrap,
    F_vex_shift,
    F_count,
};

typedef struct Rig {
    Engine *engine;
    RtModule *module;
    Arena arena;
    BaselineOptions options;
} Rig;

static bool rig_init(Rig *r, bool is_guarded) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_interp;
    *r = (Rig){.engine = engine_new(&config)};
    Err err = {0};
    bool in_text;
    arena_init(&r->arena, 0);
    char whole[sizeof text + sizeof vex_text];
    int len = snprintf(whole, sizeof whole, "%s%s", text, vex_text);
    r->module = module_load_text(r->engine, whole, (size_t)len, &err, &in_text);
    if (!r->module) printf("%s\n", err.text);
    r->options = (BaselineOptions){
        .memory0_is_guarded = is_guarded,
        .guard_bytes = is_guarded ? 0x8000 : 0,
        .wants_claims = true,
    };
    return r->module;
}

static void rig_release(Rig *r) {
    if (r->module) rt_module_unref(r->module);
    engine_unref(r->engine);
    arena_release(&r->arena);
}

static CodeFunc compile(Rig *r, uint32_t func) {
    BaselineOptions options = r->options;
    if (func >= F_vex) options.cpu = BASELINE_CPU_avx | BASELINE_CPU_bmi2;
    BaselineEnv env = {
        .module = &r->module->module,
        .side = r->module->side,
        .options = &options,
    };
    CodeFunc f;
    baseline_compile(&env, func, &r->arena, &f);
    return f;
}

// NULL: proved.
static const char *refusal(Rig *r, uint32_t func, const CodeFunc *f) {
    VerifyEnv env = {
        .module = &r->module->module,
        .side = r->module->side,
        .memory0_is_guarded = r->options.memory0_is_guarded,
        .guard_bytes = r->options.guard_bytes,
    };
    VerifyRefusal out;
    Arena scratch;
    arena_init(&scratch, 0);
    ArenaGuard guard;
    volatile bool ok = false;
    out.what = "no memory";
    if (ARENA_GUARD(&scratch, &guard))
        ok = verify_code(&env, func, f, &scratch, &out) &&
             verify_values(&env, func, f, &scratch, &out);
    arena_unguard(&scratch, &guard);
    arena_release(&scratch);
    return ok ? NULL : out.what;
}

static void print(const CodeFunc *f) {
    for (uint32_t at = 0; at < f->size;) {
        X64Inst in;
        char line[X64_TEXT_MAX];
        if (!x64_decode(&in, f->code + at, f->size - at)) break;
        x64_print(&in, at, line);
        printf("  %x: %s\n", at, line);
        at += in.size;
    }
}

static void accepts(bool is_guarded) {
    Rig r;
    if (EXPECT(rig_init(&r, is_guarded))) {
        for (uint32_t i = 0; i < F_count; i++) {
            CodeFunc f = compile(&r, i);
            const char *what = refusal(&r, i, &f);
            if (EXPECT(what == NULL)) continue;
            printf("function %u: %s\n", i, what);
            print(&f);
        }
    }
    rig_release(&r);
}

static void accepts_guarded(void) {
    accepts(true);
}

static void accepts_checked(void) {
    accepts(false);
}

// --- bugs --------------------------------------------------------------------

typedef enum Change {
    DROP,    // the instruction does nothing
    BYTE,    // its byte at `at` (from the end if negative) becomes `value`
    DISTURB, // adds `value` to the 32-bit field in its last bytes
    SITES,   // there are none
    FRAME,   // it is said to be larger
    WIDE,    // its slots are
    RELOC,   // the first one has index `value`
    HELPER,  // the first one is a helper's
    SITE,    // the one behind it is said to be instruction `value`'s
    TYPE,    // the first value that is a reference is said to be a number
    CLAIM,   // the first that is in register `where` is said to be in `value`
} Change;

typedef struct Bug {
    const char *name;
    bool is_guarded;
    uint32_t func;
    const char *at; // part of the first such instruction's text
    Change change;
    int32_t where;
    uint32_t value;
    const char *want;
} Bug;

#define UNBOUND      "an access to memory that nothing bounds"
#define UNKNOWN      "an access to what is not known"
#define NO_REFERENCE "a slot that has not its reference"

// clang-format off
static const Bug bugs[] = {
    {"no bounds check", false, F_load, "ja ", DROP, 0, 0, UNBOUND},
    {"a check of another size", false, F_wrap, "lea r11", BYTE, -1, 3, UNBOUND},
    {"a check of another memory", false, F_other, "cmp r11", DROP, 0, 0, UNBOUND},
    {"a check the other way", false, F_load, "ja ", BYTE, 1, 0x82, UNBOUND},
    {"an offset past the guard", true, F_load, "DWORD PTR [r14", BYTE, -1, 0x01, UNBOUND},
    {"an offset below the base", true, F_load, "DWORD PTR [r14", BYTE, -1, 0x80, UNBOUND},
    {"an index of 64 bits", true, F_wrap, "mov ecx,eax", DROP, 0, 0, UNBOUND},
    {"an access without a site", true, F_load, "DWORD PTR [r14", SITES, 0, 0, "an access that may fault, without a site"},
    {"an old base", false, F_grow, "mov r14,", DROP, 0, 0, UNKNOWN},
    {"no check of a table's size", true, F_indirect, "jae ", DROP, 0, 0, UNKNOWN},
    {"no check for null", true, F_indirect, "je ", DROP, 0, 0, UNKNOWN},
    {"no check for what is no reference", true, F_indirect, "test r", BYTE, 0, 0x90, NULL},
    {"no check of a type", true, F_indirect, "cmp r11", DROP, 0, 0, "a call of another function's type"},
    {"a type that is not the call's", true, F_indirect, "mov r11,QWORD PTR [r11+", BYTE, -1, 0, "a call of another function's type"},
    {"a context that was not restored", true, F_import, "mov r15,", DROP, 0, 0, UNKNOWN},
    {"a call without a site", true, F_direct, "call QWORD PTR [rip", SITES, 0, 0, "a call without a site"},
    {"a call of another function", true, F_direct, "call QWORD PTR [rip", RELOC, 0, F_divide, "a value that is not of its type"},
    {"a call of a function that is not there", true, F_direct, "call QWORD PTR [rip", RELOC, 0, 99, "a call of a function that is not there"},
    {"a helper for a function", true, F_direct, "call QWORD PTR [rip", HELPER, 0, 0, "a relocation of another kind"},
    {"a jump table that is too short", true, F_switch, "cmp ", BYTE, -1, 60, UNKNOWN},
    {"no check of a jump table's index", true, F_switch, "jae ", DROP, 0, 0, UNKNOWN},
    {"no check for zero", true, F_divide, "je ", DROP, 0, 0, "a division that nothing checks"},
    {"no check for minus one", true, F_divide, "cmp ", DROP, 0, 0, "a division that nothing checks"},
    {"no check of an array's length", true, F_element, "jae ", DROP, 0, 0, UNKNOWN},
    {"no check of an array's reference", true, F_element, "je ", DROP, 0, 0, UNKNOWN},
    {"elements of another size", true, F_element, "*4+0x8]", BYTE, -2, 0xcb, UNKNOWN},
    {"no check of a structure's reference", true, F_field, "je ", DROP, 0, 0, UNKNOWN},
    {"a global that is not there", true, F_global, "mov r11,QWORD PTR [r11", BYTE, 2, 0x5b, UNKNOWN},
    {"no check of a function's reference", true, F_ref, "je ", DROP, 0, 0, UNKNOWN},
    {"no check of the stack", true, F_direct, "jb ", DROP, 0, 0, "a call without a check of the stack"},
    {"a frame that is too small", true, F_direct, "sub rsp", BYTE, -1, 0x18, "a frame that is not complete"},
    {"a frame of another size", true, F_direct, "sub rsp", FRAME, 0, 16, "a frame that is not complete"},
    {"slots of another size", true, F_direct, "sub rsp", WIDE, 0, 0, "slots of another size"},
    {"zeros over the frame", true, F_locals, "lea rbx", BYTE, -4, 0xf0, UNKNOWN},
    {"a new object without room", true, F_new, "ja ", DROP, 0, 0, "an object without room"},
    {"a new object of no type", true, F_new, "jb ", DROP, 0, 0, NULL},
    {"a block that was not checked", true, F_copy, "ja ", DROP, 0, 0, UNKNOWN},
    {"a frame that is not left", true, F_load, "leave", DROP, 0, 0, "a return with a stack of another size"},
    {"a tail call from the frame", true, F_tail, "leave", DROP, 0, 0, "a tail call from within the frame"},
    {"an end that wraps", false, F_wraps, "jb ", DROP, 0, 0, UNBOUND},
    {"a new array of any length", true, F_shorts, "ja ", DROP, 0, 0, "an object without room"},
    {"an operand that a handler does not find", true, F_caught, "mov QWORD PTR [rbp-0x20],r", DROP, 0, 0, "a value that is not of its type"},
    // Behind a VEX prefix.
    {"VEX: an offset past the guard", true, F_vex, "vsubsd", BYTE, -1, 0x01, UNBOUND},
    {"VEX: an offset below the base", true, F_vex, "vsubsd", BYTE, -1, 0x80, UNBOUND},
    {"VEX: another base", true, F_vex, "vsubsd", BYTE, 1, 0xe1, UNKNOWN},
    {"VEX: another index", true, F_vex, "vsubsd", BYTE, 1, 0x81, UNBOUND},
    {"VEX: an index that is multiplied", true, F_vex, "vsubsd", BYTE, 5, 0xc6, UNBOUND},
    {"VEX: an access without a site", true, F_vex, "vsubsd", SITES, 0, 0, "an access that may fault, without a site"},
    {"VEX: an index of 64 bits", true, F_vex_wrap, "mov ecx,eax", DROP, 0, 0, UNBOUND},
    {"VEX: no bounds check", false, F_vex_other, "ja ", DROP, 0, 0, UNBOUND},
    {"VEX: a check of another memory", false, F_vex_other, "cmp r11", DROP, 0, 0, UNBOUND},
    {"VEX: an access that ends later", false, F_vex_other, "vsubsd", BYTE, -1, 0xf9, UNBOUND},
    {"VEX: a larger operand", false, F_vex_other, "vsubsd", BYTE, 2, 0x78, UNBOUND},
    {"VEX: a much larger operand", false, F_vex_other, "vsubsd", BYTE, 2, 0x7c, UNBOUND},
    {"VEX: a memory's record as its base", false, F_vex_other, "vsubsd", BYTE, -2, 0x19, UNKNOWN},
    {"VEX: a base that is overwritten", true, F_vex_shift, "shlx", DISTURB, 0, 0x1fffff80, "a change of memory 0's base"},
    {"VEX: a context that is overwritten", true, F_vex_shift, "shlx", DISTURB, 0, 0x27ffff80, "a change of the context"},
    // Those keep to the sandbox, as far as bytes say, and lose values.
    {"a local that is not stored", true, F_local, "mov QWORD PTR [rbp-0x18],rax", DROP, 0, 0, NO_REFERENCE},
    {"a local in another's slot", true, F_local, "mov QWORD PTR [rbp-0x18],rax", BYTE, -1, 0xe0, NO_REFERENCE},
    {"a local from another register", true, F_local, "mov QWORD PTR [rbp-0x18],rax", BYTE, -2, 0x4d, NO_REFERENCE},
    {"a reference from another slot", true, F_local, "mov eax,DWORD PTR [rbp", BYTE, -1, 0xe0, "a register that has not what it passes"},
    {"an operand that is not stored", true, F_operand, "mov QWORD PTR [rbp-0x20],rcx", DROP, 0, 0, NO_REFERENCE},
    {"an operand in a local's slot", true, F_operand, "mov QWORD PTR [rbp-0x20],rcx", BYTE, -1, 0xe8, NO_REFERENCE},
    {"a local that is not stored in late code", true, F_late, "mov QWORD PTR [rbp-0x18],rax", DROP, 0, 0, NO_REFERENCE},
    {"a local that is not loaded in late code", true, F_late, "mov eax,DWORD PTR [rbp", BYTE, -1, 0xe0, "a register that has not its local"},
    {"a result over a local", true, F_late, "lea rsi,[rbp-0x20]", BYTE, -1, 0xe8, "a register that has not its local"},
    {"roots of another instruction", true, F_operand, "call 0x", SITE, 0, 0, "a map that is not of the operands"},
    {"an argument in another's register", true, F_pass, "mov rax,rcx", DROP, 0, 0, "a value that is not of its type"},
    {"an argument that was overwritten", true, F_pass, "mov r11,rax", BYTE, -1, 0xcb, "a register that has not what it passes"},
    {"a local that a handler does not find", true, F_handled, "mov QWORD PTR [rbp-0x18],rax", DROP, 0, 0, "a local that a handler would not find"},
    {"a local that changes without its slot", true, F_handled, "mov eax,0x7", BYTE, 1, 6, "a register that has not its local"},
    {"a result that is left elsewhere", true, F_branch, "mov rax,rdx", DROP, 0, 0, "a register that has not what it passes"},
    {"a loop that begins without a local", true, F_loop, "mov QWORD PTR [rbp-0x18],rax", DROP, 0, 0, "a slot that has not its local"},
    {"a loop that goes on without a local", true, F_loop, "mov QWORD PTR [rbp-0x20],rcx", DROP, 0, 0, "a slot that has not its local"},
    {"a local that is not zero", true, F_zeros, "lea rbx", DISTURB, 0, (uint32_t)-16, "a slot that has not its local"},
    {"an operand of another type", true, F_operand, "", TYPE, 0, 0, "operands that validation has not"},
    {"an operand in another register", true, F_operand, "", CLAIM, 0, 1, "a register that has not its local"},
    {"another context", true, F_load, "push r15", BYTE, 1, 0x53, "a change of the stack pointer"},
};
// clang-format on

static uint32_t find(const CodeFunc *f, const char *part, X64Inst *in) {
    for (uint32_t at = 0; at < f->size; at += in->size) {
        char line[X64_TEXT_MAX];
        if (!x64_decode(in, f->code + at, f->size - at)) break;
        x64_print(in, at, line);
        if (strstr(line, part)) return at;
    }
    return UINT32_MAX;
}

// Over instructions of one, two, or more bytes.
static void put_nops(uint8_t *at, uint32_t size) {
    memset(at, 0x90, size);
}

static void plant_site(Rig *r, CodeFunc *f, uint32_t at, uint32_t pc) {
    CodeSite *sites = NEW_N(&r->arena, CodeSite, f->site_len);
    for (uint32_t i = 0; i < f->site_len; i++) {
        sites[i] = f->sites[i];
        if (sites[i].code == at) sites[i].wasm = pc;
    }
    f->sites = sites;
}

// The claims are of this compilation only.
static bool plant_claim(const Bug *bug, const CodeFunc *f) {
    Claims copy = *f->claims;
    VEC_EACH (ClaimValue, value, &copy.values) {
        bool is_it = bug->change == TYPE ? value->type == CLAIM_ref
                                         : value->where == CLAIM_reg &&
                                               value->reg == bug->where;
        if (!is_it) continue;
        if (bug->change == TYPE)
            value->type = CLAIM_i32;
        else
            value->reg = (uint8_t)bug->value;
        return true;
    }
    return false;
}

// In a copy of the code. False: there is no such instruction.
static bool plant(Rig *r, const Bug *bug, CodeFunc *f) {
    X64Inst in;
    uint32_t at = find(f, bug->at, &in);
    if (at == UINT32_MAX) return false;
    uint8_t *code = NEW_N(&r->arena, uint8_t, f->size);
    CodeReloc *relocs = NEW_N(&r->arena, CodeReloc, (size_t)f->reloc_len + 1);
    memcpy(code, f->code, f->size);
    if (f->reloc_len)
        memcpy(relocs, f->relocs, f->reloc_len * sizeof(CodeReloc));
    f->code = code;
    f->relocs = relocs;
    int32_t where = bug->where < 0 ? in.size + bug->where : bug->where;
    switch (bug->change) {
    case DROP:
        put_nops(code + at, in.size);
        break;
    case BYTE:
        code[at + (uint32_t)where] = (uint8_t)bug->value;
        break;
    case DISTURB:
        store_u32(code + at + in.size - 4,
                  load_u32(code + at + in.size - 4) + bug->value);
        break;
    case SITES:
        f->site_len = 0;
        break;
    case FRAME:
        f->frame_size += bug->value;
        break;
    case WIDE:
        f->is_wide = true;
        break;
    case RELOC:
        relocs[0].index = bug->value & ((1u << 28) - 1);
        break;
    case HELPER:
        relocs[0].kind = RELOC_helper;
        break;
    case SITE:
        plant_site(r, f, at + in.size, bug->value);
        break;
    case TYPE:
    case CLAIM:
        return plant_claim(bug, f);
    }
    return true;
}

static void check_bug(const Bug *bug) {
    Rig r;
    if (!EXPECT(rig_init(&r, bug->is_guarded))) return;
    CodeFunc f = compile(&r, bug->func);
    if (EXPECT(plant(&r, bug, &f))) {
        const char *what = refusal(&r, bug->func, &f);
        bool ok = what && (!bug->want || strcmp(what, bug->want) == 0);
        if (!EXPECT(ok)) {
            printf("%s: %s\n", bug->name, what ? what : "accepted");
            print(&f);
        }
    } else {
        printf("%s: nothing has \"%s\"\n", bug->name, bug->at);
        print(&f);
    }
    rig_release(&r);
}

static void planted_bugs(void) {
    for (size_t i = 0; i < COUNTOF(bugs); i++)
        check_bug(&bugs[i]);
}

// --- any bytes ---------------------------------------------------------------

static uint64_t random_state = 88172645463325252u;

static uint32_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20);
}

// Up to three bytes, sites and relocations changed: some answer, every time.
static void any_bytes(void) {
    enum {
        ROUNDS = 400,
    };
    Rig r;
    uint32_t refused = 0;
    if (!EXPECT(rig_init(&r, true))) return;
    for (uint32_t func = 0; func < F_count; func++) {
        CodeFunc f = compile(&r, func);
        uint8_t *code = NEW_N(&r.arena, uint8_t, f.size);
        const uint8_t *was = f.code;
        for (int i = 0; i < ROUNDS; i++) {
            memcpy(code, was, f.size);
            CodeFunc changed = f;
            changed.code = code;
            for (uint32_t n = next_random() % 3 + 1; n > 0; n--)
                code[next_random() % f.size] = (uint8_t)next_random();
            if (i % 16 == 0) changed.size = next_random() % f.size;
            if (i % 16 == 1) changed.frame_size = next_random() % 512;
            if (i % 16 == 2) changed.reloc_len /= 2;
            if (changed.reloc_len > 0 && changed.size != f.size)
                changed.reloc_len = 0;
            refused += refusal(&r, func, &changed) != NULL;
        }
    }
    rig_release(&r);
    // Most of the bytes matter.
    EXPECT(refused > F_count * ROUNDS / 2);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(accepts_guarded), UNIT_TEST(accepts_checked),
                    UNIT_TEST(planted_bugs), UNIT_TEST(any_bytes));
}
