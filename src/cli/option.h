// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The command line: what tool.def and option.def allow, as values.
//
// Options may stand anywhere before FILE; what follows FILE belongs to the
// program for `run`, and may be more options and files for other commands.
#pragma once

#include "base/vec.h"
#include "wasm/feature.h"
#include "wasm/limit.h"

typedef enum Tool {
#define TOOL(name, arguments, what) TOOL_##name,
#include "cli/tool.def"
    TOOL_count
} Tool;

typedef struct ToolInfo {
    const char *name, *arguments, *what;
} ToolInfo;

extern const ToolInfo tool_info[TOOL_count];

typedef enum Group {
    GROUP_long,
#define GROUP(name, letter, flag, what) GROUP_##name,
#include "cli/option.def"
    GROUP_count
} Group;

typedef struct GroupInfo {
    char letter;
    const char *flag, *what;
} GroupInfo;

extern const GroupInfo group_info[GROUP_count];

typedef enum OptionId {
#define OPTION(group, name, ...) OPTION_##name,
#include "cli/option.def"
    OPTION_count
} OptionId;

typedef enum OptionKind {
    OPTION_KIND_flag,
    OPTION_KIND_truth,
    OPTION_KIND_number,
    OPTION_KIND_duration,
    OPTION_KIND_choice,
    OPTION_KIND_text,
    OPTION_KIND_each,
    OPTION_KIND_later,
} OptionKind;

typedef struct OptionInfo {
    Group group;
    const char *flag;
    char letter;
    OptionKind kind;
    const char *value;
    uint32_t tools; // a bit for each that it is for
    const char *what;
} OptionInfo;

extern const OptionInfo option_info[OPTION_count];

// One option as it was given last.
typedef struct OptionValue {
    bool is_set;
    bool is_on;       // flag, truth
    uint64_t number;  // number; nanoseconds of a duration
    const char *text; // text, choice; points into the arguments
} OptionValue;

typedef struct OptionUse {
    OptionId id;
    const char *text;
} OptionUse;

typedef struct Options {
    Tool tool;
    bool has_tool; // it was named
    OptionValue values[OPTION_count];
    List(OptionUse) uses;     // of those of kind `each`, in order
    List(const char *) words; // FILE and what follows, or all FILES
    Group help_group;         // -W help and its like; GROUP_long: not asked for
} Options;

// Reads the arguments, which stay in use and are cut at commas. On a mistake
// says what is wrong on standard error and returns false.
NODISCARD bool options_parse(Options *o, int argc, char **argv);
void options_release(Options *o);

static inline bool option_on(const Options *o, OptionId id) {
    return o->values[id].is_on;
}
// The value of a truth that has a default.
static inline bool option_or(const Options *o, OptionId id, bool otherwise) {
    return o->values[id].is_set ? o->values[id].is_on : otherwise;
}

// The tool of that name, or TOOL_count.
Tool tool_find(const char *name);
// The tool, option of a group, or group whose name is nearest to a mistyped
// word; NULL when none is near.
const char *tool_nearest(const char *word);
const char *option_nearest(Group group, Str word);
// A time in the spelling of options, like 500ms, in nanoseconds.
NODISCARD bool option_duration(const char *text, uint64_t *ns);
