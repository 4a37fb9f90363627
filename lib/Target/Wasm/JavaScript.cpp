//===- JavaScript.cpp - The ES module beside a wasm module ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes NAME.mjs, a fixed program over the signature of the model, and
// NAME.d.ts. They run unchanged in Node 18 and later and in browsers.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinTypes.h"
#include "owl/Target/Wasm/Wasm.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::owl;

static constexpr StringLiteral program = R"js(
// f16 and bf16 are passed as their bits.
const arrays = {
  f16: Uint16Array, bf16: Uint16Array, f32: Float32Array, f64: Float64Array,
  i1: Uint8Array, i8: Int8Array, i16: Int16Array, i32: Int32Array,
  i64: BigInt64Array, ui8: Uint8Array, ui16: Uint16Array, ui32: Uint32Array,
  ui64: BigUint64Array, index: BigInt64Array,
};

const count = (shape) => shape.reduce((product, size) => product * size, 1);
const show = (shape) => `[${shape.map((size) => size ?? '?').join(', ')}]`;

// Buffers of one call, from __heap_base up. Memory that grows detaches every
// view of it, so a view is made only where it is used.
class Heap {
  constructor({ memory, __heap_base: base }) {
    this.memory = memory;
    this.top = base.value;
  }

  allocate(bytes) {
    const address = Math.ceil(this.top / 16) * 16;
    this.top = address + bytes;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / 65536));
      } catch {
        throw new RangeError(`the call needs ${this.top} bytes of memory, ` +
          'more than WebAssembly gives');
      }
    }
    return address;
  }

  view(ArrayType, address, length) {
    return new ArrayType(this.memory.buffer, address, length);
  }
}

// `value` as an array of the type of `tensor` and a full shape.
function toTensor(value, tensor, where) {
  const ArrayType = arrays[tensor.type];
  const half = tensor.type === 'f16' || tensor.type === 'bf16';
  const given = value !== null && typeof value === 'object' && 'data' in value;
  let data = given ? value.data : value;
  let shape = given ? value.shape : undefined;

  if (tensor.shape.length === 0 && !half &&
      ['number', 'bigint', 'boolean'].includes(typeof data)) {
    const wants = ArrayType.name.startsWith('Big') ? BigInt : Number;
    if ((typeof data === 'bigint') !== (wants === BigInt)) {
      throw new TypeError(`${where} has type ${tensor.type}: expected a ` +
        `${wants.name}, not ${data}`);
    }
    data = ArrayType.of(data);
  }
  if (tensor.type === 'f16' && typeof Float16Array !== 'undefined' &&
      data instanceof Float16Array) {
    data = new Uint16Array(data.buffer, data.byteOffset, data.length);
  }
  if (!(data instanceof ArrayType) &&
      !(tensor.type === 'ui8' && data instanceof Uint8ClampedArray)) {
    throw new TypeError(`${where} has type ${tensor.type}: expected a ` +
      `${ArrayType.name}, not ${data?.constructor?.name ?? data}`);
  }

  if (shape === undefined) {
    if (!tensor.shape.includes(null)) {
      shape = tensor.shape;
    } else if (tensor.shape.length === 1) {
      shape = [data.length];
    } else {
      throw new TypeError(`${where} has the dynamic shape ` +
        `${show(tensor.shape)}: expected { data, shape }`);
    }
  }
  shape = Array.from(shape, Number);
  if (shape.length !== tensor.shape.length ||
      shape.some((size, i) => !Number.isSafeInteger(size) || size < 0 ||
        (tensor.shape[i] !== null && tensor.shape[i] !== size))) {
    throw new RangeError(`${where} has shape ${show(shape)}: ` +
      `expected ${show(tensor.shape)}`);
  }
  if (data.length !== count(shape)) {
    throw new RangeError(`${where} has ${data.length} elements: expected ` +
      `${count(shape)} for the shape ${show(shape)}`);
  }
  return { data, shape };
}

