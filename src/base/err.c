// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct ErrRow {
    ErrKind kind;
    const char *format;
} ErrRow;

static const ErrRow rows[E_count] = {
#define ERR(name, kind, text) [E_##name] = {ERR_##kind, text},
#include "base/err.def"
#undef ERR
};

// The formats come from the table above, so the compiler cannot check them
// here; a pointer says that this is known.
static int (*const print)(char *, size_t, const char *, va_list) = vsnprintf;

bool err_at(Err *e, uint64_t at, ErrId id, ...) {
    assert(id < E_count);
    if (!err_ok(e) && e->at <= at) return false;
    e->kind = rows[id].kind;
    e->id = id;
    e->at = at;
    e->func = ERR_NOWHERE;
    va_list args;
    va_start(args, id);
    print(e->text, sizeof e->text, rows[id].format, args);
    va_end(args);
    return false;
}

void err_clear(Err *e) {
    *e = (Err){.func = ERR_NOWHERE};
}

const char *err_format(ErrId id) {
    assert(id < E_count);
    return rows[id].format;
}

const char *err_kind_name(ErrKind kind) {
    switch (kind) {
    case ERR_none:
        return "none";
    case ERR_malformed:
        return "malformed";
    case ERR_invalid:
        return "invalid";
    case ERR_disabled:
        return "disabled";
    case ERR_unlinkable:
        return "unlinkable";
    case ERR_limit:
        return "limit";
    case ERR_usage:
        return "usage";
    }
    UNREACHABLE();
}
