//===- PrintArray.cpp - Arrays as text ------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints an array as NumPy does: nested brackets, columns aligned, and where
// there are more than a thousand elements only three at each edge.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/Npy.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cstring>

using namespace llvm;
using namespace mlir::owl;

static constexpr int64_t maxElements = 1000, edge = 3;

static const fltSemantics &getSemantics(NpyType type) {
  if (type.kind == 'V')
    return APFloat::BFloat();
  return type.bytes == 2   ? APFloat::IEEEhalf()
         : type.bytes == 4 ? APFloat::IEEEsingle()
                           : APFloat::IEEEdouble();
}

/// The shortest decimal number that rounds to `value`, with at least one digit
/// after the point.
static std::string formatFloat(const APFloat &value) {
  if (value.isNaN())
    return "nan";
  if (value.isInfinity())
    return value.isNegative() ? "-inf" : "inf";
  APFloat wide = value;
  bool losesInfo;
  wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  double number = wide.convertToDouble();
  std::string text;
  int digits = 1;
  for (; digits <= 17; ++digits) {
    text.clear();
    raw_string_ostream(text) << format("%.*e", digits - 1, number);
    if (APFloat(value.getSemantics(), text).bitwiseIsEqual(value))
      break;
  }
  int exponent = 0;
  StringRef suffix = StringRef(text).rsplit('e').second;
  suffix.consume_front("+");
  suffix.getAsInteger(10, exponent);
  if (exponent >= -4 && exponent < 16) {
    text.clear();
    raw_string_ostream(text)
        << format("%.*f", std::max(digits - 1 - exponent, 1), number);
  }
  return text;
}

/// Element `index` as text.
static std::string formatElement(const NpyArray &array, int64_t index) {
  NpyType type = array.type;
  const char *source = array.data.data() + index * type.bytes;
  uint64_t bits = 0;
  switch (type.bytes) {
  case 1:
    bits = uint8_t(*source);
    break;
  case 2:
    bits = support::endian::read16(source, endianness::native);
    break;
  case 4:
    bits = support::endian::read32(source, endianness::native);
    break;
  default:
    bits = support::endian::read64(source, endianness::native);
    break;
  }
  APInt value(type.bytes * 8, bits);
  switch (type.kind) {
  case 'b':
    return bits ? "True" : "False";
  case 'i':
    return toString(value, 10, /*Signed=*/true);
  case 'u':
    return toString(value, 10, /*Signed=*/false);
  default:
    return formatFloat(APFloat(getSemantics(type), value));
  }
}

namespace {
class Printer {
public:
  Printer(raw_ostream &os, const NpyArray &array)
      : os(os), array(array),
        isShortened(array.getNumElements() > maxElements) {}

  void print() {
    measure(/*dim=*/0, /*offset=*/0);
    printDim(/*dim=*/0, /*offset=*/0);
  }

private:
  /// Calls `visit` with the indices along `dim` that are printed, and `skip`
  /// between the edges of a dimension that is shortened.
  void forEach(size_t dim, function_ref<void(int64_t)> visit,
               function_ref<void()> skip) {
    int64_t size = array.shape[dim];
    bool shorten = isShortened && size > 2 * edge;
    for (int64_t i = 0; i < size; ++i) {
      if (shorten && i == edge) {
        skip();
        i = size - edge;
      }
      visit(i);
    }
  }

  /// Finds the width of the widest element that is printed.
  void measure(size_t dim, int64_t offset) {
    if (dim == array.shape.size()) {
      width = std::max(width, formatElement(array, offset).size());
      return;
    }
    forEach(
        dim,
        [&](int64_t i) { measure(dim + 1, offset * array.shape[dim] + i); },
        [] {});
  }

  void printDim(size_t dim, int64_t offset) {
    size_t rank = array.shape.size();
    if (dim == rank) {
      std::string text = formatElement(array, offset);
      os.indent(width - text.size()) << text;
      return;
    }
    bool isFirst = true;
    // Rows stand below each other, blocks of rows apart.
    auto separate = [&] {
      if (isFirst) {
        isFirst = false;
      } else if (dim + 1 == rank) {
        os << ' ';
      } else {
        for (size_t i = dim + 1; i != rank; ++i)
          os << '\n';
        os.indent(dim + 1);
      }
    };
    os << '[';
    forEach(
        dim,
        [&](int64_t i) {
          separate();
          printDim(dim + 1, offset * array.shape[dim] + i);
        },
        [&] {
          separate();
          os << "...";
        });
    os << ']';
  }

  raw_ostream &os;
  const NpyArray &array;
  bool isShortened;
  size_t width = 0;
};
} // namespace

void mlir::owl::printArray(raw_ostream &os, const NpyArray &array) {
  // However many rows of none there are, there is nothing to show.
  if (array.data.size() == 0)
    os << "[]";
  else
    Printer(os, array).print();
}
