/**
 * Random programs that make much of what kernels find hard: values that meet views of themselves, sizes that no vector
 * divides, every dtype, special floats.
 */

import type { DType } from "../../src/index.ts";
import { sameShape } from "../../src/index.ts";
import { Draws } from "./draws.ts";
import { type Leaf, type Program, Ref, refsIn } from "./program.ts";
import { divisorsOf, type Extent, ProgramBuilder } from "./program-builder.ts";
import { pruned } from "./smaller-programs.ts";

export const smallValues: Extent = {
  lengths: [
    [1, [0, 0]],
    [2, [1, 1]],
    [8, [2, 5]],
    [7, [6, 17]],
    [4, [18, 40]],
    [2, [41, 1000]],
  ],
  mostElements: 2500,
};

/** Values of which most are large enough for threads to share their kernels. */
export const largeValues: Extent = {
  lengths: [
    [1, [1, 16]],
    [8, [17, 170]],
    [2, [171, 1000]],
  ],
  mostElements: 30_000,
};

const floats: readonly DType[] = ["float32", "float64"];

/** The program of a seed. */
export function randomProgram(seed: number, extent: Extent = smallValues): Program {
  const draws = new Draws(seed);
  const kind = draws.weighted<Program["kind"]>([
    [3, "forward"],
    [3, "gradient"],
    [3, "step"],
  ]);
  const builder = new ProgramBuilder(draws, extent);
  const leafDType = (): DType =>
    draws.weighted<DType>([
      [12, "float32"],
      [2, "int32"],
      [1, "uint8"],
      [1, "float64"],
    ]);
  for (let left = draws.integer(1, 4); left > 0; left--)
    builder.leaf(
      draws.weighted<Leaf["role"]>([
        [4, "input"],
        [kind === "step" ? 4 : 0, "state"],
        [1, "constant"],
      ]),
      leafDType(),
    );
  if (kind !== "forward") builder.leaf(kind === "step" ? "state" : "input", "float32");
  const length = draws.integer(1, draws.pick([4, 10, 20, 40]));
  for (let attempt = 0; attempt < 2 * length && builder.calls.length < length; attempt++)
    draws.weighted(moves)(builder);
  const loss = descends(draws, kind) ? lossValues(builder) : [];
  const nextState = kind === "step" ? builder.states().map((state) => next(builder, state)) : [];
  // What nothing reads is not compiled: a program mostly gives all its last values.
  const read = new Set([...builder.calls.flatMap(({ args }) => args.flatMap(refsIn)), ...loss, ...nextState]);
  const unread = draws.chance(0.7) ? [...builder.values.keys()].filter((i) => !read.has(i)) : [];
  const picked = Array.from({ length: draws.integer(1, 3) }, () => builder.value());
  const numbered = (values: readonly number[]): number[] => [...values].map((index) => builder.numberOf(index));
  return pruned({
    kind,
    leaves: builder.leaves,
    calls: builder.numberedCalls(),
    outputs: numbered([...new Set([...picked, ...unread])]),
    loss: numbered(loss),
    nextState: numbered(nextState),
  });
}

function descends(draws: Draws, kind: Program["kind"]): boolean {
  return kind === "gradient" || (kind === "step" && draws.chance(0.4));
}

function lossValues(builder: ProgramBuilder): number[] {
  return Array.from({ length: builder.draws.integer(1, 2) }, () => builder.value(floats));
}

/** The value that a state has after a step: one of its type, or the state itself. */
function next(builder: ProgramBuilder, state: number): number {
  const { shape, dtype } = builder.values[state]!;
  const fitting = builder.values.flatMap((value, i) =>
    value.dtype === dtype && sameShape(value.shape, shape) ? [i] : [],
  );
  if (builder.draws.chance(0.7)) return builder.draws.pick(fitting);
  const value = builder.value();
  const cast = builder.values[value]!.dtype === dtype ? value : builder.call("cast", new Ref(value), dtype);
  return (cast === undefined ? undefined : builder.shaped(cast, shape)) ?? builder.draws.pick(fitting);
}

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

const moves: readonly (readonly [number, Move])[] = [
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
