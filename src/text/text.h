// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The text format (core, 6) and the script format of the specification's test
// suite: text to Module, Module to text, script to commands.
//
// A parsed module holds encoded function bodies and constant expressions, as a
// decoded one does; module_encode makes it a binary module. Errors carry a
// byte offset into the text; text_locate turns it into line and column.
#pragma once

#include "wasm/module.h"

// Parses one module: `(module ...)`, or its bare fields. `(module binary ...)`
// and `(module quote ...)` are for scripts only. `text` is borrowed and must
// outlive *m. m comes from module_init; its arena must have a guard.
NODISCARD bool text_parse_module(Module *m, const char *text, size_t size,
                                 Err *err);

// Where the instructions of one function are in a text.
typedef struct TextPlace {
    uint32_t code; // offset from the start of the body's bytes
    uint64_t at;   // offset in the text
} TextPlace;

typedef struct TextPlaces {
    uint32_t func;          // asked
    Vec(TextPlace) entries; // answered, ascending; in the module's arena
} TextPlaces;

// text_parse_module that notes places too.
NODISCARD bool text_parse_places(Module *m, const char *text, size_t size,
                                 TextPlaces *places, Err *err);

// Prints a module so that parsing and encoding gives the same bytes back, for
// modules that module_encode could have written (names as identifiers where
// they are unique, otherwise as @name annotations; custom sections as @custom,
// a name section without contents standing for the place of the names).
// Function bodies are read strictly; a body that cannot be read is an error.
// The arena is for scratch memory.
NODISCARD bool text_print_module(const Module *m, TextBuf *out, Arena *scratch,
                                 Err *err);

// One instruction of a printed function: a line of the text.
typedef struct TextLine {
    uint64_t code; // offset from the start of the body's bytes
    size_t at;     // of the line in the text, with its indentation
} TextLine;

// Prints functions one by one, as they are in the whole module; made once for
// all of them. The arena needs a guard, and `out` must not be flushed.
typedef struct TextFuncs TextFuncs;
TextFuncs *text_funcs_new(const Module *m, Arena *arena);
// Appends the lines of a defined function's body to `out`, and says where each
// instruction is; the last `end` has no line. They are valid until the next
// call. False with *err: the body cannot be read.
NODISCARD bool text_func_lines(TextFuncs *t, uint32_t func, TextBuf *out,
                               const TextLine **lines, uint32_t *len, Err *err);

typedef struct TextPos {
    uint32_t line, column; // from 1; columns count scalar values
    Str source_line;       // without its end
} TextPos;
TextPos text_locate(const char *text, size_t size, uint64_t at);

// Writes "file:line:column: message", the source line and a caret below it.
void text_print_err(TextBuf *out, const char *file, const char *text,
                    size_t size, const Err *err);

// --- scripts -------------------------------------------------------------------

typedef enum ModuleForm {
    FORM_text,   // a parsed module
    FORM_binary, // bytes
    FORM_quote,  // text in strings, parsed only when the command runs
} ModuleForm;

typedef struct ScriptModule {
    ModuleForm form;
    bool is_definition; // (module definition ...): not instantiated
    bool is_instance;   // (module instance $i $m)
    Str name;           // $name with its $, or none
    Str of;             // (module instance $i $m): $m, or none for the last
    Bytes bytes;        // FORM_binary: the module; FORM_quote: the text
    Module *module;     // FORM_text: parsed; NULL when parsing failed ...
    Err err;            // ... and why, with an offset into the script
} ScriptModule;

typedef enum ScriptValKind {
    SCRIPT_i32,
    SCRIPT_i64,
    SCRIPT_f32, // bits; see nan
    SCRIPT_f64,
    SCRIPT_v128,       // see lanes
    SCRIPT_ref_null,   // heap, or HEAP_bot where none is written
    SCRIPT_ref_extern, // index; has_index says whether one was written
    SCRIPT_ref_host,
    SCRIPT_ref_any_kind, // any non-null reference matching `heap`
    SCRIPT_either,       // list of alternatives
} ScriptValKind;

typedef enum NanPattern {
    NAN_none,
    NAN_canonical,
    NAN_arithmetic,
} NanPattern;

typedef struct ScriptVal ScriptVal;
struct ScriptVal {
    ScriptValKind kind;
    NanPattern nan; // f32, f64
    uint64_t bits;  // i32, i64, f32, f64; index of ref.extern and ref.host
    bool has_index;
    HeapKind heap;
    // v128: lanes of the written shape, each with its own NaN pattern
    ValType lane; // VT_i8, VT_i16, VT_i32, VT_i64, VT_f32, VT_f64
    uint64_t lane_bits[16];
    NanPattern lane_nan[16];
    const ScriptVal *alternatives; // SCRIPT_either
    uint32_t alternative_len;
};

typedef enum ActionKind {
    ACTION_invoke,
    ACTION_get,
} ActionKind;

typedef struct ScriptAction {
    ActionKind kind;
    Str instance; // $name, or none for the last one
    Str name;     // of the export
    const ScriptVal *args;
    uint32_t arg_len;
} ScriptAction;

typedef enum CommandKind {
    COMMAND_module,
    COMMAND_register,
    COMMAND_action,
    COMMAND_assert_return,
    COMMAND_assert_trap, // an action, or a module's instantiation
    COMMAND_assert_exception,
    COMMAND_assert_exhaustion,
    COMMAND_assert_malformed,
    COMMAND_assert_invalid,
    COMMAND_assert_unlinkable,
    COMMAND_assert_malformed_custom,
    COMMAND_assert_invalid_custom,
    COMMAND_thread, // (thread $name (shared (module $m))* commands...)
    COMMAND_wait,   // (wait $name)
    COMMAND_count
} CommandKind;

extern const char *const command_text[COMMAND_count]; // "assert_return"

typedef struct ScriptCommand ScriptCommand;
struct ScriptCommand {
    CommandKind kind;
    uint64_t at; // offset in the script
    bool has_module;
    ScriptModule module; // module, and asserts on a module
    ScriptAction action; // action, and asserts on an action
    Str name;            // register: the string; thread, wait: $name
    Str instance;        // register: $name, or none
    const Str *shared;   // thread: the $names of the modules it may register
    uint32_t shared_len;
    Str text; // asserts: the expected message
    const ScriptVal *results;
    uint32_t result_len;
    const ScriptCommand *body; // thread
    uint32_t body_len;
};

typedef struct Script {
    const char *text;
    size_t size;
    uint64_t at; // cursor
    Arena *arena;
    FeatureSet features;
    const LimitSet *limits;
    bool started;
} Script;

// Reads commands one at a time, so that a long script needs little memory: the
// caller may mark and rewind the arena around each. A text module that fails to
// parse is not an error of the script: it is in ScriptModule.err. Returns false
// at the end (err_ok) or at a broken script.
void script_init(Script *s, Arena *arena, const char *text, size_t size,
                 FeatureSet features, const LimitSet *limits);
NODISCARD bool script_next(Script *s, ScriptCommand *out, Err *err);
