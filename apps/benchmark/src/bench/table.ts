/** Results as text: the fastest first, ratios to each baseline, then what was not timed and why. */

import { formatAgainst, formatCount } from "@nn/command/format";
import { textTable } from "../text-table.ts";
import { type CaseResult, isTimed } from "./result.ts";
import { spread } from "./statistics.ts";

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
  const missing = result.contenders.filter((each) => !isTimed(each));
  const { quietCores = Number.POSITIVE_INFINITY } = result.setting;
  const disturbed = timed
    .map(({ name, others }) => ({ name, all: others.length, loud: others.filter((each) => each > quietCores).length }))
    .filter(({ loud }) => loud > 0)
    .map(({ name, all, loud }) => `${name} (${loud} of ${all})`);
  const exchanges = timed.flatMap(({ exchanges = [] }) => exchanges);
  return [
    `${result.case}: ${result.description}`,
    `load ${load(result.setting.loadBefore)} before, ${load(result.setting.loadAfter)} after`,
    ...(rows.length === 0 ? [] : textTable([header, ...rows])),
    ...missing.map((each) => ("reason" in each ? `${each.name} ${each.status}: ${each.reason}` : "")),
    ...(disturbed.length === 0
      ? []
      : [`others used more than ${quietCores} cores in rounds of ${disturbed.join(", ")}`]),
    ...(exchanges.length === 0 ? [] : [exchangeLine(exchanges)]),
    ...result.bars.map(
      ({ contender, against, atLeast, ratio, interval: [low, high], holds }) =>
        `${holds ? "✓" : "✗"} ${contender} ÷ ${against}: ${formatAgainst(ratio, atLeast)} (95 %: ${times(low)} – ${times(high)}), at least ${atLeast}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function exchangeLine(exchanges: readonly number[]): string {
  const { median, quartiles } = spread(exchanges);
  const [low, high] = quartiles.map(figure);
  return `two cores exchanged a value in ${figure(median)} ns before rounds of several threads (half of them: ${low} – ${high})`;
}

/** Of the last minute: much above the threads of the busiest contender, and the figures are of a machine with other work. */
function load([lastMinute = Number.NaN]: readonly number[]): string {
  return lastMinute.toFixed(1);
}

/** Three digits that count; no fraction from a hundred on. */
function figure(value: number): string {
  if (value >= 100) return formatCount(value);
  return value.toPrecision(3);
}

function times(ratio: number): string {
  return ratio >= 100 ? formatCount(ratio) : ratio.toPrecision(ratio < 0.1 ? 2 : 3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
