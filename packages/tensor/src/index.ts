/**
 * Tensors with shapes in their types, operations with derivatives, and functions of them traced, differentiated and
 * compiled. No I/O, no clock, no hidden randomness.
 */

export type { Backend, Program, StoredValue } from "./backend/backend.ts";
export { reference } from "./backend/reference/reference.ts";
export { type WasmBackend, type WasmOptions, type WasmProgram, wasm } from "./backend/wasm/wasm.ts";
export { bytesPerElement, type DataOf, type DType, type DTypeOf, type FloatDType } from "./dtype.ts";
export {
  ArgumentError,
  checkInteger,
  checkSeed,
  DTypeError,
  type ErrorFields,
  type ErrorText,
  type Mismatch,
  ShapeError,
  type Valid,
} from "./errors.ts";
export { fromJson, type JsonNumber, type TensorJson } from "./from-json.ts";
export { type CompiledStep, type CompileOptions, compile, compileStep } from "./graph/compile.ts";
export { grad, gradients, type ValueAndGradient, valueAndGrad } from "./graph/grad.ts";
export { type Graph, type Node, type TensorType, topologicalOrder } from "./graph/graph.ts";
export { type Trace, trace } from "./graph/trace.ts";
export { leavesOf, mapTree, type Tree } from "./graph/tree.ts";
export { relu, sigmoid, tanh } from "./ops/activation.ts";
export { abs, add, divide, maximum, minimum, multiply, negative, square, subtract } from "./ops/arithmetic.ts";
export { broadcastTo } from "./ops/broadcast-to.ts";
export { cast } from "./ops/cast.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./ops/comparison.ts";
export { type Concatenated, concat } from "./ops/concat.ts";
export type { BinaryFunction, Comparison, FloatFunction, UnaryFunction } from "./ops/elementwise.ts";
export { exp, log, sqrt } from "./ops/exponential.ts";
export { argmax, max, min } from "./ops/extremum.ts";
export { type MatmulShape, matmul } from "./ops/matmul.ts";
export { mean } from "./ops/mean.ts";
export { oneHot } from "./ops/one-hot.ts";
export type { FloatReductionFunction, Reduced, ReductionFunction, ReductionOptions } from "./ops/reduction.ts";
export { type KnownSizes, reshape } from "./ops/reshape.ts";
export { type Range, type Sliced, slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { type SumFunction, sum } from "./ops/sum.ts";
export { type Permuted, type Reversed, transpose } from "./ops/transpose.ts";
export { type UniformOptions, uniform } from "./ops/uniform.ts";
export { where } from "./ops/where.ts";
export { zerosLike } from "./ops/zeros-like.ts";
export { type Exchangeable, RandomState, type ShapeOfSize, type Size } from "./random/random-state.ts";
export {
  type Broadcast,
  type FormatShape,
  formatShape,
  type Shape,
  type ShapeOr,
  sameShape,
  sizeOf,
} from "./shape.ts";
export {
  arange,
  eye,
  fromArray,
  full,
  linspace,
  type Nested,
  ones,
  type ShapeOfNested,
  Tensor,
  tensor,
  zeros,
} from "./tensor.ts";
