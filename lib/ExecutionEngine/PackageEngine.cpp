//===- PackageEngine.cpp - Running a model on several devices -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every array is in this process between two calls, so that a transfer moves
// nothing more: its bytes go to a device with the call that needs them.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/PackageEngine.h"
#include "CheckPackage.h"
#include "Device.h"
#include "owl/Support/MakeError.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <chrono>

using namespace mlir;
using namespace mlir::owl;

/// Puts `where` in front of what `error` says.
static llvm::Error prefix(const Twine &where, llvm::Error error) {
  return makeError(where + ": " + llvm::toString(std::move(error)));
}

/// What `parse` makes of the file at `path`.
template <typename Parse>
static auto readFile(const Twine &path, Parse parse) -> decltype(parse("")) {
  auto text = llvm::MemoryBuffer::getFile(path);
  if (!text)
    return makeError(path + ": cannot read it: " + text.getError().message());
  auto parsed = parse((*text)->getBuffer());
  if (!parsed)
    return prefix(path, parsed.takeError());
  return parsed;
}

PackageEngine::PackageEngine(StringRef folder, unsigned timeout, Package read)
    : folder(folder), timeout(timeout), package(std::move(read)),
      signatures(package.devices.size()), devices(package.devices.size()) {
  for (const PackageFunction &function : package.functions) {
    FunctionSignature &signature = functions.emplace_back();
    signature.name = function.name;
    llvm::append_range(signature.arguments, function.arguments);
    llvm::append_range(signature.results, function.results);
  }
}

PackageEngine::~PackageEngine() = default;

llvm::Expected<std::unique_ptr<PackageEngine>>
PackageEngine::load(StringRef path, MLIRContext &context, unsigned timeout) {
  llvm::Expected<Package> package = readFile(
      path, [&](StringRef text) { return parsePackage(text, &context); });
  if (!package)
    return package.takeError();
  std::unique_ptr<PackageEngine> engine(new PackageEngine(
      llvm::sys::path::parent_path(path), timeout, std::move(*package)));
  for (auto [device, functions] :
       llvm::zip_equal(engine->package.devices, engine->signatures)) {
    if (device.signature.empty())
      continue;
    SmallString<128> file(engine->folder);
    llvm::sys::path::append(file, device.signature);
    auto read = readFile(
        file, [&](StringRef text) { return parseSignature(text, &context); });
    if (!read)
      return read.takeError();
    functions = std::move(*read);
  }
  if (llvm::Error error = checkPackage(engine->package, engine->signatures))
    return prefix(path, std::move(error));
  return engine;
}

static llvm::Error atDevice(StringRef name, llvm::Error error) {
  return prefix("device '" + name + "'", std::move(error));
}

llvm::Error PackageEngine::start(unsigned function, EmitErrorFn emitError) {
  for (const PackageStep &step : package.functions[function].steps) {
    if (step.kind != PackageStep::Kind::Call)
      continue;
    unsigned number = *findByName(package.devices, step.device);
    if (devices[number])
      continue;
    llvm::Expected<std::unique_ptr<Device>> device =
        openDevice(package.devices[number], signatures[number], folder, timeout,
                   emitError);
    if (!device)
      return atDevice(step.device, device.takeError());
    devices[number] = std::move(*device);
  }
  return llvm::Error::success();
}

llvm::Error PackageEngine::execute(const PackageStep &step,
                                   SmallVectorImpl<SharedArray> &values) {
  SmallVector<SharedArray> arguments;
  for (int64_t argument : step.arguments)
    arguments.push_back(values[argument]);
  switch (step.kind) {
  case PackageStep::Kind::Transfer:
    values.push_back(arguments.front());
    return llvm::Error::success();
  case PackageStep::Kind::Size: {
    llvm::Expected<NpyArray> size = NpyArray::create({'i', 8}, {});
    if (!size)
      return size.takeError();
    *reinterpret_cast<int64_t *>(size->data.data()) =
        arguments.front()->shape[step.dimension];
    values.push_back(std::make_shared<NpyArray>(std::move(*size)));
    return llvm::Error::success();
  }
  case PackageStep::Kind::Empty: {
    int64_t size =
        *reinterpret_cast<const int64_t *>(arguments.front()->data.data());
    llvm::Expected<NpyArray> empty = NpyArray::create({'i', 1}, {size, 0});
    if (!empty)
      return empty.takeError();
    values.push_back(std::make_shared<NpyArray>(std::move(*empty)));
    return llvm::Error::success();
  }
  case PackageStep::Kind::Call:
    break;
  }
  unsigned device = *findByName(package.devices, step.device);
  running = &package.devices[device];
  llvm::Expected<SmallVector<SharedArray>> results = devices[device]->call(
      *findByName(signatures[device], step.function), arguments);
  running = nullptr;
  if (!results)
    return atDevice(step.device, results.takeError());
  llvm::append_range(values, *results);
  return llvm::Error::success();
}

/// What a step does, in a table.
static std::string describe(const PackageStep &step, int64_t numBytes) {
  switch (step.kind) {
  case PackageStep::Kind::Call:
    return step.device + ": " + step.function;
  case PackageStep::Kind::Transfer:
    return step.from + " to " + step.device + ": " + std::to_string(numBytes) +
           " bytes";
  case PackageStep::Kind::Size:
    return "size of a dimension";
  case PackageStep::Kind::Empty:
    return "a size for other calls";
  }
  llvm_unreachable("every kind of step is described");
}

llvm::Expected<SmallVector<SharedArray>>
PackageEngine::call(unsigned function, ArrayRef<SharedArray> inputs) {
  using Clock = std::chrono::steady_clock;
  const PackageFunction &plan = package.functions[function];
  SmallVector<SharedArray> values(inputs), results;
  times.clear();
  for (const PackageStep &step : plan.steps) {
    Clock::time_point start = Clock::now();
    if (llvm::Error error = execute(step, values))
      return std::move(error);
    std::chrono::duration<double> time = Clock::now() - start;
    times.push_back(
        {time.count(),
         describe(step, values.empty() ? 0 : values.back()->data.size())});
  }
  for (int64_t value : plan.returned)
    results.push_back(values[value]);
  return results;
}
