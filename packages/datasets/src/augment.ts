/** Small changes to images that leave their class: moved, turned, scaled and bent a little differently in every epoch. */

import { ArgumentError, checkSeed, type Shape, ShapeError } from "@nn/tensor";
import { cos, sin } from "@nn/tensor/math";
import type { InputData } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { mapDataset, type RowContext } from "./map.ts";

export interface AugmentOptions {
  /** The furthest that an image moves along each axis, in pixels; default 0. */
  readonly shift?: number;
  /** The furthest that it turns, either way, in degrees; default 0. */
  readonly rotation?: number;
  /** The most that it grows or shrinks, as a part of its size, below 1; default 0. */
  readonly scale?: number;
  /** The furthest that a point of it is displaced by bending, in pixels; default 0. */
  readonly elastic?: number;
  /** What lies beyond the image's edge; default 0. */
  readonly background?: number;
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
}

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
export function augment<In extends Shape, K extends number>(
  data: Dataset<In, K>,
  options: AugmentOptions,
): Dataset<In, K> {
  const { shift = 0, rotation = 0, scale = 0, elastic = 0, background = 0, seed = 0 } = options;
  checkSeed("augment", seed);
  const amounts = { shift, rotation, scale, elastic };
  for (const [name, amount] of Object.entries(amounts)) {
    if (Number.isFinite(amount) && amount >= 0 && (name !== "scale" || amount < 1)) continue;
    const expected = name === "scale" ? "a number of at least 0 and below 1" : "a finite number of at least 0";
    throw new ArgumentError({ operation: "augment", received: `${name} ${String(amount)}`, expected });
  }
  const [height = 0, width = 0, channels = 1] = data.inputShape;
  if (data.inputShape.length < 2 || data.inputShape.length > 3) {
    throw new ShapeError({
      operation: "augment",
      received: `inputs of shape [${data.inputShape.join(", ")}]`,
      expected: "images of shape [height, width] or [height, width, channels]",
    });
  }
  const size = { height, width, channels };
  const map = (input: InputData, out: InputData, { index, epoch }: RowContext) => {
    warp(input, out, size, drawWarp(amounts, new CounterRandom(seed, epoch, index)), background);
  };
  const parameters = `shift=${shift},rotation=${rotation},scale=${scale},elastic=${elastic},background=${background}`;
  return mapDataset<In, K>(data, map, { step: `augment@1(${parameters},seed=${seed})` });
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

function warp(input: InputData, out: InputData, size: Size, { a, b, dx, dy, grid }: Warp, background: number): void {
  const { height, width, channels } = size;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const round = out instanceof Uint8Array;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = [x - centreX, y - centreY];
      let sourceX = a * fromX + b * fromY + centreX - dx;
      let sourceY = a * fromY - b * fromX + centreY - dy;
      if (grid !== undefined) {
        sourceX += bend(grid, 0, x / Math.max(1, width - 1), y / Math.max(1, height - 1));
        sourceY += bend(grid, 1, x / Math.max(1, width - 1), y / Math.max(1, height - 1));
      }
      for (let channel = 0; channel < channels; channel++) {
        const value = sample(input, size, channel, sourceX, sourceY, background);
        out[(y * width + x) * channels + channel] = round ? Math.floor(value + 0.5) : value;
      }
    }
  }
}

function sample(input: InputData, size: Size, channel: number, x: number, y: number, background: number): number {
  const { height, width, channels } = size;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [x - left, y - top];
  const at = (row: number, column: number) =>
    row < 0 || row >= height || column < 0 || column >= width
      ? background
      : input[(row * width + column) * channels + channel]!;
  const upper = at(top, left) * (1 - right) + (right === 0 ? 0 : at(top, left + 1) * right);
  if (bottom === 0) return upper;
  return upper * (1 - bottom) + (at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right) * bottom;
}

/** One axis of the displacement at (u, v) in [0, 1]², smooth between the points of the grid. */
function bend(grid: Float64Array, axis: 0 | 1, u: number, v: number): number {
  const [x, y] = [u * (gridPoints - 1), v * (gridPoints - 1)];
  const [column, row] = [Math.min(gridPoints - 2, Math.floor(x)), Math.min(gridPoints - 2, Math.floor(y))];
  const [s, t] = [smooth(x - column), smooth(y - row)];
  const at = (i: number, j: number) => grid[2 * ((row + i) * gridPoints + column + j) + axis]!;
  return (at(0, 0) * (1 - s) + at(0, 1) * s) * (1 - t) + (at(1, 0) * (1 - s) + at(1, 1) * s) * t;
}

const smooth = (t: number): number => t * t * (3 - 2 * t);

/** Numbers from [−1, 1) as a function of (seed, epoch, index) and how many were drawn. */
class CounterRandom {
  #state: number;

  constructor(seed: number, epoch: number, index: number) {
    this.#state = mix(seed ^ mix(epoch ^ mix(index ^ 0x9e3779b9)));
  }

  // Weyl sequence through the finaliser of MurmurHash3, as SplitMix does it in 64 bits.
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state) / 2 ** 31 - 1;
  }
}

function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
