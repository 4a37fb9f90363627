//===- Wasm.h - WebAssembly modules for JavaScript --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module without imports, and the two files through which JavaScript and
// TypeScript programs use it.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_WASM_WASM_H
#define OWL_TARGET_WASM_WASM_H

#include "owl/Target/Common/Signature.h"
#include "owl/Target/Common/Target.h"

namespace mlir::owl {

/// Links `object`, a wasm32 object file, in this process. The module imports
/// nothing and exports `memory`, `__heap_base` and the `functions`' symbols;
/// what these do not reach is dropped. Fails with one diagnostic that holds the
/// linker's messages.
LogicalResult linkWasmModule(StringRef object,
                             ArrayRef<FunctionSignature> functions,
                             SmallVectorImpl<char> &module,
                             EmitErrorFn emitError);

/// Writes an ES module that loads `wasmName`, the name of a file beside it, and
/// gives one method for each of `functions`: typed arrays in and out.
void printJavaScript(ArrayRef<FunctionSignature> functions, StringRef wasmName,
                     raw_ostream &os);

/// Writes the types of that ES module.
void printTypeScript(ArrayRef<FunctionSignature> functions, raw_ostream &os);

} // namespace mlir::owl

#endif // OWL_TARGET_WASM_WASM_H
