//===- NpyTest.cpp - Tests of NumPy's array files -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads files of every version, order and type, refuses broken ones, and reads
// back what it wrote.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/Npy.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace mlir::owl;

namespace {

/// A file of version `major`.0 with `header` and `data`.
std::string makeFile(StringRef header, StringRef data, char major = 1) {
  std::string file("\x93NUMPY");
  file += major;
  file += '\0';
  uint32_t length = header.size();
  for (int i = 0; i != (major == 1 ? 2 : 4); ++i)
    file += char(length >> 8 * i);
  return file + header.str() + data.str();
}

std::string makeFile(StringRef descr, StringRef shape, StringRef order,
                     StringRef data) {
  return makeFile(("{'descr': '" + descr + "', 'fortran_order': " + order +
                   ", 'shape': " + shape + ", }\n")
                      .str(),
                  data);
}

/// The bytes of `values`, in this machine's order.
template <typename T> std::string bytes(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()),
                     values.size() * sizeof(T));
}

std::string getData(const NpyArray &array) {
  return std::string(array.data.data(), array.data.size());
}

/// The message with which `file` is refused.
std::string getError(StringRef file) {
  Expected<NpyArray> array = parseNpy(file);
  return array ? "no error" : toString(array.takeError());
}

std::string print(const NpyArray &array) {
  std::string text;
  raw_string_ostream os(text);
  printArray(os, array);
  return text;
}

TEST(Npy, ReadsEveryVersion) {
  for (char major : {1, 2, 3}) {
    Expected<NpyArray> array = parseNpy(makeFile(
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }   \n",
        bytes<int16_t>({1, 2, 3, 4, 5, -6}), major));
    ASSERT_TRUE(bool(array)) << toString(array.takeError());
    EXPECT_EQ(array->type, (NpyType{'i', 2}));
    EXPECT_EQ(array->shape, (SmallVector<int64_t>{2, 3}));
    EXPECT_EQ(getData(*array), bytes<int16_t>({1, 2, 3, 4, 5, -6}));
  }
  EXPECT_EQ(getError(makeFile("", "", 4)),
            "version 4.0 of the .npy format; expected 1.0, 2.0 or 3.0");
}

TEST(Npy, ReadsAnySpellingOfTheHeader) {
  for (StringRef header :
       {"{'descr': '<u1', 'fortran_order': False, 'shape': (2,)}",
        "{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"|u1\"}\n",
        "  { 'shape' : ( 2L , ) , 'descr' : 'u1' , 'fortran_order' : False , "
        "} "}) {
    Expected<NpyArray> array = parseNpy(makeFile(header, "ab"));
    ASSERT_TRUE(bool(array)) << header.str() << toString(array.takeError());
    EXPECT_EQ(getData(*array), "ab");
  }
}

