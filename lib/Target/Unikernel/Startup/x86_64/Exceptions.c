/*===- Exceptions.c - CPU exceptions of x86-64 ----------------------------===*\
|*                                                                            *|
|* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Fills the interrupt table: exceptions are told to the host on a stack of   *|
|* their own (a stack overflow is one of them), interrupts only end a halt.   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Machine.h"

enum {
  NumExceptions = 32,
  StubSize = 16,
  TimerVector = 0x20,
  SerialVector = 0x24
};

extern char exceptionStubs[] OWL_SYMBOL(exceptionStubs);
extern char interruptStub[] OWL_SYMBOL(interruptStub);
extern uint64_t gdt[] OWL_SYMBOL(gdt);

static struct Gate {
  uint16_t offsetLow, selector;
  uint8_t stack, type;
  uint16_t offsetMiddle;
  uint32_t offsetHigh, reserved;
} gates[SerialVector + 1] __attribute__((aligned(16)));

static struct __attribute__((packed)) TaskState {
  uint32_t reserved0;
  uint64_t stacks[3], reserved1, interruptStacks[7], reserved2;
  uint16_t reserved3, ioMap;
} taskState __attribute__((aligned(16)));

static char exceptionStack[16384] __attribute__((aligned(16)));

static const char *const names[NumExceptions] = {
    "divide error",
    "debug",
    "non-maskable interrupt",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid opcode",
    "device not available",
    "double fault",
    "exception",
    "invalid task state",
    "segment not present",
    "stack segment fault",
    "general protection fault",
    "page fault",
    "exception",
    "x87 floating-point error",
    "alignment check",
    "machine check",
    "SIMD floating-point error",
};

struct Frame {
  uint64_t number, code, rip, cs, flags, rsp, ss;
};

_Noreturn void handleException(const struct Frame *frame)
    OWL_SYMBOL(handleException);

void handleException(const struct Frame *frame) {
  const char *name = names[frame->number];
  struct Text text;
  beginText(&text);
  addString(&text, name ? name : "exception");
  addString(&text, " (");
  addDecimal(&text, frame->number);
  addString(&text, "), code ");
  addHex(&text, frame->code);
  addString(&text, ", at ");
  addHex(&text, frame->rip);
  addString(&text, ", stack ");
  addHex(&text, frame->rsp);
  if (frame->number == 14) {
    uint64_t address;
    __asm__ volatile("movq %%cr2, %0" : "=r"(address));
    addString(&text, ", address ");
    addHex(&text, address);
  }
  reportException(&text);
}

static void setGate(unsigned vector, uintptr_t target, uint8_t stack) {
  gates[vector] =
      (struct Gate){target, 0x08, stack, 0x8e, target >> 16, target >> 32, 0};
}

void setUpExceptions(void) {
  for (unsigned i = 0; i < NumExceptions; ++i)
    setGate(i, (uintptr_t)exceptionStubs + i * StubSize, 1);
  setGate(TimerVector, (uintptr_t)interruptStub, 0);
  setGate(SerialVector, (uintptr_t)interruptStub, 0);

  taskState.interruptStacks[0] =
      (uintptr_t)exceptionStack + sizeof(exceptionStack);
  taskState.ioMap = sizeof(taskState);
  uint64_t base = (uintptr_t)&taskState;
  gdt[3] = (sizeof(taskState) - 1) | (base & 0xffffff) << 16 |
           UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
  gdt[4] = base >> 32;
  __asm__ volatile("ltr %w0" : : "r"(0x18));

  struct __attribute__((packed)) {
    uint16_t limit;
    uint64_t base;
  } descriptor = {sizeof(gates) - 1, (uintptr_t)gates};
  __asm__ volatile("lidt %0" : : "m"(descriptor));
}
