// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tracing switches, all in one place. Off unless the embedder sets a sink; the
// library reads no environment variable.
#pragma once

#include "base/defs.h"

typedef enum LogTopic {
    LOG_decode,
    LOG_valid,
    LOG_interp,
    LOG_gc,
    LOG_wasi,
    LOG_code, // machine code that was refused
    LOG_topic_count
} LogTopic;

typedef void (*LogSink)(void *env, LogTopic topic, const char *line);
void log_sink_set(LogSink sink, void *env, uint32_t topics); // bit per topic
void log_line(LogTopic topic, const char *format, ...) PRINTF(2, 3);

extern uint32_t log_topics;
#define LOG(topic, ...)                                                      \
    (UNLIKELY(log_topics & (1u << (topic))) ? log_line((topic), __VA_ARGS__) \
                                            : (void)0)
