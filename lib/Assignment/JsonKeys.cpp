//===- JsonKeys.cpp - Keys that are there twice ---------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JsonKeys.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

using namespace owl::assignment;
using llvm::StringRef;

/// The string that starts at the quotation mark `text[at]`, with both marks.
static StringRef getString(StringRef text, size_t at) {
  size_t end = at + 1;
  while (text[end] != '"')
    end += text[end] == '\\' ? 2 : 1;
  return text.slice(at, end + 1);
}

std::optional<RepeatedKey> owl::assignment::findRepeatedKey(StringRef text) {
  // What keys each object has so far, from the outermost on.
  llvm::SmallVector<llvm::StringSet<>> objects;
  for (size_t at = 0; at != text.size(); ++at) {
    if (text[at] == '{')
      objects.emplace_back();
    else if (text[at] == '}')
      objects.pop_back();
    if (text[at] != '"')
      continue;
    const StringRef string = getString(text, at);
    const size_t end = at + string.size();
    // Only keys are followed by a colon. The same one can be spelt in many
    // ways.
    if (text.drop_front(end).ltrim(" \t\r\n").starts_with(":")) {
      const llvm::json::Value key = llvm::cantFail(llvm::json::parse(string));
      if (!objects.back().insert(*key.getAsString()).second) {
        const StringRef before = text.take_front(at);
        return RepeatedKey{string.str(), before.count('\n') + 1,
                           at - (before.rfind('\n') + 1) + 1};
      }
    }
    at = end - 1;
  }
  return std::nullopt;
}
