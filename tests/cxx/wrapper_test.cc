// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A client of the C++ headers that are published beside the C headers which
// ours follow. They are inline code over the C functions, so whatever they rely
// on (layouts, ownership, what is null when) is tried here.
#include <wasm.hh>
#include <wasmtime.hh>

#include <cstdio>
#include <cstring>

using namespace wasmtime;

namespace {

int failures;

void expect(bool ok, const char *what, int line) {
    if (ok) return;
    failures++;
    std::fprintf(stderr, "line %d: expected %s\n", line, what);
}

#define EXPECT(x) expect((x), #x, __LINE__)

Module compile(Engine &engine, const char *text) {
    return Module::compile(engine, text).unwrap();
}

Func func_of(Store &store, Instance &instance, const char *name) {
    return std::get<Func>(*instance.get(store, name));
}

void calls() {
    Engine engine;
    Store store(engine);
    Module module = compile(engine, R"((module
        (func (export "add") (param i32 i64) (result i64)
            (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
        (func (export "swap") (param f32 f64) (result f64 f32)
            local.get 1 local.get 0)
        (func (export "none"))
        (func (export "v") (param v128) (result v128) local.get 0)))");
    Instance instance = Instance::create(store, module, {}).unwrap();

    Func add = func_of(store, instance, "add");
    auto values = add.call(store, {int32_t(-2), int64_t(44)}).unwrap();
    EXPECT(values.size() == 1 && values[0].kind() == ValKind::I64);
    EXPECT(values[0].i64() == 42);

    auto typed =
        add.typed<std::tuple<int32_t, int64_t>, int64_t>(store).unwrap();
    EXPECT(typed.call(store, {-2, 44}).unwrap() == 42);
    EXPECT(!(add.typed<int32_t, int32_t>(store)));

    auto swap =
        func_of(store, instance, "swap")
            .typed<std::tuple<float, double>, std::tuple<double, float>>(store)
            .unwrap();
    EXPECT(swap.call(store, {1.5f, -2.5}).unwrap() ==
           std::make_tuple(-2.5, 1.5f));

    auto none = func_of(store, instance, "none")
                    .typed<std::monostate, std::monostate>(store)
                    .unwrap();
    EXPECT(bool(none.call(store, {})));

    wasmtime_v128 bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    auto v = func_of(store, instance, "v").call(store, {V128(bytes)}).unwrap();
    EXPECT(std::memcmp(v[0].v128().v128, bytes, sizeof bytes) == 0);

    FuncType type = add.type(store);
    EXPECT(type->params().size() == 2 && type->results().size() == 1);
    EXPECT(!add.call(store, {int32_t(1)})); // too few
}

void host_functions() {
    Engine engine;
    Store store(engine);
    int32_t sum = 0;
    Func wrapped = Func::wrap(store, [&](Caller caller, int32_t a, double b) {
        (void)caller;
        sum += a;
        return b * a;
    });
    auto typed =
        wrapped.typed<std::tuple<int32_t, double>, double>(store).unwrap();
    EXPECT(typed.call(store, {3, 0.5}).unwrap() == 1.5 && sum == 3);

    Func checked(store, FuncType({ValType::i32()}, {ValType::i32()}),
                 [](auto caller, auto params,
                    auto results) -> Result<std::monostate, Trap> {
                     (void)caller;
                     if (params[0].i32() < 0) return Trap("negative");
                     results[0] = params[0].i32() + 1;
                     return std::monostate();
                 });
    EXPECT(checked.call(store, {int32_t(6)}).unwrap()[0].i32() == 7);
    auto bad = checked.call(store, {int32_t(-6)});
    EXPECT(!bad && bad.err().message().find("negative") != std::string::npos);

    Func trapping = Func::wrap(store, []() -> Result<int32_t, Trap> {
        return Trap(WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED);
    });
    auto trap = trapping.call(store, {});
    EXPECT(!trap);
    auto code = std::get<Trap>(trap.err().data).code();
    EXPECT(code && *code == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED);
}

void traps() {
    Engine engine;
    Store store(engine);
    Module module = compile(engine, R"((module $m
        (func $inner (param i32) (result i32)
            (i32.div_u (i32.const 1) (local.get 0)))
        (func (export "outer") (param i32) (result i32)
            (call $inner (local.get 0)))))");
    Instance instance = Instance::create(store, module, {}).unwrap();
    auto result = func_of(store, instance, "outer").call(store, {int32_t(0)});
    EXPECT(!result);
    TrapError error = result.err();
    Trap &trap = std::get<Trap>(error.data);
    EXPECT(trap.code() &&
           *trap.code() == WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO);
    Trace trace = trap.trace();
    EXPECT(trace.size() == 2);
    auto frame = trace.begin();
    EXPECT(frame->func_index() == 0 && frame->func_name() &&
           *frame->func_name() == "inner");
    EXPECT(frame->module_name() && *frame->module_name() == "m");
    ++frame;
    EXPECT(frame->func_index() == 1);

    auto text = Module::compile(engine, "(module (func (bad)))");
    EXPECT(!text && !text.err().message().empty());
    std::vector<uint8_t> bytes = {0, 'a', 's', 'm', 2, 0, 0, 0};
    EXPECT(!Module::validate(engine, bytes));
}

void modules() {
    Engine engine;
    Module module = compile(engine, R"((module
        (import "a" "f" (func (param i32)))
        (import "a" "g" (global i64))
        (memory (export "m") 1 4)
        (table (export "t") 2 funcref)
        (func (export "e") (result f32) (f32.const 1))))");
    EXPECT(module.imports().size() == 2 && module.exports().size() == 3);
    auto imports = module.imports();
    auto import = imports.begin();
    EXPECT(import->module() == "a" && import->name() == "f");
    EXPECT(std::holds_alternative<FuncType::Ref>(
        ExternType::from_import(*import)));
    auto bytes = module.serialize().unwrap();
    Module copy = Module::deserialize(engine, bytes).unwrap();
    EXPECT(copy.exports().size() == 3);
    Module other = copy; // a clone
    EXPECT(other.imports().size() == 2);
}

