//===- Measure.cpp - From times to a machine model ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Measure.h. Each figure is the median of what rounds say: in a round all
// probes run, one after the other, so that what slows the machine for a while
// slows them all.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "owl/Support/Progress.h"
#include "llvm/ADT/STLExtras.h"
#include <chrono>
#include <cmath>

using namespace mlir;
using namespace mlir::owl;

/// A sample takes at least this long, in as many calls as that needs.
static constexpr double kSampleSeconds = 2e-3;
/// How many rounds there are at least and at most, and how far the middle half
/// of the samples may be apart, as a part of the figure, for them to be enough.
static constexpr unsigned kMinRounds = 3, kMaxRounds = 100;
static constexpr double kEnough = 0.02;

/// Loop nests in the two probes that differ in nothing else.
static constexpr unsigned kFewLaunches = 8, kManyLaunches = 40;

/// The probes by their numbers.
enum : unsigned { Memory, Additions, Exponentials, Few, Many };

SmallVector<Probe> owl::getProbes(const CacheSizes &caches, uint64_t memory) {
  // No cache holds much of an array that is four times as large, and arrays of
  // 64 MB are enough where processors share a larger one: to have it alone, as
  // a measurement has, is not usual.
  constexpr uint64_t kLeast = uint64_t(16) << 20, kMost = uint64_t(64) << 20;
  uint64_t large = std::clamp(4 * caches.last, kLeast, kMost);
  large = std::min(large, llvm::bit_floor(memory / 8));
  // Two arrays take half of the first cache.
  uint64_t small = llvm::bit_floor(caches.first) / 4;
  return {getStream("memory", large), getAdditions(small),
          getExponentials(small), getLaunches("few", kFewLaunches),
          getLaunches("many", kManyLaunches)};
}

/// The quantile `q` of `samples`, which are sorted.
static double getQuantile(ArrayRef<double> samples, double q) {
  double place = q * (samples.size() - 1);
  size_t below = std::floor(place), above = std::ceil(place);
  return samples[below] + (place - below) * (samples[above] - samples[below]);
}

static Figure getFigure(ArrayRef<double> samples) {
  SmallVector<double> sorted(samples);
  llvm::sort(sorted);
  double median = getQuantile(sorted, 0.5);
  return {median,
          (getQuantile(sorted, 0.75) - getQuantile(sorted, 0.25)) / median};
}

/// How many calls of `probe` make a sample long enough.
static llvm::Expected<unsigned> countCalls(Machine &machine, unsigned probe) {
  for (unsigned calls = 1;; calls *= 2) {
    llvm::Expected<double> seconds = machine.time(probe, calls);
    if (!seconds)
      return seconds.takeError();
    if (*seconds >= kSampleSeconds || calls >= 1 << 28)
      return calls;
  }
}

llvm::Expected<Figures> owl::measure(Machine &machine, ArrayRef<Probe> probes,
                                     double seconds) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  Progress progress("measuring", 0);
  SmallVector<unsigned> calls;
  for (unsigned i = 0; i != probes.size(); ++i) {
    llvm::Expected<unsigned> count = countCalls(machine, i);
    if (!count)
      return count.takeError();
    calls.push_back(*count);
  }

  SmallVector<double> memory, flops, transcendentals, launch;
  auto isEnough = [&](ArrayRef<double> samples) {
    return getFigure(samples).spread < kEnough;
  };
  for (unsigned round = 0; round != kMaxRounds; ++round) {
    SmallVector<double> times;
    for (unsigned i = 0; i != probes.size(); ++i) {
      llvm::Expected<double> time = machine.time(i, calls[i]);
      if (!time)
        return time.takeError();
      times.push_back(*time / calls[i]);
    }
    auto getRate = [&](unsigned i) { return probes[i].work / times[i]; };
    memory.push_back(getRate(Memory));
    flops.push_back(getRate(Additions));
    transcendentals.push_back(getRate(Exponentials));
    // What a call takes by itself is in both.
    launch.push_back((times[Many] - times[Few]) /
                     (probes[Many].work - probes[Few].work));
    bool isOver =
        std::chrono::duration<double>(Clock::now() - start).count() > seconds;
    if (round + 1 >= kMinRounds &&
        (isOver ||
         (round + 1 >= 3 * kMinRounds && isEnough(memory) && isEnough(flops) &&
          isEnough(transcendentals) && isEnough(launch))))
      break;
  }
  Figures figures = {getFigure(memory), getFigure(flops),
                     getFigure(transcendentals), getFigure(launch)};
  for (Figure figure : {figures.bandwidth, figures.flops,
                        figures.transcendentals, figures.launch})
    if (!std::isfinite(figure.value) || figure.value <= 0)
      return llvm::createStringError(
          llvm::inconvertibleErrorCode(),
          "the clock is too coarse, or the machine too busy, to measure it");
  return figures;
}
