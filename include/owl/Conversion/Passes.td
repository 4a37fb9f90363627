//===- Passes.td - Conversions out of the owl dialect ------*- tablegen -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From owl ops on buffers to affine loops, and what else stands between a
// tensor program and the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_PASSES_TD
#define OWL_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertOwlToAffine : Pass<"convert-owl-to-affine"> {
  let summary = "Lower fusion groups and owl ops on buffers to affine loops";
  let description = [{
    Each `owl.group` becomes one nest: the loops that all of its reductions and
    results can share are outside, and inside them one phase follows the other
    on data that is still in cache. One loop is walked in strips of vectors.
    What is needed more than once, by several phases or in each iteration of a
    loop that it does not depend on, is computed again, kept in a buffer for a
    row (on the stack where that is small and of static size, else in one of the
    function's), or written as a whole array: whichever the model of its
    device, or else of `machine`, finds to take the least time. An owl op outside
    of groups, or a `memref.copy`, is a group of its own.

    Neighbouring axes are merged where every buffer allows it. A reduction reads
    its source in the order of memory, once (`logsumexp` twice). Its accumulators
    are in registers, with a few rows combined before they are accumulated; where
    a loop that is kept lies inside of one that is reduced, they are in a buffer
    that the L1 cache holds, and the kept loop is cut into tiles if there are more
    of them. Where the elements inside of that loop are more than a few pages, that
    is done only for a reduction that is alone in its group.

    Where `threads` is more than 1, and the outermost loop of a nest is kept by all
    that is computed in it, it is split into as many tasks, in an
    `owl.parallel_for`: at multiples of strips, so that numbers do not depend on
    it. There are fewer, or none, where there is little to do.

    Results that no cache holds are stored past the caches, which saves reading
    their lines first, but not by groups that only transpose
    (`owl-lower-transposes`). Short rows that do not begin at multiples of 16
    bytes are put together on the stack first, where that is cheap beside
    memory. Of cheap groups whose results are of unknown size there is code for
    both cases.

    To run before the C interface is emitted, which places the buffers in the
    workspace, and after it for the copies that it makes.

    Before: owl ops in buffer form. After: no owl op, and, if those are lowered
    too, no `memref.copy` of elements that owl ops work on.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", /*default=*/"256",
           "Width in bits of the target's vector registers">,
    Option<"stripRegisters", "strip-registers", "unsigned", /*default=*/"4",
           "Vector registers that a loop works on at once; 1 for short code">,
    Option<"stackBytes", "stack-bytes", "unsigned", /*default=*/"16384",
           "Bytes that buffers between phases may take on the stack of a "
           "function; others are in the workspace">,
    Option<"nonTemporalBytes", "non-temporal-bytes", "uint64_t",
           /*default=*/"0",
           "Size in bytes from which on results are stored past the caches; 0 "
           "for never">,
    Option<"prefetchBytes", "prefetch-bytes", "unsigned", /*default=*/"0",
           "How many bytes ahead inputs that the L2 cache does not hold are "
           "fetched, but for those from memory, and where nothing is reduced "
           "and as much is written as read; 0 for not at all">,
    Option<"farPrefetchBytes", "far-prefetch-bytes", "unsigned",
           /*default=*/"2048",
           "How many bytes ahead inputs from memory are fetched">,
    Option<"streamedPrefetchBytes", "streamed-prefetch-bytes", "unsigned",
           /*default=*/"8192",
           "The same beside results that are stored past the caches">,
    Option<"farPrefetchCache", "far-prefetch-cache", "unsigned",
           /*default=*/"2",
           "Into which cache, 1 or 2, inputs from memory are fetched where "
           "nothing is stored past the caches">,
    Option<"machine", "machine", "std::string", /*default=*/"\"x86_64\"",
           "The target whose machine model decides what is kept, and figures "
           "that replace its own: x86_64:flops=1e11">,
    Option<"threads", "threads", "unsigned", /*default=*/"1",
           "Into how many tasks a loop is split at most">,
    Option<"taskBytes", "task-bytes", "uint64_t",
           /*default=*/"::mlir::owl::kTaskBytes",
           "How many bytes a task moves at least, or what takes as long">,
    Option<"copies", "copies", "bool", /*default=*/"true",
           "Lower memref.copy too">
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::owl::OwlDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"
  ];
}

def ComputeInColumns : Pass<"owl-compute-in-columns", "::mlir::func::FuncOp"> {
  let summary = "Compute strips of short rows in columns";
  let description = [{
    A strip of short rows is one long vector, and each reduction of the rows takes
    it apart into columns, which are combined:

        rows       00 01 02 10 11 12 20 21 22 30 31 32
        columns    00 10 20 30   01 11 21 31   02 12 22 32

    Where one reduction needs the result of another, as a variance does, that
    happens more than once, and in between what a row was reduced to is spread over
    the row again. Where it takes fewer shuffles, the element-wise ops that such a
    reduction reads are computed on columns. What is needed in rows, too, such as
    what is stored, is computed there as well, unless that costs more than it saves.
    Each element is computed by the same ops as before.

    Before: vectors and their shuffles, duplicates removed. After: the same, perhaps
    with duplicates.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", /*default=*/"256",
           "Bits of a vector register">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

def JamLoops : Pass<"owl-jam-loops", "::mlir::func::FuncOp"> {
  let summary = "Compute several points side by side";
  let description = [{
    A product of matrices or a convolution reads the same vectors of weights for
    each point of its result, and would spend its time on that. The innermost
    loop around such a reduction in which those vectors stay the same is unrolled
    by `factor`, and the copies of its body jammed into one nest. Each point is
    computed by the same ops in the same order as before.

    A row that registers hold is reduced, normalised and whatever else in straight
    code, which waits for the lanes of each reduction to be combined. `factor` rows go
    through such code side by side, op by op; what one phase stores for the next, in a
    buffer that nothing else uses, stays in registers. Lanes that one row combines in
    halves, or in any order, are combined with those of the others, and the scalars
    that are computed from what they give are one vector with an element for each
    row; but not those of f16 and bf16.

    A loop is left alone where its iterations write to the same memory.

    Before: affine loops with reductions in registers, or rows. After: the same.
  }];
  let options = [
    Option<"factor", "factor", "unsigned", /*default=*/"4",
           "How many points are computed side by side: with strips of two "
           "registers as many accumulators as 16 registers have room for">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

def EmitCInterface : Pass<"owl-emit-c-interface", "::mlir::ModuleOp"> {
  let summary = "Give each public function the C interface";
  let description = [{
    Rewrites bufferized functions into functions over bare pointers, with the
    caller's buffers for results, the dynamic dimensions, one workspace instead
    of allocations, and a status as the result. Adds the functions that tell the
    size of the workspace and the shapes of dynamic results.

    Allocations whose lifetimes do not overlap share memory. Those inside of a
    loop or branch live as long as the op of the function's block around them;
    their sizes may depend on the shapes of arguments alone.

    `cf.assert` on the shapes of arguments becomes the status: 2 where its
    message contains "empty reduction", else 1. Negative dimensions give 1, and
    so do those of buffers, or of a workspace, whose size in bytes does not fit
    an index. An assertion inside of a loop or branch is made before it, unless
    shapes tell that it is not reached.

    Before: public functions from memrefs with identity layout to such memrefs,
    everything inlined; no loop allocates what it carries
    (`owl-carry-in-place`). After: no allocation, no call, no assertion; arguments
    that stand for pointers are memrefs of rank 0, to be lowered with the bare
    pointer convention.

    ```mlir
    func.func @f(%x: memref<?xf32>) -> memref<?xf32>
    // becomes
    func.func @owl_f(%x: memref<f32>, %y: memref<f32>, %d0: i64,
                     %workspace: memref<i8>) -> i32
    func.func @owl_f_workspace_size(%d0: i64) -> index
    func.func @owl_f_out_shape(%result: i32, %d0: i64, %shape: memref<i64>)
    ```
  }];
  let options = [
    Option<"symbolPrefix", "symbol-prefix", "std::string",
           /*default=*/"\"owl_\"", "What precedes the names of functions">,
    Option<"indexBits", "index-bits", "unsigned", /*default=*/"64",
           "Bits of an index: what a buffer's size in bytes must fit">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

def LowerReshapes : Pass<"owl-lower-reshapes"> {
  let summary = "Lower memref.expand_shape and memref.collapse_shape to views";
  let description = [{
    Replaces both by `memref.reinterpret_cast`, which carries all its sizes. To
    run before anything folds sizes: a `collapse_shape` is invalid where a 0
    turns up beside a dynamic size; and before `expand-strided-metadata`, which
    allows only one dynamic size in each group of an `expand_shape`.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerTransposes : Pass<"owl-lower-transposes"> {
  let summary = "Transpose buffers in squares of vectors";
  let description = [{
    A group that does no more than transpose, or such a `linalg.transpose` or
    `linalg.generic` of buffers, becomes loops in which the last dimension of the
    source and that of the result are walked in blocks, so that each line of both
    is in cache until it is used up. Within a block, squares of 8 by 8 elements, or
    of as many as a vector register has, are read as rows, transposed by shuffles of
    registers, and written as rows. What is left at the edges is copied by element.

    Where `threads` is more than 1, the outermost loop is split into as many tasks,
    in an `owl.parallel_for`, or fewer where there is little to move.

    Left alone is what keeps its last dimension, which is a copy of rows, what has
    no last dimension of stride 1 or one of less than a square, and elements of i1
    and index.

    Before: owl and linalg ops on buffers. After: the same, but for those.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", /*default=*/"256",
           "Width in bits of the target's vector registers">,
    Option<"threads", "threads", "unsigned", /*default=*/"1",
           "Into how many tasks a transpose is split at most">,
    Option<"taskBytes", "task-bytes", "uint64_t",
           /*default=*/"::mlir::owl::kTaskBytes",
           "How many bytes a task moves at least">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::owl::OwlDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def OutlineTasks : Pass<"owl-outline-tasks", "::mlir::ModuleOp"> {
  let summary = "Turn the regions of parallel loops into functions";
  let description = [{
    Moves the region of each `owl.parallel_for` into a private function, of the
    number of a task and of what the region uses, and calls it through
    `owl.parallel_call`; directly, and not through the hook, where there is only
    one task. Views and constants are made again inside, so that pointers are
    passed as the caller of the C interface gave them, and are known not to
    overlap.

    To run after the C interface is emitted, which needs to see all of a function,
    and before loops become branches. Fails if a function of the module has the
    name of the hook.

    ```mlir
    owl.parallel_for %count {
    ^bb0(%task: index):
      %view = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
        : memref<f32> to memref<?xf32>
      ...
    }
    // becomes
    %several = arith.cmpi ugt, %count, %one : index
    scf.if %several {
      owl.parallel_call @owl_f.task to %count(%x, %n) : memref<f32>, index
    } else {
      func.call @owl_f.task(%zero, %x, %n) : (index, memref<f32>, index) -> ()
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::owl::OwlDialect", "::mlir::scf::SCFDialect"
  ];
}

def ExpandMath : Pass<"owl-expand-math"> {
  let summary = "Expand floating-point ops that would call a library";
  let description = [{
    Replaces every function of the math dialect, and those ops of arith that some
    target would turn into a library call, by arithmetic that every target does
    itself. f16 and bf16 are only stored: their arithmetic happens in f32, and is
    rounded after each op. All code but that of `arith.remf` and `math.ipowi` is
    free of branches. The error of each function is listed in docs/math.md.

    Works on scalars and on vectors of any shape alike. Tensors are left alone.

    Before: arith, math and vector ops on scalars and vectors; scf may still be
    created (a loop for `arith.remf` and `math.ipowi`), so that this pass runs
    before scf is lowered. After: the floating-point ops that are left are
    `arith` ops on f32 and f64, `math.sqrt`, `math.absf`, and what the options
    allow. f16 and bf16 are left in loads, stores, selects, shuffles and
    bitcasts.

    Example:

    ```mlir
    %y = math.rsqrt %x : f16
    ```

    becomes, with `has-f16-conversion`,

    ```mlir
    %0 = arith.extf %x : f16 to f32
    %1 = math.sqrt %0 : f32
    %cst = arith.constant 1.0 : f32
    %2 = arith.divf %cst, %1 : f32
    %y = arith.truncf %2 : f32 to f16
    ```
  }];
  let options = [
    Option<"hasFMA", "has-fma", "bool", /*default=*/"false",
           "The target fuses multiplication and addition of f32 and f64">,
    Option<"hasRounding", "has-rounding", "bool", /*default=*/"false",
           "The target has floor, ceil, trunc and roundeven">,
    Option<"hasF16Conversion", "has-f16-conversion", "bool",
           /*default=*/"false", "The target converts between f16 and f32">,
    Option<"hasExtremes", "has-extremes", "bool", /*default=*/"false",
           "The target has maxima and minima that propagate NaN">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def SplitFunctions : Pass<"owl-split-functions", "::mlir::ModuleOp"> {
  let summary = "Make long functions several short ones";
  let description = [{
    LLVM's time grows with the square of the number of loops in a function. Where
    a block of a function has more than `max-loops` of them, each op with loops
    becomes a private function that is never inlined, and these are called one
    after the other. Views, constants and what lies on the stack for one of them
    alone are made again in it; numbers are handed on, and where buffers lie in
    the workspace. Of functions that are equal, as those of the layers of a model
    often are, there is one: all that comes later is done for it alone.

    Pointers into the workspace do not alias where one op accesses both.

    Before: affine or scf loops over buffers, and linalg ops that become loops,
    where arguments are bare pointers. `memref.view` is a place in the workspace;
    two that one op accesses do not overlap. After: the same. A block is left as it is where a buffer would have to be
    handed on that is no bare pointer.
  }];
  let options = [
    Option<"maxLoops", "max-loops", "unsigned", /*default=*/"64",
           "The loops that a function may have before it is split">
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::func::FuncDialect"
  ];
}

def ConvertToLLVM : Pass<"owl-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Convert what the pipeline leaves to the LLVM dialect";
  let description = [{
    Upstream's patterns for arith, math, vector, memref, func, cf, index and ub
    in one conversion, with the target's width of an index and the bare pointer
    calling convention. Allocations are not lowered: there are none. An
    `owl.parallel_call` becomes a call of the hook `owl_parallel_for`, with a
    function that takes what the tasks use from a struct on the stack.

    Before: loops are branches, views are `memref.reinterpret_cast`. After: the
    LLVM dialect alone.
  }];
  let options = [
    Option<"indexBits", "index-bits", "unsigned", /*default=*/"64",
           "Bits of an index and of a pointer">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def NarrowFloatsToBits : Pass<"owl-narrow-floats-to-bits"> {
  let summary = "Load and store f16 and bf16 as i16";
  let description = [{
    LLVM moves values of f16 and bf16 between blocks through f32, with calls of
    a library where a target has no instruction for it. What is loaded as i16
    and extended at once never is such a value. So are vectors that are taken
    apart and put together in between.

    Before `owl-expand-math`; loads and stores of any dialect that the loops
    hold.

    ```mlir
    %x = affine.load %m[%i] : memref<8xbf16>
    // becomes
    %v = builtin.unrealized_conversion_cast %m : memref<8xbf16> to memref<8xi16>
    %b = affine.load %v[%i] : memref<8xi16>
    %x = arith.bitcast %b : i16 to bf16
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // OWL_CONVERSION_PASSES_TD
