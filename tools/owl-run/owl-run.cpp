//===- owl-run.cpp - Run a model on this machine --------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a model, or the plan of a package, and .npy files, runs one function,
// writes or prints what it returns.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Diagnostics.h"
#include "owl/ExecutionEngine/Engine.h"
#include "owl/ExecutionEngine/PackageEngine.h"
#include "owl/Pipelines/Compile.h"
#include "owl/Pipelines/Pipelines.h"
#include "owl/Pipelines/ReadModel.h"
#include "owl/Support/OptionNames.h"
#include "owl/Support/Progress.h"
#include "owl/Support/ToolErrors.h"
#include "owl/Target/Common/Package.h"
#include "owl/Target/Common/WriteFiles.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

using namespace mlir;
using namespace mlir::owl;

namespace {
struct Options {
  /// One of the two: the other is empty.
  std::string model, plan;
  std::string entry;
  std::vector<std::string> inputs, outputs;
  unsigned repeat = 0;
  ThreadOptions threads;
  /// For plans only.
  unsigned timeout = kDeviceTimeout;
  bool times = false;
};
} // namespace

/// Parses the command line; prints and exits where it is wrong, as all tools
/// of LLVM do.
static Options parseOptions(int argc, char **argv) {
  namespace cl = llvm::cl;
  cl::OptionCategory category("owl-run options");
  cl::opt<std::string> model(cl::Positional, cl::desc("<model.mlir>"),
                             cl::init("-"), cl::cat(category));
  cl::opt<std::string> plan(
      "plan", cl::value_desc("plan.json"), cl::cat(category),
      cl::desc("Run a package on its devices, in place of a model"));
  cl::opt<std::string> entry(
      "entry", cl::value_desc("function"), cl::cat(category),
      cl::desc("The public function to run; may be left out where there is "
               "only one"));
  cl::list<std::string> inputs(
      "input", cl::value_desc("x.npy"), cl::cat(category),
      cl::desc("An argument, once for each in their order"));
  cl::list<std::string> outputs(
      "output", cl::value_desc("y.npy"), cl::cat(category),
      cl::desc("Where a result goes, once for each in their order; without "
               "any, they are printed"));
  cl::opt<unsigned> repeat(
      "repeat", cl::value_desc("N"), cl::cat(category),
      cl::desc("Run N times more and print the time of a run"));
  freeOptionName("threads");
  cl::opt<unsigned> threads("threads", cl::value_desc("N"), cl::init(1),
                            cl::cat(category),
                            cl::desc("Threads that share the work (1)"));
  cl::opt<uint64_t> taskBytes(
      "task-bytes", cl::value_desc("N"), cl::init(kTaskBytes),
      cl::cat(category),
      cl::desc("What a thread has to do at least, in bytes that it moves"));
  cl::opt<unsigned> timeout(
      "timeout", cl::value_desc("N"), cl::init(kDeviceTimeout),
      cl::cat(category),
      cl::desc("With --plan: how many seconds a device may say nothing (60)"));
  cl::opt<bool> times("times", cl::cat(category),
                      cl::desc("With --plan: print the time of each step"));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Runs a function of a model on this machine.\n");
  auto refuse = [](const cl::Option &option, StringRef why) {
    llvm::errs() << "owl-run: error: --" << option.ArgStr << ' ' << why << '\n';
    std::exit(EXIT_FAILURE);
  };
  bool isPlan = plan.getNumOccurrences() != 0;
  if (isPlan && plan.empty())
    refuse(plan, "expected the path of a plan.json");
  if (isPlan && model.getNumOccurrences())
    refuse(plan, "takes the place of a model: expected no '" + model + "'");
  for (const cl::Option *option : {static_cast<cl::Option *>(&threads),
                                   static_cast<cl::Option *>(&taskBytes)})
    if (isPlan && option->getNumOccurrences())
      refuse(*option, "is for models: expected none with --plan");
  for (const cl::Option *option :
       {static_cast<cl::Option *>(&timeout), static_cast<cl::Option *>(&times)})
    if (!isPlan && option->getNumOccurrences())
      refuse(*option, "is for packages: expected --plan with it");
  if (timeout < 1 || timeout > 1000000)
    refuse(timeout, "is a number of seconds: expected 1 to 1000000");
  return {isPlan ? std::string() : model.getValue(),
          plan,
          entry,
          inputs,
          outputs,
          repeat,
          {threads, taskBytes},
          timeout,
          times};
}

