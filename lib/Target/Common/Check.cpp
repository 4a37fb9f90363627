//===- Check.cpp - The contract of unikernel-ready objects ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules about the file: its kind, symbols, sections and relocations. Those
// about instructions are in CheckCode.cpp.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/Check.h"
#include "CheckCode.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace mlir;
using namespace mlir::owl;
using namespace llvm::object;

namespace {
/// What breaks one rule, and the line that says so.
struct Rule {
  explicit Rule(StringRef name) : name(name) {}

  StringRef name;
  SmallVector<std::string> culprits;
  llvm::StringSet<> known;

  void add(std::string culprit) {
    if (known.insert(culprit).second)
      culprits.push_back(std::move(culprit));
  }
  void report(CheckReport &report) const {
    if (!culprits.empty())
      report.broken.push_back((name + ": " + llvm::join(culprits, ", ")).str());
  }
};
} // namespace

using File = ELFFile<ELF64LE>;
using Section = ELF64LE::Shdr;

/// The symbols that the relocations of `section` are against.
static llvm::Expected<SmallVector<uint32_t>>
getRelocationSymbols(const File &file, const Section &section) {
  SmallVector<uint32_t> symbols;
  auto collect = [&](const auto &relocations) {
    for (const auto &relocation : relocations)
      symbols.push_back(relocation.getSymbol(/*isMips64EL=*/false));
    return symbols;
  };
  if (section.sh_type == llvm::ELF::SHT_RELA) {
    auto relocations = file.relas(section);
    if (!relocations)
      return relocations.takeError();
    return collect(*relocations);
  }
  if (section.sh_type == llvm::ELF::SHT_REL) {
    auto relocations = file.rels(section);
    if (!relocations)
      return relocations.takeError();
    return collect(*relocations);
  }
  // Compressed ones start with their number: a byte each at least, or LLVM
  // would take memory for more than there are.
  auto contents = file.getSectionContents(section);
  if (!contents)
    return contents.takeError();
  auto header = file.getCrelHeader(*contents);
  if (!header)
    return header.takeError();
  if (*header / 8 > contents->size())
    return createError("more relocations than bytes");
  auto relocations = file.crels(section);
  if (!relocations)
    return relocations.takeError();
  collect(relocations->first);
  return collect(relocations->second);
}

static llvm::Error checkRelocationTable(const File &file,
                                        const Section &section) {
  auto used = getRelocationSymbols(file, section);
  if (!used)
    return used.takeError();
  auto target = file.getSection(section.sh_info);
  if (!target)
    return target.takeError();
  auto table = file.getSection(section.sh_link);
  if (!table)
    return table.takeError();
  auto symbols = file.symbols(*table);
  if (!symbols)
    return symbols.takeError();
  for (uint32_t symbol : *used)
    if (symbol != 0 && symbol >= symbols->size())
      return createError("a relocation against symbol " + Twine(symbol) +
                         " of " + Twine(symbols->size()));
  return llvm::Error::success();
}

static llvm::Error checkSymbolTable(const File &file, const Section &section) {
  auto symbols = file.symbols(&section);
  if (!symbols)
    return symbols.takeError();
  auto strings = file.getStringTableForSymtab(section);
  if (!strings)
    return strings.takeError();
  for (const ELF64LE::Sym &symbol : *symbols)
    if (auto name = symbol.getName(*strings); !name)
      return name.takeError();
  return llvm::Error::success();
}

/// Fails where a table of `file` is not as LLVM's reader takes it to be: it
/// looks at some of them only where the answer can no longer be an error.
static llvm::Error checkTables(const File &file) {
  auto sections = file.sections();
  if (!sections)
    return sections.takeError();
  for (const Section &section : *sections) {
    if (auto name = file.getSectionName(section); !name)
      return name.takeError();
    llvm::Error error = llvm::Error::success();
    switch (section.sh_type) {
    case llvm::ELF::SHT_NULL:
    case llvm::ELF::SHT_NOBITS:
      break;
    case llvm::ELF::SHT_RELA:
    case llvm::ELF::SHT_REL:
    case llvm::ELF::SHT_CREL:
      error = checkRelocationTable(file, section);
      break;
    case llvm::ELF::SHT_SYMTAB:
      error = checkSymbolTable(file, section);
      break;
    default:
      error = file.getSectionContents(section).takeError();
    }
    if (error)
      return error;
  }
  return llvm::Error::success();
}

static std::string getName(const SectionRef &section) {
  return llvm::expectedToOptional(section.getName()).value_or("?").str();
}

static void checkSymbols(const ELFObjectFileBase &object, Rule &undefined,
                         Rule &sections) {
  for (const ELFSymbolRef &symbol : object.symbols()) {
    uint32_t flags = llvm::expectedToOptional(symbol.getFlags()).value_or(0);
    std::string name =
        llvm::expectedToOptional(symbol.getName()).value_or("?").str();
    // The table's first entry is undefined and has no name.
    if ((flags & SymbolRef::SF_Undefined) && !name.empty())
      undefined.add(name);
    else if (flags & SymbolRef::SF_Common)
      sections.add("common symbol " + name);
  }
}

