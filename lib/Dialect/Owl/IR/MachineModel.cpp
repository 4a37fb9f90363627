//===- MachineModel.cpp - How fast a device is ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of machine models, one at least for each target, and what each of
// their figures is from.
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

// A launch is what a loop needs to fill and to drain. No data sheet has that.
static constexpr StringLiteral kLaunchSource =
    "an estimate: some hundred cycles to fill and to drain a loop";

// One core of an EPYC of the fifth generation. Caches are those that most
// processors have.
static constexpr KnownMachine x86 = {
    "x86_64",
    "znver5",
    "EPYC of the fifth generation",
    {40 * kGiga, 64 * kGiga, 4.9 * kGiga, 0.05 * kMicro, 32 * kKiB, kMiB,
     16 * kGiB},
    {"measured there: a product of 256 MB",
     "two registers of eight lanes in each of 4e9 cycles",
     "measured there: exp on 16 KB", kLaunchSource,
     "those that most processors have", "an estimate"}};

// A unikernel on a small virtual machine: the same core, with the registers of
// SSE and 1 GB.
static constexpr KnownMachine sse = {
    "unikernel-x86_64",
    "znver5",
    "EPYC of the fifth generation",
    {40 * kGiga, 32 * kGiga, 1.6 * kGiga, 0.05 * kMicro, 32 * kKiB, kMiB, kGiB},
    {x86.sources.bandwidth, "two registers of four lanes in each of 4e9 cycles",
     x86.sources.transcendentals, kLaunchSource, x86.sources.cache,
     "that of a small virtual machine"}};

// A browser, whose registers have 128 bits: the same core in Node 20. Half of
// the bandwidth is for a laptop, whose memory has two channels that its cores
// share.
static constexpr KnownMachine wasm = {
    "wasm32",
    "generic",
    "Node 20 on an EPYC of the fifth generation, with a laptop's memory",
    {20 * kGiga, 32 * kGiga, kGiga, 0.05 * kMicro, 32 * kKiB, kMiB, 4 * kGiB},
    {"a share of two channels of DDR4-3200, 51 GB/s at most for all cores "
     "(JEDEC JESD79-4)",
     "two registers of four lanes in each of 4e9 cycles",
     x86.sources.transcendentals, kLaunchSource, x86.sources.cache,
     "what 32 bits address"}};

static constexpr KnownMachine a72 = {
    "aarch64",
    "cortex-a72",
    "Raspberry Pi 4",
    {4 * kGiga, 12 * kGiga, 0.26 * kGiga, 0.2 * kMicro, 32 * kKiB, kMiB,
     4 * kGiB},
    // With no display; 4 leave room for one.
    {"LPDDR4-3200 of 32 bits is 12.8 GB/s at most (Raspberry Pi 4 product "
     "brief), of which one core gets 4.8 to 5.5 in STREAM "
     "(www.sci-pi.org.uk/bench/stream.html), less with a display",
     "two registers of four lanes in each of 1.5e9 cycles (Cortex-A72 Software "
     "Optimization Guide: ASIMD FP add on F0 and F1)",
     "5.7 cycles for each exp, by llvm-mca for cortex-a72", kLaunchSource,
     "1 MB that four cores share (BCM2711, Raspberry Pi documentation)",
     "4 GB (Raspberry Pi 4 product brief)"}};

static constexpr MachineModel a53Model = {
    2 * kGiga, 2.4 * kGiga, 0.048 * kGiga, 0.2 * kMicro,
    32 * kKiB, kMiB / 2,    kGiB};
static constexpr KnownMachine::Sources a53Sources = {
    "LPDDR2-900 of 32 bits is 3.6 GB/s at most, of which STREAM gets about 2; "
    "two of the same cores of TI's AM62L get 2.3 of as much (SPRADO9, 3.1.2)",
    "a register of four lanes in two of 1.2e9 cycles, in halves: an estimate, "
    "for Arm has published no guide",
    "25 cycles for each exp, by llvm-mca for cortex-a53",
    kLaunchSource,
    "512 KB that four cores share (BCM2837, Raspberry Pi documentation)",
    "1 GB (Raspberry Pi 3 product brief)"};
static constexpr KnownMachine a53 = {"aarch64", "cortex-a53", "Raspberry Pi 3",
                                     a53Model, a53Sources};
static constexpr KnownMachine a53Image = {
    "unikernel-aarch64", "cortex-a53", "Raspberry Pi 3", a53Model, a53Sources};

ArrayRef<KnownMachine> KnownMachine::getAll() {
  static constexpr KnownMachine all[] = {x86, sse, wasm, a72, a53, a53Image};
  return all;
}

const KnownMachine *KnownMachine::find(StringRef target, StringRef cpu) {
  for (const KnownMachine &known : getAll())
    if (known.target == target && (cpu.empty() || known.cpu == cpu))
      return &known;
  return nullptr;
}

FailureOr<MachineModel>
MachineModel::get(StringRef target,
                  function_ref<InFlightDiagnostic()> emitError) {
  if (const KnownMachine *known = KnownMachine::find(target))
    return known->model;
  return emitError() << "expected machine to be the name of a target, got '"
                     << target << "'";
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