/// Of the public functions, one at least, that called `entry`, or the only one.
static FailureOr<FunctionSignature>
findEntry(ArrayRef<FunctionSignature> functions, StringRef entry,
          EmitErrorFn emitError) {
  if (entry.empty() && functions.size() == 1)
    return functions.front();
  const auto *found = llvm::find_if(
      functions, [&](const FunctionSignature &f) { return f.name == entry; });
  if (!entry.empty() && found != functions.end())
    return *found;
  InFlightDiagnostic error = emitError();
  if (entry.empty())
    error << "--entry is needed";
  else
    error << "no public function '" << entry << "'";
  return error << "; the model has "
               << llvm::join(llvm::map_range(functions,
                                             [](const FunctionSignature &f) {
                                               return "'" + f.name + "'";
                                             }),
                             ", ");
}

/// Refuses combinations that would read or write one stream twice.
static LogicalResult checkStreams(const Options &options,
                                  EmitErrorFn emitError) {
  if (llvm::count(options.inputs, "-") + (options.model == "-") > 1)
    return emitError() << "only one of the model and the inputs can come from "
                          "standard input";
  if (llvm::count(options.outputs, "-") > 1)
    return emitError() << "only one output can go to standard output";
  return success();
}

namespace {
/// While it lives, ends the process after one message when the model's code
/// traps: on an index out of range, or a division, that depends on data.
class TrapHandler {
public:
  /// Names the device of `package` that traps; null for a model without any.
  explicit TrapHandler(const PackageEngine *package) {
    engine = package;
    struct sigaction action = {};
    action.sa_handler = report;
    for (auto [signal, old] : llvm::zip_equal(signals, previous))
      ::sigaction(signal, &action, &old);
  }
  ~TrapHandler() {
    for (auto [signal, old] : llvm::zip_equal(signals, previous))
      ::sigaction(signal, &old, nullptr);
  }
  TrapHandler(const TrapHandler &) = delete;
  TrapHandler &operator=(const TrapHandler &) = delete;

private:
  static void report(int signal) {
    StringRef message =
        signal == SIGFPE
            ? "the model divides an integer by 0, or the least one by -1"
        : signal == SIGILL
            ? "the model has an instruction that this machine has not"
            : "the model reads or writes outside of its tensors: expected "
              "indices in range";
    // Nothing may be allocated here.
    auto print = [](StringRef text) {
      (void)!::write(STDERR_FILENO, text.data(), text.size());
    };
    print("owl-run: error: ");
    const PackageDevice *device = engine ? engine->getRunning() : nullptr;
    if (device) {
      print("device '");
      print(device->name);
      print("': ");
    }
    print(message);
    if (signal == SIGILL && device && !device->cpu.empty()) {
      print(": its code is made for ");
      print(device->cpu);
    }
    print("\n");
    std::_Exit(EXIT_FAILURE);
  }

  static inline const PackageEngine *engine = nullptr;

  static constexpr std::array<int, 4> signals = {SIGFPE, SIGSEGV, SIGBUS,
                                                 SIGILL};
  std::array<struct sigaction, signals.size()> previous;
};
} // namespace

