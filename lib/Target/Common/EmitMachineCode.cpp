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
#include "owl/Support/Threads.h"
#include "owl/Target/Common/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/CrashRecoveryContext.h"

using namespace mlir;
using namespace mlir::owl;

/// Symbols that are undefined in objects and that every linker defines itself:
/// the memories and tables of wasm, and what code finds its own data by; and
/// the hook, which code for threads needs from its user.
static constexpr StringRef kForeignSymbols[] = {
    "__stack_pointer",       "__linear_memory", "__indirect_function_table",
    "_GLOBAL_OFFSET_TABLE_", ".TOC.",           kParallelForHook};

/// The symbols that `object` needs and nobody defines.
static FailureOr<SmallVector<std::string>>
findUndefined(StringRef object, EmitErrorFn emitError) {
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
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !name->empty() &&
        !llvm::is_contained(kForeignSymbols, *name))
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
  auto passes = std::make_unique<llvm::legacy::PassManager>();
  if (machine.addPassesToEmitFile(*passes, stream, nullptr, type))
    return emitError() << "LLVM cannot write this kind of file for "
                       << machine.getTargetTriple().str();
  // Code generators that LLVM calls experimental do crash.
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext recovery;
  bool survived = recovery.RunSafely([&] { passes->run(module); });
  llvm::CrashRecoveryContext::Disable();
  if (!survived) {
    // What the crash left half done cannot be destroyed.
    passes.release();
    return emitError() << "LLVM's code generator for "
                       << machine.getTargetTriple().str() << " crashed";
  }
  if (diagnostics.hadError())
    return failure();

  if (type == llvm::CodeGenFileType::ObjectFile) {
    FailureOr<SmallVector<std::string>> undefined =
        findUndefined(buffer, emitError);
    if (failed(undefined))
      return failure();
    if (!undefined->empty())
      return emitError() << "the object would need "
                         << (undefined->size() == 1 ? "a function"
                                                    : "functions")
                         << " that " << machine.getTargetTriple().str()
                         << " has no instructions for and no model may call: "
                         << llvm::join(*undefined, ", ")
                         << "; --mcpu and --mattr name what more the CPU has";
  }
  os << buffer;
  return success();
}
