//===- Passes.td - Passes over the owl dialect -------------*- tablegen -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites of tensor programs that stay on tensors.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_TRANSFORMS_PASSES_TD
#define OWL_DIALECT_OWL_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def StripSignedness : Pass<"owl-strip-signedness", "::mlir::ModuleOp"> {
  let summary = "Replace unsigned integer types by signless ones";
  let description = [{
    `arith`, `linalg` and LLVM know only signless integers, and put the sign
    into the op. This pass does the same for `owl`: every `ui8` becomes `i8` and
    each `owl.reduce` of such a source gets `unsigned`. Afterwards no value,
    attribute or signature of the module mentions an unsigned type.

    `tosa.cast` of an unsigned source becomes the op of `arith` that it stands
    for; other ops of TOSA take all integers to be signed (`owl-verify-model`
    refuses those that would be wrong). A `builtin.unrealized_conversion_cast`
    or `tensor.bitcast` between `ui8` and `i8` vanishes.

    ```mlir
    %m = owl.reduce <max> %x axes = [0] : tensor<4xui8> -> tensor<ui8>
    %c = tosa.cast %x : (tensor<4xui8>) -> tensor<4xf32>
    // becomes
    %m = owl.reduce <max> %x axes = [0] unsigned : tensor<4xi8> -> tensor<i8>
    %c = arith.uitofp %x : tensor<4xi8> to tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def InsertShapeChecks
    : Pass<"owl-insert-shape-checks", "::mlir::func::FuncOp"> {
  let summary = "Assert of dynamic shapes what verifiers check of static ones";
  let description = [{
    Inserts a `cf.assert` for each pair of dynamic dimensions that an op takes
    to be equal, and what the ops of `owl` and `tensor` need to hold at run time
    (`RuntimeVerifiableOpInterface`). Static shapes cost nothing.

    Of integers and indices, which sizes are computed from, it rewrites the
    divisions so that they divide by 1 where they would divide by 0: a size is
    computed before any check is made, and that of an `scf.if` from both
    branches. A `select` of the divisor does that.

    Where a slice lies that is taken or inserted in a loop is not checked: that
    may depend on how often the loop has run, and the status is known before.

    To run before element-wise ops are fused, while each op still has its own
    operands.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::index::IndexDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def ProtectArguments
    : Pass<"owl-protect-arguments", "::mlir::func::FuncOp"> {
  let summary = "Mark the tensor arguments of functions as read-only";
  let description = [{
    Sets `bufferization.writable = false` on every tensor argument, so that One
    Shot Bufferize copies what it would otherwise overwrite: the C interface
    passes arguments as pointers to const.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
}

def CarryInPlace : Pass<"owl-carry-in-place", "::mlir::func::FuncOp"> {
  let summary = "Let loops carry tensors in one buffer";
  let description = [{
    One-Shot Bufferize takes from a loop only what is in the buffer of what it
    was given: a new one for each iteration would have to be freed. So the
    tensors that the bodies of `scf.for` and `scf.while` yield are copied there,
    after all are computed. Where one of them may be in the buffer of another,
    as when two are swapped, it is saved first. What an inner loop has carried
    on in the same buffer stays there.

    Asserts that dynamic dimensions stay the same. To run right before empty
    tensors are eliminated and the program is bufferized, which removes most of
    the copies.

    ```mlir
    %r = scf.for %i = %l to %u step %s iter_args(%a = %x) -> tensor<4xf32> {
      %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
      scf.yield %y : tensor<4xf32>
    }
    // becomes
    %r = scf.for %i = %l to %u step %s iter_args(%a = %x) -> tensor<4xf32> {
      %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
      %z = bufferization.materialize_in_destination %y in %a
          : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      scf.yield %z : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::tensor::TensorDialect"
  ];
}

def FoldEmptyTensors
    : Pass<"owl-fold-empty-tensors", "::mlir::func::FuncOp"> {
  let summary = "Replace what is known to have no elements by tensor.empty";
  let description = [{
    Nothing is left to compute where a type says that there are no elements.
    memref has no form for some such ops: a group of dimensions that
    `collapse_shape` merges may not hold a 0 beside a dynamic size, and
    `subview` takes no slice at the end of a dimension of size 0.

    The checks of shapes (`owl-insert-shape-checks`) come before this pass,
    which removes the ops that would fail them.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def SplatsToFill : Pass<"owl-splats-to-fill", "::mlir::func::FuncOp"> {
  let summary = "Compute large splat constants instead of storing them";
  let description = [{
    Replaces a constant of one repeated value by `linalg.fill` where it has more
    than 64 bytes as it is stored (an i1 takes one), which is what the loop that
    fills a buffer takes. Groups take no memory for constants, and keep them.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def VerifyModel : Pass<"owl-verify-model", "::mlir::ModuleOp"> {
  let summary = "Check that a model can be compiled";
  let description = [{
    Changes nothing. Fails, with one diagnostic at the op, where a model uses an
    op of another dialect than owl, arith, func, linalg, math, scf, tensor and
    tosa (but for affine.apply, affine.min and affine.max, which tiling makes,
    and builtin.unrealized_conversion_cast between ui8 and i8 and the like), an
    op that Owl has no loops for (tensor.gather, scf.forall and the like) or that
    `--threads` makes (owl.parallel_for, owl.parallel_call), an op of TOSA on
    unsigned integers that takes them to be signed, a rounding mode other than
    to nearest even, or a type without code generation: unranked or encoded
    tensors, complex numbers, odd integer widths, more bytes than 64 bits count.

    So it does of recursion, of calls of functions without a body, and where
    inlining all calls would make more than 100000 ops, or nest more than 16
    loops that carry tensors: upstream's analysis of them is exponential.
  }];
}

def DecomposeAggregates
    : Pass<"owl-decompose-aggregates", "::mlir::func::FuncOp"> {
  let summary = "Take linalg ops apart that are made of others";
  let description = [{
    Replaces ops with the `AggregatedOpInterface`, such as `linalg.softmax`, by
    what they are made of.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"
  ];
}

def Simplify : Pass<"owl-simplify"> {
  let summary = "Bring tensor programs into their simplest form";
  let description = [{
    Common subexpressions and dead code go. The canonical forms of `owl`,
    `tensor`, `arith` and `affine`, and the rewrites below, are applied until
    nothing changes; then what is written out of reductions is recognised, in one
    walk of the program. Values stay those of NumPy, or come nearer to what they
    stand for. Each recognition is a remark.

    **Linalg is raised.** A reduction by a combiner that is a primitive kind
    becomes `owl.reduce`, global pooling included, and a broadcast that is
    reduced `owl.repeat`.

    **Reductions are recognised** in any mixture of ops on tensors and of
    `linalg.generic`: means, variances (in one pass where that saves reading
    memory again), norms and logarithms of sums.

    ```mlir
    %e = math.exp %x : tensor<4x8xf32>
    %s = owl.reduce <sum> %e axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
    %l = math.log %s : tensor<4xf32>
    // becomes
    %l = owl.reduce <logsumexp> %x axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
    ```

    In `exp(x - max(x))`, `math.exp` gets the attribute `owl.nonpositive`, and
    what divides it by its sum `owl.fraction`.

    **Axes merge.** Adjacent axes along which an op does the same become one and
    axes of one element vanish. `tensor.collapse_shape` and
    `tensor.expand_shape`, which move no data, surround the smaller op. No
    reduction has `keep_dims` afterwards.

    ```mlir
    %m = owl.reduce <max> %x axes = [2, 3] keep_dims
        : tensor<8x64x7x7xf32> -> tensor<8x64x1x1xf32>
    // becomes
    %c = tensor.collapse_shape %x [[0, 1], [2, 3]]
        : tensor<8x64x7x7xf32> into tensor<512x49xf32>
    %r = owl.reduce <max> %c axes = [1] : tensor<512x49xf32> -> tensor<512xf32>
    %m = tensor.expand_shape %r [[0, 1, 2, 3]] output_shape [8, 64, 1, 1]
        : tensor<512xf32> into tensor<8x64x1x1xf32>
    ```

    **Element-wise work sinks below repetition.** An `arith`, `math`,
    `linalg.map` or `linalg.generic` op whose tensor operands are all repeated in the same way, or
    are splats, is done once per source element.

    ```mlir
    %r = owl.repeat %x by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
    %e = math.exp %r : tensor<3x8xf32>
    // becomes
    %e = math.exp %x : tensor<3x4xf32>
    %r = owl.repeat %e by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
    ```

    Before: owl and linalg ops in tensor form; others are left alone. After: the
    same, in canonical form.
  }];
  let options = [
    Option<"mergeAxes", "merge-axes", "bool", /*default=*/"true",
           "Merge axes: the loops of a group do so by themselves">,
    Option<"checked", "checked", "bool", /*default=*/"false",
           "Whether shapes have been checked (owl-insert-shape-checks), so that "
           "linalg ops of dynamic shapes may be replaced">,
    Option<"onePassBytes", "one-pass-bytes", "uint64_t", /*default=*/"8388608",
           "From how many bytes on, which no cache holds for a second pass, mean "
           "and variance are computed in one">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::owl::OwlDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def Fuse : Pass<"owl-fuse", "::mlir::func::FuncOp"> {
  let summary = "Form fusion groups";
  let description = [{
    Puts reductions, repetitions, reshapes and element-wise ops that can share
    loops (see `owl::Axes`) into `owl.group`s. An op joins the groups of what
    it uses, which become one, or a group that reads the same tensor, unless

    - a value would have to leave the group and come back: groups are convex;
    - they have no loops in common: sizes that are not known to be equal, or an
      element that is needed at two places;
    - it multiplies rows that wait in the group for a reduction: of which several
      would no longer share what they are multiplied by.

    What is kept between two ops of a group, and how, is decided when it is
    lowered, where the loops and the device are known; `edges` forces one choice
    for all. Takes time in proportion to the number of ops.

    The limits keep the time to compile near-linear, and cost little: all devices
    of `MachineModel.cpp` do 1 to 3 additions in the time that a byte takes from
    memory. So a group of 256 additions for an element, of which 8 bytes or so
    are read and written, gains a tenth at most from one more op.

    A remark `fused` says for each group what `machine` takes for it, and for its
    ops one by one, in seconds; one of the kind missed, `apart`, why an op is in
    another group than some that it uses, and what it takes to write and read
    what lies between. Unknown sizes count as 1024.

    Before: tensors. After: the same, with groups; their destinations are
    `tensor.empty`.
  }];
  let options = [
    Option<"maxOps", "max-ops", "unsigned", /*default=*/"64",
           "The most ops that a group may have">,
    Option<"maxCost", "max-cost", "unsigned", /*default=*/"256",
           "The most arithmetic that a group may have for one element, in "
           "additions: those of owl::kFunctionAdditions for a function">,
    Option<"edges", "edges", "std::string", /*default=*/"\"auto\"",
           "What is done about a value that is needed more than once: auto, "
           "recompute, buffer or materialise">,
    Option<"machine", "machine", "std::string", /*default=*/"\"x86_64\"",
           "The target whose machine model remarks are about, and figures that "
           "replace its own: x86_64:flops=1e11">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::owl::OwlDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def RaiseContractions
    : Pass<"owl-raise-contractions", "::mlir::func::FuncOp"> {
  let summary = "Make sums of products, and of windows, owl.reduce ops";
  let description = [{
    A `linalg.generic` that adds up products of elements of several tensors, such
    as what a matrix product becomes, is made an element-wise product over all of
    its loops and an `owl.reduce <sum>` of that. `owl-fuse`, which has to follow,
    keeps the two in one group, so that the product is never in memory, and takes
    in what comes before and after.

    A tensor that is read at sums of indices, by a convolution, is first seen
    through an `owl.window`, and so is one that is read at two places. A pooling
    becomes the `owl.reduce` of windows.

    Loops stay in the order of the result. Those that are reduced are inside of
    all: where inputs lie along the innermost of them, or where short rows along
    the last loop of the result serve several points of it. Else they are just
    outside of the last one.

    Not raised: what has no input that lies along the last loop or the innermost
    one, because upstream's loops are as fast, and the extremes of windows of
    unknown size.

    Before: named ops as `linalg.generic`, on tensors. After: the same.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::owl::OwlDialect", "::mlir::tensor::TensorDialect"
  ];
}

def AssignDevices : Pass<"owl-assign-devices", "::mlir::ModuleOp"> {
  let summary = "Share the groups fairly among the devices";
  let description = [{
    Gives each `owl.group` of the functions' blocks the attribute `device`. What
    is in no group is put into groups first, as `owl-fuse` does; an op with loops
    of its own becomes a group of one. Ops that cannot be in groups go where the
    first tensor that they use is, constants and windows are made wherever
    they are used, and scalars are computed by the caller.

    Groups that are alike are one category (see `owl::Categories`). What a device
    takes for it, and what fusion saves there, is predicted by the machine model
    (see `owl::GroupPricing`): these are the figures of a bargaining problem,
    whose solution, in whole instances, is the Nash bargaining solution. A device
    keeps what it has of a category, and gets instances that follow one another,
    so that few bytes go from one device to another. Then times get what
    transfers take, on average over the instances of a category, and the devices
    bargain again, three times at most, as long as the plan gets better.

    Each time, and once more at the end, the plan is improved group by group: one
    moves, alone or with others that it exchanges values with, or two change
    places. What counts first is that no limit is exceeded and nobody has less
    than at home, then how many devices gain, the product of the gains, how few
    groups have left home, how soon the last device ends, and how little is sent.
    Times are those with what is really sent: a device receives a value once.

    The limit on time is `slack` more than the last device needs in the fastest
    plan that is found in which nobody has less than at home.

    `owl.home`, on a function, names the device that its groups are on before:
    none is to gain less than there. Without it that is nothing, and the first
    device of the module calls the function.

    A remark `assigned` says for each group its device, category, variant, and
    the seconds that it takes and saves there; `deadline`, of the kind missed,
    that the last device ends later than `slack` allows after the fastest plan
    of all, and who would lose what it has at home there; `stopped`, that the
    solver came no nearer. There is always a limit on time, which the solver
    `proportional-response` of owl-bargain does not know.

    Before: tensors, calls inlined. After: every group of a function's block has
    a device.
  }];
  let options = [
    Option<"solver", "solver", "std::string", /*default=*/"\"interior-point\"",
           "How the bargaining problem is solved: interior-point, "
           "distributed-newton or subgradient">,
    Option<"utility", "utility", "std::string", /*default=*/"\"capped\"",
           "What devices want: capped (the time that fusion saves), saved-bytes "
           "(the bytes), or diminishing (the time, less for each further "
           "instance of a category)">,
    Option<"slack", "slack", "double", /*default=*/"0.1",
           "By how much the last device may end later than in the fastest plan">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::owl::OwlDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def PrintPlan : Pass<"owl-print-plan", "::mlir::ModuleOp"> {
  let summary = "Print what an assignment of groups to devices is worth";
  let description = [{
    Changes nothing. Prints to standard output, before anything else, what each
    device gets by the plan that groups carry, the prices of categories, and two
    bounds: on the makespan of any plan that fits memory, and on the Nash product
    of any that keeps all limits. They are those in fractions of instances, without
    transfers, and by the latter the geometric mean of the gains could be larger
    by a factor that is printed, at most. Beside the plan stand those of
    other ways to distribute the groups: `round-robin`, `longest-first` (the
    least makespan, greedily), `heft`, `utilitarian` and `max-min` (of fractions,
    and from there on of whole groups, within the limits), the `fastest` that is
    found, and `home`. The times of all of them are those with what is really sent:
    the makespan is what the device takes that is busy longest. Of each it says
    whether nobody loses, and whether it keeps the limit on time and what memory
    devices have.

    JSON has all that these times follow from, too.

    The options have to be those of owl-assign-devices.

    Before: groups with devices. After: the same.
  }];
  let options = [
    Option<"table", "table", "bool", /*default=*/"false",
           "Print for people, which is what happens by itself">,
    Option<"json", "json", "bool", /*default=*/"false", "Print JSON">,
    Option<"solver", "solver", "std::string", /*default=*/"\"interior-point\"",
           "See owl-assign-devices">,
    Option<"utility", "utility", "std::string", /*default=*/"\"capped\"",
           "See owl-assign-devices">,
    Option<"slack", "slack", "double", /*default=*/"0.1",
           "See owl-assign-devices">
  ];
}

def Partition : Pass<"owl-partition", "::mlir::ModuleOp"> {
  let summary = "Make a module for each device";
  let description = [{
    Each run of ops on one device becomes a public function of a module with the
    name of the device, which moves into it. What is left of a function is a
    schedule, for the device that calls it: one `owl.call` after the other, and
    an `owl.transfer` for each link that a tensor goes over. A tensor goes to a
    device once. What is cheap, as constants, windows and scalars are, is made
    by each function that needs it, and a size of a tensor that stays elsewhere
    comes as that of a tensor without elements. Arguments come from `owl.home`, the first device where there is
    none, and results go there.

    ```mlir
    owl.device @a {target = "x86_64"}
    owl.device @b {target = "aarch64"}
    owl.link @a, @b {bandwidth = 1.25e8, latency = 1.0e-4}
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %e = tensor.empty() : tensor<8xf32>
      %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>)
          attributes {device = @b} { ... } -> tensor<8xf32>
      return %y : tensor<8xf32>
    }
    // becomes
    owl.device @a {target = "x86_64"}
    module @b {
      owl.device @b {target = "aarch64"}
      func.func @f_0(%x: tensor<8xf32>) -> tensor<8xf32> { ... }
    }
    owl.link @a, @b {bandwidth = 1.25e8, latency = 1.0e-4}
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %t = owl.transfer %x from @a to @b : tensor<8xf32>
      %u = owl.call @b::@f_0(%t) : (tensor<8xf32>) -> tensor<8xf32>
      %y = owl.transfer %u from @b to @a : tensor<8xf32>
      return %y : tensor<8xf32>
    }
    ```

    `owl-verify-partition` says whether nothing has been lost, and
    `owl-merge-devices` undoes it all.

    Before: groups with devices. After: no ops outside of the modules of devices
    but the steps of schedules. Nothing happens to a module without devices.
  }];
  let dependentDialects = ["::mlir::owl::OwlDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def VerifyPartition : Pass<"owl-verify-partition", "::mlir::ModuleOp"> {
  let summary = "Check that a model is distributed well";
  let description = [{
    Changes nothing. Fails, with one diagnostic at the op, where a module with
    devices has an op outside of their modules that is no step of a schedule, a group in the module
    of another device, a function of a device that is not called once, a tensor
    that is used on another device than it is on, or a transfer where there is no
    link.

    ```mlir
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> attributes {owl.home = @a} {
      %y = owl.call @b::@f_0(%x) : (tensor<8xf32>) -> tensor<8xf32>
      // error: 'owl.call' op expects tensors on @b, got one on @a
      return %y : tensor<8xf32>
    }
    // passes as
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> attributes {owl.home = @a} {
      %t = owl.transfer %x from @a to @b : tensor<8xf32>
      %u = owl.call @b::@f_0(%t) : (tensor<8xf32>) -> tensor<8xf32>
      %y = owl.transfer %u from @b to @a : tensor<8xf32>
      return %y : tensor<8xf32>
    }
    ```
  }];
  let options = [
    Option<"once", "once", "bool", /*default=*/"true",
           "Whether each function of a device has to be called once">
  ];
}

def MergeDevices : Pass<"owl-merge-devices", "::mlir::ModuleOp"> {
  let summary = "Make a module for a fleet one for a single device";
  let description = [{
    Undoes `owl-assign-devices` and `owl-partition`: the functions of the modules
    of devices move out of them, calls of them are ordinary ones, and what says
    where something is goes: transfers, devices and links. So every pipeline of
    one target takes any module.

    ```mlir
    owl.device @a {target = "x86_64"}
    module @b {
      owl.device @b {target = "aarch64"}
      func.func @f_0(%x: tensor<8xf32>) -> tensor<8xf32> { ... }
    }
    owl.link @a, @b {bandwidth = 1.25e8, latency = 1.0e-4}
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> attributes {owl.home = @a} {
      %t = owl.transfer %x from @a to @b : tensor<8xf32>
      %u = owl.call @b::@f_0(%t) : (tensor<8xf32>) -> tensor<8xf32>
      %y = owl.transfer %u from @b to @a : tensor<8xf32>
      return %y : tensor<8xf32>
    }
    // becomes
    func.func private @f_0(%x: tensor<8xf32>) -> tensor<8xf32> { ... }
    func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %u = call @f_0(%x) : (tensor<8xf32>) -> tensor<8xf32>
      return %u : tensor<8xf32>
    }
    ```

    Before: anything. After: a module without devices, which computes the same.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def DissolveGroups : Pass<"owl-dissolve-groups", "::mlir::func::FuncOp"> {
  let summary = "Put the ops of groups back where the groups are";
  let description = [{
    Undoes `owl-fuse`, so that other passes see the ops as users write them.

    Before: groups on tensors. After: none.
  }];
}

def Bufferize : Pass<"owl-bufferize", "::mlir::ModuleOp"> {
  let summary = "One-Shot Bufferize, but for the regions of groups";
  let description = [{
    Upstream's `one-shot-bufferize` across function boundaries, with identity
    layouts there. The regions of `owl.group` stay on tensors.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ElementwiseToLinalg
    : Pass<"owl-elementwise-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn element-wise ops on tensors into linalg.generic";
  let description = [{
    As `convert-elementwise-to-linalg`, but folds nothing on the way: folders of
    arith turn `x ^ x` on a dynamic tensor into a constant, which has no size.
    To run before anything canonicalizes.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ResolveDims : Pass<"owl-resolve-dims", "::mlir::func::FuncOp"> {
  let summary = "Compute sizes from the sizes of arguments";
  let description = [{
    Replaces each `tensor.dim` of a result whose op can tell the size
    (`ReifyRankedShapedTypeOpInterface`) by that size. As
    `resolve-shaped-type-result-dims`, in time that grows with the number of ops
    and not with its square.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def FuseElementwise : Pass<"owl-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Fuse element-wise linalg.generic ops up to a limit";
  let description = [{
    As `linalg-fuse-elementwise-ops`, but leaves two ops apart where together
    they would do more for an element than `max-cost`, and where a product of
    matrices would call the functions of an operand again for each use. By then it is arithmetic
    that takes the time, and not the memory between them; and the time to
    compile grows faster than the body of a loop.
  }];
  let options = [
    Option<"maxCost", "max-cost", "unsigned", /*default=*/"160",
           "The most arithmetic for an element, in additions: that of eight "
           "functions">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // OWL_DIALECT_OWL_TRANSFORMS_PASSES_TD
