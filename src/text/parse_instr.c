// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instructions in flat and folded form (core, 6.5), from text to bytes.
//
// What is open is on a stack of frames of our own, so that nesting is limited
// by memory and a named limit only. A folded instruction comes before its
// operands in the text and after them in the bytes: it waits in p->pending,
// which is a stack too.
//
//     (i32.add (local.get 0) (i32.const 1))
//     frames:  fold(i32.add), then fold(local.get) comes and goes, ...
#include "text/parse_int.h"

enum {
    HINT_none,
    HINT_unlikely,
    HINT_likely,
};

static Frame *top_frame(Parser *p) {
    return p->frames.len ? &VEC_LAST(&p->frames) : NULL;
}

// The instruction that comes next in the bytes is at that place of the text.
static void note_place(Parser *p, uint64_t at) {
    TextPlaces *places = p->places;
    if (!places || !p->in_func || places->func != p->func) return;
    TextPlace place = {(uint32_t)p->code.len, at};
    VEC_PUSH(p->arena, &places->entries, place);
}

// --- branch hints ------------------------------------------------------------

// (@metadata.code.branch_hint "\00" or "\01"), at its id.
static bool parse_hint(Parser *p) {
    uint64_t at = p->tok.at;
    if (!str_eq_z(p->tok.text, "metadata.code.branch_hint") || !p->in_func)
        return parse_unexpected(p);
    if (p->hint != HINT_none) return err_at(p->err, at, E_hint_twice);
    Str value;
    parse_advance(p);
    if (!parse_is(p, TOK_string)) return parse_unexpected(p);
    parse_strings(p, &value);
    if (value.len != 1 || (unsigned char)value.data[0] > 1)
        return err_at(p->err, at, E_hint_flag);
    p->hint = value.data[0] ? HINT_likely : HINT_unlikely;
    p->hint_at = at;
    return parse_expect(p, TOK_rpar);
}

static uint8_t take_hint(Parser *p) {
    uint8_t hint = p->hint;
    p->hint = HINT_none;
    return hint;
}

// The instruction that comes next in the bytes is hinted at.
static void emit_hint(Parser *p, uint8_t hint) {
    if (hint == HINT_none) return;
    BranchHint h = {.func = p->func,
                    .at = (uint32_t)p->code.len,
                    .likely = hint == HINT_likely};
    VEC_PUSH(p->arena, &p->m->hints, h);
}

// A hint must be followed by an instruction.
static bool check_no_hint(Parser *p) {
    if (p->hint == HINT_none) return true;
    static const char name[] = "metadata.code.branch_hint";
    return err_at(p->err, p->hint_at, E_misplaced_annotation,
                  (int)sizeof name - 1, name);
}

// --- blocks ------------------------------------------------------------------

// The block's opcode has just been written: it is the next to be counted.
static void enter_label(Parser *p, const Frame *f) {
    bool has_name = f->label.len || f->has_label_name;
    Str name = f->label_name;
    if (f->label.len) ids_add(&p->ids, NAME_label, 0, f->label, p->label_len);
    if (!f->has_label_name && has_name)
        name = (Str){f->label.data + 1, f->label.len - 1};
    if (has_name && p->in_func)
        parse_keep_name_in(p, NAME_label, p->func, p->block_count, name);
    p->block_count++;
    p->label_len++;
}

static void leave_label(Parser *p, const Frame *f) {
    ids_leave(&p->ids, f->ids_len);
    p->label_len--;
}

static bool parse_block_type(Parser *p, Writer *out) {
    uint32_t type;
    bool inline_only;
    if (!parse_type_use(p, false, &type, &inline_only)) return false;
    if (!inline_only)
        write_s64(out, type);
    else if (p->params.len == 0 && p->results.len == 0)
        write_u8(out, TYPE_CODE_empty);
    else if (p->params.len == 0 && p->results.len == 1)
        write_val_type(out, p->results.data[0]);
    else
        write_s64(out, parse_signature_type(p));
    return true;
}

// One clause: its kind, its tag if it has one, its label, which is outside.
static bool parse_catch(Parser *p, Writer *out, bool *found) {
    static const char *const words[] = {
        [CATCH_tag] = "catch",
        [CATCH_tag_ref] = "catch_ref",
        [CATCH_all] = "catch_all",
        [CATCH_all_ref] = "catch_all_ref",
    };
    *found = false;
    for (unsigned kind = 0; kind < COUNTOF(words); kind++) {
        if (!parse_open(p, words[kind])) continue;
        CatchClause clause = {.kind = (CatchKind)kind};
        bool has_tag = kind == CATCH_tag || kind == CATCH_tag_ref;
        if (has_tag && !parse_index(p, NAME_tag, &clause.tag)) return false;
        if (!parse_label(p, &clause.label) || !parse_expect(p, TOK_rpar))
            return false;
        write_catch(out, &clause);
        *found = true;
        return true;
    }
    return true;
}

