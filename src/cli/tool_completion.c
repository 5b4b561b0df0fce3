// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `foliot completion SHELL`: what a shell needs to complete the command's
// arguments, as a script in its language, from the tables of commands and
// options.
//
// All three do the same: a command first, or a file; behind a dash the options
// of the command; behind the letter of a group its flags, several with commas
// between them; behind a flag's `=` what it may be.
#include "cli/report.h"
#include "cli/tool.h"

#include <string.h>

// Text inside single quotes; `special` characters get a backslash before.
static void put(const char *text, const char *special) {
    for (; *text; text++) {
        if (strchr(special, *text)) putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static bool takes_value(const OptionInfo *info) {
    return info->kind != OPTION_KIND_flag;
}

// Flags that mean `y` when they stand alone are written without a value.
static const char *sign_of(const OptionInfo *info) {
    return takes_value(info) && info->kind != OPTION_KIND_truth ? "=" : "";
}

static bool has_choices(const OptionInfo *info) {
    return info->kind == OPTION_KIND_choice || info->kind == OPTION_KIND_truth;
}

// "a|b" as words.
static void put_choices(const char *value, const char *between) {
    for (; *value; value++)
        *value == '|' ? fputs(between, stdout) : putchar(*value);
}

// --- bash --------------------------------------------------------------------------

static void bash_group(Group group) {
    const GroupInfo *info = &group_info[group];
    printf("    -%c | --%s) words='help", info->letter, info->flag);
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, group, UINT32_MAX))
            printf(" %s%s", option_info[i].flag, sign_of(&option_info[i]));
    puts("' ;;");
}

static void bash_choices(void) {
    for (int i = 0; i < OPTION_count; i++) {
        const OptionInfo *info = &option_info[i];
        if (info->group == GROUP_long || !has_choices(info)) continue;
        printf("        %s) words='", info->flag);
        put_choices(info->value, " ");
        puts("' ;;");
    }
}

static void bash_tool(Tool tool) {
    printf("    %s) words='", tool_info[tool].name);
    for (int g = 1; g < GROUP_count; g++)
        printf("-%c --%s ", group_info[g].letter, group_info[g].flag);
    for (int i = 0; i < OPTION_count; i++) {
        const OptionInfo *info = &option_info[i];
        if (!help_has_option(i, GROUP_long, 1u << tool)) continue;
        printf("--%s ", info->flag);
        if (info->letter) printf("-%c ", info->letter);
    }
    puts("' ;;");
}

static void put_tool_names(const char *between) {
    for (int t = 0; t < TOOL_count; t++)
        printf("%s%s", t ? between : "", tool_info[t].name);
}

// The shell makes words of their own of `=`.
static void print_bash(void) {
    puts("# bash completion for foliot\n"
         "_foliot() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} words= before= tool= i\n"
         "    local prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    COMPREPLY=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        case ${COMP_WORDS[i]} in");
    fputs("        ", stdout);
    put_tool_names(" | ");
    puts(") tool=${COMP_WORDS[i]} && break ;;\n"
         "        esac\n"
         "    done\n"
         "    if [ \"$cur\" = = ]; then\n"
         "        cur= i=$((COMP_CWORD - 1))\n"
         "    elif [ \"$prev\" = = ]; then\n"
         "        i=$((COMP_CWORD - 2))\n"
         "    else\n"
         "        i=0\n"
         "    fi\n"
         "    if [ $i -gt 0 ]; then\n"
         "        case ${COMP_WORDS[i]##*,} in");
    bash_choices();
    puts("        esac\n"
         "        if [ -n \"$words\" ]; then\n"
         "            COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "        else\n"
         "            COMPREPLY=($(compgen -f -- \"$cur\"))\n"
         "        fi\n"
         "        return\n"
         "    fi\n"
         "    case $prev in");
    for (int g = 1; g < GROUP_count; g++)
        bash_group((Group)g);
    puts("    esac\n"
         "    if [ -n \"$words\" ]; then\n"
         "        case $cur in *,*) before=${cur%,*}, cur=${cur##*,} ;; esac\n"
         "        compopt -o nospace 2>/dev/null\n"
         "        COMPREPLY=($(compgen -P \"$before\" -W \"$words\" -- "
         "\"$cur\"))\n"
         "        return\n"
         "    fi\n"
         "    case ${tool:-run} in");
    for (int t = 0; t < TOOL_count; t++)
        bash_tool((Tool)t);
    fputs("    esac\n"
          "    case $cur in\n"
          "    -*) ;;\n"
          "    *)\n"
          "        words=\n"
          "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "        [ -n \"$tool\" ] || words='",
          stdout);
    put_tool_names(" ");
    puts("'\n"
         "        ;;\n"
         "    esac\n"
         "    COMPREPLY+=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o filenames -F _foliot foliot");
}

// --- zsh ---------------------------------------------------------------------------

// The characters that mean something in what _arguments and _values get.
static const char zsh_special[] = "[]:\\";

// ":message:action" behind the description of what has a value.
static void zsh_value(const OptionInfo *info) {
    if (!takes_value(info)) return;
    // What may stand alone has a value that may be missing.
    fputs(info->kind == OPTION_KIND_truth ? "::" : ":", stdout);
    if (has_choices(info)) {
        fputs("one of:(", stdout);
        put_choices(info->value, " ");
        putchar(')');
        return;
    }
    bool is_free =
        info->kind == OPTION_KIND_text || info->kind == OPTION_KIND_each;
    put(info->value, zsh_special);
    fputs(is_free ? ":_files" : ": ", stdout);
}

static void zsh_option(const OptionInfo *info) {
    bool is_long = info->group == GROUP_long;
    printf("        '%s%s%s%s[", info->kind == OPTION_KIND_each ? "*" : "",
           is_long ? "--" : "", info->flag,
           is_long && takes_value(info) ? "=" : "");
    put(info->what, zsh_special);
    putchar(']');
    zsh_value(info);
    puts("' \\");
}

static void zsh_group(Group group) {
    const GroupInfo *info = &group_info[group];
    printf("_foliot_%c() {\n    _values -s , '", info->letter);
    put(info->what, zsh_special);
    puts("' \\\n        'help[list them]' \\");
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, group, UINT32_MAX)) zsh_option(&option_info[i]);
    puts("        && return 0\n}");
}

