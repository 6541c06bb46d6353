/** Parts of splits in the words of TensorFlow Datasets: `train[:80%]`, `train[1000:]+test`, `test[-10%:]`. */

import { ArgumentError, type Shape } from "@nn/tensor";
import type { Dataset } from "./dataset.ts";
import { plural } from "./plural.ts";
import type { Target } from "./target.ts";

/** Rows of splits that lie one after the other. */
export interface Selection {
  /** Splits that are needed, in the order of their first mention. */
  readonly splits: readonly string[];
  /** Rows, counted through those splits; undefined where it is all of them in order. */
  readonly ranges: readonly (readonly [from: number, to: number])[] | undefined;
}

interface Splits {
  readonly name: string;
  readonly splits: Readonly<Record<string, { readonly rows: number }>>;
}

/**
 * What `text` means for these splits. A boundary is a row (`1000`), a part in per cent (`80%`), and counts from the end
 * when negative. Per cents, −20 % being 80 %, are rounded to the nearest row, halves to the even one, so that parts that
 * meet in words meet in rows; rows beyond the end are cut off.
 * @throws ArgumentError for text of another form, a split that is not there, or a part without rows.
 */
export function parseSplit(text: string, { name, splits }: Splits): Selection {
  const parts = (text.trim() === "all" ? Object.keys(splits).join("+") : text).split("+").map((part) => {
    return parsePart(part.trim(), text, name, splits);
  });
  const needed = [...new Set(parts.map(({ split }) => split))];
  const starts = new Map<string, number>();
  let rows = 0;
  for (const split of needed) {
    starts.set(split, rows);
    rows += splits[split]!.rows;
  }
  const ranges = parts.map(({ split, from, to }) => [starts.get(split)! + from, starts.get(split)! + to] as const);
  let next = 0;
  for (const [from, to] of ranges) next = from === next ? to : Number.NaN;
  return { splits: needed, ranges: next === rows ? undefined : ranges };
}

/** The rows of `data` (the needed splits, one after the other) that the selection names. */
export function selectRows<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  { ranges }: Selection,
): Dataset<In, T> {
  if (ranges === undefined) return data;
  const size = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const indices = new Uint32Array(size);
  let filled = 0;
  for (const [from, to] of ranges) for (let row = from; row < to; row++) indices[filled++] = row;
  return data.subset(indices);
}

interface PartOfSplit {
  readonly split: string;
  readonly from: number;
  readonly to: number;
}

const form = /^([a-z][a-z0-9-]*)(?:\[(?:(-?\d{1,15}%?)?:(-?\d{1,15}%?)?)\])?$/;

function parsePart(part: string, text: string, name: string, splits: Splits["splits"]): PartOfSplit {
  const match = form.exec(part);
  const split = match?.[1];
  if (split === undefined)
    throw refuse(text, 'a split or a part of one, such as "train", "train[:80%]" or "test[-500:]"');
  if (!Object.hasOwn(splits, split)) {
    throw refuse(text, `one that ${name} has: ${[...Object.keys(splits), "all"].join(", ")}`);
  }
  const { rows } = splits[split]!;
  const from = boundary(match![2], rows, 0, text);
  const to = boundary(match![3], rows, rows, text);
  if (from >= to) throw refuse(text, `at least 1 of ${plural(rows, "row")} of ${split}`);
  return { split, from, to };
}

function boundary(value: string | undefined, rows: number, absent: number, text: string): number {
  if (value === undefined) return absent;
  const number = Number(value.replace("%", ""));
  const isFromEnd = value.startsWith("-");
  if (!value.endsWith("%")) return Math.max(0, Math.min(rows, isFromEnd ? rows + number : number));
  if (Math.abs(number) > 100) throw refuse(text, "per cents from -100% to 100%");
  return roundHalfEven(((isFromEnd ? 100 + number : number) * rows) / 100);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function refuse(text: string, expected: string): ArgumentError {
  return new ArgumentError({ operation: "openDataset", received: `split ${JSON.stringify(text)}`, expected });
}
