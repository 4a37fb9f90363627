//===- Package.cpp - Compiling for several devices ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each module of a device goes through owl::compile, once for each file that
// its target has. What is left of the functions around them are schedules:
//
//   %t = owl.transfer %x from @pi to @kernel
//   %y = owl.call @kernel::@f_0(%t)
//
//===----------------------------------------------------------------------===//

#include "Package.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Target/Common/Package.h"
#include "owl/Target/Unikernel/Unikernel.h"
#include "owl/Target/Wasm/Wasm.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::owl;

static constexpr StringLiteral kPlan = "plan.json";

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

/// Devices give their names to folders and files.
static LogicalResult checkName(DeviceOp device) {
  StringRef name = device.getSymName();
  if (!name.empty() && llvm::all_of(name, [](char c) {
        return llvm::isAlnum(c) || c == '_' || c == '-';
      }))
    return success();
  return emitError(device.getLoc())
         << "--emit=package makes a folder for each device: expected a name of "
            "letters, digits, '_' and '-', got '"
         << name << "'";
}

namespace {
/// Compiles the module of one device.
class DeviceCompiler {
public:
  DeviceCompiler(ModuleOp module, const CompileOptions &options,
                 PackageDevice &device, SmallVector<OutputFile> &files)
      : module(module), options(options), device(device), files(files) {}

  LogicalResult run(const TargetSpec &spec);

private:
  /// Adds what `emit` makes of the module, as NAME/NAME.EXTENSION and others
  /// beside it, and notes the path of the first as `path`.
  LogicalResult add(Emit emit, StringRef extension, std::string &path);

  ModuleOp module;
  CompileOptions options;
  PackageDevice &device;
  SmallVector<OutputFile> &files;
};
} // namespace

LogicalResult DeviceCompiler::add(Emit emit, StringRef extension,
                                  std::string &path) {
  path = device.name + "/" + device.name + extension.str();
  options.emit = emit;
  options.output = path;
  OwningOpRef<ModuleOp> copy(module.clone());
  // Its name would be in the object, which is to be the one of any module.
  copy->removeSymNameAttr();
  FailureOr<SmallVector<OutputFile>> made = compile(*copy, options);
  if (failed(made))
    return failure();
  for (OutputFile &file : *made)
    files.push_back(std::move(file));
  return success();
}

LogicalResult DeviceCompiler::run(const TargetSpec &spec) {
  options.name = device.name;
  if (failed(add(Emit::Signature, ".json", device.signature)))
    return failure();
  if (spec.isWasm()) {
    if (failed(add(Emit::Module, ".wasm", device.module)))
      return failure();
    device.script = device.name + "/" + device.name + ".mjs";
    device.types = device.name + "/" + device.name + ".d.ts";
    device.server = device.name + "/" + device.name + ".serve.mjs";
    OutputFile &server = files.emplace_back(OutputFile{device.server, {}});
    llvm::raw_svector_ostream os(server.contents);
    printServer(device.name, os);
    return success();
  }
  if (failed(add(Emit::Object, ".o", device.object)) ||
      failed(add(Emit::Header, ".h", device.header)))
    return failure();
  if (!hasImages(spec))
    return success();
  return add(Emit::Image, spec.isUnikernel ? ".img" : ".serve", device.server);
}

/// Compiles for `op`, whose functions are in `inner`, or nowhere.
static FailureOr<PackageDevice> compileDevice(DeviceOp op, ModuleOp inner,
                                              CompileOptions options,
                                              SmallVector<OutputFile> &files) {
  options.target = {op.getTarget().str(), "", op.getCpu().value_or("").str(),
                    ""};
  options.machine = MachineModel::format(op);
  auto atDevice = [&] { return emitError(op.getLoc()); };
  FailureOr<TargetSpec> spec = resolveTarget(options.target, atDevice);
  if (failed(checkName(op)) || failed(spec) ||
      !createTargetMachine(*spec, atDevice))
    return failure();
  PackageDevice device;
  device.name = op.getSymName().str();
  device.target = op.getTarget().str();
  device.triple = spec->triple;
  device.cpu = spec->cpu;
  if (inner && failed(DeviceCompiler(inner, options, device, files).run(*spec)))
    return failure();
  return device;
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

namespace {
/// Writes down the schedule that a function is.
class ScheduleWriter {
public:
  explicit ScheduleWriter(PackageFunction &function) : function(function) {}

  /// `block` is one that owl-verify-partition lets pass.
  void write(Block &block);

private:
  std::vector<int64_t> lookUp(ValueRange values) const {
    std::vector<int64_t> result;
    for (Value value : values)
      result.push_back(numbers.lookup(value));
    return result;
  }
  std::vector<int64_t> number(ValueRange values) {
    std::vector<int64_t> result;
    for (Value value : values) {
      result.push_back(numbers.size());
      numbers[value] = result.back();
    }
    return result;
  }

  PackageFunction &function;
  DenseMap<Value, int64_t> numbers;
};
} // namespace

void ScheduleWriter::write(Block &block) {
  number(block.getArguments());
  for (Operation &op : block.without_terminator()) {
    PackageStep step;
    if (auto call = dyn_cast<CallOp>(op)) {
      step.kind = PackageStep::Kind::Call;
      step.device = call.getCallee().getRootReference().str();
      step.function = call.getCallee().getLeafReference().str();
    } else if (auto transfer = dyn_cast<TransferOp>(op)) {
      step.kind = PackageStep::Kind::Transfer;
      step.from = transfer.getFrom().str();
      step.device = transfer.getTo().str();
    } else if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      step.kind = PackageStep::Kind::Size;
      step.dimension = *dim.getConstantIndex();
    } else if (isa<tensor::EmptyOp>(op)) {
      step.kind = PackageStep::Kind::Empty;
    } else {
      continue; // a constant: the dimension of a tensor.dim
    }
    // The dimension is no value of the plan.
    step.arguments =
        lookUp(isa<tensor::DimOp>(op) ? op.getOperands().take_front()
                                      : op.getOperands());
    step.results = number(op.getResults());
    function.steps.push_back(std::move(step));
  }
  function.returned = lookUp(block.getTerminator()->getOperands());
}

