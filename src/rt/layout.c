// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// vmabi/layout.h against the structures that it speaks of.
#include "vmabi/layout.h"

#include "rt/instance.h"

#define AT(T, field, at) \
    static_assert(offsetof(T, field) == (at), #T "." #field)

AT(Func, entry, LAYOUT_FUNC_ENTRY);
AT(Func, type, LAYOUT_FUNC_TYPE);
AT(Func, instance, LAYOUT_FUNC_INSTANCE);
AT(Func, code, LAYOUT_FUNC_CODE);
AT(Func, env, LAYOUT_FUNC_ENV);
AT(Func, host, LAYOUT_FUNC_HOST);
AT(HostCall, store, LAYOUT_HOST_CALL_STORE);
AT(HostCall, caller, LAYOUT_HOST_CALL_CALLER);
AT(HostCall, type, LAYOUT_HOST_CALL_TYPE);
AT(HostCall, env, LAYOUT_HOST_CALL_ENV);
AT(HostCall, values, LAYOUT_HOST_CALL_VALUES);
AT(HostCall, is_result, LAYOUT_HOST_CALL_IS_RESULT);
static_assert(sizeof(HostCall) == LAYOUT_HOST_CALL_SIZE, "no more");
AT(Instance, context, 0);
AT(Memory, base, LAYOUT_MEMORY_BASE);
AT(Memory, size, LAYOUT_MEMORY_SIZE);
AT(Memory, shared, LAYOUT_MEMORY_SHARED);
AT(Memory, extent, LAYOUT_MEMORY_EXTENT);
AT(SharedMemory, size, LAYOUT_SHARED_SIZE);
AT(Table, funcs, LAYOUT_TABLE_CELLS);
AT(Table, refs, LAYOUT_TABLE_CELLS);
AT(Table, size, LAYOUT_TABLE_SIZE);
AT(Global, cell, 0);
AT(RtType, depth, LAYOUT_TYPE_DEPTH);
AT(RtType, display, LAYOUT_TYPE_DISPLAY);
AT(GcHeader, type, LAYOUT_OBJECT_TYPE);
AT(GcHeader, len, LAYOUT_OBJECT_LEN);
