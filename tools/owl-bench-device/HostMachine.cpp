//===- HostMachine.cpp - Probes in this process ---------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles and calls as owl-run does. Calls are timed by the processor time
// that they had: other programs do not count.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "mlir/Parser/Parser.h"
#include "owl/ExecutionEngine/Engine.h"
#include "llvm/Support/FileSystem.h"
#include <cstring>
#include <ctime>
#include <vector>

using namespace mlir;
using namespace mlir::owl;

OwningOpRef<ModuleOp> owl::parseProbes(ArrayRef<Probe> probes,
                                       MLIRContext &context) {
  std::string text;
  for (const Probe &probe : probes)
    text += probe.text;
  return parseSourceString<ModuleOp>(text, &context);
}

FailureOr<std::string> owl::compileProbes(ArrayRef<Probe> probes,
                                          const TargetRequest &target,
                                          Emit emit, MLIRContext &context) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  OwningOpRef<ModuleOp> module = parseProbes(probes, context);
  if (!module)
    return failure();
  CompileOptions options;
  options.target = target;
  options.emit = emit;
  FailureOr<SmallVector<OutputFile>> files = compile(*module, options);
  if (failed(files))
    return failure();
  SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("owl-bench-device", "", path))
    return emitError() << "cannot make a temporary file: " << error.message();
  files->front().path = path.str();
  if (failed(writeFiles(files->front(), emitError)))
    return failure();
  return path.str().str();
}

namespace {
class HostMachine : public Machine {
public:
  LogicalResult add(const Probe &probe, MLIRContext &context);
  llvm::Expected<double> time(unsigned probe, unsigned calls) override;

private:
  struct Compiled {
    std::unique_ptr<Engine> engine;
    CallFrame frame;
  };
  std::vector<Compiled> compiled;
};
} // namespace

LogicalResult HostMachine::add(const Probe &probe, MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseProbes(probe, context);
  if (!module)
    return failure();
  FailureOr<SmallVector<FunctionSignature>> functions =
      getSignatures(*module, LoweringOptions().symbolPrefix);
  if (failed(functions))
    return failure();
  FunctionSignature function = functions->front();
  std::unique_ptr<Engine> engine =
      Engine::compile(*module, function, ThreadOptions());
  if (!engine)
    return failure();
  auto prepare = [&]() -> llvm::Expected<CallFrame> {
    llvm::Expected<NpyArray> input =
        NpyArray::create({'f', 4}, function.arguments.front().shape);
    if (!input)
      return input.takeError();
    std::memset(input->data.data(), 0, input->data.size());
    return engine->prepare({std::make_shared<NpyArray>(std::move(*input))});
  };
  llvm::Expected<CallFrame> frame = prepare();
  if (!frame)
    return emitError(UnknownLoc::get(&context))
           << llvm::toString(frame.takeError());
  compiled.push_back({std::move(engine), std::move(*frame)});
  return success();
}

static double getProcessorTime() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

llvm::Expected<double> HostMachine::time(unsigned probe, unsigned calls) {
  Compiled &one = compiled[probe];
  double start = getProcessorTime();
  for (unsigned i = 0; i != calls; ++i)
    if (llvm::Error error = one.engine->call(one.frame))
      return std::move(error);
  return getProcessorTime() - start;
}

std::unique_ptr<Machine> owl::createHostMachine(ArrayRef<Probe> probes,
                                                MLIRContext &context) {
  auto machine = std::make_unique<HostMachine>();
  for (const Probe &probe : probes)
    if (failed(machine->add(probe, context)))
      return nullptr;
  return machine;
}
