//===- Translate.cpp - From the LLVM dialect to optimised LLVM IR ---------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates a module, marks its functions as code that stands alone, and runs
// LLVM's -O3 pipeline on it.
//
//===----------------------------------------------------------------------===//

#include "DiagnosticScope.h"
#include "MaskOddVectors.h"
#include "SplitVectors.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "owl/Target/Common/Target.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace mlir;
using namespace mlir::owl;

/// Makes everything but the C interface internal, so that it can be dropped,
/// and gives functions the attributes of code without a library.
static void prepare(llvm::Module &module, const TargetSpec &spec) {
  for (llvm::GlobalVariable &global : module.globals())
    if (!global.isDeclaration())
      global.setLinkage(llvm::GlobalValue::InternalLinkage);

  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    // Calls from within the module need no PLT.
    function.setDSOLocal(true);
    // Unwind tables would be .eh_frame sections that nobody reads.
    function.setDoesNotThrow();
    function.removeFnAttr(llvm::Attribute::UWTable);
    // Loops stay loops: there is no memset or memcpy to turn them into.
    function.addFnAttr("no-builtins");
    // Interrupts overwrite it where a kernel is what runs.
    function.addFnAttr(llvm::Attribute::NoRedZone);
    if (!spec.cpu.empty())
      function.addFnAttr("target-cpu", spec.cpu);
    if (!spec.features.empty())
      function.addFnAttr("target-features", spec.features);
  }
}

namespace {
/// Keeps loops over strips as they are: a strip is several registers already.
/// Unrolled once more, its loads are scheduled in an order in which addresses
/// jump back and forth, and prefetchers, which look for ascending ones, see
/// nothing: on Zen 5 half the bandwidth of a sum is lost. Unrolled whole, what
/// the loop reads again and again is moved out of those around it, to the
/// stack. Loops that load and store few registers are unrolled: those that copy
/// short rows wait for their own branches.
struct KeepStrips : llvm::PassInfoMixin<KeepStrips> {
  explicit KeepStrips(unsigned registerBits) : registerBits(registerBits) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &analyses) {
    auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
    auto &evolution =
        analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
    for (llvm::Loop *loop : loops.getLoopsInPreorder()) {
      // A few strips fit in registers.
      unsigned trips = evolution.getSmallConstantTripCount(loop);
      if (loop->isInnermost() && (trips == 0 || trips > 4) && isStrip(*loop))
        llvm::addStringMetadataToLoop(loop, "llvm.loop.unroll.disable", true);
    }
    return llvm::PreservedAnalyses::all();
  }

private:
  /// How many vector registers are loaded and stored, at most, in a loop that
  /// is unrolled: those of an element-wise op that does more than copy are
  /// more.
  static constexpr uint64_t kFewRegisters = 3;

  bool isStrip(const llvm::Loop &loop) const {
    uint64_t loaded = 0, stored = 0;
    for (const llvm::BasicBlock *block : loop.blocks())
      for (const llvm::Instruction &inst : *block)
        if (isa<llvm::LoadInst, llvm::StoreInst>(inst))
          if (auto *type = dyn_cast<llvm::FixedVectorType>(
                  llvm::getLoadStoreType(&inst)))
            (isa<llvm::LoadInst>(inst) ? loaded : stored) +=
                type->getPrimitiveSizeInBits();
    bool isShort = loaded > 0 && stored > 0 &&
                   loaded + stored <= kFewRegisters * registerBits;
    return loaded + stored > 0 && !isShort;
  }

  unsigned registerBits;
};
} // namespace

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  tuning.LoopInterleaving = true;
  // A wasm module is downloaded, and compiled once more by its engine, which
  // unrolls by itself: only loops that ask for it are unrolled here.
  tuning.LoopUnrolling = !machine.getTargetTriple().isWasm();
  llvm::PassBuilder builder(&machine, tuning);
  unsigned registerBits = getTraits(machine).vectorBits;
  bool isX86 = machine.getTargetTriple().isX86();
  bool hasMasks =
      isX86 && machine.getMCSubtargetInfo()->checkFeatures("+avx512vl");
  if (isX86)
    builder.registerPipelineStartEPCallback([=](llvm::ModulePassManager &pm,
                                                llvm::OptimizationLevel) {
      pm.addPass(
          llvm::createModuleToFunctionPassAdaptor(KeepStrips(registerBits)));
    });
  builder.registerOptimizerLastEPCallback([=](llvm::ModulePassManager &pm,
                                              llvm::OptimizationLevel,
                                              llvm::ThinOrFullLTOPhase) {
    llvm::FunctionPassManager functions;
    // AArch64 stores several registers interleaved, as one vector.
    addSplitVectors(functions, registerBits, /*inMemoryOrder=*/isX86);
    if (hasMasks)
      functions.addPass(MaskOddVectors(registerBits));
    pm.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
  });

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// Replaces masked stores of one lane, which the loop vectorizer makes of a
/// rest of one, by ordinary ones. LLVM 22 stores four bytes for one truncated
/// i8 or i16 where there is AVX-512. See test/Target/Native/masked-store.mlir.
static void expandMaskedStores(llvm::Module &module) {
  SmallVector<llvm::IntrinsicInst *> stores;
  for (llvm::Function &function : module)
    for (llvm::Instruction &inst : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&inst))
        if (call->getIntrinsicID() == llvm::Intrinsic::masked_store)
          stores.push_back(call);
  for (llvm::IntrinsicInst *store : stores) {
    auto *mask = llvm::dyn_cast<llvm::Constant>(store->getArgOperand(2));
    auto *type = llvm::dyn_cast<llvm::FixedVectorType>(
        store->getArgOperand(0)->getType());
    if (!mask || !type)
      continue;
    SmallVector<unsigned> lanes;
    for (unsigned lane = 0; lane < type->getNumElements(); ++lane)
      if (llvm::Constant *bit = mask->getAggregateElement(lane);
          !bit || !bit->isNullValue())
        lanes.push_back(lane);
    if (lanes.size() != 1)
      continue;
    llvm::IRBuilder<> b(store);
    uint64_t bytes = type->getScalarSizeInBits() / 8;
    llvm::Value *at = b.CreateConstGEP1_64(
        b.getInt8Ty(), store->getArgOperand(1), lanes[0] * bytes);
    b.CreateAlignedStore(
        b.CreateExtractElement(store->getArgOperand(0), uint64_t(lanes[0])), at,
        llvm::commonAlignment(store->getParamAlign(1).valueOrOne(),
                              lanes[0] * bytes));
    store->eraseFromParent();
  }
}

std::unique_ptr<llvm::Module>
owl::translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                     const TargetSpec &spec, llvm::TargetMachine &machine) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module->getContext()->appendDialectRegistry(registry);

  setTargetAttributes(module, machine);
  std::unique_ptr<llvm::Module> result = translateModuleToLLVMIR(
      module, context, module.getName().value_or("owl"));
  if (!result)
    return nullptr;
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  prepare(*result, spec);

  auto emitError = [&] { return module.emitError(); };
  DiagnosticScope diagnostics(context, emitError);
  optimize(*result, machine);
  expandMaskedStores(*result);
  return diagnostics.hadError() ? nullptr : std::move(result);
}
