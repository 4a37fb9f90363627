//===- SplitConversions.cpp - Conversions become registers ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See SplitConversions.h.
//
//===----------------------------------------------------------------------===//

#include "SplitConversions.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace mlir;

/// An element of a vector, or a scalar if the lane is -1.
using Element = std::pair<llvm::Value *, int>;

/// How many elements fill a register on the wider side.
static unsigned getLanes(const llvm::CastInst &conversion,
                         unsigned registerBits) {
  unsigned bits = std::max(conversion.getSrcTy()->getScalarSizeInBits(),
                           conversion.getType()->getScalarSizeInBits());
  return std::max(1u, registerBits / bits);
}

/// Whether `conversion` is one to split.
static bool isOfOddSize(const llvm::CastInst &conversion,
                        unsigned registerBits) {
  auto *type = dyn_cast<llvm::FixedVectorType>(conversion.getType());
  auto *source = dyn_cast<llvm::FixedVectorType>(conversion.getSrcTy());
  return type && source && type->getNumElements() == source->getNumElements() &&
         type->getScalarSizeInBits() != source->getScalarSizeInBits() &&
         !llvm::isPowerOf2_32(type->getNumElements()) &&
         getLanes(conversion, registerBits) < type->getNumElements();
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

static llvm::Value *getScalar(llvm::IRBuilder<> &b, Element element) {
  auto [value, lane] = element;
  return lane < 0 ? value : b.CreateExtractElement(value, lane);
}

/// A vector of `elements`; null if they are of more than two vectors, or not of
/// vectors of one size.
static llvm::Value *gather(llvm::IRBuilder<> &b, ArrayRef<Element> elements) {
  if (elements.size() == 1) {
    llvm::Value *scalar = getScalar(b, elements.front());
    auto *type = llvm::FixedVectorType::get(scalar->getType(), 1);
    return b.CreateInsertElement(llvm::PoisonValue::get(type), scalar,
                                 uint64_t(0));
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

/// Emits `conversion` register by register, each of `lanes` elements. Where
/// each of its elements is then; what is left over as one is a scalar.
static SmallVector<Element>
convertParts(llvm::IRBuilder<> &b, llvm::CastInst &conversion, unsigned lanes) {
  auto *type = cast<llvm::FixedVectorType>(conversion.getType());
  llvm::Value *source = conversion.getOperand(0);
  SmallVector<Element> converted;
  auto convert = [&](llvm::Value *part, llvm::Type *type) {
    llvm::Value *result = b.CreateCast(conversion.getOpcode(), part, type);
    if (auto *inst = dyn_cast<llvm::CastInst>(result))
      inst->copyIRFlags(&conversion);
    return result;
  };
  for (unsigned i = 0, count = type->getNumElements(); i < count; i += lanes) {
    unsigned size = std::min(lanes, count - i);
    if (size == 1) {
      llvm::Value *element = getScalar(b, getElement(source, i));
      converted.push_back({convert(element, type->getElementType()), -1});
      continue;
    }
    auto positions = llvm::to_vector(llvm::seq<int>(i, i + size));
    llvm::Value *part = gather(b, llvm::map_to_vector(positions, [&](int lane) {
                                 return getElement(source, lane);
                               }));
    if (!part)
      part = b.CreateShuffleVector(source, positions);
    part =
        convert(part, llvm::FixedVectorType::get(type->getElementType(), size));
    for (unsigned lane = 0; lane < size; ++lane)
      converted.push_back({part, lane});
  }
  return converted;
}

/// What `user` takes of `conversion`, whose elements are `converted`; null if
/// that is not to be had of these.
static llvm::Value *getTaken(llvm::IRBuilder<> &b, llvm::Instruction *user,
                             llvm::CastInst &conversion,
                             ArrayRef<Element> converted) {
  if (auto *extract = dyn_cast<llvm::ExtractElementInst>(user)) {
    auto *index = dyn_cast<llvm::ConstantInt>(extract->getIndexOperand());
    if (!index || index->uge(converted.size()))
      return nullptr;
    return getScalar(b, converted[index->getZExtValue()]);
  }
  auto *shuffle = dyn_cast<llvm::ShuffleVectorInst>(user);
  if (!shuffle || shuffle->getOperand(0) != &conversion)
    return nullptr;
  SmallVector<Element> elements;
  for (int lane : shuffle->getShuffleMask()) {
    if (lane < 0 || lane >= int(converted.size()))
      return nullptr;
    elements.push_back(converted[lane]);
  }
  return gather(b, elements);
}

static void split(llvm::CastInst &conversion, unsigned lanes) {
  llvm::IRBuilder<> b(&conversion);
  SmallVector<Element> converted = convertParts(b, conversion, lanes);
  // Most users want a register of it.
  llvm::SmallSetVector<llvm::User *, 8> users(llvm::from_range,
                                              conversion.users());
  for (llvm::User *user : users) {
    auto *inst = cast<llvm::Instruction>(user);
    b.SetInsertPoint(inst);
    if (llvm::Value *taken = getTaken(b, inst, conversion, converted)) {
      inst->replaceAllUsesWith(taken);
      inst->eraseFromParent();
    }
  }
  if (conversion.use_empty())
    conversion.eraseFromParent();
}

llvm::PreservedAnalyses
owl::SplitConversions::run(llvm::Function &function,
                           llvm::FunctionAnalysisManager &) {
  SmallVector<llvm::CastInst *> conversions;
  for (llvm::Instruction &inst : llvm::instructions(function))
    if (auto *conversion = dyn_cast<llvm::CastInst>(&inst))
      if (isOfOddSize(*conversion, registerBits))
        conversions.push_back(conversion);
  for (llvm::CastInst *conversion : conversions)
    split(*conversion, getLanes(*conversion, registerBits));
  return conversions.empty() ? llvm::PreservedAnalyses::all()
                             : llvm::PreservedAnalyses::none();
}
