/** What rounds come to: medians, how far they spread, and ratios with an interval of confidence. */

import { RandomState } from "@nn/tensor";
import { median, quantile } from "simple-statistics";

export interface Spread {
  readonly median: number;
  /** Half of the rounds lie between. */
  readonly quartiles: readonly [number, number];
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values];
  return { median: median(sorted), quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)] };
}

export interface Ratio {
  /** Median over median, of the rounds that both have. */
  readonly ratio: number;
  /** Of 95 % confidence, by the bootstrap. */
  readonly interval: readonly [number, number];
}

const RESAMPLES = 2000;

/**
 * `values` against `baseline`. Value i of both is from round i: rounds are drawn together, so that what slowed both
 * cancels. Where one has fewer rounds, the other's last ones do not enter.
 */
export function ratioOf(values: readonly number[], baseline: readonly number[]): Ratio {
  const rounds = Math.min(values.length, baseline.length);
  const ratioIn = (drawn: readonly number[]): number =>
    median(drawn.map((i) => values[i]!)) / median(drawn.map((i) => baseline[i]!));
  const random = new RandomState(0);
  const ratios = Array.from({ length: RESAMPLES }, () => ratioIn([...random.randint(0, rounds, [rounds]).data]));
  return {
    ratio: ratioIn(Array.from({ length: rounds }, (_, i) => i)),
    interval: [quantile(ratios, 0.025), quantile(ratios, 0.975)],
  };
}
