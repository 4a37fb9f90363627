//===- StackModel.h - What instructions do to the stack ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the stack pointer and the registers computed from it through a
// function. Instructions and registers go by their names in LLVM's tables:
// their numbers are private to the back ends.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_STACKMODEL_H
#define OWL_LIB_TARGET_COMMON_STACKMODEL_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include <map>
#include <memory>
#include <optional>

namespace mlir::owl {

/// The registers that point into the stack, with their distance in bytes below
/// where the stack pointer was before the function was called. A stack pointer
/// that is not among them is unknown.
using StackState = std::map<unsigned, int64_t>;

class StackModel {
public:
  StackModel(const llvm::MCInstrInfo &instructions,
             const llvm::MCRegisterInfo &registers, StringRef stackPointer);
  virtual ~StackModel() = default;

  /// The state at the entry of a function.
  virtual StackState entry() const = 0;

  /// Changes `state` as `inst` does.
  void step(const llvm::MCInst &inst, StackState &state) const;

  /// Keeps of `state` what `other` agrees with. Whether anything went.
  bool meet(StackState &state, const StackState &other) const;

  /// Whether `inst` reads or writes memory below the stack pointer.
  virtual bool usesRedZone(const llvm::MCInst &inst,
                           const StackState &state) const = 0;

  std::optional<int64_t> getDepth(const StackState &state) const {
    auto at = state.find(stackPointer);
    if (at == state.end())
      return std::nullopt;
    return at->second;
  }

protected:
  /// The registers that point into the stack after `inst`: those alone that it
  /// gives a known value. Null where `inst` is not one that keeps track.
  virtual std::optional<StackState> transfer(const llvm::MCInst &inst,
                                             const StackState &state) const = 0;

  StringRef getName(const llvm::MCInst &inst) const {
    return instructions.getName(inst.getOpcode());
  }

  /// The distance of a register operand, if it is known.
  static std::optional<int64_t> lookup(const llvm::MCOperand &operand,
                                       const StackState &state);

  const llvm::MCInstrInfo &instructions;
  const llvm::MCRegisterInfo &registers;
  unsigned stackPointer = 0;
};

std::unique_ptr<StackModel>
createX86StackModel(const llvm::MCInstrInfo &instructions,
                    const llvm::MCRegisterInfo &registers);

std::unique_ptr<StackModel>
createAArch64StackModel(const llvm::MCInstrInfo &instructions,
                        const llvm::MCRegisterInfo &registers);

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_STACKMODEL_H
