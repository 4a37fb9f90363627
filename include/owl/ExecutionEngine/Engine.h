//===- Engine.h - Running a model on this machine ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a function for this machine, in memory and by the same path as an
// object file, and calls it with arrays.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_EXECUTIONENGINE_ENGINE_H
#define OWL_EXECUTIONENGINE_ENGINE_H

#include "owl/ExecutionEngine/Npy.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Target/Common/Signature.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::owl {

/// The type in a .npy file of elements of `type`; integers without a sign count
/// as signed. Nothing for a type that is no element of the dialect.
std::optional<NpyType> getNpyType(Type type);

/// The arrays of one function's arguments and results, ready to be passed.
struct CallFrame {
  SmallVector<SharedArray> arguments;
  SmallVector<NpyArray> results;
  /// The dynamic dimensions of the arguments, d0, d1, ...
  SmallVector<int64_t> dims;
  AlignedBuffer workspace;

  /// What any implementation must move: arguments read and results written
  /// once.
  int64_t getNumBytes() const;
};

/// Fails unless `inputs` are as many as `function` has arguments, with their
/// element types and shapes. The message says what was expected and calls
/// input i by `names[i]`.
llvm::Error checkInputs(const FunctionSignature &function,
                        llvm::ArrayRef<SharedArray> inputs,
                        llvm::ArrayRef<std::string> names);

/// What a status other than 0 means, in words.
std::string describeStatus(int32_t status);

/// One compiled function.
class Engine {
public:
  /// Compiles `function` of `module`, which is lowered in place. Null after a
  /// diagnostic.
  static std::unique_ptr<Engine> compile(ModuleOp module,
                                         FunctionSignature function,
                                         const ThreadOptions &threads);

  /// Links `object`, which has been compiled for this machine, and finds
  /// `functions` in it. Fails where the linker objects or one is not there.
  static llvm::Expected<std::vector<std::unique_ptr<Engine>>>
  load(std::unique_ptr<llvm::MemoryBuffer> object,
       ArrayRef<FunctionSignature> functions, EmitErrorFn emitError);
  ~Engine();

  /// Allocates results and workspace for `inputs`, which have passed
  /// checkInputs. Fails where a result or the workspace is too large for
  /// memory.
  llvm::Expected<CallFrame> prepare(SmallVector<SharedArray> inputs) const;

  /// Calls the function. Fails, leaving the results undefined, where it returns
  /// another status than 0.
  llvm::Error call(CallFrame &frame) const;

private:
  Engine(FunctionSignature function, std::shared_ptr<llvm::orc::LLJIT> jit);
  llvm::Error lookUp();
  /// An error about a call with the dimensions of `frame`, which it lists.
  llvm::Error makeCallError(const CallFrame &frame, const Twine &reason) const;

  FunctionSignature function;
  /// Functions of one object share it.
  std::shared_ptr<llvm::orc::LLJIT> jit;
  // The adapters of owl/Target/Common/Adapters.h.
  int32_t (*callee)(void *const *, const int64_t *, void *) = nullptr;
  uint64_t (*workspaceSize)(const int64_t *) = nullptr;
  void (*outShape)(int32_t, const int64_t *, int64_t *) = nullptr;
};

} // namespace mlir::owl

#endif // OWL_EXECUTIONENGINE_ENGINE_H
