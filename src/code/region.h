// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code of one variant of a module: address space that is filled from
// the front, pages at a time, and never written again once executable.
//
//   +-------+----------+-------+--------+---------+---------+-- - - --+
//   | slots | counters | stubs | thunks | group 0 | group 1 |         |
//   +-------+----------+-------+--------+---------+---------+-- - - --+
//   RW                 RX                                    reserved
//
// A slot holds the address of a function's code: at first its thunk, which has
// the function compiled. Calls inside the module go through the slots at a
// fixed distance; publishing a function is one store.
//
// Any thread may look things up and run code while another one adds some: what
// has been placed stays where it is until the region goes, and is found by
// length counters that are raised last.
//
// A region is sealed when it has every function before any of them runs: thunks
// are jumps to the code then, and who calls without slots gets there. So slots
// of a region from a file begin empty, and are filled when they are looked at.
#pragma once

#include "code/stubs.h"
#include "os/thread.h"
#include "vmabi/code.h"

#include <stdatomic.h>

typedef _Atomic uintptr_t CodeSlot;
// How often a function was run by a tier that counts; what it says, and how
// much is enough, is for those who count.
typedef _Atomic uint32_t CodeCounter;

// A function that was placed.
typedef struct CodePlaced {
    uint32_t at, size; // in the text
    uint32_t func;     // among the module's defined functions
    uint32_t frame_size;
    const CodeSite *sites;
    const uint32_t *pads;
    const CodeSite *loops; // entries
    uint32_t site_len, pad_len, loop_len;
    bool is_wide;
} CodePlaced;

// The same of all functions of a region that was written to a file: flat, and
// used where it lies.
typedef struct CodeImageFunc {
    uint32_t at, size, func, frame_size; // as in CodePlaced
    uint32_t site_at, site_len, pad_at, pad_len;
    uint32_t is_wide;
} CodeImageFunc;

typedef struct CodeImage {
    const uint8_t *text; // stubs, thunks and functions
    const CodeImageFunc
        *funcs;              // in order of `at`; every function of the module
    const uint32_t *func_at; // by function, as in CodeRegion
    const CodeSite *sites;
    const uint32_t *pads;
    uint32_t text_len, func_len, site_len, pad_len;
    // The text is also in a file, at a multiple of a page: it is mapped from
    // there. `file` is the descriptor plus one; 0: none.
    int file;
    uint64_t file_at;
} CodeImage;

// Sites and pads of a group.
typedef struct CodeBlock {
    struct CodeBlock *next;
} CodeBlock;

typedef struct CodeRegion {
    uint8_t *base; // of the reservation
    size_t reserved;
    CodeSlot *slots;
    CodeSlot *published; // addresses of code, or thunks: the slots, but for
                         // code_region_keep_thunks
    CodeCounter *counters;
    uint8_t *text;
    uint32_t text_cap; // bytes of text that are reserved ...
    uint32_t text_len; // ... and in use, up to whole pages
    uint32_t func_len;
    uint32_t code_len; // bytes of functions, for statistics
    CodeStubs stubs;
    // Offset in the text of each function; 0: not placed.
    const uint32_t *func_at;
    uint32_t *own_func_at; // the same, where it is not from a file
    CodePlaced *placed;    // in order of `at`; room for func_len
    _Atomic uint32_t placed_len;
    CodeImage image;   // .funcs: there instead of in `placed`, none are added
    CodeBlock *blocks; // what holds sites and pads
    Mutex lock;        // adding
    bool is_listed;    // among those that code_fault_claim knows
    bool is_full;      // something had no room
    bool is_sealed;    // with every function
} CodeRegion;

// For functions whose bodies have `wasm_size` bytes together. NULL: out of
// memory or address space. With `faults`, its access sites take part in the
// handling of faults.
NODISCARD CodeRegion *code_region_new(uint32_t func_len, uint64_t wasm_size,
                                      bool faults);
