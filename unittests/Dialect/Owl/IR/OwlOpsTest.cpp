//===- OwlOpsTest.cpp - Building owl ops from C++ -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The builders and accessors of the ops, as other people's passes use them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Pipelines/Pipelines.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace {

class OwlOpsTest : public ::testing::Test {
protected:
  OwlOpsTest() : builder(&context) {
    DialectRegistry registry;
    owl::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = ModuleOp::create(builder, builder.getUnknownLoc());
  }

  /// The argument of a fresh function; ops are built in its body.
  Value createArgument(ArrayRef<int64_t> shape, Type elementType) {
    auto type = RankedTensorType::get(shape, elementType);
    builder.setInsertionPointToEnd(module->getBody());
    auto func = func::FuncOp::create(builder, builder.getUnknownLoc(), "f",
                                     builder.getFunctionType(type, {}));
    builder.setInsertionPointToStart(func.addEntryBlock());
    return func.getArgument(0);
  }

  MLIRContext context;
  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
};

TEST_F(OwlOpsTest, ReduceInfersItsResult) {
  Value x = createArgument({8, 64, ShapedType::kDynamic}, builder.getF32Type());
  auto sum = owl::ReduceOp::create(builder, builder.getUnknownLoc(),
                                   owl::ReduceKind::Sum, x, {0, 2});
  EXPECT_EQ(sum.getResult().getType(),
            RankedTensorType::get({64}, builder.getF32Type()));
  auto index = owl::ReduceOp::create(builder, builder.getUnknownLoc(),
                                     owl::ReduceKind::ArgMax, x, {1},
                                     /*keepDims=*/true);
  EXPECT_EQ(index.getResult().getType(),
            RankedTensorType::get({8, 1, ShapedType::kDynamic},
                                  builder.getI64Type()));
  EXPECT_TRUE(sum.isReduced(2));
  EXPECT_FALSE(sum.isReduced(1));
  EXPECT_TRUE(succeeded(verify(sum)));
}

TEST_F(OwlOpsTest, RepeatMixesCounts) {
  Value x = createArgument({3, 4}, builder.getF16Type());
  Value n = arith::ConstantIndexOp::create(builder, builder.getUnknownLoc(), 5);
  auto repeat = owl::RepeatOp::create(builder, builder.getUnknownLoc(), x,
                                      {builder.getIndexAttr(2), n});
  EXPECT_EQ(repeat.getStaticCounts().front(), 2);
  EXPECT_EQ(repeat.getMixedCounts().back(), OpFoldResult(n));
  EXPECT_EQ(cast<ShapedType>(repeat.getResult().getType()).getShape(),
            ArrayRef<int64_t>({6, ShapedType::kDynamic}));
  EXPECT_TRUE(repeat.hasTensorSemantics());
}

} // namespace