/// Calls once to warm up, then `repeat` times, and says how long that takes:
/// `getNumBytes` is what a call moves at least, once there has been one.
/// `package` is what is called, where it is one.
static llvm::Error run(function_ref<llvm::Error()> call,
                       function_ref<int64_t()> getNumBytes, unsigned repeat,
                       raw_ostream &os,
                       const PackageEngine *package = nullptr) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  {
    Progress progress("running", repeat);
    TrapHandler handler(package);
    if (llvm::Error error = call())
      return error;
    for (unsigned i = 0; i != repeat; ++i) {
      Clock::time_point start = Clock::now();
      if (llvm::Error error = call())
        return error;
      times.push_back(
          std::chrono::duration<double>(Clock::now() - start).count());
      progress.advance();
    }
  }
  if (times.empty())
    return llvm::Error::success();

  llvm::sort(times);
  double min = times.front();
  double median = (times[(repeat - 1) / 2] + times[repeat / 2]) / 2;
  int64_t numBytes = getNumBytes();
  auto speed = [&](double time) { return numBytes / time * 1e-9; };
  os << llvm::format("%u runs: min %.6g ms (%.4g GB/s), ", repeat, min * 1e3,
                     speed(min))
     << llvm::format("median %.6g ms (%.4g GB/s)", median * 1e3, speed(median))
     << ", " << numBytes << " bytes in and out\n";
  return llvm::Error::success();
}

/// Prints the type and the elements of each result.
static void printResults(const FunctionSignature &function,
                         ArrayRef<const NpyArray *> results) {
  for (auto [index, result] : llvm::enumerate(results)) {
    Type type = function.results[index].elementType;
    llvm::outs() << "result " << index << ": "
                 << RankedTensorType::get(result->shape, type) << '\n';
    printArray(llvm::outs(), *result);
    llvm::outs() << '\n';
  }
}

/// Writes every result, or none.
static LogicalResult writeResults(ArrayRef<std::string> paths,
                                  ArrayRef<const NpyArray *> results,
                                  EmitErrorFn emitError) {
  SmallVector<OutputFile> files;
  for (auto [path, result] : llvm::zip_equal(paths, results)) {
    OutputFile &file = files.emplace_back(OutputFile{path, {}});
    llvm::raw_svector_ostream os(file.contents);
    writeNpy(os, *result);
  }
  return writeFiles(files, emitError);
}

/// Where a measurement goes: standard output may be taken by a result.
static raw_ostream &getLog(const Options &options) {
  return llvm::is_contained(options.outputs, "-") ? llvm::errs() : llvm::outs();
}

static LogicalResult finish(const Options &options,
                            const FunctionSignature &function,
                            ArrayRef<const NpyArray *> results,
                            EmitErrorFn emitError) {
  if (!options.outputs.empty())
    return writeResults(options.outputs, results, emitError);
  printResults(function, results);
  return success();
}

/// Reads the inputs. Everything that can be wrong with them or the outputs is
/// found before anything is compiled or started.
static FailureOr<SmallVector<SharedArray>>
readInputs(const Options &options, const FunctionSignature &function,
           EmitErrorFn emitError) {
  SmallVector<SharedArray> inputs;
  for (const std::string &path : options.inputs) {
    llvm::Expected<NpyArray> input = readNpy(path);
    if (!input)
      return emitError() << path << ": " << llvm::toString(input.takeError());
    inputs.push_back(std::make_shared<NpyArray>(std::move(*input)));
  }
  if (llvm::Error error = checkInputs(function, inputs, options.inputs))
    return emitError() << llvm::toString(std::move(error));
  if (!options.outputs.empty() &&
      options.outputs.size() != function.results.size())
    return emitError() << "'" << function.name << "' has "
                       << function.results.size()
                       << (function.results.size() == 1 ? " result"
                                                        : " results")
                       << ", got " << options.outputs.size() << " outputs";
  return inputs;
}

