// What the options of the pipelines may be.
// RUN: not owl-opt %s --owl-to-affine=vector-bits=31 2>&1 | FileCheck %s --check-prefix=VECTOR
// RUN: not owl-opt %s --owl-to-affine=strip-registers=3 2>&1 | FileCheck %s --check-prefix=STRIP
// RUN: not owl-opt %s --owl-to-affine=index-bits=31 2>&1 | FileCheck %s --check-prefix=INDEX
// RUN: not owl-opt %s --owl-to-affine --owl-to-llvm 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not owl-opt %s --owl-to-affine=machine=some 2>&1 | FileCheck %s --check-prefix=MACHINE
// RUN: owl-opt --owl-to-llvm --convert-owl-to-affine --owl-expand-math --dump-pass-pipeline /dev/null 2>&1 | FileCheck %s --check-prefix=DEFAULTS

// The pipelines have the defaults of the passes, apart from which copies become
// loops at which time.
// DEFAULTS: convert-owl-to-affine{copies=false [[LOOPS:.*]]},
// DEFAULTS: convert-owl-to-affine{copies=true [[LOOPS]]},
// DEFAULTS: owl-expand-math{[[MATH:.*]]},
// DEFAULTS: convert-owl-to-affine{copies=true [[LOOPS]]},
// DEFAULTS-NEXT: owl-expand-math{[[MATH]]}

// MACHINE: error: expected machine to be the name of a target, got 'some'{{$}}
// MACHINE-NOT: see current operation
// VECTOR: error: expected vector-bits to be a power of 2 from 64 on, got 31{{$}}
// VECTOR-NOT: see current operation
// STRIP: error: expected strip-registers to be 1, 2, 4 or 8, got 3{{$}}
// STRIP-NOT: see current operation
// INDEX: error: expected index-bits of 32 or 64, got 31{{$}}
// INDEX-NOT: see current operation
// TWICE: error: expects a model on tensors, got 'memref<f32>'
// TWICE-NOT: see current operation
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %r = math.exp %x : tensor<?xf32>
  return %r : tensor<?xf32>
}
