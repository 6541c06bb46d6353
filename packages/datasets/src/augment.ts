/** Small changes to images that leave their targets: moved, turned, scaled and bent a little differently in every epoch. */

import { ArgumentError, type Shape, ShapeError } from "@nn/tensor";
import { checkFiniteNumber, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import { cos, sin } from "@nn/tensor/math";
import type { Dataset } from "./dataset.ts";
import { hashSeed } from "./hash-seed.ts";
import { inputDType, MappedDataset, type RowContext } from "./map.ts";
import type { InputData } from "./row-arrays.ts";
import { checkDataset, type Target } from "./target.ts";

export interface AugmentOptions {
  /** The furthest that an image moves along each axis, in pixels; default 0. */
  readonly shift?: number;
  /** The furthest that it turns, either way, in degrees; default 0. */
  readonly rotation?: number;
  /** The most that it grows or shrinks, as a part of its size, below 1; default 0. */
  readonly scale?: number;
  /** The furthest that a point of it is displaced by bending, in pixels; default 0. */
  readonly elastic?: number;
  /** What lies beyond the image's edge: a finite number, from 0 to 255 where inputs are uint8; default 0. */
  readonly background?: number;
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
}

const optionNames = {
  shift: true,
  rotation: true,
  scale: true,
  elastic: true,
  background: true,
  seed: true,
} as const;

/** Points along each side between which bending is interpolated. */
const gridPoints = 5;

/**
 * `data` with images of shape [height, width] or [height, width, channels] changed at random in `batches`: a function of
 * (seed, epoch, number of the row) alone, the same on every machine, and whatever the size and order of batches. Amounts
 * are drawn evenly from [−most, most]; values between pixels are interpolated from the four around. `inputs` are those of
 * epoch 0.
 * @throws ShapeError when inputs are no images. @throws ArgumentError for an amount out of range.
 * @example augment(train, { shift: 2, rotation: 10, scale: 0.1, elastic: 1.5, seed: 0 })
 */
export function augment<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  options: AugmentOptions,
): Dataset<In, T> {
  checkDataset("augment", data);
  checkOptions("augment", options, optionNames);
  const { shift = 0, rotation = 0, scale = 0, elastic = 0, background = 0, seed = 0 } = options;
  checkSeed("augment", seed);
  const amounts = { shift, rotation, scale, elastic };
  for (const [name, amount] of Object.entries(amounts)) {
    checkFiniteNumber("augment", name, amount, { atLeast: 0, ...(name === "scale" && { below: 1 }) });
  }
  const dtype = inputDType(data);
  const isByte = background >= 0 && background <= 255;
  if (!Number.isFinite(background) || (dtype === "uint8" && !isByte)) {
    const expected = dtype === "uint8" ? "a number from 0 to 255 for uint8 images" : "a finite number";
    throw new ArgumentError({ operation: "augment", received: `background ${formatValue(background)}`, expected });
  }
  const [height = 0, width = 0, channels = 1] = data.inputShape;
  if (data.inputShape.length < 2 || data.inputShape.length > 3) {
    throw new ShapeError({
      operation: "augment",
      received: `inputs of shape [${data.inputShape.join(", ")}]`,
      expected: "images of shape [height, width] or [height, width, channels]",
    });
  }
  const canvas = new Canvas({ height, width, channels }, background);
  const map = (input: InputData, out: InputData, { index, epoch }: RowContext) => {
    canvas.draw(input);
    render(canvas, out, drawWarp(amounts, new CounterRandom(seed, epoch, index)));
  };
  const parameters = `shift=${shift},rotation=${rotation},scale=${scale},elastic=${elastic},background=${background}`;
  const step = `augment@1(${parameters},seed=${seed})`;
  const { inputShape } = data;
  return new MappedDataset<In, T>(data as unknown as Dataset<Shape, T>, map, { inputShape, step, augment: options });
}

interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Where in the image a pixel of the new one comes from: p = A · (q − centre) + centre + offset + bend(q). */
interface Warp {
  readonly a: number;
  readonly b: number;
  readonly dx: number;
  readonly dy: number;
  /** (gridPoints, gridPoints, 2) displacements; absent without bending. */
  readonly grid?: Float64Array;
}

function drawWarp(
  { shift, rotation, scale, elastic }: Required<Pick<AugmentOptions, "shift" | "rotation" | "scale" | "elastic">>,
  random: CounterRandom,
): Warp {
  const dx = shift * random.next();
  const dy = shift * random.next();
  const angle = (rotation * random.next() * Math.PI) / 180;
  const factor = 1 / (1 + scale * random.next());
  const warp = { a: cos(angle) * factor, b: sin(angle) * factor, dx, dy };
  if (elastic === 0) return warp;
  return { ...warp, grid: Float64Array.from({ length: 2 * gridPoints ** 2 }, () => elastic * random.next()) };
}

