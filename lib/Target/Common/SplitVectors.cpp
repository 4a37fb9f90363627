//===- SplitVectors.cpp - Vectors become registers ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits vectors that are several registers wide, in the order of memory. LLVM
// does so too, but then all registers of a load or a store come from the same
// instruction, and the scheduler puts them in any order: mostly from the last
// one to the first. Processors look for ascending addresses to know what is
// read next, and gather the stores that bypass the caches into whole lines: on
// Zen 5 a sum reads memory a quarter faster in order, and a tile writes it
// twice as fast.
//
//===----------------------------------------------------------------------===//

#include "SplitVectors.h"
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
} // namespace

void owl::addSplitVectors(llvm::FunctionPassManager &pm,
                          unsigned registerBits) {
  pm.addPass(SplitStreams(registerBits));
  llvm::ScalarizerPassOptions options;
  options.ScalarizeMinBits = registerBits;
  options.ScalarizeLoadStore = true;
  options.ScalarizeVariableInsertExtract = false;
  pm.addPass(llvm::ScalarizerPass(options));
  // What passed through vectors of other widths is put together and taken apart
  // again.
  pm.addPass(llvm::InstCombinePass());
}