static LogicalResult
runModel(const Options &options, MLIRContext &context,
         const std::shared_ptr<llvm::SourceMgr> &sourceMgr) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  if (failed(checkThreads(options.threads, emitError)))
    return failure();
  auto model = llvm::MemoryBuffer::getFileOrSTDIN(options.model);
  if (!model)
    return emitError() << options.model
                       << ": cannot read it: " << model.getError().message();
  OwningOpRef<ModuleOp> module =
      readModel(std::move(*model), sourceMgr, context);
  if (!module)
    return failure();
  FailureOr<SmallVector<FunctionSignature>> functions =
      getSignatures(*module, LoweringOptions().symbolPrefix);
  if (failed(functions))
    return failure();
  FailureOr<FunctionSignature> function =
      findEntry(*functions, options.entry, emitError);
  if (failed(function))
    return failure();
  auto inputs = readInputs(options, *function, emitError);
  if (failed(inputs))
    return failure();

  std::unique_ptr<Engine> engine;
  {
    Progress progress("compiling");
    engine = Engine::compile(*module, *function, options.threads);
  }
  if (!engine)
    return failure();
  llvm::Expected<CallFrame> frame = engine->prepare(std::move(*inputs));
  if (!frame)
    return emitError() << llvm::toString(frame.takeError());
  if (llvm::Error error = run([&] { return engine->call(*frame); },
                              [&] { return frame->getNumBytes(); },
                              options.repeat, getLog(options)))
    return emitError() << llvm::toString(std::move(error));
  SmallVector<const NpyArray *> results;
  for (const NpyArray &result : frame->results)
    results.push_back(&result);
  return finish(options, *function, results, emitError);
}

/// Prints the time of each step of the last call.
static void printTimes(ArrayRef<PackageEngine::StepTime> times,
                       raw_ostream &os) {
  os << "      ms  step\n";
  for (const PackageEngine::StepTime &step : times)
    os << llvm::format("%8.3f  ", step.seconds * 1e3) << step.what << '\n';
}

static LogicalResult runPlan(const Options &options, MLIRContext &context) {
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  auto engine = PackageEngine::load(options.plan, context, options.timeout);
  if (!engine)
    return emitError() << llvm::toString(engine.takeError());
  ArrayRef<FunctionSignature> functions = (*engine)->getFunctions();
  FailureOr<FunctionSignature> function =
      findEntry(functions, options.entry, emitError);
  if (failed(function))
    return failure();
  auto inputs = readInputs(options, *function, emitError);
  if (failed(inputs))
    return failure();

  unsigned number = llvm::find_if(functions,
                                  [&](const FunctionSignature &f) {
                                    return f.name == function->name;
                                  }) -
                    functions.begin();
  SmallVector<SharedArray> arrays;
  auto call = [&]() -> llvm::Error {
    llvm::Expected<SmallVector<SharedArray>> results =
        (*engine)->call(number, *inputs);
    if (!results)
      return results.takeError();
    arrays = std::move(*results);
    return llvm::Error::success();
  };
  auto getNumBytes = [&] {
    int64_t numBytes = 0;
    for (const auto &list : {*inputs, arrays})
      for (const SharedArray &array : list)
        numBytes += array->data.size();
    return numBytes;
  };
  llvm::Error error = (*engine)->start(number, emitError);
  if (!error)
    error =
        run(call, getNumBytes, options.repeat, getLog(options), engine->get());
  if (error)
    return emitError() << llvm::toString(std::move(error));
  if (options.times)
    printTimes((*engine)->getTimes(), getLog(options));
  SmallVector<const NpyArray *> results;
  for (const SharedArray &array : arrays)
    results.push_back(array.get());
  return finish(options, *function, results, emitError);
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  installFatalErrorHandler("owl-run");
  allowDeepRecursion();
  Options options = parseOptions(argc, argv);
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  // Who runs a model wants to know where it is wrong, not its generic form.
  context.printOpOnDiagnostic(false);
  auto sourceMgr = std::make_shared<llvm::SourceMgr>();
  SourceMgrDiagnosticHandler handler(*sourceMgr, &context);
  CommandLineDiagnostics commandLine(context, "owl-run");
  auto commandLineError = [&] { return emitError(UnknownLoc::get(&context)); };
  if (failed(checkStreams(options, commandLineError)))
    return EXIT_FAILURE;
  return failed(options.plan.empty() ? runModel(options, context, sourceMgr)
                                     : runPlan(options, context));
}
