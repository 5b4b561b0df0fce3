// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating point with structures, division and square roots: five bodies that
// attract each other, moved in steps of equal time.

#include "kernel.h"

enum {
    BODIES = 5
};

typedef struct {
    double at[3];
    double speed[3];
    double mass;
} Body;

static Body bodies[BODIES];

static void bodies_reset(void) {
    for (int i = 0; i < BODIES; i++) {
        Body *body = &bodies[i];
        body->mass = i == 0 ? 40.0 : 1.0 / (10.0 * i);
        for (int k = 0; k < 3; k++) {
            body->at[k] = i * (k == 0 ? 4.0 : 0.3 * k);
            body->speed[k] = i == 0 ? 0.0 : (k == 1 ? 2.5 / i : 0.02 * i);
        }
    }
}

static void attract(Body *left, Body *right, double step) {
    double delta[3];
    double square = 0;
    for (int k = 0; k < 3; k++) {
        delta[k] = left->at[k] - right->at[k];
        square += delta[k] * delta[k];
    }
    double force = step / (square * __builtin_sqrt(square));
    for (int k = 0; k < 3; k++) {
        left->speed[k] -= delta[k] * right->mass * force;
        right->speed[k] += delta[k] * left->mass * force;
    }
}

static void advance(double step) {
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++)
            attract(&bodies[i], &bodies[j], step);
    }
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++)
            bodies[i].at[k] += step * bodies[i].speed[k];
    }
}

uint32_t run(int32_t n) {
    bodies_reset();
    for (int32_t i = 0; i < n; i++)
        advance(0.001);
    uint32_t sum = 0;
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++)
            sum = mix(sum, (uint32_t)(int32_t)(bodies[i].at[k] * 1000.0));
    }
    return sum;
}
