//===- Device.h - What runs functions of a package --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device as its caller sees it: arrays in, arrays out.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_EXECUTIONENGINE_DEVICE_H
#define LIB_EXECUTIONENGINE_DEVICE_H

#include "owl/ExecutionEngine/Engine.h"
#include "owl/Target/Common/Package.h"

namespace mlir::owl {

class Device {
public:
  virtual ~Device() = default;

  /// Calls function number `function` of the device's signature with arrays of
  /// its types and static sizes. Fails where it returns another status than 0
  /// and where the device does not do as it should.
  virtual llvm::Expected<SmallVector<SharedArray>>
  call(unsigned function, ArrayRef<SharedArray> arguments) = 0;
};

/// Gets `device`, whose functions are `functions`, going: what is for this
/// machine in this process, anything else as a process of its own. Paths are
/// relative to `folder`; `timeout` is in seconds.
llvm::Expected<std::unique_ptr<Device>>
openDevice(const PackageDevice &device, ArrayRef<FunctionSignature> functions,
           StringRef folder, unsigned timeout, EmitErrorFn emitError);

/// Starts `command`, which answers calls of `functions` as an image does over
/// its serial port (docs/unikernel.md). Fails where it does not say hello.
llvm::Expected<std::unique_ptr<Device>>
startServer(ArrayRef<std::string> command,
            ArrayRef<FunctionSignature> functions, unsigned timeout);

} // namespace mlir::owl

#endif // LIB_EXECUTIONENGINE_DEVICE_H
