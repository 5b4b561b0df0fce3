// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuel beyond the cost column of op.def, equal in every tier.
//
// A segment that ends in a call or a throw is paid for before the instruction
// can trap: what it calls is looked for afterwards.
//
// A bulk instruction (memory.init, copy, fill; table.init, copy, fill, grow;
// array.new and its like, copy, fill, init) pays for its length before it
// starts, and traps there when that is more than what is left: one unit for
// each whole FUEL_BULK_BYTES that it writes. A table's cell counts as many
// bytes, an array's element as many as it takes in the heap. What it pays for
// its length is spent even if it then traps.
#pragma once

enum {
    FUEL_BULK_BYTES = 8,
};
