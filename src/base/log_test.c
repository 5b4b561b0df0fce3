// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/log.h"

#include "unit/unit.h"

static char last_line[1024];
static LogTopic last_topic;
static int lines;

static void keep(void *env, LogTopic topic, const char *line) {
    EXPECT(env == last_line);
    snprintf(last_line, sizeof last_line, "%s", line);
    last_topic = topic;
    lines++;
}

static int evaluated(void) {
    static int times;
    return ++times;
}

static void only_chosen_topics(void) {
    log_sink_set(keep, last_line, 1u << LOG_gc);
    lines = 0;
    LOG(LOG_decode, "%d", evaluated()); // off: not even evaluated
    EXPECT_EQ(lines, 0);
    LOG(LOG_gc, "collected %d", evaluated());
    EXPECT_EQ(lines, 1);
    EXPECT_EQ(last_topic, LOG_gc);
    EXPECT_STR(last_line, "collected 1");
}

static void off_without_a_sink(void) {
    lines = 0;
    log_sink_set(NULL, NULL, UINT32_MAX);
    EXPECT_EQ(log_topics, 0);
    LOG(LOG_gc, "nobody hears this");
    log_line(LOG_gc, "nor this");
    EXPECT_EQ(lines, 0);
}

static void long_lines_are_cut(void) {
    log_sink_set(keep, last_line, 1u << LOG_wasi);
    LOG(LOG_wasi, "%*s", 5000, "x");
    EXPECT(strlen(last_line) > 100 && strlen(last_line) < 1000);
    log_sink_set(NULL, NULL, 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(only_chosen_topics),
                    UNIT_TEST(off_without_a_sink),
                    UNIT_TEST(long_lines_are_cut));
}