TEST(Npy, AlignsData) {
  for (int64_t size : {0, 1, 63, 64, 65}) {
    Expected<NpyArray> array = NpyArray::create({'u', 1}, {size});
    ASSERT_TRUE(bool(array));
    EXPECT_NE(array->data.data(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(array->data.data()) % 64, 0u);
  }
}

TEST(Npy, TransposesFortranOrder) {
  // The 2x3 array [[1 2 3] [4 5 6]], column by column.
  Expected<NpyArray> array = parseNpy(
      makeFile("<i4", "(2, 3)", "True", bytes<int32_t>({1, 4, 2, 5, 3, 6})));
  ASSERT_TRUE(bool(array)) << toString(array.takeError());
  EXPECT_EQ(getData(*array), bytes<int32_t>({1, 2, 3, 4, 5, 6}));

  for (StringRef shape : {"()", "(1,)", "(1, 1, 1)"}) {
    array = parseNpy(makeFile("|u1", shape, "True", "x"));
    ASSERT_TRUE(bool(array)) << toString(array.takeError());
    EXPECT_EQ(getData(*array), "x");
  }
  array = parseNpy(makeFile("|u1", "(0, 3)", "True", ""));
  ASSERT_TRUE(bool(array)) << toString(array.takeError());
}

TEST(Npy, SwapsTheOtherByteOrder) {
  Expected<NpyArray> array = parseNpy(
      makeFile(">u4", "(2,)", "False", StringRef("\0\0\0\1\1\2\3\4", 8)));
  ASSERT_TRUE(bool(array)) << toString(array.takeError());
  EXPECT_EQ(getData(*array), bytes<uint32_t>({1, 0x01020304}));
}

TEST(Npy, MakesBoolsZeroOrOne) {
  Expected<NpyArray> array =
      parseNpy(makeFile("|b1", "(3,)", "False", StringRef("\0\1\7", 3)));
  ASSERT_TRUE(bool(array)) << toString(array.takeError());
  EXPECT_EQ(getData(*array), StringRef("\0\1\1", 3));
}

TEST(Npy, RefusesWhatIsNoArray) {
  EXPECT_EQ(getError(""), "empty; expected a .npy file");
  std::string notNpy = "not a .npy file: it does not begin with \\x93NUMPY";
  EXPECT_EQ(getError("PK\3\4"), notNpy);
  EXPECT_EQ(getError("\x93NUMP"), notNpy);
}

TEST(Npy, RefusesEveryPrefixOfAFile) {
  std::string file =
      makeFile("<f4", "(2,)", "False", bytes<float>({1.0f, 2.0f}));
  ASSERT_EQ(getError(file), "no error");
  for (size_t length = 6; length != file.size(); ++length)
    EXPECT_TRUE(StringRef(getError(StringRef(file).take_front(length)))
                    .starts_with("truncated"))
        << length;
}

TEST(Npy, RefusesAWrongSize) {
  EXPECT_EQ(getError(makeFile("<f4", "(3,)", "False", bytes<float>({1, 2}))),
            "truncated: expected 12 bytes of float32 for the shape (3,), "
            "got 8");
  EXPECT_EQ(getError(makeFile("<f4", "()", "False", bytes<float>({1, 2}))),
            "trailing bytes: expected 4 bytes of float32 for the shape (), "
            "got 8");
}

TEST(Npy, RefusesShapesThatOverflow) {
  EXPECT_EQ(getError(makeFile("<f4", "(4611686018427387904,)", "False", "")),
            "the shape (4611686018427387904,) is too large for any memory");
  EXPECT_EQ(
      getError(makeFile("<f4", "(4294967296, 4294967296, 0)", "False", "")),
      "the shape (4294967296, 4294967296, 0) is too large for any memory");
  EXPECT_EQ(getError(makeFile("<f4", "(9223372036854775808,)", "False", "")),
            "the dimension 9223372036854775808 is no int64");
  EXPECT_EQ(getError(makeFile("|u1", "(1000000000000000,)", "False", "")),
            "truncated: expected 1000000000000000 bytes of uint8 for the "
            "shape (1000000000000000,), got 0");
  Expected<NpyArray> huge = NpyArray::create({'f', 4}, {INT64_MAX / 8});
  ASSERT_FALSE(bool(huge));
  EXPECT_TRUE(
      StringRef(toString(huge.takeError())).starts_with("not enough memory"));
}

TEST(Npy, RefusesOtherTypes) {
  for (StringRef descr : {"<c8", "|O", "<U4", "|S3", "<M8[ns]", "<f16", "<i3",
                          "|V4", "|b2", "", "<", "f"})
    EXPECT_EQ(getError(makeFile(descr, "()", "False", "")),
              "the elements are '" + descr.str() +
                  "'; expected one of bool, int8 to int64, uint8 to uint64, "
                  "float16 to float64 and bfloat16");
  EXPECT_EQ(getError(makeFile("{'descr': [('a', '<f4')], 'fortran_order': "
                              "False, 'shape': (), }",
                              "")),
            "the elements are structures; expected one of bool, int8 to int64, "
            "uint8 to uint64, float16 to float64 and bfloat16");
}

TEST(Npy, RefusesMalformedHeaders) {
  EXPECT_EQ(getError(makeFile("", "")),
            "malformed header: expected '{' at its end");
  EXPECT_EQ(getError(makeFile("{}", "")),
            "the header lacks one of 'descr', 'fortran_order' and 'shape'");
  EXPECT_EQ(getError(makeFile("{'descr' '<f4'}", "")),
            "malformed header: expected ':' before \"'<f4'}\"");
  EXPECT_EQ(getError(makeFile("{'other': 1}", "")),
            "malformed header: expected no other key than 'descr', "
            "'fortran_order' and 'shape' before \"1}\"");
  EXPECT_EQ(getError(makeFile("<f4", "(2, -1)", "False", "")),
            "malformed header: expected a dimension or ')' before "
            "\"-1), }\"");
  EXPECT_EQ(getError(makeFile("<f4", "(2", "False", "")),
            "malformed header: expected a dimension or ')' before "
            "\"}\"");
  EXPECT_EQ(getError(makeFile("<f4", "()", "Maybe", "")),
            "malformed header: expected True or False before \"Maybe, "
            "'shape': \"");
}

TEST(Npy, WritesWhatItReads) {
  struct Case {
    NpyType type;
    SmallVector<int64_t> shape;
    StringRef header;
  };
  for (const Case &c : {
           Case{{'f', 2},
                {2, 3},
                "'<f2', 'fortran_order': False, 'shape': (2, 3), }"},
           Case{{'V', 2}, {}, "'<V2', 'fortran_order': False, 'shape': (), }"},
           Case{{'b', 1},
                {5},
                "'|b1', 'fortran_order': False, 'shape': (5,), }"},
           Case{{'i', 8},
                {0, 7},
                "'<i8', 'fortran_order': False, 'shape': (0, 7), }"},
           Case{{'u', 1},
                {1, 1, 1, 1, 1, 1, 1, 9},
                "'|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, "
                "9), }"},
       }) {
    Expected<NpyArray> array = NpyArray::create(c.type, c.shape);
    ASSERT_TRUE(bool(array));
    std::memset(array->data.data(), 1, array->data.size());
    std::string file;
    raw_string_ostream os(file);
    writeNpy(os, *array);
    EXPECT_NE(StringRef(file).find(c.header), StringRef::npos) << file;
    // The data is aligned within the file.
    EXPECT_EQ((file.size() - array->data.size()) % 64, 0u);
    Expected<NpyArray> back = parseNpy(file);
    ASSERT_TRUE(bool(back)) << toString(back.takeError());
    EXPECT_EQ(back->type, c.type);
    EXPECT_EQ(back->shape, c.shape);
    EXPECT_EQ(getData(*back), getData(*array));
  }
}

TEST(Npy, PrintsAsNumPyDoes) {
  Expected<NpyArray> array = parseNpy(makeFile(
      "<f4", "(2, 2)", "False", bytes<float>({1.0f, -0.1f, 1e30f, INFINITY})));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[[  1.0  -0.1]\n [1e+30   inf]]");

  array = parseNpy(makeFile("<f4", "(5,)", "False",
                            bytes<float>({10, 120, 1e-4f, 1.5e-5f, -0.0f})));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[   10.0   120.0  0.0001 1.5e-05    -0.0]");

  array = parseNpy(makeFile("<f8", "()", "False", bytes<double>({1.0 / 3})));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "0.3333333333333333");

  array = parseNpy(
      makeFile("|i1", "(2, 1, 2)", "False", bytes<int8_t>({-128, 0, 1, 127})));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[[[-128    0]]\n\n [[   1  127]]]");

  array = parseNpy(makeFile("|b1", "(2,)", "False", StringRef("\0\1", 2)));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[False  True]");

  // 0x3F80 is 1 in bfloat16.
  array = parseNpy(makeFile("<V2", "(1,)", "False", bytes<uint16_t>({0x3F80})));
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[1.0]");

  array = NpyArray::create({'u', 1}, {2000});
  ASSERT_TRUE(bool(array));
  std::memset(array->data.data(), 7, 2000);
  EXPECT_EQ(print(*array), "[7 7 7 ... 7 7 7]");

  array = NpyArray::create({'u', 1}, {3, 0});
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(print(*array), "[]");
}

} // namespace
