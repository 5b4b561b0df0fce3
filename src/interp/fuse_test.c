// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fused sequences against the instructions that they are made of: every module
// runs once as it is, where fuel is counted, and once as copies. Results and
// traps, with their places, must be the same.
#include "interp/interp_test.h"

#include "base/writer.h"
#include "interp/fuse.h"

// --- both ways -------------------------------------------------------------------

typedef struct Both {
    Rig fused, plain;
    Instance *a, *b;
} Both;

typedef void Fill(RtModule *m, void *env);

static void both_init(Both *t, Fill *fill, void *env) {
    EngineConfig config = rig_config();
    rig_init_with(&t->fused, &config);
    config.use_fuel = true;
    rig_init_with(&t->plain, &config);
    RtModule *m = mod_new(&t->fused);
    fill(m, env);
    t->a = mod_instance(&t->fused, m, NULL, 0);
    m = mod_new(&t->plain);
    fill(m, env);
    t->b = mod_instance(&t->plain, m, NULL, 0);
}

static void both_release(Both *t) {
    rig_release(&t->fused);
    rig_release(&t->plain);
}

// The same call in both; expects the same.
static void both_call(Both *t, uint32_t func, uint64_t a, uint64_t b) {
    Raw x[8] = {{.u64 = a}, {.u64 = b}}, y[8] = {{.u64 = a}, {.u64 = b}};
    t->plain.store->context.fuel = 1000000;
    Status s = func_call(t->fused.store, func_at(t->a, func), x);
    Status want = func_call(t->plain.store, func_at(t->b, func), y);
    bool same = EXPECT_EQ(s, want);
    if (same && s == STATUS_ok) same = EXPECT_EQ(x[0].u64, y[0].u64);
    if (same && s == STATUS_trap) {
        TrapInfo *p = &t->fused.store->trap, *q = &t->plain.store->trap;
        same = EXPECT_STR(p->text, q->text);
        same &= EXPECT_EQ(p->frames.len, q->frames.len);
        for (uint32_t i = 0; same && i < p->frames.len; i++)
            same = EXPECT_EQ(p->frames.data[i].at, q->frames.data[i].at);
    }
    if (!same)
        printf("function %u, %llx, %llx\n", func, (unsigned long long)a,
               (unsigned long long)b);
    trap_clear(&t->fused.store->trap);
    trap_clear(&t->plain.store->trap);
}

static void emit(Writer *w, const uint8_t *bytes, size_t size) {
    write_bytes(w, bytes, size);
}
#define EMIT(w, ...)                          \
    emit((w), (const uint8_t[]){__VA_ARGS__}, \
         sizeof((const uint8_t[]){__VA_ARGS__}))

// --- pairs -----------------------------------------------------------------------

// Where the operands come from. Locals 0 and 1 have them; a constant stands for
// the second.
enum {
    HEAD_get_get,
    HEAD_get_constant,
    HEAD_kept_get, // the first is not pushed when the sequence starts
    HEAD_kept_constant,
    HEAD_pushed_get, // the first is
    HEAD_pushed_constant,
    HEAD_kept, // no sequence: only the first is pushed
    HEAD_pushed,
    HEAD_COUNT
};
// What becomes of the result, in local 2 or as an answer.
enum {
    TAIL_plain,
    TAIL_set,
    TAIL_tee,
    TAIL_br_if,
    TAIL_loop,
    TAIL_if,
    TAIL_not_br_if,
    TAIL_not_loop,
    TAIL_COUNT
};

typedef struct Row {
    uint8_t op, type, result; // code bytes of the types
    int64_t constant;
} Row;

static void emit_constant(Writer *w, const Row *row) {
    if (row->type == 0x7f || row->type == 0x7e) {
        write_u8(w, row->type == 0x7f ? 0x41 : 0x42);
        write_s64(w, row->constant);
        return;
    }
    EMIT(w, row->type == 0x7d ? 0x43 : 0x44, 0, 0);
    EMIT(w, 0x20, 0x40);
    if (row->type == 0x7c) EMIT(w, 0, 0, 0x20, 0x40);
}

static void emit_pushed(Writer *w, const Row *row, uint8_t local) {
    EMIT(w, 0x02, row->type, GET(local), END);
}

