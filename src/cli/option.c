// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/option.h"

#include "base/num_text.h"
#include "cli/report.h"

#include <string.h>

const ToolInfo tool_info[TOOL_count] = {
#define TOOL(name, arguments, what) [TOOL_##name] = {#name, arguments, what},
#include "cli/tool.def"
};

const GroupInfo group_info[GROUP_count] = {
#define GROUP(name, letter, flag, what) [GROUP_##name] = {letter, flag, what},
#include "cli/option.def"
};

#define ANY        UINT32_MAX
#define ONLY(tool) (1u << TOOL_##tool)
const OptionInfo option_info[OPTION_count] = {
#define OPTION(group, name, flag, letter, kind, value, tools, what)      \
    [OPTION_##name] = {GROUP_##group, flag,  letter, OPTION_KIND_##kind, \
                       value,         tools, what},
#include "cli/option.def"
};

// --- names -------------------------------------------------------------------------

Tool tool_find(const char *name) {
    int t = 0;
    while (t < TOOL_count && strcmp(name, tool_info[t].name) != 0)
        t++;
    return (Tool)t;
}

static OptionId find_flag(Group group, Str flag) {
    for (int i = 0; i < OPTION_count; i++)
        if (option_info[i].group == group &&
            str_eq_z(flag, option_info[i].flag))
            return (OptionId)i;
    return OPTION_count;
}

static OptionId find_letter(char letter) {
    for (int i = 0; i < OPTION_count; i++)
        if (letter && option_info[i].letter == letter) return (OptionId)i;
    return OPTION_count;
}

enum {
    NAME_MAX_LEN = 40 // of names that are compared
};

// The number of letters to insert, remove or change (Levenshtein's distance).
static uint32_t distance(Str a, Str b) {
    uint32_t row[NAME_MAX_LEN + 1];
    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN) return UINT32_MAX;
    for (uint32_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (uint32_t i = 1; i <= a.len; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t k = 1; k <= b.len; k++) {
            uint32_t change = diagonal + (a.data[i - 1] != b.data[k - 1]);
            diagonal = row[k];
            row[k] = MIN(change, MIN(row[k], row[k - 1]) + 1);
        }
    }
    return row[b.len];
}

typedef struct Nearest {
    Str word;
    const char *name;
    uint32_t distance;
} Nearest;

// A name is near when a third of its letters at most are different.
static void consider(Nearest *n, const char *name) {
    uint32_t d = distance(n->word, str_of(name));
    if (d > MAX(2, n->word.len / 3) || d >= n->word.len ||
        (n->name && d >= n->distance))
        return;
    n->name = name;
    n->distance = d;
}

const char *tool_nearest(const char *word) {
    Nearest n = {.word = str_of(word)};
    for (int t = 0; t < TOOL_count; t++)
        consider(&n, tool_info[t].name);
    return n.name;
}

const char *option_nearest(Group group, Str word) {
    Nearest n = {.word = word};
    for (int i = 0; i < OPTION_count; i++)
        if (option_info[i].group == group) consider(&n, option_info[i].flag);
    for (int g = 1; group == GROUP_long && g < GROUP_count; g++)
        consider(&n, group_info[g].flag);
    return n.name;
}

// --- values ------------------------------------------------------------------------

// How a message names an option: "-W fuel", "--dir".
typedef struct Spelled {
    char text[NAME_MAX_LEN + 8];
} Spelled;

static Spelled spell(OptionId id) {
    const OptionInfo *info = &option_info[id];
    Spelled s;
    if (info->group == GROUP_long)
        snprintf(s.text, sizeof s.text, "--%s", info->flag);
    else
        snprintf(s.text, sizeof s.text, "-%c %s",
                 group_info[info->group].letter, info->flag);
    return s;
}

static bool bad_value(OptionId id, const char *text, const char *expected) {
    return report_usage("%s=%s: expected %s", spell(id).text, text, expected);
}

