//===- CheckPackage.cpp - Whether a plan makes sense ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the values of each function through its steps.
//
//===----------------------------------------------------------------------===//

#include "CheckPackage.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "owl/Support/MakeError.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::owl;

/// Refuses names that are there twice in the list `place`.
template <typename List>
static llvm::Error checkNames(const List &list, const Twine &place) {
  for (unsigned i = 0; i != list.size(); ++i)
    if (findByName(list, list[i].name) != i)
      return makeError(place + "[" + Twine(i) +
                       "].name: expected another name "
                       "than that of an entry before, got '" +
                       list[i].name + "'");
  return llvm::Error::success();
}

static std::string show(const TensorSignature &tensor) {
  std::string text;
  llvm::raw_string_ostream(text) << RankedTensorType::get(
      tensor.shape,
      // Index is no element of tensors, but is shown.
      tensor.elementType.isIndex()
          ? IntegerType::get(tensor.elementType.getContext(), 64)
          : tensor.elementType);
  return text;
}

namespace {
class FunctionChecker {
public:
  FunctionChecker(const Package &package,
                  ArrayRef<std::vector<FunctionSignature>> signatures,
                  const PackageFunction &function, std::string place)
      : package(package), signatures(signatures), function(function),
        place(std::move(place)) {}

  llvm::Error check();

private:
  struct Value {
    TensorSignature tensor;
    /// None for arguments and scalars: those go along with a call.
    std::optional<unsigned> device;
  };

  llvm::Error checkStep(const PackageStep &step);
  llvm::Error checkCall(const PackageStep &step);
  llvm::Expected<unsigned> findDevice(StringRef name, const Twine &key) const;
  /// Value `number`, which `key` names.
  llvm::Expected<Value> getValue(int64_t number, const Twine &key) const;
  /// Adds the values that a step results in.
  llvm::Error add(ArrayRef<int64_t> numbers, ArrayRef<Value> made);
  llvm::Error fail(const Twine &key, const Twine &message) const {
    return makeError(place + key + ": " + message);
  }

  const Package &package;
  ArrayRef<std::vector<FunctionSignature>> signatures;
  const PackageFunction &function;
  std::string place;
  std::vector<Value> values;
};
} // namespace

llvm::Expected<unsigned> FunctionChecker::findDevice(StringRef name,
                                                     const Twine &key) const {
  if (std::optional<unsigned> found = findByName(package.devices, name))
    return *found;
  return fail(key, "there is no device '" + name + "'");
}

llvm::Expected<FunctionChecker::Value>
FunctionChecker::getValue(int64_t number, const Twine &key) const {
  if (number >= 0 && number < int64_t(values.size()))
    return values[number];
  return fail(key, "expected a value below " + Twine(values.size()) +
                       ", those made before, got " + Twine(number));
}

llvm::Error FunctionChecker::add(ArrayRef<int64_t> numbers,
                                 ArrayRef<Value> made) {
  if (numbers.size() != made.size())
    return fail(".results", "expected " + Twine(made.size()) + ", got " +
                                Twine(numbers.size()));
  for (auto [number, value] : llvm::zip_equal(numbers, made)) {
    if (number != int64_t(values.size()))
      return fail(".results", "expected the next value to be " +
                                  Twine(values.size()) + ", got " +
                                  Twine(number));
    values.push_back(value);
  }
  return llvm::Error::success();
}

llvm::Error FunctionChecker::checkCall(const PackageStep &step) {
  llvm::Expected<unsigned> device = findDevice(step.device, ".device");
  if (!device)
    return device.takeError();
  std::optional<unsigned> number =
      findByName(signatures[*device], step.function);
  if (!number)
    return fail(".function", "device '" + step.device + "' has no function '" +
                                 step.function + "'");
  const FunctionSignature &callee = signatures[*device][*number];
  if (step.arguments.size() != callee.arguments.size())
    return fail(".arguments", "'" + step.function + "' takes " +
                                  Twine(callee.arguments.size()) + ", got " +
                                  Twine(step.arguments.size()));
  for (auto [index, argument] : llvm::enumerate(step.arguments)) {
    std::string key = ".arguments[" + std::to_string(index) + "]";
    llvm::Expected<Value> value = getValue(argument, key);
    if (!value)
      return value.takeError();
    const TensorSignature &expected = callee.arguments[index];
    if (value->tensor.elementType != expected.elementType ||
        value->tensor.shape != expected.shape)
      return fail(key, "'" + step.function + "' takes " + show(expected) +
                           ", value " + Twine(argument) + " is " +
                           show(value->tensor));
    if (value->device && *value->device != *device)
      return fail(key, "value " + Twine(argument) + " is on device '" +
                           package.devices[*value->device].name +
                           "': expected a transfer to '" + step.device + "'");
  }
  std::vector<Value> made;
  for (const TensorSignature &result : callee.results)
    made.push_back({result, result.shape.empty()
                                ? std::nullopt
                                : std::optional<unsigned>(*device)});
  return add(step.results, made);
}

