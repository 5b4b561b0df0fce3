// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How fast V8 validates: node --single-threaded validate.js FILE [RUNS]
// prints megabytes (10^6) of code section per second, the median of the runs.
// Each run sees bytes of its own (a custom section with a counter at the end),
// so that no cache can answer.
'use strict';

const fs = require('fs');

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

function withCounter(bytes, counter) {
    const name = [...'count'].map((c) => c.charCodeAt(0));
    const digits = [counter & 127, (counter >> 7) & 127];
    const section = [name.length, ...name, ...digits];
    return Buffer.concat([bytes, Buffer.from([0, section.length, ...section])]);
}

const bytes = fs.readFileSync(process.argv[2]);
const runs = Number(process.argv[3] || 5);
const rates = [];
for (let run = 0; run < runs; run++) {
    const fresh = withCounter(bytes, run);
    const start = process.hrtime.bigint();
    const valid = WebAssembly.validate(fresh);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (!valid) throw new Error('not valid: ' + process.argv[2]);
    rates.push(codeSize(bytes) / 1e6 / seconds);
}
rates.sort((a, b) => a - b);
console.log(rates[rates.length >> 1].toFixed(1));
