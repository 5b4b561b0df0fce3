// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "gc/gc_int.h"

#include "base/alloc.h"
#include "os/vm.h"
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// --- a host ------------------------------------------------------------------

enum {
    ROOTS = 64,
    EXTERNS = 4096
};

typedef struct Host {
    GcRef roots[ROOTS];
    bool roots_fail;
    uint64_t grow_max;
    uint32_t dead[EXTERNS]; // how often each index was reported
    GcHeap *heap;
    GcHeap *nested; // allocate in it from the callback
    uint32_t nested_type;
    uint32_t nested_refs; // that came of it
} Host;

static Host host;

static bool visit_roots(void *env, GcHeap *heap, GcVisit visit) {
    Host *h = env;
    if (h->roots_fail) return false;
    for (int i = 0; i < ROOTS; i++)
        visit(heap, &h->roots[i]);
    visit(heap, &h->roots[0]); // some places are told twice
    return true;
}

static void extern_dead(void *env, uint32_t index) {
    Host *h = env;
    if (EXPECT(index < EXTERNS)) h->dead[index]++;
    if (!h->nested) return;
    h->nested_refs += gc_alloc(h->nested, h->nested_type) != 0;
    h->nested_refs += gc_collect(h->nested);
}

static bool may_grow(void *env, uint64_t from, uint64_t to) {
    const Host *h = env;
    EXPECT(from < to);
    return to <= h->grow_max;
}

static GcHeap *heap_new(uint64_t size_max, bool collect_always) {
    host = (Host){.grow_max = UINT64_MAX};
    GcHost callbacks = {.env = &host,
                        .roots = visit_roots,
                        .extern_dead = extern_dead,
                        .may_grow = may_grow};
    GcOptions options = {size_max, collect_always};
    host.heap = gc_heap_new(&callbacks, &options);
    return host.heap;
}

static uint32_t add_struct(GcHeap *heap, const GcStorage *storages,
                           uint32_t len) {
    GcField fields[16];
    for (uint32_t i = 0; i < len; i++)
        fields[i].storage = storages[i];
    GcType type = {.kind = GC_struct, .fields = fields, .field_len = len};
    type.size = gc_layout_struct(fields, len);
    return gc_type_add(heap, &type);
}

static uint32_t add_array(GcHeap *heap, GcStorage storage) {
    GcType type = {.kind = GC_array, .field_len = 1};
    GcField field = gc_layout_array(storage, &type.size);
    type.fields = &field;
    return gc_type_add(heap, &type);
}

static uint32_t add_extern(GcHeap *heap) {
    GcField field = {.storage = GC_i32};
    GcType type = {.kind = GC_extern, .fields = &field, .field_len = 1};
    type.size = gc_layout_struct(&field, 1);
    return gc_type_add(heap, &type);
}

static const GcStorage pair_fields[] = {GC_i64, GC_ref, GC_ref};

static uint32_t add_pair(GcHeap *heap) {
    return add_struct(heap, pair_fields, COUNTOF(pair_fields));
}

// --- layout and access -------------------------------------------------------

static void layout(void) {
    GcField fields[] = {{0, GC_i8},  {0, GC_ref}, {0, GC_i16},
                        {0, GC_i64}, {0, GC_i8},  {0, GC_v128}};
    static const uint32_t offsets[] = {8, 12, 16, 24, 32, 40};
    EXPECT_EQ(gc_layout_struct(fields, 6), 56);
    for (size_t i = 0; i < COUNTOF(offsets); i++)
        EXPECT_EQ(fields[i].offset, offsets[i]);
    EXPECT_EQ(gc_layout_exn(fields, 2), 24);
    EXPECT_EQ(fields[0].offset, 16);
    EXPECT_EQ(gc_layout_struct(NULL, 0), 8);
    uint32_t size = 0;
    EXPECT_EQ(gc_layout_array(GC_i16, &size).offset, 8);
    EXPECT_EQ(size, 8);
    uint32_t many = INT32_MAX / 16;
    GcField *wide = MEM_NEW_N(GcField, many / 64);
    for (uint32_t i = 0; i < many / 64; i++)
        wide[i].storage = GC_v128;
    EXPECT_EQ(gc_layout_struct(wide, many / 64), 8 + many / 64 * 16);
    mem_free(wide);
}

