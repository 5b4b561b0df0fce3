// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an instance costs: time for one that is made and dropped with a store of
// its own, and memory for each of many that live at once. Written against
// wasmtime.h alone; bench/instances runs it over several libraries.
//
//     instance_cost churn|alive FILE COUNT [baseline] [pool] [checked]
//
// FILE `small` is a module with ten functions and one memory; a compiled module
// is mapped. Prints NAME NUMBER lines.
#include <wasmtime.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char small[] =
    "(module"
    " (memory (export \"memory\") 1)"
    " (func (export \"f0\") (param i32) (result i32) (local.get 0))"
    " (func (export \"f1\") (param i32) (result i32) (call 0 (local.get 0)))"
    " (func (export \"f2\") (param i32) (result i32) (call 1 (local.get 0)))"
    " (func (export \"f3\") (param i32) (result i32) (i32.load (local.get 0)))"
    " (func (export \"f4\") (param i32) (i32.store (local.get 0) (i32.const "
    "1)))"
    " (func (export \"f5\") (param i64) (result i64) (local.get 0))"
    " (func (export \"f6\") (result i32) (memory.size))"
    " (func (export \"f7\") (param f64) (result f64) (f64.sqrt (local.get 0)))"
    " (func (export \"f8\"))"
    " (func (export \"f9\") (result i32) (i32.const 9)))";

static void require(bool ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void done(wasmtime_error_t *error, const char *what) {
    if (!error) return;
    wasm_name_t text;
    wasmtime_error_message(error, &text);
    fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data);
    exit(1);
}

// Processor time: others may use the machine too.
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// The part of it outside of the host's kernel.
static double now_outside(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec * 1e9 + (double)u.ru_utime.tv_usec * 1e3;
}

// A number of KiB from /proc/self/status; 0 where there is none.
static double status_kib(const char *field) {
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0;
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, field, strlen(field)))
            kib = atof(line + strlen(field));
    if (f) fclose(f);
    return kib;
}

static double mappings(void) {
    FILE *f = fopen("/proc/self/maps", "r");
    double n = 0;
    for (int c; f && (c = getc(f)) != EOF;)
        n += c == '\n';
    if (f) fclose(f);
    return n;
}

typedef struct World {
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_linker_t *linker;
    wasmtime_instance_pre_t *pre;
} World;

static void use_pool(wasm_config_t *config, uint32_t count) {
    wasmtime_pooling_allocation_config_t *p =
        wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_config_total_core_instances_set(p, count);
    wasmtime_pooling_allocation_config_total_memories_set(p, count);
    wasmtime_pooling_allocation_config_total_tables_set(p, count);
    wasmtime_pooling_allocation_config_table_elements_set(p, 100000);
    wasmtime_pooling_allocation_strategy_set(config, p);
    wasmtime_pooling_allocation_config_delete(p);
}

static wasm_engine_t *engine_of(int argc, char **argv) {
    wasm_config_t *config = wasm_config_new();
    for (int i = 4; i < argc; i++) {
        if (!strcmp(argv[i], "baseline"))
            wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_WINCH);
        if (!strcmp(argv[i], "pool")) use_pool(config, 100);
        if (!strcmp(argv[i], "copied"))
            wasmtime_config_memory_init_cow_set(config, false);
        if (strcmp(argv[i], "checked") != 0) continue;
        wasmtime_config_signals_based_traps_set(config, false);
        wasmtime_config_memory_reservation_set(config, 0);
        wasmtime_config_memory_guard_size_set(config, 0);
        wasmtime_config_memory_reservation_for_growth_set(config, 0);
    }
    return wasm_engine_new_with_config(config);
}

static wasm_byte_vec_t bytes_of(const char *path) {
    wasm_byte_vec_t bytes;
    if (!strcmp(path, "small")) {
        done(wasmtime_wat2wasm(small, strlen(small), &bytes), "small");
        return bytes;
    }
    FILE *f = fopen(path, "rb");
    require(f != NULL, path);
    require(fseek(f, 0, SEEK_END) == 0, path);
    wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(f));
    rewind(f);
    require(fread(bytes.data, 1, bytes.size, f) == bytes.size, path);
    fclose(f);
    return bytes;
}