static bool parse_catches(Parser *p, Writer *out) {
    Writer *list = &p->scratch;
    list->len = 0;
    uint32_t count = 0;
    for (;; count++) {
        bool found;
        if (!parse_catch(p, list, &found)) return false;
        if (!found) break;
    }
    if (!parse_limit(p, count, p->m->limits->catches, LIMIT_catches))
        return false;
    write_u32(out, count);
    write_bytes(out, list->data, list->len);
    return true;
}

static bool is_block(Op op) {
    return op_info[op].imm == IMM_block || op == OP_try_table;
}

// A structured instruction behind its word: label, type and clauses, written
// to `out`.
static bool parse_block_head(Parser *p, Op op, Writer *out, Frame *f) {
    f->ids_len = p->ids.list.len;
    f->is_if = op == OP_if;
    if (!parse_limit(p, p->label_len, p->m->limits->nesting, LIMIT_nesting))
        return false;
    if (parse_is(p, TOK_id)) {
        f->label = p->tok.text;
        parse_advance(p);
    }
    if (!parse_name_annot(p, &f->has_label_name, &f->label_name)) return false;
    write_op(out, op);
    return parse_block_type(p, out) &&
           (op != OP_try_table || parse_catches(p, out));
}

// The label after end or else repeats that of the block.
static bool check_label(Parser *p, const Frame *f) {
    if (!parse_is(p, TOK_id)) return true;
    if (!str_eq(p->tok.text, f->label))
        return err_at(p->err, p->tok.at, E_mismatching_label,
                      (int)MIN(p->tok.text.len, 80), p->tok.text.data);
    parse_advance(p);
    return true;
}

// --- flat --------------------------------------------------------------------

static bool flat_end(Parser *p) {
    Frame *f = top_frame(p);
    if (!f || f->kind != FRAME_flat) return parse_unexpected(p);
    note_place(p, p->tok.at);
    parse_advance(p);
    if (!check_label(p, f)) return false;
    write_op(&p->code, OP_end);
    leave_label(p, f);
    p->frames.len--;
    return true;
}

static bool flat_else(Parser *p) {
    Frame *f = top_frame(p);
    if (!f || f->kind != FRAME_flat || !f->is_if || f->has_else)
        return parse_unexpected(p);
    f->has_else = true;
    note_place(p, p->tok.at);
    parse_advance(p);
    write_op(&p->code, OP_else);
    return check_label(p, f);
}

static bool check_op(Parser *p, const Token *t, Op op) {
    if (op == OP_count) return parse_unexpected_token(p, t);
    return parse_feature(p, t->at, (Feature)op_info[op].feature,
                         op_info[op].text);
}

static bool parse_flat(Parser *p) {
    const Frame *top = top_frame(p);
    if (top && (top->kind == FRAME_fold || top->kind == FRAME_fold_if))
        return parse_unexpected(p);
    Op op = op_find(p->tok.text);
    if (!check_op(p, &p->tok, op)) return false;
    if (op == OP_end || op == OP_else)
        return check_no_hint(p) && (op == OP_end ? flat_end(p) : flat_else(p));
    emit_hint(p, take_hint(p));
    note_place(p, p->tok.at);
    parse_advance(p);
    if (!is_block(op)) return parse_op(p, op, &p->code);
    Frame f = {.kind = FRAME_flat};
    if (!parse_block_head(p, op, &p->code, &f)) return false;
    enter_label(p, &f);
    VEC_PUSH(p->arena, &p->frames, f);
    return true;
}

// --- folded ------------------------------------------------------------------

// (then ...) or (else ...) of the folded if on top.
static bool parse_arm(Parser *p, bool is_else) {
    Frame *f = top_frame(p);
    if (is_else ? !f->has_then || f->has_else : f->has_then)
        return parse_unexpected(p);
    uint64_t at = p->tok.at;
    parse_advance(p);
    parse_advance(p);
    if (is_else) {
        f->has_else = true;
        note_place(p, at);
        write_op(&p->code, OP_else);
    } else {
        f->has_then = true;
        emit_hint(p, f->hint);
        note_place(p, f->at);
        write_code(&p->code, &p->pending, f->pending);
        p->pending.len = f->pending;
        enter_label(p, f);
    }
    Frame arm = {.kind = is_else ? FRAME_else : FRAME_then};
    VEC_PUSH(p->arena, &p->frames, arm);
    return true;
}