// So many fields of vectors: 128 million are one too many. One piece of memory
// stands for all of them, because they are all the same.
static void layout_ends(void) {
    enum {
        PIECE = 1 << 21,
        LEN = 1 << 27 // of 16 bytes each: the whole of 31 bits
    };
    const size_t size = (size_t)LEN * sizeof(GcField) + PIECE;
    int memory = memfd_create("fields", 0);
    EXPECT(ftruncate(memory, PIECE) == 0);
    uint8_t *at = mmap(NULL, size, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!EXPECT(at != MAP_FAILED)) return;
    for (size_t i = 0; i < size; i += PIECE)
        EXPECT(mmap(at + i, PIECE, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_FIXED, memory, 0) == at + i);
    GcField *fields = (GcField *)(void *)at;
    for (size_t i = 0; i < PIECE / sizeof(GcField); i++)
        fields[i].storage = GC_v128;
    EXPECT_EQ(gc_layout_struct(fields, LEN - 1), INT32_MAX - 7);
    EXPECT_EQ(gc_layout_struct(fields, LEN), 0);     // ends too late
    EXPECT_EQ(gc_layout_struct(fields, LEN + 1), 0); // begins too late
    munmap(at, size);
    close(memory);
}

static void fields_and_elements(void) {
    static const GcStorage storages[] = {GC_i8,   GC_i16, GC_i32, GC_i64,
                                         GC_v128, GC_ref, GC_func};
    GcHeap *heap = heap_new(1 << 20, false);
    uint32_t type = add_struct(heap, storages, COUNTOF(storages));
    GcRef ref = gc_alloc(heap, type);
    Raw ones = {.u64x2 = {UINT64_MAX, UINT64_MAX}};
    for (uint32_t i = 0; i < COUNTOF(storages); i++) {
        EXPECT_EQ(gc_field_get(heap, ref, i).u64, 0);
        gc_field_set(heap, ref, i, ones);
        Raw got = gc_field_get(heap, ref, i);
        uint32_t bits = gc_storage_size(storages[i]) * 8;
        uint64_t low = bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
        EXPECT_EQ(got.u64x2[0], low);
        EXPECT_EQ(got.u64x2[1], bits == 128 ? UINT64_MAX : 0);
        gc_field_set(heap, ref, i, (Raw){.u64 = 0});
    }
    for (uint32_t s = 0; s < COUNTOF(storages); s++) {
        GcRef array = gc_alloc_array(heap, add_array(heap, storages[s]), 5);
        EXPECT_EQ(gc_object(heap, array)->len, 5);
        for (uint32_t i = 0; i < 5; i++)
            gc_element_set(heap, array, i, (Raw){.u64 = i * 2 + 1});
        for (uint32_t i = 0; i < 5; i++)
            EXPECT_EQ(gc_element_get(heap, array, i).u64, i * 2 + 1);
        EXPECT_EQ(gc_element(heap, array, 5) - gc_element(heap, array, 0),
                  5 * gc_storage_size(storages[s]));
    }
    EXPECT(gc_type_of(heap, ref)->kind == GC_struct);
    EXPECT(gc_verify(heap));
    gc_heap_free(heap);
}

// --- collection --------------------------------------------------------------

