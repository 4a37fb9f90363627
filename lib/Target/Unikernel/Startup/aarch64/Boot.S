//===- Boot.S - From reset to C on AArch64 --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The entry point, at EL1 or EL2 with the MMU off: goes down to EL1, lets
// floating-point instructions through, and calls owl.start with the address
// that x0 held (a device tree, or 0).
//
//===----------------------------------------------------------------------===//

  .section .text.boot, "ax", @progbits
  .globl owl.entry
owl.entry:
  msr daifset, #0xf
  mov x19, x0
  mrs x1, CurrentEL
  cmp x1, #(2 << 2)
  b.ne 1f

  mov x1, #(1 << 31)              // EL1 is 64-bit
  msr hcr_el2, x1
  mov x1, #3                      // EL1 may read the counter
  msr cnthctl_el2, x1
  msr cntvoff_el2, xzr
  mov x1, #0x33ff                 // no trap of floating point
  msr cptr_el2, x1
  mov x1, #0x0800                 // reserved bits; MMU and caches off
  movk x1, #0x30d0, lsl #16
  msr sctlr_el1, x1
  mov x1, #0x3c5                  // EL1 with its own stack, all masked
  msr spsr_el2, x1
  adr x1, 1f
  msr elr_el2, x1
  eret

1:
  mov x1, #(3 << 20)
  msr cpacr_el1, x1
  isb
  .arch_extension fp
  msr fpcr, xzr
  adrp x1, vectors
  add x1, x1, :lo12:vectors
  msr vbar_el1, x1
  adrp x1, owl.stackTop
  add x1, x1, :lo12:owl.stackTop
  mov sp, x1
  mov x29, xzr
  mov x30, xzr
  mov x0, x19
  bl owl.start
  brk #0

// Each entry of the vector table notes its number, then takes a stack of its
// own: the one in use may be what is wrong.
  .balign 2048
vectors:
  .set number, 0
  .rept 16
  .balign 128
  mov x0, #number
  b exceptionCommon
  .set number, number + 1
  .endr

exceptionCommon:
  mov x1, sp
  adrp x2, exceptionStackTop
  add x2, x2, :lo12:exceptionStackTop
  mov sp, x2
  bl owl.handleException
  brk #0

  .section .bss.boot, "aw", @nobits
  .balign 4096
  .globl owl.stackGuard
owl.stackGuard:
  .skip 4096
  .skip 1 << 20
owl.stackTop:
  .skip 16384
exceptionStackTop:
