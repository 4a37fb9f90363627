/*===- Machine.c - QEMU's virt machine ------------------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Start, exceptions, time and the way out on AArch64.                        *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

const char architecture[] = "aarch64";

static struct Devices machine;

/*===----------------------------------------------------------------------===*\
|* Exceptions *|
\*===----------------------------------------------------------------------===*/

/* The classes of exceptions that compiled code can cause (ESR_EL1.EC in the Arm
   Architecture Reference Manual). */
static const char *getName(unsigned exceptionClass) {
  switch (exceptionClass) {
  case 0x00:
    return "undefined instruction";
  case 0x07:
    return "access to floating point";
  case 0x0e:
    return "illegal execution state";
  case 0x18:
    return "access to a system register";
  case 0x19:
    return "access to SVE";
  case 0x20:
  case 0x21:
    return "instruction abort";
  case 0x22:
    return "misaligned program counter";
  case 0x24:
  case 0x25:
    return "data abort";
  case 0x26:
    return "misaligned stack";
  case 0x2c:
    return "floating-point exception";
  case 0x2f:
    return "system error";
  case 0x3c:
    return "breakpoint";
  default:
    return "exception";
  }
}

_Noreturn void handleException(uint64_t vector, uint64_t stack)
    OWL_SYMBOL(handleException);

void handleException(uint64_t vector, uint64_t stack) {
  uint64_t syndrome = READ_REGISTER(esr_el1);
  unsigned exceptionClass = syndrome >> 26 & 0x3f;
  struct Text text;
  beginText(&text);
  addString(&text, getName(exceptionClass));
  addString(&text, " (");
  addDecimal(&text, exceptionClass);
  addString(&text, "), syndrome ");
  addHex(&text, syndrome);
  addString(&text, ", vector ");
  addDecimal(&text, vector);
  addString(&text, ", at ");
  addHex(&text, READ_REGISTER(elr_el1));
  addString(&text, ", stack ");
  addHex(&text, stack);
  if ((exceptionClass & ~5u) == 0x20) {
    addString(&text, ", address ");
    addHex(&text, READ_REGISTER(far_el1));
  }
  reportException(&text);
}

/*===----------------------------------------------------------------------===*\
|* Time and the way out *|
\*===----------------------------------------------------------------------===*/

uint64_t ticksPerSecond;

uint64_t readTicks(void) {
  __asm__ volatile("isb" ::: "memory");
  return READ_REGISTER(cntvct_el0);
}

void powerOff(bool failed) {
  (void)failed; /* PSCI knows no exit code */
  register uint64_t function __asm__("x0") = 0x84000008; /* SYSTEM_OFF */
  if (machine.firmwareBySmc)
    __asm__ volatile("smc #0" : "+r"(function)::"memory");
  else
    __asm__ volatile("hvc #0" : "+r"(function)::"memory");
  for (;;)
    __asm__ volatile("wfi");
}

_Noreturn void start(const void *tree) OWL_SYMBOL(start);

void start(const void *tree) {
  /* QEMU leaves the tree where memory starts when it loads an ELF file; others
     point x0 to it. */
  if (!readDeviceTree(tree, &machine) &&
      !readDeviceTree((const void *)RAMStart, &machine)) {
    /* What an image needs at least, unseen: 64 MiB. */
    machine.numBanks = 1;
    machine.banks[0] = (struct Bank){RAMStart, RAMStart + (UINT64_C(64) << 20)};
  }
  setUpMMU(&machine);
  setUpSerial(machine.hasGICv2);
  for (unsigned i = 0; i < machine.numBanks; ++i) {
    uintptr_t begin = machine.banks[i].begin, end = machine.banks[i].end;
    if (begin < (uintptr_t)imageEnd)
      begin = (uintptr_t)imageEnd;
    /* As far as the page tables reach. */
    addMemory(begin, end < UINT64_C(1) << 39 ? end : UINT64_C(1) << 39);
  }
  ticksPerSecond = READ_REGISTER(cntfrq_el0);
  serve();
}
