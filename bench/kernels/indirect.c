// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// call_indirect: small functions chosen from a table by the data, and a tree
// of expressions whose nodes carry their own function.

#include "kernel.h"

enum {
    DEPTH = 10,
    NODES = 1 << DEPTH
};

typedef struct Node Node;
typedef uint32_t (*Evaluate)(const Node *node, uint32_t x);

struct Node {
    Evaluate evaluate;
    const Node *left;
    const Node *right;
    uint32_t value;
};

static Node nodes[NODES];

static uint32_t node_constant(const Node *node, uint32_t x) {
    (void)x;
    return node->value;
}

static uint32_t node_variable(const Node *node, uint32_t x) {
    return x + node->value;
}

static uint32_t node_add(const Node *node, uint32_t x) {
    return node->left->evaluate(node->left, x) +
           node->right->evaluate(node->right, x);
}

static uint32_t node_multiply(const Node *node, uint32_t x) {
    return node->left->evaluate(node->left, x) *
           (node->right->evaluate(node->right, x) | 1);
}

static uint32_t node_choose(const Node *node, uint32_t x) {
    uint32_t left = node->left->evaluate(node->left, x);
    if ((left & 3) == 0) return left;
    return left ^ node->right->evaluate(node->right, x);
}

static const Evaluate leaves[] = {node_constant, node_variable};
static const Evaluate inner[] = {node_add, node_multiply, node_choose};

// A full binary tree, node i above nodes 2i and 2i + 1.
static void tree_make(void) {
    uint32_t random = 2463534242U;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t pick = random_next(&random);
        Node *node = &nodes[i];
        node->value = pick >> 8;
        if (2 * i >= NODES) {
            node->evaluate = leaves[pick % 2];
        } else {
            node->evaluate = inner[pick % 3];
            node->left = &nodes[2 * i];
            node->right = &nodes[2 * i + 1];
        }
    }
}

uint32_t run(int32_t n) {
    tree_make();
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum = mix(sum, nodes[1].evaluate(&nodes[1], (uint32_t)i));
    return sum;
}
