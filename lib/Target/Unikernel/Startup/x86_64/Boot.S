//===- Boot.S - From the PVH entry to C on x86-64 -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A hypervisor that finds the PVH note enters in 32-bit protected mode without
// paging, %ebx pointing to its start info. The code maps the first 4 GiB one to
// one with 2 MiB pages, turns on SSE and long mode, and calls owl.start.
//
//===----------------------------------------------------------------------===//

// XEN_ELFNOTE_PHYS32_ENTRY: the physical address of the 32-bit entry point.
  .section .note.owl.pvh, "a", @note
  .balign 4
  .long 4, 8, 18
  .asciz "Xen"
  .quad owl.entry

  .section .text.boot, "ax", @progbits
  .code32
  .globl owl.entry
owl.entry:
  cli
  cld
  movl $owl.stackTop, %esp

  // PML4 -> PDPT -> four page directories of 512 large pages each.
  movl $(owl.pageDirectoryPointers + 3), owl.pageMap
  movl $(owl.pageDirectories + 3), %eax
  movl $owl.pageDirectoryPointers, %edi
  movl $4, %ecx
1:
  movl %eax, (%edi)
  addl $4096, %eax
  addl $8, %edi
  loop 1b
  movl $0x83, %eax                // present, writable, large
  movl $owl.pageDirectories, %edi
  movl $2048, %ecx
2:
  movl %eax, (%edi)
  addl $0x200000, %eax
  addl $8, %edi
  loop 2b

  movl $owl.pageMap, %eax
  movl %eax, %cr3
  movl $0x620, %eax               // CR4: PAE, OSFXSR, OSXMMEXCPT
  movl %eax, %cr4
  pushl %ebx                      // cpuid and rdmsr leave %ebx alone, but
  movl $0xc0000080, %ecx          // nothing says that wrmsr must
  rdmsr
  orl $0x100, %eax                // EFER: long mode
  wrmsr
  popl %ebx
  movl $0x80010023, %eax          // CR0: paging, WP, NE, MP, protected mode
  movl %eax, %cr0
  lgdt gdtDescriptor
  ljmp $0x08, $longMode

  .code64
longMode:
  movl $0x10, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  xorl %eax, %eax
  movl %eax, %fs
  movl %eax, %gs
  movl $owl.stackTop, %esp        // clears the upper half
  fninit
  ldmxcsr mxcsr(%rip)
  movl %ebx, %edi
  xorl %ebp, %ebp
  call owl.start
  ud2

// One stub of 16 bytes an exception: its number and error code go on the stack,
// then the frame is handed to C, which does not come back. Double fault, the
// faults of segments, pages and alignment, and those of control flow and
// virtualisation push a code themselves.
  .balign 16
  .globl owl.exceptionStubs
owl.exceptionStubs:
  .set number, 0
  .rept 32
  .balign 16
  .if !(number == 8 || (number >= 10 && number <= 14) || number == 17 || number == 21 || number == 29 || number == 30)
  pushq $0
  .endif
  pushq $number
  jmp exceptionCommon
  .set number, number + 1
  .endr

exceptionCommon:
  cld
  movq %rsp, %rdi
  andq $-16, %rsp
  call owl.handleException
  ud2

// The serial port has a byte, or time has passed: nothing to do but wake up.
  .globl owl.interruptStub
owl.interruptStub:
  pushq %rax
  movb $0x20, %al
  outb %al, $0x20
  popq %rax
  iretq

  .section .rodata.boot, "a", @progbits
mxcsr:
  .long 0x1f80                    // every exception masked, round to nearest
gdtDescriptor:
  .word owl.gdtEnd - owl.gdt - 1
  .long owl.gdt

  .section .data.boot, "aw", @progbits
  .balign 16
  .globl owl.gdt
owl.gdt:
  .quad 0
  .quad 0x00af9b000000ffff        // 0x08: 64-bit code
  .quad 0x00cf93000000ffff        // 0x10: data
  .quad 0, 0                      // 0x18: task state, filled in by C
owl.gdtEnd:

  .section .bss.boot, "aw", @nobits
  .balign 4096
  .globl owl.stackGuard
owl.stackGuard:
  .skip 4096
  .skip 1 << 20
owl.stackTop:
owl.pageMap:
  .skip 4096
  .globl owl.pageDirectoryPointers
owl.pageDirectoryPointers:
  .skip 4096
  .globl owl.pageDirectories
owl.pageDirectories:
  .skip 4 * 4096
