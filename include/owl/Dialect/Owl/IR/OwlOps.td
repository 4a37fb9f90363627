//===- OwlOps.td - The ops of the owl dialect --------------*- tablegen -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Multi-axis reduce and fold, repeat and tile, the groups that fuse them, and
// the tasks that their loops are split into. Those of a fleet of devices are in
// OwlDevices.td.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_IR_OWLOPS_TD
#define OWL_DIALECT_OWL_IR_OWLOPS_TD

include "owl/Dialect/Owl/IR/OwlBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

class Owl_Op<string mnemonic, list<Trait> traits = []>
    : Op<Owl_Dialect, mnemonic, traits>;

// What reduce, fold, repeat and tile share: one shaped source, and either a
// tensor result or a buffer to write into. Subclasses say how to compute the
// result type from the operands and attributes.
class Owl_ShapedOp<string mnemonic, list<Trait> traits = []>
    : Owl_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<InferTypeOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>
      ], traits)> {
  code declarations = [{
    /// Inferred and given types agree up to dimensions that one leaves dynamic.
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                        ::mlir::TypeRange given);
    /// Whether this is the tensor form, with a result and no destination.
    bool hasTensorSemantics() { return !getDest(); }
    /// The type of the result, or of the destination in the buffer form.
    ::mlir::ShapedType getDestType() {
      ::mlir::Value value = getDest();
      if (!value)
        value = getResult();
      return ::llvm::cast<::mlir::ShapedType>(value.getType());
    }
    ::mlir::ShapedType getSourceType() {
      return ::llvm::cast<::mlir::ShapedType>(getSource().getType());
    }
  }];
  let hasVerifier = 1;
}

def Owl_ReduceOp : Owl_ShapedOp<"reduce"> {
  let summary = "Reduce a tensor over a set of axes in one pass";
  let description = [{
    Combines the elements of `source` along `axes`, as
    `numpy.ufunc.reduce(source, axis=axes, keepdims=keep_dims)` does. The axes
    are distinct, in any order, each in `[0, rank)`; an empty list reduces
    nothing and still applies the kind to each element. With `keep_dims` a
    reduced axis stays as a dimension of 1.

    | kind | value | element type of the result |
    |---|---|---|
    | `sum`, `prod` | sum, product | as the source |
    | `max`, `min` | largest, smallest; NaN if there is one | as the source |
    | `mean` | sum / count | as the source |
    | `sumsq` | sum of squares | as the source |
    | `l1`, `l2` | sum of magnitudes, root of sumsq | as the source |
    | `logsum` | log of the sum | as the source |
    | `logsumexp` | log of the sum of exponentials, without overflow | as the source |
    | `any`, `all` | whether some, whether every element is not 0 | i1 |
    | `argmax`, `argmin` | index of the first extreme; a NaN is the extreme | i64 |
    | `variance` | mean of the squared distances from the mean | as the source |

    `argmax` and `argmin` over several axes give the index into those axes
    flattened in row-major order, whatever the order of the list. On integers `mean`, `l2`, `logsum`,
    `logsumexp` and `variance` are computed in f64 and rounded towards zero, as the ONNX
    reference does; a value outside the type saturates.

    `unsigned` makes the integers of a signless source unsigned.

    Example:

    ```mlir
    %s = owl.reduce <sum> %x axes = [0, 2] : tensor<8x64x56xf32> -> tensor<64xf32>
    %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
    %i = owl.reduce <argmax> %x axes = [1] : tensor<4x9xi8> -> tensor<4xi64>
    ```
  }];
  let arguments = (ins Owl_ReduceKindAttr:$kind, Owl_Shaped:$source,
      Optional<Owl_Buffer>:$dest, DenseI64ArrayAttr:$axes,
      UnitAttr:$keep_dims, UnitAttr:$is_unsigned);
  let results = (outs Optional<Owl_Tensor>:$result);
  let assemblyFormat = [{
    $kind $source (`into` $dest^)? `axes` `=` custom<Axes>($axes) (`keep_dims` $keep_dims^)?
    (`unsigned` $is_unsigned^)? attr-dict `:` type($source) `->`
    custom<ResultOrDest>(type($dest), type($result))
  }];
  let builders = [
    OpBuilder<(ins "::mlir::owl::ReduceKind":$kind, "::mlir::Value":$source,
                   "::llvm::ArrayRef<int64_t>":$axes,
                   CArg<"bool", "false">:$keepDims,
                   CArg<"bool", "false">:$isUnsigned)>
  ];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = declarations # [{
    /// Whether dimension `dim` of the source is reduced.
    bool isReduced(int64_t dim) {
      return ::llvm::is_contained(getAxes(), dim);
    }
    /// How many elements each element of the result stands for, where that is
    /// known and fits an int64.
    ::std::optional<int64_t> getCount();
    /// Whether the source's integers are unsigned.
    bool hasUnsignedSource() {
      ::mlir::Type type = getSourceType().getElementType();
      return getIsUnsigned() || type.isUnsignedInteger() ||
             type.isInteger(1);
    }
  }];
}

