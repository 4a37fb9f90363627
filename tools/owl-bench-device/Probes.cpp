//===- Probes.cpp - Models that show what a machine can do ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Probes.h.
//
//===----------------------------------------------------------------------===//

#include "Probes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::owl;

/// A function around `body`, which takes %0 to %`last`, all of `type`.
static std::string createFunction(llvm::StringRef name, llvm::StringRef type,
                                  llvm::StringRef body, unsigned last) {
  return llvm::formatv("func.func @{0}(%0: {1}) -> {1} {{\n{2}"
                       "  return %{3} : {1}\n}\n",
                       name, type, body, last);
}

static std::string getVector(uint64_t arrayBytes) {
  return llvm::formatv("tensor<{0}xf32>", arrayBytes / sizeof(float));
}

Probe owl::getStream(std::string name, uint64_t arrayBytes) {
  std::string type = getVector(arrayBytes);
  std::string body = llvm::formatv("  %1 = math.absf %0 : {0}\n", type);
  return {name, createFunction(name, type, body, 1), arrayBytes,
          2.0 * arrayBytes};
}

Probe owl::getAdditions(uint64_t arrayBytes) {
  // Enough for loads and stores not to count, few enough for one group.
  constexpr unsigned kCount = 30;
  std::string type = getVector(arrayBytes), body;
  // Each addition has another summand, or two would be one.
  for (unsigned i = 0; i != kCount; ++i)
    body += llvm::formatv("  %c{0} = arith.constant dense<{1}.5> : {2}\n"
                          "  %{1} = arith.addf %{0}, %c{0} : {2}\n",
                          i, i + 1, type);
  return {"additions", createFunction("additions", type, body, kCount),
          arrayBytes, double(kCount) * (arrayBytes / sizeof(float))};
}

Probe owl::getExponentials(uint64_t arrayBytes) {
  std::string type = getVector(arrayBytes);
  std::string body = llvm::formatv("  %1 = math.exp %0 : {0}\n", type);
  return {"exponentials", createFunction("exponentials", type, body, 1),
          arrayBytes, double(arrayBytes / sizeof(float))};
}

Probe owl::getLaunches(std::string name, unsigned count) {
  // What is needed in its place and transposed is never one nest with what
  // makes it.
  constexpr unsigned kSize = 8;
  std::string type = llvm::formatv("tensor<{0}x{0}xf32>", kSize), body;
  for (unsigned i = 0; i != count; ++i)
    body += llvm::formatv(
        "  %e{0} = tensor.empty() : {2}\n"
        "  %{1} = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, "
        "j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], "
        "iterator_types = [\"parallel\", \"parallel\"]} ins(%{0}, %{0} : {2}, "
        "{2}) outs(%e{0} : {2}) {{\n  ^bb0(%a: f32, %b: f32, %c: f32):\n"
        "    %m = arith.maximumf %a, %b : f32\n    linalg.yield %m : f32\n"
        "  } -> {2}\n",
        i, i + 1, type);
  return {name, createFunction(name, type, body, count),
          kSize * kSize * sizeof(float), double(count)};
}
