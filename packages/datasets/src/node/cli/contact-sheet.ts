/** A picture of a dataset: a row a class, its first images side by side. */

import { ArgumentError, checkInteger, type Shape, ShapeError } from "@nn/tensor";
import type { Dataset } from "../../dataset.ts";
import { plural } from "../../plural.ts";
import { loadSharp } from "../../prepare/load-sharp.ts";
import type { ClassesTarget } from "../../target.ts";

const gap = 2;

/**
 * The bytes of a PNG. Images larger than 64 pixels are scaled down by leaving pixels out.
 * @throws ShapeError when inputs are no greyscale images.
 */
export async function contactSheet(data: Dataset<Shape, ClassesTarget>, perClass: number): Promise<Uint8Array> {
  checkInteger("inspect", "--per-class", perClass, 1, 1000);
  const [height = 0, width = 0, channels = 0] = data.inputShape;
  if (data.inputShape.length !== 3 || channels !== 1) {
    throw new ShapeError({
      operation: "inspect",
      received: `inputs of shape [${data.inputShape.join(", ")}]`,
      expected: "images of shape [height, width, 1]",
    });
  }
  const step = Math.max(1, Math.ceil(Math.max(height, width) / 64));
  const tile = { height: Math.ceil(height / step), width: Math.ceil(width / step) };
  const sheet = {
    width: perClass * (tile.width + gap) + gap,
    height: data.target.count * (tile.height + gap) + gap,
    channels: 1 as const,
  };
  if (sheet.width * sheet.height > 2 ** 26) {
    throw new ArgumentError({
      operation: "inspect",
      received: `${plural(data.target.count, "class")} of ${plural(perClass, "image")}`,
      expected: "a sheet of at most 2²⁶ pixels",
    });
  }
  const pixels = new Uint8Array(sheet.width * sheet.height).fill(96);
  const chosen = firstOfEach(data, perClass);
  const rows = chosen.flat();
  const images = rows.length === 0 ? undefined : data.subset(rows).inputs.data;
  let image = 0;
  for (const [label, indices] of chosen.entries()) {
    for (const position of indices.keys()) {
      const top = gap + label * (tile.height + gap);
      const left = gap + position * (tile.width + gap);
      const start = image++ * height * width;
      for (let y = 0; y < tile.height; y++) {
        for (let x = 0; x < tile.width; x++) {
          pixels[(top + y) * sheet.width + left + x] = images![start + y * step * width + x * step]!;
        }
      }
    }
  }
  const open = await loadSharp();
  return await open(pixels, { raw: sheet }).toColourspace("b-w").png().toBuffer();
}

function firstOfEach(data: Dataset<Shape, ClassesTarget>, perClass: number): number[][] {
  const chosen: number[][] = Array.from({ length: data.target.count }, () => []);
  for (const [row, label] of data.targets.data.entries()) {
    if (chosen[label]!.length < perClass) chosen[label]!.push(row);
  }
  return chosen;
}
