// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs generated modules in a library that has the ecosystem's C API and
// compares what they do with a report, as v8.js does.
//
//     smith_library LIBRARY MODULES RESULTS [EVIDENCE]
//
// MODULES and RESULTS are as smith_diff writes them. EVIDENCE gets, under the
// name of the published library, the number of modules that agree for each
// instruction and each feature (by its row). The last line is `N passed, N
// failed, N skipped`.
#include "base/alloc.h"
#include "fuzz/diff/library.h"
#include "wasm/op.h"

#include <stdio.h>
#include <stdlib.h>

static const char engine_name[] = "wasmtime";

enum {
    LINE_MAX_LEN = 512,
};

typedef struct Judge {
    FILE *modules, *results;
    Library library;
    char title[LINE_MAX_LEN];
    char ours[LIBRARY_text_max];
    uint32_t passed, failed, skipped;
    uint64_t ops[OP_count], features[FEATURE_count];
} Judge;

// --- comparing ---------------------------------------------------------------------------

// A trap of ours, and what the ecosystem's API has one code for.
static const char *const common[][2] = {
    {"trap undefined_element", "trap table_bounds"},
    {"trap null_reference", "trap null"},
    {"trap null_func_reference", "trap null"},
    {"trap null_struct_reference", "trap null"},
    {"trap null_array_reference", "trap null"},
    {"trap null_i31_reference", "trap null"},
    {"trap null_exn_reference", "trap null"},
};

static size_t line_len(const char *text) {
    return strcspn(text, "\n");
}

static const char *next_line(const char *text) {
    text += line_len(text);
    return *text == '\n' ? text + 1 : text;
}

// Copies a line of ours, with the words that both have.
static void to_common(const char *line, char *out) {
    size_t len = MIN(line_len(line), (size_t)LINE_MAX_LEN - 1);
    const char *trap = strstr(line, "trap ");
    for (size_t i = 0; i < COUNTOF(common) && trap && trap < line + len; i++) {
        size_t word = strlen(common[i][0]);
        if (strncmp(trap, common[i][0], word) != 0 || trap[word] == '_')
            continue;
        snprintf(out, LINE_MAX_LEN, "%.*s%s%.*s", (int)(trap - line), line,
                 common[i][1], (int)(line + len - trap - (ptrdiff_t)word),
                 trap + word);
        return;
    }
    snprintf(out, LINE_MAX_LEN, "%.*s", (int)len, line);
}

typedef enum Verdict {
    AGREE,
    DIFFER,
    NO_RESOURCES, // one of them has run out of something
} Verdict;

static bool is_exhausted(const char *line) {
    return strstr(line, "stack_exhausted") || strstr(line, "out_of_memory");
}

static Verdict compare(const Judge *j) {
    const char *a = j->ours, *b = j->library.text;
    while (*a || *b) {
        char ours[LINE_MAX_LEN], theirs[LINE_MAX_LEN];
        to_common(a, ours);
        snprintf(theirs, sizeof theirs, "%.*s", (int)line_len(b), b);
        if (is_exhausted(ours) || is_exhausted(theirs)) return NO_RESOURCES;
        if (strcmp(ours, theirs) != 0) {
            printf("%s\n    ours   %.*s\n    theirs %s\n", j->title,
                   (int)line_len(a), a, theirs);
            return DIFFER;
        }
        a = next_line(a);
        b = next_line(b);
    }
    return AGREE;
}

// --- a module ----------------------------------------------------------------------------

// The title is `seed N OP FEATURES ENGINE...`.
static void note(Judge *j) {
    char op[64];
    unsigned long long used;
    if (sscanf(j->title, "seed %*u %63s %llx", op, &used) != 2) return;
    for (int i = 0; i < OP_count; i++)
        j->ops[i] += strcmp(op_name[i], op) == 0;
    for (int f = 0; f < FEATURE_count; f++)
        j->features[f] += used >> f & 1;
}

// After the features the title names the engines that are asked.
static bool is_asked(const Judge *j) {
    return strstr(j->title, engine_name) != NULL;
}

static void judge(Judge *j, Bytes module) {
    if (!is_asked(j)) return;
    library_run(&j->library, module);
    switch (compare(j)) {
    case AGREE:
        j->passed++;
        note(j);
        return;
    case DIFFER:
        j->failed++;
        return;
    case NO_RESOURCES:
        j->skipped++;
        return;
    }
    UNREACHABLE();
}

// The report up to an empty line.
static bool read_report(Judge *j) {
    size_t len = 0;
    if (!fgets(j->title, sizeof j->title, j->results)) return false;
    j->title[line_len(j->title)] = 0;
    while (fgets(j->ours + len, (int)(sizeof j->ours - len), j->results) &&
           j->ours[len] != '\n')
        len += strlen(j->ours + len);
    j->ours[len] = 0;
    return true;
}

static void judge_all(Judge *j) {
    uint32_t size;
    while (fread(&size, sizeof size, 1, j->modules) == 1 && read_report(j)) {
        uint8_t *bytes = mem_alloc(size ? size : 1);
        if (!bytes || fread(bytes, 1, size, j->modules) != size) {
            mem_free(bytes);
            j->failed++;
            return;
        }
        judge(j, (Bytes){.data = bytes, .size = size});
        mem_free(bytes);
    }
}

// --- the program -------------------------------------------------------------------------

static FILE *open_file(const char *path, const char *mode) {
    FILE *f = fopen(path, mode);
    if (f) return f;
    perror(path);
    exit(2);
}

static void write_evidence(const Judge *j, FILE *f) {
    for (int op = 0; op < OP_count; op++)
        if (j->ops[op])
            fprintf(f, "op %s %s %llu\n", op_name[op], engine_name,
                    (unsigned long long)j->ops[op]);
    for (int i = 0; i < FEATURE_count; i++)
        fprintf(f, "row %d %s %llu\n", i, engine_name,
                (unsigned long long)j->features[i]);
    fclose(f);
}

int main(int argc, char **argv) {
    static Judge j;
    if (argc < 4) {
        fprintf(stderr, "smith_library LIBRARY MODULES RESULTS [EVIDENCE]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    j.modules = open_file(argv[2], "rb");
    j.results = open_file(argv[3], "r");
    FILE *evidence = argc > 4 ? open_file(argv[4], "w") : NULL;
    if (!library_open(&j.library, argv[1])) return 2;
    judge_all(&j);
    library_close(&j.library);
    if (j.passed + j.failed + j.skipped == 0) j.failed++; // nothing was asked
    if (evidence) write_evidence(&j, evidence);
    fclose(j.modules);
    fclose(j.results);
    printf("%u passed, %u failed, %u skipped\n", j.passed, j.failed, j.skipped);
    return j.failed != 0;
}
