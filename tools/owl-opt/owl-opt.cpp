//===- owl-opt.cpp - Run passes over a model ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with the owl dialect, its passes and its pipelines.
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Pipelines/ReadModel.h"
#include "owl/Support/ToolErrors.h"
#include "owl/Target/Common/WriteFiles.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include <cstdlib>

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  mlir::owl::allowDeepRecursion();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::owl::registerDialects(registry);
  mlir::registerAllPasses();
  mlir::owl::registerPasses();
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "Owl optimizer driver\n", registry);
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (config.shouldListPasses() || config.shouldShowDialects())
    return mlir::asMainReturnCode(
        mlir::MlirOptMain(argc, argv, input, output, registry));

  std::string problem;
  auto buffer = mlir::openInputFile(input, &problem);
  if (buffer)
    problem = mlir::owl::getInputProblem(*buffer, registry);
  if (!problem.empty()) {
    llvm::WithColor::error(llvm::errs(), "owl-opt") << problem << '\n';
    return EXIT_FAILURE;
  }
  // To standard output as it comes; a file appears whole or stays as it was.
  if (output == "-")
    return mlir::asMainReturnCode(
        mlir::MlirOptMain(llvm::outs(), std::move(buffer), registry, config));
  mlir::owl::OutputFile file{output, {}};
  llvm::raw_svector_ostream os(file.contents);
  if (failed(mlir::MlirOptMain(os, std::move(buffer), registry, config)))
    return EXIT_FAILURE;
  mlir::MLIRContext context;
  mlir::owl::CommandLineDiagnostics commandLine(context, "owl-opt");
  return mlir::asMainReturnCode(mlir::owl::writeFiles(
      file, [&] { return mlir::emitError(mlir::UnknownLoc::get(&context)); }));
}
