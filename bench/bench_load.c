// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What loading a compiled module costs: bench_load FILE.cwasm [RUNS] maps and
// drops the file again and again in one engine, and prints microseconds (the
// median), page faults of a load, and the file's size. The file's pages are in
// the host's cache after the first run.
#include "engine/artifact.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    RUNS_MAX = 1000
};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static long faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static bool once(Engine *e, const char *path, double *us, long *pages) {
    Err err = {0};
    int fd;
    long before = faults();
    uint64_t start = clock_now();
    if (file_open_host(path, &fd)) return false;
    RtModule *m = artifact_load_file(e, fd, &err);
    file_close(fd);
    *us = (double)(clock_now() - start) / 1e3;
    *pages = faults() - before;
    if (!m) fprintf(stderr, "%s: %s\n", path, err.text);
    if (m) rt_module_unref(m);
    return m;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    EngineConfig config;
    engine_config_init(&config);
    config.tiers = TIERS_baseline;
    config.use_epoch = false; // as the command does
    Engine *e = engine_new(&config);
    static double us[RUNS_MAX];
    long pages = 0;
    if (runs == 0 || runs > RUNS_MAX) runs = RUNS_MAX;
    for (unsigned long i = 0; i < runs; i++)
        if (!e || !once(e, argv[1], &us[i], &pages)) return 1;
    printf("first %.0f us, ", us[0]);
    qsort(us, runs, sizeof us[0], compare);
    printf("median %.0f us, least %.0f us, %ld page faults\n", us[runs / 2],
           us[0], pages);
    engine_unref(e);
    return 0;
}
