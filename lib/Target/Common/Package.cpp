//===- Package.cpp - plan.json and signature.json -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// JSON in both directions. What is read goes through llvm::json::Path, which
// knows the place of an error.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/Package.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "owl/Support/JsonDepth.h"
#include "owl/Support/MakeError.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::owl;
namespace json = llvm::json;

static constexpr StringLiteral kFormat = "owl-plan";
static constexpr int64_t kVersion = 1;

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static json::Object writeDevice(const PackageDevice &device) {
  json::Object files;
  auto add = [&](StringRef kind, const std::string &path) {
    if (!path.empty())
      files[kind] = path;
  };
  add("signature", device.signature);
  add("object", device.object);
  add("header", device.header);
  add("server", device.server);
  add("module", device.module);
  add("script", device.script);
  add("types", device.types);
  return json::Object{{"name", device.name},
                      {"target", device.target},
                      {"triple", device.triple},
                      {"cpu", device.cpu},
                      {"files", std::move(files)}};
}

static json::Object writeStep(const PackageStep &step) {
  switch (step.kind) {
  case PackageStep::Kind::Call:
    return json::Object{{"step", "call"},
                        {"device", step.device},
                        {"function", step.function},
                        {"arguments", step.arguments},
                        {"results", step.results}};
  case PackageStep::Kind::Transfer:
    return json::Object{{"step", "transfer"},
                        {"from", step.from},
                        {"to", step.device},
                        {"argument", step.arguments.front()},
                        {"result", step.results.front()}};
  case PackageStep::Kind::Size:
    return json::Object{{"step", "size"},
                        {"dimension", step.dimension},
                        {"argument", step.arguments.front()},
                        {"result", step.results.front()}};
  case PackageStep::Kind::Empty:
    return json::Object{{"step", "empty"},
                        {"argument", step.arguments.front()},
                        {"result", step.results.front()}};
  }
  llvm_unreachable("every kind of step is written");
}

void owl::printPackage(const Package &package, raw_ostream &os) {
  json::Array devices, functions;
  for (const PackageDevice &device : package.devices)
    devices.push_back(writeDevice(device));
  for (const PackageFunction &function : package.functions) {
    json::Array steps, arguments, results;
    for (const TensorSignature &tensor : function.arguments)
      arguments.push_back(toJSON(tensor));
    for (const TensorSignature &tensor : function.results)
      results.push_back(toJSON(tensor));
    for (const PackageStep &step : function.steps)
      steps.push_back(writeStep(step));
    functions.push_back(json::Object{{"name", function.name},
                                     {"arguments", std::move(arguments)},
                                     {"results", std::move(results)},
                                     {"steps", std::move(steps)},
                                     {"returns", function.returned}});
  }
  os << llvm::formatv("{0:2}", json::Value(json::Object{
                                   {"format", kFormat},
                                   {"version", kVersion},
                                   {"devices", std::move(devices)},
                                   {"functions", std::move(functions)}}))
     << '\n';
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Types are made once the whole has been read.
struct ReadTensor {
  std::string type;
  std::vector<std::optional<int64_t>> shape;
};
struct ReadFunction {
  std::string name, symbol;
  std::vector<ReadTensor> arguments, results;
  std::vector<PackageStep> steps;
  std::vector<int64_t> returned;
};
struct ReadPackage {
  std::vector<PackageDevice> devices;
  std::vector<ReadFunction> functions;
};
struct ReadSignature {
  std::vector<ReadFunction> functions;
};
} // namespace

// LLVM's templates look for these in the namespaces of their arguments.
namespace mlir::owl {
static bool fromJSON(const json::Value &value, PackageDevice &device,
                     json::Path path) {
  json::ObjectMapper object(value, path);
  if (!object || !object.map("name", device.name) ||
      !object.map("target", device.target) ||
      !object.map("triple", device.triple) ||
      !object.mapOptional("cpu", device.cpu))
    return false;
  const json::Value none(nullptr);
  const json::Value *files = value.getAsObject()->get("files");
  json::ObjectMapper inner(files ? *files : none, path.field("files"));
  // What a package runs and reads is in it.
  auto map = [&](StringLiteral key, std::string &file) {
    if (!inner.mapOptional(key, file))
      return false;
    if (!llvm::sys::path::is_absolute(file) &&
        !llvm::is_contained(llvm::make_range(llvm::sys::path::begin(file),
                                             llvm::sys::path::end(file)),
                            ".."))
      return true;
    path.field("files").field(key).report("expected a path in the package");
    return false;
  };
  return inner && map("signature", device.signature) &&
         map("object", device.object) && map("header", device.header) &&
         map("server", device.server) && map("module", device.module) &&
         map("script", device.script) && map("types", device.types);
}

static bool fromJSON(const json::Value &value, PackageStep &step,
                     json::Path path) {
  json::ObjectMapper object(value, path);
  std::string kind;
  if (!object || !object.map("step", kind))
    return false;
  if (kind == "call") {
    step.kind = PackageStep::Kind::Call;
    return object.map("device", step.device) &&
           object.map("function", step.function) &&
           object.map("arguments", step.arguments) &&
           object.map("results", step.results);
  }
  if (kind == "transfer") {
    step.kind = PackageStep::Kind::Transfer;
    if (!object.map("from", step.from) || !object.map("to", step.device))
      return false;
  } else if (kind == "size") {
    step.kind = PackageStep::Kind::Size;
    if (!object.map("dimension", step.dimension))
      return false;
  } else if (kind == "empty") {
    step.kind = PackageStep::Kind::Empty;
  } else {
    path.field("step").report("expected call, transfer, size or empty");
    return false;
  }
  return object.map("argument", step.arguments.emplace_back()) &&
         object.map("result", step.results.emplace_back());
}
} // namespace mlir::owl

