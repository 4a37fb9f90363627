//===- Fleet.cpp - The devices of a module and their links ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Fleet.h. Ways are those of Floyd and Warshall: there are few devices.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Fleet.h"
#include <limits>

using namespace mlir;
using namespace mlir::owl;

/// What ways are compared for: between a small tensor, of which latency is all,
/// and a large one.
static constexpr double kRoutedBytes = 1 << 20;

Fleet::Fleet(ModuleOp module) {
  for (Operation &op : module.getOps()) {
    auto device = dyn_cast<DeviceOp>(op);
    // One that has work is in the module that does it.
    if (auto inner = dyn_cast<ModuleOp>(op))
      device = DeviceOp::getRunner(inner);
    if (!device)
      continue;
    numbers[device.getSymNameAttr()] = devices.size();
    devices.push_back(device);
    machines.push_back(MachineModel::get(device));
  }
  findWays(module);
}

unsigned Fleet::getHome(Operation *function) const {
  auto home = function->getAttrOfType<FlatSymbolRefAttr>(
      OwlDialect::HomeAttrHelper::getNameStr());
  return home ? *lookup(home.getAttr()) : 0;
}

void Fleet::findWays(ModuleOp module) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  unsigned count = size();
  ways.assign(count * count, {infinity, 0});
  next.assign(count * count, -1);
  linked.assign(count * count, false);
  for (unsigned i = 0; i < count; ++i) {
    ways[i * count + i] = {0, 0};
    next[i * count + i] = i;
  }
  for (LinkOp link : module.getOps<LinkOp>()) {
    unsigned i = *lookup(link.getFirstAttr().getAttr()),
             j = *lookup(link.getSecondAttr().getAttr());
    Way way = {link.getLatency().convertToDouble(),
               1 / link.getBandwidth().convertToDouble()};
    ways[i * count + j] = ways[j * count + i] = way;
    linked[i * count + j] = linked[j * count + i] = true;
    next[i * count + j] = j;
    next[j * count + i] = i;
  }
  for (unsigned by = 0; by < count; ++by)
    for (unsigned i = 0; i < count; ++i) {
      if (!isReachable(i, by))
        continue;
      for (unsigned j = 0; j < count; ++j) {
        if (getTransferTime(i, by, kRoutedBytes) +
                getTransferTime(by, j, kRoutedBytes) >=
            getTransferTime(i, j, kRoutedBytes))
          continue;
        const Way &first = ways[i * count + by], &second = ways[by * count + j];
        ways[i * count + j] = {first.latency + second.latency,
                               first.secondsPerByte + second.secondsPerByte};
        next[i * count + j] = next[i * count + by];
      }
    }
}
