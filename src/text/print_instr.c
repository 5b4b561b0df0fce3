// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Function bodies and constant expressions, in flat form, one instruction a
// line, indented by nesting.
#include "text/print_int.h"

enum {
    // Deeper code is not indented further: a line stays a line, and the text
    // of deeply nested code does not grow with the square of the depth.
    INDENT_MAX = 20
};

static void new_line(Printer *p, size_t depth) {
    static const char spaces[2 * (INDENT_MAX + 2) + 1] =
        "                                            ";
    size_t width = 2 * (2 + MIN(depth, INDENT_MAX));
    text_char(p->out, '\n');
    text_bytes(p->out, spaces, width);
}

void print_block_type(Printer *p, const BlockType *t) {
    switch (t->kind) {
    case BLOCK_empty:
        return;
    case BLOCK_value:
        text_str(p->out, " (result");
        print_val_type(p, t->value);
        text_char(p->out, ')');
        return;
    case BLOCK_type:
        text_str(p->out, " (type");
        print_ref(p, NAME_type, t->index);
        text_char(p->out, ')');
        const FuncType *type = print_func_type(p, t->index);
        if (!type) return;
        print_types(p, "param", type->params, type->param_len);
        print_types(p, "result", type->results, type->result_len);
        return;
    }
    UNREACHABLE();
}

static bool is_block(Op op) {
    return op_info[op].imm == IMM_block || op == OP_try_table;
}

static void print_hint(Printer *p, uint32_t func, uint64_t at) {
    const BranchHint *hints = p->m->hints.data;
    size_t len = p->m->hints.len;
    while (p->next_hint < len &&
           (hints[p->next_hint].func < func ||
            (hints[p->next_hint].func == func && hints[p->next_hint].at < at)))
        p->next_hint++;
    if (p->next_hint == len) return;
    const BranchHint *h = &hints[p->next_hint];
    if (h->func != func || h->at != at) return;
    text_str(p->out, "(@metadata.code.branch_hint \"");
    text_str(p->out, h->likely ? "\\01\") " : "\\00\") ");
}

// One instruction that opens no block.
static bool print_plain(Printer *p, const Reader *r, const Instr *in) {
    text_str(p->out, op_info[in->op].text);
    return print_imm(p, r, in);
}

static bool print_block(Printer *p, const Reader *r, const Instr *in) {
    Label label = {.count = p->block_count++, .is_if = in->op == OP_if};
    text_str(p->out, op_info[in->op].text);
    print_binding(p, NAME_label, p->label_names, label.count);
    if (!print_imm(p, r, in)) return false;
    text_printf(p->out, " ;; label = @%u", label.count);
    VEC_PUSH(p->scratch, &p->labels, label);
    return true;
}

// else and end, which are written where their block is. *done: the body's.
static bool print_delimiter(Printer *p, Reader *r, Op op, bool *done) {
    *done = p->labels.len == 0;
    if (*done) return op == OP_end || reader_fail(r, E_end_expected);
    Label *label = &VEC_LAST(&p->labels);
    new_line(p, p->labels.len - 1);
    text_str(p->out, op_info[op].text);
    if (op == OP_end) {
        p->labels.len--;
        return true;
    }
    if (!label->is_if) return reader_fail(r, E_end_expected);
    label->is_if = false;
    return true;
}

static bool print_instrs(Printer *p, Reader *r, uint32_t func) {
    Instr in;
    p->labels.len = 0;
    p->block_count = 0;
    while (instr_read(r, p->m->features, &in)) {
        bool done = false, ok;
        TextLine line = {.code = in.at, .at = p->out->len + 1}; // '\n' first
        if (p->wants_lines) VEC_PUSH(p->scratch, &p->lines, line);
        if (in.op == OP_end || in.op == OP_else) {
            ok = print_delimiter(p, r, in.op, &done);
        } else {
            new_line(p, p->labels.len);
            print_hint(p, func, in.at);
            ok = is_block(in.op) ? print_block(p, r, &in)
                                 : print_plain(p, r, &in);
        }
        if (!ok) return false;
        if (done) return reader_left(r) == 0 || reader_fail(r, E_end_expected);
    }
    return false;
}

// --- locals ------------------------------------------------------------------

// Named ones each for itself, others together.
static void print_locals(Printer *p, uint32_t param_len) {
    bool open = false;
    for (uint32_t i = 0; i < p->locals.len; i++) {
        uint32_t index = param_len + i;
        bool named = name_map_get(p->local_names, index).data;
        if (open && named) text_char(p->out, ')');
        if (!open || named) {
            new_line(p, 0);
            text_str(p->out, "(local");
        }
        if (named) print_binding(p, NAME_local, p->local_names, index);
        print_val_type(p, p->locals.data[i]);
        if (named) text_char(p->out, ')');
        open = !named;
    }
    if (open) text_char(p->out, ')');
}

static bool read_locals(Printer *p, Reader *r) {
    uint64_t at = reader_offset(r), total = 0;
    uint64_t most = p->m->limits->locals;
    uint32_t groups = read_u32(r);
    p->locals.len = 0;
    for (uint32_t i = 0; i < groups && reader_ok(r); i++) {
        uint32_t len = read_u32(r);
        ValType t;
        if (!read_val_type(r, p->m->features, &t)) return false;
        total += len;
        if (total > most)
            return err_at(r->err, at, E_over_limit,
                          limit_info[LIMIT_locals].what,
                          (unsigned long long)total, (unsigned long long)most);
        for (uint32_t k = 0; k < len; k++)
            VEC_PUSH(p->scratch, &p->locals, t);
    }
    return reader_ok(r);
}

bool print_body(Printer *p, uint32_t func, uint32_t param_len) {
    const Bytes *b = &module_body(p->m, func)->bytes;
    Reader r;
    // Offsets from the start of the body, as hints have them; an error's is
    // made to be in the module below.
    reader_init(&r, b->data, b->size, 0, p->err);
    bool ok = read_locals(p, &r);
    if (ok) {
        uint32_t len = param_len + p->locals.len;
        print_find_ids(p, NAME_local, p->local_names, len);
        print_count_names(p, p->local_names, len);
        print_locals(p, param_len);
        ok = print_instrs(p, &r, func);
    }
    if (ok) return true;
    p->err->at += b->at;
    p->err->func = func;
    return false;
}

bool print_const(Printer *p, const char *word, const Bytes *expr) {
    Reader r;
    Instr in;
    uint32_t len = 0;
    p->labels.len = 0;
    p->id[NAME_local].len = 0; // those of the last function are not in scope
    reader_init(&r, expr->data, expr->size, expr->at, p->err);
    while (reader_left(&r) && instr_read(&r, p->m->features, &in))
        len++;
    if (!reader_ok(&r)) return false;
    bool folded = len == 2; // with the end
    reader_init(&r, expr->data, expr->size, expr->at, p->err);
    if (!folded && word) text_printf(p->out, " (%s", word);
    while (instr_read(&r, p->m->features, &in) && in.op != OP_end) {
        if (is_block(in.op) || in.op == OP_else)
            return reader_fail(&r, E_end_expected);
        text_str(p->out, folded ? " (" : " ");
        if (!print_plain(p, &r, &in)) return false;
        if (folded) text_char(p->out, ')');
    }
    if (!folded && word) text_char(p->out, ')');
    return reader_ok(&r);
}
