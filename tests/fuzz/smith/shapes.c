// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes that chance alone makes too seldom: operands that have left their
// registers, more live values than there are registers, and references that
// are alive while something else is called.
#include "fuzz/smith/smith_int.h"

enum {
    BLOCK_void = 0x40,
    LIVE_MAX = 40, // more than any machine has registers of a kind
};

// A block of its own makes compilers put what is below it into the frame.
void smith_spill(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_op(s, OP_end);
}

// A call that takes nothing away; none when the module has no such function.
static void interrupt(Smith *s) {
    uint32_t len = s->m.funcs.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t f = (from + i) % len;
        const FuncType *t = &s->m.types.data[s->m.funcs.data[f].type].func;
        if (t->param_len || f == s->undeclared) continue;
        emit_index(s, OP_call, f);
        for (uint32_t n = t->result_len; n > 0; n--)
            emit_op(s, OP_drop);
        return;
    }
}

// Many operands at once, something that uses registers, or collects, while
// they are alive, and then all of them in one number.
bool smith_crowd(Smith *s, ValType want) {
    if (want != VT_bot && want != VT_i64) return false;
    ValType types[LIVE_MAX];
    uint32_t len = 2 + smith_below(s, LIVE_MAX - 1);
    ValType most = smith_type(s);
    for (uint32_t i = 0; i < len; i++) {
        types[i] = smith_chance(s, 4) ? smith_type(s) : most;
        if (smith_chance(s, 6))
            smith_value(s, types[i]);
        else
            smith_leaf(s, types[i]);
    }
    if (smith_chance(s, 2)) smith_stmt(s);
    if (smith_chance(s, 2)) interrupt(s);
    uint32_t number = smith_local(s, VT_i64);
    while (len > 0)
        smith_mix_value(s, types[--len], number);
    emit_index(s, OP_local_get, number);
    if (want == VT_bot) smith_sink(s, VT_i64);
    return true;
}
