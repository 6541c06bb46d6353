/** The results of one case, as they are written and printed. */

import { bars } from "./bars.ts";
import type { Case } from "./case.ts";
import type { Outcome } from "./measure.ts";
import { type Ratio, ratioOf, type Spread, spread } from "./statistics.ts";

/** Where and when it was measured. */
export interface Setting {
  readonly environment: object;
  readonly startedAt: string;
  /** Of the last 1, 5 and 15 minutes. */
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmupMs: number;
  /** Rounds in which others used more cores than this were repeated a few times; absent when any was good. */
  readonly quietCores?: number;
}

type Timed = Extract<Outcome, { readonly status: "timed" }>;

type ContenderResult =
  | Exclude<Outcome, Timed>
  | (Timed &
      Spread & {
        /** For a product: its rate over the fastest peak of one thread times its threads. */
        readonly shareOfPeak?: number;
        /** Times as fast as each baseline. */
        readonly ratios: { readonly [baseline: string]: Ratio };
      });

interface BarResult extends Ratio {
  readonly contender: string;
  readonly against: string;
  readonly atLeast: number;
  readonly holds: boolean;
}

/** The content of `results/<case>.json`. */
export interface CaseResult {
  readonly version: 1;
  readonly case: string;
  readonly description: string;
  readonly unit: string;
  readonly setting: Setting;
  readonly contenders: readonly ContenderResult[];
  /** Of those bars whose contenders were all timed. */
  readonly bars: readonly BarResult[];
}

export function isTimed<T extends { readonly status: string }>(
  outcome: T,
): outcome is Extract<T, { readonly status: "timed" }> {
  return outcome.status === "timed";
}

/** @param baselines names of contenders; of those that were not timed there is no ratio. */
export function caseResult(
  measured: Case,
  outcomes: readonly Outcome[],
  baselines: readonly string[],
  setting: Setting,
): CaseResult {
  const timed = outcomes.filter(isTimed);
  const compared = timed.filter(({ name }) => baselines.includes(name));
  const peak = fastest(timed.filter(({ name }) => name.startsWith("peak-")));
  const contenders = outcomes.map((outcome): ContenderResult => {
    if (!isTimed(outcome)) return outcome;
    const figures = spread(outcome.rates);
    const share = peak === undefined ? {} : { shareOfPeak: figures.median / (medianOf(peak) * outcome.threads) };
    const ratios = Object.fromEntries(compared.map(({ name, rates }) => [name, ratioOf(outcome.rates, rates)]));
    return { ...outcome, ...figures, ...share, ratios };
  });
  const { name, description, unit } = measured;
  return { version: 1, case: name, description, unit, setting, contenders, bars: barResults(name, timed) };
}

function barResults(name: string, timed: readonly Timed[]): readonly BarResult[] {
  return bars
    .filter((bar) => bar.case === name)
    .flatMap(({ contender, against, atLeast }) => {
      const own = timed.find((each) => each.name === contender);
      const other = fastest(timed.filter((each) => against.includes(each.name)));
      if (own === undefined || other === undefined) return [];
      const ratio = ratioOf(own.rates, other.rates);
      return [{ contender, against: other.name, atLeast, ...ratio, holds: ratio.ratio >= atLeast }];
    });
}

function fastest(timed: readonly Timed[]): Timed | undefined {
  return timed.toSorted((a, b) => medianOf(b) - medianOf(a))[0];
}

function medianOf({ rates }: Timed): number {
  return spread(rates).median;
}
