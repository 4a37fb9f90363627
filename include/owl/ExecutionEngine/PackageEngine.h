//===- PackageEngine.h - Running a model on several devices -----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes the plan of a package (docs/packages.md): code for this machine in
// this process, all other devices as processes that arrays are sent to.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_EXECUTIONENGINE_PACKAGEENGINE_H
#define OWL_EXECUTIONENGINE_PACKAGEENGINE_H

#include "owl/ExecutionEngine/Npy.h"
#include "owl/Target/Common/Package.h"
#include "owl/Target/Common/Target.h"
#include <memory>

namespace mlir::owl {

class Device;
struct PackageDevice;

/// How long a device may do nothing when something is wanted of it, in seconds.
inline constexpr unsigned kDeviceTimeout = 60;

class PackageEngine {
public:
  /// Reads the plan at `path` and the signatures that it names. Fails with a
  /// message that has the file and the place of what is wrong.
  static llvm::Expected<std::unique_ptr<PackageEngine>>
  load(StringRef path, MLIRContext &context, unsigned timeout = kDeviceTimeout);
  ~PackageEngine();

  /// The functions of the whole model.
  ArrayRef<FunctionSignature> getFunctions() const { return functions; }

  /// Gets the devices going that function number `function` needs. Fails with a
  /// message that names the device.
  llvm::Error start(unsigned function, EmitErrorFn emitError);

  /// Calls the function, which has been started, with `inputs` that have passed
  /// checkInputs. Fails as start does.
  llvm::Expected<SmallVector<SharedArray>> call(unsigned function,
                                                ArrayRef<SharedArray> inputs);

  /// The seconds that each step of the last call took.
  struct StepTime {
    double seconds;
    std::string what;
  };
  ArrayRef<StepTime> getTimes() const { return times; }

  /// The device that a call waits for; null between two steps. A handler of
  /// signals may ask.
  const PackageDevice *getRunning() const { return running; }

private:
  PackageEngine(StringRef folder, unsigned timeout, Package package);
  /// Executes one step.
  llvm::Error execute(const PackageStep &step,
                      SmallVectorImpl<SharedArray> &values);

  std::string folder;
  unsigned timeout;
  Package package;
  std::vector<FunctionSignature> functions;
  /// The functions of each device, and the device, null before it is started.
  std::vector<std::vector<FunctionSignature>> signatures;
  std::vector<std::unique_ptr<Device>> devices;
  std::vector<StepTime> times;
  const PackageDevice *running = nullptr;
};

} // namespace mlir::owl

#endif // OWL_EXECUTIONENGINE_PACKAGEENGINE_H
