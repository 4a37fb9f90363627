//===- Compile.h - From a model to files ------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole way of owl-translate as a function: a module, a target and a kind
// of output in, the contents of the output files out.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_PIPELINES_COMPILE_H
#define OWL_PIPELINES_COMPILE_H

#include "owl/Pipelines/Pipelines.h"
#include "owl/Target/Common/Target.h"
#include "owl/Target/Common/WriteFiles.h"
#include <functional>
#include <optional>

namespace mlir {
class PassManager;
} // namespace mlir

namespace mlir::owl {

/// What to make of a model.
enum class Emit {
  /// A relocatable object file.
  Object,
  Assembly,
  /// LLVM IR after its optimisation, as text and as bitcode.
  LLVMIR,
  Bitcode,
  /// The module in the LLVM dialect, before translation.
  MLIR,
  /// The C interface as a C header and as JSON; no code is generated.
  Header,
  Signature,
  /// A WebAssembly module, the ES module and the types that go with it.
  Module,
  /// A kernel image that boots by itself; on Linux, a program.
  Image,
  /// A folder with all that the devices of a module need, each compiled for its
  /// own target.
  Package,
};

/// The value of `--emit` that `name` is, if any.
std::optional<Emit> parseEmit(StringRef name);

/// The names that parseEmit knows, in the order of the documentation.
ArrayRef<StringRef> getEmitNames();

/// Whether a terminal cannot show `emit`.
bool isBinary(Emit emit);

struct CompileOptions {
  /// May be left empty for Header and Signature, which are the same everywhere,
  /// and is for Package.
  TargetRequest target;
  Emit emit = Emit::Object;
  std::string symbolPrefix = "owl_";
  /// Only 1 thread on unikernels.
  ThreadOptions threads;
  /// The machine model, as MachineModel::parse takes it, where it is not the
  /// usual one of the target.
  std::string machine;
  /// The name of the model: of its header's guard, and of the wasm module that
  /// the ES module loads.
  std::string name = "model";
  /// The path of the main output, "-" for standard output, which takes that
  /// alone. Others go beside it. That of a package is its folder.
  std::string output = "-";
  /// Called on the pass manager before it runs: for instrumentation.
  std::function<LogicalResult(PassManager &)> configurePasses;
};

/// Refuses other than 1 to kMaxThreads threads, with one diagnostic.
LogicalResult checkThreads(const ThreadOptions &options, EmitErrorFn emitError);

/// Compiles `module`, which may be changed on the way. A module that is in the
/// LLVM dialect already is taken as it is: its C interface is made of the
/// functions that are not internal. The paths of a package's files are relative
/// to its folder. Fails with one diagnostic.
FailureOr<SmallVector<OutputFile>> compile(ModuleOp module,
                                           const CompileOptions &options);

/// Writes what compile has made, all or nothing. A folder that is there already
/// is replaced where it is a package and nothing more. Fails with one
/// diagnostic.
LogicalResult writeOutput(ArrayRef<OutputFile> files,
                          const CompileOptions &options, MLIRContext &context);

} // namespace mlir::owl

#endif // OWL_PIPELINES_COMPILE_H
