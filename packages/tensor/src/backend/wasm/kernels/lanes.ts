/**
 * Elementwise operations on four lanes: how each is emitted, and which roles operations play in fusion. A lane value is a
 * float32, an int32 (uint8 values are widened when loaded), or a mask, the form that a comparison's 0 and 1 take inside a
 * kernel: no bits or all bits.
 */

import type { DType } from "../../../dtype.ts";
import type { Node } from "../../../graph/graph.ts";
import { sameShape, sizeOf } from "../../../shape.ts";
import type { V128 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { expF32x4, logF32x4, sigmoidF32x4, tanhF32x4 } from "./float32-math.ts";

export type LaneKind = "f32" | "i32" | "mask";

/** A value of four lanes held in a local. */
export interface Lanes {
  readonly kind: LaneKind;
  readonly local: Local<"v128">;
}

type Emitter = (f: FunctionBuilder, ...inputs: readonly V128[]) => V128;

const float: { readonly [op: string]: Emitter } = {
  add: (_, a, b) => f32x4.add(a!, b!),
  subtract: (_, a, b) => f32x4.sub(a!, b!),
  multiply: (_, a, b) => f32x4.mul(a!, b!),
  divide: (_, a, b) => f32x4.div(a!, b!),
  maximum: (_, a, b) => f32x4.max(a!, b!),
  minimum: (_, a, b) => f32x4.min(a!, b!),
  negative: (_, x) => f32x4.neg(x!),
  abs: (_, x) => f32x4.abs(x!),
  square: (_, x) => f32x4.mul(x!, x!),
  sqrt: (_, x) => f32x4.sqrt(x!),
  // pmax(x, 0) is x for NaN and for −0, as x < 0 ? 0 : x is.
  relu: (_, x) => f32x4.pmax(x!, f32x4.const(0)),
  exp: (f, x) => expF32x4(f, x!),
  log: (f, x) => logF32x4(f, x!),
  tanh: (f, x) => tanhF32x4(f, x!),
  sigmoid: (f, x) => sigmoidF32x4(f, x!),
  broadcastTo: (_, x) => x!,
};

const floatComparison: { readonly [op: string]: Emitter } = {
  equal: (_, a, b) => f32x4.eq(a!, b!),
  notEqual: (_, a, b) => f32x4.ne(a!, b!),
  less: (_, a, b) => f32x4.lt(a!, b!),
  lessEqual: (_, a, b) => f32x4.le(a!, b!),
  greater: (_, a, b) => f32x4.gt(a!, b!),
  greaterEqual: (_, a, b) => f32x4.ge(a!, b!),
};

/** On int32; also on uint8 for comparisons. */
const integer: { readonly [op: string]: (a: V128, b: V128) => V128 } = {
  add: i32x4.add,
  subtract: i32x4.sub,
  multiply: i32x4.mul,
  square: (x) => i32x4.mul(x, x),
  maximum: i32x4.maxS,
  minimum: i32x4.minS,
  negative: i32x4.neg,
  abs: i32x4.abs,
  relu: (x) => i32x4.maxS(x, i32x4.const(0)),
  broadcastTo: (x) => x,
};

const integerComparison: { readonly [op: string]: (a: V128, b: V128) => V128 } = {
  equal: i32x4.eq,
  notEqual: (a, b) => v128.not(i32x4.eq(a, b)),
  less: (a, b) => i32x4.gtS(b, a),
  lessEqual: (a, b) => v128.not(i32x4.gtS(a, b)),
  greater: i32x4.gtS,
  greaterEqual: (a, b) => v128.not(i32x4.gtS(b, a)),
};

/** Whether the operation is computed on lanes, and whether it is cheap enough to be computed wherever it is read. */
export function laneRole(node: Node): "elementwise" | "inline" | undefined {
  const op = node.op!.name;
  const dtypes = node.inputs.map((input) => input.dtype);
  const all = (dtype: DType): boolean => dtypes.every((each) => each === dtype);
  if (op in float && all("float32")) return op === "broadcastTo" ? "inline" : "elementwise";
  if (op in floatComparison && all("float32")) return "inline";
  if (op in integer && all("int32")) return op === "broadcastTo" ? "inline" : "elementwise";
  if (op in integerComparison && all("int32")) return "inline";
  const unstretched = node.inputs.every(({ shape }) => sizeOf(shape) === 1 || sameShape(shape, node.shape));
  if (op in integerComparison && all("uint8") && unstretched) return "inline";
  if (op === "where" && (node.dtype === "float32" || node.dtype === "int32")) return "elementwise";
  if (op === "cast" && node.dtype === "float32" && dtypes[0] !== "float64") return "elementwise";
  if (op === "cast" && node.dtype === "int32" && dtypes[0] === "uint8") return "inline";
  return undefined;
}

/** The lanes of an elementwise operation. */
export function emitLanes(f: FunctionBuilder, node: Node, inputs: readonly Lanes[]): Lanes {
  const op = node.op!.name;
  const values = inputs.map((input) => input.local.get);
  if (op === "where") {
    const chosen = v128.bitselect(asInteger(inputs[1]!), asInteger(inputs[2]!), asMask(inputs[0]!));
    return { kind: node.dtype === "float32" ? "f32" : "i32", local: f.let(chosen) };
  }
  if (op === "cast")
    return node.dtype === "float32"
      ? { kind: "f32", local: f.let(asFloat(inputs[0]!)) }
      : { kind: "i32", local: f.let(asInteger(inputs[0]!)) };
  if (op in floatComparison) {
    const [a, b] = inputs as readonly [Lanes, Lanes];
    const comparison =
      a.kind === "f32" ? floatComparison[op]!(f, ...values) : integerComparison[op]!(asInteger(a), asInteger(b));
    return { kind: "mask", local: f.let(comparison) };
  }
  if (node.dtype === "int32") return { kind: "i32", local: f.let(integer[op]!(values[0]!, values[1]!)) };
  return { kind: "f32", local: f.let(float[op]!(f, ...values)) };
}

/** The lanes as their dtype has them in memory: a mask as 0 and 1. */
export function storedForm(lanes: Lanes): V128 {
  return lanes.kind === "mask" ? asInteger(lanes) : lanes.local.get;
}

function asMask(lanes: Lanes): V128 {
  return lanes.kind === "mask" ? lanes.local.get : v128.not(i32x4.eq(lanes.local.get, i32x4.const(0)));
}

function asInteger(lanes: Lanes): V128 {
  return lanes.kind === "mask" ? v128.and(lanes.local.get, i32x4.const(1)) : lanes.local.get;
}

function asFloat(lanes: Lanes): V128 {
  if (lanes.kind === "mask") return v128.and(lanes.local.get, f32x4.const(1));
  return lanes.kind === "i32" ? f32x4.convertI32x4S(lanes.local.get) : lanes.local.get;
}
