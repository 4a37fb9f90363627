//===- owl-bargain.cpp - Nash bargaining on the command line --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a problem as JSON, lets threads, or the processes of an mpirun, find a
// plan, checks it, and prints it.
//
//===----------------------------------------------------------------------===//

#include "Participate.h"
#include "PrintPlan.h"
#include "owl/Assignment/Baselines.h"
#include "owl/Assignment/Collapse.h"
#include "owl/Assignment/Json.h"
#include "owl/Assignment/MpiExchange.h"
#include "owl/Assignment/Rounding.h"
#include "owl/Assignment/Shard.h"
#include "owl/Support/OptionNames.h"
#include "owl/Support/Progress.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"
#include <chrono>
#include <cstdlib>
#include <optional>

using namespace owl::assignment;
using llvm::StringRef;
using llvm::Twine;

namespace {
struct Options {
  std::string path;
  Solver solver;
  Goal goal;
  double slack;
  std::optional<double> gap;
  int64_t maxRounds;
  unsigned threads;
  bool isInteger, isJson, showsProgress;
  std::string trace;
};
} // namespace

/// Parses the command line; prints and exits where it is wrong, as all tools
/// of LLVM do.
static Options parseOptions(int argc, char **argv) {
  namespace cl = llvm::cl;
  cl::OptionCategory category("owl-bargain options");
  cl::opt<std::string> path(cl::Positional, cl::desc("<problem.json>"),
                            cl::init("-"), cl::cat(category));
  cl::opt<Solver> solver(
      "solver", cl::cat(category), cl::init(Solver::InteriorPoint),
      cl::desc("How to find the plan:"),
      cl::values(clEnumValN(Solver::InteriorPoint, "interior-point",
                            "centralised, exact (the default)"),
                 clEnumValN(Solver::Subgradient, "subgradient",
                            "prices follow what devices ask for"),
                 clEnumValN(Solver::ProportionalResponse,
                            "proportional-response",
                            "devices spend where it gave them most; no limits"),
                 clEnumValN(Solver::DistributedNewton, "distributed-newton",
                            "the interior point with fewest rounds")));
  cl::opt<Goal> goal(
      "utility", cl::cat(category), cl::init(Goal::Capped),
      cl::desc("What a device makes of instances:"),
      cl::values(clEnumValN(Goal::Capped, "capped",
                            "its gain times their number (the default)"),
                 clEnumValN(Goal::SavedBytes, "saved-bytes",
                            "the bytes that they save"),
                 clEnumValN(Goal::Diminishing, "diminishing",
                            "less of each that follows")));
  cl::opt<double> slack(
      "slack", cl::value_desc("x"), cl::init(0.1), cl::cat(category),
      cl::desc("How much later than possible the slowest device may finish, "
               "relatively (0.1); inf for no limit"));
  cl::opt<double> gap(
      "gap", cl::value_desc("x"), cl::cat(category),
      cl::desc("How near to the best the mean gain has to be, relatively "
               "(1e-3 for subgradient and proportional-response, else 1e-7)"));
  cl::opt<int64_t> maxRounds(
      "max-rounds", cl::value_desc("N"), cl::init(100000), cl::cat(category),
      cl::desc("Exchanges after which to stop (100000)"));
  mlir::owl::freeOptionName("threads");
  cl::opt<unsigned> threads("threads", cl::value_desc("N"), cl::init(1),
                            cl::cat(category),
                            cl::desc("Threads that share the devices (1)"));
  cl::opt<bool> isInteger("integer", cl::cat(category),
                          cl::desc("Place whole instances only"));
  cl::opt<bool> isJson("json", cl::cat(category),
                       cl::desc("Print the plan as JSON"));
  cl::opt<std::string> trace(
      "trace", cl::value_desc("t.csv"), cl::cat(category),
      cl::desc("Write the bounds after each step as CSV"));
  cl::opt<bool> showsProgress(
      "progress", cl::cat(category),
      cl::desc("Show progress where there is no terminal, too"));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv, "Shares work among devices by Nash bargaining.\n");
  Options options{path,         solver,        goal,    slack,
                  std::nullopt, maxRounds,     threads, isInteger,
                  isJson,       showsProgress, trace};
  if (gap.getNumOccurrences() > 0)
    options.gap = gap;
  return options;
}

/// Whether the trace would replace the problem.
static bool tracesIntoProblem(const Options &options) {
  namespace fs = llvm::sys::fs;
  fs::file_status problem, trace;
  if (options.trace.empty() || fs::status(options.trace, trace) ||
      (options.path == "-" ? fs::status(fs::convertFDToNativeFile(0), problem)
                           : fs::status(options.path, problem)))
    return false;
  return fs::is_regular_file(trace) && fs::equivalent(problem, trace);
}

/// The first mistake in the options, or nothing.
static std::string check(const Options &options) {
  // Written so that no number that is not one passes.
  if (!(options.slack >= 0))
    return "--slack: expected a number of at least 0";
  if (options.gap && !(*options.gap >= 0))
    return "--gap: expected a number of at least 0";
  if (options.maxRounds < 1)
    return "--max-rounds: expected a number of at least 1";
  if (options.threads < 1 || options.threads > 1024)
    return "--threads: expected a number from 1 to 1024";
  if (options.isJson && options.trace == "-")
    return "only one of --json and --trace can go to standard output";
  if (tracesIntoProblem(options))
    return "--trace: expected another file than that of the problem";
  return "";
}

