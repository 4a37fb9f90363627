//===- OwlDevices.td - The devices of a fleet --------------*- tablegen -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The devices that a model is distributed over, the links between them, and
// what a distributed model is made of: transfers, and calls of other devices.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_IR_OWLDEVICES_TD
#define OWL_DIALECT_OWL_IR_OWLDEVICES_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"

// What bargaining can count on.
def Owl_PositiveSized : AttrConstraint<
    CPred<"::llvm::cast<::mlir::FloatAttr>($_self).getValueAsDouble() >= "
          "1e-30 && "
          "::llvm::cast<::mlir::FloatAttr>($_self).getValueAsDouble() <= 1e30">,
    "from 1e-30 to 1e30">;
// What takes longer than a second for each may take for ever.
def Owl_SizedAtLeastOne : AttrConstraint<
    CPred<"::llvm::cast<::mlir::FloatAttr>($_self).getValueAsDouble() >= 1 && "
          "::llvm::cast<::mlir::FloatAttr>($_self).getValueAsDouble() <= 1e30">,
    "from 1 to 1e30">;
def Owl_Positive : ConfinedAttr<F64Attr, [Owl_PositiveSized]>;
def Owl_Rate : ConfinedAttr<F64Attr, [Owl_SizedAtLeastOne]>;
def Owl_Bytes : ConfinedAttr<I64Attr, [IntPositive]>;

def Owl_DeviceOp : Owl_Op<"device", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "One device of the fleet, with its machine model";
  let description = [{
    A symbol that groups can be assigned to. `target` is what owl-translate
    takes as `--target`, but for `host`, and says what is usual there. What the device says
    itself comes before that:

    | attribute | unit | meaning |
    |---|---|---|
    | `bandwidth` | bytes a second | what goes to memory or comes from there |
    | `flops` | 1/s | additions of f32 |
    | `transcendentals` | 1/s | exponentials of f32 |
    | `launch` | s | to start a loop nest |
    | `cache` | bytes | the last cache that a core has for itself |
    | `memory` | bytes | memory for results and constants |
    | `weight` | - | bargaining power, 1 if not given |
    | `cpu` | - | what owl-translate takes as `--mcpu` |

    The time of a group follows from these: see `owl::MachineModel`.

    A device is in the module whose groups it runs, or in a module of its own
    name that is in that one.

    Example:

    ```mlir
    owl.device @rpi4 {target = "aarch64", cpu = "cortex-a72", bandwidth = 4.0e9,
                      flops = 2.4e10, launch = 2.0e-6, cache = 1048576}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target,
      OptionalAttr<StrAttr>:$cpu, OptionalAttr<Owl_Rate>:$bandwidth,
      OptionalAttr<Owl_Rate>:$flops, OptionalAttr<Owl_Rate>:$transcendentals,
      OptionalAttr<Owl_Positive>:$launch, OptionalAttr<Owl_Bytes>:$cache,
      OptionalAttr<Owl_Bytes>:$memory, OptionalAttr<Owl_Positive>:$weight);
  let assemblyFormat = "$sym_name attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The device that `name` stands for at `from`: a symbol of the module
    /// there, or of one of the same name inside of it. Null if there is none.
    static ::mlir::owl::DeviceOp lookup(::mlir::SymbolTableCollection &symbols,
                                        ::mlir::Operation *from,
                                        ::mlir::FlatSymbolRefAttr name);
    /// The device that runs `module`, which has its name. Null if there is
    /// none.
    static ::mlir::owl::DeviceOp getRunner(::mlir::ModuleOp module);
  }];
}

def Owl_LinkOp : Owl_Op<"link", [
    HasParent<"::mlir::ModuleOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "What two devices exchange data through";
  let description = [{
    A value of n bytes takes `latency` + n / `bandwidth` seconds, in either
    direction; `bandwidth` is in bytes a second. There is one link at most
    between two devices.

    Example:

    ```mlir
    owl.link @rpi4, @browser {bandwidth = 1.25e7, latency = 2.0e-3}
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$first, FlatSymbolRefAttr:$second,
      Owl_Rate:$bandwidth, Owl_Positive:$latency);
  let assemblyFormat = "$first `,` $second attr-dict";
  let hasVerifier = 1;
}

def Owl_TransferOp : Owl_Op<"transfer", [
    Pure, SameOperandsAndResultType,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Copy a value from one device to another";
  let description = [{
    The value itself, on another device. What has been sent somewhere and back
    is where it was.

    A module that is compiled for one device has no transfers: see
    `owl-merge-devices`.

    Example:

    ```mlir
    %y = owl.transfer %x from @rpi4 to @browser : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Owl_GroupTensor:$source, FlatSymbolRefAttr:$from,
      FlatSymbolRefAttr:$to);
  let results = (outs Owl_GroupTensor:$result);
  let assemblyFormat = [{
    $source `from` $from `to` $to attr-dict `:` type($result)
  }];
  let hasFolder = 1;
}

def Owl_CallOp : Owl_Op<"call", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Call a function of another module";
  let description = [{
    Calls a function of a module inside of this one: of the module that a device
    of its name runs. Tensors that come in are on that device, and so are those
    that come out.

    The shapes of results depend on those of operands alone. A size of some other
    tensor comes in as that of a tensor without elements, `tensor<?x0xi8>`, which
    is on every device:

    ```mlir
    %n = tensor.dim %x, %c0 : tensor<?x8xf32>
    %s = tensor.empty(%n) : tensor<?x0xi8>
    ```

    It is no `CallOpInterface`: upstream's passes would see through it, and move
    what they find to another device. `sccp`, for one, would put a constant that
    a function returns into the schedule, which computes nothing.

    Example:

    ```mlir
    %y = owl.call @rpi4::@main_0(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins SymbolRefAttr:$callee, Variadic<AnyType>:$operands);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    $callee `(` $operands `)` attr-dict `:` functional-type($operands, $results)
  }];
  let extraClassDeclaration = [{
    /// The type of a tensor that says a size.
    static RankedTensorType getSizeTensorType(MLIRContext *context);
  }];
}

#endif // OWL_DIALECT_OWL_IR_OWLDEVICES_TD
