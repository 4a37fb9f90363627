// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// run.mjs MODEL.mjs CALLS.json IN OUT makes the calls that CALLS.json lists, with
// arguments from IN, and writes what they give to OUT. Standard output gets, as
// JSON, for each call either the shapes of its results or what was thrown.

import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const arrays = {
  f16: Uint16Array, bf16: Uint16Array, f32: Float32Array, f64: Float64Array,
  i1: Uint8Array, i8: Int8Array, i16: Int16Array, i32: Int32Array,
  i64: BigInt64Array, ui8: Uint8Array, ui16: Uint16Array, ui32: Uint32Array,
  ui64: BigUint64Array,
};

const [modelPath, callsPath, inPath, outPath] = process.argv.slice(2);
const { load } = await import(pathToFileURL(modelPath).href);
const model = await load();
const calls = JSON.parse(await readFile(callsPath, 'utf8'));
const input = await readFile(inPath);
const output = [];
const outcomes = [];

function argument({ type, shape, offset, dynamic }) {
  const ArrayType = arrays[type];
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = input.subarray(offset, offset + count * ArrayType.BYTES_PER_ELEMENT);
  // Typed arrays want their own alignment.
  const data = new ArrayType(new Uint8Array(bytes).buffer);
  return dynamic ? { data, shape } : data;
}

for (const { name, arguments: list } of calls) {
  try {
    let results = model[name](...list.map(argument));
    if (!Array.isArray(results)) results = [results];
    outcomes.push({
      shapes: results.map((result) => result.shape ?? null),
      sizes: results.map((result) => (result.data ?? result).byteLength),
    });
    for (const result of results) {
      const data = result.data ?? result;
      output.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  } catch (error) {
    outcomes.push({ error: String(error.message ?? error), kind: error.name });
  }
}

await writeFile(outPath, Buffer.concat(output));
console.log(JSON.stringify(outcomes));
