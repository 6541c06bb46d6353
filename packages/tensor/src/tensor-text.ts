/**
 * A tensor as people read it: in one line, or laid out in rows. Large ones are cut as NumPy cuts them: beyond 1,000
 * elements only the first and last three along each axis are shown.
 */

import type { DataOf, DType } from "./dtype.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";

interface Content {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Undefined while the tensor is traced. */
  readonly data: DataOf | undefined;
}

/** The most elements that are all shown. */
const mostShown = 1000;
/** Elements of a row stay within this many columns of text. */
const lineWidth = 80;
const opening = "Tensor(";

/** `Tensor([[1, 2], [3, 4]], shape [2, 2], float32)` */
export function textInLine(content: Content): string {
  return enclose(content, (edge) => layOut(content, edge, (number) => number, inLine));
}

/** As `textInLine`, with each row of a matrix on a line of its own and its numbers in columns. */
export function textInRows(content: Content): string {
  return enclose(content, (edge) => {
    let width = 0;
    layOut(content, edge, (number) => measured(number), inLine);
    return layOut(content, edge, (number) => number.padStart(width), inRows);

    function measured(number: string): string {
      width = Math.max(width, number.length);
      return number;
    }
  });
}

/** `Tensor(shape [2, 2], float32)` */
export function textWithoutValues({ shape, dtype }: Omit<Content, "data">): string {
  return `${opening}shape ${formatShape(shape)}, ${dtype})`;
}

function enclose({ shape, dtype, data }: Content, values: (edge: number) => string): string {
  const size = sizeOf(shape);
  const edge =
    size <= mostShown ? Number.POSITIVE_INFINITY : [3, 2, 1].find((each) => shownAt(shape, each) <= mostShown);
  const text = data === undefined ? "traced" : edge === undefined ? `${size} elements` : values(edge);
  return `${opening}${text}, shape ${formatShape(shape)}, ${dtype})`;
}

/** How many elements are shown with `edge` at each end of each axis. */
function shownAt(shape: Shape, edge: number): number {
  return shape.reduce((product, length) => product * Math.min(length, 2 * edge), 1);
}

/** Joins the items of an axis, `depth` axes from the outermost one of `rank`. */
type Join = (items: readonly string[], depth: number, rank: number) => string;

const inLine: Join = (items) => items.join(", ");

const inRows: Join = (items, depth, rank) => {
  const indent = `\n${" ".repeat(opening.length + depth + 1)}`;
  if (depth < rank - 1) return items.join(`,${"\n".repeat(rank - depth - 2)}${indent}`);
  const lines: string[] = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line !== undefined && indent.length + line.length + item.length < lineWidth)
      lines.push(`${lines.pop()}, ${item}`);
    else lines.push(item);
  }
  return lines.join(`,${indent}`);
};

function layOut({ shape, data }: Content, edge: number, pad: (number: string) => string, join: Join): string {
  const format = data instanceof Float32Array ? shortest : decimal;
  const block = (depth: number, offset: number): string => {
    if (depth === shape.length) return pad(format(data![offset]!));
    const length = shape[depth]!;
    const stride = sizeOf(shape.slice(depth + 1));
    const cut = length > 2 * edge;
    const items: string[] = [];
    for (let i = 0; i < length; i++) {
      if (cut && i === edge) {
        items.push("...");
        i = length - edge;
      }
      items.push(block(depth + 1, offset + i * stride));
    }
    return `[${join(items, depth, shape.length)}]`;
  };
  return block(0, 0);
}

function decimal(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The fewest digits that read back to the same float32: 0.1, not 0.10000000149011612. Integers up to 2⁵³ have all of theirs. */
function shortest(value: number): string {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return decimal(value);
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(rounded), value)) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}
