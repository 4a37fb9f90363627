//===- owl-translate.cpp - Compile a model for a target -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line of owl::compile and owl::checkObject.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "owl/Pipelines/Compile.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Pipelines/ReadModel.h"
#include "owl/Support/OptionNames.h"
#include "owl/Support/ToolErrors.h"
#include "owl/Target/Common/Check.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"
#include <cstdlib>

using namespace mlir;
using namespace mlir::owl;
namespace cl = llvm::cl;

static cl::OptionCategory category("owl-translate options");
static cl::opt<std::string> input(cl::Positional, cl::desc("<model.mlir>"),
                                  cl::init("-"), cl::cat(category));
static cl::opt<std::string>
    output("o", cl::desc("Output file, or folder of a package"),
           cl::value_desc("file"), cl::init("-"), cl::cat(category));
static cl::opt<std::string>
    target("target",
           cl::desc("Target: x86_64, aarch64, wasm32, unikernel-x86_64, "
                    "unikernel-aarch64 or host"),
           cl::value_desc("name"), cl::cat(category));
static cl::opt<std::string>
    emitName("emit",
             cl::desc("Output: obj (default), asm, llvm-ir, llvm-bc, mlir "
                      "(LLVM dialect), header, signature, module (wasm32), "
                      "image (unikernels, Linux) or package (a folder for all "
                      "devices)"),
             cl::value_desc("kind"), cl::init("obj"), cl::cat(category));
static cl::opt<std::string>
    triple("triple", cl::desc("LLVM triple, in place of --target"),
           cl::value_desc("triple"), cl::cat(category));
static cl::opt<std::string> cpu("mcpu", cl::desc("CPU, or native"),
                                cl::value_desc("name"), cl::cat(category));
static cl::list<std::string>
    features("mattr", cl::desc("CPU features to add (+) or remove (-)"),
             cl::value_desc("+a,-b"), cl::CommaSeparated, cl::cat(category));
static cl::opt<std::string> prefix("symbol-prefix",
                                   cl::desc("Prefix of the C functions (owl_)"),
                                   cl::value_desc("text"), cl::init("owl_"),
                                   cl::cat(category));
// Before the option is registered.
[[maybe_unused]] static const bool isThreadsFree = freeOptionName("threads");
static cl::opt<unsigned>
    threads("threads",
            cl::desc("Threads that share the work, through a function of the "
                     "program (1)"),
            cl::value_desc("N"), cl::init(1), cl::cat(category));
static cl::opt<uint64_t> taskBytes(
    "task-bytes",
    cl::desc("What a thread has to do at least, in bytes that it moves"),
    cl::value_desc("N"), cl::init(kTaskBytes), cl::cat(category));
static cl::opt<bool>
    check("check",
          cl::desc("Check that the input, an object file, fits into a "
                   "unikernel; one line for each broken rule"),
          cl::cat(category));
static cl::opt<uint64_t>
    maxStack("max-stack",
             cl::desc("What the deepest stack of the object may take for "
                      "--check, in bytes (65536)"),
             cl::value_desc("N"), cl::init(kMaxStackBytes), cl::cat(category));

static llvm::raw_ostream &error() {
  return llvm::WithColor::error(llvm::errs(), "owl-translate");
}

/// The contents of the input. Null after an error message.
static std::unique_ptr<llvm::MemoryBuffer> readInput() {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(input);
  if (buffer)
    return std::move(*buffer);
  error() << "cannot read '" << input << "': " << buffer.getError().message()
          << '\n';
  return nullptr;
}