static void emit_head(Writer *w, const Row *row, int head) {
    bool pushed = head == HEAD_pushed_get || head == HEAD_pushed_constant ||
                  head == HEAD_pushed;
    bool kept = head == HEAD_kept_get || head == HEAD_kept_constant ||
                head == HEAD_kept;
    if (pushed) emit_pushed(w, row, 0);
    if (!pushed) EMIT(w, GET(0));
    if (kept) EMIT(w, TEE(0));
    if (head == HEAD_get_constant || head == HEAD_kept_constant ||
        head == HEAD_pushed_constant)
        emit_constant(w, row);
    else if (head == HEAD_pushed)
        emit_pushed(w, row, 1);
    else if (head == HEAD_kept)
        EMIT(w, GET(1), TEE(1));
    else
        EMIT(w, GET(1));
    write_u8(w, row->op);
}

// Leaves an answer in local 2 or 3.
static void emit_statement(Writer *w, const Row *row, int head, int tail) {
    static const uint8_t turn[] = {GET(3),   CONST(1), ADD,     TEE(3),
                                   CONST(5), 0x4f,     BR_IF(1)};
    bool negates = tail == TAIL_not_br_if || tail == TAIL_not_loop;
    if (tail == TAIL_br_if || tail == TAIL_not_br_if) EMIT(w, 0x02, 0x40);
    if (tail == TAIL_loop || tail == TAIL_not_loop) {
        EMIT(w, 0x02, 0x40, LOOP);
        emit(w, turn, sizeof turn);
    }
    emit_head(w, row, head);
    if (negates) write_u8(w, EQZ);
    if (tail == TAIL_plain) EMIT(w, 0x1a, GET(0), GET(1), row->op, SET(2));
    if (tail == TAIL_set) EMIT(w, SET(2));
    if (tail == TAIL_tee) EMIT(w, TEE(2), 0x1a);
    if (tail == TAIL_br_if || tail == TAIL_not_br_if)
        EMIT(w, BR_IF(0), CONST(9), SET(3), END);
    if (tail == TAIL_loop || tail == TAIL_not_loop) EMIT(w, BR_IF(0), END, END);
    if (tail == TAIL_if) EMIT(w, IF(0x40), CONST(3), SET(3), END);
}

// Under a value that is not pushed, or not.
static void add_pair(RtModule *m, const Row *row, int head, int tail,
                     bool under) {
    const char types[] = "dfli";
    char letter[2] = {types[row->type - 0x7c]};
    char params[3] = {letter[0], letter[0]};
    char result[2] = {tail <= TAIL_tee ? types[row->result - 0x7c] : 'i'};
    Writer w;
    writer_init(&w, &m->arena);
    EMIT(&w, 2, 1, row->result, 1, 0x7f);
    if (under) EMIT(&w, CONST(7));
    emit_statement(&w, row, head, tail);
    if (under) EMIT(&w, 0x1a);
    EMIT(&w, GET(tail <= TAIL_tee ? 2 : 3), END);
    mod_func(m, mod_type(m, params, result), w.data, w.len);
}

static void fill_pairs(RtModule *m, void *env) {
    const Row *row = env;
    int tails = row->result == I32 ? TAIL_COUNT : TAIL_br_if;
    for (int head = 0; head < HEAD_COUNT; head++)
        for (int tail = 0; tail < tails; tail++)
            for (int under = 0; under < 2; under++)
                add_pair(m, row, head, tail, under);
}

static const uint64_t i32_values[] = {0,          1,          33,
                                      0x7fffffff, 0x80000000, 0xffffffff};
static const uint64_t i64_values[] = {0,         1,          65,
                                      INT64_MAX, 1ull << 63, UINT64_MAX};
// 0, -0, 1.5, an infinity, a NaN, a small one
static const uint64_t f32_values[] = {0,          0x80000000, 0x3fc00000,
                                      0x7f800000, 0x7fc00000, 0x00000001};
static const uint64_t f64_values[] = {
    0, 1ull << 63, 0x3ff8000000000000, 0x7ff0000000000000, 0x7ff8000000000000,
    1};

static void run_row(Row row) {
    const uint64_t *values = row.type == 0x7f   ? i32_values
                             : row.type == 0x7e ? i64_values
                             : row.type == 0x7d ? f32_values
                                                : f64_values;
    Both t;
    both_init(&t, fill_pairs, &row);
    uint32_t len = t.a ? t.a->module->module.funcs.len : 0;
    for (uint32_t func = 0; func < len; func++)
        for (int i = 0; i < 6; i++)
            for (int j = i & 1; j < 6; j += 2)
                both_call(&t, func, values[i], values[j]);
    both_release(&t);
}

// Constants of every size that has a code, and of one that has none.
static void run_op(uint8_t op, uint8_t type, uint8_t result) {
    static const int64_t constants[] = {-3,    100,      -1000,
                                        70000, 50000000, INT32_MIN};
    int len = type >= 0x7e ? COUNTOF(constants) : 1;
    for (int i = 0; i < len; i++)
        run_row((Row){op, type, result, constants[i]});
}

