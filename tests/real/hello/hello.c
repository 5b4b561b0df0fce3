// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A word counter small enough to read in a minute and real enough to need
// arguments, memory, files and an exit code.
//
//     hello DIR WORD...    writes DIR/words.txt, reads it back, counts, prints
//
// DIR is a directory that the runtime was told to share (`--dir`).

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *text;
    unsigned count;
} Word;

typedef struct {
    Word *words;
    size_t len;
    size_t cap;
} Words;

static _Noreturn void fail(const char *doing, const char *path) {
    fprintf(stderr, "hello: cannot %s %s: %s\n", doing, path, strerror(errno));
    exit(1);
}

static char *text_copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy == NULL) fail("copy", text);
    return memcpy(copy, text, size);
}

static void words_add(Words *all, const char *text) {
    for (size_t i = 0; i < all->len; i++) {
        if (strcmp(all->words[i].text, text) == 0) {
            all->words[i].count++;
            return;
        }
    }
    if (all->len == all->cap) {
        all->cap = all->cap == 0 ? 4 : 2 * all->cap;
        all->words = realloc(all->words, all->cap * sizeof *all->words);
        if (all->words == NULL) fail("remember", text);
    }
    all->words[all->len++] = (Word){text_copy(text), 1};
}

static void words_free(Words *all) {
    for (size_t i = 0; i < all->len; i++)
        free(all->words[i].text);
    free(all->words);
}

// Most frequent first, then by the alphabet.
static int word_order(const void *a, const void *b) {
    const Word *left = a;
    const Word *right = b;
    if (left->count != right->count) return left->count < right->count ? 1 : -1;
    return strcmp(left->text, right->text);
}

static void file_write(const char *path, int count, char **texts) {
    FILE *file = fopen(path, "w");
    if (file == NULL) fail("create", path);
    for (int i = 0; i < count; i++)
        fprintf(file, "%s\n", texts[i]);
    if (fclose(file) != 0) fail("write", path);
}

static void file_read(const char *path, Words *all) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("open", path);
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        words_add(all, line);
    }
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: hello DIR WORD...\n");
        return 2;
    }
    char path[512];
    int size = snprintf(path, sizeof path, "%s/words.txt", argv[1]);
    if (size < 0 || (size_t)size >= sizeof path) {
        fprintf(stderr, "hello: the name of the directory is too long\n");
        return 2;
    }
    file_write(path, argc - 2, argv + 2);

    Words all = {0};
    file_read(path, &all);
    qsort(all.words, all.len, sizeof *all.words, word_order);
    printf("Hello from WebAssembly: %d words, %zu different.\n", argc - 2,
           all.len);
    for (size_t i = 0; i < all.len; i++)
        printf("%5u %s\n", all.words[i].count, all.words[i].text);
    words_free(&all);
    return 0;
}
