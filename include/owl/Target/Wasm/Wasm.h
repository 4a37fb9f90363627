//===- Wasm.h - WebAssembly modules for JavaScript --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module without imports, and the two files through which JavaScript and
// TypeScript programs use it. Where its code is for threads, it imports their
// memory and the hook, from a third file.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_WASM_WASM_H
#define OWL_TARGET_WASM_WASM_H

#include "owl/Target/Common/Signature.h"
#include "owl/Target/Common/Target.h"

namespace mlir::owl {

/// How threads share the work of a module.
struct WasmThreads {
  /// How many; 1 where the code calls no hook.
  unsigned count = 1;
  /// The pages of memory that the module asks for, and the file, beside it,
  /// with the workers.
  uint64_t pages = 0;
  std::string workersName;
};

/// Links `object`, a wasm32 object file, in this process. The module imports
/// nothing and exports `memory`, `__heap_base` and the `functions`' symbols;
/// what these do not reach is dropped. For several threads it imports its
/// memory, whose `pages` are returned, and the hook, and exports what workers
/// need. Fails with one diagnostic that holds the linker's messages.
LogicalResult linkWasmModule(StringRef object,
                             ArrayRef<FunctionSignature> functions,
                             WasmThreads &threads,
                             SmallVectorImpl<char> &module,
                             EmitErrorFn emitError);

/// Writes an ES module that loads `wasmName`, the name of a file beside it, and
/// gives one method for each of `functions`: typed arrays in and out.
void printJavaScript(ArrayRef<FunctionSignature> functions, StringRef wasmName,
                     const WasmThreads &threads, raw_ostream &os);

/// Writes the types of that ES module.
void printTypeScript(ArrayRef<FunctionSignature> functions,
                     const WasmThreads &threads, raw_ostream &os);

/// Writes a program for Node that answers calls of the module NAME.wasm over
/// standard input and output, as images do over the serial port. It needs the
/// ES module and the signature, NAME.mjs and NAME.json, beside it.
void printServer(StringRef name, raw_ostream &os);

/// lib/Runtime/ParallelFor.mjs, the ES module with the workers.
StringRef getWorkersProgram();

} // namespace mlir::owl

#endif // OWL_TARGET_WASM_WASM_H
