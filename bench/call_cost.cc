// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a call between host and guest costs, one way and the other, through each
// door of the API, and what an instance costs. Prints `NAME NANOSECONDS` lines;
// bench/calls runs it over several libraries.
#include <wasmtime.hh>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

using namespace wasmtime;

namespace {

// Nanoseconds of this thread's processor time: others may use the machine.
double now() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) * 1e9 + double(t.tv_nsec);
}

[[noreturn]] void fail(const char *what) {
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(1);
}

void require(bool ok, const char *what) {
    if (!ok) fail(what);
}

// Nanoseconds for one of `work(times)`: the best of many rounds, each of them
// long enough for the clock and short enough to be left alone by others.
template <typename F> double cost(F work) {
    uint64_t times = 16;
    double best = 0;
    for (;; times *= 2) {
        double begin = now();
        work(times);
        best = now() - begin;
        if (best > 1e6) break;
    }
    for (int i = 0; i < 50; i++) {
        double begin = now();
        work(times);
        best = std::min(best, now() - begin);
    }
    return best / double(times);
}

void print(const char *name, double nanoseconds) {
    std::printf("%s %.1f\n", name, nanoseconds);
    std::fflush(stdout);
}

const char guest[] = R"((module
    (import "" "f" (func $f (param i32) (result i32)))
    (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1)))
    (func (export "none"))
    (func (export "call") (param $n i32) (result i32) (local $x i32)
        (loop $next
            (local.set $x (call $f (local.get $x)))
            (br_if $next
                (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x))
    (func (export "loop") (param $n i32) (result i32) (local $x i32)
        (loop $next
            (local.set $x (i32.add (local.get $x) (i32.const 1)))
            (br_if $next
                (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x))))";

const char small[] = R"((module
    (memory (export "memory") 1)
    (func (export "f0") (param i32) (result i32) (local.get 0))
    (func (export "f1") (param i32) (result i32) (call 0 (local.get 0)))
    (func (export "f2") (param i32) (result i32) (call 1 (local.get 0)))
    (func (export "f3") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "f4") (param i32) (i32.store (local.get 0) (i32.const 1)))
    (func (export "f5") (param i64) (result i64) (local.get 0))
    (func (export "f6") (result i32) (memory.size))
    (func (export "f7") (param f64) (result f64) (f64.sqrt (local.get 0)))
    (func (export "f8"))
    (func (export "f9") (result i32) (i32.const 9))))";

using Export = TypedFunc<int32_t, int32_t>;

struct World {
    Store store;
    Instance instance;

    World(Engine &engine, const Module &module, Func (*make)(Store &))
        : store(engine),
          instance(Instance::create(store, module, {make(store)}).unwrap()) {
    }

    Func func(const char *name) {
        return std::get<Func>(*instance.get(store, name));
    }
};

wasm_trap_t *next_checked(void *, wasmtime_caller_t *,
                          const wasmtime_val_t *args, size_t,
                          wasmtime_val_t *results, size_t) {
    results[0].kind = WASMTIME_I32;
    results[0].of.i32 = args[0].of.i32 + 1;
    return nullptr;
}

wasm_trap_t *next_unchecked(void *, wasmtime_caller_t *,
                            wasmtime_val_raw_t *args_and_results, size_t) {
    args_and_results[0].i32++;
    return nullptr;
}

wasm_functype_t *type_of_next() {
    return wasm_functype_new_1_1(wasm_valtype_new_i32(),
                                 wasm_valtype_new_i32());
}

Func make_checked(Store &store) {
    wasmtime_func_t func;
    wasm_functype_t *type = type_of_next();
    wasmtime_func_new(store.context().capi(), type, next_checked, nullptr,
                      nullptr, &func);
    wasm_functype_delete(type);
    return func;
}

Func make_unchecked(Store &store) {
    wasmtime_func_t func;
    wasm_functype_t *type = type_of_next();
    wasmtime_func_new_unchecked(store.context().capi(), type, next_unchecked,
                                nullptr, nullptr, &func);
    wasm_functype_delete(type);
    return func;
}