void memories_tables_globals() {
    Engine engine;
    Store store(engine);
    Memory memory = Memory::create(store, MemoryType(1, 2)).unwrap();
    EXPECT(memory.size(store) == 1 && memory.data(store).size() == 65536);
    memory.data(store)[7] = 9;
    EXPECT(memory.grow(store, 1).unwrap() == 1 && !memory.grow(store, 1));
    EXPECT(memory.data(store)[7] == 9 && memory.size(store) == 2);
    EXPECT(memory.type(store)->max() == 2);

    Func f = Func::wrap(store, []() { return int32_t(5); });
    Table table = Table::create(store, TableType(ValType::funcref(), 2, 3),
                                Val(std::optional<Func>()))
                      .unwrap();
    EXPECT(table.size(store) == 2 && !table.get(store, 0)->funcref());
    EXPECT(bool(table.set(store, 1, Val(f))));
    Func again = *table.get(store, 1)->funcref();
    EXPECT(again.call(store, {}).unwrap()[0].i32() == 5);
    EXPECT(!table.get(store, 2) && !table.set(store, 2, Val(f)));
    EXPECT(table.grow(store, 1, Val(f)).unwrap() == 2);
    EXPECT(!table.grow(store, 1, Val(f)));

    Global global =
        Global::create(store, GlobalType(ValType::f64(), true), 2.5).unwrap();
    EXPECT(global.get(store).f64() == 2.5);
    EXPECT(bool(global.set(store, -1.0)) && global.get(store).f64() == -1.0);
    EXPECT(!global.set(store, int32_t(1)));
}

