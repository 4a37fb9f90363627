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
#include "llvm/ADT/SetVector.h"
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

/// An element of a vector, or a scalar if the lane is -1.
using Element = std::pair<llvm::Value *, int>;

/// Splits conversions between widths of elements, which LLVM's pass leaves, of
/// vectors whose size is no power of 2: where such a vector lives on in another
/// block, LLVM makes scalars of it. Comes after that pass, and looks through
/// the shuffles that it has left to the registers behind them.
struct SplitConversions : llvm::PassInfoMixin<SplitConversions> {
  explicit SplitConversions(unsigned registerBits)
      : registerBits(registerBits) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &) {
    SmallVector<llvm::CastInst *> conversions;
    for (llvm::Instruction &inst : llvm::instructions(function))
      if (auto *conversion = dyn_cast<llvm::CastInst>(&inst))
        if (isOfOddSize(*conversion))
          conversions.push_back(conversion);
    for (llvm::CastInst *conversion : conversions)
      split(*conversion);
    return conversions.empty() ? llvm::PreservedAnalyses::all()
                               : llvm::PreservedAnalyses::none();
  }

private:
  /// How many elements fill a register on the wider side.
  unsigned getLanes(const llvm::CastInst &conversion) const {
    unsigned bits = std::max(conversion.getSrcTy()->getScalarSizeInBits(),
                             conversion.getType()->getScalarSizeInBits());
    return std::max(1u, registerBits / bits);
  }

  bool isOfOddSize(const llvm::CastInst &conversion) const {
    auto *type = dyn_cast<llvm::FixedVectorType>(conversion.getType());
    auto *source = dyn_cast<llvm::FixedVectorType>(conversion.getSrcTy());
    return type && source &&
           type->getNumElements() == source->getNumElements() &&
           type->getScalarSizeInBits() != source->getScalarSizeInBits() &&
           !llvm::isPowerOf2_32(type->getNumElements()) &&
           getLanes(conversion) < type->getNumElements();
  }

  /// Where element `lane` of `vector` comes from.
  static Element getElement(llvm::Value *vector, int lane) {
    while (true) {
      if (auto *shuffle = dyn_cast<llvm::ShuffleVectorInst>(vector)) {
        int position = shuffle->getMaskValue(lane);
        auto *type =
            cast<llvm::FixedVectorType>(shuffle->getOperand(0)->getType());
        int count = type->getNumElements();
        if (position < 0)
          return {vector, lane};
        vector = shuffle->getOperand(position / count);
        lane = position % count;
      } else if (auto *insert = dyn_cast<llvm::InsertElementInst>(vector)) {
        auto *index = dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
        if (!index)
          return {vector, lane};
        if (index->equalsInt(lane))
          return {insert->getOperand(1), -1};
        vector = insert->getOperand(0);
      } else {
        return {vector, lane};
      }
    }
  }

  /// A vector of `elements`, or one of them alone; null if they are of more
  /// than two vectors, or not of vectors of one size.
  static llvm::Value *gather(llvm::IRBuilder<> &b, ArrayRef<Element> elements) {
    if (elements.size() == 1) {
      auto [vector, lane] = elements.front();
      return lane < 0 ? vector : b.CreateExtractElement(vector, lane);
    }
    llvm::Value *first = elements.front().first, *second = nullptr;
    SmallVector<int> mask;
    for (auto [vector, lane] : elements) {
      auto *type = dyn_cast<llvm::FixedVectorType>(vector->getType());
      if (lane < 0 || !type)
        return nullptr;
      if (vector != first && !second && type == first->getType())
        second = vector;
      if (vector != first && vector != second)
        return nullptr;
      mask.push_back(lane + (vector == first ? 0 : type->getNumElements()));
    }
    // InstCombine drops shuffles that change nothing.
    return second ? b.CreateShuffleVector(first, second, mask)
                  : b.CreateShuffleVector(first, mask);
  }

  void split(llvm::CastInst &conversion) const {
    auto *type = cast<llvm::FixedVectorType>(conversion.getType());
    unsigned count = type->getNumElements(), lanes = getLanes(conversion);
    llvm::Value *source = conversion.getOperand(0);
    llvm::IRBuilder<> b(&conversion);
    SmallVector<Element> converted;
    for (unsigned first = 0; first < count; first += lanes) {
      unsigned size = std::min(lanes, count - first);
      SmallVector<Element> elements, own;
      for (unsigned i = first; i < first + size; ++i) {
        elements.push_back(getElement(source, i));
        own.push_back({source, i});
      }
      llvm::Value *part = gather(b, elements);
      if (!part)
        part = gather(b, own);
      llvm::Type *partType =
          size == 1 ? type->getElementType()
                    : llvm::FixedVectorType::get(type->getElementType(), size);
      part = b.CreateCast(conversion.getOpcode(), part, partType);
      if (auto *inst = dyn_cast<llvm::CastInst>(part))
        inst->copyIRFlags(&conversion);
      for (unsigned i = 0; i < size; ++i)
        converted.push_back({part, size == 1 ? -1 : int(i)});
    }
    // Most users want a register of it.
    llvm::SmallSetVector<llvm::User *, 8> users(llvm::from_range,
                                                conversion.users());
    for (llvm::User *user : users) {
      SmallVector<Element> elements;
      if (auto *shuffle = dyn_cast<llvm::ShuffleVectorInst>(user)) {
        for (int lane : shuffle->getShuffleMask())
          if (shuffle->getOperand(0) == &conversion && lane >= 0 &&
              lane < int(count))
            elements.push_back(converted[lane]);
        if (elements.size() != shuffle->getShuffleMask().size())
          continue;
      } else if (auto *extract = dyn_cast<llvm::ExtractElementInst>(user)) {
        auto *index = dyn_cast<llvm::ConstantInt>(extract->getIndexOperand());
        if (!index || index->uge(count))
          continue;
        elements.push_back(converted[index->getZExtValue()]);
      } else {
        continue;
      }
      b.SetInsertPoint(cast<llvm::Instruction>(user));
      llvm::Value *value = gather(b, elements);
      if (!value)
        continue;
      // A vector of one element is none for gather.
      if (isa<llvm::VectorType>(user->getType()) &&
          !isa<llvm::VectorType>(value->getType()))
        value = b.CreateInsertElement(llvm::PoisonValue::get(user->getType()),
                                      value, uint64_t(0));
      user->replaceAllUsesWith(value);
      cast<llvm::Instruction>(user)->eraseFromParent();
    }
    if (conversion.use_empty())
      conversion.eraseFromParent();
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
