//===- DeviceOps.cpp - The devices of a fleet -----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers and folders of devices, links, transfers and calls, and whatever
// else names a device.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/Support/InterleavedRange.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

/// Refuses attributes that mean nothing: a figure that is misspelt would be the
/// usual one.
static LogicalResult verifyAttributes(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (!attribute.getNameDialect())
      return op->emitOpError("has no attribute ")
             << attribute.getName() << ": expected "
             << llvm::interleaved(op->getName().getAttributeNames());
  return success();
}

LogicalResult DeviceOp::verify() {
  if (failed(verifyAttributes(*this)))
    return failure();
  return MachineModel::get(getTarget(), [&] { return emitOpError(); });
}

LogicalResult LinkOp::verify() { return verifyAttributes(*this); }

DeviceOp DeviceOp::lookup(SymbolTableCollection &symbols, Operation *from,
                          FlatSymbolRefAttr name) {
  Operation *symbol = symbols.lookupNearestSymbolFrom(from, name);
  if (auto module = dyn_cast_or_null<ModuleOp>(symbol))
    symbol = symbols.lookupSymbolIn(module, name);
  return dyn_cast_or_null<DeviceOp>(symbol);
}

DeviceOp DeviceOp::getRunner(ModuleOp module) {
  StringAttr name = module.getSymNameAttr();
  return name ? dyn_cast_or_null<DeviceOp>(
                    SymbolTable::lookupSymbolIn(module, name))
              : DeviceOp();
}

static LogicalResult verifyDevice(SymbolTableCollection &symbols, Operation *op,
                                  FlatSymbolRefAttr name) {
  if (DeviceOp::lookup(symbols, op, name))
    return success();
  return op->emitOpError("expects an owl.device, got ") << name;
}

LogicalResult GroupOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FlatSymbolRefAttr device = getDeviceAttr();
  return device ? verifyDevice(symbols, *this, device) : success();
}

LogicalResult OwlDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  if (attribute.getName() != getHomeAttrHelper().getName())
    return success();
  auto home = dyn_cast<FlatSymbolRefAttr>(attribute.getValue());
  if (!home || !isa<FunctionOpInterface>(op))
    return op->emitError() << "expects '" << attribute.getName().getValue()
                           << "' to be the symbol of a device, on a function";
  SymbolTableCollection symbols;
  if (DeviceOp::lookup(symbols, op->getParentOp(), home))
    return success();
  return emitError(op->getLoc())
         << "expects '" << attribute.getName().getValue()
         << "' to be an owl.device, got " << home;
}

//===----------------------------------------------------------------------===//
// Links
//===----------------------------------------------------------------------===//

/// Refuses the second link between two devices. `first` is the first link of
/// its block.
static LogicalResult verifyDistinct(LinkOp first) {
  DenseMap<std::pair<Attribute, Attribute>, LinkOp> seen;
  for (LinkOp link : first->getBlock()->getOps<LinkOp>()) {
    auto ends = std::pair<Attribute, Attribute>(link.getFirstAttr(),
                                                link.getSecondAttr());
    auto [known, isNew] = seen.try_emplace(ends, link);
    if (isNew) {
      seen[{ends.second, ends.first}] = link;
      continue;
    }
    InFlightDiagnostic diag = link.emitOpError("expects one link between ")
                              << ends.first << " and " << ends.second;
    diag.attachNote(known->second.getLoc()) << "there is this one already";
    return diag;
  }
  return success();
}

LogicalResult LinkOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (getFirstAttr() == getSecondAttr())
    return emitOpError("expects two devices, got ")
           << getFirstAttr() << " twice";
  if (failed(verifyDevice(symbols, *this, getFirstAttr())) ||
      failed(verifyDevice(symbols, *this, getSecondAttr())))
    return failure();
  // One of them looks at all.
  for (Operation *op = getOperation()->getPrevNode(); op;
       op = op->getPrevNode())
    if (isa<LinkOp>(op))
      return success();
  return verifyDistinct(*this);
}

//===----------------------------------------------------------------------===//
// Transfers and calls
//===----------------------------------------------------------------------===//

LogicalResult TransferOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return success(succeeded(verifyDevice(symbols, *this, getFromAttr())) &&
                 succeeded(verifyDevice(symbols, *this, getToAttr())));
}

OpFoldResult TransferOp::fold(FoldAdaptor) {
  if (getFromAttr() == getToAttr())
    return getSource();
  auto there = getSource().getDefiningOp<TransferOp>();
  if (there && there.getFromAttr() == getToAttr() &&
      there.getToAttr() == getFromAttr())
    return there.getSource();
  return {};
}

RankedTensorType CallOp::getSizeTensorType(MLIRContext *context) {
  return RankedTensorType::get({ShapedType::kDynamic, 0},
                               IntegerType::get(context, 8));
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto function = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getCalleeAttr());
  if (!function || getCallee().getNestedReferences().size() != 1)
    return emitOpError("expects a function of a module, got ")
           << getCalleeAttr();
  if (function.getArgumentTypes() !=
          ArrayRef(SmallVector<Type>(getOperandTypes())) ||
      function.getResultTypes() !=
          ArrayRef(SmallVector<Type>(getResultTypes())))
    return emitOpError("expects to be of the type of ")
           << getCalleeAttr() << ", which is " << function.getFunctionType();
  return success();
}