/// Prints one line; returns the exit code.
static int fail(const Twine &message) {
  llvm::WithColor::error(llvm::errs(), "owl-bargain") << message << '\n';
  return EXIT_FAILURE;
}

//===----------------------------------------------------------------------===//
// Solving
//===----------------------------------------------------------------------===//

/// As many devices have a row each in a plan in whole numbers.
static constexpr int32_t kMaxWholeDevices = 1000000;
/// By how much the time limit grows until whole instances keep it, and how many
/// times.
static constexpr double kExtension = 1.25;
static constexpr int kMaxExtensions = 24;

namespace {
/// What a trace has of a step.
struct Step {
  Progress progress;
  double seconds;
};

/// A plan for the problem as it was read, or for one with a device for each of
/// a class if it is in whole numbers.
struct Result {
  Problem problem;
  Rules rules;
  Plan plan;
};
} // namespace

/// Reads the file, which only the first participant does if there are several
/// processes.
static llvm::Expected<std::string> readFile(const Options &options,
                                            Exchange *processes) {
  std::string text, error;
  if (!processes || processes->getRank() == 0) {
    auto file = llvm::MemoryBuffer::getFileOrSTDIN(options.path);
    if (file)
      text = (*file)->getBuffer().str();
    else
      error = options.path + ": cannot read it: " + file.getError().message();
  }
  if (processes) {
    error = joinTexts(error, *processes);
    text = joinTexts(text, *processes);
  }
  if (!error.empty())
    return llvm::createStringError(error);
  return text;
}

static llvm::Expected<Problem> read(const Options &options,
                                    Exchange *processes) {
  llvm::Expected<std::string> text = readFile(options, processes);
  if (!text)
    return text.takeError();
  llvm::Expected<Problem> problem = readProblem(*text, options.goal);
  std::optional<std::string> error;
  if (problem) {
    problem->slack = options.slack;
    error = problem->validate();
  } else {
    error = llvm::toString(problem.takeError());
  }
  if (error)
    return llvm::createStringError(options.path + ": " + *error);
  return problem;
}

static Outcome solve(const Problem &problem, const Options &options,
                     Exchange *processes, std::vector<Step> &trace) {
  SolverOptions solverOptions;
  const bool isFirstOrder = options.solver == Solver::Subgradient ||
                            options.solver == Solver::ProportionalResponse;
  solverOptions.gap =
      options.gap.value_or(isFirstOrder ? kFirstOrderGap : kNewtonGap);
  solverOptions.maxRounds = options.maxRounds;

  mlir::owl::Progress progress("solving", 0, options.showsProgress);
  const auto start = std::chrono::steady_clock::now();
  if (!options.trace.empty() || options.showsProgress ||
      llvm::sys::Process::StandardErrIsDisplayed())
    solverOptions.progress = [&](const Progress &step) {
      const std::chrono::duration<double> seconds =
          std::chrono::steady_clock::now() - start;
      if (!options.trace.empty())
        trace.push_back({step, seconds.count()});
      progress.setNote(llvm::formatv("round {0}, gap {1:e2}", step.round,
                                     step.certificate.getGap()));
    };

  if (processes)
    return participate(problem, options.solver, solverOptions, *processes);
  Outcome outcome;
  // More threads than devices would have nothing to do.
  const int threads =
      std::min<int64_t>(options.threads, problem.getNumDevices());
  runShards(threads, [&](Exchange &exchange) {
    Outcome own = participate(problem, options.solver, solverOptions, exchange);
    if (exchange.getRank() == 0)
      outcome = std::move(own);
  });
  return outcome;
}

/// Finds a plan in fractions for `result.problem`, whose rules and plan the
/// first participant fills in. Returns why not, if not.
static std::optional<std::string> solve(Result &result, const Options &options,
                                        Exchange *processes,
                                        std::vector<Step> &trace) {
  const Collapsed collapsed = collapse(result.problem);
  const Outcome outcome = solve(collapsed.problem, options, processes, trace);
  if (!outcome.error.empty())
    return options.path + ": " + outcome.error;
  if (processes && processes->getRank() != 0)
    return std::nullopt;
  result.rules = collapsed.expand(outcome.rules);
  result.plan = collapsed.expand(result.problem, outcome.plan);
  if (auto broken =
          verify(result.problem, result.rules, result.plan.allocation))
    return "no plan was found in " + std::to_string(result.plan.rounds) +
           " rounds; in the last one " + *broken;
  return std::nullopt;
}

