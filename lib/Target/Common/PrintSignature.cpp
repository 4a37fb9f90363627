//===- PrintSignature.cpp - C headers and JSON ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the C interface of a module for people and for programs.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinTypes.h"
#include "owl/Support/Threads.h"
#include "owl/Target/Common/Signature.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::owl;

/// `name` in capitals, with anything that is no letter or digit as `_`.
static std::string toMacro(StringRef name) {
  std::string macro = name.upper();
  for (char &c : macro)
    if (!llvm::isAlnum(c))
      c = '_';
  return macro;
}

/// The tensor as MLIR writes it. Dynamic dimensions of an argument carry their
/// names, `tensor<?x4xf32>` being `tensor<d0x4xf32>`; `nextDim` counts them.
static void printTensor(const TensorSignature &tensor, int64_t *nextDim,
                        raw_ostream &os) {
  os << "tensor<";
  for (int64_t size : tensor.shape) {
    if (!ShapedType::isDynamic(size))
      os << size;
    else if (nextDim)
      os << 'd' << (*nextDim)++;
    else
      os << '?';
    os << 'x';
  }
  os << tensor.elementType << '>';
}

/// `declaration(parameters);` on one line where it fits, else one line each.
static void printPrototype(StringRef declaration,
                           ArrayRef<std::string> parameters, raw_ostream &os) {
  std::string line = parameters.empty() ? "void" : llvm::join(parameters, ", ");
  if (declaration.size() + line.size() + 3 > 80)
    line = "\n    " + llvm::join(parameters, ",\n    ");
  os << declaration << '(' << line << ");\n";
}

static void printFunction(const FunctionSignature &function, raw_ostream &os) {
  os << "\n/* @" << function.name << "\n";
  int64_t dim = 0;
  SmallVector<std::string> parameters, dims;
  for (auto [number, tensor] : llvm::enumerate(function.arguments)) {
    parameters.push_back(
        llvm::formatv("const {0} *arg{1}", getCType(tensor.elementType), number)
            .str());
    os << " *   arg" << number << ": ";
    printTensor(tensor, &dim, os);
    os << '\n';
  }
  for (auto [number, tensor] : llvm::enumerate(function.results)) {
    parameters.push_back(
        llvm::formatv("{0} *out{1}", getCType(tensor.elementType), number)
            .str());
    os << " *   out" << number << ": ";
    printTensor(tensor, nullptr, os);
    if (tensor.isDynamic())
      os << ", its shape from " << function.outShapeSymbol() << "(" << number
         << ", ...)";
    os << '\n';
  }
  os << " */\n";

  for (int64_t i = 0; i < dim; ++i)
    dims.push_back("int64_t d" + std::to_string(i));
  parameters.append(dims.begin(), dims.end());
  parameters.push_back("void *workspace");
  printPrototype("int32_t " + function.symbol, parameters, os);
  printPrototype("size_t " + function.workspaceSizeSymbol(), dims, os);
  if (function.hasOutShape()) {
    dims.insert(dims.begin(), "int32_t result");
    dims.push_back("int64_t *shape");
    printPrototype("void " + function.outShapeSymbol(), dims, os);
  }
}

void owl::printHeader(ArrayRef<FunctionSignature> functions,
                      StringRef moduleName, StringRef symbolPrefix,
                      bool hasThreads, raw_ostream &os) {
  std::string guard = "OWL_MODEL_" + toMacro(moduleName) + "_H";
  std::string statusGuard =
      toMacro(symbolPrefix.empty() ? "owl_" : symbolPrefix) + "STATUS_DEFINED";
  os << "/* The C interface of a model, written by owl-translate.\n"
        " *\n"
        " * Tensors are dense and row-major. Every buffer belongs to the "
        "caller, is aligned\n"
        " * to 16 bytes and overlaps no other one that is written. f16 and "
        "bf16 are passed\n"
        " * as their bits in uint16_t, i1 as 0 or 1 in uint8_t. d0, d1, ... "
        "are the dynamic\n"
        " * dimensions of the arguments. The workspace has the size that "
        "..._workspace_size\n"
        " * gives, and may be NULL where that is 0. Functions return a status "
        "and may be\n"
        " * called from several threads with different outputs and "
        "workspaces. */\n";
  os << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include <stddef.h>\n#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";

  // Models with the same prefix share their status codes.
  os << "#ifndef " << statusGuard << "\n#define " << statusGuard
     << "\nenum {\n";
  llvm::interleave(
      getStatuses(), os,
      [&](const StatusInfo &status) {
        os << "  /* " << llvm::toUpper(status.meaning.front())
           << status.meaning.drop_front() << ". */\n  "
           << getConstantName(status, symbolPrefix) << " = "
           << static_cast<int32_t>(status.value);
      },
      ",\n");
  os << "\n};\n#endif\n";

  if (hasThreads)
    os << "\n/* What the functions call to share their work among threads. The "
          "program\n"
          " * defines it: it calls task(context, i) for each i from 0 to "
          "count - 1, in any\n"
          " * order and possibly at the same time, and returns when all calls "
          "have. */\n"
       << "void " << kParallelForHook
       << "(void (*task)(void *context, int64_t index),\n"
          "                      void *context, int64_t count);\n";
  for (const FunctionSignature &function : functions)
    printFunction(function, os);
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
}

llvm::json::Value owl::toJSON(const TensorSignature &tensor) {
  llvm::json::Array shape;
  for (int64_t size : tensor.shape)
    shape.push_back(ShapedType::isDynamic(size) ? llvm::json::Value(nullptr)
                                                : llvm::json::Value(size));
  std::string type;
  llvm::raw_string_ostream(type) << tensor.elementType;
  return llvm::json::Object{{"type", type},
                            {"c_type", getCType(tensor.elementType)},
                            {"shape", std::move(shape)}};
}

void owl::printSignature(ArrayRef<FunctionSignature> functions,
                         raw_ostream &os) {
  llvm::json::Array list;
  for (const FunctionSignature &function : functions) {
    llvm::json::Array arguments, results, dims;
    for (const TensorSignature &tensor : function.arguments)
      arguments.push_back(toJSON(tensor));
    for (const TensorSignature &tensor : function.results)
      results.push_back(toJSON(tensor));
    for (auto [argument, dim] : function.getDims())
      dims.push_back(
          llvm::json::Object{{"argument", argument}, {"dimension", dim}});
    llvm::json::Object object{
        {"name", function.name},
        {"symbol", function.symbol},
        {"workspace_size", function.workspaceSizeSymbol()},
        {"arguments", std::move(arguments)},
        {"results", std::move(results)},
        {"dims", std::move(dims)}};
    object["out_shape"] = function.hasOutShape()
                              ? llvm::json::Value(function.outShapeSymbol())
                              : llvm::json::Value(nullptr);
    list.push_back(std::move(object));
  }
  llvm::json::Object status;
  for (const StatusInfo &info : getStatuses())
    status[info.name] = static_cast<int32_t>(info.value);
  os << llvm::formatv("{0:2}", llvm::json::Value(llvm::json::Object{
                                   {"functions", std::move(list)},
                                   {"status", std::move(status)}}))
     << '\n';
}
