//===- Npy.h - NumPy's array files ------------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes one array in the .npy format, versions 1.0 to 3.0. In memory
// an array is always in row-major order and in this machine's byte order.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_EXECUTIONENGINE_NPY_H
#define OWL_EXECUTIONENGINE_NPY_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace mlir::owl {

/// A NumPy element type: the letter and the number of bytes of its `descr`.
struct NpyType {
  /// 'b' (bool), 'i', 'u', 'f', or 'V' for bfloat16, which NumPy has no letter
  /// for: ml_dtypes writes it as two raw bytes.
  char kind;
  unsigned bytes;

  bool operator==(const NpyType &other) const {
    return kind == other.kind && bytes == other.bytes;
  }
  bool operator!=(const NpyType &other) const { return !(*this == other); }

  /// NumPy's name: "float32", "bool", "uint8", "bfloat16".
  std::string getName() const;
};

/// Memory that any vector instruction can load from.
class AlignedBuffer {
public:
  static constexpr size_t alignment = 64;

  AlignedBuffer() = default;
  /// Memory for `size` bytes, not initialised; never null, even for no bytes.
  static llvm::Expected<AlignedBuffer> allocate(size_t size);

  char *data() const { return memory.get(); }
  size_t size() const { return numBytes; }

private:
  struct Free {
    void operator()(char *pointer) const { std::free(pointer); }
  };
  std::unique_ptr<char, Free> memory;
  size_t numBytes = 0;
};

/// An array and its elements.
struct NpyArray {
  NpyType type;
  llvm::SmallVector<int64_t> shape;
  AlignedBuffer data;

  /// An array whose elements are not initialised. Fails where its size in bytes
  /// is no int64_t, a dimension is negative, or there is not enough memory.
  static llvm::Expected<NpyArray> create(NpyType type,
                                         llvm::ArrayRef<int64_t> shape);
  /// The size in bytes of an array, or nothing where it is no int64_t or a
  /// dimension is negative. As in NumPy a 0 does not excuse other dimensions
  /// from fitting.
  static std::optional<int64_t> getNumBytes(NpyType type,
                                            llvm::ArrayRef<int64_t> shape);
  int64_t getNumElements() const;
};

/// An array that several may read.
using SharedArray = std::shared_ptr<const NpyArray>;

/// Parses the contents of a .npy file. Arrays in Fortran order are transposed
/// and those in the other byte order swapped. Fails with one sentence that says
/// what is wrong: not such a file, truncated, longer than its header says, or
/// an element type other than bool, integers of 8 to 64 bits, floats of 16 to
/// 64 bits and two raw bytes.
llvm::Expected<NpyArray> parseNpy(llvm::StringRef contents);

/// Reads a .npy file; "-" is the standard input.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// Writes `array` as a .npy file of version 1.0.
void writeNpy(llvm::raw_ostream &os, const NpyArray &array);

/// Prints the elements as NumPy does: in brackets, long arrays shortened to
/// their edges.
void printArray(llvm::raw_ostream &os, const NpyArray &array);

} // namespace mlir::owl

#endif // OWL_EXECUTIONENGINE_NPY_H
