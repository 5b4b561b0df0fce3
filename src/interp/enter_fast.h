// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entering the copy of a function (part of handlers.h; the loop that runs them).
// clang-format off

// Calls function `arg`, if it has a copy (fuse.h); `arg0` is how long the calling
// instruction is.
#define ENTER_FUNC()                                \
    do {                                            \
        if (UNLIKELY(!x->fast)) JUMP(slow_call);    \
        if (UNLIKELY(!fast_get(x->fast, (uint32_t)arg))) JUMP(slow_call); \
        JUMP(enter);                                \
    } while (0)
// May a function of this instance be entered, as one of that type?
#define CALLEE_FITS(table, index, want)          \
    (x->fast && fast_get(x->fast, (index)) &&    \
     fast_get(x->fast, (index))->type == (want))
SUB_HANDLER(enter) {
    const FastFunc *fast = fast_get(x->fast, (uint32_t)arg);
    ENTER(sp - fast->param_len, fast->frame_size, arg0, fast->rest_len);
    pc = fast->code;
    ctl = fast->ctl;
    f->info = fast->info;
    f->end = pc + fast->end;
    f->func = (uint32_t)arg;
    if (UNLIKELY(exec_should_poll(x, LOOP_FUEL))) JUMP(poll_entry);
    DISPATCH();
}