static void pairs_are_as_their_parts(void) {
    static const struct {
        uint8_t from, to, type, result; // opcodes, inclusive
    } groups[] = {
        {0x46, 0x4f, 0x7f, 0x7f}, {0x51, 0x5a, 0x7e, 0x7f},
        {0x5b, 0x60, 0x7d, 0x7f}, {0x61, 0x66, 0x7c, 0x7f},
        {0x6a, 0x78, 0x7f, 0x7f}, {0x7c, 0x8a, 0x7e, 0x7e},
        {0x92, 0x98, 0x7d, 0x7d}, {0xa0, 0xa6, 0x7c, 0x7c},
    };
    for (size_t g = 0; g < COUNTOF(groups); g++)
        for (unsigned op = groups[g].from; op <= groups[g].to; op++)
            run_op((uint8_t)op, groups[g].type, groups[g].result);
}

// --- memory ----------------------------------------------------------------------

typedef struct Access {
    uint8_t op, type; // of the value
} Access;

// An offset of `size` bytes, as linkers write them.
static void emit_offset(Writer *w, uint32_t offset, int size) {
    for (int i = 1; i < size; i++, offset >>= 7)
        write_u8(w, (uint8_t)(offset | 0x80));
    write_u8(w, (uint8_t)(offset & 0x7f));
}

static const struct {
    uint32_t offset;
    int size;
} offsets[] = {{0, 1},     {100, 1},   {300, 2},       {16, 5},
               {65530, 3}, {65533, 5}, {UINT32_MAX, 5}};

static void emit_address(Writer *w, int way) {
    if (way == 0) EMIT(w, GET(0));
    if (way == 1) EMIT(w, GET(0), GET(1), ADD);
    if (way == 2) EMIT(w, 0x02, I32, GET(0), END);
    if (way == 3) EMIT(w, GET(0), TEE(0));
    if (way == 4) EMIT(w, GET(0), CONST(8), ADD);
    if (way == 5) EMIT(w, CONST(1), GET(0), TEE(0), GET(1), ADD);
}

static void fill_loads(RtModule *m, void *env) {
    const Access *a = env;
    const char types[] = "dfli";
    char result[2] = {types[a->type - 0x7c]};
    uint32_t type = mod_type(m, "ii", result);
    mod_memory(m, 1);
    for (int way = 0; way < 6; way++) {
        for (size_t i = 0; i < COUNTOF(offsets); i++) {
            Writer w;
            writer_init(&w, &m->arena);
            EMIT(&w, 1, 1, a->type, CONST(16), 0x42, 0xe5, 0x8f, 0xb2, 0xfd,
                 0xfa, 0x78, 0x37, 0, 0);
            emit_address(&w, way);
            EMIT(&w, a->op, 0);
            emit_offset(&w, offsets[i].offset, offsets[i].size);
            EMIT(&w, SET(2));
            if (way == 5) EMIT(&w, 0x1a);
            EMIT(&w, GET(2), END);
            mod_func(m, type, w.data, w.len);
        }
    }
}

static void fill_stores(RtModule *m, void *env) {
    const Access *a = env;
    const char types[] = "dfli";
    char params[3] = {'i', types[a->type - 0x7c]};
    uint32_t type = mod_type(m, params, "l");
    mod_memory(m, 1);
    for (int way = 0; way < 5; way++) {
        if (way == 1) continue;
        for (size_t i = 0; i < COUNTOF(offsets); i++) {
            for (int value = 0; value < 3; value++) {
                Writer w;
                writer_init(&w, &m->arena);
                EMIT(&w, 0);
                emit_address(&w, way);
                EMIT(&w, GET(1));
                if (value == 1) EMIT(&w, TEE(1));
                if (value == 2) EMIT(&w, 0x02, 0x40, END);
                EMIT(&w, a->op, 0);
                emit_offset(&w, offsets[i].offset, offsets[i].size);
                EMIT(&w, GET(0), 0x29, 0);
                emit_offset(&w, offsets[i].offset, offsets[i].size);
                write_u8(&w, END);
                mod_func(m, type, w.data, w.len);
            }
        }
    }
}

