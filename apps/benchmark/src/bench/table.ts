/** Results as text: the fastest first, ratios to each baseline, then what was not timed and why. */

import { aligned } from "../aligned.ts";
import { type CaseResult, isTimed } from "./result.ts";

export function table(result: CaseResult): string {
  const timed = result.contenders.filter(isTimed).toSorted((a, b) => b.median - a.median);
  const baselines = Object.keys(timed[0]?.ratios ?? {});
  const peaks = timed.some(({ shareOfPeak }) => shareOfPeak !== undefined);
  const header = [
    "",
    result.unit,
    "half of the rounds",
    ...(peaks ? ["of peak"] : []),
    ...baselines.map((name) => `÷ ${name}`),
  ];
  const rows = timed.map(({ name, median, quartiles: [low, high], shareOfPeak, ratios }) => [
    name,
    figure(median),
    `${figure(low)} – ${figure(high)}`,
    ...(peaks ? [percent(shareOfPeak ?? Number.NaN)] : []),
    ...baselines.map((baseline) => times(ratios[baseline]!.ratio)),
  ]);
  const others = result.contenders.filter((each) => !isTimed(each));
  return [
    `${result.case}: ${result.description}`,
    `load ${load(result.setting.loadBefore)} before, ${load(result.setting.loadAfter)} after`,
    ...(rows.length === 0 ? [] : aligned([header, ...rows])),
    ...others.map((each) => ("reason" in each ? `${each.name} ${each.status}: ${each.reason}` : "")),
    ...result.bars.map(
      ({ contender, against, atLeast, ratio, interval: [low, high], holds }) =>
        `${holds ? "✓" : "✗"} ${contender} ÷ ${against}: ${times(ratio)} (95 %: ${times(low)} – ${times(high)}), at least ${atLeast}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** Of the last minute: much above the threads of the busiest contender, and the figures are of a machine with other work. */
function load([lastMinute = Number.NaN]: readonly number[]): string {
  return lastMinute.toFixed(1);
}

/** Three digits that count; no fraction from a hundred on. */
function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

function times(ratio: number): string {
  return ratio >= 100 ? Math.round(ratio).toLocaleString("en") : ratio.toPrecision(ratio < 0.1 ? 2 : 3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