Func make_typed(Store &store) {
    return Func::wrap(store, [](int32_t x) { return x + 1; });
}

void host_to_guest(World &w) {
    wasmtime_context_t *context = w.store.context().capi();
    wasmtime_func_t add = w.func("add").capi();
    print("host-guest-checked", cost([&](uint64_t times) {
              wasmtime_val_t args[2];
              args[0].kind = args[1].kind = WASMTIME_I32;
              args[0].of.i32 = 0;
              args[1].of.i32 = 1;
              for (uint64_t i = 0; i < times; i++) {
                  wasmtime_val_t result;
                  wasm_trap_t *trap = nullptr;
                  if (wasmtime_func_call(context, &add, args, 2, &result, 1,
                                         &trap))
                      fail("add");
                  args[0].of.i32 = result.of.i32;
              }
              require(args[0].of.i32 == int32_t(times), "add");
          }));
    print("host-guest-unchecked", cost([&](uint64_t times) {
              wasmtime_val_raw_t values[2];
              values[0].i32 = 0;
              for (uint64_t i = 0; i < times; i++) {
                  wasm_trap_t *trap = nullptr;
                  values[1].i32 = 1;
                  if (wasmtime_func_call_unchecked(context, &add, values, 2,
                                                   &trap))
                      fail("add");
              }
              require(values[0].i32 == int32_t(times), "add");
          }));
    auto typed =
        w.func("add").typed<std::tuple<int32_t, int32_t>, int32_t>(w.store);
    auto call = typed.unwrap();
    print("host-guest-typed", cost([&](uint64_t times) {
              Store::Context cx = w.store.context();
              int32_t x = 0;
              for (uint64_t i = 0; i < times; i++)
                  x = call.call(cx, {x, 1}).unwrap();
              require(x == int32_t(times), "add");
          }));
}

// One call out of the guest's loop, less what the loop costs without it.
void guest_to_host(Engine &engine, const Module &module, const char *name,
                   Func (*make)(Store &)) {
    World w(engine, module, make);
    Export call = w.func("call").typed<int32_t, int32_t>(w.store).unwrap();
    Export loop = w.func("loop").typed<int32_t, int32_t>(w.store).unwrap();
    auto run = [&](Export &f) {
        return cost([&](uint64_t times) {
            int32_t n = int32_t(times);
            require(f.call(w.store, n).unwrap() == n, name);
        });
    };
    print(name, run(call) - run(loop));
}

// An instance in a store that is made for it, and both parts of it.
void instances(Engine &engine) {
    Module module = Module::compile(engine, small).unwrap();
    wasmtime_linker_t *linker = wasmtime_linker_new(engine.capi());
    wasmtime_instance_pre_t *pre = nullptr;
    require(!wasmtime_linker_instantiate_pre(linker, module.capi(), &pre),
            "pre");
    auto run = [&](bool with_instance) {
        return cost([&](uint64_t times) {
            for (uint64_t i = 0; i < times; i++) {
                wasmtime_store_t *store =
                    wasmtime_store_new(engine.capi(), nullptr, nullptr);
                wasmtime_instance_t instance;
                wasm_trap_t *trap = nullptr;
                if (with_instance &&
                    wasmtime_instance_pre_instantiate(
                        pre, wasmtime_store_context(store), &instance, &trap))
                    fail("instantiate");
                wasmtime_store_delete(store);
            }
        });
    };
    double store = run(false);
    print("store", store);
    print("instance", run(true) - store);
    wasmtime_instance_pre_delete(pre);
    wasmtime_linker_delete(linker);
}

} // namespace

// An argument asks for the one-pass compiler.
int main(int argc, char **) {
    Config config;
    if (argc > 1) config.strategy(Strategy::Winch);
    Engine engine(std::move(config));
    Module module = Module::compile(engine, guest).unwrap();
    World w(engine, module, make_checked);
    host_to_guest(w);
    guest_to_host(engine, module, "guest-host-checked", make_checked);
    guest_to_host(engine, module, "guest-host-unchecked", make_unchecked);
    guest_to_host(engine, module, "guest-host-typed", make_typed);
    instances(engine);
}
