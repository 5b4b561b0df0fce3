// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs generated modules in V8 and compares what they do with a report.
//
//     node v8.js MODULES RESULTS [EVIDENCE]
//
// MODULES and RESULTS are as smith_diff writes them; what a module exports is
// said in tests/fuzz/smith/smith.h. EVIDENCE gets the number of modules that
// agree for each instruction and each feature (by its row). The last line is `N passed, N failed, N
// skipped`.
"use strict";
const fs = require("fs");

const FUEL = 100;
const FACTOR = 0x9e3779b97f4a7c15n;

const ABSENT = 7n;

// What an instance imports; `peer` is another one's function, or undefined.
// Its own exports are in `of.exports` once it is there.
function importsOf(of, lib, peer) {
    return {
        lib,
        host: {
            mix: (a, b) => BigInt.asIntN(64, (a * FACTOR) ^ b),
            none: () => {},
            back: () => of.exports ? of.exports.r0() : ABSENT,
            peer: peer || (() => ABSENT),
        },
    };
}

// The module that lies in a section of this one.
function libOf(module) {
    const [bytes] = WebAssembly.Module.customSections(module, "lib");
    return bytes
        ? new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports : {};
}

function instantiate(module, lib, peer) {
    const of = {};
    of.exports = new WebAssembly.Instance(
        module, importsOf(of, lib, peer)).exports;
    return of.exports;
}

// V8's words for a trap, and ours; some of ours are one of V8's.
const trapWords = [
    [/^unreachable/, "unreachable"],
    [/^(divide|remainder) by zero/, "div_by_zero"],
    [/^divide result unrepresentable/, "int_overflow"],
    [/^float unrepresentable/, "conversion"],
    [/^memory access out of bounds/, "memory_bounds"],
    [/^data segment/, "memory_bounds"],
    [/^table index is out of bounds/, "table_bounds"],
    [/^table access out of bounds/, "table_bounds"],
    [/^table initializer/, "table_bounds"],
    [/^element segment/, "table_bounds"],
    [/^null function/, "indirect_type"],
    [/^function signature mismatch/, "indirect_type"],
    [/^rethrowing null value/, "null"],
    [/unaligned/, "unaligned_atomic"],
    [/^Atomics.wait/, "wait_unshared"],
    [/^dereferencing a null pointer/, "null"],
    [/^array element access out of bounds/, "array_bounds"],
    [/^illegal cast/, "cast_failure"],
    [/^requested new array is too large/, "allocation_too_large"],
    [/Maximum call stack/, "stack_exhausted"],
];

const ourWords = {
    int_overflow: "int_overflow",
    bad_conversion: "conversion",
    undefined_element: "table_bounds",
    uninitialized_element: "indirect_type",
    unaligned_atomic: "memory_bounds", // either is checked first
    null_reference: "null",
    null_func_reference: "null",
    null_struct_reference: "null",
    null_array_reference: "null",
    null_i31_reference: "null",
    null_exn_reference: "null",
};

function trapOf(error) {
    if (error instanceof WebAssembly.Exception) return "exception";
    for (const [words, name] of trapWords)
        if (words.test(error.message.replace(/^WebAssembly.Instance\(\): /, "")))
            return "trap " + name;
    return "error " + error.message;
}

const hex = (n, digits) => n.toString(16).padStart(digits, "0");

function hash(bytes) {
    let h = 0x811c9dc5 | 0;
    const words = bytes.length >> 2;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let i = 0; i < words; i++) {
        h = Math.imul(h ^ view.getInt32(i * 4, true), 0x01000193);
        h = (h << 5) | (h >>> 27);
    }
    for (let i = words * 4; i < bytes.length; i++)
        h = Math.imul(h ^ bytes[i], 0x01000193);
    return hex(h >>> 0, 8);
}

function call(exports, name, peer) {
    exports.fuel.value = FUEL;
    if (peer) peer.fuel.value = FUEL;
    exports.mark.value = 0;
    let end;
    try {
        end = "ok " + hex(BigInt.asUintN(64, exports[name]()), 16);
    } catch (error) {
        end = trapOf(error);
    }
    return `${name} ${end} fuel ${exports.fuel.value}`;
}