/// Sorts the sections that would be in memory into the rules that they break.
static void checkSections(const ELFObjectFileBase &object, Rule &sections,
                          Rule &constructors, Rule &threadLocal) {
  for (ELFSectionRef section : object.sections()) {
    uint64_t flags = section.getFlags();
    std::string name = getName(section);
    auto isNamed = [&](StringRef prefix) {
      return name == prefix ||
             StringRef(name).starts_with((prefix + ".").str());
    };
    // Assemblers add an empty .data and .bss to every object.
    if (!(flags & llvm::ELF::SHF_ALLOC) || section.getSize() == 0)
      continue;
    if (flags & llvm::ELF::SHF_TLS)
      threadLocal.add(name);
    else if (llvm::any_of(ArrayRef<StringRef>{".init_array", ".fini_array",
                                              ".preinit_array", ".ctors",
                                              ".dtors", ".init", ".fini"},
                          isNamed))
      constructors.add(name);
    else if ((flags & llvm::ELF::SHF_WRITE) ||
             !(isNamed(".text") || isNamed(".rodata")))
      sections.add(name);
  }
}

static void checkRelocations(const ELFObjectFileBase &object, Rule &table,
                             Rule &threadLocal) {
  for (const SectionRef &section : object.sections()) {
    auto target = llvm::expectedToOptional(section.getRelocatedSection());
    if (!target || *target == object.section_end() ||
        !(ELFSectionRef(**target).getFlags() & llvm::ELF::SHF_ALLOC))
      continue;
    for (const RelocationRef &relocation : section.relocations()) {
      SmallString<32> type;
      relocation.getTypeName(type);
      std::string name = "?";
      if (auto symbol = relocation.getSymbol(); symbol != object.symbol_end())
        name = llvm::expectedToOptional(symbol->getName()).value_or("?").str();
      std::string culprit = (type + " to " + name).str();
      StringRef text = type;
      if (text.contains("TPOFF") || text.contains("TLS") ||
          text.contains("TPREL"))
        threadLocal.add(culprit);
      else if (text.contains("GOT") || text.contains("PLT"))
        table.add(culprit);
    }
  }
}

FailureOr<CheckReport> owl::checkObject(llvm::MemoryBufferRef buffer,
                                        StringRef cpu, StringRef features,
                                        uint64_t maxStack,
                                        EmitErrorFn emitError) {
  CheckReport report;
  auto file = ObjectFile::createObjectFile(buffer);
  if (!file)
    llvm::consumeError(file.takeError());
  auto *elf = file ? dyn_cast<ELF64LEObjectFile>(file->get()) : nullptr;
  const ELFObjectFileBase *object = elf;
  if (!object || object->getEType() != llvm::ELF::ET_REL ||
      !llvm::is_contained({llvm::ELF::EM_X86_64, llvm::ELF::EM_AARCH64},
                          object->getEMachine())) {
    report.broken.push_back("not a relocatable ELF object for x86-64 or "
                            "AArch64");
    return report;
  }
  if (llvm::Error error = checkTables(elf->getELFFile())) {
    report.broken.push_back("malformed object: " +
                            llvm::toString(std::move(error)));
    return report;
  }

  TargetSpec spec = *getTarget(object->getEMachine() == llvm::ELF::EM_X86_64
                                   ? "unikernel-x86_64"
                                   : "unikernel-aarch64");
  TargetRequest request;
  request.name = spec.name;
  request.cpu = cpu.str();
  request.features = features.str();
  FailureOr<TargetSpec> resolved = resolveTarget(request, emitError);
  if (failed(resolved))
    return failure();
  std::unique_ptr<llvm::MCSubtargetInfo> allowed =
      createSubtargetInfo(*resolved, emitError);
  if (!allowed)
    return failure();

  Rule undefined("undefined symbols");
  Rule sections("memory that is neither code nor constants");
  Rule constructors("constructors or destructors");
  Rule threadLocal("thread-local storage");
  Rule table("GOT or PLT relocations");
  checkSymbols(*object, undefined, sections);
  checkSections(*object, sections, constructors, threadLocal);
  checkRelocations(*object, table, threadLocal);
  for (const Rule *rule :
       {&undefined, &sections, &constructors, &threadLocal, &table})
    rule->report(report);
  if (checkCode(*object, *allowed, report) && report.deepestStack > maxStack)
    report.broken.push_back("a stack of more than " + std::to_string(maxStack) +
                            " bytes: " + std::to_string(report.deepestStack) +
                            " in " + report.deepestFunction);
  return report;
}
