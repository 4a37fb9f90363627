/*===- Machine.h - Within the start-up code of x86-64 -------------*- C -*-===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Port input and output, and what the files of this architecture share.      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef OWL_UNIKERNEL_X86_64_MACHINE_H
#define OWL_UNIKERNEL_X86_64_MACHINE_H

#include "../Kernel.h"

static inline uint8_t readPort(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline void writePort(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void writePort16(uint16_t port, uint16_t value) {
  __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

/* Loads the interrupt table. */
void setUpExceptions(void) OWL_SYMBOL(setUpExceptions);
/* The serial port at 0x3f8, and its interrupt. */
void setUpSerial(void) OWL_SYMBOL(setUpSerial);

#endif
