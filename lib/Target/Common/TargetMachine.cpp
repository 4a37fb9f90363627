//===- TargetMachine.cpp - LLVM's view of a target ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Creates target machines. LLVM only warns of an unknown CPU or feature and
// ends the process on some impossible combinations, so that everything is
// looked up here first.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "owl/Target/Common/Target.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::owl;

static void initializeTargets() {
  static const bool once = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    return true;
  }();
  (void)once;
}

/// LLVM's back end for the architecture of `triple`. Null after a diagnostic.
static const llvm::Target *lookupTarget(const llvm::Triple &triple,
                                        EmitErrorFn emitError) {
  initializeTargets();
  std::string reason;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, reason);
  if (!target || !target->hasTargetMachine()) {
    emitError() << "unknown triple '" << triple.str()
                << "': expected <architecture>-<vendor>-<system> with an "
                   "architecture that LLVM has a code generator for";
    return nullptr;
  }
  if (triple.isGPU() || triple.isArch16Bit()) {
    emitError() << "triple '" << triple.str()
                << "' names no 32-bit or 64-bit CPU";
    return nullptr;
  }
  return target;
}

/// Checks that each of the comma-separated `features` is one of `info`'s.
static LogicalResult checkFeatures(StringRef features,
                                   const llvm::MCSubtargetInfo &info,
                                   StringRef triple, EmitErrorFn emitError) {
  llvm::SubtargetFeatures list(features);
  for (const std::string &feature : list.getFeatures()) {
    StringRef name = llvm::SubtargetFeatures::StripFlag(feature);
    if (llvm::none_of(info.getAllProcessorFeatures(),
                      [&](const llvm::SubtargetFeatureKV &known) {
                        return name == known.Key;
                      }))
      return emitError() << "unknown feature '" << name << "' of " << triple
                         << ": 'llc -mtriple=" << triple
                         << " -mattr=help' lists those that LLVM knows";
  }
  return success();
}

std::unique_ptr<llvm::MCSubtargetInfo>
owl::createSubtargetInfo(const TargetSpec &spec, EmitErrorFn emitError) {
  llvm::Triple triple(spec.triple);
  const llvm::Target *target = lookupTarget(triple, emitError);
  if (!target)
    return nullptr;

  std::unique_ptr<llvm::MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!known) {
    emitError() << "LLVM has no instruction set for " << spec.triple;
    return nullptr;
  }
  if (!spec.cpu.empty() && !known->isCPUStringValid(spec.cpu)) {
    emitError() << "unknown CPU '" << spec.cpu << "' of " << spec.triple
                << ": 'llc -mtriple=" << spec.triple
                << " -mcpu=help' lists those that LLVM knows";
    return nullptr;
  }
  if (failed(checkFeatures(spec.features, *known, spec.triple, emitError)))
    return nullptr;

  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, spec.cpu, spec.features));
  // What the calling convention for f32 and f64 takes for granted: without it
  // the code generator ends the process.
  StringRef required = triple.getArch() == llvm::Triple::x86_64 ? "+64bit,+sse2"
                       : triple.isAArch64(64) ? "+fp-armv8,+neon"
                                              : "";
  if (!required.empty() && !info->checkFeatures(required.str())) {
    emitError() << "CPU '" << spec.cpu << "' with features '" << spec.features
                << "' lacks what every " << triple.getArchName()
                << " has: " << required;
    return nullptr;
  }
  return info;
}

/// LLVM 22 splits a long chain of absolute differences into several on AArch64,
/// and does it wrong: the sum is, or the printer of assembly crashes. See
/// test/Target/Native/absolute-sums.mlir.
static void disableAccumulatorReassociation() {
  auto &options = llvm::cl::getRegisteredOptions();
  auto it = options.find("acc-reassoc");
  if (it != options.end())
    static_cast<llvm::cl::opt<bool> *>(it->second)->setValue(false);
}

/// LLVM's model of the Cortex-A57 and A72 has a pair of vector registers loaded
/// more slowly than one after the other, which LLVM does not heed by itself.
static constexpr const char *kUnpaired = "+slow-paired-128,";

