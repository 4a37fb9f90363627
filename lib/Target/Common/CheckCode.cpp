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
#include <set>

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
  /// Whether calls of it may come back.
  bool returns = true;
  int64_t deepest = 0;
  std::vector<Call> calls;
  /// With everything that it calls, once that is done.
  int64_t total = 0;
  enum { Unseen, Open, Done } progress = Unseen;
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

  /// Whether the deepest stack is known.
  bool run();

private:
  using Code = std::map<uint64_t, Instruction>;
  /// The stack before each instruction.
  using States = std::map<uint64_t, StackState>;

  void findFunctions();
  void disassemble(const ELFSectionRef &section);
  void findBranchRelocations(const ELFSectionRef &section);
  void walk(Place start, Function &function);
  /// Whether the call or jump `inst` leads where a register or memory says.
  bool isIndirect(const Instruction &inst);
  /// Where the call or jump `inst` at `at` leads, where that is known.
  std::optional<Place> getTarget(Place at, const Instruction &inst);
  /// Whether the jump `inst` at `at` stays within its function.
  bool isLocal(Place at, const Instruction &inst, Place target);
  /// Finds the functions that calls never come back from: what stands behind
  /// such a call is not reached from there.
  void findNoReturn();
  bool mayReturn(Place start, const Function &function);
  /// Whether the instruction after `inst` at `at` may come next.
  bool fallsThrough(Place at, const Instruction &inst);
  /// The instructions of `function` that may come after `inst` at `at`.
  SmallVector<uint64_t, 2> getSuccessors(Place at, const Instruction &inst,
                                         const Function &function);
  /// Finds the stack before every instruction that `start`, whose own is known,
  /// leads to. False where there is none that holds whichever way was taken.
  bool propagate(Place start, const Function &function, States &states);
  /// The same for what only jump tables lead to.
  bool propagateJumpTables(Place start, const Function &function,
                           States &states);
  /// The function that `at` lies in. Null outside of code.
  Function *findFunction(Place at);
  /// Computes the total of `root` and of all that it calls.
  void addUp(Function &root);
  std::string describe(const Function &function, Place at);

  const ELFObjectFileBase &object;
  Disassembler disassembler;
  CheckReport &report;
  std::map<Place, Function> functions;
  std::map<uint64_t, Code> sections;
  /// Of the sections with code.
  std::map<uint64_t, std::string> sectionNames;
  std::map<uint64_t, uint64_t> sectionSizes;
  /// Where calls and jumps that have relocations lead; none for symbols that
  /// the object does not define.
  std::map<Place, std::optional<Place>> relocated;
  Finding redZone, extension, undecodable, unbounded;
};
} // namespace

