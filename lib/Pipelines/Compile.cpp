//===- Compile.cpp - From a model to files --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the signatures, lowers the module, translates it and hands the result
// to what the target makes of it.
//
//===----------------------------------------------------------------------===//

#include "owl/Pipelines/Compile.h"
#include "Package.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Support/Threads.h"
#include "owl/Target/Common/Signature.h"
#include "owl/Target/Unikernel/Unikernel.h"
#include "owl/Target/Wasm/Wasm.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::owl;

ArrayRef<StringRef> owl::getEmitNames() {
  static const StringRef names[] = {"obj",   "asm",    "llvm-ir",   "llvm-bc",
                                    "mlir",  "header", "signature", "module",
                                    "image", "package"};
  return names;
}

std::optional<Emit> owl::parseEmit(StringRef name) {
  for (auto [number, known] : llvm::enumerate(getEmitNames()))
    if (known == name)
      return static_cast<Emit>(number);
  return std::nullopt;
}

bool owl::isBinary(Emit emit) {
  return llvm::is_contained(
      {Emit::Object, Emit::Bitcode, Emit::Module, Emit::Image}, emit);
}

/// Whether `module` has been lowered before: it holds functions of the LLVM
/// dialect and none other.
static bool isLowered(ModuleOp module) {
  return !module.getOps<LLVM::LLVMFuncOp>().empty() &&
         module.getOps<func::FuncOp>().empty();
}

/// Whether some function of the lowered `module` can be called from outside.
static bool hasInterface(ModuleOp module) {
  return llvm::any_of(module.getOps<LLVM::LLVMFuncOp>(),
                      [](LLVM::LLVMFuncOp function) {
                        return !function.isExternal() &&
                               function.getLinkage() == LLVM::Linkage::External;
                      });
}

/// Refuses outputs that the target cannot have, and names that they cannot.
static LogicalResult checkEmit(Emit emit, const TargetSpec &spec,
                               StringRef output, EmitErrorFn emitError) {
  if (emit == Emit::Module &&
      llvm::Triple(spec.triple).getArch() != llvm::Triple::wasm32)
    return emitError() << "--emit=module makes a WebAssembly module: expected "
                          "--target=wasm32, not "
                       << spec.name;
  if (emit == Emit::Image && !hasImages(spec))
    return emitError()
           << "--emit=image makes a kernel that boots, or a program "
              "for Linux: expected --target=unikernel-x86_64, "
              "unikernel-aarch64, x86_64 or aarch64, not "
           << spec.name;
  if (emit == Emit::Module && output != "-" &&
      llvm::sys::path::extension(output) != ".wasm")
    return emitError() << "--emit=module writes NAME.wasm, NAME.mjs and "
                          "NAME.d.ts: expected -o NAME.wasm, got '"
                       << output << "'";
  return success();
}

/// Refuses instructions that fault in an image: those whose registers its
/// kernel, which keeps to the baseline, does not switch on.
static LogicalResult checkKernelEnables(const llvm::TargetMachine &machine,
                                        EmitErrorFn emitError) {
  struct Extension {
    llvm::Triple::ArchType arch;
    const char *feature;
    StringRef name, expected;
  };
  constexpr StringRef x86 = "features up to SSE4.2",
                      arm = "features up to NEON";
  static constexpr Extension extensions[] = {
      {llvm::Triple::x86_64, "+avx", "AVX", x86},
      {llvm::Triple::x86_64, "+amx-tile", "AMX", x86},
      {llvm::Triple::aarch64, "+sve", "SVE", arm},
      {llvm::Triple::aarch64, "+sme", "SME", arm},
  };
  for (const Extension &extension : extensions)
    if (machine.getTargetTriple().getArch() == extension.arch &&
        machine.getMCSubtargetInfo()->checkFeatures(extension.feature))
      return emitError()
             << "--emit=image makes a kernel that does not switch on "
             << extension.name << ": expected a CPU and " << extension.expected;
  return success();
}

