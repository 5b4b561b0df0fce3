// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A file system as a table: what operations on paths must do, and to what.
//
// Names are few, so that paths meet each other. What the table says about an
// operation is whether it succeeds and what is there afterwards; which error
// it fails with is compared between file systems instead.
#pragma once

#include "base/defs.h"

#include <string.h>

enum {
    MODEL_NAMES = 4, // a, b, c, d
    MODEL_NODES = 40,
    MODEL_ROOT = 0,
    MODEL_NONE = -1,
    MODEL_TARGET_MAX = 16,
    MODEL_PATH_MAX = 256,
    MODEL_LINKS_SURE = 20, // so many links may be followed everywhere ...
    MODEL_LINKS_LOOP = 60, // ... and so many nowhere
};

typedef enum ModelKind {
    MODEL_free,
    MODEL_dir,
    MODEL_file,
    MODEL_link,
} ModelKind;

typedef struct ModelNode {
    ModelKind kind;
    int parent;              // of a directory
    int child[MODEL_NAMES];  // of a directory
    uint32_t names, content; // of a file: how many, and what is in it
    char target[MODEL_TARGET_MAX];
} ModelNode;

typedef struct Model {
    ModelNode nodes[MODEL_NODES];
    uint32_t followed; // links, for the path being resolved
} Model;

// Where a path leads.
typedef struct ModelPath {
    bool ok;
    bool has_slash; // at its end
    int dir, name;  // name MODEL_NONE: the path ends in `.` or `..`
    int node;       // MODEL_NONE: there is nothing
} ModelPath;

void model_init(Model *m);
// A free node, or MODEL_NONE.
int model_free(const Model *m);
ModelPath model_find(Model *m, const char *path, bool follows);
// The last name itself, even if a slash follows it.
ModelPath model_find_name(Model *m, const char *path);

bool model_make_dir(Model *m, const char *path);
bool model_remove_dir(Model *m, const char *path);
bool model_unlink(Model *m, const char *path);
bool model_symlink(Model *m, const char *target, const char *path);
bool model_rename(Model *m, const char *from, const char *to);
bool model_hard_link(Model *m, const char *from, const char *to);
bool model_create(Model *m, const char *path, bool is_new, uint32_t content);
