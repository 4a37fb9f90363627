//===- owl-bench-device.cpp - Measure this machine as a device ------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the machine that it runs on, Node on it, or an image under QEMU, and
// prints an owl.device. What is not at hand is not measured: its figures are
// those that are known of its CPU, and are printed with what they are from.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "mlir/IR/Builders.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/ExecutionEngine/Connection.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Support/ToolErrors.h"
#include "owl/Target/Native/Host.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/TargetParser/Triple.h"
#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace mlir::owl;

namespace {
struct Options {
  std::string name, target, cpu;
  double seconds = 0;
  bool json = false;
};

/// What is printed.
struct Device {
  std::string name, target, cpu;
  MachineModel model;
  /// Nothing where figures are those of `known`.
  std::optional<Figures> measured;
  const KnownMachine *known = nullptr;
};
} // namespace

static Options parseOptions(int argc, char **argv) {
  namespace cl = llvm::cl;
  cl::OptionCategory category("owl-bench-device options");
  cl::opt<std::string> name("name", cl::value_desc("symbol"), cl::init("host"),
                            cl::cat(category),
                            cl::desc("The name of the device (host)"));
  cl::opt<std::string> target(
      "target", cl::value_desc("target"), cl::init("host"), cl::cat(category),
      cl::desc("host (this machine), wasm32 (Node on it), unikernel-x86_64 or "
               "unikernel-aarch64 (an image under QEMU); of another target the "
               "figures known of its CPU are printed"));
  cl::opt<std::string> cpu(
      "cpu", cl::value_desc("cpu"), cl::cat(category),
      cl::desc("What code is made for, as owl-translate's --mcpu, and whose "
               "known figures are printed"));
  cl::opt<double> seconds("seconds", cl::value_desc("s"), cl::init(10),
                          cl::cat(category),
                          cl::desc("How long to measure at most (10)"));
  cl::opt<bool> json("json", cl::cat(category),
                     cl::desc("Print JSON, with how far samples are apart"));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Measures a machine and prints an owl.device.\n");
  // When it links, lld sets every option that is registered to its default.
  for (cl::Option *option :
       {static_cast<cl::Option *>(&name), static_cast<cl::Option *>(&target),
        static_cast<cl::Option *>(&cpu), static_cast<cl::Option *>(&seconds),
        static_cast<cl::Option *>(&json)})
    option->removeArgument();
  return {name, target, cpu, seconds, json};
}

static llvm::raw_ostream &startRemark() {
  return llvm::WithColor::remark(llvm::errs(), "owl-bench-device");
}

/// To four digits: no machine is known better.
static double toFourDigits(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.3e", value);
  return std::strtod(text.c_str(), nullptr);
}

/// Measures `device`, whose model is that of its target, with what the system
/// says of caches.
static LogicalResult measureDevice(Device &device, const Options &options,
                                   MLIRContext &context) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  bool isImage = StringRef(device.target).starts_with("unikernel-");
  bool isX86 = StringRef(device.target).ends_with("x86_64");
  bool isEmulated = isImage && !hasVirtualization(isX86);
  CacheSizes caches;
  if (!isEmulated)
    caches = getCacheSizes();
  if (caches.own == 0) {
    startRemark() << "the system tells no sizes of caches: they are those of "
                  << device.target << "\n";
    caches = {device.model.firstCache, device.model.cache, device.model.cache};
  }
  // An image has as much as QEMU gives it.
  uint64_t memory =
      isImage ? uint64_t(kImageMegabytes) << 20 : getMemoryBytes();
  if (memory == 0)
    memory = device.model.memory;
  // Addresses of 32 bits reach no further.
  if (device.target == "wasm32")
    memory = std::min(memory, uint64_t(4) << 30);

  SmallVector<Probe> probes = getProbes(caches, memory);
  TargetRequest request;
  request.name = device.target;
  request.cpu = options.cpu;
  std::unique_ptr<Machine> machine =
      isImage                     ? createImageMachine(probes, request, context)
      : device.target == "wasm32" ? createNodeMachine(probes, request, context)
                                  : createHostMachine(probes, context);
  if (!machine)
    return failure();
  llvm::Expected<Figures> figures = measure(*machine, probes, options.seconds);
  if (!figures)
    return emitError() << llvm::toString(figures.takeError());
  device.measured = *figures;
  MachineModel &model = device.model;
  model.bandwidth = toFourDigits(figures->bandwidth.value);
  model.flops = toFourDigits(figures->flops.value);
  model.transcendentals = toFourDigits(figures->transcendentals.value);
  model.launch = toFourDigits(figures->launch.value);
  model.cache = caches.own;
  model.memory = machine->getMemory() ? machine->getMemory() : memory;
  if (isEmulated)
    startRemark() << "no KVM: these figures describe the machine that QEMU "
                     "emulates, which says nothing of a real one\n";
  return success();
}

