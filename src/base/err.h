// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What went wrong, and where.
//
// A caller owns an Err and passes it down. Recording returns false, so that
// functions end in `return err_at(...)`. The error at the earliest offset wins;
// later complaints cannot hide the cause. No memory is allocated to report.
#pragma once

#include "base/defs.h"

typedef enum ErrKind {
    ERR_none,
    ERR_malformed,  // the bytes or the text break the grammar
    ERR_invalid,    // well formed, but does not validate
    ERR_disabled,   // needs a feature that is off
    ERR_unlinkable, // imports and exports do not fit
    ERR_limit,      // an implementation limit, or out of memory
    ERR_usage,      // the host asked for something that cannot be
} ErrKind;

typedef enum ErrId {
#define ERR(name, kind, text) E_##name,
#include "base/err.def"
#undef ERR
    E_count
} ErrId;

#define ERR_NOWHERE UINT64_MAX

typedef struct Err {
    ErrKind kind;
    ErrId id;
    uint64_t at;    // byte offset into the module or the source text
    uint64_t func;  // function index, or ERR_NOWHERE
    char text[224]; // the message, always terminated
} Err;

// Records an error, unless one at the same or an earlier offset is there. The
// variable arguments are those of the row's format. `func` becomes ERR_NOWHERE;
// a caller that knows the function sets it afterwards. Returns false.
bool err_at(Err *e, uint64_t at, ErrId id, ...);
// Forgets it.
void err_clear(Err *e);
// The row's format, as written in err.def.
const char *err_format(ErrId id);
const char *err_kind_name(ErrKind kind);

static inline bool err_ok(const Err *e) {
    return e->kind == ERR_none;
}