static void run_accesses(Fill *fill, Access a) {
    static const uint64_t addresses[] = {0,     13,    65528,     65532,
                                         65535, 65536, 0xfffffff0};
    static const uint64_t others[] = {0, 3, 0xffffffff, 0x8123456789abcdef};
    Both t;
    both_init(&t, fill, &a);
    bool is_narrow = fill == fill_loads || a.type == 0x7f || a.type == 0x7d;
    uint32_t len = t.a ? t.a->module->module.funcs.len : 0;
    for (uint32_t func = 0; func < len; func++)
        for (size_t i = 0; i < COUNTOF(addresses); i++)
            for (size_t j = 0; j < COUNTOF(others); j++)
                both_call(&t, func, addresses[i],
                          is_narrow ? (uint32_t)others[j] : others[j]);
    both_release(&t);
}

static void accesses_are_as_their_parts(void) {
    static const uint8_t loads[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7f, 0x7f, 0x7f,
                                    0x7f, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e};
    static const uint8_t stores[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7f,
                                     0x7f, 0x7e, 0x7e, 0x7e};
    for (uint8_t i = 0; i < COUNTOF(loads); i++)
        run_accesses(fill_loads, (Access){(uint8_t)(0x28 + i), loads[i]});
    for (uint8_t i = 0; i < COUNTOF(stores); i++)
        run_accesses(fill_stores, (Access){(uint8_t)(0x36 + i), stores[i]});
}

// --- the rest --------------------------------------------------------------------

static void fill_others(RtModule *m, void *env) {
    (void)env;
    uint32_t ii = mod_type(m, "ii", "i"), none = mod_type(m, "", "");
    mod_table(m, 1);
    // 0: constants to locals, locals to locals, under a value
    FUNC(m, ii, 1, 2, I32, CONST(5), CONST(0x7c), SET(2), GET(2), SET(3),
         GET(1), SET(2), GET(3), ADD, GET(2), SUB, END);
    // 1: constants of two to five bytes, alone
    FUNC(m, ii, NO_LOCALS, 0x41, 0xe8, 0x07, 0x41, 0xff, 0xff, 0x7c, 0x41, 0x80,
         0x80, 0x80, 0x80, 0x78, 0x41, 0x80, 0x80, 0x80, 0x18, GET(0), 0x1b,
         0x6a, 0x6a, END);
    // 2: a run of blocks and a run of ends, with a value on each
    FUNC(m, ii, NO_LOCALS, GET(0), 0x02, I32, 0x02, I32, 0x02, 0x40, 0x02, 0x40,
         0x02, 0x40, GET(0), 0x0e, 4, 0, 1, 2, 2, 1, 0x00, END, END, END,
         CONST(1), END, END, ADD, END);
    // 3: calls by indices of one, two and five bytes
    FUNC(m, ii, NO_LOCALS, GET(0), GET(1), 0x10, 0x00, GET(1), 0x10, 0x81, 0x00,
         GET(0), 0x10, 0x82, 0x80, 0x80, 0x80, 0x00, END);
    // 4: return from under blocks, over other operands
    FUNC(m, ii, NO_LOCALS, CONST(1), CONST(2), 0x02, 0x40, GET(0), BR_IF(0),
         CONST(4), CONST(5), LEAVE, END, ADD, LEAVE, END);
    // 5, 6: nothing returned, with a value left behind
    FUNC(m, none, NO_LOCALS, CONST(3), LEAVE, END);
    FUNC(m, ii, NO_LOCALS, 0x10, 0x05, GET(0), 0x10, 0x05, END);
    // 7: br_if and br to loops, on locals and their zeroes
    FUNC(m, ii, 1, 1, I32, 0x02, 0x40, LOOP, GET(2), CONST(1), ADD, SET(2),
         GET(2), CONST(20), 0x4e, BR_IF(1), GET(0), EQZ, BR_IF(0), GET(1),
         BR_IF(0), GET(0), CONST(1), SUB, TEE(0), BR_IF(0), GET(1), EQZ, EQZ,
         BR_IF(0), GET(2), CONST(7), 0x49, IF(0x40), BR(1), END, END, END,
         GET(2), END);
    // 8: a branch that moves operands, to a loop with a parameter and out
    uint32_t i_i = mod_type(m, "i", "i");
    FUNC(m, ii, NO_LOCALS, 0x02, I32, CONST(9), GET(0), 0x03, (uint8_t)i_i,
         CONST(1), SUB, TEE(0), GET(0), CONST(3), 0x71, BR_IF(0), CONST(6),
         GET(1), BR_IF(1), 0x1a, END, ADD, END, END);
    // 9: too many levels for one entry of either kind; an else
    FUNC(m, ii, NO_LOCALS, GET(0), IF(I32), GET(1), IF(I32), CONST(1), ELSE,
         CONST(2), END, ELSE, GET(1), EQZ, IF(I32), CONST(3), ELSE, CONST(4),
         END, END, END);
}

