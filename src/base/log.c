// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    LINE_MAX_SIZE = 512
};

uint32_t log_topics;

static LogSink log_sink;
static void *log_env;

void log_sink_set(LogSink sink, void *env, uint32_t topics) {
    log_sink = sink;
    log_env = env;
    log_topics = sink ? topics : 0;
}

void log_line(LogTopic topic, const char *format, ...) {
    if (!log_sink) return;
    char line[LINE_MAX_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log_sink(log_env, topic, line);
}
