//===- EmitMachineCode.cpp - From LLVM IR to objects and assembly ---------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs LLVM's code generator in memory, and looks at the object before it is
// handed on: a model must need nothing but itself.
//
//===----------------------------------------------------------------------===//

#include "DiagnosticScope.h"
#include "owl/Target/Common/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Object/ObjectFile.h"

using namespace mlir;
using namespace mlir::owl;

/// The symbols that `object` needs and does not define. Those that a linker for
/// wasm makes up, all named like `__stack_pointer`, are not among them.
static FailureOr<SmallVector<std::string>>
findUndefined(StringRef object, bool isWasm, EmitErrorFn emitError) {
  auto file = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object, "object"));
  if (!file)
    return emitError() << "cannot read the generated object: "
                       << llvm::toString(file.takeError());
  SmallVector<std::string> names;
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) {
      llvm::consumeError(flags.takeError());
      llvm::consumeError(name.takeError());
      continue;
    }
    if (!(*flags & llvm::object::SymbolRef::SF_Undefined) || name->empty())
      continue;
    if (isWasm && (*name == "__stack_pointer" || *name == "__linear_memory" ||
                   *name == "__indirect_function_table"))
      continue;
    names.push_back(name->str());
  }
  return names;
}

LogicalResult owl::emitMachineCode(llvm::Module &module,
                                   llvm::TargetMachine &machine,
                                   llvm::CodeGenFileType type,
                                   llvm::raw_pwrite_stream &os,
                                   EmitErrorFn emitError) {
  DiagnosticScope diagnostics(module.getContext(), emitError);
  SmallString<0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return emitError() << "LLVM cannot write this kind of file for "
                       << machine.getTargetTriple().str();
  passes.run(module);
  if (diagnostics.hadError())
    return failure();

  if (type == llvm::CodeGenFileType::ObjectFile) {
    FailureOr<SmallVector<std::string>> undefined =
        findUndefined(buffer, machine.getTargetTriple().isWasm(), emitError);
    if (failed(undefined))
      return failure();
    if (!undefined->empty())
      return emitError() << "the object would need "
                         << (undefined->size() == 1 ? "a function"
                                                    : "functions")
                         << " that " << machine.getTargetTriple().str()
                         << " has no instructions for and no model may call: "
                         << llvm::join(*undefined, ", ");
  }
  os << buffer;
  return success();
}
