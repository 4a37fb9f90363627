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
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::owl;

static constexpr double kGiga = 1e9, kMicro = 1e-6;
static constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30;

/// Bytes that go to or come from a cache in the time of an addition of f32:
/// caches are as wide as the vectors that are added. Measured on an EPYC of the
/// fifth generation, on copies of 32 and of 512 KB.
static constexpr double kFirstCacheBytes = 3.5, kCacheBytes = 1.3;

double MachineModel::getBandwidth(double bytes) const {
  double fastest = bytes <= firstCache ? kFirstCacheBytes * flops
                   : bytes <= cache    ? kCacheBytes * flops
                                       : 0;
  return std::max(fastest, bandwidth);
}

double MachineModel::getTime(const Work &work) const {
  return work.launches * launch +
         std::max(work.bytes / getBandwidth(work.bytes),
                  work.flops / flops + work.calls / transcendentals);
}

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
  // A unikernel on a small virtual machine: the same core, with the registers
  // of SSE and 1 GB.
  constexpr MachineModel sse = {40 * kGiga,    32 * kGiga, 1.6 * kGiga,
                                0.05 * kMicro, 32 * kKiB,  kMiB,
                                kGiB};
  // A browser, whose registers have 128 bits: the same core in Node 20. Its
  // exponentials are measured. Half of the bandwidth is for a laptop, whose
  // memory has two channels (DDR4-3200: 51 GB/s at most for all cores, by
  // JEDEC's JESD79-4) that its cores share. Memory is what 32 bits address.
  constexpr MachineModel wasm = {20 * kGiga, 32 * kGiga, kGiga,   0.05 * kMicro,
                                 32 * kKiB,  kMiB,       4 * kGiB};
  // Raspberry Pi 4: LPDDR4-3200 of 32 bits is 12.8 GB/s at most, of which one
  // core gets 4.8 to 5.5 in STREAM (www.sci-pi.org.uk/bench/stream.html), with
  // no display; 4 leave room for one. Two registers of four lanes in each of
  // 1.5e9 cycles (Cortex-A72 Software Optimization Guide, ASIMD FP add: two a
  // cycle, on F0 and F1); exp by llvm-mca for cortex-a72, 5.7 cycles each. The
  // caches are BCM2711's: 32 KB, and 1 MB that four cores share.
  constexpr MachineModel a72 = {4 * kGiga,    12 * kGiga, 0.26 * kGiga,
                                0.2 * kMicro, 32 * kKiB,  kMiB,
                                4 * kGiB};
  // Raspberry Pi 3: LPDDR2-900 of 32 bits is 3.6 GB/s at most. STREAM reaches
  // about 2 GB/s; two of the same cores of TI's AM62L, with memory as fast, get
  // 2.3 (SPRADO9, 3.1.2). One register in each of 1.2e9 cycles, in
  // two halves; exp by llvm-mca for cortex-a53, 25 cycles each. The caches are
  // BCM2837's.
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

FailureOr<MachineModel>
MachineModel::parse(StringRef machine,
                    function_ref<InFlightDiagnostic()> emitError) {
  auto [target, rest] = machine.split(':');
  FailureOr<MachineModel> model = get(target, emitError);
  if (failed(model))
    return failure();
  while (!rest.empty()) {
    StringRef figure;
    std::tie(figure, rest) = rest.split(':');
    auto [key, text] = figure.split('=');
    double value;
    if (text.getAsDouble(value) || !(value > 0) || !std::isfinite(value))
      return emitError() << "expected machine to have figures above 0, such as "
                            "bandwidth=4e10, got '"
                         << figure << "'";
    if (double *rate = llvm::StringSwitch<double *>(key)
                           .Case("bandwidth", &model->bandwidth)
                           .Case("flops", &model->flops)
                           .Case("transcendentals", &model->transcendentals)
                           .Case("launch", &model->launch)
                           .Default(nullptr))
      *rate = value;
    else if (uint64_t *bytes = llvm::StringSwitch<uint64_t *>(key)
                                   .Case("cache", &model->cache)
                                   .Case("memory", &model->memory)
                                   .Default(nullptr))
      *bytes = std::clamp(value, 1.0, 0x1p62);
    else
      return emitError() << "expected a figure of owl.device for machine, got '"
                         << key << "'";
  }
  return *model;
}

std::string MachineModel::format(DeviceOp device) {
  std::string text = device.getTarget().str();
  llvm::raw_string_ostream os(text);
  auto rate = [&](StringRef key, const std::optional<APFloat> &figure) {
    if (figure)
      os << ':' << key << '='
         << llvm::format("%.17g", figure->convertToDouble());
  };
  auto bytes = [&](StringRef key, std::optional<uint64_t> figure) {
    if (figure)
      os << ':' << key << '=' << *figure;
  };
  rate("bandwidth", device.getBandwidth());
  rate("flops", device.getFlops());
  rate("transcendentals", device.getTranscendentals());
  rate("launch", device.getLaunch());
  bytes("cache", device.getCache());
  bytes("memory", device.getMemory());
  return text;
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
