/*===- Machine.h - Within the start-up code of AArch64 ------------*- C -*-===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What the files of this architecture share.                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef OWL_UNIKERNEL_AARCH64_MACHINE_H
#define OWL_UNIKERNEL_AARCH64_MACHINE_H

#include "../Kernel.h"

#define READ_REGISTER(name)                                                    \
  ({                                                                           \
    uint64_t value_;                                                           \
    __asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory");               \
    value_;                                                                    \
  })
#define WRITE_REGISTER(name, value)                                            \
  __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

enum { MaxBanks = 8 };

/* What the device tree says of the machine. */
struct Devices {
  struct Bank {
    uint64_t begin, end;
  } banks[MaxBanks];
  unsigned numBanks;
  /* The firmware is called by smc, not by hvc. */
  bool firmwareBySmc;
  /* The interrupt controller is a GICv2. */
  bool hasGICv2;
};

/* Reads the flattened device tree at `tree`. False where there is none. */
bool readDeviceTree(const void *tree, struct Devices *devices)
    OWL_SYMBOL(readDeviceTree);

/* Maps `banks` one to one, cached, and the devices. */
void setUpMMU(const struct Devices *devices) OWL_SYMBOL(setUpMMU);

/* The PL011, and its interrupt where `hasGICv2`. */
void setUpSerial(bool hasGICv2) OWL_SYMBOL(setUpSerial);

/* Where the `virt` machine has its devices. */
enum : uint64_t {
  GICDistributor = 0x08000000,
  GICInterface = 0x08010000,
  SerialPort = 0x09000000,
  RAMStart = 0x40000000
};

#endif