llvm::Error FunctionChecker::checkStep(const PackageStep &step) {
  if (step.kind == PackageStep::Kind::Call)
    return checkCall(step);
  llvm::Expected<Value> value = getValue(step.arguments.front(), ".argument");
  if (!value)
    return value.takeError();
  if (step.kind == PackageStep::Kind::Size) {
    if (step.dimension < 0 ||
        step.dimension >= int64_t(value->tensor.shape.size()))
      return fail(".dimension", "expected one of " + show(value->tensor) +
                                    ", got " + Twine(step.dimension));
    Type index = IndexType::get(value->tensor.elementType.getContext());
    return add(step.results, Value{{index, {}}, std::nullopt});
  }
  if (step.kind == PackageStep::Kind::Empty) {
    if (!value->tensor.elementType.isIndex() || !value->tensor.shape.empty())
      return fail(".argument", "expected an index, value " +
                                   Twine(step.arguments.front()) + " is " +
                                   show(value->tensor));
    Type byte = IntegerType::get(value->tensor.elementType.getContext(), 8);
    return add(step.results,
               Value{{byte, {ShapedType::kDynamic, 0}}, std::nullopt});
  }
  llvm::Expected<unsigned> from = findDevice(step.from, ".from");
  if (!from)
    return from.takeError();
  llvm::Expected<unsigned> to = findDevice(step.device, ".to");
  if (!to)
    return to.takeError();
  if (value->device && *value->device != *from)
    return fail(".from", "value " + Twine(step.arguments.front()) +
                             " is on device '" +
                             package.devices[*value->device].name +
                             "', not on '" + step.from + "'");
  value->device = *to;
  return add(step.results, *value);
}

llvm::Error FunctionChecker::check() {
  for (const TensorSignature &argument : function.arguments)
    values.push_back({argument, std::nullopt});
  std::string own = std::move(place);
  for (auto [number, step] : llvm::enumerate(function.steps)) {
    place = own + ".steps[" + std::to_string(number) + "]";
    if (llvm::Error error = checkStep(step))
      return error;
  }
  place = own;
  if (function.returned.size() != function.results.size())
    return fail(".returns", "expected " + Twine(function.results.size()) +
                                ", got " + Twine(function.returned.size()));
  for (auto [index, number] : llvm::enumerate(function.returned)) {
    std::string key = ".returns[" + std::to_string(index) + "]";
    llvm::Expected<Value> value = getValue(number, key);
    if (!value)
      return value.takeError();
    const TensorSignature &expected = function.results[index];
    if (value->tensor.elementType != expected.elementType ||
        value->tensor.shape != expected.shape)
      return fail(key, "the result is " + show(expected) + ", value " +
                           Twine(number) + " is " + show(value->tensor));
  }
  return llvm::Error::success();
}

llvm::Error
owl::checkPackage(const Package &package,
                  ArrayRef<std::vector<FunctionSignature>> signatures) {
  if (llvm::Error error = checkNames(package.devices, "devices"))
    return error;
  if (llvm::Error error = checkNames(package.functions, "functions"))
    return error;
  if (package.functions.empty())
    return makeError("functions: expected one at least");
  for (auto [number, function] : llvm::enumerate(package.functions))
    if (llvm::Error error =
            FunctionChecker(package, signatures, function,
                            "functions[" + std::to_string(number) + "]")
                .check())
      return error;
  return llvm::Error::success();
}
