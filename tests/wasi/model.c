// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasi/model.h"

void model_init(Model *m) {
    memset(m, 0, sizeof *m);
    m->nodes[MODEL_ROOT] = (ModelNode){.kind = MODEL_dir};
    for (int i = 0; i < MODEL_NAMES; i++)
        m->nodes[MODEL_ROOT].child[i] = MODEL_NONE;
}

int model_free(const Model *m) {
    for (int i = 0; i < MODEL_NODES; i++)
        if (m->nodes[i].kind == MODEL_free) return i;
    return MODEL_NONE;
}

static bool is_dir(const Model *m, int node) {
    return node != MODEL_NONE && m->nodes[node].kind == MODEL_dir;
}

// --- paths --------------------------------------------------------------------

// One name of a path, with what follows it.
typedef struct Part {
    const char *text;
    size_t size;
    bool is_last, has_slash;
} Part;

static bool next_part(const char **at, Part *out) {
    while (**at == '/')
        (*at)++;
    if (!**at) return false;
    out->text = *at;
    out->size = strcspn(*at, "/");
    const char *end = *at + out->size;
    out->has_slash = *end == '/';
    *at = end + strspn(end, "/");
    out->is_last = !**at;
    return true;
}

static bool part_is(const Part *p, const char *text) {
    return p->size == strlen(text) && memcmp(p->text, text, p->size) == 0;
}

static ModelPath find(Model *m, int dir, const char *path, bool follows,
                      bool keeps_last) {
    ModelPath none = {.ok = false};
    ModelPath at = {true, false, dir, MODEL_NONE, dir};
    Part part;
    if (*path == '/' || !*path) return none;
    while (next_part(&path, &part)) {
        int cur = at.node;
        if (!is_dir(m, cur)) return none;
        at = (ModelPath){true, part.has_slash, cur, MODEL_NONE, cur};
        if (part_is(&part, ".")) continue;
        if (part_is(&part, "..")) {
            if (cur == MODEL_ROOT) return none;
            at.node = m->nodes[cur].parent;
            continue;
        }
        at.name = part.text[0] - 'a';
        at.node = m->nodes[cur].child[at.name];
        if (at.node == MODEL_NONE) {
            if (part.is_last) return at;
            return none;
        }
        bool is_link = m->nodes[at.node].kind == MODEL_link;
        if (is_link && part.is_last && keeps_last) return at;
        if (!is_link || (part.is_last && !follows && !part.has_slash)) continue;
        if (++m->followed > MODEL_LINKS_LOOP) return none;
        ModelPath to = find(m, cur, m->nodes[at.node].target, true, false);
        if (!to.ok) return none;
        to.has_slash |= part.has_slash;
        at = to;
        if (at.node == MODEL_NONE) {
            if (part.is_last) return at;
            return none;
        }
    }
    if (at.has_slash && !is_dir(m, at.node) && !keeps_last) return none;
    return at;
}

ModelPath model_find(Model *m, const char *path, bool follows) {
    return find(m, MODEL_ROOT, path, follows, false);
}

ModelPath model_find_name(Model *m, const char *path) {
    return find(m, MODEL_ROOT, path, false, true);
}

// --- operations ---------------------------------------------------------------

static void put_node(Model *m, const ModelPath *at, ModelNode node) {
    int n = model_free(m);
    node.parent = at->dir;
    node.names = 1;
    for (int i = 0; i < MODEL_NAMES; i++)
        node.child[i] = MODEL_NONE;
    m->nodes[n] = node;
    m->nodes[at->dir].child[at->name] = n;
}

static void remove_name(Model *m, const ModelPath *at) {
    m->nodes[at->dir].child[at->name] = MODEL_NONE;
    ModelNode *node = &m->nodes[at->node];
    if (node->kind == MODEL_dir || --node->names == 0) node->kind = MODEL_free;
}