/// Refuses a module that has been lowered for another target than `machine`.
static LogicalResult checkLoweredFor(ModuleOp module,
                                     const llvm::TargetMachine &machine) {
  auto triple = module->getAttrOfType<StringAttr>(
      LLVM::LLVMDialect::getTargetTripleAttrName());
  std::string expected = machine.getTargetTriple().str();
  if (!triple || triple == expected)
    return success();
  return mlir::emitError(module.getLoc())
         << "the module has been lowered for " << triple.getValue()
         << " already: expected that target, got " << expected;
}

LogicalResult owl::checkThreads(const ThreadOptions &options,
                                EmitErrorFn emitError) {
  if (options.threads == 0 || options.threads > kMaxThreads)
    return emitError() << "expected --threads from 1 to " << kMaxThreads
                       << ", got " << options.threads;
  if (options.taskBytes == 0)
    return emitError() << "expected --task-bytes from 1 on, got 0";
  return success();
}

/// Refuses threads that the target does not have.
static LogicalResult checkHasThreads(unsigned threads, Emit emit,
                                     const TargetSpec &spec,
                                     EmitErrorFn emitError) {
  if (threads > 1 && spec.isUnikernel)
    return emitError() << "--threads=" << threads << " needs a target with "
                       << "threads: expected none for " << spec.name
                       << ", whose kernels run on one processor";
  if (threads > 1 && emit == Emit::Image)
    return emitError()
           << "--emit=image makes a program of one thread: expected "
              "no --threads="
           << threads;
  return success();
}

/// Brings `module` into the LLVM dialect for `machine`.
static LogicalResult lower(ModuleOp module, const llvm::TargetMachine &machine,
                           const CompileOptions &options) {
  setTargetAttributes(module, machine);
  LoweringOptions lowering(getTraits(machine), options.threads);
  if (!options.machine.empty())
    lowering.machine = options.machine;
  lowering.symbolPrefix = options.symbolPrefix;
  PassManager passes(module.getContext());
  if (options.configurePasses && failed(options.configurePasses(passes)))
    return failure();
  buildLoweringPipeline(passes, lowering);
  return passes.run(module);
}

/// The files that `emit` makes of the optimised `module`.
static LogicalResult emitFiles(const CompileOptions &options,
                               llvm::Module &module, const TargetSpec &spec,
                               llvm::TargetMachine &machine,
                               ArrayRef<FunctionSignature> signatures,
                               SmallVector<OutputFile> &files,
                               EmitErrorFn emitError) {
  Emit emit = options.emit;
  OutputFile &main = files.emplace_back(OutputFile{options.output, {}});
  llvm::raw_svector_ostream os(main.contents);
  switch (emit) {
  case Emit::LLVMIR:
    module.print(os, nullptr);
    return success();
  case Emit::Bitcode:
    llvm::WriteBitcodeToFile(module, os);
    return success();
  case Emit::Assembly:
    return emitMachineCode(module, machine, llvm::CodeGenFileType::AssemblyFile,
                           os, emitError);
  default:
    break;
  }

  if (emit == Emit::Image)
    addDispatchTable(signatures, module);
  if (failed(emitMachineCode(module, machine, llvm::CodeGenFileType::ObjectFile,
                             os, emitError)))
    return failure();
  if (emit == Emit::Module) {
    SmallString<0> object = std::move(main.contents);
    main.contents.clear();
    WasmThreads threads;
    if (module.getFunction(kParallelForHook)) {
      threads.count = options.threads.threads;
      threads.workersName = options.name + ".workers.mjs";
    }
    if (failed(linkWasmModule(object, signatures, threads, main.contents,
                              emitError)))
      return failure();
    if (options.output == "-")
      return success();
    auto getPath = [&](StringRef extension) {
      SmallString<128> path(options.output);
      llvm::sys::path::replace_extension(path, extension);
      return path.str().str();
    };
    OutputFile script{getPath(".mjs"), {}}, types{getPath(".d.ts"), {}};
    llvm::raw_svector_ostream scriptOS(script.contents);
    printJavaScript(signatures, options.name + ".wasm", threads, scriptOS);
    llvm::raw_svector_ostream typesOS(types.contents);
    printTypeScript(signatures, threads, typesOS);
    files.push_back(std::move(script));
    files.push_back(std::move(types));
    if (threads.count > 1)
      files.push_back({getPath(".workers.mjs"), getWorkersProgram()});
  }
  if (emit == Emit::Image) {
    SmallString<0> object = std::move(main.contents);
    main.contents.clear();
    main.isProgram = !spec.isUnikernel;
    return linkImage(object, spec, main.contents, emitError);
  }
  return success();
}

