//===- MaskOddVectors.cpp - Odd vectors are loaded under masks ------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See MaskOddVectors.h.
//
//===----------------------------------------------------------------------===//

#include "MaskOddVectors.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace mlir;
using namespace mlir::owl;

/// Whether `inst` loads or stores a vector whose size is no power of 2; not on
/// the stack, from where what has been stored under a mask is slow to load.
static bool isOddAccess(llvm::Instruction &inst, unsigned registerBits) {
  auto *load = dyn_cast<llvm::LoadInst>(&inst);
  auto *store = dyn_cast<llvm::StoreInst>(&inst);
  if (!(load && load->isSimple()) && !(store && store->isSimple()))
    return false;
  auto *type = dyn_cast<llvm::FixedVectorType>(llvm::getLoadStoreType(&inst));
  if (!type || llvm::isPowerOf2_32(type->getNumElements()) ||
      type->getPrimitiveSizeInBits() > registerBits)
    return false;
  unsigned bits = type->getScalarSizeInBits();
  return (bits == 32 || bits == 64) &&
         !isa<llvm::AllocaInst>(llvm::getUnderlyingObject(
             llvm::getLoadStorePointerOperand(&inst)));
}

llvm::PreservedAnalyses MaskOddVectors::run(llvm::Function &function,
                                            llvm::FunctionAnalysisManager &) {
  SmallVector<llvm::Instruction *> odd;
  for (llvm::Instruction &inst : llvm::instructions(function))
    if (isOddAccess(inst, registerBits))
      odd.push_back(&inst);
  for (llvm::Instruction *inst : odd) {
    auto *type = cast<llvm::FixedVectorType>(llvm::getLoadStoreType(inst));
    unsigned count = type->getNumElements(), lanes = llvm::PowerOf2Ceil(count);
    llvm::IRBuilder<> b(inst);
    SmallVector<llvm::Constant *> isOn;
    for (unsigned lane = 0; lane < lanes; ++lane)
      isOn.push_back(b.getInt1(lane < count));
    llvm::Value *mask = llvm::ConstantVector::get(isOn);
    llvm::Value *pointer = llvm::getLoadStorePointerOperand(inst);
    llvm::Align align = llvm::getLoadStoreAlignment(inst);
    if (isa<llvm::LoadInst>(inst)) {
      auto *wide = llvm::FixedVectorType::get(type->getElementType(), lanes);
      llvm::Value *all = b.CreateMaskedLoad(wide, pointer, align, mask);
      inst->replaceAllUsesWith(b.CreateShuffleVector(
          all, llvm::to_vector(llvm::seq<int>(0, count))));
    } else {
      SmallVector<int> places = llvm::to_vector(llvm::seq<int>(0, count));
      places.resize(lanes, llvm::PoisonMaskElem);
      llvm::Value *stored = cast<llvm::StoreInst>(inst)->getValueOperand();
      b.CreateMaskedStore(b.CreateShuffleVector(stored, places), pointer, align,
                          mask);
    }
    inst->eraseFromParent();
  }
  return odd.empty() ? llvm::PreservedAnalyses::all()
                     : llvm::PreservedAnalyses::none();
}
