// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nothing: a loop that is one switch needs nothing before it.