FailureOr<SmallVector<OutputFile>> owl::compile(ModuleOp module,
                                                const CompileOptions &options) {
  // Not module.emitError, which prints the whole module along.
  auto emitError = [&] { return mlir::emitError(module.getLoc()); };
  auto emitUsageError = [&] {
    return mlir::emitError(UnknownLoc::get(module.getContext()));
  };
  Emit emit = options.emit;
  SmallVector<OutputFile> files;
  if (failed(checkThreads(options.threads, emitUsageError)))
    return failure();
  if (emit == Emit::Package)
    return compilePackage(module, options);

  // The target first: its mistakes are the user's most likely ones.
  bool needsTarget = emit != Emit::Header && emit != Emit::Signature;
  TargetSpec spec;
  std::unique_ptr<llvm::TargetMachine> machine;
  if (needsTarget) {
    FailureOr<TargetSpec> resolved =
        resolveTarget(options.target, emitUsageError);
    if (failed(resolved) ||
        failed(checkEmit(emit, *resolved, options.output, emitUsageError)) ||
        failed(checkHasThreads(options.threads.threads, emit, *resolved,
                               emitUsageError)))
      return failure();
    spec = *resolved;
    // Memory that threads share is only for code that says so.
    if (options.threads.threads > 1 && spec.isWasm())
      spec.features += spec.features.empty() ? "+atomics" : ",+atomics";
    machine = createTargetMachine(spec, emitUsageError);
    if (!machine)
      return failure();
    if (emit == Emit::Image && spec.isUnikernel &&
        failed(checkKernelEnables(*machine, emitUsageError)))
      return failure();
  }

  // A lowered module has lost its signatures, and keeps its symbols.
  SmallVector<FunctionSignature> signatures;
  bool needsSignatures =
      !needsTarget || llvm::is_contained({Emit::Module, Emit::Image}, emit);
  if (needsSignatures || !isLowered(module)) {
    auto found = getSignatures(module, options.symbolPrefix,
                               /*hasThreads=*/options.threads.threads > 1);
    if (failed(found))
      return failure();
    signatures = std::move(*found);
  }
  if (emit == Emit::Module)
    for (const FunctionSignature &function : signatures)
      if (function.name == "then")
        return emitError() << "expected another name than 'then' for a public "
                              "function: JavaScript would await the module";
  if (!needsTarget) {
    OutputFile &file = files.emplace_back(OutputFile{options.output, {}});
    llvm::raw_svector_ostream os(file.contents);
    if (emit == Emit::Header)
      printHeader(signatures, options.name, options.symbolPrefix,
                  /*hasThreads=*/options.threads.threads > 1, os);
    else
      printSignature(signatures, os);
    return files;
  }

  if (failed(isLowered(module) ? checkLoweredFor(module, *machine)
                               : lower(module, *machine, options)))
    return failure();
  if (!hasInterface(module))
    return module.emitError() << "the module has no function that could be "
                                 "called from outside";
  if (emit == Emit::MLIR) {
    setTargetAttributes(module, *machine);
    OutputFile &file = files.emplace_back(OutputFile{options.output, {}});
    llvm::raw_svector_ostream os(file.contents);
    module->print(os);
    os << '\n';
    return files;
  }

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      translateToLLVM(module, context, spec, *machine);
  if (!translated || failed(emitFiles(options, *translated, spec, *machine,
                                      signatures, files, emitError)))
    return failure();
  return files;
}