static LogicalResult checkMain() {
  for (const cl::Option *other :
       {static_cast<cl::Option *>(&output), static_cast<cl::Option *>(&target),
        static_cast<cl::Option *>(&emitName),
        static_cast<cl::Option *>(&triple), static_cast<cl::Option *>(&prefix),
        static_cast<cl::Option *>(&threads),
        static_cast<cl::Option *>(&taskBytes)})
    if (other->getNumOccurrences()) {
      error() << "--check takes an object file and writes nothing: expected no "
              << (other->ArgStr.size() == 1 ? "-" : "--") << other->ArgStr
              << " with it\n";
      return failure();
    }
  std::unique_ptr<llvm::MemoryBuffer> buffer = readInput();
  if (!buffer)
    return failure();
  MLIRContext context(MLIRContext::Threading::DISABLED);
  CommandLineDiagnostics diagnostics(context, "owl-translate");
  FailureOr<CheckReport> report =
      checkObject(*buffer, cpu, llvm::join(features, ","), maxStack,
                  [&] { return mlir::emitError(UnknownLoc::get(&context)); });
  if (failed(report))
    return failure();
  for (const std::string &line : report->broken)
    llvm::errs() << input << ": " << line << '\n';
  if (!report->broken.empty())
    return failure();
  llvm::outs() << input << ": unikernel-ready, deepest stack "
               << report->deepestStack << " bytes";
  if (!report->deepestFunction.empty())
    llvm::outs() << " in " << report->deepestFunction;
  llvm::outs() << '\n';
  return success();
}

static LogicalResult translateMain() {
  if (maxStack.getNumOccurrences()) {
    error() << "--max-stack is a rule of --check: expected that with it\n";
    return failure();
  }
  CompileOptions options;
  options.target = {target, triple, cpu, llvm::join(features, ",")};
  options.symbolPrefix = prefix;
  options.threads = {threads, taskBytes};
  if (std::optional<Emit> emit = parseEmit(emitName)) {
    options.emit = *emit;
  } else {
    error() << "unknown --emit=" << emitName << ": expected one of "
            << llvm::join(getEmitNames(), ", ") << '\n';
    return failure();
  }
  if (output == "-" && isBinary(options.emit) &&
      llvm::sys::Process::StandardOutIsDisplayed()) {
    error() << "--emit=" << emitName
            << " is binary and standard output is a terminal: expected -o\n";
    return failure();
  }
  options.name = llvm::sys::path::stem(output == "-" ? input : output).str();
  if (options.name == "-")
    options.name = "model";
  options.output = output;
  options.configurePasses = [](PassManager &passes) {
    return applyPassManagerCLOptions(passes);
  };

  std::unique_ptr<llvm::MemoryBuffer> buffer = readInput();
  if (!buffer)
    return failure();
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  // A whole model is no help below an error about it.
  context.printOpOnDiagnostic(false);
  auto sourceManager = std::make_shared<llvm::SourceMgr>();
  SourceMgrDiagnosticHandler handler(*sourceManager, &context);
  CommandLineDiagnostics commandLine(context, "owl-translate");

  OwningOpRef<ModuleOp> module =
      readModel(std::move(buffer), sourceManager, context);
  if (!module)
    return failure();
  FailureOr<SmallVector<OutputFile>> files = compile(*module, options);
  if (failed(files))
    return failure();
  return writeOutput(*files, options, context);
}

/// Takes the tool's options out of LLVM's registry; their values stay. When it
/// links, lld registers options of the same names, and sets every option that
/// it finds back to its default.
static void unregisterOptions() {
  SmallVector<cl::Option *> own = {&input};
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (llvm::is_contained(option->Categories, &category))
      own.push_back(option);
  for (cl::Option *option : own)
    option->removeArgument();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  installFatalErrorHandler("owl-translate");
  allowDeepRecursion();
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerPassManagerCLOptions();
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Compiles a model for a target.\n\n"
                              "  owl-translate model.mlir --target=aarch64 -o "
                              "model.o\n"
                              "  owl-translate --check model.o\n");
  unregisterOptions();
  LogicalResult result = check ? checkMain() : translateMain();
  return succeeded(result) ? EXIT_SUCCESS : EXIT_FAILURE;
}
