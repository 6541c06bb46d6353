/** Class numbers as rows of zeros with a single one. */

import { checkDType, type DType, type FloatDType } from "../dtype.ts";
import { ArgumentError, checkInteger, DTypeError } from "../errors.ts";
import { applyOp, type Op } from "../op.ts";
import { checkOptions } from "../options.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const oneHotOp: Op<{ readonly classCount: number; readonly dtype: DType }> = {
  name: "oneHot",
  infer([labels], { classCount, dtype }) {
    if (labels!.dtype !== "uint8" && labels!.dtype !== "int32") {
      throw new DTypeError({ operation: "oneHot", received: `labels in ${labels!.dtype}`, expected: "uint8 or int32" });
    }
    return { shape: [...labels!.shape, classCount], dtype };
  },
  run([labels], output, { classCount }) {
    output.data.fill(0);
    labels!.data.forEach((label, row) => {
      if (label < 0 || label >= classCount) {
        throw new ArgumentError({
          operation: "oneHot",
          received: `label ${label} at position ${row}`,
          expected: `an integer from 0 to ${classCount - 1}`,
        });
      }
      output.data[row * classCount + label] = 1;
    });
  },
};

/**
 * Rows of zeros with a one where each label says, in `dtype` (default `"float32"`).
 * @throws ArgumentError when a label is outside 0 … classCount − 1. @throws DTypeError unless labels are uint8 or int32.
 * @example oneHot(tensor([2, 0], { dtype: "uint8" }), 3) // [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot<S extends Shape, const K extends number, D extends FloatDType = "float32">(
  labels: Tensor<S, "uint8"> | Tensor<S, "int32">,
  classCount: K,
  options: { readonly dtype?: D } = {},
): Tensor<[...S, K], D> {
  checkInteger("oneHot", "classCount", classCount, 1);
  checkOptions("oneHot", options, { dtype: true });
  const { dtype = "float32" } = options;
  checkDType("oneHot", dtype);
  return applyOp(oneHotOp, [labels], { classCount, dtype }) as unknown as Tensor<[...S, K], D>;
}
