//===- LinkImage.cpp - From an object to a bootable image -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs lld's ELF driver in this process. It reads and writes files only, so
// everything passes through temporary ones.
//
//===----------------------------------------------------------------------===//

#include "StartupFiles.h"
#include "lld/Common/Driver.h"
#include "mlir/IR/Diagnostics.h"
#include "owl/Target/Unikernel/Unikernel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"
#include "llvm/TargetParser/Triple.h"
#include <list>

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace mlir::owl;

namespace {
/// Files that vanish with this object, and when the process is ended.
class TemporaryFiles {
public:
  TemporaryFiles(EmitErrorFn emitError) : emitError(emitError) {}
  ~TemporaryFiles() {
    for (const std::string &path : paths) {
      llvm::sys::fs::remove(path);
      llvm::sys::DontRemoveFileOnSignal(path);
    }
  }

  /// Writes a new file and returns its path, which lives as long as this does.
  FailureOr<const char *> write(StringRef suffix, StringRef contents) {
    SmallString<128> path;
    int descriptor = -1;
    if (std::error_code code =
            llvm::sys::fs::createTemporaryFile("owl", suffix, descriptor, path))
      return emitError() << "cannot create a temporary file: "
                         << code.message();
    const std::string &kept = paths.emplace_back(path.str());
    llvm::sys::RemoveFileOnSignal(kept);
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os << contents;
    os.close();
    std::error_code code = os.error();
    os.clear_error();
    if (code)
      return emitError() << "cannot write the temporary file '" << kept
                         << "': " << code.message();
    return kept.c_str();
  }

private:
  EmitErrorFn emitError;
  /// A list, so that paths stay where they are.
  std::list<std::string> paths;
};
} // namespace

bool owl::hasImages(const TargetSpec &spec) {
  llvm::Triple triple(spec.triple);
  return (triple.getArch() == llvm::Triple::x86_64 ||
          triple.getArch() == llvm::Triple::aarch64) &&
         (spec.isUnikernel || triple.isOSLinux());
}

static startup::Files getStartup(const TargetSpec &spec) {
  bool isX86 = llvm::Triple(spec.triple).getArch() == llvm::Triple::x86_64;
  if (spec.isUnikernel)
    return isX86 ? startup::getX86_64() : startup::getAArch64();
  return isX86 ? startup::getLinuxX86_64() : startup::getLinuxAArch64();
}

LogicalResult owl::linkImage(StringRef object, const TargetSpec &spec,
                             SmallVectorImpl<char> &image,
                             EmitErrorFn emitError) {
  startup::Files files = getStartup(spec);
  TemporaryFiles temporary(emitError);
  FailureOr<const char *> output = temporary.write("img", "");
  if (failed(output))
    return failure();
  SmallVector<const char *> arguments = {"ld.lld",
                                         "--static",
                                         "--no-dynamic-linker",
                                         "--build-id=none",
                                         "--gc-sections",
                                         "--fatal-warnings",
                                         "--threads=1",
                                         "--entry=owl.entry",
                                         "-z",
                                         "noexecstack",
                                         "-o",
                                         *output};
  if (!files.linkerScript.empty()) {
    FailureOr<const char *> script = temporary.write("ld", files.linkerScript);
    if (failed(script))
      return failure();
    arguments.append({"-z", "max-page-size=4096", "-T", *script});
  }
  SmallVector<StringRef> inputs = {object};
  inputs.append(files.objects.begin(), files.objects.end());
  for (StringRef contents : inputs) {
    FailureOr<const char *> input = temporary.write("o", contents);
    if (failed(input))
      return failure();
    arguments.push_back(*input);
  }

  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return emitError() << "cannot link the image: "
                       << StringRef(messages).trim();

  auto linked = llvm::MemoryBuffer::getFile(*output, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!linked)
    return emitError() << "cannot read the linked image: "
                       << linked.getError().message();
  StringRef bytes = (*linked)->getBuffer();
  image.assign(bytes.begin(), bytes.end());
  return success();
}