static bool parse_open_fold(Parser *p) {
    const Frame *top = top_frame(p);
    if (top && top->kind == FRAME_fold_if) {
        bool is_then = AT_OPEN(p, "then");
        if (is_then || AT_OPEN(p, "else"))
            return check_no_hint(p) && parse_arm(p, !is_then);
        if (top->has_then) return parse_unexpected(p);
    }
    const Token *word = parse_peek(p);
    if (word->kind != TOK_word) return parse_unexpected(p);
    Op op = op_find(word->text);
    if (op == OP_else || op == OP_end) return parse_unexpected(p);
    if (!check_op(p, word, op)) return false;
    uint64_t at = word->at;
    parse_advance(p);
    parse_advance(p);

    Frame f = {.kind = FRAME_fold,
               .hint = take_hint(p),
               .pending = p->pending.len,
               .at = at};
    if (!is_block(op)) {
        if (!parse_op(p, op, &p->pending)) return false;
    } else if (op == OP_if) {
        f.kind = FRAME_fold_if;
        if (!parse_block_head(p, op, &p->pending, &f)) return false;
    } else {
        f.kind = FRAME_fold_block;
        emit_hint(p, f.hint);
        note_place(p, at);
        if (!parse_block_head(p, op, &p->code, &f)) return false;
        enter_label(p, &f);
    }
    VEC_PUSH(p->arena, &p->frames, f);
    return true;
}

static bool close_fold(Parser *p) {
    const Frame *f = top_frame(p);
    switch (f->kind) {
    case FRAME_flat:
        return parse_unexpected(p); // its end is missing
    case FRAME_fold:
        emit_hint(p, f->hint);
        note_place(p, f->at);
        write_code(&p->code, &p->pending, f->pending);
        p->pending.len = f->pending;
        break;
    case FRAME_fold_if:
        if (!f->has_then) return parse_unexpected(p);
        FALLTHROUGH;
    case FRAME_fold_block:
        note_place(p, p->tok.at);
        write_op(&p->code, OP_end);
        leave_label(p, f);
        break;
    case FRAME_then:
    case FRAME_else:
        break;
    }
    p->frames.len--;
    parse_advance(p);
    return true;
}

// --- sequences ---------------------------------------------------------------

// One step; `single` stops when the first folded instruction is complete.
static bool run(Parser *p, bool single) {
    p->frames.len = 0;
    p->pending.len = 0;
    p->hint = HINT_none;
    for (;;) {
        switch (p->tok.kind) {
        case TOK_word:
            if (!parse_flat(p)) return false;
            break;
        case TOK_lpar:
            if (!parse_open_fold(p)) return false;
            break;
        case TOK_rpar:
            if (!check_no_hint(p)) return false;
            if (p->frames.len == 0) return true;
            if (!close_fold(p)) return false;
            if (single && p->frames.len == 0) return true;
            break;
        case TOK_annot:
            if (!parse_hint(p)) return false;
            break;
        case TOK_eof:
        case TOK_id:
        case TOK_string:
        case TOK_number:
        case TOK_reserved:
        case TOK_error:
            return parse_unexpected(p);
        }
    }
}

bool parse_instrs(Parser *p) {
    p->label_len = 1;
    p->block_count = 0;
    return run(p, false);
}

void write_code(Writer *w, const Writer *from, size_t start) {
    write_bytes(w, from->data + start, from->len - start);
}

Bytes parse_keep_code(Parser *p, uint64_t at) {
    note_place(p, p->tok.at);
    write_op(&p->code, OP_end);
    size_t size = p->code.len;
    uint8_t *copy = arena_alloc_raw(p->arena, 1, size);
    memcpy(copy, p->code.data, size);
    return (Bytes){copy, (uint32_t)size, at};
}

static bool parse_const(Parser *p, bool single, Bytes *out) {
    uint64_t at = p->tok.at;
    p->code.len = 0;
    p->label_len = 1;
    if (!run(p, single)) return false;
    *out = parse_keep_code(p, at);
    return true;
}

bool parse_const_rest(Parser *p, Bytes *out) {
    return parse_const(p, false, out);
}

bool parse_const_expr(Parser *p, const char *word, Bytes *out) {
    if (parse_open(p, word))
        return parse_const_rest(p, out) && parse_expect(p, TOK_rpar);
    if (!parse_is(p, TOK_lpar)) return parse_unexpected(p);
    return parse_const(p, true, out);
}
