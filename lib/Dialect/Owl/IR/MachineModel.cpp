//===- MachineModel.cpp - How fast a device is ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of machine models, one for each target.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::owl;

static constexpr double kGiga = 1e9, kMicro = 1e-6;
static constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30;

FailureOr<MachineModel>
MachineModel::get(StringRef target,
                  function_ref<InFlightDiagnostic()> emitError) {
  // x86: one core of an EPYC of the fifth generation. Bandwidth and
  // exponentials are measured: a product of 256 MB, and exp on 16 KB. F is two
  // additions of a register in each of 4e9 cycles. A launch is what a loop
  // needs to fill and to drain: some hundred cycles. Caches are those that most
  // processors have.
  constexpr MachineModel x86 = {40 * kGiga,    64 * kGiga, 4.9 * kGiga,
                                0.05 * kMicro, 32 * kKiB,  kMiB,
                                16 * kGiB};
  constexpr MachineModel sse = {40 * kGiga,    32 * kGiga, 1.6 * kGiga,
                                0.05 * kMicro, 32 * kKiB,  kMiB,
                                kGiB};
  // The same core in Node 20: its exponentials are measured, the rest is
  // estimated.
  constexpr MachineModel wasm = {20 * kGiga, 32 * kGiga, kGiga,   0.05 * kMicro,
                                 32 * kKiB,  kMiB,       4 * kGiB};
  // Raspberry Pi 4: STREAM reaches about 4 GB/s; two registers of four lanes in
  // each of 1.5e9 cycles; exp by llvm-mca for cortex-a72, 5.7 cycles each.
  constexpr MachineModel a72 = {4 * kGiga,    12 * kGiga, 0.26 * kGiga,
                                0.2 * kMicro, 32 * kKiB,  kMiB,
                                4 * kGiB};
  // Raspberry Pi 3: STREAM reaches about 2 GB/s; one register in each of 1.2e9
  // cycles, in two halves; exp by llvm-mca for cortex-a53, 25 cycles each.
  constexpr MachineModel a53 = {2 * kGiga,    2.4 * kGiga, 0.048 * kGiga,
                                0.2 * kMicro, 32 * kKiB,   kMiB / 2,
                                kGiB};
  auto model = llvm::StringSwitch<std::optional<MachineModel>>(target)
                   .Case("x86_64", x86)
                   .Case("unikernel-x86_64", sse)
                   .Case("wasm32", wasm)
                   .Case("aarch64", a72)
                   .Case("unikernel-aarch64", a53)
                   .Default(std::nullopt);
  if (!model)
    return emitError() << "expected machine to be the name of a target, got '"
                       << target << "'";
  return *model;
}

MachineModel MachineModel::get(DeviceOp device) {
  MachineModel model =
      *get(device.getTarget(), [&] { return device.emitOpError(); });
  auto take = [](auto &rate, auto given) {
    if (given)
      rate = given->convertToDouble();
  };
  take(model.bandwidth, device.getBandwidth());
  take(model.flops, device.getFlops());
  take(model.transcendentals, device.getTranscendentals());
  take(model.launch, device.getLaunch());
  model.cache = device.getCache().value_or(model.cache);
  model.memory = device.getMemory().value_or(model.memory);
  return model;
}
