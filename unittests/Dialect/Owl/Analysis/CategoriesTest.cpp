//===- CategoriesTest.cpp - Groups that are alike -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What makes two groups one category, and what does not.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Categories.h"
#include "ParsedModule.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

/// A module with a group of `attributes` whose region has `body`, from `inputs`
/// to a tensor, for each of `bodies`; %x and %y come in, %c is a constant.
struct Bodies {
  std::string attributes, inputs, arguments, body;
};

std::string makeModule(ArrayRef<Bodies> bodies) {
  std::string text =
      "owl.device @d {target = \"x86_64\"}\n"
      "func.func @f(%x: tensor<8xf32>, %y: tensor<8xf32>) {\n"
      "%c = arith.constant dense<[1.,2.,3.,4.,5.,6.,7.,8.]> : tensor<8xf32>\n"
      "%e = tensor.empty() : tensor<8xf32>\n";
  for (const Bodies &group : bodies)
    text += "owl.group ins(" + group.inputs +
            " : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) " +
            group.attributes + " {\n^bb0(" + group.arguments + "):\n" +
            group.body + "\nowl.yield %r : tensor<8xf32>\n} -> tensor<8xf32>\n";
  return text + "return\n}\n";
}

const char *arguments = "%a: tensor<8xf32>, %b: tensor<8xf32>";
const char *subtract = "%r = arith.subf %a, %b : tensor<8xf32>";

/// The categories of groups with those bodies.
SmallVector<unsigned> categorise(ArrayRef<Bodies> bodies) {
  ParsedModule parsed(makeModule(bodies));
  SmallVector<unsigned> result;
  if (!parsed.module)
    return result;
  Categories categories(parsed.groups);
  for (unsigned i = 0; i < bodies.size(); ++i)
    result.push_back(categories.getCategory(i));
  return result;
}

using Numbers = SmallVector<unsigned>;

TEST(CategoriesTest, InputsAreNumberedByFirstUse) {
  // y - x and x - y do the same to what they are given, in whatever order that
  // is listed.
  EXPECT_EQ(categorise({{"", "%x, %y", arguments, subtract},
                        {"", "%y, %x", arguments, subtract},
                        {"", "%x, %y", arguments,
                         "%r = arith.subf %b, %a : tensor<8xf32>"}}),
            Numbers({0, 0, 0}));
  // x - x does not.
  EXPECT_EQ(categorise({{"", "%x, %y", arguments, subtract},
                        {"", "%x, %y", arguments,
                         "%r = arith.subf %a, %a : tensor<8xf32>"}}),
            Numbers({0, 1}));
}

TEST(CategoriesTest, DeviceIsNoPartOfStructure) {
  EXPECT_EQ(
      categorise({{"", "%x, %y", arguments, subtract},
                  {"attributes {device = @d}", "%x, %y", arguments, subtract},
                  {"attributes {edges = #owl.edges<buffer>}", "%x, %y",
                   arguments, subtract}}),
      Numbers({0, 0, 1}));
}

TEST(CategoriesTest, ConstantsTakeMemory) {
  EXPECT_EQ(categorise({{"", "%x, %y", arguments, subtract},
                        {"", "%x, %c", arguments, subtract},
                        {"", "%c, %y", arguments, subtract},
                        {"", "%y, %c", arguments, subtract}}),
            Numbers({0, 1, 2, 1}));
}

TEST(CategoriesTest, OpsAndAttributesCount) {
  EXPECT_EQ(categorise({{"", "%x, %y", arguments, subtract},
                        {"", "%x, %y", arguments,
                         "%r = arith.addf %a, %b : tensor<8xf32>"},
                        {"", "%x, %y", arguments,
                         "%r = arith.subf %a, %b fastmath<contract> : "
                         "tensor<8xf32>"},
                        {"", "%x, %y", arguments,
                         "%s = arith.subf %a, %b : tensor<8xf32>\n"
                         "%r = arith.subf %s, %b : tensor<8xf32>"},
                        {"", "%x, %y", arguments,
                         "%s = arith.subf %a, %b : tensor<8xf32>\n"
                         "%r = arith.subf %s, %a : tensor<8xf32>"},
                        {"", "%y, %x", arguments,
                         "%s = arith.subf %a, %b : tensor<8xf32>\n"
                         "%r = arith.subf %s, %b : tensor<8xf32>"}}),
            Numbers({0, 1, 2, 3, 4, 3}));
}

TEST(CategoriesTest, RegionsOfOpsCount) {
  auto generic = [](const char *body) {
    return std::string(
               "%z = tensor.empty() : tensor<8xf32>\n"
               "%r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, "
               "affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], "
               "iterator_types = [\"parallel\"]} ins(%a, %b : tensor<8xf32>, "
               "tensor<8xf32>) outs(%z : tensor<8xf32>) {\n"
               "^bb0(%p: f32, %q: f32, %o: f32):\n") +
           body + "\nlinalg.yield %s : f32\n} -> tensor<8xf32>";
  };
  EXPECT_EQ(
      categorise(
          {{"", "%x, %y", arguments, generic("%s = arith.subf %p, %q : f32")},
           {"", "%x, %y", arguments, generic("%s = arith.subf %q, %p : f32")},
           {"", "%y, %x", arguments, generic("%s = arith.subf %p, %q : f32")},
           {"", "%x, %y", arguments, generic("%s = arith.divf %p, %q : f32")}}),
      Numbers({0, 1, 0, 2}));
}

TEST(CategoriesTest, InstancesAreInTheOrderOfTheProgram) {
  ParsedModule parsed(makeModule({{"", "%x, %y", arguments, subtract},
                                  {"", "%x, %c", arguments, subtract},
                                  {"", "%y, %x", arguments, subtract}}));
  ASSERT_TRUE(parsed.module);
  Categories categories(parsed.groups);
  ASSERT_EQ(categories.size(), 2u);
  EXPECT_EQ(categories.getInstances(0), ArrayRef<unsigned>({0, 2}));
  EXPECT_EQ(categories.getInstances(1), ArrayRef<unsigned>({1}));
  EXPECT_EQ(getStructureHash(parsed.groups[0]),
            getStructureHash(parsed.groups[2]));
}

} // namespace
