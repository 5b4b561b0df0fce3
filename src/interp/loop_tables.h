// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where handlers are, by opcode; where they are functions, their declarations.
// A missing handler does not compile.
#define ROW_none(name, code)
#define ROW_declare(name, code) DECLARE(name)
#define ROW_entry(name, code)   [code] = LABEL(name),

#define ROW_00(name, code) ROW_declare(name, code)
#define ROW_fb             ROW_none
#define ROW_fc             ROW_declare
#define ROW_fd(name, code) ROW_SIMD(ROW_declare, name, code)
#define ROW_fe             ROW_none
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
DECLARE(prefix_fb)
DECLARE(prefix_fc)
DECLARE(prefix_fd)
DECLARE(prefix_fe)
DECLARE(branch_far)
DECLARE(enter)
DECLARE(leave)
DECLARE(long_block)
DECLARE(long_br_if)
DECLARE(long_i32_const)
DECLARE(long_i64_const)
DECLARE(long_local_get)
DECLARE(long_local_set)
DECLARE(long_local_tee)
#define MEM_LOAD(op, R, M)  DECLARE(long_##op)
#define MEM_STORE(op, T, M) DECLARE(long_##op)
#include "wasm/num.def"
DECLARE(poll_entry)
DECLARE(poll_loop)
DECLARE(slow_access)
DECLARE(slow_call)
DECLARE(slow_call_indirect)
DECLARE(slow_leave)
DECLARE(trapped)
#undef ROW_00
#undef ROW_fb
#undef ROW_fc
#undef ROW_fd
#undef ROW_fe

#include LOOP_FUSED_TABLES

#define ROW_fb ROW_none
#define ROW_fc ROW_none
#define ROW_fd ROW_none
#define ROW_fe ROW_none
static Target table_byte[STATE_END] = {
    [0xfb] = LABEL(prefix_fb),
    [0xfc] = LABEL(prefix_fc),
    [0xfd] = LABEL(prefix_fd),
    [0xfe] = LABEL(prefix_fe),
#define ROW_00 ROW_entry
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
#undef ROW_00
#include LOOP_FUSED_ENTRIES
};
#undef ROW_fc

#define ROW_00 ROW_none
#define ROW_fc ROW_entry
static Target table_fc[] = {
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
};
#undef ROW_fc
#undef ROW_fd

#define ROW_fc             ROW_none
#define ROW_fd(name, code) ROW_SIMD(ROW_entry, name, code)
UNUSED static Target table_fd[] = {
    [0x9a] = LABEL(prefix_fd), // a hole: narrow loops have no others
#define OP(name, prefix, code, text, imm, sig, feature, cost) \
    ROW_##prefix(name, code)
#include "wasm/op.def"
};
#undef ROW_00
#undef ROW_fb
#undef ROW_fc
#undef ROW_fd
#undef ROW_fe
