// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Forks: the child of a process whose other threads were inside of engines goes
// on with those engines.
//
// The handler that the first engine registers takes every lock under which an
// engine, a module or a table of the process changes, so that the child finds
// all of them whole and free. What other threads were compiling is not
// compiled in the child, and is when it is called. What other threads waited
// for is theirs: the child has shared memories and wakers for itself.
// Decision 0047 says of each lock why forks are safe.
#pragma once

#include "rt/rt_module.h"

// Lists an engine, or a module of one that is listed. False: no memory.
NODISCARD bool fork_add_engine(Engine *e);
void fork_add_module(RtModule *m);
// Lists an item of any kind.
void fork_add_item(ForkItem *item);
void fork_forget_item(ForkItem *item);

// How often this process became the child of a fork: threads that were started
// under another number are not here.
uint32_t fork_generation(void);