/// Refuses options of a single target.
static LogicalResult checkOptions(const CompileOptions &options,
                                  EmitErrorFn emitError) {
  const TargetRequest &target = options.target;
  for (const std::string &named :
       {target.name, target.triple, target.cpu, target.features})
    if (!named.empty())
      return emitError() << "--emit=package compiles for the target of each "
                            "owl.device: expected no --target, --triple, "
                            "--mcpu or --mattr";
  if (options.threads.threads != 1)
    return emitError() << "--emit=package makes code of one thread: expected "
                          "no --threads="
                       << options.threads.threads;
  if (options.output == "-")
    return emitError() << "--emit=package writes a folder: expected -o DIR";
  return success();
}

FailureOr<SmallVector<OutputFile>>
owl::compilePackage(ModuleOp module, const CompileOptions &options) {
  auto emitUsageError = [&] {
    return mlir::emitError(UnknownLoc::get(module.getContext()));
  };
  if (failed(checkOptions(options, emitUsageError)))
    return failure();

  // One whose functions only pass on what they get has no functions of devices.
  if (llvm::none_of(module.getOps<ModuleOp>(), DeviceOp::getRunner) &&
      module.getOps<DeviceOp>().empty())
    return mlir::emitError(module.getLoc())
           << "the module has no module of a device inside: expected one that "
              "owl-partition has made";
  PassManager passes(module.getContext());
  passes.addPass(createVerifyPartition({/*once=*/false}));
  if (failed(passes.run(module)))
    return failure();
  SmallVector<func::FuncOp> schedules;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    if (!function.getBody().hasOneBlock())
      return mlir::emitError(function.getLoc())
             << "expected a schedule of one block, without branches";
    schedules.push_back(function);
  }

  Package package;
  SmallVector<OutputFile> files;
  FailureOr<SmallVector<FunctionSignature>> signatures =
      getSignatures(module, options.symbolPrefix);
  if (failed(signatures))
    return failure();
  for (auto [schedule, signature] : llvm::zip_equal(schedules, *signatures)) {
    PackageFunction &function = package.functions.emplace_back();
    function.name = signature.name;
    function.arguments.assign(signature.arguments.begin(),
                              signature.arguments.end());
    function.results.assign(signature.results.begin(), signature.results.end());
    ScheduleWriter(function).write(schedule.getBody().front());
  }
  for (Operation &op : *module.getBody()) {
    auto inner = dyn_cast<ModuleOp>(op);
    DeviceOp device =
        inner ? DeviceOp::getRunner(inner) : dyn_cast<DeviceOp>(op);
    if (!device)
      continue;
    FailureOr<PackageDevice> compiled =
        compileDevice(device, inner, options, files);
    if (failed(compiled))
      return failure();
    package.devices.push_back(std::move(*compiled));
  }
  OutputFile &plan = files.emplace_back(OutputFile{kPlan.str(), {}});
  llvm::raw_svector_ostream os(plan.contents);
  printPackage(package, os);
  return files;
}

/// Whether `folder` is a package and holds nothing else.
static LogicalResult checkPackage(StringRef folder, MLIRContext &context,
                                  EmitErrorFn emitError) {
  SmallString<128> path(folder);
  llvm::sys::path::append(path, kPlan);
  auto text = llvm::MemoryBuffer::getFile(path);
  if (!text)
    return emitError() << "'" << folder
                       << "' is not empty and no package: expected another "
                          "folder";
  llvm::Expected<Package> package =
      parsePackage((*text)->getBuffer(), &context);
  if (!package) {
    llvm::consumeError(package.takeError());
    return emitError() << "'" << path
                       << "' is not that of a package: expected another folder";
  }
  // A device's files are in a folder with its name, and all have that name.
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator entry(folder, code), end;
       !code && entry != end; entry.increment(code)) {
    StringRef name = StringRef(entry->path()).drop_front(folder.size());
    name = name.ltrim('/');
    if (name != kPlan &&
        llvm::none_of(package->devices, [&](const PackageDevice &device) {
          return name == device.name ||
                 name.starts_with(device.name + "/" + device.name + ".");
        }))
      return emitError() << "'" << folder << "' would be replaced, and holds '"
                         << name << "', which is no part of the package";
  }
  if (code)
    return emitError() << "cannot read '" << folder << "': " << code.message();
  return success();
}

LogicalResult owl::writeOutput(ArrayRef<OutputFile> files,
                               const CompileOptions &options,
                               MLIRContext &context) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  if (options.emit != Emit::Package)
    return writeFiles(files, emitError);
  return writeFolder(
      options.output, files,
      [&] { return checkPackage(options.output, context, emitError); },
      emitError);
}
