// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The manual page, from the same tables as help: `foliot help --man`.
#include "cli/tool.h"

#include <foliot.h>
#include <stdio.h>

// Text as man(7) wants it: a hyphen that is one, no backslash, and no line that
// starts like a request.
static void put(const char *text) {
    for (bool at_start = true; *text; text++) {
        if (at_start && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
        at_start = *text == '\n';
    }
}

static void put_line(const char *text) {
    put(text);
    putchar('\n');
}

static void section(const char *name) {
    printf(".SH \"%s\"\n", name);
}

// Bold words for what is typed as it stands.
static void put_bold(const char *before, const char *text) {
    fputs("\\fB", stdout);
    put(before);
    put(text);
    fputs("\\fR", stdout);
}

// The commands that an option is for, unless it is for all or the default one.
static void put_its_tools(uint32_t tools) {
    if (tools >> TOOL_run & 1) return;
    const char *before = " (";
    for (int t = 0; t < TOOL_count; t++) {
        if (!(tools >> t & 1)) continue;
        put(before);
        put_bold("", tool_info[t].name);
        before = ", ";
    }
    put(")");
}

static void put_option(int option) {
    const OptionInfo *info = &option_info[option];
    char letter[] = {info->letter, 0}, standard[64];
    puts(".TP");
    if (info->letter) put_bold("-", letter);
    if (info->letter) fputs(", ", stdout);
    put_bold(info->group == GROUP_long ? "--" : "", info->flag);
    if (info->value[0]) printf("=\\fI");
    put(info->value);
    puts("\\fR");
    put(info->what);
    help_default(option, standard, sizeof standard);
    if (standard[0]) printf("; %s", standard);
    put_its_tools(info->tools);
    putchar('\n');
}

static void put_options(Group group, uint32_t tools) {
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, group, tools)) put_option(i);
}

static void put_tools(void) {
    section("COMMANDS");
    for (int t = 0; t < TOOL_count; t++) {
        puts(".TP");
        put_bold("", tool_info[t].name);
        putchar(' ');
        put_line(tool_info[t].arguments);
        put_line(tool_info[t].what);
    }
}

static void put_group(Group group) {
    const GroupInfo *info = &group_info[group];
    char letter[] = {'-', info->letter, 0};
    fputs(".SS \"", stdout);
    put(letter);
    put(", --");
    put(info->flag);
    puts("\"");
    put_line(info->what);
    put_options(group, UINT32_MAX);
}

void help_print_man(void) {
    puts(".TH FOLIOT 1 \"\" \"foliot " FOLIOT_VERSION "\"");
    section("NAME");
    puts("foliot \\- runs WebAssembly");
    section("SYNOPSIS");
    puts("\\fBfoliot\\fR [\\fIOPTIONS\\fR] \\fIFILE\\fR [\\fIARGS\\fR...]");
    puts(".br");
    puts("\\fBfoliot\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...");
    section("DESCRIPTION");
    put(help_of_files);
    put_tools();
    section("OPTIONS");
    put_options(GROUP_long, UINT32_MAX);
    section("GROUPS OF OPTIONS");
    put(help_of_groups);
    for (int g = 1; g < GROUP_count; g++)
        put_group((Group)g);
    section("ENVIRONMENT");
    puts(".TP\n\\fBNO_COLOR\\fR\nerrors are not coloured, if it is not empty");
    puts(".TP\n\\fBLISTEN_FDS\\fR");
    put_line("how many sockets '-S listenfd' hands on");
}
