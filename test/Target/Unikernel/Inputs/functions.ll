; The functions whose signatures are in functions.mlir: each exercises one thing
; that an image must get right.

; y[i] = 2 * x[i]
define i32 @owl_double(ptr %x, ptr %y, i64 %n, ptr %workspace) {
entry:
  %empty = icmp sle i64 %n, 0
  br i1 %empty, label %exit, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %from = getelementptr float, ptr %x, i64 %i
  %to = getelementptr float, ptr %y, i64 %i
  %value = load float, ptr %from
  %twice = fadd float %value, %value
  store float %twice, ptr %to
  %next = add i64 %i, 1
  %done = icmp eq i64 %next, %n
  br i1 %done, label %exit, label %loop
exit:
  ret i32 0
}
define i64 @owl_double_workspace_size(i64 %n) {
  ret i64 0
}
define void @owl_double_out_shape(i32 %result, i64 %n, ptr %shape) {
  store i64 %n, ptr %shape
  ret void
}

; z[i, j] = x[i] * y[j], and the number of products. A negative dimension is
; status 1.
define i32 @owl_outer(ptr %x, ptr %y, ptr %z, ptr %count, i64 %m, i64 %n,
                      ptr %workspace) {
entry:
  %either = or i64 %m, %n
  %negative = icmp slt i64 %either, 0
  br i1 %negative, label %bad, label %begin
bad:
  ret i32 1
begin:
  %total = mul i64 %m, %n
  store i64 %total, ptr %count
  %empty = icmp eq i64 %total, 0
  br i1 %empty, label %exit, label %loop
loop:
  %k = phi i64 [ 0, %begin ], [ %next, %loop ]
  %i = udiv i64 %k, %n
  %j = urem i64 %k, %n
  %xi = getelementptr i32, ptr %x, i64 %i
  %yj = getelementptr i32, ptr %y, i64 %j
  %a = load i32, ptr %xi
  %b = load i32, ptr %yj
  %product = mul i32 %a, %b
  %to = getelementptr i32, ptr %z, i64 %k
  store i32 %product, ptr %to
  %next = add i64 %k, 1
  %done = icmp eq i64 %next, %total
  br i1 %done, label %exit, label %loop
exit:
  ret i32 0
}
define i64 @owl_outer_workspace_size(i64 %m, i64 %n) {
  ret i64 0
}
define void @owl_outer_out_shape(i32 %result, i64 %m, i64 %n, ptr %shape) {
  %isFirst = icmp eq i32 %result, 0
  br i1 %isFirst, label %first, label %exit
first:
  store i64 %m, ptr %shape
  %second = getelementptr i64, ptr %shape, i64 1
  store i64 %n, ptr %second
  ret void
exit:
  ret void
}

; A static shape, in one vector: y = x + 1.
define i32 @owl_increment(ptr %x, ptr %y, ptr %workspace) {
  %value = load <6 x double>, ptr %x, align 16
  %sum = fadd <6 x double> %value, splat (double 1.0)
  store <6 x double> %sum, ptr %y, align 16
  ret i32 0
}
define i64 @owl_increment_workspace_size() {
  ret i64 0
}

; A copy of two elements of each type.
define i32 @owl_types(ptr %x0, ptr %x1, ptr %x2, ptr %x3, ptr %x4, ptr %x5, ptr
                     %x6, ptr %x7, ptr %x8, ptr %x9, ptr %x10, ptr %x11, ptr
                     %x12, ptr %y0, ptr %y1, ptr %y2, ptr %y3, ptr %y4, ptr %y5,
                     ptr %y6, ptr %y7, ptr %y8, ptr %y9, ptr %y10, ptr %y11, ptr
                     %y12, ptr %ws) {
  %v0 = load <2 x i8>, ptr %x0
  store <2 x i8> %v0, ptr %y0
  %v1 = load <2 x i8>, ptr %x1
  store <2 x i8> %v1, ptr %y1
  %v2 = load <2 x i16>, ptr %x2
  store <2 x i16> %v2, ptr %y2
  %v3 = load <2 x i32>, ptr %x3
  store <2 x i32> %v3, ptr %y3
  %v4 = load <2 x i64>, ptr %x4
  store <2 x i64> %v4, ptr %y4
  %v5 = load <2 x i8>, ptr %x5
  store <2 x i8> %v5, ptr %y5
  %v6 = load <2 x i16>, ptr %x6
  store <2 x i16> %v6, ptr %y6
  %v7 = load <2 x i32>, ptr %x7
  store <2 x i32> %v7, ptr %y7
  %v8 = load <2 x i64>, ptr %x8
  store <2 x i64> %v8, ptr %y8
  %v9 = load <2 x i16>, ptr %x9
  store <2 x i16> %v9, ptr %y9
  %v10 = load <2 x i16>, ptr %x10
  store <2 x i16> %v10, ptr %y10
  %v11 = load <2 x i32>, ptr %x11
  store <2 x i32> %v11, ptr %y11
  %v12 = load <2 x i64>, ptr %x12
  store <2 x i64> %v12, ptr %y12
  ret i32 0
}
define i64 @owl_types_workspace_size() {
  ret i64 0
}