void references() {
    Engine engine;
    Store store(engine);
    Module module = compile(engine, R"((module
        (table (export "t") 3 externref)
        (global $g (mut anyref) (ref.null any))
        (func (export "put") (param i32 externref)
            (table.set (local.get 0) (local.get 1)))
        (func (export "set") (param anyref) (global.set $g (local.get 0)))
        (func (export "get") (result anyref) (global.get $g))))");
    Instance instance = Instance::create(store, module, {}).unwrap();
    auto live = std::make_shared<int>(17);
    {
        ExternRef ref(store, live);
        Func put = func_of(store, instance, "put");
        EXPECT(bool(put.call(store, {int32_t(1), ref})));
    }
    Table table = std::get<Table>(*instance.get(store, "t"));
    {
        auto seat = table.get(store, 1)->externref();
        EXPECT(seat &&
               *std::any_cast<std::shared_ptr<int>>(seat->data(store)) == 17);
        EXPECT(!table.get(store, 0)->externref());
    }
    EXPECT(live.use_count() == 2);
    EXPECT(bool(table.set(store, 1, Val(std::optional<ExternRef>()))));
    EXPECT(bool(store.gc()) && live.use_count() == 1);

    AnyRef number = AnyRef::i31(store, 99);
    EXPECT(bool(func_of(store, instance, "set").call(store, {number})));
    auto got = func_of(store, instance, "get").call(store, {}).unwrap();
    EXPECT(got[0].anyref() && got[0].anyref()->u31(store) == 99u);
}

void linking() {
    Engine engine;
    Store store(engine);
    Linker linker(engine);
    EXPECT(bool(
        linker.func_wrap("host", "double", [](int32_t x) { return 2 * x; })));
    EXPECT(!linker.func_wrap("host", "double", [](int32_t x) { return x; }));
    linker.allow_shadowing(true);
    EXPECT(bool(
        linker.func_wrap("host", "double", [](int32_t x) { return 20 * x; })));
    Module lib = compile(engine, R"((module
        (import "host" "double" (func $d (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "twice") (param i32) (result i32)
            (call $d (local.get 0)))))");
    Instance library = linker.instantiate(store, lib).unwrap();
    EXPECT(bool(linker.define_instance(store, "lib", library)));
    Module main = compile(engine, R"((module
        (import "lib" "twice" (func $t (param i32) (result i32)))
        (import "lib" "memory" (memory 1))
        (import "what" "ever" (func $w))
        (func (export "run") (result i32) (call $t (i32.const 2)))
        (func (export "fail") (call $w))))");
    EXPECT(!linker.instantiate(store, main));
    EXPECT(bool(linker.define_unknown_imports_as_traps(main)));
    Instance program = linker.instantiate(store, main).unwrap();
    EXPECT(func_of(store, program, "run").call(store, {}).unwrap()[0].i32() ==
           40);
    EXPECT(!func_of(store, program, "fail").call(store, {}));
    EXPECT(bool(linker.get(store, "lib", "twice")));
    EXPECT(!linker.get(store, "lib", "thrice"));
}

void caller_exports() {
    Engine engine;
    Store store(engine);
    Linker linker(engine);
    std::string seen;
    EXPECT(bool(linker.func_wrap(
        "host", "print", [&](Caller caller, uint32_t at, uint32_t size) {
            Memory memory = std::get<Memory>(*caller.get_export("memory"));
            auto data = memory.data(caller.context());
            seen.assign(reinterpret_cast<const char *>(data.data()) + at, size);
            EXPECT(!caller.get_export("nothing"));
        })));
    Module module = compile(engine, R"((module
        (import "host" "print" (func $p (param i32 i32)))
        (memory (export "memory") 1)
        (data (i32.const 100) "caller")
        (func (export "run") (call $p (i32.const 100) (i32.const 6)))))");
    Instance instance = linker.instantiate(store, module).unwrap();
    EXPECT(bool(func_of(store, instance, "run").call(store, {})));
    EXPECT(seen == "caller");
}

