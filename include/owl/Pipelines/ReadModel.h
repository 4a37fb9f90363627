//===- ReadModel.h - Parse a model file -------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's parser behind a look at what kind of file it is given.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_PIPELINES_READMODEL_H
#define OWL_PIPELINES_READMODEL_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <memory>
#include <string>

namespace mlir::owl {

/// Why `buffer` cannot be given to MLIR's parser: it is neither text nor
/// bytecode, nests so deeply that the parser would run out of stack, or is
/// damaged bytecode, which a child process finds out. Empty if it can.
std::string getInputProblem(llvm::MemoryBufferRef buffer,
                            const DialectRegistry &registry);

/// Parses and verifies the text or bytecode in `buffer`, which `sourceManager`
/// takes over. Null after a diagnostic, also where getInputProblem finds one.
OwningOpRef<ModuleOp>
readModel(std::unique_ptr<llvm::MemoryBuffer> buffer,
          const std::shared_ptr<llvm::SourceMgr> &sourceManager,
          MLIRContext &context);

} // namespace mlir::owl

#endif // OWL_PIPELINES_READMODEL_H