// At most so many bytes of functions, up to whole pages. Nothing was placed yet.
void code_region_limit(CodeRegion *r, uint64_t bytes);
// Bytes of slots and counters, in whole pages.
size_t code_region_data_size(uint32_t func_len);
// Makes a region complete that has its reservation, slots and text: fills slots
// with thunks, and takes part in the handling of faults if that is wanted.
void code_region_fill_slots(CodeRegion *r);
NODISCARD bool code_region_list(CodeRegion *r, bool faults);
void code_region_free(CodeRegion *r); // nothing of it runs; NULL is fine

// Places functions that were compiled, as one group, and publishes them. One
// that another thread has placed meanwhile is left out. False: no memory, or no
// room is left; nothing was placed.
NODISCARD bool code_region_place(CodeRegion *r, const CodeFunc *funcs,
                                 const uint32_t *indices, uint32_t len);

// All functions of a region that has none yet, placed at once: in the order of
// their indices, without gaps, whichever threads compile them. Nothing is
// published, and whoever wants to place something waits, until it ends.
typedef struct CodeFill {
    CodeRegion *r;
    uint32_t placed_len;
    uint64_t end;      // of the text
    uint64_t writable; // end of the text that may be written
    bool is_full;
} CodeFill;

// Functions on their way into the text.
typedef struct CodePart {
    const CodeFunc *funcs;
    uint32_t first, len; // indices
    CodeBlock *block;    // NULL: there is nothing to keep
} CodePart;

// False: it has functions already, or slots stay as they are.
NODISCARD bool code_fill_begin(CodeFill *f, CodeRegion *r);
// The next functions get their places. By one thread at a time. False: no
// memory, or is_full.
NODISCARD bool code_fill_lay_out(CodeFill *f, CodePart *part);
// Writes what was laid out. Any thread, at any time before the end.
void code_fill_write(const CodeFill *f, const CodePart *part);
// Publishes all that was laid out, if `ok`. False: not, or there was no memory;
// nothing is placed then.
NODISCARD bool code_fill_end(CodeFill *f, bool ok);

// Was there no room for something?
bool code_region_is_full(CodeRegion *r);

// From now on slots stay as they are, so that every call asks its thunk: for
// tests that pick a tier for each. Nothing was placed yet. False: no memory.
NODISCARD bool code_region_keep_thunks(CodeRegion *r);

// All functions that will be there were placed, nothing of it ran. False:
// nothing ever may.
NODISCARD bool code_region_seal(CodeRegion *r);

uintptr_t code_region_fill_slot(const CodeRegion *r, uint32_t func);

static inline uintptr_t code_region_func(const CodeRegion *r, uint32_t func) {
    uintptr_t code =
        atomic_load_explicit(&r->published[func], memory_order_acquire);
    return LIKELY(code) ? code : code_region_fill_slot(r, func);
}
// Its slot, for whoever looks into that by himself.
static inline CodeSlot *code_region_slot(const CodeRegion *r, uint32_t func) {
    (void)code_region_func(r, func);
    return &r->slots[func];
}
// Does it have code, and not just its thunk?
bool code_region_has(const CodeRegion *r, uint32_t func);

// Where in which function a pc is: the return address of a call, or an access
// that faulted.
typedef struct CodeAt {
    CodePlaced func;
    uint32_t wasm; // offset of the instruction in the function's code
} CodeAt;
// False: not a site of this region.
NODISCARD bool code_region_at(const CodeRegion *r, uintptr_t pc, bool is_fault,
                              CodeAt *out);

// The function of an index; false: it was not placed.
NODISCARD bool code_region_placed(const CodeRegion *r, uint32_t func,
                                  CodePlaced *out);
// The functions that were placed, in order of `at`: those below placed_len.
// False: the tables of the file that it is from are damaged there.
NODISCARD bool code_region_nth(const CodeRegion *r, uint32_t n,
                               CodePlaced *out);

static inline uintptr_t code_region_stub(const CodeRegion *r, uint32_t at) {
    return (uintptr_t)r->text + at;
}

// Around a fork.
void code_region_lock(CodeRegion *r);
void code_region_unlock(CodeRegion *r);
