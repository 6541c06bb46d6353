/** Tensors over the arrays of rows. Copies nothing. */

import { type FloatDType, fromArray, type Shape, sizeOf, type Tensor } from "@nn/tensor";
import type { InputData, InputDType, Rows, TargetData } from "./row-arrays.ts";
import { type Target, type TargetTensor, targetShape, targetWidth } from "./target.ts";

interface RowTensors<In extends Shape, T extends Target> {
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  readonly targets: TargetTensor<T>;
  readonly weights?: Tensor<readonly [number], FloatDType>;
}

/** The inputs, targets and weights of rows as tensors over their arrays. */
export function rowTensors<In extends Shape, T extends Target>(
  { inputs, targets, weights }: Rows,
  { inputShape, target }: { readonly inputShape: In; readonly target: T },
): RowTensors<In, T> {
  return {
    inputs: inputTensor(inputs, inputShape),
    targets: targetTensor(targets, target),
    ...(weights && { weights: fromArray(weights, [weights.length]) }),
  };
}

export function inputTensor<In extends Shape>(
  data: InputData,
  inputShape: In,
): Tensor<readonly [number, ...In], InputDType> {
  const shape = [data.length / sizeOf(inputShape), ...inputShape];
  return fromArray(data as Uint8Array, shape) as unknown as Tensor<readonly [number, ...In], InputDType>;
}

export function targetTensor<T extends Target>(data: TargetData, target: T): TargetTensor<T> {
  const shape = [data.length / targetWidth(target), ...targetShape(target)];
  return fromArray(data as Uint8Array, shape) as unknown as TargetTensor<T>;
}
