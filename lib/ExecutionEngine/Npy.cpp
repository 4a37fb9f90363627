//===- Npy.cpp - NumPy's array files --------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The .npy format: eight bytes of magic and version, the length of the header,
// the header (a Python dictionary as text), the elements. It is specified in
// numpy.lib.format.
//
//===----------------------------------------------------------------------===//

#include "owl/ExecutionEngine/Npy.h"
#include "owl/Support/MakeError.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cstring>
#include <optional>

using namespace llvm;
using namespace mlir::owl;

static constexpr StringLiteral magic("\x93NUMPY");
static constexpr StringLiteral supportedTypes(
    "bool, int8 to int64, uint8 to uint64, float16 to float64 and bfloat16");

std::string NpyType::getName() const {
  std::string bits = std::to_string(bytes * 8);
  switch (kind) {
  case 'b':
    return "bool";
  case 'i':
    return "int" + bits;
  case 'u':
    return "uint" + bits;
  case 'f':
    return "float" + bits;
  default:
    return "bfloat16";
  }
}

Expected<AlignedBuffer> AlignedBuffer::allocate(size_t size) {
  AlignedBuffer buffer;
  if (size <= size_t(INT64_MAX) - alignment)
    buffer.memory.reset(static_cast<char *>(std::aligned_alloc(
        alignment, alignTo(std::max<size_t>(size, 1), alignment))));
  if (!buffer.memory)
    return makeError("not enough memory for " + Twine(size) + " bytes");
  buffer.numBytes = size;
  return buffer;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

std::optional<int64_t> NpyArray::getNumBytes(NpyType type,
                                             ArrayRef<int64_t> shape) {
  int64_t size = type.bytes;
  bool isEmpty = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return std::nullopt;
    isEmpty |= dim == 0;
    if (dim != 0 && MulOverflow(size, dim, size))
      return std::nullopt;
  }
  return isEmpty ? 0 : size;
}

/// The shape as Python writes a tuple.
static std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  raw_string_ostream os(text);
  os << '(';
  interleaveComma(shape, os);
  os << (shape.size() == 1 ? ",)" : ")");
  return text;
}

Expected<NpyArray> NpyArray::create(NpyType type, ArrayRef<int64_t> shape) {
  std::optional<int64_t> size = getNumBytes(type, shape);
  if (!size)
    return makeError("no array can have the shape " + formatShape(shape));
  Expected<AlignedBuffer> buffer = AlignedBuffer::allocate(*size);
  if (!buffer)
    return buffer.takeError();
  return NpyArray{type, SmallVector<int64_t>(shape), std::move(*buffer)};
}

int64_t NpyArray::getNumElements() const { return data.size() / type.bytes; }

//===----------------------------------------------------------------------===//
// The header
//===----------------------------------------------------------------------===//

namespace {
/// The three entries that a header has.
struct Header {
  std::optional<NpyType> type;
  bool isSwapped = false;
  std::optional<bool> isFortran;
  std::optional<SmallVector<int64_t>> shape;
};

/// Parses the dictionary, `{'descr': '<f4', 'fortran_order': False, 'shape':
/// (3, 4), }`, with its entries in any order.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}

  Expected<Header> parse() {
    if (!consume('{'))
      return malformed("'{'");
    while (!consume('}')) {
      std::optional<StringRef> key = parseString();
      if (!key)
        return malformed("a key in quotes or '}'");
      if (!consume(':'))
        return malformed("':'");
      if (Error error = parseValue(*key))
        return error;
      if (!consume(',') && !rest.ltrim().starts_with("}"))
        return malformed("',' or '}'");
    }
    if (!rest.trim().empty())
      return malformed("nothing after '}'");
    if (!header.type || !header.isFortran || !header.shape)
      return makeError("the header lacks one of 'descr', 'fortran_order' and "
                       "'shape'");
    return std::move(header);
  }

private:
  bool consume(char c) {
    rest = rest.ltrim();
    return rest.consume_front(StringRef(&c, 1));
  }