/// Calls `print` with the name of each figure and with what it is from.
static void forEachSource(const KnownMachine::Sources &sources,
                          function_ref<void(StringRef, StringRef)> print) {
  print("bandwidth", sources.bandwidth);
  print("flops", sources.flops);
  print("transcendentals", sources.transcendentals);
  print("launch", sources.launch);
  print("cache", sources.cache);
  print("memory", sources.memory);
}

static void printJson(const Device &device) {
  llvm::json::OStream os(llvm::outs(), /*IndentSize=*/2);
  os.object([&] {
    os.attribute("name", device.name);
    os.attribute("target", device.target);
    if (!device.cpu.empty())
      os.attribute("cpu", device.cpu);
    os.attribute("measured", device.measured.has_value());
    auto print = [&](StringRef name, double value, auto figure) {
      os.attribute(name, value);
      if (device.measured)
        os.attribute((name + "_spread").str(),
                     ((*device.measured).*figure).spread);
    };
    print("bandwidth", device.model.bandwidth, &Figures::bandwidth);
    print("flops", device.model.flops, &Figures::flops);
    print("transcendentals", device.model.transcendentals,
          &Figures::transcendentals);
    print("launch", device.model.launch, &Figures::launch);
    os.attribute("cache", int64_t(device.model.cache));
    os.attribute("memory", int64_t(device.model.memory));
    if (const KnownMachine *known = device.known) {
      os.attribute("board", known->board);
      os.attributeObject("sources", [&] {
        forEachSource(known->sources, [&](StringRef name, StringRef source) {
          os.attribute(name, source);
        });
      });
    }
  });
  llvm::outs() << '\n';
}

static void printSources(const KnownMachine &known, raw_ostream &os,
                         StringRef indent) {
  forEachSource(known.sources, [&](StringRef name, StringRef source) {
    os << indent << name << ": " << source << '\n';
  });
}

static void printOp(const Device &device, MLIRContext &context) {
  // They are to stay with the figures.
  if (const KnownMachine *known = device.known) {
    llvm::outs() << "// " << known->cpu << ", " << known->board << ":\n";
    printSources(*known, llvm::outs(), "//   ");
  }
  OpBuilder b(&context);
  auto rate = [&](double value) { return b.getF64FloatAttr(value); };
  auto bytes = [&](uint64_t value) { return b.getI64IntegerAttr(value); };
  const MachineModel &model = device.model;
  OwningOpRef<DeviceOp> op = DeviceOp::create(
      b, UnknownLoc::get(&context), b.getStringAttr(device.name),
      b.getStringAttr(device.target),
      device.cpu.empty() ? StringAttr() : b.getStringAttr(device.cpu),
      rate(model.bandwidth), rate(model.flops), rate(model.transcendentals),
      rate(model.launch), bytes(model.cache), bytes(model.memory),
      /*weight=*/FloatAttr());
  // Outside of a module it is not valid, and would be printed as such.
  op->print(llvm::outs(), OpPrintingFlags().assumeVerified());
}