void CodeChecker::findFunctions() {
  for (const ELFSymbolRef &symbol : object.symbols()) {
    auto in = llvm::expectedToOptional(symbol.getSection());
    auto address = llvm::expectedToOptional(symbol.getAddress());
    // Hand-written code often leaves out the type.
    bool isGlobal = symbol.getBinding() == llvm::ELF::STB_GLOBAL;
    bool isFunction =
        symbol.getELFType() == llvm::ELF::STT_FUNC ||
        (symbol.getELFType() == llvm::ELF::STT_NOTYPE && isGlobal);
    if (!isFunction || !in || *in == object.section_end() || !address ||
        *address >= (*in)->getSize())
      continue;
    uint64_t section = ELFSectionRef(**in).getIndex();
    if (!sectionNames.count(section))
      continue;
    // Of several names, the one that others can use.
    Function &function = functions[{section, *address}];
    if (function.name.empty() || isGlobal)
      function.name =
          llvm::expectedToOptional(symbol.getName()).value_or("?").str();
  }
  // Code before the first symbol is a function without a name.
  for (const auto &[section, name] : sectionNames)
    if (Function &first = functions[{section, 0}]; first.name.empty())
      first.name = name;

  // A function ends where the next one starts.
  std::optional<Place> next;
  for (auto &[start, function] : llvm::reverse(functions)) {
    bool isLast = !next || next->first != start.first;
    function.end = isLast ? sectionSizes[start.first] : next->second;
    next = start;
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

bool CodeChecker::isIndirect(const Instruction &inst) {
  const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
  return desc.isIndirectBranch() || (desc.isCall() && desc.mayLoad());
}

std::optional<Place> CodeChecker::getTarget(Place at, const Instruction &inst) {
  const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
  // What an indirect one has a relocation for is the memory that it reads.
  if ((!desc.isCall() && !desc.isBranch()) || isIndirect(inst))
    return std::nullopt;
  auto moved = relocated.find(at);
  if (moved != relocated.end())
    return moved->second;
  if (auto address = disassembler.getBranchTarget(inst, at.second))
    return Place{at.first, *address};
  return std::nullopt;
}

bool CodeChecker::isLocal(Place at, const Instruction &inst, Place target) {
  return !disassembler.getDesc(inst).isCall() && target.first == at.first &&
         functions.upper_bound(target) == functions.upper_bound(at);
}

SmallVector<uint64_t, 2> CodeChecker::getSuccessors(Place at,
                                                    const Instruction &inst,
                                                    const Function &function) {
  SmallVector<uint64_t, 2> successors;
  std::optional<Place> target = getTarget(at, inst);
  if (target && isLocal(at, inst, *target))
    successors.push_back(target->second);
  uint64_t next = at.second + inst.size;
  if (fallsThrough(at, inst) && next < function.end)
    successors.push_back(next);
  return successors;
}

bool CodeChecker::fallsThrough(Place at, const Instruction &inst) {
  const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
  if (desc.isBarrier() || desc.isReturn() || disassembler.isTrap(inst))
    return false;
  if (!desc.isCall())
    return true;
  std::optional<Place> target = getTarget(at, inst);
  auto callee = target ? functions.find(*target) : functions.end();
  return callee == functions.end() || callee->second.returns;
}

bool CodeChecker::mayReturn(Place start, const Function &function) {
  const Code &code = sections[start.first];
  std::set<uint64_t> seen = {start.second};
  SmallVector<uint64_t> worklist = {start.second};
  while (!worklist.empty()) {
    Place at(start.first, worklist.pop_back_val());
    auto found = code.find(at.second);
    if (found == code.end() || !found->second.isValid)
      return true;
    const Instruction &inst = found->second;
    const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
    std::optional<Place> target = getTarget(at, inst);
    bool leaves =
        (desc.isBranch() && !(target && isLocal(at, inst, *target))) ||
        (at.second + inst.size >= function.end && fallsThrough(at, inst));
    if (desc.isReturn() || leaves)
      return true;
    for (uint64_t successor : getSuccessors(at, inst, function))
      if (seen.insert(successor).second)
        worklist.push_back(successor);
  }
  return false;
}

void CodeChecker::findNoReturn() {
  // Who calls one of these may be one too; a few steps of that are enough.
  bool changed = true;
  for (unsigned round = 0; round != 3 && changed; ++round) {
    changed = false;
    for (auto &[start, function] : functions)
      if (function.returns && !mayReturn(start, function)) {
        function.returns = false;
        changed = true;
      }
  }
}

bool CodeChecker::propagate(Place start, const Function &function,
                            States &states) {
  const StackModel &model = disassembler.getStackModel();
  const Code &code = sections[start.first];
  SmallVector<uint64_t> worklist = {start.second};
  while (!worklist.empty()) {
    uint64_t address = worklist.pop_back_val();
    Place at(start.first, address);
    auto found = code.find(address);
    if (found == code.end() || !found->second.isValid)
      continue;
    const Instruction &inst = found->second;
    StackState state = states.at(address);
    model.step(inst.inst, state);
    if (!model.getDepth(state)) {
      unbounded.add("variable size, " + describe(function, at));
      return false;
    }
    for (uint64_t successor : getSuccessors(at, inst, function)) {
      auto [known, isNew] = states.try_emplace(successor, state);
      if (!isNew && model.getDepth(known->second) != model.getDepth(state)) {
        unbounded.add("different depths meet after " + describe(function, at));
        return false;
      }
      if (isNew || model.meet(known->second, state))
        worklist.push_back(successor);
    }
  }
  return true;
}

bool CodeChecker::propagateJumpTables(Place start, const Function &function,
                                      States &states) {
  const StackModel &model = disassembler.getStackModel();
  const Code &code = sections[start.first];
  std::optional<StackState> atJump;
  uint64_t firstJump = 0;
  for (const auto &[address, state] : states) {
    auto found = code.find(address);
    if (found == code.end() || !found->second.isValid ||
        !disassembler.getDesc(found->second).isIndirectBranch())
      continue;
    if (atJump && model.getDepth(*atJump) != model.getDepth(state)) {
      unbounded.add("jump tables at different depths, " +
                    describe(function, {start.first, address}));
      return false;
    }
    if (!atJump) {
      atJump = state;
      firstJump = address;
    }
    model.meet(*atJump, state);
  }
  if (!atJump)
    return true;
  // The blocks behind a jump table are those that nothing else leads to. What
  // pads between blocks is not executed.
  bool hasBlocks = false;
  for (auto at = code.lower_bound(start.second);
       at != code.end() && at->first < function.end; ++at) {
    if (!at->second.isValid || disassembler.isNop(at->second) ||
        disassembler.isTrap(at->second) ||
        !states.try_emplace(at->first, *atJump).second)
      continue;
    hasBlocks = true;
    if (!propagate({start.first, at->first}, function, states))
      return false;
  }
  // Without any it may lead out of the function.
  if (!hasBlocks)
    unbounded.add("indirect jump, " +
                  describe(function, {start.first, firstJump}));
  return hasBlocks;
}

void CodeChecker::walk(Place start, Function &function) {
  const StackModel &model = disassembler.getStackModel();
  const Code &code = sections[start.first];
  if (!code.count(start.second))
    undecodable.add("the start of " + function.name);
  int64_t entryDepth = *model.getDepth(model.entry());
  function.deepest = entryDepth;
  States states = {{start.second, model.entry()}};
  bool isBounded = propagate(start, function, states) &&
                   propagateJumpTables(start, function, states);
  for (const auto &[address, state] : states) {
    Place at(start.first, address);
    auto found = code.find(address);
    if (found == code.end() || !found->second.isValid)
      continue;
    const Instruction &inst = found->second;
    const llvm::MCInstrDesc &desc = disassembler.getDesc(inst);
    if (model.usesRedZone(inst.inst, state))
      redZone.add(describe(function, at));
    std::optional<Place> target = getTarget(at, inst);
    auto section = target ? sections.find(target->first) : sections.end();
    // There it would go on with other instructions than those known here.
    if (section != sections.end() && !section->second.count(target->second))
      undecodable.add("the target of " + describe(function, at));
    if (!isBounded)
      continue;
    int64_t depth = *model.getDepth(state);
    function.deepest = std::max(function.deepest, depth);
    // A call, or a jump at the end in place of one.
    if (target && !isLocal(at, inst, *target))
      function.calls.push_back(
          {*target, depth - (desc.isCall() ? 0 : entryDepth)});
    else if (desc.isCall() && (isIndirect(inst) || !relocated.count(at)))
      unbounded.add("indirect call, " + describe(function, at));
    // Without a jump the next function follows at the end too.
    Place next(at.first, address + inst.size);
    if (next.second >= function.end && fallsThrough(at, inst) &&
        functions.count(next)) {
      StackState after = state;
      model.step(inst.inst, after);
      function.calls.push_back({next, *model.getDepth(after) - entryDepth});
    }
  }
}

Function *CodeChecker::findFunction(Place at) {
  auto after = functions.upper_bound(at);
  if (after == functions.begin() || std::prev(after)->first.first != at.first)
    return nullptr;
  return &std::prev(after)->second;
}

void CodeChecker::addUp(Function &root) {
  if (root.progress == Function::Done)
    return;
  // The functions that are open, each with the call that it has come to.
  std::vector<std::pair<Function *, size_t>> path;
  auto open = [&](Function &function) {
    function.progress = Function::Open;
    function.total = function.deepest;
    path.emplace_back(&function, 0);
  };
  open(root);
  while (!path.empty()) {
    auto &[function, next] = path.back();
    if (next == function->calls.size()) {
      function->progress = Function::Done;
      path.pop_back();
      continue;
    }
    const Call &call = function->calls[next];
    // What is not in code has no rule about its stack.
    Function *callee = findFunction(call.target);
    if (callee && callee->progress == Function::Unseen) {
      open(*callee);
      continue;
    }
    if (callee && callee->progress == Function::Open) {
      unbounded.add("recursion through " + function->name);
      next = function->calls.size();
      continue;
    }
    function->total =
        std::max(function->total, call.depth + (callee ? callee->total : 0));
    ++next;
  }
}

bool CodeChecker::run() {
  for (ELFSectionRef section : object.sections())
    if (section.isText() && section.getSize() != 0) {
      sectionNames[section.getIndex()] =
          llvm::expectedToOptional(section.getName()).value_or("?").str();
      sectionSizes[section.getIndex()] = section.getSize();
      disassemble(section);
    }
  findFunctions();
  for (ELFSectionRef section : object.sections())
    findBranchRelocations(section);
  findNoReturn();
  for (auto &[start, function] : functions)
    walk(start, function);
  for (auto &[start, function] : functions) {
    addUp(function);
    if (report.deepestFunction.empty() ||
        function.total > int64_t(report.deepestStack)) {
      report.deepestStack = function.total;
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
  return undecodable.count == 0 && unbounded.count == 0;
}

bool owl::checkCode(const ELFObjectFileBase &object,
                    const llvm::MCSubtargetInfo &allowed, CheckReport &report) {
  return CodeChecker(object, allowed, report).run();
}