// The other instance that a module may import from; undefined: none.
function peerOf(module, lib) {
    if (!WebAssembly.Module.imports(module).some((i) => i.name === "peer"))
        return undefined;
    try {
        return instantiate(module, lib);
    } catch {
        return undefined;
    }
}

function report(bytes) {
    let exports, peer;
    try {
        const module = new WebAssembly.Module(bytes);
        const lib = libOf(module);
        peer = peerOf(module, lib);
        exports = instantiate(module, lib, peer && peer.r0);
    } catch (error) {
        return ["start " + trapOf(error)];
    }
    const lines = ["start ok 0000000000000000"];
    const names = Object.keys(exports);
    for (const name of names)
        if (/^(r\d+|state)$/.test(name)) lines.push(call(exports, name, peer));
    if (peer) lines.push(call(peer, "state"));
    for (const name of names) {
        if (!/^m\d+$/.test(name)) continue;
        const memory = new Uint8Array(exports[name].buffer);
        lines.push(`${name} bytes ${memory.length} hash ${hash(memory)}`);
    }
    return lines;
}

// A trap in the words that both have; floats that are too large for an integer
// are an overflow here and not representable there.
function common(line) {
    return line.replace(/trap (\w+)/, (_, name) => {
        const word = ourWords[name] || name;
        return "trap " +
            (word === "int_overflow" ? "conversion" : word);
    });
}

// Where an array and a segment are both too short, either may be said.
function sameLine(a, b) {
    const anyBounds = (line) =>
        line.replace(/trap (array|table|memory)_bounds/, "trap bounds");
    return a === b ||
        (/array_bounds/.test(a + b) && anyBounds(a) === anyBounds(b));
}

// Undefined when they agree, null when one has run out of stack.
function difference(ours, theirs) {
    const len = Math.max(ours.length, theirs.length);
    for (let i = 0; i < len; i++) {
        const a = common(ours[i] || ""), b = common(theirs[i] || "");
        if (/stack_exhausted|out_of_memory/.test(a + b)) return null;
        if (!sameLine(a, b)) return [ours[i], theirs[i]];
    }
    return undefined;
}

// What the modules that agreed were about, and what they used.
const agreed = { ops: new Map(), features: [] };

function note(title) {
    const [, , op, used] = title.split(" ");
    if (op !== "any") agreed.ops.set(op, (agreed.ops.get(op) || 0) + 1);
    for (let bits = BigInt("0x" + used), i = 0; bits; bits >>= 1n, i++)
        agreed.features[i] = (agreed.features[i] || 0) + Number(bits & 1n);
}

function writeEvidence(path) {
    const lines = [...agreed.ops].map(([op, n]) => `op ${op} v8 ${n}`);
    agreed.features.forEach((n, i) => lines.push(`row ${i} v8 ${n}`));
    fs.writeFileSync(path, lines.join("\n") + "\n");
}

function main(modulesPath, resultsPath, evidencePath) {
    const modules = fs.readFileSync(modulesPath);
    const results = fs.readFileSync(resultsPath, "utf8").split("\n\n");
    let at = 0, passed = 0, failed = 0, skipped = 0;
    for (const text of results) {
        if (at >= modules.length) break;
        const size = modules.readUInt32LE(at);
        const bytes = modules.subarray(at + 4, at + 4 + size);
        at += 4 + size;
        const [title, ...ours] = text.split("\n");
        // After the features the title names the engines that are asked.
        if (!title.split(" ").includes("v8", 4)) continue;
        const wrong = difference(ours, report(bytes));
        if (wrong === undefined) {
            passed++;
            note(title);
        } else if (wrong === null) {
            skipped++;
        } else {
            failed++;
            console.log(`${title}\n    ours ${wrong[0]}\n    V8   ${wrong[1]}`);
        }
    }
    if (passed + failed + skipped === 0) failed++; // nobody asked anything
    if (evidencePath) writeEvidence(evidencePath);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exitCode = failed ? 1 : 0;
}

main(...process.argv.slice(2, 5));