static bool set_truth(OptionId id, OptionValue *v, const char *text) {
    static const char *const words[] = {"y", "yes", "true",  "on",
                                        "n", "no",  "false", "off"};
    v->is_on = true;
    if (!text) return true;
    for (size_t i = 0; i < COUNTOF(words); i++) {
        v->is_on = i < COUNTOF(words) / 2;
        if (!strcmp(text, words[i])) return true;
    }
    return bad_value(id, text, "y or n");
}

static bool set_number(OptionId id, OptionValue *v, const char *text) {
    if (num_parse_uint(text, strlen(text), 64, &v->number) == NUM_ok)
        return true;
    return bad_value(id, text, "an unsigned integer of 64 bits");
}

bool option_duration(const char *text, uint64_t *ns) {
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        {"", 1000000000},     {"s", 1000000000}, {"ms", 1000000},
        {"us", 1000},         {"ns", 1},         {"m", 60000000000},
        {"h", 3600000000000},
    };
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < COUNTOF(units); i++) {
        uint64_t n;
        if (strcmp(text + digits, units[i].name) != 0) continue;
        if (num_parse_uint(text, digits, 64, &n) != NUM_ok ||
            n > UINT64_MAX / units[i].ns)
            break;
        *ns = n * units[i].ns;
        return true;
    }
    return false;
}

static bool set_duration(OptionId id, OptionValue *v, const char *text) {
    return option_duration(text, &v->number) ||
           bad_value(id, text, "a time, like 500ms or 2s");
}

static bool set_choice(OptionId id, OptionValue *v, const char *text) {
    size_t len = strlen(text);
    v->text = text;
    for (const char *at = option_info[id].value; *at;) {
        size_t word = strcspn(at, "|");
        if (word == len && !memcmp(at, text, len)) return true;
        at += word + (at[word] == '|');
    }
    return bad_value(id, text, option_info[id].value);
}

static bool add_use(Options *o, OptionId id, const char *text) {
    OptionUse use = {id, text};
    return LIST_PUSH(&o->uses, use) || report_no_memory();
}

// `text` is NULL where no value was given.
static bool set(Options *o, OptionId id, const char *text) {
    const OptionInfo *info = &option_info[id];
    OptionValue *v = &o->values[id];
    v->is_set = true;
    switch (info->kind) {
    case OPTION_KIND_later:
        return report_usage("%s is not supported yet", spell(id).text);
    case OPTION_KIND_flag:
        v->is_on = true;
        return !text || report_usage("%s takes no value", spell(id).text);
    case OPTION_KIND_truth:
        return set_truth(id, v, text);
    case OPTION_KIND_number:
    case OPTION_KIND_duration:
    case OPTION_KIND_choice:
    case OPTION_KIND_text:
    case OPTION_KIND_each:
        break;
    }
    if (!text)
        return report_usage("%s needs a value: %s", spell(id).text,
                            info->value);
    if (info->kind == OPTION_KIND_number) return set_number(id, v, text);
    if (info->kind == OPTION_KIND_duration) return set_duration(id, v, text);
    if (info->kind == OPTION_KIND_choice) return set_choice(id, v, text);
    if (info->kind == OPTION_KIND_each) return add_use(o, id, text);
    v->text = text;
    return true;
}

// --- the arguments -----------------------------------------------------------------

typedef struct Arguments {
    char **at, **end;
} Arguments;

// The value of an option that is written as the next argument; NULL: none.
static const char *next_value(Arguments *a) {
    return a->at < a->end ? *a->at++ : NULL;
}

static bool unknown_option(const char *prefix, Group group, Str word) {
    const char *nearest = option_nearest(group, word);
    if (!nearest)
        return report_usage("unknown option '%s%.*s'", prefix, (int)word.len,
                            word.data);
    return report_usage("unknown option '%s%.*s', did you mean '%s%s'?", prefix,
                        (int)word.len, word.data, prefix, nearest);
}

// FLAG[=VALUE] of a group.
static bool parse_in_group(Options *o, Group group, char *item) {
    char *equals = strchr(item, '=');
    Str flag = {item,
                (uint32_t)(equals ? (size_t)(equals - item) : strlen(item))};
    if (str_eq_z(flag, "help")) {
        o->help_group = group;
        return true;
    }
    OptionId id = find_flag(group, flag);
    if (id != OPTION_count) return set(o, id, equals ? equals + 1 : NULL);
    char prefix[] = {'-', group_info[group].letter, ' ', 0};
    return unknown_option(prefix, group, flag);
}

