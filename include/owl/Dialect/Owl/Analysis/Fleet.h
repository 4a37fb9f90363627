//===- Fleet.h - The devices of a module and their links --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The devices of a module as numbers, with their machine models, and how long
// data takes from one to another: over one link, or over several.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_FLEET_H
#define OWL_DIALECT_OWL_ANALYSIS_FLEET_H

#include "mlir/IR/BuiltinOps.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

class Fleet {
public:
  /// The devices of `module`, in its order.
  explicit Fleet(ModuleOp module);

  unsigned size() const { return devices.size(); }
  DeviceOp getDevice(unsigned i) const { return devices[i]; }
  FlatSymbolRefAttr getName(unsigned i) const {
    return FlatSymbolRefAttr::get(DeviceOp(devices[i]).getSymNameAttr());
  }
  const MachineModel &getMachine(unsigned i) const { return machines[i]; }
  /// The number of the device of that name, if it is one of the fleet.
  std::optional<unsigned> lookup(StringAttr name) const {
    auto it = numbers.find(name);
    return it == numbers.end() ? std::nullopt : std::optional(it->second);
  }

  /// The device that calls `function`, whose `owl.home` says so: the first one
  /// where nothing is said.
  unsigned getHome(Operation *function) const;

  /// Whether the two have a link.
  bool isLinked(unsigned i, unsigned j) const { return linked[i * size() + j]; }
  /// Whether there is a way from `from` to `to`.
  bool isReachable(unsigned from, unsigned to) const {
    return next[from * size() + to] >= 0;
  }
  /// The device that comes after `from` on the way to `to`, which is another
  /// that can be reached. Of several ways it is the one that is fastest for
  /// kRoutedBytes.
  unsigned getNextHop(unsigned from, unsigned to) const {
    return next[from * size() + to];
  }
  /// What the time of a transfer is made of: see getTransferTime.
  double getLatency(unsigned from, unsigned to) const {
    return ways[from * size() + to].latency;
  }
  double getSecondsPerByte(unsigned from, unsigned to) const {
    return ways[from * size() + to].secondsPerByte;
  }
  /// The seconds that `bytes` take from `from` to `to`: none if they are the
  /// same device, infinite if there is no way.
  double getTransferTime(unsigned from, unsigned to, double bytes) const {
    const Way &way = ways[from * size() + to];
    return way.latency + bytes * way.secondsPerByte;
  }

private:
  struct Way {
    double latency = 0, secondsPerByte = 0;
  };
  void findWays(ModuleOp module);

  SmallVector<DeviceOp> devices;
  SmallVector<MachineModel> machines;
  DenseMap<StringAttr, unsigned> numbers;
  /// For each pair of devices; the next hop is negative if there is no way.
  std::vector<Way> ways;
  std::vector<int> next;
  std::vector<bool> linked;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_FLEET_H