namespace {
bool fromJSON(const json::Value &value, ReadTensor &tensor, json::Path path) {
  json::ObjectMapper object(value, path);
  return object && object.map("type", tensor.type) &&
         object.map("shape", tensor.shape);
}

/// The functions of a package have steps, those of a signature have symbols.
bool fromJSON(const json::Value &value, ReadFunction &function,
              json::Path path) {
  json::ObjectMapper object(value, path);
  return object && object.map("name", function.name) &&
         object.map("arguments", function.arguments) &&
         object.map("results", function.results) &&
         (value.getAsObject()->get("steps")
              ? object.map("steps", function.steps) &&
                    object.map("returns", function.returned)
              : object.map("symbol", function.symbol));
}

bool fromJSON(const json::Value &value, ReadPackage &package, json::Path path) {
  json::ObjectMapper object(value, path);
  std::string format;
  int64_t version;
  if (!object || !object.map("format", format) ||
      !object.map("version", version))
    return false;
  if (format != kFormat || version != kVersion) {
    path.field(format != kFormat ? "format" : "version")
        .report("expected a file of the format owl-plan, version 1");
    return false;
  }
  return object.map("devices", package.devices) &&
         object.map("functions", package.functions);
}

bool fromJSON(const json::Value &value, ReadSignature &signature,
              json::Path path) {
  json::ObjectMapper object(value, path);
  return object && object.map("functions", signature.functions);
}
} // namespace

/// Makes `tensors` of what was read as `kind` of a function at `place`.
template <typename Tensors>
static llvm::Error convert(ArrayRef<ReadTensor> read, const Twine &place,
                           MLIRContext *context, Tensors &tensors) {
  for (auto [number, tensor] : llvm::enumerate(read)) {
    std::string where = (place + "[" + Twine(number) + "]").str();
    // What is no type is reported here, with its place.
    ScopedDiagnosticHandler quiet(context, [](Diagnostic &) {});
    Type type = parseType(tensor.type, context);
    if (!type || getCType(type).empty())
      return makeError(where + ".type: expected an element type, got '" +
                       tensor.type + "'");
    TensorSignature &converted =
        tensors.emplace_back(TensorSignature{type, {}});
    for (auto [dim, size] : llvm::enumerate(tensor.shape)) {
      if (size && *size < 0)
        return makeError(where + ".shape[" + Twine(dim) +
                         "]: expected no negative size, got " + Twine(*size));
      converted.shape.push_back(size.value_or(ShapedType::kDynamic));
    }
  }
  return llvm::Error::success();
}

/// How deep an array in a file may be; the parser would go as deep into the
/// stack.
static constexpr int kMaxDepth = 64;

/// Reads `text` as a `T`. The error says what was expected at which place.
template <typename T> static llvm::Expected<T> readAs(StringRef text) {
  if (getJsonDepth(text) > kMaxDepth)
    return makeError("nested too deeply");
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  T result;
  json::Path::Root root;
  if (!fromJSON(*value, result, root))
    return root.getError();
  return result;
}

template <typename Function>
static llvm::Error convert(ReadFunction &&read, size_t number,
                           MLIRContext *context, Function &function) {
  std::string place = "functions[" + std::to_string(number) + "].";
  function.name = std::move(read.name);
  if (llvm::Error error = convert(read.arguments, place + "arguments", context,
                                  function.arguments))
    return error;
  return convert(read.results, place + "results", context, function.results);
}

llvm::Expected<Package> owl::parsePackage(StringRef text,
                                          MLIRContext *context) {
  auto read = readAs<ReadPackage>(text);
  if (!read)
    return read.takeError();
  Package package;
  package.devices = std::move(read->devices);
  for (auto [number, function] : llvm::enumerate(read->functions)) {
    PackageFunction &converted = package.functions.emplace_back();
    converted.steps = std::move(function.steps);
    converted.returned = std::move(function.returned);
    if (llvm::Error error =
            convert(std::move(function), number, context, converted))
      return std::move(error);
  }
  return package;
}

llvm::Expected<std::vector<FunctionSignature>>
owl::parseSignature(StringRef text, MLIRContext *context) {
  auto read = readAs<ReadSignature>(text);
  if (!read)
    return read.takeError();
  std::vector<FunctionSignature> functions;
  for (auto [number, function] : llvm::enumerate(read->functions)) {
    FunctionSignature &converted = functions.emplace_back();
    converted.symbol = std::move(function.symbol);
    if (llvm::Error error =
            convert(std::move(function), number, context, converted))
      return std::move(error);
  }
  return functions;
}