static void keeps_what_is_reached(void) {
    GcHeap *heap = heap_new(64 << 20, false);
    uint32_t pair = add_pair(heap);
    for (uint64_t i = 0; i < 100; i++) { // a list, newest first
        GcRef ref = gc_alloc(heap, pair);
        gc_field_set(heap, ref, 0, (Raw){.u64 = i});
        gc_field_set(heap, ref, 1, (Raw){.u64 = host.roots[1]});
        gc_field_set(heap, ref, 2, (Raw){.u64 = gc_ref_of_i31(7)});
        host.roots[1] = ref;
        host.roots[2] = gc_alloc(heap, pair); // dies with the next
    }
    gc_field_set(heap, host.roots[2], 1, (Raw){.u64 = host.roots[2]});
    EXPECT(gc_collect(heap));
    EXPECT_EQ(gc_stats(heap).used, 101 * 24);
    EXPECT_EQ(gc_field_get(heap, host.roots[2], 1).u64, host.roots[2]);
    GcRef at = host.roots[1];
    for (uint64_t i = 100; i-- > 0;) {
        EXPECT_EQ(gc_field_get(heap, at, 0).u64, i);
        EXPECT_EQ(gc_field_get(heap, at, 2).u64, gc_ref_of_i31(7));
        at = gc_field_get(heap, at, 1).ref;
    }
    EXPECT_EQ(at, 0);
    EXPECT_EQ(gc_stats(heap).allocated_total, 200 * 24);
    EXPECT_EQ(gc_stats(heap).collections, 1);
    EXPECT(gc_verify(heap));
    gc_heap_free(heap);
}

// --- a random graph against a model ------------------------------------------
//
// The model knows nodes by number. In the heap a node is a structure of its
// number and an array of references.

enum {
    EDGES = 3,
};

typedef struct Node {
    int32_t edges[EDGES]; // numbers, -1 null, -2 i31
} Node;

static Node nodes[1 << 16];
static uint32_t node_len;
static int32_t model_roots[ROOTS]; // numbers, -1 null
static uint64_t random_state;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

static GcRef edges_of(GcHeap *heap, GcRef node) {
    return gc_field_get(heap, node, 1).ref;
}

// Makes a node in root `at`. False: no memory, and nothing changed.
static bool node_new(GcHeap *heap, uint32_t pair, uint32_t array, uint32_t at) {
    GcRef edges = gc_alloc_array(heap, array, EDGES);
    if (!edges) return false;
    GcRef saved = host.roots[ROOTS - 1];
    host.roots[ROOTS - 1] = edges;
    GcRef node = gc_alloc(heap, pair);
    edges = host.roots[ROOTS - 1];
    host.roots[ROOTS - 1] = saved;
    if (!node) return false;
    gc_field_set(heap, node, 0, (Raw){.u64 = node_len});
    gc_field_set(heap, node, 1, (Raw){.u64 = edges});
    host.roots[at] = node;
    model_roots[at] = (int32_t)node_len;
    for (int i = 0; i < EDGES; i++)
        nodes[node_len].edges[i] = -1;
    node_len++;
    return true;
}

// Walks from a root along random edges, as long as there are any.
static GcRef random_node(GcHeap *heap, int32_t *number) {
    uint32_t root = random_below(ROOTS - 1);
    GcRef ref = host.roots[root];
    *number = model_roots[root];
    while (ref && random_below(4)) {
        uint32_t i = random_below(EDGES);
        int32_t to = nodes[*number].edges[i];
        if (to < 0) break;
        *number = to;
        ref = gc_element_get(heap, edges_of(heap, ref), i).ref;
    }
    return ref;
}

static void random_edge(GcHeap *heap) {
    int32_t from, to;
    GcRef from_ref = random_node(heap, &from);
    GcRef to_ref = random_node(heap, &to);
    if (!from_ref) return;
    if (!to_ref) to = -1;
    if (random_below(10) == 0) {
        to = -2;
        to_ref = gc_ref_of_i31(99);
    }
    uint32_t i = random_below(EDGES);
    gc_element_set(heap, edges_of(heap, from_ref), i, (Raw){.u64 = to_ref});
    nodes[from].edges[i] = to;
}