// Everything of `-W a,b=1,c`.
static bool parse_group(Options *o, Group group, char *items) {
    while (items) {
        char *comma = strchr(items, ',');
        if (comma) *comma = 0;
        if (!parse_in_group(o, group, items)) return false;
        items = comma ? comma + 1 : NULL;
    }
    return true;
}

static bool parse_group_argument(Options *o, Group group, char *attached,
                                 Arguments *a) {
    if (!attached && a->at < a->end) attached = *a->at++;
    if (attached) return parse_group(o, group, attached);
    return report_usage("-%c needs options, -%c help lists them",
                        group_info[group].letter, group_info[group].letter);
}

static Group find_group(Str flag) {
    int g = 1;
    while (g < GROUP_count && !str_eq_z(flag, group_info[g].flag))
        g++;
    return (Group)g;
}

static bool takes_value(OptionId id) {
    return option_info[id].kind != OPTION_KIND_flag;
}

static bool parse_long(Options *o, char *word, Arguments *a) {
    char *equals = strchr(word, '=');
    char *value = equals ? equals + 1 : NULL;
    Str flag = {word,
                (uint32_t)(equals ? (size_t)(equals - word) : strlen(word))};
    Group group = find_group(flag);
    if (group != GROUP_count) return parse_group_argument(o, group, value, a);
    OptionId id = find_flag(GROUP_long, flag);
    if (id == OPTION_count) return unknown_option("--", GROUP_long, flag);
    return set(o, id, value || !takes_value(id) ? value : next_value(a));
}

static bool parse_short(Options *o, char *word, Arguments *a) {
    char *attached = word[1] ? word + 1 : NULL;
    for (int g = 1; g < GROUP_count; g++)
        if (group_info[g].letter == word[0])
            return parse_group_argument(o, (Group)g, attached, a);
    OptionId id = find_letter(word[0]);
    if (id == OPTION_count || (attached && !takes_value(id)))
        return report_usage("unknown option '-%s'", word);
    return set(o, id, attached || !takes_value(id) ? attached : next_value(a));
}

static bool add_word(Options *o, const char *word) {
    return LIST_PUSH(&o->words, word) || report_no_memory();
}

// The first word may name a tool; the next ones are files.
static bool parse_word(Options *o, const char *word, Arguments *a) {
    Tool tool = tool_find(word);
    if (!o->has_tool && o->words.len == 0 && tool != TOOL_count) {
        o->tool = tool;
        o->has_tool = true;
        return true;
    }
    if (!add_word(o, word)) return false;
    while (o->tool == TOOL_run && a->at < a->end)
        if (!add_word(o, *a->at++)) return false;
    return true;
}

static bool check_tools(const Options *o) {
    for (int i = 0; i < OPTION_count; i++) {
        if (!o->values[i].is_set || option_info[i].tools >> o->tool & 1)
            continue;
        return report_usage("%s is not an option of '%s'",
                            spell((OptionId)i).text, tool_info[o->tool].name);
    }
    return true;
}

bool options_parse(Options *o, int argc, char **argv) {
    Arguments a = {argv + MIN(argc, 1), argv + argc};
    *o = (Options){.tool = TOOL_run};
    bool only_words = false;
    while (a.at < a.end) {
        char *word = *a.at++;
        bool ok;
        if (only_words || word[0] != '-' || !word[1]) {
            ok = parse_word(o, word, &a);
        } else if (!strcmp(word, "--")) {
            ok = only_words = true;
        } else {
            ok = word[1] == '-' ? parse_long(o, word + 2, &a)
                                : parse_short(o, word + 1, &a);
        }
        if (!ok) return false;
    }
    return check_tools(o);
}

void options_release(Options *o) {
    LIST_RELEASE(&o->uses);
    LIST_RELEASE(&o->words);
}