  bool consumeWord(StringRef word) {
    rest = rest.ltrim();
    return rest.consume_front(word);
  }

  std::optional<StringRef> parseString() {
    rest = rest.ltrim();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return std::nullopt;
    size_t end = rest.find(rest[0], 1);
    if (end == StringRef::npos)
      return std::nullopt;
    StringRef text = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return text;
  }

  Error parseValue(StringRef key) {
    if (key == "descr")
      return parseType();
    if (key == "fortran_order") {
      if (consumeWord("True"))
        header.isFortran = true;
      else if (consumeWord("False"))
        header.isFortran = false;
      else
        return malformed("True or False");
      return Error::success();
    }
    if (key == "shape")
      return parseShape();
    return malformed("no other key than 'descr', 'fortran_order' and 'shape'");
  }

  Error parseType() {
    if (rest.ltrim().starts_with("["))
      return makeError("the elements are structures; expected one of " +
                       supportedTypes);
    std::optional<StringRef> descr = parseString();
    if (!descr)
      return malformed("an element type in quotes");
    StringRef text = *descr;
    char order = '|';
    if (!text.empty() && StringRef("<>|=").contains(text[0])) {
      order = text[0];
      text = text.drop_front();
    }
    char kind = text.empty() ? 0 : text[0];
    unsigned bytes;
    bool isKnown = !text.drop_front(!text.empty()).getAsInteger(10, bytes);
    if (isKnown) {
      switch (kind) {
      case 'b':
        isKnown = bytes == 1;
        break;
      case 'i':
      case 'u':
        isKnown = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
        break;
      case 'f':
        isKnown = bytes == 2 || bytes == 4 || bytes == 8;
        break;
      case 'V':
        isKnown = bytes == 2;
        break;
      default:
        isKnown = false;
      }
    }
    if (!isKnown)
      return makeError("the elements are '" + *descr + "'; expected one of " +
                       supportedTypes);
    header.type = NpyType{kind, bytes};
    char native = endianness::native == endianness::little ? '<' : '>';
    header.isSwapped = (order == '<' || order == '>') && order != native;
    return Error::success();
  }

  Error parseShape() {
    SmallVector<int64_t> shape;
    if (!consume('('))
      return malformed("a shape in parentheses");
    while (!consume(')')) {
      rest = rest.ltrim();
      int64_t dim;
      size_t length = rest.find_first_not_of("0123456789");
      StringRef digits = rest.take_front(std::min(length, rest.size()));
      if (digits.empty())
        return malformed("a dimension or ')'");
      if (digits.getAsInteger(10, dim))
        return makeError("the dimension " + digits + " is no int64");
      rest = rest.drop_front(digits.size());
      rest.consume_front("L"); // Python 2's long integers.
      shape.push_back(dim);
      if (!consume(',') && !rest.ltrim().starts_with(")"))
        return malformed("',' or ')'");
    }
    header.shape = std::move(shape);
    return Error::success();
  }

  Error malformed(const Twine &expected) {
    StringRef found = rest.trim().take_front(16);
    std::string text;
    raw_string_ostream os(text);
    printEscapedString(found, os);
    return makeError(
        "malformed header: expected " + expected +
        (found.empty() ? " at its end" : " before \"" + text + "\""));
  }

  StringRef rest;
  Header header;
};
} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Reverses the bytes of each element.
static void swapBytes(MutableArrayRef<char> data, unsigned bytes) {
  for (size_t i = 0; i != data.size(); i += bytes)
    std::reverse(data.begin() + i, data.begin() + i + bytes);
}

/// Copies elements that lie in column-major order into row-major order.
static void copyFromFortran(const char *source, char *dest, unsigned bytes,
                            ArrayRef<int64_t> shape) {
  size_t rank = shape.size();
  SmallVector<int64_t> strides(rank), index(rank);
  int64_t numElements = 1;
  for (size_t i = 0; i != rank; ++i) {
    strides[i] = numElements;
    numElements *= shape[i];
  }
  int64_t offset = 0;
  for (int64_t n = 0; n != numElements; ++n) {
    std::memcpy(dest + n * bytes, source + offset * bytes, bytes);
    // Count `index` up, the last dimension first.
    for (size_t i = rank; i-- != 0;) {
      offset += strides[i];
      if (++index[i] != shape[i])
        break;
      offset -= strides[i] * shape[i];
      index[i] = 0;
    }
  }
}

