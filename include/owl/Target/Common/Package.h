//===- Package.h - A model that several devices run -------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What plan.json says, the file through which a package's parts find one
// another (docs/packages.md): the devices with their files, and for each
// function the steps that it takes, in their order.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_PACKAGE_H
#define OWL_TARGET_COMMON_PACKAGE_H

#include "owl/Target/Common/Signature.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace mlir::owl {

/// One device. Paths are relative to the folder of the package, and empty where
/// there is no such file.
struct PackageDevice {
  std::string name;
  /// As in `owl.device`, and what that stands for.
  std::string target, triple;
  /// LLVM's name of the CPU that its code is made for. Empty where a plan does
  /// not say.
  std::string cpu;
  /// The C interface as JSON: functions are known by their place in it. Empty
  /// for a device that runs none.
  std::string signature;
  /// What links into a program of the device.
  std::string object, header;
  /// What is started to have the functions called (docs/unikernel.md): an
  /// image, a program or an ES module.
  std::string server;
  /// What the ES module loads, and its types.
  std::string module, script, types;
};

/// One step of a schedule. Values are numbers: the arguments of the function,
/// then what steps result in.
struct PackageStep {
  enum class Kind {
    /// Calls `function` of `device` with `arguments`; gives `results`.
    Call,
    /// Sends the only argument from `from` to `device`; the result is the copy.
    Transfer,
    /// The size of the only argument along `dimension`, an index.
    Size,
    /// An array without elements, `i8` and of the only argument's size by 0.
    Empty,
  };
  Kind kind = Kind::Call;
  std::string device, from, function;
  int64_t dimension = 0;
  std::vector<int64_t> arguments, results;
};

/// A function of the whole model.
struct PackageFunction {
  std::string name;
  std::vector<TensorSignature> arguments, results;
  std::vector<PackageStep> steps;
  /// The values that are returned.
  std::vector<int64_t> returned;
};

struct Package {
  std::vector<PackageDevice> devices;
  std::vector<PackageFunction> functions;
};

/// Writes plan.json.
void printPackage(const Package &package, raw_ostream &os);

/// Reads plan.json, with types of `context`. Fails with the place and what was
/// expected there. Whether numbers and names mean something is not looked at.
llvm::Expected<Package> parsePackage(StringRef text, MLIRContext *context);

/// Reads what printSignature writes. Fails as parsePackage does.
llvm::Expected<std::vector<FunctionSignature>>
parseSignature(StringRef text, MLIRContext *context);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_PACKAGE_H
