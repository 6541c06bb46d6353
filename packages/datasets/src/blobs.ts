/** Normally distributed clouds of points, as scikit-learn's `make_blobs` draws them. */

import { ArgumentError, RandomState } from "@nn/tensor";
import { checkBoolean, checkInteger, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import type { Dataset } from "./dataset.ts";
import { checkSpread, labelsOf, pointsDataset } from "./points.ts";
import type { ClassesTarget } from "./target.ts";

export interface BlobsOptions<D extends number = 2> {
  /** Points in all, dealt evenly, the first clouds taking what is left over; or those of each cloud; default 100. */
  readonly samples?: number | readonly number[];
  /** Clouds, 1 to 256, or their centres, (clouds, dimensions); default 3, or as many as `samples` lists. */
  readonly centers?: number | readonly (readonly number[])[];
  /** Dimensions of the points when no centres are given; default 2. */
  readonly features?: D;
  /** Standard deviation of all clouds, or of each; default 1. */
  readonly standardDeviation?: number | readonly number[];
  /** Where centres are drawn from when none are given; default [−10, 10]. */
  readonly centerBox?: readonly [low: number, high: number];
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Whether the points come in random order (default) or cloud after cloud. */
  readonly shuffle?: boolean;
}

/**
 * Points, float64, labelled by their cloud: equal to the last bit to `make_blobs(n_samples=samples, n_features=features,
 * centers=centers, cluster_std=standardDeviation, center_box=centerBox, shuffle=shuffle, random_state=seed)`.
 * @throws ArgumentError when there is no point, or an option is out of range or does not fit another.
 * @example makeBlobs({ samples: 300, centers: 4, seed: 0 }).target.count // 4
 */
export function makeBlobs<const D extends number = 2>(options: BlobsOptions<D> = {}): Dataset<[D], ClassesTarget> {
  checkOptions("makeBlobs", options, optionNames);
  const { samples = 100, standardDeviation = 1, centerBox = [-10, 10], seed = 0, shuffle = true } = options;
  checkNumberOrList("samples", samples);
  checkNumberOrList("standardDeviation", standardDeviation);
  const { centers = typeof samples === "number" ? 3 : samples.length, features = 2 } = options;
  checkNumberOrList("centers", centers);
  checkBoolean("makeBlobs", "shuffle", shuffle);
  checkSeed("makeBlobs", seed);
  const clouds = typeof centers === "number" ? centers : centers.length;
  checkInteger("makeBlobs", "the number of clouds", clouds, 1, 256);
  const random = new RandomState(seed);
  const middles = typeof centers === "number" ? drawCenters(random, centers, features, centerBox) : centers;
  const dimensions = middles[0]?.length ?? 0;
  checkInteger("makeBlobs", "the number of dimensions", dimensions, 1, 2 ** 16);
  if (
    middles.some((middle) => !Array.isArray(middle) || middle.length !== dimensions || !middle.every(Number.isFinite))
  ) {
    throw refuse("centers of different lengths or not finite", "as many finite numbers in each");
  }
  const counts = countEach(samples, clouds);
  const spreads = typeof standardDeviation === "number" ? new Array(clouds).fill(standardDeviation) : standardDeviation;
  if (spreads.length !== clouds) throw refuse(`${spreads.length} standard deviations`, `${clouds}, one a cloud`);
  for (const spread of spreads) checkSpread("makeBlobs", "standardDeviation", spread);
  const size = counts.reduce((sum, count) => sum + count, 0);
  const values = new Float64Array(size * dimensions);
  let filled = 0;
  for (const [cloud, count] of counts.entries()) {
    const { data } = random.normal({ scale: spreads[cloud]!, size: count * dimensions });
    for (let i = 0; i < data.length; i++) values[filled++] = middles[cloud]![i % dimensions]! + data[i]!;
  }
  return pointsDataset({
    name: "blobs",
    values,
    dimensions,
    labels: labelsOf(counts),
    classNames: counts.map((_, cloud) => String(cloud)),
    random,
    shuffle,
    noise: undefined,
  }) as unknown as Dataset<[D], ClassesTarget>;
}

const optionNames = {
  samples: true,
  centers: true,
  features: true,
  standardDeviation: true,
  centerBox: true,
  seed: true,
  shuffle: true,
} as const;

function checkNumberOrList(name: string, value: unknown): void {
  if (typeof value === "number" || Array.isArray(value)) return;
  throw refuse(`${name} ${formatValue(value)}`, "a number, or an array with one entry for each cloud");
}

function drawCenters(random: RandomState, count: number, features: number, box: readonly [number, number]): number[][] {
  if (!Array.isArray(box) || box.length !== 2) throw refuse(`centerBox ${formatValue(box)}`, "[low, high]");
  const [low, high] = box as readonly [number, number];
  checkInteger("makeBlobs", "features", features, 1, 2 ** 16);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw refuse(`centerBox [${formatValue(low)}, ${formatValue(high)}]`, "two finite numbers, the lower first");
  }
  const { data } = random.uniform({ low, high, size: count * features });
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * features, (i + 1) * features)]);
}

function countEach(samples: number | readonly number[], clouds: number): readonly number[] {
  if (typeof samples === "number") {
    checkInteger("makeBlobs", "samples", samples, 1, 2 ** 28);
    return Array.from({ length: clouds }, (_, i) => Math.floor(samples / clouds) + (i < samples % clouds ? 1 : 0));
  }
  if (samples.length !== clouds) throw refuse(`samples of ${samples.length} clouds`, `${clouds}, one a centre`);
  for (const [i, count] of samples.entries()) checkInteger("makeBlobs", `samples[${i}]`, count, 0, 2 ** 28);
  checkInteger(
    "makeBlobs",
    "samples in all",
    samples.reduce((sum, count) => sum + count, 0),
    1,
  );
  return samples;
}

function refuse(received: string, expected: string): ArgumentError {
  return new ArgumentError({ operation: "makeBlobs", received, expected });
}
