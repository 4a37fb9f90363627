//===- Disassembler.h - Instructions of an object ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's disassembler with the parts that it is made of, and a look at the
// vector extensions that instructions belong to.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_DISASSEMBLER_H
#define OWL_LIB_TARGET_COMMON_DISASSEMBLER_H

#include "StackModel.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Object/ELFObjectFile.h"

namespace mlir::owl {

struct Instruction {
  llvm::MCInst inst;
  uint64_t size = 1;
  bool isValid = false;
  /// AVX or AMX on x86-64, SVE or SME on AArch64, and not allowed.
  bool usesExtension = false;
};

class Disassembler {
public:
  /// For x86-64 and AArch64, whatever their extensions. Instructions of vector
  /// extensions that `allowed` has are not marked.
  Disassembler(const llvm::object::ELFObjectFileBase &object,
               const llvm::MCSubtargetInfo &allowed);

  /// The instruction at the start of `bytes`, which lie at `address`.
  Instruction decode(ArrayRef<uint8_t> bytes, uint64_t address) const;

  /// Its assembly on one line.
  std::string print(const Instruction &inst, uint64_t address) const;

  const llvm::MCInstrDesc &getDesc(const Instruction &inst) const {
    return instructions->get(inst.inst.getOpcode());
  }

  /// Whether `inst` does nothing, and whether it does nothing but trap: what
  /// assemblers and compilers fill gaps with.
  bool isNop(const Instruction &inst) const;
  bool isTrap(const Instruction &inst) const;

  /// Where a direct branch or call leads, without relocations.
  std::optional<uint64_t> getBranchTarget(const Instruction &inst,
                                          uint64_t address) const;

  const StackModel &getStackModel() const { return *stackModel; }

private:
  bool isX86Extension(const llvm::MCInst &inst, ArrayRef<uint8_t> bytes) const;

  bool isX86;
  bool allowsExtension;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
  /// All instructions, and all but those of SVE and SME.
  std::unique_ptr<llvm::MCSubtargetInfo> everything, baseline;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> decoder, baselineDecoder;
  std::unique_ptr<llvm::MCInstPrinter> printer;
  std::unique_ptr<StackModel> stackModel;
};

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_DISASSEMBLER_H
