/**
 * Programs as data: leaves, then calls of the package's functions on earlier values. They can be run on any backend,
 * printed as source and made smaller.
 */

import type { DataOf, DType, Shape, Tensor } from "../../src/index.ts";
import * as library from "../../src/index.ts";

/** A value of the program by its number: leaves first, then the results of the calls. */
export class Ref {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** An argument of a call. */
export type Argument =
  | Ref
  | number
  | string
  | boolean
  | null
  | readonly Argument[]
  | { readonly [name: string]: Argument };

/** A call of a function that the package exports. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

export interface Leaf {
  /** A state is carried from run to run by a step; elsewhere it is an input too. */
  readonly role: "input" | "state" | "constant";
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: DataOf;
}

export interface Program {
  readonly kind: "forward" | "gradient" | "step";
  readonly leaves: readonly Leaf[];
  readonly calls: readonly Call[];
  readonly outputs: readonly number[];
  /** Values whose sums are added up to the loss: of a gradient, or of a step that descends along it. */
  readonly loss: readonly number[];
  /** The next value of each state that does not descend along a gradient. */
  readonly nextState: readonly number[];
}

/** A leaf's tensor; in each run after the first an input's elements have moved one place on. */
export function tensorOf({ data, shape, role }: Leaf, run: number): Tensor {
  const by = role === "input" && data.length > 0 ? run % data.length : 0;
  const moved = data.slice();
  moved.set(data.subarray(by));
  moved.set(data.subarray(0, by), data.length - by);
  return library.fromArray(moved, [...shape]) as Tensor;
}

/** The values of all leaves and calls; `given` are those of the leaves. */
export function valuesOf(program: Pick<Program, "calls">, given: readonly Tensor[]): Tensor[] {
  const values = [...given];
  for (const call of program.calls) values.push(apply(call, values));
  return values;
}

/** The result of a call. */
export function apply({ name, args }: Call, values: readonly Tensor[]): Tensor {
  const resolve = (argument: Argument): unknown => {
    if (argument instanceof Ref) return values[argument.index];
    if (Array.isArray(argument)) return argument.map(resolve);
    if (typeof argument !== "object" || argument === null) return argument;
    return Object.fromEntries(Object.entries(argument).map(([key, each]) => [key, resolve(each)]));
  };
  return (library as unknown as { [name: string]: (...args: unknown[]) => Tensor })[name]!(...args.map(resolve));
}

/** The loss: the sums of its values in float32, added up. */
export function lossOf({ loss }: Program, values: readonly Tensor[]): Tensor<[], "float32"> {
  const terms = loss.map((index) => library.sum(library.cast(values[index]!, "float32")));
  return terms.reduce((total, term) => library.add(total, term) as never) as Tensor<[], "float32">;
}

/** The numbers of the values that an argument names. */
export function refsIn(argument: Argument): number[] {
  if (argument instanceof Ref) return [argument.index];
  if (typeof argument !== "object" || argument === null) return [];
  return Object.values(argument).flatMap(refsIn);
}

/** The argument with every value under the number that `numberOf` gives. */
export function renumbered(argument: Argument, numberOf: (index: number) => number): Argument {
  if (argument instanceof Ref) return new Ref(numberOf(argument.index));
  if (Array.isArray(argument)) return argument.map((each) => renumbered(each, numberOf));
  if (typeof argument !== "object" || argument === null) return argument;
  return Object.fromEntries(Object.entries(argument).map(([name, each]) => [name, renumbered(each, numberOf)]));
}

/** The program as TypeScript. */
export function sourceOf(program: Program): string {
  const { kind, leaves, calls, outputs, loss, nextState } = program;
  const lines = leaves.map(({ role, shape, dtype, data }, i) => {
    const shown = Array.from(data.subarray(0, 40), numberText).join(", ");
    const rest = data.length > 40 ? `, … ${data.length} in all` : "";
    const array = { float32: "Float32Array", float64: "Float64Array", int32: "Int32Array", uint8: "Uint8Array" }[dtype];
    return `const v${i} = fromArray(${array}.of(${shown}${rest}), [${shape.join(", ")}]); // ${role}`;
  });
  lines.push(`// ${kind}`);
  calls.forEach(({ name, args }, i) => {
    lines.push(`const v${leaves.length + i} = ${name}(${args.map(argumentText).join(", ")});`);
  });
  const names = (values: readonly number[]): string => values.map((index) => `v${index}`).join(", ");
  if (loss.length > 0) lines.push(`// loss: the sum of ${names(loss)}`);
  if (nextState.length > 0) lines.push(`// next state: ${names(nextState)}`);
  lines.push(`// outputs: ${names(outputs)}`);
  return lines.join("\n");
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function argumentText(argument: Argument): string {
  if (argument instanceof Ref) return `v${argument.index}`;
  if (typeof argument === "number") return numberText(argument);
  if (Array.isArray(argument)) return `[${argument.map(argumentText).join(", ")}]`;
  if (typeof argument !== "object" || argument === null) return JSON.stringify(argument);
  const fields = Object.entries(argument).map(([name, each]) => `${name}: ${argumentText(each)}`);
  return `{ ${fields.join(", ")} }`;
}
