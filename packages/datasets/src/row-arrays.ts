/** The arrays that hold rows: inputs, targets and, where rows count differently, weights. */

import type { DType, FloatDType } from "@nn/tensor";

/** The dtypes that inputs come in. */
export type InputDType = "float64" | "float32" | "uint8";

/** The arrays that inputs come in. */
export type InputData = Float64Array | Float32Array | Uint8Array;

/** The arrays that targets come in. */
export type TargetData = InputData | Int32Array;

export type WeightData = Float64Array | Float32Array;

/** Targets, (rows, targetWidth) row-major, and weights (rows), each 1 where absent. */
export interface RowTargets {
  readonly targets: TargetData;
  readonly weights?: WeightData;
}

/** Rows in memory: copies, or views of rows that lay together. `inputs` is (rows, width) row-major. */
export interface Rows extends RowTargets {
  readonly inputs: InputData;
}

/** What one row holds. */
export interface RowFormat {
  /** Values of inputs in a row. */
  readonly width: number;
  readonly dtype: InputDType;
  /** Numbers of the target in a row. */
  readonly targetWidth: number;
  readonly targetDType: DType;
  /** Undefined where rows have no weights. */
  readonly weightDType: FloatDType | undefined;
}

/** The class of array for each dtype of inputs. */
export const inputArrays: {
  readonly float64: Float64ArrayConstructor;
  readonly float32: Float32ArrayConstructor;
  readonly uint8: Uint8ArrayConstructor;
} = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array };

/** The class of array for each dtype. */
export const arrays: typeof inputArrays & { readonly int32: Int32ArrayConstructor } = {
  ...inputArrays,
  int32: Int32Array,
};

/** Room for `count` rows. */
export function newRows(format: RowFormat, count: number): Rows {
  const { width, dtype, targetWidth, targetDType, weightDType } = format;
  return {
    inputs: new inputArrays[dtype](count * width) as InputData,
    targets: new arrays[targetDType](count * targetWidth) as TargetData,
    ...(weightDType !== undefined && { weights: new arrays[weightDType](count) as WeightData }),
  };
}

/** Copies the target and weight of row `row` to row `at` of `into`. */
export function copyTarget(from: RowTargets, row: number, into: RowTargets, at: number, targetWidth: number): void {
  const { targets, weights } = into;
  if (targetWidth === 1) targets[at] = from.targets[row]!;
  else {
    for (let i = 0; i < targetWidth; i++) targets[at * targetWidth + i] = from.targets[row * targetWidth + i]!;
  }
  if (weights !== undefined) weights[at] = from.weights?.[row] ?? 1;
}

/** Views of the targets and weights of rows `from` … `to` − 1. */
export function sliceTargets(
  { targets, weights }: RowTargets,
  from: number,
  to: number,
  targetWidth: number,
): RowTargets {
  return {
    targets: targets.subarray(from * targetWidth, to * targetWidth),
    ...(weights && { weights: weights.subarray(from, to) }),
  };
}

/** Copies all targets and weights of `from` into `into` from row `at` on. */
export function setTargets(from: RowTargets, into: RowTargets, at: number, targetWidth: number): void {
  into.targets.set(from.targets, at * targetWidth);
  if (into.weights === undefined) return;
  if (from.weights !== undefined) into.weights.set(from.weights, at);
  else into.weights.fill(1, at, at + from.targets.length / targetWidth);
}

/** The values of `array` in memory of their own. */
export function copyOf<A extends TargetData>(array: A): A {
  // Not slice: that of a Buffer copies nothing.
  const copy = new arrays[dtypeOf(array)](array.length);
  copy.set(array);
  return copy as TargetData as A;
}

/** The dtype of what an array holds. */
export function dtypeOf(array: InputData): InputDType;
export function dtypeOf(array: TargetData): DType;
export function dtypeOf(array: TargetData): DType {
  if (array instanceof Uint8Array) return "uint8";
  if (array instanceof Int32Array) return "int32";
  return array instanceof Float32Array ? "float32" : "float64";
}