// Compares what is reached from the roots, breadth first; the number of
// differences.
static int64_t compare_graph(GcHeap *heap) {
    static GcRef place[COUNTOF(nodes)];
    static uint32_t queue[COUNTOF(nodes)];
    memset(place, 0, sizeof place);
    uint32_t len = 0;
    int64_t wrong = 0;
    for (int i = 0; i < ROOTS - 1; i++) {
        int32_t n = model_roots[i];
        wrong += (n < 0) != (host.roots[i] == 0);
        if (n < 0 || place[n]) continue;
        place[n] = host.roots[i];
        queue[len++] = (uint32_t)n;
    }
    for (uint32_t q = 0; q < len; q++) {
        uint32_t n = queue[q];
        wrong += gc_field_get(heap, place[n], 0).u64 != n;
        for (uint32_t i = 0; i < EDGES; i++) {
            int32_t to = nodes[n].edges[i];
            GcRef ref = gc_element_get(heap, edges_of(heap, place[n]), i).ref;
            if (to < 0) {
                wrong += ref != (to == -1 ? 0 : gc_ref_of_i31(99));
            } else if (!place[to]) {
                place[to] = ref;
                queue[len++] = (uint32_t)to;
            } else {
                wrong += place[to] != ref;
            }
        }
    }
    return wrong;
}

static void random_graph_in(GcHeap *heap, uint64_t seed, int steps) {
    uint32_t pair = add_pair(heap), array = add_array(heap, GC_ref);
    random_state = seed;
    node_len = 0;
    for (int i = 0; i < ROOTS; i++)
        model_roots[i] = -1;
    for (int step = 0; step < steps; step++) {
        uint32_t root = random_below(ROOTS - 1);
        switch (random_below(8)) {
        case 0:
            host.roots[root] = 0;
            model_roots[root] = -1;
            break;
        case 1:
        case 2:
        case 3:
            EXPECT(node_new(heap, pair, array, root));
            break;
        default:
            random_edge(heap);
        }
        if (step % 1000 == 0 && !EXPECT_EQ(compare_graph(heap), 0)) return;
    }
    EXPECT(gc_collect(heap));
    EXPECT_EQ(compare_graph(heap), 0);
    EXPECT(gc_verify(heap));
}

static void random_graph(void) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        GcHeap *heap = heap_new(2 << 20, false);
        random_graph_in(heap, seed, 60000);
        EXPECT(gc_stats(heap).collections > 1);
        gc_heap_free(heap);
    }
}

static void random_graph_always(void) {
    GcHeap *heap = heap_new(1 << 20, true);
    random_graph_in(heap, 4, 5000);
    EXPECT(gc_stats(heap).collections > 2000);
    gc_heap_free(heap);
}

// --- collect-always ----------------------------------------------------------

// In a child process: reads through a reference that was kept over `allocs`
// allocations. How the child ended.
static int stale_read(uint32_t allocs) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        GcHeap *heap = heap_new(1 << 20, true);
        uint32_t pair = add_pair(heap);
        host.roots[0] = gc_alloc(heap, pair);
        volatile uint8_t *stale = gc_base(heap) + host.roots[0];
        for (uint32_t i = 0; i < allocs; i++)
            if (!gc_alloc(heap, pair)) _exit(2);
        _exit(*stale == 255 ? 1 : 0);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    return status;
}

static void stale_references_fault(void) {
    EXPECT(WIFEXITED(stale_read(0)));
    for (uint32_t allocs = 1; allocs <= 8; allocs++)
        EXPECT(WIFSIGNALED(stale_read(allocs)));
}

// The spaces wander around the region many times.
static void always_goes_around(void) {
    GcHeap *heap = heap_new(1, true);
    EXPECT_EQ(gc_alloc(heap, add_pair(heap)), 0); // a byte is too little
    gc_heap_free(heap);
    heap = heap_new(20000, true);
    uint32_t array = add_array(heap, GC_i64);
    for (uint64_t i = 0; i < 300; i++) {
        GcRef ref = gc_alloc_array(heap, array, 600 + (uint32_t)(i % 10));
        if (!EXPECT(ref != 0)) break;
        gc_element_set(heap, ref, 599, (Raw){.u64 = i});
        host.roots[i % 3] = ref;
        for (uint64_t k = 0; k < 3 && k <= i; k++) {
            uint64_t value =
                gc_element_get(heap, host.roots[(i - k) % 3], 599).u64;
            EXPECT_EQ(value, i - k);
        }
    }
    gc_heap_free(heap);
}

