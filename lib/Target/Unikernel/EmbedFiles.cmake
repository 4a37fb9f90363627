# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes OUTPUT, a C++ file that defines FUNCTION of StartupFiles.h from the
# linker script SCRIPT, empty where there is none, and the object files OBJECTS.

# Appends an array `name` of the bytes of `file` to the variable `code`.
macro(embed file name)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REPEAT "0x..," 16 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  string(APPEND code "static const unsigned char ${name}[] = {\n${bytes}};\n")
endmacro()

set(code "// Written by EmbedFiles.cmake.\n#include \"StartupFiles.h\"\n\n")
set(script "{}")
if(SCRIPT)
  embed("${SCRIPT}" linkerScript)
  set(script "asString(linkerScript)")
endif()
set(count 0)
set(list "")
foreach(object IN LISTS OBJECTS)
  embed("${object}" "object${count}")
  string(APPEND list "      asString(object${count}),\n")
  math(EXPR count "${count} + 1")
endforeach()
string(APPEND code "
template <size_t size>
static llvm::StringRef asString(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char *>(bytes), size};
}

mlir::owl::startup::Files mlir::owl::startup::${FUNCTION}() {
  static const llvm::StringRef objects[] = {
${list}  };
  return {${script}, objects};
}
")
file(WRITE "${OUTPUT}" "${code}")
