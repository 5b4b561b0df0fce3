// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes that chance alone makes too seldom: operands that have left their
// registers, more live values than there are registers, references that are
// alive while something else is called, and blocks in blocks.
#include "fuzz/smith/smith_int.h"

enum {
    BLOCK_void = 0x40,
    LIVE_MAX = 40, // more than any machine has registers of a kind
    LIVE_MANY = 32,
    TOWER_MIN = 30,
    TOWER_MAX = 160,
};

// A block of its own makes compilers put what is below it into the frame.
void smith_spill(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_op(s, OP_end);
}

// A call that takes nothing away; false when the module has no such function.
static bool interrupt(Smith *s) {
    uint32_t len = s->m.funcs.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t f = (from + i) % len;
        const FuncType *t = &s->m.types.data[s->m.funcs.data[f].type].func;
        if (t->param_len || f == s->undeclared) continue;
        emit_index(s, OP_call, f);
        for (uint32_t n = t->result_len; n > 0; n--)
            emit_op(s, OP_drop);
        return true;
    }
    return false;
}

// Many operands at once, something that uses registers, or collects, while
// they are alive, and then all of them in one number.
bool smith_crowd(Smith *s, ValType want) {
    if (want != VT_bot && want != VT_i64) return false;
    ValType types[LIVE_MAX];
    uint32_t len = 2 + smith_below(s, LIVE_MAX - 1);
    ValType most = smith_type(s);
    bool has_ref = false;
    if (len > LIVE_MANY) smith_note(s, SHAPE_many_live);
    for (uint32_t i = 0; i < len; i++) {
        types[i] = smith_chance(s, 4) ? smith_type(s) : most;
        has_ref |= vt_is_ref(types[i]);
        if (smith_chance(s, 6))
            smith_value(s, types[i]);
        else
            smith_leaf(s, types[i]);
    }
    if (smith_chance(s, 2)) smith_stmt(s);
    if (smith_chance(s, 2) && interrupt(s) && has_ref)
        smith_note(s, SHAPE_live_across_call);
    uint32_t number = smith_local(s, VT_i64);
    while (len > 0)
        smith_mix_value(s, types[--len], number);
    emit_index(s, OP_local_get, number);
    if (want == VT_bot) smith_sink(s, VT_i64);
    return true;
}

// Blocks and loops around each other, deeper than chance gets; what branches in
// the innermost one goes anywhere.
bool smith_tower(Smith *s, ValType want) {
    ValType *result = NEW(s->arena, ValType);
    *result = want;
    uint32_t len = TOWER_MIN + smith_below(s, TOWER_MAX - TOWER_MIN);
    smith_note(s, SHAPE_deep_blocks);
    for (uint32_t i = 0; i < len; i++) {
        bool is_loop = smith_chance(s, 16);
        emit_op(s, is_loop ? OP_loop : OP_block);
        if (want == VT_bot)
            write_u8(s->w, BLOCK_void);
        else
            emit_val_type(s, want);
        uint32_t taken = want != VT_bot && !is_loop;
        Label l = {.types = result, .len = taken, .is_loop = is_loop};
        VEC_PUSH(s->arena, &s->labels, l);
        if (is_loop) smith_burn(s);
    }
    for (int i = 0; i < 4; i++)
        (void)smith_br_if(s, VT_bot);
    smith_stmts(s, 3);
    if (want != VT_bot) smith_value(s, want);
    for (; len > 0; len--) {
        emit_op(s, OP_end);
        (void)VEC_POP(&s->labels);
    }
    return true;
}