// --- limits ------------------------------------------------------------------

static void limit_is_exact(void) {
    for (int always = 0; always < 2; always++) {
        GcHeap *heap = heap_new(100000, always);
        uint32_t bytes = add_array(heap, GC_i8);
        EXPECT(gc_array_fits(heap, bytes, 100000 - 8));
        EXPECT(!gc_array_fits(heap, bytes, 100000 - 7));
        EXPECT(!gc_array_fits(heap, bytes, UINT32_MAX));
        EXPECT(!gc_array_fits(heap, add_array(heap, GC_v128), UINT32_MAX));
        EXPECT_EQ(gc_alloc_array(heap, bytes, 100000 - 7), 0);
        EXPECT_EQ(gc_alloc_array(heap, bytes, UINT32_MAX), 0);
        host.roots[0] = gc_alloc_array(heap, bytes, 100000 - 8 - 16);
        EXPECT(host.roots[0] != 0);
        host.roots[1] = gc_alloc_array(heap, bytes, 8);
        EXPECT(host.roots[1] != 0);
        EXPECT_EQ(gc_alloc_array(heap, bytes, 0), 0);
        EXPECT(gc_stats(heap).used == 100000);
        host.roots[0] = 0;
        EXPECT(gc_alloc_array(heap, bytes, 0) != 0);
        EXPECT(gc_verify(heap));
        gc_heap_free(heap);
    }
}

static void growth_is_asked_for(void) {
    GcHeap *heap = heap_new(64 << 20, false);
    uint32_t bytes = add_array(heap, GC_i8);
    host.grow_max = 8192;
    host.roots[0] = gc_alloc_array(heap, bytes, 3000);
    host.roots[1] = gc_alloc_array(heap, bytes, 3000);
    EXPECT(host.roots[0] && host.roots[1]);
    EXPECT_EQ(gc_alloc_array(heap, bytes, 3000), 0);
    host.roots[0] = 0;
    EXPECT(gc_alloc_array(heap, bytes, 3000) != 0);
    host.grow_max = UINT64_MAX;
    EXPECT(gc_alloc_array(heap, bytes, 10 << 20) != 0);
    gc_heap_free(heap);
}

// A heap that is half empty after a collection is as large as it should be.
static void half_empty_is_enough(void) {
    GcHeap *heap = heap_new(64 << 20, false);
    uint32_t bytes = add_array(heap, GC_i8);
    uint32_t page = (uint32_t)vm_page_size();
    uint32_t len = page / 8 - (uint32_t)sizeof(GcHeader);
    host.grow_max = page;
    for (int i = 0; i < 8; i++) {
        if (i == 7) host.grow_max = UINT64_MAX; // the last one fits exactly
        GcRef ref = gc_alloc_array(heap, bytes, len);
        EXPECT(ref != 0);
        if (i < 3) host.roots[i] = ref;
    }
    EXPECT_EQ(gc_stats(heap).used, page);
    EXPECT_EQ(gc_stats(heap).capacity, page);
    EXPECT(gc_alloc_array(heap, bytes, len) != 0);
    EXPECT_EQ(gc_stats(heap).used, page / 2);
    EXPECT_EQ(gc_stats(heap).capacity, page);
    gc_heap_free(heap);
}

// A host that refuses to double the heap does not cause a collection at every
// page.
static void growth_is_refused(void) {
    GcHeap *heap = heap_new(1 << 30, false);
    uint32_t pair = add_pair(heap);
    host.grow_max = 20 << 20;
    uint32_t count = 0;
    for (GcRef ref; (ref = gc_alloc(heap, pair)) != 0; count++) {
        gc_field_set(heap, ref, 1, (Raw){.u64 = host.roots[0]});
        host.roots[0] = ref;
    }
    EXPECT(count > (20 << 20) / 24 - 500);
    EXPECT(gc_stats(heap).collections < 50);
    gc_heap_free(heap);
}

