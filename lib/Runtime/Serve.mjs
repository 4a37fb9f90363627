// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Answers calls of a WebAssembly module over standard input and output, with
// the protocol of Owl's unikernels (docs/unikernel.md). Stands behind a line
// that says the `name` of the files beside it.

import { readFile } from 'node:fs/promises';
import { readSync, writeSync } from 'node:fs';

const arrays = {
  f16: Uint16Array, bf16: Uint16Array, f32: Float32Array, f64: Float64Array,
  i1: Uint8Array, i8: Int8Array, i16: Int16Array, i32: Int32Array,
  i64: BigInt64Array, ui8: Uint8Array, ui16: Uint16Array, ui32: Uint32Array,
  ui64: BigUint64Array, index: BigInt64Array,
};
const codes = ['i1', 'i8', 'i16', 'i32', 'i64', 'ui8', 'ui16', 'ui32', 'ui64',
  'f16', 'bf16', 'f32', 'f64'];
const LIST = 1, CALL = 2, SHUTDOWN = 4, REPLY = 0x8000, ERROR = 0xffff;
const DAMAGED = 1, UNKNOWN = 3, MALFORMED = 4, EXCEPTION = 6;

const count = (shape) => shape.reduce((product, size) => product * size, 1);

const table = Int32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; ++bit) {
    value = value >>> 1 ^ (value & 1 ? 0xedb88320 : 0);
  }
  return value;
});
function crc32(data) {
  let crc = -1;
  for (const byte of data) crc = crc >>> 8 ^ table[(crc ^ byte) & 0xff];
  return ~crc >>> 0;
}

// Reads `size` bytes, or ends where the input does.
function read(size) {
  const data = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const read = readSync(0, data, at, size - at);
    if (read === 0) process.exit(0);
    at += read;
  }
  return data;
}

function write(data) {
  for (let at = 0; at < data.length;) at += writeSync(1, data, at);
}

// The next header that is valid: whatever else comes is skipped.
function readHeader() {
  let header = read(16);
  while (header.toString('latin1', 0, 4) !== 'OWL1' ||
      header.readUInt32LE(12) !== crc32(header.subarray(0, 12))) {
    header = Buffer.concat([header.subarray(1), read(1)]);
  }
  return { kind: header.readUInt16LE(4), sequence: header.readUInt16LE(6),
    size: header.readUInt32LE(8) };
}

function reply(kind, sequence, payload) {
  const header = Buffer.alloc(16);
  header.write('OWL1', 'latin1');
  header.writeUInt16LE(kind, 4);
  header.writeUInt16LE(sequence, 6);
  header.writeUInt32LE(payload.length, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(payload));
  write(Buffer.concat([header, payload, crc]));
}

class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const numbers = (...list) => Buffer.from(Uint32Array.from(list).buffer);
const wide = (list) => Buffer.from(BigInt64Array.from(list, BigInt).buffer);

function list(functions) {
  const parts = [numbers(functions.length)];
  for (const { name, arguments: inputs, results } of functions) {
    parts.push(numbers(Buffer.byteLength(name)), Buffer.from(name),
      numbers(inputs.length, results.length));
    for (const { type, shape } of [...inputs, ...results]) {
      parts.push(numbers(codes.indexOf(type === 'index' ? 'i64' : type),
        shape.length), wide(shape.map((size) => size ?? -1)));
    }
  }
  return Buffer.concat(parts);
}

function call(model, functions, payload) {
  const fn = payload.length >= 16 && functions[payload.readUInt32LE(0)];
  if (!fn) throw new Refusal(MALFORMED, 'there is no such function');
  const repeat = Math.max(1, payload.readUInt32LE(8));
  let at = 16;
  const take = (bytes) => {
    if (at + bytes > payload.length) {
      throw new Refusal(MALFORMED, 'the request is too short');
    }
    at += bytes;
    return payload.subarray(at - bytes, at);
  };
  const dims = Array.from({ length: payload.readUInt32LE(12) },
    () => Number(take(8).readBigInt64LE()));
  if (dims.length !== fn.dims.length) {
    throw new Refusal(MALFORMED, `${fn.name} expects ${fn.dims.length} ` +
      `dynamic dimensions, got ${dims.length}`);
  }
  const inputs = fn.arguments.map((tensor) => {
    const shape = tensor.shape.map((size) => size ?? dims.shift());
    const ArrayType = arrays[tensor.type];
    // A copy, aligned as typed arrays want it.
    const bytes = take(count(shape) * ArrayType.BYTES_PER_ELEMENT);
    return { data: new ArrayType(new Uint8Array(bytes).buffer), shape };
  });
  if (at !== payload.length) {
    throw new Refusal(MALFORMED, 'the request is too long');
  }

  let results, least = Infinity, total = 0;
  for (let i = 0; i < repeat; ++i) {
    const start = process.hrtime.bigint();
    results = model[fn.name](...inputs);
    const ticks = Number(process.hrtime.bigint() - start);
    least = Math.min(least, ticks);
    total += ticks;
  }
  if (fn.results.length === 0) results = [];
  if (fn.results.length === 1) results = [results];
  const shapes = results.map((result, i) => result.shape ?? fn.results[i].shape);
  return Buffer.concat([
    numbers(0, results.length), wide([least, total]), wide(shapes.flat()),
    ...results.map((result) => {
      const { buffer, byteOffset, byteLength } = result.data ?? result;
      return Buffer.from(buffer, byteOffset, byteLength);
    }),
  ]);
}

const here = (file) => new URL(`./${name}${file}`, import.meta.url);
const { functions } = JSON.parse(await readFile(here('.json'), 'utf8'));
const model = await (await import(here('.mjs'))).load();
write(Buffer.from(`\r\nOWL1 wasm32 functions=${functions.length} ` +
  'memory=4294967296 ticks=1000000000\r\n'));

for (;;) {
  const { kind, sequence, size } = readHeader();
  const payload = read(size);
  try {
    if (read(4).readUInt32LE() !== crc32(payload)) {
      throw new Refusal(DAMAGED, 'the checksum of the request is wrong');
    }
    if (kind === SHUTDOWN) {
      reply(kind | REPLY, sequence, Buffer.alloc(0));
      process.exit(0);
    }
    if (kind !== LIST && kind !== CALL) {
      throw new Refusal(UNKNOWN, `there is no request of kind ${kind}`);
    }
    reply(kind | REPLY, sequence, kind === LIST
      ? list(functions) : call(model, functions, payload));
  } catch (error) {
    const isTrap = error instanceof WebAssembly.RuntimeError;
    const code = error instanceof Refusal ? error.code
      : isTrap ? EXCEPTION : MALFORMED;
    reply(ERROR, sequence, Buffer.concat([
      numbers(code), Buffer.from(error.message)]));
    if (isTrap) process.exit(3);
  }
}