static bool is_compiled(const wasm_byte_vec_t *bytes) {
    return bytes->size > 4 && !memcmp(bytes->data, "\177ELF", 4);
}

static World world_of(int argc, char **argv) {
    World w = {.engine = engine_of(argc, argv)};
    require(w.engine != NULL, "engine");
    wasm_byte_vec_t bytes = bytes_of(argv[2]);
    if (is_compiled(&bytes))
        done(wasmtime_module_deserialize_file(w.engine, argv[2], &w.module),
             argv[2]);
    else
        done(wasmtime_module_new(w.engine, (const uint8_t *)bytes.data,
                                 bytes.size, &w.module),
             argv[2]);
    wasm_byte_vec_delete(&bytes);
    w.linker = wasmtime_linker_new(w.engine);
    done(wasmtime_linker_define_unknown_imports_as_traps(w.linker, w.module),
         "imports");
    done(wasmtime_linker_instantiate_pre(w.linker, w.module, &w.pre), "pre");
    return w;
}

static void world_release(World *w) {
    wasmtime_instance_pre_delete(w->pre);
    wasmtime_linker_delete(w->linker);
    wasmtime_module_delete(w->module);
    wasm_engine_delete(w->engine);
}

static wasmtime_store_t *instantiate(const World *w, bool with_instance) {
    wasmtime_store_t *store = wasmtime_store_new(w->engine, NULL, NULL);
    require(store != NULL, "store");
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    if (with_instance)
        done(wasmtime_instance_pre_instantiate(
                 w->pre, wasmtime_store_context(store), &instance, &trap),
             "instance");
    require(trap == NULL, "start function");
    return store;
}

static double per_store(const World *w, long count, bool with_instance) {
    double begin = now();
    for (long i = 0; i < count; i++)
        wasmtime_store_delete(instantiate(w, with_instance));
    return (now() - begin) / (double)count;
}

static void churn(const World *w, long count) {
    double first = now();
    wasmtime_store_delete(instantiate(w, true));
    printf("first %.0f\n", now() - first);
    (void)per_store(w, 10, true);
    double before = status_kib("VmRSS:");
    double store = per_store(w, count, false);
    double outside = now_outside();
    printf("instance %.0f\n", per_store(w, count, true) - store);
    outside = (now_outside() - outside) / (double)count - store;
    printf("outside-kernel %.0f\n", outside);
    printf("store %.0f\n", store);
    printf("growth-kib %.0f\n", status_kib("VmRSS:") - before);
}

static void alive(const World *w, long count) {
    wasmtime_store_t **stores = calloc((size_t)count, sizeof *stores);
    require(stores != NULL, "memory");
    double resident = status_kib("VmRSS:"), maps = mappings();
    double address_space = status_kib("VmSize:");
    double begin = now();
    for (long i = 0; i < count; i++)
        stores[i] = instantiate(w, true);
    printf("make %.0f\n", (now() - begin) / (double)count);
    printf("bytes %.0f\n",
           (status_kib("VmRSS:") - resident) * 1024 / (double)count);
    printf("address-space %.0f\n",
           (status_kib("VmSize:") - address_space) * 1024 / (double)count);
    printf("mappings %.0f\n", mappings() - maps);
    begin = now();
    for (long i = 0; i < count; i++)
        wasmtime_store_delete(stores[i]);
    printf("drop %.0f\n", (now() - begin) / (double)count);
    free(stores);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: instance_cost churn|alive FILE COUNT "
                        "[baseline] [pool] [copied] [checked]\n");
        return 2;
    }
    World w = world_of(argc, argv);
    long count = atol(argv[3]);
    if (!strcmp(argv[1], "churn")) churn(&w, count);
    if (!strcmp(argv[1], "alive")) alive(&w, count);
    world_release(&w);
    return 0;
}