static void roots_that_fail(void) {
    GcHeap *heap = heap_new(1 << 20, false);
    uint32_t bytes = add_array(heap, GC_i8);
    host.roots_fail = true;
    uint32_t count = 0;
    while (gc_alloc_array(heap, bytes, 1000))
        count++;
    EXPECT_EQ(count, (1 << 20) / 1008); // all of the heap, uncollected
    EXPECT(!gc_collect(heap));
    EXPECT(gc_verify(heap));
    EXPECT_EQ(gc_stats(heap).collections, 0);
    host.roots_fail = false;
    EXPECT(gc_alloc_array(heap, bytes, 1000) != 0);
    EXPECT_EQ(gc_stats(heap).collections, 1);
    gc_heap_free(heap);
}

static void garbage_does_not_grow(void) {
    GcHeap *heap = heap_new(UINT64_MAX, false);
    uint32_t pair = add_pair(heap);
    for (int i = 0; i < 1000000; i++)
        EXPECT(gc_alloc(heap, pair) != 0);
    EXPECT(gc_stats(heap).capacity <= 2 << 20);
    EXPECT(gc_stats(heap).collections < 1000);
    EXPECT_EQ(gc_stats(heap).allocated_total, 24000000);
    gc_heap_free(heap);
}

static void large_arrays(void) {
    GcHeap *heap = heap_new(UINT64_MAX, false);
    uint32_t refs = add_array(heap, GC_ref), pair = add_pair(heap);
    uint32_t len = 20 << 20;
    host.roots[0] = gc_alloc_array(heap, refs, len); // 80 MiB
    if (EXPECT(host.roots[0] != 0)) {
        GcRef ref = gc_alloc(heap, pair);
        gc_element_set(heap, host.roots[0], len - 1, (Raw){.u64 = ref});
        EXPECT(gc_collect(heap) && gc_collect(heap));
        ref = gc_element_get(heap, host.roots[0], len - 1).ref;
        EXPECT(gc_type_of(heap, ref)->kind == GC_struct);
        EXPECT_EQ(gc_stats(heap).used, ((uint64_t)len + 2) * 4 + 24);
    }
    gc_heap_free(heap);
}

// --- external values ---------------------------------------------------------

static void new_extern(GcHeap *heap, uint32_t type, uint32_t index,
                       uint32_t root) {
    GcRef ref = gc_alloc(heap, type);
    if (!EXPECT(ref != 0)) return;
    gc_field_set(heap, ref, 0, (Raw){.u64 = index});
    host.roots[root] = ref;
}

static void externs_die_once(void) {
    for (int always = 0; always < 2; always++) {
        GcHeap *heap = heap_new(1 << 20, always);
        uint32_t type = add_extern(heap), pair = add_pair(heap);
        for (uint32_t i = 0; i < 1000; i++) {
            new_extern(heap, type, i, i % 16);
            EXPECT(gc_alloc(heap, type) != 0); // never given an index
            EXPECT(gc_alloc(heap, pair) != 0);
        }
        EXPECT(gc_collect(heap));
        for (uint32_t i = 0; i < 1000; i++)
            EXPECT_EQ(host.dead[i], i < 1000 - 16);
        for (uint32_t i = 1000 - 16; i < 1000; i++)
            EXPECT_EQ(gc_field_get(heap, host.roots[i % 16], 0).u32, i);
        gc_heap_free(heap);
        for (uint32_t i = 0; i < 1000; i++)
            EXPECT_EQ(host.dead[i], 1);
    }
}

static void finalizers_cannot_allocate(void) {
    GcHeap *heap = heap_new(1 << 20, false);
    uint32_t type = add_extern(heap);
    host.nested = heap;
    host.nested_type = type;
    for (uint32_t i = 1; i < 3; i++) { // to the space above, and back
        new_extern(heap, type, i, 0);
        host.roots[0] = 0;
        EXPECT(gc_collect(heap));
        EXPECT_EQ(host.dead[i], 1);
    }
    new_extern(heap, type, 3, 0);
    gc_heap_free(heap);
    EXPECT_EQ(host.dead[3], 1);
    EXPECT_EQ(host.nested_refs, 0);
}

