//===- OwlDialect.cpp - The owl dialect -----------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the dialect's ops and attributes and materializes its constants.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::owl;

#include "owl/Dialect/Owl/IR/OwlDialect.cpp.inc"
#include "owl/Dialect/Owl/IR/OwlEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "owl/Dialect/Owl/IR/OwlAttributes.cpp.inc"

/// `<sum>`. Unlike the generated parser it reports an unknown kind once.
Attribute ReduceKindAttr::parse(AsmParser &parser, Type) {
  std::string keyword;
  SMLoc loc;
  if (parser.parseLess() || (loc = parser.getCurrentLocation(),
                             parser.parseKeywordOrString(&keyword)))
    return {};
  std::optional<ReduceKind> kind = symbolizeReduceKind(keyword);
  if (!kind) {
    InFlightDiagnostic diag = parser.emitError(loc)
                              << "expected a kind of reduction, one of ";
    for (uint32_t i = 0; i <= getMaxEnumValForReduceKind(); ++i)
      diag << (i ? ", " : "")
           << stringifyReduceKind(static_cast<ReduceKind>(i));
    diag << "; got '" << keyword << "'";
    return {};
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), *kind);
}

void ReduceKindAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyReduceKind(getValue()) << '>';
}

namespace {
/// Every op of the dialect may be inlined anywhere.
struct OwlInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void OwlDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "owl/Dialect/Owl/IR/OwlAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "owl/Dialect/Owl/IR/OwlOps.cpp.inc"
      >();
  addInterfaces<OwlInlinerInterface>();
}

Operation *OwlDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}
