//===- StackModel.cpp - What instructions do to the stack -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The instructions that compilers use in prologues and epilogues. Any other
// one that writes a register that points into the stack makes it unknown.
//
//===----------------------------------------------------------------------===//

#include "StackModel.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/MC/MCInstrDesc.h"
#include "llvm/MC/MCInstrInfo.h"

using namespace mlir;
using namespace mlir::owl;

StackModel::StackModel(const llvm::MCInstrInfo &instructions,
                       const llvm::MCRegisterInfo &registers,
                       StringRef stackPointer)
    : instructions(instructions), registers(registers) {
  for (unsigned i = 1; i < registers.getNumRegs(); ++i)
    if (registers.getName(i) == stackPointer)
      this->stackPointer = i;
}

std::optional<int64_t> StackModel::lookup(const llvm::MCOperand &operand,
                                          const StackState &state) {
  if (!operand.isReg())
    return std::nullopt;
  auto at = state.find(operand.getReg());
  if (at == state.end())
    return std::nullopt;
  return at->second;
}

void StackModel::step(const llvm::MCInst &inst, StackState &state) const {
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  StackState known = transfer(inst, state).value_or(StackState());
  // A call comes back with the stack pointer that it was given.
  bool isCall = desc.isCall();
  for (auto at = state.begin(); at != state.end();) {
    bool isKept = (isCall && at->first == stackPointer) ||
                  !desc.hasDefOfPhysReg(inst, at->first, registers);
    at = isKept ? std::next(at) : state.erase(at);
  }
  for (auto [reg, depth] : known)
    state[reg] = depth;
}

bool StackModel::meet(StackState &state, const StackState &other) const {
  size_t before = state.size();
  for (auto at = state.begin(); at != state.end();) {
    auto same = other.find(at->first);
    bool agrees = same != other.end() && same->second == at->second;
    at = agrees ? std::next(at) : state.erase(at);
  }
  return state.size() != before;
}

namespace {
class X86StackModel : public StackModel {
public:
  X86StackModel(const llvm::MCInstrInfo &instructions,
                const llvm::MCRegisterInfo &registers)
      : StackModel(instructions, registers, "RSP") {}

  /// The return address lies on the stack already.
  StackState entry() const override { return {{stackPointer, 8}}; }

  bool usesRedZone(const llvm::MCInst &inst,
                   const StackState &state) const override;

protected:
  std::optional<StackState> transfer(const llvm::MCInst &inst,
                                     const StackState &state) const override;

private:
  /// The position of the five operands of an address: base, scale, index,
  /// displacement, segment. None in an instruction without one.
  std::optional<unsigned> findAddress(const llvm::MCInst &inst) const;
};

class AArch64StackModel : public StackModel {
public:
  AArch64StackModel(const llvm::MCInstrInfo &instructions,
                    const llvm::MCRegisterInfo &registers)
      : StackModel(instructions, registers, "SP") {
    for (const llvm::MCRegisterClass &known : registers.regclasses())
      if (StringRef(registers.getRegClassName(&known)) == "GPR64sp")
        baseClass = known.getID();
  }

  StackState entry() const override { return {{stackPointer, 0}}; }

  bool usesRedZone(const llvm::MCInst &inst,
                   const StackState &state) const override;

protected:
  std::optional<StackState> transfer(const llvm::MCInst &inst,
                                     const StackState &state) const override;

private:
  /// The position of the register that an address starts from. None in an
  /// instruction without one.
  std::optional<unsigned> findBase(const llvm::MCInst &inst) const;

  /// The class of registers that addresses start from.
  unsigned baseClass = 0;
};
} // namespace

std::optional<unsigned>
X86StackModel::findAddress(const llvm::MCInst &inst) const {
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  for (auto [i, operand] : llvm::enumerate(desc.operands()))
    if (operand.OperandType == llvm::MCOI::OPERAND_MEMORY &&
        i + 5 <= inst.getNumOperands() && inst.getOperand(i).isReg() &&
        inst.getOperand(i + 1).isImm() && inst.getOperand(i + 3).isImm())
      return i;
  return std::nullopt;
}

bool X86StackModel::usesRedZone(const llvm::MCInst &inst,
                                const StackState &state) const {
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  std::optional<int64_t> depth = getDepth(state);
  std::optional<unsigned> at = findAddress(inst);
  if (!depth || !at || !(desc.mayLoad() || desc.mayStore()))
    return false;
  std::optional<int64_t> base = lookup(inst.getOperand(*at), state);
  bool hasIndex = inst.getOperand(*at + 2).getReg() != 0;
  return base && !hasIndex &&
         *base - inst.getOperand(*at + 3).getImm() > *depth;
}