/** Writes into `out` the image that `canvas` holds, seen through the warp. */
function render(canvas: Canvas, out: InputData, { a, b, dx, dy, grid }: Warp): void {
  const { height, width, channels, pixels, stride, background, rows, bends, ink } = canvas;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const isBent = grid !== undefined;
  // No point is bent further than the grid's points are.
  const reach = isBent ? 1 + canvas.bend(grid) : 1;
  const minX = ink.left - reach;
  const maxX = ink.right + reach;
  const minY = ink.top - reach;
  const maxY = ink.bottom + reach;
  // An integer array cuts off what is behind the point.
  const half = out instanceof Uint8Array ? 0.5 : 0;
  for (let channel = 0; channel < channels; channel++) {
    const origin = canvas.originOf(channel);
    let next = channel;
    for (let y = 0; y < height; y++) {
      const fromY = y - centreY;
      const above = rows.cell[y]! * 2 * width;
      const below = above + 2 * width;
      const t = rows.weight[y]!;
      for (let x = 0; x < width; x++, next += channels) {
        const fromX = x - centreX;
        let sourceX = a * fromX + b * fromY + centreX - dx;
        let sourceY = a * fromY - b * fromX + centreY - dy;
        if (sourceX <= minX || sourceX >= maxX || sourceY <= minY || sourceY >= maxY) {
          out[next] = background + half;
          continue;
        }
        if (isBent) {
          sourceX += bends[above + 2 * x]! * (1 - t) + bends[below + 2 * x]! * t;
          sourceY += bends[above + 2 * x + 1]! * (1 - t) + bends[below + 2 * x + 1]! * t;
          // Whatever lies further out is background, as the margin is.
          sourceX = sourceX > -1 ? (sourceX < width ? sourceX : width) : -1;
          sourceY = sourceY > -1 ? (sourceY < height ? sourceY : height) : -1;
        }
        const left = Math.floor(sourceX) | 0;
        const top = Math.floor(sourceY) | 0;
        const right = sourceX - left;
        const bottom = sourceY - top;
        const at = origin + top * stride + left;
        const upper = pixels[at]! * (1 - right) + pixels[at + 1]! * right;
        const lower = pixels[at + stride]! * (1 - right) + pixels[at + stride + 1]! * right;
        out[next] = upper * (1 - bottom) + lower * bottom + half;
      }
    }
  }
}

/**
 * Room for one image at a time, channel after channel, each with a margin of background: one pixel before it on either
 * axis and two behind.
 */
class Canvas {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Float64Array;
  /** Values from one row of `pixels` to the next. */
  readonly stride: number;
  /** For each row of the image, the two rows of the grid that bend it. */
  readonly rows: Cells;
  /** (gridPoints, width, 2): the displacements on the rows of the grid, at each column of the image. */
  readonly bends: Float64Array;
  readonly background: number;
  /** The rows and columns between which all lies that is not background. */
  readonly ink: { left: number; right: number; top: number; bottom: number } = { left: 0, right: 0, top: 0, bottom: 0 };
  readonly #columns: Cells;

  constructor({ height, width, channels }: Size, background: number) {
    this.background = background;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.stride = width + 3;
    this.pixels = new Float64Array(channels * (height + 3) * this.stride).fill(background);
    this.rows = cellsOf(height);
    this.#columns = cellsOf(width);
    this.bends = new Float64Array(gridPoints * width * 2);
  }

  /** Where in `pixels` a channel of the image begins. */
  originOf(channel: number): number {
    return (channel * (this.height + 3) + 1) * this.stride + 1;
  }

  /** Takes the image, (height, width, channels). */
  draw(image: InputData): void {
    const { height, width, channels, pixels, stride, background } = this;
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let channel = 0; channel < channels; channel++) {
      const origin = this.originOf(channel);
      for (let y = 0, next = channel; y < height; y++) {
        const row = origin + y * stride;
        let first = width;
        let last = -1;
        for (let x = 0; x < width; x++, next += channels) {
          const value = image[next]!;
          pixels[row + x] = value;
          if (value === background) continue;
          if (last < 0) first = x;
          last = x;
        }
        if (last < 0) continue;
        left = Math.min(left, first);
        right = Math.max(right, last);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    Object.assign(this.ink, { left, right, top, bottom });
  }

  /** Fills `bends` from the displacements of a grid (gridPoints, gridPoints, 2), and gives the largest of them. */
  bend(grid: Float64Array): number {
    const { cell, weight } = this.#columns;
    for (let row = 0, next = 0; row < gridPoints; row++) {
      for (let x = 0; x < this.width; x++) {
        const at = 2 * (row * gridPoints + cell[x]!);
        const s = weight[x]!;
        this.bends[next++] = grid[at]! * (1 - s) + grid[at + 2]! * s;
        this.bends[next++] = grid[at + 1]! * (1 - s) + grid[at + 3]! * s;
      }
    }
    return grid.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }
}

/** For every pixel along a side, the point of the grid before it and how much of the next one it takes. */
interface Cells {
  readonly cell: Uint8Array;
  readonly weight: Float64Array;
}

function cellsOf(size: number): Cells {
  const cell = new Uint8Array(size);
  const weight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = (i / Math.max(1, size - 1)) * (gridPoints - 1);
    cell[i] = Math.min(gridPoints - 2, Math.floor(at));
    const t = at - cell[i]!;
    // Smooth between the points of the grid.
    weight[i] = t * t * (3 - 2 * t);
  }
  return { cell, weight };
}

/** Numbers from [−1, 1) as a function of (seed, epoch, index) and how many were drawn. */
class CounterRandom {
  #state: number;

  constructor(seed: number, epoch: number, index: number) {
    this.#state = hashSeed(seed ^ hashSeed(epoch ^ hashSeed(index ^ 0x9e3779b9)));
  }

  // Weyl sequence through the finaliser of MurmurHash3, as SplitMix does it in 64 bits.
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return hashSeed(this.#state) / 2 ** 31 - 1;
  }
}
