//===- CheckCode.cpp - Rules about instructions ---------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Disassembles every function, walks over its control flow with the depth of
// its stack, and adds the depths up along the call graph.
//
//===----------------------------------------------------------------------===//

#include "CheckCode.h"
#include "Disassembler.h"
#include "StackModel.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::owl;
using namespace llvm::object;

namespace {
/// A place in the object: the index of a section and an offset into it.
using Place = std::pair<uint64_t, uint64_t>;

struct Call {
  Place target;
  /// The stack in use when the callee starts, without its return address.
  int64_t depth;
};

struct Function {
  std::string name;
  uint64_t end;
  int64_t deepest = 0;
  std::vector<Call> calls;
  /// With everything that it calls; computed on demand.
  std::optional<int64_t> total;
  bool isOpen = false;
};

/// What breaks one rule: how often, and the first place.
struct Finding {
  std::string first;
  unsigned count = 0;

  void add(const Twine &text) {
    if (count++ == 0)
      first = text.str();
  }
  void report(StringRef rule, CheckReport &report) const {
    if (count == 0)
      return;
    std::string line = (rule + ": " + first).str();
    if (count > 1)
      line += " and " + std::to_string(count - 1) + " more";
    report.broken.push_back(line);
  }
};

class CodeChecker {
public:
  CodeChecker(const ELFObjectFileBase &object,
              const llvm::MCSubtargetInfo &allowed, CheckReport &report)
      : object(object), disassembler(object, allowed), report(report) {}

  void run();

private:
  using Code = std::map<uint64_t, Instruction>;

  void findFunctions(const ELFSectionRef &section);
  void disassemble(const ELFSectionRef &section);
  void findBranchRelocations(const ELFSectionRef &section);
  void walk(Place start, Function &function);
  /// Follows `inst` at `at` out of `function` or onwards; adds the successors
  /// within it.
  void follow(Place at, const Instruction &inst, const StackState &before,
              Function &function, SmallVectorImpl<uint64_t> &successors);
  std::optional<int64_t> getTotal(Place start);
  std::string describe(const Function &function, Place at);

  const ELFObjectFileBase &object;
  Disassembler disassembler;
  CheckReport &report;
  std::map<Place, Function> functions;
  std::map<uint64_t, Code> sections;
  std::map<uint64_t, std::string> sectionNames;
  /// Where calls and jumps that have relocations lead; none for symbols that
  /// the object does not define.
  std::map<Place, std::optional<Place>> relocated;
  Finding redZone, extension, undecodable, unbounded;
};
} // namespace

void CodeChecker::findFunctions(const ELFSectionRef &section) {
  uint64_t index = section.getIndex();
  for (const ELFSymbolRef &symbol : object.symbols()) {
    auto in = llvm::expectedToOptional(symbol.getSection());
    auto address = llvm::expectedToOptional(symbol.getAddress());
    // Hand-written code often leaves out the type.
    bool isGlobal = symbol.getBinding() == llvm::ELF::STB_GLOBAL;
    bool isFunction =
        symbol.getELFType() == llvm::ELF::STT_FUNC ||
        (symbol.getELFType() == llvm::ELF::STT_NOTYPE && isGlobal);
    if (!isFunction || !in || *in != section || !address ||
        *address >= section.getSize())
      continue;
    // Of several names, the one that others can use.
    Function &function = functions[{index, *address}];
    if (function.name.empty() || isGlobal)
      function.name =
          llvm::expectedToOptional(symbol.getName()).value_or("?").str();
  }
  // Code before the first symbol is a function without a name.
  Function &first = functions[{index, 0}];
  if (first.name.empty())
    first.name = sectionNames[index];

  uint64_t end = section.getSize();
  for (auto at = functions.rbegin(); at != functions.rend(); ++at)
    if (at->first.first == index) {
      at->second.end = end;
      end = at->first.second;
    }
}

void CodeChecker::disassemble(const ELFSectionRef &section) {
  auto contents = llvm::expectedToOptional(section.getContents());
  if (!contents)
    return;
  Code &code = sections[section.getIndex()];
  ArrayRef<uint8_t> bytes = llvm::arrayRefFromStringRef(*contents);
  for (uint64_t at = 0; at < bytes.size();) {
    Instruction inst = disassembler.decode(bytes.drop_front(at), at);
    std::string where =
        sectionNames[section.getIndex()] + "+0x" + llvm::utohexstr(at, true);
    if (!inst.isValid)
      undecodable.add(where);
    else if (inst.usesExtension)
      extension.add(disassembler.print(inst, at) + " at " + where);
    uint64_t size = inst.size;
    code.emplace(at, std::move(inst));
    at += size;
  }
}

void CodeChecker::findBranchRelocations(const ELFSectionRef &section) {
  auto of = llvm::expectedToOptional(section.getRelocatedSection());
  if (!of || *of == object.section_end() || !(*of)->isText())
    return;
  auto code = sections.find(ELFSectionRef(**of).getIndex());
  if (code == sections.end())
    return;
  for (ELFRelocationRef relocation : section.relocations()) {
    // The instruction that holds the relocated bytes.
    auto at = code->second.upper_bound(relocation.getOffset());
    if (at == code->second.begin())
      continue;
    --at;
    std::optional<Place> &target = relocated[{code->first, at->first}];
    symbol_iterator symbol = relocation.getSymbol();
    if (symbol == object.symbol_end())
      continue;
    auto in = llvm::expectedToOptional(symbol->getSection());
    auto value = llvm::expectedToOptional(symbol->getAddress());
    if (!in || *in == object.section_end() || !value)
      continue;
    int64_t addend =
        llvm::expectedToOptional(relocation.getAddend()).value_or(0);
    // x86 counts from the end of the instruction.
    if (object.getEMachine() == llvm::ELF::EM_X86_64)
      addend += at->first + at->second.size - relocation.getOffset();
    target = Place{ELFSectionRef(**in).getIndex(), *value + addend};
  }
}

