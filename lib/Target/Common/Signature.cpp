//===- Signature.cpp - The C interface of a module ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads signatures off public functions, and refuses those that C cannot name
// or call.
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/Signature.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "owl/Support/ByteSize.h"
#include "owl/Support/Threads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::owl;

bool TensorSignature::isDynamic() const {
  return llvm::any_of(shape, ShapedType::isDynamic);
}

SmallVector<std::pair<unsigned, unsigned>> FunctionSignature::getDims() const {
  SmallVector<std::pair<unsigned, unsigned>> dims;
  for (auto [number, argument] : llvm::enumerate(arguments))
    for (auto [dim, size] : llvm::enumerate(argument.shape))
      if (ShapedType::isDynamic(size))
        dims.emplace_back(number, dim);
  return dims;
}

bool FunctionSignature::hasOutShape() const {
  return llvm::any_of(results,
                      [](const TensorSignature &r) { return r.isDynamic(); });
}

StringRef owl::getCType(Type type) {
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  if (type.isF16() || type.isBF16())
    return "uint16_t";
  if (type.isIndex())
    return "int64_t";
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.isSigned())
    return "";
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return isUnsigned ? "" : "uint8_t";
  case 8:
    return isUnsigned ? "uint8_t" : "int8_t";
  case 16:
    return isUnsigned ? "uint16_t" : "int16_t";
  case 32:
    return isUnsigned ? "uint32_t" : "int32_t";
  case 64:
    return isUnsigned ? "uint64_t" : "int64_t";
  default:
    return "";
  }
}

ArrayRef<StatusInfo> owl::getStatuses() {
  static const StatusInfo statuses[] = {
      {Status::Ok, "ok", "success"},
      {Status::BadShape, "bad_shape",
       "dimensions are negative, do not agree, or exceed the address space"},
      {Status::EmptyReduction, "empty_reduction",
       "a max, min, argmax or argmin of no elements"},
  };
  return statuses;
}

std::string owl::getConstantName(const StatusInfo &status,
                                 StringRef symbolPrefix) {
  return (symbolPrefix.empty() ? "OWL_" : symbolPrefix.upper()) +
         status.name.upper();
}

/// Whether C99 and C++ both take `name` as the name of a function.
static bool isIdentifier(StringRef name) {
  if (name.empty() || llvm::isDigit(name.front()) ||
      !llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; }))
    return false;
  static constexpr StringLiteral keywords[] = {
      "alignas",       "alignof",     "and",
      "and_eq",        "asm",         "auto",
      "bitand",        "bitor",       "bool",
      "break",         "case",        "catch",
      "char",          "class",       "compl",
      "const",         "const_cast",  "constexpr",
      "continue",      "decltype",    "default",
      "delete",        "do",          "double",
      "dynamic_cast",  "else",        "enum",
      "explicit",      "export",      "extern",
      "false",         "float",       "for",
      "friend",        "goto",        "if",
      "inline",        "int",         "long",
      "mutable",       "namespace",   "new",
      "noexcept",      "not",         "not_eq",
      "nullptr",       "operator",    "or",
      "or_eq",         "private",     "protected",
      "public",        "register",    "reinterpret_cast",
      "restrict",      "return",      "short",
      "signed",        "sizeof",      "static",
      "static_assert", "static_cast", "struct",
      "switch",        "template",    "this",
      "thread_local",  "throw",       "true",
      "try",           "typedef",     "typeid",
      "typename",      "union",       "unsigned",
      "using",         "virtual",     "void",
      "volatile",      "wchar_t",     "while",
      "xor",           "xor_eq"};
  return !llvm::is_contained(keywords, name);
}

/// Whether C keeps `name` for itself: what its library, the headers of a model
/// or a linker define. A model that defined it again would replace, say, the
/// memcpy of the whole program.
static bool isReserved(StringRef name) {
  auto isTypeOf = [&](StringRef prefix) {
    return name.starts_with(prefix) && name.ends_with("_t");
  };
  auto isLimitOf = [&](StringRef prefix) {
    return name.starts_with(prefix) &&
           llvm::any_of(ArrayRef<StringRef>{"_MIN", "_MAX", "_WIDTH", "_C"},
                        [&](StringRef end) { return name.ends_with(end); });
  };
  if (name.starts_with("__") ||
      (name.starts_with("_") && name.size() > 1 && llvm::isUpper(name[1])) ||
      isTypeOf("int") || isTypeOf("uint") || isLimitOf("INT") ||
      isLimitOf("UINT") ||
      llvm::is_contained(ArrayRef<StringRef>{"main", "NULL", "offsetof",
                                             "size_t", "ptrdiff_t", "nullptr_t",
                                             "max_align_t", "SIZE_MAX",
                                             "PTRDIFF_MIN", "PTRDIFF_MAX"},
                         name))
    return true;
  llvm::LibFunc function;
  return llvm::TargetLibraryInfoImpl(llvm::Triple()).getLibFunc(name, function);
}