static void zsh_groups(void) {
    for (int g = 1; g < GROUP_count; g++) {
        const GroupInfo *info = &group_info[g];
        printf("        '*'{-%c,--%s}'[", info->letter, info->flag);
        put(info->what, zsh_special);
        printf("]:options:_foliot_%c' \\\n", info->letter);
    }
}

static void print_zsh(void) {
    puts("#compdef foliot");
    for (int g = 1; g < GROUP_count; g++)
        zsh_group((Group)g);
    puts("_foliot_first() {\n    local -a commands=(");
    for (int t = 0; t < TOOL_count; t++) {
        printf("        '%s:", tool_info[t].name);
        put(tool_info[t].what, zsh_special);
        puts("'");
    }
    puts("    )\n    _describe command commands\n    _files\n}\n"
         "_foliot() {\n    _arguments -s \\");
    zsh_groups();
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, GROUP_long, UINT32_MAX))
            zsh_option(&option_info[i]);
    puts("        '1: :_foliot_first' '*:file:_files'\n}\n_foliot \"$@\"");
}

// --- fish --------------------------------------------------------------------------

static void fish_what(const char *what) {
    fputs(" -d '", stdout);
    put(what, "");
    puts("'");
}

static void fish_option(const OptionInfo *info) {
    printf("complete -c foliot -l %s", info->flag);
    if (info->letter) printf(" -s %c", info->letter);
    if (takes_value(info)) fputs(" -r", stdout);
    if (info->tools != UINT32_MAX && !(info->tools >> TOOL_run & 1)) {
        fputs(" -n '__fish_seen_subcommand_from", stdout);
        for (int t = 0; t < TOOL_count; t++)
            if (info->tools >> t & 1) printf(" %s", tool_info[t].name);
        putchar('\'');
    }
    fish_what(info->what);
}

// One line for each flag: it, a tab, what it does.
static void fish_group(Group group) {
    const GroupInfo *info = &group_info[group];
    printf("complete -c foliot -s %c -l %s -x -a "
           "'(__fish_append , (__foliot_%c))'",
           info->letter, info->flag, info->letter);
    fish_what(info->what);
    printf("function __foliot_%c\n    printf '%%s\\t%%s\\n'", info->letter);
    for (int i = 0; i < OPTION_count; i++) {
        const OptionInfo *o = &option_info[i];
        if (!help_has_option(i, group, UINT32_MAX)) continue;
        printf(" \\\n        %s%s '", o->flag, sign_of(o));
        put(o->what, "");
        putchar('\'');
        for (const char *at = o->value; has_choices(o) && *at;) {
            int len = (int)strcspn(at, "|");
            printf(" %s=%.*s ''", o->flag, len, at);
            at += len + (at[len] == '|');
        }
    }
    puts("\nend");
}

static void print_fish(void) {
    puts("# fish completion for foliot");
    for (int t = 0; t < TOOL_count; t++) {
        printf("complete -c foliot -n __fish_use_subcommand -a %s",
               tool_info[t].name);
        fish_what(tool_info[t].what);
    }
    for (int g = 1; g < GROUP_count; g++)
        fish_group((Group)g);
    for (int i = 0; i < OPTION_count; i++)
        if (help_has_option(i, GROUP_long, UINT32_MAX))
            fish_option(&option_info[i]);
}

int tool_completion(const Options *o) {
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {
        {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *word = o->words.len == 1 ? o->words.data[0] : "";
    for (size_t i = 0; i < COUNTOF(shells); i++) {
        if (strcmp(word, shells[i].name) != 0) continue;
        shells[i].print();
        return EXIT_ok;
    }
    (void)report_usage("'completion' needs a shell: %s",
                       tool_info[TOOL_completion].arguments);
    return EXIT_usage;
}