std::string CodeChecker::describe(const Function &function, Place at) {
  return disassembler.print(sections[at.first].at(at.second), at.second) +
         " at " + sectionNames[at.first] + "+0x" +
         llvm::utohexstr(at.second, /*LowerCase=*/true) + " in " +
         function.name;
}

void CodeChecker::follow(Place at, const Instruction &inst,
                         const StackState &before, Function &function,
                         SmallVectorImpl<uint64_t> &successors) {
  const StackModel &model = disassembler.getStackModel();
  const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
  int64_t entryDepth = *model.getDepth(model.entry());
  uint64_t next = at.second + inst.size;

  bool fallsThrough = !desc.isBarrier() && !desc.isReturn();
  if (desc.isCall() || desc.isBranch()) {
    std::optional<Place> target;
    auto moved = relocated.find(at);
    if (moved != relocated.end())
      target = moved->second;
    else if (auto address = disassembler.getBranchTarget(inst, at.second))
      target = Place{at.first, *address};
    else if (desc.isCall())
      unbounded.add("indirect call, " + describe(function, at));

    bool isLocal = target && !desc.isCall() && target->first == at.first &&
                   functions.upper_bound(*target) == functions.upper_bound(at);
    if (isLocal)
      successors.push_back(target->second);
    else if (target) // A call, or a jump at the end in place of one.
      function.calls.push_back({*target, *model.getDepth(before) -
                                             (desc.isCall() ? 0 : entryDepth)});
  }
  if (fallsThrough && next < function.end)
    successors.push_back(next);
}

void CodeChecker::walk(Place start, Function &function) {
  const StackModel &model = disassembler.getStackModel();
  const Code &code = sections[start.first];
  std::map<uint64_t, StackState> states;
  SmallVector<uint64_t> worklist = {start.second};
  states[start.second] = model.entry();
  std::optional<StackState> atJumpTable;

  auto drain = [&] {
    while (!worklist.empty()) {
      uint64_t at = worklist.pop_back_val();
      auto found = code.find(at);
      if (found == code.end() || !found->second.isValid)
        continue;
      const Instruction &inst = found->second;
      StackState state = states[at];
      if (model.usesRedZone(inst.inst, state))
        redZone.add(describe(function, {start.first, at}));

      SmallVector<uint64_t, 2> successors;
      follow({start.first, at}, inst, state, function, successors);
      if (disassembler.getDesc(inst).isIndirectBranch())
        atJumpTable = state;
      model.step(inst.inst, state);
      if (std::optional<int64_t> depth = model.getDepth(state)) {
        function.deepest = std::max(function.deepest, *depth);
      } else {
        unbounded.add("variable size, " +
                      describe(function, {start.first, at}));
        return;
      }
      for (uint64_t successor : successors)
        if (states.try_emplace(successor, state).second)
          worklist.push_back(successor);
    }
  };
  function.deepest = *model.getDepth(model.entry());
  drain();
  // The blocks behind a jump table are those that nothing else leads to.
  if (atJumpTable)
    for (auto at = code.lower_bound(start.second);
         at != code.end() && at->first < function.end; ++at)
      if (states.try_emplace(at->first, *atJumpTable).second) {
        worklist.push_back(at->first);
        drain();
      }
}

std::optional<int64_t> CodeChecker::getTotal(Place start) {
  auto at = functions.upper_bound(start);
  if (at == functions.begin() || (--at)->first.first != start.first)
    return 0; // Not in code: no rule of the stack's.
  Function &function = at->second;
  if (function.total)
    return function.total;
  if (function.isOpen)
    return std::nullopt;
  function.isOpen = true;
  int64_t total = function.deepest;
  for (const Call &call : function.calls) {
    std::optional<int64_t> callee = getTotal(call.target);
    if (!callee) {
      unbounded.add("recursion through " + function.name);
      break;
    }
    total = std::max(total, call.depth + *callee);
  }
  function.isOpen = false;
  function.total = total;
  return total;
}

void CodeChecker::run() {
  for (ELFSectionRef section : object.sections())
    if (section.isText() && section.getSize() != 0) {
      sectionNames[section.getIndex()] =
          llvm::expectedToOptional(section.getName()).value_or("?").str();
      findFunctions(section);
      disassemble(section);
    }
  for (ELFSectionRef section : object.sections())
    findBranchRelocations(section);
  for (auto &[start, function] : functions)
    walk(start, function);
  for (auto &[start, function] : functions) {
    std::optional<int64_t> total = getTotal(start);
    if (total && (report.deepestFunction.empty() ||
                  *total > int64_t(report.deepestStack))) {
      report.deepestStack = *total;
      report.deepestFunction = function.name;
    }
  }
  undecodable.report("bytes that are no instructions", report);
  redZone.report("red zone", report);
  extension.report(object.getEMachine() == llvm::ELF::EM_X86_64
                       ? "AVX instructions"
                       : "SVE instructions",
                   report);
  unbounded.report("stack of unknown depth", report);
}

void owl::checkCode(const ELFObjectFileBase &object,
                    const llvm::MCSubtargetInfo &allowed, CheckReport &report) {
  CodeChecker(object, allowed, report).run();
}
