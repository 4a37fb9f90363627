//===- Signature.h - The C interface of a module ----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a caller of a compiled module sees: for each public function `@f`
//
//   int32_t owl_f(const T0 *arg0, ..., R0 *out0, ..., int64_t d0, ...,
//                 void *workspace);
//   size_t  owl_f_workspace_size(int64_t d0, ...);
//   void    owl_f_out_shape(int32_t result, int64_t d0, ..., int64_t *shape);
//
// The signature is read off the tensor program, before any lowering, so that
// headers need no code generation.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_SIGNATURE_H
#define OWL_TARGET_COMMON_SIGNATURE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Types.h"
#include "owl/Support/Status.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace llvm::json {
class Value;
} // namespace llvm::json

namespace mlir::owl {

/// A status, for programs and for people.
struct StatusInfo {
  Status value;
  /// "bad_shape".
  StringRef name;
  /// When it is returned, as a clause without a full stop.
  StringRef meaning;
};

/// Every status there is, in the order of their values.
ArrayRef<StatusInfo> getStatuses();

/// One argument or result. Scalars and rank-0 tensors both have rank 0: they
/// are passed by pointer alike.
struct TensorSignature {
  Type elementType;
  /// ShapedType::kDynamic where a dimension is dynamic.
  SmallVector<int64_t> shape;

  bool isDynamic() const;
};

/// One public function.
struct FunctionSignature {
  /// The name in the module, `f`.
  std::string name;
  /// The symbol of the compiled function, `owl_f`.
  std::string symbol;
  SmallVector<TensorSignature> arguments, results;

  /// The dynamic dimensions of the arguments as (argument, dimension), in order
  /// of appearance: d0, d1, ...
  SmallVector<std::pair<unsigned, unsigned>> getDims() const;
  int64_t getNumDims() const { return getDims().size(); }
  /// The symbols of the two functions beside it.
  std::string workspaceSizeSymbol() const { return symbol + "_workspace_size"; }
  std::string outShapeSymbol() const { return symbol + "_out_shape"; }
  /// Whether `<symbol>_out_shape` exists: some result is dynamic.
  bool hasOutShape() const;
};

/// Reads the signatures of the public functions of `module`. Fails with one
/// diagnostic where there is no public function, and where one has no C
/// interface: its name with `symbolPrefix` is no identifier of C and C++, or
/// one that C keeps for itself, two symbols clash, where `hasThreads` also with
/// the hook for threads, a type is neither a ranked tensor nor a scalar of an
/// element type of the dialect (`index` is passed as int64_t), or the bytes of
/// a tensor overflow int64_t.
FailureOr<SmallVector<FunctionSignature>>
getSignatures(ModuleOp module, StringRef symbolPrefix, bool hasThreads = false);

/// The C type of elements of `type`: f16 and bf16 are uint16_t, i1 is uint8_t.
/// Empty for a type that is no element of the dialect.
StringRef getCType(Type type);

/// The constant of C for `status`, OWL_BAD_SHAPE where the prefix is `owl_`.
std::string getConstantName(const StatusInfo &status, StringRef symbolPrefix);

/// Writes a C and C++ header that declares `functions`, and the hook that they
/// call if they are for several threads. `moduleName` names the include guard.
void printHeader(ArrayRef<FunctionSignature> functions, StringRef moduleName,
                 StringRef symbolPrefix, bool hasThreads, raw_ostream &os);

/// The type and the shape of `tensor`, as printSignature writes them.
llvm::json::Value toJSON(const TensorSignature &tensor);

/// Writes the same as JSON.
void printSignature(ArrayRef<FunctionSignature> functions, raw_ostream &os);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_SIGNATURE_H
