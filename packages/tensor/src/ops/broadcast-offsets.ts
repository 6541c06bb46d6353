/** Where the elements of a stretched array come from: what every loop over tensors of unlike shapes walks by. */

import { type Shape, stridesOf } from "../shape.ts";

/** For each row (last axis) of `to`, where its first element comes from in an array of shape `from` stretched to `to`. */
export function broadcastOffsets(from: Shape, to: Shape): (row: number) => number {
  const lead = to.slice(0, -1);
  const missing = to.length - from.length;
  const fromStrides = stridesOf(from);
  const strides = lead.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : fromStrides[axis - missing]!,
  );
  return (row) => {
    let offset = 0;
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      const length = lead[axis]!;
      offset += (row % length) * strides[axis]!;
      row = Math.floor(row / length);
    }
    return offset;
  };
}
