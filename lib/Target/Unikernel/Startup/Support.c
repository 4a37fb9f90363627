/*===- Support.c - Checksums, text and memory -----------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The little that the start-up code needs of a library.                      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Kernel.h"

/*===----------------------------------------------------------------------===*\
|* Checksum *|
\*===----------------------------------------------------------------------===*/

uint32_t crc32(uint32_t crc, const void *data, size_t size) {
  static uint32_t table[256];
  if (table[1] == 0) {
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit)
        value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
      table[i] = value;
    }
  }
  const uint8_t *bytes = data;
  crc = ~crc;
  for (size_t i = 0; i < size; ++i)
    crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
  return ~crc;
}

/*===----------------------------------------------------------------------===*\
|* Text *|
\*===----------------------------------------------------------------------===*/

void beginText(struct Text *text) { text->size = 0; }

static void addChar(struct Text *text, char c) {
  if (text->size < sizeof(text->data))
    text->data[text->size++] = c;
}

void addString(struct Text *text, const char *string) {
  while (*string)
    addChar(text, *string++);
}

static void addNumber(struct Text *text, uint64_t value, unsigned base) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value);
  while (count)
    addChar(text, digits[--count]);
}

void addDecimal(struct Text *text, int64_t value) {
  if (value < 0)
    addChar(text, '-');
  addNumber(text, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

void addHex(struct Text *text, uint64_t value) {
  addString(text, "0x");
  addNumber(text, value, 16);
}

/*===----------------------------------------------------------------------===*\
|* Memory *|
\*===----------------------------------------------------------------------===*/

enum { MaxRegions = 16, PageSize = 4096, Alignment = 64 };

static struct Region {
  uintptr_t begin, next, end;
} regions[MaxRegions];
static unsigned numRegions;

static uintptr_t alignUp(uintptr_t value, uintptr_t alignment) {
  return (value + alignment - 1) & -alignment;
}

void addMemory(uintptr_t begin, uintptr_t end) {
  begin = alignUp(begin, PageSize);
  if (numRegions == MaxRegions || begin >= end)
    return;
  regions[numRegions++] = (struct Region){begin, begin, end};
}

void *takePage(void) {
  for (unsigned i = 0; i < numRegions; ++i) {
    struct Region *region = &regions[i];
    if (region->end - region->begin < PageSize)
      continue;
    uint64_t *page = (uint64_t *)region->begin;
    region->begin += PageSize;
    region->next = region->begin;
    for (size_t j = 0; j < PageSize / sizeof(uint64_t); ++j)
      page[j] = 0;
    return page;
  }
  return NULL;
}

uint64_t freeMemory(void) {
  uint64_t total = 0;
  for (unsigned i = 0; i < numRegions; ++i)
    total += regions[i].end - regions[i].begin;
  return total;
}

void resetArena(void) {
  for (unsigned i = 0; i < numRegions; ++i)
    regions[i].next = regions[i].begin;
}

void *allocate(uint64_t size) {
  for (unsigned i = 0; i < numRegions; ++i) {
    struct Region *region = &regions[i];
    if (region->next > region->end || region->end - region->next < size)
      continue;
    void *memory = (void *)region->next;
    region->next = alignUp(region->next + size, Alignment);
    return memory;
  }
  return NULL;
}