def Owl_FoldOp : Owl_ShapedOp<"fold", [
    SingleBlock]> {
  let summary = "Reduce with a combiner of one's own";
  let description = [{
    Folds the elements of `source` along `axes` into an accumulator that starts
    as `init`. The region takes an element and the accumulator and yields the
    new accumulator, whose type need not be the element's. Elements are taken
    in row-major order and are never reassociated, so the combiner need not be
    associative or commutative. An empty fold is `init`. The ops of the region
    have no side effects; they may read tensors from outside.

    `arith` works on signless integers: for elements of type ui8 the region
    begins with `builtin.unrealized_conversion_cast %e : ui8 to i8`, of which
    nothing is left in the code.

    Example, the sum of i8 in i32:

    ```mlir
    %r = owl.fold %x init %zero axes = [1] {
    ^bb0(%e: i8, %acc: i32):
      %w = arith.extsi %e : i8 to i32
      %n = arith.addi %acc, %w : i32
      owl.yield %n : i32
    } : tensor<4x9xi8>, i32 -> tensor<4xi32>
    ```
  }];
  let arguments = (ins Owl_Shaped:$source, Owl_Element:$init,
      Optional<Owl_Buffer>:$dest, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let results = (outs Optional<Owl_Tensor>:$result);
  let regions = (region SizedRegion<1>:$combiner);
  let assemblyFormat = [{
    $source `init` $init (`into` $dest^)? `axes` `=` custom<Axes>($axes)
    (`keep_dims` $keep_dims^)? $combiner attr-dict `:`
    type($source) `,` type($init) `->`
    custom<ResultOrDest>(type($dest), type($result))
  }];
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = declarations # [{
    bool isReduced(int64_t dim) {
      return ::llvm::is_contained(getAxes(), dim);
    }
  }];
}

