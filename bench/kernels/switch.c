// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// br_table: an interpreter of a small stack machine. Its program counts primes
// by trial division.

#include "kernel.h"

typedef enum {
    OP_push,  // the operand
    OP_load,  // a variable
    OP_store, // into a variable
    OP_add,   // what follows pops two and pushes one
    OP_multiply,
    OP_remainder,
    OP_less,
    OP_duplicate, // the top of the stack
    OP_jump,      // to an instruction
    OP_jump_zero, // if what is popped is 0
    OP_halt,
} Op;

typedef struct {
    Op op;
    uint32_t operand;
} Instruction;

enum {
    VAR_limit,
    VAR_number,
    VAR_divisor,
    VAR_count,
    VAR_len
};

enum {
    AT_number = 4,
    AT_divide = 10,
    AT_prime = 27,
    AT_next = 31,
    AT_end = 36
};

static const Instruction program[] = {
    {OP_push, 0},
    {OP_store, VAR_count},
    {OP_push, 2},
    {OP_store, VAR_number},
    // AT_number: while (number < limit)
    {OP_load, VAR_number},
    {OP_load, VAR_limit},
    {OP_less, 0},
    {OP_jump_zero, AT_end},
    {OP_push, 2},
    {OP_store, VAR_divisor},
    // AT_divide: while (divisor * divisor < number + 1)
    {OP_load, VAR_divisor},
    {OP_duplicate, 0},
    {OP_multiply, 0},
    {OP_load, VAR_number},
    {OP_push, 1},
    {OP_add, 0},
    {OP_less, 0},
    {OP_jump_zero, AT_prime},
    // if (number % divisor == 0) it is no prime
    {OP_load, VAR_number},
    {OP_load, VAR_divisor},
    {OP_remainder, 0},
    {OP_jump_zero, AT_next},
    {OP_load, VAR_divisor},
    {OP_push, 1},
    {OP_add, 0},
    {OP_store, VAR_divisor},
    {OP_jump, AT_divide},
    // AT_prime: count++
    {OP_load, VAR_count},
    {OP_push, 1},
    {OP_add, 0},
    {OP_store, VAR_count},
    // AT_next: number++
    {OP_load, VAR_number},
    {OP_push, 1},
    {OP_add, 0},
    {OP_store, VAR_number},
    {OP_jump, AT_number},
    // AT_end
    {OP_halt, 0},
};

static uint32_t interpret(uint32_t limit) {
    uint32_t variables[VAR_len] = {[VAR_limit] = limit};
    uint32_t stack[8];
    uint32_t *top = stack; // the first free place
    const Instruction *at = program;
    for (;;) {
        uint32_t operand = at->operand;
        switch ((at++)->op) {
        case OP_push:
            *top++ = operand;
            break;
        case OP_load:
            *top++ = variables[operand];
            break;
        case OP_store:
            variables[operand] = *--top;
            break;
        case OP_add:
            top--;
            top[-1] += *top;
            break;
        case OP_multiply:
            top--;
            top[-1] *= *top;
            break;
        case OP_remainder:
            top--;
            top[-1] %= *top;
            break;
        case OP_less:
            top--;
            top[-1] = top[-1] < *top;
            break;
        case OP_duplicate:
            *top = top[-1];
            top++;
            break;
        case OP_jump:
            at = &program[operand];
            break;
        case OP_jump_zero:
            if (*--top == 0) at = &program[operand];
            break;
        case OP_halt:
            return variables[VAR_count];
        }
    }
}

uint32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum = mix(sum, interpret(1000U + (uint32_t)i % 7));
    return sum;
}