// --- out of memory -----------------------------------------------------------

static uint64_t allocs_left;
static int64_t allocs_alive;

static void *test_alloc(void *env, size_t size) {
    (void)env;
    if (allocs_left == 0) return NULL;
    allocs_left--;
    allocs_alive++;
    return malloc(size);
}

static void *test_realloc(void *env, void *old, size_t old_size, size_t size) {
    (void)env;
    (void)old_size;
    if (allocs_left == 0) return NULL;
    allocs_left--;
    return realloc(old, size);
}

static void test_free(void *env, void *p) {
    (void)env;
    allocs_alive--;
    free(p);
}

static void allocator_fails(void) {
    static const Allocator test = {
        .alloc = test_alloc,
        .realloc = test_realloc,
        .free = test_free,
    };
    allocator_set(&test);
    uint64_t n = 0;
    for (bool done = false; !done && n < 1000; n++) {
        allocs_left = n;
        GcHeap *heap = heap_new(1 << 20, false);
        uint32_t type = 0;
        for (int i = 0; heap && i < 20 && type != UINT32_MAX; i++)
            type = add_pair(heap);
        done = heap && type != UINT32_MAX;
        // The collector needs none of it.
        allocs_left = 0;
        for (int i = 0; done && i < 100000; i++)
            EXPECT(gc_alloc(heap, type) != 0);
        gc_heap_free(heap);
        EXPECT_EQ(allocs_alive, 0);
    }
    EXPECT(n > 20);
    allocator_set(NULL);
}

