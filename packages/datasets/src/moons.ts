/** Two interleaving half circles, as scikit-learn's `make_moons` draws them. */

import { linspace, RandomState } from "@nn/tensor";
import { checkBoolean, checkOptions, checkSeed } from "@nn/tensor/arguments";
import { cos, sin } from "@nn/tensor/math";
import type { Dataset } from "./dataset.ts";
import { checkSpread, countTwo, labelsOf, pointsDataset } from "./points.ts";
import type { ClassesTarget } from "./target.ts";

export interface MoonsOptions {
  /** Points in all (an odd one goes to the inner moon), or [outer, inner]; default 100. */
  readonly samples?: number | readonly [outer: number, inner: number];
  /** Standard deviation of the normal noise added to both coordinates; none is drawn when absent (scikit-learn's None). */
  readonly noise?: number;
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Whether the points come in random order (default) or the outer moon first. */
  readonly shuffle?: boolean;
}

/**
 * Points in the plane, float64, labelled 0 on the outer and 1 on the inner moon: equal to the last bit to
 * `make_moons(n_samples=samples, noise=noise, random_state=seed, shuffle=shuffle)`. With t evenly spaced in [0, π]:
 * outer = (cos t, sin t), inner = (1 − cos t, 1 − sin t − ½).
 * @throws ArgumentError when there is no point, or an option is out of range.
 * @example makeMoons({ samples: 200, noise: 0.2, seed: 0 }).inputs.shape // [200, 2]
 */
export function makeMoons(options: MoonsOptions = {}): Dataset<[2], ClassesTarget<2>> {
  checkOptions("makeMoons", options, { samples: true, noise: true, seed: true, shuffle: true });
  const { samples = 100, noise, seed = 0, shuffle = true } = options;
  const [outer, inner] = countTwo("makeMoons", samples);
  checkSeed("makeMoons", seed);
  checkBoolean("makeMoons", "shuffle", shuffle);
  if (noise !== undefined) checkSpread("makeMoons", "noise", noise);
  const values = new Float64Array(2 * (outer + inner));
  angles(outer).forEach((t, i) => {
    values.set([cos(t), sin(t)], 2 * i);
  });
  angles(inner).forEach((t, i) => {
    values.set([1 - cos(t), 1 - sin(t) - 0.5], 2 * (outer + i));
  });
  return pointsDataset({
    name: "moons",
    values,
    dimensions: 2,
    labels: labelsOf([outer, inner]),
    classNames: ["outer", "inner"],
    random: new RandomState(seed),
    shuffle,
    noise,
  }) as unknown as Dataset<[2], ClassesTarget<2>>;
}

const angles = (count: number): Float64Array => linspace(0, Math.PI, count, { dtype: "float64" }).data;
