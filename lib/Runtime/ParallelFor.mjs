// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// owl_parallel_for for WebAssembly: workers that share the memory of a module,
// in Node and in browsers. This file is both what loads the module and, started
// by that, a worker.
//
// The threads agree through `control`:
//
//   STATE       which job this is, and the next task of it: 32 bits each
//   DONE        how many tasks have ended
//   JOBS        the number of jobs so far; workers sleep on it
//   TASK, ...   the job. It does not change before all of its tasks have ended,
//               and STATE shows a job without tasks while it does, so whoever
//               has taken a task, by a change of STATE, has read it right.

const DONE = 2, JOBS = 3, TASK = 4, CONTEXT = 5, COUNT = 6, FAILED = 7;
const STACK_BYTES = 65536, NAME = 'owl-parallel-for';

// Takes tasks of the current job, and runs them, as long as there are any.
function work(control, table) {
  const state = new BigInt64Array(control.buffer, 0, 1);
  let failure;
  for (;;) {
    const before = Atomics.load(state, 0);
    const index = Number(before & 0xffffffffn);
    const count = Atomics.load(control, COUNT);
    const task = Atomics.load(control, TASK);
    const context = Atomics.load(control, CONTEXT);
    if (index >= count) return failure;
    if (Atomics.compareExchange(state, 0, before, before + 1n) !== before) {
      continue;
    }
    try {
      table.get(task)(context, BigInt(index));
    } catch (error) {
      failure = error;
      Atomics.store(control, FAILED, 1);
    }
    if (Atomics.add(control, DONE, 1) + 1 === count) {
      Atomics.notify(control, DONE);
    }
  }
}

// A page must not sleep, but may look again and again.
function canSleep(control) {
  try {
    Atomics.wait(control, DONE, -1, 0);
    return true;
  } catch {
    return false;
  }
}

// The hook: hands the tasks to all who look at `control`, this thread among them.
function createHook(control, getTable) {
  const state = new BigInt64Array(control.buffer, 0, 1);
  const sleeps = canSleep(control);
  return (task, context, count) => {
    count = Number(count);
    // Who is late must not take a task of the last job for one of this.
    Atomics.store(state, 0, 0xffffffffn);
    Atomics.store(control, TASK, task);
    Atomics.store(control, CONTEXT, context);
    Atomics.store(control, COUNT, count);
    Atomics.store(control, DONE, 0);
    Atomics.store(control, FAILED, 0);
    const job = Atomics.load(control, JOBS) + 1;
    Atomics.store(state, 0, BigInt.asIntN(64, BigInt(job) << 32n));
    Atomics.store(control, JOBS, job);
    Atomics.notify(control, JOBS);
    const failure = work(control, getTable());
    for (let done; (done = Atomics.load(control, DONE)) < count;) {
      if (sleeps) Atomics.wait(control, DONE, done);
    }
    if (failure) throw failure;
    if (Atomics.load(control, FAILED)) {
      throw new WebAssembly.RuntimeError('a task failed on another thread');
    }
  };
}

// Starts a worker, adds it to `workers`, and waits until it is there.
async function startWorker(data, workers) {
  const inNode = typeof process === 'object' && process.versions?.node;
  if (inNode) {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { [NAME]: data }, name: NAME,
    });
    workers.push(worker);
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('load: a worker has ended')));
    });
    // It is no reason to go on.
    worker.unref();
    return;
  }
  const worker = new Worker(new URL(import.meta.url), {
    type: 'module', name: NAME,
  });
  workers.push(worker);
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = ({ message }) =>
      reject(new Error(`load: cannot start a worker: ${message}`));
    worker.postMessage(data);
  });
}

function serve({ module, memory, control, stack }) {
  // Within a task there are no others.
  const { exports } = new WebAssembly.Instance(module, {
    env: {
      memory,
      owl_parallel_for() { throw new Error('a task asked for more threads'); },
    },
  });
  exports.__stack_pointer.value = stack;
  // Not to be missed: a job that begins from here on.
  let jobs = Atomics.load(control, JOBS);
  return () => {
    for (;;) {
      work(control, exports.__indirect_function_table);
      Atomics.wait(control, JOBS, jobs);
      jobs = Atomics.load(control, JOBS);
    }
  };
}

/**
 * The exports of `module`, whose memory has `pages` at first, and where its heap
 * begins. `threads` share the work, this one among them; or `parallelFor(run,
 * count)` calls run(i) for each i below count, in any order, on this one. When
 * `signal` aborts, the workers end, and from then on this thread does all the work.
 */
export async function instantiate(module, pages, { threads, parallelFor, signal }) {
  if (typeof SharedArrayBuffer === 'undefined' ||
      globalThis.crossOriginIsolated === false) {
    throw new Error('load: threads need shared memory, which browsers give to ' +
      'pages that are cross-origin isolated');
  }
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new RangeError(`load: expected 1 thread or more, not ${threads}`);
  }
  const memory = new WebAssembly.Memory({
    initial: pages, maximum: 65536, shared: true,
  });
  const control = new Int32Array(new SharedArrayBuffer(32));
  const workers = [];
  const stop = () => {
    // A worker that is being ended must begin nothing.
    parallelFor ??= (run, count) => {
      for (let i = 0; i < count; ++i) run(i);
    };
    for (const worker of workers) worker.terminate();
  };
  let exports;
  const table = () => exports.__indirect_function_table;
  const share = createHook(control, table);
  const hook = (task, context, count) => parallelFor === undefined
    ? share(task, context, count)
    : parallelFor((index) =>
      table().get(task)(context, BigInt(index)), Number(count));
  ({ exports } = await WebAssembly.instantiate(module, {
    env: { memory, owl_parallel_for: hook },
  }));

  const count = parallelFor === undefined ? threads - 1 : 0;
  const stacks = Math.ceil(exports.__heap_base.value / 16) * 16;
  const heapBase = stacks + count * STACK_BYTES;
  const missing = heapBase - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  try {
    signal?.throwIfAborted();
    await Promise.all(Array.from({ length: count }, (_, i) => startWorker({
      module, memory, control, stack: stacks + (i + 1) * STACK_BYTES,
    }, workers)));
    signal?.throwIfAborted();
  } catch (error) {
    // One failed, or more: the others would sleep for ever.
    stop();
    throw error;
  }
  signal?.addEventListener('abort', stop, { once: true });
  return { ...exports, memory, __heap_base: { value: heapBase } };
}

if (typeof WorkerGlobalScope !== 'undefined') {
  if (globalThis instanceof WorkerGlobalScope && globalThis.name === NAME) {
    globalThis.onmessage = ({ data }) => {
      const run = serve(data);
      globalThis.postMessage('ready');
      run();
    };
  }
} else if (typeof process === 'object' && process.versions?.node) {
  const { parentPort, workerData } = await import('node:worker_threads');
  if (parentPort && workerData?.[NAME]) {
    const run = serve(workerData[NAME]);
    parentPort.postMessage('ready');
    run();
  }
}