static bool is_empty(const Model *m, int dir) {
    for (int i = 0; i < MODEL_NAMES; i++)
        if (m->nodes[dir].child[i] != MODEL_NONE) return false;
    return true;
}

// A name that is not there yet.
static bool is_new_name(const ModelPath *at) {
    return at->ok && at->name != MODEL_NONE && at->node == MODEL_NONE;
}

bool model_make_dir(Model *m, const char *path) {
    ModelPath at = model_find_name(m, path);
    if (!is_new_name(&at)) return false;
    put_node(m, &at, (ModelNode){.kind = MODEL_dir});
    return true;
}

bool model_remove_dir(Model *m, const char *path) {
    ModelPath at = model_find_name(m, path);
    if (!at.ok || at.name == MODEL_NONE || !is_dir(m, at.node) ||
        !is_empty(m, at.node))
        return false;
    remove_name(m, &at);
    return true;
}

bool model_unlink(Model *m, const char *path) {
    ModelPath at = model_find_name(m, path);
    if (!at.ok || at.name == MODEL_NONE || at.node == MODEL_NONE ||
        at.has_slash || is_dir(m, at.node))
        return false;
    remove_name(m, &at);
    return true;
}

bool model_symlink(Model *m, const char *target, const char *path) {
    ModelPath at = model_find_name(m, path);
    if (!*target || *target == '/' || !is_new_name(&at) || at.has_slash)
        return false;
    ModelNode node = {.kind = MODEL_link};
    strncpy(node.target, target, sizeof node.target - 1);
    put_node(m, &at, node);
    return true;
}

static bool is_beneath(const Model *m, int node, int dir) {
    while (node != dir && node != MODEL_ROOT)
        node = m->nodes[node].parent;
    return node == dir;
}

static bool may_replace(const Model *m, const ModelPath *a,
                        const ModelPath *b) {
    bool moves_dir = is_dir(m, a->node);
    if ((a->has_slash || b->has_slash) && !moves_dir) return false;
    if (moves_dir && is_beneath(m, b->dir, a->node)) return false;
    if (b->node == MODEL_NONE) return true;
    if (moves_dir != is_dir(m, b->node)) return false;
    return !moves_dir || b->node == a->node || is_empty(m, b->node);
}

bool model_rename(Model *m, const char *from, const char *to) {
    ModelPath a = model_find_name(m, from), b = model_find_name(m, to);
    if (!a.ok || !b.ok || a.name == MODEL_NONE || b.name == MODEL_NONE ||
        a.node == MODEL_NONE || !may_replace(m, &a, &b))
        return false;
    if (a.node == b.node) return true; // two names of one file: both stay
    if (b.node != MODEL_NONE) remove_name(m, &b);
    m->nodes[a.dir].child[a.name] = MODEL_NONE;
    m->nodes[b.dir].child[b.name] = a.node;
    if (is_dir(m, a.node)) m->nodes[a.node].parent = b.dir;
    return true;
}

bool model_hard_link(Model *m, const char *from, const char *to) {
    ModelPath a = model_find(m, from, false), b = model_find_name(m, to);
    if (!a.ok || a.node == MODEL_NONE || is_dir(m, a.node) ||
        !is_new_name(&b) || b.has_slash)
        return false;
    m->nodes[b.dir].child[b.name] = a.node;
    m->nodes[a.node].names++;
    return true;
}

// Opens for writing; what is in the file afterwards is `content`.
bool model_create(Model *m, const char *path, bool is_new, uint32_t content) {
    ModelPath at =
        is_new ? model_find_name(m, path) : model_find(m, path, true);
    if (!at.ok || at.has_slash || (is_new && at.node != MODEL_NONE) ||
        is_dir(m, at.node) || (at.node == MODEL_NONE && at.name == MODEL_NONE))
        return false;
    if (at.node != MODEL_NONE)
        m->nodes[at.node].content = content;
    else
        put_node(m, &at, (ModelNode){.kind = MODEL_file, .content = content});
    return true;
}
