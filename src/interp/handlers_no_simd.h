// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A function without FUNC_has_v128 runs no vector instruction.
HANDLER(prefix_fd) {
    UNREACHABLE();
}
