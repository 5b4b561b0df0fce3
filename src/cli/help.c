// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Help, from the tables of commands and options.
#include "cli/report.h"
#include "cli/tool.h"

#include <string.h>

enum {
    HELP_COLUMN = 34 // where the explanations begin
};

// "-o, --output=OUT", "fuel=N"
static void print_option(const OptionInfo *info) {
    char text[128], letter[8] = "";
    bool is_long = info->group == GROUP_long;
    if (info->letter) snprintf(letter, sizeof letter, "-%c, ", info->letter);
    snprintf(text, sizeof text, "  %s%s%s%s%s", letter, is_long ? "--" : "",
             info->flag, info->value[0] ? "=" : "", info->value);
    printf("%-*s", HELP_COLUMN, text);
    if (strlen(text) >= HELP_COLUMN) printf("\n%-*s", HELP_COLUMN, "");
    puts(info->what);
}

bool help_has_option(int option, Group group, uint32_t tools) {
    const OptionInfo *info = &option_info[option];
    return info->group == group && info->tools & tools &&
           info->kind != OPTION_KIND_later;
}

static void print_long_options(uint32_t tools) {
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, GROUP_long, tools))
            print_option(&option_info[i]);
}

const char help_of_groups[] =
    "What stands behind those is FLAG or FLAG=VALUE, several with commas "
    "between\nthem; '-W help' and its like list them.\n";

const char help_of_files[] =
    "FILE is a module as bytes or as text; - is standard input. The exit code "
    "is the\nprogram's own, 134 after a trap, 1 for a module that cannot be "
    "loaded, 2 for\nwrong usage.\n";

static void print_groups(void) {
    for (int g = 1; g < GROUP_count; g++) {
        char text[32];
        const GroupInfo *info = &group_info[g];
        snprintf(text, sizeof text, "  -%c, --%s ...", info->letter,
                 info->flag);
        printf("%-*s%s\n", HELP_COLUMN, text, info->what);
    }
    printf("\n%s", help_of_groups);
}

void help_print(void) {
    puts("foliot runs WebAssembly.\n\nUsage:");
    puts("  foliot [OPTIONS] FILE [ARGS...]");
    puts("  foliot COMMAND [OPTIONS] ...\n\nCommands:");
    for (int t = 0; t < TOOL_count; t++)
        printf("  %-12s%s\n", tool_info[t].name, tool_info[t].what);
    puts("\nOptions of 'run':");
    print_long_options(1u << TOOL_run);
    puts("\nGroups of options:");
    print_groups();
    printf("\n'foliot help COMMAND' tells more about a command.\n%s",
           help_of_files);
}

void help_print_tool(Tool tool) {
    const ToolInfo *info = &tool_info[tool];
    printf("foliot %s: %s.\n\nUsage:\n  foliot %s %s\n", info->name, info->what,
           info->name, info->arguments);
    puts("\nOptions:");
    print_long_options(1u << tool);
    puts("\nGroups of options:");
    print_groups();
}

// The default of a feature or a limit is in its own table.
void help_default(int option, char *out, size_t size) {
    int feature = option - OPTION_feature_mvp;
    int limit = option - OPTION_limit_module_size;
    out[0] = 0;
    if (feature >= 0 && feature < FEATURE_count)
        snprintf(out, size, "%s by default",
                 feature_info[feature].is_default ? "on" : "off");
    if (limit >= 0 && limit < LIMIT_count)
        snprintf(out, size, "%llu by default",
                 (unsigned long long)limit_info[limit].def);
}

void help_print_group(Group group) {
    const GroupInfo *info = &group_info[group];
    printf("-%c, --%s: %s.\n\n", info->letter, info->flag, info->what);
    for (int i = 0; i < OPTION_count; i++) {
        char text[64];
        if (!help_has_option(i, group, UINT32_MAX)) continue;
        print_option(&option_info[i]);
        help_default(i, text, sizeof text);
        if (text[0]) printf("%-*s%s\n", HELP_COLUMN, "", text);
    }
}

int tool_help(const Options *o) {
    if (option_on(o, OPTION_man)) {
        help_print_man();
        return EXIT_ok;
    }
    if (o->words.len == 0) {
        help_print();
        return EXIT_ok;
    }
    const char *word = o->words.data[0];
    Tool tool = tool_find(word);
    if (tool != TOOL_count) {
        help_print_tool(tool);
        return EXIT_ok;
    }
    const char *nearest = tool_nearest(word);
    (void)report_usage("there is no command '%s'%s%s%s", word,
                       nearest ? ", did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "");
    return EXIT_usage;
}
