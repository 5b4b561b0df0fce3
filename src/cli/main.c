// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The command: reads its options and hands over to one of the tools.
#include "cli/report.h"
#include "cli/tool.h"

#include <foliot.h>

static bool takes_files(Tool tool) {
    return tool != TOOL_help && tool != TOOL_completion;
}

static int dispatch(const Options *o) {
    switch (o->tool) {
#define TOOL(name, arguments, what) \
    case TOOL_##name:               \
        return tool_##name(o);
#include "cli/tool.def"
    case TOOL_count:
        break;
    }
    UNREACHABLE();
}

static int run(const Options *o) {
    if (option_on(o, OPTION_version)) {
        puts("foliot " FOLIOT_VERSION);
        return EXIT_ok;
    }
    if (o->help_group != GROUP_long) {
        help_print_group(o->help_group);
        return EXIT_ok;
    }
    if (option_on(o, OPTION_help)) {
        o->has_tool ? help_print_tool(o->tool) : help_print();
        return EXIT_ok;
    }
    if (takes_files(o->tool) && o->words.len == 0) {
        (void)report_usage("'%s' needs a file", tool_info[o->tool].name);
        return EXIT_usage;
    }
    return dispatch(o);
}

int main(int argc, char **argv) {
    Options o;
    int code = EXIT_usage;
    if (options_parse(&o, argc, argv)) code = run(&o);
    if (code == EXIT_ok && setup_has_refusals()) code = EXIT_failed;
    options_release(&o);
    fflush(stdout);
    return code;
}
