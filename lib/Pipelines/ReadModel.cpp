//===- ReadModel.cpp - Parse a model file ---------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tells a file that is no model at all from a model with a mistake: the parser
// would show the bytes of either.
//
//===----------------------------------------------------------------------===//

#include "owl/Pipelines/ReadModel.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ConvertUTF.h"

using namespace mlir;

/// Whether a text editor would show `text` as text.
static bool isText(StringRef text) {
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.bytes_begin());
  return !text.contains('\0') &&
         llvm::isLegalUTF8String(
             &begin, reinterpret_cast<const llvm::UTF8 *>(text.bytes_end()));
}

/// How deeply the brackets of `text` nest at most, arrows and comments aside.
/// An estimate: strings count too.
static int64_t getNesting(StringRef text) {
  int64_t depth = 0, deepest = 0;
  char previous = 0;
  bool isComment = false;
  for (char c : text) {
    isComment = c != '\n' && (isComment || (c == '/' && previous == '/'));
    if (!isComment && StringRef("([{<").contains(c))
      deepest = std::max(deepest, ++depth);
    else if (!isComment &&
             (StringRef(")]}").contains(c) || (c == '>' && previous != '-')))
      depth = std::max<int64_t>(depth - 1, 0);
    previous = c;
  }
  return deepest;
}

/// MLIR's parser recurses: far below this it still has stack.
static constexpr int64_t kMaxNesting = 1000;

std::string owl::getInputProblem(llvm::MemoryBufferRef buffer) {
  if (isBytecode(buffer))
    return "";
  std::string name = "'" + buffer.getBufferIdentifier().str() + "'";
  if (!isText(buffer.getBuffer()))
    return name + " is no model: expected MLIR as UTF-8 text or as bytecode";
  if (getNesting(buffer.getBuffer()) > kMaxNesting)
    return name + " nests too deeply: expected at most " +
           std::to_string(kMaxNesting) + " levels of brackets";
  return "";
}

OwningOpRef<ModuleOp>
owl::readModel(std::unique_ptr<llvm::MemoryBuffer> buffer,
               const std::shared_ptr<llvm::SourceMgr> &sourceManager,
               MLIRContext &context) {
  if (std::string problem = getInputProblem(*buffer); !problem.empty()) {
    emitError(UnknownLoc::get(&context)) << problem;
    return nullptr;
  }
  sourceManager->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sourceManager, ParserConfig(&context));
}