def Owl_YieldOp : Owl_Op<"yield", [Pure, Terminator, ReturnLike,
                                   ParentOneOf<["FoldOp", "GroupOp",
                                                "ParallelForOp"]>]> {
  let summary = "Ends the region of a fold, a group or a parallel loop";
  let description = [{
    Yields the new accumulator of an `owl.fold`, the results of an `owl.group`,
    or nothing in an `owl.parallel_for`.

    ```mlir
    owl.yield %acc : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
}

// repeat and tile differ only in the order in which they visit the source.
class Owl_RepetitionOp<string mnemonic>
    : Owl_ShapedOp<mnemonic, [AttrSizedOperandSegments]> {
  let arguments = (ins Owl_Shaped:$source, Optional<Owl_Buffer>:$dest,
      Variadic<Index>:$counts, DenseI64ArrayAttr:$static_counts);
  let results = (outs Optional<Owl_Tensor>:$result);
  let assemblyFormat = [{
    $source (`into` $dest^)? `by` custom<DynamicIndexList>($counts, $static_counts)
    attr-dict `:` type($source) `->`
    custom<ResultOrDest>(type($dest), type($result))
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$source,
                   "::llvm::ArrayRef<::mlir::OpFoldResult>":$counts)>
  ];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = declarations # [{
    /// The counts, one per dimension: an index attribute or an index value.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedCounts() {
      return ::mlir::getMixedValues(getStaticCounts(), getCounts(),
                                    getContext());
    }
  }];
  let extraClassDefinition = [{
    void $cppClass::build(::mlir::OpBuilder &builder,
                          ::mlir::OperationState &state, ::mlir::Value source,
                          ::llvm::ArrayRef<::mlir::OpFoldResult> counts) {
      ::llvm::SmallVector<int64_t> staticCounts;
      ::llvm::SmallVector<::mlir::Value> dynamicCounts;
      ::mlir::dispatchIndexOpFoldResults(counts, dynamicCounts, staticCounts);
      build(builder, state, source, ::mlir::Value(), dynamicCounts,
            staticCounts);
    }
  }];
}

def Owl_RepeatOp : Owl_RepetitionOp<"repeat"> {
  let summary = "Repeat each element along every axis at once";
  let description = [{
    Repeats each element of `source` `counts[i]` times in a row along axis i,
    for all axes at once: a chain of `numpy.repeat`. A count may be 0. Along a
    dimension of 1 this is a broadcast. Counts are integer literals or values of
    type `index`.

    Example:

    ```mlir
    %r = owl.repeat %x by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
    %b = owl.repeat %m by [1, %n] : tensor<?x1xf32> -> tensor<?x?xf32>
    ```
  }];
}

def Owl_TileOp : Owl_RepetitionOp<"tile"> {
  let summary = "Repeat a whole array along every axis";
  let description = [{
    Lays `counts[i]` copies of the whole `source` side by side along axis i, for
    all axes at once: `numpy.tile`. A count may be 0. Counts are integer literals
    or values of type `index`.

    Example:

    ```mlir
    %t = owl.tile %x by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
    ```
  }];
}

def Owl_WindowOp : Owl_Op<"window", [Pure,
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                              ["reifyResultShapes"]>]> {
  let summary = "See a tensor through windows, which may overlap";
  let description = [{
    Element [i, j, ...] of the result is element `map`(i, j, ...) of `source`:
    `numpy.lib.stride_tricks.as_strided`. Each result of `map` is a constant of
    0 or more plus dimensions times constants of 1 or more, and each dimension
    is in one at least. `sizes` are those of the result, integer literals or
    values of type `index`, none of which reaches beyond the source.

    Nothing is copied: after bufferization this is a view with other strides,
    which a group reads as any other input. So what convolutions and pooling
    read of their input is a tensor of its own, and they become reductions (see
    `owl-raise-contractions`).

    A window of all of a tensor is that tensor seen a second time, and does not fold:
    to a group the two are different inputs.

    Example, 3 by 3 windows at each second point:

    ```mlir
    %w = owl.window %x[4, 4, 3, 3, 8]
        through affine_map<(h, w, i, j, c) -> (2 * h + i, 2 * w + j, c)>
        : tensor<9x9x8xf32> -> tensor<4x4x3x3x8xf32>
    ```
  }];
  let arguments = (ins Owl_Tensor:$source, Variadic<Index>:$sizes,
      DenseI64ArrayAttr:$static_sizes, AffineMapAttr:$map);
  let results = (outs Owl_Tensor:$result);
  let assemblyFormat = [{
    $source `` custom<DynamicIndexList>($sizes, $static_sizes) `through`
    $map attr-dict `:` type($source) `->` type($result)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$source,
                   "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes,
                   "::mlir::AffineMap":$map)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The sizes, one per dimension: an index attribute or an index value.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes() {
      return ::mlir::getMixedValues(getStaticSizes(), getSizes(),
                                    getContext());
    }
    /// By how much result `i` of `map` grows with each of its dimensions and,
    /// last, what it begins with; nothing where a window cannot be read so.
    static ::std::optional<::llvm::SmallVector<int64_t>>
    getCoefficients(::mlir::AffineMap map, unsigned i);
    /// Whether windows can be read through `map`.
    static bool isSupported(::mlir::AffineMap map);
    /// Inferred and given types agree up to dimensions that one leaves dynamic.
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                        ::mlir::TypeRange given);
  }];
}

def Owl_GroupOp : Owl_Op<"group", [
    AttrSizedOperandSegments, DestinationStyleOpInterface, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A fusion group: ops that become one loop nest";
  let description = [{
    Computes what its region yields from `inputs`, with all ops of the region
    fused: nothing between them is written to memory as a whole array unless the
    loops cannot do without. The region works on tensors and sees nothing but
    its arguments, one for each input. `inits` are destinations: the results have their types
    and sizes, and nothing else is read from them.

    In the buffer form inputs and inits are memrefs and there are no results.
    The region is the same: its tensor arguments stand for the contents of the
    buffers.

    `edges` forces what is done about a value that is needed more than once:
    computed again, kept in a row buffer, or written as a whole array. Without
    it the cost model of the device decides for each. `owl-translate` and
    `owl-run` form the groups of a model anew, without it.

    `device` names the `owl.device` that is to run the group: see
    `owl-assign-devices`.

    Example:

    ```mlir
    %y = owl.group ins(%x : tensor<64x1000xf32>) outs(%init : tensor<64x1000xf32>) {
    ^bb0(%a: tensor<64x1000xf32>):
      %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<64x1000xf32> -> tensor<64x1xf32>
      %b = owl.repeat %m by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
      %d = arith.subf %a, %b : tensor<64x1000xf32>
      owl.yield %d : tensor<64x1000xf32>
    } -> tensor<64x1000xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs,
      Variadic<AnyTypeOf<[Owl_GroupTensor, Owl_GroupBuffer]>>:$inits,
      OptionalAttr<Owl_EdgesAttr>:$edges,
      OptionalAttr<FlatSymbolRefAttr>:$device);
  let results = (outs Variadic<Owl_GroupTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let builders = [
    OpBuilder<(ins "::mlir::TypeRange":$outputs, "::mlir::ValueRange":$inputs,
                   "::mlir::ValueRange":$inits), [{
      build($_builder, $_state, outputs, inputs, inits, EdgesAttr(),
            FlatSymbolRefAttr());
    }]>
  ];
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`outs` `(` $inits^ `:` type($inits) `)`)? attr-dict-with-keyword $body
    (`->` type($outputs)^)?
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitsMutable();
    }
    /// Whether this is the tensor form, with results.
    bool hasTensorSemantics() { return hasPureTensorSemantics(); }
    ::mlir::owl::YieldOp getYield();
    /// The type that stands in the region for an operand of `type`: a tensor
    /// for a buffer.
    static ::mlir::Type getInnerType(::mlir::Type type);
  }];
}

