/** Two interleaving half circles, as scikit-learn's `make_moons` draws them. */

import { ArgumentError, checkInteger, checkSeed, linspace, RandomState, Tensor } from "@nn/tensor";
import { cos, sin } from "@nn/tensor/math";
import { type Dataset, datasetFromArrays } from "./dataset.ts";

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
export function makeMoons(options: MoonsOptions = {}): Dataset<[2], 2> {
  const { samples = 100, noise, seed = 0, shuffle = true } = options;
  const [outer, inner] = countPoints(samples);
  checkSeed("makeMoons", seed);
  if (noise !== undefined && !(Number.isFinite(noise) && noise >= 0)) {
    throw new ArgumentError({
      operation: "makeMoons",
      received: `noise ${String(noise)}`,
      expected: "a finite number of at least 0",
    });
  }
  const random = new RandomState(seed);
  const size = outer + inner;
  // The order of draws is scikit-learn's: first the order of the points, then the noise, row by row.
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  if (shuffle) random.shuffle(order);
  const points = new Float64Array(2 * size);
  const labels = new Uint8Array(size);
  const x = [...arc(outer, (t) => cos(t)), ...arc(inner, (t) => 1 - cos(t))];
  const y = [...arc(outer, (t) => sin(t)), ...arc(inner, (t) => 1 - sin(t) - 0.5)];
  order.forEach((from, to) => {
    points[2 * to] = x[from]!;
    points[2 * to + 1] = y[from]!;
    labels[to] = from < outer ? 0 : 1;
  });
  if (noise !== undefined) {
    const { data } = random.normal({ scale: noise, size: 2 * size });
    for (let i = 0; i < points.length; i++) points[i]! += data[i]!;
  }
  return datasetFromArrays({
    name: "moons",
    inputs: new Tensor<readonly [number, 2], "float64">([size, 2], "float64", { data: points }),
    labels,
    classNames: ["outer", "inner"],
  }) as Dataset<[2], 2>;
}

function arc(count: number, coordinate: (angle: number) => number): Float64Array {
  return linspace(0, Math.PI, count, { dtype: "float64" }).data.map(coordinate);
}

function countPoints(samples: number | readonly [number, number]): readonly [number, number] {
  if (typeof samples === "number") {
    checkInteger("makeMoons", "samples", samples, 1, 2 ** 28);
    return [Math.floor(samples / 2), Math.ceil(samples / 2)];
  }
  const [outer, inner] = samples;
  checkInteger("makeMoons", "samples[0]", outer, 0, 2 ** 28);
  checkInteger("makeMoons", "samples[1]", inner, 0, 2 ** 28);
  checkInteger("makeMoons", "samples[0] + samples[1]", outer + inner, 1);
  return [outer, inner];
}
