//===- OwlBase.td - The owl dialect and its types ----------*- tablegen -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect itself, the element types and shaped types its ops accept, and
// the attributes they carry.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_IR_OWLBASE_TD
#define OWL_DIALECT_OWL_IR_OWLBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Owl_Dialect : Dialect {
  let name = "owl";
  let cppNamespace = "::mlir::owl";
  let summary = "Memory-intensive tensor operations";
  let description = [{
    The `owl` dialect holds the memory-intensive operations of deep-learning
    models: reductions over any set of axes, and repetitions of elements or of
    whole arrays. Element-wise work stays in `arith`, `math` and `linalg`.

    Every op has a *tensor form* with value semantics, which is what users
    write and what passes rewrite, and a *buffer form* on memrefs with a
    destination (`into`), which bufferization produces:

    ```mlir
    %s = owl.reduce <sum> %x axes = [0, 2] : tensor<8x64x49xf32> -> tensor<64xf32>
    owl.reduce <sum> %x into %s axes = [0, 2] : memref<8x64x49xf32> -> memref<64xf32>
    ```

    Numerics are those of NumPy and ONNX. `max` and `min` propagate NaN. Sums
    of f16 and bf16 accumulate in f32, sums of f32 in f64; integer sums wrap in
    the declared type. An empty `sum` is 0 and an empty `prod` is 1; `max`,
    `min`, `argmax` and `argmin` of nothing are an error. `argmax` and `argmin`
    give the first extreme. Signless integers are signed unless the op says
    `unsigned`; i1 is always unsigned.

    A `math.exp` may carry `owl.nonpositive`, which says that its argument is at
    most 0 or NaN. Simplification finds that of `exp(x - max(x))`. Where an
    `arith.divf` divides that by its sum, it carries `owl.fraction`: it divides
    a number of 0 to 1 by one that is at least 1, or one of them is NaN.

    A function may carry `owl.home`, the symbol of the `owl.device` that calls
    it: there its arguments are and its results go, and so are its groups before
    `owl-assign-devices` distributes them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
  let discardableAttrs = (ins "::mlir::UnitAttr":$nonpositive,
                              "::mlir::UnitAttr":$fraction,
                              "::mlir::FlatSymbolRefAttr":$home);
  let hasOperationAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
}

// The element types of tensors and buffers.
def Owl_Float : AnyTypeOf<[F16, BF16, F32, F64], "f16, bf16, f32 or f64">;
def Owl_Element
    : AnyTypeOf<[F16, BF16, F32, F64, I1, I8, I16, I32, I64, UI8, UI16, UI32,
                 UI64],
                "f16, bf16, f32, f64, i1, i8, i16, i32, i64, ui8, ui16, ui32 "
                "or ui64">;

def Owl_Tensor : RankedTensorOf<[Owl_Element]>;
def Owl_Buffer : MemRefOf<[Owl_Element]>;
def Owl_Shaped : AnyTypeOf<[Owl_Tensor, Owl_Buffer]>;
// What element-wise ops make in a group may also be indices.
def Owl_GroupTensor : RankedTensorOf<[Owl_Element, Index]>;
def Owl_GroupBuffer : MemRefOf<[Owl_Element, Index]>;

def Owl_ReduceKind : I32EnumAttr<"ReduceKind", "how a reduction combines", [
  I32EnumAttrCase<"Sum", 0, "sum">,
  I32EnumAttrCase<"Prod", 1, "prod">,
  I32EnumAttrCase<"Max", 2, "max">,
  I32EnumAttrCase<"Min", 3, "min">,
  I32EnumAttrCase<"Mean", 4, "mean">,
  I32EnumAttrCase<"SumSq", 5, "sumsq">,
  I32EnumAttrCase<"L1", 6, "l1">,
  I32EnumAttrCase<"L2", 7, "l2">,
  I32EnumAttrCase<"LogSum", 8, "logsum">,
  I32EnumAttrCase<"LogSumExp", 9, "logsumexp">,
  I32EnumAttrCase<"Any", 10, "any">,
  I32EnumAttrCase<"All", 11, "all">,
  I32EnumAttrCase<"ArgMax", 12, "argmax">,
  I32EnumAttrCase<"ArgMin", 13, "argmin">,
  I32EnumAttrCase<"Variance", 14, "variance">
]> {
  let cppNamespace = "::mlir::owl";
  let genSpecializedAttr = 0;
}

def Owl_ReduceKindAttr : EnumAttr<Owl_Dialect, Owl_ReduceKind, "reduce_kind"> {
  let assemblyFormat = ?;
  let hasCustomAssemblyFormat = 1;
}

def Owl_Edges : I32EnumAttr<"Edges",
    "what is done about a value that is needed more than once", [
  I32EnumAttrCase<"Auto", 0, "auto">,
  I32EnumAttrCase<"Recompute", 1, "recompute">,
  I32EnumAttrCase<"Buffer", 2, "buffer">,
  I32EnumAttrCase<"Materialise", 3, "materialise">
]> {
  let cppNamespace = "::mlir::owl";
  let genSpecializedAttr = 0;
}

def Owl_EdgesAttr : EnumAttr<Owl_Dialect, Owl_Edges, "edges"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // OWL_DIALECT_OWL_IR_OWLBASE_TD