Expected<NpyArray> mlir::owl::parseNpy(StringRef contents) {
  StringRef rest = contents;
  if (!rest.consume_front(magic))
    return makeError(
        contents.empty()
            ? "empty; expected a .npy file"
            : "not a .npy file: it does not begin with \\x93NUMPY");
  if (rest.size() < 2)
    return makeError("truncated within its header");
  unsigned major = uint8_t(rest[0]), minor = uint8_t(rest[1]);
  if (major < 1 || major > 3 || minor != 0)
    return makeError("version " + Twine(major) + "." + Twine(minor) +
                     " of the .npy format; expected 1.0, 2.0 or 3.0");
  rest = rest.drop_front(2);

  size_t lengthBytes = major == 1 ? 2 : 4;
  if (rest.size() < lengthBytes)
    return makeError("truncated within its header");
  size_t length = major == 1 ? support::endian::read16le(rest.data())
                             : support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthBytes);
  if (rest.size() < length)
    return makeError("truncated within its header: expected " + Twine(length) +
                     " bytes of it, got " + Twine(rest.size()));
  Expected<Header> header = HeaderParser(rest.take_front(length)).parse();
  if (!header)
    return header.takeError();
  rest = rest.drop_front(length);

  NpyType type = *header->type;
  ArrayRef<int64_t> shape = *header->shape;
  // Compare with the file before allocating what its header claims.
  std::optional<int64_t> size = NpyArray::getNumBytes(type, shape);
  if (!size)
    return makeError("the shape " + formatShape(shape) +
                     " is too large for any memory");
  if (rest.size() != size_t(*size))
    return makeError(
        Twine(rest.size() < size_t(*size) ? "truncated" : "trailing bytes") +
        ": expected " + Twine(*size) + " bytes of " + type.getName() +
        " for the shape " + formatShape(shape) + ", got " + Twine(rest.size()));

  Expected<NpyArray> array = NpyArray::create(type, shape);
  if (!array)
    return array.takeError();
  char *data = array->data.data();
  if (*header->isFortran && *size != 0)
    copyFromFortran(rest.data(), data, type.bytes, shape);
  else
    std::copy(rest.begin(), rest.end(), data);
  if (header->isSwapped)
    swapBytes({data, size_t(*size)}, type.bytes);
  // Compiled code relies on a bool being 0 or 1.
  if (type.kind == 'b')
    std::transform(data, data + *size, data, [](char c) { return c != 0; });
  return array;
}

Expected<NpyArray> mlir::owl::readNpy(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                   /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError("cannot read it: " + buffer.getError().message());
  return parseNpy((*buffer)->getBuffer());
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void mlir::owl::writeNpy(raw_ostream &os, const NpyArray &array) {
  // Single bytes have no order; a bfloat16 has one, as ml_dtypes writes it.
  char order = array.type.bytes == 1                      ? '|'
               : endianness::native == endianness::little ? '<'
                                                          : '>';
  std::string header;
  raw_string_ostream(header)
      << "{'descr': '" << order << array.type.kind << array.type.bytes
      << "', 'fortran_order': False, 'shape': " << formatShape(array.shape)
      << ", }";
  // The elements begin at a multiple of 64 bytes, after a line feed.
  bool isShort = header.size() + 1 + 64 <= UINT16_MAX;
  size_t prefix = magic.size() + 2 + (isShort ? 2 : 4);
  header.append(offsetToAlignment(prefix + header.size() + 1, Align(64)), ' ');
  header += '\n';

  os << magic << char(isShort ? 1 : 2) << '\0';
  char length[4];
  support::endian::write32le(length, header.size());
  os.write(length, isShort ? 2 : 4);
  os << header;
  os.write(array.data.data(), array.data.size());
}
