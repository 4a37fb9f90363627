//===- owl-test-image.cpp - Images of hand-written code -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes an image of LLVM IR, for what no model does: fault, overflow the stack,
// return any status. A second file declares the signatures, as MLIR functions
// whose bodies do not matter.
//
//   owl-test-image TARGET SIGNATURES.mlir CODE.ll IMAGE
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "owl/Target/Unikernel/Unikernel.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::owl;

static LogicalResult makeImage(MLIRContext &context, char **argv) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  FailureOr<TargetSpec> spec = resolveTarget({argv[1], "", "", ""}, emitError);
  if (failed(spec))
    return failure();
  auto machine = createTargetMachine(*spec, emitError);
  auto declarations = parseSourceFile<ModuleOp>(argv[2], &context);
  if (!machine || !declarations)
    return failure();
  auto signatures = getSignatures(*declarations, "owl_");
  if (failed(signatures))
    return failure();

  llvm::LLVMContext llvmContext;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseIRFile(argv[3], diagnostic, llvmContext);
  if (!module)
    return emitError() << diagnostic.getMessage();
  module->setTargetTriple(machine->getTargetTriple());
  module->setDataLayout(machine->createDataLayout());
  addDispatchTable(*signatures, *module);
  SmallString<0> object, image;
  llvm::raw_svector_ostream os(object);
  if (failed(emitMachineCode(*module, *machine,
                             llvm::CodeGenFileType::ObjectFile, os,
                             emitError)) ||
      failed(linkImage(object, *spec, image, emitError)))
    return failure();
  std::error_code code;
  llvm::raw_fd_ostream(argv[4], code) << image;
  return success(!code);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    llvm::errs() << "expected TARGET SIGNATURES.mlir CODE.ll IMAGE\n";
    return 1;
  }
  DialectRegistry registry;
  registry.insert<func::FuncDialect>();
  MLIRContext context(registry);
  context.allowUnregisteredDialects();
  return succeeded(makeImage(context, argv)) ? 0 : 1;
}
