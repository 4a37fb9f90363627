//===- Format.h - Numbers and names in messages -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How sentences about a problem write its parts.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_FORMAT_H
#define OWL_ASSIGNMENT_FORMAT_H

#include <cstdio>
#include <string>

namespace owl::assignment {

/// Ten digits, fewer where that is exact.
inline std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

inline std::string quote(const std::string &name) { return '"' + name + '"'; }

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_FORMAT_H