function call(exports, fn, values) {
  if (values.length !== fn.arguments.length) {
    throw new TypeError(`${fn.name} was called with ${values.length} ` +
      `arguments: expected ${fn.arguments.length}`);
  }
  const inputs = fn.arguments.map((tensor, i) =>
    toTensor(values[i], tensor, `${fn.name}: argument ${i}`));
  const dims = fn.dims.map(({ argument, dimension }) =>
    BigInt(inputs[argument].shape[dimension]));
  const fail = (status) => {
    throw new Error(`${fn.name}: ${messages[status] ?? `status ${status}`}`);
  };

  const heap = new Heap(exports);
  const outputs = fn.results.map(({ type, shape }, i) => {
    if (shape.includes(null)) {
      const address = heap.allocate(8 * shape.length);
      exports[fn.out_shape](i, ...dims, address);
      shape = Array.from(heap.view(BigInt64Array, address, shape.length),
        Number);
    }
    if (shape.some((size) => size < 0)) fail(signature.status.bad_shape);
    const ArrayType = arrays[type];
    const address = heap.allocate(count(shape) * ArrayType.BYTES_PER_ELEMENT);
    return { ArrayType, shape, address };
  });
  const addresses = inputs.map(({ data }) => heap.allocate(data.byteLength));
  // What exceeds the address space may have any size, this one among them.
  const bytes = exports[fn.workspace_size](...dims);
  if (bytes < 0) fail(signature.status.bad_shape);
  const workspace = heap.allocate(bytes);
  inputs.forEach(({ data }, i) =>
    heap.view(data.constructor, addresses[i], data.length).set(data));

  const status = exports[fn.symbol](...addresses,
    ...outputs.map(({ address }) => address), ...dims, workspace);
  if (status !== signature.status.ok) fail(status);

  const results = outputs.map(({ ArrayType, shape, address }, i) => {
    const data = heap.view(ArrayType, address, count(shape)).slice();
    return fn.results[i].shape.includes(null) ? { data, shape } : data;
  });
  return results.length > 1 ? results : results[0];
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(source);
  }
  if (typeof Response !== 'undefined' && source instanceof Response) {
    return WebAssembly.compile(await source.arrayBuffer());
  }
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TypeError('load: expected a URL, a path, the bytes of a module, ' +
      'a Response or a WebAssembly.Module');
  }
  const inNode = typeof process === 'object' && process.versions?.node;
  if (inNode && !/^(https?|data|blob):/.test(String(source))) {
    const { readFile } = await import('node:fs/promises');
    const file = String(source).startsWith('file:') ? new URL(source) : source;
    return WebAssembly.compile(await readFile(file));
  }
  const response = await fetch(source);
  if (!response.ok) {
    throw new Error(`load: ${source}: ${response.status} ` +
      `${response.statusText}`);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Loads the model from `source`: a URL, a path (in Node), the bytes of the
 * module, a Response or a WebAssembly.Module; by default from the file beside
 * this one.
 *
 * Gives an object with one method for each function of the model. A method
 * takes a typed array, or { data, shape }, for each argument; a shape is needed
 * only where it is dynamic and the rank is not 1. It returns a typed array, or
 * { data, shape } where the result's shape is dynamic, or an array of these for
 * several results.
 *
 * Where the model is compiled for threads, `options` may say how many there are
 * to be, `threads`, or what is to run their work instead, `parallelFor`: a
 * function (run, count) that calls run(i) for each i below count, in any order.
 * When its `signal`, an AbortSignal, aborts, the threads end, and the model does
 * all the work where it is called.
 */
export async function load(source = new URL(wasmName, import.meta.url),
    options = {}) {
  const module = await compile(source);
  const exports = await instantiate(module, options);
  return Object.fromEntries(signature.functions.map((fn) =>
    [fn.name, (...values) => call(exports, fn, values)]));
}
)js";

/// `name` as a URL relative to that of the ES module: one segment.
static std::string toURL(StringRef name) {
  std::string url = "./";
  for (unsigned char c : name.bytes()) {
    if (llvm::isAlnum(c) || StringRef("-._~").contains(c))
      url += c;
    else
      url += "%" + llvm::toHex(StringRef(reinterpret_cast<char *>(&c), 1));
  }
  return url;
}

/// The function that makes exports of a module.
static void printInstantiate(const WasmThreads &threads, raw_ostream &os) {
  if (threads.count == 1) {
    os << R"js(
async function instantiate(module) {
  return (await WebAssembly.instantiate(module, {})).exports;
}
)js";
    return;
  }
  os << "\nasync function instantiate(module, options) {\n"
        "  const workers = await import('"
     << toURL(threads.workersName)
     << "');\n"
        "  return workers.instantiate(module, "
     << threads.pages << ", { ...options, threads: options?.threads ?? "
     << threads.count << " });\n}\n";
}