void limits() {
    Config config;
    config.consume_fuel(true);
    config.epoch_interruption(true);
    Engine engine(std::move(config));
    Store store(engine);
    store.limiter(2 * 65536, 10, 1, 1, 1);
    store.context().set_epoch_deadline(1);
    EXPECT(bool(store.context().set_fuel(10000)));
    Module module = compile(engine, R"((module
        (memory (export "m") 1)
        (func (export "grow") (result i32) (memory.grow (i32.const 5)))
        (func (export "loop") (loop (br 0)))))");
    Instance instance = Instance::create(store, module, {}).unwrap();
    EXPECT(func_of(store, instance, "grow").call(store, {}).unwrap()[0].i32() ==
           -1);
    EXPECT(!Instance::create(store, module, {})); // a second instance
    Func loop = func_of(store, instance, "loop");
    auto dry = loop.call(store, {});
    EXPECT(!dry && std::get<Trap>(dry.err().data).code() ==
                       WASMTIME_TRAP_CODE_OUT_OF_FUEL);

    EXPECT(bool(store.context().set_fuel(1000000000)));
    int asked = 0;
    store.epoch_deadline_callback(
        [&](Store::Context, uint64_t &delta) -> Result<DeadlineKind> {
            if (asked++) return Error("late");
            delta = 0; // again at the next check
            return DeadlineKind::Continue;
        });
    engine.increment_epoch();
    auto late = loop.call(store, {});
    EXPECT(!late && asked == 2);
    EXPECT(late.err().message().find("late") != std::string::npos);
}

void exceptions() {
    Config config;
    config.wasm_exceptions(true);
    Engine engine(std::move(config));
    Store store(engine);
    Module module = compile(engine, R"((module
        (tag $t (export "t") (param i32))
        (func (export "throw") (param i32) (throw $t (local.get 0)))))");
    Instance instance = Instance::create(store, module, {}).unwrap();
    Tag tag = std::get<Tag>(*instance.get(store, "t"));
    EXPECT(!func_of(store, instance, "throw").call(store, {int32_t(12)}));
    EXPECT(store.context().has_exception());
    auto exn = store.context().take_exception();
    EXPECT(bool(exn) && !store.context().has_exception());
    if (exn) {
        EXPECT(exn->tag(store).unwrap().eq(store, tag));
        EXPECT(exn->field(store, 0).unwrap().i32() == 12);
    }
}

void wasi() {
    Engine engine;
    Store store(engine);
    WasiConfig config;
    config.argv({"program", "argument"});
    config.env({{"NAME", "value"}});
    EXPECT(bool(store.context().set_wasi(std::move(config))));
    Linker linker(engine);
    EXPECT(bool(linker.define_wasi()));
    Module module = compile(engine, R"((module
        (import "wasi_snapshot_preview1" "args_sizes_get"
            (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (drop (call $args (i32.const 0) (i32.const 4)))
            (call $exit (i32.add (i32.load (i32.const 0))
                                 (i32.load (i32.const 4)))))))");
    EXPECT(bool(linker.module(store, "", module)));
    Func start = linker.get_default(store, "").unwrap();
    auto result = start.call(store, {});
    EXPECT(!result);
    auto *error = std::get_if<Error>(&result.err_ref().data);
    EXPECT(error && error->i32_exit() == 2 + 17);
}

void store_data() {
    Engine engine;
    auto live = std::make_shared<int>(3);
    {
        Store store(engine);
        store.context().set_data(live);
        auto &data = store.context().get_data();
        EXPECT(*std::any_cast<std::shared_ptr<int>>(data) == 3);
        EXPECT(live.use_count() == 2);
    }
    EXPECT(live.use_count() == 1);
}

const struct {
    const char *name;
    void (*run)();
} tests[] = {
    {"calls", calls},
    {"host functions", host_functions},
    {"traps", traps},
    {"modules", modules},
    {"memories, tables, globals", memories_tables_globals},
    {"references", references},
    {"linking", linking},
    {"exports of the caller", caller_exports},
    {"limits", limits},
    {"exceptions", exceptions},
    {"WASI", wasi},
    {"data of a store", store_data},
};

} // namespace

int main() {
    int failed = 0;
    int count = 0;
    for (const auto &test : tests) {
        failures = 0;
        test.run();
        count++;
        failed += failures != 0;
        if (failures) std::fprintf(stderr, "FAILED %s\n", test.name);
    }
    std::printf("%d passed, %d failed\n", count - failed, failed);
    return failed != 0;
}
