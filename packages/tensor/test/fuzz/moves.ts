/** The moves that make a random program: each adds calls of one kind. */

import type { DType } from "../../src/index.ts";
import { Ref } from "./program.ts";
import { divisorsOf, type ProgramBuilder } from "./program-builder.ts";

export const floats: readonly DType[] = ["float32", "float64"];

/** Adds one or a few calls to a program, or none where what it drew does not fit. */
type Move = (builder: ProgramBuilder) => void;

const arithmetic = ["add", "subtract", "multiply", "divide", "maximum", "minimum"];
const comparisons = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
const ofAny = ["negative", "abs", "square", "relu"];
const ofFloats = ["sqrt", "exp", "log", "tanh", "sigmoid"];

const numbers = [2, 0.5, -1, 0, 1, -0, 0.1, 1e-40, Number.NaN];

function combine(names: readonly string[]): Move {
  return (builder) => {
    const { draws, values } = builder;
    const a = builder.value();
    if (draws.chance(0.15)) {
      const value = values[a]!.dtype === "float32" ? draws.pick(numbers) : draws.integer(0, 3);
      builder.call(draws.pick(names), ...draws.shuffled([new Ref(a), value]));
      return;
    }
    const b = builder.partner(a);
    if (b !== undefined) builder.call(draws.pick(names), ...draws.shuffled([new Ref(a), new Ref(b)]));
  };
}

/** A value reshaped, with its axes in another order, or a block of it. */
function view(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value();
  const { shape, size } = values[a]!;
  const name = draws.pick(["reshape", "reshape", "transpose", "slice"]);
  const ranges = shape.map((length) => {
    const start = draws.integer(0, length);
    return draws.chance(0.4) ? null : [start, draws.integer(start, length)];
  });
  if (name === "reshape") builder.call(name, new Ref(a), [...builder.shapeOf(size)]);
  else builder.call(name, new Ref(a), name === "slice" ? ranges : draws.shuffled([...shape.keys()]));
}

function reduce(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value();
  const axis = [...values[a]!.shape.keys()].filter(() => draws.chance(0.5));
  const options = draws.chance(0.15) ? {} : { axis, keepDims: draws.chance(0.6) };
  builder.call(draws.pick(["sum", "sum", "sum", "max", "min", "mean"]), new Ref(a), options);
}

/** A product of two matrices, made of any values by reshaping. */
function product(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value(floats);
  const b = draws.chance(0.3) ? a : builder.value([values[a]!.dtype]);
  const matrixOf = (index: number, inner?: number): number | undefined => {
    const { shape, size } = values[index]!;
    if (inner === undefined && shape.length === 2 && draws.chance(0.8)) return index;
    const columns = size === 0 ? draws.pick([0, 3]) : draws.pick(divisorsOf(size));
    const rows = inner ?? (columns === 0 ? draws.pick([0, 3]) : size / columns);
    return builder.call("reshape", new Ref(index), [
      rows,
      inner === undefined ? columns : inner === 0 ? 0 : size / inner,
    ]);
  };
  const left = matrixOf(a);
  if (left === undefined) return;
  const [rows, columns] = values[left]!.shape as readonly [number, number];
  if (draws.chance(0.3)) {
    const turned = builder.call("transpose", new Ref(left));
    if (turned !== undefined) builder.call("matmul", ...draws.shuffled([new Ref(left), new Ref(turned)]));
    return;
  }
  const fits = ({ shape }: { readonly shape: readonly number[] }): boolean =>
    shape.length === 2 && shape[0] === columns;
  const right = fits(values[b]!) ? b : matrixOf(b, columns);
  if (right !== undefined) builder.call("matmul", new Ref(left), new Ref(right));
  else {
    const weights = builder.leaf("input", values[left]!.dtype, [columns, draws.pick([rows, 1, 5, 17])]);
    builder.call("matmul", new Ref(left), new Ref(weights));
  }
}

function choose(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value();
  const { shape, dtype } = values[a]!;
  const b = builder.partner(a);
  const other = b === undefined ? undefined : builder.shaped(b, shape);
  const by = builder.partner(a);
  const compared = by === undefined ? undefined : builder.shaped(by, shape);
  if (other === undefined || compared === undefined || values[other]!.dtype !== dtype) return;
  const condition = builder.call(draws.pick(comparisons), new Ref(a), new Ref(compared));
  if (condition !== undefined)
    builder.call("where", new Ref(condition), ...draws.shuffled([new Ref(a), new Ref(other)]));
}

function join(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value();
  const b = draws.chance(0.4) ? a : builder.value([values[a]!.dtype]);
  const axis = draws.integer(0, Math.max(0, values[a]!.shape.length - 1));
  const other = builder.shaped(b, values[a]!.shape) ?? a;
  builder.call("concat", draws.shuffled([new Ref(a), new Ref(other)]), { axis });
}

/** Class numbers and rows with a one where they say; now and then there are fewer classes than some say. */
function classes(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const a = builder.value();
  const label = builder.call("argmax", new Ref(a), draws.chance(0.7) ? { axis: -1 } : {});
  if (label === undefined || draws.chance(0.4)) return;
  const count = draws.chance(0.1) ? draws.integer(1, 3) : Math.max(1, values[a]!.shape.at(-1) ?? 1);
  builder.call("oneHot", new Ref(label), count);
}

/** What follows a softmax: sums of its rows beside its elements, as in its derivative. */
function rowByRow(builder: ProgramBuilder): void {
  const { draws, values } = builder;
  const logits = builder.value(["float32"]);
  const a = draws.chance(0.7) ? builder.call(draws.pick(["softmax", "logSoftmax"]), new Ref(logits)) : logits;
  if (a === undefined || draws.chance(0.3)) return;
  const b = builder.partner(a);
  const weighted = b === undefined ? a : (builder.call(draws.pick(arithmetic), new Ref(a), new Ref(b)) ?? a);
  const total = builder.call("sum", new Ref(weighted), { axis: -1, keepDims: draws.chance(0.6) });
  const beside = total === undefined ? undefined : builder.fitted(total, values[a]!.shape);
  if (beside !== undefined) builder.call(draws.pick(arithmetic), ...draws.shuffled([new Ref(a), new Ref(beside)]));
}

/** An operation of one input; those of integers and of a last axis too. */
function single(builder: ProgramBuilder): void {
  const { draws } = builder;
  if (draws.chance(0.5)) builder.call(draws.pick(ofAny), new Ref(builder.value()));
  else builder.call(draws.pick(ofFloats), new Ref(builder.value(floats)));
}

function draw(builder: ProgramBuilder): void {
  const [seed, step] = [builder.leaf("input", "int32", []), builder.leaf("input", "int32", [])];
  const options = { seed: new Ref(seed), step: new Ref(step), stream: builder.draws.integer(0, 3) };
  builder.call("uniform", [...builder.shape()], options);
}

/** Every move with how often it is made. */
export const moves: readonly (readonly [number, Move])[] = [
  [22, combine(arithmetic)],
  [4, combine(comparisons)],
  [10, single],
  [9, view],
  [8, reduce],
  [6, product],
  [4, choose],
  [3, join],
  [3, classes],
  [1, (b) => b.call(b.draws.pick(["softmax", "logSoftmax"]), new Ref(b.value(["float64"])))],
  [6, rowByRow],
  [4, (b) => b.call("cast", new Ref(b.value()), b.draws.pick(["float32", "float32", "int32", "uint8", "float64"]))],
  [2, (b) => b.call("broadcastTo", new Ref(b.value()), [...b.shape()])],
  [1, draw],
];