std::optional<StackState>
X86StackModel::transfer(const llvm::MCInst &inst,
                        const StackState &state) const {
  StringRef name = getName(inst);
  std::optional<int64_t> depth = getDepth(state);
  // push and pop, of 8 bytes in 64-bit code.
  if (depth && name.starts_with("PUSH") && !name.starts_with("PUSH2"))
    return StackState{{stackPointer, *depth + 8}};
  if (depth && name.starts_with("POP") && !name.starts_with("POPCNT") &&
      !name.starts_with("POP2")) {
    // What was pushed may be anything.
    if (instructions.get(inst.getOpcode()).getNumDefs() != 0 &&
        registers.regsOverlap(inst.getOperand(0).getReg(), stackPointer))
      return std::nullopt;
    return StackState{{stackPointer, *depth - 8}};
  }
  if (name == "LEAVE64") {
    // mov rsp, rbp; pop rbp
    for (auto [reg, distance] : state)
      if (StringRef(registers.getName(reg)) == "RBP")
        return StackState{{stackPointer, distance - 8}};
    return std::nullopt;
  }
  if (name == "LEA64r") {
    std::optional<int64_t> base = lookup(inst.getOperand(1), state);
    if (!base || inst.getOperand(3).getReg() || !inst.getOperand(4).isImm())
      return std::nullopt;
    return StackState{
        {inst.getOperand(0).getReg(), *base - inst.getOperand(4).getImm()}};
  }
  if (name.starts_with("MOV64rr")) {
    std::optional<int64_t> source = lookup(inst.getOperand(1), state);
    if (!source)
      return std::nullopt;
    return StackState{{inst.getOperand(0).getReg(), *source}};
  }
  bool isAdd = name.starts_with("ADD64ri"), isSub = name.starts_with("SUB64ri"),
       isAnd = name.starts_with("AND64ri");
  if (isAdd || isSub || isAnd) {
    // The immediate comes last, after the tied operand.
    const llvm::MCOperand &last = inst.getOperand(inst.getNumOperands() - 1);
    std::optional<int64_t> value = lookup(inst.getOperand(0), state);
    if (!value || !last.isImm())
      return std::nullopt;
    // Alignment drops at most its amount less the 8 bytes that hold anyway.
    int64_t delta = isAdd   ? -last.getImm()
                    : isSub ? last.getImm()
                            : std::max<int64_t>(-last.getImm() - 8, 0);
    return StackState{{inst.getOperand(0).getReg(), *value + delta}};
  }
  return std::nullopt;
}

/// The bytes that one unit of the immediate of a load or store stands for; none
/// where that is not known, or depends on the length of vectors.
static std::optional<int64_t> getScale(StringRef name) {
  auto startsWith = [&](std::initializer_list<StringRef> prefixes) {
    return llvm::any_of(
        prefixes, [&](StringRef prefix) { return name.starts_with(prefix); });
  };
  bool isPair = startsWith({"STP", "LDP", "STNP", "LDNP"});
  if (isPair || name.ends_with("ui")) {
    StringRef type = name.drop_front(isPair ? name.find('P') + 1 : 3);
    // Those that extend the sign name the size in memory second.
    if (type.starts_with("SB") || type.starts_with("SH") ||
        type.starts_with("SW"))
      type = type.drop_front();
    return llvm::StringSwitch<std::optional<int64_t>>(type.take_front())
        .Case("B", 1)
        .Case("H", 2)
        .Cases({"S", "W"}, 4)
        .Cases({"D", "X"}, 8)
        .Case("Q", 16)
        .Default(std::nullopt);
  }
  if (startsWith({"LDG", "STG", "ST2G", "STZG", "STZ2G"}))
    return 16;
  if (startsWith({"LDRAA", "LDRAB"}))
    return 8;
  if (startsWith({"LDUR", "STUR", "LDTR", "STTR", "LDAPUR", "STLUR"}) ||
      (startsWith({"LDR", "STR"}) &&
       (name.ends_with("pre") || name.ends_with("post"))))
    return 1;
  return std::nullopt;
}