/// The signature of the `number`th argument or result, a `kind`, of `function`.
static FailureOr<TensorSignature>
getTensor(func::FuncOp function, StringRef kind, unsigned number, Type type) {
  TensorSignature tensor{type, {}};
  if (auto ranked = dyn_cast<RankedTensorType>(type)) {
    tensor.elementType = ranked.getElementType();
    tensor.shape = llvm::to_vector(ranked.getShape());
  }
  if (getCType(tensor.elementType).empty() ||
      (isa<TensorType>(type) && tensor.elementType.isIndex()))
    return function.emitError()
           << kind << " " << number << " of public function @"
           << function.getName() << " has type " << type
           << ", which has no C interface: expected a ranked tensor or a "
              "scalar of f16, bf16, f32, f64, i1, i8, i16, i32, i64, ui8, "
              "ui16, ui32 or ui64, or a scalar of index";
  if (!getStaticBytes(tensor.shape, tensor.elementType))
    return function.emitError()
           << kind << " " << number << " of public function @"
           << function.getName() << " has type " << type
           << ", whose size in bytes overflows int64_t";
  return tensor;
}

static FailureOr<FunctionSignature> getSignature(func::FuncOp function,
                                                 StringRef symbolPrefix) {
  FunctionSignature signature;
  signature.name = function.getName().str();
  signature.symbol = (symbolPrefix + function.getName()).str();
  if (!isIdentifier(signature.symbol))
    return function.emitError()
           << "public function @" << function.getName()
           << " would be the C function '" << signature.symbol
           << "', which is no identifier of C and C++";
  if (isReserved(signature.symbol))
    return function.emitError()
           << "public function @" << function.getName()
           << " would be the C function '" << signature.symbol
           << "', a name that C keeps for itself: expected another name or "
              "--symbol-prefix";
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = getTensor(function, "argument", number, type);
    if (failed(tensor))
      return failure();
    signature.arguments.push_back(*tensor);
  }
  for (auto [number, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensor = getTensor(function, "result", number, type);
    if (failed(tensor))
      return failure();
    signature.results.push_back(*tensor);
  }
  return signature;
}

FailureOr<SmallVector<FunctionSignature>>
owl::getSignatures(ModuleOp module, StringRef symbolPrefix, bool hasThreads) {
  SmallVector<FunctionSignature> functions;
  // Each C symbol, and the function that it comes from: none for constants.
  llvm::StringMap<func::FuncOp> symbols;
  for (const StatusInfo &status : getStatuses())
    symbols[getConstantName(status, symbolPrefix)] = nullptr;
  // What a WebAssembly module exports beside the functions, where it is not
  // reserved anyway.
  symbols["memory"] = nullptr;
  if (hasThreads)
    symbols[kParallelForHook] = nullptr;

  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    FailureOr<FunctionSignature> signature =
        getSignature(function, symbolPrefix);
    if (failed(signature))
      return failure();

    SmallVector<std::string> own = {signature->symbol,
                                    signature->workspaceSizeSymbol()};
    if (signature->hasOutShape())
      own.push_back(signature->outShapeSymbol());
    for (const std::string &symbol : own) {
      auto [at, isNew] = symbols.try_emplace(symbol, function);
      if (isNew)
        continue;
      InFlightDiagnostic error = function.emitError()
                                 << "public function @" << function.getName()
                                 << " needs the C symbol '" << symbol
                                 << "', which is taken";
      if (func::FuncOp other = at->second)
        error.attachNote(other.getLoc()) << "by @" << other.getName();
      else if (symbol == kParallelForHook)
        error.attachNote() << "by the hook for threads, which the program "
                              "defines";
      return error;
    }
    functions.push_back(*signature);
  }
  if (!functions.empty())
    return functions;
  InFlightDiagnostic error =
      module.emitError() << "the module has no public function: nothing in it "
                            "could be called";
  auto nested = module.getOps<ModuleOp>();
  if (!nested.empty())
    error.attachNote((*nested.begin()).getLoc())
        << "expected one module: those inside of it, or beside one another in "
           "a file, are not looked into";
  return error;
}