/// Says on standard error how sure the figures are.
static void printSpreads(const Figures &figures) {
  auto print = [](StringRef name, Figure figure, StringRef unit) {
    llvm::errs() << llvm::format("%-16s %10.4g %s, the middle half of samples "
                                 "is %.1f%% apart\n",
                                 name.str().c_str(), figure.value,
                                 unit.str().c_str(), 100 * figure.spread);
  };
  print("bandwidth", figures.bandwidth, "B/s");
  print("additions", figures.flops, "1/s");
  print("exponentials", figures.transcendentals, "1/s");
  print("launch", figures.launch, "s");
}

/// Gives `device`, which is not at hand, the figures that are known of its CPU,
/// or of what its target usually runs on.
static LogicalResult lookUpDevice(Device &device, EmitErrorFn emitError) {
  device.known = KnownMachine::find(device.target, device.cpu);
  if (!device.known) {
    SmallVector<StringRef> cpus;
    for (const KnownMachine &known : KnownMachine::getAll())
      if (known.target == device.target)
        cpus.push_back(known.cpu);
    return emitError() << "no figures of '" << device.cpu
                       << "' are known: expected --cpu to be one of "
                       << llvm::join(cpus, ", ")
                       << " with --target=" << device.target
                       << ", or to run on the machine itself";
  }
  device.model = device.known->model;
  startRemark() << "nothing is measured: these are the figures known of "
                << device.known->cpu << ", " << device.known->board
                << "; --target=host measures this machine\n";
  printSources(*device.known, llvm::errs(), "  ");
  return success();
}

static LogicalResult run(const Options &options, MLIRContext &context) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  if (!(options.seconds > 0) || !std::isfinite(options.seconds))
    return emitError() << "expected --seconds above 0";
  if (options.name.empty())
    return emitError() << "expected --name to be the name of a symbol, got ''";
  if (!llvm::is_contained(getTargetNames(), options.target))
    return emitError() << "expected --target to be one of "
                       << llvm::join(getTargetNames(), ", ") << ", got '"
                       << options.target << "'";
  std::string emulator = getEmulator();
  if (!emulator.empty())
    return emitError() << emulator
                       << " emulates this processor: expected to run on it, "
                          "for an emulator's speed says nothing of a board's";
  TargetSpec host = getHostTarget();
  StringRef arch = llvm::Triple(host.triple).isX86()       ? "x86_64"
                   : llvm::Triple(host.triple).isAArch64() ? "aarch64"
                                                           : "";
  bool isHost = options.target == "host";
  Device device;
  device.name = options.name;
  device.target = isHost ? arch.str() : options.target;
  if (isHost && arch.empty())
    return emitError() << "there is no model of " << host.triple
                       << ": expected x86-64 or AArch64";
  if (isHost && !options.cpu.empty() && options.cpu != host.cpu)
    return emitError() << "this machine is a " << host.cpu
                       << ": expected no other --cpu, got '" << options.cpu
                       << "'";
  TargetRequest request;
  request.name = device.target;
  request.cpu = options.cpu;
  FailureOr<TargetSpec> spec = resolveTarget(request, emitError);
  if (failed(spec) || !createSubtargetInfo(*spec, emitError))
    return failure();
  FailureOr<MachineModel> model = MachineModel::get(device.target, emitError);
  if (failed(model))
    return failure();
  device.model = *model;
  device.cpu = isHost ? host.cpu : options.cpu;

  // A target of another board, or this machine's without its name.
  if (!isHost && !StringRef(device.target).starts_with("unikernel-") &&
      device.target != "wasm32") {
    if (failed(lookUpDevice(device, emitError)))
      return failure();
  } else if (failed(measureDevice(device, options, context))) {
    return failure();
  }
  if (device.measured)
    printSpreads(*device.measured);
  if (options.json)
    printJson(device);
  else
    printOp(device, context);
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  installFatalErrorHandler("owl-bench-device");
  Options options = parseOptions(argc, argv);
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadDialect<OwlDialect>();
  CommandLineDiagnostics diagnostics(context, "owl-bench-device");
  return failed(run(options, context));
}