; Returns its argument as the status.
define i32 @owl_status(ptr %x, ptr %y, ptr %workspace) {
  %status = load i32, ptr %x
  store i32 %status, ptr %y
  ret i32 %status
}
define i64 @owl_status_workspace_size() {
  ret i64 0
}

; Writes x backwards into the workspace, and from there to y.
define i32 @owl_reverse(ptr %x, ptr %y, i64 %n, ptr %workspace) {
entry:
  %empty = icmp sle i64 %n, 0
  br i1 %empty, label %exit, label %first
first:
  %i = phi i64 [ 0, %entry ], [ %nextI, %first ]
  %from = getelementptr float, ptr %x, i64 %i
  %value = load float, ptr %from
  %nextI = add i64 %i, 1
  %back = sub i64 %n, %nextI
  %kept = getelementptr float, ptr %workspace, i64 %back
  store volatile float %value, ptr %kept
  %half = icmp eq i64 %nextI, %n
  br i1 %half, label %second, label %first
second:
  %j = phi i64 [ 0, %first ], [ %nextJ, %second ]
  %again = getelementptr float, ptr %workspace, i64 %j
  %copy = load volatile float, ptr %again
  %to = getelementptr float, ptr %y, i64 %j
  store float %copy, ptr %to
  %nextJ = add i64 %j, 1
  %done = icmp eq i64 %nextJ, %n
  br i1 %done, label %exit, label %second
exit:
  ret i32 0
}
define i64 @owl_reverse_workspace_size(i64 %n) {
  %bytes = shl i64 %n, 2
  ret i64 %bytes
}
define void @owl_reverse_out_shape(i32 %result, i64 %n, ptr %shape) {
  store i64 %n, ptr %shape
  ret void
}

; The eight bytes from x + 1 on.
define i32 @owl_unaligned(ptr %x, ptr %y, i64 %n, ptr %workspace) {
  %from = getelementptr i8, ptr %x, i64 1
  %value = load volatile i64, ptr %from, align 1
  store i64 %value, ptr %y
  ret i32 0
}
define i64 @owl_unaligned_workspace_size(i64 %n) {
  ret i64 0
}

; More memory than there is.
define i32 @owl_huge(ptr %x, ptr %y, i64 %n, ptr %workspace) {
  ret i32 0
}
define i64 @owl_huge_workspace_size(i64 %n) {
  ret i64 0
}

; Reads the memory at an address.
define i32 @owl_load(ptr %x, ptr %y, ptr %workspace) {
  %address = load i64, ptr %x
  %from = inttoptr i64 %address to ptr
  %value = load volatile i64, ptr %from
  store i64 %value, ptr %y
  ret i32 0
}
define i64 @owl_load_workspace_size() {
  ret i64 0
}

; An instruction that nobody should meet.
define i32 @owl_trap(ptr %workspace) {
  call void @llvm.trap()
  ret i32 0
}
define i64 @owl_trap_workspace_size() {
  ret i64 0
}
declare void @llvm.trap()

; Calls itself as many times as x says, with a frame of 1 KiB each time.
define internal i64 @recurse(i64 %n) noinline {
entry:
  %frame = alloca [1024 x i8]
  store volatile i64 %n, ptr %frame
  %last = icmp eq i64 %n, 0
  br i1 %last, label %exit, label %again
again:
  %less = sub i64 %n, 1
  %result = call i64 @recurse(i64 %less)
  %more = add i64 %result, 1
  store volatile i64 %more, ptr %frame
  ret i64 %more
exit:
  ret i64 0
}
define i32 @owl_recurse(ptr %x, ptr %y, ptr %workspace) {
  %n = load i64, ptr %x
  %result = call i64 @recurse(i64 %n)
  store i64 %result, ptr %y
  ret i32 0
}
define i64 @owl_recurse_workspace_size() {
  ret i64 0
}
