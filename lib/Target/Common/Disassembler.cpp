//===- Disassembler.cpp - Instructions of an object -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How an instruction's extension is found: AArch64's decoder knows which
// features an instruction needs. That of x86 decodes everything, but AVX and
// all later vector extensions have encodings of their own.
//
//===----------------------------------------------------------------------===//

#include "Disassembler.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::owl;

/// The features of every AArch64 instruction that is none of SVE or SME.
static std::string getBaseline(const llvm::MCSubtargetInfo &info) {
  SmallVector<std::string> features;
  for (const llvm::SubtargetFeatureKV &feature : info.getAllProcessorFeatures())
    if (StringRef(feature.Key) != "all")
      features.push_back((Twine("+") + feature.Key).str());
  // Taking the two away takes away what builds on them.
  features.push_back("-sve");
  features.push_back("-sme");
  return llvm::join(features, ",");
}

Disassembler::Disassembler(const llvm::object::ELFObjectFileBase &object,
                           const llvm::MCSubtargetInfo &allowed)
    : isX86(object.getEMachine() == llvm::ELF::EM_X86_64),
      allowsExtension(isX86 ? allowed.checkFeatures("+avx")
                            : allowed.checkFeatures("+sve") ||
                                  allowed.checkFeatures("+sme")) {
  llvm::InitializeAllDisassemblers();
  const llvm::Triple &triple = allowed.getTargetTriple();
  std::string reason;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, reason);
  registers.reset(target->createMCRegInfo(triple));
  assembly.reset(
      target->createMCAsmInfo(*registers, triple, llvm::MCTargetOptions()));
  instructions.reset(target->createMCInstrInfo());
  analysis.reset(target->createMCInstrAnalysis(instructions.get()));
  everything.reset(
      target->createMCSubtargetInfo(triple, "", isX86 ? "" : "+all"));
  context = std::make_unique<llvm::MCContext>(
      triple, assembly.get(), registers.get(), everything.get());
  decoder.reset(target->createMCDisassembler(*everything, *context));
  if (!isX86) {
    baseline.reset(
        target->createMCSubtargetInfo(triple, "", getBaseline(*everything)));
    baselineDecoder.reset(target->createMCDisassembler(*baseline, *context));
  }
  printer.reset(target->createMCInstPrinter(triple, isX86 ? 1 : 0, *assembly,
                                            *instructions, *registers));
  stackModel = isX86 ? createX86StackModel(*instructions, *registers)
                     : createAArch64StackModel(*instructions, *registers);
}

bool Disassembler::isX86Extension(const llvm::MCInst &inst,
                                  ArrayRef<uint8_t> bytes) const {
  // The byte after the old prefixes tells VEX (c4, c5), EVEX (62) and XOP (8f).
  static constexpr uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
                                         0x66, 0x67, 0xf0, 0xf2, 0xf3};
  while (!bytes.empty() && llvm::is_contained(prefixes, bytes.front()))
    bytes = bytes.drop_front();
  if (bytes.empty() ||
      !llvm::is_contained({0xc4, 0xc5, 0x62, 0x8f}, bytes.front()))
    return false;
  // Bit manipulation shares the encodings and has names of its own; "pop [m]"
  // shares the first byte of XOP. AVX is V..., its masks K..., AMX T....
  StringRef name = instructions->getName(inst.getOpcode());
  return name.starts_with("V") || name.starts_with("K") ||
         name.starts_with("TILE") || name.starts_with("TDP") ||
         name.starts_with("LDTILECFG") || name.starts_with("STTILECFG");
}

Instruction Disassembler::decode(ArrayRef<uint8_t> bytes,
                                 uint64_t address) const {
  Instruction result;
  uint64_t size = 0;
  llvm::MCDisassembler::DecodeStatus status =
      decoder->getInstruction(result.inst, size, bytes, address, llvm::nulls());
  result.isValid = status != llvm::MCDisassembler::Fail && size > 0;
  if (!result.isValid) {
    result.size = isX86 ? 1 : std::min<uint64_t>(4, bytes.size());
    return result;
  }
  result.size = size;
  if (allowsExtension)
    return result;
  if (isX86) {
    result.usesExtension = isX86Extension(result.inst, bytes);
  } else {
    llvm::MCInst inst;
    result.usesExtension = baselineDecoder->getInstruction(
                               inst, size, bytes, address, llvm::nulls()) ==
                           llvm::MCDisassembler::Fail;
  }
  return result;
}

std::string Disassembler::print(const Instruction &inst,
                                uint64_t address) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  printer->printInst(&inst.inst, address, "", *everything, os);
  std::replace(text.begin(), text.end(), '\t', ' ');
  return "'" + StringRef(text).trim().str() + "'";
}

bool Disassembler::isNop(const Instruction &inst) const {
  StringRef name = instructions->getName(inst.inst.getOpcode());
  // "xchg ax, ax" is a nop with a prefix.
  return name.starts_with("NOOP") || name == "XCHG16ar" || name == "NOP" ||
         name == "HINT";
}

bool Disassembler::isTrap(const Instruction &inst) const {
  StringRef name = instructions->getName(inst.inst.getOpcode());
  return name == "TRAP" || name == "INT3" || name == "UDF" || name == "BRK";
}

std::optional<uint64_t> Disassembler::getBranchTarget(const Instruction &inst,
                                                      uint64_t address) const {
  uint64_t target = 0;
  if (analysis->evaluateBranch(inst.inst, address, inst.size, target))
    return target;
  return std::nullopt;
}
