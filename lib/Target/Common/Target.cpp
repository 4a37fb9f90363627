//===- Target.cpp - The table of targets ----------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The named targets, and how a user's triple, CPU and features change them.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/Target.h"
#include "mlir/IR/Diagnostics.h"
#include "owl/Target/Native/Host.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
struct TableEntry {
  StringLiteral name, triple, cpu, features;
  bool isUnikernel;
};
} // namespace

static constexpr TableEntry table[] = {
    {"x86_64", "x86_64-unknown-linux-gnu", "x86-64-v3", "", false},
    {"aarch64", "aarch64-unknown-linux-gnu", "cortex-a72", "", false},
    {"wasm32", "wasm32-unknown-unknown", "generic", "+simd128,+bulk-memory",
     false},
    // SSE2 only: the hypervisors of unikernels do not enable AVX.
    {"unikernel-x86_64", "x86_64-unknown-none-elf", "x86-64", "", true},
    {"unikernel-aarch64", "aarch64-unknown-none-elf", "cortex-a53", "", true},
};

bool TargetSpec::isWasm() const { return llvm::Triple(triple).isWasm(); }

unsigned TargetSpec::indexBits() const {
  return llvm::Triple(triple).isArch32Bit() ? 32 : 64;
}

ArrayRef<StringRef> owl::getTargetNames() {
  static const StringRef names[] = {
      "x86_64",           "aarch64",           "wasm32",
      "unikernel-x86_64", "unikernel-aarch64", "host"};
  return names;
}

std::unique_ptr<TargetSpec> owl::getTarget(StringRef name) {
  if (name == "host")
    return std::make_unique<TargetSpec>(getHostTarget());
  for (const TableEntry &entry : table)
    if (entry.name == name)
      return std::make_unique<TargetSpec>(
          TargetSpec{entry.name.str(), entry.triple.str(), entry.cpu.str(),
                     entry.features.str(), entry.isUnikernel});
  return nullptr;
}

/// The target of `request` before its CPU and features are looked at.
static FailureOr<TargetSpec> resolveBase(const TargetRequest &request,
                                         EmitErrorFn emitError) {
  if (!request.triple.empty()) {
    if (!request.name.empty())
      return emitError() << "--target=" << request.name
                         << " and --triple=" << request.triple
                         << " both name a target: expected one of the two";
    TargetSpec spec;
    spec.triple = llvm::Triple::normalize(request.triple);
    spec.name = spec.triple;
    spec.isUnikernel = llvm::Triple(spec.triple).getOSName() == "none";
    return spec;
  }

  std::string expected = llvm::join(getTargetNames(), ", ");
  if (request.name.empty())
    return emitError() << "no target: expected --target with one of "
                       << expected << ", or --triple";
  if (std::unique_ptr<TargetSpec> spec = getTarget(request.name))
    return *spec;
  return emitError() << "unknown target '" << request.name
                     << "': expected one of " << expected << ", or --triple";
}

FailureOr<TargetSpec> owl::resolveTarget(const TargetRequest &request,
                                         EmitErrorFn emitError) {
  FailureOr<TargetSpec> spec = resolveBase(request, emitError);
  if (failed(spec))
    return failure();

  if (request.cpu == "native") {
    TargetSpec host = getHostTarget();
    if (llvm::Triple(spec->triple).getArch() !=
        llvm::Triple(host.triple).getArch())
      return emitError() << "--mcpu=native is a CPU of " << host.triple
                         << ", not of " << spec->triple;
    spec->cpu = host.cpu;
    spec->features = host.features;
  } else if (!request.cpu.empty()) {
    spec->cpu = request.cpu;
    // The host's features are those of its own CPU.
    if (spec->name == "host")
      spec->features.clear();
  }

  if (!request.features.empty())
    spec->features += (spec->features.empty() ? "" : ",") + request.features;
  return spec;
}