def Owl_ParallelForOp : Owl_Op<"parallel_for", [
    AffineScope, AutomaticAllocationScope, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Run tasks in any order, possibly at the same time";
  let description = [{
    Runs the region once for each task from 0 to `count` - 1, and ends when all
    of them have. The tasks may run at the same time on different threads: none
    may write what another one reads or writes. What a task allocates on the
    stack is its own.

    This is what the outermost loop of a group becomes where work is split over
    threads; it works on buffers.

    Example:

    ```mlir
    owl.parallel_for %count {
    ^bb0(%task: index):
      memref.store %zero, %buffer[%task] : memref<?xf32>
    }
    ```
  }];
  let arguments = (ins Index:$count);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$count attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::BlockArgument getTask() { return getBody().getArgument(0); }
  }];
}

def Owl_ParallelCallOp : Owl_Op<"parallel_call", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Call a function for each task, through the hook";
  let description = [{
    An `owl.parallel_for` whose region is a function: of the number of the task
    and of what the region used, `captures`. It is lowered to a call of the hook
    `owl_parallel_for`.

    Example:

    ```mlir
    owl.parallel_call @task to %count(%buffer, %n) : memref<f32>, index
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Index:$count,
      Variadic<AnyType>:$captures);
  let assemblyFormat = [{
    $callee `to` $count `(` $captures `)` attr-dict (`:` type($captures)^)?
  }];
}

include "owl/Dialect/Owl/IR/OwlDevices.td"

#endif // OWL_DIALECT_OWL_IR_OWLOPS_TD