std::optional<unsigned>
AArch64StackModel::findBase(const llvm::MCInst &inst) const {
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  unsigned count = std::min(desc.getNumOperands(), inst.getNumOperands());
  for (unsigned i = count; i-- > 0;) {
    const llvm::MCOperandInfo &info = desc.operands()[i];
    if (inst.getOperand(i).isReg() && !info.isLookupRegClassByHwMode() &&
        info.RegClass == int(baseClass))
      return i;
  }
  return std::nullopt;
}

bool AArch64StackModel::usesRedZone(const llvm::MCInst &inst,
                                    const StackState &state) const {
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  StringRef name = getName(inst);
  std::optional<int64_t> depth = getDepth(state);
  std::optional<unsigned> at = findBase(inst);
  if (!depth || !at || !(desc.mayLoad() || desc.mayStore()))
    return false;
  std::optional<int64_t> base = lookup(inst.getOperand(*at), state);
  // Changing the stack pointer along is a push or a pop.
  if (!base ||
      (name.ends_with("pre") && inst.getOperand(*at).getReg() == stackPointer))
    return false;
  // What follows the base is an offset, but for what is added afterwards.
  int64_t offset = 0;
  if (*at + 1 < inst.getNumOperands() && !name.ends_with("post") &&
      !name.ends_with("_POST")) {
    const llvm::MCOperand &last = inst.getOperand(*at + 1);
    if (!last.isImm())
      return false;
    std::optional<int64_t> scale = getScale(name);
    // One unit is a byte at least.
    if (!scale && last.getImm() > 0)
      return false;
    offset = last.getImm() * scale.value_or(1);
  }
  return *base - offset > *depth;
}

std::optional<StackState>
AArch64StackModel::transfer(const llvm::MCInst &inst,
                            const StackState &state) const {
  StringRef name = getName(inst);
  const llvm::MCInstrDesc &desc = instructions.get(inst.getOpcode());
  unsigned count = inst.getNumOperands();
  // add and sub with an immediate that may be shifted; mov to and from sp is
  // the first with 0.
  if (name == "ADDXri" || name == "SUBXri") {
    std::optional<int64_t> source = lookup(inst.getOperand(1), state);
    if (!source || !inst.getOperand(2).isImm() || !inst.getOperand(3).isImm())
      return std::nullopt;
    int64_t amount = inst.getOperand(2).getImm()
                     << (inst.getOperand(3).getImm() & 63);
    return StackState{{inst.getOperand(0).getReg(),
                       *source + (name == "SUBXri" ? amount : -amount)}};
  }
  if (name == "ORRXrs" && count >= 3) {
    // mov between two registers, the zero register first.
    std::optional<int64_t> source = lookup(inst.getOperand(2), state);
    if (!source ||
        StringRef(registers.getName(inst.getOperand(1).getReg())) != "XZR")
      return std::nullopt;
    return StackState{{inst.getOperand(0).getReg(), *source}};
  }
  if (name == "ANDXri") {
    // sp = x9 & -alignment: a run of `ones` bits, encoded as its length less 1.
    std::optional<int64_t> source = lookup(inst.getOperand(1), state);
    if (!source || !inst.getOperand(2).isImm())
      return std::nullopt;
    unsigned ones = (inst.getOperand(2).getImm() & 63) + 1;
    if (ones < 48)
      return std::nullopt;
    int64_t alignment = int64_t(1) << (64 - ones);
    return StackState{{inst.getOperand(0).getReg(),
                       *source + std::max<int64_t>(alignment - 16, 0)}};
  }
  if ((name.ends_with("pre") || name.ends_with("post")) &&
      (desc.mayLoad() || desc.mayStore()) && count >= 2) {
    std::optional<int64_t> base = lookup(inst.getOperand(0), state);
    const llvm::MCOperand &offset = inst.getOperand(count - 1);
    std::optional<int64_t> scale = getScale(name);
    if (!base || !offset.isImm() || !scale)
      return std::nullopt;
    return StackState{
        {inst.getOperand(0).getReg(), *base - offset.getImm() * *scale}};
  }
  return std::nullopt;
}

std::unique_ptr<StackModel>
owl::createX86StackModel(const llvm::MCInstrInfo &instructions,
                         const llvm::MCRegisterInfo &registers) {
  return std::make_unique<X86StackModel>(instructions, registers);
}

std::unique_ptr<StackModel>
owl::createAArch64StackModel(const llvm::MCInstrInfo &instructions,
                             const llvm::MCRegisterInfo &registers) {
  return std::make_unique<AArch64StackModel>(instructions, registers);
}
