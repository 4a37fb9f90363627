// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times one case in Node: Owl's module, TensorFlow.js and ONNX Runtime, each in
// WebAssembly with SIMD and one thread. `node wasm.mjs FOLDER` reads job.json and
// the files beside it (wasm.py), and prints the samples as JSON.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(process.argv[2]);
const job = JSON.parse(readFileSync(join(folder, 'job.json')));
const require = createRequire(import.meta.url);

const ARRAYS = { f32: Float32Array, i64: BigInt64Array };
const ORT_TYPES = { f32: 'float32', i64: 'int64' };
const PAGE = 65536;

function load({ file, type }) {
  const bytes = readFileSync(join(folder, file));
  return new ARRAYS[type](
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
const inputs = job.inputs.map(load);
const expected = load(job.output);

// Each gives { call, result }: call(count) computes as often, and result() is what
// the last call gave.
const systems = {
  // Arrays that are in the module's memory, as TensorFlow.js has its tensors.
  async owl() {
    const module = await WebAssembly.compile(readFileSync(join(folder, 'f.wasm')));
    const { exports } = await WebAssembly.instantiate(module);
    let end = exports.__heap_base.value;
    const place = (length) => {
      const start = Math.ceil(end / 64) * 64;
      end = start + length;
      return start;
    };
    const pointers = [...inputs, expected].map((array) => place(array.byteLength));
    const workspace = place(exports.owl_f_workspace_size());
    const { memory } = exports;
    memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / PAGE)));
    inputs.forEach((array, i) =>
      new array.constructor(memory.buffer, pointers[i], array.length).set(array));
    const result = new expected.constructor(
      memory.buffer, pointers.at(-1), expected.length);
    return {
      call(count) {
        for (let i = 0; i < count; ++i)
          if (exports.owl_f(...pointers, workspace) !== 0) throw new Error('status');
      },
      result: () => result,
    };
  },

  // Typed arrays in and out, copied, as in ONNX Runtime.
  async 'owl-bindings'() {
    const { load } = await import(pathToFileURL(join(folder, 'f.mjs')));
    const model = await load();
    let result;
    return {
      call(count) {
        for (let i = 0; i < count; ++i) result = model.f(...inputs);
      },
      result: () => (typeof result === 'object' ? result : [result]),
    };
  },

  async tfjs() {
    if (!job.tfjs) return undefined;
    const tf = require('@tensorflow/tfjs-core');
    const { setThreadsCount } = require('@tensorflow/tfjs-backend-wasm');
    setThreadsCount(1);
    await tf.setBackend('wasm');
    const names = inputs.map((_, i) => `x${i}`);
    const body = new Function('tf', ...names, `return ${job.tfjs};`);
    const tensors = inputs.map((x, i) => tf.tensor(x, job.inputs[i].shape));
    let result;
    return {
      call(count) {
        for (let i = 0; i < count; ++i) {
          result?.dispose();
          result = tf.tidy(() => body(tf, ...tensors));
        }
      },
      result: () => result.dataSync(),
    };
  },

  async 'onnxruntime-web'() {
    const ort = require('onnxruntime-web');
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(
      readFileSync(join(folder, 'f.onnx')), { executionProviders: ['wasm'] });
    const tensor = ({ type, shape }, data) =>
      new ort.Tensor(ORT_TYPES[type], data, shape);
    const feeds = Object.fromEntries(
      inputs.map((x, i) => [`x${i}`, tensor(job.inputs[i], x)]));
    let result;
    return {
      async call(count) {
        for (let i = 0; i < count; ++i) result = await session.run(feeds);
      },
      result: () => result.y.data,
    };
  },
};

function difference(result) {
  if (result.length !== expected.length)
    return `${result.length} elements, expected ${expected.length}`;
  let scale = 0;
  let off = 0;
  for (let i = 0; i < expected.length; ++i) {
    const want = Number(expected[i]);
    const error = Math.abs(Number(result[i]) - want);
    // Written so that NaN counts.
    if (!(error <= off)) off = error;
    scale = Math.max(scale, Math.abs(want));
  }
  return off <= job.tolerance * scale ? undefined : `off by ${off} of ${scale}`;
}

function check(run) {
  const wrong = difference(run.result());
  if (wrong) throw new Error(wrong);
}

// Of processor time: moments when another program has the core do not count.
async function seconds(run, count) {
  const start = process.cpuUsage();
  await run.call(count);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

const runs = {};
const errors = {};
const samples = {};
const counts = {};
for (const name of job.systems) {
  try {
    const run = await systems[name]();
    if (!run) continue;
    await run.call(1);
    check(run);
    // Long enough for the engine to have optimised what it runs.
    let count = 1;
    let elapsed = await seconds(run, count);
    while (elapsed < job.sampleSeconds) {
      count *= 2;
      elapsed = await seconds(run, count);
    }
    runs[name] = run;
    counts[name] = count;
    samples[name] = [];
  } catch (error) {
    errors[name] = String(error).split('\n')[0];
  }
}
const names = Object.keys(runs);
for (let i = 0; i < job.rounds; ++i)
  for (let j = 0; j < names.length; ++j) {
    // Each comes first at times, and finds its own data in the caches.
    const name = names[(i + j) % names.length];
    await runs[name].call(Math.ceil(counts[name] / 4));
    samples[name].push((await seconds(runs[name], counts[name])) / counts[name]);
  }
// What has run as often as that must still be right.
for (const [name, run] of Object.entries(runs)) {
  try {
    check(run);
  } catch (error) {
    errors[name] = String(error);
    delete samples[name];
  }
}
console.log(JSON.stringify({ samples, errors }));
