/** A circle within a circle, as scikit-learn's `make_circles` draws them. */

import { RandomState } from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions, checkSeed } from "@nn/tensor/arguments";
import { cos, sin } from "@nn/tensor/math";
import type { Dataset } from "./dataset.ts";
import { checkSpread, countTwo, labelsOf, pointsDataset } from "./points.ts";
import type { ClassesTarget } from "./target.ts";

export interface CirclesOptions {
  /** Points in all (an odd one goes to the inner circle), or [outer, inner]; default 100. */
  readonly samples?: number | readonly [outer: number, inner: number];
  /** Standard deviation of the normal noise added to both coordinates; none is drawn when absent (scikit-learn's None). */
  readonly noise?: number;
  /** Radius of the inner circle, 0 ≤ factor < 1; that of the outer is 1. Default 0.8. */
  readonly factor?: number;
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Whether the points come in random order (default) or the outer circle first. */
  readonly shuffle?: boolean;
}

/**
 * Points in the plane, float64, labelled 0 on the outer and 1 on the inner circle: equal to the last bit to
 * `make_circles(n_samples=samples, noise=noise, factor=factor, random_state=seed, shuffle=shuffle)`. With t evenly spaced
 * in [0, 2π): outer = (cos t, sin t), inner = factor · (cos t, sin t).
 * @throws ArgumentError when there is no point, or an option is out of range.
 * @example makeCircles({ samples: 200, noise: 0.05, factor: 0.5, seed: 0 }).inputs.shape // [200, 2]
 */
export function makeCircles(options: CirclesOptions = {}): Dataset<[2], ClassesTarget<2>> {
  checkOptions("makeCircles", options, { samples: true, noise: true, factor: true, seed: true, shuffle: true });
  const { samples = 100, noise, factor = 0.8, seed = 0, shuffle = true } = options;
  const [outer, inner] = countTwo("makeCircles", samples);
  checkSeed("makeCircles", seed);
  checkBoolean("makeCircles", "shuffle", shuffle);
  if (noise !== undefined) checkSpread("makeCircles", "noise", noise);
  checkFiniteNumber("makeCircles", "factor", factor, { atLeast: 0, below: 1 });
  const values = new Float64Array(2 * (outer + inner));
  for (const [count, first, radius] of [
    [outer, 0, 1],
    [inner, outer, factor],
  ] as const) {
    const step = (2 * Math.PI) / count;
    for (let i = 0; i < count; i++) values.set([cos(i * step) * radius, sin(i * step) * radius], 2 * (first + i));
  }
  return pointsDataset({
    name: "circles",
    values,
    dimensions: 2,
    labels: labelsOf([outer, inner]),
    classNames: ["outer", "inner"],
    random: new RandomState(seed),
    shuffle,
    noise,
  }) as unknown as Dataset<[2], ClassesTarget<2>>;
}
