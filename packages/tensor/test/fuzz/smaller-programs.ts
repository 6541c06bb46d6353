/** Programs that do less than a given one: what remains of a failing program is what fails. */

import type { Tensor } from "../../src/index.ts";
import { apply, type Call, type Leaf, type Program, refsIn, renumbered, tensorOf } from "./program.ts";

/** The program without the calls that nothing it gives depends on. */
export function pruned(program: Program): Program {
  return rebuilt(program, new Map());
}

/**
 * The smallest program found by leaving out results and by putting values in the place of calls, as long as `fails`
 * holds.
 */
export function shrunk(program: Program, fails: (program: Program) => boolean): Program {
  for (const candidate of smallerPrograms(program)) if (fails(candidate)) return shrunk(candidate, fails);
  return program;
}

function* smallerPrograms(program: Program): Generator<Program> {
  const { leaves, calls, outputs, loss, nextState, kind } = program;
  if (kind !== "forward" && loss.length === 0) yield { ...program, kind: "forward", nextState: [] };
  if (loss.length > 0 && kind === "step") yield pruned({ ...program, loss: [] });
  const without = (values: readonly number[]): number[][] => values.map((_, i) => values.toSpliced(i, 1));
  for (const fewer of without(outputs)) yield pruned({ ...program, outputs: fewer });
  // In place of a result what it was computed from.
  for (const [i, output] of outputs.entries()) {
    const read = calls[output - leaves.length]?.args.flatMap(refsIn);
    if (read !== undefined) yield pruned({ ...program, outputs: [...new Set(outputs.toSpliced(i, 1, ...read))] });
  }
  if (loss.length > 1) for (const fewer of without(loss)) yield pruned({ ...program, loss: fewer });
  const states = leaves.flatMap(({ role }, i) => (role === "state" ? [i] : []));
  for (const [i, state] of states.entries())
    if (nextState.length > 0 && nextState[i] !== state)
      yield pruned({ ...program, nextState: nextState.with(i, state) });
  const values = knownValues(program);
  for (let i = calls.length - 1; i >= 0; i--) {
    const value = values[leaves.length + i];
    if (value === undefined) continue;
    const { shape, dtype, data } = value;
    yield rebuilt(program, new Map([[i, { role: "input", shape, dtype, data }]]));
  }
  const unread = leaves.findIndex((leaf, i) => (leaf.role !== "state" || kind === "forward") && !isRead(program, i));
  if (unread >= 0) yield withoutLeaf(program, unread);
}

/** The values of the first run, up to a call that refuses its arguments. */
function knownValues({ leaves, calls }: Program): Tensor[] {
  const values = leaves.map((leaf) => tensorOf(leaf, 0));
  try {
    for (const call of calls) values.push(apply(call, values));
    return values;
  } catch {
    return values;
  }
}

function isRead({ calls, outputs, loss, nextState }: Program, value: number): boolean {
  return [...calls.flatMap(({ args }) => refsIn(args)), ...outputs, ...loss, ...nextState].includes(value);
}

/** The program with leaves in place of some calls, without calls that nothing depends on. */
function rebuilt(program: Program, replaced: ReadonlyMap<number, Leaf>): Program {
  const { leaves, calls, outputs, loss, nextState } = program;
  const needed = new Set([...outputs, ...loss, ...nextState]);
  for (let i = calls.length - 1; i >= 0; i--) {
    if (!needed.has(leaves.length + i) || replaced.has(i)) continue;
    for (const ref of refsIn(calls[i]!.args)) needed.add(ref);
  }
  const added = [...replaced].filter(([i]) => needed.has(leaves.length + i));
  const numbers = new Map<number, number>(leaves.map((_, i) => [i, i]));
  for (const [at, [i]] of added.entries()) numbers.set(leaves.length + i, leaves.length + at);
  const kept: Call[] = [];
  const numberOf = (index: number): number => numbers.get(index)!;
  calls.forEach(({ name, args }, i) => {
    if (!needed.has(leaves.length + i) || replaced.has(i)) return;
    numbers.set(leaves.length + i, leaves.length + added.length + kept.length);
    kept.push({ name, args: args.map((each) => renumbered(each, numberOf)) });
  });
  return {
    ...program,
    leaves: [...leaves, ...added.map(([, leaf]) => leaf)],
    calls: kept,
    outputs: outputs.map(numberOf),
    loss: loss.map(numberOf),
    nextState: nextState.map(numberOf),
  };
}

function withoutLeaf(program: Program, index: number): Program {
  const lower = (value: number): number => (value > index ? value - 1 : value);
  const { leaves, calls, outputs, loss, nextState } = program;
  return {
    ...program,
    leaves: leaves.toSpliced(index, 1),
    calls: calls.map(({ name, args }) => ({ name, args: args.map((each) => renumbered(each, lower)) })),
    outputs: outputs.map(lower),
    loss: loss.map(lower),
    nextState: nextState.map(lower),
  };
}
