// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// V8's compilers: see peers.py. The flags of the command line choose which.
import fs from 'node:fs';
import { WASI } from 'node:wasi';

function readLeb(bytes, at) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value += (byte & 127) * 2 ** shift;
        if (byte < 128) return [value, at];
    }
}

function codeSize(bytes) {
    for (let at = 8; at < bytes.length;) {
        const id = bytes[at];
        const [size, start] = readLeb(bytes, at + 1);
        if (id === 10) return size;
        at = start + size;
    }
    return 0;
}

// With a custom section at the end that differs in every run.
function withCounter(bytes, counter) {
    const section = [3, 0x72, 0x75, 0x6e, counter & 127, process.pid & 127];
    return Buffer.concat([bytes, Buffer.from([0, section.length, ...section])]);
}

function compiles(bytes) {
    const module = new WebAssembly.Module(bytes);
    return WebAssembly.Module.exports(module).length > 0;
}

// Megabytes (10^6) of code section in a second of processor time, the median of
// the runs. Each sees bytes of its own, so that no cache can answer.
function rate(does, bytes, runs) {
    const size = codeSize(bytes);
    if (size === 0) throw new Error('no code');
    const rates = [];
    for (let run = 0; run < runs; run++) {
        const fresh = withCounter(bytes, run);
        const start = process.cpuUsage();
        const done = does(fresh);
        const used = process.cpuUsage(start);
        if (!done) throw new Error('not valid, or no exports');
        rates.push(size / (used.user + used.system));
    }
    rates.sort((a, b) => a - b);
    return rates[rates.length >> 1];
}

function invoke(bytes, func, arg) {
    const module = new WebAssembly.Module(bytes);
    return new WebAssembly.Instance(module, {}).exports[func](arg);
}

function runWasi(bytes, args) {
    const [file, directory, ...rest] = args;
    const wasi = new WASI({
        version: 'preview1',
        args: [file, ...rest],
        preopens: { '/data': directory },
    });
    const module = new WebAssembly.Module(bytes);
    const imports = wasi.getImportObject();
    process.exitCode = wasi.start(new WebAssembly.Instance(module, imports));
}

const [what, ...args] = process.argv.slice(2);
const bytes = fs.readFileSync(args[0]);
if (what === 'compile')
    console.log(rate(compiles, bytes, Number(args[1] ?? 3)).toFixed(2));
else if (what === 'validate')
    console.log(rate(WebAssembly.validate, bytes, Number(args[1] ?? 5)).toFixed(1));
else if (what === 'invoke')
    console.log(invoke(bytes, args[1], Number(args[2])));
else
    runWasi(bytes, args);
