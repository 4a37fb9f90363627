//===- SplitVectors.cpp - Vectors become registers ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits vectors that are several registers wide. LLVM does so too, but of
// those whose size is no power of 2 it makes scalars wherever they are carried
// from one block to another.
//
// Loads and stores can be split in the order of memory. When LLVM splits them,
// all registers of one come from the same instruction, and the scheduler puts
// them in any order: mostly from the last one to the first. Processors look for
// ascending addresses to know what is read next, and gather the stores that
// bypass the caches into whole lines: on Zen 5 a sum reads memory a quarter
// faster in order, and a tile writes it twice as fast.
//
//===----------------------------------------------------------------------===//

#include "SplitVectors.h"
#include "SplitConversions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/Scalarizer.h"

using namespace mlir;

namespace {
/// Splits non-temporal stores into what an instruction can store where they are
/// aligned. LLVM's pass for all else would forget what they are.
struct SplitStreams : llvm::PassInfoMixin<SplitStreams> {
  explicit SplitStreams(unsigned registerBits) : registerBits(registerBits) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &) {
    SmallVector<llvm::StoreInst *> stores;
    for (llvm::Instruction &inst : llvm::instructions(function))
      if (auto *store = dyn_cast<llvm::StoreInst>(&inst))
        if (store->hasMetadata(llvm::LLVMContext::MD_nontemporal) &&
            isa<llvm::FixedVectorType>(store->getValueOperand()->getType()))
          stores.push_back(store);
    for (llvm::StoreInst *store : stores)
      split(*store);
    return stores.empty() ? llvm::PreservedAnalyses::all()
                          : llvm::PreservedAnalyses::none();
  }

private:
  void split(llvm::StoreInst &store) const {
    llvm::Value *value = store.getValueOperand();
    auto *type = cast<llvm::FixedVectorType>(value->getType());
    unsigned count = type->getNumElements();
    uint64_t bytes = type->getScalarSizeInBits() / 8;
    unsigned lanes =
        std::min<uint64_t>(registerBits / 8, store.getAlign().value()) / bytes;
    if (lanes == 0 || lanes >= count)
      return;
    llvm::IRBuilder<> b(&store);
    for (unsigned first = 0; first < count; first += lanes) {
      auto mask = llvm::to_vector(
          llvm::seq<int>(first, std::min(first + lanes, count)));
      llvm::Value *at = b.CreateConstGEP1_64(
          b.getInt8Ty(), store.getPointerOperand(), first * bytes);
      b.CreateAlignedStore(
           b.CreateShuffleVector(value, mask), at,
           llvm::commonAlignment(store.getAlign(), first * bytes))
          ->copyMetadata(store);
    }
    store.eraseFromParent();
  }

  unsigned registerBits;
};

/// Runs passes on functions that carry vectors whose size is no power of 2 from
/// one block to another.
struct WhereOddVectorsAreCarried
    : llvm::PassInfoMixin<WhereOddVectorsAreCarried> {
  explicit WhereOddVectorsAreCarried(llvm::FunctionPassManager passes)
      : passes(std::move(passes)) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &analyses) {
    for (llvm::BasicBlock &block : function)
      for (llvm::PHINode &phi : block.phis())
        if (auto *type = dyn_cast<llvm::FixedVectorType>(phi.getType()))
          if (!llvm::isPowerOf2_32(type->getNumElements()))
            return passes.run(function, analyses);
    return llvm::PreservedAnalyses::all();
  }

private:
  llvm::FunctionPassManager passes;
};
} // namespace

void owl::addSplitVectors(llvm::FunctionPassManager &pm, unsigned registerBits,
                          bool inMemoryOrder) {
  llvm::FunctionPassManager passes;
  llvm::ScalarizerPassOptions options;
  options.ScalarizeMinBits = registerBits;
  options.ScalarizeLoadStore = inMemoryOrder;
  options.ScalarizeVariableInsertExtract = false;
  passes.addPass(llvm::ScalarizerPass(options));
  passes.addPass(SplitConversions(registerBits));
  // What passed through vectors of other widths is put together and taken apart
  // again.
  passes.addPass(llvm::InstCombinePass());
  if (!inMemoryOrder) {
    pm.addPass(WhereOddVectorsAreCarried(std::move(passes)));
    return;
  }
  pm.addPass(SplitStreams(registerBits));
  pm.addPass(std::move(passes));
}
