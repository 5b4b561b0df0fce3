// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/api/sequence_int.h"

#include <stdarg.h>
#include <stdlib.h>

const char *const sequence_row_name[ROW_count] = {
#define ROW(name, weight) [ROW_##name] = #name,
#include "fuzz/api/sequence.def"
};

static const struct {
    bool (*run)(Seq *s);
    uint32_t weight;
} rows[ROW_count] = {
#define ROW(name, weight) [ROW_##name] = {row_##name, weight},
#include "fuzz/api/sequence.def"
};

// --- choices ------------------------------------------------------------------

uint64_t seq_bits(Seq *s) {
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t seq_below(Seq *s, uint32_t n) {
    if (s->at < s->in->size) return s->in->bytes[s->at++] % n;
    return (uint32_t)(seq_bits(s) >> 33) % n;
}

bool seq_chance(Seq *s, uint32_t one_in) {
    return seq_below(s, one_in) == 0;
}

// --- answers ------------------------------------------------------------------

void seq_say(Seq *s, const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (const char *p = line; *p; p++)
        s->out->hash = (s->out->hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    if (s->in->trace) fputs(line, s->in->trace);
}

void seq_wrong(Seq *s, const char *what) {
    if (!s->out->wrong) s->out->wrong = what;
    seq_say(s, "wrong: %s\n", what);
}

void seq_expect(Seq *s, bool ok, const char *what) {
    if (!ok) seq_wrong(s, what);
}

// The text of a trap of ours is part of the answer; where it happened is not.
static void say_trap(Seq *s, const wasm_trap_t *trap) {
    wasmtime_trap_code_t code = 255;
    wasm_frame_vec_t frames;
    bool has_code = wasmtime_trap_code(trap, &code);
    wasm_trap_trace(trap, &frames);
    seq_say(s, " trap %d frames %zu", has_code ? code : -1, frames.size);
    wasm_frame_vec_delete(&frames);
}

bool seq_end(Seq *s, const char *what, wasmtime_error_t *error,
             wasm_trap_t *trap) {
    seq_say(s, "%s", what);
    bool ok = !error && !trap;
    if (error && trap) seq_wrong(s, "an error and a trap at once");
    if (error) {
        wasm_name_t message;
        wasmtime_error_message(error, &message);
        seq_say(s, " error %.*s", (int)MIN(message.size, 120), message.data);
        seq_expect(s, message.size > 0, "an error without a text");
        wasm_byte_vec_delete(&message);
        wasmtime_error_delete(error);
    }
    if (trap) {
        say_trap(s, trap);
        wasm_trap_delete(trap);
    }
    seq_say(s, "%s\n", ok ? " ok" : "");
    return ok;
}

// --- a sequence ---------------------------------------------------------------

static wasm_engine_t *make_engine(Seq *s) {
    wasm_config_t *config = wasm_config_new();
    if (!config) return NULL;
    seq_expect(s, foliot_config_tier_set(config, s->in->tier),
               "a tier is refused");
    wasmtime_config_wasm_gc_set(config, true);
    wasmtime_config_wasm_exceptions_set(config, true);
    wasmtime_config_wasm_threads_set(config, true);
    wasmtime_config_shared_memory_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_multi_memory_set(config, true);
    return wasm_engine_new_with_config(config);
}

static SequenceRow choose(Seq *s) {
    uint32_t all = 0;
    for (int i = 0; i < ROW_count; i++)
        all += rows[i].weight;
    uint32_t at = seq_below(s, all);
    int i = 0;
    while (at >= rows[i].weight)
        at -= rows[i++].weight;
    return (SequenceRow)i;
}

static void step(Seq *s) {
    SequenceRow row = choose(s);
    if (s->in->trace) fprintf(s->in->trace, "-- %s\n", sequence_row_name[row]);
    s->out->calls[row] += rows[row].run(s);
}

void sequence_run(const SequenceInput *in, SequenceOutput *out) {
    *out = (SequenceOutput){.hash = UINT64_C(0xcbf29ce484222325)};
    Seq *s = calloc(1, sizeof *s);
    if (!s) return;
    *s = (Seq){.in = in, .out = out, .random = in->seed};
    s->engine = make_engine(s);
    if (!s->engine) {
        seq_wrong(s, "no engine");
        free(s);
        return;
    }
    // Half of the sequences begin with something to work with.
    bool is_warm = seq_chance(s, 2);
    if (is_warm) {
        (void)row_store_new(s);
        (void)row_linker_new(s);
        for (int i = 0; i < 3; i++)
            (void)row_module_new(s);
    }
    for (uint32_t i = 0; i < in->steps && !out->wrong; i++)
        step(s);
    seq_drop_all(s);
    if (!out->wrong && out->made != out->finalized)
        seq_wrong(s, "what was made was not finalized once");
    free(s);
}