static void others_are_as_their_parts(void) {
    Both t;
    both_init(&t, fill_others, NULL);
    uint32_t len = t.a ? t.a->module->module.funcs.len : 0;
    EXPECT_EQ(len, 10);
    for (uint32_t func = 0; func < len; func++)
        for (uint64_t i = 0; i < 7; i++)
            for (uint64_t j = 0; j < 4; j++)
                if (func != 5) both_call(&t, func, i, j);
    both_release(&t);
}

// --- deadlines -------------------------------------------------------------------

// Raises the epoch; false after a hundred calls, for loops that do not look.
static Status raises(HostCall *call) {
    uint32_t *calls = call->env;
    engine_raise_epoch(call->store->engine);
    call->values[0].u64 = ++*calls < 100;
    return STATUS_ok;
}

// A loop that calls that and goes on while it answers true.
#define LOOPS(m, type, ...)                                                  \
    FUNC(m, type, 1, 1, I32, 0x02, 0x40, LOOP, GET(0), CALL(0), __VA_ARGS__, \
         END, END, GET(1), END)

static void every_way_back_polls(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    mod_import(m, ii);
    LOOPS(m, ii, BR_IF(0));
    LOOPS(m, ii, EQZ, EQZ, BR_IF(0));
    LOOPS(m, ii, SET(1), GET(1), BR_IF(0));
    LOOPS(m, ii, EQZ, SET(1), GET(1), EQZ, BR_IF(0));
    LOOPS(m, ii, EQZ, BR_IF(1), BR(0));
    LOOPS(m, ii, SET(1), GET(1), CONST(1), 0x46, BR_IF(0));
    uint32_t last = LOOPS(m, ii, EQZ, 0x0e, 1, 0, 1);
    uint32_t calls;
    Extern import = host_func(&r, raises, &calls);
    Instance *inst = mod_instance(&r, m, &import, 1);
    for (uint32_t func = 1; func <= last; func++) {
        calls = 0;
        store_set_deadline(r.store, 1);
        EXPECT_TRAP(&r, inst, func, 0, "interrupted");
        EXPECT_EQ(calls, 1);
    }
    rig_release(&r);
}

// Nothing above would fail if nothing were fused.
static void fuses(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    uint32_t f =
        FUNC(m, ii, NO_LOCALS, GET(0), CONST(1), ADD, SET(0), GET(0), END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, f, 3, 4);
    FastTable *table = fast_table(inst->module);
    EXPECT_EQ(table != NULL, interp_fuses);
    if (table && EXPECT(fast_get(table, f) != NULL)) {
        const uint8_t *code = fast_get(table, f)->code;
        static const uint8_t want[] = {
            FUSED_get_c1, 0, 0x41, 1, PAIR_i32_add_set,
            0x21,         0, 0x20, 0, FUSED_return1};
        EXPECT(memcmp(code, want, sizeof want) == 0);
    }
    rig_release(&r);
}

// A module of more functions than 16 bits count, most of which are one.
static void far_functions(void) {
    enum {
        FAR = 1 << 16,
    };
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    uint32_t ii = mod_type(m, "i", "i");
    FUNC(m, ii, NO_LOCALS, GET(0), CONST(1), ADD, END);
    const Body same = m->module.bodies.data[0];
    while (m->module.funcs.len < FAR) {
        VEC_PUSH(&m->arena, &m->module.funcs, ((FuncDecl){.type = ii}));
        VEC_PUSH(&m->arena, &m->module.bodies, same);
    }
    uint32_t far = FUNC(m, ii, NO_LOCALS, GET(0), CONST(2), ADD, END);
    EXPECT_EQ(far, FAR);
    uint32_t calls =
        FUNC(m, ii, NO_LOCALS, GET(0), 0x10, 0x80, 0x80, 0x04, END);
    Instance *inst = mod_instance(&r, m, NULL, 0);
    EXPECT_CALL(&r, inst, 0, 5, 6); // the copy that must not be taken
    for (int i = 0; i < 3; i++) {
        EXPECT_CALL(&r, inst, far, 5, 7);
        EXPECT_CALL(&r, inst, calls, 5, 7);
    }
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(pairs_are_as_their_parts),
                    UNIT_TEST(accesses_are_as_their_parts),
                    UNIT_TEST(others_are_as_their_parts),
                    UNIT_TEST(every_way_back_polls), UNIT_TEST(fuses),
                    UNIT_TEST(far_functions));
}
