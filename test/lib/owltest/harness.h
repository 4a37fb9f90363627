/*===- harness.h - What harness.c calls -----------------------------------===*\
|*
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*
|*
|* The functions under test, behind one type. backends.py generates the table.
|*
\*===----------------------------------------------------------------------===*/

#ifndef OWL_TEST_HARNESS_H
#define OWL_TEST_HARNESS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int numArguments, numResults, numDims;
  /* Arguments, then results. */
  int32_t (*call)(void *const *pointers, const int64_t *dims, void *workspace);
  size_t (*workspaceSize)(const int64_t *dims);
  /* NULL where no result is dynamic. */
  void (*outShape)(int32_t result, const int64_t *dims, int64_t *shape);
} HarnessFunction;

extern const HarnessFunction harnessFunctions[];

#endif /* OWL_TEST_HARNESS_H */
