//===- BlockProgram.cpp - Linear programs with logarithms -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockProgram.h"
#include <cmath>

using namespace owl::assignment;

/// What the method needs where a limit leaves nothing inside, relatively.
static constexpr double kRoom = 1e-9;

void BlockProgram::addLimits(double deadline) {
  const Rates &rates = problem.rates;
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i) {
    const Device &device = problem.devices[i];
    double time = 0, memory = 0;
    for (int64_t entry = problem.begin(i); entry < problem.end(i); ++entry) {
      const Category &category = problem.categories[rates.category[entry]];
      if (!rates.time.empty())
        time += rates.time[entry] * category.count;
      memory += category.memory * category.count;
    }
    // A limit that a device could not reach if it did everything is none.
    if (time > device.count * deadline)
      devices[i].time = {true, device.count * deadline, 0};
    if (memory > device.count * device.memory)
      devices[i].memory = {true, device.count * device.memory, 0};
  }
}

void BlockProgram::addDisagreement(int32_t i, double scale) {
  const Device &device = problem.devices[i];
  devices[i].gain = {true, device.count * device.disagreement,
                     device.count * scale};
}

void BlockProgram::addPinned(int32_t i) {
  addDisagreement(i);
  devices[i].gain.offset *= 1 - kRoom;
}

BlockProgram owl::assignment::getNashProgram(const Problem &problem,
                                             const Rules &rules) {
  BlockProgram program(problem);
  program.addLimits(rules.deadline);
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i) {
    const Device &device = problem.devices[i];
    if (!rules.pinned[i]) {
      program.addDisagreement(i);
      program.devices[i].weight = device.count * device.weight;
    } else if (device.disagreement > 0) {
      program.addPinned(i);
    }
  }
  return program;
}