/// Makes whole numbers of the plan. Returns why not, if not.
static std::optional<std::string>
makeWhole(Result &result, const Options &options, std::vector<Step> &trace) {
  double devices = 0;
  for (const Device &device : result.problem.devices)
    devices += device.count;
  if (devices > kMaxWholeDevices)
    return "--integer: expected at most " + std::to_string(kMaxWholeDevices) +
           " devices, all counted";
  Expanded expanded;
  auto round = [&] {
    expanded = expand(result.problem, result.rules, result.plan.allocation);
    return roundPlan(expanded.problem, expanded.rules, expanded.allocation);
  };
  Rounded rounded = round();
  const double asked = result.rules.deadline,
               least = result.rules.leastMakespan;
  if (rounded.violation && asked != kUnlimited && least > 0) {
    double limit = getWholeMakespan(expanded.problem, expanded.rules) *
                   (1 + result.problem.slack);
    for (int n = 0; n != kMaxExtensions && rounded.violation; ++n) {
      // A game with more time, and so with prices and a bound of its own.
      result.problem.slack = limit / least - 1;
      trace.clear();
      if (auto error = solve(result, options, nullptr, trace))
        return error;
      rounded = round();
      limit *= kExtension;
    }
  }
  if (rounded.violation)
    return "no plan in whole numbers was found: " + *rounded.violation;
  if (result.rules.deadline > asked)
    llvm::WithColor::warning(llvm::errs(), "owl-bargain")
        << llvm::format("whole instances need more time: the limit is %.6g s, "
                        "not %.6g s\n",
                        result.rules.deadline, asked);
  // The bound is that of the game in fractions.
  result.plan.certificate.primal =
      certify(expanded.problem, expanded.rules, rounded.allocation,
              {result.plan.prices.category, {}, {}})
          .primal;
  result.problem = std::move(expanded.problem);
  result.rules = std::move(expanded.rules);
  result.plan.allocation = std::move(rounded.allocation);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

/// Writes what is left in `os`; says why not all has been written.
static std::error_code finish(llvm::raw_fd_ostream &os) {
  os.flush();
  const std::error_code error = os.error();
  os.clear_error();
  return error;
}

static void printTrace(llvm::raw_ostream &os, llvm::ArrayRef<Step> trace) {
  os << "round,seconds,primal,dual,gap\n";
  for (const Step &step : trace) {
    const Certificate &certificate = step.progress.certificate;
    os << step.progress.round
       << llvm::format(",%.6f,%.12g,%.12g,%.6g\n", step.seconds,
                       certificate.primal, certificate.dual,
                       certificate.getGap());
  }
}

/// Writes the trace, and after it what `print` does: a trace takes the place of
/// an old one only if nothing failed.
static llvm::Error writeTrace(const std::string &path,
                              llvm::ArrayRef<Step> trace,
                              llvm::function_ref<std::error_code()> print) {
  namespace fs = llvm::sys::fs;
  auto write = [&](llvm::raw_ostream &os) {
    printTrace(os, trace);
    std::error_code error = finish(llvm::cast<llvm::raw_fd_ostream>(os));
    return llvm::errorCodeToError(error ? error : print());
  };
  // A file becomes the trace once that is whole. What is none, as a device, a
  // pipe or a link, stays what it is.
  fs::file_status status;
  fs::status(path, status, /*follow=*/false);
  if (path == "-" || !fs::exists(status) || fs::is_regular_file(status))
    return llvm::writeToOutput(path, write);
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  return error ? llvm::errorCodeToError(error) : write(os);
}

static int bargain(const Options &options, Exchange *processes) {
  const bool isFirst = !processes || processes->getRank() == 0;
  auto failOnce = [&](const Twine &message) {
    return isFirst ? fail(message) : EXIT_FAILURE;
  };
  if (std::string error = check(options); !error.empty())
    return failOnce(error);
  llvm::Expected<Problem> problem = read(options, processes);
  if (!problem)
    return failOnce(llvm::toString(problem.takeError()));

  Result result;
  result.problem = std::move(*problem);
  std::vector<Step> trace;
  if (auto error = solve(result, options, processes, trace))
    return failOnce(*error);
  if (!isFirst)
    return EXIT_SUCCESS;
  if (options.isInteger)
    if (auto error = makeWhole(result, options, trace))
      return fail(*error);
  if (result.plan.status == Status::Stopped)
    llvm::WithColor::warning(llvm::errs(), "owl-bargain")
        << "stopped after " << result.plan.rounds
        << " rounds, before the gap was reached\n";

  std::error_code printed;
  auto print = [&] {
    if (options.isJson)
      writePlan(llvm::outs(), result.problem, result.rules, result.plan);
    else
      printPlan(llvm::outs(), result.problem, result.rules, result.plan);
    return printed = finish(llvm::outs());
  };
  llvm::Error error = options.trace.empty()
                          ? llvm::errorCodeToError(print())
                          : writeTrace(options.trace, trace, print);
  if (error)
    return fail((printed ? "standard output" : options.trace) +
                ": cannot write it: " + llvm::toString(std::move(error)));
  return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  const Options options = parseOptions(argc, argv);
  std::unique_ptr<Exchange> processes;
  if (isStartedByMpi()) {
#ifdef OWL_HAS_MPI
    processes = joinMpi();
#else
    return fail("started by mpirun, but Owl was built without an MPI");
#endif
  }
  return bargain(options, processes.get());
}
