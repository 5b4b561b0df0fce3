// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entering a function as it is (part of handlers.h; the other loops).
// clang-format off

#define ENTER_FUNC()                                                       \
    do {                                                                   \
        if (UNLIKELY(arg < x->direct_from)) JUMP(slow_call);               \
        if (UNLIKELY(info_is_wide(&x->infos[arg - x->import_len]) !=       \
                     LOOP_WIDE))                                           \
            JUMP(slow_call);                                               \
        JUMP(enter);                                                       \
    } while (0)
// May a function of this instance be entered, as one of that type?
#define CALLEE_FITS(table, index, want)                               \
    ((index) >= x->direct_from &&                                     \
     info_is_wide(&x->infos[(index) - x->import_len]) == LOOP_WIDE && \
     x->context->types[(table)->owner->module->module.funcs           \
                           .data[index]                               \
                           .type] == (want))
SUB_HANDLER(enter) {
    const FuncInfo *info = &x->infos[arg - x->import_len];
    SPILL();
    uint64_t need = ((uint64_t)info->local_len + info->operand_max) * STRIDE *
                        sizeof(Slot) +
                    sizeof(FrameHeader);
    ENTER(sp - (size_t)info->param_len * STRIDE, need, arg0,
          (size_t)(info->local_len - info->param_len) * STRIDE);
    pc = x->bytes + info->code_at;
    ctl = x->ctls + info->ctl_at;
    f->info = info;
    f->end = pc + info->code_size - 1;
    f->func = (uint32_t)arg;
    if (UNLIKELY(exec_should_poll(x, LOOP_FUEL))) JUMP(poll_entry);
    DISPATCH();
}