void owl::printJavaScript(ArrayRef<FunctionSignature> functions,
                          StringRef wasmName, const WasmThreads &threads,
                          raw_ostream &os) {
  os << "// A model compiled by Owl: `const model = await load();`\n\n"
     << "const wasmName = '" << toURL(wasmName) << "';\n\n"
     << "const signature = ";
  std::string signature;
  llvm::raw_string_ostream stream(signature);
  printSignature(functions, stream);
  os << StringRef(signature).rtrim() << ";\n\n"
     << "// What a call throws for each status.\n"
     << "const messages = {\n";
  for (const StatusInfo &status : getStatuses().drop_front())
    os << "  " << static_cast<int32_t>(status.value) << ":\n    '"
       << status.meaning << "',\n";
  os << "};\n" << program;
  printInstantiate(threads, os);
}

/// The typed array of JavaScript for elements of `type`.
static StringRef getArrayType(Type type) {
  if (type.isF32())
    return "Float32Array";
  if (type.isF64())
    return "Float64Array";
  StringRef cType = getCType(type);
  if (cType == "int64_t")
    return "BigInt64Array";
  if (cType == "uint64_t")
    return "BigUint64Array";
  if (cType == "int32_t")
    return "Int32Array";
  if (cType == "uint32_t")
    return "Uint32Array";
  if (cType == "int16_t")
    return "Int16Array";
  if (cType == "uint16_t")
    return "Uint16Array";
  return cType == "int8_t" ? "Int8Array" : "Uint8Array";
}

/// The TypeScript type that a method takes for `tensor`.
static std::string getArgumentType(const TensorSignature &tensor) {
  std::string array = getArrayType(tensor.elementType).str();
  std::string type = "Tensor<" + array + ">";
  if (!tensor.isDynamic() || tensor.shape.size() == 1)
    type = array + " | " + type;
  bool isHalf = tensor.elementType.isF16() || tensor.elementType.isBF16();
  if (tensor.shape.empty() && !isHalf)
    type += StringRef(array).starts_with("Big") ? " | bigint"
                                                : " | number | boolean";
  return type;
}

/// The TypeScript type that a method returns for `tensor`.
static std::string getResultType(const TensorSignature &tensor) {
  std::string array = getArrayType(tensor.elementType).str();
  return tensor.isDynamic() ? "Required<Tensor<" + array + ">>" : array;
}

void owl::printTypeScript(ArrayRef<FunctionSignature> functions,
                          const WasmThreads &threads, raw_ostream &os) {
  os << R"ts(// The types of a model compiled by Owl.

/** A dense, row-major array. The shape may be left out where it is static. */
export interface Tensor<T> {
  data: T;
  shape?: number[];
}

export interface Model {
)ts";
  for (const FunctionSignature &function : functions) {
    SmallVector<std::string> arguments, results;
    os << "  /**\n";
    for (auto [number, tensor] : llvm::enumerate(function.arguments)) {
      arguments.push_back("arg" + std::to_string(number) + ": " +
                          getArgumentType(tensor));
      os << "   * @param arg" << number << " "
         << RankedTensorType::get(tensor.shape, tensor.elementType) << '\n';
    }
    for (const TensorSignature &tensor : function.results) {
      results.push_back(getResultType(tensor));
      os << "   * @returns "
         << RankedTensorType::get(tensor.shape, tensor.elementType) << '\n';
    }
    std::string result = llvm::join(results, ", ");
    if (results.empty())
      result = "void";
    else if (results.size() > 1)
      result = "[" + result + "]";
    os << "   */\n  " << llvm::json::Value(function.name) << '('
       << llvm::join(arguments, ", ") << "): " << result << ";\n";
  }
  os << R"ts(}

/** What a model can be loaded from; by default the file beside this one. */
export type Source =
  string | URL | ArrayBuffer | ArrayBufferView | Response | WebAssembly.Module;

)ts";
  if (threads.count == 1) {
    os << "export function load(source?: Source): Promise<Model>;\n";
    return;
  }
  os << R"ts(export interface Options {
  /** How many threads share the work. */
  threads?: number;
  /** What does it instead: calls run(i) for each i below count. */
  parallelFor?: (run: (index: number) => void, count: number) => void;
  /** Ends the threads when it aborts. The model can still be called. */
  signal?: AbortSignal;
}

export function load(source?: Source, options?: Options): Promise<Model>;
)ts";
}