std::unique_ptr<llvm::TargetMachine>
owl::createTargetMachine(const TargetSpec &spec, EmitErrorFn emitError) {
  disableAccumulatorReassociation();
  if (!createSubtargetInfo(spec, emitError))
    return nullptr;
  llvm::Triple triple(spec.triple);
  const llvm::Target *target = lookupTarget(triple, emitError);

  llvm::TargetOptions options;
  // Nothing unwinds through compiled models, and no tool need know an address.
  options.ExceptionModel = llvm::ExceptionHandling::None;
  options.EmitAddrsig = false;
  std::string features = spec.features;
  if (spec.cpu == "cortex-a57" || spec.cpu == "cortex-a72")
    features = kUnpaired + features;
  // Everything is local to the object, so that position-independent code needs
  // neither GOT nor PLT and links into any kind of program. A wasm module is
  // placed by its linker.
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, spec.cpu, features, options,
      triple.isWasm() ? llvm::Reloc::Static : llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    emitError() << "LLVM has no code generator for " << spec.triple;
  return machine;
}

/// How far ahead to fetch, as was measured to be the best.
static void setPrefetching(StringRef cpu, TargetTraits &traits) {
  // EPYCs of the third and fourth generation, and all that were not measured:
  // from memory the defaults are best for these.
  traits.prefetchBytes = 512;
  if (cpu == "znver5") {
    traits.prefetchBytes = 4096;
    traits.farPrefetchBytes = 8192;
    traits.farPrefetchCache = 1;
  } else if (llvm::is_contained({"sapphirerapids", "emeraldrapids",
                                 "graniterapids", "graniterapids-d",
                                 "diamondrapids"},
                                cpu)) {
    // Xeons with a second cache of 2 MB for each core.
    traits.prefetchBytes = 2048;
    traits.farPrefetchBytes = 6144;
    traits.streamedPrefetchBytes = 4096;
    traits.farPrefetchCache = 1;
  }
}

TargetTraits owl::getTraits(const llvm::TargetMachine &machine) {
  const llvm::Triple &triple = machine.getTargetTriple();
  const llvm::MCSubtargetInfo &info = *machine.getMCSubtargetInfo();
  auto has = [&](const char *feature) { return info.checkFeatures(feature); };

  TargetTraits traits;
  traits.vectorBits = 128;
  traits.indexBits = triple.isArch32Bit() ? 32 : 64;
  bool isUnikernel = triple.getOSName() == "none";
  if (triple.isX86()) {
    traits.machine = isUnikernel ? "unikernel-x86_64" : "x86_64";
    traits.vectorBits = has("+avx512f") ? 512 : has("+avx") ? 256 : 128;
    // More than most last-level caches hold for one core.
    traits.nonTemporalBytes = 32 << 20;
    setPrefetching(machine.getTargetCPU(), traits);
    traits.hasFMA = has("+fma");
    traits.hasRounding = has("+sse4.1");
    traits.hasF16Conversion = has("+f16c");
  } else if (triple.isAArch64()) {
    traits.machine = isUnikernel ? "unikernel-aarch64" : "aarch64";
    traits.hasFMA = traits.hasRounding = traits.hasF16Conversion =
        traits.hasExtremes = true;
  } else if (triple.isWasm()) {
    traits.machine = "wasm32";
    // The stack would need a symbol that only a linker defines.
    traits.stackBytes = 0;
    traits.hasRounding = true;
  }
  return traits;
}

void owl::setTargetAttributes(ModuleOp module,
                              const llvm::TargetMachine &machine) {
  Builder builder(module.getContext());
  module->setAttr(LLVM::LLVMDialect::getTargetTripleAttrName(),
                  builder.getStringAttr(machine.getTargetTriple().str()));
  module->setAttr(LLVM::LLVMDialect::getDataLayoutAttrName(),
                  builder.getStringAttr(
                      machine.createDataLayout().getStringRepresentation()));
  // Conversions without an option for it look here for the width of an index.
  module.getContext()->getOrLoadDialect<DLTIDialect>();
  unsigned indexBits = machine.getTargetTriple().isArch32Bit() ? 32 : 64;
  module->setAttr(
      DLTIDialect::kDataLayoutAttrName,
      DataLayoutSpecAttr::get(
          module.getContext(),
          {DataLayoutEntryAttr::get(builder.getIndexType(),
                                    builder.getI32IntegerAttr(indexBits))}));
}
