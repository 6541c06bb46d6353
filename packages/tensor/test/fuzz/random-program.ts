/**
 * Random programs that make much of what kernels find hard: values that meet views of themselves, sizes that no vector
 * divides, every dtype, special floats.
 */

import type { DType } from "../../src/index.ts";
import { sameShape } from "../../src/index.ts";
import { Draws } from "./draws.ts";
import { floats, moves } from "./moves.ts";
import { type Leaf, type Program, Ref, refsIn } from "./program.ts";
import { type Extent, ProgramBuilder } from "./program-builder.ts";
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