// Under a limit of address space the heap is smaller, and says so.
static void little_address_space(void) {
    if (HAS_SHADOW_MEMORY) return; // it has taken far more than that already
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {(rlim_t)512 << 20, (rlim_t)512 << 20};
        if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(3);
        GcHeap *heap = heap_new(UINT64_MAX, false);
        if (!heap) _exit(4);
        uint32_t bytes = add_array(heap, GC_i8);
        if (gc_array_fits(heap, bytes, 512 << 20)) _exit(5);
        for (int i = 0; i < 1000; i++)
            if (!gc_alloc_array(heap, bytes, 1 << 20)) _exit(6);
        gc_heap_free(heap);
        _exit(0);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

// The address space that this process may have more than it has.
static bool leave_address_space(size_t more) {
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    bool ok = f && fscanf(f, "%lu", &pages) == 1;
    if (f) fclose(f);
    rlim_t all = (rlim_t)pages * vm_page_size() + more;
    return ok && setrlimit(RLIMIT_AS, &(struct rlimit){all, all}) == 0;
}

// A heap that would be smaller than 64 KiB is none.
static void no_address_space(void) {
    if (HAS_SHADOW_MEMORY) return;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        mem_free(mem_alloc(64 << 10)); // for small things, beforehand
        if (!leave_address_space(100 << 10)) _exit(3);
        void *small = mem_alloc(1 << 10);
        if (!small) _exit(4);
        mem_free(small);
        _exit(heap_new(64 << 10, false) ? 5 : 0);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

// The verifier sees references into the middle of objects, in structures, in
// arrays and in the list of external values.
static void verifier_notices_damage(void) {
    static const GcStorage fields[] = {GC_i32, GC_ref};
    GcHeap *heap = heap_new(1 << 20, false);
    GcRef record = gc_alloc(heap, add_struct(heap, fields, 2));
    GcRef list = gc_alloc_array(heap, add_array(heap, GC_ref), 3);
    gc_field_set(heap, record, 1, (Raw){.ref = list});
    gc_element_set(heap, list, 2, (Raw){.ref = record});
    EXPECT(gc_verify(heap));

    gc_field_set(heap, record, 1, (Raw){.ref = list + 8});
    EXPECT(!gc_verify(heap));
    gc_field_set(heap, record, 1, (Raw){.ref = list});
    gc_element_set(heap, list, 2, (Raw){.ref = record + 8});
    EXPECT(!gc_verify(heap));
    gc_element_set(heap, list, 2, (Raw){.ref = record});
    EXPECT(gc_verify(heap));

    // As many as there are, but not external values.
    GcRef value = gc_alloc(heap, add_extern(heap));
    EXPECT(gc_verify(heap));
    heap->externs = record;
    EXPECT(!gc_verify(heap));
    heap->externs = value;
    EXPECT(gc_verify(heap));
    gc_heap_free(heap);
}

// So does it headers: the last object's end and everyone's type.
static void verifier_notices_headers(void) {
    GcHeap *heap = heap_new(1 << 20, false);
    GcRef last = gc_alloc_array(heap, add_array(heap, GC_i8), 8);
    EXPECT(gc_verify(heap));
    gc_object(heap, last)->len += 8;
    EXPECT(!gc_verify(heap));
    gc_object(heap, last)->len -= 8;
    EXPECT(gc_verify(heap));
    gc_header_at(heap, last)->type++;
    EXPECT(!gc_verify(heap));
    gc_heap_free(heap);
}

// Numbers that are no objects, though what they name could be read as one.
static void only_objects_are_held(void) {
    static const GcStorage fields[] = {GC_i32, GC_ref};
    GcHeap *heap = heap_new(1 << 20, false);
    GcRef record = gc_alloc(heap, add_struct(heap, fields, 2));
    GcRef list = gc_alloc_array(heap, add_array(heap, GC_ref), 1);
    gc_field_set(heap, record, 0, (Raw){.u64 = 1000});
    EXPECT(gc_holds(heap, record) && gc_holds(heap, list));
    const struct {
        const char *name;
        GcRef ref;
    } cases[] = {
        {"between two objects", list + 4},
        {"inside one, at a number that is no type", record + 8},
        {"behind the last one", heap->next},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        if (!EXPECT(!gc_holds(heap, cases[i].ref)))
            fprintf(stderr, "    %s\n", cases[i].name);
    gc_field_set(heap, record, 1, (Raw){.ref = list});
    EXPECT(gc_verify(heap));
    gc_field_set(heap, record, 1, (Raw){.ref = list + 4});
    EXPECT(!gc_verify(heap));
    gc_field_set(heap, record, 1, (Raw){.ref = heap->next});
    EXPECT(!gc_verify(heap));
    gc_heap_free(heap);
}

// A collection may need less of a space than an earlier one did.
static void less_than_was_committed(void) {
    GcHeap *heap = heap_new(1 << 20, false);
    uint64_t more = heap->space.committed + 2 * (uint64_t)heap->page;
    EXPECT(gc_space_commit(heap, &heap->space, more));
    EXPECT_EQ(heap->space.committed, more);
    EXPECT(gc_space_commit(heap, &heap->space, 1));
    EXPECT_EQ(heap->space.committed, more);
    EXPECT(gc_verify(heap));
    gc_heap_free(heap);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(only_objects_are_held), UNIT_TEST(verifier_notices_headers),
        UNIT_TEST(half_empty_is_enough), UNIT_TEST(verifier_notices_damage),
        UNIT_TEST(layout), UNIT_TEST(layout_ends),
        UNIT_TEST(fields_and_elements), UNIT_TEST(keeps_what_is_reached),
        UNIT_TEST(random_graph), UNIT_TEST(random_graph_always),
        UNIT_TEST(stale_references_fault), UNIT_TEST(always_goes_around),
        UNIT_TEST(limit_is_exact), UNIT_TEST(growth_is_asked_for),
        UNIT_TEST(growth_is_refused), UNIT_TEST(roots_that_fail),
        UNIT_TEST(garbage_does_not_grow), UNIT_TEST(large_arrays),
        UNIT_TEST(externs_die_once), UNIT_TEST(finalizers_cannot_allocate),
        UNIT_TEST(allocator_fails), UNIT_TEST(little_address_space),
        UNIT_TEST(no_address_space), UNIT_TEST(less_than_was_committed));
}
