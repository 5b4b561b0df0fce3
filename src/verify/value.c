// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "verify/verify_int.h"

#include "base/bits.h"

// A cell whose reference exists. LIMIT: a tail call of one is not known to be of
// the type that it has to be.
static bool is_made(Value v) {
    return v.kind == V_cell && v.is_even;
}

bool value_is_func(Value v) {
    return v.kind == V_func || is_made(v) || value_is(v, 0);
}

bool value_equal(Value a, Value b) {
    return a.kind == b.kind && a.bound == b.bound && a.is_even == b.is_even &&
           a.is_typed == b.is_typed && a.arg == b.arg && a.of == b.of &&
           a.min == b.min && a.max == b.max;
}

// Few steps until nothing is known: places are looked at again only so often.
// Divisors want to know that they are not -1, of 32 or 64 bits, ends of accesses
// that they are at least as large as those.
static void widen(Value *to, Value with) {
    static const uint64_t steps[] = {UINT32_MAX - 1, UINT32_MAX, UINT64_MAX - 1,
                                     UINT64_MAX};
    uint64_t min = MIN(to->min, with.min);
    if (to->min != with.min)
        to->min = min < 2 ? min : MIN((uint64_t)1 << (63 - clz64(min)), 16);
    if (to->max == with.max) return;
    uint64_t max = MAX(to->max, with.max);
    for (size_t i = COUNTOF(steps); i-- > 0 && max <= steps[i];)
        to->max = steps[i];
}

static Value join_funcs(Value a, Value b) {
    Value v = value_of(V_func, 0);
    v.min = a.min > 0 && b.min > 0;
    v.is_typed = a.kind == V_func && b.kind == V_func && a.is_typed &&
                 b.is_typed && a.arg == b.arg;
    if (v.is_typed) v.arg = a.arg;
    return v;
}

static bool is_length(uint8_t bound) {
    return bound == BOUND_length || bound == BOUND_up_to_length;
}

Value value_join(Value a, Value b) {
    if (value_equal(a, b)) return a;
    if (is_made(a) && b.kind == V_func) a.kind = V_func;
    if (is_made(b) && a.kind == V_func) b.kind = V_func;
    if (value_is_func(a) && value_is_func(b) &&
        (a.kind != b.kind || a.kind == V_func))
        return join_funcs(a, b);
    if (a.kind == V_fresh && b.kind != V_fresh) a = value_range(1, UINT32_MAX);
    if (b.kind == V_fresh && a.kind != V_fresh) b = value_range(1, UINT32_MAX);
    if (a.kind != b.kind || a.arg != b.arg) return VALUE_ANY;
    if (a.kind == V_fresh && a.of != b.of) return value_range(1, UINT32_MAX);
    if (a.kind == V_distance || a.kind == V_target || a.kind == V_block)
        return VALUE_ANY;
    widen(&a, b);
    a.is_even = a.is_even && b.is_even;
    if (a.kind == V_rtype || a.kind == V_display) {
        a.of = MIN(a.of, b.of);
    } else if (a.of == b.of && is_length(a.bound) && is_length(b.bound)) {
        if (a.bound != b.bound) a.bound = BOUND_up_to_length;
    } else if (a.bound != b.bound || a.of != b.of) {
        a.bound = BOUND_none;
        a.of = 0;
    }
    return a;
}
